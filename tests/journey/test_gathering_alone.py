"""What the ledger has beside a drop, and when a drop that takes long lets others pass, alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts, Judged
from bhyt_filedrop.domain.drops.judgement import Known
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.work.arrival.gather import Gathering
from bhyt_filedrop.work.arrival.pace import TURN, TakesLong
from tests.journey.keeping_up import a_city
from tests.lists import Book, a_child
from tests.offices import ROUND, moment

NOW = moment(6, 12, 9)
WARD, GONE, DISTRICT = "26734", "26740", "760"
FOLDER = a_city().routes.drop_folder(a_city().units[WARD])
DROP = Drop("D9", "main", f"{FOLDER}/a.xlsx", WARD, 1, 1.0, ".work/D9", NOW, sha256="5" * 64)


@dataclass
class Lists(Book):
    """The ledger's lists as a drop is held against them."""

    cards: list[tuple[ListRecord, ListedChild]] = field(default_factory=list)
    asked_for_cards: list[str] = field(default_factory=list)

    def standing(self, keys: Collection[ListKey], drop: str) -> tuple[ListRecord, ...]:
        wanted = {(key.handoff, key.sender) for key in keys}
        return tuple(
            one
            for one in self.lists
            if (one.key.handoff, one.key.sender) in wanted and one.drop != drop
        )

    def of_round(
        self, round_: str, handoffs: Collection[str], states: Collection[ListState],
        receiver: str | None = None,
    ) -> tuple[ListRecord, ...]:  # fmt: skip
        return tuple(
            one
            for one in self.lists
            if str(one.key.round) == round_ and one.key.handoff in handoffs
            and one.state in states and receiver in (None, one.key.receiver)
        )  # fmt: skip

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        return self.rolls[drop, seq]

    def known_cards(self, children: Iterable[ListedChild], _drop: str) -> Any:
        self.asked_for_cards += [child.code for child in children]
        return self.cards

    def repeated(self, sha256: str, unit: str, _keys: object, drop: str) -> str:
        return f"{sha256[:1]} {unit} {drop}"

    def active_files(self, drops: Iterable[str]) -> frozenset[tuple[str, str]]:
        return frozenset((drop, "a.xlsm") for drop in drops)


def a_list(
    handoff: str, sender: str, receiver: str, children: Sequence[ListedChild] = ()
) -> Judged:
    world = a_city()
    return Judged(
        "a.xlsx", "5" * 64, "form-4", "Mẫu 4", len(children), world.process.handoffs[handoff],
        world.units[sender], world.units[receiver], ROUND, 0, children=tuple(children),
    )  # fmt: skip


def known(lists: Lists, *judged: Judged, world: World | None = None, drop: Drop = DROP) -> Known:
    nobody: Any = None
    gathering = Gathering(nobody, lists, world or a_city(), lambda: NOW)  # type: ignore[arg-type]
    return gathering._ask_ledger(drop, Facts(drop, a_city().units[WARD], (), judged, ()))


CHILDREN = [a_child(n, WARD) for n in range(3)]


def test_a_return_is_held_against_what_its_sender_was_sent_and_gave_before():
    lists = Lists()
    lists.gave("ward-list", DISTRICT, WARD, CHILDREN)
    lists.gave("ward-list", DISTRICT, GONE, [a_child(9, GONE)])
    before = lists.gave("ward-return", WARD, DISTRICT, CHILDREN[:1])
    lists.gave("ward-return", GONE, DISTRICT, [a_child(9, GONE)])

    found = known(lists, a_list("ward-return", WARD, DISTRICT, CHILDREN))
    assert found.answered is not None
    ((key, answered),) = found.answered.items()
    assert (key.handoff, key.sender, key.part) == ("ward-return", WARD, 0)
    assert answered.sent == tuple(CHILDREN)
    assert answered.earlier == ((before, tuple(CHILDREN[:1])),)
    assert answered.kits == {}
    assert found.standing == (before,)
    assert found.repeated == f"5 {WARD} D9"
    assert found.active == {(before.drop, "a.xlsm")}


