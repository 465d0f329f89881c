"""Annotated copies: what a sender finds in the file that comes back."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from bhyt_filedrop.domain.findings import Finding, Severity, finding
from bhyt_filedrop.domain.paper.layout import lay_out
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.edges.workbooks.marking.copy import make
from bhyt_filedrop.edges.workbooks.marking.findings_sheet import HEADER_ROW, SHEET, TITLE
from bhyt_filedrop.edges.workbooks.marking.job import Job, Way
from bhyt_filedrop.edges.workbooks.marking.marks import MAX_COMMENTS
from bhyt_filedrop.edges.workbooks.marking.words import AUTHOR, FILLS
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.ports import Limits, TryLater
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of
from bhyt_filedrop.simulate.people import children

ROUND = Round(2015, 1)
UNITS = load(config_dir()).units
NAME = "Danh sách quý 1.xlsx"


def layout(count: int = 6):
    kids = children(UNITS, count, round=ROUND, wards=UNITS.children("760"))
    return lay_out(list_of("form-1", ROUND, UNITS["760"], UNITS, kids))


LAYOUT = layout()
SHEET_NAME = LAYOUT.name
CARD, BORN, ADDRESS = (LAYOUT.cell(0, f) for f in ("card", "birth_date", "address"))


def wrong(cell: str | None = CARD, code: str = "row.card-invalid", **more: object) -> Finding:
    place = {"sheet": SHEET_NAME, "cell": cell, "row": LAYOUT.child_rows[0], **more}
    return finding(code, "Mã số thẻ không đúng.", "Ghi lại như trên thẻ.", **place)  # type: ignore[arg-type]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_layouts([LAYOUT], tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def annotated(source: Path, findings: Sequence[Finding]):
    """Mark the sender's own file as the child process does, without starting one."""
    to = source.with_name("copy.xlsx")
    make(Job(Way.IN_PLACE, str(source), NAME, tuple(findings), str(to)))
    return openpyxl.load_workbook(to)


def fallen_back(source: Path, findings: Sequence[Finding], **options):
    """Annotate through the real child and expect the list alone."""
    to = source.with_name("copy.xlsx")
    assert WorkbookAnnotator(**options).annotate(source, NAME, findings, to) == "list-only"
    return openpyxl.load_workbook(to)


@pytest.fixture(scope="module")
def copy_with(tmp_path_factory: pytest.TempPathFactory):
    """The marked copy of the plain list, made once for each set of findings."""
    made: dict[tuple[Finding, ...], Path] = {}

    def of(*findings: Finding):
        if findings not in made:
            folder = tmp_path_factory.mktemp("copy")
            write_layouts([LAYOUT], folder / "a.xlsx")
            to = folder / "b.xlsx"
            assert WorkbookAnnotator().annotate(folder / "a.xlsx", NAME, findings, to) == "in-place"
            made[findings] = folder / "b.xlsx"
        return openpyxl.load_workbook(made[findings])

    return of


def listed(book) -> list[dict[str, object]]:
    sheet = book.worksheets[0]
    heads = [c.value for c in sheet[HEADER_ROW] if c.value]
    rows = sheet.iter_rows(min_row=HEADER_ROW + 1, max_col=len(heads), values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows if row[0] is not None]


# --- the cell --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("row.card-invalid", Severity.BLOCKS),
        ("row.number-gap", Severity.WARNS),
        ("row.id-number-repaired", Severity.NOTES),
    ],
)
def test_a_bad_cell_is_coloured_by_how_grave_it_is(copy_with, code, severity):
    cell = copy_with(wrong(code=code))[SHEET_NAME][CARD]

    assert cell.fill.fill_type == "solid"
    assert cell.fill.fgColor.rgb == f"00{FILLS[severity]}"


def test_the_comment_says_what_is_wrong_and_what_to_do(copy_with):
    comment = copy_with(wrong())[SHEET_NAME][CARD].comment

    assert comment.text == "PHẢI SỬA: Mã số thẻ không đúng.\nCách sửa: Ghi lại như trên thẻ."
    assert comment.author == AUTHOR


