"""From a file's bytes to its recognised lists: unpack, read, recognise; nothing is decided here."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.facts import FilePart
from bhyt_filedrop.domain.drops.judge import Found
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.forms.recognise import recognise, with_rounds_of_others
from bhyt_filedrop.domain.forms.remarks import other_round_file
from bhyt_filedrop.ports import Reader, Reading, Unpacked
from bhyt_filedrop.work.arrival.pace import Allowance

ARCHIVES = frozenset({"zip", "rar", "7z"})
SCANS = frozenset(
    {"pdf", "jpeg", "png", "tiff", "bmp", "gif", "webp", "heic", "doc", "docx", "rtf", "odt"}
)
"""Formats of signed lists that were scanned or typed: they go along, nobody reads their rows."""

Keep = Callable[[Path], str]
"""Takes an unpacked member in and returns its SHA-256."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What one dropped file holds. `formats` is the format by content of the file itself."""

    format: str
    parts: tuple[FilePart, ...]
    found: tuple[Found, ...]
    findings: tuple[Finding, ...]


def examine(
    path: Path,
    name: str,
    sha256: str,
    reader: Reader,
    world: World,
    keep: Keep,
    workspace: Path | None = None,
    pace: Allowance | None = None,
) -> Examined:
    """Read one dropped file; an archive of files counts as one drop.

    It is unpacked below `workspace` (None = the machine's folder for temporary files). `pace` says
    how long its files may be read; raises TakesLong where it shall let others pass.
    """
    reading = reader.read(path, name)
    if reading.format in ARCHIVES and reading.workbook is None:
        with tempfile.TemporaryDirectory(prefix="bhyt-filedrop-", dir=workspace) as into:
            unpacked = reader.unpack(path, Path(into))
            results = _examine_members(unpacked, reader, world, keep, pace or Allowance())
            return _examine_archive(unpacked, results, name, sha256, reading.format)
    part, found, findings = _examine_file(reading, name, sha256, "", world)
    return Examined(reading.format, (part,), found, findings)


def hash_only(path: Path) -> str:
    """Return a file's SHA-256 without keeping it, for a check that leaves nothing behind."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_Result = tuple[FilePart, tuple[Found, ...], tuple[Finding, ...]]


def _examine_members(
    unpacked: Unpacked, reader: Reader, world: World, keep: Keep, pace: Allowance
) -> list[_Result]:
    """Read the members one after the other, as many as there is time for."""
    results: list[_Result] = []
    for member in () if unpacked.findings else unpacked.members:
        if not pace.goes_on():
            break
        results.append(_examine_member(member.path, member.name, reader, world, keep))
    return results


def _examine_archive(
    unpacked: Unpacked, results: Sequence[_Result], name: str, sha256: str, format_: str
) -> Examined:
    whole = FilePart(name, sha256, format_, readable=False)
    if unpacked.findings or not unpacked.members:
        return Examined(format_, (whole,), (), unpacked.findings or (_empty_archive(),))
    if len(results) < len(unpacked.members):
        return Examined(format_, (whole,), (), (_too_slow(len(results), len(unpacked.members)),))
    found, apart = _of_newest_round([one for _, found, _ in results for one in found])
    return Examined(
        format_,
        tuple(part for part, _, _ in results),
        found,
        (*(one for _, _, findings in results for one in findings), *apart),
    )


def _of_newest_round(
    found: Sequence[Found],
) -> tuple[tuple[Found, ...], tuple[Finding, ...]]:
    """Leave out the lists of earlier rounds that lie in the same archive, and tell of them; one
    that names no round goes with the others."""
    newest = max((one.submission.round for one in found if one.submission.round), default=None)
    if newest is None:
        return tuple(found), ()
    kept = [one for one in found if one.submission.round in (None, newest)]
    lists = with_rounds_of_others([one.submission for one in kept])
    told = {
        one.part.name: other_round_file(one.part.name, one.submission.round, newest)
        for one in found
        if one.submission.round and one.submission.round != newest
    }
    mine = (replace(one, submission=own) for one, own in zip(kept, lists, strict=True))
    return tuple(mine), tuple(told.values())


def _examine_member(path: Path, name: str, reader: Reader, world: World, keep: Keep) -> _Result:
    part, found, findings = _examine_file(reader.read(path, name), name, "", name, world)
    sha256 = keep(path)
    part = replace(part, sha256=sha256)
    return part, tuple(replace(one, part=part) for one in found), findings


def _examine_file(reading: Reading, name: str, sha256: str, label: str, world: World) -> _Result:
    """Look at one workbook or scan; `label` is how findings name it ("" = the drop itself)."""
    if reading.format in SCANS:
        return FilePart(name, sha256, reading.format, is_scan=True, readable=False), (), ()
    if reading.workbook is None:
        part = FilePart(name, sha256, reading.format, readable=False)
        return part, (), _label(reading.findings, label)
    part = FilePart(name, sha256, reading.format)
    seen = recognise(reading.workbook, world.forms, world.units, label)
    found = tuple(Found(submission, part) for submission in seen.submissions)
    return part, found, _label((*reading.findings, *seen.findings), label)


def _label(findings: Iterable[Finding], label: str) -> tuple[Finding, ...]:
    return tuple(replace(one, file=label) for one in findings)


def _too_slow(read: int, members: int) -> Finding:
    return finding(
        "file.unsafe",
        f"Tệp nén này đọc mãi không xong: hết thời gian cho phép mới đọc được {read} trong "
        f"{members} tệp.",
        "Chia thành nhiều tệp nén nhỏ hơn, hoặc nộp riêng từng tệp Excel.",
    )


def _empty_archive() -> Finding:
    return finding(
        "file.not-a-workbook",
        "Tệp nén này không có tệp nào bên trong.",
        "Nén lại cùng với tệp Excel của danh sách rồi nộp lại.",
    )
