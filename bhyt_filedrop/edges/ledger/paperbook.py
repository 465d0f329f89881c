"""Where the paper copies are: one row for each that came, and an event for all that is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from bhyt_filedrop.domain.owed.papers import PaperTick
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.store import reading


class LedgerPapers:
    """Ticks are made and taken back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_round(self, round_: Round) -> tuple[PaperTick, ...]:
        """Return the ticks of a round."""
        row = schema.paper_steps.c
        query = select(schema.paper_steps).where(row.round == str(round_))
        with reading(self._engine) as connection:
            return tuple(
                PaperTick(round_, one.step, one.unit, one.note, one.by, one.at)
                for one in connection.execute(query)
            )

    def tick(self, tick: PaperTick) -> bool:
        """Note that copies came; False where that is noted already."""
        values = _place(tick) | {"note": tick.note, "by": tick.by, "at": tick.at}
        try:
            with self._engine.begin() as tx:
                tx.execute(insert(schema.paper_steps).values(values))
                event(tx, tick.at, None, "papers-came", who=tick.by, note=tick.note, **_place(tick))
        except IntegrityError:
            return False
        return True

    def untick(self, tick: PaperTick, why: str) -> bool:
        """Take a note back, for a reason; False where there is none."""
        place = [schema.paper_steps.c[name] == value for name, value in _place(tick).items()]
        with self._engine.begin() as tx:
            if tx.execute(delete(schema.paper_steps).where(*place)).rowcount != 1:
                return False
            event(tx, tick.at, None, "papers-not-there", who=tick.by, why=why, **_place(tick))
        return True


def _place(tick: PaperTick) -> dict[str, Any]:
    return {"round": str(tick.round), "unit": tick.unit, "step": tick.handoff}
