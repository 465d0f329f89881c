"""Several machines that share a ledger, an archive and a tree, each with a state of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.wiring.books import open_books
from tests.journey.scenes import form_3, form_4
from tests.journey.site import DISTRICT, Site
from tests.servers.postgres import Postgres

REPOSITORY = Path(__file__).resolve().parents[2]


def on_server(site: Site, server: Postgres, port: int | None = None) -> Site:
    """Have a site's ledger on a server of its own database; return the site."""
    url = server.url(server.database())
    url = re.sub(r":\d+/", f":{port}/", url) if port else url
    machine = site.config / "bhyt-filedrop.toml"
    machine.write_text(f'{machine.read_text("utf-8")}\n[ledger]\nurl = "{url}"\n', "utf-8")
    return site


def documented(page: str) -> str:
    """The settings that the page about several machines shows."""
    return re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0]


def as_documented(there: Site, root: Path, archive: Path, url: str) -> Site:
    """Give a machine the documented settings, with what is this test's in the place of theirs."""
    settings = there.config / "bhyt-filedrop.toml"
    kept = there.directory / "state" / "archive"
    if kept.is_symlink():  # that of one machine is nothing to another
        kept.unlink()
    wanted = documented((REPOSITORY / "docs" / "several-machines.md").read_text("utf-8"))
    for theirs, ours in (
        ("/srv/trao-doi", str(root)),
        ("postgresql+psycopg://bhyt@db.bhyt.example/bhyt", url),
        ("file:///mnt/bhyt-kho", f"file://{archive}"),
    ):
        assert wanted.count(f'"{theirs}"') == 1
        wanted = wanted.replace(theirs, ours)
    settings.write_text(f"{wanted}\n{_AT_ONCE}", encoding="utf-8")
    return there


_AT_ONCE = "[sweep]\nquiet_seconds_without_lease = 0\nquiet_seconds_without_end = 0\n"


def machine(site: Site, name: str, *, host: str = "127.0.0.1") -> Site:
    """One more machine beside a site whose ledger is on a server; `host` is how it reaches it."""
    there = site.directory / name
    shutil.copytree(site.config, there / "config")
    settings = there / "config" / "bhyt-filedrop.toml"
    text = settings.read_text(encoding="utf-8").replace("@127.0.0.1:", f"@{host}:")
    root = re.compile(r'^root = ".*"', re.MULTILINE)
    settings.write_text(root.sub(f'root = "{site.root}"', text, count=1), encoding="utf-8")
    archive = site.directory / "state" / "archive"
    archive.mkdir(parents=True, exist_ok=True)
    (there / "state").mkdir()
    (there / "state" / "archive").symlink_to(archive)
    return Site(there, site.clock)


def drop_many(site: Site, count: int) -> list[str]:
    """Drop returns of a district and its wards, corrections of them, some that are bad; return
    their names."""
    names = []
    for n in range(count):
        who, faults = n % 5, ("row.birth-date-missing",) if n % 7 == 6 else ()
        unit = site.ward(who - 1) if who else DISTRICT
        names.append(f"{n:03} {unit}.xlsx")
        data = (
            form_4(site, *faults, count=3 + n // 5 % 5, ward=who - 1)
            if who
            else form_3(site, *faults, count=5 + n // 5)
        )
        site.drop(unit, names[-1], data)
    return names


def void(site: Site) -> list[str]:
    """The drops whose claim found nothing."""
    books = open_books(site.settings)
    try:
        return [drop.id for drop in books.drops.arrivals(state=State.VOID.value, limit=1000)]
    finally:
        books.close()


def message_ids(machines: Sequence[Site]) -> list[str]:
    """The mails that all machines together handed over."""
    return sorted(str(mail["Message-ID"]) for one in machines for mail in one.mails())


def tree_of(site: Site) -> dict[str, int]:
    """What lies in the tree, without the drops' numbers: how many files of each name."""
    found: dict[str, int] = {}
    for path in sorted(site.root.rglob("*")):
        if path.is_file() and ".bhyt-filedrop" not in path.parts:
            name = NUMBER.sub("…", path.relative_to(site.root).as_posix())
            found[name] = found.get(name, 0) + 1
    return found


NUMBER = re.compile(r"D\d{6}-[0-9A-Z]{5,6}")
