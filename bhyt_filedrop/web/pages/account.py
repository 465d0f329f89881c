"""One's own account: another password, one-time codes."""

from __future__ import annotations

from starlette.responses import Response

from bhyt_filedrop.domain.access.accounts import ROLE_NAMES
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.one_time import is_key, new_key, step_of, uri
from bhyt_filedrop.web.pages.signing import with_cookie, wrong_password
from bhyt_filedrop.web.rendering import go, show
from bhyt_filedrop.web.signing_in import LEAST_CHARACTERS, hash_password, is_password


def account_page(asked: Asking) -> Response:
    """Show one's own account."""
    return _page(asked)


def _page(asked: Asking, status: int = 200, error: str = "", key: str = "") -> Response:
    key = key or new_key()
    unit = asked.office.world.units.by_id.get(asked.who.unit)
    return show(
        asked,
        "account.html.j2",
        status,
        error=error,
        key=key,
        uri=uri(key, asked.who.name, "bhyt-filedrop"),
        role=say(ROLE_NAMES[asked.who.role], asked.who.role.value),
        office=asked.office.world.units.full_name(unit) if unit else "",
        least=LEAST_CHARACTERS,
        done=asked.query.get("done", ""),
    )


def new_password(asked: Asking) -> Response:
    """Take another password; all sessions but this one end."""
    password = asked.form.get("password", "")
    error = wrong_password(password, asked.form.get("again", ""))
    if not is_password(asked.who.password, asked.form.get("before", "")):
        error = say("Mật khẩu đang dùng không đúng.", "The present password is wrong.")
    if error:
        return _page(asked, 400, error)
    asked.office.accounts.set_password(asked.who.name, hash_password(password))
    cookie = asked.signing_in.begin(asked.who.name, asked.address)
    return with_cookie(asked, go("/account?done=password"), cookie)


def one_time(asked: Asking) -> Response:
    """Ask for one-time codes from here on, or no longer."""
    key = asked.form.get("key", "")
    if asked.form.get("end"):
        if not is_password(asked.who.password, asked.form.get("before", "")):
            return _page(
                asked, 400, say("Mật khẩu đang dùng không đúng.", "The present password is wrong.")
            )
        asked.office.accounts.set_one_time(asked.who.name, "")
        return go("/account?done=one-time")
    if not is_key(key):
        return _page(asked, 400, say("Khóa không đúng.", "The key is wrong."))
    if step_of(key, asked.form.get("code", ""), asked.office.real_clock()) is None:
        return _page(asked, 400, say("Mã không đúng.", "The code is wrong."), key)
    asked.office.accounts.set_one_time(asked.who.name, key)
    return go("/account?done=one-time")
