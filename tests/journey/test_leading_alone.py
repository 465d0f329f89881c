"""How drops are led on, one after another, and what becomes of those that fail, alone."""

from __future__ import annotations

import errno
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import LostLease, NeverWorks, TryLater
from bhyt_filedrop.work.arrival import journey
from tests.journey.keeping_up import a_city
from tests.journey.ways import DROP, KEPT, Way


@pytest.fixture(autouse=True)
def plans(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = SimpleNamespace(findings=(), state=State.ACCEPTED)
    monkeypatch.setattr(journey, "decide", lambda *_: plan)


def drops(*names: str) -> list[Drop]:
    return [replace(DROP, id=name) for name in names]


def test_one_after_another_is_taken_read_decided_and_put():
    way = Way()
    way.journey().lead(drops("D1", "D2"), lambda: True)

    assert way.did == [
        "took D1", "read D1", "planned D1", "put D1",
        "took D2", "read D2", "planned D2", "put D2",
    ]  # fmt: skip


def test_some_are_taken_and_read_ahead_and_all_are_put_in_their_order():
    way = Way(ahead=1)
    way.journey().lead(drops("D1", "D2", "D3"), lambda: True)

    taken = [one for one in way.did if one.startswith(("took", "put"))]
    assert taken == ["took D1", "took D2", "put D1", "took D3", "put D2", "put D3"]
    assert [one for one in way.did if "ahead" in one] == [f"read D{n} ahead" for n in (1, 2, 3)]
    assert not [one for one in way.did if one.startswith(("began", "cleared"))], "it goes on"


def test_what_was_begun_before_or_a_person_rejected_is_left_for_its_turn():
    way = Way(ahead=5)
    rejected = replace(DROP, id="D3", override={"action": "reject"})
    planned = replace(KEPT, id="D2", state=State.PLANNED)
    way.journey().lead([replace(KEPT, id="D1"), planned, rejected], lambda: True)

    assert not [one for one in way.did if "ahead" in one]
    assert way.did[:2] == ["cleared D1", "began D1"]
    assert "read D2" not in way.did, "it was decided"


def test_a_file_that_its_sender_took_away_is_no_drop_and_one_in_trouble_waits_for_its_turn():
    way = Way(ahead=5, takes_none=("D1",))
    way.journey().lead(drops("D1", "D2"), lambda: True)
    assert "put D2" in way.did
    assert not [one for one in way.did if "D1" in one]

    hard = Way(ahead=5)
    hard._take = lambda _drop: (_ for _ in ()).throw(TryLater("đĩa đầy"))  # type: ignore[method-assign]
    hard.journey().lead(drops("D1"), lambda: True)
    assert hard.did == ["put off: đĩa đầy"]


def test_what_was_taken_before_its_taking_failed_is_not_taken_once_more():
    way, taking = Way(ahead=5, stands=KEPT), list[str]()

    def take(drop: Drop) -> Drop | None:
        taking.append(drop.id)
        raise OSError(errno.EIO, "the folder cannot be synced")

    way._take = take  # type: ignore[method-assign]
    way.journey().lead(drops("D1"), lambda: True)

    assert taking == ["D1"]
    assert way.did == ["cleared D1", "began D1", "read D1", "planned D1", "put D1"]


def test_where_the_ledger_cannot_say_so_it_waits_for_its_next_turn():
    way, asked = Way(ahead=5), iter((True, False))

    def get(_drop: str) -> Drop | None:
        if next(asked):
            raise TryLater("the ledger is away")
        return KEPT

    way._take = lambda _drop: (_ for _ in ()).throw(TryLater("…"))  # type: ignore[method-assign]
    way.get = get  # type: ignore[method-assign]
    way.journey().lead(drops("D1"), lambda: True)

    assert way.did == ["put off: …"]


def test_who_must_end_begins_nothing_more():
    way = Way()
    turns = iter((True, False))
    way.journey().lead(drops("D1", "D2"), lambda: next(turns))

    assert "put D1" in way.did
    assert "took D2" not in way.did


def test_where_others_lead_on_a_drop_is_only_brought_into_the_archive():
    way = Way()
    own = replace(DROP, id="D3", path="@ward-list/2015Q1")
    way.journey(hands_on=True).lead([DROP, replace(KEPT, id="D2"), own], lambda: True)

    assert way.did == ["took D1"]


# --- where it stands -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drop", "state", "did"),
    [
        (replace(KEPT, state=State.RETURNED), State.RETURNED, []),
        (replace(KEPT, state=State.PLANNED), State.ACCEPTED, ["put D1"]),
        (replace(KEPT, state=State.SET_ASIDE), State.ACCEPTED, ["resumed D1", "cleared D1"]),
        (KEPT, State.ACCEPTED, ["cleared D1", "began D1", "read D1", "planned D1", "put D1"]),
    ],
)
def test_a_drop_goes_on_from_where_it_stands(drop: Drop, state: State, did: list[str]):
    way = Way()

    assert way.journey().advance(drop) is state
    assert way.did[: len(did)] == did


