"""What a form is: its titles, columns, sections and rules, as declared in `config/forms/*.toml`.

A new edition of a form is a new file there and no code: these values say everything that
recognition and checks need to know about it. The field names that forms share are in `FIELDS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from bhyt_filedrop.domain.forms.printed import Print, wrongly_printed

Kind = Literal[
    "text", "number", "name", "birth-date", "birth-year", "birth-year-male", "birth-year-female",
    "sex", "sex-nu", "card", "province", "facility", "facility-or-name", "id-number", "date",
    "month", "months", "amount", "note", "answer", "code",
]  # fmt: skip
"""What a column holds. In a `birth-year` column the year is enough. `sex` must be filled in;
`sex-nu` marks girls and a blank is a boy. `facility-or-name` takes a hospital's code or its name.
`answer` is one of the reply kit's three answers. `code` is the product's own child code."""

Carded = Literal["yes", "no", ""]
"""Whether the children of a form or section have a card: all of them, none, or either."""

CardKind = Literal["te", "bhxh", "personal"]
"""A child's card of 15 characters, the 10-digit social insurance number, the 12-digit personal
number (`people.Card.kind`)."""

Category = Literal["carded-before", "carded-now", "uncarded", ""]
"""Which of a return's three lists a child stands in (1331/BHXH-THU, 5.2.4); "" = in none."""

FIELDS: Mapping[str, str] = {
    "number": "STT",
    "name": "Họ và tên",
    "card": "Mã số (thẻ BHYT)",
    "birth_date": "Ngày tháng năm sinh",
    "birth_year_male": "Năm sinh (Nam)",
    "birth_year_female": "Năm sinh (Nữ)",
    "sex": "Giới tính",
    "province": "Tỉnh (nơi đăng ký KCB ban đầu)",
    "facility": "Mã BV (nơi đăng ký KCB ban đầu)",
    "facility_name": "Tên bệnh viện",
    "parent": "Họ tên mẹ (cha)",
    "id_number": "Số CMND",
    "address": "Địa chỉ",
    "ward": "Phường/xã",
    "district": "Quận/huyện",
    "city": "Tỉnh/thành phố",
    "note": "Ghi chú",
    "visit_date": "Ngày khám",
    "date_in": "Ngày vào",
    "date_out": "Ngày ra",
    "days": "Số ngày điều trị",
    "disease": "Mã bệnh",
    "other_disease": "Bệnh khác",
    "cost_total": "Tổng chi phí",
    "cost_patient": "Người bệnh chi trả",
    "cost_insurance": "Đề nghị BHXH thanh toán",
    "valid_from": "Giá trị thẻ từ",
    "valid_to": "Giá trị thẻ đến",
    "start_month": "Từ tháng",
    "months": "Số tháng",
    "status": "Kết quả",
    "code": "Mã đối chiếu",
}
"""Field names that checks and lists know, with the Vietnamese name of each. A form may have others;
they are carried, not checked."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `headers` are the texts over it, a two-level header joined from the top (`Nơi đăng ký KCB ban
    đầu Mã BV`); case, diacritics and punctuation do not matter. `numbers` are its labels in the
    number row. A required column may be replaced by all the columns of `instead`. Two columns of
    one field are two spellings of it that differ in kind.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    field: str
    headers: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    kind: Kind = "text"
    required: bool = False
    instead: tuple[str, ...] = ()
    name: str = ""
    """The column's name in messages; its first header when not given."""

    @property
    def title(self) -> str:
        """How messages name the column."""
        return self.name or (self.headers[0] if self.headers else FIELDS.get(self.field, ""))


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a form, such as `II Trẻ em chưa được cấp thẻ`.

    `headings` are regular expressions searched in the folded heading (lower case, no diacritics, no
    punctuation), the mark in front included. `marks` are the marks that alone name the section.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    title: str
    headings: tuple[str, ...]
    marks: tuple[str, ...] = ()
    required: bool = False
    carded: Carded = ""
    category: Category = ""
    """Which of a return's three lists this section is."""
    reason_required: bool = False
    """A child here needs its reason in Ghi chú (1331/BHXH-THU, 5.2.4)."""
    outside_city: bool = False
    """Children of other provinces: their addresses are not looked up."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rules a form's rows are held to."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    carded: Carded = ""
    category: Category = ""
    """Which of a return's three lists the form is, where it has no sections that say so."""
    states_round: bool = True
    """The heading must name the round ("Đợt … năm …")."""
    facility_with_card: bool = True
    """A carded child needs the hospital of its first registration."""
    parent: bool = True
    """The parent's name must be filled in where the form has the column."""
    address: bool = True
    """The address must be filled in where the form has the column."""
    numbers: tuple[CardKind, ...] = ()
    """Which numbers may stand in the column of the card in this edition; none named = those that
    the city takes (`[numbers]` of `city.toml`)."""
    visits: bool = False
    """A row is a visit, so one child may stand in several rows."""
    answered: bool = False
    """Each row's Kết quả says which of a return's lists its child belongs to (the reply kit)."""
    contribution: bool = False
    """Start month and number of months follow the rule on contributions."""
    validity: bool = False
    """A stated validity of the card follows the rule on validity."""


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One form in one edition.

    `titles`, `signs` and `not_titles` are regular expressions over the folded text above the table:
    each title found speaks for the form strongly, each sign (such as who issues it) somewhat, and a
    `not_titles` hit against it.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    family: str
    name: str
    columns: tuple[Column, ...]
    titles: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    not_titles: tuple[str, ...] = ()
    issuer: str = ""
    """The kind of unit, or the unit, that issues it; told in messages and the handbook only."""
    printed_as: str = ""
    """The form whose printed shape this edition has; "" = its own."""
    decision: str = ""
    """The decision that issued this edition, as the paper names it; "" = that of the shape."""
    printed: Print | None = field(default=None, hash=False)
    """Its own printed shape, where the product prints it filled in."""
    sections: tuple[Section, ...] = ()
    assumed_section: str = ""
    """The section of rows that stand before any section heading."""
    rules: Rules = field(default_factory=Rules)

    @property
    def asks_for_cards(self) -> bool:
        """True for a form that has the children in it whose cards are being issued, and nobody
        else who gets an answer: D03-TS."""
        told = {s.category for s in self.sections} | {self.rules.category}
        return told - {""} == {"carded-now"}

    def in_words(self, ward: str, office: str | None) -> FormSpec:
        """Return the same with a city's own headings of the columns that say where a child lives.

        "" adds none. `office` is None where nobody stands between the wards and the top: no row can
        name such an office then.
        """
        headings = {"ward": ward, "district": office}
        return replace(self, columns=tuple(_in_words(c, headings) for c in self.columns))

    @property
    def label(self) -> str:
        """What people call it: its name up to the dash (`Mẫu 3`)."""
        return self.name.split(" – ")[0]

    def section(self, section_id: str) -> Section | None:
        """Return a section by its id."""
        return next((s for s in self.sections if s.id == section_id), None)

    def carded(self, section_id: str) -> Carded:
        """Say whether the children of a section have cards; the form's own word without one."""
        found = self.section(section_id)
        return found.carded if found else self.rules.carded

    def category(self, section_id: str) -> Category:
        """Say which of a return's lists a section is; the form's own word without one."""
        found = self.section(section_id)
        return found.category if found else self.rules.category


