"""Printed lists: everything that we lay out is read back as what went in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from bhyt_filedrop.domain.forms.submission import Submission
from bhyt_filedrop.domain.paper.layout import (
    STATUSES,
    ListOf,
    SheetLayout,
    supplier_of,
)
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.paper.page import lines_of
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.lists import list_of
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.simulate.shapes import lay_out_any as lay_out
from bhyt_filedrop.simulate.shapes import shapes

ROUND = Round(2015, 1)
FORMS = sorted(shapes())
BY_ISSUER = {"form-3": "760", "form-4": "26740"}


@cache
def shipped() -> Settings:
    return load(config_dir())


@cache
def some_children(count: int = 9) -> tuple[InventedChild, ...]:
    units = shipped().units
    return tuple(children(units, count, round=ROUND, wards=units.children("760")))


def a_list(form: str, **changes: object) -> ListOf:
    units = shipped().units
    issuer = BY_ISSUER.get(form, "26740" if form.startswith("d03") else "cntt")
    return list_of(form, ROUND, units[issuer], units, some_children(), **changes)  # type: ignore[arg-type]


def read_back(layout: SheetLayout) -> Recognition:
    return recognise(Workbook("xlsx", (layout.as_sheet(),)), shipped().forms, shipped().units)


def only(recognition: Recognition) -> Submission:
    assert len(recognition.submissions) == 1
    return recognition.submissions[0]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_we_print_is_recognised_without_a_remark(form):
    recognition = read_back(lay_out(a_list(form)))

    assert only(recognition).form == form
    assert only(recognition).round == ROUND
    assert recognition.findings == ()


@pytest.mark.parametrize("form", FORMS)
def test_every_printed_column_row_and_section_is_found_where_it_was_printed(form):
    layout = lay_out(a_list(form))
    table = only(read_back(layout)).tables[0]

    assert dict(table.columns) == dict(layout.columns)
    assert dict(table.sections) == dict(layout.section_rows)
    assert table.header_rows[1] == layout.header_rows[1]
    assert [row.row for row in only(read_back(layout)).rows] == list(layout.child_rows)


@pytest.mark.parametrize(("form", "unit"), [("form-3", "760"), ("form-4", "26740")])
def test_the_heading_names_the_office_that_drew_the_list_up(form, unit):
    assert only(read_back(lay_out(a_list(form)))).unit == unit


def test_a_child_keeps_its_name_birth_date_and_number_word_for_word():
    layout = lay_out(a_list("form-2"))
    first, child = only(read_back(layout)).rows[0], some_children()[0]

    assert first["name"].text == child.name
    assert first["birth_date"].raw == child.birth_date
    assert first["id_number"].raw == child.id_number
    assert first["address"].text == child.address


def test_children_are_numbered_through_all_sections():
    layout = lay_out(a_list("form-3"))
    numbers = [row["number"].raw for row in only(read_back(layout)).rows]

    assert numbers == [float(n) for n in range(1, 10)]


def test_two_level_headings_are_merged_over_their_columns():
    layout = lay_out(a_list("form-1"))
    top, columns = layout.header_rows[0], layout.columns
    hospital = (top, columns["province"], top, columns["facility_name"])

    spans = {(m.first_row, m.first_column, m.last_row, m.last_column) for m in layout.merges}

    assert hospital in spans
    assert (top, columns["name"], top + 1, columns["name"]) in spans


@pytest.mark.parametrize("form", FORMS)
def test_merged_ranges_never_overlap(form):
    """Excel calls a workbook with overlapping merges damaged."""
    seen: set[tuple[int, int]] = set()
    for area in lay_out(a_list(form, kit=True)).merges:
        places = {
            (row, column)
            for row in range(area.first_row, area.last_row + 1)
            for column in range(area.first_column, area.last_column + 1)
        }
        assert not places & seen
        seen |= places


def test_the_reply_kit_offers_the_three_answers_and_hides_its_codes():
    layout = lay_out(a_list("form-2", kit=True))

    assert layout.hidden_columns == {layout.columns["code"]}
    assert [(c.column, c.options) for c in layout.choices] == [(layout.columns["status"], STATUSES)]
    assert (layout.choices[0].first_row, layout.choices[0].last_row) == (
        layout.child_rows[0],
        layout.child_rows[-1],
    )


def test_the_reply_kit_comes_back_recognised_with_each_childs_code():
    recognition = read_back(lay_out(a_list("form-2", kit=True)))

    assert recognition.findings == ()
    codes = [row["code"].text for row in only(recognition).rows]
    assert codes == [child.code for child in some_children()]


def test_in_a_form_with_sections_the_answers_skip_the_section_headings():
    layout = lay_out(a_list("form-3", kit=True))
    offered = {r for c in layout.choices for r in range(c.first_row, c.last_row + 1)}

    assert offered == set(layout.child_rows)


def test_a_list_without_children_still_has_its_sections_and_signatures():
    layout = lay_out(ListOf("form-3", ROUND, ("A", "B")))
    texts = [cell.value for cell in layout.cells]

    assert set(layout.section_rows) == {"I", "II", "III"}
    assert "Người lập biểu" in texts
    assert "Tổng cộng: 0 trẻ" in texts


def test_the_date_of_signing_is_left_open_unless_it_is_given():
    dated = lay_out(replace(a_list("form-1", made_on=date(2015, 5, 6)), place="TP.HCM"))
    open_ = lay_out(a_list("form-1"))

    assert "TP.HCM, ngày 06 tháng 05 năm 2015" in [c.value for c in dated.cells]
    assert any("ngày ....." in str(c.value) for c in open_.cells)


def test_the_decision_that_a_form_comes_from_is_printed_whole():
    layout = lay_out(a_list("d03-ts-1111"))
    (decision,) = [c for c in layout.cells if "1111/QĐ-BHXH" in str(c.value)]

    assert layout.heights[decision.row] >= 30


def test_cost_lists_number_their_amounts_as_the_printed_form_does():
    layout = lay_out(a_list("c79a"))
    labels = {c.column: c.value for c in layout.cells if c.row == layout.header_rows[1]}

    assert labels[layout.columns["cost_total"]] == -1
    assert labels[layout.columns["address"]] == -24
    assert labels[layout.columns["facility"]] == "G"
    assert layout.paper == "A3"


def test_a_ward_writes_under_its_peoples_committee_and_answers_its_district():
    units = shipped().units

    assert issuer_lines(units["26740"], units) == ("UBND QUẬN 1", "UBND PHƯỜNG BẾN NGHÉ")
    assert supplier_of(units["26740"], units) == "BHXH Quận 1"
    assert supplier_of(units["760"], units) == "BHXH Thành phố"


@given(
    counts=st.lists(st.integers(0, 4), min_size=3, max_size=3),
    about=st.sampled_from(["", "Phường Bến Nghé, Quận 1"]),
    kit=st.booleans(),
)
@hypothesis_settings(max_examples=25, deadline=None)
def test_every_child_is_printed_once_in_its_section_whatever_the_sizes(counts, about, kit):
    pool = iter(some_children(12))
    groups = {
        s: [next(pool) for _ in range(n)] for s, n in zip(("I", "II", "III"), counts, strict=True)
    }
    units = shipped().units
    wanted = list_of("form-3", ROUND, units["760"], units, groups, about=about, kit=kit)
    layout = lay_out(wanted)

    assert len(layout.child_rows) == sum(counts)
    if sum(counts):
        rows = only(read_back(layout)).rows
        assert [(r.section, r["name"].text) for r in rows] == [
            (section, child.name) for section, group in groups.items() for child in group
        ]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, 1),
        ("Nguyễn Văn", 10, 1),
        ("Nguyễn Văn A", 10, 2),
        ("một\nhai", 10, 2),
        ("một\n\nba", 10, 3),
        ("x" * 20, 10, 2),
        ("x" * 21, 10, 3),
        ("x" * 20 + " ab", 10, 3),
        ("x" * 12 + " ab", 10, 2),
        ("x" * 12 + " abcdefgh", 10, 3),
        ("ab cd ef gh", 5, 2),
        ("ab cd ef gh", 0.5, 8),
    ],
)
def test_a_text_wraps_at_its_words_and_within_words_that_are_longer_than_the_column(
    text: str, width: float, lines: int
):
    assert lines_of(text, width) == lines


def test_an_office_under_many_others_is_headed_by_all_of_them():
    lines = ("TỈNH", "THÀNH PHỐ", "HUYỆN", "PHÒNG", "TỔ")
    wanted = replace(a_list("form-3"), issuer=lines)
    texts = [str(c.value) for c in lay_out(wanted).cells if c.value]

    headed = " - ".join(text for text in texts if any(line in text.split(" - ") for line in lines))
    assert headed == " - ".join(lines)


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("Phường Bến Nghé, Quận 1", "Phường Bến Nghé"),
        ("Quận 1/2: [mới]", "Quận 1 2   mới"),
        ("x" * 31, "x" * 31),
        ("x" * 32, "x" * 31),
        ("", "Danh sách"),
        (", Quận 1", "Danh sách"),
        ("???", "Danh sách"),
    ],
)
def test_a_sheet_is_called_as_excel_lets_it_be_called(name: str, sheet: str):
    assert lay_out(a_list("form-2", about=name)).name == sheet


@pytest.mark.parametrize(
    ("lines", "points"), [(0, 18.0), (1, 18.0), (2, 33.0), (8, 123.0), (9, 123.0)]
)
def test_a_childs_row_is_as_tall_as_its_longest_text_but_no_taller_than_eight_lines(
    lines: int, points: float
):
    """15 points a line: not every office program makes room by itself."""
    (row,) = [{"name": "Lê Thị Hoa", "note": "\n".join("x" * lines)}]
    layout = lay_out(replace(a_list("form-2"), rows=(row,)))

    assert layout.heights[layout.child_rows[0]] == points


def test_an_answer_is_offered_in_one_go_as_far_as_children_follow_one_another():
    """Between two sections stands a heading, and nobody answers for it."""
    units, some = shipped().units, some_children()
    groups = {"I": some[:1], "II": (), "III": some[1:4]}
    layout = lay_out(list_of("form-3", ROUND, units["760"], units, groups, kit=True))
    first, *_, last = layout.child_rows

    assert [(c.first_row, c.last_row) for c in layout.choices] == [
        (first, first),
        (last - 2, last),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_two_halves_above_and_below_a_table_meet_in_its_middle(form: str):
    layout = lay_out(a_list(form, kit=True))
    (left,) = [m for m in layout.merges if m.first_row == 1 and m.first_column == 1]
    (right,) = [m for m in layout.merges if m.first_row == 1 and m.first_column > 1]
    seen = [w for n, w in enumerate(layout.widths, 1) if n not in layout.hidden_columns]

    assert right.first_column == left.last_column + 1
    assert right.last_column == len(seen)
    assert 0.3 < sum(seen[: left.last_column]) / sum(seen) < 0.7


@pytest.mark.parametrize("given", range(4))
def test_however_many_lines_an_office_is_headed_by_two_are_printed(given: int):
    lines = ("BHXH TP.HCM", "BHXH QUẬN 1", "TỔ THU")[:given]
    wanted = replace(a_list("form-3"), issuer=lines)
    styles = {c.style: c.value for c in lay_out(wanted).cells}

    assert styles["issuer"] == (lines[0] if given else "")
    assert styles["issuer-own"] == " - ".join(lines[1:])


@pytest.mark.parametrize(
    ("above", "last", "still"),
    [(140.0, 30.0, 3), (141.0, 30.0, 2), (205.0, 30.0, 2), (206.0, 30.0, 0)],
    ids=["half a screen", "a point more", "all that may stand still", "more than that"],
)
def test_headings_stand_still_as_far_as_a_laptops_screen_leaves_room_for_children(
    above: float, last: float, still: int
):
    """The row of numbers may go; of a head that is taller nothing stands still."""
    layout = lay_out(a_list("form-2"))
    heights = {1: above / 2, 2: above / 2, 3: last}

    assert replace(layout, heights=heights, header_rows=(2, 3)).still_rows == still


@pytest.mark.parametrize(("title", "still"), [(155.0, 2), (156.0, 1), (205.0, 1), (206.0, 0)])
def test_a_row_without_a_height_of_its_own_is_as_high_as_the_office_program_makes_it(
    title: float, still: int
):
    layout = replace(lay_out(a_list("form-2")), heights={1: title}, header_rows=(2, 2))

    assert layout.still_rows == still
