"""What a play did, written beside its site, so that it can be looked at and judged again later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.quarter.population import Key
from bhyt_filedrop.simulate.quarter.stage import Dropped, Stage

FILE = "quarter.json"


@dataclass(frozen=True, slots=True)
class Record:
    """The play's size, every file that was dropped with the faults in it, what actors noticed."""

    children: int
    seed: int
    dropped: list[Dropped]
    strangers: list[str]
    unplaced: frozenset[Key]
    carded_late: set[Key]
    overlooked: list[str]


def file_of(settings: Settings) -> Path:
    """Return where a site's record lies: beside its config, tree and state."""
    return settings.config_dir.parent / FILE


def save(stage: Stage, children: int, seed: int) -> None:
    """Write down what was played. Raises OSError where the disk fails."""
    record = Record(
        children,
        seed,
        stage.dropped,
        stage.strangers,
        stage.unplaced,
        stage.carded_late,
        stage.overlooked,
    )
    data = msgspec.json.format(msgspec.json.encode(record), indent=1)
    file_of(stage.running.settings).write_bytes(data)


def load(settings: Settings) -> Record:
    """Read a site's record. Raises FileNotFoundError where no quarter was played on it."""
    return msgspec.json.decode(file_of(settings).read_bytes(), type=Record)


def restore(stage: Stage, record: Record) -> None:
    """Put on a stage what a record tells."""
    stage.dropped = list(record.dropped)
    stage.strangers = list(record.strangers)
    stage.unplaced, stage.carded_late = record.unplaced, set(record.carded_late)
    stage.overlooked = list(record.overlooked)
