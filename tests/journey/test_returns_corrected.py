"""A ward's return that is corrected, or added to, piece by piece: nobody is sent back for the sake
of a file that is about to be corrected too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.drop import Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.wiring.books import reports_of
from tests.journey.parties import (
    BEFORE,
    NONE,
    NOW,
    answer,
    d03,
    decide,
    filled,
    form_4,
    inbox,
    kids,
    letters,
    lists,
)
from tests.journey.site import ROUND, Site

WARD, CHILDREN = 0, 16
"""The ward of the tests was sent four of the children."""


def kit(site: Site) -> Path:
    return inbox(site, site.ward(WARD))[-1]


def hand_in(site: Site, **files: bytes) -> list[Drop]:
    """Drop files before the daemon looks, let it take its turn; return what became of each."""
    for name, data in files.items():
        site.drop(site.ward(WARD), f"{name}.xlsx", data)
    site.once()
    newest = {d.name: d for d in site.drops()}
    return [newest[f"{name}.xlsx"] for name in files]


def states(drops: Sequence[Drop]) -> list[State]:
    return [drop.state for drop in drops]


def about(site: Site, drop: Drop) -> dict[str, str]:
    """What was said about lists, by code."""
    every = site.facts(drop)["findings"]
    return {f["code"]: f["message"] for f in every if f["code"].startswith("list.")}


def standing(site: Site) -> dict[str, set[str]]:
    """Name of each accepted file of the ward → the children it answers for."""
    books = site.running()
    with books as running:
        names = {d.id: d.name for d in site.drops()}
        found = [r for r in lists(site, "ward-return") if r.key.sender == site.ward(WARD)]
        return {
            names[r.drop]: {c.name for c in running.books.facts.children(r.drop, r.seq)}
            for r in found
        }


def balance(site: Site) -> tuple[int, int, int]:
    """The ward's (sent, missing, difference) as `trace` tells them."""
    from bhyt_filedrop.work.rounds.balance import Balancing

    with site.running() as running:
        told = Balancing(reports_of(running.books), running.world).trace(ROUND)
    (hop,) = (h for h in told.of("ward-return") if h.unit == site.ward(WARD))
    return hop.sent, hop.missing, hop.difference


def alarms(site: Site) -> list[str]:
    return [x.key for x in letters(site, "notice") if x.key.startswith("notice/trace/")]


def names(*group: InventedChild) -> set[str]:
    return {child.name for child in group}


# --- two corrected files of one return ---------------------------------------------------------


@pytest.fixture
def given(sent: Site, mine: list[InventedChild]) -> Site:
    """The ward has answered with form 4 (two carded, one without basis) and D03-TS (one)."""
    a, b, c, d = mine
    first = hand_in(sent, mau_4=form_4(sent, [a, b], [c]), d03=d03(sent, [d]))
    assert states(first) == [State.ACCEPTED] * 2
    sent.clock.now += timedelta(days=1)
    return sent


@pytest.mark.parametrize("names_of", [("1 mau 4", "2 d03"), ("2 mau 4", "1 d03")])
def test_two_corrected_files_of_one_return_that_come_together_take_its_place(
    given: Site, mine: list[InventedChild], names_of: tuple[str, str]
):
    """The child thought to have no basis is to get its card after all."""
    a, b, c, d = mine
    files = dict(zip(names_of, (form_4(given, [a, b]), d03(given, [c, d])), strict=True))
    again = hand_in(given, **files)

    assert states(again) == [State.ACCEPTED] * 2
    assert standing(given) == {
        f"{names_of[0]}.xlsx": names(a, b), f"{names_of[1]}.xlsx": names(c, d),
    }  # fmt: skip
    assert balance(given) == (4, 0, 0)
    assert alarms(given) == []
    assert all(len(given.delivered(drop, Role.ORIGINAL)) == 1 for drop in again)


