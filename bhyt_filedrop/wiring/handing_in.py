"""Files that come over the page: checked apart from the daemon, put into drop folders."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.edges.archive.folder import FolderArchive
from bhyt_filedrop.edges.ledger.handinbook import LedgerHandIns
from bhyt_filedrop.ports import Archive, Clock, Tree
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.books import Books, extensions_of
from bhyt_filedrop.wiring.declared import with_extensions
from bhyt_filedrop.wiring.judges import JudgeApart
from bhyt_filedrop.wiring.trees import open_tree
from bhyt_filedrop.wiring.workbooks import annotator_of, reader_of
from bhyt_filedrop.work.arrival.gather import Gathering
from bhyt_filedrop.work.arrival.handing_in import HandingIn
from bhyt_filedrop.work.arrival.judging import Judging
from bhyt_filedrop.work.check.before_sending import BeforeSending


def nobody_to_wake(_tree: str) -> None:
    """Do nothing: the next look comes by itself."""


def handing_in_of(
    settings: Settings, world: World, books: Books, ring: Callable[[str], None] = nobody_to_wake
) -> HandingIn:
    """Return what puts files into drop folders, over a connection of its own: the daemon's may be
    in the middle of a walk that takes minutes."""
    described = {tree.id: tree for tree in settings.trees}

    def tree(id_: str) -> AbstractContextManager[Tree]:
        return closing(open_tree(described[id_]))

    book = LedgerHandIns(books.engine)
    return HandingIn(world, book, tree, ring, settings.limits.max_bytes)


def given_in(books: Books) -> LedgerHandIns:
    """Return what tells who handed in what."""
    return LedgerHandIns(books.engine)


@dataclass(frozen=True)
class PageDesk:
    """What the page checks files with."""

    before: BeforeSending
    mark: Callable[[Path, str, Sequence[Finding], Path], str]
    """Writes the copy of a workbook with its errors marked: from where, its name, the errors, to
    where."""
    close: Callable[[], None]


def desk_of(settings: Settings, world: World, books: Books, clock: Clock) -> PageDesk:
    """Return what checks files before they are sent, in processes that end with `close`."""
    apart = JudgeApart(settings, extensions_of(books))
    world = with_extensions(world, extensions_of(books))
    reader = reader_of(settings)
    annotator, marking = annotator_of(settings, reader), Lock()

    def mark(source: Path, name: str, findings: Sequence[Finding], to: Path) -> str:
        with marking:
            return annotator.annotate(source, name, findings, to)

    def close() -> None:
        apart.close()
        annotator.close()
        reader.close()

    gathering = Gathering(Judging(books.archive, reader), books.facts, world, clock)
    return PageDesk(BeforeSending(apart, gathering, world, clock), mark, close)


def shelf_in(folder: Path) -> tuple[Path, Archive]:
    """Return a new folder below one, and the archive in it, for the files of one hand-over."""
    mine = folder / secrets.token_hex(16)
    mine.mkdir(parents=True, mode=0o700)
    archive = FolderArchive(mine)
    archive.prepare()
    return mine, archive
