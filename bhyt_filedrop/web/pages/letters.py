"""Letters: to whom, about what, how far, and what they say."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

from starlette.responses import HTMLResponse, Response

from bhyt_filedrop.domain.drops.drop import TOLD_BEFORE
from bhyt_filedrop.domain.letters.mailing import DueLetter
from bhyt_filedrop.domain.words import LETTER_KINDS, LETTER_STATES
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.links import link
from bhyt_filedrop.web.pages.drops import A_PAGE, page_number
from bhyt_filedrop.web.rendering import not_found, show


def letters_page(asked: Asking) -> Response:
    """Show letters, the newest first."""
    state, page = asked.query.get("state", ""), page_number(asked)
    known = state if state in LETTER_STATES else ""
    found = asked.office.page.letters(
        asked.seen_units, known, limit=A_PAGE + 1, offset=page * A_PAGE
    )
    return show(
        asked,
        "letters.html.j2",
        letters=found[:A_PAGE],
        more=len(found) > A_PAGE,
        page=page,
        state=known,
        states={one: letter_state(one) for one in LETTER_STATES},
        letter_state=letter_state,
        letter_kind=letter_kind,
        units=asked.office.world.units,
        link=lambda **changes: link(asked, **changes),
    )


def letter_state(state: str) -> str:
    """Return how far a letter is, as people say it."""
    return say(LETTER_STATES.get(state, state), state)


def letter_kind(kind: str) -> str:
    """Return what a letter is about, as people say it."""
    return say(LETTER_KINDS.get(kind, kind), kind)


def letter_page(asked: Asking) -> Response:
    """Show one letter."""
    if asked.letter is None:
        return not_found(asked)
    shown, letter = asked.letter
    unit = asked.office.world.units.by_id.get(shown.unit)
    try:
        subject, _, _ = asked.office.preview(DueLetter(letter, shown.created_at))
    except KeyError:
        subject = ""
    return show(
        asked,
        "letter.html.j2",
        letter=shown,
        unit=unit,
        subject=subject,
        attachments=letter.attachments,
        may_resend=asked.may_act and shown.state in ("sent", "set-aside", TOLD_BEFORE),
        done=asked.query.get("done", ""),
        letter_state=letter_state,
        letter_kind=letter_kind,
    )


def preview(asked: Asking) -> Response:
    """Hand out a letter's HTML for a sandboxed frame: it runs nothing and loads nothing."""
    if asked.letter is None:
        return not_found(asked)
    shown, letter = asked.letter
    try:
        _, _, html = asked.office.preview(DueLetter(letter, shown.created_at))
    except KeyError:
        return not_found(asked)
    headers = {
        "Content-Security-Policy": f"sandbox; default-src 'none'; style-src 'unsafe-hashes' "
        f"{' '.join(style_hashes(html))}; frame-ancestors 'self'",
        "X-Frame-Options": "SAMEORIGIN",
    }
    return HTMLResponse(html, headers=headers)


def style_hashes(html: str) -> list[str]:
    """Return the hashes of the styles that a mail carries with it, as a policy names them: these
    may be used, and no others."""
    styles = dict.fromkeys(re.findall(r'style="([^"]*)"', html))
    digests = (sha256(style.encode()).digest() for style in styles)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
