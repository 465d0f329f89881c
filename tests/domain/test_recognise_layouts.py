"""One form in any layout an office gives it is the same form, with the same children."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.grid import CellValue, Sheet, Workbook
from bhyt_filedrop.domain.cells.legacy import encode
from bhyt_filedrop.domain.checks import by_id
from bhyt_filedrop.domain.forms.child import children
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from bhyt_filedrop.domain.process.rounds import Round
from tests.grids import HEADS, SECTIONS, TITLES, TWELVE, Built, build, forms, sound, units

EVERY_FORM = sorted(HEADS)


def read(workbook: Workbook) -> Recognition:
    return recognise(workbook, forms(), units())


def assert_read_whole(built: Built, form: str) -> None:
    """The list is that form, each child with each of its cells, and nothing is wrong with it."""
    found = read(built.workbook)
    assert found.findings == ()
    (submission,) = found.submissions
    assert submission.form == form
    assert [row.row for row in submission.rows] == list(built.rows)
    for row in submission.rows:
        for name, column in built.columns.items():
            assert row[name].column == column
            assert row[name].raw == built.sheet.value(row.row, column)


def typed(built: Built, change: Callable[[str], str]) -> Built:
    """The same list with every text typed in another way."""
    rows = tuple(
        tuple(change(v) if isinstance(v, str) else v for v in row) for row in built.sheet.rows
    )
    return built.with_sheet(rows=rows)


@pytest.mark.parametrize("form", EVERY_FORM)
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"shift": (6, 4)},
        {"numbers": False},
        {"merged": False},
        {"merged": False, "numbers": False, "shift": (2, 1)},
        {"order": ("note", "address", "name")},
        {"signed": False},
    ],
    ids=["plain", "shifted", "no-numbers", "unmerged", "bare", "reordered", "unsigned"],
)
def test_a_form_is_read_wherever_and_in_whatever_order_it_is_laid_out(
    form: str, layout: dict[str, Any]
) -> None:
    assert_read_whole(build(form, **layout), form)


@given(
    form=st.sampled_from(EVERY_FORM),
    shift=st.tuples(st.integers(0, 15), st.integers(0, 30)),
    seed=st.randoms(use_true_random=False),
    numbers=st.booleans(),
    merged=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_any_order_of_columns_and_any_shift_gives_the_same_cells(
    form: str, shift: tuple[int, int], seed: Any, numbers: bool, merged: bool
) -> None:
    order = [name for name, _, _ in HEADS[form]]
    # The columns under one group heading stay beside each other, as a merged heading keeps them.
    groups = list(dict.fromkeys(head[0] for _, head, _ in HEADS[form]))
    seed.shuffle(groups)
    order.sort(key=lambda name: groups.index(next(h[0] for n, h, _ in HEADS[form] if n == name)))
    assert_read_whole(build(form, order=order, shift=shift, numbers=numbers, merged=merged), form)


@pytest.mark.parametrize("form", ["form-1", "form-2", "form-3", "form-4", "d03-ts-490", "c79a"])
@pytest.mark.parametrize(
    "typing",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "\u00a0" + text.replace(" ", "\u00a0 ") + "\u200b",
        str.upper,
    ],
    ids=["decomposed", "no-break-spaces", "capitals"],
)
def test_the_way_of_typing_changes_nothing(form: str, typing: Callable[[str], str]) -> None:
    found = read(typed(build(form), typing).workbook)

    assert found.findings == ()
    assert found.submissions[0].form == form
    assert len(found.submissions[0].rows) == len(build(form).rows)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
@pytest.mark.parametrize("form", ["form-1", "form-2", "form-4", "d03-ts-595"])
def test_a_sheet_typed_in_an_old_font_is_read_as_unicode(form: str, encoding: str) -> None:
    built = build(form)

    found = read(typed(built, lambda text: encode(text, encoding)).workbook)

    (submission,) = found.submissions
    plain = read(built.workbook).submissions[0]
    assert submission.form == form
    assert [r["name"].text for r in submission.rows] == [r["name"].text for r in plain.rows]
    assert [r["parent"].text for r in submission.rows] == [r["parent"].text for r in plain.rows]


def test_unicode_names_beside_an_old_font_are_left_alone() -> None:
    rows = [sound("form-1", n) for n in range(1, 5)]
    built = build("form-1", rows)
    for index in (0, 1):
        built = built.set(index, "name", encode("Nguyễn Thị Hường", "tcvn3"))
    built = built.set(2, "name", "Lâm Hà").set(3, "name", "Trần Thị Ngọc")

    names = [r["name"].text for r in read(built.workbook).submissions[0].rows]

    assert names == ["Nguyễn Thị Hường", "Nguyễn Thị Hường", "Lâm Hà", "Trần Thị Ngọc"]


@pytest.mark.parametrize("label", ["({})", "[{}]", "{}.", "-{}", "0{}"])
def test_a_number_row_may_be_typed_in_any_manner(label: str) -> None:
    built = build("form-2", headers={"parent": ("Mother's name",)})
    row = built.header_row + 1
    for column, (_, _, number) in enumerate(HEADS["form-2"], start=1):
        built = built.put(row, column, label.format(int(str(number).split(".")[0])))

    (submission,) = read(built.workbook).submissions

    assert submission.tables[0].columns["parent"] == built.columns["parent"]


def test_columns_with_words_nobody_knows_are_read_by_the_number_row() -> None:
    strange = {name: (f"Cột mới {n}",) for n, (name, _, _) in enumerate(TWELVE)}

    assert_read_whole(build("form-1", headers=strange), "form-1")


def test_renumbered_columns_are_not_trusted() -> None:
    """A clerk who renumbers form 2 from 1 to 8 gives the parent the number of the sex."""
    built = build("form-2", headers={"parent": ("Người nuôi dưỡng",)})
    for column in range(1, 9):
        built = built.put(built.header_row + 1, column, float(column))

    (submission,) = read(built.workbook).submissions

    assert "parent" not in submission.tables[0].columns
    assert submission.tables[0].columns["sex"] == built.columns["sex"]


@pytest.mark.parametrize(("right", "trusted"), [(6, True), (3, True), (2, False), (0, False)])
def test_numbers_are_trusted_where_half_of_the_columns_that_are_known_bear_their_own(
    right: int, trusted: bool
) -> None:
    """Of six columns that say what they are, so many have the form's number."""
    strange = {"parent": ("Người nuôi",), "id_number": ("Giấy tờ",)}
    built = build("form-2", headers=strange)
    known = [name for name in built.columns if name not in strange]
    for name in known[right:]:
        column = built.columns[name]
        built = built.put(built.header_row + 1, column, float(column + 20))
    (submission,) = read(built.workbook).submissions

    assert ("parent" in submission.tables[0].columns) is trusted


