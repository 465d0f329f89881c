"""Strict Open XML, which Excel saves on request and openpyxl finds no sheet in.

Its parts are the usual ones under other names of the same things, so these are put back before the
file is loaded; formats, drop-downs and print set-up stay as they are.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import IO

_STRICT = b"http://purl.oclc.org/ooxml/"
_USUAL = (
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
        b"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/customProperties",
        b"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/",
        b"http://schemas.openxmlformats.org/drawingml/2006/",
    ),
)
"""Strict name → usual name, the longer ones first."""


def opened(source: Path) -> IO[bytes]:
    """Open an xlsx for openpyxl; one in strict names is given the usual ones."""
    with zipfile.ZipFile(source) as package:
        if not _is_strict(package):
            return source.open("rb")
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as usual:
            for part in package.infolist():
                usual.writestr(part.filename, _renamed(part.filename, package.read(part)))
    made.seek(0)
    return made


def _is_strict(package: zipfile.ZipFile) -> bool:
    try:
        with package.open("xl/workbook.xml") as part:
            return _STRICT in part.read(4096)
    except KeyError:
        return False


def _renamed(name: str, data: bytes) -> bytes:
    if not name.endswith((".xml", ".rels")):
        return data
    for strict, usual in _USUAL:
        data = data.replace(strict, usual)
    return data
