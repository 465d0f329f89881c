"""Reads a mail that came in: is it a bounce, of which mail, and what does it say of whom?

The standard form is RFC 3464's (`multipart/report; report-type=delivery-status`), which Postfix,
Exim, Exchange, Gmail and most others write; older forms are read in `bounce_texts`. The bytes are a
stranger's: whatever they hold, an answer comes back and nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser, HeaderParser

from bhyt_filedrop.domain.letters.bounce_texts import Undelivered, told_in_words
from bhyt_filedrop.domain.letters.bounces import IncomingMail, Outcome, Receiver, Sort
from bhyt_filedrop.domain.letters.letter import one_line

MAX_BYTES = 256 * 1024
"""So much of a mail is read. What a bounce says stands in front of the letter that it returns."""

MAX_REASON = 300
"""Characters of a reason that are kept."""

_MAX_RECEIVERS = 1000
_MAX_BOUNDARIES = 40
"""Each part within a part costs the parser a look at every line; real mails have a handful."""
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,250}@[!-;=?A-~]{1,250}>")
"""RFC 5322's without its comments: no sign that a ledger could stumble over."""
_ADDRESS = re.compile(r"[^\s<>;,\"()@]{1,128}@[^\s<>;,\"()@]{1,255}")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_CODE = re.compile(r"(?<![\d.])([245])\d\d(?=[\s-])")

_FAILED, _DELAYED = "failed", "delayed"
_WENT_WELL = frozenset({"delivered", "relayed", "expanded"})

_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
)


def read_mail(data: bytes) -> IncomingMail:
    """Read one mail, of which `data` may be the beginning only."""
    head = data[:MAX_BYTES]
    if head.lower().count(b"boundary") > _MAX_BOUNDARIES:
        return IncomingMail(Sort.OTHER)
    try:
        return _read(BytesParser(policy=policy.compat32).parsebytes(head))
    except Exception:  # the standard library has no list of what a hostile mail makes it raise
        return IncomingMail(Sort.OTHER)


def _read(mail: Message) -> IncomingMail:
    receivers = _reported(mail)
    if receivers is None:
        words = told_in_words(_header(mail, "X-Failed-Recipients"), _text(_first_text(mail)))
        receivers = None if words is None else tuple(map(_in_words, words))
    if receivers is not None:
        return IncomingMail(Sort.BOUNCE, _message_ids(mail), receivers)
    return IncomingMail(Sort.AUTOMATIC if _is_automatic(mail) else Sort.OTHER)


# --- the standard form ---------------------------------------------------------------------------


def _parts(mail: Message) -> list[Message]:
    """Return the parts right below a mail: a bounce that a person passes on lies deeper."""
    payload = mail.get_payload() if mail.is_multipart() else []
    return [part for part in payload if isinstance(part, Message)]


def _reported(mail: Message) -> tuple[Receiver, ...] | None:
    """Return what a delivery report says of each receiver; None where the mail is none."""
    reports = [part for part in _parts(mail) if part.get_content_type() in _REPORTS]
    if mail.get_content_maintype() != "multipart" or not reports:
        return None
    fields = [block for report in reports for block in _blocks(report)][: _MAX_RECEIVERS + 1]
    return tuple(found for block in fields if (found := _receiver(block)))


def _blocks(report: Message) -> list[Message]:
    """Return the groups of fields of a report: the mail's own, then one a receiver.

    Some servers encode the part (RFC 3464 forbids it), and the parser knows one of its two names
    only: then the groups are told apart here.
    """
    payload = report.get_payload()
    inner = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    if any("Final-Recipient" in one for one in inner[1:]):
        return inner
    encoding = _header(report, "Content-Transfer-Encoding").casefold()
    flat = "\n\n".join(_flat(one) for one in inner)
    if encoding in {"base64", "quoted-printable"}:
        body = Message()
        body["Content-Transfer-Encoding"] = encoding
        body.set_payload(flat.strip("\n"))
        flat = _text(body)
    parser = HeaderParser(policy=policy.compat32)
    return [parser.parsestr(text) for text in re.split(r"\n[ \t]*\n", flat.replace("\r\n", "\n"))]


def _flat(part: Message) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in part.items())
    body = part.get_payload()
    return "\n\n".join(text for text in (headers, body) if isinstance(text, str) and text)


