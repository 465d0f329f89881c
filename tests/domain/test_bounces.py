"""A bounce changes only what it may: letters that were sent, addresses they were sent to."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.letters.bounces import (
    AddressChange,
    HandedOver,
    IncomingMail,
    Lesson,
    Outcome,
    Receiver,
    Sort,
    lesson,
)

LETTER = "<1@bhxh.example>"
A, B = "a@q1.example", "b@q1.example"


def handed(**copies: Outcome | None) -> HandedOver:
    return HandedOver(
        LETTER, "760", ("receipt/1",), {f"{k}@q1.example": v for k, v in copies.items()}
    )


def bounce(*told: tuple[str, Outcome]) -> IncomingMail:
    receivers = tuple(Receiver((address,), outcome, "why") for address, outcome in told)
    return IncomingMail(Sort.BOUNCE, (LETTER,), receivers)


def test_an_address_that_bounced_is_refused_and_the_others_are_not():
    found = lesson(bounce((A, Outcome.REFUSED)), handed(a=None, b=None))

    assert found == Lesson(True, {A: AddressChange(Outcome.REFUSED, "why")}, nobody=False)


def test_a_letter_whose_last_address_bounced_reached_nobody():
    assert lesson(bounce((B, Outcome.REFUSED)), handed(a=Outcome.GIVEN_UP, b=None)).nobody
    assert lesson(
        bounce((A, Outcome.GIVEN_UP), (B, Outcome.REFUSED)), handed(a=None, b=None)
    ).nobody
    assert not lesson(bounce((B, Outcome.REFUSED)), handed(a=Outcome.DELAYED, b=None)).nobody


def test_a_warning_is_noted_and_loses_no_letter():
    found = lesson(bounce((A, Outcome.DELAYED)), handed(a=None))

    assert found == Lesson(True, {A: AddressChange(Outcome.DELAYED, "why")}, nobody=False)


@pytest.mark.parametrize("before", [Outcome.GIVEN_UP, Outcome.REFUSED])
@pytest.mark.parametrize("told", [Outcome.DELIVERED, Outcome.DELAYED, Outcome.GIVEN_UP])
def test_what_was_told_before_is_neither_told_twice_nor_taken_back(before: Outcome, told: Outcome):
    assert lesson(bounce((A, told)), handed(a=before)) == Lesson(is_ours=True)


def test_a_bounce_of_a_mail_that_was_never_sent_teaches_nothing():
    assert lesson(bounce((A, Outcome.REFUSED)), None) == Lesson(is_ours=False)


def test_a_bounce_about_an_address_that_the_letter_did_not_go_to_teaches_nothing():
    forged = bounce(("thu@bhxh.example", Outcome.REFUSED))

    assert lesson(forged, handed(a=None)) == Lesson(is_ours=False)


def test_a_success_that_a_server_tells_is_known_as_ours_and_changes_nothing():
    assert lesson(bounce((A, Outcome.DELIVERED)), handed(a=None)) == Lesson(is_ours=True)


def test_the_case_of_an_address_and_where_it_was_passed_on_to_hide_it_from_nobody():
    told = Receiver(("ai-do@xa.example", A.upper()), Outcome.REFUSED, "why")
    found = lesson(IncomingMail(Sort.BOUNCE, (LETTER,), (told,)), handed(a=None))

    assert list(found.changes) == [A]


def test_an_answer_teaches_nothing_even_if_it_names_the_letter():
    answer = IncomingMail(Sort.OTHER, (LETTER,), (Receiver((A,), Outcome.REFUSED, "why"),))

    assert lesson(answer, handed(a=None)) == Lesson(is_ours=False)
