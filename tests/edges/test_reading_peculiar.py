"""An xlsx may be written in many ways: as web services, report tools and other offices do it."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.edges.workbooks.formats import xls
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.edges.reading import read_bytes, sheets_of

LIST = formats.a_list()
XLSX = formats.xlsx([LIST])
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
Change = Callable[[str, bytes], bytes | None]


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


def texts() -> list[bytes]:
    """The shared texts of the list."""
    with zipfile.ZipFile(io.BytesIO(XLSX)) as package:
        return re.findall(rb"<t[^>]*>(.*?)</t>", package.read(STRINGS), re.DOTALL)


def inlined(xml: bytes, as_formula: bool = False) -> bytes:
    """Put each shared text into its cell."""
    shared = texts()

    def text(found: re.Match[bytes]) -> bytes:
        value = shared[int(found[3])]
        if as_formula:
            return b'<c r="%s"%s t="str"><v>%s</v></c>' % (found[1], found[2], value)
        return b'<c r="%s"%s t="inlineStr"><is><t>%s</t></is></c>' % (found[1], found[2], value)

    return re.sub(rb'<c r="([A-Z]+\d+)"([^>]*?) t="s"><v>(\d+)</v></c>', text, xml)


def only(part: str, change: Callable[[bytes], bytes]) -> Change:
    """Change one part."""
    return lambda name, old: change(old) if name == part else old


def written_out(xml: bytes) -> bytes:
    """Write days out, as the strict form of the standard may: `t="d"`."""
    days = {b"%d" % formats.serial(v): v for _, _, v in LIST.cells() if hasattr(v, "year")}
    for number, day in days.items():
        xml = re.sub(
            rb'<c r="(D\d)" s="1"><v>' + number + b"</v></c>",
            rb'<c r="\1" s="1" t="d"><v>' + day.isoformat().encode() + rb"T00:00:00</v></c>",
            xml,
        )
    return xml


def prefixed(xml: bytes) -> bytes:
    """Give every name of the main vocabulary a prefix, as .NET's Open XML SDK does."""
    xml = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", xml)
    return xml.replace(b" xmlns=", b" xmlns:x=")


def without_places(xml: bytes) -> bytes:
    """Leave out where rows and cells stand; an empty row and empty cells keep the place."""
    xml = re.sub(rb'<row r="3"', rb'<row r="2"/><row r="3"', xml)
    return re.sub(rb'<(row|c) r="[A-Z]*\d+"', rb"<\1", xml)


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def strict(name: str, old: bytes) -> bytes:
    """Write in the strict form that Excel offers as `Strict Open XML`."""
    for transitional, spoken in STRICT.items():
        old = old.replace(transitional, spoken)
    return written_out(old) if name == SHEET else old


def in_utf16(name: str, old: bytes) -> bytes:
    """Write every part in UTF-16, which the standard allows beside UTF-8."""
    if not name.endswith(".xml") or name.startswith("["):
        return old
    return old.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


def all_inline(name: str, old: bytes) -> bytes | None:
    """As Google's exports and many report tools: no shared texts, none listed either."""
    if name == STRINGS:
        return None
    if name.startswith(("[", "xl/_rels")):
        return re.sub(rb"<(?:Override|Relationship)[^>]*sharedStrings[^>]*>", b"", old)
    return inlined(old) if name == SHEET else old


