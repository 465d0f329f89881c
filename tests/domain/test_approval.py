"""Which drafts somebody may confirm by command: what the office would drop, and never twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.approval import (
    Approved,
    Offer,
    Refusal,
    Shelf,
    choose,
    offer_of,
)
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.derived import ROUND, kids, listed

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
HOUR = timedelta(hours=1)
CHILDREN = tuple(listed(child) for child in kids(4))
SECTIONED = tuple(replace(child, section="I") for child in CHILDREN)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


def a_draft(
    form: str = "form-2", rows: int = 4, at: datetime = NOW, drop: str = "D1", **key: object
) -> ListRecord:
    """A list that the product made and offered to the office that has to give it."""
    values: dict[str, object] = {
        "handoff": "card-drafts", "round": ROUND, "sender": "cntt", "receiver": "cntt", **key,
    }  # fmt: skip
    return ListRecord(
        drop, 0, ListKey(**values), form, rows, "", ListState.ACCEPTED, 1, at,  # type: ignore[arg-type]
        basis="made of these",
    )  # fmt: skip


def a_return(rows: int = 4, unit: str = "760", drop: str = "D1", **more: object) -> ListRecord:
    """The drafted return of a district."""
    key = {"handoff": "return-drafts", "sender": unit, "receiver": unit}
    return replace(a_draft("form-3", rows, drop=drop, **key), **more)  # type: ignore[arg-type]


def typed(offer: Offer, at: datetime = NOW + HOUR, drop: str = "D2") -> ListRecord:
    """The list of the same key that the office dropped itself."""
    return replace(offer.record, drop=drop, key=offer.key, basis="", at=at)


@dataclass
class Kept:
    """What the ledger keeps of a round."""

    world: World
    records: Sequence[ListRecord]
    approved: Mapping[tuple[str, int], Sequence[Approved]] = field(default_factory=dict)
    rolls: Mapping[str, tuple[ListedChild, ...]] = field(default_factory=dict)

    def approve(
        self, *named: ListRecord, unit: str = "", with_uncertain: bool = False
    ) -> tuple[ListRecord, ...] | Refusal:
        def children(drop: str, _seq: int) -> tuple[ListedChild, ...]:
            return self.rolls.get(drop, SECTIONED)

        shelf = Shelf(self.records, self.approved, children)
        chosen = choose(named, unit, shelf, self.world, with_uncertain=with_uncertain)
        return chosen if isinstance(chosen, Refusal) else tuple(o.record for o in chosen)


def offered(record: ListRecord, world: World) -> Offer:
    offer = offer_of(record, world)
    assert offer is not None
    return offer


# --- what a draft stands for ---------------------------------------------------------------------


def test_a_draft_becomes_the_hand_off_that_its_office_would_drop(world: World):
    assert offered(a_draft(), world).key == ListKey("uncarded", ROUND, "cntt", "thu")
    assert offered(a_return(), world).key == ListKey("district-return", ROUND, "760", "thu")


def test_what_nobody_drops_stands_for_nothing(world: World):
    draft = a_draft()

    assert offer_of(replace(draft, basis=""), world) is None, "somebody's own list"
    assert offer_of(replace(draft, key=replace(draft.key, receiver="thu")), world) is None
    assert offer_of(a_draft(sender="gone", receiver="gone"), world) is None
    assert offer_of(a_draft(form="uncertain"), world) is None, "no hand-off takes this form"
    assert offer_of(a_draft(form="form-1"), world) is not None


# --- which are confirmed -------------------------------------------------------------------------


def test_the_drafts_of_one_hand_off_are_confirmed_together(world: World):
    """Form 2 that changed came in a later drop; form 1 of the first still stands."""
    first, second = a_draft("form-1", part=0), a_draft("form-2", drop="D5", part=1)
    kept = Kept(world, [first, second])

    assert kept.approve(second) == (first, second)
    assert kept.approve(first, unit="cntt") == (first, second)


@pytest.mark.parametrize(
    "other",
    [
        {"key": ListKey("card-drafts", Round(2015, 2), "cntt", "cntt")},
        {"key": ListKey("return-drafts", ROUND, "cntt", "cntt")},
        {"key": ListKey("card-drafts", ROUND, "thu", "thu")},
        {"state": ListState.SUPERSEDED},
        {"state": ListState.HELD},
        {"basis": ""},
        {"rows": 0},
    ],
)
def test_no_other_list_is_confirmed_with_them(world: World, other: dict[str, object]):
    draft = a_draft()
    beside = replace(a_draft(drop="D9"), **other)  # type: ignore[arg-type]

    assert Kept(world, [draft, beside]).approve(draft) == (draft,)


def test_a_drop_without_a_draft_confirms_nothing(world: World):
    draft = a_draft()

    assert Kept(world, [draft]).approve() == Refusal("no-draft")
    assert Kept(world, [draft]).approve(replace(draft, basis="")) == Refusal("no-draft")
    assert Kept(world, [draft]).approve(draft, unit="thu") == Refusal("no-draft")
    empty = a_draft(rows=0)
    assert Kept(world, [empty]).approve(empty) == Refusal("no-draft")


def test_of_several_offices_drafts_somebody_says_whose_are_meant(world: World):
    one, other = a_return(), a_return(unit="761")
    kept = Kept(world, [one, other])

    assert kept.approve(one, other) == Refusal("several-units", units=("760", "761"))
    assert kept.approve(one, other, unit="761") == (other,)


def test_a_draft_that_a_newer_one_replaced_is_not_confirmed_and_the_newest_is_named(world: World):
    old = a_draft()
    newer = a_draft(at=NOW + HOUR, drop="D3")
    newest = a_draft(at=NOW + 2 * HOUR, drop="D2", part=1)

    assert Kept(world, [newer, newest]).approve(old) == Refusal("overtaken", drop="D2")
    assert Kept(world, [newer, newest]).approve(newer, old) == Refusal("overtaken", drop="D2")
    assert Kept(world, [newer, newest]).approve(newer) == (newer, newest)
    assert Kept(world, []).approve(old) == Refusal("overtaken")


# --- what was confirmed already ------------------------------------------------------------------


def test_what_was_approved_is_not_approved_again(world: World):
    one, other = a_draft("form-1"), a_draft("form-2", drop="D4", part=1)
    approved = {("D1", 0): [Approved("A1", State.RETURNED), Approved("A2", State.ACCEPTED)]}

    assert Kept(world, [one, other], approved).approve(one) == (other,)
    assert Kept(world, [one], approved).approve(one) == Refusal("confirmed", drop="A2")


@pytest.mark.parametrize("state", [State.RETURNED, State.VOID])
def test_what_was_approved_and_went_back_may_be_approved_once_more(world: World, state: State):
    draft = a_draft()

    assert Kept(world, [draft], {("D1", 0): [Approved("A1", state)]}).approve(draft) == (draft,)


def test_the_same_list_typed_by_the_office_confirms_the_draft(world: World):
    """In capitals and with other tones it is still the same list."""
    draft = a_draft()
    mine = typed(offered(draft, world))
    shouted = tuple(replace(child, name=child.name.upper()) for child in reversed(CHILDREN))

    kept = Kept(world, [draft, mine], rolls={"D1": CHILDREN, "D2": shouted})

    assert kept.approve(draft) == Refusal("confirmed", drop="D2")


@pytest.mark.parametrize(
    "typed_rows",
    [
        CHILDREN[:3],
        (*CHILDREN, CHILDREN[0]),
        (replace(CHILDREN[0], name="Trần Văn Tý"), *CHILDREN[1:]),
        (replace(CHILDREN[0], birth="2014-01-31"), *CHILDREN[1:]),
        (replace(CHILDREN[0], card="TE1797900000001"), *CHILDREN[1:]),
    ],
)
def test_another_list_that_the_office_typed_is_its_word(
    world: World, typed_rows: tuple[ListedChild, ...]
):
    draft = a_draft()
    mine = typed(offered(draft, world))

    kept = Kept(world, [draft, mine], rolls={"D1": CHILDREN, "D2": typed_rows})

    assert kept.approve(draft) == Refusal("other-list", drop="D2")


def test_of_two_typed_lists_the_last_counts(world: World):
    draft = a_draft()
    offer = offered(draft, world)
    records = [draft, typed(offer), typed(offer, NOW + 2 * HOUR, "D3")]

    kept = Kept(world, records, rolls={"D1": CHILDREN, "D2": CHILDREN[:1], "D3": CHILDREN})

    assert kept.approve(draft) == Refusal("confirmed", drop="D3")


@pytest.mark.parametrize(("minutes", "counts"), [(-1, False), (0, True), (1, True)])
def test_what_the_office_typed_before_it_had_the_draft_says_nothing_of_it(
    world: World, minutes: int, counts: bool
):
    draft = a_draft()
    mine = typed(offered(draft, world), NOW + timedelta(minutes=minutes))

    kept = Kept(world, [draft, mine], rolls={"D1": CHILDREN, "D2": CHILDREN[:2]})

    assert kept.approve(draft) == (Refusal("other-list", drop="D2") if counts else (draft,))


# --- what a person has to settle first -----------------------------------------------------------


def test_a_return_in_which_children_have_no_answer_is_not_confirmed(world: World):
    draft = a_return()
    kept = Kept(world, [draft], rolls={"D1": (*SECTIONED[:2], *CHILDREN[2:])})

    assert kept.approve(draft) == Refusal("unanswered", count=2)
    assert kept.approve(draft, with_uncertain=True) == Refusal("unanswered", count=2)
    assert Kept(world, [draft], rolls={"D1": SECTIONED}).approve(draft) == (draft,)


def test_of_a_list_without_sections_nobody_waits_for_answers(world: World):
    draft = a_draft()

    assert Kept(world, [draft], rolls={"D1": CHILDREN}).approve(draft) == (draft,)


def test_children_who_may_be_on_either_list_are_confirmed_only_by_somebody_who_says_so(
    world: World,
):
    draft, uncertain = a_draft(), a_draft("uncertain", rows=3, drop="D7", part=2)
    kept = Kept(world, [draft, uncertain])

    assert kept.approve(draft) == Refusal("uncertain", count=3)
    assert kept.approve(draft, with_uncertain=True) == (draft,)
    none_left = Kept(world, [draft, replace(uncertain, rows=0)])
    assert none_left.approve(draft) == (draft,)
