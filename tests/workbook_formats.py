"""Builds small workbooks in every format that offices use, sound ones and broken ones.

`write(path, format, sheets)` takes the product's own `Sheet` values, so a test can compare what was
put in with what was read. The rest of the module makes the faults: cut-off, locked, bloated.
"""

from __future__ import annotations

import csv
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import xlsxwriter
import xlwt
from odf import opendocument, style, table, text
from xlwt.CompoundDoc import XlsDoc

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Range, Sheet
from tests.rars import items, rar5, varint

DAY = "dd/mm/yyyy"
TONES = "\u0300\u0301\u0303\u0309\u0323"
ERROR_CODES = {"#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#N/A": 0x2A}


def serial(day: date) -> int:
    """Return the number that the 1900 calendar gives to a day after February 1900."""
    return (day - date(1899, 12, 30)).days


def a_list(children: int = 3) -> Sheet:
    """A short list with what nearly every list has: a merged title, a header, typed cells.

    Every person in it is made up.
    """
    title = ("DANH SÁCH TRẺ EM",)
    header = ("STT", "Họ và tên", "Mã số", "Ngày sinh", "Địa chỉ")
    rows = [
        (
            float(number),
            f"Trẻ Thử {number}",
            f"00{number:08d}",
            date(2014, 1, number),
            "P.5\u00a0Q.3",
        )
        for number in range(1, children + 1)
    ]
    return Sheet("Danh sách", (title, (), header, *rows), merges=(Range(1, 1, 1, 5),))


def write(path: Path, kind: str, sheets: Sequence[Sheet], **how: Any) -> Path:
    """Write the sheets in a format and return the path."""
    path.write_bytes(make(kind, sheets, **how))
    return path


def make(kind: str, sheets: Sequence[Sheet], **how: Any) -> bytes:
    """Return the bytes of a workbook of these sheets."""
    return WRITERS[kind](sheets, **how)


# --- xlsx ------------------------------------------------------------------------------------


def xlsx(sheets: Sequence[Sheet], *, date1904: bool = False) -> bytes:
    """Write by XlsxWriter; an error cell is a formula that gave the error."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"date_1904": date1904, "strings_to_formulas": False})
    formats = {"day": book.add_format({"num_format": DAY})}
    for sheet in sheets:
        _xlsx_sheet(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return out.getvalue()


def _xlsx_sheet(target: Any, sheet: Sheet, formats: Mapping[str, Any]) -> None:
    for merge in sheet.merges:
        target.merge_range(
            merge.first_row - 1,
            merge.first_column - 1,
            merge.last_row - 1,
            merge.last_column - 1,
            "",
        )
    for row, column, value in sheet.cells():
        if isinstance(value, ErrorValue):
            target.write_formula(row - 1, column - 1, "=1/0", None, value.text)
        elif isinstance(value, date):
            target.write_datetime(row - 1, column - 1, value, formats["day"])
        else:
            target.write(row - 1, column - 1, value)
    for row in sheet.hidden_rows:
        target.set_row(row - 1, None, None, {"hidden": True})
    for column in sheet.hidden_columns:
        target.set_column(column - 1, column - 1, None, None, {"hidden": True})
    if sheet.hidden:
        target.very_hidden()


def repacked(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """Rewrite a zip: `change(name, content)` gives new content, or None to leave a part out."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                stored = zipfile.ZIP_STORED if name == "mimetype" else None
                new.writestr(name, content, stored)
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def with_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Put more parts into a zip."""
    return repacked(data, lambda _, content: content, **parts)


def with_sheet_xml(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the XML of the first sheet of an xlsx."""
    first = "xl/worksheets/sheet1.xml"
    return repacked(data, lambda name, content: change(content) if name == first else content)


def locked_xlsx(data: bytes, password: str) -> bytes:
    """Put an xlsx behind a password, as Excel does."""
    out = BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def bomb_xlsx(megabytes: int) -> bytes:
    """An xlsx of a few kilobytes whose sheet unpacks to so many megabytes of blanks."""
    blanks = b" " * (megabytes * 2**20)
    return with_sheet_xml(
        xlsx([a_list()]), lambda xml: xml.replace(b"</sheetData>", blanks + b"</sheetData>")
    )