def test_headings_that_go_on_after_known_words_are_understood() -> None:
    headers = {
        "birth_date": ("Ngày tháng năm sinh (ghi rõ ngày/tháng/năm)",),
        "parent": ("Họ tên mẹ hoặc cha hoặc người nuôi dưỡng",),
        "address": ("Địa chỉ cư trú hiện nay của trẻ",),
    }

    assert_read_whole(build("form-2", headers=headers, numbers=False), "form-2")


def test_form_2_may_keep_the_card_and_hospital_columns_hidden() -> None:
    built = build(
        "form-1",
        [sound("form-2", 1), sound("form-2", 2)],
        titles=TITLES["form-2"],
        headers={"sex": ("Giới tính",)},
    ).with_sheet(hidden_columns=frozenset({3, 6, 7, 8}))

    assert_read_whole(built, "form-2")


def test_the_sex_column_says_itself_whether_it_marks_girls() -> None:
    nu = read(build("form-1").workbook).submissions[0]
    gioi_tinh = read(build("form-1", headers={"sex": ("Giới tính",)}).workbook).submissions[0]

    assert nu.rows[0]["sex"].kind == "sex-nu"
    assert gioi_tinh.rows[0]["sex"].kind == "sex"


def test_an_import_sheet_is_read_by_its_machine_names() -> None:
    header = ("STT", "HOTEN", "SOBHXH", "NGAYSINH", "GIOITINH", "DIACHI", "MA_TINH", "MA_BV",
              "TUTHANG", "SOTHANG", "GHICHU")  # fmt: skip
    child = ("1", "Nguyễn Văn An", "", "05/03/2014", "X", "12 Lê Lợi P. Bến Nghé Q1", "79", "014",
             "01/2015", "62", "")  # fmt: skip

    (submission,) = read(Workbook("csv", (Sheet("Import", (header, child)),))).submissions

    assert submission.form == "d03-ts-595"
    assert submission.rows[0]["sex"].kind == "sex-nu"
    assert submission.rows[0]["start_month"].text == "01/2015"


