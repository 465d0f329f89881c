"""One drop's way, put together: ledger, archive, trees, readers and writers, and the journey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.process.units import ATTACH_NEVER
from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.edges.ledger.store import decided_alone
from bhyt_filedrop.edges.ledger.versionbook import LedgerVersions
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.ports import Clock, Tree
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.settings.machine import FILE as MACHINE_FILE
from bhyt_filedrop.site.mastery import hold
from bhyt_filedrop.site.versions import files_in
from bhyt_filedrop.wiring.books import (
    Books,
    extensions_of,
    leases_of,
    open_books,
    register_of,
    site_of,
)
from bhyt_filedrop.wiring.declared import with_extensions, world_of
from bhyt_filedrop.wiring.judges import Judges
from bhyt_filedrop.wiring.trees import changed_since, file_ends, open_tree
from bhyt_filedrop.wiring.workbooks import annotator_of, reader_of
from bhyt_filedrop.work.arrival.claim import Claiming
from bhyt_filedrop.work.arrival.deliver import Delivering
from bhyt_filedrop.work.arrival.gather import Gathering
from bhyt_filedrop.work.arrival.given_back import GivenBack
from bhyt_filedrop.work.arrival.journey import Journey
from bhyt_filedrop.work.arrival.judging import Judging
from bhyt_filedrop.work.arrival.late import PuttingRight
from bhyt_filedrop.work.arrival.lingering import Lingering
from bhyt_filedrop.work.arrival.outage import Outage, WatchedTree
from bhyt_filedrop.work.arrival.pace import Progress
from bhyt_filedrop.work.derived.publish import Publisher


def real_clock() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What a daemon, or a process that works for one, is made of."""

    books: Books
    leases: LedgerLeases | None
    clock: Clock
    world: World
    outages: Mapping[str, Outage]
    trees: Mapping[str, Tree]
    publisher: Publisher
    given_back: GivenBack
    lingering: Mapping[str, Lingering]
    progress: Progress
    reader: WorkbookReader
    journey: Journey


@contextmanager
def put_together(
    settings: Settings, clock: Clock, *, take_over: bool = False, part: str = ""
) -> Iterator[Parts]:
    """Put a journey together; on leaving, children are ended and connections closed. `part` names a
    process that works for a daemon.

    Raises NotOurs where another site serves one of the trees, unless they are to be taken over.
    """
    with ExitStack() as stack:
        books = stack.enter_context(closing(open_books(settings, part)))
        leases = stack.enter_context(leases_of(settings, books, part))
        if leases and clock is real_clock:
            clock = leases.now
        books.archive.prepare()
        versions, files = LedgerVersions(books.engine), files_in(settings.config_dir)
        # Of machines that share a ledger each has settings of its own, and is no new version.
        if not leases or versions.differs(files, MACHINE_FILE):
            versions.note(files, "", "", clock())
        outages = {
            tree.id: Outage(tree.id, settings.process.admin, books.letters, clock)
            for tree in settings.trees
        }
        opened = [open_tree(tree) for tree in settings.trees]
        for tree in opened:
            stack.callback(tree.close)
        us = site_of(settings, books)
        masteries = hold(opened, us, books.archive.workspace, take_over=take_over)
        trees: dict[str, Tree] = {
            tree.id: WatchedTree(tree, outages[tree.id], masteries[tree.id].must_be_ours)
            for tree in opened
        }
        reader = reader_of(settings)
        stack.callback(reader.close)
        extensions = extensions_of(books)
        # Where several share the work, each leads a file at a time.
        judges = Judges(
            settings, extensions, books.archive.keep_what_was_judged, 0 if leases else None
        )
        stack.enter_context(closing(judges))
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
        progress, shared = Progress(), leases is not None

        def step() -> None:
            progress.step()
            if leases:
                leases.must_be_held()

        journey = Journey(
            Claiming(
                trees,
                books.archive,
                books.drops,
                clock,
                given_back.of,
                lambda drop: lingering[drop.tree].stays(drop),
                shared=shared,
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
                step,
                never_attach={u.id for u in settings.units.everybody if u.attach == ATTACH_NEVER},
            ),
            books.drops,
            world,
            clock,
        )
        if leases:
            journey.leases, journey.shared = leases, True
            right = PuttingRight(trees, books.archive, books.drops, books.looks)
            journey.taken_over = right.after
            journey.deciding = partial(decided_alone, books.engine)
        yield Parts(
            books,
            leases,
            clock,
            world,
            outages,
            trees,
            publisher,
            given_back,
            lingering,
            progress,
            reader,
            journey,
        )
