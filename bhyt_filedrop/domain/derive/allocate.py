"""Charge the costs of H1 to the hospitals of first registration (H9).

Each visit belongs to a child of the carded lists (H2a, H7) or it stays in the rest, with the reason
why. Nothing is rounded, split or guessed: allocated and rest together are H1's totals to the đồng.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from bhyt_filedrop.domain.cells.card_spellings import CardIndex, are_two_cards, numbers_of
from bhyt_filedrop.domain.derive.visits import Children, Match, costs_of, treated_key
from bhyt_filedrop.domain.forms.child import COSTS
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.keys import exact_key, full_birth
from bhyt_filedrop.domain.process.units import Units

if TYPE_CHECKING:
    import pandas as pd

Why = Literal["", "nobody", "unsure", "several", "uncarded", "no-hospital"]

WHY: Mapping[Why, str] = {
    "nobody": "Không có trẻ nào cùng tên, năm sinh trong danh sách đã có thẻ",
    "unsure": "Có trẻ cùng tên, năm sinh nhưng khác địa bàn hoặc thiếu thông tin",
    "several": "Nhiều trẻ cùng tên, năm sinh, đăng ký ở bệnh viện khác nhau",
    "uncarded": "Trẻ chưa được cấp thẻ",
    "no-hospital": "Trẻ có thẻ nhưng thiếu mã bệnh viện",
}
"""Why a visit is charged to nobody, in words for nvgd1."""


@dataclass(frozen=True, slots=True)
class Charged:
    """One visit and what became of it: `hospital` is a code, "" where `why` says why not."""

    visit: ListedChild
    child: ListedChild | None = None
    hospital: str = ""
    why: Why = ""

    @property
    def district(self) -> str:
        """The district of the child's home: as its list says, else as the visit does."""
        return (self.child.district if self.child else "") or self.visit.district


@dataclass(frozen=True, slots=True)
class PivotLine:
    """One line of a pivot. `amounts` in đồng, by the fields of `child.COSTS`; `rest` is the part
    of them that no hospital is charged with."""

    id: str
    name: str
    visits: int
    children: int
    amounts: Mapping[str, int]
    rest: Mapping[str, int]
    rest_visits: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """All visits of a round, charged; the pivots are made from them."""

    charged: tuple[Charged, ...]
    by_hospital: tuple[PivotLine, ...]
    by_district: tuple[PivotLine, ...]

    @property
    def allocated(self) -> tuple[Charged, ...]:
        """The visits that a hospital is charged with."""
        return tuple(one for one in self.charged if one.hospital)

    @property
    def rest(self) -> tuple[Charged, ...]:
        """The visits that nobody is charged with."""
        return tuple(one for one in self.charged if not one.hospital)

    def totals(self, of: Iterable[Charged] | None = None) -> Mapping[str, int]:
        """Sum each amount, in đồng, over all visits or some of them."""
        return costs_of(one.visit for one in (self.charged if of is None else of))


def allocate(
    costs: Sequence[ListedChild],
    carded: Sequence[ListedChild],
    units: Units,
    *,
    uncarded: Sequence[ListedChild] = (),
) -> Allocation:
    """Charge every visit of H1 to the hospital where its child is registered.

    `carded` are the rows of H2a and H7. `uncarded`, where given, are the children known to have no
    card: a visit that fits one of them as well is not charged to a namesake.
    """
    once, by_card = _once(carded)
    known = Children([*once, *(replace(child, facility="", card="") for child in uncarded)])
    twins = _Twins()
    charged = tuple(_charge(visit, known, by_card, twins) for visit in costs)
    names = {child.facility: child.facility_name for child in carded if child.facility_name}
    districts = {unit.id: unit.name for unit in units}
    frame = _frame(charged)
    by_district = {line.id: line for line in _pivot(frame, "district", districts)}
    return Allocation(
        charged,
        _pivot(frame[frame["hospital"] != ""], "hospital", names),
        tuple(by_district[id_] for id_ in units.in_order(by_district)),
    )


