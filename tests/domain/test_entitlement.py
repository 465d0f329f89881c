"""How long a card is valid and what is paid for: 1331/BHXH-THU."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.sources import Sources
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load

UNITS = load(config_dir()).units
RULES, SOURCES = UNITS.entitlement, UNITS.sources
turns_72_months, valid_until = RULES.of_age, RULES.valid_until
is_covered, contribution = RULES.is_covered, RULES.contribution

BIRTHS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("birth", "day"),
    [
        (date(2013, 5, 14), date(2019, 5, 14)),
        (date(2012, 2, 29), date(2018, 2, 28)),
        (date(2014, 2, 28), date(2020, 2, 28)),
        (date(2013, 12, 31), date(2019, 12, 31)),
    ],
)
def test_a_child_is_72_months_old_on_its_sixth_birthday(birth, day):
    assert turns_72_months(birth) == day


@pytest.mark.parametrize(
    ("birth", "until"),
    [
        (date(2013, 1, 1), date(2019, 9, 30)),
        (date(2013, 5, 14), date(2019, 9, 30)),
        (date(2013, 9, 29), date(2019, 9, 30)),
        (date(2013, 9, 30), date(2019, 9, 30)),
        (date(2013, 10, 1), date(2019, 10, 1)),
        (date(2013, 12, 31), date(2019, 12, 31)),
        (date(2012, 2, 29), date(2018, 9, 30)),
    ],
)
def test_a_card_waits_for_the_school_year_but_no_longer(birth, until):
    assert valid_until(birth) == until


def test_a_visit_is_covered_from_birth_to_the_day_before_the_later_limit():
    spring, autumn = date(2013, 5, 14), date(2013, 11, 20)

    assert not is_covered(spring, date(2013, 5, 13))
    assert is_covered(spring, spring)
    assert is_covered(spring, date(2019, 5, 14))  # 72 months, school not begun
    assert is_covered(spring, date(2019, 9, 29))
    assert not is_covered(spring, date(2019, 9, 30))
    assert is_covered(autumn, date(2019, 11, 19))
    assert not is_covered(autumn, date(2019, 11, 20))


@settings(max_examples=100, deadline=None)
@given(BIRTHS)
def test_cover_is_never_shorter_than_72_months_nor_longer_than_to_30_september(birth):
    limit = valid_until(birth)

    assert turns_72_months(birth) <= limit
    assert limit == turns_72_months(birth) or (limit.month, limit.day) == (9, 30)
    assert limit.year == birth.year + 6
    assert is_covered(birth, limit - timedelta(days=1))
    assert not is_covered(birth, limit)


def test_a_resident_child_is_paid_for_from_birth_for_72_months():
    paid = contribution(date(2015, 5, 14))

    assert (paid.first_month, paid.months) == (date(2015, 5, 1), 72)
    assert (paid.until, paid.rule) == (date(2021, 5, 14), "resident")


def test_a_child_born_before_2015_is_paid_for_from_january_2015():
    paid = contribution(date(2013, 5, 14))

    assert (paid.first_month, paid.months) == (date(2015, 1, 1), 52)
    assert paid.rule == "born_before"


def test_a_child_that_moved_in_is_paid_for_from_the_day_it_came():
    paid = contribution(date(2014, 1, 1), moved_in=date(2016, 7, 9))

    assert (paid.first_month, paid.months) == (date(2016, 7, 1), 42)
    assert paid.rule == "moved_in"


def test_a_move_before_the_rules_or_before_birth_changes_nothing():
    born_before = contribution(date(2013, 5, 14), moved_in=date(2014, 6, 1))

    assert born_before == contribution(date(2013, 5, 14))
    assert contribution(date(2016, 1, 5), moved_in=date(2015, 1, 1)).first_month == date(2016, 1, 1)


def test_nothing_is_paid_for_a_child_past_72_months():
    assert contribution(date(2008, 1, 1)).months == 0
    assert contribution(date(2014, 1, 1), moved_in=date(2021, 1, 1)).months == 0


def test_the_first_day_of_the_rules_can_be_set():
    rules = Entitlement(paid_from=date(2013, 7, 1))

    assert rules.contribution(date(2013, 5, 14)).first_month == date(2013, 7, 1)


@settings(max_examples=100, deadline=None)
@given(BIRTHS, st.none() | BIRTHS)
def test_never_more_than_72_months_and_never_a_month_before_birth(birth, moved_in):
    paid = contribution(birth, moved_in=moved_in)

    assert 0 <= paid.months <= 72
    assert paid.first_month >= birth.replace(day=1)
    assert paid.first_month.day == 1


@pytest.mark.parametrize(
    ("birth", "moved_in", "words"),
    [
        (date(2013, 5, 14), None, ["14/05/2019", "30/09/2019", "tháng 01/2015, 52 tháng"]),
        (date(2013, 11, 20), None, ["đủ 72 tháng tuổi, ngày 20/11/2019", "trước ngày 20/11/2019"]),
        (date(2015, 5, 14), None, ["tháng 05/2015, 72 tháng", "đóng từ khi sinh"]),
        (date(2014, 1, 1), date(2016, 7, 9), ["chuyển đến Thành phố ngày 09/07/2016"]),
        (date(2008, 1, 1), None, ["Không phải đóng BHYT"]),
    ],
)
def test_every_statement_comes_with_its_source(birth, moved_in, words):
    statements = RULES.explain(birth, SOURCES, UNITS.authority.short, moved_in)

    assert all(source.startswith("1331/BHXH-THU") for _, source in statements)
    whole = " ".join(statement for statement, _ in statements)
    assert [word for word in words if word not in whole] == []


# --- the rule of NĐ 188/2025, Điều 13 ------------------------------------------------------------

TODAY = load(config_dir("hcmc-2025")).units


@pytest.mark.parametrize(
    ("birth", "until"),
    [
        (date(2019, 11, 5), date(2025, 11, 30)),
        (date(2019, 9, 30), date(2025, 9, 30)),
        (date(2019, 10, 31), date(2025, 10, 31)),
        (date(2020, 2, 29), date(2026, 9, 30)),
        (date(2019, 12, 1), date(2025, 12, 31)),
        (date(2018, 11, 20), date(2024, 11, 20)),  # ended before the rule
    ],
)
def test_today_a_card_ends_with_the_month_of_72_months(birth, until):
    rules = TODAY.entitlement

    assert rules.valid_until(birth) == until
    assert rules.is_covered(birth, until) is (until >= date(2025, 8, 15))
    assert not rules.is_covered(birth, until + timedelta(days=1))


def test_today_the_sentences_say_the_end_of_the_month_and_cite_todays_decree():
    told = TODAY.entitlement.explain(date(2020, 11, 5), TODAY.sources, "Thành phố")

    assert "đến ngày 30/11/2026, ngày cuối của tháng trẻ đủ 72 tháng tuổi" in told[1][0]
    assert "đến hết ngày 30/11/2026" in told[2][0]
    assert not any("1331" in source for _, source in told)


@settings(max_examples=100, deadline=None)
@given(BIRTHS, st.integers(12, 200), st.integers(1, 12), st.integers(1, 28))
def test_whatever_the_age_and_the_school_year_a_card_never_ends_before_the_age(
    birth, months, month, day
):
    rules = Entitlement(months, month, day)

    assert rules.valid_until(birth) >= rules.of_age(birth)
    assert rules.is_covered(birth, birth)
    assert len(rules.explain(birth, Sources(), "tỉnh")) == 4
