"""Small steps over one session, of which the remote tree makes its own."""

from __future__ import annotations

import contextlib

from bhyt_filedrop.edges.trees.names import nfc
from bhyt_filedrop.edges.trees.remote.session import RemoteEntry, Session


def find_twin(on: Session, above: str, name: str) -> RemoteEntry | None:
    """Find the entry that differs from `name` only in Unicode form."""
    if name.isascii():
        return None
    twins = [entry for entry in on.entries(above) if nfc(entry.name) == nfc(name)]
    return min(twins, key=lambda entry: entry.name, default=None)


def remove_if_there(on: Session, path: str) -> None:
    """Remove a file; one that is not there is no error."""
    with contextlib.suppress(FileNotFoundError):
        on.remove(path)
