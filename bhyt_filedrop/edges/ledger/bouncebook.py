"""The inbox's part of the ledger: a bounce and all that follows from it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from bhyt_filedrop.domain.letters.bounces import HandedOver, Lesson, Outcome
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.letterbook import queue_letters
from bhyt_filedrop.edges.ledger.store import reading


class LedgerBounces:
    """The ledger as the inbox uses it; its `BounceBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handed_over(self, message_ids: Sequence[str]) -> HandedOver | None:
        """Return the mail with the first of some Message-IDs that the ledger knows."""
        with reading(self._engine) as connection:
            found = (_handed_over(connection, one) for one in message_ids)
            return next((one for one in found if one), None)

    def learn(
        self, handed: HandedOver, lesson: Lesson, at: datetime, why: str, letters: Iterable[Letter]
    ) -> None:
        """Write down what a bounce told, all in one transaction: what became of the addresses;
        where nobody got the letters that these are set aside, and why; the letters that say so."""
        mailed = schema.mailed.c
        with self._engine.begin() as tx:
            for address, change in lesson.changes.items():
                its = (mailed.message_id == handed.message_id, mailed.address == address)
                told = {"outcome": str(change.outcome), "outcome_at": at, "reason": change.reason}
                tx.execute(update(schema.mailed).where(*its).values(told))
            if lesson.nobody:
                row = schema.letters.c
                gone = update(schema.letters).where(row.key.in_(handed.keys), row.state == "sent")
                tx.execute(gone.values(state="set-aside", error=why))
            queue_letters(tx, letters, at)

    def put_letter(self, letter: Letter, at: datetime) -> bool:
        """Store a letter as due now; False where its key is known already."""
        with self._engine.begin() as tx:
            return bool(queue_letters(tx, [letter], at))


def _handed_over(connection: Connection, message_id: str) -> HandedOver | None:
    mailed, letters = schema.mailed.c, schema.letters.c
    query = select(mailed.address, mailed.unit, mailed.outcome).where(
        mailed.message_id == message_id
    )
    copies = connection.execute(query).all()
    if not copies:
        return None
    sent = (letters.message_id == message_id, letters.state == "sent")
    keys = select(letters.key).where(*sent).order_by(letters.key)
    return HandedOver(
        message_id,
        copies[0].unit,
        tuple(connection.execute(keys).scalars()),
        {one.address: Outcome(one.outcome) if one.outcome else None for one in copies},
    )
