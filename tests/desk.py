"""A reader, an annotator and the shipped configuration, to hold any file against."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import openpyxl

from bhyt_filedrop import resources
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.ports import Annotator, Reader
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.workbooks import annotator_of, reader_of
from bhyt_filedrop.work.check.one_file import Checked, Wish, annotatable, check_file
from tests.live_cells import live_in
from tests.mutations import spoilt
from tests.seeds import sound_files

NOW = datetime(2015, 6, 16, 8, 30, tzinfo=ZONE)


@dataclass(frozen=True)
class Desk:
    """What a file is held against."""

    reader: Reader
    annotator: Annotator
    world: World

    def answer(self, path: Path) -> Checked:
        """Check one file and make the copy that its sender gets; see both promises kept.

        The process that would be the daemon may take no more than seconds of computing; what its
        children take has limits of its own.
        """
        start = time.process_time()
        checked = check_file(path, Wish(), self.reader, self.world, NOW)
        json.dumps(checked.as_json(), default=str).encode()
        assert checked.findings or checked.examined.found
        assert time.process_time() - start < 20
        if checked.returned:
            self._see_copy(path, checked)
        return checked

    def _see_copy(self, path: Path, checked: Checked) -> None:
        copy = path.with_name("copy.xlsx")
        self.annotator.annotate(path, path.name, annotatable(checked), copy)
        assert "Lỗi cần sửa" in openpyxl.load_workbook(copy).sheetnames
        assert list(live_in(path.name, copy.read_bytes())) == []
        copy.unlink()

    def answer_spoilt(self, seed: int, folder: Path) -> Checked:
        """Spoil one sound file, always the same way for a seed, and answer it."""
        name, data = spoilt_file(seed)
        path = folder / name
        path.write_bytes(data)
        return self.answer(path)


def spoilt_file(seed: int) -> tuple[str, bytes]:
    """A sound file that was spoilt, always the same way for a seed: its name and its bytes."""
    files = sorted(sound_files().items())
    name, data = random.Random(seed).choice(files)
    return name, spoilt(data, seed, [other for _, other in files])


@contextmanager
def open_desk() -> Iterator[Desk]:
    """Open a desk; its children end with it."""
    settings = load(resources.config_dir())
    with reader_of(settings) as reader:
        yield Desk(reader, annotator_of(settings, reader), world_of(settings))
