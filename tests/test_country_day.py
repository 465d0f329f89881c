"""The country's worst day is played the same each time, and as queues go."""

from __future__ import annotations

import sys
from dataclasses import replace
from statistics import median

import pytest

from tests.imports import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import country_year
from country_day import HOUR, Coming, day, hours, play, provinces, scaled, services

NINE = 9 * HOUR


def at_nine(*whose: int) -> list[Coming]:
    """So many files at once, of these provinces, each the next of its round."""
    return [Coming(NINE, one, whose[:n].count(one)) for n, one in enumerate(whose)]


def test_the_country_has_its_34_provinces_and_3321_communes_and_the_day_all_its_files():
    assert len({one.name for one in provinces()}) == 34
    assert sum(one.communes for one in provinces()) == 3_321
    assert sum(hours().values()) == pytest.approx(1)


def test_the_same_seed_draws_the_same_day_and_another_draws_another():
    first, again, other = day(1.4), day(1.4), day(1.4, seed=2)

    assert first == again != other
    assert len(first) == len(other) == sum(round(1.4 * one.communes) for one in provinces())
    assert [one.at for one in first] == sorted(one.at for one in first)
    late = sum(one.at >= 15 * HOUR for one in first) / len(first)
    assert late == pytest.approx(0.5, abs=0.03)


def test_one_core_takes_files_one_after_the_other():
    played = play(at_nine(0, 1, 2), [2.0], cores=1)

    assert (played.files, played.half, played.longest) == (3, 4.0, 6.0)
    assert played.busiest == pytest.approx(6 / HOUR)
    assert played.late == 0


def test_several_cores_take_several_provinces_at_once_but_one_province_has_one_daemon():
    assert play(at_nine(0, 1, 2, 3), [2.0], cores=4).longest == 2.0
    assert play(at_nine(0, 0, 0, 0), [2.0], cores=4).longest == 8.0


def test_the_file_that_waited_longest_is_next():
    first = Coming(NINE, 0, 0)
    waiting = [Coming(NINE + 1, 1, 0), Coming(NINE + 2, 2, 0)]
    played = play([first, *waiting], [10.0], cores=1)

    assert (played.half, played.longest) == (19.0, 28.0)


def test_a_file_takes_longer_the_more_of_its_round_are_there():
    assert play(at_nine(0, 0, 0), [1.0, 2.0], cores=1).longest == 5.0


def test_what_comes_at_the_last_moment_is_done_after_it():
    last = replace(at_nine(0)[0], at=17 * HOUR - 1)
    assert play([last], [5.0], cores=2).late == pytest.approx(4.0)


def test_more_cores_never_make_a_day_longer():
    coming, seconds = day(20.0), scaled(services(), 0.4)
    waits = [play(coming, seconds, cores).nearly_all for cores in (1, 2, 4)]

    assert waits == sorted(waits, reverse=True)
    assert waits[0] > 2 * waits[2]


def test_what_was_measured_on_a_busy_machine_is_brought_to_the_tables_late_return():
    brought = scaled(services(), 0.4)

    assert median(brought[-20:]) == pytest.approx(0.4)
    assert len(brought) == len(services()) >= 300


def test_a_year_grows_with_communes_and_with_children():
    left, year = country_year.quarter(), country_year.a_year()
    rounds = 4 * 3_321 / left["communes"]

    assert year["mails"] == pytest.approx(left["mails"] * rounds)
    assert year[country_year.CHILDREN] == pytest.approx(1_400_000 / 3_000 * 48_668)
    assert year["rows"] - year[country_year.CHILDREN] == pytest.approx(11_098 * rounds)


def test_what_is_synced_is_read_off_the_crash_table():
    a_drop, a_mail = country_year.fsyncs()

    assert (a_drop, a_mail) == (18, 3)
