"""Drafts of forms 1 and 2: every child of the cost list once, doubts for a person to decide."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.derive.drafts import MAY_HAVE_CARD, RegisterRow, drafts, proper
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.drafts import doubt_sheets, form_1_sheets, form_2_sheets
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.tables import read_forms
from bhyt_filedrop.simulate.people import InventedChild
from tests.derived import ROUND, city, kids, office, visit


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.of(city())


def card_of(child: InventedChild, **more: str) -> RegisterRow:
    values = {
        "name": child.name, "birth": child.birth_date.isoformat(), "parent": child.mother,
        "card": child.card, "facility": f"79{child.facility}", "facility_name": child.facility_name,
        "address": child.address, "sex": "nu" if child.girl else "nam",
    }  # fmt: skip
    return RegisterRow(**{**values, **more})


@given(
    st.lists(st.integers(0, 9), max_size=20),
    st.dictionaries(st.integers(0, 9), st.sampled_from(["same", "elsewhere", "no address"])),
)
@settings(max_examples=40, deadline=None)
def test_every_child_of_the_cost_list_is_in_exactly_one_draft_with_all_its_costs(treated, register):
    pool = kids(10)
    addresses = {"same": {}, "elsewhere": {"address": "1 Hoa Sứ, Phường 5, Quận 3"},
                 "no address": {"address": ""}}  # fmt: skip
    cards = [card_of(pool[n], **addresses[where]) for n, where in register.items()]

    found = drafts([visit(pool[n], 1000) for n in treated], cards, gazetteer())

    drafted = [*found.carded, *found.uncarded]
    names = Counter(c.name.casefold() for c in drafted)
    assert names == Counter({pool[n].name.casefold(): 1 for n in set(treated)})
    assert sum(c.costs["cost_total"] for c in drafted) == 1000 * len(treated)
    certain = {pool[n].name for n, where in register.items() if where == "same" and n in treated}
    assert {c.name for c in found.carded} == certain
    assert {d.child.name for d in found.doubtful} <= {c.name for c in found.uncarded}


def test_a_certain_child_brings_its_card_hospital_and_mother_from_the_register():
    (child,) = kids(1)
    found = drafts([visit(child)], [card_of(child)], gazetteer())

    (drafted,) = found.carded
    assert (drafted.name, drafted.birth) == (child.name, child.birth_date.isoformat())
    assert (drafted.card, drafted.facility) == (child.card, f"79{child.facility}")
    assert (drafted.parent, drafted.ward) == (child.mother, child.ward)
    assert (found.uncarded, found.doubtful) == ((), ())


def test_an_uncertain_child_is_drafted_as_uncarded_and_its_likely_cards_are_shown():
    (child,) = kids(1)
    cards = [card_of(child, address=""), card_of(child, address="1 Hoa Sứ, Quận 3", card="TE2")]

    found = drafts([visit(child)], cards, gazetteer())

    assert found.carded == ()
    assert [c.note for c in found.uncarded] == [MAY_HAVE_CARD]
    assert [card.card for card in found.doubtful[0].likely] == [child.card, "TE2"]


def test_a_child_nobody_knows_has_no_note_and_no_card():
    (child,) = kids(1)
    (drafted,) = drafts([visit(child, card="TE1790000000001")], [], gazetteer()).uncarded

    assert (drafted.note, drafted.card, drafted.carded) == ("", "", "no")


def test_a_newborns_mother_is_taken_from_its_placeholder():
    (child,) = kids(1)
    seen = visit(child, name="con bà nguyễn thị lan")
    (drafted,) = drafts([seen], [], gazetteer()).uncarded

    assert (drafted.name, drafted.parent) == ("Con bà Nguyễn Thị Lan", "Nguyễn Thị Lan")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("nguyễn gia bảo", "Nguyễn Gia Bảo"),
        ("đặng ánh", "Đặng Ánh"),
        ("Nguyễn GIA Bảo", "Nguyễn GIA Bảo"),
        ("con bà trần thị út", "Con bà Trần Thị Út"),
        ("", ""),
    ],
)
def test_names_in_small_letters_are_written_as_forms_write_them(typed, written):
    assert proper(typed) == written


def test_both_drafts_are_recognised_as_the_forms_that_cntt_drops():
    pool = kids(4)
    found = drafts([visit(c) for c in pool], [card_of(c) for c in pool[:2]], gazetteer())
    forms = read_forms(config_dir(), Gathered())

    made = {"form-1": form_1_sheets(found.carded, ROUND, office("cntt")),
            "form-2": form_2_sheets(found.uncarded, ROUND, office("cntt"))}  # fmt: skip
    for form, layouts in made.items():
        sheets = tuple(layout.as_sheet() for layout in layouts)
        seen = recognise(Workbook("xlsx", sheets), forms, city())
        (submission,) = seen.submissions
        assert (submission.form, len(submission.rows)) == (form, 2)
        assert submission.round == ROUND
        assert seen.findings == ()


def test_the_sheet_of_doubts_tells_a_child_once_and_each_card_on_a_row_of_its_own():
    (child,) = kids(1)
    cards = [card_of(child, address=""), card_of(child, address="", card="TE2")]
    doubts, treated = doubt_sheets(
        drafts([visit(child)] * 2, cards, gazetteer()), ROUND, office("cntt")
    )
    cells = {(c.row, c.column): c.value for c in doubts.cells}
    firsts = [cells[row, doubts.columns["child"]] for row in doubts.child_rows]

    assert firsts[0]
    assert firsts[1:] == [None]
    assert [c.value for c in treated.cells if c.column == treated.columns["visits"]][-2:] == [2, 2]


AT = "12 Lê Lợi, P. Bến Nghé, Q.1"
AN = RegisterRow(
    "Lê An", "2014-03-05", "Trần Thị Lan", "TE1790000000001", "79014", "", AT, sex="nam"
)


@pytest.mark.parametrize(
    ("treated", "carded"),
    [
        ([("con bà trần thị lan 1", ""), ("con bà trần thị lan 2", "")], 0),
        ([("con bà trần thị lan", "nam"), ("con bà trần thị lan", "nu")], 1),
        ([("con bà trần thị lan 1", "nam"), ("lê an", "nam")], 1),
        ([("con bà trần thị lan", "nam"), ("lê an", "nam")], 2),
        ([("con bà trần thị lan", ""), ("cb trần thị lan", "nam")], 2),
        ([("con bà trần thị lan 2", "nam")], 1),
    ],
    ids=["numbers", "sexes", "one has its name", "spelt twice", "told once", "alone"],
)
def test_twins_never_share_a_card_and_who_may_not_have_it_is_asked_for(
    treated: list[tuple[str, str]], carded: int
):
    place = gazetteer().place(AT)
    visits = [
        ListedChild(
            name=name, birth="2014-03-05", sex=sex, address=AT, ward=place.ward,
            district=place.district,
        )
        for name, sex in treated
    ]  # fmt: skip

    found = drafts(visits, [AN], gazetteer())

    assert len(found.carded) == carded
    assert len(found.carded) + len(found.uncarded) == len(found.treated)
    assert {child.note for child in found.uncarded} <= {MAY_HAVE_CARD}
    assert [one.likely[0].name for one in found.doubtful] == ["Lê An"] * len(found.uncarded)
