"""A file that was only checked: what would become of it, its errors beside the sheet, and the
button that hands these very bytes in."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import FileResponse, Response

from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.file_names import fit, legible, split_ending
from bhyt_filedrop.domain.words import LIST_STATES, SEVERITIES, VERDICTS
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.links import link, path_to
from bhyt_filedrop.web.pages.acts import reason_of
from bhyt_filedrop.web.pages.drops import causes_of, files_of, first_opened, shown_sheets
from bhyt_filedrop.web.pages.handing_in import hand_in
from bhyt_filedrop.web.parcels import Parcel, ParcelFile
from bhyt_filedrop.web.rendering import go, not_found, problem, show
from bhyt_filedrop.work.arrival.pace import TakesLong
from bhyt_filedrop.work.check.before_sending import Foreseen


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file of a parcel: what would become of it (None = not known yet, or never), in words."""

    number: int
    file: ParcelFile
    foreseen: Foreseen | None
    verdict: str
    state: str


def checked_page(asked: Asking) -> Response:
    """Show what would become of the files of a parcel, or how far their check is."""
    unit, parcel = asked.unit, _parcel(asked)
    if unit is None or parcel is None:
        return _gone(asked)
    files = [_checked(n, parcel) for n in range(len(parcel.files))]
    chosen = files[_number(asked, parcel)]
    return show(
        asked,
        "checked.html.j2",
        unit=unit,
        full_name=asked.office.world.units.full_name(unit),
        parcel=parcel,
        checked=files,
        chosen=chosen,
        under_way=parcel.done < len(parcel.files),
        queue=asked.office.parcels.unlooked,
        link=lambda **changes: link(asked, **changes),
        name=legible,
        **_details(asked, parcel, chosen),
    )


def _parcel(asked: Asking) -> Parcel | None:
    unit = asked.unit.id if asked.unit else ""
    return asked.office.parcels.of(asked.token, asked.names["parcel"], unit)


def _gone(asked: Asking) -> Response:
    text = say(
        "Không còn tệp kiểm tra này: đã nộp, đã bỏ hoặc quá 30 phút. Xin chọn lại tệp.",
        "This file is not here any more: handed in, dropped, or over 30 minutes old. "
        "Please choose it again.",
    )
    return problem(asked, 404, text)


def _number(asked: Asking, parcel: Parcel) -> int:
    given = asked.query.get("n", "0")
    return int(given) if given.isdecimal() and int(given) < len(parcel.files) else 0


def _checked(number: int, parcel: Parcel) -> CheckedFile:
    file, look = parcel.files[number], parcel.looks[number]
    if not look.done():
        return CheckedFile(number, file, None, say("đang kiểm tra…", "being checked…"), "")
    trouble = _trouble(look)
    if trouble:
        return CheckedFile(number, file, None, trouble, "set-aside")
    found = look.result()
    state = found.plan.state
    return CheckedFile(number, file, found, say(VERDICTS[state], str(state)), state.value)


def _trouble(look: Future[Foreseen]) -> str:
    """Say why a file could not be checked, "" where it was."""
    error = look.exception() if not look.cancelled() else TryLater("")
    if error is None:
        return ""
    if isinstance(error, TakesLong):
        return say(
            "tệp lớn, kiểm tra quá hai phút nên dừng; vẫn nộp được, hệ thống sẽ xét sau khi nhận",
            "a heavy file: its check was stopped after two minutes; it can be handed in all the "
            "same, and is judged then",
        )
    return say("chưa kiểm tra được, xin thử lại", "it could not be checked, please try again")


def _details(asked: Asking, parcel: Parcel, chosen: CheckedFile) -> dict[str, Any]:
    """What the page of one file tells, none where it is not judged."""
    seen = chosen.foreseen
    found = dict(enumerate(seen.plan.findings, start=1)) if seen else {}
    files = files_of(seen.facts.drop, seen.plan.lists) if seen else {}
    opened = asked.query.get("file", first_opened(found, files))
    whole = bool(asked.query.get("whole"))
    sheets = _sheets(asked, parcel, chosen, files.get(opened, ""))
    return {
        "causes": causes_of(found),
        "severity_text": lambda one: say(SEVERITIES[one], str(one)),
        "files": [one for one in files if one],
        "opened": opened,
        "sheets": shown_sheets(sheets, found, opened, whole=whole),
        "whole": whole,
        "lists": list(zip(seen.plan.lists, seen.facts.judged, strict=False)) if seen else [],
        "list_state": lambda state: say(LIST_STATES[state], str(state)),
        "may_mark": bool(found) and opened in files,
        "goes_back": seen is not None and seen.plan.state is State.RETURNED,
    }


def _sheets(asked: Asking, parcel: Parcel, chosen: CheckedFile, sha256: str) -> tuple[Sheet, ...]:
    if not sha256:
        return ()
    path = parcel.shelf.path(sha256)
    return asked.office.sheets.sheets(path, chosen.file.name, sha256) if path.exists() else ()


def marked_copy(asked: Asking) -> Response:
    """Hand out a copy of a checked workbook with its errors marked."""
    parcel = _parcel(asked)
    if parcel is None:
        return _gone(asked)
    number, member = _number(asked, parcel), asked.query.get("file", "")
    seen = _checked(number, parcel).foreseen
    files = files_of(seen.facts.drop, seen.plan.lists) if seen else {}
    if seen is None or member not in files:
        return not_found(asked)
    name = legible(member or parcel.files[number].name)
    marked = parcel.folder / f"marked-{number}-{list(files).index(member)}.xlsx"
    mine = [replace(one, file="") for one in seen.plan.findings if one.file == member]
    try:
        asked.office.parcels.mark(parcel.shelf.path(files[member]), name, mine, marked)
    except TryLater:
        return problem(asked, 503, say("Chưa lập được bản sao.", "No copy could be made now."))
    called = fit(split_ending(name.rpartition("/")[2])[0], say(" - lỗi", " - errors") + ".xlsx")
    kept = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    return FileResponse(marked, 200, kept, "application/octet-stream", filename=called)


def send_checked(asked: Asking) -> Response:
    """Hand in the very files that were checked, or let go of them."""
    unit, parcel = asked.unit, _parcel(asked)
    if unit is None or parcel is None:
        return _gone(asked)
    if asked.form.get("action") == "drop":
        asked.office.parcels.drop(parcel)
        return go(path_to("units", unit.id, "send"))
    if not reason_of(asked):
        return problem(asked, 400, say("Phải ghi lý do.", "A reason is needed."))
    return hand_in(asked, unit, parcel)
