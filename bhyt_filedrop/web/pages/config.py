"""The configuration: its files, the versions that were in force, and trying another one before it
is. What belongs to the machine (`bhyt-filedrop.toml`) is neither shown nor changed here."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused
from bhyt_filedrop.settings import ConfigError
from bhyt_filedrop.site.proposals import (
    MACHINE,
    MAX_BYTES,
    Files,
    Proposal,
    from_upload,
    from_version,
    laid_out,
    with_file,
)
from bhyt_filedrop.site.trial import Trial, TrialPart, shortened, trial_parts
from bhyt_filedrop.site.versions import files_in, must_be_writable, put_in_force
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.pages.acts import reason_of
from bhyt_filedrop.web.rendering import go, not_found, problem, show

LINES = 200
"""Lines of one file's difference, or of one kind of change, that a page shows."""


def config_page(asked: Asking) -> Response:
    """Show the files of the configuration and the versions that were in force."""
    files = files_in(asked.office.settings.config_dir)
    return show(
        asked,
        "config.html.j2",
        files=[name for name in files if name != MACHINE],
        versions=tuple(reversed(asked.office.versions.versions())),
        shortened=lambda names: shortened(names, 6),
        done=asked.query.get("done", ""),
    )


def file_page(asked: Asking) -> Response:
    """Show one file, to be changed."""
    name = asked.names["file"]
    text = files_in(asked.office.settings.config_dir).get(name)
    if text is None or name == MACHINE:
        return not_found(asked)
    return show(asked, "config-file.html.j2", name=name, text=text.removeprefix("\ufeff"))


def version_page(asked: Asking) -> Response:
    """Show what a version changed."""
    number = asked.names["number"]
    every = asked.office.versions.versions()
    place = next((n for n, one in enumerate(every) if str(one.number) == number), None)
    if place is None:
        return not_found(asked)
    version, before = every[place], every[place - 1].number if place else 0
    old = asked.office.versions.files(before) or {}
    return show(
        asked,
        "config-version.html.j2",
        version=version,
        is_first=not place,
        in_force=place == len(every) - 1,
        changes=list(_changes(old, asked.office.versions.files(version.number) or {}))
        if place
        else [],
    )


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a configuration that differs: its name, whether it is new or gone, and the lines
    of the difference, each with its sign."""

    name: str
    kind: str
    lines: tuple[str, ...]


def _changes(old: Files, new: Files) -> Iterator[FileChange]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        kind = "new" if before is None else "gone" if after is None else "changed"
        lines = [] if name == MACHINE else [*_difference(before or "", after or "")]
        yield FileChange(name, kind, shortened(lines, LINES))


def _difference(before: str, after: str) -> Iterator[str]:
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    yield from list(told)[2:]  # without the names


def propose(asked: Asking) -> Response:
    """Remember another configuration: one file as it was sent, an upload, or a version."""
    over = files_in(asked.office.settings.config_dir)
    action = asked.form.get("action", "")
    makers = {"file": _of_text, "upload": _of_upload, "version": _of_version}
    if action not in makers:
        return problem(asked, 400, say("Chưa chọn việc nào.", "Choose what to do."))
    try:
        files, source = makers[action](asked, over)
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    if files == over:
        text = say("Tệp gửi lên không khác gì cấu hình đang dùng.", "It does not differ.")
        return problem(asked, 409, text)
    made = asked.office.proposals.keep(files, over, asked.who.name, source)
    return go(f"/config/proposals/{made.id}")


def _of_text(asked: Asking, over: Files) -> tuple[Files, str]:
    name = asked.form.get("name", "")
    return with_file(over, name, asked.form.get("text", "")), name


def _of_upload(asked: Asking, over: Files) -> tuple[Files, str]:
    sent = next((one for one in asked.files if one.size), None)
    if sent is None:
        raise ActRefused("Chưa chọn tệp.", "No file was chosen.")
    if sent.size > MAX_BYTES:
        raise ActRefused("Tệp lớn quá.", "The file is too big.")
    return from_upload(over, sent.name, sent.file.read()), sent.name


def _of_version(asked: Asking, over: Files) -> tuple[Files, str]:
    number = asked.form.get("number", "")
    files = asked.office.versions.files(int(number)) if number.isdecimal() else None
    if files is None:
        raise ActRefused("Không có phiên bản này.", "There is no such version.")
    return from_version(over, files), say(f"phiên bản {number}", f"version {number}")


def proposal_page(asked: Asking) -> Response:
    """Show what a proposal would change, or all that is wrong in it."""
    proposal = _proposal(asked)
    if proposal is None:
        return not_found(asked)
    parts, problems = _tried(asked, proposal)
    return show(
        asked,
        "config-proposal.html.j2",
        proposal=proposal,
        changes=list(_changes(proposal.over, proposal.files)),
        parts=parts,
        problems=problems,
        refused=_refused(asked, proposal),
        shortened=lambda lines: shortened(lines, LINES),
    )


def _tried(asked: Asking, proposal: Proposal) -> tuple[tuple[TrialPart, ...], tuple[str, ...]]:
    try:
        with laid_out(proposal.files) as settings:
            found: Trial = asked.office.trial(settings, asked.now)
    except ConfigError as error:
        return (), tuple(map(str, error.problems))
    return trial_parts(found, asked.office.world.units), ()


def _refused(asked: Asking, proposal: Proposal) -> str:
    """Why a proposal cannot be put in force, "" where it can."""
    try:
        _must_still_hold(asked, proposal)
        must_be_writable(asked.office.settings.config_dir)
    except ActRefused as refusal:
        return say(refusal.told, str(refusal))
    return ""


def _must_still_hold(asked: Asking, proposal: Proposal) -> None:
    if files_in(asked.office.settings.config_dir) != proposal.over:
        raise ActRefused(
            "Cấu hình đang dùng vừa đổi sau khi thử: xin thử lại.",
            "The configuration in force has changed since it was tried: try again.",
        )


def use(asked: Asking) -> Response:
    """Put a proposal in force."""
    proposal = _proposal(asked)
    if proposal is None:
        return not_found(asked)
    why, office = reason_of(asked), asked.office
    try:
        _must_still_hold(asked, proposal)
        put_in_force(
            office.settings.config_dir,
            proposal.files,
            office.versions,
            why,
            asked.who.name,
            asked.now,
        )
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    office.proposals.forget(proposal)
    note(asked, "changed", "config")
    return go("/config?done=use")


def _proposal(asked: Asking) -> Proposal | None:
    return asked.office.proposals.find(asked.names["proposal"], asked.who.name)
