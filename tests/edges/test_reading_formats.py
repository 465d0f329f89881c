"""Whatever format an office saves its list in, the same cells are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Range, Sheet
from bhyt_filedrop.edges.workbooks.formats import xlsx
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import Budget, make_sheet
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.edges.reading import DATA, codes, read_bytes, sheets_of

TYPED = ("xlsx", "xls", "xlsb", "ods", "spreadsheetml")
WITH_FLAGS = (*TYPED, "xls5")


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


@pytest.mark.parametrize("kind", TYPED)
def test_a_list_reads_the_same_from_every_format_with_types(
    kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Numbers, days, leading zeros, no-break spaces, the gap under the title and its merge."""
    reading = read_bytes(reader, tmp_path, formats.make(kind, [formats.a_list()]))

    assert kind == reading.format
    assert (formats.a_list(),) == sheets_of(reading)
    assert reading.findings == ()


@pytest.mark.parametrize("kind", ["html", "csv"])
def test_a_format_of_text_reads_as_what_it_shows(
    kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """HTML and csv hold no types: a day stays the text that the clerk saw."""
    reading = read_bytes(reader, tmp_path, formats.make(kind, [formats.a_list()]))

    (sheet,) = sheets_of(reading)
    assert kind == reading.format
    assert sheet.rows[3] == ("1", "Trẻ Thử 1", "0000000001", "01/01/2014", "P.5\u00a0Q.3")


@pytest.mark.parametrize("kind", WITH_FLAGS)
def test_hidden_rows_and_columns_are_read_and_marked(
    kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Hidden cells hold data as any other; who judges them must know that they were hidden."""
    sheet = replace(
        formats.a_list(),
        merges=(),
        hidden_rows=frozenset({5}),
        hidden_columns=frozenset({3}),
    )

    (read,) = sheets_of(read_bytes(reader, tmp_path, formats.make(kind, [sheet])))

    assert sheet == read


@pytest.mark.parametrize("kind", TYPED)
def test_a_hidden_sheet_is_marked(kind: str, reader: WorkbookReader, tmp_path: Path) -> None:
    """A sheet that only macros could show again counts as hidden too."""
    secret = Sheet("Ẩn", (("cũ",),), hidden=True)

    read = sheets_of(read_bytes(reader, tmp_path, formats.make(kind, [formats.a_list(), secret])))

    assert [sheet.hidden for sheet in read] == [False, True]


@pytest.mark.parametrize("kind", WITH_FLAGS)
@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_an_error_cell_is_no_empty_cell(
    kind: str, error: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """The usual fast reader gives an empty cell for it, which would be a false missing value."""
    sheet = Sheet("Lỗi", (("STT", "Tên"), (1.0, ErrorValue(error), "sau")))

    (read,) = sheets_of(read_bytes(reader, tmp_path, formats.make(kind, [sheet])))

    assert sheet.rows == read.rows


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_workbook_that_counts_from_1904_gives_the_same_days(
    kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Old Macs counted from 1904; unseen, every child would be four years and a day younger."""
    data = formats.make(kind, [formats.a_list()], date1904=True)

    assert (formats.a_list(),) == sheets_of(read_bytes(reader, tmp_path, data))


@pytest.mark.parametrize("date1904", [False, True])
def test_the_closer_look_knows_1904_too(
    date1904: bool, reader: WorkbookReader, tmp_path: Path
) -> None:
    """An error cell sends the sheet to the other reader, which must count the same way."""
    sheet = formats.a_list()
    sheet = replace(sheet, rows=(*sheet.rows, (ErrorValue("#N/A"),)))
    data = formats.xlsx([sheet], date1904=date1904)

    assert (sheet,) == sheets_of(read_bytes(reader, tmp_path, data))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (b'<c r="A1"><f>B1+1</f></c>', ErrorValue("=B1+1")),
        (b'<c r="A1"><f>B1+1</f><v></v></c>', ErrorValue("=B1+1")),
        (b'<c r="A1"><f>B1+1</f><v/></c>', ErrorValue("=B1+1")),
        (b'<c r="A1"><f>B1+1</f><v>3</v></c>', 3.0),
        (b'<c r="A1" t="str"><f>B1</f><v>x</v></c>', "x"),
        (b'<c r="A1" t="str"><f>IF(B1,C1,"")</f><v></v></c>', None),
        (b'<c r="A1" t="b"><v>1</v></c>', True),
        (b'<c r="A1" t="inlineStr"><is><r><t>Tr</t></r><r><t>an</t></r></is></c>', "Tran"),
        (b'<c r="A1" t="inlineStr"><is><t>a_x000D_b</t></is></c>', "a\rb"),
    ],
)
def test_a_formula_without_a_stored_result_is_told_from_an_empty_one(
    cell: bytes, value: object, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Programs other than Excel write formulas that nobody has calculated yet."""
    row = b'<row r="1">' + cell + b'<c r="B1"><v>1</v></c></row>'
    # A second row with an error makes sure that the closer look reads the sheet.
    more = b'<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>'
    data = formats.with_sheet_xml(
        formats.xlsx([Sheet("S", ((1.0,),))]),
        lambda xml: xml.partition(b"<sheetData>")[0]
        + b"<sheetData>" + row + more
        + b"</sheetData></worksheet>",
    )  # fmt: skip

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert value == sheet.value(1, 1)
    assert sheet.value(1, 2) == 1.0


def test_a_sheet_whose_names_carry_a_prefix_is_read(reader: WorkbookReader, tmp_path: Path) -> None:
    """Some .NET exporters write `x:row` and `x:c`."""

    def prefixed(xml: bytes) -> bytes:
        xml = xml.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")
        return xml.replace(b"xmlns=", b"xmlns:x=")

    data = formats.with_sheet_xml(formats.xlsx([formats.a_list()]), prefixed)

    assert formats.a_list().rows == sheets_of(read_bytes(reader, tmp_path, data))[0].rows


def test_sixty_thousand_phantom_rows_are_cut(reader: WorkbookReader, tmp_path: Path) -> None:
    """A formatted but empty tail, as dragging a border down leaves it."""
    tail = b"".join(
        b'<row r="%d"><c r="A%d" s="0"/><c r="B%d" s="0"/></row>' % (n, n, n)
        for n in range(100, 60_100)
    )
    data = formats.with_sheet_xml(
        formats.xlsx([formats.a_list()]),
        lambda xml: xml.replace(b"</sheetData>", tail + b"</sheetData>"),
    )

    assert formats.a_list().rows == sheets_of(read_bytes(reader, tmp_path, data))[0].rows


def test_a_stray_cell_in_the_last_corner_costs_nothing(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """The fast reader would ask for 17 thousand million cells and abort."""
    stray = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    data = formats.with_sheet_xml(
        formats.xlsx([formats.a_list()]),
        lambda xml: xml.replace(b"</sheetData>", stray + b"</sheetData>"),
    )

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert formats.a_list().rows == sheet.rows[:6]
    assert sheet.value(1_048_576, 16_384) == 1.0


def test_a_stray_cell_in_the_last_corner_of_an_xls_costs_nothing(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """The same in the old format, whose last corner is IV65536."""
    stray = Sheet("S", (("STT",), *[()] * 65_534, (*[None] * 255, 1.0)))

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, formats.xls([stray])))

    assert sheet.value(1, 1) == "STT"
    assert sheet.value(65_536, 256) == 1.0


def test_a_bare_stream_without_its_container_is_read(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Old exporters wrote the records straight into the file."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("S").write(0, 0, "Trẻ Thử")

    reading = read_bytes(reader, tmp_path, book.get_biff_data())

    assert reading.format == "xls"
    assert sheets_of(reading)[0].rows == (("Trẻ Thử",),)


def test_days_times_and_moments_are_told_apart(reader: WorkbookReader, tmp_path: Path) -> None:
    """A moment at midnight is a day; a length of time is a number."""
    import xlsxwriter

    path = tmp_path / "times.xlsx"
    book = xlsxwriter.Workbook(path)
    codes_of_formats = ["dd/mm/yyyy", "dd/mm/yyyy hh:mm", "hh:mm", "[h]:mm", "0.00", "mmm-yy"]
    sheet = book.add_worksheet()
    for row, (number, code) in enumerate(
        zip([41773, 41773.25, 0.5, 1.5, 41773, 41773], codes_of_formats, strict=True)
    ):
        sheet.write_number(row, 0, number, book.add_format({"num_format": code}))
    book.close()

    (read,) = sheets_of(reader.read(path, "times.xlsx"))

    day = date(2014, 5, 14)
    moment = datetime(2014, 5, 14, 6)
    assert [day, moment, time(12), 1.5, 41773.0, day] == [row[0] for row in read.rows]


def test_an_old_excel_5_file_is_read(reader: WorkbookReader, tmp_path: Path) -> None:
    """BIFF5 holds single bytes; Windows' own Vietnamese comes out composed."""
    sheet = replace(formats.a_list(), merges=())

    reading = read_bytes(reader, tmp_path, formats.xls5([sheet]))

    assert reading.format == "xls"
    assert sheet.rows == sheets_of(reading)[0].rows


def test_an_old_excel_5_file_in_a_legacy_font_keeps_its_codes(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """TCVN3 codes must reach the repair as Latin-1 characters, whatever the file claims."""
    from bhyt_filedrop.domain.cells import legacy

    names = ("Nguyễn thị hồng", "trần văn bình", "lê hữu phước")
    rows = tuple((legacy.encode(name, "tcvn3"),) for name in names)

    def single_bytes(text: str) -> bytes:
        return text.encode("latin-1", "replace")

    data = formats.xls5([Sheet("S", rows)], encode=single_bytes, codepage=1258)
    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert rows == sheet.rows


@pytest.mark.parametrize("extension", ["xlsx", "xls", "ods"])
def test_what_libreoffice_saved_is_read(extension: str, reader: WorkbookReader) -> None:
    """A real program's files: error, hidden row, column and sheet, merge, days."""
    reading = reader.read(DATA / f"libreoffice.{extension}", f"list.{extension}")

    first, second = sheets_of(reading)
    wanted = formats.a_list()
    assert (*wanted.rows, ("ghi chú", ErrorValue("#DIV/0!"))) == first.rows
    assert (Range(1, 1, 1, 5),) == first.merges
    assert (frozenset({5}), frozenset({3})) == (first.hidden_rows, first.hidden_columns)
    assert (first.hidden, second.hidden) == (False, True)
    assert codes(reading.findings) == []


CELLS = st.one_of(
    st.none(),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda n: round(n, 4) + 0.0),
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=8),
    st.dates(date(1901, 1, 1), date(2199, 12, 31)),
    st.booleans(),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(CELLS, max_size=5).map(tuple), min_size=1, max_size=6),
    st.sets(st.integers(1, 6)),
    st.sets(st.integers(1, 5)),
)
def test_the_fast_and_the_close_look_agree(
    rows: list[tuple[CellValue, ...]], hidden_rows: set[int], hidden_columns: set[int]
) -> None:
    """Which of the two read a sheet must never show in its cells or its hidden parts.

    An error cell below the rest is what sends the second sheet to the close look.
    """
    rows_off, columns_off = frozenset(hidden_rows), frozenset(hidden_columns)
    plain = Sheet("S", (*rows, ("z",) * 5), hidden_rows=rows_off, hidden_columns=columns_off)
    failed = replace(plain, rows=(*rows, (*("z",) * 4, ErrorValue("#N/A"))))

    fast = xlsx.read(formats.xlsx([plain]), Budget(1000), 10**7).sheets[0]
    close = xlsx.read(formats.xlsx([failed]), Budget(1000), 10**7).sheets[0]

    assert fast.rows[:-1] == close.rows[:-1]
    assert fast.hidden_rows == close.hidden_rows
    assert fast.hidden_columns == close.hidden_columns == columns_off
    assert fast.rows == make_sheet("S", [_trimmed(row) for row in plain.rows]).rows


def _trimmed(row: tuple[CellValue, ...]) -> tuple[CellValue, ...]:
    width = len(row)
    while width and row[width - 1] is None:
        width -= 1
    return row[:width]
