"""A round's lists as they stood at an earlier moment, from what the ledger holds of them today.

The ledger keeps when each list came, when its hand-off was complete with it, and what took its
place; so the state of any day follows from the rows, and no history of states is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState


def as_of(records: Iterable[ListRecord], moment: datetime) -> tuple[ListRecord, ...]:
    """Return the lists that were there at a moment (aware), each in the state that it had then.

    `records` are all lists of a round, whatever became of them. A list that was sent back counts as
    sent back from the beginning: until it was, it stood nowhere.
    """
    every = tuple(records)
    there = tuple(r for r in every if r.at <= moment)
    if len(there) == len(every) and not any(_is_later(r, moment) for r in every):
        return every
    return tuple(_rewind(record, every, moment) for record in there)


def _is_later(record: ListRecord, moment: datetime) -> bool:
    return record.completed_at is not None and record.completed_at > moment


def _rewind(record: ListRecord, every: Sequence[ListRecord], moment: datetime) -> ListRecord:
    was = replace(record, completed_at=None) if _is_later(record, moment) else record
    if record.state == ListState.SUPERSEDED:
        later = list(_replacements(record, every))
        if not later or any(_took_its_place(one, was, moment) for one in later):
            return was
    elif record.state != ListState.ACCEPTED:
        return was
    return replace(was, state=ListState.ACCEPTED if was.completed_at else ListState.HELD)


def _replacements(record: ListRecord, every: Sequence[ListRecord]) -> Iterator[ListRecord]:
    """Later lists of the same key; the final list, which has a receiver, replaces its draft."""
    for one in every:
        if one.at > record.at and one.state != ListState.RETURNED:
            same_but_receiver = replace(one.key, receiver=record.key.receiver) == record.key
            if one.key == record.key or (record.is_draft and same_but_receiver):
                yield one


def _took_its_place(later: ListRecord, was: ListRecord, moment: datetime) -> bool:
    """What stands gives way to what is accepted, what waits to the next that comes."""
    if later.at > moment:
        return False
    return was.completed_at is None or (
        later.completed_at is not None and later.completed_at <= moment
    )
