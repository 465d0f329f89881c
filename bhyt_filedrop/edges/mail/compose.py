"""From letters to one message: addresses, headers, text, HTML and attachments.

The same letters give the same Message-ID every time, so that a receiver can tell a repeat.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Any

from bhyt_filedrop.domain.letters.letter import Attachment, addressed, contact_of, one_line
from bhyt_filedrop.domain.letters.mailing import DueLetter
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.calendar import ZONE, day_text, local_day
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.edges.mail.templates import JOINED, MailTemplates, Rendered

UNDECLARED = "chua-khai-bao.invalid"
"""The domain (RFC 2606: never real) of a unit without an e-mail address."""


_POLICY = SMTP.clone(max_line_length=998)
"""Headers are not folded: Python's folding loses the space at which it breaks an encoded Vietnamese
subject (`Kết quả củaquận`, seen in 3.11.7). 998 bytes is what RFC 5322 lets a line have."""


@dataclass(frozen=True, slots=True)
class From:
    """Who writes: the address, the name shown and signed with, where answers go, whom to call ("" =
    the office `leader`, a unit's id, as the table of units has it)."""

    address: str
    name: str = Authority().office
    reply_to: str = ""
    contact: str = ""
    leader: str = ""


class LetterComposer:
    """Makes the message of one letter, or of several that are joined; the outbox's `Composer`."""

    def __init__(
        self,
        templates: MailTemplates,
        units: Units,
        sender: From,
        fetch: Callable[[str], bytes],
        guide_of: Callable[[Unit], str] = lambda _unit: "",
    ) -> None:
        """`fetch` returns the bytes of an attachment by SHA-256 (raises OSError or KeyError);
        `guide_of` says where a unit finds its guide ("" = it has none)."""
        self._templates = templates
        self._units = units
        self._from = sender
        self._fetch = fetch
        self._guide_of = guide_of

    def preview(self, due: DueLetter) -> tuple[str, str, str]:
        """Return subject, text and HTML of one letter as it goes out by itself.

        Raises KeyError for a unit that is not declared, jinja2.TemplateError for a broken template.
        """
        letter = due.letter
        unit, attached = self._units[letter.unit], bool(letter.attachments)
        rendered = self._render(letter.kind, [due], unit, attached)
        return rendered.subject, rendered.text, rendered.html

    def compose(self, due: Sequence[DueLetter], *, bare: bool = False) -> EmailMessage:
        """Return the message of letters to one unit; more than one are joined. Attachments are left
        out of these and of `bare` ones: the annotated copies lie in the unit's folder anyway.

        Raises KeyError for a unit that is not declared, ValueError for a header that holds a line
        break or an address that is none, jinja2.TemplateError for a broken template.
        """
        unit = self._units[due[0].letter.unit]
        kind = due[0].letter.kind if len(due) == 1 else JOINED
        files = due[0].letter.attachments if len(due) == 1 and not bare else ()
        rendered = self._render(kind, due, unit, bool(files))
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address(self._from.name, addr_spec=self._from.address)
        message["To"] = addresses_of(unit, due[0].remaining)
        message["Subject"] = rendered.subject
        message["Date"] = max(one.stored_at for one in due).astimezone(ZONE)
        message["Message-ID"] = self._message_id(due)
        message["Auto-Submitted"] = "auto-generated"
        # Not `All`: that would suppress the bounces too, which are read.
        message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
        message["X-Filedrop-Kind"] = kind
        if self._from.reply_to:
            message["Reply-To"] = Address(addr_spec=self._from.reply_to)
        message.set_content(rendered.text, cte="quoted-printable")
        message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        for file in files:
            self._attach(message, file)
        return message

    def _render(self, kind: str, due: Sequence[DueLetter], unit: Unit, attached: bool) -> Rendered:
        common: dict[str, Any] = {
            "addressee": addressed(unit, self._units),
            "office": self._from.name,
            "contact": self._contact(unit),
            "reply_to": self._from.reply_to,
            "guide": self._guide_of(unit),
            "attached": attached,
            "left_out": kind != JOINED and bool(due[0].letter.attachments) and not attached,
        }
        if kind != JOINED:
            return self._templates.render(kind, {**due[0].letter.context, **common})
        entries = [self._entry(one, common) for one in due]
        day = day_text(local_day(due[-1].stored_at))
        return self._templates.render(kind, {"entries": entries, "day": day, **common})

    def _contact(self, unit: Unit) -> str:
        """Whom a unit asks: the office above it first, then the one that leads the process."""
        above, leader = (self._units.by_id.get(one) for one in (unit.parent, self._from.leader))
        asked = [contact_of(one, self._units) for one in (above,) if one]
        if self._from.contact:
            asked.append(self._from.contact)
        elif leader and leader.id != unit.id:
            asked.append(contact_of(leader, self._units))
        return "; ".join(filter(None, asked))

    def _entry(self, one: DueLetter, common: Mapping[str, Any]) -> dict[str, Any]:
        context = {**one.letter.context, **common}
        subject = self._templates.subject(one.letter.kind, context)
        return {"kind": one.letter.kind, "subject": subject, "about": context}

    def _message_id(self, due: Sequence[DueLetter]) -> str:
        keys = "\n".join(sorted(one.letter.key for one in due))
        host = self._from.address.rpartition("@")[2] or "localhost"
        return f"<{sha256(keys.encode()).hexdigest()[:40]}@{host}>"

    def _attach(self, message: EmailMessage, file: Attachment) -> None:
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        maintype, _, subtype = kind.partition("/")
        data = self._fetch(file.sha256)
        message.add_attachment(
            data, maintype=maintype, subtype=subtype, filename=one_line(file.name)
        )


def addresses_of(unit: Unit, only: Sequence[str] = ()) -> tuple[Address, ...]:
    """Return a unit's addresses (or `only` those), each with the unit's name.

    One that is no address is left out as long as another is one; a unit that has none at all gets
    an address that can never be delivered to, so that its letters can be seen in a Maildir.
    Raises ValueError where no address is one.
    """
    wanted = tuple(only) or unit.email
    if not wanted:
        return (Address(unit.name, unit.id, UNDECLARED),)
    good = tuple(found for text in wanted if (found := _address(unit.name, text)))
    if not good:
        raise ValueError(f"unit {unit.id} has no valid e-mail address")
    return good


def _address(name: str, text: str) -> Address | None:
    try:
        found = Address(name, addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        return None
    return found if found.username and found.domain else None
