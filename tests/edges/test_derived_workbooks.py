"""Derived lists as workbooks: what an office program, a clerk and our own reader find in them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.derive import merge
from bhyt_filedrop.domain.derive.allocate import allocate
from bhyt_filedrop.domain.derive.codes import with_codes
from bhyt_filedrop.domain.derive.split import split
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.lists.children import ListedChild, list_children
from bhyt_filedrop.domain.paper import round_lists as sheets
from bhyt_filedrop.domain.paper.allocation import allocation_sheets
from bhyt_filedrop.domain.paper.form_3_draft import draft_sheets
from bhyt_filedrop.domain.paper.kit import KitGuide, kit_sheets
from bhyt_filedrop.domain.paper.layout import STATUSES, ListOf, SheetLayout, lay_out
from bhyt_filedrop.domain.paper.page import lines_of
from bhyt_filedrop.domain.paper.rows import row_of
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.tables import read_forms
from tests import derived
from tests.derived import ROUND, carded, city, kids, office, visit

DISTRICTS = [unit.id for unit in city().of_kind("district")]
WARD = "26740"


@cache
def forms() -> tuple[FormSpec, ...]:
    return read_forms(config_dir(), Gathered())


@cache
def sent() -> tuple[ListedChild, ...]:
    rows = [derived.listed(child, code="") for child in kids(12)]
    return with_codes(rows, ROUND)


def gazetteer() -> Gazetteer:
    return Gazetteer.of(city(), {"Long An": "ngoài thành phố"})


def ward_rows() -> tuple[ListedChild, ...]:
    return split(sent(), city()).by_ward[WARD]


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    made = WorkbookReader()
    yield made
    made.close()


def written(folder: Path, layouts: Sequence[SheetLayout], name: str = "list.xlsx") -> Path:
    path = folder / name
    write_layouts(layouts, path)
    return path


def seen(reader: WorkbookReader, path: Path) -> Recognition:
    workbook = reader.read(path, path.name).workbook
    assert workbook is not None
    return recognise(workbook, forms(), city())


def filled(path: Path, values: Sequence[dict[str, Any]], layout: SheetLayout) -> None:
    """Fill in a delivered workbook as a clerk does, in its office program."""
    book = openpyxl.load_workbook(path)
    for child, answers in enumerate(values):
        for name, value in answers.items():
            book.worksheets[0][layout.cell(child, name)] = value
    book.save(path)


# --- the reply kit ---------------------------------------------------------------------------


def test_a_ward_answers_on_its_workbook_and_every_child_comes_back_under_its_code(tmp_path, reader):
    rows = ward_rows()
    layouts = kit_sheets(rows, city()[WARD], ROUND, city())
    path = written(tmp_path, layouts)
    filled(
        path,
        [
            {"status": STATUSES[0], "card": "TE1790000000123", "province": "79", "facility": "014"},
            {"status": STATUSES[1]},
            {"status": STATUSES[2], "note": "Đã chuyển đi nơi khác"},
        ],
        layouts[0],
    )

    found = seen(reader, path)
    (submission,) = found.submissions
    back = list_children(submission, by_id(forms())["reply-kit"], Gazetteer.of(city()))

    assert found.findings == ()
    assert (submission.form, submission.unit, submission.round) == ("reply-kit", WARD, ROUND)
    assert [c.code for c in back] == [c.code for c in rows]
    assert [c.category for c in back] == ["carded-before", "carded-now", "uncarded"]
    assert (back[0].card, back[0].facility) == ("TE1790000000123", "79014")
    context = Context(date(2015, 6, 1), city(), Gazetteer.of(city()), by_id(forms()), round=ROUND)
    assert check(submission, context) == ()


def test_a_corrected_kit_tells_what_changed_and_is_still_one_list_when_it_comes_back(
    tmp_path, reader
):
    rows = ward_rows()
    before = (replace(rows[0], birth="2014"), *rows[2:], replace(rows[1], code="", name="Lê An"))
    layouts = kit_sheets(rows, city()[WARD], ROUND, city(), before=before)
    path = written(tmp_path, layouts)

    book = openpyxl.load_workbook(path)
    told = [c.value for row in book["Thay đổi so với bản trước"].iter_rows() for c in row]
    found = seen(reader, path)

    assert {"Thêm", "Bớt", "Sửa"} <= set(told)
    assert any("Ngày sinh: 2014 →" in str(text) for text in told)
    assert [len(s.rows) for s in found.submissions] == [len(rows)]
    assert found.findings == ()


def test_a_districts_kit_shows_its_wards_and_reads_back_as_one_list(tmp_path, reader):
    rows = split(sent(), city()).by_district["760"]
    layouts = kit_sheets(rows, city()["760"], ROUND, city())
    path = written(tmp_path, layouts)

    captions = [c.value for c in layouts[0].cells if c.style == "group"]
    (submission,) = seen(reader, path).submissions

    assert captions == [ward.name for ward in city().children("760")[:4]]
    assert (submission.form, submission.unit) == ("reply-kit", "760")
    assert [r["code"].text for r in submission.rows] == [c.code for c in rows]


def test_the_code_is_hidden_and_the_cells_to_fill_in_keep_what_is_typed_as_text(tmp_path):
    layouts = kit_sheets(ward_rows(), city()[WARD], ROUND, city())
    sheet = openpyxl.load_workbook(written(tmp_path, layouts)).worksheets[0]
    code, card = (sheet[layouts[0].cell(0, name)] for name in ("code", "card"))

    assert sheet.column_dimensions[code.column_letter].hidden
    assert (code.value, code.number_format) == (ward_rows()[0].code, "@")
    assert (card.value, card.number_format) == (None, "@")
    assert not sheet.protection.sheet


WARDS_GUIDE = KitGuide("chậm nhất ngày 15/06/2015", "05-QLTHU/Trẻ em/Quận 1/Phường Tân Định", True)
DISTRICTS_GUIDE = KitGuide("trước ngày 25/06/2015", "05-QLTHU/Trẻ em/Quận 1", False)


def test_a_kit_says_by_when_and_into_which_folder_it_comes_back(tmp_path):
    layouts = kit_sheets(ward_rows(), city()[WARD], ROUND, city(), guide=WARDS_GUIDE)
    sheet = openpyxl.load_workbook(written(tmp_path, layouts)).worksheets[0]
    told = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=9) for cell in row)

    assert WARDS_GUIDE.due in told
    assert WARDS_GUIDE.folder in told


def test_what_a_kit_says_of_new_cards_fits_the_unit(tmp_path):
    """A ward leaves the number blank and D03-TS asks for it; a district's blank would come back."""
    ward = kit_sheets(ward_rows(), city()[WARD], ROUND, city(), guide=WARDS_GUIDE)[0]
    district = kit_sheets(sent(), city()["760"], ROUND, city(), guide=DISTRICTS_GUIDE)[0]
    told = [
        " ".join([*(str(c.value) for c in one.cells), *(c.hint for c in one.choices)])
        for one in (ward, district)
    ]

    assert "để trống" in told[0] and "D03-TS" in told[0]
    assert "để trống" not in told[1] and "D03-TS" not in told[1]
    assert "ghi mã số thẻ vừa cấp" in told[1]


