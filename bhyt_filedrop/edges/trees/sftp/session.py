"""One SFTP connection as the steps of a remote tree: many requests on the way at a time."""

from __future__ import annotations

import contextlib
import errno
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, takewhile
from typing import BinaryIO

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.trees.names import folder_mode, join
from bhyt_filedrop.edges.trees.remote.session import Kind, Listed, Lost, RemoteEntry
from bhyt_filedrop.edges.trees.sftp import wire as w
from bhyt_filedrop.ports import NeverWorks

_BLOCK = 32 * 1024
"""The size that every server takes in one request."""
_AHEAD = 64
"""Blocks on the way at once: 2 MiB, which fills a line of 100 Mbit/s at 150 ms."""

_FOLDERS_AHEAD = 64
"""Folders listed at once; OpenSSH keeps no more than some hundred handles open."""

_LISTS_AHEAD = 8
"""Portions of a listing (about 100 names each) asked for at once."""

MOST_NAMES = 1_000_000
"""In one folder. A server that never says that a listing ends would else fill our memory."""

_POSIX_RENAME = b"posix-rename@openssh.com"
_FSYNC = b"fsync@openssh.com"
_STATVFS = b"statvfs@openssh.com"


class SftpSession:
    """`Session` over SFTP. `root` is a folder on the server, "" its starting folder."""

    def __init__(self, wire: w.Wire, root: str, hang_up: Callable[[], None]) -> None:
        self.in_step = True  # always: answers carry numbers, none is mistaken for another
        self._wire = wire
        self._root = root.rstrip("/") or ("/" if root else "")
        self._hang_up = hang_up
        self._closing: list[int] = []

    def root_is_there(self) -> bool:
        """Tell whether the root is a folder; it alone may be reached through a link."""
        try:
            found = self._wire.ask(w.STAT, self._at(""), w.ATTRS).attributes()
        except FileNotFoundError:
            return False
        return found.mode is None or stat.S_ISDIR(found.mode)

    def depths(self, folders: Sequence[Sequence[str]]) -> list[int]:
        """See `Session`: one round trip, however many and however deep."""
        prefixes = [["/".join(f[: n + 1]) for n in range(len(f))] for f in folders]
        paths = list(dict.fromkeys(chain.from_iterable(prefixes)))
        looked = dict(zip(paths, self._look_all(paths, all_allowed=False), strict=True))

        def is_folder(path: str) -> bool:
            entry = looked[path]
            return entry is not None and entry.kind is Kind.FOLDER

        return [len(list(takewhile(is_folder, paths))) for paths in prefixes]

    def look(self, path: str) -> RemoteEntry | None:
        """See `Session`."""
        return self._look_all([path])[0]

    def look_anew(self) -> None:
        """See `Session`: no listing answers for a look here."""

    def _look_all(
        self, paths: Sequence[str], *, all_allowed: bool = True
    ) -> list[RemoteEntry | None]:
        sent = deque(self._wire.send(w.LSTAT, self._at(path)) for path in paths)
        try:
            return [self._looked(sent.popleft(), path, all_allowed) for path in paths]
        finally:
            self._wire.forget(sent)

    def _looked(self, number: int, path: str, all_allowed: bool) -> RemoteEntry | None:
        try:
            found = self._wire.expect(number, w.ATTRS).attributes()
        except FileNotFoundError:
            return None
        except PermissionError:
            if all_allowed:
                raise
            return RemoteEntry(path.rpartition("/")[2], Kind.DENIED, 0, 0.0)
        return _entry(path.rpartition("/")[2], found)

    def entries(self, folder: str) -> list[RemoteEntry]:
        """See `Session`."""
        with self._handle(w.OPENDIR, self._at(folder)) as handle:
            return self._with_kinds(folder, self._listed(handle))

    def entries_of(self, folders: Sequence[str]) -> list[Listed]:
        """See `Session`: two round trips for many folders."""
        found: list[Listed] = []
        for first in range(0, len(folders), _FOLDERS_AHEAD):
            found += self._entries_together(folders[first : first + _FOLDERS_AHEAD])
        return found

    def _entries_together(self, folders: Sequence[str]) -> list[Listed]:
        self._wire.forget(self._closing)
        self._closing = []
        handles = self._open_all(folders)
        opened = [handle for handle in handles if isinstance(handle, bytes)]
        asked = deque(
            (self._wire.send(w.READDIR, w.text(handle)), self._wire.send(w.READDIR, w.text(handle)))
            for handle in opened
        )
        try:
            found: list[Listed] = []
            for folder, handle in zip(folders, handles, strict=True):
                if isinstance(handle, OSError):
                    found.append(handle)
                else:
                    found.append(self._entries_in(folder, handle, asked.popleft()))
            return found
        finally:
            self._wire.forget(number for pair in asked for number in pair)
            # Nobody waits for these answers: the next listing collects them.
            self._closing = [self._wire.send(w.CLOSE, w.text(handle)) for handle in opened]

    def _open_all(self, folders: Sequence[str]) -> list[bytes | OSError]:
        sent = deque(self._wire.send(w.OPENDIR, self._at(folder)) for folder in folders)
        handles: list[bytes | OSError] = []
        try:
            while sent:
                try:
                    handles.append(self._wire.expect(sent.popleft(), w.HANDLE).string())
                except OSError as err:
                    handles.append(err)
            return handles
        finally:
            self._wire.forget(sent)

    def _entries_in(self, folder: str, handle: bytes, asked: tuple[int, int]) -> Listed:
        """Collect an open folder's names, of which the first two portions were asked for."""
        ahead = deque(asked)
        try:
            names: list[tuple[str, w.Attributes]] = []
            while ahead:
                names.extend(_names(self._wire.expect(ahead.popleft(), w.NAME)))
            return self._with_kinds(folder, names + self._listed(handle))
        except EOFError:
            return self._with_kinds(folder, names)
        except OSError as err:
            return err
        finally:
            self._wire.forget(ahead)

    def _listed(self, handle: bytes) -> list[tuple[str, w.Attributes]]:
        """Collect an open folder's names; each portion is asked for before the last one came."""
        found: list[tuple[str, w.Attributes]] = []
        ahead = deque[int]()
        try:
            while True:
                while len(ahead) < _LISTS_AHEAD:
                    ahead.append(self._wire.send(w.READDIR, w.text(handle)))
                found.extend(_names(self._wire.expect(ahead.popleft(), w.NAME)))
                if len(found) > MOST_NAMES:
                    raise Lost("the SFTP server's listing does not end")
        except EOFError:
            return found
        finally:
            self._wire.forget(ahead)

    def _with_kinds(self, folder: str, found: list[tuple[str, w.Attributes]]) -> list[RemoteEntry]:
        """Some servers list without modes: then each name is looked at. One that may not be looked
        at is told as that; one that is gone meanwhile is no entry."""
        if all(attributes.mode is not None for _, attributes in found):
            return [_entry(name, attributes) for name, attributes in found]
        looked = self._look_all([join(folder, name) for name, _ in found], all_allowed=False)
        return [entry for entry in looked if entry is not None]

    def make_folder(self, path: str, access: FileAccess) -> None:
        """See `Session`."""
        mode = None if access.mode is None else folder_mode(access.mode)
        try:
            self._wire.ask(w.MKDIR, self._at(path) + w.Attributes(mode=mode).packed())
        except OSError:
            there = self.look(path)
            if there is None or there.kind is not Kind.FOLDER:
                raise
            return
        owner = _owner(access, lambda: self._owner_of(path))
        if mode is not None or owner is not None:  # the server's umask had its say in mkdir
            wanted = w.Attributes(mode=mode, owner=owner)
            self._wire.ask(w.SETSTAT, self._at(path) + wanted.packed())

    def _owner_of(self, path: str) -> tuple[int, int]:
        found = self._wire.ask(w.LSTAT, self._at(path), w.ATTRS).attributes()
        return found.owner or (-1, -1)

    def rename(self, path: str, target: str) -> None:
        """See `Session`. SFTP's plain rename never replaces; OpenSSH keeps to that."""
        if self.look(target) is not None:
            raise FileExistsError(errno.EEXIST, "the target is taken")
        try:
            self._wire.ask(w.RENAME, self._at(path) + self._at(target))
        except OSError as err:
            if err.errno == errno.EIO and self.look(target) is not None:
                raise FileExistsError(errno.EEXIST, "the target is taken") from err
            raise

    def replace(self, path: str, target: str) -> None:
        """See `Session`. Without OpenSSH's extension the name is free for a moment."""
        if _POSIX_RENAME in self._wire.extensions:
            self._wire.extended(_POSIX_RENAME, self._at(path) + self._at(target))
            return
        with contextlib.suppress(FileNotFoundError):
            self.remove(target)
        self._wire.ask(w.RENAME, self._at(path) + self._at(target))

    def remove(self, path: str) -> None:
        """See `Session`."""
        self._wire.ask(w.REMOVE, self._at(path))

    def free_bytes(self) -> int | None:
        """See `Session`."""
        if _STATVFS not in self._wire.extensions:
            return None
        answer = self._wire.extended(_STATVFS, self._at(""), w.EXTENDED_REPLY)
        _, unit, _, _, available, *_ = answer.numbers(11)
        return unit * available

    def close(self) -> None:
        """See `Session`."""
        self._hang_up()

    # --- transfers -------------------------------------------------------------------------------

    def download(self, path: str, out: BinaryIO) -> int:
        """See `Session`."""
        with self._opened_to_read(path) as handle:
            size = self._wire.ask(w.FSTAT, w.text(handle), w.ATTRS).attributes().size or 0
            with closing(self._blocks(handle, 0, size + 1)) as blocks:
                return sum(out.write(block) for block in blocks)

    def read_range(self, path: str, offset: int, length: int, size: int) -> bytes:
        """See `Session`."""
        with self._opened_to_read(path) as handle:
            return b"".join(self._blocks(handle, offset, length))

    def _blocks(self, handle: bytes, offset: int, length: int) -> Generator[bytes, None, None]:
        """Yield the bytes from `offset` on, in order, at most `length`, fewer at the file's end."""
        todo = deque(
            (at, min(_BLOCK, offset + length - at)) for at in range(offset, offset + length, _BLOCK)
        )
        ahead: deque[tuple[int, int, int]] = deque()
        try:
            while todo or ahead:
                while todo and len(ahead) < _AHEAD:
                    at, count = todo.popleft()
                    ahead.append((self._send_read(handle, at, count), at, count))
                number, at, count = ahead.popleft()
                block = self._filled(handle, self._data(number), at, count)
                yield block
                if len(block) < count:
                    return
        finally:
            self._wire.forget(number for number, _, _ in ahead)

    def _filled(self, handle: bytes, block: bytes, at: int, count: int) -> bytes:
        """A server may give less than asked though the file goes on: ask for the rest."""
        while 0 < len(block) < count:
            more = self._data(self._send_read(handle, at + len(block), count - len(block)))
            if not more:
                break
            block += more
        if len(block) > count:
            raise Lost("the SFTP server sends more than was asked")
        return block

    def _send_read(self, handle: bytes, at: int, count: int) -> int:
        where = at.to_bytes(8, "big") + count.to_bytes(4, "big")
        return self._wire.send(w.READ, w.text(handle) + where)

    def _data(self, number: int) -> bytes:
        try:
            return self._wire.expect(number, w.DATA).string()
        except EOFError:
            return b""

    def upload(self, source: BinaryIO, path: str, access: FileAccess) -> None:
        """See `Session`. Every block's answer is read: no error of a write is lost."""
        how = w.OPEN_WRITE | w.OPEN_CREATE | w.OPEN_EXCLUSIVE
        first = w.Attributes(mode=None if access.mode is None else 0o600)
        request = self._at(path) + how.to_bytes(4, "big") + first.packed()
        with self._handle(w.OPEN, request) as handle:
            self._write_all(handle, source)
            self._give(handle, access)
            if _FSYNC in self._wire.extensions:
                self._wire.extended(_FSYNC, w.text(handle))

    def _write_all(self, handle: bytes, source: BinaryIO) -> None:
        at, ahead = 0, deque[int]()
        try:
            while block := source.read(_BLOCK):
                request = w.text(handle) + at.to_bytes(8, "big") + w.text(block)
                ahead.append(self._wire.send(w.WRITE, request))
                at += len(block)
                if len(ahead) >= _AHEAD:
                    self._wire.expect(ahead.popleft(), w.STATUS)
            while ahead:
                self._wire.expect(ahead.popleft(), w.STATUS)
        finally:
            self._wire.forget(ahead)

    def _give(self, handle: bytes, access: FileAccess) -> None:
        owner = _owner(access, lambda: self._owner_of_open(handle))
        if owner is not None or access.mode is not None:
            wanted = w.Attributes(owner=owner, mode=access.mode)
            self._wire.ask(w.FSETSTAT, w.text(handle) + wanted.packed())

    def _owner_of_open(self, handle: bytes) -> tuple[int, int]:
        found = self._wire.ask(w.FSTAT, w.text(handle), w.ATTRS).attributes()
        return found.owner or (-1, -1)

    @contextmanager
    def _opened_to_read(self, path: str) -> Iterator[bytes]:
        request = self._at(path) + w.OPEN_READ.to_bytes(4, "big") + w.Attributes().packed()
        with self._handle(w.OPEN, request) as handle:
            yield handle

    @contextmanager
    def _handle(self, kind: int, request: bytes) -> Iterator[bytes]:
        handle = self._wire.ask(kind, request, w.HANDLE).string()
        try:
            yield handle
        except Lost:
            raise
        except BaseException:
            with contextlib.suppress(OSError, Lost):
                self._wire.ask(w.CLOSE, w.text(handle))
            raise
        self._wire.ask(w.CLOSE, w.text(handle))

    def _at(self, path: str) -> bytes:
        full = f"{self._root.rstrip('/')}/{path}" if self._root else path
        return w.text((full.rstrip("/") or self._root or ".").encode("utf-8", "surrogateescape"))


