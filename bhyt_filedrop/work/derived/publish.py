"""Make the workbook of a derived list from its recipe and what the ledger holds.

The recipe names the list and the version before it; the children come from the ledger, so that a
workbook made again after a crash says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.domain.derive.wanted import card_register
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper import round_lists as sheets
from bhyt_filedrop.domain.paper.form_3_draft import DRAFT_REMARK, draft_sheets
from bhyt_filedrop.domain.paper.kit import KitGuide, kit_sheets
from bhyt_filedrop.domain.paper.layout import SheetLayout
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import Clock

Children = tuple[ListedChild, ...]
Layouts = Sequence[SheetLayout]
Recipe = Mapping[str, Any]


@dataclass(frozen=True)
class Publisher:
    """Writes derived workbooks. `children` fetches a list's rows, `write` puts sheets in a file."""

    declared: World
    children: Callable[[str, int], Children]
    write: Callable[[Layouts, Path], None]
    clock: Clock
    register: Callable[[], Sequence[RegisterRow]] = tuple

    @property
    def world(self) -> World:
        """What holds now."""
        return self.declared.at(self.clock())

    def __call__(self, recipe: Recipe, to: Path) -> None:
        """Write the workbook of one recipe. Raises KeyError for a recipe that nobody knows."""
        self.write(self.layouts(recipe), to)

    def layouts(self, recipe: Recipe) -> Layouts:
        """Return the sheets of one recipe."""
        return PRINTERS[recipe["made_by"]](self, recipe, Round.parse(recipe["round"]))

    def rows(self, recipe: Recipe, which: str = "list") -> Children:
        """Return the children of a list that a recipe names; () where it names none."""
        where = recipe.get(which)
        return self.children(where[0], where[1]) if where else ()

    def several(self, lists: Sequence[Sequence[Any]]) -> Children:
        """Return the children of several lists."""
        return tuple(child for drop, seq in lists for child in self.children(drop, seq))

    def expected(self, recipe: Recipe) -> list[str]:
        """Return the units that a city-wide list waits for, in the order of the file."""
        named = {*recipe["reported"], *recipe["missing"]}
        return self.world.units.in_order(named & self.world.units.by_id.keys())

    def office(self, made_by: str) -> Letterhead:
        """Return in whose name a list goes: that of the hand-off's sender."""
        handoffs = self.world.process.handoffs.values()
        sender = next(one.sender for one in handoffs if one.made_by == made_by)
        return Letterhead.of(self.world.units[sender], self.world.units)


def _kit(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
    units = to.world.units
    unit, before = units[recipe["unit"]], to.rows(recipe, "before")
    guide = _guide(to.world, unit, round_)
    return kit_sheets(to.rows(recipe), unit, round_, units, guide=guide, before=before)


def _guide(world: World, unit: Unit, round_: Round) -> KitGuide:
    """What a unit is told on its kit: of the hand-off in which it answers what it was sent."""
    every = world.process.handoffs.values()
    answer = next((h for h in every if h.answers and h.sender in (unit.id, unit.kind)), None)
    if answer is None:
        return KitGuide()
    due = world.deadline_of(answer, round_, unit)
    asks = any(world.forms_by_id[form].asks_for_cards for form in answer.forms)
    return KitGuide(due.text if due else "", world.routes.folder_for(unit, answer), asks)


def _unplaced(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
    units = to.world.units
    office = Letterhead.of(units[recipe["unit"]], units)
    before = to.rows(recipe, "before")
    rows = [_with_choice(child, to.world) for child in to.rows(recipe)]
    return sheets.unplaced_sheets(rows, round_, units, office, to.world.gazetteer, before=before)


def _with_choice(child: ListedChild, world: World) -> ListedChild:
    """Name beside an old ward that was divided the wards of today that it may be."""
    choice = world.gazetteer.place(child.address).choice(world.units)
    return replace(child, note=choice or child.note)


def _city(make: Callable[..., Layouts]) -> Callable[[Publisher, Recipe, Round], Layouts]:
    def make_city_list(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
        return make(
            to.rows(recipe),
            round_,
            to.world.units,
            to.office(recipe["made_by"]),
            expected=to.expected(recipe),
            missing=recipe["missing"],
            left=tuple(recipe.get("left", (0, 0))),
            before=to.rows(recipe, "before"),
        )

    return make_city_list


def _draft(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
    units, remark = to.world.units, _remark(DRAFT_REMARK, recipe)
    return draft_sheets(to.rows(recipe), units[recipe["unit"]], round_, units, remark)


def _remark(text: str, recipe: Recipe) -> str:
    """What a draft says of itself, and how it is approved; nothing once it is."""
    if recipe.get("approved"):
        return ""
    return f"{text} Hoặc báo người quản trị duyệt bản nháp {recipe['list'][0]}."


def _card_request(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
    from bhyt_filedrop.domain.paper.card_request import card_request_sheets

    units, routes = to.world.units, to.world.routes
    unit = units[recipe["unit"]]
    folder = routes.drop_folder(unit)
    edition = to.world.forms_by_id[recipe["form"]]
    return card_request_sheets(to.rows(recipe), edition, unit, round_, units, folder=folder)


def _allocation(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
    from bhyt_filedrop.domain.derive.allocate import allocate
    from bhyt_filedrop.domain.paper.allocation import allocation_sheets

    units = to.world.units
    found = allocate(
        to.rows(recipe), to.several(recipe["carded"]), units,
        uncarded=to.several(recipe["uncarded"]),
    )  # fmt: skip
    return allocation_sheets(found, round_, units, to.office("allocation"))


def _card_drafts(to: Publisher, recipe: Recipe, round_: Round) -> Layouts:
    from bhyt_filedrop.domain.derive.drafts import drafts
    from bhyt_filedrop.domain.paper import drafts as drafts_sheets

    office = to.office("card-drafts")
    forms = {"form-1": drafts_sheets.form_1_sheets, "form-2": drafts_sheets.form_2_sheets}
    if make := forms.get(recipe["kind"]):
        remark = _remark(drafts_sheets.DRAFT_REMARK, recipe)
        return make(to.rows(recipe), round_, office, remark)
    register = card_register(to.register(), to.several(recipe["exports"]))
    found = drafts(to.several(recipe["costs"]), register, to.world.gazetteer)
    return drafts_sheets.doubt_sheets(found, round_, office)


PRINTERS: Mapping[str, Callable[[Publisher, Recipe, Round], Layouts]] = {
    "split": _kit,
    "unplaced": _unplaced,
    "carded-final": _city(sheets.carded_final_sheets),
    "unverified": _city(sheets.unverified_sheets),
    "draft": _draft,
    "card-requests": _card_request,
    "allocation": _allocation,
    "card-drafts": _card_drafts,
}
"""Word of a recipe (`sheets` in `process/made.py`) → what lays its workbook out."""