@pytest.mark.parametrize("unit", [WARD, "760"])
def test_half_of_a_laptops_screen_is_left_to_the_children_under_the_headings(tmp_path, unit):
    """A screen of 1366 x 768 leaves about 455 pixels, 341 points, to a sheet."""
    guide = replace(WARDS_GUIDE, folder=WARDS_GUIDE.folder * 2)
    (layout,) = kit_sheets(ward_rows(), city()[unit], ROUND, city(), guide=guide)
    still = [layout.heights.get(row, 15.0) for row in range(1, layout.still_rows + 1)]

    assert layout.still_rows >= layout.header_rows[1] - 1
    assert sum(still) <= 341 / 2


def test_each_choice_can_be_read_whole_in_its_cell(tmp_path):
    (layout,) = kit_sheets(ward_rows(), city()[WARD], ROUND, city())
    (status,) = (c for c in layout.choices if c.options)
    width = layout.widths[status.column - 1]

    for row in layout.child_rows:
        lines = (layout.heights[row] - 3) // 15
        assert all(lines_of(option, width) <= lines for option in status.options)


def test_every_text_of_a_row_has_room_where_another_font_is_wider(tmp_path):
    long = "270/14/3 Đường số 9, khu phố 5, tổ 12, Phường Tân Định, Quận 1, Thành phố Hồ Chí Minh"
    rows = [replace(row, address=long, parent="Nguyễn Thị Phương Phượng") for row in ward_rows()]
    (layout,) = kit_sheets(rows, city()[WARD], ROUND, city())
    texts = [c for c in layout.cells if c.row in layout.child_rows and isinstance(c.value, str)]

    assert texts
    for cell in texts:
        need = lines_of(str(cell.value), layout.widths[cell.column - 1])
        assert layout.heights[cell.row] >= 15 * need


