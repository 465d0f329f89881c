"""Dates in every way that offices type them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.dates import (
    BirthDate,
    exact_birth,
    is_us_order,
    read_birth_date,
    read_date,
    read_month,
)
from bhyt_filedrop.domain.cells.grid import ErrorValue

FIFTH_OF_MARCH = date(2014, 3, 5)
DAYS = st.dates(date(1942, 1, 1), date(2049, 12, 31))


@pytest.mark.parametrize(
    "value",
    [
        "05/03/2014", "5/3/2014", "5/3/14", "05-03-2014", "5.3.2014", "05 03 2014", "05/03/2014.",
        "05/ 03 /2014", "'05/03/2014", "05\u00a0/03/2014", "5\\3\\2014",
        "ngày 5 tháng 3 năm 2014", "Ngày 05 tháng 03 năm 2014", "NGÀY 5 THÁNG 3 NĂM 2014",
        "ngay 5 thang 3 nam 2014", "5 tháng 3 2014", "5-Thg3-14", "05 Thg 3 2014",
        "05-Mar-14", "5 March 2014", "2014-03-05", "2014/3/5", "2014-03-05 00:00:00",
        "2014-03-05T00:00:00", "05/03/2014 00:00", "5/3/2014 12:00:00 AM", "20140305", "05032014",
        "41703", 41703.0, 41703.75, 20140305.0, 5032014.0,
        FIFTH_OF_MARCH, datetime(2014, 3, 5), datetime(2014, 3, 5, 23, 59),
    ],
)  # fmt: skip
def test_a_full_date_is_read_however_it_is_typed(value):
    assert read_birth_date(value) == exact_birth(FIFTH_OF_MARCH)
    assert read_date(value) == FIFTH_OF_MARCH


@pytest.mark.parametrize(
    ("value", "year", "month"),
    [
        ("00/00/1992", 1992, None), ("/ /1986", 1986, None), ("0/0/2014", 2014, None),
        ("//2014", 2014, None), ("2014", 2014, None), (2014.0, 2014, None),
        ("năm 2014", 2014, None),
        ("Sinh năm 2014", 2014, None), ("xx/xx/2014", 2014, None), ("../../2014", 2014, None),
        ("ngày … tháng … năm 2014", 2014, None), ("ngày tháng năm 14", 2014, None),
        ("x/3/2014", 2014, 3), ("00/03/2014", 2014, 3), ("__/03/2014", 2014, 3),
        ("03/2014", 2014, 3), ("tháng 3 năm 2014", 2014, 3), ("tháng 3/2014", 2014, 3),
    ],
)  # fmt: skip
def test_half_a_date_keeps_what_is_known(value, year, month):
    assert read_birth_date(value) == BirthDate(year=year, month=month, problem="incomplete")
    assert read_date(value) is None


@pytest.mark.parametrize("value", [None, "", "  ", "\u00a0", "-", "/ /"])
def test_an_empty_cell_is_a_missing_date(value):
    assert read_birth_date(value).problem == "missing"


@pytest.mark.parametrize(
    "value",
    [
        "31/02/2014", "29/02/2015", "32/01/2014", "13/13/2014", "5/3/214", "0214", "1/2", "14/2014",
        "không rõ", "5 Abc 2014", "2014-13-01", "12345678", "99999", "3000",
        "1x/03/2014", "?5/03/2014", "05/03/20xx", "05/03/20…", "…/…/20..", "ngày 5 tháng 3 năm 20…",
        "tháng 12", "ngày 12", "ngày 5 tháng 12", "th 12",
        12.0, -5.0, 1.5, 1e300, float("nan"), float("inf"), True, ErrorValue("#N/A"),
        date(1850, 1, 1), datetime(2200, 1, 1),
    ],
)  # fmt: skip
def test_what_is_no_date_is_unreadable_and_never_moved(value):
    assert read_birth_date(value) == BirthDate(problem="unreadable")


def test_month_first_is_taken_only_where_day_first_is_impossible():
    assert read_date("3/14/2014") == date(2014, 3, 14)
    assert read_date("3/5/2014") == date(2014, 5, 3)


def test_a_column_typed_in_us_order_is_read_in_us_order():
    column = ["3/14/2014", "3/5/2014", 41703.0, None, "12/25/2013 12:00:00 AM"]

    assert is_us_order(column)
    assert read_date("3/5/2014", us_order=True) == FIFTH_OF_MARCH
    assert read_date("14/3/2014", us_order=True) == date(2014, 3, 14)
    assert not is_us_order([*column, "14/3/2014"])
    assert not is_us_order(["3/5/2014", "abc", 5.0])


@pytest.mark.parametrize(
    ("text", "year"), [("1/1/00", 2000), ("1/1/15", 2015), ("1/1/49", 2049), ("1/1/50", 1950)]
)
def test_a_two_digit_year_is_of_the_childs_century(text, year):
    assert read_birth_date(text).year == year


@settings(max_examples=100, deadline=None)
@given(DAYS)
def test_every_day_reads_back_from_each_common_form(day):
    serial = float((day - date(1899, 12, 30)).days)
    forms = [f"{day:%d/%m/%Y}", f"{day:%d-%m-%Y}", day.isoformat(), f"{day:%d%m%Y}", serial, day]

    assert [read_date(form) for form in forms] == [day] * len(forms)
    assert exact_birth(day).text == f"{day:%d/%m/%Y}"


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=25), st.text("0123456789/-. ", max_size=12), st.floats()))
def test_anything_at_all_gives_a_date_or_a_problem(value):
    found = read_birth_date(value)

    assert found.exact == (found.date is not None) == (found.problem == "")
    assert found.problem in {"", "missing", "unreadable", "incomplete"}
    assert (found.year is None) == (found.problem in {"missing", "unreadable"})


@pytest.mark.parametrize(
    ("value", "month"),
    [
        ("03/2015", date(2015, 3, 1)),
        ("3/2015", date(2015, 3, 1)),
        ("tháng 3 năm 2015", date(2015, 3, 1)),
        ("15/03/2015", date(2015, 3, 1)),
        (datetime(2015, 3, 1), date(2015, 3, 1)),
        ("2015", None),
        ("", None),
        ("abc", None),
    ],
)
def test_a_month_is_read_as_its_first_day(value, month):
    assert read_month(value) == month


def test_a_partly_known_birth_prints_what_is_known():
    assert BirthDate(year=2014).text == "2014"
    assert BirthDate(year=2014, month=3).text == "03/2014"
    assert BirthDate(problem="missing").text == ""
    assert exact_birth(FIFTH_OF_MARCH + timedelta(days=1)).text == "06/03/2014"


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("01/01/1899", None), ("01/01/1900", 1900), ("31/12/2100", 2100), ("01/01/2101", None),
        ("1899", None), ("1900", 1900), ("2100", 2100), ("2101", None),
        (1899.0, None), (1900.0, 1900), (2100.0, 2100), (2101.0, None),
        (date(1899, 12, 31), None), (date(1900, 1, 1), 1900),
        (date(2100, 12, 31), 2100), (date(2101, 1, 1), None),
        (14_999.0, None), (15_000.0, 1941), (74_999.0, 2105), (75_000.0, None),
        (12_014.0, None), (1_012_014.0, 2014),
    ],
)  # fmt: skip
def test_a_year_that_no_childs_or_parents_paper_bears_is_a_slip(value, year):
    assert read_birth_date(value).year == year


@pytest.mark.parametrize(
    ("text", "us_order", "read"),
    [
        ("1/13/2014", False, exact_birth(date(2014, 1, 13))),
        ("12/13/2014", False, exact_birth(date(2014, 12, 13))),
        ("12/31/2014", False, exact_birth(date(2014, 12, 31))),
        ("12/32/2014", False, BirthDate(problem="unreadable")),
        ("31/00/2014", False, BirthDate(year=2014, problem="incomplete")),
        ("32/00/2014", False, BirthDate(problem="unreadable")),
        ("00/12/2014", False, BirthDate(year=2014, month=12, problem="incomplete")),
        ("00/13/2014", False, BirthDate(problem="unreadable")),
        ("1/5/2014", True, exact_birth(date(2014, 1, 5))),
        ("12/5/2014", True, exact_birth(date(2014, 12, 5))),
        ("13/00/2014", True, BirthDate(year=2014, problem="incomplete")),
        ("00/03/2014", True, BirthDate(year=2014, month=3, problem="incomplete")),
        ("2014/12/5", True, exact_birth(date(2014, 12, 5))),
        ("2014/03/2015", False, BirthDate(problem="unreadable")),
    ],
)
def test_no_month_has_a_number_above_twelve_and_no_day_one_above_thirty_one(text, us_order, read):
    assert read_birth_date(text, us_order=us_order) == read


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("12/13/2014", True),
        ("13/13/2014", False),
        ("1/31/2014", True),
        ("1/32/2014", False),
        ("12/12/2014", False),
    ],
)
def test_one_date_shows_the_us_order_where_it_is_a_day_in_no_other(text, us):
    assert is_us_order([text]) is us


@pytest.mark.parametrize(("text", "us"), [("13/12/2014", False), ("31/1/2014", False),
                                          ("32/1/2014", True), ("13/13/2014", True)])  # fmt: skip
def test_one_date_that_puts_the_day_first_keeps_a_column_from_being_of_us_order(text, us):
    assert is_us_order(["3/14/2014", text]) is us


def test_of_several_dates_of_one_cell_the_last_that_is_one_counts():
    """A child's cards, one after the other, as hospitals export them."""
    assert read_date("01/01/2013;05/03/2014") == FIFTH_OF_MARCH
    assert read_date("05/03/2014;?;") == FIFTH_OF_MARCH
    assert read_date(";") is None
