"""HTML saved under the name .xls: what most hospital programs export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.domain.cells import legacy
from bhyt_filedrop.domain.cells.grid import ErrorValue, Range, Sheet
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.edges.reading import DATA, codes, read_bytes, sheets_of


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


def page(body: str, head: str = "") -> bytes:
    """Return a document."""
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "how",
    [
        {"encoding": "utf-16-le"},
        {"encoding": "utf-8"},
        {"encoding": "utf-8", "marks": 1},
        {"encoding": "utf-8", "marks": 5},
    ],
)
def test_every_encoding_gives_the_same_cells(
    how: dict[str, Any], reader: WorkbookReader, tmp_path: Path
) -> None:
    """Marks are not text, and no letter is lost."""
    reading = read_bytes(reader, tmp_path, formats.html([formats.a_list()], **how), "list.xls")

    (sheet,) = sheets_of(reading)
    assert sheet.rows[0] == ("DANH SÁCH TRẺ EM",)
    assert sheet.rows[3] == ("1", "Trẻ Thử 1", "0000000001", "01/01/2014", "P.5\u00a0Q.3")
    assert (Range(1, 1, 1, 5),) == sheet.merges
    assert codes(reading.findings) == ["file.disguised"]


def test_a_page_in_windows_1258_is_read(reader: WorkbookReader, tmp_path: Path) -> None:
    """Decomposed single bytes come out as composed letters."""
    body = formats.cp1258("<table><tr><td>Nguyễn Thị Thử<td>Phường Bến Nghé</table>")
    data = b"<html><meta charset=windows-1258>" + body + b"</html>"

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows[0] == ("Nguyễn Thị Thử", "Phường Bến Nghé")


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_a_page_in_a_legacy_font_keeps_its_codes(
    font: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """They are shown as Latin-1 letters, which the repair of texts then knows."""
    shown = legacy.encode("nguyễn thị hồng phường bến nghé", font)
    data = f"<html><table><tr><td>{shown}<td>1</table></html>".encode("latin-1")

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert legacy.convert(str(sheet.value(1, 1)), font) == "nguyễn thị hồng phường bến nghé"


def test_text_and_tables_are_stacked_into_one_sheet(reader: WorkbookReader, tmp_path: Path) -> None:
    """Headings, a title table, the data and the signatures are one printed page."""
    data = page(
        "<h3>BHXH Quận 1</h3><p>Đợt 1<br>năm 2015</p>"
        "<table><tr><td colspan=3>DANH SÁCH</td></tr></table>"
        "<table><tr><th>STT<th>Tên<th>Ngày</tr><tr><td>1<td>Trẻ Thử<td>01/02/2014</tr></table>"
        "<p>Người lập biểu</p>"
    )

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (
        ("BHXH Quận 1",),
        ("Đợt 1",),
        ("năm 2015",),
        ("DANH SÁCH",),
        ("STT", "Tên", "Ngày"),
        ("1", "Trẻ Thử", "01/02/2014"),
        ("Người lập biểu",),
    )
    assert (Range(4, 1, 4, 3),) == sheet.merges


def test_a_table_that_only_lays_out_the_page_is_not_the_list(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """The list inside starts in its own first column."""
    inner = "<table><tr><td>1<td>a<td>b</tr><tr><td>2<td>c<td>d</tr></table>"
    data = page(f"<table><tr><td>BHXH<td>Mẫu 2</tr><tr><td colspan=2>{inner}</td></tr></table>")

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (("BHXH",), ("Mẫu 2",), ("1", "a", "b"), ("2", "c", "d"))


def test_a_small_table_inside_a_cell_leaves_the_list_whole(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Its text belongs to the cell that it stands in."""
    data = page(
        "<table><tr><td>1<td><table><tr><td>Trẻ</td></tr></table><td>b</tr>"
        "<tr><td>2<td>c<td>d</tr></table>"
    )

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (("1", "Trẻ", "b"), ("2", "c", "d"))