VARIANTS: dict[str, Change] = {
    "inline texts, no shared ones": all_inline,
    "texts as results of formulas that are not there": only(SHEET, lambda x: inlined(x, True)),
    "days written out": only(SHEET, written_out),
    "days written out with a zone": only(
        SHEET, lambda x: written_out(x).replace(b"T00:00:00<", b"T00:00:00.000Z<")
    ),
    "the strict form": strict,
    "a prefix on every name": lambda name, old: (
        prefixed(old) if name in (SHEET, BOOK, STRINGS, STYLES) else old
    ),
    "every part in UTF-16": in_utf16,
    "a byte order mark before every part": lambda name, old: b"\xef\xbb\xbf" + old,
    "no size of the sheet": only(SHEET, lambda x: re.sub(rb"<dimension[^>]*>", b"", x)),
    "a wrong size of the sheet": only(
        SHEET, lambda x: re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1"/>', x)
    ),
    "a huge size of the sheet": only(
        SHEET, lambda x: re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>', x)
    ),
    "targets from the root": lambda name, old: (
        old.replace(b'Target="', b'Target="/xl/') if name == "xl/_rels/workbook.xml.rels" else old
    ),
    "targets with dots": lambda name, old: (
        old.replace(b'Target="w', b'Target="./w') if name == "xl/_rels/workbook.xml.rels" else old
    ),
    "no places on rows and cells": only(SHEET, without_places),
    "other order of attributes": only(
        SHEET, lambda x: re.sub(rb'<c (r="\w+")((?: \w+="\w+")+)', rb"<c\2 \1", x)
    ),
    "single quotes": lambda name, old: (
        old.replace(b'"', b"'") if name in (SHEET, STRINGS, STYLES) else old
    ),
    "line breaks between all elements": only(SHEET, lambda x: x.replace(b"><", b">\r\n  <")),
    "blanks around numbers": only(
        SHEET, lambda x: re.sub(rb"<v>([\d.]+)</v>", rb"<v> \1 </v>", x)
    ),
    "texts in CDATA": only(
        STRINGS, lambda x: re.sub(rb"<t>(.*?)</t>", rb"<t><![CDATA[\1]]></t>", x)
    ),
    "texts in pieces": only(
        STRINGS,
        lambda x: re.sub(
            "<t>(.)(.*?)</t>", r"<r><t>\1</t></r><r><t>\2</t></r>", x.decode()
        ).encode(),
    ),
    "letters as numbers": only(
        STRINGS,
        lambda x: re.sub(
            "[^\x00-\x7f]", lambda m: f"&#{ord(m[0])};", x.decode()
        ).encode(),
    ),
    "rows from below": only(
        SHEET,
        lambda x: re.sub(
            rb"(<sheetData>)(.*)(</sheetData>)",
            lambda m: m[1] + b"".join(re.findall(rb"<row.*?</row>", m[2])[::-1]) + m[3],
            x,
        ),
    ),
    "an extension with cells of its own": only(
        SHEET,
        lambda x: x.replace(
            b"</worksheet>",
            b'<extLst><ext uri="{x}"><x14:row xmlns:x14="urn:x"><x14:c r="A1"><x14:v>9</x14:v>'
            b"</x14:c></x14:row></ext></extLst></worksheet>",
        ),
    ),
    "names of parts in other letters": lambda name, old: old,
}  # fmt: skip


def in_other_letters(data: bytes) -> bytes:
    """Spell the parts' names in another case than the pointers to them: names have no case."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(
                name.replace("sheet1", "Sheet1").replace("shared", "Shared"), old.read(name)
            )
    return out.getvalue()


@pytest.mark.parametrize("kind", VARIANTS)
def test_a_list_reads_the_same_however_its_parts_are_written(
    kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Every cell and every type; nothing of it is worth a word to the sender."""
    data = formats.repacked(XLSX, VARIANTS[kind])
    if "other letters" in kind:
        data = in_other_letters(data)
    else:
        assert kind.startswith("no places") or data != XLSX

    reading = read_bytes(reader, tmp_path, data, "list.xlsx")

    (sheet,) = sheets_of(reading)
    assert (LIST.rows, LIST.merges) == (sheet.rows, sheet.merges)
    assert reading.findings == ()


class Stream(io.RawIOBase):
    """A place to write to that cannot go back, so that sizes follow the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:  # type: ignore[override]
        piece = bytes(data)  # type: ignore[call-overload]
        self.data += piece
        return len(piece)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_the_zip_around_may_be_streamed_stored_or_made_for_large_files(
    packing: int, large: bool, streamed: bool, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Web servers write while they send: no sizes before the data, 64 bits for all cases."""
    out = Stream() if streamed else io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(XLSX)) as old,
        zipfile.ZipFile(out, "w", packing) as new,  # type: ignore[call-overload]
    ):
        for name in old.namelist():
            with new.open(name, "w", force_zip64=large) as part:
                part.write(old.read(name))
    data = out.data if isinstance(out, Stream) else out.getvalue()

    assert sheets_of(read_bytes(reader, tmp_path, data, "list.xlsx")) == (LIST,)


