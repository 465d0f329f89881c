"""The inbox on a real Maildir and ledger: what comes back counts once, and nothing else counts."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES
from bhyt_filedrop.domain.letters.mailing import backoff
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.mail.bounce_maildir import MaildirMailbox
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.work.post.inbox import Inbox
from tests import bounces
from tests.bounce_office import ADMIN, NOW, Office
from tests.bounces import GONE, OTHER
from tests.maildirs import new, seen

MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.engine.dispose()


def test_an_address_that_bounces_is_refused_and_the_mail_is_marked_as_read(office: Office):
    office.sent(GONE, OTHER)
    office.came(bounces.postfix())

    assert [office.inbox.run_once(NOW), office.inbox.run_once(NOW)] == [1, 0]
    assert office.refused() == {GONE: "550 5.1.1 User unknown in virtual mailbox table"}
    assert (len(new(office.folder)), len(seen(office.folder))) == (0, 1)
    assert office.letters.counts() == {"sent": 1}, "the other address got it"


def test_a_letter_whose_every_address_bounced_is_set_aside_and_the_admin_is_told_once_a_day(
    office: Office,
):
    office.sent(GONE, OTHER)
    office.came(bounces.exim())
    office.sent(GONE, name="2", mail="<2@bhxh.example>")
    office.came(bounces.postfix(letter="<2@bhxh.example>"))

    assert office.inbox.run_once(NOW) == 2
    assert office.letters.counts() == {"set-aside": 2, "due": 1}
    assert office.told() == ["notice/letters-set-aside/2015-06-20"]
    (error, _) = [error for _, _, error in office.letters.trouble()]
    assert error.startswith("came back from every address, lastly ") and GONE in error


def test_a_crash_between_writing_down_and_marking_counts_the_bounce_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    def dies(_mailbox: MaildirMailbox, _mail: str) -> None:
        raise KeyboardInterrupt

    office.sent(GONE)
    office.came(bounces.postfix())
    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(MaildirMailbox, "done", dies)
        office.inbox.run_once(NOW)
    assert len(new(office.folder)) == 1

    assert office.new_inbox().run_once(NOW + MINUTE) == 0
    assert (len(new(office.folder)), len(seen(office.folder))) == (0, 1)
    assert office.refused() == {GONE: "550 5.1.1 User unknown in virtual mailbox table"}
    assert office.told() == ["notice/letters-set-aside/2015-06-20"]


def test_a_warning_is_noted_and_the_failure_that_follows_it_counts(office: Office):
    office.sent(GONE)
    office.came(bounces.postfix(action="delayed", status="4.4.1", diagnostic="timed out"))
    assert office.inbox.run_once(NOW) == 1
    assert office.refused() == {}
    (late,) = office.letters.undelivered(NOW)
    assert (late.address, late.reason) == (GONE, "4.4.1 timed out")

    office.came(bounces.postfix())
    assert office.inbox.run_once(NOW + MINUTE) == 1
    assert list(office.refused()) == [GONE]
    assert office.letters.undelivered(NOW) == []


def test_a_success_that_a_server_tells_is_put_away_and_changes_nothing(office: Office):
    office.sent(GONE)
    office.came(bounces.postfix(action="delivered", status="2.0.0", diagnostic="250 ok"))

    assert office.inbox.run_once(NOW) == 0
    assert (office.refused(), len(seen(office.folder))) == ({}, 1)


@pytest.mark.parametrize(
    "forged",
    [
        bounces.postfix(letter="<guessed@bhxh.example>"),
        bounces.postfix(OTHER),
        bounces.postfix("thu@bhxh.example"),
        bounces.answer("<nghi-viec@q1.example>: 550 5.1.1"),
        bounces.passed_on(bounces.postfix()),
    ],
    ids=["another letter", "another address", "our own address", "an answer", "passed on"],
)
def test_what_is_forged_or_foreign_harms_nobody_and_stays_for_people(office: Office, forged: bytes):
    office.sent(GONE)
    office.came(forged)

    assert [office.inbox.run_once(NOW + n * 5 * MINUTE) for n in range(3)] == [0, 0, 0]
    assert office.refused() == {}
    assert office.letters.counts() == {"sent": 1, "due": 1}
    assert len(new(office.folder)) == 1, "as it came: unread, where it was"


def test_a_bounce_that_is_here_before_its_letter_is_noted_as_sent_counts_all_the_same(
    office: Office,
):
    office.came(bounces.postfix())
    assert office.inbox.run_once(NOW) == 0
    office.sent(GONE, OTHER)

    assert office.inbox.run_once(NOW + MINUTE) == 1
    assert list(office.refused()) == [GONE]
    assert office.told() == []


def test_the_admin_hears_once_a_day_of_mails_for_people_whatever_is_restarted(office: Office):
    for hour in range(3):
        office.came(bounces.answer(), NOW + hour * 60 * MINUTE)
        office.inbox.run_once(NOW + hour * 60 * MINUTE)
    office.new_inbox().run_once(NOW + 300 * MINUTE)

    assert office.told() == ["notice/mailbox/2015-06-20"]
    office.came(bounces.answer(), NOW + timedelta(days=1))
    office.new_inbox().run_once(NOW + timedelta(days=1))
    assert office.told() == ["notice/mailbox/2015-06-20", "notice/mailbox/2015-06-21"]


def test_of_what_programs_answer_and_of_mails_from_long_ago_nobody_is_told(office: Office):
    office.came(bounces.absence())
    office.came(bounces.receipt())
    office.came(bounces.answer(), NOW - timedelta(days=30))

    office.inbox.run_once(NOW)

    assert office.told() == []
    assert len(new(office.folder)) == 3


@pytest.mark.parametrize(
    ("days", "told"),
    [(0, ["notice/mailbox/2015-06-20"]), (1, ["notice/mailbox/2015-06-19"]), (2, []), (-1, [])],
)
def test_mails_for_people_of_today_and_of_yesterday_are_told_by_their_day(
    office: Office, days: int, told: list[str]
):
    office.came(bounces.answer(), NOW - timedelta(days=days))
    office.inbox.run_once(NOW)

    assert office.told() == told


def test_the_letter_counts_the_mails_for_people_that_a_day_brought(office: Office):
    for n in range(3):
        office.came(bounces.answer(str(n)), NOW)
    office.came(bounces.answer("9"), NOW - timedelta(days=1))
    office.inbox.run_once(NOW)

    due = office.letters.due_letters(NOW + timedelta(days=9), 99)
    counted = {one.letter.key[-2:]: str(one.letter.context) for one in due}
    assert "có 3 thư" in counted["20"]
    assert "có 1 thư" in counted["19"]


@pytest.mark.parametrize(("minutes", "counts"), [(9.9, True), (10, False)])
def test_a_bounce_of_no_letter_that_is_known_is_looked_at_again_for_ten_minutes(
    office: Office, minutes: float, counts: bool
):
    office.came(bounces.postfix(), NOW)
    assert office.inbox.run_once(NOW + minutes * MINUTE) == 0
    office.sent(GONE, OTHER)

    assert office.inbox.run_once(NOW + (minutes + 1) * MINUTE) == int(counts)


def test_a_mail_for_people_is_read_once_and_not_again_at_each_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    office.came(bounces.answer())
    office.inbox.run_once(NOW)
    monkeypatch.setattr(MaildirMailbox, "_read", lambda _box, path: pytest.fail(f"read {path}"))

    assert office.inbox.run_once(NOW + MINUTE) == 0


def test_thousands_of_mails_come_in_turns_and_none_is_left_out(office: Office):
    office.sent(GONE)
    for n in range(1200):
        office.came(bounces.answer(str(n)), NOW - timedelta(days=30))
    office.came(bounces.postfix(), NOW)

    assert [office.inbox.run_once(NOW + n * MINUTE) for n in range(4)] == [0, 0, 1, 0]


def test_neither_addresses_nor_reasons_stand_in_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    office.sent(GONE)
    office.came(bounces.postfix())
    office.came(bounces.answer())
    office.inbox.run_once(NOW)

    logged = [str(record.__dict__) for record in caplog.records]
    assert any("mail.bounced" in line for line in logged)
    assert not any("q1.example" in line or "User unknown" in line for line in logged)


# --- a mailbox out of reach --------------------------------------------------------------------


class Scripted(MaildirMailbox):
    """A mailbox that does not answer as long as the test says so."""

    down = True
    looks = 0

    def _unread(self) -> list[Path]:
        self.looks += 1
        if self.down:
            raise TryLater("mailbox mail.example.vn:993: no answer in time")
        return super()._unread()


def test_a_mailbox_out_of_reach_is_asked_ever_less_often_and_read_when_it_is_back(office: Office):
    box = Scripted(office.folder, MAX_BYTES)
    inbox = Inbox(LedgerBounces(office.engine), box, ADMIN, random.Random(1))
    office.sent(GONE)
    office.came(bounces.postfix())

    for minute in range(60):
        assert inbox.run_once(NOW + minute * MINUTE) == 0
    assert 4 <= box.looks <= 8
    assert office.told() == []
    box.down = False

    assert inbox.run_once(NOW + timedelta(hours=3)) == 1


def test_an_admin_is_told_once_a_day_of_a_mailbox_that_stays_out_of_reach(office: Office):
    inbox = Inbox(LedgerBounces(office.engine), Scripted(office.folder, 9), ADMIN)
    for hour in range(30):
        inbox.run_once(NOW + timedelta(hours=2 * hour))

    days = ["2015-06-20", "2015-06-21", "2015-06-22"]
    assert office.told() == [f"notice/mailbox-down/{day}" for day in days]


def test_the_first_rest_is_short_and_a_mailbox_that_was_back_begins_anew(office: Office):
    box = Scripted(office.folder, MAX_BYTES)
    inbox = Inbox(LedgerBounces(office.engine), box, ADMIN, random.Random(1))
    first = backoff(0, random.Random(1).random())
    for after, looks in ((timedelta(), 1), (first * 0.99, 1), (first, 2)):
        inbox.run_once(NOW + after)
        assert box.looks == looks
    box.down = False
    inbox.run_once(NOW + timedelta(hours=2))
    box.down = True
    looks, back = box.looks, NOW + timedelta(hours=3)
    inbox.run_once(back)
    inbox.run_once(back + backoff(0, 1.0))

    assert box.looks == looks + 2
