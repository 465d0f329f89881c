"""Addresses of pages: what is shown stands in the address, so that a link, a refresh and the
browser's way back show the same."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from bhyt_filedrop.web.asking import Asking


def link(asked: Asking, path: str = "", **changes: str) -> str:
    """Return the address of the same page (or of another that takes the same) with something
    changed; "" leaves a part out."""
    query = {**asked.query, **changes}
    kept = {key: value for key, value in query.items() if value}
    return (path or asked.path) + (f"?{urlencode(kept)}" if kept else "")


def path_to(*parts: str) -> str:
    """Return the address of a page from its parts, whatever signs they hold."""
    return "/" + "/".join(quote(part) for part in parts)
