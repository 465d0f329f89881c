"""The names of an archive's members: whatever program packed it, a clerk knows the file again."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import py7zr
import pytest

from bhyt_filedrop.domain.cells import legacy
from bhyt_filedrop.domain.process.file_names import given_back_name
from bhyt_filedrop.edges.workbooks.archives.member_names import decode_name
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats

NAME = "Danh sách Phường Bến Nghé.xls"


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


def names(reader: WorkbookReader, folder: Path, data: bytes) -> list[str]:
    """The names of what an archive gives."""
    path = folder / "archive"
    path.write_bytes(data)
    result = reader.unpack(path, folder / "out")
    assert result.findings == ()
    return [member.name for member in result.members]


def zip_with(raw: bytes, *, marked: bool = False) -> bytes:
    """A zip whose one member has a name of these bytes, with or without the mark of UTF-8."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x" * (len(raw) - 1) + ("é" if marked else "x"), b"list")
    stand_in = ("x" * (len(raw) - 1) + ("é" if marked else "x")).encode()
    return out.getvalue().replace(stand_in, raw.ljust(len(stand_in), b"s"))


@pytest.mark.parametrize(
    "raw",
    [
        NAME.encode(),
        unicodedata.normalize("NFD", NAME).encode(),
        formats.cp1258(NAME),
        legacy.encode(NAME, "tcvn3").encode("latin-1"),
        legacy.encode(NAME, "vni").encode("latin-1"),
    ],
    ids=["utf-8", "decomposed", "cp1258", "tcvn3", "vni"],
)
def test_a_vietnamese_name_without_a_mark_is_read_by_its_words(
    raw: bytes, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Windows before 10, WinRAR's zips and old file managers say nothing of the encoding."""
    assert names(reader, tmp_path, zip_with(raw)) == [NAME]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("báo cáo quí.xls".encode("cp437"), "báo cáo quí.xls"),
        ("Tân Bình.xls".encode("cp437"), "Tân Bình.xls"),
        (formats.cp1258("Quận 3 - mẫu số 3.XLS"), "Quận 3 - mẫu số 3.XLS"),
        (b"\x81\x8d.xls", "üì.xls"),
        (b"ds.xls", "ds.xls"),
    ],
)
def test_the_reading_that_gives_vietnamese_words_is_taken(raw: bytes, name: str) -> None:
    """Where none does, and cp1258 has no such letters, it is what DOS would show."""
    assert decode_name(raw) == name


@pytest.mark.parametrize(
    "name",
    [
        "DS QUY 1.XLS",
        "ds.2015.q1.xls.xlsx",
        "ds.xls.",
        "ds .xls ",
        "ê" * 123 + ".xls",
        "ds\u202exslx.exe.xls",
        "ds\r\nBcc: x.xls",
        "nhãn\u200b.xls",
        "CON.xls",
    ],
)
def test_an_odd_name_makes_no_odd_file(name: str, reader: WorkbookReader, tmp_path: Path) -> None:
    """It is handed on as it is; what the product names after it can lie on every kind of server."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"list")
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as archive:
        archive.writestr(b"list", name)

    for data in (out.getvalue(), made.getvalue()):
        assert names(reader, tmp_path, data) == [unicodedata.normalize("NFC", name)]
        (stored,) = (tmp_path / "out").iterdir()
        assert stored.name.isascii() and len(stored.name) <= 13
        stored.unlink()
    given = given_back_name(name, "D150614-7K3FQX", mark="CẦN SỬA")
    assert len(given.encode()) <= 255
    assert given.isprintable()
    assert given == given.strip(" .")
