"""The kinds of tree that the contract is run against: each serves a folder of this machine.

A test gets a `Site`: the tree, and the folder behind it, so that it can play the other parties
(plant files, links, half uploads) and look at what they would see.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bhyt_filedrop.edges.trees.local import LocalTree
from bhyt_filedrop.ports import Tree


@dataclass(frozen=True)
class Site:
    """One tree and the folder behind it.

    `another` opens a second, independent tree on the same folder (a second daemon, a restart).
    """

    tree: Tree
    disk: Path
    another: Callable[[], Tree]
    kind: str


Opener = Callable[[Path], AbstractContextManager[Site]]


@contextmanager
def local_site(disk: Path) -> Iterator[Site]:
    """A folder of this machine."""
    yield Site(LocalTree("local", disk), disk, lambda: LocalTree("local", disk), "local")


def missing(what: str) -> None:
    """Skip for want of a server, or fail where the build promised to have them all."""
    if os.environ.get("CI") == "true" and os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{what} is not installed, and REQUIRE_SERVERS=1 says it must be")
    pytest.skip(f"{what} is not installed")


KINDS: dict[str, Opener] = {"local": local_site}
