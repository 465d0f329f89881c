"""The ledger remembers for which addresses a mail was taken, and what came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bhyt_filedrop.domain.letters.bounces import AddressChange, HandedOver, Lesson, Outcome
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.store import migrate, open_engine
from tests.offices import moment

NOW = moment(6, 20, 9)
LETTER = "<1@bhxh.example>"
A, B = "a@q1.example", "b@q1.example"
REFUSED = AddressChange(Outcome.REFUSED, "550 5.1.1 no")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def letters(engine: Engine) -> LedgerLetters:
    return LedgerLetters(engine)


@pytest.fixture
def bounces(engine: Engine) -> LedgerBounces:
    return LedgerBounces(engine)


def stored(letters: LedgerLetters, *names: str) -> list[str]:
    made = [notice(name, "760", "Thông báo", ["Một dòng."]) for name in names]
    letters.put_letters(made, NOW)
    return [one.key for one in made]


def test_a_mail_is_known_with_its_letters_its_unit_and_its_addresses(
    letters: LedgerLetters, bounces: LedgerBounces
):
    keys = stored(letters, "1", "2")
    letters.letter_sent(keys, Taken(LETTER, NOW, (A, B)), {})

    expected = HandedOver(LETTER, "760", tuple(keys), {A: None, B: None})
    assert bounces.handed_over(["<0@bhxh.example>", LETTER]) == expected
    assert bounces.handed_over(["<0@bhxh.example>"]) is None
    assert bounces.handed_over([]) is None


def test_an_address_that_was_served_before_the_others_may_bounce_before_them(
    letters: LedgerLetters, bounces: LedgerBounces
):
    keys = stored(letters, "1")
    letters.letter_later(keys, NOW, "busy", (B,), {}, Taken(LETTER, NOW, (A,)))
    early = bounces.handed_over([LETTER])
    letters.letter_sent(keys, Taken(LETTER, NOW, (B,)), {})
    later = bounces.handed_over([LETTER])

    assert early is not None and later is not None
    assert (set(early.copies), set(later.copies)) == ({A}, {A, B})


def test_a_mail_that_goes_twice_after_a_crash_forgets_no_bounce(
    letters: LedgerLetters, bounces: LedgerBounces
):
    keys = stored(letters, "1")
    letters.letter_sent(keys, Taken(LETTER, NOW, (A, B)), {})
    learnt(bounces, Lesson(True, {A: REFUSED}))
    letters.letter_sent(keys, Taken(LETTER, NOW, (A, B)), {})

    assert handed(bounces).copies == {A: Outcome.REFUSED, B: None}


def handed(bounces: LedgerBounces) -> HandedOver:
    found = bounces.handed_over([LETTER])
    assert found is not None
    return found


def learnt(bounces: LedgerBounces, lesson: Lesson, *letters: str) -> None:
    said = [notice(name, "cntt", "Thông báo", ["Một dòng."]) for name in letters]
    bounces.learn(handed(bounces), lesson, NOW, "nobody got it", said)


def test_a_letter_that_reached_nobody_is_set_aside_and_told_in_one_transaction(
    letters: LedgerLetters, bounces: LedgerBounces
):
    keys = stored(letters, "1", "2")
    letters.letter_sent(keys, Taken(LETTER, NOW, (A,)), {})
    learnt(bounces, Lesson(True, {A: REFUSED}, nobody=True), "tell")

    assert letters.counts() == {"due": 1, "set-aside": 2}
    assert {error for _, _, error in letters.trouble()} == {"nobody got it"}
    (told,) = letters.refused(NOW)
    assert (told.address, told.unit, told.reason, told.letters) == (A, "760", REFUSED.reason, 2)
    assert (told.last, told.bounced) == (NOW, True)


def test_a_bounce_before_the_last_address_was_served_leaves_the_letter_due(
    letters: LedgerLetters, bounces: LedgerBounces
):
    keys = stored(letters, "1")
    letters.letter_later(keys, NOW, "busy", (B,), {}, Taken(LETTER, NOW, (A,)))
    learnt(bounces, Lesson(True, {A: REFUSED}, nobody=True))

    assert letters.counts() == {"due": 1}
    assert [one.address for one in letters.refused(NOW)] == [A]


def test_delays_and_passing_troubles_are_kept_apart_from_refusals(
    letters: LedgerLetters, bounces: LedgerBounces
):
    keys = stored(letters, "1")
    letters.letter_sent(keys, Taken(LETTER, NOW, (A, B)), {})
    changes = {
        A: AddressChange(Outcome.DELAYED, "4.4.1"),
        B: AddressChange(Outcome.GIVEN_UP, "4.4.7"),
    }
    learnt(bounces, Lesson(True, changes))

    assert letters.refused(NOW) == []
    late = {one.address: one.outcome for one in letters.undelivered(NOW)}
    assert late == {A: Outcome.DELAYED, B: Outcome.GIVEN_UP}
    assert letters.undelivered(NOW + timedelta(seconds=1)) == []
