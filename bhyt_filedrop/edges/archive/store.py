"""The archive in an S3-compatible store, through obstore, with copies on this machine for a day.

An object is put under its SHA-256 and never again: small ones by a request that makes it or finds
it made, large ones in parts, which write the same bytes whoever is first. What the program reads is
a file, so what was kept or fetched lies on this machine until nobody asked for it for a day.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bhyt_filedrop.edges.archive.asking import answers, first_line
from bhyt_filedrop.edges.archive.folder import digest_of, empty_folder, fresh_file
from bhyt_filedrop.edges.archive.near import COPIES, MADE, copy_nearby, key_of, made_nearby
from bhyt_filedrop.ports import NeverWorks, TryLater

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PART = 8 << 20
"""Bytes of one request; what is larger goes and comes in parts, so memory stays flat."""

KEPT_NEAR = 24 * 3600.0
"""Seconds after which a copy goes that nobody asked for."""

_LOOK_AGAIN = 3600.0
_KEY = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})")


class StoreArchive:
    """Content-addressed objects, `ab/abcdef…` below the prefix. Threads and processes may share the
    store; each daemon has its own folder `near`."""

    def __init__(self, store: ObjectStore, near: Path, whose: str = "") -> None:
        """`whose` names one of several processes that share `near`."""
        self._store = store
        self._near = near
        self._incoming = near / "incoming" / whose
        self._made = made_nearby(near)
        self._looked = 0.0
        self._sizes: dict[str, int] = {}
        """Of objects that the store was asked for: they never change."""

    def prepare(self) -> None:
        """Make the folders, readable by the daemon alone; forget what a crash left half-made."""
        empty_folder(self._incoming)
        for folder in (COPIES, MADE, f"{MADE}/incoming"):
            (self._near / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget_old()

    @property
    def workspace(self) -> Path:
        """A folder for what is needed for a moment; emptied at the next start."""
        return self._incoming

    def new_file(self) -> Path:
        """Return the path of a fresh, empty file on this machine, to fill and `keep`."""
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        return fresh_file(self._incoming)

    def keep(self, file: Path) -> tuple[str, int]:
        """Take a file in; return its SHA-256 and its size in bytes. The file moves.

        Raises TryLater where the store or this machine's disk does not take it.
        """
        try:
            sha256, size = digest_of(file), file.stat().st_size
            self._send(file, sha256, size)
            self._put_near(file, sha256)
        except OSError as error:
            raise TryLater(f"the archive cannot take a file: {error.strerror or error}") from error
        return sha256, size

    def keep_what_was_judged(self) -> None:
        """Take in what judging processes kept: they hold no secret, so it lies on this machine."""
        for sha256 in self._made.every():
            file = self._made.path(sha256)
            try:
                self.keep(file)
            except TryLater:
                if file.exists():  # else another process of this daemon was faster
                    raise

    def _send(self, file: Path, sha256: str, size: int) -> None:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with answers():
            if size > PART:
                if not self.has(sha256):
                    obstore.put(
                        self._store, key_of(sha256), file, chunk_size=PART, max_concurrency=2
                    )
                return
            with suppress(AlreadyExistsError, PreconditionError):
                obstore.put(self._store, key_of(sha256), file, mode="create", use_multipart=False)
                return
        if not self.has(sha256):
            raise TryLater("the archive neither takes a file nor has it")

    def _put_near(self, file: Path, sha256: str) -> None:
        copy = copy_nearby(self._near, sha256)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.chmod(0o400)
        os.utime(file)
        file.replace(copy)
        if time.monotonic() - self._looked > _LOOK_AGAIN:
            self._forget_old()

    def _forget_old(self) -> None:
        self._looked, limit = time.monotonic(), time.time() - KEPT_NEAR
        left = (self._near.glob(f"{folder}/*/*") for folder in (COPIES, MADE))
        for copy in chain(*left):
            with suppress(FileNotFoundError):
                if copy.stat().st_mtime < limit:
                    copy.unlink()

    def has(self, sha256: str) -> bool:
        """True where the store has an object of that name."""
        try:
            self._asked_size(sha256)
        except FileNotFoundError:
            return False
        return True

    def holds(self, file: Path) -> bool:
        """True where the very bytes of a file are kept already."""
        return self.has(digest_of(file))

    def path(self, sha256: str) -> Path:
        """Return a file of this machine with the bytes, fetched if need be; one that is not there
        where the store has none.

        Raises TryLater where the store does not answer, NeverWorks where it gives other bytes than
        were kept.
        """
        copy = copy_nearby(self._near, sha256)
        with suppress(FileNotFoundError):
            os.utime(copy)
            return copy
        made = self.new_file()
        try:
            if self.fetch(sha256, made) != sha256:
                raise NeverWorks(f"{sha256}: the archive gave other bytes than were kept")
            self._put_near(made, sha256)
        except FileNotFoundError:
            return copy
        except OSError as error:
            raise TryLater(f"the archive cannot give a file: {error.strerror or error}") from error
        finally:
            made.unlink(missing_ok=True)
        return copy

    def size(self, sha256: str) -> int:
        """Return the size in bytes. Raises FileNotFoundError where nothing is kept, TryLater."""
        known = self._sizes.get(sha256)
        return self._asked_size(sha256) if known is None else known

    def _asked_size(self, sha256: str) -> int:
        import obstore

        with answers():
            size = int(obstore.head(self._store, key_of(sha256))["size"])
        self._sizes[sha256] = size
        return size

    def every(self) -> Iterator[str]:
        """Yield the SHA-256 under which each object lies."""
        yield from (sha256 for sha256, _ in self.every_size())

    def every_size(self) -> Iterator[tuple[str, int]]:
        """Yield the SHA-256 under which each object lies, and its size in bytes."""
        import obstore

        with answers():
            for some in obstore.list(self._store):
                for one in some:
                    if found := _KEY.fullmatch(one["path"]):
                        yield found[1], int(one["size"])

    def is_empty(self) -> bool:
        """True where nothing was ever kept. Raises TryLater."""
        return next(self.every_size(), None) is None

    def is_whole(self, sha256: str) -> bool:
        """True where the store's bytes are those that were kept; reads all of them."""
        digest = hashlib.sha256()
        for block in self._blocks(sha256):
            digest.update(block)
        return digest.hexdigest() == sha256

    def fetch(self, sha256: str, to: Path) -> str:
        """Copy an object into a file, part by part; return the SHA-256 of what came."""
        digest = hashlib.sha256()
        with to.open("wb") as out:
            for block in self._blocks(sha256):
                digest.update(block)
                out.write(block)
        return digest.hexdigest()

    def _blocks(self, sha256: str) -> Iterator[bytes]:
        import obstore

        key, size = key_of(sha256), self._asked_size(sha256)
        for start in range(0, size, PART):
            with answers():
                length = min(PART, size - start)
                yield bytes(obstore.get_range(self._store, key, start=start, length=length))

    def discard(self, sha256: str) -> bool:
        """Remove an object for good, here and there; False = the store has it not."""
        import obstore

        self._sizes.pop(sha256, None)
        copy_nearby(self._near, sha256).unlink(missing_ok=True)
        if not self.has(sha256):
            return False
        with answers():
            obstore.delete(self._store, key_of(sha256))
        return True

    def check(self) -> str | None:
        """Try the store's rights with a small object of its own name: made once and not twice, read
        back, taken away. Return what is wrong in one line, None = nothing."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        key, data = f"probe/{secrets.token_hex(8)}", secrets.token_bytes(32)
        try:
            obstore.put(self._store, key, data, mode="create", use_multipart=False)
            try:
                obstore.put(self._store, key, data, mode="create", use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                twice = False
            else:
                twice = True
            same = bytes(obstore.get(self._store, key).bytes()) == data
            obstore.delete(self._store, key)
        except (BaseError, OSError) as error:  # its NotFoundError is one of these
            return first_line(error)
        if twice:
            return "the store makes an object twice: it does not know “If-None-Match: *”"
        return None if same else "the store gave other bytes than were put"
