"""What is decided counts from that moment on, although its files cannot be put yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.drop import Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.work.arrival.journey import MAX_DELAYS
from tests.journey.parties import d03, decide, form_4, letters
from tests.journey.site import Site
from tests.journey.test_returns_corrected import (
    CHILDREN,
    WARD,
    alarms,
    balance,
    hand_in,
    names,
    standing,
    states,
)

__all__ = ["CHILDREN"]


@pytest.fixture
def given(sent: Site, mine: list[InventedChild]) -> Site:
    """The ward has answered with form 4 (two carded, one without basis) and D03-TS (one)."""
    a, b, c, d = mine
    first = hand_in(sent, mau_4=form_4(sent, [a, b], [c]), d03=d03(sent, [d]))
    assert states(first) == [State.ACCEPTED] * 2
    sent.clock.now += timedelta(days=1)
    return sent


@contextmanager
def nothing_can_be_put(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tree lists, moves and reads, and takes nothing."""

    def refuse(*_: Any) -> None:
        raise TryLater("main: put: no room")

    with monkeypatch.context() as patched:
        patched.setattr("bhyt_filedrop.work.arrival.outage.WatchedTree.put", refuse)
        yield


def until_delivered(site: Site) -> None:
    """Time goes on until whatever was put off has been delivered."""
    for _ in range(4):
        site.clock.now += timedelta(hours=1)
        site.once()


def until_set_aside(site: Site, drop: Drop) -> None:
    """Time goes on until a drop has been put off too often."""
    for _ in range(MAX_DELAYS):
        if site.only_state(drop) is State.SET_ASIDE:
            return
        site.clock.now += timedelta(hours=1)
        site.once()


@pytest.mark.parametrize("first", ["mau 4", "d03"])
def test_corrected_parts_fit_together_although_neither_is_delivered_yet(
    given: Site, mine: list[InventedChild], monkeypatch: pytest.MonkeyPatch, first: str
):
    a, b, c, d = mine
    files = {"mau 4 sua": form_4(given, [a, b]), "d03 sua": d03(given, [c, d])}
    order = sorted(files, key=lambda name: not name.startswith(first))
    with nothing_can_be_put(monkeypatch):
        for name in order:
            hand_in(given, **{name: files[name]})
            given.clock.now += timedelta(seconds=30)
        assert standing(given) == {"mau 4 sua.xlsx": names(a, b), "d03 sua.xlsx": names(c, d)}
        assert balance(given) == (4, 0, 0)
    until_delivered(given)

    assert set(given.states().values()) == {State.ACCEPTED}
    assert standing(given) == {"mau 4 sua.xlsx": names(a, b), "d03 sua.xlsx": names(c, d)}
    assert balance(given) == (4, 0, 0)
    assert alarms(given) == []


def test_a_sound_correction_is_not_held_against_the_list_that_an_undelivered_one_replaced(
    given: Site, mine: list[InventedChild], monkeypatch: pytest.MonkeyPatch
):
    """The whole return is corrected in one file, which cannot be put; then D03-TS alone again."""
    a, b, c, d = mine
    with nothing_can_be_put(monkeypatch):
        hand_in(given, sua=form_4(given, [a, b, d], [c]))
        given.clock.now += timedelta(seconds=30)
        (again,) = hand_in(given, lai=form_4(given, [a], [b, c, d]))
        codes = given.codes(again)
    until_delivered(given)

    said = [one.context["replaced"] for one in letters(given, "receipt")]
    assert said[-1][0].startswith("sua.xlsx (nhận ")
    assert not [code for code in codes if code.startswith("list.child")]
    assert standing(given) == {"lai.xlsx": names(a, b, c, d)}
    assert given.only_state(again) is State.ACCEPTED


def test_a_correction_reaches_its_receiver_after_the_list_that_it_corrects(
    given: Site, mine: list[InventedChild], monkeypatch: pytest.MonkeyPatch
):
    a, b, c, d = mine
    with nothing_can_be_put(monkeypatch):
        (first,) = hand_in(given, sua=form_4(given, [a, b, d], [c]))
        given.clock.now += timedelta(seconds=30)
        (second,) = hand_in(given, lai=form_4(given, [a], [b, c, d]))
    until_delivered(given)

    told = [one.key.split("/")[1] for one in letters(given, "delivered")]
    assert told[-2:] == [first.id, second.id]
    paths = [given.delivered(one, Role.FORWARD)[0] for one in (first, second)]
    assert " - lần 2 - " in paths[0]
    assert " - lần 3 - " in paths[1]


def test_what_an_undelivered_correction_replaced_stands_again_when_a_person_sends_it_back(
    given: Site, mine: list[InventedChild], monkeypatch: pytest.MonkeyPatch
):
    a, b, c, d = mine
    before = standing(given)
    with nothing_can_be_put(monkeypatch):
        (drop,) = hand_in(given, sua=form_4(given, [a, b, d], [c]))
        until_set_aside(given, drop)
    assert given.only_state(drop) is State.SET_ASIDE
    decide(given, drop, "reject")
    given.once()

    assert given.only_state(drop) is State.RETURNED
    assert standing(given) == before
    assert balance(given) == (4, 0, 0)
    assert WARD == 0


def test_a_list_that_was_corrected_meanwhile_does_not_come_back_with_an_older_one(
    given: Site, mine: list[InventedChild], monkeypatch: pytest.MonkeyPatch
):
    """The first correction is set aside, the second one went out; then the first is tried again."""
    a, b, c, d = mine
    with nothing_can_be_put(monkeypatch):
        (first,) = hand_in(given, sua=form_4(given, [a, b, d], [c]))
        until_set_aside(given, first)
    (second,) = hand_in(given, lai=form_4(given, [a], [b, c, d]))
    assert second.state is State.ACCEPTED
    decide(given, first, "retry")
    until_delivered(given)

    assert standing(given) == {"lai.xlsx": names(a, b, c, d)}
    assert given.only_state(first) is State.ACCEPTED
    assert given.delivered(first, Role.FORWARD) == []


def test_the_same_bytes_again_are_known_while_the_first_are_under_way(
    given: Site, mine: list[InventedChild], monkeypatch: pytest.MonkeyPatch
):
    a, b, c, d = mine
    data = form_4(given, [a, b, d], [c])
    with nothing_can_be_put(monkeypatch):
        hand_in(given, sua=data)
        given.clock.now += timedelta(seconds=30)
        (again,) = hand_in(given, sua_2=data)
        assert given.codes(again) == ["file.repeated"]
