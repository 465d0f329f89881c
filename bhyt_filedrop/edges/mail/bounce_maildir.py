"""The mailbox of bounces as a Maildir on this machine (cr.yp.to/proto/maildir.html).

Unread is what lies in `new`, or in `cur` without the flag S: a mail program that looks into the
Maildir moves what is new there. A mail that was read moves to `cur` with that flag, by one rename.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bhyt_filedrop.ports import Received, TryLater

_SEEN = "S"


class MaildirMailbox:
    """Reads a Maildir that a mail server of this machine delivers into."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        """`max_bytes` of each mail are read. Whoever delivers makes the Maildir, so that one that
        is not there yet holds no mail."""
        self._folder, self._max_bytes = folder, max_bytes

    def unread(self, passed_over: Container[str], limit: int) -> Iterator[Received]:
        """Yield unread mails, by name; links and what is no file are left alone."""
        names = (path for path in self._unread() if _identity(path) not in passed_over)
        for path in islice(names, limit):
            found = self._read(path)
            if found:
                yield found

    def done(self, mail: str) -> None:
        """Move a mail to `cur`, marked as seen."""
        read = self._folder / "cur"
        for path in self._unread():
            if _identity(path) == mail:
                flags = "".join(sorted({*_flags(path), _SEEN}))
                with self._trouble(), suppress(FileNotFoundError):  # a mail program was first
                    read.mkdir(mode=0o700, exist_ok=True)
                    path.rename(read / f"{mail}:2,{flags}")

    def check(self) -> str | None:
        """Return None if the Maildir can be read and mails in it marked."""
        for part in ("new", "cur"):
            folder = self._folder / part
            if not folder.is_dir():
                return f"Maildir {self._folder}: chưa có thư mục {part}."
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                return f"Maildir {self._folder}: dịch vụ không được đọc và ghi thư mục {part}."
        shut = [path for path in self._unread() if not os.access(path, os.R_OK)]
        if shut:
            return f"Maildir {self._folder}: dịch vụ không được đọc {len(shut)} thư ở đó."
        return None

    def close(self) -> None:
        """Nothing is held."""

    def _unread(self) -> list[Path]:
        cur = (path for path in self._listed("cur") if _SEEN not in _flags(path))
        return [path for path in (*self._listed("new"), *cur) if not path.name.startswith(".")]

    def _listed(self, part: str) -> list[Path]:
        with self._trouble(), suppress(FileNotFoundError):
            return sorted((self._folder / part).iterdir())
        return []

    def _read(self, path: Path) -> Received | None:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None  # moved by a mail program, a link, or not ours to read
        try:
            return self._received(path, fd)
        finally:
            os.close(fd)

    def _received(self, path: Path, fd: int) -> Received | None:
        with self._trouble():
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                return None
            with os.fdopen(fd, "rb", closefd=False) as file:
                data = file.read(self._max_bytes)
        return Received(_identity(path), datetime.fromtimestamp(info.st_mtime, UTC), data)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            raise TryLater(f"the Maildir of bounces cannot be used: {err.strerror}") from err


def _identity(path: Path) -> str:
    """The part of the name that stays when flags change."""
    return path.name.partition(":")[0]


def _flags(path: Path) -> str:
    return path.name.partition(":2,")[2]