def test_a_cell_that_is_being_filled_in_says_what_belongs_there(tmp_path):
    layouts = kit_sheets(ward_rows(), city()[WARD], ROUND, city(), guide=WARDS_GUIDE)
    sheet = openpyxl.load_workbook(written(tmp_path, layouts)).worksheets[0]
    hints = {str(rule.sqref): rule.prompt for rule in sheet.data_validations.dataValidation}

    assert len(hints) == 5
    assert all(hints.values()), "Excel shows none of more than 255 characters"
    assert "D03-TS" in next(text for at, text in hints.items() if at.startswith("I"))


# --- the unplaced ----------------------------------------------------------------------------


def test_the_unplaced_are_filled_in_dropped_back_and_then_placed(tmp_path, reader):
    lost = tuple(replace(c, ward="", district="", address="12 Hoa Sứ") for c in sent()[:3])
    layouts = sheets.unplaced_sheets(lost, ROUND, city(), office("thu"), gazetteer())
    path = written(tmp_path, layouts)
    places = [
        {"ward": "Bến Nghé", "district": "Quận 1"},
        {"ward": "P.5", "district": "Quận 3"},
    ]
    filled(path, places, layouts[0])

    found = seen(reader, path)
    (submission,) = found.submissions
    back = list_children(submission, by_id(forms())["unplaced"], gazetteer())
    again = split(lost, city(), corrections={c.code: c for c in back})

    assert found.findings == ()
    assert submission.form == "unplaced"
    assert [c.code for group in again.by_ward.values() for c in group] == [c.code for c in lost[:2]]
    assert sorted(city()[w].name for w in again.by_ward) == ["Phường 05", "Phường Bến Nghé"]
    assert [c.code for c in again.unplaced] == [lost[2].code]


def test_a_clerk_answers_that_a_child_lives_outside_the_city(tmp_path, reader):
    """Chosen, typed shorter, or left as the address said; a district alone settles nothing."""
    lost = [replace(c, ward="", district="", address="12 Hoa Sứ") for c in sent()[:4]]
    lost[2] = replace(lost[2], address="12 Lê Lợi, Bến Lức, tỉnh Long An")
    layouts = sheets.unplaced_sheets(lost, ROUND, city(), office("thu"), gazetteer())
    path = written(tmp_path, layouts)
    answers = [{"district": "Ngoài Thành phố"}, {"ward": "ngoai TP"}, {}, {"district": "Quận 1"}]
    filled(path, answers, layouts[0])

    (submission,) = seen(reader, path).submissions
    form = by_id(forms())["unplaced"]
    back = list_children(submission, form, gazetteer())
    again = split(lost, city(), corrections={c.code: c for c in back})

    assert [c.code for c in again.outside] == [c.code for c in lost[:3]]
    assert [c.code for c in again.unplaced] == [lost[3].code]


