"""Whose a file probably is that lies outside every drop folder: by its folders, then by its name.

Only a guess whom to ask: nothing is taken in anybody's name because of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.process.folders import Routes, nfc_parts
from bhyt_filedrop.domain.process.units import Unit

_LIKE = 0.8
"""From this likeness on a misspelt name is taken for the right one."""


def nearest_unit(routes: Routes, tree: str, path: str) -> Unit | None:
    """Return the unit whose folder a file is nearest to, None where nobody's is."""
    *folders, name = nfc_parts(path) or ("",)
    found: Unit | None = None
    for depth in range(1, len(folders) + 1):
        place = routes.locate(tree, "/".join((*folders[:depth], "…")))
        there = place.unit if place and not place.own else None
        found = there or _misspelt(routes, found, folders[depth - 1]) or found
    return found or _named(routes, name)


def _misspelt(routes: Routes, above: Unit | None, folder: str) -> Unit | None:
    """The one unit, below the one found so far, whose folder has nearly this name."""
    units = [unit for unit in routes.units if unit.kind in routes.process.folders]
    below = [unit for unit in units if above is None or unit.parent == above.id]
    rated = sorted(((_likeness(folder, unit), unit.id) for unit in below), reverse=True)
    best = rated[0] if rated else (0.0, "")
    alone = len(rated) < 2 or rated[1][0] < best[0]
    return routes.units[best[1]] if best[0] >= _LIKE and alone else None


def _named(routes: Routes, name: str) -> Unit | None:
    """The one unit that a file's name names whole: `Quận 1 - mẫu 3.xlsx`."""
    words = f" {' '.join(_words(name))} "
    hits = [
        (len(plain), unit)
        for unit in routes.units
        if unit.kind in routes.process.folders
        for plain in (f" {' '.join(_words(unit.folder or unit.name))} ",)
        if plain in words
    ]
    longest = max((length for length, _ in hits), default=0)
    best = {unit.id: unit for length, unit in hits if length == longest}
    return next(iter(best.values())) if len(best) == 1 else None


def _likeness(folder: str, unit: Unit) -> float:
    """How alike two names are; different figures are never a slip (Quận 1, Quận 10)."""
    one, other = _words(folder), _words(unit.folder or unit.name)
    if _figures(one) != _figures(other):
        return 0.0
    return SequenceMatcher(None, "".join(one), "".join(other)).ratio()


def _figures(words: Iterable[str]) -> list[int]:
    return [int(one) for one in re.findall(r"[0-9]+", " ".join(words))]


def _words(text: str) -> list[str]:
    """Letters without marks and figures, apart: what is left of a name typed in haste."""
    return re.findall(r"[a-z]+|[0-9]+", fold(text))
