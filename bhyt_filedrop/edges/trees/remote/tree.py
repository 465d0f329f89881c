"""The tree contract kept over a network, for any protocol that offers a few plain steps.

A `Session` is one connection and says how each step is spoken; `RemoteTree` keeps the promises:
one connection at a time, opened when needed and again after it broke; nothing shown to a receiver
before all its bytes are known to be there; and an answer lost on the way back (was the file renamed
or not?) is found out by looking, never by assuming.
"""

from __future__ import annotations

import contextlib
import errno
import io
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from bhyt_filedrop.domain.drops.ids import OURS
from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess
from bhyt_filedrop.edges.trees.faults import WILL_NOT_MOVE, outcome
from bhyt_filedrop.edges.trees.names import (
    NAME_LIMIT,
    byte_length,
    join,
    name_of,
    nfc,
    parent_of,
    partial_name,
    split,
)
from bhyt_filedrop.edges.trees.remote.rest import Rest
from bhyt_filedrop.edges.trees.remote.session import (
    CannotConnect,
    Kind,
    Listed,
    Lost,
    RemoteEntry,
    Session,
    Stalled,
)
from bhyt_filedrop.edges.trees.remote.steps import find_twin, remove_if_there
from bhyt_filedrop.edges.trees.walking import TreeWalk, in_turn, is_plain, sighting_of
from bhyt_filedrop.ports import (
    CannotMove,
    ClosedFile,
    ClosedFolder,
    NeverWorks,
    Sighting,
    TryLater,
    unheard,
)
from bhyt_filedrop.whole_files import whole_file

T = TypeVar("T")

Found = str | None | ClosedFolder
"""A folder as the server spells it; None where there is none, or why nobody may enter it."""

_PROBE = ".bhyt-filedrop-check.tmp"


