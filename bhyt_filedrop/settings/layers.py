"""A configuration folder may rest on another: a shipped city on what all cities share.

`config/cities/hcmc-2015/` holds only what is that city's own; each file that it lacks is the one of
`config/`. A site's `config/` is flat: `init` copied both into it, and it rests on nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

CITIES = "cities"
FORMS = "forms"

_KEPT = ("*.toml", "*.csv", f"{FORMS}/*.toml")


def of(config_dir: Path) -> tuple[Path, ...]:
    """Return the folder and the one that it rests on, its own first."""
    above = config_dir.absolute().parent
    return (config_dir, above.parent) if above.name == CITIES else (config_dir,)


def find(config_dir: Path, name: str) -> Path:
    """Return where a file of the configuration stands; in the folder itself if nowhere."""
    places = [folder / name for folder in of(config_dir)]
    return next((place for place in places if place.exists()), places[0])


def files(*folders: Path) -> Mapping[str, Path]:
    """Return every file of a configuration by its name; the first folder that has one speaks."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in (path for pattern in _KEPT for path in folder.glob(pattern)):
            found.setdefault(path.relative_to(folder).as_posix(), path)
    return dict(sorted(found.items()))


def is_kept(name: str) -> bool:
    """True for the name of a file that a configuration may have."""
    return any(
        len(parts) == len(PurePosixPath(pattern).parts) and PurePosixPath(name).match(pattern)
        for pattern in _KEPT
        for parts in (PurePosixPath(name).parts,)
    )
