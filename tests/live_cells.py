"""Look through any file that the product wrote for what a receiver's Excel would run."""

from __future__ import annotations

import csv
import email
import io
import re
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import PurePath

from lxml import etree, html

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RUN = ("=", "+", "-", "@", "\t", "\r")
_PARTS = re.compile(
    r"vbaProject|macrosheets|externalLinks|embeddings|activeX|ctrlProps|connections\.xml|queryTables"
)
_AS_TEXT = re.compile(r"mso-number-format:\s*[\"']?\\?@")
HARMLESS = re.compile(r"(?:SUM|COUNTA?|ROUND|SUBTOTAL)\([A-Z0-9:$,;.]*\)")
"""What senders put into their own lists and what stays in the copy that only they get."""


def live_in(name: str, data: bytes) -> Iterator[str]:
    """Each thing in a workbook, CSV, page or mail that would run, or be taken for a formula."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        yield from (f"{name}: {what}" for what in _in_package(data))
    elif PurePath(name).suffix in (".html", ".htm"):
        yield from (f"{name}: {what}" for what in _in_page(data))
    elif PurePath(name).suffix == ".csv":
        yield from (f"{name}: {what}" for what in _in_csv(data))
    elif data.startswith((b"From", b"Message-ID", b"Date", b"To", b"Subject", b"MIME")):
        yield from _in_mail(name, email.message_from_bytes(data))


def _in_mail(name: str, mail: Message) -> Iterator[str]:
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            html_part = part.get_content_type() == "text/html"
            yield from live_in(f"{name}/{part.get_filename() or 'a.html' * html_part}", content)


def _in_csv(data: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
        yield from (repr(cell) for cell in row if cell.startswith(_RUN))


def _in_page(data: bytes) -> Iterator[str]:
    page = html.document_fromstring(data.decode("utf-8"))
    sheet = "".join(one.text or "" for one in page.iter("style"))
    everywhere = any(
        _AS_TEXT.search(rule) and "td" in rule.partition("{")[0] for rule in sheet.split("}")
    )
    for cell in page.iter("td", "th"):
        marked = everywhere or _AS_TEXT.search(cell.get("style", ""))
        if cell.text_content().strip(" \n").startswith(_RUN) and not marked:
            yield f"a cell of the page: {cell.text_content()!r}"
    for element in page.iter():
        if any(name.startswith("on") for name in element.attrib):
            yield f"a script: {element.tag}"
        if (element.get("href") or "").strip().lower().startswith(("javascript:", "data:")):
            yield f"a link that runs: {element.get('href')}"


def _in_package(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = package.namelist()
        yield from (name for name in names if _PARTS.search(name))
        for name in names:
            if name.endswith(".rels") and b'TargetMode="External"' in package.read(name):
                yield f"{name} reaches outside"
        if "xl/workbook.xml" not in names:
            for name in names:
                yield from live_in(name, package.read(name))
            return
        texts = _texts(package)
        quoted = _quoted(package)
        for name in names:
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                yield from _in_sheet(name, package.read(name), texts, quoted)


def _texts(package: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in package.namelist():
        return []
    root = etree.fromstring(package.read("xl/sharedStrings.xml"))
    return ["".join(t.text or "" for t in one.iter(f"{_MAIN}t")) for one in root]


def _quoted(package: zipfile.ZipFile) -> list[bool]:
    """Of each style whether Excel keeps a text of it a text when the cell is edited."""
    root = etree.fromstring(package.read("xl/styles.xml"))
    return [one.get("quotePrefix") in ("1", "true") for one in root.iterfind(f"{_MAIN}cellXfs/*")]


def _in_sheet(name: str, part: bytes, texts: list[str], quoted: list[bool]) -> Iterator[str]:
    for cell in etree.fromstring(part).iter(f"{_MAIN}c"):
        formula = cell.findtext(f"{_MAIN}f")
        if formula and not HARMLESS.fullmatch(formula):
            yield f"{name} {cell.get('r')} ={formula}"
        kind, value = cell.get("t"), cell.findtext(f"{_MAIN}v") or ""
        inline = "".join(t.text or "" for t in cell.iter(f"{_MAIN}t"))
        text = texts[int(value)] if kind == "s" else inline if kind == "inlineStr" else ""
        if text.startswith(_RUN) and not quoted[int(cell.get("s", "0"))]:
            yield f"{name} {cell.get('r')} is a formula once it is edited: {text!r}"