def test_several_findings_on_one_cell_share_one_comment_the_gravest_first(copy_with):
    findings = [wrong(code="row.number-gap"), wrong()]
    cell = copy_with(*findings)[SHEET_NAME][CARD]

    assert cell.comment.text.index("PHẢI SỬA") < cell.comment.text.index("CẦN XEM LẠI")
    assert cell.fill.fgColor.rgb == f"00{FILLS[Severity.BLOCKS]}"


def test_an_empty_cell_that_should_be_filled_is_coloured_too(source):
    note = LAYOUT.cell(0, "note")
    cell = annotated(source, [wrong(note, "row.reason-missing")])[SHEET_NAME][note]

    assert cell.value is None
    assert cell.fill.fgColor.rgb == f"00{FILLS[Severity.BLOCKS]}"


def test_a_finding_in_the_middle_of_a_merged_range_marks_the_cell_that_is_seen(source):
    row = LAYOUT.round_row
    sheet = annotated(source, [wrong(f"C{row}", "form.round-wrong", row=row)])[SHEET_NAME]

    assert sheet.cell(row, 1).comment is not None


def test_a_finding_about_a_row_marks_its_first_filled_cell(source):
    sheet = annotated(source, [wrong(None, "row.repeated")])[SHEET_NAME]

    assert sheet.cell(LAYOUT.child_rows[0], 1).comment is not None


def test_the_rest_of_the_senders_sheet_is_as_it_was(copy_with, source):
    before = openpyxl.load_workbook(source).worksheets[0]
    after = copy_with(wrong())[SHEET_NAME]

    assert [[c.value for c in row] for row in after] == [[c.value for c in row] for row in before]
    assert after.column_dimensions["B"].width == before.column_dimensions["B"].width
    assert sorted(map(str, after.merged_cells.ranges)) == sorted(
        map(str, before.merged_cells.ranges)
    )
    assert after[BORN].fill.fill_type is None


def test_a_marked_row_that_was_hidden_is_shown(source, tmp_path):
    book = openpyxl.load_workbook(source)
    book[SHEET_NAME].row_dimensions[LAYOUT.child_rows[0]].hidden = True
    book[SHEET_NAME].column_dimensions["C"].hidden = True
    book.save(source)
    sheet = annotated(source, [wrong()])[SHEET_NAME]

    assert not sheet.row_dimensions[LAYOUT.child_rows[0]].hidden
    assert not sheet.column_dimensions["C"].hidden


def test_the_senders_own_comment_on_a_bad_cell_is_kept_below_ours(source):
    book = openpyxl.load_workbook(source)
    book[SHEET_NAME][CARD].comment = Comment("hỏi lại chị Mẫu", "Người dùng")
    book[SHEET_NAME][BORN].comment = Comment("theo giấy khai sinh", "Người dùng")
    book.save(source)
    sheet = annotated(source, [wrong()])[SHEET_NAME]

    assert sheet[CARD].comment.text.endswith("Ghi chú sẵn có: hỏi lại chị Mẫu")
    assert sheet[BORN].comment.text == "theo giấy khai sinh"


# --- the list --------------------------------------------------------------------------------


def test_the_list_is_the_first_sheet_and_the_only_one_selected(copy_with):
    book = copy_with(wrong())

    assert book.sheetnames == [SHEET, SHEET_NAME]
    assert book.active.title == SHEET
    assert [s.sheet_view.tabSelected for s in book.worksheets] == [True, False]


def test_each_finding_is_listed_with_its_place_and_a_link_to_its_cell(source):
    book = annotated(source, [wrong(value="TE17")])

    assert listed(book) == [
        {
            "STT": 1,
            "Mức độ": "Phải sửa",
            "Sheet": SHEET_NAME,
            "Ô": CARD,
            "Dòng": LAYOUT.child_rows[0],
            "Đang ghi": "TE17",
            "Nội dung": "Mã số thẻ không đúng.",
            "Cách sửa": "Ghi lại như trên thẻ.",
            "Mã lỗi": "row.card-invalid",
        }
    ]
    link = book.worksheets[0].cell(HEADER_ROW + 1, 4).hyperlink
    assert link.location == f"'{SHEET_NAME}'!{CARD}"


