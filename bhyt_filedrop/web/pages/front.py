"""The way in: the round that is under way, the language, what ships, and whether all is well."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, JSONResponse, Response

from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.language import LANGUAGES
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.rendering import go, not_found

_STATIC = Path(__file__).parents[1] / "static"

SHIPPED = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "htmx.LICENSE.txt": "text/plain; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What the page loads; all of it stands in the package."""


def front(asked: Asking) -> Response:
    """Lead to the round that is handled now."""
    return go(f"/rounds/{home_round(local_day(asked.now))}")


def language(asked: Asking) -> Response:
    """Speak another language from here on, on the same page."""
    chosen, back = asked.names["language"], asked.query.get("back", "/")
    if chosen not in LANGUAGES:
        return not_found(asked)
    response = go(back if is_own_path(back) else "/")
    response.set_cookie("language", chosen, max_age=365 * 86400, httponly=True, samesite="lax")
    return response


def is_own_path(path: str) -> bool:
    """True for a path of this page: nobody is led elsewhere by a link."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


def static(asked: Asking) -> Response:
    """Hand out a file of the package."""
    name = asked.names["file"]
    if name not in SHIPPED:
        return not_found(asked)
    response = FileResponse(_STATIC / name, media_type=SHIPPED[name])
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def healthz(asked: Asking) -> Response:
    """Say that the page answers."""
    return JSONResponse({"ok": True})


def readyz(asked: Asking) -> Response:
    """Say that the ledger answers."""
    asked.office.latest()
    return JSONResponse({"ok": True})
