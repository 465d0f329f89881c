"""A ward in the quarter: it opens the list in its folder, looks its children up, and answers.

How it answers is its plan: in the list itself, on forms of its own in one, two or zipped files,
with or without the codes, in time or late, wrong at first. A ward learns that it was wrong only
from what comes back to its folder.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from bhyt_filedrop.domain.paper.layout import ListOf, SheetLayout
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.people import HOSPITALS
from bhyt_filedrop.simulate.quarter.answering import (
    ChildAnswer,
    fill_in,
    form_4,
    joining,
    name_cell,
    printed,
    stranger,
)
from bhyt_filedrop.simulate.quarter.formats import WRITERS
from bhyt_filedrop.simulate.quarter.population import Population, TrueFate
from bhyt_filedrop.simulate.quarter.stage import MARK, Stage
from bhyt_filedrop.simulate.quarter.tables import SheetTable, read_table
from bhyt_filedrop.simulate.quarter.ward_plans import DAMAGED, IN_TWO, LIST_FAULTS, WardPlan

SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""A page of PDF without a word on it."""

REQUEST = "D03-TS"
"""Stands in the name of the D03-TS that is offered filled in."""

OLD = "Quý trước"

NAMES = ("KQ quy 1", "ket qua GKS", "Danh sách trẻ em", "bao cao GKS-CS q1", "DS tra loi")
"""What clerks call a file, whatever is in it."""


