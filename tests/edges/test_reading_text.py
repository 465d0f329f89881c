"""Delimited text: every encoding and delimiter that offices save, all of it text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells import legacy
from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.edges.workbooks.formats import text_csv
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import Budget
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.edges.reading import codes, read_bytes, sheets_of

ROWS = (
    ("STT", "Họ và tên", "Địa chỉ"),
    ("1", "Nguyễn Thị Thử", "12/3 Nguyễn Trãi, P. Bến Thành, Q.1"),
    ("2", "Trần Văn Mẫu", 'ấp "Một", xã Tân Thạnh Đông'),
    ("3", "Lê Hữu Phước", "hai\ndòng"),
)


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_in_each_unicode_is_read(
    encoding: str, delimiter: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Excel's "Unicode Text" is UTF-16 with tabs; a Vietnamese Excel's csv has semicolons."""
    data = formats.csv_text([Sheet("S", ROWS)], encoding=encoding, delimiter=delimiter)

    reading = read_bytes(reader, tmp_path, data, "list.csv")

    assert sheets_of(reading)[0].rows == ROWS
    assert codes(reading.findings) == []


def test_windows_1258_is_told_by_its_words(reader: WorkbookReader, tmp_path: Path) -> None:
    """Nothing in the file says so."""
    data = formats.cp1258(formats.csv_text([Sheet("S", ROWS)], encoding="utf-8").decode())

    assert sheets_of(read_bytes(reader, tmp_path, data))[0].rows == ROWS


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_a_legacy_font_keeps_its_codes(font: str, reader: WorkbookReader, tmp_path: Path) -> None:
    """The repair of texts knows them as Latin-1 letters."""
    names = ("nguyễn thị hồng", "trần văn bình", "lê hữu phước")
    lines = "".join(f"1,{legacy.encode(name, font)},x\r\n" for name in names)

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, lines.encode("latin-1")))

    assert names == tuple(legacy.convert(str(row[1]), font) for row in sheet.rows)


def test_everything_is_text_and_nothing_is_nothing(reader: WorkbookReader, tmp_path: Path) -> None:
    """A leading zero survives; an empty field is an empty cell."""
    data = b"a,b,c\r\n00079,01/02/2014,\r\n,,x\r\n\r\n,,\r\n"

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (("a", "b", "c"), ("00079", "01/02/2014"), (None, None, "x"))


def test_excels_own_hint_of_the_delimiter_is_obeyed(reader: WorkbookReader, tmp_path: Path) -> None:
    """`sep=` in the first line is not a row."""
    data = b"sep=|\r\na,1,x|b|c\r\na,2,x|d|e\r\n"

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.rows == (("a,1,x", "b", "c"), ("a,2,x", "d", "e"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            *[st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=9)] * 3
        ),
        min_size=3,
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
def test_any_table_survives_the_way(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    """Quotes, delimiters and line ends inside texts are part of the texts."""
    plain = [tuple("".join(c for c in cell if c not in ",;\t|") for cell in row) for row in rows]
    kept = [("STT", "Tên", "Địa chỉ"), *plain]
    data = formats.csv_text([Sheet("S", tuple(kept))], delimiter=delimiter)

    (sheet,) = text_csv.read(data, Budget(1000), 0).sheets

    for number, row in enumerate(kept, start=1):
        assert [cell or None for cell in row] == [sheet.value(number, c) for c in (1, 2, 3)]
