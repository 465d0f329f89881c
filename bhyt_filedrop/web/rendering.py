"""Pages as HTML: templates of the package, always escaped, in the language of who asks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bhyt_filedrop.domain.access.accounts import AccountRole
from bhyt_filedrop.domain.owed.faces import LOOKS, DebtFace
from bhyt_filedrop.domain.process.calendar import DAY, Deadline, day_text, short_moment
from bhyt_filedrop.domain.process.file_names import visible
from bhyt_filedrop.language import language, say
from bhyt_filedrop.web.asking import Asking

FOLDER = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """Return the templates; a name that a page forgot is an error and not an empty word."""
    found = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {
        "say": say,
        "language": language,
        "token": _token,
        "face_text": face_text,
        "face_icon": lambda face: LOOKS[face].icon,
        "menu": menu,
        "is_current": is_current,
        "days_text": days_text,
        "unit_name": unit_name,
        "state_icon": lambda state: STATE_ICONS.get(state, "…"),
    }
    found.filters |= {
        "moment": lambda at: short_moment(at) if at else "",
        "day": day_text,
        "due": due_text,
        "short_day": lambda day: f"{day:%d/%m}",
        "visible": visible,
    }
    return found


MENU: tuple[tuple[str, str, str], ...] = (
    ("/", "Đợt", "Round"),
    ("/drops", "Tệp đến", "Drops"),
    ("/letters", "Thư", "Letters"),
    ("/calendar", "Lịch", "Calendar"),
    ("/process", "Quy trình", "Process"),
)
"""Path and names of the pages that each page leads to."""


CONFIG = ("/config", "Cấu hình", "Configuration")


def menu(asked: Asking) -> tuple[tuple[str, str, str], ...]:
    """Return the pages that this account is led to."""
    is_admin = asked.account is not None and asked.account.role is AccountRole.ADMIN
    pages = (*MENU, CONFIG) if is_admin else MENU
    if not asked.may_hand_in:
        return pages
    own = asked.sight.own
    only = next(iter(own)) if len(own) == 1 and not asked.sight.sees_city else ""
    sending = (f"/units/{only}/send" if only else "/send", "Nộp tệp", "Hand in")
    return (*pages, sending, ("/units", "Đơn vị", "Units")) if asked.may_act else (*pages, sending)


def is_current(asked: Asking, path: str) -> bool:
    """True where the page belongs to a path of the menu: handing in for a unit is no page of its
    own there."""
    hands_in = re.match(r"/units/[^/]+/(send|sent|checked)\b", asked.path) is not None
    if path.endswith("/send"):
        return hands_in or asked.path == path
    return not hands_in and asked.path.startswith("/rounds" if path == "/" else path)


def face_text(face: DebtFace) -> str:
    """Return the words of a face."""
    return say(LOOKS[face].vi, LOOKS[face].en)


STATE_ICONS = {
    "accepted": "✓",
    "returned": "↩",
    "held": "⏸",
    "set-aside": "!",
    "sent": "✓",
    "replaced": "↷",
    "taken-back": "↷",
    "told-before": "✓",
}
"""What stands before the state of a drop or a letter; "…" before one that is under way."""


def unit_name(asked: Asking, unit_id: str) -> Markup:
    """Return a unit's name, as a link where the account may open it."""
    unit = asked.office.world.units.by_id.get(unit_id)
    if unit is None:
        return Markup.escape(unit_id)
    name = asked.office.world.units.full_name(unit)
    if not asked.sight.sees(unit_id):
        return Markup.escape(name)
    return Markup('<a href="/units/{}">{}</a>').format(unit_id, name)


def due_text(due: Deadline | None) -> str:
    """Say when something is due ("" = it has no date)."""
    if due is None:
        return ""
    by = f"before {day_text(due.last_day + DAY)}" if due.strict else f"by {day_text(due.last_day)}"
    return say(due.text, f"{by} (extended)" if due.extended else by)


def days_text(days: int) -> str:
    """Say a number of days."""
    return say(f"{days} ngày", f"{days} day{'s' if days != 1 else ''}")


@pass_context
def _token(context: Context) -> Markup:
    """The hidden field that each form carries, so that no other site can send it."""
    session = context["asked"].session
    hidden = Markup('<input type="hidden" name="token" value="{}">')
    return hidden.format(session.token) if session else Markup("")


def show(asked: Asking, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page."""
    text = templates().get_template(template).render(asked=asked, **values)
    return HTMLResponse(text, status)


def go(path: str) -> Response:
    """Send the browser on with a GET, after something was done."""
    return RedirectResponse(path, 303)


def not_found(asked: Asking) -> Response:
    """Say that there is no such thing, or none that this account may see."""
    return problem(
        asked, 404, say("Không có trang hoặc dữ liệu này.", "There is no such page or thing.")
    )


def problem(asked: Asking, status: int, text: str) -> Response:
    """Say in one sentence what is wrong and what to do."""
    if asked.is_program:
        return JSONResponse({"error": text}, status)
    return show(asked, "problem.html.j2", status, text=text)
