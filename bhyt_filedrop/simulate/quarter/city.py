"""The city's own offices in the quarter: who begins the round, and who places the unplaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import openpyxl

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.paper.layout import ListOf, Row, Value
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.simulate.addresses import whole_of
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.people import HOSPITALS
from bhyt_filedrop.simulate.quarter.answering import PLAIN, name_cell, printed, typed
from bhyt_filedrop.simulate.quarter.balances import alarmed, traced
from bhyt_filedrop.simulate.quarter.population import Person, Population, TrueFate, Visit
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.tables import SheetLine, SheetTable, read_table

UNPLACED = "Chưa xác định địa bàn"
"""How the product calls the list of children whom it could not place; it wants it back so."""

CARDED_FAULTS = ("row.card-invalid", "row.facility-missing")
UNCARDED_FAULTS = ("row.sex-missing", "row.id-number-invalid")
"""Doubtful rows of the city's lists: they travel on, marked."""


@dataclass
class City:
    """Phòng NVGĐ1, Phòng CNTT and Phòng Thu."""

    stage: Stage
    population: Population
    rng: Random

    def give_costs(self) -> None:
        """Phòng NVGĐ1 drops the cost list, some children on it several times."""
        code, name = HOSPITALS[0]
        rows = list(self._visits())
        self.rng.shuffle(rows)
        wanted = ListOf(
            "c79a",
            self.population.round,
            (f"Tên cơ sở khám, chữa bệnh: {name}", f"Mã số: {self._province}{code}"),
            sections={"A": rows},
        )
        name = f"{self._province}_ChiPhi_C79a_Q12015.xlsx"
        self._drop(self.stage.roles.costs, name, wanted)

    def give_what_is_no_list(self) -> None:
        """Phòng CNTT saves its pay list into the wrong folder: people, numbers, columns 1 to 12."""
        self.stage.drop(self.stage.roles.finder, "bang luong.xlsx", _pay_list, returned=True)

    def give_carded(self) -> None:
        """Phòng CNTT drops form 1: a child is left out, and one is on form 2 as well."""
        _, *known = self._listed
        self._form_1("mau 1 - da co the.xlsx", [*known, self._twice])

    def correct_carded(self) -> None:
        """Told that children do not add up, it asks who they are and drops form 1 again."""
        roles = self.stage.roles
        (hop,) = traced(self.stage, *roles.beginning).of(roles.carded)
        missing = {fold(fate.sent.child.name) for fate in hop.fates if not fate.found}
        doubled = {fold(fate.sent.child.name) for fate in hop.fates if len(fate.found) > 1}
        if missing != {fold(self._listed[0].listed_as)} or hop.missing != 1:
            self.stage.overlooked.append(f"the child on neither form: {hop.missing} are missing")
        both = {fold(self._twice.listed_as), fold(self._again.listed_as)}
        if doubled != both or hop.difference != -len(both):
            self.stage.overlooked.append(
                f"the child on both forms and the one twice on form 2: {hop.difference} is told"
            )
        if roles.finder not in alarmed(self.stage):
            self.stage.overlooked.append("no letter said that children do not add up")
        self._form_1("mau 1 - sua lai.xlsx", self._listed)

    @property
    def _province(self) -> str:
        return self.population.units.province_code or "79"

    @property
    def _listed(self) -> list[Person]:
        return [p for p in self.population.people if p.fate is TrueFate.LISTED]

    @property
    def _twice(self) -> Person:
        """A child of form 2 whose card CNTT found after all, without striking it there."""
        return self._plain[0]

    @property
    def _again(self) -> Person:
        """A child of form 2 that stands there twice, as two hospitals spell it."""
        return self._plain[1]

    @property
    def _plain(self) -> list[Person]:
        carded = (p for p in self.population.sent if p.fate is TrueFate.BEFORE and p.readable)
        return [p for p in carded if not p.is_nameless]

    @property
    def _issuer(self) -> tuple[str, ...]:
        units = self.population.units
        return issuer_lines(units[self.stage.roles.finder], units)

    def _form_1(self, name: str, people: list[Person]) -> None:
        rows = [person.child.row("form-1") for person in people]
        wanted = ListOf(
            "form-1", self.population.round, self._issuer, rows=rows, right="Phòng CNTT"
        )
        self._drop(self.stage.roles.finder, name, wanted, CARDED_FAULTS)

    def give_uncarded(self) -> None:
        """Phòng CNTT drops form 2, with addresses as the hospitals' clerks wrote them, and a child
        on it twice."""
        again = replace(self._again, listed_as=typed(self._again.listed_as, "old-tone").upper())
        self._form_2("mau 2 - chua co the.xlsx", [*self.population.sent, again], again)

    def correct_uncarded(self) -> None:
        """Told of the child that stands there twice, it strikes one row."""
        self._form_2("mau 2 - sua lai.xlsx", self.population.sent)

    def _form_2(self, name: str, people: Sequence[Person], again: Person | None = None) -> None:
        rows = [_uncarded(person) for person in people]
        wanted = ListOf(
            "form-2", self.population.round, self._issuer, rows=rows, right="Phòng CNTT"
        )

        def make(path: Path) -> tuple[Planted, ...]:
            layout, planted = printed(wanted, self.population.units, PLAIN, UNCARDED_FAULTS)
            write_layouts([layout], path)
            if again is None:
                return planted
            return (*planted, name_cell("row.repeated", layout, len(rows) - 1))

        self.stage.drop(self.stage.roles.finder, name, make)

    def place_the_unplaced(self) -> None:
        """A clerk of Phòng Thu fills in ward and district from the paper copies; of children of
        other provinces there is none at hand yet."""
        if lists := self._to_place():
            table = read_table(lists[-1], self._heads)
            self.stage.unplaced = frozenset(line.key for line in table.lines)
            self._see_waiting(len(table.lines))
            self.stage.drop(
                self.stage.roles.splitter,
                f"{UNPLACED}/da dien.xlsx",
                lambda p: self._placed(lists[-1], table, p),
            )

    def answer_for_the_outside(self) -> None:
        """Some days after the due date it answers for those too: they live outside the city."""
        away = self.population.outside
        self._see_waiting(len(away))
        if away:
            source = self._to_place()[-1]
            table = read_table(source, self._heads)
            if {line.key for line in table.lines} != {person.key for person in away}:
                self.stage.overlooked.append("children outside the city are not on the list")
            self.stage.drop(
                self.stage.roles.splitter,
                f"{UNPLACED}/con lai.xlsx",
                lambda p: self._fill_in_outside(source, table, p),
            )

    @property
    def _heads(self) -> Mapping[str, str]:
        """What the columns to fill in are headed."""
        words = self.population.units.words
        return {words["office_column"]: "district", words["ward_column"]: "ward"}

    def _to_place(self) -> list[Path]:
        return [p for p in self.stage.inbox(self.stage.roles.splitter) if UNPLACED in p.name]

    def _see_waiting(self, count: int) -> None:
        """As long as children wait for their ward the balance is open, by just so many."""
        open_ = traced(self.stage).unplaced
        if open_ != count:
            self.stage.overlooked.append(f"{open_} children wait for their ward, not {count}")

    # --- rows --------------------------------------------------------------------------------

    def _visits(self) -> Iterator[Row]:
        for person in self.population.people:
            for visit in person.visits:
                yield self._visit(person, visit)

    def _visit(self, person: Person, visit: Visit) -> Row:
        child, units = person.child, self.population.units
        place: dict[str, Value] = {"address": person.address}
        if person.split:
            place |= {"ward": person.place[0], "district": person.place[1], "city": whole_of(units)}
        return {
            "name": person.listed_as.lower(),
            "birth_year_female" if child.girl else "birth_year_male": child.birth_date.year,
            "disease": "J06",
            "visit_date": visit.day,
            "cost_test": visit.tests,
            "cost_drug": visit.drugs,
            "cost_total": visit.total,
            "cost_patient": 0,
            "cost_insurance": visit.total,
            "treated_at": child.whole_facility,
            "settled_year": self.population.round.year,
            "settled_month": visit.day.month,
            "valid_from": child.birth_date,
            "valid_to": units.entitlement.valid_until(child.birth_date),
            **place,
        }

    # --- files -------------------------------------------------------------------------------

    def _drop(self, unit: str, name: str, wanted: ListOf, spoil: tuple[str, ...] = ()) -> None:
        def make(path: Path) -> tuple[Planted, ...]:
            layout, planted = printed(wanted, self.population.units, PLAIN, spoil)
            write_layouts([layout], path)
            return planted

        self.stage.drop(unit, name, make)

    def _placed(self, source: Path, table: SheetTable, to: Path) -> None:
        units = self.population.units

        def place_of(line: SheetLine) -> dict[str, str | None]:
            person = self.population.by_key[line.key]
            ward = units[person.child.ward]
            above = units.by_id.get(ward.parent)
            if person.outside:
                return {"ward": None, "district": None}
            return {"ward": ward.name, "district": above.name if above else None}

        self._fill_in(source, table, place_of, to)

    def _fill_in_outside(self, source: Path, table: SheetTable, to: Path) -> None:
        outside = self.population.units.authority.outside
        column = "district" if self.population.offices else "ward"
        self._fill_in(source, table, lambda line: {column: outside}, to)

    @staticmethod
    def _fill_in(
        source: Path,
        table: SheetTable,
        told: Callable[[SheetLine], Mapping[str, str | None]],
        to: Path,
    ) -> None:
        book = openpyxl.load_workbook(source)
        for line in table.lines:
            for field, value in told(line).items():
                if field in table.columns:
                    book[table.sheet].cell(line.row, table.columns[field]).value = value
        book.save(to)


def _pay_list(to: Path) -> tuple[Planted, ...]:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["BẢNG THANH TOÁN TIỀN LƯƠNG THÁNG 4 NĂM 2015"])
    sheet.append(_PAY_HEADS)
    sheet.append(list(range(1, len(_PAY_HEADS) + 1)))
    for number in range(1, 21):
        who = [number, f"Trần Văn {chr(64 + number)}", f"NV{number:03}", "01/02/2010"]
        sheet.append([*who, 2.34, 0.3, 3_000_000, 240_000, 45_000, 30_000, 2_685_000, ""])
    book.save(to)
    return (Planted("form.unrecognised", "", None, None),)


_PAY_HEADS = ["STT", "Họ và tên", "Mã số", "Ngày vào làm", "Hệ số", "Phụ cấp", "Lương", "BHXH",
              "BHYT", "BHTN", "Thực lĩnh", "Ký nhận"]  # fmt: skip


def _uncarded(person: Person) -> Row:
    row = person.child.row("form-2", carded=False)
    return {**row, "code": None, "name": person.listed_as, "address": person.address}
