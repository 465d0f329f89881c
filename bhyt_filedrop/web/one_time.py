"""One-time codes by the clock (RFC 6238, SHA-1, six digits, thirty seconds), as phone apps make."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import struct
from datetime import datetime
from hashlib import sha1
from urllib.parse import quote

STEP = 30
"""Seconds for which a code holds."""


def new_key() -> str:
    """Return a new key (160 bits) as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def is_key(text: str) -> bool:
    """True for a key of the length that we make."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def code_at(key: str, step: int) -> str:
    """Return the code of a step (RFC 4226, 5.3)."""
    digest = hmac.new(base64.b32decode(key), struct.pack(">Q", step), sha1).digest()
    at = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def step_of(key: str, code: str, now: datetime) -> int | None:
    """Return the step whose code was given, None where it is none of the present ones: a phone's
    clock may be one step off."""
    present = int(now.timestamp()) // STEP
    given = "".join(code.split())
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(code_at(key, step).encode(), given.encode()):
            return step
    return None


def uri(key: str, account: str, issuer: str) -> str:
    """Return the address that an app takes the key from."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={key}&issuer={quote(issuer)}"
