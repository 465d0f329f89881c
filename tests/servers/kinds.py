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
from bhyt_filedrop.edges.trees.sftp import SftpAccess, sftp_tree
from bhyt_filedrop.ports import Tree
from tests.servers.ssh import SshServer, asyncssh_server, has_sshd, sshd


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
"""Opens a site for one test; the path is the test's own folder."""


@contextmanager
def local_site(tmp_path: Path) -> Iterator[Site]:
    """A folder of this machine."""
    disk = tmp_path / "tree"
    disk.mkdir()
    yield Site(LocalTree("local", disk), disk, lambda: LocalTree("local", disk), "local")


def sftp_access(server: SshServer, root: str, port: int = 0) -> SftpAccess:
    """Return what a tree needs to get into a test server, `port` being that of a proxy."""
    return SftpAccess(
        host="127.0.0.1",
        port=port or server.port,
        username=server.username,
        root=root,
        fingerprint=server.fingerprint,
        key_file=server.client_key,
        timeout=10,
    )


@contextmanager
def _sftp_site(tmp_path: Path, server: SshServer, kind: str) -> Iterator[Site]:
    disk = tmp_path / "tree"
    disk.mkdir()
    access = sftp_access(server, str(disk))
    yield Site(sftp_tree(kind, access), disk, lambda: sftp_tree(kind, access), kind)


def openssh_site(tmp_path: Path) -> AbstractContextManager[Site]:
    """A folder behind OpenSSH."""
    if not has_sshd():
        missing("openssh-server")
    return _sftp_site(tmp_path, sshd(), "openssh")


def asyncssh_site(tmp_path: Path) -> AbstractContextManager[Site]:
    """A folder behind asyncssh."""
    return _sftp_site(tmp_path, asyncssh_server(), "asyncssh")


def missing(what: str) -> None:
    """Skip for want of a server, or fail where the build promised to have them all."""
    if os.environ.get("CI") == "true" and os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{what} is not installed, and REQUIRE_SERVERS=1 says it must be")
    pytest.skip(f"{what} is not installed")


KINDS: dict[str, Opener] = {
    "local": local_site,
    "openssh": openssh_site,
    "asyncssh": asyncssh_site,
}
