"""What a worker tells of a look: closed folders, files that lie there, what a survey found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bhyt_filedrop.domain.drops.lying import Lying, Why
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.work.arrival.survey import Surveyed
from bhyt_filedrop.work.arrival.sweep import SOON
from bhyt_filedrop.work.worker import MAX_NAMED
from tests.journey.turns import NOTHING, NOW, Turn, settled


def test_closed_folders_are_told_once_a_day_and_when_they_are_others():
    turn = Turn(replace(NOTHING, closed=("a", "b")))
    turn.worker.work()
    turn.worker.work()
    assert len(turn.letters) == 1
    turn.look = replace(NOTHING, closed=("a",))
    turn.worker.work()
    assert len(turn.letters) == 2
    turn.look = NOTHING
    turn.worker.work()
    turn.look = replace(NOTHING, closed=("a",))
    turn.worker.work()
    assert len(turn.letters) == 2
    turn.now += timedelta(days=1)
    turn.worker.work()

    assert len(turn.letters) == 3
    assert len({one.key for one in turn.letters}) == 3


@pytest.mark.parametrize("count", [MAX_NAMED, MAX_NAMED + 1])
def test_a_letter_names_so_many_closed_folders(count: int):
    turn = Turn(replace(NOTHING, closed=tuple(f"thư mục {n}" for n in range(count))))
    turn.worker.work()

    (letter,) = turn.letters
    named = [n for n in range(count) if f"'thư mục {n}'" in str(letter.context)]
    assert named == list(range(MAX_NAMED))
    assert letter.unit == "cntt"


def a_lying(minutes: int = 0) -> Lying:
    return Lying("main", "linh tinh/a.xlsx", Why.ELSEWHERE, "760", NOW + timedelta(minutes=minutes))


def test_what_lies_there_is_written_down_when_it_changes_and_lies_there_since_it_was_seen_first():
    turn = Turn(replace(NOTHING, lying=(a_lying(),)))
    turn.worker.work()
    assert turn.lies == [(a_lying(),)]
    turn.look = replace(NOTHING, lying=(a_lying(5),))
    turn.worker.work()
    assert len(turn.lies) == 1
    turn.look = NOTHING
    turn.worker.work()
    assert turn.lies[1:] == [()]
    assert len(turn.letters) == 1


def test_what_an_earlier_daemon_saw_lying_there_is_not_written_down_again():
    turn = Turn(replace(NOTHING, lying=(a_lying(5),)), known_lying=(a_lying(),))
    turn.worker.work()

    assert turn.lies == []


@pytest.mark.parametrize("error", [TryLater("x"), NeverWorks("x"), OSError("x")])
def test_a_survey_that_fails_spoils_no_look_and_is_tried_half_an_hour_later(error: Exception):
    turn, surveys = Turn(), []

    def survey(*_: object) -> Surveyed:
        surveys.append(turn.seconds)
        raise error

    turn.worker.survey = SimpleNamespace(look=survey)  # type: ignore[assignment]
    for turn.seconds in (100.0, 1899.0, 1900.0):
        assert turn.worker.work() == NOTHING
    assert surveys == [100.0, 1900.0]


def test_what_a_survey_found_to_take_is_taken_once():
    turn = Turn()
    found = Surveyed(drops=settled(2))
    turn.worker.survey = SimpleNamespace(look=lambda *_: found)  # type: ignore[assignment]
    for _ in range(3):
        turn.worker.work()

    assert [one for one in turn.did if one.startswith("registered")] == ["registered 2"]


@pytest.mark.parametrize(("again", "soon"), [(None, SOON), (9.0, SOON), (SOON / 2, SOON / 2)])
def test_what_a_survey_found_to_take_is_looked_at_soon_and_what_is_sooner_no_later(
    again: float | None, soon: float
):
    turn = Turn(replace(NOTHING, look_again_in=again))
    turn.worker.survey = SimpleNamespace(look=lambda *_: Surveyed(drops=settled(1)))  # type: ignore[assignment]
    look = turn.worker.work()

    assert look is not None
    assert look.look_again_in == soon


def test_of_what_a_survey_found_a_word_is_said_in_the_same_turn():
    turn = Turn()
    turn.worker.survey = SimpleNamespace(look=lambda *_: Surveyed(misplaced=(a_lying(),)))  # type: ignore[assignment]
    turn.worker.work()

    assert turn.lies == [(a_lying(),)]
    assert len(turn.letters) == 1


@pytest.mark.parametrize("error", [None, TryLater("x"), NeverWorks("x")])
def test_what_lingers_is_tidied_after_each_look_and_what_fails_spoils_nothing(
    error: Exception | None,
):
    turn, tidied = Turn(seconds=7.0), []

    def tidy(seconds: float) -> None:
        tidied.append(seconds)
        if error:
            raise error

    turn.worker.lingering = SimpleNamespace(tidy=tidy)  # type: ignore[assignment]
    assert turn.worker.work() == NOTHING
    assert tidied == [7.0]
    assert len(turn.noted) == 1