def _in_words(column: Column, headings: Mapping[str, str | None]) -> Column:
    if column.field not in headings:
        return column
    said = headings[column.field]
    if said is None:
        return replace(column, required=False)
    if not said:
        return column
    return replace(column, headers=tuple(dict.fromkeys((*column.headers, said))))


def problems(spec: FormSpec) -> Iterator[tuple[str, str]]:
    """Yield `(key, what is wrong)` for each contradiction in a form's declaration."""
    if not any(c.field == "name" for c in spec.columns):
        yield "columns", "there is no column for the field `name`"
    fields = {c.field for c in spec.columns}
    for column in spec.columns:
        for other in column.instead:
            if other not in fields:
                yield f"columns.{column.field}.instead", f"no column has the field `{other}`"
        if not column.headers and not column.numbers:
            yield f"columns.{column.field}", "neither headers nor numbers are given"
    if spec.assumed_section and spec.section(spec.assumed_section) is None:
        yield "assumed_section", f"there is no section `{spec.assumed_section}`"
    if spec.printed is not None:
        yield from ((f"printed.{key}", why) for key, why in wrongly_printed(spec.printed))
    for key, pattern in _patterns(spec):
        try:
            re.compile(pattern)
        except re.error as err:
            yield key, f"{pattern!r} is not a regular expression: {err}"


def _patterns(spec: FormSpec) -> Iterator[tuple[str, str]]:
    for key in ("titles", "signs", "not_titles"):
        yield from ((key, pattern) for pattern in getattr(spec, key))
    for section in spec.sections:
        yield from ((f"sections.{section.id}.headings", p) for p in section.headings)