def _receiver(block: Message) -> Receiver | None:
    """Read the fields of one receiver; None where they name none."""
    names = (_header(block, name) for name in ("Original-Recipient", "Final-Recipient"))
    addresses = tuple(dict.fromkeys(found for name in names for found in _addresses(name)))
    status, diagnostic = _header(block, "Status"), _header(block, "Diagnostic-Code")
    diagnostic = re.sub(r"^[\w.-]{1,40}\s*;\s*", "", diagnostic)
    outcome = _outcome(_header(block, "Action").casefold(), status, diagnostic)
    return Receiver(addresses, outcome, _reason(status, diagnostic)) if addresses else None


def _outcome(action: str, status: str, diagnostic: str) -> Outcome:
    """RFC 3464, 2.3.3: `failed` ends it, whatever the status; a status of 4 then means that a
    passing trouble did not pass. Without an action the status alone decides."""
    found = _STATUS.search(status) or _STATUS.search(diagnostic) or _CODE.search(diagnostic)
    kind = found[1] if found else ""
    if action in _WENT_WELL or (not action and kind in ("", "2")):
        return Outcome.DELIVERED
    if action == _FAILED:
        return Outcome.GIVEN_UP if kind == "4" else Outcome.REFUSED
    if action == _DELAYED or kind != "5":
        return Outcome.DELAYED
    return Outcome.REFUSED


def _reason(status: str, diagnostic: str) -> str:
    has_status = bool(_STATUS.search(diagnostic)) or not _STATUS.search(status)
    text = diagnostic if diagnostic and has_status else f"{status} {diagnostic}"
    return one_line(text)[:MAX_REASON]


def _in_words(told: Undelivered) -> Receiver:
    outcome = _outcome(_FAILED, "", told.reason)
    return Receiver((told.address,), outcome, _reason("", told.reason))


# --- which mail it is about ----------------------------------------------------------------------


def _message_ids(mail: Message) -> tuple[str, ...]:
    """Return the Message-IDs that the bounce may be about: that of the mail returned in it, the
    envelope's id (we give our own Message-ID there), those that it answers."""
    found = [*_returned_ids(mail), *_envelope_ids(mail)]
    for name in ("In-Reply-To", "References"):
        found += _MESSAGE_ID.findall(_header(mail, name))
    return tuple(dict.fromkeys(found))[:20]


def _returned_ids(mail: Message) -> Iterator[str]:
    texts = []
    for part in _parts(mail):
        if part.get_content_type() in _RETURNED:
            yield from _MESSAGE_ID.findall(_header(_headers_in(part), "Message-ID"))
        elif part.get_content_type() == "text/plain":
            texts.append(_text(part))
    for text in texts or [_text(mail)]:  # older servers return the mail as text
        for line in re.finditer(r"^Message-ID:(.{1,600})", text, re.M | re.I):
            yield from _MESSAGE_ID.findall(line[1])


def _headers_in(part: Message) -> Message:
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    return HeaderParser(policy=policy.compat32).parsestr(_text(part).lstrip())


def _envelope_ids(mail: Message) -> Iterator[str]:
    for part in _parts(mail):
        if part.get_content_type() in _REPORTS:
            for block in _blocks(part)[:1]:
                yield from _MESSAGE_ID.findall(f"<{_header(block, 'Original-Envelope-Id')}>")


# --- small things --------------------------------------------------------------------------------


def _is_automatic(mail: Message) -> bool:
    """RFC 3834 and the habits from before it."""
    submitted = _header(mail, "Auto-Submitted").casefold()
    return (
        submitted not in ("", "no")
        or mail.get_content_type() == "multipart/report"
        or _header(mail, "Precedence").casefold() in {"bulk", "junk", "list", "auto_reply"}
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response"))
    )


def _header(mail: Message, name: str) -> str:
    """Return a header as one line, "" where there is none."""
    value = mail.get(name)
    return "" if value is None else " ".join(str(value).split())


def _addresses(field: str) -> Iterable[str]:
    """Read `rfc822; somebody@example.vn`."""
    found = _ADDRESS.search(field.partition(";")[2] or field)
    return (found[0],) if found else ()


def _first_text(mail: Message) -> Message:
    if not mail.is_multipart():
        return mail
    texts = (part for part in _parts(mail) if part.get_content_type() == "text/plain")
    return next(texts, Message())


def _text(part: Message) -> str:
    """Return a part's text; bytes that its charset does not have become question marks."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        text = payload.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")
