"""Mail kept on this machine in a Maildir, until an SMTP server is configured.

A message's file is named by its date and Message-ID, so that handing it over again after a crash
makes no second copy.
"""

from __future__ import annotations

import os
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from bhyt_filedrop.ports import Sent, TryLater


class MaildirMailer:
    """Hands messages over by writing them, whole and synced, into a Maildir."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made on the first message."""
        self._folder = folder

    def send(self, message: EmailMessage) -> Sent:
        """Keep a message; one that is there already (read or not) is left alone."""
        try:
            self._keep(_name_of(message), message.as_bytes())
        except OSError as err:
            raise TryLater(f"the Maildir cannot be written: {err.strerror}") from err
        return Sent(accepted=recipients(message))

    def check(self) -> str | None:
        """Return None if the Maildir can be written to."""
        try:
            self._make()
        except OSError as err:
            return f"the Maildir cannot be made: {err.strerror}"
        return None if os.access(self._folder / "tmp", os.W_OK) else "the Maildir is read-only"

    def close(self) -> None:
        """Nothing is held."""

    def _make(self) -> None:
        """Make each folder by itself: one that a crash left without its sub-folders is repaired."""
        for folder in (self._folder, *(self._folder / part for part in ("tmp", "new", "cur"))):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _keep(self, name: str, data: bytes) -> None:
        self._make()
        if (self._folder / "new" / name).exists() or any(self._folder.glob(f"cur/{name}*")):
            return
        partial = self._folder / "tmp" / name
        with os.fdopen(_open_for_us_alone(partial), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / "new" / name)
        _sync_folder(self._folder / "new")


def _open_for_us_alone(file: Path) -> int:
    """Letters name children: whatever the umask, nobody else reads them."""
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def recipients(message: EmailMessage) -> tuple[str, ...]:
    """Return the addresses in To and Cc, each once."""
    headers = (*message.get_all("To", []), *message.get_all("Cc", []))
    return tuple(dict.fromkeys(one.addr_spec for header in headers for one in header.addresses))


def _name_of(message: EmailMessage) -> str:
    seconds = int(parsedate_to_datetime(str(message["Date"])).timestamp())
    identity = sha256(str(message["Message-ID"]).encode()).hexdigest()[:32]
    return f"{seconds}.{identity}.bhyt-filedrop"


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