def _names(answer: w.ReplyBody) -> Iterator[tuple[str, w.Attributes]]:
    for _ in range(answer.number()):
        name = answer.string().decode("utf-8", "surrogateescape")
        answer.string()  # the long form, for people
        yield name, answer.attributes()


def _entry(name: str, found: w.Attributes) -> RemoteEntry:
    mtime = found.times[1] if found.times else 0
    return RemoteEntry(name, _kind(found.mode), found.size or 0, float(mtime))


def _kind(mode: int | None) -> Kind:
    if mode is None:
        return Kind.OTHER
    if stat.S_ISREG(mode):
        return Kind.FILE
    return Kind.FOLDER if stat.S_ISDIR(mode) else Kind.OTHER


def _owner(access: FileAccess, now: Callable[[], tuple[int, int]]) -> tuple[int, int] | None:
    """Return the numbers to set; SFTP sets both at once and knows no names."""
    if not access.owner and not access.group:
        return None
    if access.acl:
        raise NeverWorks("an SFTP server keeps no access lists: take acl out of the folder rule")
    for name in (access.owner, access.group):
        if name and not name.isdecimal():
            raise NeverWorks(f"on an SFTP tree owner and group are numbers, not {name!r}")
    uid, gid = now()
    return int(access.owner or uid), int(access.group or gid)
