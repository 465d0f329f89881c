"""The states of a drop and who may move it from one to the next (docs/crash-table.md)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a drop (tệp nộp) is on its way."""

    CLAIMED = "claimed"
    """In the work area and perhaps in the archive; not judged yet."""
    PLANNED = "planned"
    """Judged: findings, plan and deliveries stand in the ledger; not all are made yet."""
    ACCEPTED = "accepted"
    RETURNED = "returned"
    HELD = "held"
    SET_ASIDE = "set-aside"
    """Waits for a person: retry, release or reject."""
    VOID = "void"
    """A claim that found nothing to take (the sender took the file away first)."""


MOVES: dict[State, frozenset[State]] = {
    State.CLAIMED: frozenset({State.PLANNED, State.SET_ASIDE, State.VOID}),
    State.PLANNED: frozenset({State.ACCEPTED, State.RETURNED, State.HELD, State.SET_ASIDE}),
    State.HELD: frozenset({State.CLAIMED, State.PLANNED, State.ACCEPTED, State.RETURNED}),
    State.SET_ASIDE: frozenset({State.CLAIMED, State.PLANNED, State.RETURNED}),
    State.ACCEPTED: frozenset(),
    State.RETURNED: frozenset(),
    State.VOID: frozenset({State.CLAIMED}),
}
"""From → to. HELD → ACCEPTED happens when another drop completes the return; HELD or SET_ASIDE →
CLAIMED when a person says retry, release or reject; VOID → CLAIMED when its original turns up among
those that were given back. Lists that the product derived are not judged
again: from either state a person sends them to PLANNED (release, retry) or RETURNED (reject)."""
