"""The kinds of tree that the contract is run against: each serves a folder of this machine.

A test gets a `Site`: the tree, and the folder behind it, so that it can play the other parties
(plant files, links, half uploads) and look at what they would see.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bhyt_filedrop.edges.trees.ftp.connect import FtpAccess, ftp_tree
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.edges.trees.sftp.connect import SftpAccess, sftp_tree
from bhyt_filedrop.ports import Tree
from tests.servers.certificates import certificates
from tests.servers.ftp import FtpServer, found, has_proftpd, proftpd, pyftpdlib_server, vsftpd
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


SETS_MODES = "sets modes"
TELLS_LINKS = "tells a link from what it points to"
TELLS_LINKED_FOLDERS = "tells a linked folder from a folder in a path"
KEEPS_OLD_NAMES = "gives names that are no UTF-8"
ALL = frozenset({SETS_MODES, TELLS_LINKS, TELLS_LINKED_FOLDERS, KEEPS_OLD_NAMES})
"""What not every server can; docs/connections-ftp.md says what follows from that."""


@dataclass(frozen=True)
class Kind:
    """A kind of tree: `open` makes a site for one test from the test's own folder."""

    open: Callable[[Path], AbstractContextManager[Site]]
    can: frozenset[str] = ALL


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
        timeout=60,
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


def ftp_access(server: FtpServer, root: str, host: str = "127.0.0.1", port: int = 0) -> FtpAccess:
    """Return what a tree needs to get into a test server, directly or through a proxy."""
    return FtpAccess(
        host=host,
        port=port or server.port,
        username=server.username,
        password=server.password,
        root=root,
        tls=server.tls,
        tls_ca=certificates().authority if server.tls else None,
        timeout=60,
    )


@contextmanager
def _ftp_site(kind: str, server: FtpServer) -> Iterator[Site]:
    name = uuid.uuid4().hex
    disk = server.disk / name
    disk.mkdir()
    disk.chmod(0o777)
    access = ftp_access(server, f"{server.top}/{name}")
    yield Site(ftp_tree(kind, access), disk, lambda: ftp_tree(kind, access), kind)


def _ftp_kind(
    kind: str, start: Callable[[], FtpServer], *lacks: str, program: str = ""
) -> dict[str, Kind]:
    def open_site(tmp_path: Path) -> AbstractContextManager[Site]:
        if program and found(program) is None:
            missing(program)
        return _ftp_site(kind, start())

    return {kind: Kind(open_site, ALL - {TELLS_LINKED_FOLDERS} - set(lacks))}


def missing(what: str) -> None:
    """Skip for want of a server, or fail where the build promised to have them all."""
    if os.environ.get("CI") == "true" and os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{what} is not installed, and REQUIRE_SERVERS=1 says it must be")
    pytest.skip(f"{what} is not installed")


def kinds() -> dict[str, Kind]:
    """Return every kind that the tests can run here.

    Debian lets one FTP server be installed: vsftpd is expected, proftpd is taken along where
    it lies beside it.
    """
    python_lacks = (TELLS_LINKS, KEEPS_OLD_NAMES)
    always = {
        "local": Kind(local_site),
        "openssh": Kind(openssh_site),
        "asyncssh": Kind(asyncssh_site),
        **_ftp_kind("vsftpd", lambda: vsftpd(False), SETS_MODES, program="vsftpd"),
        **_ftp_kind("vsftpd-tls", lambda: vsftpd(True), SETS_MODES, program="vsftpd"),
        **_ftp_kind("pyftpdlib", pyftpdlib_server, *python_lacks),
        **_ftp_kind("pyftpdlib-list", lambda: pyftpdlib_server(mlsd=False), KEEPS_OLD_NAMES),
        **_ftp_kind("pyftpdlib-tls", lambda: pyftpdlib_server(tls=True), *python_lacks),
    }
    if has_proftpd():
        always |= _ftp_kind("proftpd-tls", proftpd, TELLS_LINKS)
    return always


KINDS = kinds()