def test_what_concerns_the_whole_file_comes_first_then_the_cells_in_reading_order(source):
    last = LAYOUT.cell(5, "name")
    findings = [
        wrong(last, "row.name-missing", row=LAYOUT.child_rows[5]),
        wrong(ADDRESS, "row.address-missing"),
        wrong(CARD),
        finding("list.child-missing", "Thiếu một trẻ.", "Bổ sung trẻ này."),
    ]
    rows = listed(annotated(source, findings))

    assert [row["Ô"] for row in rows] == [None, CARD, ADDRESS, last]
    assert rows[0]["Sheet"] == "(cả tệp)"


def test_the_list_opens_with_the_files_name_and_its_totals(copy_with):
    sheet = copy_with(wrong(code="row.number-gap"), wrong()).worksheets[0]
    texts = [c.value for row in sheet["A1:J4"] for c in row if c.value]

    assert texts[0] == TITLE
    assert NAME in texts[1]
    assert "chưa được tiếp nhận" in texts[1]
    assert texts[3:] == ["Phải sửa: 1", "Cần xem lại: 1", "Để biết: 0"]


def test_a_file_with_warnings_only_is_not_called_refused(copy_with):
    sheet = copy_with(wrong(code="row.number-gap")).worksheets[0]

    assert "chưa được tiếp nhận" not in sheet["A2"].value


def test_the_list_prints_on_a4_across_with_its_header_on_every_page(copy_with):
    sheet = copy_with(wrong()).worksheets[0]

    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"
    assert sheet.freeze_panes == f"A{HEADER_ROW + 1}"
    assert sheet.auto_filter.ref == f"A{HEADER_ROW}:I{HEADER_ROW + 1}"


def test_findings_of_an_archive_name_the_file_they_belong_to(source):
    findings = [wrong(file="Phường 1.xlsx"), wrong(file="Phường 2.xlsx")]

    assert [row["Tệp"] for row in listed(annotated(source, findings))] == [
        "Phường 1.xlsx",
        "Phường 2.xlsx",
    ]


def test_a_senders_sheet_of_the_same_name_keeps_its_name(source):
    book = openpyxl.load_workbook(source)
    book.create_sheet("LỖI cần sửa")["A1"] = "của tôi"
    book.save(source)
    found = annotated(source, [wrong()])

    assert found.sheetnames == [f"{SHEET} (2)", SHEET_NAME, "LỖI cần sửa"]


def test_a_corrected_copy_that_comes_back_carries_only_the_newest_marks(source, tmp_path):
    annotated(source, [wrong(), wrong(BORN, "row.birth-date-future")])
    again = tmp_path / "again.xlsx"
    (tmp_path / "copy.xlsx").rename(again)
    book = annotated(again, [wrong(BORN, "row.birth-date-future")])

    assert book.sheetnames == [SHEET, SHEET_NAME]
    assert book[SHEET_NAME][CARD].comment is None
    assert book[SHEET_NAME][CARD].fill.fill_type is None
    assert book[SHEET_NAME][BORN].comment.text.count("PHẢI SỬA") == 1


def test_a_file_full_of_errors_keeps_a_usable_number_of_comments_and_the_whole_list(tmp_path):
    count = MAX_COMMENTS + 50
    source = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet("S")
        for row in range(count):
            sheet.write_row(row, 0, ["x", row])
    findings = [wrong(f"A{row}", sheet="S", row=row) for row in range(1, count + 1)]
    found = annotated(source, findings)

    cells = [found["S"].cell(row, 1) for row in range(1, count + 1)]
    assert sum(c.comment is not None for c in cells) == MAX_COMMENTS
    assert all(c.fill.fill_type == "solid" for c in cells)
    assert len(listed(found)) == count


# --- nothing that runs -----------------------------------------------------------------------


def test_a_text_that_looks_like_a_command_stays_text_and_stays_so_after_an_edit(tmp_path):
    source = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(source) as book:
        book.add_worksheet("S").write_string(0, 0, "=cmd|' /C calc'!A0")
    found = annotated(source, [wrong("A1", sheet="S", row=1, value="=cmd|' /C calc'!A0")])

    for cell in (found["S"]["A1"], found.worksheets[0].cell(HEADER_ROW + 1, 6)):
        assert cell.value == "=cmd|' /C calc'!A0"
        assert cell.data_type == "s"
        assert cell.quotePrefix
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as parts:
        assert not any(b"<f>" in parts.read(n) for n in parts.namelist() if "sheets/sheet" in n)


