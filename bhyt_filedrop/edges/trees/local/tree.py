"""A tree on a disk of this machine (or a mount that behaves like one).

What a party sees is decided by renames alone: a claim takes a file away in one step, a delivery
appears in one step. Everything is done relative to open folders, see `openat`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from bhyt_filedrop.domain.drops.ids import OURS
from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess
from bhyt_filedrop.edges.trees.faults import WILL_NOT_MOVE, outcome, told_as
from bhyt_filedrop.edges.trees.local import lease
from bhyt_filedrop.edges.trees.local.openat import as_spelled, give, move, open_folder
from bhyt_filedrop.edges.trees.names import (
    join,
    name_of,
    nfc,
    parent_of,
    partial_name,
    split,
)
from bhyt_filedrop.edges.trees.walking import in_turn
from bhyt_filedrop.ports import (
    CannotMove,
    ClosedFile,
    ClosedFolder,
    NeverWorks,
    Sighting,
    TryLater,
    unheard,
)
from bhyt_filedrop.whole_files import copy_bytes, sync_folder, whole_file

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 100
"""Folders below folders that a walk follows; nobody's filing is deeper, an attack may be."""
_PROBE = ".bhyt-filedrop-check.tmp"


class LocalTree:
    """`ports.Tree` on a local disk. Holds no state, so threads may share it."""

    def __init__(self, id: str, root: Path, *, durable: bool = True) -> None:
        """Name a tree. `durable` = False skips the fsyncs: for simulations only."""
        self.id = id
        self._root = root
        self._durable = durable

    def walk(
        self,
        folder: str,
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
        *,
        deep: bool = True,
    ) -> Iterator[Sighting]:
        """See `ports.Tree.walk`."""
        skipped = frozenset(nfc(path) for path in skip)
        folder = self._as_spelled(folder)
        todo: list[str | Sighting] = [folder]
        while todo:
            item = todo.pop()
            if isinstance(item, Sighting):
                yield item
            elif item != folder and (not deep or nfc(item) in skipped):
                continue
            elif item.count("/") >= _DEEPEST:
                closed(item)
            else:
                todo.extend(reversed(self._listing(item, item == folder, closed)))

    def walk_all(
        self,
        folders: Sequence[str],
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
    ) -> Iterator[Sighting]:
        """See `ports.Tree.walk_all`."""
        return in_turn(folders, lambda folder: self.walk(folder, skip, closed), closed)

    def _as_spelled(self, folder: str) -> str:
        self._root_must_be_there()
        if folder.isascii():
            return folder
        with told_as(f"{self.id}: list {folder}"):
            return "/".join(as_spelled(self._root, split(folder)))

    def _listing(
        self, folder: str, asked: bool, closed: Callable[[str], None]
    ) -> list[str | Sighting]:
        """Return a folder's files as sightings and its sub-folders as paths, in name order."""
        self._root_must_be_there()
        try:
            with open_folder(self._root, split(folder)) as fd, os.scandir(fd) as entries:
                below = join(folder, "")
                looks = [_look(entry, below) for entry in sorted(entries, key=_name)]
                return [seen for seen in looks if seen is not None]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError as err:
            if asked:
                raise ClosedFolder(f"{self.id}: list {folder}: {err.strerror}") from err
            closed(folder)
            return []
        except OSError as err:
            raise outcome(err, f"{self.id}: list {folder}") from err

    def _root_must_be_there(self) -> None:
        """An unmounted share must not look like an empty one."""
        if not self._root.is_dir():
            raise TryLater(f"{self.id}: the tree's root is not there")

    def stat(self, path: str) -> Sighting | None:
        """See `ports.Tree.stat`."""
        try:
            with self._step("stat", path), self._folder(path) as fd:
                found = os.stat(name_of(path), dir_fd=fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return _sighting(path, found) if stat.S_ISREG(found.st_mode) else None

    def is_still_open(self, path: str) -> bool | None:
        """See `ports.Tree.is_still_open`; a file that is gone is written by nobody."""
        try:
            with self._step("lease", path), self._reading(path) as file:
                return lease.is_open_for_writing(file.fileno())
        except FileNotFoundError:
            return False

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        """See `ports.Tree.read_range`. A file that is gone means later: the next look knows."""
        try:
            with self._step("read", path), self._reading(path) as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(offset if offset >= 0 else max(0, size + offset))
                return file.read(length)
        except FileNotFoundError as err:
            raise TryLater(str(err)) from err

    def claim(self, path: str, target: str) -> bool:
        """See `ports.Tree.claim`. Raises NeverWorks where `target` is taken by another file.

        Repeating is safe: where `path` is gone and `target` is there, an earlier attempt did it.
        """
        split(path)
        if self.stat(path) is None:
            return self.stat(target) is not None or self._is_surely_gone()
        with self._making(target), contextlib.ExitStack() as open_folders:
            with self._refusing(parent_of(path)):
                into = open_folders.enter_context(self._folder(target, make=AS_IT_COMES))
                if not self._move(path, into, name_of(target)):
                    return False
            self._sync_moved(into, parent_of(path))
        if self.stat(target) is None:  # swapped for a link between the look and the move
            raise NeverWorks(f"{self.id}: claim from {parent_of(path)}: not a regular file")
        return True

    def _move(self, path: str, into: int, target: str) -> bool:
        try:
            with self._folder(path) as source:
                move(source, name_of(path), into, target)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def _sync_moved(self, into: int, folder: str) -> None:
        """Sync the folder that a file was moved into.

        One sync (4 ms) is enough: a journal commits both folders at once, and where there is none
        the file can at worst be seen at both places, never at neither. A sync that fails means
        later, whatever the error: the file has moved, so this is no refusal to move it.
        """
        try:
            self._sync(into)
        except OSError as err:
            raise TryLater(f"{self.id}: claim in {folder}: {err.strerror}") from err

    @contextmanager
    def _refusing(self, folder: str) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            if err.errno not in WILL_NOT_MOVE:
                raise
            raise CannotMove(f"{self.id}: claim in {folder}: {err.strerror}") from err

    def _is_surely_gone(self) -> bool:
        """Return False for a file that is in neither place, as its sender took it back.

        Raises TryLater where nothing but our own folder is there: a claimed file whose disk is not
        mounted at the moment must not be given up.
        """
        self._root_must_be_there()
        if not any(entry.name != OURS for entry in self._root.iterdir()):
            raise TryLater(f"{self.id}: the tree's root is empty: is its disk mounted?")
        return False

    def fetch(self, path: str, to: Path) -> None:
        """See `ports.Tree.fetch`; `to` is replaced whole or left as it was."""
        with (
            self._step("fetch", path),
            self._reading(path) as source,
            whole_file(to, durable=False) as out,
        ):
            copy_bytes(source, out)

    def put(self, source: Path, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """See `ports.Tree.put`. Owner, group and mode are set before the file can be seen."""
        with (
            self._making(path),
            source.open("rb") as data,
            self._folder(path, make=access) as fd,
        ):
            self._write_and_show(data, fd, name_of(path), access)

    def _write_and_show(self, data: BinaryIO, fd: int, name: str, access: FileAccess) -> None:
        partial = partial_name(name)
        _unlink(fd, partial)
        try:
            with _created(fd, partial, access) as out:
                copy_bytes(data, out)
                out.flush()
                give(out.fileno(), access)
                self._sync(out.fileno())
            os.replace(partial, name, src_dir_fd=fd, dst_dir_fd=fd)
            self._sync(fd)
        except BaseException:
            with contextlib.suppress(OSError):
                _unlink(fd, partial)
            raise

    def remove(self, path: str) -> None:
        """See `ports.Tree.remove`."""
        with (
            contextlib.suppress(FileNotFoundError),
            self._step("remove", path),
            self._folder(path) as fd,
        ):
            os.unlink(name_of(path), dir_fd=fd)
            self._sync(fd)

    def make_folder(self, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """See `ports.Tree.make_folder`; folders that exist keep their owner, group and mode."""
        with (
            self._making(join(path, "")),
            open_folder(self._root, split(path), access, durable=self._durable),
        ):
            pass

    def check(self) -> str | None:
        """See `ports.Tree.check`."""
        try:
            self._root_must_be_there()
            with open_folder(self._root, ()) as fd:
                _unlink(fd, _PROBE)
                os.close(os.open(_PROBE, _CREATE, 0o600, dir_fd=fd))
                _unlink(fd, _PROBE)
        except TryLater:
            return f"Cây thư mục {self.id}: không thấy thư mục gốc {self._root}."
        except OSError as err:
            return f"Cây thư mục {self.id}: không ghi được vào {self._root} ({err.strerror})."
        return None

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _step(self, step: str, path: str) -> Iterator[None]:
        with told_as(f"{self.id}: {step} in {parent_of(path)}"):
            try:
                yield
            except NotADirectoryError as err:  # a link or a file where a folder should be
                raise FileNotFoundError(err.errno, err.strerror) from err

    @contextmanager
    def _making(self, path: str) -> Iterator[None]:
        """Like a step, but whatever is missing here went missing under our hands: later."""
        doing = f"{self.id}: put into {parent_of(path)}"
        try:
            yield
        except FileNotFoundError as err:
            raise TryLater(f"{doing}: {err.strerror}") from err
        except OSError as err:
            raise outcome(err, doing) from err

    def _folder(
        self, path: str, make: FileAccess | None = None
    ) -> contextlib.AbstractContextManager[int]:
        parts = split(path)
        if not parts:
            raise NeverWorks(f"{self.id}: the root is not a file")
        return open_folder(self._root, parts[:-1], make, durable=self._durable)

    @contextmanager
    def _reading(self, path: str) -> Iterator[BinaryIO]:
        with self._folder(path) as folder:
            try:
                fd = os.open(name_of(path), _READ, dir_fd=folder)
            except PermissionError as err:
                where = f"{self.id}: a file in {parent_of(path)}"
                raise ClosedFile(f"{where}: {err.strerror}") from err
            except OSError as err:
                raise _gone_if_special(err) from err
            with os.fdopen(fd, "rb") as file:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    raise FileNotFoundError
                yield file

    def _sync(self, fd: int) -> None:
        if self._durable:
            sync_folder(fd)


def _gone_if_special(err: OSError) -> OSError:
    """A link (ELOOP), socket or device (ENXIO) where a file was: the file is gone."""
    return FileNotFoundError() if err.errno in (errno.ELOOP, errno.ENXIO) else err


_name = attrgetter("name")


def _look(entry: os.DirEntry[str], below: str) -> str | Sighting | None:
    path = below + entry.name
    try:
        if entry.is_file(follow_symlinks=False):
            return _sighting(path, entry.stat(follow_symlinks=False))
        return path if entry.is_dir(follow_symlinks=False) else None
    except FileNotFoundError:
        return None


def _sighting(path: str, found: os.stat_result) -> Sighting:
    return Sighting(path, found.st_size, found.st_mtime)


def _created(fd: int, name: str, access: FileAccess) -> BinaryIO:
    mode = 0o666 if access.mode is None else 0o600
    return os.fdopen(os.open(name, _CREATE, mode, dir_fd=fd), "wb")


def _unlink(fd: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=fd)
