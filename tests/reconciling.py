"""Children as lists tell of them, for tests of what went out and what came back. All made up."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import Came, Reconciled

_rows = count(10)


def a_child(
    name: str = "Nguyễn Minh Khang",
    birth: str = "2014-03-05",
    parent: str = "Trần Thị Lan",
    **more: object,
) -> ListedChild:
    """A child of a list; each has a row of its own."""
    row = next(_rows)
    where = {"birth": f"D{row}", "parent": f"I{row}", "card": f"C{row}"}
    values = {"sheet": "Danh sách", "row": row, "cell": f"B{row}", "cells": where, **more}
    return ListedChild(name=name, birth=birth, parent=parent, **values)  # type: ignore[arg-type]


def back(
    child: ListedChild,
    category: Category = "uncarded",
    source: str = "",
    label: str = "",
    **changes: object,
) -> Came:
    """The child's row as it came back, on a row of its own and with what was changed in it."""
    row = next(_rows)
    where = {"birth": f"D{row}", "parent": f"I{row}", "card": f"C{row}"}
    placed = {"row": row, "cell": f"B{row}", "cells": where, "category": category}
    return Came(replace(child, **(placed | changes)), category, source, label)  # type: ignore[arg-type]


def paired(result: Reconciled) -> list[tuple[str, str]]:
    """The names of each pair, as sent and as it came."""
    return [(pair.sent.name, pair.came.child.name) for pair in result.pairs]


def is_kept(result: Reconciled, sent: list[ListedChild], came: list[Came]) -> bool:
    """True where every child sent and every row that came is in exactly one place."""
    ours = [id(pair.sent) for pair in result.pairs] + [id(child) for child in result.missing]
    rows = {id(pair.came) for pair in result.pairs}
    theirs = [*rows, *(id(one.again) for one in result.doubled), *map(id, result.unknown)]
    return sorted(ours) == sorted(map(id, sent)) and sorted(theirs) == sorted(map(id, came))
