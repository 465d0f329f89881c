"""The reply kit: a ward's list that is its own answer sheet, from print to the checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.answers import ANSWER_TEXTS, read_answer
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.layout import ListOf, Row, lay_out
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile import Came, reconcile
from bhyt_filedrop.domain.reconcile import findings as reconciling
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.people import InventedChild, children

ROUND = Round(2015, 1)
WARD = "26740"
BEFORE, NOW, NONE = ANSWER_TEXTS.values()


@cache
def shipped() -> Settings:
    return load(config_dir())


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.of(shipped().units)


def answers(*given: dict[str, str]) -> list[Row]:
    """One row a child, with what its ward filled in."""
    units = shipped().units
    kids = children(units, len(given), round=ROUND, wards=[units[WARD]])
    return [
        {**kid.row("form-2", carded=False), **said} for kid, said in zip(kids, given, strict=True)
    ]


def read_back(form: str, rows: list[Row], **more: object) -> Recognition:
    units = shipped().units
    issuer = issuer_lines(units[WARD], units)
    layout = lay_out(ListOf(form, ROUND, issuer, rows=rows, **more))  # type: ignore[arg-type]
    return recognise(Workbook("xlsx", (layout.as_sheet(),)), shipped().forms, units)


def findings_as(handoff: str | None, rows: list[Row]) -> list[Finding]:
    units = shipped().units
    found = read_back("reply-kit", rows)
    handoffs = shipped().process.handoffs
    context = Context(
        date(2015, 6, 10),
        units,
        gazetteer(),
        by_id(shipped().forms),
        round=ROUND,
        sender=units[WARD],
        handoff=handoffs[handoff] if handoff else None,
    )
    return [f for f in check(found.submissions[0], context) if f.severity != "notes"]


CARD = {"card": "TE1790000010001", "province": "79", "facility": "014"}


def test_a_kit_comes_back_as_a_reply_kit_and_a_plain_form_2_stays_form_2():
    rows = answers({"status": BEFORE, **CARD}, {"status": NONE, "note": "Đã chuyển đi"})

    kit, plain = read_back("reply-kit", rows), read_back("form-2", rows)
    with_answers = read_back("form-2", rows, kit=True)

    assert [s.form for s in kit.submissions] == ["reply-kit"]
    assert kit.findings == () == plain.findings
    assert [s.form for s in plain.submissions] == ["form-2"]
    assert [s.form for s in with_answers.submissions] == ["form-2"]


def test_a_kit_is_known_by_its_title_far_better_than_any_other_form_is():
    """A clerk who loses the title keeps the sheet's name, and the other way round."""
    rows = answers({"status": BEFORE, **CARD})
    layout = lay_out(ListOf("reply-kit", ROUND, (), rows=rows, sheet="Phiếu trả lời"))
    sheet = layout.as_sheet()
    top = layout.header_rows[0]
    rows_left = tuple(() if n < top - 1 else row for n, row in enumerate(sheet.rows))
    merges_left = tuple(m for m in sheet.merges if m.first_row >= top)
    untitled = replace(sheet, rows=rows_left, merges=merges_left)

    found = recognise(Workbook("xlsx", (untitled,)), shipped().forms, shipped().units)

    assert [s.form for s in found.submissions] == ["reply-kit"]


def test_a_kit_names_its_ward_and_round_and_keeps_every_code():
    rows = answers({"status": NONE, "note": "Đã chuyển đi"}, {"status": BEFORE, **CARD})
    submission = read_back("reply-kit", rows).submissions[0]

    assert submission.unit == WARD
    assert submission.round == ROUND
    assert [r["code"].text for r in submission.rows] == [row["code"] for row in rows]


