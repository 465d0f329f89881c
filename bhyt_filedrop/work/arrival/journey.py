"""The journey of one drop: claim, archive, judge, plan, deliver, close.

Each step is written to the ledger before or after it so that a process killed anywhere finds, on
its next start, exactly where to go on (docs/crash-table.md). Input and output only obey here; every
choice is made by `domain.decide`.
"""

from __future__ import annotations

import errno
import json
import logging
import random
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Role
from bhyt_filedrop.domain.drops.facts import Facts, FilePart
from bhyt_filedrop.domain.drops.ids import new_id, work_path
from bhyt_filedrop.domain.drops.judge import judge, scan_route, scans_without_a_way
from bhyt_filedrop.domain.drops.returns import Answered, is_elsewhere, reconciled, whole
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, finding, with_severities
from bhyt_filedrop.domain.letters.letter import Arrival, Attachment, addressed, set_aside
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.domain.reconcile import as_it_was_sent, joined
from bhyt_filedrop.domain.reconcile.other_cards import Persons, known_card
from bhyt_filedrop.ports import (
    Annotator,
    Archive,
    CannotMove,
    Clock,
    DropBook,
    ListBook,
    NeverWorks,
    Reader,
    Tree,
    TryLater,
)
from bhyt_filedrop.work.arrival.examine import Examined, examine
from bhyt_filedrop.work.arrival.make_room import put_aside
from bhyt_filedrop.work.arrival.sweep import Settled

log = logging.getLogger(__name__)

MAX_RECOVERIES = 3
"""A drop whose judgement was cut off so often (the whole process died) waits for a person."""

MAX_FAILURES = 3
"""Unexpected failures of one drop before it waits for a person."""

MAX_DELAYS = 40
"""Delays by a tree or a disk before a drop waits for a person: over a day with this backoff."""

MAX_BLOCKED = 3
"""Deliveries of one drop that may fail at a turn: one office's closed folder holds up nobody else,
a server that is gone is not asked three hundred times."""

_PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE}
)
"""Errors of this machine that may pass by themselves; they are no fault of the file."""


