"""The table of routes: each with whose affairs it tells, and who may ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from starlette.responses import JSONResponse, Response

from bhyt_filedrop.domain.access.accounts import AccountRole
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.openapi import describe
from bhyt_filedrop.web.pages import (
    account,
    acts,
    api,
    calendar,
    checking,
    config,
    drops,
    excel,
    front,
    handing_in,
    letters,
    metrics,
    openid,
    papers,
    process,
    rounds,
    search,
    signing,
    unit_table,
    units,
)

ROLES = frozenset(AccountRole)
ACTING = ROLES - {AccountRole.VIEWER}
CITY = frozenset({AccountRole.DEPARTMENT, AccountRole.ADMIN})
"""Who acts on what others owe and dropped; a district says for itself where the paper is."""

ADMINS = frozenset({AccountRole.ADMIN})


class About(Enum):
    """Whose affairs a route tells; the door looks at the first three before anything is read."""

    UNIT = "the unit that {unit} names"
    DROP = "the unit that dropped {drop}"
    LETTER = "the unit that the letter {key} goes to"
    SEEN = "many units': the page itself leaves out whom the account may not see"
    OWN = "the account's own: password, session"
    NOBODY = "nobody's"


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One row. `who` are the roles that may ask it, None = anybody, signed in or not; `logged` is
    what the access log says of it ("" = it shows nobody's children)."""

    name: str
    path: str
    answer: Callable[[Asking], Response]
    about: About
    who: frozenset[AccountRole] | None = ROLES
    method: str = "GET"
    logged: str = ""
    polled: bool = False
    """True where the answer stays the same until something happens, or the minute is over."""
    files: bool = False
    """True where its form brings files."""