# --- xls -------------------------------------------------------------------------------------


def xls(sheets: Sequence[Sheet], *, date1904: bool = False) -> bytes:
    """Write BIFF8 by xlwt."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = date1904
    for sheet in sheets:
        _xls_sheet(book.add_sheet(sheet.name, cell_overwrite_ok=True), sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _xls_sheet(target: Any, sheet: Sheet) -> None:
    day = xlwt.easyxf(num_format_str=DAY)
    for row, column, value in sheet.cells():
        if isinstance(value, ErrorValue):
            target.row(row - 1).set_cell_error(column - 1, ERROR_CODES[value.text])
        elif isinstance(value, date):
            target.write(row - 1, column - 1, value, day)
        else:
            target.write(row - 1, column - 1, value)
    for merge in sheet.merges:
        bounds = (merge.first_row, merge.last_row, merge.first_column, merge.last_column)
        target.merge(*(bound - 1 for bound in bounds))
    for row in sheet.hidden_rows:
        target.row(row - 1).hidden = True
    for column in sheet.hidden_columns:
        target.col(column - 1).hidden = True
    target.visibility = 2 if sheet.hidden else 0


def _record(code: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def cp1258(text: str) -> bytes:
    """Encode as Vietnamese Windows does: a toned letter is the letter, then its tone."""
    out = bytearray()
    for char in unicodedata.normalize("NFC", text):
        try:
            out += char.encode("cp1258")
        except UnicodeEncodeError:
            bare = "".join(c for c in unicodedata.normalize("NFD", char) if c not in TONES)
            tone = "".join(c for c in unicodedata.normalize("NFD", char) if c in TONES)
            out += (unicodedata.normalize("NFC", bare) + tone).encode("cp1258")
    return bytes(out)


def xls5(
    sheets: Sequence[Sheet], *, encode: Callable[[str], bytes] = cp1258, codepage: int = 1258
) -> bytes:
    """Write BIFF5, Excel 5 and 95: texts are single bytes. One sheet, no merges."""
    (sheet,) = sheets
    body = _xls5_sheet(sheet, encode)
    name = encode(sheet.name)
    font = _record(0x31, struct.pack("<5H4BB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 5) + b"Arial")
    day = _record(0x041E, struct.pack("<HB", 164, len(DAY)) + DAY.encode())
    styles = b"".join(
        _record(0xE0, struct.pack("<3H", 0, number, 1) + bytes(10)) for number in (0, 164)
    )
    start = _record(0x0809, struct.pack("<4H", 0x0500, 0x0005, 0x07E7, 0x07CD))
    before = start + _record(0x42, struct.pack("<H", codepage)) + 5 * font + day + styles
    listed = len(before) + 4 + 7 + len(name) + 4
    entry = struct.pack("<LBBB", listed, 2 if sheet.hidden else 0, 0, len(name)) + name
    return in_container(before + _record(0x85, entry) + _record(0x0A) + body, "Book")


def _xls5_sheet(sheet: Sheet, encode: Callable[[str], bytes]) -> bytes:
    records = [_record(0x0809, struct.pack("<4H", 0x0500, 0x0010, 0x07E7, 0x07CD))]
    for column in sheet.hidden_columns:
        records.append(_record(0x7D, struct.pack("<6H", column - 1, column - 1, 2000, 0, 1, 0)))
    for row in sorted(sheet.hidden_rows):
        records.append(_record(0x0208, struct.pack("<6HL", row - 1, 0, 9, 255, 0, 0, 0x20)))
    records.extend(
        _xls5_cell(row - 1, column - 1, value, encode) for row, column, value in sheet.cells()
    )
    return b"".join(records) + _record(0x0A)


def _xls5_cell(row: int, column: int, value: CellValue, encode: Callable[[str], bytes]) -> bytes:
    if isinstance(value, str):
        data = encode(value)
        return _record(0x0204, struct.pack("<4H", row, column, 0, len(data)) + data)
    if isinstance(value, ErrorValue):
        return _record(0x0205, struct.pack("<3H2B", row, column, 0, ERROR_CODES[value.text], 1))
    if isinstance(value, date):
        return _record(0x0203, struct.pack("<3Hd", row, column, 1, serial(value)))
    return _record(0x0203, struct.pack("<3Hd", row, column, 0, float(value or 0)))  # type: ignore[arg-type]


def in_container(stream: bytes, name: str = "Workbook") -> bytes:
    """Put a stream into an OLE container under a name of up to eight letters."""
    out = BytesIO()
    XlsDoc().save(out, stream)
    old = "Workbook".encode("utf-16-le")
    new = name.encode("utf-16-le")
    entry = old.ljust(64, b"\0") + struct.pack("<H", len(old) + 2)
    renamed = new.ljust(64, b"\0") + struct.pack("<H", len(new) + 2)
    assert entry in out.getvalue()
    return out.getvalue().replace(entry, renamed)


def with_storage(data: bytes, name: str) -> bytes:
    """Add an empty storage to the directory of an OLE container that xlwt made."""
    (shift, directory) = (9, struct.unpack_from("<L", data, 48)[0])
    at = (directory + 1) << shift
    entry = struct.pack(
        "<64sHBB3L", name.encode("utf-16-le"), 2 * len(name) + 2, 1, 1, *[2**32 - 1] * 3
    )
    entry = entry.ljust(116, b"\0") + struct.pack("<LQ", 0xFFFFFFFE, 0)
    changed = bytearray(data)
    changed[at + 256 : at + 384] = entry
    # The stream that was alone in the root gets the storage as its right neighbour.
    struct.pack_into("<L", changed, at + 128 + 72, 2)
    return bytes(changed)


def locked_xls() -> bytes:
    """An xls whose second record says that the rest is encrypted."""
    start = _record(0x0809, struct.pack("<4HLL", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    password = _record(0x2F, struct.pack("<3H", 1, 1, 1) + bytes(48))
    return in_container(start + password + bytes(5000))


# --- xlsb ------------------------------------------------------------------------------------


def xlsb(sheets: Sequence[Sheet]) -> bytes:
    """Write the least that makes an xlsb (MS-XLSB), with inline texts."""
    out = BytesIO()
    listed = range(1, len(sheets) + 1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _types(listed))
        package.writestr("_rels/.rels", _rels([("rId1", "officeDocument", "xl/workbook.bin")]))
        targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.bin") for n in listed]
        targets.append(("rId99", "styles", "styles.bin"))
        package.writestr("xl/_rels/workbook.bin.rels", _rels(targets))
        package.writestr("xl/workbook.bin", _xlsb_book(sheets))
        package.writestr("xl/styles.bin", _xlsb_styles())
        for number, sheet in zip(listed, sheets, strict=True):
            package.writestr(f"xl/worksheets/sheet{number}.bin", _xlsb_sheet(sheet))
    return out.getvalue()


def _types(numbers: Iterable[int]) -> str:
    kind = "application/vnd.ms-excel"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.bin" ContentType="{kind}.worksheet"/>'
        for n in numbers
    )
    return (
        '<?xml version="1.0"?><Types xmlns='
        '"http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="bin" ContentType="{kind}.sheet.binary.macroEnabled.main"/>'
        f"{parts}</Types>"
    )


def _rels(targets: Iterable[tuple[str, str, str]]) -> str:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(
        f'<Relationship Id="{id_}" Type="{office}/{kind}" Target="{target}"/>'
        for id_, kind, target in targets
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{space}">{rows}</Relationships>'


def record12(kind: int, body: bytes = b"") -> bytes:
    return varint(kind) + varint(len(body)) + body


def wide12(value: str) -> bytes:
    data = value.encode("utf-16-le")
    return struct.pack("<L", len(data) // 2) + data


def _xlsb_book(sheets: Sequence[Sheet]) -> bytes:
    records = [
        record12(131),
        record12(153, struct.pack("<LL", 0x10020, 0) + wide12("")),
        record12(143),
    ]
    for number, sheet in enumerate(sheets, start=1):
        state = struct.pack("<LL", 2 if sheet.hidden else 0, number)
        records.append(record12(156, state + wide12(f"rId{number}") + wide12(sheet.name)))
    return b"".join([*records, record12(144), record12(132)])


def _xlsb_styles() -> bytes:
    formats = record12(615, struct.pack("<L", 1)) + record12(
        44, struct.pack("<H", 164) + wide12(DAY)
    )
    cells = record12(617, struct.pack("<L", 2)) + b"".join(
        record12(47, struct.pack("<HHHHHH", 0, number, 0, 0, 0, 0) + bytes(4))
        for number in (0, 164)
    )
    return record12(278) + formats + record12(616) + cells + record12(618) + record12(279)


def _xlsb_sheet(sheet: Sheet) -> bytes:
    width = max(map(len, sheet.rows), default=1)
    bounds = struct.pack("<4L", 0, max(0, len(sheet.rows) - 1), 0, max(0, width - 1))
    records = [record12(129), record12(148, bounds)]
    if sheet.hidden_columns:
        records.append(record12(390))
        for column in sorted(sheet.hidden_columns):
            body = struct.pack("<4LH", column - 1, column - 1, 2000, 0, 1)
            records.append(record12(60, body))
        records.append(record12(391))
    records.append(record12(145))
    for number, row in enumerate(sheet.rows, start=1):
        flags = 0x10 if number in sheet.hidden_rows else 0
        header = struct.pack("<LLHBBBL", number - 1, 0, 300, 0, flags, 0, 1)
        records.append(record12(0, header + struct.pack("<LL", 0, len(row))))
        records.extend(_xlsb_cell(column, value) for column, value in enumerate(row))
    records.append(record12(146))
    if sheet.merges:
        records.append(record12(177, struct.pack("<L", len(sheet.merges))))
        for m in sheet.merges:
            places = (m.first_row - 1, m.last_row - 1, m.first_column - 1, m.last_column - 1)
            records.append(record12(176, struct.pack("<4L", *places)))
        records.append(record12(178))
    return b"".join([*records, record12(130)])


def _xlsb_cell(column: int, value: CellValue) -> bytes:
    start = struct.pack("<LL", column, 1 if isinstance(value, date) else 0)
    if value is None:
        return record12(1, start)
    if isinstance(value, ErrorValue):
        return record12(3, start + bytes([ERROR_CODES[value.text]]))
    if isinstance(value, str):
        return record12(6, start + wide12(value))
    if isinstance(value, bool):
        return record12(4, start + bytes([value]))
    number = serial(value) if isinstance(value, date) else float(value)  # type: ignore[arg-type]
    return record12(5, start + struct.pack("<d", number))


# --- ods -------------------------------------------------------------------------------------


def ods(sheets: Sequence[Sheet]) -> bytes:
    """Write by odfpy."""
    document = opendocument.OpenDocumentSpreadsheet()
    unseen = style.Style(name="unseen", family="table")
    unseen.addElement(style.TableProperties(display="false"))
    document.automaticstyles.addElement(unseen)
    for sheet in sheets:
        document.spreadsheet.addElement(_ods_table(sheet))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _ods_table(sheet: Sheet) -> Any:
    named = {"stylename": "unseen"} if sheet.hidden else {}
    target = table.Table(name=sheet.name, **named)
    for column in range(1, max(map(len, sheet.rows), default=1) + 1):
        shown = "collapse" if column in sheet.hidden_columns else "visible"
        target.addElement(table.TableColumn(visibility=shown))
    for number, row in enumerate(sheet.rows, start=1):
        shown = "collapse" if number in sheet.hidden_rows else "visible"
        line = table.TableRow(visibility=shown)
        for column, value in enumerate(row, start=1):
            line.addElement(_ods_cell(value, _spans(sheet, number, column)))
        target.addElement(line)
    return target


def _spans(sheet: Sheet, row: int, column: int) -> dict[str, int]:
    for m in sheet.merges:
        if (m.first_row, m.first_column) == (row, column):
            rows, columns = 1 + m.last_row - row, 1 + m.last_column - column
            return {"numberrowsspanned": rows, "numbercolumnsspanned": columns}
    return {}


def _ods_cell(value: CellValue, spans: Mapping[str, int]) -> Any:
    if value is None:
        return table.TableCell(**spans)
    if isinstance(value, ErrorValue):
        cell = table.TableCell(formula="of:=1/0", valuetype="string", stringvalue="", **spans)
        cell.addElement(text.P(text=value.text))
        return cell
    if isinstance(value, date):
        cell = table.TableCell(valuetype="date", datevalue=value.isoformat(), **spans)
    elif isinstance(value, float):
        cell = table.TableCell(valuetype="float", value=str(value), **spans)
    else:
        cell = table.TableCell(valuetype="string", **spans)
    cell.addElement(text.P(text=str(value)))
    return cell


# --- html, spreadsheetml, csv ----------------------------------------------------------------


def html(
    sheets: Sequence[Sheet], *, encoding: str = "utf-8", marks: int = 0, whole: bool = True
) -> bytes:
    """Write one table with so many UTF-8 byte order marks before it (UTF-16 gets its one)."""
    (sheet,) = sheets
    rows = "".join(_html_row(sheet, number) for number in range(1, len(sheet.rows) + 1))
    columns = "".join(
        f"<col{_hidden(column in sheet.hidden_columns)}>"
        for column in range(1, max(map(len, sheet.rows), default=1) + 1)
    )
    ends = "</table></body></html>" if whole else ""
    page = f"<html><head><title>x</title></head><body><table border=1>{columns}{rows}{ends}"
    mark = b"\xff\xfe" if encoding == "utf-16-le" else marks * b"\xef\xbb\xbf"
    return mark + page.encode(encoding)


def _hidden(is_hidden: bool) -> str:
    return " style='display:none'" if is_hidden else ""


def _html_row(sheet: Sheet, row: int) -> str:
    cells, column = [], 1
    while column <= len(sheet.rows[row - 1]):
        spans = _spans(sheet, row, column)
        reach = spans.get("numbercolumnsspanned", 1)
        kind = f" colspan={reach} rowspan={spans['numberrowsspanned']}" if spans else ""
        cells.append(f"<td{kind}>{_html_text(sheet.value(row, column))}</td>")
        column += reach
    return f"<tr{_hidden(row in sheet.hidden_rows)}>{''.join(cells)}</tr>"


def _html_text(value: CellValue) -> str:
    if value is None:
        return "&nbsp;"
    shown = escape(as_text(value) or "")
    return shown.replace("\u00a0", "&nbsp;")


def as_text(value: CellValue) -> str | None:
    """Return a value as a format that knows only text would show it."""
    if isinstance(value, ErrorValue):
        return value.text
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float):
        return f"{value:g}"
    return None if value is None else str(value)


def spreadsheetml(sheets: Sequence[Sheet], *, prefix: str = "", encoding: str = "utf-8") -> bytes:
    """Write Excel's XML of 2003; `prefix` (such as `ss:`) goes before every element."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    named = f'xmlns:{prefix[:-1]}="{space}"' if prefix else f'xmlns="{space}" xmlns:ss="{space}"'
    body = "".join(_xml_sheet(sheet, prefix) for sheet in sheets)
    page = (
        f'<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>'
        f"<{prefix}Workbook {named}>{body}</{prefix}Workbook>\n"
    )
    return page.encode(encoding)


