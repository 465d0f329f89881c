"""Sites for tests: the shipped configuration copied to a folder, with a change made in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from bhyt_filedrop import resources
from bhyt_filedrop.edges.trees.local import LocalTree
from bhyt_filedrop.settings import TreeSettings


def copied_config(directory: Path) -> Path:
    """Copy the shipped configuration to `directory/config`."""
    target = directory / "config"
    shutil.copytree(resources.config_dir(), target)
    return target


def replaced(file: Path, old: str, new: str) -> None:
    """Replace the one place where `old` stands."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def replaced_first(file: Path, old: str, new: str) -> None:
    """Replace the first place where `old` stands."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def local_tree(tree: TreeSettings) -> LocalTree:
    """Open a local tree without the cost of syncing every folder."""
    return LocalTree(tree.id, Path(tree.root), durable=False)
