"""Sites for tests: the shipped configuration copied to a folder, with a change made in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from bhyt_filedrop import resources
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.settings import TreeSettings
from bhyt_filedrop.site.lay_out import files_of


def copied_config(directory: Path, city: str = resources.DEFAULT_CITY) -> Path:
    """Copy a shipped city's configuration to `directory/config`."""
    target = directory / "config"
    for name, path in files_of(city).items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target / name)
    return target


def one_district(config: Path) -> None:
    """Leave the city's departments, Quận 1 and its ten wards: 15 units, and no place aliases."""
    (config / "place-aliases.csv").write_text("alias,meaning\n", encoding="utf-8")
    table = config / "units.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    kept = [lines[0], *(x for x in lines[1:] if ",city," in x or ",760," in x)]
    table.write_text("\n".join(kept), encoding="utf-8")


def replaced(file: Path, old: str, new: str) -> None:
    """Replace the one place where `old` stands."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
    written(file, text.replace(old, new))


def replaced_first(file: Path, old: str, new: str) -> None:
    """Replace the first place where `old` stands."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    written(file, text.replace(old, new, 1))


def written(file: Path, text: str) -> None:
    """Put a text into a file at once: a running service may read it at any moment."""
    beside = file.with_name(f"{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def local_tree(tree: TreeSettings) -> LocalTree:
    """Open a local tree without the cost of syncing every folder."""
    return LocalTree(tree.id, Path(tree.root), durable=False)
