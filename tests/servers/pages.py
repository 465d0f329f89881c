"""Reads configuration blocks out of the documents, so that what they show is what the tests run."""

from __future__ import annotations

import re

from tests.imports import ROOT


def block(page: str, kind: str) -> str:
    """Return the first block of a kind (```toml) on a page of `docs/`."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    shown = re.search(rf"^```{kind}\n(.*?)^```", text, re.M | re.S)
    if shown is None:
        raise LookupError(f"{page} shows no block of {kind}")
    return shown[1]