@dataclass
class Ward:
    """One ward's office at work."""

    stage: Stage
    population: Population
    unit: Unit
    plan: WardPlan
    rng: Random

    # --- reading -----------------------------------------------------------------------------

    def sent(self) -> Path | None:
        """Return the list that the ward was sent, the newest one; None where there is none."""
        lists = [p for p in self._inbox() if REQUEST not in p.name]
        return lists[-1] if lists else None

    def _inbox(self) -> list[Path]:
        return [p for p in self.stage.inbox(self.unit.id) if p.suffix == ".xlsx"]

    def answers(self, table: SheetTable) -> list[ChildAnswer]:
        """Look up every child of the list; a child of another ward is reported as a stranger."""
        found = []
        for line in table.lines:
            person = self.population.by_key.get(line.key)
            if (
                person is None
                or person.child.ward != self.unit.id
                or person.fate is TrueFate.LISTED
            ):
                self.stage.strangers.append(f"{self.unit.id} row {line.row}")
            else:
                found.append(ChildAnswer(line, person))
        return found

    # --- answering ---------------------------------------------------------------------------

    def answer(self, part: int = 0) -> None:
        """Drop what the plan says; of two files, the first (0) or the second (1)."""
        self._drop(part, self.plan.fault, returned=bool(self.plan.fault) and part == self.blamed)

    @property
    def blamed(self) -> int:
        """Which of two files comes back: what is wrong between them shows with the second."""
        between = ("list.child-missing", "list.child-in-two-lists")
        return int(self.plan.manner == "files" and self.plan.fault in between)

    def correct(self, part: int = 0) -> None:
        """Having found a marked copy in its folder, drop the file anew without the fault."""
        back = [p for p in self.stage.returned(self.unit.id) if MARK in p.name]
        if not back:
            self.stage.strangers.append(f"{self.unit.id} got nothing back")
        elif self.plan.in_copy:
            self._drop_copy(back[-1])
        else:
            self._drop(part, "", prefix="sua lai ")

    def ask_for_cards(self) -> None:
        """Hand in the D03-TS that lies filled in for those whose cards are being issued."""
        for draft in [p for p in self._inbox() if REQUEST in p.name]:
            data = draft.read_bytes()
            self.stage.drop(self.unit.id, draft.name, lambda p: _write(p, data))  # noqa: B023

    def think_again(self) -> None:
        """Send the list once more of its own accord: one child is registered elsewhere."""
        self._drop(0, "", prefix="bo sung ", moved=True)

    def scan(self) -> None:
        """Add the signed list as a picture of paper."""
        page = SCAN + f"%{self.unit.id}\n".encode()
        self.stage.drop(self.unit.id, "ban ky ten.pdf", lambda p: _write(p, page), more=True)

    def repeat(self) -> None:
        """Drop the very same file once more."""
        last = next(d for d in reversed(self.stage.dropped) if d.unit == self.unit.id)
        name = last.path.rpartition("/")[2]
        kept = self.stage.running.books.archive.path(last.sha256).read_bytes()
        self.stage.drop(self.unit.id, name, lambda p: _write(p, kept))

    def _drop(
        self,
        part: int,
        fault: str,
        *,
        returned: bool = False,
        prefix: str = "",
        moved: bool = False,
    ) -> None:
        """A list without a child on it is not written: no office sends an empty form."""
        source = self.sent()
        if source is None:
            return
        table = read_table(source)
        answers = self.answers(table)
        if moved:
            answers = [_registered_elsewhere(answer) for answer in answers]
        if self.plan.manner in IN_TWO and not has_part(answers, part) and not self._is_kit(part):
            return
        name, maker = (
            (source.name, self._kit(source, table, answers, fault))
            if self._is_kit(part)
            else self._own(answers, part, fault)
        )
        planted: Callable[[Path], tuple[Planted, ...]] = maker
        if fault and not returned:  # the fault is there, but it is another file that shows it
            planted = lambda path: maker(path)[:0]  # noqa: E731
        replaced = bool(fault) and self.blamed > part
        self.stage.drop(
            self.unit.id, prefix + name, planted, returned=returned, more=moved, replaced=replaced
        )

    def _is_kit(self, part: int) -> bool:
        return self.plan.manner == "kit" or (self.plan.manner == "kit-d03" and part == 0)

    def _kit(
        self, source: Path, table: SheetTable, answers: list[ChildAnswer], fault: str
    ) -> Callable[[Path], tuple[Planted, ...]]:
        if fault == DAMAGED:
            return lambda path: _cut_off(fill_in(source, table, answers, path), path)
        spoil = (fault,) if fault else ()
        return lambda path: fill_in(source, table, answers, path, spoil)

    def _own(
        self, answers: list[ChildAnswer], part: int, fault: str
    ) -> tuple[str, Callable[[Path], tuple[Planted, ...]]]:
        """Return the file's name and what writes it, for lists that the ward types itself."""
        name = self.rng.choice(NAMES)
        sheets = self._sheets(answers, fault)
        present = [one for n, one in enumerate(sheets) if has_part(answers, n)]
        if self.plan.old_sheet:
            present.insert(0, self._old_sheet(answers))
        if self.plan.manner == "zip":
            return f"{name}.zip", lambda path: _zipped(present, path)
        if self.plan.manner == "sheets":
            return f"{name}.xlsx", lambda path: _saved(present, path, "xlsx")
        ending = WRITERS[self.plan.format][0]
        kind = "D03" if part else "mau 4"
        return f"{name} {kind}{ending}", lambda path: _saved([sheets[part]], path, self.plan.format)

    def _old_sheet(self, answers: list[ChildAnswer]) -> tuple[SheetLayout, tuple[Planted, ...]]:
        """The form 4 of the round before, with a child of whom nobody asks any more."""
        rng, units = Random(f"{self.unit.id}/old"), self.population.units
        child = _as(stranger(rng, answers[0]), TrueFate.NONE)
        old = form_4(self.unit, units, self.population.round.previous, [child])
        layout, _ = printed(replace(old, sheet=OLD), units)
        return layout, (Planted("form.sheet-ignored", OLD, None, None),)

    def _sheets(
        self, answers: list[ChildAnswer], fault: str
    ) -> list[tuple[SheetLayout, tuple[Planted, ...]]]:
        lists = self._lists(answers, fault)
        spoil = (fault,) if fault and fault not in LIST_FAULTS else ()
        units, habit = self.population.units, self.plan.habit
        first, plants = printed(lists[0], units, habit, spoil, seed=_seed(self.unit.id))
        second, _ = printed(replace(lists[1], sheet="D03-TS"), units, habit)
        if fault == "list.child-unknown":
            plants = (name_cell(fault, first, len(first.child_rows) - 1),)
        elif fault == "list.child-missing":
            return [(first, ()), (second, (Planted(fault, "", None, None),))]
        elif fault == "list.child-in-two-lists":
            return [(first, ()), (second, (name_cell(fault, second, 0),))]
        return [(first, plants), (second, ())]

    def _lists(self, answers: list[ChildAnswer], fault: str) -> tuple[ListOf, ListOf]:
        """Return form 4 and D03-TS, with a child too few, too many, or in both."""
        unit, units, round_ = self.unit, self.population.units, self.population.round
        own = joining(unit, units, round_, answers, self.plan.habit)
        told = list(answers)
        if fault == "list.child-missing":
            told.remove(next(a for a in told if a.fate is not TrueFate.NOW))
        elif fault == "list.child-unknown":
            told.append(_as(stranger(self.rng, told[0]), TrueFate.NONE))
        elif fault == "list.child-in-two-lists":
            told.append(_as(next(a for a in told if a.fate is TrueFate.NOW), TrueFate.NONE))
        return form_4(unit, units, round_, told, self.plan.habit), own

    def _drop_copy(self, copy: Path) -> None:
        """Correct the product's marked copy and drop that: a clerk sees no reason not to."""
        table = read_table(copy)
        answers = self.answers(table)
        self.stage.drop(self.unit.id, copy.name, lambda path: fill_in(copy, table, answers, path))


