"""Files that cannot be taken as they are: each gives its finding, and its clean neighbour none."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from bhyt_filedrop.domain.cells.grid import ErrorValue, Sheet
from bhyt_filedrop.domain.findings import Severity, blocked
from bhyt_filedrop.edges.workbooks.child import wire
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import Limits, TryLater
from tests import workbook_formats as formats
from tests.edges.reading import codes, read_bytes, sheets_of

KINDS = ("xlsx", "xls", "xlsb", "ods", "html", "spreadsheetml")


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


@pytest.fixture(scope="module")
def strict() -> Iterator[WorkbookReader]:
    """A reader that allows a file very little."""
    with WorkbookReader(Limits(max_bytes=2_000_000, max_cells=3000, max_unpacked=2**20)) as made:
        yield made


def test_an_empty_file_is_empty(reader: WorkbookReader, tmp_path: Path) -> None:
    """0 bytes, whatever the name."""
    reading = read_bytes(reader, tmp_path, b"", "list.xlsx")

    assert reading.workbook is None
    assert codes(reading.findings) == ["file.empty"]


def test_a_file_over_the_limit_is_not_opened(strict: WorkbookReader, tmp_path: Path) -> None:
    """The limit and the size are told in megabytes with a Vietnamese comma."""
    reading = read_bytes(strict, tmp_path, formats.xlsx([formats.a_list()]) + bytes(3_000_000))

    assert codes(reading.findings) == ["file.too-large"]
    assert "2,9 MB" in reading.findings[0].message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_list_cut_off_mid_upload_is_returned_as_damaged(
    kind: str, share: float, reader: WorkbookReader, tmp_path: Path
) -> None:
    """The half that did arrive is never taken for the list."""
    data = formats.make(kind, [formats.a_list(28)])

    reading = read_bytes(reader, tmp_path, data[: int(len(data) * share)])

    assert reading.workbook is None
    assert codes(reading.findings) == ["file.damaged"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("content", [b"", b"<a><b></a>", None])
def test_a_workbook_whose_parts_are_broken_is_damaged(
    part: str, content: bytes | None, reader: WorkbookReader, tmp_path: Path
) -> None:
    """A whole zip around nonsense."""
    data = formats.repacked(
        formats.xlsx([formats.a_list()]), lambda name, old: content if name == part else old
    )

    reading = read_bytes(reader, tmp_path, data)

    assert codes(reading.findings) == ["file.damaged"]


def test_a_flipped_byte_in_a_sheet_is_damage(reader: WorkbookReader, tmp_path: Path) -> None:
    """The zip's checksum tells; a wrong digit must never be read as a card number."""
    data = bytearray(formats.xlsx([formats.a_list(28)]))
    at = data.index(b"xl/worksheets/sheet1.xml") + 200
    data[at] ^= 0xFF

    assert codes(read_bytes(reader, tmp_path, bytes(data)).findings) == ["file.damaged"]


