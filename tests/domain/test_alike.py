"""Two forms that nothing tells apart are known before a list is taken for the wrong one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bhyt_filedrop.domain.forms.alike import alike
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.forms.spec import Column, FormSpec
from tests.grids import build, forms, units

FORM_2 = next(form for form in forms() if form.id == "form-2")
OWN_SIGN = r"\b9999 qd bhxh"


def another(**changes: object) -> FormSpec:
    """The second form with another id, and changed."""
    return replace(FORM_2, id="other", **changes)  # type: ignore[arg-type]


def with_columns(change: Callable[[Column], Column], *more: Column) -> FormSpec:
    return another(columns=(*map(change, FORM_2.columns), *more))


def names(*specs: FormSpec) -> list[tuple[str, str]]:
    return [(form.id, other.id) for form, other in alike(specs)]


def taken_for(*specs: FormSpec) -> str:
    """The form that a sound list of the second form is taken for."""
    (submission,) = recognise(build("form-2").workbook, specs, units()).submissions
    return submission.form


def test_no_two_shipped_forms_are_alike():
    assert list(alike(forms())) == []


NOTHING_OF_ITS_OWN = {
    "a copy": another(),
    "other rules": another(rules=replace(FORM_2.rules, carded="yes"), name="Bản khác"),
    "other kinds of cells": with_columns(lambda c: replace(c, kind="text")),
    "other names of fields": with_columns(lambda c: replace(c, field=f"{c.field}_2030")),
    "other numbers under words": with_columns(lambda c: replace(c, numbers=("31",))),
    "headings that fold to the same": with_columns(
        lambda c: replace(c, headers=tuple(h.upper() for h in c.headers))
    ),
    "fewer signs": another(signs=FORM_2.signs[:1]),
    "no titles": another(titles=()),
    "more against it": another(not_titles=(*FORM_2.not_titles, OWN_SIGN)),
    "fewer headings": with_columns(lambda c: replace(c, headers=c.headers[:1])),
}


@pytest.mark.parametrize("other", NOTHING_OF_ITS_OWN.values(), ids=NOTHING_OF_ITS_OWN)
def test_a_form_with_nothing_of_its_own_is_told_whichever_comes_first(other: FormSpec):
    assert names(FORM_2, other) == [("other", "form-2")]
    assert [set(pair) for pair in names(other, FORM_2)] == [{"other", "form-2"}]


@pytest.mark.parametrize(
    "kind", ["a copy", "other rules", "other kinds of cells", "other numbers under words"]
)
def test_of_two_that_are_alike_the_first_file_would_win(kind: str):
    """Why it is a fault: the same list is one form or another by the names of two files."""
    other = NOTHING_OF_ITS_OWN[kind]

    assert taken_for(FORM_2, other) == "form-2"
    assert taken_for(other, FORM_2) == "other"


def both_ways(form: FormSpec, other: FormSpec) -> list[tuple[str, str]]:
    return [*names(form, other), *names(other, form)]


def test_a_title_that_only_one_has_tells_no_list_that_lacks_it():
    """The plain form would be taken for the fuller one, or not, by the names of their files."""
    fuller = another(titles=(*FORM_2.titles, "danh sach bo sung"))

    assert names(FORM_2, fuller) == [("form-2", "other")]


def test_each_with_a_title_of_its_own_is_told_apart():
    other = another(titles=("danh sach bo sung",))

    assert both_ways(FORM_2, other) == []


def test_each_with_a_sign_of_its_own_is_told_apart():
    other = another(signs=(*FORM_2.signs[1:], OWN_SIGN))

    assert both_ways(FORM_2, other) == []


def test_a_form_is_told_from_one_with_more_signs_by_what_that_one_minds():
    """What the message advises: what only the plain form says stands there under `not_titles`."""
    signed = another(signs=(*FORM_2.signs, OWN_SIGN))
    minding = replace(signed, not_titles=(*FORM_2.not_titles, "mau cu"))

    assert names(FORM_2, signed) == [("form-2", "other")]
    assert both_ways(FORM_2, minding) == []


def test_a_column_that_only_one_requires_tells_them_apart():
    own = Column("hamlet", ("Ấp",), required=True)

    assert both_ways(FORM_2, with_columns(lambda c: c, own)) == []


def test_a_column_that_one_has_and_need_not_have_does_not():
    own = Column("hamlet", ("Ấp",))

    assert names(FORM_2, with_columns(lambda c: c, own)) == [("form-2", "other")]


def test_what_one_requires_and_the_other_only_takes_does_not():
    easier = with_columns(lambda c: replace(c, required=c.required and c.field != "address"))

    assert names(FORM_2, easier) == [("form-2", "other")]


def test_two_columns_that_are_one_to_the_other_tell_them_apart():
    split = with_columns(lambda c: replace(c, field="number" if c.field == "note" else c.field))

    assert ("form-2", "other") not in names(FORM_2, split)


def test_sections_of_its_own_tell_a_form():
    form_4 = next(form for form in forms() if form.id == "form-4")
    whole = replace(form_4, id="other")
    plain = replace(form_4, id="plain", sections=())

    assert names(form_4, whole) == [("other", "form-4")]
    assert both_ways(form_4, plain) == []
