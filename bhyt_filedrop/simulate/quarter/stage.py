"""The running site on which a quarter is played: a clock that is set by hand, and the drop folders.

The real daemon does the work; only its clock is ours, so that it waits for nothing. A played
quarter need not survive a power cut, so nothing waits for the disk either.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import Tree, TryLater
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.quarter.population import Key
from bhyt_filedrop.simulate.quarter.roles import Roles
from bhyt_filedrop.wiring.daemon import Running, wired

NEW = timedelta(0)

SURVEY_SECONDS = 7 * 24 * 3600.0
"""Between two moments of a play lie hours, and each would have the whole base surveyed, as the
service does every half hour: nobody in it puts a file where no sweep looks."""

MARK = "CẦN SỬA"
"""Stands in the name of every annotated copy."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """One file that an actor dropped, and what must become of it.

    `path` is relative to the tree's root. `planted` are its faults; `returned` says that one of
    them sends it home.
    """

    unit: str
    path: str
    at: datetime
    sha256: str
    planted: tuple[Planted, ...] = ()
    returned: bool = False
    repeats: bool = False
    """The same bytes were accepted before."""
    more: bool = False
    """Comes on top of a return that is complete without it."""
    replaced: bool = False
    """Is replaced while its return still waits for another list, so that it goes to nobody."""
    replaces: str = ""
    """The path of the older file beside it that its letters must name as replaced."""
    written: datetime | None = None
    """When it was last written, where that was before it was dropped."""

    @property
    def since(self) -> datetime:
        """The moment of which the product may say that the file was there."""
        return self.written or self.at


Make = Callable[[Path], Sequence[Planted] | None]
"""Writes a file and says which faults are in it."""


@dataclass
class Stage:
    """A site at work, and what the actors noticed on it.

    `strangers` are rows that a party was given and that are none of its own, `unplaced` the
    children whom a clerk of Phòng Thu had to place, `carded_late` those who got a card after all.
    `overlooked` is what an office asked about and was not told.
    """

    running: Running
    round: Round
    now: datetime
    dropped: list[Dropped] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    unplaced: frozenset[Key] = frozenset()
    carded_late: set[Key] = field(default_factory=set)
    overlooked: list[str] = field(default_factory=list)
    waited: float = 0.0
    is_full: bool = False
    """Nothing can be put into the tree: its disk has no room."""

    def __post_init__(self) -> None:
        for worker in self.running.daemon.workers.values():
            worker.steady = lambda: self.now.timestamp() + self.waited
            worker.survey_seconds = SURVEY_SECONDS
        for tree in self.running.trees.values():
            self._fill_up(tree)

    def _fill_up(self, tree: Tree) -> None:
        put = tree.put

        def put_or_refuse(source: Path, path: str, access: FileAccess = AS_IT_COMES) -> None:
            if self.is_full:
                raise TryLater(f"put {path}: no room")
            put(source, path, access)

        setattr(tree, "put", put_or_refuse)  # noqa: B010

    @cached_property
    def roles(self) -> Roles:
        """Who plays which part."""
        return Roles.of(self.running.world.process)

    @property
    def root(self) -> Path:
        """The folder of the tree."""
        return Path(self.running.settings.trees[0].root)

    def unit(self, id: str) -> Unit:
        """Return an office."""
        return self.running.world.units[id]

    def above(self, unit: str) -> str:
        """Return the office that a unit answers to."""
        return self.unit(unit).parent or self.roles.splitter

    def inbox(self, unit: str, subfolder: str = "", giver: str = "") -> list[Path]:
        """Return what an office was delivered in this round (by `giver`), oldest first."""
        routes, whose = self.running.world.routes, self.unit(giver) if giver else None
        folder = self.root / routes.inbox(self.unit(unit), self.round, whose)
        return _files(folder / subfolder)

    def returned(self, unit: str) -> list[Path]:
        """Return what went back to an office, oldest first."""
        return _files(self.root / self.running.world.routes.returned(self.unit(unit)))

    def drop(
        self, unit: str, name: str, make: Make, *, returned: bool = False, more: bool = False,
        replaced: bool = False, replaces: str = "", age: timedelta = NEW,
    ) -> Dropped:  # fmt: skip
        """Put a file into an office's folder as an FTP server does: whole, by one rename.

        With an `age` it keeps the time at which it was last written.
        """
        folder = self.running.world.routes.drop_folder(self.unit(unit))
        path = f"{folder}/{name}"
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        making = self.root / ".making" / target.name
        making.parent.mkdir(exist_ok=True)
        planted = tuple(make(making) or ())
        sha256 = hashlib.sha256(making.read_bytes()).hexdigest()
        if age:
            os.utime(making, ((self.now - age).timestamp(),) * 2)
        shutil.move(making, target)
        repeats = any((d.unit, d.sha256, d.returned) == (unit, sha256, False) for d in self.dropped)
        written = self.now - age if age else None
        one = Dropped(unit, path, self.now, sha256, planted, returned, repeats, more, replaced,
                      replaces, written)  # fmt: skip
        self.dropped.append(one)
        return one

    def handle(self, at: datetime) -> None:
        """Let the daemon do at a moment whatever there is to do."""
        self.now = at
        self.running.daemon.once(self._wait)

    def _wait(self, seconds: float) -> None:
        self.waited += seconds


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted((p for p in folder.iterdir() if p.is_file()), key=lambda p: p.stat().st_mtime_ns)


@contextmanager
def open_stage(settings: Settings, round_: Round, start: datetime) -> Iterator[Stage]:
    """Run a site on a given clock until the play is over."""
    stage: Stage | None = None

    def clock() -> datetime:
        return stage.now if stage else start

    with _without_syncs(), _rare_collections(), wired(settings, clock) as running:
        _relax(running)
        stage = Stage(running, round_, start)
        yield stage
        shutil.rmtree(stage.root / ".making", ignore_errors=True)


@contextmanager
def _without_syncs() -> Iterator[None]:
    """Let every fsync of this process pass for done while a play runs."""
    real = os.fsync
    os.fsync = lambda fd: None
    try:
        yield
    finally:
        os.fsync = real


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cyclic garbage rarely: a city's worth of lists in memory makes each look dear."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _relax(running: Running) -> None:
    """Let SQLite commit without waiting for the disk."""
    engine = running.books.engine
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    engine.dispose()
