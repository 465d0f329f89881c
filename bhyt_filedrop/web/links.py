"""Addresses of pages: what is shown stands in the address, so that a link, a refresh and the
browser's way back show the same."""

from __future__ import annotations

from urllib.parse import urlencode

from bhyt_filedrop.web.asked import Asking


def link(asked: Asking, **changes: str) -> str:
    """Return the address of the same page with something changed; "" leaves a part out."""
    query = {**asked.query, **changes}
    kept = {key: value for key, value in query.items() if value}
    return asked.path + (f"?{urlencode(kept)}" if kept else "")