def _xml_sheet(sheet: Sheet, p: str) -> str:
    columns = "".join(
        f'<{p}Column ss:Index="{column}" ss:Hidden="1"/>' for column in sorted(sheet.hidden_columns)
    )
    rows = "".join(
        f'<{p}Row ss:Index="{number}"{" ss:Hidden=" + chr(34) + "1" + chr(34) if number in sheet.hidden_rows else ""}>'  # noqa: E501
        f"{_xml_cells(sheet, number, p)}</{p}Row>"
        for number, row in enumerate(sheet.rows, start=1)
        if row
    )
    options = "urn:schemas-microsoft-com:office:excel"
    visible = "SheetHidden" if sheet.hidden else "SheetVisible"
    return (
        f'<{p}Worksheet ss:Name="{escape(sheet.name)}"><{p}Table>{columns}{rows}</{p}Table>'
        f'<WorksheetOptions xmlns="{options}"><Visible>{visible}</Visible></WorksheetOptions>'
        f"</{p}Worksheet>"
    )


def _xml_cells(sheet: Sheet, row: int, p: str) -> str:
    cells = []
    for column, value in enumerate(sheet.rows[row - 1], start=1):
        if value is None:
            continue
        spans = _spans(sheet, row, column)
        across = spans.get("numbercolumnsspanned", 1) - 1
        down = spans.get("numberrowsspanned", 1) - 1
        kind, shown = _xml_value(value)
        cells.append(
            f'<{p}Cell ss:Index="{column}" ss:MergeAcross="{across}" ss:MergeDown="{down}">'
            f'<{p}Data ss:Type="{kind}">{escape(shown)}</{p}Data></{p}Cell>'
        )
    return "".join(cells)