@pytest.mark.parametrize("edition", ["d03-ts-490", "d03-ts-595", "d03-ts-1111"])
def test_an_edition_of_d03_is_told_by_its_columns_alone(edition: str) -> None:
    titles = ("UBND Phường Bến Nghé", "DANH SÁCH NGƯỜI CHỈ THAM GIA BHYT")

    assert_read_whole(build(edition, titles=titles), edition)


@pytest.mark.parametrize("form", EVERY_FORM)
def test_a_form_without_its_titles_is_told_by_columns_and_sections(form: str) -> None:
    (submission,) = read(build(form, titles=()).workbook).submissions

    assert submission.form == form


@pytest.mark.parametrize("form", ["form-3", "form-4", "c79a"])
@pytest.mark.parametrize("cells", [1, 2, 4])
def test_sections_tell_a_form_without_its_titles_in_however_many_cells_they_are_headed(
    form: str, cells: int
) -> None:
    """The mark and the words in one cell; or beside them a count and a note."""
    built = build(form, titles=())
    for mark, row in built.section_rows.items():
        words = dict(SECTIONS[form])[mark]
        line = (f"{mark}. {words}",) if cells == 1 else (mark, words, 1.0, "trẻ")[:cells]
        for column in range(1, 5):
            built = built.put(row, column, line[column - 1] if column <= len(line) else None)
    (submission,) = read(built.workbook).submissions

    assert submission.form == form
    assert set(submission.tables[0].sections) == set(built.section_rows)


def test_values_that_are_all_text_are_read_like_any_others() -> None:
    built = build("form-3", merged=False)

    def as_text(value: CellValue) -> CellValue:
        return value if value is None or isinstance(value, str) else f"{value:g}"  # type: ignore[str-format]

    rows = tuple(tuple(as_text(v) for v in row) for row in built.sheet.rows)
    csv = Workbook("csv", (replace(built.sheet, rows=rows, merges=()),))

    (submission,) = read(csv).submissions

    assert submission.form == "form-3"
    assert submission.round == Round(2015, 1)
    assert len(submission.rows) == 3


def test_of_two_columns_of_one_name_the_one_in_sight_is_meant() -> None:
    built = build("form-1")
    spare = max(built.columns.values()) + 1
    built = built.put(built.header_row, spare, "Địa chỉ").put(built.rows[0], spare, "P. Đa Kao")
    built = built.with_sheet(hidden_columns=frozenset({built.columns["address"]}))

    (submission,) = read(built.workbook).submissions

    assert submission.rows[0]["address"].text == "P. Đa Kao"


def test_a_cost_list_may_give_the_year_of_birth_in_one_column() -> None:
    built = build(
        "c79a",
        without=("birth_year_female",),
        headers={"birth_year_male": ("Năm sinh",)},
        numbers=False,
    )

    found = read(built.workbook)

    assert found.findings == ()
    assert found.submissions[0].rows[0]["birth_date"].kind == "birth-year"


def test_headings_broken_over_two_rows_are_read_as_one() -> None:
    broken = {
        "birth_date": ("Ngày tháng", "năm sinh"),
        "parent": ("Họ tên mẹ", "(cha)"),
        "id_number": ("Số", "CMND"),
    }

    assert_read_whole(build("form-3", headers=broken, merged=False, numbers=False), "form-3")


@pytest.mark.parametrize(("province", "code"), [("TP.HCM", "79014"), ("79", "79014"), ("Huế", "")])
def test_a_province_by_its_name_gives_the_hospital_its_digits(province: str, code: str) -> None:
    built = build("form-1", [sound("form-1", 1) | {"province": province}])
    (submission,) = read(built.workbook).submissions
    named = replace(submission, province_codes={"tp hcm": "79"})
    (found,) = children(named, by_id(forms())["form-1"])

    assert found.facility.code == code


@pytest.mark.parametrize("office", ["", "BHXH khu vực", None])
def test_a_city_may_call_the_columns_of_a_childs_home_by_words_of_its_own(
    office: str | None,
) -> None:
    """Where nobody stands between the wards and the top no row can name such an office."""
    plain = by_id(forms())["unplaced"]
    before = {column.field: column for column in plain.columns}
    said = {c.field: c for c in plain.in_words("Đơn vị hành chính", office).columns}

    assert said["ward"].headers == (*before["ward"].headers, "Đơn vị hành chính")
    assert said["ward"].required is before["ward"].required
    assert said["district"].required is (office is not None)
    assert said["district"].headers == (*before["district"].headers, *([office] if office else []))
    assert said["name"] == before["name"]