class RemoteTree:
    """`ports.Tree` over sessions. Threads may share it: they take turns on one connection."""

    def __init__(self, id: str, where: str, connect: Callable[[], Session]) -> None:
        """Name a tree. `where` is the server as people know it (`host:port`)."""
        self.id = id
        self._where = where
        self._connect = connect
        self._session: Session | None = None
        self._lock = threading.RLock()
        self._rest = Rest()

    # --- looking ---------------------------------------------------------------------------------

    def walk(
        self,
        folder: str,
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
        *,
        deep: bool = True,
    ) -> Iterator[Sighting]:
        """See `ports.Tree.walk`."""
        found = self._find([folder])
        later = deque(start for start in found if isinstance(start, str))
        yield from self._from(self._walking(skip, closed, deep), found[0], later)

    def walk_all(
        self,
        folders: Sequence[str],
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
    ) -> Iterator[Sighting]:
        """See `ports.Tree.walk_all`."""
        walk = self._walking(skip, closed)
        found = self._find(folders)
        starts = iter(found)
        later = deque(start for start in found if isinstance(start, str))
        yield from in_turn(folders, lambda _: self._from(walk, next(starts), later), closed)

    def _walking(
        self, skip: Iterable[str], closed: Callable[[str], None], deep: bool = True
    ) -> TreeWalk:
        def why_not(folder: str, why: OSError, begun: bool) -> None:
            doing = f"list {folder}"
            self._ask(doing, lambda on: self._unlisted(on, folder, why, begun, closed))

        return TreeWalk(self._list_together, why_not, frozenset(map(nfc, skip)), closed, deep)

    def _list_together(self, folders: Sequence[str]) -> list[Listed]:
        return self._ask(f"list {folders[0]}", lambda on: on.entries_of(folders))

    def _from(self, walk: TreeWalk, start: Found, later: deque[str]) -> Iterator[Sighting]:
        """TreeWalk from one folder; `later` begins with it and holds those that come after."""
        if isinstance(start, ClosedFolder):
            raise start
        if start is not None:
            later.popleft()
            yield from walk.begin(start, tuple(later))

    def _find(self, folders: Sequence[str]) -> list[Found]:
        """Return folders as the server spells them."""
        parts = [split(folder) for folder in folders]
        doing = f"list {folders[0]}" if folders else "list"
        return self._ask(doing, lambda on: self._found(on, parts))

    def _found(self, on: Session, folders: Sequence[Sequence[str]]) -> list[Found]:
        depths = on.depths(folders)
        return [self._resolved(on, *one) for one in zip(folders, depths, strict=True)]

    def _resolved(self, on: Session, parts: Sequence[str], depth: int) -> Found:
        try:
            return self._resolve(on, parts, depth=depth)
        except (FileNotFoundError, NotADirectoryError):
            self._root_must_be_there(on)
            return None
        except PermissionError as err:
            return ClosedFolder(f"{self.id}: list {'/'.join(parts)}: {err.strerror}")

    def _root_must_be_there(self, on: Session) -> None:
        """A disk that the server lost must not look like an empty one."""
        if not on.root_is_there():
            raise TryLater("the tree's root is not there")

    def _unlisted(
        self,
        on: Session,
        folder: str,
        why: OSError,
        asked: bool,
        closed: Callable[[str], None],
    ) -> None:
        """What follows from a folder that could not be listed."""
        if isinstance(why, FileNotFoundError):
            self._root_must_be_there(on)
            return
        if not isinstance(why, PermissionError):
            raise why
        if asked:
            raise ClosedFolder(why.strerror or "closed") from why
        closed(folder)

    def stat(self, path: str) -> Sighting | None:
        """See `ports.Tree.stat`."""
        split(path)
        entry = self._ask("stat", lambda on: self._look_anew(on, path))
        return sighting_of(path, entry) if entry and _is_file(entry) else None

    def _look_anew(self, on: Session, path: str) -> RemoteEntry | None:
        on.look_anew()
        return self._look(on, path)

    def _must_not_be_listed(self, on: Session, path: str) -> None:
        """What a server denies to know is gone, unless its own listing still shows it: then it
        would come to light, and be gone, at every look."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            spelled = self._spelled(on, path)
            shown = {entry.name for entry in on.entries(parent_of(spelled))}
            if name_of(spelled) in shown and self._look(on, path) is None:
                raise ClosedFile("the server lists a file and denies to know it")

    def _look(self, on: Session, path: str) -> RemoteEntry | None:
        try:
            return on.look(self._spelled(on, path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def is_still_open(self, path: str) -> bool | None:
        """Return None: no server tells who writes a file. Quiet time and format decide."""
        return None

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        """See `ports.Tree.read_range`. A file that is gone means later: the next look knows."""
        split(path)
        doing = f"read in {parent_of(path)}"
        with self._later_if_gone(doing):
            return self._ask(doing, lambda on: self._read_range(on, path, offset, length))

    def _read_range(self, on: Session, path: str, offset: int, length: int) -> bytes:
        path, entry = self._file(on, path)
        start = offset if offset >= 0 else max(0, entry.size + offset)
        if start >= entry.size:
            return b""
        try:
            return on.read_range(path, start, min(length, entry.size - start), entry.size)
        except PermissionError as err:
            raise ClosedFile(err.strerror or "closed") from err

    # --- moving bytes ----------------------------------------------------------------------------

    def claim(self, path: str, target: str) -> bool:
        """See `ports.Tree.claim`.

        Repeating is safe: where `path` is gone and `target` is there, an earlier attempt reached
        the server though its answer did not reach us, and the claim stands.
        """
        split(path)
        _fits(target)
        doing = f"claim in {parent_of(path)}"
        try:
            return self._ask(doing, lambda on: self._claim(on, path, target))
        except FileNotFoundError:  # its folder went under our hands
            return False

    def _claim(self, on: Session, path: str, target: str) -> bool:
        entry = self._look(on, path)
        if entry is None:
            if _is_file(self._look(on, target)):
                return True
            self._must_not_be_listed(on, path)
            return self._is_surely_gone(on)
        if entry.kind is not Kind.FILE:
            return False
        try:
            into = self._spelled(on, target, AS_IT_COMES)
            on.rename(self._spelled(on, path), into)
        except FileNotFoundError as err:
            if _is_file(self._look_anew(on, target)):
                return True
            if _is_file(self._look(on, path)):  # FTP: one reply for "not there" and "not for you"
                raise CannotMove("the server refuses to rename") from err
            return False
        except OSError as err:
            if err.errno in WILL_NOT_MOVE:
                raise CannotMove(f"the server refuses to rename ({err.strerror})") from err
            raise
        return True

    def _is_surely_gone(self, on: Session) -> bool:
        """Return False for a file that is in neither place, as its sender took it back.

        Raises TryLater where nothing but our own folder is there: a claimed file whose disk is not
        mounted at the moment must not be given up.
        """
        self._root_must_be_there(on)
        if not any(is_plain(one.name) and one.name != OURS for one in on.entries("")):
            raise TryLater("the tree's root is empty: is its disk mounted?")
        return False

    def fetch(self, path: str, to: Path) -> None:
        """See `ports.Tree.fetch`; `to` is replaced whole or left as it was."""
        split(path)
        self._ask(f"fetch in {parent_of(path)}", lambda on: self._fetch(on, path, to))

    def _fetch(self, on: Session, path: str, to: Path) -> None:
        path, entry = self._file(on, path)
        with whole_file(to, durable=False) as out:
            came = on.download(path, out)
            if came != entry.size:
                raise TryLater(f"the server named {entry.size} bytes, {came} came")

    def put(self, source: Path, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """See `ports.Tree.put`. Owner, group and mode are set before the file can be seen."""
        _fits(path)
        doing = f"put into {parent_of(path)}"
        with self._later_if_gone(doing):
            self._ask(doing, lambda on: self._put(on, source, path, access))

    @contextmanager
    def _later_if_gone(self, doing: str) -> Iterator[None]:
        """What is missing while something is made was removed under our hands."""
        try:
            yield
        except FileNotFoundError as err:
            raise TryLater(f"{self.id}: {doing}: {err.strerror}") from err

    def _put(self, on: Session, source: Path, path: str, access: FileAccess) -> None:
        with source.open("rb") as data:
            self._show(on, data, source.stat().st_size, self._spelled(on, path, access), access)

    def _show(self, on: Session, data: BinaryIO, size: int, whole: str, access: FileAccess) -> None:
        partial = join(parent_of(whole), partial_name(name_of(whole)))
        try:
            remove_if_there(on, partial)
            on.upload(data, partial, access)
            self._must_have(on, partial, size)
            on.replace(partial, whole)
        except (OSError, TryLater, NeverWorks):
            self._tidy(on, partial)
            raise

    def _must_have(self, on: Session, path: str, size: int) -> None:
        """A server that ran out of room or lost a part must be caught before anybody looks."""
        entry = on.look(path)
        if entry is None or entry.size != size:
            has = "nothing" if entry is None else f"{entry.size} bytes"
            raise TryLater(f"{size} bytes were sent, the server has {has}")

    def _tidy(self, on: Session, partial: str) -> None:
        """Take a failed upload away, if the connection still serves; else the next put will."""
        if on.in_step:
            with contextlib.suppress(OSError, Lost):
                remove_if_there(on, partial)

    def remove(self, path: str) -> None:
        """See `ports.Tree.remove`."""
        split(path)
        doing = f"remove in {parent_of(path)}"
        self._ask(doing, lambda on: self._remove(on, path))

    def _remove(self, on: Session, path: str) -> None:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            on.remove(self._spelled(on, path))

    def make_folder(self, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """See `ports.Tree.make_folder`; folders that exist keep their owner, group and mode."""
        parts = split(path)
        doing = f"make folder {path}"
        with self._later_if_gone(doing):
            self._ask(doing, lambda on: self._resolve(on, parts, access))

    def check(self) -> str | None:
        """See `ports.Tree.check`: connects, does all that a delivery does, and takes it away."""
        self._rest.end()
        try:
            return self._ask("check", self._check)
        except CannotConnect as err:
            return f"Cây thư mục {self.id} ({self._where}): {err.told}"
        except (TryLater, NeverWorks, OSError) as err:
            return f"Cây thư mục {self.id} ({self._where}): không ghi được vào thư mục gốc ({err})."

    def _check(self, on: Session) -> str | None:
        for _ in range(2):  # the second time over what is there, as after a crash
            self._show(on, io.BytesIO(b"ok"), 2, _PROBE, AS_IT_COMES)
        on.remove(_PROBE)
        free = on.free_bytes()
        if free is not None and free < 64 * 2**20:
            room = f"chỉ còn {free // 2**20} MB trống"
            return f"Cây thư mục {self.id} ({self._where}): đĩa của máy chủ {room}."
        return None

    def close(self) -> None:
        """Let go of the connection; the next call opens another."""
        with self._lock:
            self._drop()

    # --- finding folders -------------------------------------------------------------------------

    def _spelled(self, on: Session, path: str, make: FileAccess | None = None) -> str:
        """Return a file's path with its folder as the server spells it."""
        parts = split(path)
        if not parts:
            raise NeverWorks(f"{self.id}: the root is not a file")
        return join(self._resolve(on, parts[:-1], make), parts[-1])

    def _resolve(
        self,
        on: Session,
        parts: Sequence[str],
        make: FileAccess | None = None,
        depth: int | None = None,
    ) -> str:
        """Return the existing folder that `parts` mean, in whichever Unicode form; or make it.
        `depth` is how many of the parts exist, where that was asked for already."""
        found = "/".join(parts[: on.depths([parts])[0] if depth is None else depth])
        for part in parts[found.count("/") + 1 if found else 0 :]:
            found = self._step(on, found, part, make)
        return found

    def _step(self, on: Session, above: str, part: str, make: FileAccess | None) -> str:
        there = on.look(join(above, part)) or find_twin(on, above, part)
        if there is not None:
            if there.kind is not Kind.FOLDER:
                raise NotADirectoryError(errno.ENOTDIR, "no folder, or a link in its place")
            return join(above, there.name)
        if make is None:
            raise FileNotFoundError(errno.ENOENT, "no such folder")
        made = join(above, nfc(part))
        _fits(made)
        on.make_folder(made, make)
        return made

    def _file(self, on: Session, path: str) -> tuple[str, RemoteEntry]:
        entry = self._look(on, path)
        if entry is None:
            self._must_not_be_listed(on, path)
        if entry is None or entry.kind is not Kind.FILE:
            raise FileNotFoundError(errno.ENOENT, "not there any more")
        return self._spelled(on, path), entry

    # --- the connection --------------------------------------------------------------------------

    def _ask(self, doing: str, work: Callable[[Session], T]) -> T:
        """Do one step. A connection that died since the last one is made anew, once, unnoticed."""
        with self._lock:
            self._rest.must_be_over(f"{self.id}: {doing}")
            begun = time.monotonic()
            try:
                answer = self._twice(work)
            except Lost as err:
                if isinstance(err, Stalled):
                    self._rest.begin(time.monotonic() - begun, str(err))
                raise TryLater(f"{self.id}: {doing}: {err}") from err
            except CannotConnect as err:
                if err.late:
                    self._rest.begin(time.monotonic() - begun, str(err), err.told)
                raise
            except FileNotFoundError:
                raise
            except (TryLater, NeverWorks) as err:
                raise type(err)(f"{self.id}: {doing}: {err}") from err
            except OSError as err:
                raise outcome(err, f"{self.id}: {doing}") from err
            self._rest.end()
            return answer

    def _twice(self, work: Callable[[Session], T]) -> T:
        reused = self._session is not None
        try:
            return self._attempt(work)
        except Lost as err:
            if not reused or isinstance(err, Stalled):
                raise
            return self._attempt(work)

    def _attempt(self, work: Callable[[Session], T]) -> T:
        session = self._session = self._session or self._connect()
        try:
            return work(session)
        except Lost:
            self._drop()
            raise
        finally:
            if not session.in_step:
                self._drop()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def _is_file(entry: RemoteEntry | None) -> bool:
    return entry is not None and entry.kind is Kind.FILE


def _fits(path: str) -> None:
    """Servers answer a name too long with anything; so it is told before they are asked."""
    if any(byte_length(part) > NAME_LIMIT for part in split(path)):
        raise NeverWorks(f"a name in {parent_of(path)} takes more than {NAME_LIMIT} bytes")
