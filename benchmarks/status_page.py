"""The status page of a full round after five years: how long the server takes for each page.

The ledger is that of `years.py`: 24 districts and 322 wards over twenty rounds. Asked over a
socket of this machine; what is remembered between two looks of one minute is forgotten before each,
so that each page is worked out anew. The bounds are 150 ms, and 10 ms where nothing happened.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ROUND
from sqlalchemy import event
from years import NOW, fill

from bhyt_filedrop.domain.access.accounts import Account, AccountRole
from bhyt_filedrop.service import run_once
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.web.serve import PageServer
from bhyt_filedrop.wiring.books import Books, open_books
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.page import accounts_of, office_of
from bhyt_filedrop.wiring.trees import open_tree

DISTRICT = "760"
OPENED = ",".join(str(number) for number in range(760, 790))
PAGES = {
    "round": "/rounds/2015Q1",
    "round, all units opened": f"/rounds/2015Q1?open={OPENED}",
    "round, who owes": "/rounds/2015Q1?show=owing",
    "unit": f"/units/{DISTRICT}",
    "drops": "/drops",
    "letters": "/letters",
    "calendar": "/calendar/2015-06",
    "search": "/search?q=Qu%E1%BA%ADn",
    "search a child that is not there": "/search?q=Zzz&children=1",
    "papers": "/papers/2015Q1",
    "process": "/process",
    "metrics": "/metrics",
    "api: round": "/api/v1/rounds/2015Q1",
}


def pages_of(books: Books) -> dict[str, str]:
    """Every page, those of a file that went back and of its letter among them."""
    (drop,) = books.drops.arrivals(state="returned", unit=DISTRICT, limit=1)
    key, _, _ = books.letters.of_drop(drop.id)[0]
    return PAGES | {"drop": f"/drops/{drop.id}", "letter": f"/letters/{key}"}


def send_back(settings: Settings) -> None:
    """Let the daemon send back a district's list of 300 children with some mistakes."""
    group = children(settings.units, 3000, round=ROUND, seed=3)
    mine = [one for one in group if settings.units[one.ward].parent == DISTRICT][:300]
    wanted = list_of("form-3", ROUND, settings.units[DISTRICT], settings.units, mine)
    folder = world_of(settings).routes.drop_folder(settings.units[DISTRICT])
    path = Path(settings.trees[0].root) / folder / "mẫu 3.xlsx"
    write_list(path, wanted, settings.units, ["row.birth-date-missing"] * 5)
    run_once(settings, lambda: NOW, time.sleep)


def filled(folder: Path, rounds: int) -> Settings:
    """A site with so many rounds in its ledger, made where it is not there yet."""
    if (folder / "config").exists():
        return load(folder / "config")
    settings = init(folder, open_tree).settings
    with closing(open_books(settings)) as books:
        event.listen(books.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        books.engine.dispose()
        fill(settings, books, rounds)
    send_back(settings)
    return settings


class Visitor:
    """Somebody who is signed in and keeps the line open."""

    def __init__(self, server: PageServer, cookie: str) -> None:
        self._line = http.client.HTTPConnection(*server.address, timeout=600)
        self._headers = {"Cookie": f"bhyt_session={cookie}"}

    def ask(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """Ask for a page and read it."""
        self._line.request("GET", path, headers={**self._headers, **headers})
        answer = self._line.getresponse()
        self.size = len(answer.read())
        return answer


def measured(run: Callable[[], object], times: int, before: Callable[[], object]) -> list[float]:
    """Wall-clock and processor milliseconds of `run`, medians; one run before warms it up."""
    wall, work = [], []
    for _ in range(times + 1):
        before()
        started, worked = time.perf_counter(), time.process_time()
        run()
        wall.append((time.perf_counter() - started) * 1000)
        work.append((time.process_time() - worked) * 1000)
    return [statistics.median(wall[1:]), statistics.median(work[1:])]


@contextmanager
def visiting(settings: Settings, books: Books) -> Iterator[tuple[Visitor, Callable[[], object]]]:
    """An admin who is signed in, and what makes the page forget what it remembers."""
    accounts_of(books).add(Account("admin", AccountRole.ADMIN, "", "", datetime.now(UTC)))
    office = office_of(settings, world_of(settings), books, lambda: NOW)
    server = PageServer(office)
    server.start()
    try:
        visitor = Visitor(server, server.door.signing_in.begin("admin", "127.0.0.1"))
        yield visitor, office.status.forget  # type: ignore[attr-defined]
    finally:
        server.stop()


def measure(settings: Settings, books: Books, times: int) -> None:
    """Print what each page takes."""
    with visiting(settings, books) as (visitor, forget):
        for name, path in pages_of(books).items():
            wall, work = measured(lambda: visitor.ask(path), times, forget)  # noqa: B023
            mark = visitor.ask(path).headers["ETag"]
            print(f"  {name:33} {wall:8.1f} ms {work:8.1f} ms of processor {visitor.size:9,} B")
            if mark:
                again = measured(
                    lambda: visitor.ask(path, **{"If-None-Match": mark}),  # noqa: B023
                    times,
                    lambda: None,
                )
                print(f"  {'… nothing happened':33} {again[0]:8.1f} ms {again[1]:8.1f} ms")


def main() -> None:
    """Fill a ledger and measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--times", type=int, default=5)
    asked.add_argument("--keep", type=Path, help="a folder that the site is left in")
    chosen = asked.parse_args()
    with TemporaryDirectory() as scratch:
        settings = filled(chosen.keep or Path(scratch), chosen.rounds)
        with closing(open_books(settings)) as books:
            print(f"{books.drops.counts()} drops, {books.letters.counts()} letters")
            measure(settings, books, chosen.times)


if __name__ == "__main__":
    main()
