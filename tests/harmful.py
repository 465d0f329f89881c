"""Files made to harm, each kind by name: what a parser, a disk or an Excel may fall for."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO

from bhyt_filedrop.domain.cells.grid import Sheet
from tests import workbook_formats as formats
from tests.rars import Item, rar5
from tests.seeds import sound_files

FORM_4 = "form-4.xlsx"


def part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A correct form 4 with one part changed."""
    data = sound_files()[FORM_4]
    return formats.repacked(data, lambda n, old: change(old) if n == name else old)


def in_sheet(more: bytes, before: bytes = b"</sheetData>") -> bytes:
    """A correct form 4 with more in its sheet."""
    return part("xl/worksheets/sheet1.xml", lambda x: x.replace(before, more + before, 1))


def in_texts(change: bytes) -> bytes:
    r"""A correct form 4 with every text changed; `\1` stands for the text."""
    return part(
        "xl/sharedStrings.xml",
        lambda x: re.sub(rb"<t>([^<]{3,})</t>", b"<t>" + change + b"</t>", x),
    )


LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 11))
    + b"]>"
)


def laughing(name: str, root: bytes) -> bytes:
    """A billion laughs before the root of one part."""
    return part(name, lambda x: x.replace(root, LAUGHS + root, 1).replace(b"<t>", b"<t>&a10;"))


def looped(kind: str) -> bytes:
    """An xls whose sectors or directory lead back to themselves."""
    data = bytearray(formats.xls([formats.a_list(28)]))
    table = (struct.unpack_from("<L", data, 76)[0] + 1) * 512
    directory = (struct.unpack_from("<L", data, 48)[0] + 1) * 512
    if kind == "sectors":
        struct.pack_into("<L", data, table, 0)
    elif kind == "directory":
        struct.pack_into("<3L", data, directory + 68, 1, 1, 1)
        struct.pack_into("<3L", data, directory + 128 + 68, 1, 1, 1)
    elif kind == "tables":
        struct.pack_into("<2L", data, 68, 0, 0x7FFFFFFF)
    else:
        struct.pack_into("<Q", data, directory + 128 + 120, 0x7FFFFFFF)
    return bytes(data)


def overlapping() -> bytes:
    """A zip whose 400 members are all the same ten megabytes of nothing (Fifield, 2019)."""
    kernel = formats.zip_of({"00000": bytes(10 * 2**20)})
    directory, end = kernel.index(b"PK\1\2"), kernel.rindex(b"PK\5\6")
    entry = kernel[directory:end]
    entries = b"".join(entry.replace(b"00000", b"%05d" % n) for n in range(400))
    closing = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 400, 400, len(entries), directory, 0)
    return kernel[:directory] + entries + closing


def nested(depth: int) -> bytes:
    """A zip of zips of zips …"""
    data = formats.zip_of({"a.xls": bytes(2**20)})
    for _ in range(depth):
        data = formats.zip_of({f"{n}.zip": data for n in range(4)})
    return data


def packed(packing: int, name: str) -> bytes:
    """Two hundred megabytes of nothing, packed as few programs do."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr(name, bytes(200 * 2**20))
        archive.writestr("[Content_Types].xml", b"<a/>")
    return out.getvalue()


def in_part_of(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A package of any kind with one part changed."""
    return formats.repacked(data, lambda n, old: change(old) if n == name else old)


def many_sheets(count: int) -> bytes:
    """So many real sheets, each a part of its own."""
    data, more = sound_files()[FORM_4], range(1000, 1000 + count)
    names = b"".join(b'<sheet name="S%d" sheetId="%d" r:id="rId%d"/>' % (n, n, n) for n in more)
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    links = b"".join(
        b'<Relationship Id="rId%d" Type="%s" Target="worksheets/sheet%d.xml"/>' % (n, kind, n)
        for n in more
    )
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData/></worksheet>"
    )
    closing = {
        "xl/workbook.xml": (b"</sheets>", names),
        "xl/_rels/workbook.xml.rels": (b"</Relationships>", links),
    }
    data = formats.repacked(
        data,
        lambda name, old: (
            old.replace(end := closing.get(name, (b"", b""))[0], put + end, 1)
            if (put := closing.get(name, (b"", b""))[1])
            else old
        ),
    )
    return formats.with_parts(data, {f"xl/worksheets/sheet{n}.xml": sheet for n in more})


