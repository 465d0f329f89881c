"""A small real site: two districts, six wards, the departments; real edges, a given clock."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.drops.drop import Drop, Role
from bhyt_filedrop.domain.drops.ids import WORK
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.settings import Settings, fingerprint, load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.daemon import Running, wired
from bhyt_filedrop.wiring.declared import world_of
from tests.sites import copied_config, local_tree, replaced

ROUND = Round(2015, 1)
DISTRICT, OTHER_DISTRICT = "760", "770"
MORNING = datetime(2015, 4, 20, 8, 30, tzinfo=ZONE)
"""A working day on which the first quarter's round is open and nobody has to be reminded yet."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Clock:
    """A given time that goes on by a millisecond with every question."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """Return the time."""
        self.now += timedelta(milliseconds=1)
        return self.now


def lay_out(directory: Path, *, derived: bool = False) -> Path:
    """Lay a site out, with its ledger; return the directory.

    Unless `derived`, the product makes no lists of its own there.
    """
    config = copied_config(directory)
    _few_units(config)
    if not derived:
        _nothing_derived(config / "process.toml")
    machine = config / "bhyt-filedrop.toml"
    replaced(machine, "quiet_seconds_without_lease = 10", "quiet_seconds_without_lease = 0")
    replaced(machine, "quiet_seconds_without_end = 180", "quiet_seconds_without_end = 0")
    made = init(directory, local_tree)
    open_books(made.settings).close()
    return directory


def _few_units(config: Path) -> None:
    """Leave the departments, Quận 1 with four wards and Quận 3 with two; all have an address."""
    table = config / "units.csv"
    header, *lines = table.read_text(encoding="utf-8-sig").splitlines()
    at = header.split(",").index("email")
    wards = {parent: [x for x in lines if f",ward,{parent}," in x] for parent in _WARDS}
    kept = [x for x in lines if ",city," in x or x.split(",")[0] in _WARDS]
    kept += [x for parent, count in _WARDS.items() for x in wards[parent][:count]]
    table.write_text("\n".join([header, *(_with_address(x, at) for x in kept)]), "utf-8")
    aliases = config / "place-aliases.csv"
    aliases.write_text(aliases.read_text(encoding="utf-8-sig").splitlines()[0] + "\n", "utf-8")


def _nothing_derived(process: Path) -> None:
    """Leave what people hand over: what the product makes itself would lie beside every list."""
    blocks = process.read_text(encoding="utf-8").split("\n[[handoff]]")
    kept = [_MADE.sub("", block) for block in blocks if not _MADE_ALONE.search(block)]
    last = blocks[-1] if _MADE_ALONE.search(blocks[-1]) else ""
    folders = last[last.find("\n[folders") :] if last else ""
    process.write_text("\n[[handoff]]".join(kept) + folders, encoding="utf-8")


_MADE = re.compile(r"^made_(by|from) = .*\n", re.MULTILINE)
_MADE_ALONE = re.compile(
    r'^id = "(card-drafts|unplaced|placed|card-request-draft|district-draft|allocation)"',
    re.MULTILINE,
)
_WARDS = {DISTRICT: 4, OTHER_DISTRICT: 2}


def _with_address(line: str, at: int) -> str:
    cells = line.split(",")
    cells[at] = f"unit-{cells[0]}@bhyt.example"
    return ",".join(cells)


@dataclass
class Site:
    """One site on disk, and the small things that a test wants to do with it."""

    directory: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def config(self) -> Path:
        """The folder that commands take as `--config`."""
        return self.directory / "config"

    @property
    def root(self) -> Path:
        """The tree's root."""
        return self.directory / "tree"

    @property
    def settings(self) -> Settings:
        """The configuration as it is now; read again only where it changed."""
        return _loaded(self.config, fingerprint(self.config))

    @property
    def units(self) -> Units:
        """All offices."""
        return self.settings.units

    def ward(self, n: int = 0, district: str = DISTRICT) -> str:
        """The id of a district's n-th ward."""
        return self.units.children(district)[n].id

    def set(self, old: str, new: str, file: str = "bhyt-filedrop.toml") -> None:
        """Change the configuration at the one place where `old` stands."""
        replaced(self.config / file, old, new)

    def set_handoff(self, handoff: str, line: str) -> None:
        """Add a key to one hand-off of the process."""
        self.set(f'id = "{handoff}"\n', f'id = "{handoff}"\n{line}\n', "process.toml")

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Put the daemon together on this site."""
        with wired(self.settings, self.clock) as running:
            yield running

    def once(self) -> None:
        """Handle everything that is there now, as `run --once` does."""
        with self.running() as running:
            running.daemon.once(_no_pause)

    # --- dropping ----------------------------------------------------------------------------

    def folder(self, unit: str, below: str = "") -> Path:
        """The folder that a unit drops into."""
        routes = world_of(self.settings).routes
        return self.root / routes.drop_folder(self.units[unit]) / below

    def own(self, unit: str, what: str) -> Path:
        """A unit's `inbox`, `received` or `returned` folder, that of the round where it has one.

        `from wards` is the folder where a district finds what its wards dropped.
        """
        routes = world_of(self.settings).routes
        if what == "from wards":
            ward = self.units.children(self.units[unit].id)[0]
            return self.root / routes.inbox(self.units[unit], ROUND, ward)
        if what == "returned":
            return self.root / routes.returned(self.units[unit])
        folder: Callable[..., str] = getattr(routes, what)
        return self.root / folder(self.units[unit], ROUND)

    def found(self, unit: str, what: str) -> dict[str, bytes]:
        """The files in one of a unit's own folders, by name."""
        folder = self.own(unit, what)
        return {p.name: p.read_bytes() for p in sorted(folder.glob("*"))} if folder.is_dir() else {}

    def drop(self, unit: str, name: str, data: bytes, below: str = "") -> Path:
        """Put a file into a unit's folder, whole, by one rename."""
        target = self.folder(unit, below) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        made = self.directory / "being-sent"
        made.write_bytes(data)
        made.replace(target)
        return target

    # --- what became of it ---------------------------------------------------------------------

    def drops(self) -> list[Drop]:
        """Every drop that was not void, the oldest first."""
        books = open_books(self.settings)
        try:
            arrived = reversed(books.drops.arrivals(limit=100_000))
            return [drop for drop in arrived if not drop.is_own]
        finally:
            books.close()

    def only(self) -> Drop:
        """The one drop there is."""
        (drop,) = self.drops()
        return drop

    def only_state(self, drop: Drop) -> State:
        """The state that a drop is in now."""
        return next(one.state for one in self.drops() if one.id == drop.id)

    def states(self) -> dict[str, State]:
        """The state of each drop, by the name its sender used (the last one of that name)."""
        return {drop.name: drop.state for drop in self.drops()}

    def codes(self, drop: Drop) -> list[str]:
        """The codes of what was found in a drop."""
        return [one["code"] for one in self.facts(drop)["findings"]]

    def facts(self, drop: Drop) -> dict[str, Any]:
        """Everything about a drop, as `show --json` tells it."""
        from click.testing import CliRunner

        from bhyt_filedrop.cli import cli

        shown = CliRunner().invoke(cli, ["show", drop.id, "--json", "--config", str(self.config)])
        assert shown.exit_code == 0, shown.output
        told: dict[str, Any] = json.loads(shown.output)
        return told

    def delivered(self, drop: Drop, role: Role) -> list[str]:
        """The paths of a drop's deliveries of one role."""
        return [d["path"] for d in self.facts(drop)["deliveries"] if d["role"] == role]

    def letter_keys(self) -> list[str]:
        """The keys of all letters but reminders, in order."""
        books = open_books(self.settings)
        try:
            with books.engine.connect() as connection:
                rows = connection.exec_driver_sql("SELECT key FROM letters ORDER BY key")
                return [k for (k,) in rows if not k.startswith("reminder/")]
        finally:
            books.close()

    def mails(self) -> list[EmailMessage]:
        """Every mail that was handed over."""
        folder = self.directory / "state" / "mail" / "new"
        parser = BytesParser(policy=modern)
        found = sorted(folder.glob("*")) if folder.is_dir() else []
        return [parser.parsebytes(path.read_bytes()) for path in found]  # type: ignore[misc]

    def left_in_work(self) -> list[str]:
        """What lies in the work area."""
        work = self.root / WORK
        return [p.name for p in work.rglob("*") if p.is_file()] if work.exists() else []

    def half_made(self) -> list[str]:
        """Files with a temporary name, anywhere on the site."""
        return [str(p) for p in self.directory.rglob(".*.part")] + [
            str(p) for p in (self.directory / "state" / "archive" / "incoming").glob("*")
        ]


