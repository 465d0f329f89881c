"""Walking down a local tree without ever leaving it.

Parties may write into the tree, so they may also put a symbolic link where a folder was a moment
ago. Each step down therefore opens one folder relative to the one above and refuses links; what is
then done happens relative to the open folder, and no path is looked up a second time.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.trees.local.acl import let_in
from bhyt_filedrop.edges.trees.names import folder_mode, nfc
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.whole_files import sync_folder

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_RENAME_NOREPLACE = 1


@contextmanager
def open_folder(
    root: Path, parts: Sequence[str], make: FileAccess | None = None, *, durable: bool = True
) -> Iterator[int]:
    """Open the folder `parts` below `root`; yields its descriptor.

    With `make`, missing folders are made and get that access. Raises FileNotFoundError where one
    is missing, NotADirectoryError where a part is a link or a file.
    """
    fd = os.open(root, _FOLDER)
    try:
        for part in parts:
            below = _step(fd, part, make, durable)
            os.close(fd)
            fd = below
        yield fd
    finally:
        os.close(fd)


def as_spelled(root: Path, parts: Sequence[str]) -> tuple[str, ...]:
    """Return `parts` as the disk spells them; parts that do not exist stay as they are."""
    found: tuple[str, ...] = ()
    for part in parts:
        unreadable = suppress(FileNotFoundError, NotADirectoryError, PermissionError)
        with unreadable, open_folder(root, found) as fd:
            part = _twin(fd, part) or part
        found += (part,)
    return found


def _step(above: int, name: str, make: FileAccess | None, durable: bool) -> int:
    try:
        return _enter(above, name)
    except FileNotFoundError:
        twin = _twin(above, name)
        if twin is not None:
            return _enter(above, twin)
        if make is None:
            raise
        return _make(above, nfc(name), make, durable)


def _enter(above: int, name: str) -> int:
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)


def _twin(above: int, name: str) -> str | None:
    """Find the entry that is `name` or else differs from it only in Unicode form."""
    if name.isascii():
        return None
    twins = [found for found in os.listdir(above) if nfc(found) == nfc(name)]
    return name if name in twins else min(twins, default=None)


def _make(above: int, name: str, access: FileAccess, durable: bool) -> int:
    mode = 0o777 if access.mode is None else 0o700
    with suppress(FileExistsError):  # two deliveries may make the same folder at once
        os.mkdir(name, mode, dir_fd=above)
    fd = _enter(above, name)
    try:
        give(fd, access, folder=True)
        if durable:
            sync_folder(above)
    except BaseException:
        os.close(fd)
        raise
    return fd


def give(fd: int, access: FileAccess, *, folder: bool = False) -> None:
    """Set owner, group and mode of an open file or folder; "" and None leave them.

    Raises NeverWorks for an owner or group that the machine does not know or may not give.
    """
    uid = _number(access.owner, lambda name: pwd.getpwnam(name).pw_uid, "owner")
    gid = _number(access.group, lambda name: grp.getgrnam(name).gr_gid, "group")
    given_to = -1 if access.acl else uid
    try:
        if (given_to, gid) != (-1, -1):
            os.fchown(fd, given_to, gid)
        if access.mode is not None:
            _set_mode(fd, folder_mode(access.mode) if folder else access.mode)
        if access.acl and uid != -1:
            let_in(fd, uid, folder=folder)
        if folder and given_to != -1:
            _stay_open(fd)
    except PermissionError as err:
        why = f"{err.strerror} (another account's needs CAP_CHOWN, see docs/install.md)"
        raise NeverWorks(f"owner, group or mode cannot be set: {why}") from err


def _set_mode(fd: int, mode: int) -> None:
    """A folder that hands its group down (2770) goes on doing so, where the service may set that
    bit at all: its unit need not (RestrictSUIDSGID)."""
    handed_down = os.fstat(fd).st_mode & stat.S_ISGID
    try:
        os.fchmod(fd, mode | handed_down)
    except PermissionError:
        if not handed_down:
            raise
        os.fchmod(fd, mode)


def _stay_open(fd: int) -> None:
    """A folder that was given away must still take what comes next: through its group where that
    is ours, else it stays our own and only the group is given."""
    if _is_open_to_us(fd):
        return
    found = os.fstat(fd)
    if found.st_gid in (os.getegid(), *os.getgroups()):
        _set_mode(fd, found.st_mode & 0o777 | stat.S_IRWXG)
    else:
        os.fchown(fd, os.geteuid(), -1)


def _is_open_to_us(fd: int) -> bool:
    return os.access(f"/proc/self/fd/{fd}", os.W_OK | os.X_OK, effective_ids=True)


def _number(name: str, look_up: Callable[[str], int], what: str) -> int:
    if not name:
        return -1
    if name.isdecimal():
        return int(name)
    try:
        return look_up(name)
    except KeyError as err:
        raise NeverWorks(f"unknown {what}: {name}") from err


def move(source_fd: int, name: str, target_fd: int, target: str) -> None:
    """Rename without replacing, atomically where the file system can.

    Raises FileExistsError where `target` is taken, FileNotFoundError where `name` is gone.
    """
    try:
        _rename_noreplace(source_fd, name, target_fd, target)
    except OSError as err:
        if err.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise
        _link_and_unlink(source_fd, name, target_fd, target)


def _rename_noreplace(source_fd: int, name: str, target_fd: int, target: str) -> None:
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    done = call(source_fd, os.fsencode(name), target_fd, os.fsencode(target), _RENAME_NOREPLACE)
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@functools.cache
def _renameat2() -> Callable[[int, bytes, int, bytes, int], int] | None:
    found = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if found is None:
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    found.restype = ctypes.c_int
    call: Callable[[int, bytes, int, bytes, int], int] = found
    return call


def _link_and_unlink(source_fd: int, name: str, target_fd: int, target: str) -> None:
    """For NFS and other mounts without renameat2's flags.

    A crash between the two leaves both names on one file; the next claim finds that and goes on.
    """
    try:
        os.link(name, target, src_dir_fd=source_fd, dst_dir_fd=target_fd, follow_symlinks=False)
    except FileExistsError:
        if not _same_file(source_fd, name, target_fd, target):
            raise
    os.unlink(name, dir_fd=source_fd)


def _same_file(fd_a: int, name_a: str, fd_b: int, name_b: str) -> bool:
    a = os.stat(name_a, dir_fd=fd_a, follow_symlinks=False)
    b = os.stat(name_b, dir_fd=fd_b, follow_symlinks=False)
    return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