def has_part(answers: Sequence[ChildAnswer], part: int) -> bool:
    """True where a ward has somebody for form 4 (0) or for D03-TS (1)."""
    return any((answer.fate is TrueFate.NOW) == bool(part) for answer in answers)


def _as(answer: ChildAnswer, fate: TrueFate) -> ChildAnswer:
    person = replace(answer.person, fate=fate, reason="Đã chuyển đi nơi khác")
    return ChildAnswer(answer.line, person)


def _registered_elsewhere(answer: ChildAnswer) -> ChildAnswer:
    """The child chose another hospital."""
    code, name = HOSPITALS[-1]
    child = replace(answer.person.child, facility=code, facility_name=name)
    return ChildAnswer(answer.line, replace(answer.person, child=child))


def _cut_off(planted: tuple[Planted, ...], path: Path) -> tuple[Planted, ...]:
    """The line broke: half of the file is there."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return (*planted, Planted(DAMAGED, "", None, None))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _saved(
    sheets: Sequence[tuple[SheetLayout, tuple[Planted, ...]]], path: Path, format: str
) -> tuple[Planted, ...]:
    WRITERS[format][1]([layout for layout, _ in sheets], path)
    plants = [p for _, planted in sheets for p in planted]
    return tuple(_in_format(p, format) for p in plants)


def _in_format(planted: Planted, format: str) -> Planted:
    """HTML and csv have no sheet names, so that one is not held against the finding."""
    return replace(planted, sheet="") if format in ("html", "csv") else planted


def _zipped(
    sheets: Sequence[tuple[SheetLayout, tuple[Planted, ...]]], path: Path
) -> tuple[Planted, ...]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, one in enumerate(sheets, start=1):
            name = f"danh sach {number}.xlsx"
            member = path.with_name(name)
            _saved([one], member, "xlsx")
            packed.write(member, name)
            member.unlink()
    return tuple(p for _, planted in sheets for p in planted)


def _seed(unit: str) -> int:
    """A number of an office: what digits its id has."""
    return int("".join(filter(str.isdigit, unit)))
