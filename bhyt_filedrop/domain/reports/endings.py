"""How each hand-off of a round ended for whoever owed it, and what proves that.

On time, late, missing or invalid (files came, and none of them was good), as long as its time lasts
open. What proves it are the drops with their times and what was found in them, and the extension
where one holds; so a unit that is told that it was late can look it up. The same over the rounds is
a unit's history: a square for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.obligations import Entry, RoundStatus, Standing, Want
from bhyt_filedrop.domain.owed.wants import wanted_after
from bhyt_filedrop.domain.process.calendar import local_day, moment_text
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reports.model import Figure, Line, Report, ReportColumn, ReportTable, Tone
from bhyt_filedrop.domain.reports.quality import DropFact
from bhyt_filedrop.domain.reports.round import days_late
from bhyt_filedrop.domain.words import LIST_STATES


class Ending(StrEnum):
    """How a hand-off ended for one who owed it."""

    ON_TIME = "on-time"
    LATE = "late"
    MISSING = "missing"
    """The time is over, and nothing that was good came, or not all of it."""
    INVALID = "invalid"
    """The time is over, and what came went back to be put right."""
    OPEN = "open"
    """Its time is not over, or it has none."""


ENDINGS: Mapping[Ending, tuple[str, Tone]] = {
    Ending.ON_TIME: ("đúng hạn", "good"),
    Ending.LATE: ("trễ hạn", "fair"),
    Ending.MISSING: ("không nộp", "bad"),
    Ending.INVALID: ("nộp chưa đạt", "warn"),
    Ending.OPEN: ("còn hạn", "idle"),
}
"""What each is called, and its tone."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One drop that a hand-off's ending rests on: when it came (aware), what became of its list,
    in which version, and the codes of what was found in it."""

    drop: str
    at: datetime
    state: ListState
    version: int
    rows: int
    codes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In words: `D150616-7K3FQX 08:15 ngày 16/06/2015: trả lại (row.card-invalid)`."""
        found = f" ({', '.join(self.codes)})" if self.codes else ""
        said = LIST_STATES[self.state]
        again = f", bản {self.version}" if self.version > 1 else ""
        return f"{self.drop} {moment_text(self.at)}: {said}{again}{found}"

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "drop": self.drop,
            "at": self.at.isoformat(),
            "state": str(self.state),
            "version": self.version,
            "rows": self.rows,
            "codes": list(self.codes),
        }


@dataclass(frozen=True, slots=True)
class EndedHandOff:
    """One obligation, how it ended, how many days late, and what proves it."""

    entry: Entry
    ending: Ending
    days_late: int
    proofs: tuple[Proof, ...]

    @property
    def round(self) -> Round:
        """Its round."""
        return self.entry.owed.round

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        owed = self.entry.owed
        return {
            "round": str(owed.round),
            "handoff": owed.handoff.id,
            "number": owed.handoff.number,
            "ending": str(self.ending),
            "days_late": self.days_late,
            "proofs": [proof.as_json() for proof in self.proofs],
            **self.entry.as_json(),
        }


def endings(
    status: RoundStatus,
    lists: Iterable[ListRecord],
    codes: Mapping[str, Sequence[str]],
    unread: Iterable[DropFact] = (),
) -> tuple[EndedHandOff, ...]:
    """Return how each obligation of a round ended by the status's moment, in its order.

    `lists` are all of the round, whatever became of them; `codes` what was found in each drop;
    `unread` are files that went back and held no list: they prove what their sender owed then. A
    hand-off without a date ends when it comes and is open until then.
    """
    back = tuple(unread)
    by_key: dict[tuple[str, str, str], dict[str, Proof]] = {}
    for one in sorted(lists, key=lambda record: (record.at, record.drop)):
        # A derived list that nobody approved came from nobody.
        if one.is_draft or (one.basis and not one.is_accepted and one.completed_at is None):
            continue
        key = (one.key.handoff, one.key.sender, one.key.receiver)
        proof = Proof(
            one.drop, one.at, one.state, one.version, one.rows, tuple(codes.get(one.drop, ()))
        )
        by_key.setdefault(key, {}).setdefault(one.drop, proof)
    return tuple(
        EndedHandOff(
            entry,
            _ending(entry),
            days_late(entry, local_day(status.now)),
            (
                *by_key.get(_key_of(entry), {}).values(),
                *(_proof_of(one, codes) for one in back if _is_about(one, entry)),
            ),
        )
        for one in status.handoffs
        for entry in one.entries
    )


def _is_about(unread: DropFact, entry: Entry) -> bool:
    """True for the file that nobody could read, of one from whom no good one came since."""
    mine = unread.unit == entry.owed.sender.id and entry.want is Want.SENT_BACK
    return mine and unread.arrived_at >= entry.owed.since


