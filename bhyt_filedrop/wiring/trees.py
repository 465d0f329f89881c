"""Trees: the connection that each `[[tree]]` of the settings describes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from bhyt_filedrop.edges.trees.local.changed import changed_folders
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.edges.workbooks.sniffing import sniff
from bhyt_filedrop.ports import (
    Sighting,
    Tree,
)
from bhyt_filedrop.settings import (
    TreeSettings,
)
from bhyt_filedrop.wiring.secrets import password


def open_tree(tree: TreeSettings) -> Tree:
    """Open the tree that some settings describe.

    Libraries for a connection are imported only where one is configured. Raises NeverWorks where
    a secret that the settings name is not to be had.
    """
    if tree.kind == "local":
        return LocalTree(tree.id, Path(tree.root))
    return _sftp(tree) if tree.kind == "sftp" else _ftp(tree)


def changed_since(
    tree: TreeSettings, folders: Sequence[str], since: datetime | None
) -> Iterable[str]:
    """Return those of some folders of a local tree, and of all below them, into which something may
    have been put since a moment (aware); None = ever."""
    moment = since.timestamp() if since else float("-inf")
    return changed_folders(Path(tree.root), folders, moment)


def _sftp(tree: TreeSettings) -> Tree:
    from bhyt_filedrop.edges.trees.sftp.connect import SftpAccess, sftp_tree

    key = password(tree.key_credential) if tree.key_credential else ""
    access = SftpAccess(
        tree.host,
        tree.username,
        tree.port or 22,
        tree.root,
        tree.known_hosts,
        tree.fingerprint,
        tree.key_file,
        private_key="" if tree.key_file else key,
        passphrase=key if tree.key_file else "",
        use_agent=tree.use_agent,
        password=password(tree.credential) if tree.credential else "",
        timeout=tree.timeout_seconds,
    )
    return sftp_tree(tree.id, access)


def _ftp(tree: TreeSettings) -> Tree:
    from bhyt_filedrop.edges.trees.ftp.connect import FtpAccess, ftp_tree

    access = FtpAccess(
        tree.host,
        tree.username or "anonymous",
        tree.port or 21,
        tree.root,
        password=password(tree.credential) if tree.credential else "",
        tls=tree.kind == "ftps",
        tls_ca=tree.tls_ca,
        timeout=tree.timeout_seconds,
        connections=tree.connections,
    )
    return ftp_tree(tree.id, access)


def file_ends(file: Path) -> bool | None:
    """Ask a file on this machine whether it is all there; None where its format has no end mark."""
    return sniff.examine(file).ends


def format_ends(tree: Tree, sighting: Sighting) -> bool | None:
    """Ask a file's own format whether it is all there; None where it has no end mark."""
    if sighting.size == 0:
        return False
    head = tree.read_range(sighting.path, 0, sniff.HEAD)
    tail = tree.read_range(sighting.path, -min(sniff.TAIL, sighting.size), sniff.TAIL)
    return sniff.ends(head, tail, sighting.size)
