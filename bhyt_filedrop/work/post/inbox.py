"""The inbox: reads the mails that come back, and writes down which letters did not arrive.

Mailbox and ledger come in as ports. A bounce is written down first and marked as read then, so that
a crash between the two reads it again and changes nothing. A mail that is no bounce of ours stays
as it is: it is for people.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from datetime import date, datetime, timedelta

from bhyt_filedrop.domain.letters.bounce_reading import read_mail
from bhyt_filedrop.domain.letters.bounces import HandedOver, IncomingMail, Lesson, Sort, lesson
from bhyt_filedrop.domain.letters.mailbox_notices import for_people, out_of_reach
from bhyt_filedrop.domain.letters.mailing import backoff, set_aside_notice
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.ports import BounceBook, Mailbox, Received, TryLater

log = logging.getLogger(__name__)

LIMIT = 500
"""Mails looked at in one turn; those left come with the next."""

MANY = 20_000
"""Mails for people whose names are kept, so that they are not read again at each turn."""

EARLY = timedelta(minutes=10)
"""A bounce may be here before the ledger knows that its letter left; so long it is looked at again,
also where a daemon was killed in between and hands the letter over once more."""

TOLD_AFTER = timedelta(hours=1)
"""A mailbox must be out of reach for so long before an admin gets a letter."""

_MOST_PATIENT = 6
"""Of the outbox's pauses the one to end with: an hour."""


class Inbox:
    """Looks for bounces. Made once; the daemon calls `run_once` at its interval."""

    def __init__(
        self, book: BounceBook, mailbox: Mailbox, admin: str = "", rng: random.Random | None = None
    ) -> None:
        """`admin` is the unit that hears of letters that reached nobody, of mails for people, and
        of a mailbox that cannot be read ("" = nobody)."""
        self._book, self._mailbox, self._admin = book, mailbox, admin
        self._rng = rng or random.Random()
        self._for_people: dict[str, None] = {}
        self._to_mention: Counter[date] = Counter()
        self._failures = 0
        self._down_since: datetime | None = None
        self._paused_until: datetime | None = None

    def run_once(self, now: datetime) -> int:
        """Look once at `now` (aware); return how many bounces told something new."""
        if self._paused_until is not None and now < self._paused_until:
            return 0
        try:
            news = self._look(now)
        except TryLater as err:
            self._rest(now, err)
            return 0
        finally:
            self._mailbox.close()
        self._is_up()
        self._mention(now)
        return news

    def _look(self, now: datetime) -> int:
        """Return how many bounces told news."""
        news = 0
        for mail in self._mailbox.unread(self._for_people, LIMIT):
            incoming = read_mail(mail.data)
            handed = self._book.handed_over(incoming.message_ids)
            found = lesson(incoming, handed)
            if handed is None or not found.is_ours:
                if incoming.sort is not Sort.BOUNCE or now - mail.at >= EARLY:
                    self._pass_over(mail, incoming)
                continue
            if found.changes:
                self._learn(handed, found, now)
                news += 1
            self._mailbox.done(mail.id)
        return news

    def _learn(self, handed: HandedOver, found: Lesson, now: datetime) -> None:
        reasons = "; ".join(f"{address}: {one.reason}" for address, one in found.changes.items())
        why = f"came back from every address, lastly {reasons}"
        said = (
            set_aside_notice(handed.keys, handed.unit, why, self._admin, now)
            if found.nobody and handed.keys
            else None
        )
        self._book.learn(handed, found, now, why, [said] if said else [])
        outcomes = ",".join(sorted({str(one.outcome) for one in found.changes.values()}))
        told = {"unit": handed.unit, "outcomes": outcomes, "addresses": len(found.changes)}
        log.warning("mail.bounced", extra=told)

    # --- mails for people ----------------------------------------------------------------------

    def _pass_over(self, mail: Received, incoming: IncomingMail) -> None:
        self._for_people[mail.id] = None
        if len(self._for_people) > MANY:
            del self._for_people[next(iter(self._for_people))]
        if incoming.sort is not Sort.AUTOMATIC:
            self._to_mention[local_day(mail.at)] += 1

    def _mention(self, now: datetime) -> None:
        """Tell the admin once for each day; what came long ago somebody has seen, or never will."""
        today, days = local_day(now), self._to_mention
        if days:
            log.info("mailbox.for_people", extra={"mails": days.total()})
        for day in (today - timedelta(days=1), today):
            if days[day] and self._admin:
                self._book.put_letter(for_people(day, days[day], self._admin), now)
        self._to_mention = Counter()

    # --- a mailbox out of reach ------------------------------------------------------------------

    def _rest(self, now: datetime, err: TryLater) -> None:
        if self._down_since is None:
            self._down_since = now
            log.warning("mailbox.down", extra={"reason": str(err)})
        pause = backoff(min(self._failures, _MOST_PATIENT), self._rng.random())
        self._failures += 1
        self._paused_until = now + pause
        if self._admin and now - self._down_since >= TOLD_AFTER:
            self._book.put_letter(out_of_reach(local_day(now), self._admin), now)

    def _is_up(self) -> None:
        if self._down_since is not None:
            log.info("mailbox.up")
        self._failures, self._down_since, self._paused_until = 0, None, None
