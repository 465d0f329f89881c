"""Mail: messages are made and handed over, and what comes back is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from bhyt_filedrop.domain.letters.mailing import DueLetter


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message: addresses it went to, those refused for good (→ reason), and
    those that may be served later (→ reason). `asked` is False where no server was asked, because
    no address can be one."""

    accepted: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)
    asked: bool = True


class Mailer(Protocol):
    """Hands a message over. Raises TryLater when the server cannot be served at all now."""

    def send(self, message: EmailMessage) -> Sent:
        """Send to every address in To and Cc; per-address outcomes, one refusal stops no other.

        Raises MailTooBig where the server takes no message of this size.
        """
        ...

    def check(self) -> str | None:
        """Return None if mail can be handed over, else one line on what is wrong."""
        ...


class Composer(Protocol):
    """Makes one message of one letter, or of several to one unit that are joined."""

    def compose(self, due: Sequence[DueLetter], *, bare: bool = False) -> EmailMessage:
        """Return the message, with its Message-ID; `bare` leaves out what is attached.

        OSError means that it may be made later (a disk); anything else that it never can.
        """
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """One unread mail: its name in the mailbox, when it came in (aware), how it begins."""

    id: str
    at: datetime
    data: bytes


class Mailbox(Protocol):
    """Where bounces come back to. Every method raises TryLater where it does not answer now.

    Looking changes nothing there; nothing is ever deleted.
    """

    def unread(self, passed_over: Container[str], limit: int) -> Iterator[Received]:
        """Yield up to `limit` unread mails but those whose names are `passed_over`."""
        ...

    def done(self, mail: str) -> None:
        """Mark a mail as read; one that is gone is no error."""
        ...

    def check(self) -> str | None:
        """Return None if the mailbox can be read and marked, else one line on what is wrong."""
        ...

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        ...