def test_a_flipped_byte_in_the_shared_texts_is_damage(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """The fast reader does not check their sum, so it is checked before."""
    data = bytearray(formats.xlsx([formats.a_list(28)]))
    with zipfile.ZipFile(BytesIO(bytes(data))) as package:
        info = package.getinfo("xl/sharedStrings.xml")
    at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    data[at] ^= 0x10

    assert codes(read_bytes(reader, tmp_path, bytes(data)).findings) == ["file.damaged"]


def test_an_xls_full_of_noise_is_damaged(reader: WorkbookReader, tmp_path: Path) -> None:
    """A sound container around no records at all."""
    reading = read_bytes(reader, tmp_path, formats.in_container(b"\xfe" * 9000))

    assert codes(reading.findings) == ["file.damaged"]


def test_a_password_is_asked_to_be_taken_off(reader: WorkbookReader, tmp_path: Path) -> None:
    """Which kind of workbook lies behind it nobody can see."""
    data = formats.locked_xlsx(formats.xlsx([formats.a_list()]), "bi-mat")

    reading = read_bytes(reader, tmp_path, data, "list.xlsx")

    assert codes(reading.findings) == ["file.encrypted"]
    assert reading.format == ""
    assert "mật khẩu" in reading.findings[0].remedy


def test_a_password_on_an_xls_is_seen(reader: WorkbookReader, tmp_path: Path) -> None:
    """The old format says so in its second record."""
    assert codes(read_bytes(reader, tmp_path, formats.locked_xls()).findings) == ["file.encrypted"]


def test_a_password_on_an_ods_is_seen(reader: WorkbookReader, tmp_path: Path) -> None:
    """OpenDocument says so in its list of parts."""
    locked = b'<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>'

    def lock(name: str, old: bytes) -> bytes:
        if name != "META-INF/manifest.xml":
            return old
        space = b'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        return b"<m:manifest " + space + b">" + locked + b"</m:manifest>"

    data = formats.repacked(formats.ods([formats.a_list()]), lock)

    assert codes(read_bytes(reader, tmp_path, data).findings) == ["file.encrypted"]


def test_a_protected_workbook_that_asks_nobody_for_a_password_is_read(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Excel locks these under a password of its own that every Excel knows."""
    data = formats.locked_xlsx(formats.xlsx([formats.a_list()]), "VelvetSweatshop")

    reading = read_bytes(reader, tmp_path, data, "list.xlsx")

    assert (formats.a_list(),) == sheets_of(reading)
    assert codes(reading.findings) == []


def test_a_zip_bomb_is_not_unpacked(reader: WorkbookReader, tmp_path: Path) -> None:
    """A hundred kilobytes that claim to be a hundred megabytes of blanks."""
    reading = read_bytes(reader, tmp_path, formats.bomb_xlsx(100))

    assert codes(reading.findings) == ["file.unsafe"]


def test_a_zip_that_lies_about_its_sizes_is_not_read(
    strict: WorkbookReader, tmp_path: Path
) -> None:
    """The directory says little, the data is more: reading stops at what was said."""
    data = bytearray(formats.bomb_xlsx(4))
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<L", data, at + 24, 1000)

    reading = read_bytes(strict, tmp_path, bytes(data))

    assert codes(reading.findings) == ["file.damaged"]


@pytest.mark.parametrize("kind", [*KINDS, "csv"])
def test_too_many_cells_are_refused(kind: str, strict: WorkbookReader, tmp_path: Path) -> None:
    """More than the limit of cells; just under it is read."""
    wide = Sheet("S", tuple(tuple(["x"] * 20) for _ in range(160)))
    fits = Sheet("S", tuple(tuple(["x"] * 20) for _ in range(140)))

    refused = read_bytes(strict, tmp_path, formats.make(kind, [wide]))
    taken = read_bytes(strict, tmp_path, formats.make(kind, [fits]))

    assert codes(refused.findings) == ["file.unsafe"]
    assert fits.rows == sheets_of(taken)[0].rows


@pytest.mark.parametrize(
    "cell",
    [
        b'<table:table-cell table:number-columns-repeated="2000000000" office:value-type="string">'
        b"<text:p>x</text:p></table:table-cell>",
        b'<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>',
    ],
)
def test_repeats_in_an_ods_are_counted_before_they_are_made(
    cell: bytes, strict: WorkbookReader, tmp_path: Path
) -> None:
    """One cell, or one row, repeated a thousand million times."""
    row = (
        b'<table:table-row table:number-rows-repeated="1000000000">' + cell + b"</table:table-row>"
    )
    data = formats.repacked(
        formats.ods([formats.a_list()]),
        lambda name, old: (
            old.replace(b"</table:table>", row + b"</table:table>")
            if name == "content.xml"
            else old
        ),
    )

    assert codes(read_bytes(strict, tmp_path, data).findings) == ["file.unsafe"]


def test_a_place_far_outside_a_sheet_is_refused(reader: WorkbookReader, tmp_path: Path) -> None:
    """SpreadsheetML may name any row."""
    data = formats.spreadsheetml([formats.a_list()]).replace(
        b'ss:Index="6"', b'ss:Index="2000000000"'
    )

    assert codes(read_bytes(reader, tmp_path, data).findings) == ["file.unsafe"]


def test_entities_are_not_expanded(reader: WorkbookReader, tmp_path: Path) -> None:
    """A billion laughs, and a file of the server: neither is read."""
    laughs = (
        b'<!DOCTYPE w [<!ENTITY a "xxxx"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "/etc/passwd">]>'
    )
    data = formats.spreadsheetml([formats.a_list()])
    data = data.replace(b"<Workbook", laughs + b"<Workbook", 1)
    data = data.replace("Trẻ Thử 1".encode(), b"&b;&c;")

    reading = read_bytes(reader, tmp_path, data)

    assert "root:" not in repr(reading)
    assert "xxxx" not in repr(reading)


@pytest.mark.parametrize("kind", list(formats.OTHERS))
def test_what_is_no_workbook_is_told_with_its_format(
    kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Scans go along with a hand-off by a rule: who decides needs the format."""
    reading = read_bytes(reader, tmp_path, formats.OTHERS[kind], "scan")

    assert kind == reading.format
    assert reading.workbook is None
    assert codes(reading.findings) == ["file.not-a-workbook"]


def test_a_cut_off_scan_is_damaged(reader: WorkbookReader, tmp_path: Path) -> None:
    """Half a scan is no proof of anything."""
    reading = read_bytes(reader, tmp_path, formats.OTHERS["pdf"][:-8], "scan.pdf")

    assert reading.format == "pdf"
    assert codes(reading.findings) == ["file.damaged"]


@pytest.mark.parametrize("data", [b"Em chao anh chi\n", bytes(range(256)) * 9, b"MZ" + bytes(99)])
def test_anything_else_is_no_workbook(data: bytes, reader: WorkbookReader, tmp_path: Path) -> None:
    """Whatever name it came under."""
    reading = read_bytes(reader, tmp_path, data, "list.xls")

    assert (reading.format, reading.workbook) == ("", None)
    assert codes(reading.findings) == ["file.not-a-workbook"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("html", "list.xls"),
        ("spreadsheetml", "LIST.XLS"),
        ("xlsx", "list.xls"),
        ("xls", "list.xlsx"),
        ("csv", "list.xls"),
        ("xlsx", "list.pdf"),
        ("ods", "list.xlsx"),
    ],
)
def test_a_disguise_is_noted_and_read_all_the_same(
    kind: str, name: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Only a note: half of the country's exports are named so."""
    reading = read_bytes(reader, tmp_path, formats.make(kind, [formats.a_list()]), name)

    assert reading.workbook is not None
    assert [(f.code, f.severity) for f in reading.findings] == [("file.disguised", Severity.NOTES)]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("xlsx", "list.xlsx"),
        ("xlsx", "LIST.XLSM"),
        ("xls", "list.xls"),
        ("xls", "list.xlt"),
        ("html", "list.html"),
        ("spreadsheetml", "list.xml"),
        ("csv", "list.txt"),
        ("ods", "list.ods"),
        ("xlsb", "list.xlsb"),
        ("xls", "danh sách"),
        ("html", "list.2015"),
    ],
)
def test_an_honest_or_silent_name_is_no_disguise(
    kind: str, name: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """A name without a known ending promises nothing."""
    reading = read_bytes(reader, tmp_path, formats.make(kind, [formats.a_list()]), name)

    assert reading.findings == ()


LINK = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://x/%s" Target="%s" TargetMode="External"/></Relationships>'
)
DDE_LINK = b"<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>"