@pytest.mark.parametrize(
    "name", ["  Danh sách ", "A&B <1>", "'P. 5'", "Ẩn-2015", "=SUM(1)", "x" * 31]
)
@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods", "spreadsheetml"])
def test_a_sheet_is_found_whatever_it_is_called(
    kind: str, name: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Edge blanks, marks of XML, quotes."""
    sheet = Sheet(name, (("STT", "Tên"), (1.0, "Trẻ Thử")))
    made = formats.make(kind, [Sheet("S", sheet.rows)]) if name[0] == "'" else None
    data = made or formats.make(kind, [sheet])

    (read,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert (read.name, read.rows) == (name if made is None else "S", sheet.rows)


def test_two_sheets_of_one_name_are_both_read(reader: WorkbookReader, tmp_path: Path) -> None:
    """No office program makes them, but a joiner of files may; neither list may be lost."""
    first, second = Sheet("Một", (("a", "b", "c"),)), Sheet("Hai", (("d", "e", "f"),))
    data = formats.repacked(
        formats.xlsx([first, second]),
        only(BOOK, lambda x: x.replace(b"Hai", "Một".encode())),
    )

    read = sheets_of(read_bytes(reader, tmp_path, data))

    assert [sheet.rows for sheet in read] == [first.rows, second.rows]


# --- what other programs write otherwise ----------------------------------------------------------


def renamed(data: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    """Pack a workbook's parts again under other names."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            new.writestr(*change(member.filename, old.read(member)))
    return out.getvalue()


def backslashed(name: str, part: bytes) -> tuple[str, bytes]:
    return name.replace("/", "\\"), part


def without_xl(name: str, part: bytes) -> tuple[str, bytes]:
    """Put all parts of a package at its top."""
    if name == "_rels/.rels":
        part = part.replace(b"xl/", b"")
    elif name == "[Content_Types].xml":
        part = part.replace(b"/xl/", b"/")
    return name.removeprefix("xl/"), part


def named_in(case: str) -> bytes:
    """An xls whose stream bears its name in other letters."""
    return formats.xls([formats.a_list()]).replace(
        "Workbook".encode("utf-16-le"), case.encode("utf-16-le")
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: named_in("WORKBOOK"), id="WORKBOOK"),
        pytest.param(lambda: named_in("workbook"), id="workbook"),
        pytest.param(
            lambda: formats.xls5([formats.a_list()]).replace(
                "Book".encode("utf-16-le"), "BOOK".encode("utf-16-le")
            ),
            id="BOOK",
        ),
        pytest.param(lambda: renamed(formats.xlsx([formats.a_list()]), backslashed), id="slashes"),
        pytest.param(lambda: renamed(formats.xlsb([formats.a_list()]), backslashed), id="xlsb"),
        pytest.param(lambda: renamed(formats.xlsx([formats.a_list()]), without_xl), id="no xl"),
    ],
)
def test_names_inside_a_file_may_be_written_otherwise(
    data: Callable[[], bytes], reader: WorkbookReader, tmp_path: Path
):
    """Streams in capitals, backslashes between folders, a package without its folder `xl`."""
    reading = read_bytes(reader, tmp_path, data(), "list")

    assert reading.findings == ()
    assert [one.rows for one in sheets_of(reading)] == [formats.a_list().rows]


@pytest.mark.parametrize("told", [b"0", b"1", b"4294967295", b"99999999999999999999", b"-1", b"x"])
def test_a_table_of_texts_that_promises_what_it_does_not_hold_is_read(
    told: bytes, reader: WorkbookReader, tmp_path: Path
):
    """One that promised four thousand million texts was called unsafe."""

    def lie(name: str, part: bytes) -> tuple[str, bytes]:
        lied = re.sub(rb'\b(count|uniqueCount)="\d+"', rb'\1="%b"' % told, part)
        return name, lied if name == "xl/sharedStrings.xml" else part

    reading = read_bytes(reader, tmp_path, renamed(formats.xlsx([formats.a_list()]), lie))

    assert reading.findings == ()
    assert sheets_of(reading) == (formats.a_list(),)


@pytest.mark.parametrize("told", [(0, 0), (1, 1), (10**6, 10**6), (2**32 - 1, 2**32 - 1)])
def test_an_old_table_of_texts_that_promises_too_much_is_read(
    told: tuple[int, int], reader: WorkbookReader, tmp_path: Path
):
    data = formats.xls([formats.a_list()])
    at = data.index(b"\xfc\x00", 512) + 4
    data = data[:at] + struct.pack("<LL", *told) + data[at + 8 :]

    assert sheets_of(read_bytes(reader, tmp_path, data)) == (formats.a_list(),)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"\x01\x01D\x03bhyt\x03qu\xfd 1.xls", "external-links"),
        (b"\x01quy 1\x03list.xls", "external-links"),
        (b"cmd\x03/c calc", "dde"),
        (b"Excel\x03list.xls", "dde"),
    ],
)
def test_a_link_to_another_workbook_is_no_call_of_a_program(path: bytes, kind: str):
    """Both have the byte 3 in them: between folders, and between a program and its topic."""
    facts = xls.XlsFacts()
    body = struct.pack("<HHB", 1, len(path), 0) + path
    xls.walk(struct.pack("<HH", 0x01AE, len(body)) + body + bytes(4), facts)

    assert facts.active == {kind}
