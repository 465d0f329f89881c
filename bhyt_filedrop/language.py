"""The language that people are spoken to in: Vietnamese for clerks, English for administrators.

A command speaks one language; the status page may speak another to each who asks at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LANGUAGES = ("vi", "en")

_chosen = os.environ.get("BHYT_FILEDROP_LANG", "vi")
_for_now: ContextVar[str] = ContextVar("language", default="")


def choose(language: str) -> None:
    """Speak `vi` or `en` from here on."""
    global _chosen
    _chosen = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `vi` or `en` within one request alone, whatever was chosen for all."""
    before = _for_now.set(language)
    try:
        yield
    finally:
        _for_now.reset(before)


def language() -> str:
    """Return which language is spoken: `vi` or `en`."""
    return _for_now.get() or _chosen


def say(vi: str, en: str) -> str:
    """Return the text in the language that was chosen."""
    return en if language() == "en" else vi
