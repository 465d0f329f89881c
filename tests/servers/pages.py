"""Reads configuration blocks out of the documents, so that what they show is what the tests run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bhyt_filedrop.settings import MailSettings, machine
from bhyt_filedrop.settings.reading import Gathered
from tests.imports import ROOT


def block(page: str, kind: str, number: int = 1) -> str:
    """Return a block of a kind (```toml) on a page of `docs/`: the first, or another."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    shown = re.findall(rf"^```{re.escape(kind)}\n(.*?)^```", text, re.M | re.S)
    if len(shown) < number:
        raise LookupError(f"{page} shows no block {number} of {kind}")
    return str(shown[number - 1])


def mail_settings(number: int, changes: Mapping[str, str], folder: Path) -> MailSettings:
    """Read a ```toml of the page on mail as configuration, with a test's own server in the place of
    yours: `changes` say what stands there, each once, and what stands for it here."""
    text = block("connections-mail.md", "toml", number)
    for written, here in changes.items():
        if text.count(written) != 1:
            raise LookupError(f"the page no longer says {written}")
        text = text.replace(written, here)
    (folder / "config").mkdir()
    (folder / "config" / machine.FILE).write_text(text, encoding="utf-8")
    problems = Gathered()
    read = machine.read(folder / "config", problems)
    if read is None or problems.problems:
        raise LookupError(f"the page's configuration is refused: {problems.problems}")
    return read.mail
