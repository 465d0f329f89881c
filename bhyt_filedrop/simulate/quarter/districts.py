"""A district in the quarter: it takes the draft that the product made of its wards' answers, or
fills in its own list, or types a form 3 of its own; and it answers for wards that never did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import openpyxl

from bhyt_filedrop.domain.paper.layout import ListOf
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.quarter.answering import PLAIN, ChildAnswer, form_3, printed
from bhyt_filedrop.simulate.quarter.filling import fill_in
from bhyt_filedrop.simulate.quarter.own_faults import exchange_dates
from bhyt_filedrop.simulate.quarter.population import Population, TrueFate
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.tables import SheetLine, SheetTable, read_table

DRAFT = "bản nháp"


@dataclass(frozen=True, slots=True)
class DistrictPlan:
    """How one district answers: `draft`, `kit` or `own`; `fault` is what is wrong at first."""

    manner: str = "own"
    fault: str = ""


@dataclass
class District:
    """One district's office at work."""

    stage: Stage
    population: Population
    unit: Unit
    plan: DistrictPlan
    rng: Random

    def sent(self) -> Path:
        """Return the newest list that the district was sent. Raises LookupError without one."""
        lists = [
            p for p in self.stage.inbox(self.unit.id) if p.suffix == ".xlsx" and self._is_ours(p)
        ]
        if not lists:
            raise LookupError(f"{self.unit.id} was sent no list")
        return lists[-1]

    def _is_ours(self, path: Path) -> bool:
        """What its wards sent lies in the same folder, under their own names."""
        wards = (ward.folder for ward in self.population.units.children(self.unit.id))
        return DRAFT not in path.name and not path.name.startswith(tuple(wards))

    def answers(self, table: SheetTable) -> list[ChildAnswer]:
        """Look up every child of the list; one that lives elsewhere is reported as a stranger."""
        found = []
        for line in table.lines:
            person = self.population.by_key.get(line.key)
            ward = self.population.units[person.child.ward] if person else None
            if person is None or ward is None or ward.parent != self.unit.id:
                self.stage.strangers.append(f"{self.unit.id} row {line.row}")
            else:
                found.append(ChildAnswer(line, person))
        return found

    def answer(self) -> None:
        """Drop form 3; where something is wrong on purpose, it comes back."""
        self._drop(f"{self.unit.name} - mau 3.xlsx", self.plan.fault)

    def correct_elsewhere(self) -> None:
        """Correct it on a computer whose Excel takes the month first."""
        wanted = self._form(self.answers(read_table(self.sent())))

        def make(path: Path) -> tuple[Planted, ...]:
            layout, found = exchange_dates(printed(wanted, self.population.units)[0])
            write_layouts([layout], path)
            return (found,)

        self.stage.drop(self.unit.id, f"{self.unit.name} - mau 3 sua.xlsx", make, returned=True)

    def correct(self) -> None:
        """Drop form 3 once more without the fault."""
        self._drop(f"{self.unit.name} - mau 3 sua lai.xlsx", "")

    def amend(self) -> None:
        """After the final lists went out: one child has got its card after all."""
        table = read_table(self.sent())
        answers = self.answers(table)
        late = next(a for a in answers if a.fate is TrueFate.NONE)
        person = replace(late.person, fate=TrueFate.NOW, reason="")
        answers[answers.index(late)] = ChildAnswer(late.line, person)
        self.stage.carded_late.add(late.person.real_key)
        self._save(f"{self.unit.name} - mau 3 bo sung.xlsx", answers, "")

    def _drop(self, name: str, fault: str) -> None:
        draft = self._draft()
        if draft and not fault:
            table = read_table(draft)
            self.stage.drop(self.unit.id, name, lambda path: self._finish(draft, table, path))
        elif self.plan.manner == "kit":
            self._fill_in(name)
        else:
            self._save(name, self.answers(read_table(self.sent())), fault)

    def _fill_in(self, name: str) -> None:
        source = self.sent()
        table = read_table(source)
        answers = self.answers(table)
        self.stage.drop(
            self.unit.id, name, lambda path: fill_in(source, table, answers, path, issued=True)
        )

    def _save(self, name: str, answers: list[ChildAnswer], fault: str) -> None:
        wanted = self._form(answers)
        spoil = (fault,) if fault else ()

        def make(path: Path) -> tuple[Planted, ...]:
            layout, planted = printed(wanted, self.population.units, PLAIN, spoil)
            write_layouts([layout], path)
            return planted

        self.stage.drop(self.unit.id, name, make, returned=bool(fault))

    def _form(self, answers: list[ChildAnswer]) -> ListOf:
        return form_3(self.unit, self.population.units, self.population.round, answers)

    # --- the product's draft -------------------------------------------------------------------

    def _draft(self) -> Path | None:
        """Return the draft where the district works with it and it has every child."""
        drafts = [p for p in self.stage.inbox(self.unit.id) if DRAFT in p.name]
        if self.plan.manner != "draft" or not drafts:
            return None
        known = {self._person(line) for line in read_table(drafts[-1]).lines}
        wanted = {self._person(line) for line in read_table(self.sent()).lines}
        return drafts[-1] if wanted <= known else None

    def _person(self, line: SheetLine) -> str:
        person = self.population.by_key.get(line.key)
        return person.child.code if person else ""

    def _finish(self, draft: Path, table: SheetTable, to: Path) -> None:
        """Fill in the cards that were issued since the wards answered."""
        book = openpyxl.load_workbook(draft)
        sheet = book[table.sheet]
        for line in table.lines:
            if line.section == "II":
                child = self.population.by_key[line.key].child
                for field, value in (
                    ("card", child.card), ("province", child.province),
                    ("facility", child.facility), ("facility_name", child.facility_name),
                    ("note", None),
                ):  # fmt: skip
                    sheet.cell(line.row, table.columns[field]).value = value
        book.save(to)