@pytest.mark.parametrize("first", ["mau 4 sua", "d03 sua"])
def test_a_corrected_part_waits_for_the_other_parts_correction_and_the_old_return_stands(
    given: Site, mine: list[InventedChild], first: str
):
    a, b, c, d = mine
    files = {"mau 4 sua": form_4(given, [a, b]), "d03 sua": d03(given, [c, d])}
    (waiting,) = hand_in(given, **{first: files.pop(first)})

    assert waiting.state is State.HELD
    told = {"mau 4 sua": "list.child-missing", "d03 sua": "list.child-in-two-lists"}[first]
    assert set(about(given, waiting)) == {told, "list.incomplete"}
    assert set(standing(given)) == {"mau_4.xlsx", "d03.xlsx"}
    assert balance(given) == (4, 0, 0)
    (letter,) = [x for x in letters(given, "held", given.ward(WARD)) if waiting.id in x.key]
    assert "bản sửa" in str(letter.context["reason"])

    given.clock.now += timedelta(days=2)
    (last,) = hand_in(given, **files)

    assert last.state is State.ACCEPTED
    assert given.only_state(waiting) is State.ACCEPTED
    assert set(standing(given)) == {"mau 4 sua.xlsx", "d03 sua.xlsx"}
    assert balance(given) == (4, 0, 0)
    assert alarms(given) == []

    forwarded = given.delivered(last, Role.FORWARD)
    assert [" - lần 2 - " in path for path in forwarded] == [True, True]


def test_a_corrected_part_that_forgot_a_child_is_mended_by_the_next_one(
    given: Site, mine: list[InventedChild]
):
    a, b, c, _ = mine
    (forgot,) = hand_in(given, sua_1=form_4(given, [a], [c]))
    assert forgot.state is State.HELD
    assert b.name in str(about(given, forgot))
    (right,) = hand_in(given, sua_2=form_4(given, [a], [b, c]))

    assert right.state is State.ACCEPTED
    assert given.only_state(forgot) is State.ACCEPTED
    assert set(standing(given)) == {"sua_2.xlsx", "d03.xlsx"}
    assert given.delivered(forgot, Role.FORWARD) == []


def test_a_correction_that_waits_can_be_released_or_sent_back_by_a_person(
    given: Site, mine: list[InventedChild]
):
    a, b, *_ = mine
    (waiting,) = hand_in(given, sua=form_4(given, [a, b]))
    decide(given, waiting, "reject", "chưa rõ")
    given.once()

    assert given.only_state(waiting) is State.RETURNED
    assert set(standing(given)) == {"mau_4.xlsx", "d03.xlsx"}


def test_a_correction_that_leaves_nothing_of_the_other_part_takes_its_place_too(
    given: Site, mine: list[InventedChild]
):
    """The one child of D03-TS turns out to have a card: there is no D03-TS left to correct."""
    a, b, c, d = mine
    (drop,) = hand_in(given, sua=form_4(given, [a, b, d], [c]))

    assert drop.state is State.ACCEPTED
    assert standing(given) == {"sua.xlsx": names(a, b, c, d)}
    assert balance(given) == (4, 0, 0)
    assert alarms(given) == []


def test_a_stranger_in_a_corrected_part_is_sent_back_at_once(
    given: Site, mine: list[InventedChild]
):
    a, b, c, _ = mine
    stranger = next(k for k in kids(given, CHILDREN) if k.ward == given.ward(WARD + 1))
    (drop,) = hand_in(given, sua=form_4(given, [a, b, stranger], [c]))

    assert drop.state is State.RETURNED
    assert set(standing(given)) == {"mau_4.xlsx", "d03.xlsx"}


# --- three lists in three files ----------------------------------------------------------------


