"""Check files without a site: what `bhyt-filedrop check` answers, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.checks import check
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.closed import closed_office, is_of_nobody
from bhyt_filedrop.domain.drops.judge import Found
from bhyt_filedrop.domain.drops.judgement import own_findings, sound_beside_faulty
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, blocked, finding
from bhyt_filedrop.domain.forms.submission import Submission
from bhyt_filedrop.domain.process.calendar import ZONE, at
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import Reader
from bhyt_filedrop.work.arrival.examine import SCANS, Examined, examine, hash_only
from bhyt_filedrop.work.arrival.pace import Allowance


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller says about the files: hand-off, unit, round and day; None = find out.

    Without a round and a day nobody can know which rounds are open, so no round is called wrong.
    """

    handoff: HandOff | None = None
    unit: Unit | None = None
    round: Round | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file turned out to be (FINDINGS.md, "On the command line")."""

    path: Path
    sha256: str
    examined: Examined
    round: Round | None
    unit: str | None
    findings: tuple[Finding, ...]
    held: bool = False
    """True where it is part of a return of which lists are still to come."""
    falls_with: bool = False
    """True where another file of the same return is at fault: they stand and fall together."""

    @property
    def returned(self) -> bool:
        """True where the file would go back."""
        return self.falls_with or blocked(self.findings)

    @property
    def verdict(self) -> State:
        """What its drop would become: accepted, returned or held."""
        if self.returned:
            return State.RETURNED
        return State.HELD if self.held else State.ACCEPTED

    @property
    def rows(self) -> int:
        """How many children were read."""
        return sum(len(one.submission.rows) for one in self.examined.found)

    @property
    def form(self) -> str | None:
        """The form of the first list, None where none was recognised."""
        return next((one.submission.form for one in self.examined.found), None)

    def as_json(self) -> dict[str, Any]:
        """As `check --json` prints it; member files of an archive name themselves in `file`."""
        return {
            "file": str(self.path),
            "sha256": self.sha256,
            "format": self.examined.format,
            "form": self.form,
            "round": str(self.round) if self.round else None,
            "unit": self.unit,
            "rows": self.rows,
            "verdict": self.verdict,
            "findings": [_finding_json(one) for one in self.findings],
        }


def _finding_json(one: Finding) -> Mapping[str, Any]:
    told = {
        name: getattr(one, name)
        for name in ("code", "severity", "sheet", "cell", "row", "field", "value", "message",
                     "remedy")
    }  # fmt: skip
    return told | {"file": one.file} if one.file else told


def check_file(
    path: Path,
    wish: Wish,
    reader: Reader,
    world: World,
    now: datetime,
    drop_seconds: float = inf,
) -> Checked:
    """Check one file, whose members may be read for so many seconds together. Raises OSError where
    it cannot be opened."""
    sha256 = hash_only(path)
    allowed = Allowance(drop_seconds)
    examined = examine(path, path.name, sha256, reader, world, hash_only, pace=allowed)
    checked: list[Finding] = []
    unit = wish.unit.id if wish.unit else None
    round_ = wish.round
    for one in examined.found:
        context = _context(one, wish, world, now)
        checked += check(one.submission, context)
        unit = unit or (context.sender.id if context.sender else one.submission.unit)
        round_ = round_ or one.submission.round
    if wish.unit and is_of_nobody(wish.unit, world):
        checked.append(closed_office(wish.unit, world))
    read = (*examined.findings, *_only_scans(examined))
    findings = own_findings(read, checked, first_handoff([examined], wish, world))
    findings += sound_beside_faulty(examined.parts, findings)
    return Checked(path, sha256, examined, round_, unit, findings)


def first_handoff(files: Iterable[Examined], wish: Wish, world: World) -> HandOff | None:
    """Return the hand-off of the first list in some files, None where there is none."""
    lists = (one.submission for file in files for one in file.found)
    return next((wish.handoff or handoff_of(one, wish.unit, world) for one in lists), None)


def _context(one: Found, wish: Wish, world: World, now: datetime) -> Context:
    submission = one.submission
    handoff = wish.handoff or handoff_of(submission, wish.unit, world)
    sender = wish.unit or _sender_of(submission, handoff, world)
    today = wish.today or now.astimezone(ZONE).date()
    open_rounds = frozenset({wish.round}) if wish.round else frozenset[Round]()
    if wish.today and not wish.round:
        open_rounds = world.open_rounds(at(wish.today))
    assumed = world.assumed_round(handoff, at(today)) if handoff else None
    return Context(
        today=today,
        units=world.units,
        gazetteer=world.gazetteer,
        forms=world.forms_by_id,
        round=submission.round or wish.round or assumed,
        sender=sender,
        receiver=None,
        handoff=handoff,
        open_rounds=open_rounds,
        facilities=world.facilities,
    )


def handoff_of(submission: Submission, unit: Unit | None, world: World) -> HandOff | None:
    """Return the first hand-off that takes the form, of the unit where one was named."""
    taking = [h for h in world.process.handoffs.values() if submission.form in h.forms]
    mine = [h for h in taking if unit and h.sender in (unit.id, unit.kind)]
    return next(iter(mine or taking), None)


def _sender_of(submission: Submission, handoff: HandOff | None, world: World) -> Unit | None:
    """The unit that the heading names, where it is one that sends this hand-off."""
    unit = world.units.by_id.get(submission.unit or "")
    fits = unit and handoff and handoff.sender in (unit.id, unit.kind)
    return unit if fits else None


def _only_scans(examined: Examined) -> tuple[Finding, ...]:
    """What is said where nothing is a list; of a workbook beside a scan something is already."""
    has_scan = any(part.format in SCANS for part in examined.parts)
    if examined.found or blocked(examined.findings) or not has_scan:
        return ()
    return (
        finding(
            "file.not-a-workbook",
            "Tệp là bản scan hoặc văn bản, không phải bảng tính.",
            "Nộp danh sách bằng tệp Excel; bản scan có thể nộp kèm.",
        ),
    )


def annotatable(checked: Checked) -> tuple[Finding, ...]:
    """Return the findings as the annotated copy of the file itself shows them."""
    return tuple(replace(one, file="") for one in checked.findings)