def many_styles(count: int) -> bytes:
    """So many styles, and a cell of each."""
    one = b'<xf numFmtId="14" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"/>'
    data = part("xl/styles.xml", lambda x: x.replace(b"</cellXfs>", one * count + b"</cellXfs>", 1))
    cells = b"".join(b'<c r="A%d" s="%d"/>' % (n, n) for n in range(90, 90 + count))
    rows = re.sub(rb'(<c r="A(\d+)")', rb'</row><row r="\2">\1', cells)
    return in_part_of(
        data, "xl/worksheets/sheet1.xml",
        lambda x: x.replace(b"</sheetData>", rows.removeprefix(b"</row>") + b"</row></sheetData>"),
    )  # fmt: skip


def long_texts(megabytes: int) -> bytes:
    """So many megabytes of texts that no cell shows, in a few kilobytes."""
    more = (b"<si><t>" + b"a" * 32_000 + b"</t></si>") * (megabytes * 32)
    return part("xl/sharedStrings.xml", lambda x: x.replace(b"</sst>", more + b"</sst>", 1))


def long_row(cells: int) -> bytes:
    """One row of so many texts; four million want more memory than a reader may have."""
    return in_sheet(b"<row>" + b'<c t="inlineStr"><is><t>x</t></is></c>' * cells + b"</row>")


def repeated(rows: int, columns: int) -> bytes:
    """An ods of which one cell says that it stands so often."""
    again = b'<table:table-row table:number-rows-repeated="%d"><table:table-cell' % rows
    again += b' table:number-columns-repeated="%d" office:value-type="string">' % columns
    again += b"<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    data = formats.ods([formats.a_list()])
    return in_part_of(data, "content.xml", lambda x: x.replace(b"</table:table>", again, 1))


def in_xml(change: Callable[[bytes], bytes]) -> bytes:
    """An Excel XML of 2003, changed."""
    return change(formats.spreadsheetml([formats.a_list()]))


def long_record() -> bytes:
    """An xlsb whose first record says that it is longer than the file."""
    data = formats.xlsb([formats.a_list()])
    return in_part_of(data, "xl/worksheets/sheet1.bin", lambda x: b"\x81\x01\xff\xff\xff\x7f" + x)


