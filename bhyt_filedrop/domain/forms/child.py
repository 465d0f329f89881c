"""One row read as a child: its name, birth, card, hospital … each read once from its cells.

Checks, reconciliation and derived lists all read rows through this, so a date means the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Generic, TypeVar, overload

from bhyt_filedrop.domain.cells.amounts import Amount, read_amount
from bhyt_filedrop.domain.cells.dates import (
    MISSING,
    BirthDate,
    is_us_order,
    read_birth_date,
    read_date,
    read_month,
)
from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.cells.people import (
    Card,
    Facility,
    IdNumber,
    PersonName,
    Sex,
    child_key,
    read_card,
    read_facility,
    read_id_number,
    read_name,
    read_sex,
)
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.forms.answers import Answer, read_answer
from bhyt_filedrop.domain.forms.fields import Field, broken_fields
from bhyt_filedrop.domain.forms.spec import Carded, FormSpec, Section
from bhyt_filedrop.domain.forms.submission import ChildRow, Submission
from bhyt_filedrop.domain.process.child_codes import split_code

T = TypeVar("T")


class once(Generic[T]):
    """A property worked out once an instance: `functools.cached_property` without its lock, which
    up to Python 3.11 costs more than most of these readings."""

    def __init__(self, read: Callable[[Child], T]) -> None:
        self._read = read
        self._name = read.__name__
        self.__doc__ = read.__doc__

    @overload
    def __get__(self, child: None, owner: type) -> once[T]: ...

    @overload
    def __get__(self, child: Child, owner: type) -> T: ...

    def __get__(self, child: Child | None, owner: type) -> once[T] | T:
        if child is None:
            return self
        value = child.__dict__[self._name] = self._read(child)
        return value


_BIRTH_YEARS = ("birth_year_male", "birth_year_female")
DATES = ("birth_date", "valid_from", "valid_to", "visit_date", "date_in", "date_out")
"""Fields that hold whole dates."""
COSTS = ("cost_total", "cost_patient", "cost_insurance")
"""The amounts that are carried along, in đồng."""


class Child:
    """One child's row with its values read. Values of broken or absent cells read as missing."""

    def __init__(
        self,
        row: ChildRow,
        form: FormSpec,
        us_order: frozenset[str] = frozenset(),
        file: str = "",
        province_codes: Mapping[str, str] | None = None,
    ) -> None:
        self.row = row
        self._province_codes = province_codes or {}
        self.form = form
        self.file = file
        self._us_order = us_order

    def __getitem__(self, name: str) -> Field:
        """Return a field of the row."""
        return self.row[name]

    def text(self, name: str) -> str:
        """Return a field's text, "" where the form lacks the column."""
        return self.row.fields.text(name)

    def value(self, name: str) -> CellValue:
        """Return a field's value: repaired where it is text, as stored where it is not."""
        raw = self.row.fields.raw(name)
        if isinstance(raw, str):
            return self.row.fields.text(name)
        return None if isinstance(raw, ErrorValue) else raw

    @once
    def broken(self) -> frozenset[str]:
        """The fields whose cell holds an error (`#REF!`, a formula without a result)."""
        return broken_fields(self.row.fields)

    def has_column(self, name: str) -> bool:
        """True where the table has the column, filled in or not."""
        return name in self.row.fields

    @once
    def section(self) -> Section | None:
        """The section that the row stands in."""
        return self.form.section(self.row.section)

    @once
    def answer(self) -> Answer:
        """Which of a return's lists the row's own Kết quả puts the child on, "" where none."""
        return read_answer(self.row.text("status"))

    @once
    def carded(self) -> Carded:
        """Whether a child of this form and section has a card; on a reply kit, of this row."""
        if self.form.rules.answered:
            return self._carded_by_answer
        return self.form.carded(self.row.section)

    @property
    def _carded_by_answer(self) -> Carded:
        """A card being issued now may lack its number: D03-TS, which asks for it, follows."""
        if self.answer == "carded-now":
            return "yes" if self.row["card"] else ""
        told: dict[Answer, Carded] = {"carded-before": "yes", "uncarded": "no"}
        return told.get(self.answer, "")

    @once
    def code(self) -> str:
        """The Mã đối chiếu: of its own column, else as a clerk wrote it into Ghi chú, where forms
        3 and 4 have no column for it."""
        return self.row.text("code") or split_code(self.row.text("note"))[0]

    @once
    def name(self) -> PersonName:
        """The child's name."""
        return read_name(self.row.text("name"))

    @once
    def birth_field(self) -> Field:
        """The cell that tells the birth: the date, else whichever year column is filled in."""
        if self.row["birth_date"] or not self._years:
            return self.row["birth_date"]
        return next((self.row[name] for name in self._years if self.row[name]), self._first_year)

    @property
    def _years(self) -> tuple[str, ...]:
        return tuple(name for name in _BIRTH_YEARS if name in self.row.fields)

    @property
    def _first_year(self) -> Field:
        return self.row[self._years[0]]

    @once
    def birth(self) -> BirthDate:
        """When the child was born. Where a form asks for the year alone, the year is enough."""
        found = self.birth_field
        if not found.column:
            return MISSING
        birth = read_birth_date(self.value(found.name), us_order=found.name in self._us_order)
        if found.kind.startswith("birth-year") and birth.problem == "incomplete":
            return BirthDate(birth.date, birth.year, birth.month)
        return birth

    @property
    def born_from(self) -> date | None:
        """The first day on which the child may have been born."""
        birth = self.birth
        return birth.date or (date(birth.year, birth.month or 1, 1) if birth.year else None)

    @property
    def born_to(self) -> date | None:
        """The last day on which the child may have been born."""
        birth = self.birth
        if birth.date or birth.year is None:
            return birth.date
        following = date(birth.year + (birth.month or 12) // 12, (birth.month or 12) % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)

    @once
    def sex(self) -> Sex:
        """The child's sex, by the kind of column it stands in or the year column filled in."""
        if not self.has_column("sex") and self._years:
            return Sex("nam" if self.row["birth_year_male"] else "nu")
        kind = "nu" if self.row["sex"].kind == "sex-nu" else "gioi-tinh"
        return read_sex(self.value("sex"), kind)

    @once
    def card(self) -> Card:
        """The card number."""
        return read_card(self.value("card"))

    @once
    def facility(self) -> Facility:
        """The hospital of first registration; a name in place of a code reads as missing."""
        code = self.value("facility")
        named = isinstance(code, str) and self.row["facility"].kind == "facility-or-name"
        if named and not _is_code_like(str(code)):
            return Facility(problem="missing")
        if not code and self.card.facility:
            return Facility(self.card.facility)
        return read_facility(self.value("province"), code, self._province_codes)

    @once
    def id_number(self) -> IdNumber:
        """The parent's number (the child's own in D03-TS)."""
        return read_id_number(self.value("id_number"))

    def day(self, name: str) -> date | None:
        """Return another date of the row, None where there is no full one."""
        return read_date(self.value(name), us_order=name in self._us_order)

    def month(self, name: str) -> date | None:
        """Return the first day of a month field."""
        return read_month(self.value(name))

    def amount(self, name: str) -> Amount:
        """Return an amount of the row."""
        return read_amount(self.value(name))

    @once
    def address(self) -> str:
        """The whole address, its split columns joined to it."""
        parts = (self.row.text(name) for name in ("address", "ward", "district", "city"))
        return ", ".join(part for part in parts if part)

    @once
    def key(self) -> str:
        """The key of the child within a round (`people.child_key`)."""
        return child_key(self.name.text, self.birth, read_parent(self.row.text("parent")))

    def finding(self, code: str, name: str, message: str, remedy: str) -> Finding:
        """Make a finding of a published code at the cell of one of the row's fields."""
        place = self.row[name]
        return finding(
            code,
            message,
            remedy,
            sheet=self.row.sheet,
            cell=place.cell,
            row=self.row.row,
            field=name,
            value=place.text or None,
            file=self.file,
        )


def _is_code_like(text: str) -> bool:
    compact = text.replace(" ", "").replace("-", "").replace(".", "")
    return not compact or (len(compact) <= 6 and any(char.isdigit() for char in compact))


def children(submission: Submission, form: FormSpec) -> Iterator[Child]:
    """Yield every row of a submission as a child, in order."""
    us_order: dict[str, frozenset[str]] = {}
    for row in submission.rows:
        if row.sheet not in us_order:
            us_order[row.sheet] = _us_order(submission, row.sheet)
        said = (us_order[row.sheet], submission.file, submission.province_codes)
        yield Child(row, form, *said)


def _us_order(submission: Submission, sheet: str) -> frozenset[str]:
    """The date columns of a sheet that are typed month first."""
    rows = [row for row in submission.rows if row.sheet == sheet]
    return frozenset(name for name in DATES if is_us_order(row.fields.raw(name) for row in rows))
