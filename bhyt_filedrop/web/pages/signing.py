"""Signing in and out, and the one-time link by which a password is chosen."""

from __future__ import annotations

from starlette.responses import Response

from bhyt_filedrop.domain.access.accounts import Account
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.pages.front import is_own_path
from bhyt_filedrop.web.rendering import go, show
from bhyt_filedrop.web.signing_in import LEAST_CHARACTERS, digest_of, hash_password

COOKIE = "bhyt_session"


def login_page(asked: Asking) -> Response:
    """Ask for name and password."""
    if asked.account:
        return go("/")
    return show(asked, "login.html.j2", error="", name="", back=asked.query.get("back", ""))


def sign_in(asked: Asking) -> Response:
    """Let somebody in, or say that something is wrong and never what."""
    name, back = asked.form.get("name", "").strip().lower(), asked.form.get("back", "")
    wait = asked.signing_in.wait(name, asked.address)
    if wait.total_seconds() > 0:
        seconds = int(wait.total_seconds()) + 1
        error = say(
            f"Đã thử sai nhiều lần. Xin chờ {seconds} giây rồi thử lại.",
            f"Too many wrong tries. Please wait {seconds} seconds.",
        )
        response = show(asked, "login.html.j2", 429, error=error, name=name, back=back)
        response.headers["Retry-After"] = str(seconds)
        return response
    cookie = asked.signing_in.sign_in(
        name, asked.form.get("password", ""), asked.form.get("code", ""), asked.address
    )
    if cookie is None:
        error = say(
            "Tên, mật khẩu hoặc mã xác thực không đúng.", "Name, password or code is wrong."
        )
        return show(asked, "login.html.j2", 403, error=error, name=name, back=back)
    return with_cookie(asked, go(back if is_own_path(back) else "/"), cookie)


def with_cookie(asked: Asking, response: Response, cookie: str) -> Response:
    """Give the browser its session; over HTTPS it never goes another way."""
    secure = asked.office.settings.web.address.startswith("https://")
    response.set_cookie(COOKIE, cookie, httponly=True, samesite="lax", secure=secure, path="/")
    return response


def sign_out(asked: Asking) -> Response:
    """End the session, and let go of what it gave to be checked."""
    if asked.session:
        asked.office.parcels.drop_of(asked.session.token)
    asked.signing_in.end(asked.cookie)
    response = go("/login")
    response.delete_cookie(COOKIE, path="/")
    return response


def invitation(asked: Asking) -> Response:
    """Let the holder of a one-time link choose a password."""
    account = _invited(asked)
    if account is None:
        return _spent(asked)
    return show(asked, "invitation.html.j2", error="", invited=account, least=LEAST_CHARACTERS)


def accept(asked: Asking) -> Response:
    """Take the chosen password, and let its owner in; the link is spent with that."""
    account = _invited(asked)
    if account is None:
        return _spent(asked)
    password = asked.form.get("password", "")
    error = wrong_password(password, asked.form.get("again", ""))
    if error:
        return show(
            asked, "invitation.html.j2", 400, error=error, invited=account, least=LEAST_CHARACTERS
        )
    asked.office.accounts.set_password(account.name, hash_password(password))
    if account.one_time:
        return go("/login")
    return with_cookie(asked, go("/"), asked.signing_in.begin(account.name, asked.address))


def wrong_password(password: str, again: str) -> str:
    """Say what is wrong with a new password, "" where nothing is."""
    if len(password) < LEAST_CHARACTERS:
        return say(
            f"Mật khẩu phải có ít nhất {LEAST_CHARACTERS} ký tự.",
            f"A password has at least {LEAST_CHARACTERS} characters.",
        )
    if password != again:
        return say("Hai lần ghi không giống nhau.", "The two do not agree.")
    return ""


def _invited(asked: Asking) -> Account | None:
    now = asked.office.real_clock()
    return asked.office.accounts.invited(digest_of(asked.names["secret"]), now)


def _spent(asked: Asking) -> Response:
    text = say(
        "Đường dẫn này đã dùng rồi hoặc đã quá hạn. Xin hỏi người quản trị đường dẫn mới.",
        "This link was used or is too old. Ask an administrator for a new one.",
    )
    return show(asked, "problem.html.j2", 404, text=text)
