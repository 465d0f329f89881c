"""Bounces in words, from before RFC 3464: those of qmail and of older Exims.

qmail's form is its own small standard (QSBMF, cr.yp.to/proto/qsbmf.txt): it begins with a fixed
sentence and has one paragraph a receiver. Exim names the receivers in a header, `X-Failed-
Recipients`, and gives the reasons in the text. Both say so only when they have given up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QMAIL = "Hi. This is the "
_COPY = re.compile(r"^-{3,6} ?(?:Below this line|This is a copy|The body of)", re.M)
_ADDRESS = r"[^\s<>;,\"()@]{1,128}@[^\s<>;,\"()@]{1,255}"
_QMAIL_RECEIVER = re.compile(rf"^<({_ADDRESS})>:?[ \t]*\n((?:[ \t]*\S.*(?:\n|\Z))*)", re.M)
_MAX_RECEIVERS = 1000


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One receiver that did not get the mail, and the server's words for it."""

    address: str
    reason: str


def told_in_words(failed_header: str, text: str) -> tuple[Undelivered, ...] | None:
    """Return what a bounce in words tells; None where the mail is none.

    `failed_header` is `X-Failed-Recipients` ("" = absent), `text` the mail's first text.
    """
    copy = _COPY.search(text)
    words = text[: copy.start()] if copy else text
    if words.lstrip().startswith(_QMAIL):
        found = _QMAIL_RECEIVER.findall(words)[:_MAX_RECEIVERS]
        return tuple(Undelivered(address, " ".join(why.split())) for address, why in found)
    if failed_header:
        named = re.findall(_ADDRESS, failed_header)[:_MAX_RECEIVERS]
        return tuple(Undelivered(address, _below(address, words)) for address in named)
    return None


def _below(address: str, words: str) -> str:
    """Return what stands below a line that holds an address, further in than it."""
    lines = iter(words.splitlines())
    margin = next((_margin(line) for line in lines if line.strip(" \t<>:") == address), None)
    reason: list[str] = []
    for line in lines if margin is not None else ():
        if not line.strip() or _margin(line) <= (margin or 0):
            break
        reason.append(line)
    return " ".join(" ".join(reason).split())


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
