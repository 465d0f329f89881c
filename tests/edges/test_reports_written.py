"""Reports on paper and screen: real charts, the figures of the report, nothing from elsewhere."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from lxml import etree, html

from bhyt_filedrop import resources
from bhyt_filedrop.commands.report_table import REPORTS as KNOWN
from bhyt_filedrop.domain.access.accounts import Access
from bhyt_filedrop.domain.reports.accesses import access_report
from bhyt_filedrop.domain.reports.backlog import backlog
from bhyt_filedrop.domain.reports.endings import endings, endings_report
from bhyt_filedrop.domain.reports.held import HandedOut, HeldRow, exposure_report
from bhyt_filedrop.domain.reports.model import Report
from bhyt_filedrop.edges.reports.drawing import WIDTH, draw
from bhyt_filedrop.edges.reports.html import render, write_page
from bhyt_filedrop.edges.reports.xlsx import SUMMARY, write_report
from bhyt_filedrop.ports import NeverWorks
from tests.domain.test_reports import DROPS, FOUND, a_round, quality, round_report, status_of
from tests.lists import PROCESS, Book
from tests.offices import ROUND, UNITS, moment

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
"""openpyxl, which only reads here, has no use for data bars."""

HEADED = ("BẢO HIỂM XÃ HỘI VIỆT NAM",)
"""How a table begins that is sent on as a document."""

TEMPLATES = resources.templates_dir() / "reports"
CHART = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}


def the_backlog(book: Book | None = None) -> Report:
    book = book or a_round()
    return backlog(book.trace(), status_of(book), PROCESS, UNITS)


def held(book: Book) -> list[HeldRow]:
    return [
        HeldRow(record, child, f"{child.name}|{child.birth}")
        for record in book.lists
        for child in book.rolls[record.drop, record.seq]
    ]


REPORTS = {
    "backlog": the_backlog,
    "round": lambda: round_report(status_of(a_round()), a_round().lists, UNITS),
    "quality": lambda: quality(DROPS, FOUND, UNITS, moment(6, 30)),
    "endings": lambda: endings_report(
        endings(status_of(a_round()), a_round().lists, {}), UNITS, moment(6, 30), [ROUND], {}
    ),
    "access": lambda: access_report(
        [
            Access(
                moment(6, 16), "phong-thu", "10.0.0.7", "opened", "760", "D150616-7K3FQX", "drop"
            ),
            Access(moment(6, 17), "quan-1", "10.0.0.8", "searched", what="search 15Q1-7K3FQM"),
        ],
        UNITS,
        moment(6, 30),
        [],
    ),
    "exposure": lambda: exposure_report(
        held(a_round()),
        [HandedOut("D1", "file", "760", "main: a/b.xlsx", moment(5, 20))],
        UNITS,
        moment(6, 30),
        "mọi tệp",
    ),
    "empty": lambda: the_backlog(Book()),
    "no-drops": lambda: quality([], [], UNITS, moment(6, 30)),
}


def test_every_report_that_there_is_is_written_here():
    assert sorted(set(KNOWN) - set(REPORTS)) == []


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest) -> Report:
    return REPORTS[request.param]()


# --- workbook -------------------------------------------------------------------------------------


def test_a_workbook_has_a_summary_and_a_sheet_for_each_table(report: Report, tmp_path: Path):
    write_report(report, tmp_path / "r.xlsx")

    book = openpyxl.load_workbook(tmp_path / "r.xlsx")

    assert book.sheetnames == [SUMMARY, *(table.name for table in report.tables)]
    assert book[SUMMARY]["A1"].value == report.title
    assert [c.value for c in book[SUMMARY][6][: len(report.figures)]] == [
        figure.label for figure in report.figures
    ]


def test_every_table_is_ready_to_print(report: Report, tmp_path: Path):
    write_report(report, tmp_path / "r.xlsx")

    for sheet in openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[1:]:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert str(sheet.page_setup.fitToHeight) == "0"
        assert sheet.print_title_rows.startswith("$8" if sheet["A1"].value in HEADED else "$5")
        assert sheet.freeze_panes.startswith("B")


def test_the_cells_hold_the_reports_own_figures(tmp_path: Path):
    report = the_backlog()
    write_report(report, tmp_path / "r.xlsx")
    table = report.tables[0]
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")[table.name]

    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=10, max_row=12)]

    wanted = [[line.get(c.key) for c in table.columns] for line in (*table.rows, table.total)]
    assert rows == [[value or (0 if value == 0 else None) for value in row] for row in wanted]
    assert sheet["J10"].number_format == "0.0%"


def test_the_backlog_is_sent_on_with_the_office_at_its_top_and_room_to_sign(tmp_path: Path):
    """2118/BHXH-CNTT, Phụ lục 1; the tables for the offices themselves need neither."""
    report = the_backlog()
    write_report(report, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    annex, wards = (
        [c.value for row in book[table.name].iter_rows() for c in row if c.value]
        for table in report.tables
    )
    page = " ".join(page_of(report).text_content().split())

    authority = UNITS.authority
    for said in (authority.letterhead, "PHỤ LỤC 1", "Người lập biểu", "(Ký tên, đóng dấu)",
                 f"Giám đốc {authority.office}"):  # fmt: skip
        assert said in annex
        assert said in page
        assert said not in wards
    assert annex.index(authority.letterhead) < annex.index(report.tables[0].title)
    assert annex.index("Người lập biểu") > annex.index("Toàn Thành phố")


def test_a_row_is_as_high_as_its_longest_text(tmp_path: Path):
    report = the_backlog()
    table = report.tables[0]
    long = replace(table, rows=({**table.rows[0], "standing_title": "Quá hạn " * 12},))
    write_report(replace(report, tables=(long,)), tmp_path / "r.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")[table.name]

    assert sheet.row_dimensions[10].height == 45


def test_the_charts_are_drawn_from_the_cells_of_their_table(tmp_path: Path):
    report = the_backlog()
    write_report(report, tmp_path / "r.xlsx")

    with zipfile.ZipFile(tmp_path / "r.xlsx") as packed:
        charts = [etree.fromstring(packed.read(n)) for n in sorted(packed.namelist())
                  if re.fullmatch(r"xl/charts/chart\d+\.xml", n)]  # fmt: skip

    assert len(charts) == 2
    series = charts[0].findall(".//c:ser", CHART)
    assert [s.findtext("c:tx//c:v", namespaces=CHART) for s in series] == [
        "Đã cấp từ trước", "Cấp đợt này", "Chưa cấp thẻ", "Chưa báo cáo",
    ]  # fmt: skip
    assert series[0].findtext("c:cat//c:f", namespaces=CHART) == "'Theo quận, huyện'!$A$10:$A$11"
    assert series[3].findtext("c:val//c:f", namespaces=CHART) == "'Theo quận, huyện'!$H$10:$H$11"


def test_a_table_without_rows_has_no_chart_and_says_so(tmp_path: Path):
    write_report(REPORTS["no-drops"](), tmp_path / "r.xlsx")

    with zipfile.ZipFile(tmp_path / "r.xlsx") as packed:
        assert not [name for name in packed.namelist() if name.startswith("xl/charts/")]
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book["Theo lỗi"]["A6"].value == "Không có lỗi hay lời nhắc nào."


def test_a_name_never_becomes_a_formula(tmp_path: Path):
    report = the_backlog()
    table = report.tables[0]
    evil = replace(table, rows=({**table.rows[0], "name": "=cmd|' /C calc'!A0"},))
    write_report(replace(report, tables=(evil,)), tmp_path / "r.xlsx")

    cell = openpyxl.load_workbook(tmp_path / "r.xlsx")[table.name]["A10"]

    assert (cell.data_type, cell.value) == ("s", "=cmd|' /C calc'!A0")


def test_a_report_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(OSError, match=r"r\.xlsx"):
        write_report(the_backlog(), tmp_path / "nowhere" / "r.xlsx")

    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(OSError):
        write_report(the_backlog(), tmp_path / "taken.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.xlsx"]


# --- page -----------------------------------------------------------------------------------------


def page_of(report: Report) -> html.HtmlElement:
    return html.document_fromstring(render(report, TEMPLATES))


def test_a_page_needs_nothing_from_elsewhere(report: Report):
    page = page_of(report)

    assert not page.xpath("//script | //link | //img | //iframe | //*[@src]")
    assert [a.get("href")[0] for a in page.xpath("//a")] == ["#"]
    assert "url(" not in render(report, TEMPLATES)
    assert "@import" not in render(report, TEMPLATES)


def test_a_page_can_be_read_without_seeing_it(report: Report):
    page = page_of(report)

    assert page.get("lang") == "vi"
    assert len(page.xpath("//h1")) == 1
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in page.xpath("//svg"))
    assert all(th.get("scope") for th in page.xpath("//th"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)


def test_the_rows_of_a_page_have_as_many_cells_as_its_headings(report: Report):
    for table in page_of(report).xpath("//table"):
        first = table.xpath("thead/tr[1]/th")
        columns = sum(int(th.get("colspan", "1")) for th in first)
        assert {len(tr) for tr in table.xpath("tbody/tr | tfoot/tr")} == {columns}


def test_a_page_prints_on_landscape_sheets_with_headings_repeated():
    text = render(the_backlog(), TEMPLATES)

    assert "@page { size: A4 landscape" in text
    assert "thead { display: table-header-group; }" in text


def test_a_name_with_a_tag_in_it_stays_a_name():
    report = replace(the_backlog(), subtitle="<script>alert(1)</script>")

    assert not page_of(report).xpath("//script")


def test_the_page_shows_the_figures_of_the_report(tmp_path: Path):
    report = the_backlog()
    write_page(report, tmp_path / "r.html", TEMPLATES)
    page = html.parse(tmp_path / "r.html", html.HTMLParser(encoding="utf-8")).getroot()

    shown = dict(zip(page.xpath("//dt/text()"), page.xpath("//dd/text()"), strict=True))

    assert shown["Trẻ phải xác minh"] == "12"
    assert shown["Tỷ lệ đã báo cáo"] == "66,7%"


def test_a_broken_template_is_one_clear_error(tmp_path: Path):
    (tmp_path / "report.html.j2").write_text("{{ report.nothing }}", encoding="utf-8")

    with pytest.raises(NeverWorks, match=r"report\.html\.j2"):
        write_page(the_backlog(), tmp_path / "r.html", tmp_path)
    with pytest.raises(NeverWorks):
        render(the_backlog(), tmp_path / "none")
    assert not (tmp_path / "r.html").exists()


# --- drawing --------------------------------------------------------------------------------------


def test_bars_are_as_long_as_their_counts_and_stay_in_the_picture(report: Report):
    for table in report.tables:
        drawing = draw(table)
        if drawing is None:
            assert table.chart is None or not table.rows
            continue
        assert table.chart is not None
        drawn = sum(len([k for k in table.chart.series if row.get(k)]) for row in table.charted())
        assert len(drawing.boxes) == drawn
        assert all(b.x >= 0 and b.x + b.width <= WIDTH for b in drawing.boxes)
        assert all(b.y >= 0 and b.y + b.height <= drawing.height for b in drawing.boxes)


def test_a_bar_twice_as_long_means_twice_as_many():
    table = the_backlog().tables[0]
    drawing = draw(table)
    assert drawing is not None
    lengths = {box.told: box.width for box in drawing.boxes}

    assert lengths["Quận 12: chưa báo cáo 4"] * 5 == pytest.approx(
        lengths["Quận 1: cấp đợt này 5"] * 4
    )
