"""The language of the command line: Vietnamese for clerks, English for administrators."""

from __future__ import annotations

import os

_chosen = os.environ.get("BHYT_FILEDROP_LANG", "vi")


def choose(language: str) -> None:
    """Speak `vi` or `en` from here on."""
    global _chosen
    _chosen = language


def say(vi: str, en: str) -> str:
    """Return the text in the language that was chosen."""
    return en if _chosen == "en" else vi