def test_the_districts_are_offered_to_choose_from(tmp_path):
    lost = [replace(c, ward="") for c in sent()[:3]]
    layouts = sheets.unplaced_sheets(lost, ROUND, city(), office("thu"), gazetteer())
    book = openpyxl.load_workbook(written(tmp_path, layouts))
    (rule,) = book.worksheets[0].data_validations.dataValidation
    offered = [row[0] for row in book["Danh mục"].iter_rows(values_only=True)]

    assert rule.formula1 == "'Danh mục'!$A$1:$A$25"
    assert offered == ["Ngoài Thành phố", *(city()[d].name for d in DISTRICTS)]


def test_more_than_excel_takes_in_a_cell_rule_is_offered_from_a_hidden_sheet(tmp_path):
    wards = tuple(unit.name for unit in city().of_kind("ward"))
    rows = [row_of(child, "unplaced") for child in sent()[:3]]
    wanted = ListOf("unplaced", ROUND, (), rows=rows, options={"ward": wards})
    book = openpyxl.load_workbook(written(tmp_path, [lay_out(wanted)]))
    (rule,) = book.worksheets[0].data_validations.dataValidation
    offered = book["Danh mục"]

    assert rule.formula1 == "'Danh mục'!$A$1:$A$322"
    assert offered.sheet_state == "hidden"
    assert tuple(row[0].value for row in offered.iter_rows()) == wards


# --- city-wide lists -------------------------------------------------------------------------


def merged() -> tuple[merge.Merged, tuple[ListedChild, ...]]:
    mine = {d: kids(3, d) for d in ("760", "770", "787")}
    returns = {
        d: [carded(c[0]), carded(c[1], "carded-now"),
            derived.listed(c[2], category="uncarded", note="Chưa có giấy khai sinh")]
        for d, c in mine.items() if d != "787"
    }  # fmt: skip
    out = {d: [derived.listed(child) for child in c] for d, c in mine.items()}
    return (
        merge.carded_final(returns, city(), DISTRICTS),
        merge.unverified(out, returns, city()),
    )


def texts(path: Path, sheet: int = 0) -> list[str]:
    rows = openpyxl.load_workbook(path).worksheets[sheet].iter_rows(values_only=True)
    return [str(value) for row in rows for value in row if value is not None]


def test_the_citys_final_list_says_how_many_districts_are_in_and_names_the_others(tmp_path):
    final, _ = merged()
    path = written(
        tmp_path,
        sheets.carded_final_sheets(final.children, ROUND, city(), office("thu"), expected=DISTRICTS,
                                   missing=final.missing),
    )  # fmt: skip
    said = texts(path)

    assert any("2/24" in text and "Huyện Cần Giờ" in text for text in said)
    assert "Trẻ em chưa được cấp thẻ" not in said
    assert said.count("Quận 1") == said.count("Quận 3") == 2
    assert texts(path, 1).count("Chưa gửi kết quả") == 22


def test_the_final_list_is_a_form_3_to_whoever_reads_it(tmp_path, reader):
    final, _ = merged()
    path = written(
        tmp_path,
        sheets.carded_final_sheets(
            final.children, ROUND, city(), office("thu"), expected=DISTRICTS, missing=()
        ),
    )
    found = seen(reader, path)

    assert [(s.form, len(s.rows)) for s in found.submissions] == [("form-3", 4)]
    back = list_children(found.submissions[0], by_id(forms())["form-3"], Gazetteer.of(city()))
    assert [c.category for c in back] == ["carded-before"] * 2 + ["carded-now"] * 2