def _once(carded: Sequence[ListedChild]) -> tuple[list[ListedChild], CardIndex[int]]:
    """A child that H2a and H7 both list is one child, the first row with a hospital: by its number,
    else by name, full birth and parent where one list has the personal number and the other the
    card's. Return them, and their places by each of their numbers."""
    places = CardIndex[int]()
    persons: dict[str, int] = {}
    found: list[ListedChild] = []
    for child in carded:
        numbers = numbers_of(child.card, child.id_number, child.birth)
        key = exact_key(child) if full_birth(child.birth) and child.parent else ""
        known = [place for number in numbers for place in places.find(number)]
        if not known and key in persons:
            known = [n for n in (persons[key],) if not are_two_cards(child.card, found[n].card)]
        if not known:
            found.append(child)
        elif child.facility and not found[known[0]].facility:
            found[known[0]] = child
        place = known[0] if known else len(found) - 1
        places.add_all(numbers, place)
        if key:
            persons.setdefault(key, place)
    return found, places


class _Twins:
    """Gives children whom no visit tells apart to those who were treated, each to one of them:
    what twins of one hospital cost is not all the first one's."""

    def __init__(self) -> None:
        self._chosen: dict[str, int] = {}

    def choose(self, visit: ListedChild, likely: Sequence[int]) -> int:
        """Return the number of the child that a visit is taken for, always the same one for all
        visits of one child."""
        key = treated_key(visit)
        if self._chosen.get(key) not in likely:
            given = set(self._chosen.values())
            self._chosen[key] = next((n for n in likely if n not in given), likely[0])
        return self._chosen[key]


def _charge(visit: ListedChild, known: Children, by_card: CardIndex[int], twins: _Twins) -> Charged:
    for place in by_card.find(visit.card)[:1]:
        return _to(visit, known.children[place])
    match = known.match(visit)
    if match.child is not None:
        return _to(visit, known.children[match.child])
    if match.doubt == "several" and _are_of_one_hospital(match, known):
        return _to(visit, known.children[twins.choose(visit, match.likely)])
    return Charged(visit, why=match.doubt)


def _to(visit: ListedChild, child: ListedChild) -> Charged:
    if child.facility:
        return Charged(visit, child, child.facility)
    has_card = child.card or child.category in ("carded-before", "carded-now")
    return Charged(visit, child, why="no-hospital" if has_card else "uncarded")


def _are_of_one_hospital(match: Match, known: Children) -> bool:
    """Children whom nothing tells apart, all of one hospital: it is charged either way."""
    hospitals = {known.children[n].facility for n in match.likely}
    return len(hospitals) == 1 and hospitals != {""}


# --- pivots ----------------------------------------------------------------------------------


def _frame(charged: Sequence[Charged]) -> pd.DataFrame:
    import pandas as pd

    columns = ["hospital", "district", "who", "rest_visits"]
    columns += [*COSTS, *(f"rest_{name}" for name in COSTS)]
    return pd.DataFrame([_record(one) for one in charged], columns=columns)


def _record(one: Charged) -> dict[str, object]:
    amounts = {name: one.visit.costs.get(name, 0) for name in COSTS}
    rest = {f"rest_{name}": 0 if one.hospital else amount for name, amount in amounts.items()}
    return {
        "hospital": one.hospital,
        "district": one.district,
        "who": treated_key(one.visit),
        "rest_visits": int(not one.hospital),
        **amounts,
        **rest,
    }


def _pivot(frame: pd.DataFrame, by: str, names: Mapping[str, str]) -> tuple[PivotLine, ...]:
    groups = frame.groupby(by, sort=True)
    sums = groups[["rest_visits", *COSTS, *(f"rest_{name}" for name in COSTS)]].sum()
    sums["visits"] = groups.size()
    sums["children"] = groups["who"].nunique()
    return tuple(
        PivotLine(
            str(id_),
            names.get(str(id_), str(id_)),
            int(row["visits"]),
            int(row["children"]),
            {name: int(row[name]) for name in COSTS},
            {name: int(row[f"rest_{name}"]) for name in COSTS},
            int(row["rest_visits"]),
        )
        for id_, row in sums.iterrows()
    )