def test_a_kit_filled_in_rightly_has_no_fault():
    rows = answers(
        {"status": BEFORE, **CARD},
        {"status": NOW},
        {"status": NONE, "note": "Gia đình không cư trú tại địa phương"},
    )

    assert findings_as("ward-return", rows) == []


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({}, "row.status-missing", "status"),
        ({"status": "xem lại"}, "row.status-invalid", "status"),
        ({"status": BEFORE, "province": "79", "facility": "014"}, "row.card-missing", "card"),
        ({"status": BEFORE, "card": CARD["card"]}, "row.facility-missing", "facility"),
        ({"status": NOW, "card": CARD["card"]}, "row.facility-missing", "facility"),
        ({"status": NOW, **CARD, "card": "TE179"}, "row.card-invalid", "card"),
        ({"status": NONE}, "row.reason-missing", "note"),
        ({"status": NONE, "note": "Đã chuyển đi", "card": CARD["card"]},
         "row.card-unexpected", "card"),
    ],
)  # fmt: skip
def test_an_answer_that_lacks_something_is_shown_at_its_cell(said, code, field):
    first = {"status": BEFORE, **CARD, "card": "TE1790000020002"}
    found = findings_as("ward-return", answers(first, said))

    assert [(f.code, f.field, f.row is not None) for f in found] == [(code, field, True)]
    assert found[0].severity == "blocks"


def test_a_ward_may_owe_the_number_of_a_new_card_but_a_district_may_not():
    """The ward's D03-TS asks for the number; nothing follows the district's return."""
    rows = answers({"status": NOW})

    assert findings_as("ward-return", rows) == []
    assert [f.code for f in findings_as("district-return", rows)] == ["row.card-missing"]


def test_advice_on_a_kit_speaks_of_the_answer_and_not_of_sections():
    found = findings_as("ward-return", answers({"status": NONE, "note": "x y", **CARD}))

    assert "Kết quả" in found[0].remedy
    assert "mục" not in found[0].remedy


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("Đã có thẻ từ trước", "carded-before"),
        ("da co the tu truoc", "carded-before"),
        ("có thẻ", "carded-before"),
        ("Cấp thẻ đợt này", "carded-now"),
        ("ĐÃ CẤP THẺ ĐỢT NÀY", "carded-now"),
        ("Cấp mới", "carded-now"),
        ("Không đủ cơ sở cấp thẻ", "uncarded"),
        ("Không đủ CS cấp thẻ đợt này", "uncarded"),
        ("chưa có thẻ", "uncarded"),
        ("", ""),
        ("?", ""),
        ("không rõ", ""),
    ],
)
def test_an_answer_is_read_however_it_was_typed(typed, answer):
    assert read_answer(typed) == answer


# --- beside the other papers of a return -----------------------------------------------------


def came(kid: InventedChild, category: str, source: str, status: str = "") -> Came:
    row = ListedChild(
        name=kid.name, birth=kid.birth_date.isoformat(), status=status, category=category
    )  # type: ignore[arg-type]
    return Came(row, row.category, source)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_d03_that_asks_for_the_cards_a_kit_promised_is_no_second_list(order):
    units = shipped().units
    (kid,) = children(units, 1, round=ROUND, wards=[units[WARD]])
    papers = [came(kid, "carded-now", "kit", NOW), came(kid, "carded-now", "d03")]

    result = reconcile([papers[0].child], [papers[n] for n in order])

    assert reconciling(result) == ()
    assert len(result.pairs) == 1


def test_a_d03_for_a_child_that_the_kit_says_gets_no_card_contradicts_it():
    units = shipped().units
    (kid,) = children(units, 1, round=ROUND, wards=[units[WARD]])
    papers = [came(kid, "uncarded", "kit", NONE), came(kid, "carded-now", "d03")]

    result = reconcile([papers[0].child], papers)

    assert [f.code for f in reconciling(result)] == ["list.child-in-two-lists"]


def test_a_child_twice_on_one_kit_is_repeated():
    units = shipped().units
    (kid,) = children(units, 1, round=ROUND, wards=[units[WARD]])
    papers = [came(kid, "carded-now", "kit", NOW)] * 2

    assert [f.code for f in reconciling(reconcile([papers[0].child], papers))] == ["row.repeated"]
