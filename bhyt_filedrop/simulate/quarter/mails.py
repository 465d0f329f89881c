"""The mails that left the house in a played quarter, read as their receivers read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from functools import cached_property
from pathlib import Path

from bhyt_filedrop.simulate.quarter.stage import Stage

_HEAD = 8192
"""So many bytes hold every header that is looked at."""

_LINE = re.compile(r"^  - (.+)$", re.M)
"""A line on units that owe something."""


@dataclass(frozen=True)
class SentLetter:
    """One mail of the Maildir."""

    path: Path

    @cached_property
    def _head(self) -> Message:
        """As it was written: every header taken apart would take ten times as long."""
        with self.path.open("rb") as file:
            return message_from_bytes(file.read(_HEAD).partition(b"\n\n")[0])

    @property
    def id(self) -> str:
        """Its Message-ID."""
        return self._head["message-id"].strip()

    @property
    def kind(self) -> str:
        """What sort of letter it is."""
        return self._head["x-filedrop-kind"]

    @property
    def address(self) -> str:
        """To whom it went."""
        return parseaddr(self._head["to"])[1]

    @property
    def day(self) -> date:
        """The day on which it was written."""
        return parsedate_to_datetime(self._head["date"]).date()

    @cached_property
    def text(self) -> str:
        """What it says, as plain text."""
        mail = message_from_bytes(self.path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        return str(body.get_content()) if body else ""

    def late_units(self) -> list[str]:
        """Return the names of the units that it tells as late."""
        found: list[str] = []
        for line in _LINE.findall(self.text.replace("\r", "")):
            title, _, names = line.partition(": ")
            mark, _, words = title.partition(" ")
            title = title if any(map(str.isalpha, mark)) else words
            found += names.split("; ") if title.startswith("Chưa nhận được") else [title]
        return found


def sent_letters(stage: Stage) -> Iterator[SentLetter]:
    """Yield every mail of the play."""
    folder = stage.running.settings.state_dir / "mail" / "new"
    yield from map(SentLetter, sorted(folder.iterdir()) if folder.is_dir() else ())
