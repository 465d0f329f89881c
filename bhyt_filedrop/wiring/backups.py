"""Backups of a site and the way back, ledger and archive together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bhyt_filedrop import __version__
from bhyt_filedrop.edges.ledger.snapshot import copy_ledger, must_be_sound, trouble_of
from bhyt_filedrop.edges.ledger.store import HEAD, ledger_file
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.site import backup as kept
from bhyt_filedrop.wiring.archives import FolderArchive, archive_of, copy_archive
from bhyt_filedrop.wiring.books import Books, open_books
from bhyt_filedrop.wiring.ledgers import fill_from_file, save_into_file


@dataclass(frozen=True)
class BackedUp:
    """What was copied: the ledger's copy, new files of the archive, and
    those of its files that are damaged or missing."""

    ledger: Path
    files: int
    spoilt: Sequence[str]
    missing: Sequence[str]


@dataclass(frozen=True)
class BroughtBack:
    """What was put back, and where the ledger lies now that was there before (None = none was)."""

    ledger: Path
    before: Path | None
    files: int
    spoilt: Sequence[str]


def back_up(settings: Settings, books: Books, to: Path, keep: int, now: datetime) -> BackedUp:
    """Back a site up, the ledger first: every file that it names is then in the archive's copy.

    Raises NeverWorks for a folder that will not do and a ledger that is not sound, TryLater where
    a disk does not take it now.
    """
    folder = kept.folder_of(to, settings)
    copy = _ledger_into(folder, settings, books, keep, now)
    to_folder = FolderArchive(folder / kept.ARCHIVE)
    to_folder.prepare()
    files, spoilt = copy_archive(books.archive, to_folder)
    kept.copy_beside(settings.archive_dir, folder / kept.ARCHIVE)
    kept.copy_config(settings.config_dir, folder)
    lacking = books.audit.kept_files() - set(books.archive.every())
    return BackedUp(copy, files, spoilt, sorted(lacking))


def _ledger_into(folder: Path, settings: Settings, books: Books, keep: int, now: datetime) -> Path:
    ledger = ledger_file(settings.ledger_url)
    head = books.audit.last_seal()
    copy = kept.new_ledger(folder, now)
    if ledger:
        digest = copy_ledger(ledger, copy)
    else:
        save_into_file(books, copy)
        digest = kept.digest_of_copy(copy)
    seal = head.digest if head else ""
    kept.write_note(copy, kept.Note(now.isoformat(), __version__, HEAD, digest, seal))
    kept.prune(folder, keep)
    return copy


def bring_back(settings: Settings, folder: Path, name: str, *, replace: bool) -> BroughtBack:
    """Put ledger and archive where the settings say; nothing is changed unless the copy is sound.

    Raises NeverWorks where there is a ledger already and it is not to be replaced, or the backup
    is not what was written.
    """
    ledger, before = ledger_file(settings.ledger_url), None
    if ledger and ledger.exists() and ledger.stat().st_size and not replace:
        raise NeverWorks(
            say(
                f"{ledger}: đã có sổ; muốn thay bằng bản sao lưu thì thêm --replace.",
                f"{ledger}: there is a ledger; to replace it, say --replace.",
            )
        )
    copy = kept.chosen_ledger(folder, name)
    must_be_sound(copy)
    if ledger is None:
        fill_from_file(settings, copy)
    archive = archive_of(settings)
    archive.prepare()
    files, spoilt = copy_archive(FolderArchive(folder / kept.ARCHIVE), archive)
    kept.copy_beside(folder / kept.ARCHIVE, settings.archive_dir)
    if ledger:
        before = kept.put_ledger(copy, ledger)
    open_books(settings).close()
    return BroughtBack(copy, before, files, spoilt)


def trouble_with(books: Books) -> str:
    """Return what the database finds amiss with itself, "" = nothing."""
    return trouble_of(books.engine)