def test_what_answers_nothing_is_held_against_nothing():
    lists = Lists()
    lists.gave("ward-list", DISTRICT, WARD, CHILDREN)

    assert known(lists, a_list("ward-list", DISTRICT, WARD, CHILDREN)).answered == {}


def test_the_rows_of_the_cost_lists_are_counted_for_whoever_was_given_them_and_no_one_else():
    lists = Lists()
    lists.gave("cost-list", "nvgd1", "cntt", CHILDREN)
    lists.gave("cost-list", "nvgd1", "cntt", CHILDREN[:2])
    of_cntt = a_list("uncarded", "cntt", "thu")
    export = a_list("card-register", "cntt", "cntt")
    of_ward = a_list("ward-return", WARD, DISTRICT)

    visits = known(lists, of_cntt, export, of_ward).visits
    assert visits == {of_cntt.key: 5, export.key: 0, of_ward.key: 0}
    costs = a_list("cost-list", "nvgd1", "cntt")
    assert known(lists, costs).visits == {costs.key: 0}


def test_cards_that_others_told_of_are_asked_for_with_the_mothers_that_were_sent():
    lists = Lists()
    lists.gave("ward-list", DISTRICT, WARD, [replace(CHILDREN[0], code="SENT")])
    own = lists.gave("ward-return", WARD, DISTRICT, CHILDREN)
    other = lists.gave("ward-return", GONE, DISTRICT, CHILDREN)
    lists.cards = [(own, CHILDREN[0]), (other, CHILDREN[1])]
    silent = a_list("uncarded", "cntt", "thu", CHILDREN[2:])
    answer = a_list("ward-return", WARD, DISTRICT, CHILDREN[:2])

    assert known(lists, silent, answer).elsewhere == ((other, CHILDREN[1]),)
    assert lists.asked_for_cards == [CHILDREN[0].code, CHILDREN[1].code, "SENT"]
    lists.asked_for_cards.clear()
    assert known(lists, silent).elsewhere == ()
    assert lists.asked_for_cards == []


def test_who_took_over_from_a_ward_may_give_back_its_kit_as_it_is():
    world = a_city()
    by_id = dict(world.units.by_id)
    by_id[GONE] = replace(by_id[GONE], valid_to=date(2015, 5, 31), successors=(WARD,))
    world = replace(world, units=replace(world.units, by_id=by_id))
    lists = Lists()
    lists.gave("ward-list", DISTRICT, GONE, [a_child(9, GONE)], state="superseded")
    lists.gave("ward-list", DISTRICT, WARD, CHILDREN)
    lists.gave("ward-list", DISTRICT, "26767", [a_child(5, "26767")])

    found = known(lists, a_list("ward-return", WARD, DISTRICT), world=world)
    assert found.answered is not None
    (answered,) = found.answered.values()
    assert answered.kits == {GONE: frozenset({a_child(9, GONE).code})}
    lists.gave("ward-list", DISTRICT, GONE, [])
    (after,) = (
        known(lists, a_list("ward-return", WARD, DISTRICT), world=world).answered or {}
    ).values()
    assert after.kits == answered.kits, "a list of nobody is no kit"


# --- whose it is, and how long it is read --------------------------------------------------------


@dataclass
class Reading:
    """What judges a drop, here or beside the others."""

    error: Exception | None = None
    under_way: bool = False
    found: object = None
    begins_beside: bool = True
    turns: list[float] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)

    def gathering(self, **more: Any) -> Gathering:
        ahead = SimpleNamespace(
            is_under_way=lambda _drop: self.under_way,
            facts=lambda _drop: self.found,
            begin_beside=self._begin_beside,
        )
        return Gathering(self, Lists(), a_city(), lambda: NOW, ahead=ahead, **more)  # type: ignore[arg-type]

    def _begin_beside(self, drop: Drop, place: Any, _at: object) -> bool:
        self.beside.append(f"{drop.id} of {place.unit.id}")
        return self.begins_beside

    def judge(self, _drop: Drop, place: Any, _world: World, turn: float) -> object:
        self.turns.append(turn)
        if self.error:
            raise self.error
        return f"judged for {place.unit.id}"


