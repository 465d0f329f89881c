"""Hand a file in for a unit without going to its folder: it is put there whole, and is a drop.

Who did it and why is written down before the file is put: nothing comes in that nobody answers for.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.handed_in import HandedIn
from bhyt_filedrop.domain.drops.ids import new_mark
from bhyt_filedrop.domain.process.file_names import handed_in_name, legible
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import ActRefused, HandInBook, NeverWorks, Tree, TryLater

log = logging.getLogger(__name__)


class Hands(NamedTuple):
    """Who hands something in, why, from which address ("" = this machine), when (aware)."""

    by: str
    why: str
    address: str
    at: datetime


@dataclass(frozen=True)
class HandingIn:
    """Puts files into drop folders. `tree` opens a tree by its id, `ring` wakes who looks over
    it."""

    declared: World
    book: HandInBook
    tree: Callable[[str], AbstractContextManager[Tree]]
    ring: Callable[[str], None]
    max_bytes: int
    choose: Callable[[str], str] = secrets.choice

    def path_for(self, unit: Unit, subfolder: str, name: str, at: datetime) -> str:
        """Return where a file of some name would be put. Raises ActRefused where it may not be."""
        routes = self.declared.at(at).routes
        if not routes.has_folders(unit):
            raise ActRefused(
                f"{unit.name} không có thư mục nộp.", f"{unit.name} has no folder to drop into."
            )
        if subfolder and subfolder not in routes.subfolders(unit):
            raise ActRefused("Không có thư mục con này.", "There is no such sub-folder.")
        own = handed_in_name(name, new_mark(self.choose))
        if not own:
            raise ActRefused(
                f"“{legible(name)}” là tên của tệp tạm; hãy đổi tên tệp rồi nộp lại.",
                f"{legible(name)!r} is the name of a temporary file; rename it.",
            )
        return "/".join(filter(None, (routes.drop_folder(unit), subfolder, own)))

    def hand_in(
        self, unit: Unit, path: str, file: Path, sha256: str, size: int, hands: Hands
    ) -> HandedIn:
        """Put a file where it is taken as a drop of a unit.

        Raises ActRefused where it may not be; TryLater or NeverWorks where the tree takes it not:
        then nothing was handed in.
        """
        if not hands.why.strip():
            raise ActRefused("Phải ghi lý do.", "A reason is needed.")
        if not 0 < size <= self.max_bytes:
            raise ActRefused(
                f"Tệp phải có nội dung và không quá {self.max_bytes // 2**20} MB.",
                f"A file is not empty and has at most {self.max_bytes // 2**20} MB.",
            )
        rule = self.declared.at(hands.at).routes.rule(unit)
        given = HandedIn(unit.id, rule.tree, path, sha256, size, hands.by, hands.why.strip(),
                         hands.address, hands.at)  # fmt: skip
        self.book.note(given)
        try:
            with self.tree(rule.tree) as tree:
                tree.put(file, path, rule.access)
        except (TryLater, NeverWorks) as error:
            self.book.failed(given, type(error).__name__)
            log.warning("hand-in.failed", extra={"unit": unit.id, "tree": rule.tree})
            raise
        log.info("hand-in.put", extra={"unit": unit.id, "tree": rule.tree})
        self.ring(rule.tree)
        return given
