"""A list of quite another size than the one it replaces waits for a person, on a small site."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.wiring.books import open_books
from tests.journey.parties import SENDING, decide, form, kids, letters
from tests.journey.site import Site


@pytest.fixture
def begun(round_site: Site) -> Site:
    round_site.clock.now = SENDING
    return round_site


def drop(site: Site, name: str, group: Sequence[InventedChild]) -> Drop:
    """CNTT drops the children without a card; the daemon takes its turn."""
    site.drop("cntt", name, form(site, "form-2", "cntt", group))
    site.once()
    return next(d for d in site.drops() if d.name == name)


def state_of(site: Site, one: Drop) -> list[str]:
    books = open_books(site.settings)
    try:
        return [record.state for record in books.facts.lists_of(one.id)]
    finally:
        books.close()


def test_a_list_that_shrank_to_a_tenth_waits_and_the_old_one_stands(begun: Site):
    whole = drop(begun, "cả đợt.xlsx", kids(begun, 60))

    few = drop(begun, "nhầm.xlsx", kids(begun, 5))

    assert few.state is State.HELD
    assert state_of(begun, few) == [ListState.AMENDING]
    assert state_of(begun, whole) == [ListState.ACCEPTED]
    (told,) = [f for f in begun.facts(few)["findings"] if f["code"] == "list.size-odd"]
    assert "Tệp có 5 dòng, còn danh sách đang dùng có 60 dòng" in told["message"]
    asked = [one.context["paragraphs"] for one in letters(begun, "notice")]
    assert any(f"release {few.id}" in " ".join(lines) for lines in asked)


def test_a_person_who_looked_lets_it_take_the_old_ones_place(begun: Site):
    whole = drop(begun, "cả đợt.xlsx", kids(begun, 60))
    few = drop(begun, "bản rút gọn.xlsx", kids(begun, 5))

    decide(begun, few, "release")
    begun.once()

    assert state_of(begun, few) == [ListState.ACCEPTED]
    assert state_of(begun, whole) == [ListState.SUPERSEDED]


def test_the_right_file_that_comes_next_takes_the_place_of_both(begun: Site):
    whole = drop(begun, "cả đợt.xlsx", kids(begun, 60))
    few = drop(begun, "nhầm.xlsx", kids(begun, 5))

    right = drop(begun, "đúng.xlsx", kids(begun, 58))

    assert state_of(begun, right) == [ListState.ACCEPTED]
    assert state_of(begun, whole) == state_of(begun, few) == [ListState.SUPERSEDED]


def test_a_list_ten_times_as_long_as_its_cost_list_waits(begun: Site):
    begun.drop("nvgd1", "79a.xlsx", form(begun, "c79a", "nvgd1", kids(begun, 5)))
    begun.once()

    many = drop(begun, "mẫu 2.xlsx", kids(begun, 60))

    assert many.state is State.HELD
    (told,) = [f for f in begun.facts(many)["findings"] if f["code"] == "list.size-odd"]
    assert "chỉ có 5 lượt khám" in told["message"]


def test_a_list_of_its_usual_size_takes_its_place_by_itself(begun: Site):
    whole = drop(begun, "cả đợt.xlsx", kids(begun, 60))

    again = drop(begun, "bổ sung.xlsx", kids(begun, 40))

    assert again.state is State.ACCEPTED
    assert state_of(begun, whole) == [ListState.SUPERSEDED]
