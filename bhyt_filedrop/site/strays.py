"""Folders of a local tree that belong to nobody, and those of offices that are gone.

A unit that was taken out of the table, or renamed, leaves its folder behind; a clerk who goes on
dropping there believes that the lists were handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from bhyt_filedrop.domain.drops.ids import OURS
from bhyt_filedrop.domain.process.folders import Routes, alike
from bhyt_filedrop.settings import Settings, TreeSettings
from bhyt_filedrop.site.lay_out import as_spelled

_DEEP = 4
"""Levels of folders below the base that are looked at."""


def folders_of_nobody(settings: Settings, tree: TreeSettings) -> tuple[str, ...]:
    """Return the folders in a tree that look like a unit's and are none's, as they are spelled:
    those beside units' folders, and those that hold what a unit's folder holds."""
    routes = Routes.of(settings.process, settings.units, {})
    root, base = Path(tree.root), routes.base(tree.id)
    top = as_spelled(root, base) if base else root
    if top is None or not top.is_dir():
        return ()
    known = {_parts(folder) for where, folder, _ in routes.every_folder() if where == tree.id}
    above = {parts[:n] for parts in known for n in range(len(parts))}
    drops = {_parts(folder) for folder in routes.drop_folders(tree.id)}
    marks = {alike(name) for name in routes.names_of_own(tree.id)}
    return tuple(_strays(top, root, known | above, drops, marks, _DEEP))


def _strays(
    folder: Path,
    root: Path,
    known: set[tuple[str, ...]],
    drops: set[tuple[str, ...]],
    marks: set[str],
    deep: int,
) -> Iterator[str]:
    mine = _parts(folder.relative_to(root).as_posix()) in drops
    for below in _folders(folder):
        parts = _parts(below.relative_to(root).as_posix())
        if parts in known:
            if deep:
                yield from _strays(below, root, known, drops, marks, deep - 1)
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