def test_cells_that_reach_over_rows_and_columns_keep_the_others_in_place(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """A two-level header, as form 1 has it."""
    data = page(
        "<table><tr><td rowspan=2>STT<td colspan=2>Nơi đăng ký<td rowspan=2>Ghi chú</tr>"
        "<tr><td>Tỉnh<td>Mã BV</tr><tr><td>1<td>79<td>014<td>&nbsp;</tr></table>"
    )

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (
        ("STT", "Nơi đăng ký", None, "Ghi chú"),
        (None, "Tỉnh", "Mã BV"),
        ("1", "79", "014"),
    )
    assert {Range(1, 1, 2, 1), Range(1, 2, 1, 3), Range(1, 4, 2, 4)} == set(sheet.merges)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<td>  a\n  b </td>", "a b"),
        ("<td>a<br>b</td>", "a\nb"),
        ("<td><p>a</p><p>b</p></td>", "a\n\nb"),
        ("<td>a&nbsp;&nbsp;b</td>", "a\u00a0\u00a0b"),
        ("<td>&nbsp;</td>", None),
        ("<td></td>", None),
        ("<td>00079</td>", "00079"),
        ("<td>#REF!</td>", ErrorValue("#REF!")),
        ("<td x:num>12</td>", 12.0),
        ('<td x:num="1234.5">1.234,5</td>', 1234.5),
        ('<td x:num="41773">14/05/2014</td>', "14/05/2014"),
        ('<td x:num="14">014</td>', "014"),
        ("<td>a<script>alert(1)</script>b</td>", "ab"),
        ("<td>a<!-- ghi chú -->b</td>", "ab"),
        ('<td><a class="comment-indicator"></a>\n<comment>PHẢI SỬA: sai</comment>a</td>', "a"),
        ("<td>Nguy&#7877;n &amp; con</td>", "Nguyễn & con"),
    ],
)
def test_a_cell_holds_what_a_browser_shows(
    cell: str, value: object, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Numbers only where the program states them, and never against what is shown."""
    data = page(f"<table><tr>{cell}<td>x</td></tr></table>")

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert value == sheet.value(1, 1)
    assert sheet.value(1, 2) == "x"


def test_hidden_rows_and_columns_are_marked(reader: WorkbookReader, tmp_path: Path) -> None:
    """Excel writes them out with `display:none`."""
    data = page(
        "<table><col width=9><col span=2 style='mso-width:0;display:none'>"
        "<tr><td>1<td>2<td>3<td>4</tr><tr height=0 style='display: none'><td>5</tr></table>"
    )

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.hidden_rows == frozenset({2})
    assert sheet.hidden_columns == frozenset({2, 3})


def test_a_single_file_web_archive_is_read(reader: WorkbookReader, tmp_path: Path) -> None:
    """Excel's "Single File Web Page": the sheets are parts of a mail message."""
    part = "Content-Type: text/html; charset=utf-8\r\n\r\n{}\r\n"
    parts = [part.format(f"<table><tr><td>{n}<td>Trẻ</table>") for n in (1, 2)]
    body = "--B\r\n" + "--B\r\n".join(parts) + "--B--\r\n"
    data = f"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n{body}"

    reading = read_bytes(reader, tmp_path, data.encode())

    assert [sheet.rows for sheet in sheets_of(reading)] == [(("1", "Trẻ"),), (("2", "Trẻ"),)]


def test_what_follows_the_end_of_the_document_is_read_too(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Some programs write one whole document after the other into a file."""
    data = page("<table><tr><td>1<td>a</tr></table>") + page("<table><tr><td>2<td>b</tr></table>")

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (("1", "a"), ("2", "b"))


def test_a_page_without_a_table_is_no_workbook(reader: WorkbookReader, tmp_path: Path) -> None:
    """An error page saved under the list's name."""
    reading = read_bytes(reader, tmp_path, page("<p>404 Not Found</p>"), "list.xls")

    assert reading.workbook is None
    assert codes(reading.findings) == ["file.not-a-workbook"]


def test_a_page_that_libreoffice_saved_is_read(reader: WorkbookReader) -> None:
    """Another program's dialect: numbers in `sdval`."""
    (sheet,) = sheets_of(reader.read(DATA / "libreoffice.html", "list.xls"))

    assert sheet.rows[3] == (1.0, "Trẻ Thử 1", "01/01/2014", "P.5\u00a0Q.3")


def test_ten_thousand_rows_are_all_there(reader: WorkbookReader, tmp_path: Path) -> None:
    """The parser's own limits must not cut a big table in silence."""
    rows = tuple((str(number), "Trẻ Thử", "x" * 100) for number in range(10_000))

    reading = read_bytes(reader, tmp_path, formats.html([Sheet("S", rows)]))

    assert rows == sheets_of(reading)[0].rows
