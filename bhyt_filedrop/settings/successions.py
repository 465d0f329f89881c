"""Which units follow which, in `units.csv`: what cannot be, each told in one line that names both.

A unit that is closed and passes its work on to nobody may stand there: then a person is asked.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date, timedelta

from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings.problems import Problem

_DAY = timedelta(days=1)


def wrong(
    units: Units, file: str, lines: Mapping[str, int], undated: Container[str] = ()
) -> Iterator[Problem]:
    """Yield what is wrong between units and their successors, and the times of their parents; not
    of those (ids) of whose days something is told already."""
    for unit in (unit for unit in units if unit.id not in undated):
        for id_ in unit.successors:
            message = _wrong_successor(unit, id_, units)
            if message and id_ not in undated:
                yield Problem(file, f"dòng {lines[unit.id]}, cột successors", id_, message)
        above = units.by_id.get(unit.parent)
        message = _wrong_time(unit, above) if above else ""
        if message and unit.parent not in undated:
            yield Problem(file, f"dòng {lines[unit.id]}, cột parent", unit.parent, message)


def _wrong_successor(unit: Unit, id_: str, units: Units) -> str:
    name = _named(unit)
    successor = units.by_id.get(id_)
    if successor is None:
        return f"{name} được kế thừa bởi {id_}, nhưng không có đơn vị nào mang mã này"
    follows = f"{name} được kế thừa bởi {_named(successor)}"
    if unit.valid_to is None:
        return f"{follows} nhưng chưa ghi ngày cuối (cột valid_to)"
    if _goes_round(unit, successor, units):
        return f"{follows}, và ngược lại: hai bên kế thừa lẫn nhau"
    if successor.kind != unit.kind:
        return f"{follows}, nhưng hai bên khác loại ({unit.kind}, {successor.kind})"
    return _not_there(follows, successor, unit.valid_to + _DAY)


def _not_there(follows: str, successor: Unit, day: date) -> str:
    """A gap of days leaves what is owed to nobody."""
    if successor.exists_on(day):
        return ""
    begins = successor.valid_from
    since = f"chưa có (từ {begins:%d/%m/%Y})" if begins and begins > day else "không còn"
    return f"{follows}, nhưng ngày {day:%d/%m/%Y} đơn vị này {since}"


def _goes_round(unit: Unit, successor: Unit, units: Units) -> bool:
    """True where a unit follows itself, however far round."""
    ahead, seen = [successor.id], set[str]()
    while ahead:
        id_ = ahead.pop()
        if id_ == unit.id:
            return True
        if id_ in units and id_ not in seen:
            seen.add(id_)
            ahead += units[id_].successors
    return False


def _wrong_time(unit: Unit, above: Unit) -> str:
    """A unit is there no longer than the one above it."""
    first, last = unit.valid_from or date.min, unit.valid_to or date.max
    if (above.valid_from or date.min) > first:
        days = f"{_named(above)} chỉ có từ {above.valid_from:%d/%m/%Y}"
    elif (above.valid_to or date.max) < last:
        days = f"{_named(above)} chỉ có đến {above.valid_to:%d/%m/%Y}"
    else:
        return ""
    return f"cấp trên {days}, nhưng {_named(unit)} còn có ngoài thời gian ấy"


def _named(unit: Unit) -> str:
    return f"{unit.name} ({unit.id})"