@functools.lru_cache(maxsize=4)
def _loaded(config: Path, _mark: str) -> Settings:
    return load(config)


def _no_pause(seconds: float) -> None:
    """Nobody has to wait: quiet times are 0 on this site."""
    assert seconds >= 0


# --- lists -----------------------------------------------------------------------------------


def people(
    units: Units, district: str, count: int = 8, *, ward: int | None = None
) -> list[InventedChild]:
    """Made-up children of a district, or of one of its wards."""
    wards = units.children(district)
    chosen = wards[:4] if ward is None else wards[ward : ward + 1]
    return children(units, count, round=ROUND, seed=int(district) + (ward or 0), wards=chosen)


def workbook(
    units: Units,
    form: str,
    unit: str,
    group: Sequence[InventedChild],
    faults: Sequence[str] = (),
    *,
    scratch: Path,
) -> bytes:
    """An xlsx of one form as a unit would send it."""
    made = scratch / "made.xlsx"
    write_list(made, list_of(form, ROUND, units[unit], units, group), units, faults)
    data = made.read_bytes()
    made.unlink()
    return data


class SharedReader(WorkbookReader):
    """A reader that outlives the daemons of many tests: its child starts once."""

    def close(self) -> None:
        """Stay open for the next one."""


def copied(template: Path, directory: Path) -> Site:
    """A fresh site, copied from one that was laid out before."""
    shutil.copytree(template, directory, dirs_exist_ok=True, copy_function=_plain_copy)
    return Site(directory)


def _plain_copy(source: str, target: str) -> str:
    """Copy bytes alone: cheap, and a new file has the present time."""
    with open(source, "rb") as data, open(target, "wb") as out:  # noqa: PTH123
        os.sendfile(out.fileno(), data.fileno(), 0, os.fstat(data.fileno()).st_size)
    return target