def test_the_board_sees_the_count_first_and_then_every_child_under_its_reason(tmp_path):
    final, left = merged()
    path = written(
        tmp_path,
        sheets.unverified_sheets(
            left, ROUND, city(), office("thu"), expected=DISTRICTS, missing=final.missing
        ),
    )
    summary, said = texts(path), texts(path, 1)

    assert summary[summary.index("Tổng cộng") + 1 :][:7] == ["0", "0", "3", "0", "0", "2", "5"]
    assert [c.name for c in left] == [text for text in said if text in {c.name for c in left}]
    assert said.count("Chưa có giấy khai sinh") == 2


def test_a_draft_that_a_district_drops_is_its_form_3(tmp_path, reader):
    rows = [carded(child) for child in kids(5)[:4]]
    children = merge.district_draft(rows, [derived.listed(child) for child in kids(5)])
    path = written(tmp_path, draft_sheets(children, city()["760"], ROUND, city()))
    found = seen(reader, path)

    assert [(s.form, s.unit, len(s.rows)) for s in found.submissions] == [("form-3", "760", 4)]
    assert found.findings == ()
    assert kids(5)[4].name in texts(path, 1)


# --- as an office program sees them ----------------------------------------------------------


def every_workbook() -> dict[str, tuple[SheetLayout, ...]]:
    final, left = merged()
    visits = [visit(child) for child in kids(5)]
    parts = {"expected": DISTRICTS, "missing": final.missing}
    return {
        "ward": kit_sheets(ward_rows(), city()[WARD], ROUND, city()),
        "district": kit_sheets(sent(), city()["760"], ROUND, city()),
        "unplaced": sheets.unplaced_sheets(sent()[:2], ROUND, city(), office("thu"), gazetteer()),
        "final": sheets.carded_final_sheets(final.children, ROUND, city(), office("thu"), **parts),
        "board": sheets.unverified_sheets(left, ROUND, city(), office("thu"), **parts),
        "costs": allocation_sheets(
            allocate(visits, [carded(c) for c in kids(4)], city()),
            ROUND,
            city(),
            office("nvgd1"),
        ),
    }


@pytest.mark.parametrize("name", every_workbook())
def test_every_sheet_prints_on_a4_across_under_its_header_with_page_numbers(tmp_path, name):
    layouts = every_workbook()[name]
    book = openpyxl.load_workbook(written(tmp_path, layouts))

    for layout, sheet in zip(layouts, book.worksheets, strict=False):
        first, last = layout.header_rows
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.print_title_rows == f"${first}:${last}"
        assert sheet.freeze_panes == (f"A{layout.still_rows + 1}" if layout.still_rows else None)
        assert "Trang" in sheet.oddFooter.center.text


@pytest.mark.parametrize("name", every_workbook())
def test_the_same_lists_give_the_same_bytes(tmp_path, name):
    layouts = every_workbook()[name]

    one, other = (written(tmp_path, layouts, n) for n in ("a.xlsx", "b.xlsx"))

    assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_them_with_headers_merges_formats_and_print_titles(tmp_path):
    """What LibreOffice saves again is what it understood."""
    layouts = every_workbook()
    paths = [written(tmp_path, sheets_, f"{name}.xlsx") for name, sheets_ in layouts.items()]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    again = tmp_path / "again"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", again, *paths],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip

    for name, sheets_ in layouts.items():
        book = openpyxl.load_workbook(again / f"{name}.xlsx")
        for layout, sheet in zip(sheets_, book.worksheets, strict=False):
            first, last = layout.header_rows
            assert sheet.title == layout.name
            assert sheet.print_title_rows == f"${first}:${last}"
            assert len(sheet.merged_cells.ranges) == len(layout.merges)
            for cell in layout.cells:
                value = sheet.cell(cell.row, cell.column).value
                same = value.date() if isinstance(value, datetime) else value
                assert same == cell.value or (same is None and cell.value == "")
                if cell.style in ("code", "fill-code"):
                    assert sheet.cell(cell.row, cell.column).number_format == "@"
    kit = openpyxl.load_workbook(again / "ward.xlsx").worksheets[0]
    assert STATUSES[0] in kit.data_validations.dataValidation[0].formula1
