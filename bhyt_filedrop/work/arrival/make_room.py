"""Make room for a new version of a draft, or take a draft away, and lose nothing by it.

A draft keeps its name from version to version. What lies there is either what the product put (the
archive has it), or a person has changed it: then it goes into a sub-folder of its own first.
Nothing is overwritten or removed without a copy in the archive.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.ports import Archive, Tree

CHANGED_BY_HAND = "Bản cũ"
"""The sub-folder of what people changed in a draft before it gave way."""


def put_aside(tree: Tree, archive: Archive, path: str, drop: str, access: FileAccess) -> str:
    """Keep what lies at `path`, and put it aside where the product did not write it.

    `drop` is the drop that it gives way to. Returns its SHA-256, "" where nothing is there. Raises
    TryLater as trees and the archive do; repeating is harmless.
    """
    if tree.stat(path) is None:
        return ""
    copy = archive.new_file()
    try:
        tree.fetch(path, copy)
        if not archive.holds(copy):
            tree.put(copy, aside_path(path, drop), access)
        return archive.keep(copy)[0]
    except FileNotFoundError:
        return ""
    finally:
        copy.unlink(missing_ok=True)


def aside_path(path: str, drop: str) -> str:
    """Return where a changed draft is put: beside its folder's files, named for what replaced it.

    >>> aside_path("thu/Đến/bản tạm.xlsx", "D150627-AAAAAA")
    'thu/Đến/Bản cũ/bản tạm - D150627-AAAAAA.xlsx'
    """
    old = PurePosixPath(path)
    return str(old.parent / CHANGED_BY_HAND / f"{old.stem} - {drop}{old.suffix}")