@pytest.mark.parametrize(
    ("part", "content", "kind"),
    [
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/macrosheets/sheet1.xml", b"<x/>", "macros"),
        ("xl/embeddings/oleObject1.bin", b"x", "embedded-objects"),
        ("xl/activeX/activeX1.xml", b"<x/>", "embedded-objects"),
        ("xl/connections.xml", b"<x/>", "external-links"),
        ("xl/externalLinks/externalLink1.xml", b"<l><externalBook/></l>", "external-links"),
        ("xl/externalLinks/externalLink1.xml", DDE_LINK, "dde"),
        ("xl/drawings/_rels/d.xml.rels", LINK % (b"image", b"http://x/a.png"), "external-links"),
    ],
)
def test_what_may_run_in_an_xlsx_is_named(
    part: str, content: bytes, kind: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """It warns and the list is read."""
    data = formats.with_parts(formats.xlsx([formats.a_list()]), {part: content})

    reading = read_bytes(reader, tmp_path, data, "list.xlsm")

    assert reading.workbook is not None
    assert (kind,) == reading.workbook.active_content
    assert formats.a_list().rows == reading.workbook.sheets[0].rows
    assert [(found.code, found.severity) for found in reading.findings] == [
        ("file.active-content", Severity.WARNS)
    ]


def test_a_link_in_a_cell_is_harmless(reader: WorkbookReader, tmp_path: Path) -> None:
    """Excel makes one of every mail address that is typed."""
    part = {"xl/worksheets/_rels/x.xml.rels": LINK % (b"hyperlink", b"mailto:a@b.vn")}
    data = formats.with_parts(formats.xlsx([formats.a_list()]), part)

    assert read_bytes(reader, tmp_path, data).findings == ()


@pytest.mark.parametrize(
    ("text", "dde"),
    [
        ("=cmd|'/c calc'!A0", True),
        ("@SUM(1)*cmd|'/c calc'!A0", True),
        ('=DDE("cmd";"/c calc";"x")', True),
        ("-", False),
        ("=A1+B1", False),
        ("+84 28 3829", False),
        ("Tổ 1 | Khu 2!", False),
    ],
)
@pytest.mark.parametrize("kind", ["html", "csv"])
def test_a_text_that_would_run_as_a_formula_is_named(
    kind: str, text: str, dde: bool, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Excel runs it on opening the file as text; here it stays the text that it is."""
    sheet = Sheet("S", (("STT", "Tên", "Ghi chú"), ("1", "Trẻ Thử", text)))

    reading = read_bytes(reader, tmp_path, formats.make(kind, [sheet]))

    assert text == sheets_of(reading)[0].value(2, 3)
    assert (["file.active-content"] if dde else []) == codes(reading.findings)


def test_a_formula_that_calls_a_program_is_named(reader: WorkbookReader, tmp_path: Path) -> None:
    """In an xlsx it stands in the sheet itself."""
    call = b"<c r=\"A9\"><f>cmd|'/c calc'!A0</f><v>0</v></c>"
    data = formats.with_sheet_xml(
        formats.xlsx([formats.a_list()]),
        lambda xml: xml.replace(b"</sheetData>", b'<row r="9">' + call + b"</row></sheetData>"),
    )

    reading = read_bytes(reader, tmp_path, data)

    assert reading.workbook is not None
    assert reading.workbook.active_content == ("dde",)


def test_macro_sheets_of_an_old_xls_are_named(reader: WorkbookReader, tmp_path: Path) -> None:
    """Excel 4 macros live in a sheet of their own kind; the list beside it is read."""
    data = formats.xls([formats.a_list(), Sheet("Macro1", (("x",),))])
    at = data.index(b"\x85\x00", data.index(b"\x85\x00") + 2)
    assert data[at + 9] == 0
    data = data[: at + 9] + b"\x01" + data[at + 10 :]

    reading = read_bytes(reader, tmp_path, data)

    assert reading.workbook is not None
    assert reading.workbook.active_content == ("macros",)
    assert reading.workbook.sheets == (formats.a_list(),)


def test_a_macro_project_in_an_xls_is_named(reader: WorkbookReader, tmp_path: Path) -> None:
    """A storage of this name holds it; an embedded object has one of its own."""
    for name, kind in (("_VBA_PROJECT_CUR", "macros"), ("MBD00A1B2C3", "embedded-objects")):
        data = formats.with_storage(formats.xls([formats.a_list(28)]), name)
        reading = read_bytes(reader, tmp_path, data)

        assert reading.workbook is not None
        assert reading.workbook.active_content == (kind,)
        assert reading.workbook.sheets == (formats.a_list(28),)


def test_a_link_of_an_old_xls_to_another_file_is_named(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """A record says which other workbook is meant."""
    from bhyt_filedrop.edges.workbooks.formats import xls

    facts = xls.XlsFacts()
    url = "\x01other.xls"
    body = struct.pack("<HHB", 1, len(url), 0) + url.encode()
    xls.walk(struct.pack("<HH", 0x01AE, len(body)) + body, facts)
    own = xls.XlsFacts()
    xls.walk(struct.pack("<HHHH", 0x01AE, 4, 1, 0x0401), own)

    assert facts.active == {"external-links"}
    assert own.active == set()


def test_no_finding_quotes_the_list(reader: WorkbookReader, tmp_path: Path) -> None:
    """Messages of the reader speak of the file, never of a child."""
    for data in (formats.locked_xls(), formats.bomb_xlsx(100), b"x", formats.OTHERS["pdf"]):
        for found in read_bytes(reader, tmp_path, data, "Trẻ Thử.xls").findings:
            assert "Trẻ Thử" not in repr(found)


def mutated(data: bytes, seed: int) -> bytes:
    """Change, drop or add a few bytes anywhere."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 9])):
        at = chance.randrange(len(changed))
        kind = chance.randrange(3)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1:
            del changed[at : at + chance.randrange(1, 40)]
        else:
            changed[at:at] = chance.randbytes(4)
    return bytes(changed)


@pytest.mark.parametrize("kind", [*KINDS, "xls5", "csv"])
def test_no_damage_upsets_the_reader(kind: str, reader: WorkbookReader, tmp_path: Path) -> None:
    """Every file gives a workbook or says why not; what a checksum guards is never read wrong."""
    sound = formats.make(kind, [formats.a_list(20)])
    texts = _texts(sheets_of(read_bytes(reader, tmp_path, sound))[0])
    for seed in range(40):
        reading = read_bytes(reader, tmp_path, mutated(sound, seed))

        assert (reading.workbook is None) == blocked(reading.findings)
        if reading.workbook is not None and kind in ("xlsx", "xlsb", "ods"):
            assert _texts(reading.workbook.sheets[0]) == texts


def _texts(sheet: Sheet) -> list[str]:
    return [value for _, _, value in sheet.cells() if isinstance(value, str)]


def test_a_file_that_is_not_there_is_the_machines_matter(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Nothing is said about the sender's list."""
    with pytest.raises(TryLater):
        reader.read(tmp_path / "gone", "gone.xls")


def test_a_merge_never_reaches_beyond_the_cells(reader: WorkbookReader, tmp_path: Path) -> None:
    """A file may claim two thousand million columns; who walks over them would never end."""
    data = formats.spreadsheetml([formats.a_list()]).replace(
        b'ss:MergeAcross="4"', b'ss:MergeAcross="2000000000"'
    )

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert sheet.merges == formats.a_list().merges


def test_more_sheets_than_any_list_has_are_refused(reader: WorkbookReader, tmp_path: Path) -> None:
    """One sheet a ward makes 322; recognising each takes the daemon's own time."""
    fits = [Sheet(f"P{n}", (("x",),)) for n in range(1_000)]

    taken = read_bytes(reader, tmp_path, formats.spreadsheetml(fits))
    refused = read_bytes(reader, tmp_path, formats.spreadsheetml([*fits, Sheet("P", (("x",),))]))

    assert len(sheets_of(taken)) == 1_000
    assert codes(refused.findings) == ["file.unsafe"]
    assert "trang tính" in refused.findings[0].message


@pytest.mark.parametrize("odd", ["_xD800_", "_xdfff_", "_xFFFE_", "_xFFFF_"])
def test_an_escape_that_names_no_character_stays_as_it_is_written(
    odd: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """By the fast reader and by the closer look."""
    data = formats.repacked(
        formats.xlsx([formats.a_list()]),
        lambda name, old: old.replace(b"STT", odd.encode()) if "shared" in name else old,
    )
    error = b'<row r="9"><c r="A9" t="e"><v>#N/A</v></c></row></sheetData>'
    failed = formats.with_sheet_xml(data, lambda xml: xml.replace(b"</sheetData>", error))

    for one in (data, failed):
        (sheet,) = sheets_of(read_bytes(reader, tmp_path, one))
        assert sheet.value(3, 1) == odd


@pytest.mark.parametrize("odd", ["\ufffe", "\uffff"])
def test_what_is_no_character_is_read_as_a_question_mark(
    odd: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Neither the copy for the sender nor a mail could hold it: the file would never go back."""
    data = formats.csv_text([formats.a_list()]).replace(b"STT", odd.encode())

    assert sheets_of(read_bytes(reader, tmp_path, data))[0].value(3, 1) == "?"


@pytest.mark.parametrize("odd", ["\ufffe", "\uffff", "\ud800", "\udfff"])
def test_a_child_can_tell_whatever_its_parser_found(odd: str) -> None:
    """Days and errors beside it travel unharmed."""
    row = (f"a{odd}b", 1.0, date(2014, 5, 14), ErrorValue(f"#N/A{odd}"), True, None)
    sheets = (wire.pack_sheet(Sheet(f"S{odd}", (row,), hidden_rows=frozenset({1}))),)

    told = wire.encode(wire.WireAnswer(format="xls", sheets=sheets))

    (sheet,) = wire.unpack_sheets(wire.decode_answer(told[wire.LENGTH.size :]).sheets)
    kept = ErrorValue("#N/A?")
    assert (sheet.name, sheet.hidden_rows) == ("S?", frozenset({1}))
    assert sheet.rows == (("a?b", 1.0, date(2014, 5, 14), kept, True, None),)
