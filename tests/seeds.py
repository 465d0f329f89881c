"""Sound files of every kind that people drop, for tests that spoil them."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import py7zr

from tests import workbook_formats as formats
from tests.rars import items, rar4, rar5

_HERE = Path(__file__).parent


@cache
def sound_files() -> dict[str, bytes]:
    """Name → bytes: lists by every maker, archives of them, scans, files behind a password."""
    found: dict[str, bytes] = {}
    for folder in (_HERE / "samples" / "lists", _HERE / "samples" / "saved", _HERE / "data"):
        files = (path for path in sorted(folder.iterdir()) if path.is_file())
        found |= {path.name: path.read_bytes() for path in files}
    lists = {"mẫu 4.xlsx": found["form-4.xlsx"], "D03.xls": found["form-2.sheetjs-biff8.xls"]}
    sheet = formats.a_list()
    return found | {
        "xls5.xls": formats.xls5([sheet]),
        "bare.xls": found["d03-ts-1111-bare.sheetjs-biff2.xls"],
        "own.xlsb": formats.xlsb([sheet]),
        "own.ods": formats.ods([sheet]),
        "own.xml": formats.spreadsheetml([sheet]),
        "macros.xlsm": formats.with_parts(formats.xlsx([sheet]), {"xl/vbaProject.bin": b"x"}),
        "utf16.xls": formats.html([sheet]).decode().encode("utf-16"),
        "own.csv": formats.csv_text([sheet]),
        "locked.xlsx": formats.locked_xlsx(formats.xlsx([sheet]), "bi-mat"),
        "protected.xlsx": formats.locked_xlsx(formats.xlsx([sheet]), "VelvetSweatshop"),
        "hồ sơ.zip": formats.zip_of(lists),
        "hồ sơ.rar": rar5(items(lists)),
        "hồ sơ cũ.rar": rar4(items(lists)),
        "hồ sơ.7z": _seven_zip(lists),
        "bản ký.pdf": formats.OTHERS["pdf"],
    }


def _seven_zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()
