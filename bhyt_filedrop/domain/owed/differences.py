"""What another configuration would change of a round: who owes what, by when, and which letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bhyt_filedrop.domain.letters.letter import Json, Letter
from bhyt_filedrop.domain.owed.obligations import Obligation, RoundStatus

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class OwedChange:
    """One debt that differs; `before` and `after` are how its due date is said ("" = not owed)."""

    number: str
    sender: str
    receiver: str
    before: str
    after: str

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "handoff": self.number,
            "sender": self.sender,
            "receiver": self.receiver,
            "before": self.before,
            "after": self.after,
        }


def owed_changes(before: RoundStatus, after: RoundStatus) -> tuple[OwedChange, ...]:
    """Return the debts that come, go, or are due on another day; in the order of the new process,
    those that go last."""
    old, new = _debts(before), _debts(after)
    keys = [*new, *(key for key in old if key not in new)]
    return tuple(
        OwedChange(
            (new.get(key) or old[key]).handoff.number or key[0],
            key[1],
            key[2],
            _due_text(old.get(key)),
            _due_text(new.get(key)),
        )
        for key in keys
        if _due_text(old.get(key)) != _due_text(new.get(key))
    )


def _debts(state: RoundStatus) -> Mapping[_Key, Obligation]:
    return {
        (e.owed.handoff.id, e.owed.sender.id, e.owed.receiver.id if e.owed.receiver else ""): e.owed
        for one in state.handoffs
        for e in one.entries
    }


def _due_text(owed: Obligation | None) -> str:
    if owed is None:
        return ""
    return owed.deadline.text if owed.deadline else "không có hạn"


@dataclass(frozen=True, slots=True)
class LetterChange:
    """A unit that would get another kind of letter, or one where it gets none ("")."""

    unit: str
    before: str
    after: str

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {"unit": self.unit, "before": self.before, "after": self.after}


def letter_changes(before: Iterable[Letter], after: Iterable[Letter]) -> tuple[LetterChange, ...]:
    """Return whose letter of a morning comes, goes, is of another kind or says something else."""
    old, new = ({one.unit: one for one in letters} for letters in (before, after))
    return tuple(
        LetterChange(
            unit,
            old[unit].kind if unit in old else "",
            new[unit].kind if unit in new else "",
        )
        for unit in dict.fromkeys((*new, *old))
        if unit not in old or unit not in new or old[unit].context != new[unit].context
    )
