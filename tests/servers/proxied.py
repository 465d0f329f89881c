"""Trees whose every byte goes through the fault proxy."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bhyt_filedrop.edges.trees.ftp.connect import ftp_tree
from bhyt_filedrop.edges.trees.sftp.connect import sftp_tree
from bhyt_filedrop.ports import Tree
from tests.servers.faults import HOST, FaultProxy
from tests.servers.ftp import FtpServer, found, pyftpdlib_server, vsftpd
from tests.servers.kinds import ftp_access, missing, sftp_access
from tests.servers.ssh import SshServer, asyncssh_server, has_sshd, sshd

PATIENT = 15.0
HASTY = 2.0
"""Seconds that the trees wait for an answer; hasty ones are for tests in which none comes, and
still longer than a busy machine takes to answer."""


@dataclass(frozen=True)
class Proxied:
    """A tree behind the proxy, and the folder behind the server."""

    tree: Tree
    disk: Path
    proxy: FaultProxy
    data_ports: range = range(0)
    """Where FTP's data connections pass; empty for SFTP, which has none."""


@contextmanager
def _over_sftp(server: SshServer, tmp_path: Path, timeout: float) -> Iterator[Proxied]:
    disk = tmp_path / "tree"
    disk.mkdir()
    proxy = FaultProxy([server.port])
    access = replace(sftp_access(server, str(disk)), host=HOST, timeout=timeout)
    yield Proxied(sftp_tree("far", access), disk, proxy)
    proxy.close()


@contextmanager
def _over_ftp(server: FtpServer, timeout: float) -> Iterator[Proxied]:
    name = uuid.uuid4().hex
    disk = server.disk / name
    disk.mkdir()
    proxy = FaultProxy([server.port, *server.data_ports])
    access = replace(ftp_access(server, f"{server.top}/{name}", HOST), timeout=timeout)
    yield Proxied(ftp_tree("far", access), disk, proxy, server.data_ports)
    proxy.close()


@contextmanager
def proxied(kind: str, tmp_path: Path, timeout: float = PATIENT) -> Iterator[Proxied]:
    """Open a tree of a kind behind a proxy that is well."""
    if kind == "openssh" and not has_sshd():
        missing("openssh-server")
    if kind.startswith("vsftpd") and found("vsftpd") is None:
        missing("vsftpd")
    sftp: dict[str, Callable[[], SshServer]] = {"openssh": sshd, "asyncssh": asyncssh_server}
    ftp: dict[str, Callable[[], FtpServer]] = {
        "vsftpd": lambda: vsftpd(False),
        "vsftpd-tls": lambda: vsftpd(True),
        "pyftpdlib": pyftpdlib_server,
        "pyftpdlib-tls": lambda: pyftpdlib_server(tls=True),
    }
    opened = (
        _over_sftp(sftp[kind](), tmp_path, timeout)
        if kind in sftp
        else _over_ftp(ftp[kind](), timeout)
    )
    with opened as site:
        yield site
        site.tree.close()
