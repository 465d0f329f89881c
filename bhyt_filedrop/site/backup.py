"""A backup folder and the way back: ledger, archive and configuration, and what they were.

`ledger-…sqlite3` are whole copies of one moment each, `archive/` grows by what is new (its files
never change), `config/` is the configuration of the last run. Beside each ledger stands a note
with its digest and the head of the chain of events.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.whole_files import whole_file, write_whole

ARCHIVE = "archive"
CONFIG = "config"
_NAME = "ledger-%Y%m%d-%H%M%S.sqlite3"


@dataclass(frozen=True)
class Note:
    """What stands beside a ledger's copy. `seal` is the head of the chain of events then, "" before
    the first."""

    made_at: str
    program: str
    schema: str
    sha256: str
    seal: str


def folder_of(to: Path, settings: Settings) -> Path:
    """Return the backup folder, made if it is not there.

    Raises NeverWorks for one inside of what it is to save, or that would be saved in it.
    """
    there = to.resolve()
    ours = [settings.state_dir, settings.archive_dir, settings.config_dir]
    ours += [settings.archive.folder] if settings.archive.folder else []
    ours += [Path(tree.root) for tree in settings.trees if tree.is_local]
    for one in (one.resolve() for one in ours):
        if there == one or one in there.parents or there in one.parents:
            raise NeverWorks(
                say(
                    f"{to} nằm trong (hoặc chứa) {one}: hãy chọn thư mục ở đĩa khác.",
                    f"{to} lies inside (or around) {one}: choose a folder on another disk.",
                )
            )
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    return to


def new_ledger(folder: Path, at: datetime) -> Path:
    """Return the name of a new copy of the ledger."""
    return folder / at.strftime(_NAME)


def write_note(ledger: Path, note: Note) -> None:
    """Write the note of a ledger's copy."""
    write_whole(_note_of(ledger), json.dumps(asdict(note), indent=1).encode())


def copy_config(config: Path, folder: Path) -> None:
    """Copy the configuration in place of the one that was copied before; secrets are not in it."""
    beside = folder / f".{CONFIG}.new"
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(config, beside)
    shutil.rmtree(folder / CONFIG, ignore_errors=True)
    beside.rename(folder / CONFIG)


def copy_beside(archive: Path, folder: Path) -> None:
    """Copy the files that lie beside what an archive keeps: the site's id."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for beside in archive.iterdir() if archive.is_dir() else ():
        if beside.is_file():
            write_whole(folder / beside.name, beside.read_bytes())


def prune(folder: Path, keep: int) -> int:
    """Remove the oldest copies of the ledger but so many; return how many went."""
    old = _ledgers(folder)[:-keep]
    for one in old:
        one.unlink()
        _note_of(one).unlink(missing_ok=True)
    return len(old)


def chosen_ledger(folder: Path, name: str) -> Path:
    """Return a copy of the ledger by its name, the newest where none is named; checked by its note.

    Raises NeverWorks where there is none, or it is not what was copied.
    """
    every = _ledgers(folder)
    found = next((one for one in reversed(every) if not name or one.name == name), None)
    if found is None:
        there = ", ".join(one.name for one in every) or say("không có bản nào", "there is none")
        raise NeverWorks(
            say(
                f"{folder}: không thấy bản sao sổ ({there}).",
                f"{folder}: no such ledger ({there}).",
            )
        )
    note = note_of(found)
    if note is None or note.sha256 != digest_of_copy(found):
        raise NeverWorks(
            say(
                f"{found.name}: không đúng như lúc sao lưu; hãy dùng bản khác (--ledger).",
                f"{found.name}: is not as it was backed up; take another one (--ledger).",
            )
        )
    return found


def note_of(ledger: Path) -> Note | None:
    """Return the note of a ledger's copy, None where it cannot be read."""
    try:
        told: dict[str, Any] = json.loads(_note_of(ledger).read_text(encoding="utf-8"))
        return Note(**told)
    except (OSError, ValueError, TypeError):
        return None


def put_ledger(copy: Path, ledger: Path) -> Path | None:
    """Put a copy where the ledger is to be; return where the one that was there lies now, None if
    there was none. The service must not run.
    """
    ledger.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = ledger.with_name(f"{ledger.name}.before-restore") if ledger.exists() else None
    with copy.open("rb") as source, whole_file(ledger) as out:
        os.fchmod(out.fileno(), 0o600)
        shutil.copyfileobj(source, out)
        for part in ("", "-wal", "-shm"):
            was = ledger.with_name(ledger.name + part)
            if before and was.exists():
                was.replace(before.with_name(before.name + part))
    return before


def _ledgers(folder: Path) -> list[Path]:
    return sorted(folder.glob("ledger-*.sqlite3"))


def _note_of(ledger: Path) -> Path:
    return ledger.with_suffix(".json")


def digest_of_copy(file: Path) -> str:
    """Return the SHA-256 of a ledger's copy."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
