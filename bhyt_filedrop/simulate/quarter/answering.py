"""How an office writes an answer: into the list it was sent, or typed anew into forms of its own.

What is written comes from the lines that the office read in its folder and from its own register of
children; nothing else of the population is looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.domain.forms.answers import CODE_HEAD
from bhyt_filedrop.domain.forms.printed import Print, PrintColumn
from bhyt_filedrop.domain.paper.layout import (
    STATUSES,
    ListOf,
    PlacedCell,
    Row,
    SheetLayout,
    Value,
    lay_out_as,
    supplier_of,
)
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.simulate.faults import Planted, place, plant
from bhyt_filedrop.simulate.quarter.population import Person, TrueFate
from bhyt_filedrop.simulate.quarter.tables import SheetLine
from bhyt_filedrop.simulate.shapes import shapes

STATUS_OF: Mapping[TrueFate, str] = dict(
    zip((TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE), STATUSES, strict=True)
)


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """What an office knows about one child on its list."""

    line: SheetLine
    person: Person

    @property
    def fate(self) -> TrueFate:
        """Which of the three lists the child belongs to."""
        return self.person.fate

    @property
    def name(self) -> str:
        """The name as the list has it, or the child's own where it had none yet."""
        return self.person.child.name if self.person.is_nameless else self.line["name"]


@dataclass(frozen=True, slots=True)
class Habit:
    """How a clerk types a list of his own.

    `keeps_code` copies the Mã đối chiếu along; `reordered` has the columns in an order of the
    office's own; `case` is `as-is`, `upper`, `nfd`, `spaced` or `old-tone`. `split_name` writes
    Họ đệm and Tên apart, `closed` a line of words below the last child.
    """

    keeps_code: bool = True
    reordered: bool = False
    case: str = "as-is"
    split_name: bool = False
    closed: bool = False


PLAIN = Habit()
HABITS = (
    Habit(keeps_code=False),
    Habit(keeps_code=False, reordered=True),
    Habit(keeps_code=False, case="upper"),
    Habit(keeps_code=False, case="nfd"),
    Habit(keeps_code=False, reordered=True, case="spaced"),
    Habit(keeps_code=False, case="old-tone"),
    Habit(split_name=True),
    Habit(keeps_code=False, closed=True),
)
"""Clerks who type the list anew, so that every code is lost."""

_TONES = {"òa": "oà", "óa": "oá", "ỏa": "oả", "ọa": "oạ", "úy": "uý", "ùy": "uỳ", "ủy": "uỷ"}


def typed(text: str, case: str) -> str:
    """Return a text as a clerk of some habit types it."""
    if case == "upper":
        return text.upper()
    if case == "nfd":
        return unicodedata.normalize("NFD", text)
    if case == "spaced":
        return f" {text.replace(' ', '  ')}\u00a0"
    if case == "old-tone":
        for new, old in _TONES.items():
            text = text.replace(new, old)
    return text


# --- the sent list itself, filled in ---------------------------------------------------------


# --- lists of its own ------------------------------------------------------------------------


def form_4(
    unit: Unit, units: Units, round_: Round, answers: Iterable[ChildAnswer], habit: Habit = PLAIN
) -> ListOf:
    """Return a ward's form 4: carded before, and not carded with the reason."""
    every = list(answers)
    return _typed_list("form-4", unit, units, round_, habit, {
        "I": [_row(a, "form-4", habit) for a in every if a.fate is TrueFate.BEFORE],
        "II": [_row(a, "form-4", habit) for a in every if a.fate is TrueFate.NONE],
    })  # fmt: skip


def form_3(
    unit: Unit, units: Units, round_: Round, answers: Iterable[ChildAnswer], habit: Habit = PLAIN
) -> ListOf:
    """Return a district's form 3, by now with the numbers of the new cards."""
    every = list(answers)
    sections = {"I": TrueFate.BEFORE, "II": TrueFate.NOW, "III": TrueFate.NONE}
    return _typed_list("form-3", unit, units, round_, habit, {
        section: [_row(a, "form-3", habit) for a in every if a.fate is fate]
        for section, fate in sections.items()
    })  # fmt: skip


EDITION = "d03-ts-1111"
"""The D03-TS that the wards of 2015 use."""


def joining(
    unit: Unit, units: Units, round_: Round, answers: Iterable[ChildAnswer], habit: Habit = PLAIN,
    edition: str = EDITION,
) -> ListOf:  # fmt: skip
    """Return a ward's D03-TS: those who get their card now."""
    rows = [_joining(a, habit, units.entitlement) for a in answers if a.fate is TrueFate.NOW]
    return _typed_list(edition, unit, units, round_, habit, {"I": rows})