def _xml_value(value: CellValue) -> tuple[str, str]:
    if isinstance(value, ErrorValue):
        return "Error", value.text
    if isinstance(value, datetime):
        return "DateTime", value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return "DateTime", f"{value.isoformat()}T00:00:00.000"
    if isinstance(value, bool):
        return "Boolean", str(int(value))
    return ("Number", f"{value:g}") if isinstance(value, float) else ("String", str(value))


def csv_text(
    sheets: Sequence[Sheet], *, encoding: str = "utf-8-sig", delimiter: str = ","
) -> bytes:
    """Write delimited text."""
    (sheet,) = sheets
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([as_text(value) or "" for value in row] for row in sheet.rows)
    return out.getvalue().encode(encoding)


WRITERS: Mapping[str, Callable[..., bytes]] = {
    "xlsx": xlsx,
    "xls": xls,
    "xls5": xls5,
    "xlsb": xlsb,
    "ods": ods,
    "html": html,
    "spreadsheetml": spreadsheetml,
    "csv": csv_text,
}
"""Format → writer; `xls5` is BIFF5, read back as `xls`."""


# --- archives and other things that people drop ----------------------------------------------


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of these members; a `mimetype` is stored as OpenDocument asks."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else None
            archive.writestr(name, data, stored)
    return out.getvalue()


