"""Troubles of a tree that last: an admin gets one letter of them, and one when they are over.

A server can be out of reach, or answer and do only part of its work: list files and spoil every
transfer, let nobody take a file, take nothing more on its full disk. Each manner of work
has therefore a time of its own since which it fails; the letters count for the tree as a whole.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess
from bhyt_filedrop.ports import (
    CannotMove,
    Clock,
    NeverWorks,
    NoticeBook,
    NotOurs,
    Sighting,
    Tree,
    TryLater,
    unheard,
)

log = logging.getLogger(__name__)

TOLD_AFTER = 600.0
"""Seconds that a trouble must last before an admin gets a letter."""

LOOK, CLAIM, FETCH, PUT = "look", "claim", "fetch", "put"
_SAID = {
    LOOK: "không kết nối được",
    CLAIM: "không cho nhận tệp",
    FETCH: "không cho lấy tệp về",
    PUT: "không ghi được tệp vào",
}
"""What is said of each manner of work that fails."""


@dataclass
class Outage:
    """What fails on one tree now, since when, and what an admin was told of it.

    Threads share it: each worker delivers to every tree.
    """

    tree: str
    admin: str
    letters: NoticeBook
    clock: Clock
    steady: Callable[[], float] = time.monotonic
    _since: dict[str, float] = field(default_factory=dict)
    _told: tuple[str, str] | None = None
    """Which manner of work was told to fail, and when: ("", "") for none, None = not looked up."""
    _told_works: bool = False
    _lock: Lock = field(default_factory=Lock)

    def fails(self, what: str, reason: str, now: float | None = None) -> None:
        """Note that a manner of work failed; tell an admin if it has for long.

        `now` is a steady clock in seconds, the same for each call with the same `what`.
        """
        with self._lock:
            now = self.steady() if now is None else now
            if what not in self._since:
                self._since[what] = now
                log.warning("tree.down", extra={"tree": self.tree, "what": what, "reason": reason})
            since = self._since[what]
            if not self._was_told()[0] and now - since >= TOLD_AFTER:
                self._told = (what, self.clock().isoformat(timespec="seconds"))
                self._told_works = False
                self._tell("down", _SAID[what], f"Lý do: {reason}")

    def works(self, what: str) -> None:
        """Note that a manner of work succeeded; tell an admin if that ends what was told."""
        with self._lock:
            since = self._since.pop(what, None)
            if since is not None:
                log.info("tree.up", extra={"tree": self.tree, "what": what})
            if what == LOOK and since is not None:  # what failed for want of a line starts anew
                self._since = {other: at for other, at in self._since.items() if at < since}
            told, _ = self._was_told()
            if told:
                self._told_works = self._told_works or told == what
                if self._told_works and not self._since:
                    self._tell("up", _over(told), "Các tệp đang chờ được xử lý tiếp.")
                    self._told = ("", "")

    def _was_told(self) -> tuple[str, str]:
        """What a daemon told before it was started again stands in the ledger: it is neither told
        twice, nor is its end forgotten."""
        if self._told is None:
            down, up = (f"notice/tree-{which}/{self.tree}/" for which in ("down", "up"))
            known = self.letters.known_keys((down, up))
            told = {key.removeprefix(down) for key in known if key.startswith(down)}
            over = {key.removeprefix(up) for key in known if key.startswith(up)}
            last = max(told - over, key=lambda key: key.partition("/")[2], default="")
            what, _, at = last.partition("/")
            self._told = (what, at)
        return self._told

    def _tell(self, which: str, said: str, more: str) -> None:
        what, at = self._was_told()
        title = f"Cây thư mục «{self.tree}» {said}"
        letter = notice(f"tree-{which}/{self.tree}/{what}/{at}", self.admin, title, [more])
        self.letters.put_letters((letter,), self.clock())


def _over(told: str) -> str:
    return "đã kết nối lại" if told == LOOK else "đã hoạt động bình thường trở lại"


def reason_of(error: Exception) -> str:
    """Say why something failed, in Vietnamese where the edge knows how; it names no file."""
    return str(getattr(error, "told", "") or error)


class WatchedTree:
    """A tree of ours alone that notes what it does not do: `ports.Tree`, for all but looking."""

    def __init__(
        self, tree: Tree, outage: Outage, must_be_ours: Callable[[], None] = lambda: None
    ) -> None:
        """`must_be_ours` raises NotOurs where another site serves the tree: it is then left alone,
        and so it is while the tree does not say (TryLater)."""
        self.id = tree.id
        self._tree = tree
        self._outage = outage
        self._must_be_ours = must_be_ours

    @contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        try:
            self._must_be_ours()
            yield
        except (CannotMove, NeverWorks, FileNotFoundError, NotOurs):
            raise  # the file's matter, or its sender's; or an admin's at once
        except TryLater as error:
            self._outage.fails(what, reason_of(error))
            raise
        self._outage.works(what)

    def walk(
        self,
        folder: str,
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
        *,
        deep: bool = True,
    ) -> Iterator[Sighting]:
        """See `ports.Tree.walk`; whoever looks knows what became of it."""
        self._must_be_ours()
        return self._tree.walk(folder, skip, closed, deep=deep)

    def walk_all(
        self,
        folders: Sequence[str],
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
    ) -> Iterator[Sighting]:
        """See `ports.Tree.walk_all`."""
        self._must_be_ours()
        return self._tree.walk_all(folders, skip, closed)

    def stat(self, path: str) -> Sighting | None:
        """See `ports.Tree.stat`."""
        return self._tree.stat(path)

    def is_still_open(self, path: str) -> bool | None:
        """See `ports.Tree.is_still_open`."""
        return self._tree.is_still_open(path)

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        """See `ports.Tree.read_range`."""
        return self._tree.read_range(path, offset, length)

    def claim(self, path: str, target: str) -> bool:
        """See `ports.Tree.claim`."""
        with self._noted(CLAIM):
            return self._tree.claim(path, target)

    def fetch(self, path: str, to: Path) -> None:
        """See `ports.Tree.fetch`."""
        with self._noted(FETCH):
            self._tree.fetch(path, to)

    def put(self, source: Path, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """See `ports.Tree.put`."""
        with self._noted(PUT):
            self._tree.put(source, path, access)

    def remove(self, path: str) -> None:
        """See `ports.Tree.remove`."""
        self._must_be_ours()
        self._tree.remove(path)

    def make_folder(self, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """See `ports.Tree.make_folder`."""
        self._tree.make_folder(path, access)

    def check(self) -> str | None:
        """See `ports.Tree.check`."""
        return self._tree.check()

    def close(self) -> None:
        """See `ports.Tree.close`."""
        self._tree.close()
