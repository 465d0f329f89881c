"""Approved drafts in the ledger: drops that were never in a tree, because a person's word stands
for the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from bhyt_filedrop.domain.derive.approval import Approved
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.rows import drop_row
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import LostRace

KIND = "approved"


class LedgerApprovals:
    """Which draft was approved, and the drop that this made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, drops: Iterable[str]) -> Mapping[tuple[str, int], Sequence[Approved]]:
        """Return the approvals of some drops' lists by drop and seq, the oldest first."""
        row, drop = schema.events.c, schema.drops.c
        told = (
            select(row.drop_id, row.detail)
            .where(row.drop_id.in_(list(drops)), row.kind == KIND)
            .order_by(row.id)
        )
        found: dict[tuple[str, int], list[Approved]] = {}
        with reading(self._engine) as connection:
            for draft, detail in connection.execute(told).all():
                state = select(drop.state).where(drop.id == detail["by"])
                one = Approved(detail["by"], State(connection.execute(state).scalar_one()))
                found.setdefault((draft, detail["seq"]), []).append(one)
        return found

    def approve(
        self, approved: Sequence[tuple[ListRecord, Drop]], why: str, at: datetime, by: str = ""
    ) -> None:
        """Record the drops that some drafts are confirmed with, all at once; their bytes are in
        the archive, `by` is who approved.

        Raises LostRace where a draft does not stand any more, or was approved a moment ago.
        """
        try:
            with self._engine.begin() as tx:
                for draft, drop in approved:
                    _must_stand(tx, draft)
                    tx.execute(insert(schema.drops), [drop_row(drop)])
                    detail = {"seq": draft.seq, "by": drop.id, "why": why, "who": by}
                    event(tx, at, draft.drop, KIND, **detail)
                    event(tx, at, drop.id, "claimed", tree=drop.tree, size=drop.size)
                    event(tx, at, drop.id, "archived", sha256=drop.sha256, size=drop.size)
        except IntegrityError as error:
            raise LostRace(f"{approved[0][0].drop} was approved a moment ago") from error


def _must_stand(tx: Connection, draft: ListRecord) -> None:
    row = schema.lists.c
    state = select(row.state).where(row.drop_id == draft.drop, row.seq == draft.seq)
    if tx.execute(state).scalar() != ListState.ACCEPTED:
        raise LostRace(f"{draft.drop} was replaced a moment ago")
