"""What we ask of servers about bounces when we hand a mail over (RFC 3461).

A bounce is to name the address as we wrote it, wherever the mail was passed on to; to name the mail
even if it does not return it; and to return the headers alone: what a letter says, or has with it,
does not travel once more.
"""

from __future__ import annotations

import re

_LONGEST_ID = 100
"""Characters that an envelope's id may have (RFC 3461, 4.4)."""


def of_mail(message_id: str) -> list[str]:
    """Return the parameters of MAIL FROM; `message_id` (`<…>`) becomes the envelope's id."""
    envelope_id = xtext(message_id.strip("<> "))
    named = bool(envelope_id) and len(envelope_id) <= _LONGEST_ID
    return ["RET=HDRS", *([f"ENVID={envelope_id}"] if named else [])]


def of_receiver(address: str) -> tuple[str, ...]:
    """Return the parameters of RCPT TO."""
    return ("NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{xtext(address)}")


def xtext(text: str) -> str:
    """Write what is no plain sign, and `+` and `=`, as `+` and two hexadecimal digits."""
    data = text.encode("utf-8").decode("latin-1")
    return re.sub(r"[^!-~]|[+=]", lambda found: f"+{ord(found[0]):02X}", data)
