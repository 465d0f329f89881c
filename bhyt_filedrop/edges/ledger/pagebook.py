"""What the status page asks of the ledger, and nobody else does; nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Row, Select, func, or_, select

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import IN_FORCE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.rows import child_of, drop_of, list_of
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import FoundChild, Gauges, ShownLetter

_DROP, _LIST, _LETTER, _ROLL = (
    schema.drops.c,
    schema.lists.c,
    schema.letters.c,
    schema.roll.c,
)
_OPEN = (State.CLAIMED.value, State.PLANNED.value)


class LedgerPage:
    """Lists of drops, letters and children, of some units or (None) of all."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrived(
        self,
        units: Collection[str] | None,
        state: str = "",
        text: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> list[Drop]:
        """Return what arrived, the newest first; `text` is its id or part of its path, with or
        without capitals and diacritics."""
        query = select(schema.drops).order_by(_DROP.arrived_at.desc(), _DROP.id.desc())
        query = query.where(_DROP.state == state if state else _DROP.state != State.VOID.value)
        if units is not None:
            # What the product made holds lists of many units: it is told to the city alone.
            query = query.where(_DROP.unit.in_(units), _DROP.path.not_like("@%"))
        with reading(self._engine) as connection:
            if text:
                # A database knows the small and capital letters of English alone.
                named = connection.execute(query.with_only_columns(_DROP.id, _DROP.path))
                code, wanted = text.upper(), fold(text)
                ids = (
                    id
                    for id, path in named
                    if id == code or (wanted in fold(path) if wanted else text in path)
                )
                query = query.where(_DROP.id.in_([*islice(ids, offset, offset + limit)]))
            else:
                query = query.limit(limit).offset(offset)
            return [drop_of(one) for one in connection.execute(query)]

    def letters(
        self,
        units: Collection[str] | None,
        state: str = "",
        drop: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> list[ShownLetter]:
        """Return letters, the newest first."""
        query = _letters().order_by(_LETTER.created_at.desc(), _LETTER.key)
        if state:
            query = query.where(_LETTER.state == state)
        if units is not None:
            query = query.where(_LETTER.unit.in_(units))
        if drop:
            query = query.where(_LETTER.drop_id == drop)
        with reading(self._engine) as connection:
            found = connection.execute(query.limit(limit).offset(offset))
            return [_letter(one) for one in found]

    def letter(self, key: str) -> tuple[ShownLetter, Letter] | None:
        """Return one letter with what it says."""
        query = _letters().add_columns(_LETTER.letter).where(_LETTER.key == key)
        with reading(self._engine) as connection:
            found = connection.execute(query).first()
        return (_letter(found), Letter.from_json(found.letter)) if found else None

    def lists_of(self, unit: str, rounds: Collection[str]) -> list[ListRecord]:
        """Return the lists that a unit sent or got in some rounds, in order of time."""
        query = (
            select(schema.lists)
            .where(_LIST.round.in_(rounds), or_(_LIST.sender == unit, _LIST.receiver == unit))
            .order_by(_LIST.at, _LIST.drop_id, _LIST.seq)
        )
        with reading(self._engine) as connection:
            return [list_of(one) for one in connection.execute(query)]

    def lists_in(self, drop: str) -> list[ListRecord]:
        """Return the lists of one drop."""
        query = select(schema.lists).where(_LIST.drop_id == drop).order_by(_LIST.seq)
        with reading(self._engine) as connection:
            return [list_of(one) for one in connection.execute(query)]

    def children(
        self,
        round_: Round | None,
        units: Collection[str] | None,
        code: str,
        name: str,
        limit: int = 100,
    ) -> list[FoundChild]:
        """Return children of standing lists by Mã đối chiếu, or by part of a name."""
        query = (
            select(schema.lists, _ROLL.child)
            .join(schema.roll, (_ROLL.drop_id == _LIST.drop_id) & (_ROLL.seq == _LIST.seq))
            .where(_LIST.state.in_(IN_FORCE))
            .order_by(_LIST.round.desc(), _LIST.at.desc(), _ROLL.n)
        )
        if round_:
            query = query.where(_LIST.round == str(round_))
        if units is not None:
            query = query.where(or_(_LIST.sender.in_(units), _LIST.receiver.in_(units)))
        if code:
            query = query.where(_ROLL.code == code).limit(limit)
        wanted, found = fold(name), list[FoundChild]()
        if wanted:
            like = _ROLL.folded.contains(wanted, autoescape=True)
            query = query.where(or_(like, _ROLL.folded == ""))
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                child = child_of(row.child)
                if code or wanted in fold(child.name):
                    found.append(FoundChild(child, list_of(row)))
                if len(found) >= limit:
                    break
        return found

    def gauges(self) -> Gauges:
        """Return what a monitor wants to know."""
        oldest = select(func.min(_DROP.arrived_at)).where(_DROP.state.in_(_OPEN))
        code = schema.findings.c.code
        with reading(self._engine) as connection:
            return Gauges(
                drops=_pairs(connection, select(_DROP.state, func.count()).group_by(_DROP.state)),
                letters=_pairs(
                    connection, select(_LETTER.state, func.count()).group_by(_LETTER.state)
                ),
                oldest_open=connection.execute(oldest).scalar(),
                looks=_pairs(connection, select(schema.looks.c.tree, schema.looks.c.at)),
                findings=_pairs(connection, select(code, func.count()).group_by(code)),
            )


def _pairs(connection: Any, query: Select[Any]) -> dict[str, Any]:
    return {key: value for key, value in connection.execute(query)}  # noqa: C416


def _letters() -> Select[Any]:
    return select(
        _LETTER.key,
        _LETTER.kind,
        _LETTER.unit,
        _LETTER.drop_id,
        _LETTER.state,
        _LETTER.attempts,
        _LETTER.next_at,
        _LETTER.created_at,
        _LETTER.sent_at,
        _LETTER.error,
    )


def _letter(row: Row[Any]) -> ShownLetter:
    return ShownLetter(
        row.key,
        row.kind,
        row.unit,
        row.drop_id or "",
        row.state,
        row.attempts,
        row.next_at,
        row.created_at,
        row.sent_at,
        row.error,
    )
