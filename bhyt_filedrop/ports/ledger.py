"""The ledger, by what its callers ask of it; each writing call is one transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bhyt_filedrop.domain.lists.states import COUNTED, ListState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from bhyt_filedrop.domain.derive.approval import Approved
    from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan, Role
    from bhyt_filedrop.domain.drops.lying import Lying
    from bhyt_filedrop.domain.drops.states import State
    from bhyt_filedrop.domain.findings import Finding
    from bhyt_filedrop.domain.letters.bounces import HandedOver, Lesson
    from bhyt_filedrop.domain.letters.letter import Attachment, Letter
    from bhyt_filedrop.domain.letters.mailing import DueLetter, SentMail, Taken
    from bhyt_filedrop.domain.lists.children import ListedChild
    from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
    from bhyt_filedrop.domain.process.rounds import Round
    from bhyt_filedrop.ports.trees import Sighting

# --- drops ---


class DropBook(Protocol):
    """The ledger's side of the journey; each writing call is one transaction."""

    def claim(
        self,
        drops: Sequence[Drop],
        at: datetime | None = None,
        away: Mapping[str, datetime] = {},
    ) -> list[Drop]:
        """Write down what is about to be taken, return what was: a file that another daemon is
        taking is its. `away` says of some since when nobody had looked where they lay."""
        ...

    def taken_ids(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of some ids that a drop has."""
        ...

    def last_arrivals(self, tree: str, units: Collection[str]) -> Mapping[str, datetime]:
        """Return when the last file of each of some units came that was taken from a tree."""
        ...

    def left_where_it_lies(self, drop: str, at: datetime) -> None:
        """Note that a drop's file cannot be moved: it is read where its sender put it."""
        ...

    def void(self, drop: str, at: datetime) -> None:
        """Close a claim that found nothing to take."""
        ...

    def archived(self, drop: str, sha256: str, size: int, at: datetime) -> None:
        """Note that the bytes lie in the archive."""
        ...

    def begin(self, drop: str) -> int:
        """Note that an archived drop is judged once more; return how often it was begun."""
        ...

    def plan(self, drop: Drop, plan: Plan, at: datetime) -> None:
        """Record what a drop earns before any of it is done."""
        ...

    def pending(self, drop: str) -> list[tuple[int, Delivery]]:
        """Return the deliveries that are not made yet, in order."""
        ...

    def waits_behind(self, drop: str) -> bool:
        """Tell whether an earlier file of the same return is decided and still being delivered."""
        ...

    def made(self, drop: str, seq: int, sha256: str) -> None:
        """Note the bytes of a copy that was made for a delivery."""
        ...

    def delivered(self, drop: str, done: Iterable[int], at: datetime) -> None:
        """Tick deliveries."""
        ...

    def deliveries(self, drop: str) -> list[tuple[Delivery, datetime | None]]:
        """Return a drop's deliveries, each with the time it was made."""
        ...

    def findings(self, drop: str) -> list[Finding]:
        """Return what was found in a drop."""
        ...

    def close(
        self,
        drop: str,
        at: datetime,
        done: Iterable[int] = (),
        attachments: tuple[Attachment, ...] = (),
    ) -> State:
        """Tick the last deliveries, change the state, queue the letters: one transaction."""
        ...

    def postpone(self, drop: str, at: datetime, until: datetime, reason: str) -> int:
        """Put a drop off; return how many attempts failed so far."""
        ...

    def set_aside(
        self,
        drop: str,
        at: datetime,
        reason: str,
        letters: Iterable[Letter],
        again_at: datetime | None = None,
    ) -> None:
        """Leave a drop to a person, and say so; it is due again by itself at `again_at`."""
        ...

    def resume(self, drop: str, at: datetime) -> Drop:
        """Take up again what was set aside and is due by itself."""
        ...

    def get(self, drop: str) -> Drop | None:
        """Return one drop."""
        ...


class KnownDrops(Protocol):
    """Which drops the ledger knows, held against what lies in a tree."""

    def every_id(self) -> frozenset[str]:
        """Return the id of every drop; a claim that was void is none."""
        ...

    def take_back(self, drops: Sequence[Drop], at: datetime) -> None:
        """Claim drops once more under the ids that they had."""
        ...


class DropQueue(Protocol):
    """Which drops want work, and which files are known already."""

    def due(self, now: datetime, limit: int = 1000, untaken: str | None = None) -> list[Drop]:
        """Return the drops that want work now; `untaken`: those of one tree alone whose bytes are
        not in the archive."""
        ...

    def unclaimed_paths(self, tree: str) -> frozenset[str]:
        """Return the paths whose claim is under way."""
        ...

    def left_there(self, tree: str) -> frozenset[Sighting]:
        """Return the files that were taken and yet stay where they were dropped."""
        ...


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file that the product put somewhere: of which drop and role, its bytes ("" = not made
    yet), when (None = not yet), and the list of the product's own that it is (drop, seq)."""

    drop: str
    role: Role
    sha256: str
    at: datetime | None
    made_of: tuple[str, int] | None = None


class LookBook(Protocol):
    """What was seen in the trees that is no drop (yet)."""

    def last_look(self, tree: str) -> datetime | None:
        """Return when a tree was last looked over, None = never."""
        ...

    def looked(self, tree: str, at: datetime, waiting: Collection[str] = ()) -> None:
        """Note that a tree was looked over by a look that began at a moment, and which units' files
        it left."""
        ...

    def given(self, tree: str, paths: Sequence[str]) -> Mapping[str, GivenFile]:
        """Return what was put, or is to be put, at some paths (NFC), the last of each."""
        ...

    def given_of(self, drops: Collection[str]) -> Mapping[str, Sequence[GivenFile]]:
        """Return what was put of some drops, where they are known."""
        ...

    def lying(self, tree: str = "") -> tuple[Lying, ...]:
        """Return what lay in a tree (in all) and was not taken when it was last looked over."""
        ...

    def lie(self, tree: str, found: Sequence[Lying]) -> None:
        """Write down what lies in a tree and is not taken, in place of what did before."""
        ...


# --- lists ---


class ListReader(Protocol):
    """Lists of a round, and their children."""

    def of_round(
        self,
        round_: str,
        handoffs: Iterable[str],
        states: Collection[ListState] = COUNTED,
        receiver: str | None = None,
    ) -> tuple[ListRecord, ...]:
        """Return the lists of some hand-offs of a round (to one unit) in some states."""
        ...

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        """Return the children of one list."""
        ...


class ListBook(ListReader, Protocol):
    """What the ledger knows about earlier lists."""

    def together(self) -> AbstractContextManager[None]:
        """Have all that this thread asks meanwhile answered as it stood at one moment."""
        ...

    def standing(self, keys: Iterable[ListKey], without: str) -> tuple[ListRecord, ...]:
        """Return the accepted and held lists of the same returns but those of one drop."""
        ...

    def known_cards(
        self, children: Sequence[ListedChild], without: str
    ) -> tuple[tuple[ListRecord, ListedChild], ...]:
        """Return carded children of other lists who share a card or a person with some."""
        ...

    def active_files(self, drops: Iterable[str]) -> frozenset[tuple[str, str]]:
        """Return drop and file ("" = the drop itself) of what may run something or reach out."""
        ...

    def repeated(self, sha256: str, unit: str, keys: Iterable[ListKey], without: str) -> str:
        """Return the drop of the same unit and bytes that still stands for the same, or ""."""
        ...


class RoundReader(ListReader, Protocol):
    """What derivation reads: every round that has lists, and whether anything happened."""

    def latest(self) -> int:
        """Return the number of the ledger's last event."""
        ...

    def rounds(self) -> tuple[str, ...]:
        """Return the rounds that have lists."""
        ...


class DraftReader(ListReader, Protocol):
    """What approving reads: the lists of one draft besides those of its round."""

    def lists_of(self, drop: str) -> tuple[ListRecord, ...]:
        """Return the lists of one drop."""
        ...


class RollBook(Protocol):
    """What the ledger tells of a round's lists and their children."""

    def lists(
        self, round_: Round, states: Collection[ListState], until: datetime | None = None
    ) -> Sequence[ListRecord]:
        """Return the lists of a round in some states; `until`: as they were at that moment."""
        ...

    def rolls_of(
        self, records: Iterable[ListRecord]
    ) -> Mapping[tuple[str, int], tuple[ListedChild, ...]]:
        """Return the children of some lists."""
        ...


# --- lists of our own ---


class DerivationBook(Protocol):
    """What derivation writes in the ledger."""

    def own(
        self,
        drop: Drop,
        plan: Plan,
        at: datetime,
        marks: Mapping[str, str],
        overtaken: Sequence[str] = (),
        asks: Sequence[Letter] = (),
    ) -> None:
        """Record derived lists with their plan."""
        ...

    def looked_at(
        self,
        round_: Round,
        marks: Mapping[str, str],
        at: datetime,
        overtaken: Sequence[str] = (),
    ) -> None:
        """Note that nothing had to be made."""
        ...

    def marks(self, round_: Round) -> dict[str, str]:
        """Return what each derived hand-off was last made from."""
        ...


class ApprovalBook(Protocol):
    """Which drafts were approved."""

    def of(self, drops: Iterable[str]) -> Mapping[tuple[str, int], Sequence[Approved]]:
        """Return the approvals of some drops' lists."""
        ...

    def approve(
        self, approved: Sequence[tuple[ListRecord, Drop]], why: str, at: datetime, by: str = ""
    ) -> None:
        """Record the drops that some drafts are confirmed with."""
        ...


# --- letters ---


class LetterStore(Protocol):
    """Where letters wait to leave, each known by its key."""

    def put_letter(self, letter: Letter, at: datetime) -> bool:
        """Store a letter as due now; False where its key is known already (nothing changes)."""
        ...


class NoticeBook(Protocol):
    """Where notices are stored, and what was told already."""

    def put_letters(self, letters: tuple[Letter, ...], at: datetime) -> int:
        """Store letters; return how many were new."""
        ...

    def known_keys(self, prefixes: tuple[str, ...]) -> frozenset[str]:
        """Return the keys of letters that begin so."""
        ...


class LetterBook(LetterStore, Protocol):
    """The ledger's side of the outbox. Each call is one transaction.

    A stored letter is `due`, then `sent`, `replaced` or `set-aside`; these are never due again (a
    person may make a set-aside one due again).
    """

    def due_letters(self, now: datetime, limit: int) -> Sequence[DueLetter]:
        """Return letters whose time has come, oldest `stored_at` first (then by key)."""
        ...

    def letters_replaced(self, keys: Sequence[str]) -> None:
        """Record that newer letters go in the place of these."""
        ...

    def sent_since(self, since: datetime) -> Sequence[SentMail]:
        """Return the mails that went out since a moment, the oldest first."""
        ...

    def letters_joined(self, keys: Sequence[str], batch: str) -> None:
        """Record that these letters go as one mail."""
        ...

    def letter_sent(self, keys: Sequence[str], taken: Taken, refused: Mapping[str, str]) -> None:
        """Record a hand-over: for which addresses the mail was taken; `refused` are those that were
        refused for good, with reasons."""
        ...

    def letter_later(
        self,
        keys: Sequence[str],
        next_at: datetime,
        error: str,
        remaining: Sequence[str] = (),
        refused: Mapping[str, str] = {},
        taken: Taken | None = None,
    ) -> None:
        """Record a failed attempt (`attempts` + 1) and when to try again.

        `remaining` replaces the addresses still to be served (() = all); `refused` adds to those
        refused for good; `taken` tells of those that were served.
        """
        ...

    def letter_set_aside(
        self, keys: Sequence[str], error: str, refused: Mapping[str, str] = {}
    ) -> None:
        """Record that these letters wait for a person, and why; `refused` as in `letter_sent`."""
        ...


class BounceBook(LetterStore, Protocol):
    """The ledger's side of the inbox. Each call is one transaction."""

    def handed_over(self, message_ids: Sequence[str]) -> HandedOver | None:
        """Return the mail with the first of some Message-IDs that is known."""
        ...

    def learn(
        self, handed: HandedOver, lesson: Lesson, at: datetime, why: str, letters: Iterable[Letter]
    ) -> None:
        """Write down what a bounce told; where nobody got the letters, set them aside for the
        reason `why`; store the letters that say so."""
        ...
