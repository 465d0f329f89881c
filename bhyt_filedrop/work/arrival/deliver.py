"""Apply a plan: each delivery is made once, put whole or not at all, ticked; then it closes."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Attachment
from bhyt_filedrop.ports import (
    Annotator,
    Archive,
    Clock,
    DropBook,
    Tree,
    TryLater,
)
from bhyt_filedrop.work.arrival.make_room import put_aside

log = logging.getLogger(__name__)

MAX_BLOCKED = 3
"""Deliveries of one drop that may fail at a turn: one office's closed folder holds up nobody else,
a server that is gone is not asked three hundred times."""

TICKED_TOGETHER = 8
TICK_SECONDS = 0.5
"""Deliveries that are ticked in one transaction, and within what time: after a crash these are put
once more, the same bytes under the same names."""


@dataclass
class _Ticks:
    """The deliveries of a drop that are made and not ticked yet."""

    drop: str
    drops: DropBook
    clock: Clock
    steady: Callable[[], float]
    done: list[int] = field(default_factory=list)
    since: float = 0.0

    def add(self, seq: int) -> None:
        """One more is made; those before it are ticked where they are many or wait for long."""
        now = self.steady()
        if len(self.done) == TICKED_TOGETHER or now - self.since > TICK_SECONDS:
            self.write()
            self.since = now
        self.done.append(seq)

    def write(self) -> None:
        """Tick them."""
        if self.done:
            self.drops.delivered(self.drop, self.done, self.clock())
            self.done = []


@dataclass
class Delivering:
    """Makes what a plan delivers and puts it where it goes."""

    trees: Mapping[str, Tree]
    archive: Archive
    drops: DropBook
    annotator: Annotator
    publish: Callable[[Mapping[str, Any], Path], None]
    """Writes the workbook of a derived list by its recipe."""
    clock: Clock
    attach_max_bytes: int
    step: Callable[[], None] = lambda: None
    """Called before each delivery: three hundred that are slow are no hang."""
    steady: Callable[[], float] = time.monotonic
    never_attach: Container[str] = ()
    """Units whose letters carry no workbook."""

    def apply(self, drop: Drop) -> State:
        """Make every delivery that is not ticked yet, then close the drop; return its state.

        Raises TryLater where one cannot be made now (the others were made all the same), or while
        an earlier file of the same return is under way: a correction never arrives before what it
        corrects.
        """
        if self.drops.waits_behind(drop.id):
            raise TryLater("an earlier file of the same return is not delivered yet")
        pending = self.drops.pending(drop.id)
        ticks = _Ticks(drop.id, self.drops, self.clock, self.steady)
        try:
            self._deliver_all(drop, pending, ticks)
        except Exception:
            ticks.write()
            raise
        state = self.drops.close(drop.id, self.clock(), ticks.done, self._attachments(drop))
        log.info("drop.closed", extra={"drop": drop.id, "state": state})
        return state

    def _deliver_all(
        self, drop: Drop, pending: Iterable[tuple[int, Delivery]], ticks: _Ticks
    ) -> None:
        """Put each file. Raises TryLater where one could not be put, after the others were."""
        made: dict[str, str] = {}
        failed: list[TryLater] = []
        for seq, delivery in pending:
            self.step()
            try:
                self._deliver(drop, seq, delivery, made)
                ticks.add(seq)
            except TryLater as error:
                failed.append(error)
                if len(failed) == MAX_BLOCKED:
                    break
        if failed:
            raise failed[0]

    def _deliver(self, drop: Drop, seq: int, delivery: Delivery, made: dict[str, str]) -> None:
        """Put one file; what goes to two places (`made`: by recipe or source) is made once."""
        tree = self.trees[delivery.tree]
        if delivery.role is Role.RETIRED:
            self._retire(drop, seq, delivery)
            return
        sha256 = delivery.sha256
        if sha256 is None:
            recipe = json.dumps(delivery.recipe) if delivery.recipe else ""
            recipe = delivery.source if delivery.role is Role.FORWARD else recipe
            sha256 = made.get(recipe) or self._make(drop, delivery)
            made |= {recipe: sha256} if recipe else {}
            self.drops.made(drop.id, seq, sha256)
        if delivery.role is Role.DERIVED and drop.id not in delivery.path:
            put_aside(tree, self.archive, delivery.path, drop.id, delivery.access)
        tree.put(self.archive.path(sha256), delivery.path, delivery.access)

    def _retire(self, drop: Drop, seq: int, delivery: Delivery) -> None:
        """Take a draft away; what was there is noted, so that it can be had again."""
        tree = self.trees[delivery.tree]
        there = put_aside(tree, self.archive, delivery.path, drop.id, delivery.access)
        if there:
            self.drops.made(drop.id, seq, there)
            tree.remove(delivery.path)

    def _make(self, drop: Drop, delivery: Delivery) -> str:
        """Make the copy that a delivery is to put, and keep it."""
        copy = self.archive.new_file()
        if delivery.recipe is not None:
            self.publish(delivery.recipe, copy)
        else:
            mine = [f for f in self.drops.findings(drop.id) if f.file in ("", delivery.file)]
            source = self.archive.path(delivery.source)
            if delivery.role is Role.FORWARD:
                self.annotator.defuse(source, delivery.file, copy)
            else:
                self.annotator.annotate(source, delivery.file, mine, copy)
        return self.archive.keep(copy)[0]

    def _attachments(self, drop: Drop) -> tuple[Attachment, ...]:
        """The annotated copies that are small enough to go along with their letter, and may."""
        if drop.unit in self.never_attach:
            return ()
        made = [d for d, _ in self.drops.deliveries(drop.id) if d.role is Role.ANNOTATED]
        return tuple(
            Attachment(d.path.rpartition("/")[2], d.sha256)
            for d in made
            if d.sha256 and self.archive.size(d.sha256) <= self.attach_max_bytes
        )
