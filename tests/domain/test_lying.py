"""Files that nobody takes: who hears of them, when, how often, and what they can do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bhyt_filedrop.domain.drops.lying import (
    MAX_NAMED,
    Lying,
    Why,
    digest,
    letters_about,
)
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from tests.offices import moment

PATIENCE = timedelta(hours=4)
NOON = moment(6, 16, 12)


@pytest.fixture(scope="module")
def routes() -> Routes:
    shipped = load(config_dir())
    return Routes.of(shipped.process, shipped.units, {f.id: f.name for f in shipped.forms})


def lying(
    why: Why, path: str = "05/a.xlsx", unit: str = "760", since: datetime = NOON - PATIENCE
) -> Lying:
    return Lying("main", path, why, unit, since)


def lines(letter: Letter) -> list[str]:
    told = letter.context["paragraphs"]
    assert isinstance(told, list)
    return [str(one) for one in told]


def test_nothing_that_lies_there_is_no_letter(routes: Routes):
    assert letters_about([], routes, NOON, PATIENCE) == ()


@pytest.mark.parametrize("why", [Why.OPEN, Why.UNREAD, Why.LEFT_OVER])
@pytest.mark.parametrize(("minutes", "told"), [(-1, True), (0, True), (1, False)])
def test_what_may_come_right_by_itself_is_told_once_it_has_lain_long_enough(
    routes: Routes, why: Why, minutes: int, told: bool
):
    one = lying(why, "05/Quận 1/danh sách.xlsx", since=NOON - PATIENCE + timedelta(minutes=minutes))

    found = letters_about([one], routes, NOON, PATIENCE)

    assert len(found) == told
    for letter in found:
        assert letter.unit == "760"
        assert letter.key == f"notice/file-waits/main/{digest([one.path])}/2015-06-16"
        assert "«danh sách.xlsx» chưa nhận được" in str(letter.context)
        assert "05/Quận 1/danh sách.xlsx" in lines(letter)


def test_what_waits_and_is_nobodys_is_told_to_the_admin(routes: Routes):
    (letter,) = letters_about([lying(Why.OPEN, unit="")], routes, NOON, PATIENCE)

    assert letter.unit == routes.process.admin


def test_what_nobody_may_read_is_no_letter_of_its_own(routes: Routes):
    assert letters_about([lying(Why.DENIED)], routes, NOON, timedelta()) == ()


@pytest.mark.parametrize("why", [Why.ELSEWHERE, Why.AMONG_OURS, Why.CHANGED, Why.UNKNOWN])
def test_what_is_misplaced_is_told_to_the_nearest_unit_with_its_drop_folder(
    routes: Routes, why: Why
):
    (letter,) = letters_about([lying(why)], routes, NOON, PATIENCE)

    assert (letter.unit, letter.key) == ("760", "notice/misplaced/main/760/2015-06-16")
    assert any(routes.drop_folder(routes.units["760"]) in line for line in lines(letter))
    assert not any("Chưa rõ" in line for line in lines(letter))


def test_what_is_misplaced_and_seems_to_be_nobodys_is_the_admins(routes: Routes):
    (letter,) = letters_about([lying(Why.ELSEWHERE, unit="")], routes, NOON, PATIENCE)

    assert letter.unit == routes.process.admin
    assert any("Chưa rõ các tệp này của đơn vị nào" in line for line in lines(letter))


@pytest.mark.parametrize(
    ("since", "now", "told"),
    [
        (moment(6, 15, 12), moment(6, 16, 7, 59), False),
        (moment(6, 15, 12), moment(6, 16, 8), True),
        (moment(6, 16, 7), moment(6, 16, 7, 30), True),
        (moment(6, 15, 23), moment(6, 16, 0, 30), False),
    ],
)
def test_what_is_misplaced_is_told_at_once_and_then_each_day_with_the_days_letters(
    routes: Routes, since: datetime, now: datetime, told: bool
):
    assert (routes.process.remind_at.hour, routes.process.remind_at.minute) == (8, 0)
    found = letters_about([lying(Why.ELSEWHERE, since=since)], routes, now, PATIENCE)

    assert len(found) == told


def test_each_unit_gets_one_letter_with_all_of_its_files_in_order(routes: Routes):
    found = [lying(Why.ELSEWHERE, f"05/{name}", unit) for name, unit in
             (("b.xlsx", "760"), ("c.xlsx", "761"), ("a.xlsx", "760"))]  # fmt: skip

    letters = letters_about(found, routes, NOON, PATIENCE)

    assert [letter.unit for letter in letters] == ["760", "761"]
    assert [line.partition(":")[0] for line in lines(letters[0])[1:3]] == ["05/a.xlsx", "05/b.xlsx"]
    assert "2 tệp nằm sai chỗ" in str(letters[0].context)


@pytest.mark.parametrize(("count", "more"), [(MAX_NAMED, ""), (MAX_NAMED + 2, "… và 2 tệp nữa.")])
def test_a_letter_names_thirty_files_and_says_how_many_more_there_are(
    routes: Routes, count: int, more: str
):
    found = [lying(Why.ELSEWHERE, f"05/{n:03}.xlsx") for n in range(count)]

    (letter,) = letters_about(found, routes, NOON, PATIENCE)

    assert MAX_NAMED == 30
    assert sum(".xlsx: " in line for line in lines(letter)) == 30
    assert [line for line in lines(letter) if line.startswith("…")] == ([more] if more else [])


def test_a_letters_key_holds_no_name_that_a_stranger_chose():
    told = digest(["b", "a"])

    assert told == digest(["a", "b"]) != digest(["a"])
    assert len(told) == 12
    assert digest(["a\udcff.xlsx"])
