"""A local file that appears whole and synced, or not at all.

The order is the one every careful program ended up with: write under a temporary name, fsync the
file, rename, fsync the folder. Without the last step the name itself can be lost in a power cut.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
"""Bytes moved at a time: memory stays flat whatever a party drops."""


@contextmanager
def whole_file(to: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a file to write; it stands at `to` only after the body ended without an error.

    The name is one of ours, and short: until then the file is called `.NAME.part`. `durable` =
    False is for what a restart throws away.
    """
    partial = to.with_name(f".{to.name}.part")
    try:
        with partial.open("wb") as out:
            yield out
            out.flush()
            if durable:
                os.fsync(out.fileno())
        partial.replace(to)
        if durable:
            sync_folder_of(to)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def write_whole(to: Path, data: bytes) -> None:
    """Write a `whole_file` of bytes that are at hand."""
    with whole_file(to) as out:
        out.write(data)


def sync_folder_of(path: Path) -> None:
    """Make the names in a file's folder survive a power cut."""
    fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync_folder(fd)
    finally:
        os.close(fd)


def sync_folder(fd: int) -> None:
    """Sync an open folder; a file system that cannot (some network mounts say EINVAL) is let be."""
    try:
        os.fsync(fd)
    except OSError as err:
        if err.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise


def copy_bytes(source: BinaryIO, out: BinaryIO) -> int:
    """Copy in chunks and return the number of bytes."""
    copied = 0
    while chunk := source.read(CHUNK):
        out.write(chunk)
        copied += len(chunk)
    return copied
