"""The states of a list in the ledger, and what each of them counts for.

A list has a state of its own beside its drop's: of two lists in one file one may go on while the
other waits. The words are those that the ledger stores. Every question about several states at once
is a set with a name here, so that two askers cannot mean different things by the same word.
"""

from __future__ import annotations

from enum import StrEnum


class ListState(StrEnum):
    """What became of one list (danh sách)."""

    ACCEPTED = "accepted"
    """It went on to its receiver, and nothing newer stands in its place."""
    HELD = "held"
    """It waits: for the other lists of its return, or for a person to approve it."""
    AMENDING = "amending"
    """A correction that fits only with another one, or of which a person has to say that so few or
    so many children are right: until then what it corrects stands."""
    RETURNED = "returned"
    """It went back to its sender; a derived list: a person or a newer one rejected it."""
    SUPERSEDED = "superseded"
    """A corrected list stands in its place."""


WAITING = frozenset({ListState.HELD, ListState.AMENDING})
"""It goes nowhere yet: others have to come first."""

IN_FORCE = frozenset({ListState.ACCEPTED}) | WAITING
"""Neither returned nor replaced: what a new list of the same return is held against."""

COUNTED = frozenset({ListState.ACCEPTED, ListState.HELD})
"""Its children count in balances, reports and comparisons. An amending list's do not: those of the
return that it would correct do."""

ONCE_ACCEPTED = frozenset({ListState.ACCEPTED, ListState.SUPERSEDED})
"""It reached its receiver at some time, whatever took its place since: a unit that corrects its
list was not late for it."""

ALL = frozenset(ListState)
"""Whatever became of it."""

GONE = frozenset({ListState.RETURNED, ListState.SUPERSEDED})
"""It stands no more; a report still tells that it was there."""
