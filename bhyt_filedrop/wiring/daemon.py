"""The daemon, put together: on leaving, children are ended and connections closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.process.units import ATTACH_NEVER
from bhyt_filedrop.edges.bell import TreeBell
from bhyt_filedrop.edges.ledger.versionbook import LedgerVersions
from bhyt_filedrop.edges.systemd import notify as notify
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.ports import (
    Clock,
    Tree,
)
from bhyt_filedrop.settings import (
    Settings,
    TreeSettings,
)
from bhyt_filedrop.site.machine_clock import is_kept, steady_seconds
from bhyt_filedrop.site.mastery import hold, this_site
from bhyt_filedrop.site.versions import files_in
from bhyt_filedrop.wiring.approving import folder_approval
from bhyt_filedrop.wiring.books import (
    Books,
    alone_on,
    extensions_of,
    open_books,
    register_of,
    reports_of,
)
from bhyt_filedrop.wiring.declared import with_extensions, world_of
from bhyt_filedrop.wiring.judges import Judges
from bhyt_filedrop.wiring.mail import inbox_of, outbox_of
from bhyt_filedrop.wiring.rounds import reminding_of
from bhyt_filedrop.wiring.trees import changed_since, file_ends, format_ends, open_tree
from bhyt_filedrop.wiring.workbooks import annotator_of, reader_of
from bhyt_filedrop.work.arrival.claim import Claiming
from bhyt_filedrop.work.arrival.copies import Copies
from bhyt_filedrop.work.arrival.deliver import Delivering
from bhyt_filedrop.work.arrival.gather import Gathering
from bhyt_filedrop.work.arrival.given_back import GivenBack
from bhyt_filedrop.work.arrival.journey import Journey
from bhyt_filedrop.work.arrival.judging import Judging
from bhyt_filedrop.work.arrival.lingering import Lingering
from bhyt_filedrop.work.arrival.outage import Outage, WatchedTree
from bhyt_filedrop.work.arrival.pace import Progress
from bhyt_filedrop.work.arrival.survey import Surveying
from bhyt_filedrop.work.arrival.sweep import Sweep
from bhyt_filedrop.work.daemon import Daemon, Worker
from bhyt_filedrop.work.derived.keep_up import Deriving
from bhyt_filedrop.work.derived.publish import Publisher
from bhyt_filedrop.work.rounds.balance import Balancing
from bhyt_filedrop.work.rounds.clock_watch import ClockWatch, never_doubted
from bhyt_filedrop.work.rounds.clock_watch import LastSound as LastSound


def real_clock() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


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
    with ExitStack() as stack:
        books = stack.enter_context(closing(open_books(settings)))
        stack.enter_context(alone_on(books))
        books.archive.prepare()
        LedgerVersions(books.engine).note(files_in(settings.config_dir), "", "", clock())
        outages = {
            tree.id: Outage(tree.id, settings.process.admin, books.letters, clock)
            for tree in settings.trees
        }
        opened = [open_tree(tree) for tree in settings.trees]
        for tree in opened:
            stack.callback(tree.close)
        masteries = hold(opened, this_site(settings), books.archive.workspace, take_over=take_over)
        trees: dict[str, Tree] = {
            tree.id: WatchedTree(tree, outages[tree.id], masteries[tree.id].must_be_ours)
            for tree in opened
        }
        reader = reader_of(settings)
        stack.callback(reader.close)
        extensions = extensions_of(books)
        judges = stack.enter_context(closing(Judges(settings, extensions)))
        annotator = annotator_of(settings, reader, warm=True)
        stack.callback(annotator.close)
        world = with_extensions(world_of(settings), extensions)
        publisher = Publisher(
            world, books.facts.children, write_layouts, clock, register_of(settings) or tuple
        )
        near = {tree.id: partial(changed_since, tree) for tree in settings.trees if tree.is_local}
        given_back = GivenBack(trees, books.drops, world.routes, clock, near)
        lingering = {
            tree: Lingering(
                there,
                books.archive,
                books.drops.get,
                file_ends,
                settings.sweep.quiet_seconds_without_end,
            )
            for tree, there in trees.items()
        }
        progress = Progress()
        journey = Journey(
            Claiming(
                trees,
                books.archive,
                books.drops,
                clock,
                given_back.of,
                lambda drop: lingering[drop.tree].stays(drop),
            ),
            Gathering(
                Judging(books.archive, reader, settings.limits.drop_seconds, progress.step),
                books.facts,
                world,
                clock,
                books.drops.get,
                judges,
            ),
            Delivering(
                trees,
                books.archive,
                books.drops,
                annotator,
                publisher,
                clock,
                settings.mail.attach_max_bytes,
                progress.step,
                never_attach={u.id for u in settings.units.everybody if u.attach == ATTACH_NEVER},
            ),
            books.drops,
            world,
            clock,
        )
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
            tree.id: _worker(tree, settings, journey, books, outages[tree.id])
            for tree in settings.trees
        }
        for tree_id, worker in workers.items():
            worker.lingering = lingering[tree_id]
            worker.approvals = folder_approval(trees[tree_id], books, world, publisher, clock)
        steadiest = workers[_steadiest(settings.trees)]
        steadiest.derive, steadiest.spare = deriving.work, deriving.balance
        for tree_id in near:  # elsewhere a walk takes minutes: `rebuild-tree` makes it
            workers[tree_id].catch_up = given_back.catch_up
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
        # A clock that is given (`--now`) is another one than the ledger's on purpose.
        doubted = watch.doubted if clock is real_clock else never_doubted
        for worker in workers.values():
            worker.doubted, worker.progress = doubted, progress
        reminding = reminding_of(world, books, clock)
        reminding.unjudged = lambda: books.drops.unjudged_units().union(
            *(worker.waiting_units for worker in workers.values())
        )
        reminding.looks = lambda: {name: worker.looked_at for name, worker in workers.items()}
        daemon = Daemon(
            workers,
            reminding,
            outbox_of(settings, books),
            clock,
            inbox=inbox_of(settings, books),
            inbox_seconds=settings.mail.bounces.interval_seconds,
            doubted=doubted,
            seal=books.audit.seal,
        )
        yield Running(settings, world, books, trees, journey, daemon)


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
