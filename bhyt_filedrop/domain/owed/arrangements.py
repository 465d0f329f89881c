"""What people arranged about a list that is owed: a later date, an appointment, a word that
somebody sees to it.

An arrangement never says that a list has come: what is owed stays owed, and what came after its
declared date is shown as that. It is one event; another one undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.process.calendar import day_text, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


class ArrangementKind(StrEnum):
    """What was arranged."""

    EXTENDED = "extended"
    """Due on a later day: reminders, escalation and lateness are reckoned from that."""
    SNOOZED = "snoozed"
    """An appointment: nobody is reminded and nothing is told upwards until its day is over."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody sees to it: its sender is reminded, nothing is told upwards."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One arrangement about what some units owe in a round.

    `unit` is the sender, an office whose units are the senders, or "" for every sender of the
    hand-off; `receiver` is one of those that it owes to ("" = all). `until` is the last day, None
    for an acknowledgement. `at` and `undone_at` are aware.
    """

    id: int
    kind: ArrangementKind
    handoff: str
    round: Round
    unit: str
    receiver: str
    until: date | None
    why: str
    by: str
    at: datetime
    undone_at: datetime | None = None

    def covers(self, sender: Unit, receiver: str) -> bool:
        """True where it is about what a sender owes to a receiver ("" = not known to whom)."""
        mine = self.unit in ("", sender.id, sender.parent)
        return mine and self.receiver in ("", receiver)

    def is_quiet_on(self, day: date) -> bool:
        """True on the days on which nobody is reminded."""
        return self.kind is ArrangementKind.SNOOZED and self.until is not None and day <= self.until

    def is_kept_from_above(self, day: date) -> bool:
        """True on the days on which nothing is told upwards."""
        return self.kind is ArrangementKind.ACKNOWLEDGED or self.is_quiet_on(day)

    @property
    def text(self) -> str:
        """In words, in lower case: `hẹn nộp đến 20/06/2015 (đã gọi)`."""
        day = day_text(self.until) if self.until else ""
        said = {
            ArrangementKind.EXTENDED: f"được gia hạn đến {day}",
            ArrangementKind.SNOOZED: f"hẹn nộp đến {day}",
            ArrangementKind.ACKNOWLEDGED: f"đã có người theo dõi từ {day_text(local_day(self.at))}",
        }
        return f"{said[self.kind]} ({self.why})"

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "handoff": self.handoff,
            "round": str(self.round),
            "unit": self.unit,
            "receiver": self.receiver,
            "until": self.until.isoformat() if self.until else None,
            "why": self.why,
            "by": self.by,
            "at": self.at.isoformat(),
            "undone_at": self.undone_at.isoformat() if self.undone_at else None,
        }


@dataclass(frozen=True, slots=True)
class Arrangements:
    """The arrangements that stand at a moment, by hand-off and round, the oldest first."""

    by_handoff: Mapping[tuple[str, Round], tuple[Arrangement, ...]]

    @classmethod
    def of(cls, found: Iterable[Arrangement]) -> Arrangements:
        """Index arrangements; those that stand."""
        grouped: dict[tuple[str, Round], list[Arrangement]] = {}
        for one in sorted(found, key=lambda a: (a.at, a.id)):
            grouped.setdefault((one.handoff, one.round), []).append(one)
        return cls({key: tuple(some) for key, some in grouped.items()})

    def about(
        self, handoff: str, round_: Round, sender: Unit, receiver: str
    ) -> tuple[Arrangement, ...]:
        """Return what was arranged about one obligation, the oldest first."""
        found = self.by_handoff.get((handoff, round_), ())
        return tuple(one for one in found if one.covers(sender, receiver))

    def extension(
        self, handoff: str, round_: Round, sender: Unit, receiver: str, units: Units
    ) -> Arrangement | None:
        """Return the extension that holds: the last that was given, to the sender or to an office
        that it took over from."""
        if (handoff, round_) not in self.by_handoff:
            return None
        senders = (sender, *map(units.__getitem__, units.forebears(sender.id)))
        receivers = (receiver, *units.forebears(receiver))
        found = [a for s in senders for r in receivers for a in self.about(handoff, round_, s, r)]
        given = (a for a in found if a.kind is ArrangementKind.EXTENDED)
        return max(given, key=lambda a: (a.at, a.id), default=None)

    def other(
        self, handoff: str, round_: Round, sender: Unit, receiver: str, since: datetime
    ) -> Arrangement | None:
        """Return the last appointment or acknowledgement about what has been owed since a moment:
        one about the answer before a corrected list says nothing of what that added."""
        found = self.about(handoff, round_, sender, receiver)
        later = (a for a in found if a.kind is not ArrangementKind.EXTENDED and a.at >= since)
        return next(iter(reversed(list(later))), None)


NONE = Arrangements({})
