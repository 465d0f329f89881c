"""The door of the page: who asks, whether they may, and what every answer carries.

Each request passes here and nowhere else: session, token, the place it comes from, whose affairs
it asks for, the access log, the headers. What is behind the door is a function of what was asked.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bhyt_filedrop.domain.access.accounts import Account, SignedIn
from bhyt_filedrop.domain.access.sight import Sight
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.language import LANGUAGES, language, say, speaking
from bhyt_filedrop.logs import kind_of
from bhyt_filedrop.ports import LedgerAway, TryLater
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.forms import MAX_FILES, SentForm, read_form
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.office import Office
from bhyt_filedrop.web.pages.signing import COOKIE, with_cookie
from bhyt_filedrop.web.rendering import go, not_found, problem
from bhyt_filedrop.web.routes import ROUTES, About, PageRoute
from bhyt_filedrop.web.signing_in import SigningIn

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What each answer carries that says nothing else."""


def app_of(door: Door) -> Starlette:
    """Return the page of a site as an ASGI application."""
    routes = [
        Route(one.path, door.endpoint(one), methods=[one.method], name=one.name) for one in ROUTES
    ]
    return Starlette(routes=routes, exception_handlers={404: door.lost, 405: door.lost})


class Door:
    """Lets requests in."""

    def __init__(self, office: Office) -> None:
        self._office = office
        web = office.settings.web
        self.signing_in = SigningIn(
            office.accounts,
            office.real_clock,
            timedelta(hours=web.session_hours),
            timedelta(days=web.keep_access_days),
        )
        self._started = secrets.token_hex(8)
        """Marks answers of this run: another configuration shows other pages."""

    def endpoint(self, route: PageRoute) -> Callable[[Request], object]:
        """Return what Starlette calls for a route."""

        async def answer(request: Request) -> Response:
            form = await self._form_of(route, request)
            if form is None:
                much = PageRoute("too-much", "", self._too_much, About.NOBODY, None)
                return await run_in_threadpool(self._answer, much, request, SentForm())
            try:
                return await run_in_threadpool(self._answer, route, request, form)
            finally:
                form.close()

        return answer

    async def _form_of(self, route: PageRoute, request: Request) -> SentForm | None:
        """Read what was sent; of a stranger no file is taken in."""
        if route.method != "POST":
            return SentForm()
        if not route.files:
            return await read_form(request, 0)
        known = await run_in_threadpool(self._is_known, request)
        return await read_form(request, self._max_bytes) if known else SentForm()

    def _is_known(self, request: Request) -> bool:
        named = self._named_by_proxy(request)
        return bool(named or self.signing_in.whose(request.cookies.get(COOKIE, "")))

    @property
    def _max_bytes(self) -> int:
        return self._office.settings.limits.max_bytes

    def _too_much(self, asked: Asking) -> Response:
        most = self._max_bytes // 2**20
        text = say(
            f"Gửi quá nhiều: mỗi lần không quá {MAX_FILES} tệp, tất cả không quá {most} MB.",
            f"Too much: at most {MAX_FILES} files at a time, {most} MB together.",
        )
        return problem(asked, 413, text)

    async def lost(self, request: Request, _error: Exception) -> Response:
        """Answer what no route knows."""
        nowhere = PageRoute("lost", "", not_found, About.NOBODY, None)
        return await run_in_threadpool(self._answer, nowhere, request, SentForm())

    def _answer(self, route: PageRoute, request: Request, form: SentForm) -> Response:
        chosen = request.cookies.get("language", "")
        with speaking(chosen if chosen in LANGUAGES else "vi"):
            asked = self._asked(route, request, form)
            try:
                response = self._let_in(route, request, asked)
            except LedgerAway:
                text = say(
                    "Sổ đang bận hoặc không dùng được. Xin thử lại sau ít phút.",
                    "The ledger is busy or away. Please try again in some minutes.",
                )
                response = problem(asked, 503, text)
            except TryLater:
                text = say(
                    "Kho lưu hoặc đĩa đang bận hoặc không dùng được. Xin thử lại sau ít phút.",
                    "The archive or a disk is busy or away. Please try again in some minutes.",
                )
                response = problem(asked, 503, text)
            except Exception as error:
                log.error("page.failed", extra={"page": route.name, "error": kind_of(error)})
                text = say(
                    "Trang này gặp lỗi. Lỗi đã được ghi lại; xin báo người quản trị.",
                    "This page failed. It was written down; please tell an administrator.",
                )
                response = problem(asked, 500, text)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _asked(self, route: PageRoute, request: Request, form: SentForm) -> Asking:
        return Asking(
            self._office,
            self.signing_in,
            request.method,
            route.name,
            request.url.path,
            request.path_params,
            dict(request.query_params),
            form.fields,
            self._office.clock(),
            self._address(request),
            headers=request.headers,
            files=form.files,
            cookies=request.cookies,
        )

    def _let_in(self, route: PageRoute, request: Request, asked: Asking) -> Response:
        known, fresh = self._whose(request, asked)
        cookie = fresh or request.cookies.get(COOKIE, "")
        if known:
            asked = _with(asked, cookie=cookie, session=known[0], account=known[1])
        response = self._checked(route, request, asked)
        return with_cookie(asked, response, fresh) if fresh else response

    def _checked(self, route: PageRoute, request: Request, asked: Asking) -> Response:
        if route.method == "POST" and not self._is_from_here(request, asked):
            text = say(
                "Yêu cầu này không đến từ trang này, hoặc trang đã mở quá lâu. Xin tải lại trang.",
                "This did not come from the page, or the page is too old. Please load it again.",
            )
            return problem(asked, 403, text)
        if route.who is None:
            return route.answer(asked)
        if asked.account is None and asked.is_program:
            return JSONResponse({"error": "not signed in"}, 401)
        if asked.account is None:
            back = f"?back={asked.path}" if route.method == "GET" and asked.path != "/" else ""
            return go(f"/login{back}")
        if asked.account.role not in route.who:
            return not_found(asked)
        found = self._whose_affairs(route, asked)
        if found is None:
            return not_found(asked)
        mark = self._mark(route, found)
        if mark and request.headers.get("if-none-match") == mark:
            return Response(status_code=304, headers={"ETag": mark, "Cache-Control": _KEPT})
        response = route.answer(found)
        if route.logged and response.status_code == 200:
            note(found, route.logged)
        if mark and response.status_code == 200:
            response.headers["ETag"] = mark
            response.headers["Cache-Control"] = _KEPT
        return response

    def _whose_affairs(self, route: PageRoute, asked: Asking) -> Asking | None:
        """Look up what the path names; None where it is not there, or not to be seen by who asks:
        the two must not be told apart."""
        if route.about is About.UNIT:
            unit = self._office.world.units.by_id.get(asked.names["unit"])
            return _with(asked, unit=unit) if unit and asked.sight.sees(unit.id) else None
        if route.about is About.DROP:
            drop = self._office.drops.get(asked.names["drop"])
            return _with(asked, drop=drop) if drop and _may_see(drop, asked.sight) else None
        if route.about is About.LETTER:
            letter = self._office.page.letter(asked.names["key"])
            seen = letter and asked.sight.sees(letter[0].unit)
            return _with(asked, letter=letter) if seen else None
        return asked

    def _whose(
        self, request: Request, asked: Asking
    ) -> tuple[tuple[SignedIn, Account] | None, str]:
        """Return the session with its account, and the cookie of one that was begun just now for
        somebody whom a trusted proxy names."""
        known = self.signing_in.whose(request.cookies.get(COOKIE, ""))
        named = self._named_by_proxy(request)
        if named is None or (known and known[1].name == named):
            return known, ""
        account = self._office.accounts.account(named)
        if account is None or not account.active:
            return None, ""
        fresh = self.signing_in.begin(account.name, asked.address)
        return self.signing_in.whose(fresh), fresh

    def _named_by_proxy(self, request: Request) -> str | None:
        header = self._office.settings.web.user_header
        if not header or not self._is_proxy(request):
            return None
        return request.headers.get(header, "").strip().lower() or None

    def _is_proxy(self, request: Request) -> bool:
        return bool(request.client and request.client.host in self._proxies)

    @property
    def _proxies(self) -> tuple[str, ...]:
        return self._office.settings.web.trusted_proxies

    def _address(self, request: Request) -> str:
        """Whence a request comes; what a proxy says counts only if it is a trusted one."""
        peer = request.client.host if request.client else ""
        if not self._is_proxy(request):
            return peer
        said = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        try:
            return str(ip_address(said))
        except ValueError:
            return peer

    def _is_from_here(self, request: Request, asked: Asking) -> bool:
        """True where a change was asked for by our own page: the browser says where it comes from,
        and the form carries the session's token."""
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if site is not None:
            ours = site == "same-origin"
        else:
            ours = origin is not None and urlsplit(origin).netloc in self._hosts(request)
        if not ours or asked.session is None:
            return ours
        given = asked.form.get("token", "") or request.headers.get("x-token", "")
        return secrets.compare_digest(given.encode(), asked.session.token.encode())

    def _hosts(self, request: Request) -> set[str]:
        return {request.headers.get("host", ""), urlsplit(self._office.settings.web.address).netloc}

    def _mark(self, route: PageRoute, asked: Asking) -> str:
        """Name the answer that a page would give: the same until something happens or the minute
        is over."""
        if not route.polled:
            return ""
        minute = int(asked.now.timestamp()) // 60
        account = (asked.who.name, asked.who.role.value, asked.who.unit)
        told = (self._started, self._office.latest(), minute, account, language(), asked.target)
        return f'W/"{sha256(repr(told).encode()).hexdigest()[:32]}"'


_KEPT = "private, no-cache"
"""The browser may keep the page, and asks each time whether it still holds."""


def _may_see(drop: Drop, sight: Sight) -> bool:
    """What the product made itself holds lists of many units: the city alone sees it whole."""
    return sight.sees(drop.unit) and (sight.sees_city or not drop.is_own)


def _with(asked: Asking, **changes: object) -> Asking:
    return replace(asked, **changes)  # type: ignore[arg-type]
