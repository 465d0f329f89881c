"""A ward in the quarter: it opens the list in its folder, looks its children up, and answers.

How it answers is its plan: in the list itself, on forms of its own in one, two or zipped files,
with or without the codes, in time or late, wrong at first. A ward learns that it was wrong only
from what comes back to its folder.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from bhyt_filedrop.domain.paper.layout import SheetLayout
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.simulate.faults import FAULTS, HEADING_FAULTS, Planted, code_of
from bhyt_filedrop.simulate.people import HOSPITALS
from bhyt_filedrop.simulate.quarter.answering import (
    ChildAnswer,
    form_4,
    joining,
    printed,
    stranger,
)
from bhyt_filedrop.simulate.quarter.filling import fill_in
from bhyt_filedrop.simulate.quarter.formats import WRITERS
from bhyt_filedrop.simulate.quarter.own_faults import (
    EXCHANGED,
    LATER,
    OWN_FAULTS,
    TellingWard,
    as_fate,
    exchange_dates,
    tell,
    with_child,
)
from bhyt_filedrop.simulate.quarter.population import Population, TrueFate
from bhyt_filedrop.simulate.quarter.stage import MARK, NEW, Dropped, Stage
from bhyt_filedrop.simulate.quarter.tables import SheetTable, read_table
from bhyt_filedrop.simulate.quarter.ward_plans import DAMAGED, IN_TWO, WardPlan

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

Says = Callable[[Sequence[ChildAnswer]], list[ChildAnswer]]
"""What a ward believes of its children."""

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
        self.hand_in(part, self.plan.fault, returned=bool(self.plan.fault) and part == self.blamed)

    @property
    def blamed(self) -> int:
        """Which of two files comes back: what is wrong between them shows with the second."""
        return int(self.plan.manner == "files" and self.plan.fault in LATER)

    def correct(self, part: int = 0) -> None:
        """Having found a marked copy in its folder, drop the file anew without the fault."""
        back = [p for p in self.stage.returned(self.unit.id) if MARK in p.name]
        if not back:
            self.stage.strangers.append(f"{self.unit.id} got nothing back")
        elif self.plan.in_copy:
            self._drop_copy(back[-1])
        else:
            self.hand_in(part, "", prefix="sua lai ")

    def ask_for_cards(self) -> None:
        """Hand in the D03-TS that lies filled in for those whose cards are being issued."""
        for draft in [p for p in self._inbox() if REQUEST in p.name]:
            data = draft.read_bytes()
            self.stage.drop(self.unit.id, draft.name, lambda p: _write(p, data))  # noqa: B023

    def think_again(self) -> None:
        """Send the list once more of its own accord: one child is registered elsewhere."""
        self.hand_in(0, "", prefix="bo sung ", says=_all_elsewhere, more=True)

    def amend(self) -> None:
        """After the final lists went out: one child has a card after all."""
        source = self.sent()
        if source is None:
            return
        table = read_table(source)
        answers = self.answers(table)
        late = next(a for a in answers if a.fate is TrueFate.NONE)
        person = replace(late.person, fate=TrueFate.BEFORE, reason="")
        answers[answers.index(late)] = ChildAnswer(late.line, person)
        self.stage.carded_late.add(late.person.real_key)
        make = self._kit(source, table, answers, "")
        self.stage.drop(self.unit.id, f"bo sung {source.name}", make, more=True)

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

    def hand_in(
        self,
        part: int,
        fault: str,
        *,
        returned: bool = False,
        prefix: str = "",
        says: Says = list,
        more: bool = False,
        replaces: str = "",
        age: timedelta = NEW,
    ) -> Dropped | None:
        """Drop a list; None where no child is on it: no office sends an empty form.

        `says` is what the ward believes of its children, and may be wrong.
        """
        source = self.sent()
        if source is None:
            return None
        table = read_table(source)
        answers = says(self.answers(table))
        if self.plan.manner in IN_TWO and not has_part(answers, part) and not self._is_kit(part):
            return None
        name, maker = (
            (source.name, self._kit(source, table, answers, fault))
            if self._is_kit(part)
            else self._own(answers, part, fault)
        )
        planted: Callable[[Path], tuple[Planted, ...]] = maker
        if fault and not returned:  # the fault is there, but it is another file that shows it
            planted = lambda path: maker(path)[:0]  # noqa: E731
        return self.stage.drop(
            self.unit.id, prefix + name, planted, returned=returned, more=more,
            replaced=bool(fault) and self.blamed > part, replaces=replaces, age=age,
        )  # fmt: skip

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
        sheets = self.sheets(answers, fault)
        present = [one for n, one in enumerate(sheets) if has_part(answers, n)]
        if self.plan.old_sheet:
            present.insert(0, self._old_sheet(answers))
        if self.plan.manner == "zip":
            return f"{name}.zip", lambda path: _zipped(present, path)
        if self.plan.manner == "sheets":
            return f"{name}.xlsx", lambda path: save_as(present, path, "xlsx")
        ending = WRITERS[self.plan.format][0]
        kind = "D03" if part else "mau 4"
        mine, format = [sheets[part]], self.plan.format
        return f"{name} {kind}{ending}", lambda path: save_as(mine, path, format)

    def _old_sheet(self, answers: list[ChildAnswer]) -> tuple[SheetLayout, tuple[Planted, ...]]:
        """The form 4 of the round before, with a child of whom nobody asks any more."""
        rng, units = Random(f"{self.unit.id}/old"), self.population.units
        child = as_fate(stranger(rng, answers[0]), TrueFate.NONE)
        old = form_4(self.unit, units, self.population.round.previous, [child])
        layout, _ = printed(replace(old, sheet=OLD), units)
        return layout, (Planted("form.sheet-ignored", OLD, None, None),)

    def sheets(
        self, answers: list[ChildAnswer], fault: str
    ) -> list[tuple[SheetLayout, tuple[Planted, ...]]]:
        """Return form 4 and D03-TS, with a fault of one of them or between them."""
        unit, units, round_ = self.unit, self.population.units, self.population.round
        habit, told = self.plan.habit, tell(fault, answers, self._setting)
        spoil = (fault,) if fault in FAULTS or fault in HEADING_FAULTS else ()
        spoil = () if fault in OWN_FAULTS else spoil
        form = form_4(unit, units, round_, told.form, habit)
        d03 = joining(unit, units, round_, told.joining, habit, told.edition)
        first, plants = printed(form, units, habit, spoil, seed=_seed(unit.id))
        second, _ = printed(replace(d03, sheet="D03-TS"), units, habit)
        if fault == EXCHANGED:
            first, found = exchange_dates(first)
            plants = (found,)
        made: list[tuple[SheetLayout, tuple[Planted, ...]]] = [(first, plants), (second, ())]
        if fault in OWN_FAULTS:
            layout, _ = made[told.part]
            made[told.part] = (layout, (told.planted(code_of(fault), layout),))
        return made

    @property
    def _setting(self) -> TellingWard:
        carded = [p for p in self.population.people if p.fate is TrueFate.LISTED]
        return TellingWard(self.rng, carded)

    def _drop_copy(self, copy: Path) -> None:
        """Correct the product's marked copy and drop that: a clerk sees no reason not to."""
        table = read_table(copy)
        answers = self.answers(table)
        self.stage.drop(self.unit.id, copy.name, lambda path: fill_in(copy, table, answers, path))


def has_part(answers: Sequence[ChildAnswer], part: int) -> bool:
    """True where a ward has somebody for form 4 (0) or for D03-TS (1)."""
    return any((answer.fate is TrueFate.NOW) == bool(part) for answer in answers)


def _all_elsewhere(answers: Sequence[ChildAnswer]) -> list[ChildAnswer]:
    """The children chose another hospital."""
    code, name = HOSPITALS[-1]
    return [with_child(a, facility=code, facility_name=name) for a in answers]


def _cut_off(planted: tuple[Planted, ...], path: Path) -> tuple[Planted, ...]:
    """The line broke: half of the file is there."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return (*planted, Planted(DAMAGED, "", None, None))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def save_as(
    sheets: Sequence[tuple[SheetLayout, tuple[Planted, ...]]], path: Path, format: str
) -> tuple[Planted, ...]:
    """Write sheets in one of the `WRITERS`' formats; return the faults that they have there."""
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
            save_as([one], member, "xlsx")
            packed.write(member, name)
            member.unlink()
    return tuple(p for _, planted in sheets for p in planted)


def _seed(unit: str) -> int:
    """A number of an office: what digits its id has."""
    return int("".join(filter(str.isdigit, unit)))