def test_the_senders_own_sums_stay_and_formulas_that_reach_out_give_way_to_their_values(tmp_path):
    source = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=SUM(B1:B3)", None, 6)
        sheet.write_formula("A2", "=cmd|' /C calc'!A0", None, "")
        sheet.write_formula("A3", '=WEBSERVICE("http://a.example/")', None, "đã tải")
        sheet.write_formula("A4", "=[1]Khac!A1", None, 42)
        book.define_name("Lay", "=[1]Khac!$A$1")
    found = annotated(source, [wrong("A1", sheet="S", row=1)])
    sheet = found["S"]

    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=SUM(B1:B3)", "f")
    assert sheet["A2"].data_type in ("s", "n")
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("đã tải", "s")
    assert sheet["A4"].value == 42
    assert "Lay" not in found.defined_names


def test_macros_and_links_to_other_files_are_not_sent_back(source, tmp_path):
    active = tmp_path / "active.xlsm"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(active, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(
                    b"</Types>",
                    b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                    b"</Types>",
                )
            new.writestr(name, data)
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not really")
    annotated(active, [wrong()])

    with zipfile.ZipFile(tmp_path / "copy.xlsx") as parts:
        assert not any("vba" in name or "externalLink" in name for name in parts.namelist())


# --- falling back ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["file.empty", "file.damaged", "file.encrypted", "file.unsafe", "file.not-a-workbook"]
)
def test_a_file_that_could_not_be_read_gets_the_list_alone(source, code):
    book = fallen_back(source, [finding(code, "Tệp không đọc được.", "Nộp lại.")])

    assert book.sheetnames == [SHEET]
    assert listed(book)[0]["Mã lỗi"] == code


def test_an_xlsx_that_cannot_be_loaded_gets_the_list_alone(source):
    source.write_bytes(source.read_bytes()[:2000])

    assert len(listed(fallen_back(source, [wrong()]))) == 1


def test_more_rows_than_can_be_marked_usefully_get_the_list_alone(source):
    book = fallen_back(source, [wrong()], max_rows=5)

    assert book.sheetnames == [SHEET]
    assert book.worksheets[0].cell(HEADER_ROW + 1, 4).hyperlink is None


def test_a_file_that_keeps_the_editor_too_long_gets_the_list_alone(source):
    fallen_back(source, [wrong()], limits=Limits(seconds=0.001))


def test_a_file_that_would_eat_all_memory_gets_the_list_alone(source):
    fallen_back(source, [wrong()], limits=Limits(memory=32 * 2**20))


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing(tmp_path):
    source = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet("S")
        sheet.write_string(0, 0, "x")
        sheet.write_string(1_048_575, 16_383, "y")
    found = annotated(source, [wrong("A1", sheet="S", row=1)])

    assert found["S"]["A1"].comment is not None


def test_a_file_that_is_gone_still_gets_its_list(tmp_path):
    fallen_back(tmp_path / "gone.xlsx", [wrong()])


@pytest.mark.parametrize("cell", ["", "A0", "rubbish", "XFE1", "A9999999"])
def test_a_place_that_no_sheet_has_is_listed_and_marks_nothing(source, cell):
    book = annotated(source, [wrong(cell)])

    assert len(listed(book)) == 1
    assert cell == "" or all(c.comment is None for row in book[SHEET_NAME] for c in row)


def test_a_disk_that_cannot_take_the_copy_means_later(source, tmp_path):
    with pytest.raises(TryLater):
        WorkbookAnnotator().annotate(source, NAME, [wrong()], tmp_path / "missing" / "a.xlsx")

    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx"]


@pytest.mark.parametrize("odd", ["\ufffe", "\uffff", "\ud800", "\x00", "\x1f"])
def test_a_value_that_xml_cannot_hold_never_costs_the_sender_his_copy(source: Path, odd: str):
    book = annotated(source, [wrong(value=f"TE1{odd}79")])

    told = [cell.value for row in book[SHEET].iter_rows() for cell in row]
    assert any("TE179" in str(value) for value in told)