def _proof_of(unread: DropFact, codes: Mapping[str, Sequence[str]]) -> Proof:
    found = tuple(codes.get(unread.drop, ()))
    return Proof(unread.drop, unread.arrived_at, ListState.RETURNED, 1, 0, found)


def _key_of(entry: Entry) -> tuple[str, str, str]:
    owed = entry.owed
    return owed.handoff.id, owed.sender.id, owed.receiver.id if owed.receiver else ""


def _ending(entry: Entry) -> Ending:
    if entry.standing is Standing.DELIVERED:
        return Ending.ON_TIME
    if entry.standing is Standing.LATE:
        return Ending.LATE
    if entry.standing is Standing.OVERDUE:
        return Ending.INVALID if entry.want is Want.SENT_BACK else Ending.MISSING
    return Ending.OPEN


def history_of(unit_id: str, ended: Iterable[EndedHandOff]) -> tuple[EndedHandOff, ...]:
    """Return what one unit owed over some rounds, hand-off by hand-off, the oldest round first: the
    squares of its strip."""
    mine = [one for one in ended if one.entry.owed.sender.id == unit_id]
    order = {id_: n for n, id_ in enumerate(dict.fromkeys(o.entry.owed.handoff.id for o in mine))}
    return tuple(sorted(mine, key=lambda one: (order[one.entry.owed.handoff.id], one.round)))


def endings_report(
    ended: Sequence[EndedHandOff],
    units: Units,
    now: datetime,
    rounds: Sequence[Round],
    form_names: Mapping[str, str],
) -> Report:
    """Return how everything of some rounds ended, and how often each unit was late, as a report."""
    return Report(
        name="endings",
        title="Kết quả từng bước và bằng chứng",
        subtitle=", ".join(round_.title for round_ in rounds) or "Chưa có đợt nào",
        made_at=now,
        figures=tuple(
            Figure(str(one), capitalised(name), _count(ended, one), tone=tone)
            for one, (name, tone) in ENDINGS.items()
        ),
        tables=(_by_unit(ended, units), _each(ended, units, form_names)),
        about=(
            "Đúng hạn gồm cả nộp trong hạn đã gia hạn, có ghi hạn gốc. Nộp chưa đạt: có tệp nộp, "
            "mọi tệp đều phải trả lại.",
        ),
        rounds=tuple(str(round_) for round_ in rounds),
    )


def _count(ended: Iterable[EndedHandOff], ending: Ending) -> int:
    return sum(one.ending is ending for one in ended)


def _by_unit(ended: Sequence[EndedHandOff], units: Units) -> ReportTable:
    mine: dict[str, list[EndedHandOff]] = {}
    for one in ended:
        mine.setdefault(one.entry.owed.sender.id, []).append(one)
    rows: list[Line] = [
        {"name": units.full_name(units[id_]) if id_ in units else id_}
        | {str(ending): _count(mine[id_], ending) for ending in ENDINGS}
        for id_ in units.in_order(mine)
    ]
    return ReportTable(
        "units",
        "Theo đơn vị",
        "Mỗi đơn vị đúng hạn, trễ hạn, không nộp bao nhiêu lần",
        (
            ReportColumn("name", "Đơn vị", width=36),
            *(
                ReportColumn(str(one), capitalised(name), "count", 10, tone=tone)
                for one, (name, tone) in ENDINGS.items()
            ),
        ),
        tuple(rows),
    )


def _each(
    ended: Sequence[EndedHandOff], units: Units, form_names: Mapping[str, str]
) -> ReportTable:
    return ReportTable(
        "endings",
        "Chi tiết",
        "Từng bước và bằng chứng",
        (
            ReportColumn("round", "Đợt", width=14),
            ReportColumn("label", "Bước, đơn vị gửi", width=40),
            ReportColumn("receiver_name", "Đơn vị nhận", width=26),
            ReportColumn("ending_title", "Kết quả", width=40),
            ReportColumn("due", "Ngày cuối của hạn", "day", 11),
            ReportColumn("at", "Đủ lúc", "moment", 15),
            ReportColumn("days_late", "Trễ (ngày)", "count", 8, tone="bad"),
            ReportColumn("proofs", "Bằng chứng", width=60),
        ),
        tuple(_line(one, units, form_names) for one in ended),
    )


def _line(one: EndedHandOff, units: Units, form_names: Mapping[str, str]) -> Line:
    owed = one.entry.owed
    said = wanted_after(capitalised(ENDINGS[one.ending][0]), one.entry, form_names)
    return {
        "round": owed.round.title,
        "label": f"{owed.handoff.number} {units.full_name(owed.sender)}".strip(),
        "receiver_name": units.full_name(owed.receiver) if owed.receiver else "",
        "ending": str(one.ending),
        "ending_title": said,
        "due": owed.deadline.last_day if owed.deadline else None,
        "at": one.entry.at,
        "days_late": one.days_late,
        "proofs": "; ".join(proof.text for proof in one.proofs),
    }
