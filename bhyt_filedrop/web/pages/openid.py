"""Signing in by somebody else: the browser is sent there, and comes back with a proof."""

from __future__ import annotations

import logging
import secrets

from starlette.responses import Response

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused, TryLater
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.logins import HOLDS, Pending
from bhyt_filedrop.web.pages.front import is_own_path
from bhyt_filedrop.web.pages.signing import with_cookie
from bhyt_filedrop.web.rendering import go, not_found, show
from bhyt_filedrop.web.signing_in import digest_of

log = logging.getLogger(__name__)

COOKIE = "bhyt_login"
"""Ties a login to the browser that began it."""

PATH = "/login/openid"


def begin(asked: Asking) -> Response:
    """Send the browser to the provider."""
    provider = asked.office.provider
    if provider is None:
        return not_found(asked)
    try:
        begun = provider.begin(_redirect(asked))
    except TryLater as error:
        return _away(asked, error)
    browser = secrets.token_urlsafe(32)
    back = asked.query.get("back", "")
    asked.office.logins.add(Pending(begun, digest_of(browser), back, asked.office.real_clock()))
    response = go(begun.url)
    response.set_cookie(
        COOKIE, browser, max_age=int(HOLDS.total_seconds()), httponly=True, samesite="lax",
        secure=asked.office.settings.web.address.startswith("https://"), path=PATH,
    )  # fmt: skip
    return response


def finish(asked: Asking) -> Response:
    """Let in whom the provider names and who has an account here; its role is the account's."""
    office, provider = asked.office, asked.office.provider
    if provider is None:
        return not_found(asked)
    now = office.real_clock()
    pending = office.logins.take(
        asked.query.get("state", ""), digest_of(asked.cookies.get(COOKIE, "")), now
    )
    if pending is None:
        return _refused(
            asked,
            say(
                "Lần đăng nhập này đã cũ hoặc không bắt đầu từ đây. Xin đăng nhập lại.",
                "This login is too old, or did not begin here. Please sign in again.",
            ),
        )
    try:
        name = provider.name_of(pending.begun, _redirect(asked), asked.query, now)
    except ActRefused as refusal:
        log.warning("page.login-unproven", extra={"reason": str(refusal)})
        return _refused(asked, say(refusal.told, "The login is not proven. Please try again."))
    except TryLater as error:
        return _away(asked, error)
    account = office.accounts.account(name)
    if account is None or not account.active:
        text = say(
            "Chưa có tài khoản nào ở đây cho tên đăng nhập này. Xin báo người quản trị.",
            "There is no account for this name here. Please tell an administrator.",
        )
        return _refused(asked, text)
    back = pending.back if is_own_path(pending.back) else "/"
    response = with_cookie(asked, go(back), asked.signing_in.begin(account.name, asked.address))
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _redirect(asked: Asking) -> str:
    return f"{asked.office.settings.web.address}{PATH}/answer"


def _refused(asked: Asking, text: str, status: int = 403) -> Response:
    return show(asked, "login.html.j2", status, error=text, name="", back="")


def _away(asked: Asking, error: TryLater) -> Response:
    log.warning("page.provider-away", extra={"reason": str(error)})
    text = say(
        "Chưa hỏi được nơi đăng nhập chung. Xin thử lại sau ít phút.",
        "The common login cannot be reached. Please try again in some minutes.",
    )
    return _refused(asked, text, 503)
