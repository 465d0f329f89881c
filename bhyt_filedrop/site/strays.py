"""Folders of a local tree that belong to nobody, and those of offices that are gone.

A unit that was taken out of the table, or renamed, leaves its folder behind; a clerk who goes on
dropping there believes that the lists were handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from bhyt_filedrop.domain.drops.ids import OURS
from bhyt_filedrop.domain.process.folders import Routes, alike
from bhyt_filedrop.settings import Settings, TreeSettings
from bhyt_filedrop.site.lay_out import as_spelled, folders_of

_DEEP = 4
"""Levels of folders below the base that are looked at."""


WHAT_OF_NOBODYS = (
    "Của đơn vị cũ thì ghi đơn vị đó vào units.csv với valid_to và successors; không dùng nữa thì "
    "chuyển đi nơi khác."
)
"""What to do about a folder that is nobody's."""


def folders_of_nobody(settings: Settings, tree: TreeSettings) -> tuple[str, ...]:
    """Return the folders in a tree that look like a unit's and are none's, as they are spelled:
    those beside units' folders, and those that hold what a unit's folder holds."""
    routes = Routes.of(settings.process, settings.units, {})
    root, base = Path(tree.root), routes.base(tree.id)
    top = as_spelled(root, base) if base else root
    if top is None or not top.is_dir():
        return ()
    known = {_parts(folder) for folder, _ in folders_of(settings, tree.id)}
    drops = {_parts(folder) for folder in routes.drop_folders(tree.id)}
    entered = drops | _above(drops)
    marks = {alike(name) for name in routes.names_of_own(tree.id)}
    return tuple(
        _strays(top, root, _FoldersThere(known | _above(known), entered, drops), marks, _DEEP)
    )


def _above(folders: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    return {parts[:n] for parts in folders for n in range(len(parts))}


class _FoldersThere(NamedTuple):
    """Folders that are somebody's, those of them that hold units' folders, and units' own."""

    folders: set[tuple[str, ...]]
    entered: set[tuple[str, ...]]
    drops: set[tuple[str, ...]]


def _strays(
    folder: Path, root: Path, known: _FoldersThere, marks: set[str], deep: int
) -> Iterator[str]:
    mine = _parts(folder.relative_to(root).as_posix()) in known.drops
    for below in _folders(folder):
        parts = _parts(below.relative_to(root).as_posix())
        if parts in known.folders:
            if deep and parts in known.entered:
                yield from _strays(below, root, known, marks, deep - 1)
        elif not mine or len({alike(one.name) for one in _folders(below)} & marks) > 1:
            yield below.relative_to(root).as_posix()


def _folders(folder: Path) -> Iterable[Path]:
    try:
        found = sorted(one for one in folder.iterdir() if one.is_dir())
    except OSError:
        return ()
    return [one for one in found if not one.name.startswith(".") and one.name != OURS]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(alike(part) for part in path.split("/") if part and part != ".")


def folders_of_those_gone(settings: Settings, tree: TreeSettings, today: date) -> tuple[str, ...]:
    """Return the folders, there still, of offices that are gone by a day."""
    routes = Routes.of(settings.process, settings.units, {})
    gone = (u for u in settings.units.everybody if u.is_over(today) and routes.has_folders(u))
    mine = (routes.drop_folder(u) for u in gone if routes.rule(u).tree == tree.id)
    return tuple(one for one in mine if as_spelled(Path(tree.root), one) is not None)
