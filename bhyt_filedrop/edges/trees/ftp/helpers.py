"""Further connections to an FTP server, for listings alone.

FTP lists one folder at a time, in five turns of the line (nine under TLS): a city of 350 offices
takes a minute and a half where a turn takes 30 ms. So a listing that takes long gets help: a few
more connections, each kept and used again, each with a TLS session of its own. None of them is
needed: where a server lets in only so many, or a line breaks, the others do its part.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from bhyt_filedrop.edges.trees.remote.session import CannotConnect, Listed, Lost
from bhyt_filedrop.ports import NeverWorks, TryLater

ALONE = 1.0
"""Seconds for which a listing goes on without help: in one building it never takes longer."""

_EACH = 4
"""Folders that are worth a connection."""

_CONTENT_FOR = 600.0
"""Seconds until a server that let in no more, or dropped one of several, is asked for more."""

_PLAIN = (FileNotFoundError, PermissionError)
"""What a server says of a folder, whichever connection asks."""


class Lister(Protocol):
    """A connection that lists."""

    def list_one(self, folder: str) -> Listed:
        """Return a folder's entries, or the OSError that listing it raised."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Helpers:
    """The further connections of one tree. Not for several threads at a time."""

    def __init__(self, open: Callable[[], Lister], most: int) -> None:
        """`most` is how many there may be."""
        self._open = open
        self._most = self._allowed = most
        self._content_until = 0.0
        self._idle: list[Lister] = []

    def entries_of(self, first: Lister, folders: Sequence[str]) -> list[Listed]:
        """List folders over `first` and whoever helps. Raises Lost where nobody is left, and
        whatever else `first` raises."""
        work, lister = _Work(folders), first
        working: list[_Helping] = []
        try:
            while len(work.found) < len(folders):
                if not working and (self._idle or work.takes_long):
                    working = self._begin(work)
                try:
                    if not work.do_next(lister):
                        self._end(working)  # what they gave back is to do again
                except Lost:
                    self._end(working)
                    if not self._idle:
                        raise
                    lister = self._idle.pop()
                    self._be_content(len(self._idle))
        finally:
            work.todo.clear()
            self._end(working)
            if lister is not first:
                self._idle.append(lister)
            self._let_go(self._allowed)
        return [work.found[number] for number in range(len(folders))]

    def _begin(self, work: _Work) -> list[_Helping]:
        if time.monotonic() > self._content_until:
            self._allowed = self._most
        several = min(self._allowed, len(work.todo) // _EACH)
        begun = [
            _Helping(work, self._idle.pop() if self._idle else None, self._open)
            for _ in range(several)
        ]
        for one in begun:
            one.start()
        return begun

    def _end(self, working: list[_Helping]) -> None:
        """Wait for those who help; keep the connections that serve."""
        for one in working:
            one.join()
        self._idle += [one.lister for one in working if one.lister is not None]
        if any(one.failed for one in working):
            self._be_content(len(self._idle) - 1)
        working.clear()

    def _be_content(self, with_so_many: int) -> None:
        """Do with fewer for a while. A server that lets in no more is left a place for others of
        this machine: another tree, `doctor`, a person who looks."""
        self._allowed = max(0, with_so_many)
        self._content_until = time.monotonic() + _CONTENT_FOR

    def close(self) -> None:
        """Let go of all of them."""
        self._let_go(0)

    def _let_go(self, down_to: int) -> None:
        while len(self._idle) > down_to:
            self._idle.pop().close()


class _Work:
    """Folders to list, shared by the connections that list them."""

    def __init__(self, folders: Sequence[str]) -> None:
        self.todo = deque(enumerate(folders))
        self.found: dict[int, Listed] = {}
        self._begun = time.monotonic()

    @property
    def takes_long(self) -> bool:
        return time.monotonic() - self._begun > ALONE

    def do_next(self, lister: Lister, *, is_first: bool = True) -> bool:
        """List the next folder; False where none is left. What fails is left to do; that a folder
        cannot be listed for a reason of its own is known from the first connection."""
        try:
            number, folder = self.todo.popleft()
        except IndexError:
            return False
        try:
            listed = lister.list_one(folder)
            if isinstance(listed, OSError) and not (is_first or isinstance(listed, _PLAIN)):
                raise listed
        except BaseException:
            self.todo.appendleft((number, folder))
            raise
        self.found[number] = listed
        return True


class _Helping(threading.Thread):
    """One connection at work, until nothing is left to list."""

    def __init__(self, work: _Work, lister: Lister | None, open: Callable[[], Lister]) -> None:
        super().__init__(name="ftp-listing", daemon=True)
        self.lister = lister
        self.failed = False
        """The server let this one not in, or dropped it."""
        self._work = work
        self._open = open

    def run(self) -> None:
        """List; a connection that died since it was used last is made anew, once."""
        if self.lister is not None and self._lists(self.lister):
            return
        try:
            self.lister = self._open()
        except (CannotConnect, OSError):
            self.failed = True
        else:
            self.failed = not self._lists(self.lister)

    def _lists(self, lister: Lister) -> bool:
        """Return False where the connection is of no more use."""
        try:
            while self._work.do_next(lister, is_first=False):
                pass
        except (Lost, NeverWorks, TryLater, OSError):
            lister.close()
            self.lister = None
            return False
        return True
