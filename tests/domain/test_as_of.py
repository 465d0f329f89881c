"""A round as it stood on an earlier day, from what the ledger holds of it today."""

from __future__ import annotations

from dataclasses import replace

from bhyt_filedrop.domain.lists.as_of import as_of
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from tests.offices import ROUND, moment

RETURN = ListKey("ward-return", ROUND, "26734", "760")


def a_list(day: int, state: ListState, key: ListKey = RETURN, done: int | None = 0, **more: object):
    """A list that came on a day of June; `done` is the day on which its hand-off was complete."""
    values: dict[str, object] = {"version": 1, "rows": 3, "sha256": "", "form": "form-4", **more}
    completed = None if done is None else moment(6, done or day)
    name = f"D{day}/{key.receiver}/{key.part}"
    return ListRecord(
        name, 0, key, state=state, at=moment(6, day), completed_at=completed, **values
    )  # type: ignore[arg-type]


def states(records, day: int) -> list[tuple[int, str]]:
    return [(r.at.day, str(r.state)) for r in as_of(records, moment(6, day, 12))]


def test_what_came_later_was_not_there():
    assert states([a_list(10, ListState.ACCEPTED), a_list(12, ListState.RETURNED)], 11) == [
        (10, "accepted")
    ]


def test_a_list_stood_until_its_correction_was_accepted():
    records = [a_list(10, ListState.SUPERSEDED), a_list(14, ListState.ACCEPTED)]

    assert states(records, 9) == []
    assert states(records, 13) == [(10, "accepted")]
    assert states(records, 14) == [(10, "superseded"), (14, "accepted")]


def test_a_correction_that_came_back_took_nobodys_place():
    records = [a_list(10, ListState.SUPERSEDED), a_list(12, ListState.RETURNED, done=None),
               a_list(14, ListState.ACCEPTED)]  # fmt: skip

    assert states(records, 12) == [(10, "accepted"), (12, "returned")]


def test_a_list_stayed_replaced_whatever_came_after_its_correction():
    records = [
        a_list(10, ListState.SUPERSEDED), a_list(12, ListState.ACCEPTED),
        a_list(20, ListState.RETURNED, done=None),
    ]  # fmt: skip

    assert states(records, 13) == [(10, "superseded"), (12, "accepted")]


def test_a_part_waited_until_the_other_one_came():
    other = replace(RETURN, part=1)
    records = [a_list(10, ListState.ACCEPTED, done=12), a_list(12, ListState.ACCEPTED, other)]

    assert states(records, 11) == [(10, "held")]
    assert states(records, 12) == [(10, "accepted"), (12, "accepted")]


def test_a_part_that_waited_gave_way_to_the_next_of_its_kind():
    records = [a_list(10, ListState.SUPERSEDED, done=None), a_list(11, ListState.HELD, done=None)]

    assert states(records, 10) == [(10, "held")]
    assert states(records, 12) == [(10, "superseded"), (11, "held")]


def test_a_draft_stood_until_the_final_list_took_its_place():
    draft = ListKey("carded-final", ROUND, "thu", "thu")
    final = replace(draft, receiver="board")
    records = [a_list(20, ListState.SUPERSEDED, draft, basis="x"),
               a_list(27, ListState.ACCEPTED, final, basis="y")]  # fmt: skip

    assert states(records, 21) == [(20, "accepted")]
    assert states(records, 27) == [(20, "superseded"), (27, "accepted")]


def test_what_a_person_approved_later_was_only_proposed():
    (then,) = as_of([a_list(20, ListState.ACCEPTED, done=25, basis="x")], moment(6, 22))

    assert then.is_proposal


def test_a_list_that_waited_already_waits_beside_one_that_came_later():
    assert states([a_list(10, ListState.HELD, done=None), a_list(12, ListState.HELD)], 11) == [
        (10, "held")
    ]


def test_today_is_what_the_ledger_says():
    records = [a_list(10, ListState.SUPERSEDED), a_list(12, ListState.AMENDING, done=None)]

    assert as_of(records, moment(7, 1)) == tuple(records)


def test_what_waits_takes_the_place_of_nothing_that_stands():
    """A correction that came and was never completed leaves the accepted list in force."""
    records = [a_list(10, ListState.ACCEPTED), a_list(12, ListState.AMENDING, done=None)]

    assert states(records, 13)[0] == (10, "accepted")
    records = [a_list(10, ListState.SUPERSEDED), a_list(12, ListState.ACCEPTED, done=14)]
    assert states(records, 13)[0] == (10, "accepted")
    assert states(records, 14)[0] == (10, "superseded")
