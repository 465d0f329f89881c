"""The letters' part of the ledger: a letter is stored with its cause and sent from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, literal_column, null, or_, select, update

from bhyt_filedrop.domain.drops.drop import TOLD_BEFORE
from bhyt_filedrop.domain.letters.bounces import Outcome
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.letters.mailing import (
    DueLetter,
    RefusedAddress,
    SentMail,
    Taken,
    WaitingLetter,
    sum_up_refused,
)
from bhyt_filedrop.edges.ledger import schema, statements
from bhyt_filedrop.edges.ledger.mailed import came_back, note_taken
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.store import reading

DUE = "due"
"""The state of a letter that is to go."""


def queue_letters(
    tx: Connection,
    letters: Iterable[Letter],
    at: datetime,
    drop: str | None = None,
    state: str = DUE,
) -> int:
    """Queue letters in a transaction of the caller's; one whose key exists was queued before,
    unless it was taken back."""
    return sum(_queue(tx, _row(letter, at, drop, state)) for letter in letters)


TAKEN_BACK = "taken-back"
"""The state of a letter that had not left when what it says ceased to be true."""


def _queue(tx: Connection, values: dict[str, Any]) -> bool:
    state = tx.execute(statements.LETTER_STATE, {"of_key": values["key"]}).scalar()
    if state is None:
        tx.execute(statements.QUEUE_LETTER, values)
    elif state == TAKEN_BACK:
        anew = values | {"attempts": 0, "error": ""}
        same = schema.letters.c.key == values["key"]
        tx.execute(update(schema.letters).where(same).values(anew))
    return state in (None, TAKEN_BACK)


def _row(letter: Letter, at: datetime, drop: str | None, state: str) -> dict[str, Any]:
    return {
        "key": letter.key,
        "kind": letter.kind,
        "unit": letter.unit,
        "drop_id": drop,
        "letter": letter.to_json(),
        "state": state,
        "next_at": at,
        "created_at": at,
        "remaining": [],
    }


class LedgerLetters:
    """The letters of the ledger; the outbox's `LetterBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put_letter(self, letter: Letter, at: datetime) -> bool:
        """Store a letter as due now; False where its key is known already."""
        with self._engine.begin() as tx:
            return bool(queue_letters(tx, [letter], at))

    def put_letters(self, letters: Iterable[Letter], at: datetime) -> int:
        """Store letters that stem from no drop; return how many were new."""
        with self._engine.begin() as tx:
            return queue_letters(tx, letters, at)

    def due_letters(self, now: datetime, limit: int) -> list[DueLetter]:
        """Return letters whose time has come, the oldest first."""
        row = schema.letters.c
        query = (
            select(schema.letters)
            .where(row.state == "due", row.next_at <= now)
            .order_by(row.created_at, row.key)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [_due(found) for found in connection.execute(query)]

    def letters_joined(self, keys: Sequence[str], batch: str) -> None:
        """Record that these letters go as one mail."""
        with self._engine.begin() as tx:
            _update(tx, keys, batch=batch)

    def letter_sent(self, keys: Sequence[str], taken: Taken, refused: Mapping[str, str]) -> None:
        """Record a hand-over and the addresses that were refused for good."""
        with self._engine.begin() as tx:
            _refuse(tx, keys, refused)
            note_taken(tx, keys, taken)
            _update(tx, keys, state="sent", sent_at=taken.at, error="")

    def letter_later(
        self,
        keys: Sequence[str],
        next_at: datetime,
        error: str,
        remaining: Sequence[str] = (),
        refused: Mapping[str, str] | None = None,
        taken: Taken | None = None,
    ) -> None:
        """Record a failed attempt, when to try again, and who was served all the same."""
        with self._engine.begin() as tx:
            _refuse(tx, keys, refused or {})
            if taken and taken.addresses:
                note_taken(tx, keys, taken)
            _update(
                tx,
                keys,
                attempts=schema.letters.c.attempts + 1,
                next_at=next_at,
                error=error,
                remaining=list(remaining),
            )

    def letter_set_aside(
        self, keys: Sequence[str], error: str, refused: Mapping[str, str] | None = None
    ) -> None:
        """Record that these letters wait for a person, and why."""
        with self._engine.begin() as tx:
            _refuse(tx, keys, refused or {})
            _update(tx, keys, state="set-aside", error=error)

    def letters_replaced(self, keys: Sequence[str]) -> None:
        """Record that newer letters go in the place of these."""
        with self._engine.begin() as tx:
            _update(tx, keys, state="replaced", error="")

    def sent_since(self, since: datetime) -> list[SentMail]:
        """Return the mails that went out since a moment, the oldest first; letters that were joined
        are one."""
        row = schema.letters.c
        query = (
            select(row.unit, func.min(row.kind), func.max(row.sent_at), func.count())
            .where(row.sent_at > since)
            .group_by(row.message_id, row.unit)
            .order_by(func.max(row.sent_at))
        )
        with reading(self._engine) as connection:
            found = connection.execute(query)
            return [SentMail(unit, kind, at, count > 1) for unit, kind, at, count in found]

    def set_aside(self) -> list[WaitingLetter]:
        """Return the letters that wait for a person, the oldest first."""
        row = schema.letters.c
        query = (
            select(row.key, row.kind, row.unit, row.created_at, row.error, row.remaining)
            .where(row.state == "set-aside")
            .order_by(row.created_at, row.key)
        )
        with reading(self._engine) as connection:
            return [
                WaitingLetter(key, kind, unit, at, error, tuple(remaining))
                for key, kind, unit, at, error, remaining in connection.execute(query)
            ]

    def send_again(
        self, letters: Mapping[str, Sequence[str]], at: datetime, why: str = "", by: str = ""
    ) -> int:
        """Make set-aside letters due once more: key → the addresses still to be served (() = all);
        return how many. What bounces told of them before is settled by that."""
        row, mailed = schema.letters.c, schema.mailed.c
        count = 0
        with self._engine.begin() as tx:
            for key, remaining in letters.items():
                mails = select(row.message_id).where(row.key == key)
                told = {"outcome": None, "outcome_at": None, "reason": ""}
                tx.execute(update(schema.mailed).where(mailed.message_id.in_(mails)).values(told))
                again = {"state": "due", "attempts": 0, "next_at": at, "error": "", "batch": "",
                         "remaining": list(remaining), "refused": null()}  # fmt: skip
                waits = (row.key == key, row.state == "set-aside")
                gone = tx.execute(update(schema.letters).where(*waits).values(again)).rowcount
                if gone:
                    event(tx, at, None, "letter-again", key=key, why=why, who=by)
                count += gone
        return count

    def sent_letter(self, key: str) -> Letter | None:
        """Return a letter that left, None where there is none of that key."""
        row = schema.letters.c
        query = select(row.letter).where(row.key == key, row.state.in_(("sent", TOLD_BEFORE)))
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar()
        return Letter.from_json(found) if found else None

    def send_copy(self, sent: Letter, why: str, by: str, at: datetime) -> str:
        """Queue a copy of a letter that left; return its key."""
        row = schema.letters.c
        with self._engine.begin() as tx:
            about = tx.execute(select(row.drop_id).where(row.key == sent.key)).scalar()
            copies = row.key.startswith(f"{sent.key}/again-", autoescape=True)
            number = tx.execute(select(func.count()).where(copies)).scalar_one() + 1
            copy = replace(sent, key=f"{sent.key}/again-{number}")
            queue_letters(tx, [copy], at, about)
            event(tx, at, about, "letter-again", key=copy.key, why=why, who=by)
        return copy.key

    def known_keys(self, prefixes: Sequence[str]) -> frozenset[str]:
        """Return the keys of all letters ever stored that begin with one of the prefixes, but of
        those that were taken back."""
        row = schema.letters.c
        begins = or_(*(row.key.startswith(prefix, autoescape=True) for prefix in prefixes))
        with reading(self._engine) as connection:
            query = select(row.key).where(begins, row.state != TAKEN_BACK)
            return frozenset(connection.execute(query).scalars())

    def counts(self) -> dict[str, int]:
        """Return how many letters are in each state."""
        row = schema.letters.c
        query = select(row.state, func.count()).group_by(row.state)
        with reading(self._engine) as connection:
            return {state: int(count) for state, count in connection.execute(query)}

    def trouble(self, limit: int = 50) -> list[tuple[str, str, str]]:
        """Return `(key, state, error)` of letters that failed, the newest first."""
        row = schema.letters.c
        query = (
            select(row.key, row.state, row.error)
            .where(row.error != literal_column("''"))  # a parameter would not use the index
            .order_by(row.created_at.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [(key, state, error) for key, state, error in connection.execute(query)]

    def refused(self, since: datetime) -> list[RefusedAddress]:
        """Return the addresses that were refused for good to letters stored since a moment, at once
        or (since that moment) by a bounce, the latest refusal first; each once, with its last
        reason."""
        row = schema.letters.c
        query = select(row.unit, row.created_at, row.refused).where(
            row.refused.is_not(null()), row.created_at >= since
        )
        with reading(self._engine) as connection:
            found = [
                RefusedAddress(address, unit, reason, 1, at)
                for unit, at, refused in connection.execute(query)
                for address, reason in refused.items()
            ]
            return sum_up_refused([*found, *came_back(connection, (Outcome.REFUSED,), since)])

    def undelivered(self, since: datetime) -> list[RefusedAddress]:
        """Return the addresses of which a bounce told since a moment that a letter is delayed, or
        was given up for a passing trouble; the address itself may be right."""
        outcomes = (Outcome.DELAYED, Outcome.GIVEN_UP)
        with reading(self._engine) as connection:
            return sum_up_refused(came_back(connection, outcomes, since))

    def of_drop(self, drop: str) -> list[tuple[str, str, datetime | None]]:
        """Return `(key, state, sent_at)` of the letters about one drop."""
        row = schema.letters.c
        query = select(row.key, row.state, row.sent_at).where(row.drop_id == drop)
        with reading(self._engine) as connection:
            return [(key, state, at) for key, state, at in connection.execute(query)]


def _due(row: Row[Any]) -> DueLetter:
    return DueLetter(
        Letter.from_json(row.letter), row.created_at, row.attempts, tuple(row.remaining), row.batch
    )


def _update(tx: Connection, keys: Sequence[str], **values: Any) -> None:
    tx.execute(update(schema.letters).where(schema.letters.c.key.in_(keys)).values(**values))


def _refuse(tx: Connection, keys: Sequence[str], refused: Mapping[str, str]) -> None:
    if not refused:
        return
    row = schema.letters.c
    for key in keys:
        before = tx.execute(select(row.refused).where(row.key == key)).scalar() or {}
        _update(tx, [key], refused=before | dict(refused))
