"""The outbox: takes letters that are due from the ledger, and hands them over as mails.

Ledger, mailer and templates come in as ports. Nothing here ever blocks the drops: a letter that
cannot go now goes later, one that never can is set aside, and no letter stops another.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage

from bhyt_filedrop.domain.letters.mailing import (
    Blame,
    DueLetter,
    Mail,
    OutboxRules,
    Pace,
    Refusals,
    Taken,
    backoff,
    find_outdated,
    set_aside_notice,
)
from bhyt_filedrop.ports import Composer, LetterBook, Mailer, MailTooBig, NeverWorks, Sent, TryLater

log = logging.getLogger(__name__)


class Outbox:
    """Hands over what is due. Made once; the daemon calls `run_once` every few seconds."""

    def __init__(
        self,
        book: LetterBook,
        mailer: Mailer,
        composer: Composer,
        rules: OutboxRules | None = None,
        rng: random.Random | None = None,
        sure: Callable[[], None] = lambda: None,
    ) -> None:
        """`sure` raises where another daemon has taken the outbox over: asked before each mail."""
        self._book = book
        self._mailer = mailer
        self._composer = composer
        self._rules = rules or OutboxRules()
        self._rng = rng or random.Random()
        self._sure = sure
        self._pace = Pace(self._rules)
        self._lock = threading.Lock()
        self._refusals = Refusals()
        self._doubtful: list[tuple[Mail, str, Sent]] = []
        self._has_recalled = False
        self._failures = 0
        self._paused_until: datetime | None = None

    def run_once(self, now: datetime, limit: int = 1000) -> int:
        """Hand over what may go at `now` (aware); return the number of mails that went.

        Stops at the first sign that the server cannot be served, and rests for a while then: the
        other letters keep their turn and lose no attempt.
        """
        with self._lock:
            if self._paused_until is not None and now < self._paused_until:
                return 0
            self._recall(now)
            mails, held = self._pace.plan(self._due(now, limit), now)
            for flood in held:
                self._book.letter_later(flood.keys, flood.until, "")
            return self._hand_over_all(mails, now)

    def recall(self) -> None:
        """Ask the ledger anew what went out: another daemon sent meanwhile."""
        with self._lock:
            self._pace, self._has_recalled = Pace(self._rules), False

    def _recall(self, now: datetime) -> None:
        """After a start, keep to the pace of the mails that went before it."""
        if not self._has_recalled:
            since = now - max(self._rules.flood_window, timedelta(minutes=1))
            self._pace.recall(self._book.sent_since(since))
            self._has_recalled = True

    def _due(self, now: datetime, limit: int) -> list[DueLetter]:
        """What may go now, but no reminder in whose place a newer one waits."""
        due = self._book.due_letters(now, limit)
        outdated = find_outdated(due)
        if outdated:
            self._book.letters_replaced(outdated)
            log.info("letters.replaced", extra={"letters": len(outdated)})
        return [one for one in due if one.letter.key not in outdated]

    def _hand_over_all(self, mails: Iterable[Mail], now: datetime) -> int:
        waiting, count = deque(mails), 0
        while waiting and self._pace.allows(now):
            mail = waiting.popleft()
            try:
                message = self._composer.compose(mail.letters)
            except Exception as err:  # whatever one letter holds, it stops no other
                waiting.extendleft(self._cannot_compose(mail, now, err))
                continue
            try:
                count += self._hand_over(mail, message, now)
            except TryLater as err:
                self._rest(now)
                self._later(mail, now, str(err))
                break
        self._settle_refused(now, went=bool(count))
        return count

    # --- one mail --------------------------------------------------------------------------------

    def _cannot_compose(self, mail: Mail, now: datetime, err: Exception) -> Iterable[Mail]:
        """Set aside a letter that makes no message; of joined ones only those that make none."""
        if isinstance(err, OSError | ImportError):  # also where it is a part of the program
            self._later(mail, now, f"a file cannot be read: {type(err).__name__}")
        elif len(mail.letters) == 1:
            why = f"the letter cannot be made: {type(err).__name__}: {_line(err)}"
            self._set_aside(mail, now, why)
        else:
            self._book.letters_joined(mail.keys, "")
            return [Mail((one,)) for one in reversed(mail.letters)]
        return []

    def _hand_over(self, mail: Mail, message: EmailMessage, now: datetime) -> int:
        """Send one mail and record it; return how many went. Raises TryLater."""
        if mail.batch and mail.is_new_batch:
            self._book.letters_joined(mail.keys, mail.batch)
        self._sure()
        try:
            sent = self._send(mail, message)
        except NeverWorks as err:
            self._set_aside(mail, now, str(err))
            return 0
        except TryLater:
            raise
        except Exception as err:  # an answer that nobody understands means later
            raise TryLater(f"{type(err).__name__} while sending") from err
        if sent.accepted:
            self._refusals.note_sent(mail.unit)
        self._failures, self._paused_until = 0, None
        self._pace.went_out(mail, now)
        return self._record(mail, now, str(message["Message-ID"]), sent)

    def _send(self, mail: Mail, message: EmailMessage) -> Sent:
        """Send; what is too big goes without its attachment, which lies in the unit's folder."""
        try:
            return self._mailer.send(message)
        except MailTooBig:
            if len(mail.letters) > 1 or not mail.letters[0].letter.attachments:
                raise
        return self._mailer.send(self._composer.compose(mail.letters, bare=True))

    def _record(self, mail: Mail, now: datetime, message_id: str, sent: Sent) -> int:
        taken = Taken(message_id, now, sent.accepted)
        if sent.deferred and not self._rules.is_too_old(mail, now):
            why = _reasons(sent.deferred)
            self._later(mail, now, why, tuple(sent.deferred), sent.refused, taken)
            return int(bool(sent.accepted))
        refused = {**sent.refused, **sent.deferred}
        if refused and not sent.accepted and not mail.letters[0].remaining:
            why = f"every address was refused: {_reasons(refused)}"
            self._refused_whole(mail, now, why, sent)
            return 0
        self._book.letter_sent(mail.keys, taken, refused)
        log.info("mail.sent", extra=_log_fields(mail) | {"refused": len(refused)})
        return 1

    def _refused_whole(self, mail: Mail, now: datetime, why: str, sent: Sent) -> None:
        """Set a letter aside whose addresses are to blame; else it waits until that can be told.
        Raises TryLater where the server takes no letter of ours."""
        blame = self._refusals.refused(mail.unit) if sent.asked else Blame.ADDRESSES
        if blame is Blame.US:
            raise TryLater(f"the mail server takes no letter of ours: {why}")
        if blame is Blame.ADDRESSES:
            self._set_aside(mail, now, why, sent.refused)
        else:
            self._doubtful.append((mail, why, sent))

    def _settle_refused(self, now: datetime, *, went: bool) -> None:
        """At the end of a turn: what was refused whole, alone, is set aside where other letters
        `went` in it or since, and comes again where none did."""
        doubtful, self._doubtful = self._doubtful, []
        for mail, why, sent in doubtful:
            if self._refusals.is_settled(mail.unit, others_went=went):
                self._set_aside(mail, now, why, sent.refused)
            else:
                self._later(mail, now, why)

    def _later(
        self,
        mail: Mail,
        now: datetime,
        why: str,
        remaining: tuple[str, ...] = (),
        refused: Mapping[str, str] | None = None,
        taken: Taken | None = None,
    ) -> None:
        if self._rules.is_too_old(mail, now):
            self._set_aside(mail, now, f"given up after {self._rules.give_up_after}: {why}")
            return
        next_at = now + backoff(mail.attempts, self._rng.random())
        still = remaining or mail.letters[0].remaining
        self._book.letter_later(mail.keys, next_at, why, still, refused or {}, taken)
        log.warning("mail.postponed", extra=_log_fields(mail) | {"failed": mail.attempts + 1})

    def _set_aside(
        self, mail: Mail, now: datetime, why: str, refused: Mapping[str, str] | None = None
    ) -> None:
        self._book.letter_set_aside(mail.keys, why, refused or {})
        log.error("mail.set-aside", extra=_log_fields(mail) | {"first": mail.keys[0]})
        told = set_aside_notice(mail.keys, mail.unit, why, self._rules.admin, now)
        if told:
            self._book.put_letter(told, now)

    def _rest(self, now: datetime) -> None:
        self._failures += 1
        seconds = min(300, 5 * 2 ** min(self._failures, 10))
        self._paused_until = now + timedelta(seconds=seconds)


def _log_fields(mail: Mail) -> dict[str, object]:
    """What the log says of a mail: whom it goes to and of which kinds, never what it says."""
    kinds = sorted({one.letter.kind for one in mail.letters})
    return {"unit": mail.unit, "kinds": ",".join(kinds), "letters": len(mail.letters)}


def _reasons(outcomes: Mapping[str, str]) -> str:
    return "; ".join(f"{address}: {why}" for address, why in outcomes.items())


def _line(err: Exception) -> str:
    return " ".join(str(err).split())[:200]
