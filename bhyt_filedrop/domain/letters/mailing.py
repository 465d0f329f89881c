"""Which letters leave together, how fast, and how long a failing one is tried again.

A morning on which five hundred files arrive must not give one office five hundred mails: what comes
in floods is joined. All of it is reckoned from the moments that the caller passes in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from bhyt_filedrop.domain.letters.bounces import Outcome
from bhyt_filedrop.domain.letters.letter import ARRIVAL_KINDS, Letter, notice
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.units import Unit, Units

BACKOFF_MINUTES = (1, 2, 5, 10, 20, 40, 60, 120, 240)
"""Minutes to wait after the first, second … failure; then always the last."""

MIN_ATTEMPTS = 5
"""Age alone sets no letter aside: after days without power each still gets so many attempts."""

DAILY_KINDS = frozenset({"reminder", "escalation", "digest"})
"""Kinds that say how things stand on one day; the next morning writes the next."""

MAX_JOINED = 1000
"""So many letters fit in one mail without it growing past what mail servers take."""


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A stored letter that may go now.

    `stored_at` (aware) is when its cause was recorded, `attempts` how often it failed so far.
    `remaining` are the addresses still to be served (() = all of the unit's). `batch` names the
    letters that go in one mail with it ("" = none): fixed before the first attempt, so that a
    repeat has the same Message-ID.
    """

    letter: Letter
    stored_at: datetime
    attempts: int = 0
    remaining: tuple[str, ...] = ()
    batch: str = ""


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that waits for a person: whose, since when (aware), why, and the addresses still to
    be served (() = all of the unit's)."""

    key: str
    kind: str
    unit: str
    stored_at: datetime
    error: str
    remaining: tuple[str, ...] = ()

    @property
    def is_outdated(self) -> bool:
        """True for a reminder: it speaks of its day, and the next morning wrote the next."""
        return self.kind in DAILY_KINDS

    def addresses(self, unit: Unit) -> tuple[str, ...]:
        """Return whom it goes to when it is sent again (() = all): those that were left, as far as
        they still are the unit's."""
        return tuple(one for one in self.remaining if one in unit.email)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a mail server took: the mail's Message-ID, when (aware), for which addresses."""

    message_id: str
    at: datetime
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """An address that did not get a letter: whose it is, the last reason, how many letters it cost,
    and when (aware): when the last of them was stored or, of a bounce, when that was read.

    `outcome` is what a bounce told; None where the server refused the address at once, for good.
    """

    address: str
    unit: str
    reason: str
    letters: int
    last: datetime
    outcome: Outcome | None = None

    @property
    def bounced(self) -> bool:
        """True where a server took the letter first, and a mail of failure came later."""
        return self.outcome is not None


def sum_up_refused(found: Iterable[RefusedAddress]) -> list[RefusedAddress]:
    """Tell each address of a unit once, with its last reason; the latest first."""
    known: dict[tuple[str, str], RefusedAddress] = {}
    for one in sorted(found, key=lambda one: one.last):
        before = known.pop((one.unit, one.address), None)
        letters = one.letters + (before.letters if before else 0)
        known[one.unit, one.address] = replace(one, letters=letters)
    return list(reversed(known.values()))


def still_refused(found: Iterable[RefusedAddress], units: Units) -> list[RefusedAddress]:
    """Leave those that somebody still has to see to: an address that was taken out of the table of
    units, or an office that has one by now, is settled."""
    return [
        one
        for one in found
        if (unit := units.by_id.get(one.unit)) and (one.address in unit.email or not unit.email)
    ]


@dataclass(frozen=True, slots=True)
class Mail:
    """Letters that go as one message, to one unit."""

    letters: tuple[DueLetter, ...]
    batch: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its letters."""
        return tuple(one.letter.key for one in self.letters)

    @property
    def unit(self) -> str:
        """Whom it goes to."""
        return self.letters[0].letter.unit

    @property
    def is_new_batch(self) -> bool:
        """True where the joining is not recorded yet."""
        return any(one.batch != self.batch for one in self.letters)

    @property
    def attempts(self) -> int:
        """How often it failed so far."""
        return max(one.attempts for one in self.letters)


@dataclass(frozen=True, slots=True)
class OutboxRules:
    """How fast and how long: mails a minute, when arrivals are joined, when to give up.

    More than `flood_letters` letters of `flood_kinds` to one unit within `flood_window` become one.
    """

    rate_per_minute: int = 60
    flood_letters: int = 5
    flood_window: timedelta = timedelta(minutes=10)
    flood_kinds: frozenset[str] = ARRIVAL_KINDS
    give_up_after: timedelta = timedelta(days=3)
    admin: str = ""
    """The unit that is told, once a day, that letters were set aside ("" = nobody)."""

    def is_too_old(self, mail: Mail, now: datetime) -> bool:
        """True where a failing mail is to be given up."""
        oldest = min(one.stored_at for one in mail.letters)
        return now - oldest >= self.give_up_after and mail.attempts >= MIN_ATTEMPTS


TROUBLE = "notice/letters-set-aside/"
"""The key of the notice that tells the admin of letters set aside, once a day."""


def set_aside_notice(
    keys: Sequence[str], unit: str, why: str, admin: str, now: datetime
) -> Letter | None:
    """Return the letter that tells the admin of letters that reach nobody; None where there is no
    admin, or where it is that very notice that does not arrive."""
    if not admin or keys[0].startswith(TROUBLE):
        return None
    return notice(
        f"letters-set-aside/{local_day(now).isoformat()}",
        admin,
        "Có thư không gửi được",
        [
            f"Thư “{keys[0]}” gửi đơn vị {unit} không gửi được và đã được gác lại. "
            f"Lý do ghi trong sổ: {why}",
            "Trong ngày có thể còn thư khác bị gác lại; thư này chỉ báo một lần mỗi ngày. "
            "Xin xem danh sách bằng lệnh: bhyt-filedrop status. Sửa xong nguyên nhân thì gửi lại: "
            "bhyt-filedrop resend --all",
        ],
    )


def backoff(attempts: int, luck: float) -> timedelta:
    """Return how long to wait after a failure that followed `attempts` earlier ones.

    `luck` from 0 to 1 spreads it by a fifth either way, so that letters that failed together do not
    come back together.
    """
    minutes = BACKOFF_MINUTES[min(attempts, len(BACKOFF_MINUTES) - 1)]
    return timedelta(minutes=minutes * (0.8 + 0.4 * luck))


@dataclass(frozen=True, slots=True)
class Held:
    """Letters of a flood that wait until its window ends, to be joined then."""

    keys: tuple[str, ...]
    until: datetime


@dataclass(slots=True)
class _Flood:
    """What one unit got lately of the kinds that come in floods."""

    sent: deque[datetime] = field(default_factory=deque)
    hold_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that went out: to whom, of which kind, when (aware), and whether it joined several."""

    unit: str
    kind: str
    at: datetime
    joined: bool


class Pace:
    """Remembers what went out lately; after a restart it is told by `recall`."""

    def __init__(self, rules: OutboxRules) -> None:
        self._rules = rules
        self._handed: deque[datetime] = deque()
        self._floods: dict[str, _Flood] = {}

    def plan(self, due: Sequence[DueLetter], now: datetime) -> tuple[list[Mail], list[Held]]:
        """Group due letters into mails, the oldest first, and name those that have to wait."""
        mails, arrivals = _apart(due, self._rules.flood_kinds)
        held: list[Held] = []
        for unit, waiting in arrivals.items():
            flood = self._flood(unit, now)
            if flood.hold_until is not None:
                held.append(Held(tuple(one.letter.key for one in waiting), flood.hold_until))
            elif len(waiting) + len(flood.sent) <= self._rules.flood_letters:
                mails += [Mail((one,)) for one in waiting]
            else:
                flood.hold_until = now + self._rules.flood_window
                mails += _join_letters(waiting)
        return sorted(mails, key=lambda mail: mail.letters[0].stored_at), held

    def went_out(self, mail: Mail, now: datetime) -> None:
        """Remember a mail that the server has taken."""
        self._handed.append(now)
        if mail.letters[0].letter.kind in self._rules.flood_kinds:
            self._flood(mail.unit, now).sent.append(now)

    def recall(self, mails: Iterable[SentMail]) -> None:
        """Take up what went out before a restart, the oldest first."""
        for mail in mails:
            self._handed.append(mail.at)
            if mail.kind in self._rules.flood_kinds:
                flood = self._flood(mail.unit, mail.at)
                flood.sent.append(mail.at)
                if mail.joined:
                    flood.hold_until = mail.at + self._rules.flood_window

    def allows(self, now: datetime) -> bool:
        """True where one more mail may go within the minute."""
        _forget(self._handed, now - timedelta(minutes=1))
        return len(self._handed) < self._rules.rate_per_minute

    def _flood(self, unit: str, now: datetime) -> _Flood:
        flood = self._floods.setdefault(unit, _Flood())
        _forget(flood.sent, now - self._rules.flood_window)
        if flood.hold_until is not None and flood.hold_until <= now:
            flood.hold_until = None
        return flood


def _forget(moments: deque[datetime], until: datetime) -> None:
    while moments and moments[0] <= until:
        moments.popleft()


def _apart(
    due: Sequence[DueLetter], flood_kinds: frozenset[str]
) -> tuple[list[Mail], dict[str, list[DueLetter]]]:
    """Part what goes as it is from arrivals by unit.

    A letter that some addresses have got already goes alone: the others must get the same mail.
    """
    batches: dict[str, list[DueLetter]] = {}
    arrivals: dict[str, list[DueLetter]] = {}
    mails: list[Mail] = []
    for one in due:
        if one.batch:
            batches.setdefault(one.batch, []).append(one)
        elif one.letter.kind in flood_kinds and not one.remaining:
            arrivals.setdefault(one.letter.unit, []).append(one)
        else:
            mails.append(Mail((one,)))
    mails += [Mail(tuple(ones), batch) for batch, ones in batches.items()]
    return mails, arrivals


def _join_letters(waiting: Sequence[DueLetter]) -> Iterable[Mail]:
    for start in range(0, len(waiting), MAX_JOINED):
        chunk = tuple(waiting[start : start + MAX_JOINED])
        keys = "\n".join(one.letter.key for one in chunk)
        yield Mail(chunk, sha256(keys.encode()).hexdigest()[:32] if len(chunk) > 1 else "")


SEVERAL = 2
"""So many units whose letters are refused whole, and none taken in between, are no chance."""

TRIES_ALONE = 3
"""So often a letter is tried that is refused whole while no other letter can tell why."""


class Blame(Enum):
    """Whose fault it is that a server takes a letter for none of its addresses."""

    ADDRESSES = "addresses"
    US = "us"
    UNKNOWN = "unknown"


class Refusals:
    """Tells apart bad addresses from a server that takes no letter of ours, whatever it says: a
    refusal of every address of several letters is about us."""

    def __init__(self) -> None:
        self._tries: dict[str, int] = {}
        self._others_went: set[str] = set()

    def note_sent(self, unit: str) -> None:
        """A letter was taken: what others were refused is not about us."""
        self._forget(unit)
        self._others_went |= self._tries.keys()

    def refused(self, unit: str) -> Blame:
        """A letter was refused for every address of its unit: say whose fault that is."""
        self._tries[unit] = self._tries.get(unit, 0) + 1
        if len(self._tries.keys() - self._others_went) >= SEVERAL:
            return Blame.US
        if unit in self._others_went or self._tries[unit] >= TRIES_ALONE:
            self._forget(unit)
            return Blame.ADDRESSES
        return Blame.UNKNOWN

    def is_settled(self, unit: str, *, others_went: bool) -> bool:
        """True where nobody else is suspected and other letters went: the addresses are to blame.
        `others_went` tells of those of the same turn."""
        alone = not self._tries.keys() - self._others_went - {unit}
        if not alone or not (others_went or unit in self._others_went):
            return False
        self._forget(unit)
        return True

    def _forget(self, unit: str) -> None:
        self._tries.pop(unit, None)
        self._others_went.discard(unit)


def find_outdated(due: Sequence[DueLetter]) -> list[str]:
    """Return the keys of reminders in whose place a newer one to the same unit waits: each says how
    things stand on its day, and only the last is still true."""
    newest: dict[str, str] = {}
    dated = [one for one in due if one.letter.kind in DAILY_KINDS]
    for one in sorted(dated, key=lambda one: one.stored_at):
        newest[one.letter.unit] = one.letter.key
    return [one.letter.key for one in dated if newest[one.letter.unit] != one.letter.key]