def test_a_claim_that_finds_nothing_is_void():
    assert Way(takes_none=("D1",)).journey().advance(DROP) is State.VOID


@pytest.mark.parametrize(
    ("begun", "blamed", "rejected", "did"),
    [
        (3, True, False, "read D1"),
        (4, True, False, "set aside: the process died each time it judged this file"),
        (4, False, False, "read D1"),
        (13, False, False, "set aside: the process died each time it judged this file"),
        (3, True, True, "read D1"),
        (4, True, True, "not read D1"),
    ],
)
def test_a_file_that_ended_the_service_three_times_is_looked_into_no_more(
    begun: int, blamed: bool, rejected: bool, did: str
):
    way = Way(begun=begun, blamed=blamed)
    drop = replace(KEPT, override={"action": "reject"}) if rejected else KEPT
    way.journey().advance(drop)

    assert way.did[2] == did


@pytest.mark.parametrize(
    ("ours", "stands", "done"),
    [
        (1, KEPT, True),
        (0, KEPT, False),
        (1, None, False),
        (1, replace(KEPT, state=State.ACCEPTED), False),
    ],
    ids=["as it was", "another daemon is at its unit's", "it is gone", "another led it on"],
)
def test_what_several_daemons_may_lead_is_looked_at_once_more(
    ours: int, stands: Drop | None, done: bool
):
    way, asked = Way(stands=stands), list[object]()

    def held(*of: object, **how: object) -> Any:
        asked.append((of, how))
        return nullcontext(ours)

    leases = SimpleNamespace(held=held)
    state = way.journey(shared=True, leases=leases, patience=4.0).advance(KEPT)
    assert state is (State.ACCEPTED if done else State.CLAIMED)
    assert bool(way.did) is done
    assert asked == [(("unit/760",), {"keep": False, "patience": 4.0})]


# --- what fails ----------------------------------------------------------------------------------

FULL = OSError(errno.ENOSPC, "No space left")
ODD = OSError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("error", "attempts", "aside", "goes_on", "letters"),
    [
        (TryLater("mất mạng"), 39, False, False, 0),
        (TryLater("mất mạng"), 40, True, True, 1),
        (TryLater("mất mạng"), 41, True, True, 0),
        (FULL, 39, False, False, 0),
        (FULL, 40, True, True, 1),
        (ImportError("x"), 40, True, True, 1),
        (ODD, 2, False, False, 0),
        (ODD, 3, True, False, 1),
        (ODD, 4, True, False, 1),
        (ValueError("Nguyễn Văn An"), 2, False, False, 0),
        (ValueError("Nguyễn Văn An"), 3, True, False, 1),
        (NeverWorks("không mở được"), 1, True, False, 1),
    ],
)
def test_what_a_machine_does_goes_on_by_itself_and_what_a_file_does_waits_for_a_person(
    error: Exception, attempts: int, aside: bool, goes_on: bool, letters: int
):
    way = Way(error, attempts=attempts - 1)
    state = way.journey().advance(replace(KEPT, state=State.PLANNED, attempts=attempts - 1))

    assert state is (State.SET_ASIDE if aside else State.PLANNED)
    assert bool(way.again) is aside
    assert [at is not None for at in way.again] == [goes_on] * aside
    assert len(way.letters) == letters
    assert "Nguyễn" not in str((way.did, way.letters)), "an exception's text may name a child"
    for letter in way.letters:
        assert letter.unit == a_city().process.admin
        assert letter.key.endswith("/20150612T090000")
        assert letter.context["attempts"] == attempts


def test_what_was_put_off_is_left_as_the_ledger_has_it():
    way = Way(TryLater("x"), stands=replace(KEPT, state=State.RETURNED))

    assert way.journey().advance(replace(KEPT, state=State.PLANNED)) is State.RETURNED


def test_each_failure_is_followed_by_a_longer_rest_of_an_hour_at_most(
    monkeypatch: pytest.MonkeyPatch,
):
    spread: list[tuple[float, float]] = []
    monkeypatch.setattr(
        journey.random, "uniform", lambda low, high: spread.append((low, high)) or 1.0
    )
    way = Way(TryLater("x"))
    for attempts in (0, 1, 2, 8, 9, 99):
        way.journey().advance(replace(KEPT, state=State.PLANNED, attempts=attempts))

    assert way.until == [10.0, 20.0, 40.0, 2560.0, 3000.0, 3000.0]
    assert set(spread) == {(0.8, 1.2)}


def test_who_lost_a_drop_to_another_daemon_puts_right_what_it_may_have_done():
    way, over = Way(LostLease("unit/760")), list[Drop]()
    planned = replace(KEPT, state=State.PLANNED)
    with pytest.raises(LostLease):
        way.journey(taken_over=over.append).advance(planned)

    assert over == [planned]
    assert way.did == []


def test_a_file_of_a_unit_that_is_unknown_by_now_is_told_too():
    way = Way(NeverWorks("x"))
    way.journey().advance(replace(KEPT, state=State.PLANNED, unit="999"))

    (letter,) = way.letters
    assert "999" in str(letter.context)
