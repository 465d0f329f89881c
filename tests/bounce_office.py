"""An office to which letters come back: a ledger with what was sent, and a mailbox."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.schema import metadata
from bhyt_filedrop.edges.ledger.store import open_engine
from bhyt_filedrop.edges.mail.bounce_maildir import MaildirMailbox
from bhyt_filedrop.work.post.inbox import Inbox
from tests.bounces import LETTER
from tests.maildirs import delivered
from tests.offices import moment

NOW = moment(6, 20, 9)
ADMIN = "cntt"


class Office:
    """A ledger with one letter that was taken for two addresses, and a mailbox."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
        metadata.create_all(self.engine)
        self.letters, self.folder = LedgerLetters(self.engine), folder / "bounces"
        self.inbox = self.new_inbox()

    def new_inbox(self) -> Inbox:
        mailbox = MaildirMailbox(self.folder, MAX_BYTES)
        return Inbox(LedgerBounces(self.engine), mailbox, ADMIN, random.Random(1))

    def sent(self, *addresses: str, name: str = "1", mail: str = LETTER) -> None:
        letter = notice(name, "760", "Thông báo", ["Một dòng."])
        self.letters.put_letter(letter, NOW)
        self.letters.letter_sent([letter.key], Taken(mail, NOW, addresses), {})

    def came(self, data: bytes, at: datetime = NOW) -> Path:
        return delivered(self.folder, data, at)

    def refused(self) -> dict[str, str]:
        return {one.address: one.reason for one in self.letters.refused(NOW - timedelta(days=9))}

    def told(self) -> list[str]:
        """The keys of the letters that wait for the admin."""
        due = self.letters.due_letters(NOW + timedelta(days=9), 99)
        assert {one.letter.unit for one in due} <= {ADMIN}
        return [one.letter.key for one in due]
