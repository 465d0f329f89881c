"""What became of the children of the cost list (H1): at form 1 and form 2 (H2), and at the
allocation of what they cost (H9).

A cost list has a row for every visit, so its children are gathered first; a fate's first visit
stands for the child, the others go `also` along.
"""

from __future__ import annotations

from collections.abc import Sequence

from bhyt_filedrop.domain.conservation.balance import Fate, Stand
from bhyt_filedrop.domain.derive.sorting import sort_out
from bhyt_filedrop.domain.derive.visits import costs_of, treated_key
from bhyt_filedrop.domain.lists.keys import gather_by

Fates = tuple[tuple[Fate, ...], tuple[Stand, ...]]
"""What became of each child, and the rows that are nobody's."""


def sorted_fates(office: str, visits: Sequence[Stand], rows: Sequence[Stand]) -> Fates:
    """Return which children of the cost list are carded or not, as forms 1 and 2 say.

    A child on both forms was found twice; one that may be a row which nobody was found for is
    missing, with that row as `likely`.
    """
    found = sort_out([stand.child for stand in visits], [stand.child for stand in rows])
    fates = tuple(
        Fate(
            office,
            visits[one.visits[0]],
            tuple(rows[n] for n in one.rows),
            also=tuple(visits[n] for n in one.visits[1:]),
            likely=tuple(rows[n] for n in one.likely),
        )
        for one in found
    )
    taken = {n for one in found for n in one.rows}
    return fates, tuple(row for n, row in enumerate(rows) if n not in taken)


def charged_fates(office: str, visits: Sequence[Stand], rows: Sequence[Stand]) -> Fates:
    """Return to whose account the costs of each child went; `rows` are the visits as charged.

    A child is found when each of its visits was charged, or left over, for what it cost: with a
    visit or a đồng less it is missing, with a visit more it is found twice.
    """
    charged = gather_by(rows, _child)
    groups = gather_by(visits, _child)
    fates = tuple(_fate_of(office, group, charged.get(key, [])) for key, group in groups.items())
    return fates, tuple(row for key, few in charged.items() if key not in groups for row in few)


def _child(stand: Stand) -> str:
    return treated_key(stand.child)


def _fate_of(office: str, visits: Sequence[Stand], rows: Sequence[Stand]) -> Fate:
    """The rows that are charged to a hospital speak for the child before those that are left."""
    told = sorted(rows, key=lambda row: row.category == "uncarded")
    if len(rows) <= len(visits) and _costs(rows) != _costs(visits):
        told = []
    found = told[:1] + told[len(visits) :]
    return Fate(
        office,
        visits[0],
        tuple(found),
        restated=tuple(told[1 : len(visits)]),
        also=tuple(visits[1:]),
    )


def _costs(rows: Sequence[Stand]) -> object:
    return len(rows), costs_of(row.child for row in rows)