def linked(target: str) -> bytes:
    """A zip of a link, as Unix packs one, and of a list below its name."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("danh sách.xls", (2015, 1, 1, 0, 0, 0))
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, target)
        archive.writestr("danh sách.xls/a.xls", b"x")
    return out.getvalue()


def wide(columns: int) -> bytes:
    """A few rows of very many columns."""
    return formats.xlsx([Sheet("S", tuple(tuple(map(str, range(columns))) for _ in range(3)))])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a csv of one endless line": lambda: b"a,b,c\n" * 3 + b"x," * 3_000_000,
    "a csv of one endless quotation": lambda: b'a,b,c\na,b,c\n"' + b"x" * 17 * 2**20,
    "a csv of quotes": lambda: b"a,b,c\n" * 3 + b'"' * 2_000_000,
    "16,384 columns": lambda: wide(16_384),
    "a million formatted empty rows": lambda: in_sheet(
        b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(40, 1_048_577, 5))
    ),
    "a million rows": lambda: in_sheet(
        b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(90, 10**6))
    ),
    "ten thousand sheets": lambda: many_sheets(10_000),
    "four hundred megabytes of texts": lambda: long_texts(400),
    "four million texts in a row": lambda: long_row(4_000_000),
    "sixty thousand styles": lambda: many_styles(60_000),
    "elements a hundred thousand deep": lambda: in_sheet(b"<a>" * 100_000 + b"</a>" * 100_000),
    "texts a hundred thousand deep": lambda: in_sheet(
        b'<row><c t="inlineStr"><is>' + b"<t>" * 100_000 + b"</t>" * 100_000 + b"</is></c></row>"
    ),
    "a billion laughs in the sheet": lambda: laughing("xl/worksheets/sheet1.xml", b"<worksheet"),
    "a billion laughs in the texts": lambda: laughing("xl/sharedStrings.xml", b"<sst"),
    "a billion laughs in the styles": lambda: laughing("xl/styles.xml", b"<styleSheet"),
    "a billion laughs in the pointers": lambda: laughing(
        "xl/_rels/workbook.xml.rels", b"<Relationships"
    ),
    "HTML that never closes": lambda: (
        b"<table><tr><td>" * 20_000 + b"x</td></tr></table></html>"
    ),
    "HTML cells that cover all": lambda: (
        b"<html><table>"
        + b"<tr><td colspan=65536 rowspan=65536>x</td></tr>" * 99
        + b"</table></html>"
    ),
    "merges of everything with everything": lambda: part(
        "xl/worksheets/sheet1.xml",
        lambda x: x.replace(b"<mergeCells", MERGES + b"<x", 1),
    ),
    "hidden columns without end": lambda: in_sheet(
        b'<cols><col min="1" max="99999999999" hidden="1"/></cols>', b"<sheetData>"
    ),
    "ten thousand times the same sheet": lambda: part(
        "xl/workbook.xml", lambda x: re.sub(rb'(<sheet [^>]*/>)', rb"\1" * 10_000, x)
    ),
    "cells of 32,767 letters": lambda: formats.xlsx(
        [Sheet("S", tuple(("đ" * 32_767,) * 20 for _ in range(20)))]
    ),
    "characters that XML cannot hold": lambda: in_texts(rb"\1_x0000__x0001__xD800__xDFFF__xFFFF_"),
    "letters that run backwards": lambda: in_texts("\u202e\\1".encode()),
    "formulas that call a program": lambda: in_texts(rb"=cmd|' /C calc'!A0"),
    "a sheet with an impossible name": lambda: part(
        "xl/workbook.xml",
        lambda x: re.sub(rb'name="[^"]*"', f'name="{BAD_NAME}"'.encode(), x),
    ),
    "a formula without end": lambda: in_sheet(
        b'<row r="90"><c r="A90"><f>' + b"A|'" * 100_000 + b"</f><v>1</v></c></row>"
    ),
    "elements that never open": lambda: in_sheet(b"<f " * 50_000 + b'<row hidden="1" ' * 20_000),
    "a text that looks like a call": lambda: b"a,b,c\n" * 3 + b"=" + b"A|" * 500_000 + b",b,c\n",
    "sectors in a loop": lambda: looped("sectors"),
    "a directory in a loop": lambda: looped("directory"),
    "sector tables in a loop": lambda: looped("tables"),
    "a stream of two gigabytes": lambda: looped("size"),
    "a zip of one file 400 times": overlapping,
    "a zip of zips of zips": lambda: nested(4),
    "a zip of 30,000 empty files": lambda: formats.zip_of({f"{n}.xls": b"" for n in range(30_000)}),
    "a bomb packed by bzip2": lambda: packed(zipfile.ZIP_BZIP2, "xl/workbook.xml"),
    "a bomb packed by lzma": lambda: packed(zipfile.ZIP_LZMA, "a.xls"),
    "a zip that climbs out": lambda: formats.zip_of({"../../../../tmp/leo-thang.xls": b"x"}),
    "a zip of a link to the machine's accounts": lambda: linked("/etc/passwd"),
    "a rar of a link to the machine's accounts": lambda: rar5([Item("a.xls", link="/etc/passwd")]),
    "a rar that climbs out": lambda: rar5([Item("../../../../tmp/leo-thang.xls", b"x")]),
    "an ods whose one cell fills the sheet": lambda: repeated(1_048_576, 16_384),
    "an ods of a million rows of one cell": lambda: repeated(1_048_576, 1),
    "a billion laughs in an ods": lambda: in_part_of(
        formats.ods([formats.a_list()]),
        "content.xml",
        lambda x: re.sub(rb"(<office:document-content)", LAUGHS + rb"\1", x, count=1),
    ),
    "a billion laughs in Excel's XML": lambda: in_xml(
        lambda x: x.replace(b"<Workbook", LAUGHS + b"<Workbook", 1).replace(b"STT", b"&a10;")
    ),
    "a file of the machine as an entity": lambda: in_xml(
        lambda x: x.replace(
            b"<Workbook", b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><Workbook', 1
        ).replace("Trẻ".encode(), b"&a;")
    ),
    "Excel's XML with a cell far out": lambda: in_xml(
        lambda x: x.replace(b"<Cell", b'<Cell ss:Index="2147483647" ss:MergeAcross="99999"', 2)
    ),
    "an xlsb with a record without end": long_record,
    "a rar of 30,000 empty files": lambda: rar5([Item(f"{n}.xls") for n in range(30_000)]),
    "a path of 30,000 folders": lambda: rar5([Item("a/" * 30_000 + "x.xls", b"x")]),
}  # fmt: skip
MERGES = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 50_000 + b"</mergeCells>"
BAD_NAME = "\u202e=[]:*?/\\\\&#9;&quot;" + "a" * 35
