"""What a closed office had not answered passes to who took over, and what it had answered stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.additions import MAX_NAMED
from bhyt_filedrop.domain.derive.inputs import Inputs
from bhyt_filedrop.domain.derive.passed_on import PassingOn, by_today
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.lists import Book, a_child, coming_back
from tests.offices import ROUND, a_process, handoff

LAST, TODAY = date(2015, 6, 17), date(2015, 6, 20)
UNITS = Units.of(
    [
        Unit("thu", "Phòng Thu", "city"),
        Unit("q1", "Quận 1", "district", valid_to=LAST, successors=("cs1",)),
        Unit("q2", "Quận 2", "district", valid_to=LAST, successors=("cs1", "cs2")),
        Unit("p1", "Phường Đa Kao", "ward", "q1", valid_to=LAST, successors=("n1",)),
        Unit("p2", "Phường Bến Nghé", "ward", "q1", valid_to=LAST, successors=("n1", "n2")),
        Unit("p3", "Phường An Phú", "ward", "q2", valid_to=LAST, successors=("n2", "n3")),
        Unit("cs1", "BHXH cơ sở Tân Định", "district"),
        Unit("cs2", "BHXH cơ sở Thủ Đức", "district"),
        Unit("n1", "Phường Tân Định", "ward", "cs1"),
        Unit("n2", "Phường Sài Gòn", "ward", "cs1"),
        Unit("n3", "Phường Bình Trưng", "ward", "cs2"),
    ]
).at(TODAY)
DISTRICT_LIST = replace(handoff("district-list", "thu", "child", Due(2, 22)), made_by="split")
WARD_LIST = replace(
    handoff("ward-list", "district", "child", Due(2, 25), needs="district-list"), made_by="split"
)
PROCESS = a_process(
    DISTRICT_LIST,
    WARD_LIST,
    replace(handoff("ward-return", "ward", "parent", Due(3, 15)), answers="ward-list"),
    replace(handoff("district-return", "district", "thu", Due(3, 25)), answers="district-list"),
)
ANN, BEN, CHI, DAN = (a_child(n, ward="p1", district="q1") for n in range(4))


@pytest.fixture(scope="module")
def world() -> World:
    shipped = world_of(load(config_dir()))
    return replace(
        shipped, process=PROCESS, units=UNITS, gazetteer=Gazetteer.of(UNITS),
        routes=Routes.of(PROCESS, UNITS, {"form": "Mẫu 4"}),
    )  # fmt: skip


def passing(world: World, book: Book, *, named: str = "ward-list") -> PassingOn:
    def ever(handoffs: Sequence[str]) -> tuple[ListRecord, ...]:
        return tuple(r for r in book.lists if r.key.handoff in handoffs)

    standing = tuple(r for r in book.lists if r.state != "superseded")
    inputs = Inputs(ROUND, standing, lambda drop, seq: book.rolls[drop, seq], tuple, ever)
    return PassingOn(PROCESS.handoffs[named], inputs, world)


# --- where a child lives today --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ward", "district", "address", "today"),
    [
        ("p1", "q1", "", ("n1", "cs1")),
        ("p2", "q1", "12 Lê Lợi, Phường Sài Gòn", ("n2", "cs1")),
        ("p2", "q1", "12 Lê Lợi, Phường Bình Trưng", ("", "cs1")),
        ("p2", "q1", "", ("", "cs1")),
        ("p3", "q2", "", ("", "")),
        ("n1", "cs1", "", ("n1", "cs1")),
        ("", "q1", "", ("", "cs1")),
        ("", "q2", "", ("", "")),
        ("", "cs2", "", ("", "cs2")),
    ],
    ids=[
        "one took over", "several, and the address says which", "an address of another's",
        "several and no address", "several of two districts", "there as before",
        "no ward, one took its district over", "no ward, several did",
        "no ward, its district is there",
    ],
)  # fmt: skip
def test_a_child_lives_in_the_ward_of_today_where_that_can_be_told(
    world: World, ward: str, district: str, address: str, today: tuple[str, str]
):
    found = by_today(replace(ANN, ward=ward, district=district, address=address), world)

    assert (found.ward, found.district) == today


# --- who stays and who passes -------------------------------------------------------------------


def a_round(*answered: ListedChild) -> Book:
    """Phường Đa Kao was sent three children and answered for some."""
    book = Book()
    book.gave("ward-list", "q1", "p1", (ANN, BEN, CHI))
    book.gave("ward-list", "cs1", "n1", (DAN,))
    if answered:
        book.gave("ward-return", "p1", "q1", coming_back(answered, "uncarded"))
    return book


def test_only_lists_of_units_that_are_gone_are_passed_on(world: World):
    found = passing(world, a_round())

    assert list(found.lists) == list(found.had) == ["p1"]
    assert found.holders == {child.code: "p1" for child in (ANN, BEN, CHI)}


def test_whom_the_old_unit_answered_for_stays_with_it_and_nobody_asks_again(world: World):
    found = passing(world, a_round(ANN))

    assert found.left_of("p1", {ANN.code, BEN.code}) == (ANN,)
    assert found.left_of("p1", {BEN.code}) == (), "the city's correction took it away"
    assert found.to_be_asked_for((ANN, BEN, DAN)) == (BEN, DAN)


def test_where_the_office_above_answered_for_a_child_nobody_asks_below(world: World):
    book = a_round()
    book.gave("district-list", "thu", "q1", (ANN, BEN, CHI))
    book.gave("district-return", "q1", "thu", coming_back((CHI,), "uncarded"))

    assert passing(world, book).to_be_asked_for((ANN, BEN, CHI)) == (ANN, BEN)
    above = passing(world, book, named="district-list")
    assert above.to_be_asked_for((ANN, BEN, CHI)) == (ANN, BEN)


def test_an_answer_of_a_unit_that_is_still_there_is_its_own_matter(world: World):
    book = a_round()
    book.gave("ward-return", "n1", "cs1", coming_back((DAN,), "uncarded"))

    assert passing(world, book).settled == frozenset()


# --- what the one who takes over is told ----------------------------------------------------------


def test_who_takes_over_is_told_of_whom_it_had_not_before(world: World):
    found = passing(world, a_round())
    nameless = replace(BEN, code="")

    assert found.taken_over((ANN, DAN), ()) == {"p1": (ANN,)}
    assert found.taken_over((ANN, BEN, DAN), (ANN, DAN)) == {"p1": (BEN,)}
    assert found.taken_over((nameless, DAN), ()) == {}
    assert found.note({}) == ""


def test_the_note_says_from_whom_how_many_who_and_in_which_file(world: World):
    book = a_round()
    book.lists[0] = replace(book.lists[0], basis="b", version=2)
    told = passing(world, book).note({"p1": (ANN, BEN)})

    assert "Phường Đa Kao, Quận 1: 2 trẻ (" in told
    assert ANN.name in told and BEN.name in told
    assert "; …" not in told
    assert ", tệp «" in told and f"{book.lists[0].drop}" in told
    assert "đã nộp" not in told
    assert "tệp" not in passing(world, a_round()).note({"p1": (ANN,)}).split("Những")[0]


@pytest.mark.parametrize("many", [MAX_NAMED, MAX_NAMED + 1])
def test_so_many_children_are_named_and_the_others_counted(world: World, many: int):
    children = tuple(a_child(n, ward="p1", district="q1") for n in range(many))
    told = passing(world, a_round()).note({"p1": children})

    assert f": {many} trẻ (" in told
    assert sum(child.name in told for child in children) == MAX_NAMED
    assert ("; …)" in told) is (many > MAX_NAMED)


@pytest.mark.parametrize(("state", "said"), [("held", True), ("accepted", False)])
def test_an_answer_that_waited_for_more_is_to_be_handed_in_again(
    world: World, state: str, said: bool
):
    book = a_round()
    book.gave("ward-return", "p1", "q1", coming_back((ANN,), "uncarded"), state=state)
    told = passing(world, book).note({"p1": (ANN, BEN)})

    assert (", đã nộp Mẫu 4 nhưng chưa đủ nên xin nộp lại" in told) is said
