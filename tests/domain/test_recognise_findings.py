"""What recognition says about a form as a whole, and where it keeps silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bhyt_filedrop.domain.cells.grid import Sheet, Workbook, a1
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.process.rounds import Round
from tests.grids import HEADS, Built, build, child, forms, sound, units


def said(workbook: Workbook, file: str = "") -> list[Finding]:
    return list(recognise(workbook, forms(), units(), file).findings)


def codes(built: Built) -> list[str]:
    return [f.code for f in said(built.workbook)]


NOTE = Sheet("Ghi nhớ", (("Gọi lại cho phường", 2.0),))


@pytest.mark.parametrize(
    "sheets",
    [
        (NOTE,),
        (Sheet("trống", ()),),
        (Sheet("Lương", (("STT", "Họ tên", "Lương"), (1.0, "Lê A B", 5.0))),),
        (),
    ],
    ids=["a note", "empty", "another table", "no sheet"],
)
def test_a_workbook_without_a_known_form_is_unrecognised(sheets: tuple[Sheet, ...]) -> None:
    (finding,) = said(Workbook("xlsx", sheets), "bảng.xlsx")

    assert finding.code == "form.unrecognised"
    assert (finding.sheet, finding.cell, finding.file) == (None, None, "bảng.xlsx")


def test_an_unrecognised_list_hears_which_form_is_nearest_and_what_it_lacks() -> None:
    without = ("card", "birth_date", "sex", "facility", "parent", "province", "id_number")
    (finding,) = said(build("form-1", without=without).workbook)

    assert finding.code == "form.unrecognised"
    assert "Mẫu 1" in finding.message
    assert "“Mã số”" in finding.message


TEN = ("name", "card", "date_in", "date_out", "cost_total", "cost_patient", "cost_insurance")
NINE = ("name", "card", "birth_date", "sex", "facility", "parent", "id_number", "address", "note")
JOINING = ("name", "card", "id_number", "sex", "start_month", "months")


@pytest.mark.parametrize(
    ("form", "titled", "kept", "known"),
    [
        ("c79a-c80a", True, TEN[:4], True),
        ("c79a-c80a", True, TEN[:3], False),
        ("form-1", True, NINE[:4], True),
        ("form-1", True, NINE[:3], False),
        ("form-1", True, NINE[1:], False),
        ("d03-ts-490", False, JOINING, True),
        ("d03-ts-490", False, JOINING[:5], False),
        ("c79a-c80a", False, TEN, True),
        ("c79a-c80a", False, TEN[:6], False),
    ],
)
def test_two_fifths_of_a_forms_columns_are_it_below_its_title_and_two_thirds_without(
    form: str, titled: bool, kept: tuple[str, ...], known: bool
) -> None:
    """Without names there is nobody on it."""
    without = tuple(name for name, _, _ in HEADS[form] if name not in kept)
    titles = None if titled else ("Kính gửi Phòng Thu",)
    found = recognise(build(form, without=without, titles=titles).workbook, forms(), units())

    assert [one.form for one in found.submissions] == ([form] if known else [])


def test_a_title_without_a_table_hears_that_the_header_is_missing() -> None:
    (finding,) = said(Workbook("xlsx", (Sheet("a", (("CHƯA ĐƯỢC CẤP THẺ BHYT",),)),)))

    assert "Mẫu 2" in finding.message
    assert "tiêu đề cột" in finding.message


def _required(form: str) -> list[tuple[str, str]]:
    spec = next(f for f in forms() if f.id == form)
    printed = {name for name, _, _ in HEADS[form]}
    return [(form, c.field) for c in spec.columns if c.required and c.field in printed]


ONE_COLUMN = [
    pair
    for form in (
        "form-1",
        "form-2",
        "form-3",
        "form-4",
        "d03-ts-595",
        "d03-ts-1111",
        "c79a",
        "c80a",
    )
    for pair in _required(form)
    if pair[1] not in ("name", "address" if pair[0].startswith("c") else "")
]


@pytest.mark.parametrize(("form", "column"), ONE_COLUMN)
def test_a_required_column_that_is_absent_is_named(form: str, column: str) -> None:
    built = build(form, without=(column,))

    found = recognise(built.workbook, forms(), units())

    assert [s.form for s in found.submissions] == [form]
    assert [(f.code, f.field, f.sheet, f.cell) for f in found.findings] == [
        ("form.column-missing", column, "Sheet1", None)
    ]


@pytest.mark.parametrize(
    ("form", "without"),
    [
        ("form-1", ("number",)),
        ("form-1", ("facility_name", "province")),
        ("c79a", ("address",)),
        ("c79a", ("ward", "district", "city")),
        ("c80a", ("disease", "cost_blood", "settled_year")),
    ],
)
def test_a_column_that_is_optional_or_replaced_is_not_missed(
    form: str, without: tuple[str, ...]
) -> None:
    assert codes(build(form, without=without)) == []


def test_an_address_is_missed_where_neither_it_nor_its_parts_are_there() -> None:
    assert codes(build("c79a", without=("address", "ward"))) == ["form.column-missing"]


@pytest.mark.parametrize(
    ("form", "section"), [("form-3", "II"), ("form-3", "III"), ("form-4", "II")]
)
def test_a_section_whose_heading_is_gone_is_named(form: str, section: str) -> None:
    built = build(form)
    for column in (1, 2):
        built = built.put(built.section_rows[section], column, None)

    (finding,) = said(built.workbook)

    assert (finding.code, finding.sheet, finding.value) == (
        "form.section-missing",
        "Sheet1",
        section,
    )


def test_a_section_may_be_empty_but_for_its_heading() -> None:
    sections = {"I": [], "II": [sound("form-3", 1, "II")], "III": []}

    assert codes(build("form-3", sections)) == []


def test_sections_on_sheets_of_their_own_make_one_list() -> None:
    one = build("form-4", {"I": [sound("form-4", 1, "I")]}, name="a")
    two = build("form-4", {"II": [sound("form-4", 2, "II")]}, name="c")

    found = recognise(Workbook("xlsx", (one.sheet, two.sheet)), forms(), units())

    assert found.findings == ()
    assert [row.section for row in found.submissions[0].rows] == ["I", "II"]


@pytest.mark.parametrize("form", ["form-1", "form-4", "d03-ts-490", "c79a"])
def test_a_form_without_a_single_child_is_returned(form: str) -> None:
    empty = {s: [] for s in build(form).section_rows} or []

    assert codes(build(form, empty)) == ["form.no-rows"]  # type: ignore[arg-type]


def test_a_blank_form_on_a_second_sheet_is_no_matter() -> None:
    filled, blank = build("form-1", name="1"), build("form-1", [], name="2")

    assert said(Workbook("xlsx", (filled.sheet, blank.sheet))) == []


def test_a_sheet_that_belongs_to_no_form_is_told() -> None:
    (finding,) = said(Workbook("xlsx", (build("form-1").sheet, NOTE)))

    assert (finding.code, finding.sheet, finding.cell) == ("form.sheet-ignored", "Ghi nhớ", None)


@pytest.mark.parametrize(
    "beside",
    [
        Sheet("Lỗi cần sửa", (("Danh sách lỗi", "Dòng 5"),)),
        Sheet("Danh mục", (("Đã có thẻ",), ("Chưa có thẻ",)), hidden=True),
        Sheet("Sheet2", ((None, "  "),)),
    ],
    ids=["our own list of errors", "a hidden list of choices", "blanks"],
)
def test_a_sheet_that_is_no_list_by_nature_is_passed_over(beside: Sheet) -> None:
    assert said(Workbook("xlsx", (beside, build("form-1").sheet))) == []


def test_several_forms_in_one_workbook_are_several_lists() -> None:
    ward = build("form-4", name="a, c")
    d03 = build("d03-ts-595", {"I": [sound("d03-ts-595", 9)], "II": []}, name="b")

    found = recognise(Workbook("xlsx", (ward.sheet, d03.sheet)), forms(), units(), "x.xlsx")

    assert [(s.form, len(s.rows), s.file) for s in found.submissions] == [
        ("form-4", 2, "x.xlsx"),
        ("d03-ts-595", 1, "x.xlsx"),
    ]
    assert found.findings == ()


def test_two_forms_one_below_the_other_on_a_sheet_are_two_lists() -> None:
    first = build("form-1", [child(1)], signed=False).sheet
    second = build("form-2", [sound("form-2", 2)]).sheet
    sheet = Sheet("Cả hai", (*first.rows, (), (), *second.rows))

    found = recognise(Workbook("xlsx", (sheet,)), forms(), units())

    assert [(s.form, len(s.rows)) for s in found.submissions] == [("form-1", 1), ("form-2", 1)]


def test_hidden_rows_with_children_are_read_and_told() -> None:
    built = build("form-1", [sound("form-1", n) for n in (1, 2, 3)])
    built = built.with_sheet(hidden_rows=frozenset({built.rows[1], built.rows[2], 60}))

    found = recognise(built.workbook, forms(), units())

    assert len(found.submissions[0].rows) == 3
    assert [(f.code, f.cell, f.row) for f in found.findings] == [
        ("form.hidden-rows", built.cell(1, "name"), built.rows[1])
    ]
    assert f"2 dòng trẻ đang bị ẩn (từ dòng {built.rows[1]})" in found.findings[0].message


def test_a_hidden_column_with_data_is_told_at_its_header() -> None:
    built = build("form-1")
    built = built.with_sheet(hidden_columns=frozenset({built.columns["parent"]}))

    (finding,) = said(built.workbook)

    assert (finding.code, finding.field) == ("form.hidden-rows", "parent")
    assert finding.cell == a1(built.header_row, built.columns["parent"])


def _empty_hidden(built: Built) -> Built:
    for index in range(2):
        built = built.set(index, "note", None)
    return built.with_sheet(hidden_columns=frozenset({built.columns["note"]}))


def _hidden_code(built: Built) -> Built:
    column = max(built.columns.values()) + 1
    built = built.put(built.header_row, column, "Mã đối chiếu")
    for index, row in enumerate(built.rows):
        built = built.put(row, column, f"K{index}")
    return built.with_sheet(hidden_columns=frozenset({column}))


def _hidden_above(built: Built) -> Built:
    return built.with_sheet(hidden_rows=frozenset({1, built.header_row + 2}))


@pytest.mark.parametrize("change", [_empty_hidden, _hidden_code, _hidden_above])
def test_hiding_what_holds_no_data_is_no_matter(change: Callable[[Built], Built]) -> None:
    assert codes(change(build("form-1"))) == []


def test_a_list_on_a_hidden_sheet_is_read_and_told() -> None:
    built = build("form-1").with_sheet(hidden=True)

    found = recognise(built.workbook, forms(), units())

    assert len(found.submissions[0].rows) == 2
    assert [f.code for f in found.findings] == ["form.hidden-rows"]


@pytest.mark.parametrize(
    ("total", "wrong"),
    [
        ("Tổng cộng: 2 trẻ", False),
        ("Tổng cộng: 3 trẻ", True),
        ("Tổng số 02 cháu", False),
        ("Tổng số trẻ: 5", True),
        ("Tổng cộng", False),
        ("Tổng cộng: ......3 trẻ", True),
        ("Tổng cộng: " + "9" * 5000 + " trẻ", False),
    ],
)
def test_a_stated_total_is_held_against_the_rows(total: str, wrong: bool) -> None:
    built = build("form-1", total=total)

    found = said(built.workbook)

    assert [(f.code, f.cell) for f in found] == (
        [("form.total-wrong", f"A{built.after}")] if wrong else []
    )


def test_a_total_in_a_cell_of_its_own_is_told_at_that_cell() -> None:
    built = build("form-1", total="Tổng cộng")
    built = built.put(built.after, 4, 7.0)

    (finding,) = said(built.workbook)

    assert (finding.code, finding.cell, finding.value) == (
        "form.total-wrong",
        f"D{built.after}",
        "7",
    )


def test_totals_of_sections_and_of_the_whole_are_both_right() -> None:
    rows = [sound("form-4", n, "II") for n in range(1, 4)]
    built = build("form-4", {"I": rows[:1], "II": rows[1:]}, total="Tổng cộng: 3 trẻ")
    second = built.section_rows["II"]
    cells = [list(r) for r in built.sheet.rows]
    cells.insert(second - 1, [None, "Cộng mục I: 1 trẻ"])

    assert codes(built.with_sheet(rows=tuple(tuple(r) for r in cells))) == []


def test_sums_of_money_are_no_number_of_children() -> None:
    built = build("c79a", total="Tổng cộng")
    for name in ("cost_total", "cost_insurance"):
        built = built.put(built.after, built.columns[name], 375000.0)

    assert codes(built) == []


def test_a_total_over_all_sheets_may_stand_on_the_last() -> None:
    first = build("form-1", name="1")
    second = build("form-1", [child(8)], name="2", total="Tổng cộng: 3 trẻ")

    assert said(Workbook("xlsx", (first.sheet, second.sheet))) == []


def test_children_who_are_struck_through_are_read_and_told() -> None:
    built = build("form-1", [sound("form-1", n) for n in (1, 2, 3)])
    built = built.with_sheet(struck_rows=frozenset(built.rows[1:]))

    found = recognise(built.workbook, forms(), units())

    (finding,) = found.findings
    assert len(found.submissions[0].rows) == 3
    assert (finding.code, finding.cell) == ("form.struck-rows", built.cell(1, "name"))
    assert finding.row == built.rows[1]
    assert f"2 dòng trẻ bị gạch ngang (từ dòng {built.rows[1]})" in finding.message


def test_words_that_are_struck_through_in_a_childs_cell_are_told_and_elsewhere_not() -> None:
    built = build("form-1", [sound("form-1", n) for n in (1, 2, 3)])
    name, parent = ((built.rows[n], built.columns[f]) for n, f in ((1, "name"), (2, "parent")))
    built = built.with_sheet(struck_parts=frozenset({(1, 1), name, parent, (name[0], 99)}))

    (finding,) = recognise(built.workbook, forms(), units()).findings

    assert (finding.code, finding.cell) == ("form.struck-text", built.cell(1, "name"))
    assert finding.row == built.rows[1]
    assert f"Ô {built.cell(1, 'name')} và 1 ô khác" in finding.message


def test_a_d03_ts_beside_a_list_is_of_the_round_that_it_names() -> None:
    one = build("form-4", name="Mẫu 4")
    other = build("d03-ts-1111", name="D03")

    found = recognise(Workbook("xlsx", (one.sheet, other.sheet)), forms(), units())

    assert {s.round for s in found.submissions} == {Round(2015, 1)}
    assert len(found.submissions) == 2