def _typed_list(
    form: str, unit: Unit, units: Units, round_: Round, habit: Habit,
    sections: Mapping[str, Sequence[Row]],
) -> ListOf:  # fmt: skip
    return ListOf(
        form, round_, issuer_lines(unit, units), sections=sections,
        supplier=supplier_of(unit, units),
    )  # fmt: skip


def _row(answer: ChildAnswer, form: str, habit: Habit) -> Row:
    carded = answer.fate is not TrueFate.NONE
    row = answer.person.child.row(form, carded=carded, note=answer.person.reason)
    return {**row, **_typed_who(answer, habit)}


def _typed_who(answer: ChildAnswer, habit: Habit) -> dict[str, Value]:
    name = typed(answer.name, habit.case)
    *lead, given = name.split()
    return {
        "name": name,
        "family_name": " ".join(lead),
        "given_name": given,
        "parent": typed(answer.line["parent"], habit.case),
        "address": answer.person.child.address,
        "code": answer.line["code"] if habit.keeps_code else None,
    }


def _joining(answer: ChildAnswer, habit: Habit, rules: Entitlement) -> Row:
    """One row of D03-TS. It has no column for the mother, so a clerk without codes leaves a
    newborn's name as the list has it: nothing else would tell whose row it is."""
    child = answer.person.child
    paid = rules.contribution(child.birth_date)
    known = {} if habit.keeps_code else {"name": typed(answer.line["name"], habit.case)}
    return {
        **child.row(EDITION, carded=False),
        **_typed_who(answer, habit),
        **known,
        "facility": child.whole_facility,
        "start_month": f"{paid.first_month:%m/%Y}",
        "months": paid.months,
        "valid_from": child.birth_date,
        "valid_to": rules.valid_until(child.birth_date),
    }


def printed(
    wanted: ListOf, units: Units, habit: Habit = PLAIN, spoil: Sequence[str] = (), seed: int = 1
) -> tuple[SheetLayout, tuple[Planted, ...]]:
    """Lay an office's own list out with faults in it; return where each stands."""
    spoiled, plans = plant(wanted, units, spoil, seed=seed)
    layout = lay_out_as(_shape(wanted.form, habit), spoiled)
    if habit.closed and layout.total_row:
        words = PlacedCell(layout.total_row + 1, layout.columns["name"], "Hết danh sách", "text")
        layout = replace(layout, cells=(*layout.cells, words))
    return layout, tuple(place(plan, layout) for plan in plans)


def _shape(form: str, habit: Habit) -> Print:
    """An office's own order of columns: the address and the parent first, the date later."""
    by_field = {column.field: column for column in shapes()[form].columns}
    if habit.keeps_code:
        by_field["code"] = PrintColumn("code", (CODE_HEAD,), None, 14, "code", hidden=True)
    if habit.split_name:
        by_field = dict(_name_apart(by_field))
    first = ("number", "name", "parent", "address") if habit.reordered else ()
    front = [by_field.pop(field) for field in first if field in by_field]
    return replace(shapes()[form], columns=(*front, *by_field.values()))


def _name_apart(columns: Mapping[str, PrintColumn]) -> Iterator[tuple[str, PrintColumn]]:
    for field, column in columns.items():
        if field != "name":
            yield field, column
            continue
        for own, head, label in (
            ("family_name", "Họ đệm", column.label),
            ("given_name", "Tên", None),
        ):
            yield own, replace(column, field=own, head=(*column.head, head), label=label)


# --- children who are none of the list's ------------------------------------------------------


def name_cell(code: str, layout: SheetLayout, child: int) -> Planted:
    """Return a fault that stands at a child's name."""
    row = layout.child_rows[child]
    return Planted(code, layout.name, a1(row, layout.columns["name"]), row)


def stranger(rng: Random, like: ChildAnswer) -> ChildAnswer:
    """Return a child that the office never was asked about, in the manner of one that it was."""
    child = replace(
        like.person.child,
        name=f"Mạc Thị Vọng {rng.choice(('Khuê', 'Nguyệt', 'Điệp'))}",
        girl=True,
        birth_date=date(2014, 7, rng.randint(1, 28)),
        mother=f"Cao Thị {rng.choice(('Sương', 'Lụa', 'Bưởi'))}",
        id_number=f"03{rng.randrange(10**7):07}",
        card=f"TE1799{rng.randrange(10**9):09}",
    )
    values = {**like.line.values, "name": child.name, "parent": child.mother, "code": ""}
    person = replace(like.person, child=child, listed_as=child.name)
    return ChildAnswer(replace(like.line, values=values), person)