@dataclass
class Journey:
    """Takes drops from claim to close. `world` is replaced as a whole when settings change."""

    trees: Mapping[str, Tree]
    archive: Archive
    drops: DropBook
    lists: ListBook
    reader: Reader
    annotator: Annotator
    world: World
    clock: Clock
    publish: Callable[[Mapping[str, Any], Path], None]
    """Writes the workbook of a derived list by its recipe."""
    attach_max_bytes: int = 3 * 2**20
    deciding: Lock = field(default_factory=Lock)
    """Held from looking at what stands to writing down a plan: several trees are served at once,
    and two halves of one return must not overlook each other."""

    # --- claim -------------------------------------------------------------------------------

    def register(self, tree: str, settled: list[Settled]) -> list[Drop]:
        """Write down what is about to be taken; the rename follows in `advance`."""
        fresh = [self._new_drop(tree, one) for one in settled]
        self.drops.claim(fresh)
        return fresh

    def new_id(self) -> str:
        """Return an id that no drop has."""
        return new_id(self.clock(), secrets.choice)

    def _new_drop(self, tree: str, settled: Settled) -> Drop:
        now, name = self.clock(), self.new_id()
        sighting = settled.sighting
        return Drop(
            id=name,
            tree=tree,
            path=sighting.path,
            unit=settled.place.unit.id,
            size=sighting.size,
            mtime=sighting.mtime,
            work_path=work_path(name),
            arrived_at=now,
            incomplete=settled.incomplete,
        )

    # --- the way of one drop -------------------------------------------------------------------

    def advance(self, drop: Drop) -> State:
        """Take a drop as far as it goes now; return the state it is left in.

        Never raises for what a file, a tree or a disk does: that ends in a later attempt or in a
        drop that waits for a person.
        """
        try:
            return self._advance(drop)
        except TryLater as error:
            return self._later(drop, legible(str(error)), MAX_DELAYS)
        except NeverWorks as error:
            return self._set_aside(drop, legible(str(error)))
        except OSError as error:
            limit = MAX_DELAYS if error.errno in _PASSING else MAX_FAILURES
            return self._later(drop, f"{error.strerror} ({_innermost(error)})", limit)
        except Exception as error:
            # The text of an unknown exception may hold a child's data: only its kind is told.
            frame = _innermost(error)
            log.error("drop.failed", extra={"drop": drop.id, "error": frame})
            return self._later(drop, frame, MAX_FAILURES)

    def _advance(self, drop: Drop) -> State:
        if drop.state is State.CLAIMED:
            begun = 1
            if drop.sha256 is None:
                taken = self._take(drop)
                if taken is None:
                    return State.VOID
                drop = taken
            else:
                self._clear(drop)
                begun = self.drops.begin(drop.id)
            fatal = begun > MAX_RECOVERIES
            if fatal and not _is_rejected(drop):
                return self._set_aside(drop, "the process died each time it judged this file")
            self._plan(drop, unread=fatal)
        return self._apply(drop)

    def _take(self, drop: Drop) -> Drop | None:
        """Rename into the work area and copy into the archive; None where there is nothing."""
        tree = self.trees[drop.tree]
        try:
            claimed = self._claim(tree, drop)
        except CannotMove:
            self.drops.left_where_it_lies(drop.id, self.clock())
            log.info("drop.left-there", extra={"drop": drop.id})
            drop = replace(drop, work_path=drop.path)
            claimed = self._claim(tree, drop)
        if not claimed:
            self.drops.void(drop.id, self.clock())
            log.info("drop.void", extra={"drop": drop.id})
            return None
        sha256, size = self._archive(tree, drop)
        self.drops.archived(drop.id, sha256, size, self.clock())
        drop = replace(drop, sha256=sha256, size=size)
        self._clear(drop)
        return drop

    def _claim(self, tree: Tree, drop: Drop) -> bool:
        """Take the very file that was sighted; one that changed since is left to the next sweep.

        A file that is gone from both places is asked for all the same: a rename whose answer never
        came may be done by the server between our two looks.
        """
        if not drop.lies_there and tree.stat(drop.work_path) is not None:
            return True
        now = tree.stat(drop.path)
        if now is not None and (now.size, now.mtime) != (drop.size, drop.mtime):
            return False
        if drop.lies_there:
            return now is not None
        return tree.claim(drop.path, drop.work_path)

    def _clear(self, drop: Drop) -> None:
        """Leave nothing in the work area; a file that could not be moved there is its sender's."""
        if not drop.lies_there:
            self.trees[drop.tree].remove(drop.work_path)

    def _archive(self, tree: Tree, drop: Drop) -> tuple[str, int]:
        before = tree.stat(drop.work_path)
        if tree.is_still_open(drop.work_path):
            raise TryLater("the file is being written again")
        copy = self.archive.new_file()
        try:
            tree.fetch(drop.work_path, copy)
            if tree.stat(drop.work_path) != before:
                raise TryLater("the file changed while it was copied")
            return self.archive.keep(copy)
        finally:
            copy.unlink(missing_ok=True)

    # --- judge -------------------------------------------------------------------------------

    def _plan(self, drop: Drop, *, unread: bool) -> None:
        facts = self._unread(drop) if unread else self._facts(drop)
        with self.deciding:
            plan = decide(self._with_what_stands(drop, facts), self.world.routes)
            self.drops.plan(drop, plan, self.clock())
        codes = sorted({one.code for one in plan.findings})
        log.info("drop.planned", extra={"drop": drop.id, "verdict": plan.state, "codes": codes})

    def _with_what_stands(self, drop: Drop, facts: Facts) -> Facts:
        """Add what the ledger knows: earlier lists, the same bytes before, what is answered."""
        keys = {judged.key for judged in facts.judged}
        standing = self.lists.standing(keys, drop.id)
        answered = {
            whole(one.key): self._answered(whole(one.key), one.handoff.answers, standing)
            for one in facts.judged
            if one.handoff.answers
        }
        known = {key: told for key, told in answered.items() if told.sent}
        came = reconciled(facts.judged, known, facts.findings)
        more = (*came.findings, *self._of_persons(drop, facts))
        return replace(
            facts,
            findings=joined(as_it_was_sent(facts.findings, came.pairs), self._severe(facts, more)),
            standing=standing,
            repeated=self.lists.repeated(drop.sha256 or "", drop.unit, keys, drop.id),
            accounted=came.accounted,
            pieces=came.pieces,
        )

    def _of_persons(self, drop: Drop, facts: Facts) -> tuple[Finding, ...]:
        """Compare the cards of a return with those that other units and rounds told of."""
        returns = [one for one in facts.judged if one.handoff.answers]
        children = tuple(child for one in returns for child in one.children)
        if not children:
            return ()
        known = self.lists.known_cards(children, drop.id)
        elsewhere = [known_card(r, c) for r, c in known if is_elsewhere(r.key, returns[0].key)]
        names = {unit.id: self.world.units.full_name(unit) for unit in self.world.units}
        return Persons.of(elsewhere, names).findings(children)

    def _severe(self, facts: Facts, found: Iterable[Finding]) -> tuple[Finding, ...]:
        severities = facts.judged[0].handoff.severities if facts.judged else {}
        return with_severities(found, severities)

    def _answered(self, key: ListKey, answers: str, standing: Iterable[ListRecord]) -> Answered:
        """Return what was sent to the unit that answers, and what of its answer is here."""
        sent = self.lists.of_round(
            str(key.round), [answers], (ListState.ACCEPTED,), receiver=key.sender
        )
        earlier = [record for record in standing if whole(record.key) == key]
        return Answered(
            key,
            tuple(c for record in sent for c in self.lists.children(record.drop, record.seq)),
            tuple((one, self.lists.children(one.drop, one.seq)) for one in earlier),
        )

    def _facts(self, drop: Drop) -> Facts:
        try:
            return self._judged(drop)
        except (TryLater, NeverWorks):
            raise
        except Exception as error:
            if not _is_rejected(drop):
                raise
            log.warning("drop.unread", extra={"drop": drop.id, "error": _innermost(error)})
            return self._unread(drop)

    def _unread(self, drop: Drop) -> Facts:
        """What is known without looking inside: a person can send back what nobody can judge."""
        unit = self._place(drop).unit
        part = FilePart(drop.name, drop.sha256 or "", "", readable=False)
        access = self.world.routes.rule(unit).access
        return Facts(drop, unit, (part,), (), (), access=access)

    def _judged(self, drop: Drop) -> Facts:
        """Read and judge what was dropped; what stood before is asked when it is decided."""
        place = self._place(drop)
        sha256 = drop.sha256 or ""
        examined = examine(
            self.archive.path(sha256),
            drop.name,
            sha256,
            self.reader,
            self.world,
            self._keep,
            self.archive.workspace,
        )
        judgement = judge(examined.found, place, self.world, drop.arrived_at)
        scans = scan_route(judgement.judged, place, self.world, drop.arrived_at)
        owner = judgement.judged[0].sender if judgement.judged else place.unit
        severities = judgement.judged[0].handoff.severities if judgement.judged else {}
        return Facts(
            drop=drop,
            owner=owner,
            parts=examined.parts,
            judged=judgement.judged,
            findings=(
                *_incomplete(drop, examined),
                *with_severities(examined.findings, severities),
                *judgement.findings,
                *(() if scans else scans_without_a_way(examined.parts)),
            ),
            scans=scans,
            access=self.world.routes.rule(owner).access,
        )

    def _place(self, drop: Drop) -> Place:
        place = self.world.routes.locate(drop.tree, drop.path)
        if place is None:
            raise NeverWorks("the folder it was dropped in belongs to no unit any more")
        return place

    def _keep(self, member: Path) -> str:
        copy = self.archive.new_file()
        copy.write_bytes(member.read_bytes())
        return self.archive.keep(copy)[0]

    # --- deliver -----------------------------------------------------------------------------

    def _apply(self, drop: Drop) -> State:
        pending = self.drops.pending(drop.id)
        last = pending[-1][0] if pending else None
        made: dict[str, str] = {}
        failed: list[TryLater] = []
        for seq, delivery in pending:
            try:
                self._deliver(drop, seq, delivery, made)
            except TryLater as error:
                failed.append(error)
                if len(failed) == MAX_BLOCKED:
                    break
            else:
                if failed or seq != last:
                    self.drops.delivered(drop.id, seq, self.clock())
        if failed:
            raise failed[0]
        state = self.drops.close(drop.id, self.clock(), last, self._attachments(drop))
        log.info("drop.closed", extra={"drop": drop.id, "state": state})
        return state

    def _deliver(self, drop: Drop, seq: int, delivery: Delivery, made: dict[str, str]) -> None:
        """Put one file; a derived list that goes to two places (`made`: by recipe) is made once."""
        tree = self.trees[delivery.tree]
        if delivery.role is Role.RETIRED:
            self._retire(drop, seq, delivery)
            return
        sha256 = delivery.sha256
        if sha256 is None:
            recipe = json.dumps(delivery.recipe, sort_keys=True) if delivery.recipe else ""
            sha256 = made.get(recipe) or self._made(drop, delivery)
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

    def _made(self, drop: Drop, delivery: Delivery) -> str:
        """Make the copy that a delivery is to put, and keep it."""
        copy = self.archive.new_file()
        if delivery.recipe is not None:
            self.publish(delivery.recipe, copy)
        else:
            mine = [f for f in self.drops.findings(drop.id) if f.file in ("", delivery.file)]
            source = self.archive.path(delivery.source)
            self.annotator.annotate(source, delivery.file, mine, copy)
        return self.archive.keep(copy)[0]

    def _attachments(self, drop: Drop) -> tuple[Attachment, ...]:
        """The annotated copies that are small enough to go along with their letter."""
        made = [d for d, _ in self.drops.deliveries(drop.id) if d.role is Role.ANNOTATED]
        return tuple(
            Attachment(d.path.rsplit("/", 1)[-1], d.sha256)
            for d in made
            if d.sha256 and self.archive.size(d.sha256) <= self.attach_max_bytes
        )

    # --- trouble -----------------------------------------------------------------------------

    def _later(self, drop: Drop, reason: str, limit: int) -> State:
        now = self.clock()
        until = now + _backoff(drop.attempts)
        attempts = self.drops.postpone(drop.id, now, until, reason)
        log.warning("drop.postponed", extra={"drop": drop.id, "attempts": attempts})
        if attempts >= limit:
            return self._set_aside(drop, reason)
        current = self.drops.get(drop.id)
        return current.state if current else drop.state

    def _set_aside(self, drop: Drop, reason: str) -> State:
        letter = set_aside(
            self._arrival(drop),
            self.world.process.admin,
            reason=reason,
            attempts=drop.attempts + 1,
        )
        now = self.clock()
        # A file that a person sent round again and that fails again is told again.
        letter = replace(letter, key=f"{letter.key}/{now:%Y%m%dT%H%M%S}")
        self.drops.set_aside(drop.id, now, reason, [letter])
        log.error("drop.set-aside", extra={"drop": drop.id})
        return State.SET_ASIDE

    def _arrival(self, drop: Drop) -> Arrival:
        units = self.world.units
        sender = addressed(units[drop.unit], units) if drop.unit in units else drop.unit
        return Arrival(drop.id, drop.unit, sender, drop.name, drop.arrived_at)


def _is_rejected(drop: Drop) -> bool:
    return (drop.override or {}).get("action") == "reject"


def _incomplete(drop: Drop, examined: Examined) -> tuple[Finding, ...]:
    """A file that never ended may still be read in part; then children are missing from it."""
    if not drop.incomplete or any(f.code.startswith("file.") for f in examined.findings):
        return ()
    return (
        finding(
            "file.damaged",
            "Tệp bị cắt ngang, có thể do đường truyền đứt khi đang gửi, nên thiếu phần cuối.",
            "Mở tệp trên máy để kiểm tra, rồi gửi lại trọn vẹn.",
        ),
    )


def _backoff(attempts: int) -> timedelta:
    """About 10 s, 20 s, 40 s … at most an hour; spread, so that drops that failed together do not
    all come back to a weak server at once."""
    return timedelta(seconds=min(10 * (1 << min(attempts, 10)), 3000) * random.uniform(0.8, 1.2))


def _innermost(error: BaseException) -> str:
    """Name an exception by its kind and the line that raised it, without its text."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {where}"