def test_a_drop_that_takes_long_lets_others_pass_once_and_is_then_read_beside_them():
    reading = Reading(TakesLong("x"))
    gathering = reading.gathering()
    with pytest.raises(TakesLong):
        gathering.facts(DROP)
    with pytest.raises(TakesLong, match="will be read beside"):
        gathering.facts(DROP)
    reading.under_way = True
    with pytest.raises(TakesLong, match="is read beside"):
        gathering.facts(DROP)
    assert (reading.turns, reading.beside) == ([TURN], [f"D9 of {WARD}"])
    reading.under_way, reading.found = False, "judged beside"
    assert gathering.facts(DROP) == "judged beside"  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("begins", [True, False])
def test_what_came_to_nothing_beside_the_others_is_read_here_as_long_as_it_takes(begins: bool):
    reading = Reading(TakesLong("x"), begins_beside=begins)
    gathering = reading.gathering(turn=5.0)
    for _ in range(1 + begins):
        with pytest.raises(TakesLong):
            gathering.facts(DROP)
    reading.error = None

    assert gathering.facts(DROP) == f"judged for {WARD}"  # type: ignore[comparison-overlap]
    assert reading.turns == [5.0, inf]
    gathering.facts(DROP)
    assert reading.turns == [5.0, inf, 5.0], "the next time it is as any other"


def test_what_is_not_in_the_archive_is_read_beside_nobody():
    reading = Reading(TakesLong("x"))
    gathering = reading.gathering()
    for _ in range(2):
        with pytest.raises(TakesLong, match="x"):
            gathering.facts(replace(DROP, sha256=None))

    assert reading.beside == []


@pytest.mark.parametrize("error", [TryLater("x"), NeverWorks("x"), ValueError("x")])
@pytest.mark.parametrize("rejected", [True, False])
def test_what_a_person_sends_back_need_not_be_read_unless_a_machine_is_the_reason(
    error: Exception, rejected: bool
):
    drop = replace(DROP, override={"action": "reject"} if rejected else {"action": "retry"})
    gathering = Reading(error).gathering()
    if rejected and isinstance(error, ValueError):
        facts = gathering.facts(drop)
        assert (facts.owner.id, [part.readable for part in facts.parts]) == (WARD, [False])
        assert facts.access == a_city().routes.rule(a_city().units[WARD]).access
    else:
        with pytest.raises(type(error)):
            gathering.facts(drop)


def test_a_drop_of_a_folder_that_is_nobodys_by_now_waits_for_a_person():
    with pytest.raises(NeverWorks, match="belongs to no unit"):
        Reading().gathering().facts(replace(DROP, path="nowhere/a.xlsx"))


@pytest.mark.parametrize(
    ("origin", "subfolder"),
    [
        (None, ""),
        (replace(DROP, path=f"{FOLDER}/Quý 1/a.xlsx"), "Quý 1"),
        (replace(DROP, path="nowhere/a.xlsx"), ""),
        (
            replace(DROP, path=f"{a_city().routes.drop_folder(a_city().units[GONE])}/Quý 1/a.xlsx"),
            "",
        ),
    ],
    ids=["nobody knows", "its own sub-folder", "a folder that is no more", "another's"],
)
def test_a_copy_that_was_put_right_where_it_was_given_back_belongs_where_its_original_lay(
    origin: Drop | None, subfolder: str
):
    returned = a_city().routes.returned(a_city().units[WARD])
    asked: list[str] = []

    def first(drop: str) -> Drop | None:
        asked.append(drop)
        return origin

    gathering = Reading().gathering(origin=first)
    place = gathering._place(replace(DROP, path=f"{returned}/a - D150612-AAAAAA.xlsx"))
    assert (place.unit.id, place.subfolder) == (WARD, subfolder)
    assert asked == ["D150612-AAAAAA"]
