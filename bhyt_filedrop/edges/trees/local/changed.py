"""Which folders of a local tree something was put into lately, told by the folders themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bhyt_filedrop.edges.trees.faults import outcome
from bhyt_filedrop.edges.trees.local.openat import as_spelled, open_folder
from bhyt_filedrop.edges.trees.names import join, split


def changed_folders(root: Path, folders: Sequence[str], since: float) -> Iterator[str]:
    """Yield those of some folders of a tree, and of all below them, in which an entry came, went or
    was renamed since a moment (seconds of the disk's clock). No file is looked at.

    Folders that are gone or closed are passed over. Raises TryLater as trees do.
    """
    todo = ["/".join(as_spelled(root, split(folder))) for folder in folders]
    while todo:
        folder = todo.pop()
        below, changed_at = _look_into(root, folder)
        if changed_at >= since:
            yield folder
        todo += below


def _look_into(root: Path, folder: str) -> tuple[list[str], float]:
    """Return the folders in a folder, and when its entries changed last."""
    try:
        with open_folder(root, split(folder)) as fd, os.scandir(fd) as entries:
            below = [one.name for one in entries if one.is_dir(follow_symlinks=False)]
            return [join(folder, name) for name in below], os.fstat(fd).st_mtime
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return [], float("-inf")
    except OSError as err:
        raise outcome(err, f"list {folder}") from err