ROUTES: tuple[PageRoute, ...] = (
    PageRoute("front", "/", front.front, About.NOBODY),
    PageRoute("round", "/rounds/{round}", rounds.round_page, About.SEEN, polled=True),
    PageRoute("round-excel", "/rounds/{round}/excel", excel.round_excel, About.SEEN),
    PageRoute("unit", "/units/{unit}", units.unit_page, About.UNIT, logged="opened"),
    PageRoute("unit-calendar", "/units/{unit}/calendar.ics", calendar.unit_ics, About.UNIT),
    PageRoute("drops", "/drops", drops.drops_page, About.SEEN),
    PageRoute("drop", "/drops/{drop}", drops.drop_page, About.DROP, logged="opened"),
    PageRoute(
        "original", "/drops/{drop}/original", drops.original, About.DROP, logged="downloaded"
    ),
    PageRoute(
        "delivered",
        "/drops/{drop}/files/{seq}",
        drops.delivered_file,
        About.DROP,
        logged="downloaded",
    ),
    PageRoute("letters", "/letters", letters.letters_page, About.SEEN),
    PageRoute(
        "letter-preview",
        "/letters/{key:path}/preview",
        letters.preview,
        About.LETTER,
        logged="opened",
    ),
    PageRoute("letter", "/letters/{key:path}", letters.letter_page, About.LETTER, logged="opened"),
    PageRoute("calendar", "/calendar", calendar.present_month, About.NOBODY),
    PageRoute("month", "/calendar/{month}", calendar.month_page, About.SEEN, polled=True),
    PageRoute("process", "/process", process.process_page, About.NOBODY),
    PageRoute("explain", "/explain", process.explain_page, About.NOBODY, CITY),
    PageRoute("config", "/config", config.config_page, About.NOBODY, ADMINS),
    PageRoute("config-file", "/config/files/{file:path}", config.file_page, About.NOBODY, ADMINS),
    PageRoute(
        "config-version", "/config/versions/{number}", config.version_page, About.NOBODY, ADMINS
    ),
    PageRoute("propose", "/config/try", config.propose, About.NOBODY, ADMINS, "POST", files=True),
    PageRoute(
        "proposal", "/config/proposals/{proposal}", config.proposal_page, About.NOBODY, ADMINS
    ),
    PageRoute(
        "use-config", "/config/proposals/{proposal}/use", config.use, About.NOBODY, ADMINS, "POST"
    ),
    PageRoute("search", "/search", search.search_page, About.SEEN),
    PageRoute("papers", "/papers/{round}", papers.papers_page, About.SEEN),
    PageRoute(
        "cover",
        "/units/{unit}/papers/{round}",
        papers.cover_page,
        About.UNIT,
        logged="opened",
    ),
    PageRoute(
        "cover-excel",
        "/units/{unit}/papers/{round}/excel",
        papers.cover_excel,
        About.UNIT,
        logged="downloaded",
    ),
    PageRoute("decide", "/drops/{drop}/decide", acts.decide, About.DROP, CITY, "POST"),
    PageRoute("again", "/letters/{key:path}/again", acts.send_again, About.LETTER, CITY, "POST"),
    PageRoute("arrange", "/units/{unit}/arrange", acts.arrange, About.UNIT, CITY, "POST"),
    PageRoute("undo", "/units/{unit}/undo", acts.undo, About.UNIT, CITY, "POST"),
    PageRoute(
        "papers-came", "/units/{unit}/papers", papers.papers_came, About.UNIT, ACTING, "POST"
    ),
    PageRoute("contact", "/units/{unit}/contact", unit_table.set_contact, About.UNIT, CITY, "POST"),
    PageRoute("units", "/units", unit_table.units_page, About.NOBODY, CITY),
    PageRoute("unit-table", "/unit-table.xlsx", unit_table.unit_table, About.NOBODY, CITY),
    PageRoute("take-table", "/units", unit_table.take_table, About.OWN, ADMINS, "POST", files=True),
    PageRoute("preview", "/unit-table/{parcel}", unit_table.preview_page, About.OWN, ADMINS),
    PageRoute("bring-in", "/unit-table/{parcel}", unit_table.bring_in, About.OWN, ADMINS, "POST"),
    PageRoute("send", "/send", handing_in.send_page, About.SEEN, ACTING),
    PageRoute("send-unit", "/units/{unit}/send", handing_in.send_unit_page, About.UNIT, ACTING),
    PageRoute(
        "take-files",
        "/units/{unit}/send",
        handing_in.take_files,
        About.UNIT,
        ACTING,
        "POST",
        files=True,
    ),
    PageRoute("sent", "/units/{unit}/sent", handing_in.sent_page, About.UNIT, ACTING),
    PageRoute(
        "checked",
        "/units/{unit}/checked/{parcel}",
        checking.checked_page,
        About.UNIT,
        ACTING,
        logged="opened",
    ),
    PageRoute(
        "marked",
        "/units/{unit}/checked/{parcel}/marked",
        checking.marked_copy,
        About.UNIT,
        ACTING,
        logged="downloaded",
    ),
    PageRoute(
        "send-checked",
        "/units/{unit}/checked/{parcel}",
        checking.send_checked,
        About.UNIT,
        ACTING,
        "POST",
    ),
    PageRoute("login", "/login", signing.login_page, About.NOBODY, None),
    PageRoute("sign-in", "/login", signing.sign_in, About.NOBODY, None, "POST"),
    PageRoute("openid", "/login/openid", openid.begin, About.NOBODY, None),
    PageRoute("openid-answer", "/login/openid/answer", openid.finish, About.NOBODY, None),
    PageRoute("sign-out", "/logout", signing.sign_out, About.OWN, ROLES, "POST"),
    PageRoute("invitation", "/invitation/{secret}", signing.invitation, About.OWN, None),
    PageRoute("accept", "/invitation/{secret}", signing.accept, About.OWN, None, "POST"),
    PageRoute("account", "/account", account.account_page, About.OWN),
    PageRoute("password", "/account/password", account.new_password, About.OWN, ROLES, "POST"),
    PageRoute("one-time", "/account/one-time", account.one_time, About.OWN, ROLES, "POST"),
    PageRoute("language", "/language/{language}", front.language, About.NOBODY, None),
    PageRoute("static", "/static/{file}", front.static, About.NOBODY, None),
    PageRoute("metrics", "/metrics", metrics.metrics, About.NOBODY, None),
    PageRoute("api-round", "/api/v1/rounds/{round}", api.round_json, About.SEEN, polled=True),
    PageRoute("api-calendar", "/api/v1/calendar/{round}", api.calendar_json, About.NOBODY),
    PageRoute("api-units", "/api/v1/units", api.units_json, About.SEEN),
    PageRoute("api-unit", "/api/v1/units/{unit}", api.unit_json, About.UNIT, logged="opened"),
    PageRoute("api-drops", "/api/v1/drops", api.drops_json, About.SEEN),
    PageRoute("api-drop", "/api/v1/drops/{drop}", api.drop_json, About.DROP, logged="opened"),
    PageRoute("api-letters", "/api/v1/letters", api.letters_json, About.SEEN),
    PageRoute(
        "api-letter", "/api/v1/letters/{key:path}", api.letter_json, About.LETTER, logged="opened"
    ),
    PageRoute("openapi", "/api/openapi.json", lambda asked: openapi(asked), About.NOBODY),
    PageRoute("healthz", "/healthz", front.healthz, About.NOBODY, None),
    PageRoute("readyz", "/readyz", front.readyz, About.NOBODY, None),
)


def openapi(_asked: Asking) -> Response:
    """Hand out the description of the JSON API."""
    return JSONResponse(describe(ROUTES))
