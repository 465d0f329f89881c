"""A small round played up to a morning on which something of each kind stands, and its page."""

from __future__ import annotations

import http.client
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from bhyt_filedrop.domain.access.accounts import Account, AccountRole
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.edges.ledger.pagebook import LedgerPage
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.web.serve import PageServer
from bhyt_filedrop.web.signing_in import hash_password
from bhyt_filedrop.wiring.books import Books, extensions_of, open_books
from bhyt_filedrop.wiring.declared import with_extensions, world_of
from bhyt_filedrop.wiring.page import office_of
from tests.journey.parties import SENDING, form, kids, send
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Clock, Site, copied
from tests.sites import replaced

PASSWORD = "mật khẩu đủ dài"
MORNING_AFTER = datetime(2015, 6, 16, 9, tzinfo=ZONE)
"""The day after the wards' lists were due."""

SEEN_AT = datetime(2015, 6, 16, 9, 30, tzinfo=ZONE)
"""When the page is looked at."""

SIGNED_UP = datetime(2026, 11, 30, 8, tzinfo=UTC)

PEOPLE = {
    "quan-tri": (AccountRole.ADMIN, ""),
    "phong-thu": (AccountRole.DEPARTMENT, "thu"),
    "ban-giam-doc": (AccountRole.VIEWER, ""),
    "quan-1": (AccountRole.UNIT, DISTRICT),
    "quan-3": (AccountRole.UNIT, OTHER_DISTRICT),
}
"""Who has an account; the wards' are named by their ids."""

ROUND_PAGE = "/rounds/2015Q1"


def play(template: Path, directory: Path) -> Site:
    """Play the round: one ward's list goes back, one's is a part, one's is late, one is silent."""
    site = copied(template, directory)
    site.clock.now = SENDING
    group = kids(site, 20)
    send(site, group)
    first, second, third = (site.ward(n) for n in range(3))
    of = {ward: [child for child in group if child.ward == ward] for ward in site.units.by_id}
    site.clock.now = MORNING_AFTER
    faulty = form(site, "form-4", first, of[first][:2], ["row.birth-date-missing"])
    site.drop(first, "danh sách.xlsx", faulty)
    site.drop(second, "mẫu 4.xlsx", form(site, "form-4", second, of[second][:2]))
    site.drop(third, "mẫu 4.xlsx", form(site, "form-4", third, of[third][:1]))
    site.drop(third, "D03.xlsx", form(site, "d03-ts-1111", third, of[third][1:]))
    site.drop(OTHER_DISTRICT, "công văn.pdf", b"%PDF-1.4\n%%EOF\n")
    site.once()
    machine = site.config / "bhyt-filedrop.toml"
    replaced(machine, "enabled = false", "enabled = true")
    replaced(machine, '"127.0.0.1:8331"', '"127.0.0.1:0"')
    with closing(open_books(load(site.config))) as books:
        enrol(books, [ward.id for ward in site.units.of_kind("ward")])
    return site


def enrol(books: Books, wards: list[str]) -> None:
    """Give everybody an account with the one password."""
    from bhyt_filedrop.wiring.page import accounts_of

    accounts, password = accounts_of(books), hash_password(PASSWORD)
    people = PEOPLE | {f"xa-{ward}": (AccountRole.UNIT, ward) for ward in wards}
    for name, (role, unit) in people.items():
        accounts.add(Account(name, role, unit, "", SIGNED_UP, password=password))


@dataclass
class PlayedPage:
    """The page of a played site, served on a free port."""

    site: Site
    books: Books
    server: PageServer
    clock: Clock
    """The site's time."""
    real: Clock
    """The time of sessions."""
    drops: list[Drop] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Its address."""
        host, port = self.server.address
        return f"http://{host}:{port}"

    def visitor(self, name: str = "") -> Visitor:
        """Somebody with a browser's habits; signed in where a name is given."""
        found = Visitor(self)
        if name:
            answer = found.post("/login", {"name": name, "password": PASSWORD})
            assert answer.status == 303, answer.text
        return found

    def letter_to(self, unit: str) -> str:
        """The key of a letter to a unit."""
        shown = LedgerPage(self.books.engine).letters([unit], limit=1)
        return shown[0].key

    def children_of(self, district: str) -> list[InventedChild]:
        """Who is on the lists of a district."""
        wards = {ward.id for ward in self.site.units.children(district)}
        return [child for child in kids(self.site, 20) if child.ward in wards]

    def dropped_by(self, unit: str) -> Drop:
        """The only drop of a unit's own."""
        (found,) = (drop for drop in self.drops if drop.unit == unit and not drop.is_own)
        return found


@contextmanager
def served(site: Site) -> Iterator[PlayedPage]:
    """Serve the page of a site until the block ends."""
    settings = load(site.config)
    clock, real = Clock(SEEN_AT), Clock(SIGNED_UP)
    with closing(open_books(settings)) as books:
        world = with_extensions(world_of(settings), extensions_of(books))
        office = office_of(settings, world, books, clock, real)
        server = PageServer(office)
        server.start()
        drops = list(books.drops.arrivals(limit=1000))
        try:
            yield PlayedPage(site, books, server, clock, real, drops)
        finally:
            server.stop()
            office.close()


def fresh(site: Site, directory: Path) -> Site:
    """A copy of a played site, to change."""
    shutil.copytree(site.directory, directory, dirs_exist_ok=True)
    return Site(directory)


@dataclass(frozen=True)
class Answer:
    """What the page answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """As text."""
        return self.body.decode()


class Visitor:
    """Asks the page over a socket, keeps its cookies, and sends the token of the last page."""

    def __init__(self, page: PlayedPage) -> None:
        self._page = page
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """Send a form from our own page, as a browser does."""
        given = {"Sec_Fetch_Site": "same-origin", **headers}
        return self._ask("POST", path, urlencode({"token": self.token, **fields}), given)

    def upload(self, path: str, fields: Mapping[str, str], **files: bytes) -> Answer:
        """Send a form with files from our own page; a file is named by its keyword."""
        return self.upload_as(path, fields, [(f"{n}.xlsx", data) for n, data in files.items()])

    def upload_as(
        self, path: str, fields: Mapping[str, str], files: Iterable[tuple[str, bytes]]
    ) -> Answer:
        """The same with files whose names say all."""
        fields = {"token": self.token, **fields}
        parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
        parts += [
            f'name="files"; filename="{name}"\r\n\r\n'.encode() + data for name, data in files
        ]
        begin = b"--bound\r\nContent-Disposition: form-data; "
        body = b"".join(begin + part + b"\r\n" for part in parts) + b"--bound--\r\n"
        kind = "multipart/form-data; boundary=bound"
        return self._ask("POST", path, body, {"Sec_Fetch_Site": "same-origin"}, kind)

    def _ask(
        self,
        method: str,
        path: str,
        body: str | bytes | None,
        headers: Mapping[str, str],
        kind: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        host, port = self._page.server.address
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            sent["Content-Type"] = kind
        with closing(http.client.HTTPConnection(host, port, timeout=60)) as line:
            line.request(method, path, body, sent)
            got = line.getresponse()
            for cookie in got.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value.strip('"')
            answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        found = re.search(r'name="token" value="([^"]+)"', answer.body.decode(errors="replace"))
        self.token = found[1] if found else self.token
        return answer