@pytest.mark.parametrize("order", ["acb", "cab"])
def test_three_lists_may_come_in_three_files_over_days(
    sent: Site, mine: list[InventedChild], order: str
):
    """Form 4 twice, one file of those carded before, one of those without basis; then D03-TS."""
    a, b, c, d = mine
    files = {"a": form_4(sent, [a, b]), "b": d03(sent, [c]), "c": form_4(sent, [], [d])}
    came = []
    for name in order:
        came += hand_in(sent, **{name: files[name]})
        sent.clock.now += timedelta(days=1)

    assert set(sent.states().values()) == {State.ACCEPTED}
    assert standing(sent) == {"a.xlsx": names(a, b), "b.xlsx": names(c), "c.xlsx": names(d)}
    assert balance(sent) == (4, 0, 0)
    assert all(len(sent.delivered(drop, Role.FORWARD)) <= 3 for drop in came)


def test_one_of_three_files_is_corrected_in_the_middle(sent: Site, mine: list[InventedChild]):
    a, b, c, d = mine
    hand_in(sent, truoc=form_4(sent, [a, b]))
    hand_in(sent, khong=form_4(sent, [], [d]))
    hand_in(sent, truoc_sua=form_4(sent, [a]))
    (last,) = hand_in(sent, d03=d03(sent, [b, c]))

    assert last.state is State.ACCEPTED
    assert standing(sent) == {
        "truoc_sua.xlsx": names(a), "khong.xlsx": names(d), "d03.xlsx": names(b, c),
    }  # fmt: skip
    assert balance(sent) == (4, 0, 0)


def test_d03_in_two_batches_is_one_list(sent: Site, mine: list[InventedChild]):
    a, b, c, d = mine
    hand_in(sent, dot_1=d03(sent, [b]))
    hand_in(sent, dot_2=d03(sent, [c, d]))
    (last,) = hand_in(sent, mau_4=form_4(sent, [a]))

    assert last.state is State.ACCEPTED
    assert set(standing(sent)) == {"dot_1.xlsx", "dot_2.xlsx", "mau_4.xlsx"}
    assert balance(sent) == (4, 0, 0)


# --- a kit that lacks rows ---------------------------------------------------------------------


def test_a_kit_that_lacks_a_row_and_promises_no_card_names_the_child_at_once(
    sent: Site, mine: list[InventedChild]
):
    """The kit is the whole list: no D03-TS can be due for a child whose row was deleted."""
    rows = {c.name: answer(c, s) for c, s in zip(mine, (BEFORE, NONE, NONE, BEFORE), strict=True)}
    (drop,) = hand_in(sent, phieu=filled(kit(sent), rows, drop=[mine[2].name]))

    assert drop.state is State.RETURNED
    assert mine[2].name in about(sent, drop)["list.child-missing"]


def test_a_kit_that_promises_cards_waits_for_the_d03_that_may_hold_the_child(
    sent: Site, mine: list[InventedChild]
):
    rows = {c.name: answer(c, s) for c, s in zip(mine, (BEFORE, NOW, NONE, NOW), strict=True)}
    (drop,) = hand_in(sent, phieu=filled(kit(sent), rows, drop=[mine[3].name]))
    assert drop.state is State.HELD

    (last,) = hand_in(sent, d03=d03(sent, [mine[1], mine[3]]))

    assert last.state is State.ACCEPTED
    assert sent.only_state(drop) is State.ACCEPTED
    assert balance(sent) == (4, 0, 0)


def test_a_whole_kit_takes_the_place_of_a_return_in_pieces(given: Site, mine: list[InventedChild]):
    """The kit says of every child what form 4 said; the D03-TS that was sent still asks for its
    card."""
    a, b, c, d = mine
    rows = {x.name: answer(x, s) for x, s in zip(mine, (BEFORE, BEFORE, NONE, NOW), strict=True)}
    (drop,) = hand_in(given, phieu=filled(kit(given), rows))

    assert drop.state is State.ACCEPTED
    assert standing(given)["phieu.xlsx"] == names(a, b, c, d)
    assert balance(given) == (4, 0, 0)
