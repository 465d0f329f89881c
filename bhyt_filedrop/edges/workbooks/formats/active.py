"""What in a workbook may run or reach out when an office program opens it.

Nothing is executed or decoded here: a name in the container, or a mark in a formula, is enough to
say that it is there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator

from bhyt_filedrop.domain.cells.grid import Sheet

MACROS = "macros"
LINKS = "external-links"
DDE = "dde"
OBJECTS = "embedded-objects"

_CALL = r"""(?:\b\w+['"]?\|(?:'[^'<]*'|"[^"<]*"|[\w.\\:/]+)!|\bDDE\s*\()"""
"""`program|topic!item`, or LibreOffice's DDE(…)."""
_DDE_FORMULA = re.compile(rf"\s*[=+\-@].*?{_CALL}", re.IGNORECASE | re.DOTALL)
_DDE_IN_XML = re.compile(rf"<f(?:\s[^<>]*)?>[^<]*?{_CALL}".encode(), re.IGNORECASE)
_HARMLESS_TARGETS = frozenset({"hyperlink"})
_EXTERNAL = re.compile(rb"<Relationship\s[^<>]*TargetMode=[\"']External[\"'][^<>]*>")
_TYPE = re.compile(rb"Type=[\"'][^\"']*/([A-Za-z]+)[\"']")


def is_dde(text: str) -> bool:
    """Tell whether a formula, or a text that a program would take for one, calls a program."""
    return bool(_DDE_FORMULA.match(text))


def of_texts(sheets: Iterable[Sheet]) -> tuple[str, ...]:
    """Look for texts that a program opening a text format would run as formulas."""
    texts = (
        value
        for sheet in sheets
        for row in sheet.rows
        for value in row
        if isinstance(value, str) and value.lstrip()[:1] in {"=", "+", "-", "@"}
    )
    return (DDE,) if any(map(is_dde, texts)) else ()


def of_package(package: zipfile.ZipFile) -> tuple[str, ...]:
    """Look through the parts of an xlsx, xlsm or xlsb around its sheets."""
    found = set(_of_parts(package.namelist()))
    for member in package.infolist():
        if member.filename.endswith(".rels"):
            found.update(_of_relations(package.read(member)))
        elif _in_folder(member.filename, "externalLinks"):
            found.update(_of_link(package.read(member)))
    return kinds(found)


def _of_parts(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name.endswith("vbaProject.bin") or _in_folder(name, "macrosheets"):
            yield MACROS
        elif _in_folder(name, "embeddings", "activeX"):
            yield OBJECTS
        elif name.rpartition("/")[2] == "connections.xml" or _in_folder(name, "queryTables"):
            yield LINKS


def _in_folder(name: str, *folders: str) -> bool:
    """Tell whether a part lies in one of some folders, with or without `xl` above it."""
    return name.removeprefix("xl/").partition("/")[0] in folders and "/" in name


def _of_relations(part: bytes) -> Iterator[str]:
    for relation in _EXTERNAL.findall(part):
        kind = _TYPE.search(relation)
        if kind is None or kind[1].decode() not in _HARMLESS_TARGETS:
            yield LINKS


def _of_link(part: bytes) -> Iterator[str]:
    if b"ddeLink" in part:
        yield DDE
    elif b"externalBook" in part or b"oleLink" in part:
        yield LINKS


def calls_program(sheet_xml: bytes) -> bool:
    """Tell whether a formula in a sheet's XML calls a program."""
    return b"<f" in sheet_xml and bool(_DDE_IN_XML.search(sheet_xml))


def kinds(found: Iterable[str], *, dde: bool = False) -> tuple[str, ...]:
    """Put what was found into one order."""
    return tuple(sorted({*found, DDE} if dde else set(found)))
