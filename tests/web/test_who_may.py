"""Whose affairs an account gets to see: asked of every row of the table of routes.

A new route is asked too; where this file does not know how to reach another unit's affairs by it,
the test fails and says so.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from bhyt_filedrop.domain.access.accounts import AccountRole
from bhyt_filedrop.web.routes import ROLES, ROUTES, About, PageRoute
from tests.journey.site import OTHER_DISTRICT
from tests.web.played import PEOPLE, Answer, PlayedPage, Visitor

Reach = Callable[[PlayedPage, str], str]
"""Returns what of a unit's a path names."""

REACH: dict[About, Reach] = {
    About.UNIT: lambda page, unit: unit,
    About.DROP: lambda page, unit: page.dropped_by(unit).id,
    About.LETTER: lambda page, unit: page.letter_to(unit),
}
"""How the affairs of a unit are asked for, for routes whose path names them."""

SEEN: dict[str, tuple[str, ...]] = {
    "papers": ("/papers/2015Q1",),
    "send": ("/send",),
    "api-round": ("/api/v1/rounds/2015Q1",),
    "api-units": ("/api/v1/units",),
    "api-drops": ("/api/v1/drops", "/api/v1/drops?q=xlsx"),
    "api-letters": ("/api/v1/letters",),
    "round-excel": ("/rounds/2015Q1/excel",),
    "drops": ("/drops", "/drops?q=xlsx", "/drops?state=returned"),
    "letters": ("/letters", "/letters?state=sent"),
    "month": ("/calendar/2015-06",),
    "search": ("/search?q=Ph%C6%B0%E1%BB%9Dng", "/search?q=xlsx", "/search?q=o&children=1"),
    "round": ("/rounds/2015Q1", "/rounds/2015Q1?show=owing", "/rounds/2015Q1?open=760,770"),
}
"""Pages of many units, as they are asked."""


def rows(*abouts: About) -> list[PageRoute]:
    return [route for route in ROUTES if route.about in abouts]


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if "{" in r.path and r.who is not None], ids=lambda r: r.name
)
def test_what_a_path_names_is_looked_up_at_the_door(route: PageRoute):
    """A route that names a unit, drop or letter cannot say that it is about nobody."""
    names = {"unit": About.UNIT, "drop": About.DROP, "key": About.LETTER}
    wanted = {about for name, about in names.items() if "{" + name in route.path}

    assert wanted <= {route.about}
    assert wanted or route.about in (About.SEEN, About.NOBODY, About.OWN)


@pytest.mark.parametrize(
    "route", rows(About.UNIT, About.DROP, About.LETTER), ids=lambda route: route.name
)
def test_what_is_another_units_is_not_there(page: PlayedPage, route: PageRoute):
    """A ward asks for a sister ward and for its district, a district for another's: as if there
    were none. Each may ask for itself, a district for its wards, the city for all."""
    first, second = (page.site.ward(n) for n in range(2))
    strangers = [(first, second), (second, first), ("quan-3", first), (first, OTHER_DISTRICT)]
    friends = [("phong-thu", first)]
    if route.who and AccountRole.UNIT in route.who:
        friends += [(first, first), ("quan-1", first)]

    for who, unit in strangers:
        assert ask(page, route, who, unit) == 404, f"{who} asks for {unit}"
    for who, unit in friends:
        assert ask(page, route, who, unit) != 404, f"{who} asks for {unit}"


def ask(page: PlayedPage, route: PageRoute, who: str, unit: str) -> int:
    reach = REACH.get(route.about)
    assert reach, f"say in REACH how {route.about} is asked of a unit"
    visitor = page.visitor(who if "-" in who else f"xa-{who}")
    path = re.sub(r"\{(unit|drop|key)[^}]*\}", quote(reach(page, unit)), route.path)
    path = path.replace("{seq}", "0").replace("{round}", "2015Q1")
    if "{parcel}" in path:
        path = path.replace("{parcel}", parcel_of(page, who, visitor, unit))
    if route.method == "POST":
        visitor.get("/account")
        return visitor.post(path, {"round": "2015Q1", "number": "1"}).status
    return visitor.get(path).status


def parcel_of(page: PlayedPage, who: str, visitor: Visitor, unit: str) -> str:
    """A file that was given to be checked for a unit: one's own, or where one may give none for
    that unit, somebody else's."""
    wish, file = {"action": "check"}, b"%PDF-1.4\n%%EOF\n"
    for giver in (visitor, page.visitor("phong-thu")):
        giver.get("/account")
        given = giver.upload(f"/units/{unit}/send", wish, cong_van=file)
        if given.status != 404:
            break
    assert given.status == 303, f"{who}: {given.text}"
    path = given.headers["location"]
    until = time.monotonic() + 60
    while "hx-get" in giver.get(path).text and time.monotonic() < until:
        time.sleep(0.1)
    return path.rpartition("/")[2]


@pytest.fixture(autouse=True)
def no_parcel_is_left(page: PlayedPage) -> Iterator[None]:
    yield
    page.server.office.parcels.drop_all()


@pytest.mark.parametrize("route", rows(About.SEEN), ids=lambda route: route.name)
def test_a_page_of_many_units_leaves_out_those_that_are_not_ones_own(
    page: PlayedPage, route: PageRoute
):
    assert route.name in SEEN, "say in SEEN how this page is asked"
    units, first = page.site.units, page.site.ward(0)
    hidden = [u.name for u in units if u.id != first and u.parent] + ["Quận 3"]
    hidden += [child.name for child in page.children_of(OTHER_DISTRICT)]
    for path in SEEN[route.name]:
        told = page.visitor(f"xa-{first}").get(path)
        whole = page.visitor("phong-thu").get(path)

        assert told.status == 200, path
        assert [name for name in hidden if name in said(told)] == [], path
        assert said(whole) != said(told), path


def said(answer: Answer) -> str:
    """What an answer says, the text of a workbook too."""
    if answer.body[:2] != b"PK":
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.who is not None], ids=lambda route: route.name
)
def test_nobody_gets_in_without_a_session(page: PlayedPage, route: PageRoute):
    visitor = page.visitor()
    path = route.path.replace("{", "").replace("}", "")
    answer = visitor.get(path) if route.method == "GET" else visitor.post(path, {})

    if path.startswith("/api/"):
        assert (answer.status, answer.text) == (401, '{"error":"not signed in"}')
    else:
        assert answer.status == 303 and answer.headers["location"].startswith("/login")


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.who is not None and r.who != ROLES], ids=lambda r: r.name
)
def test_what_a_role_may_not_do_is_not_there_for_it(page: PlayedPage, route: PageRoute):
    people = {role: name for name, (role, _) in PEOPLE.items()}
    path = re.sub(r"\{(\w+)[^}]*\}", r"\1", route.path)
    for role in ROLES - (route.who or ROLES):
        visitor = page.visitor(people[role])
        visitor.get("/account")
        answer = visitor.get(path) if route.method == "GET" else visitor.post(path, {})
        assert answer.status == 404, role


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r.method == "POST" and r.about not in (About.OWN, About.NOBODY)],
    ids=lambda route: route.name,
)
def test_who_only_looks_changes_nothing(route: PageRoute):
    assert route.who is not None and AccountRole.VIEWER not in route.who


def test_what_shows_children_is_written_down():
    """Whoever opens a drop, or gets a file of it, stands in the access log."""
    silent = [
        r.name for r in ROUTES if r.about is About.DROP and r.method == "GET" and not r.logged
    ]

    assert silent == []
