"""The daemon, put together: on leaving, children are ended and connections closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.edges.bell import TreeBell
from bhyt_filedrop.edges.systemd import notify as notify
from bhyt_filedrop.ports import (
    Clock,
    Tree,
)
from bhyt_filedrop.settings import (
    Settings,
    TreeSettings,
)
from bhyt_filedrop.site.machine_clock import is_kept, steady_seconds
from bhyt_filedrop.wiring.approving import folder_approval
from bhyt_filedrop.wiring.books import (
    Books,
    register_of,
    reports_of,
)
from bhyt_filedrop.wiring.hands import hands_at_work
from bhyt_filedrop.wiring.journeys import Parts, put_together
from bhyt_filedrop.wiring.journeys import real_clock as real_clock
from bhyt_filedrop.wiring.mail import inbox_of, outbox_of
from bhyt_filedrop.wiring.rounds import reminding_of
from bhyt_filedrop.wiring.trees import format_ends
from bhyt_filedrop.work.arrival.copies import Copies
from bhyt_filedrop.work.arrival.journey import Journey
from bhyt_filedrop.work.arrival.outage import Outage
from bhyt_filedrop.work.arrival.survey import Surveying
from bhyt_filedrop.work.arrival.sweep import Sweep
from bhyt_filedrop.work.daemon import Daemon
from bhyt_filedrop.work.derived.keep_up import Deriving
from bhyt_filedrop.work.rounds.balance import Balancing
from bhyt_filedrop.work.rounds.clock_watch import ClockWatch, never_doubted
from bhyt_filedrop.work.rounds.clock_watch import LastSound as LastSound
from bhyt_filedrop.work.worker import Worker


@dataclass(frozen=True)
class Running:
    """A wired daemon with what its commands may want to ask."""

    settings: Settings
    world: World
    books: Books
    trees: Mapping[str, Tree]
    journey: Journey
    daemon: Daemon


@contextmanager
def wired(
    settings: Settings,
    clock: Clock = real_clock,
    *,
    take_over: bool = False,
    sound: LastSound | None = None,
) -> Iterator[Running]:
    """Put everything together; on leaving, children are ended and connections closed. `sound` is
    what a daemon before this one knew of the clock.

    Raises NotOurs where another site serves one of the trees, unless they are to be taken over.
    """
    with put_together(settings, clock, take_over=take_over) as parts:
        yield _running(settings, parts, (sound or LastSound()) if clock is real_clock else None)


def _running(settings: Settings, parts: Parts, sound: LastSound | None) -> Running:
    """The daemon over a journey; `sound` is what is known of its clock, None of one that is given
    (`--now`): that is another one than the ledger's on purpose."""
    books, world, clock, journey = parts.books, parts.world, parts.clock, parts.journey
    leases = journey.leases
    balancing = Balancing(reports_of(books), world, clock)
    deriving = Deriving(
        books.drops,
        books.facts,
        world,
        clock,
        journey.claiming.new_id,
        balancing.steps,
        balancing.alarms,
        books.letters.put_letters,
        register_of(settings),
    )
    workers = {
        tree.id: _worker(tree, settings, journey, books, parts.outages[tree.id])
        for tree in settings.trees
    }
    for tree_id, worker in workers.items():
        worker.lingering = parts.lingering[tree_id]
        there = parts.trees[tree_id]
        worker.approvals = folder_approval(there, books, world, parts.publisher, clock)
    steadiest = workers[_steadiest(settings.trees)]
    steadiest.derive, steadiest.spare = deriving.work, deriving.balance
    for near in (one.id for one in settings.trees if one.is_local):
        # Elsewhere a walk takes minutes: `rebuild-tree` makes it.
        workers[near].catch_up = parts.given_back.catch_up
    watch = ClockWatch(
        clock,
        books.facts.last_event,
        settings.process.admin,
        books.letters.put_letters,
        books.facts.clock_trusted,
        is_kept,
        steady_seconds,
        sound or LastSound(),
    )
    doubted = watch.doubted if sound else never_doubted
    for worker in workers.values():
        worker.doubted, worker.progress, worker.leases = doubted, parts.progress, leases
    reminding = reminding_of(world, books, clock)
    reminding.unjudged = lambda: books.drops.unjudged_units().union(
        *(worker.waiting_units for worker in workers.values())
    )
    reminding.looks = lambda: {name: worker.looked_at for name, worker in workers.items()}
    if parts.leases:  # the others look too
        looks = books.looks
        reminding.unjudged = lambda: books.drops.unjudged_units() | looks.waiting_units()
        reminding.looks = lambda: {name: looks.last_look(name) for name in workers}
    daemon = Daemon(
        workers,
        reminding,
        outbox_of(settings, books, leases.must_be_held),
        clock,
        inbox=inbox_of(settings, books),
        inbox_seconds=settings.mail.bounces.interval_seconds,
        doubted=doubted,
        seal=books.audit.seal,
        leases=leases,
    )
    if parts.leases:
        given = None if sound else clock()
        daemon.sharing = partial(hands_at_work, settings, parts, given)
    else:  # there each worker has a reader of its own
        daemon.prepare = parts.reader.begin
    return Running(settings, world, books, parts.trees, journey, daemon)


def _steadiest(trees: Sequence[TreeSettings]) -> str:
    """The tree whose worker derives: a local one where there is one, for no server stalls it."""
    return min(trees, key=lambda tree: not tree.is_local).id


def _worker(
    tree: TreeSettings, settings: Settings, journey: Journey, books: Books, outage: Outage
) -> Worker:
    there = journey.claiming.trees[tree.id]
    sweep = Sweep(there, settings.sweep, format_ends)
    interval = settings.sweep.interval_seconds if tree.is_local else tree.poll_seconds
    return Worker(
        tree.id,
        sweep,
        journey,
        books.drops,
        books.looks,
        outage,
        interval,
        survey=Surveying(there, Copies(there, books.looks, books.facts, books.archive)),
        survey_seconds=settings.sweep.survey_minutes * 60,
        quiet_seconds=settings.sweep.quiet_seconds_without_end,
        tell_hours=settings.sweep.tell_hours,
    )


def bells(running: Running) -> tuple[TreeBell, ...]:
    """Return a doorbell for each local tree; none where watching is turned off."""
    if not running.settings.sweep.watch:
        return ()
    return tuple(
        TreeBell(Path(tree.root), running.daemon.workers[tree.id].bell)
        for tree in running.settings.trees
        if tree.is_local
    )