def rar_of(members: Mapping[str, bytes]) -> bytes:
    """Return a rar, version 5, that stores these members without packing them."""
    return rar5(items(members))


OTHERS: Mapping[str, bytes] = {
    "pdf": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(1, 200)) + b"\xff\xd9",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\0\0\0\0IEND\xaeB`\x82",
    "gif": b"GIF89a" + bytes(20) + b";",
    "bmp": b"BM" + struct.pack("<LLL", 60, 0, 54) + bytes(46),
    "tiff": b"II*\x00" + bytes(60),
    "webp": b"RIFF" + struct.pack("<L", 16) + b"WEBPVP8 " + bytes(8),
    "heic": struct.pack(">L", 24)
    + b"ftypheic"
    + bytes(12)
    + struct.pack(">L", 40)
    + b"mdat"
    + bytes(32),
    "rtf": b"{\\rtf1\\ansi Kinh gui}",
    "docx": zip_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
    "odt": zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>"}),
    "doc": in_container(bytes(5000), "Workbook").replace(
        "Workbook".encode("utf-16-le").ljust(64, b"\0") + b"\x12\x00",
        "WordDocument".encode("utf-16-le").ljust(64, b"\0") + b"\x1a\x00",
    ),
}
"""Format → a tiny whole file of it, for formats that hold no list."""
