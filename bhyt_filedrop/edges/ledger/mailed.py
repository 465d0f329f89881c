"""For which addresses each mail was taken by a server, and what came back of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from bhyt_filedrop.domain.letters.bounces import Outcome
from bhyt_filedrop.domain.letters.mailing import RefusedAddress, Taken
from bhyt_filedrop.edges.ledger import schema


def note_taken(tx: Connection, keys: Sequence[str], taken: Taken) -> None:
    """Note in a transaction of the caller's for which addresses a mail was taken; a repeat after a
    crash changes nothing."""
    letters, mailed = schema.letters.c, schema.mailed.c
    changed = update(schema.letters).where(letters.key.in_(keys))
    tx.execute(changed.values(message_id=taken.message_id))
    unit = tx.execute(select(letters.unit).where(letters.key == keys[0])).scalar_one()
    query = select(mailed.address).where(mailed.message_id == taken.message_id)
    known = set(tx.execute(query).scalars())
    row = {"message_id": taken.message_id, "unit": unit, "at": taken.at}
    new = [row | {"address": address} for address in taken.addresses if address not in known]
    if new:
        tx.execute(insert(schema.mailed), new)


def came_back(
    connection: Connection, outcomes: Iterable[Outcome], since: datetime
) -> list[RefusedAddress]:
    """Return what bounces told since a moment, one entry a mail and address."""
    mailed, letters = schema.mailed.c, schema.letters.c
    told = (mailed.address, mailed.unit, mailed.reason, mailed.outcome_at, mailed.outcome)
    of_mail = schema.letters.join(schema.mailed, letters.message_id == mailed.message_id)
    query = (
        select(*told, func.count(letters.key))
        .select_from(of_mail)
        .where(mailed.outcome.in_([str(one) for one in outcomes]), mailed.outcome_at >= since)
        .group_by(mailed.message_id, *told)
    )
    return [
        RefusedAddress(address, unit, reason, int(count), at, Outcome(outcome))
        for address, unit, reason, at, outcome, count in connection.execute(query)
    ]
