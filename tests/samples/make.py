"""Make the samples anew: lists by the product's own writer, saved again by other programs.

    python -m tests.samples.make [--lists] [--only MAKER]

Needs `node` with `xlsx` and `exceljs` (NODE_PATH), `ssconvert` and `soffice` on the PATH; see the
README beside this file. Tests only read what was made.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

import openpyxl

from bhyt_filedrop import resources
from bhyt_filedrop.domain.cells import legacy
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children

HERE = Path(__file__).parent
LISTS, SAVED = HERE / "lists", HERE / "saved"
ROUND = Round(2015, 1)
SENDERS = {
    "form-1": "cntt",
    "form-2": "cntt",
    "form-3": "760",
    "form-4": "26734",
    "d03-ts-1111": "26734",
    "d03-ts-595": "26734",
    "d03-ts-490": "26734",
    "c79a": "nvgd1",
    "c80a": "nvgd1",
}
"""Form → the unit that draws it up."""

SHEETJS = (
    ("form-4", "xlsb", "xlsb"),
    ("c79a", "xlsb", "xlsb"),
    ("form-2", "biff8", "xls"),
    ("form-4-bare", "biff5", "xls"),
    ("form-4-bare", "biff4", "xls"),
    ("d03-ts-1111-bare", "biff3", "xls"),
    ("d03-ts-1111-bare", "biff2", "xls"),
    ("form-1", "xlsx+dates", "xlsx"),
    ("form-3", "xlsx", "xlsx"),
    ("d03-ts-595", "ods", "ods"),
    ("form-2", "fods", "fods"),
    ("form-3", "xlml", "xls"),
    ("d03-ts-490", "xlml+dates", "xls"),
    ("form-4", "html", "xls"),
)
EXCELJS = (("form-4", "shared", "xlsx"), ("d03-ts-490", "inline", "xlsx"))
GNUMERIC = (
    ("form-4-tcvn3", "Gnumeric_Excel:excel_biff7", "xls"),
    ("d03-ts-1111-vni", "Gnumeric_Excel:excel_biff7", "xls"),
    ("c79a", "Gnumeric_Excel:excel_biff8", "xls"),
    ("form-1", "Gnumeric_Excel:excel_dsf", "xls"),
    ("form-2", "Gnumeric_Excel:xlsx2", "xlsx"),
    ("form-4", "Gnumeric_OpenCalc:odf", "ods"),
    ("form-3", "Gnumeric_html:html40", "html"),
)
LIBREOFFICE = (
    ("form-3", "MS Excel 97", "xls"),
    ("c80a", "Calc MS Excel 2007 XML", "xlsx"),
    ("d03-ts-490", "calc8", "ods"),
    ("form-2", "OpenDocument Spreadsheet Flat XML", "fods"),
    ("d03-ts-595", "Text - txt - csv (StarCalc):44,34,76", "csv"),
)
"""Maker → list, kind of file as the maker names it, ending."""


def main() -> None:
    """Make all, or what one maker saves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lists", action="store_true", help="draw up the lists anew first")
    parser.add_argument("--only", default="", help="one maker's name")
    wanted = parser.parse_args()
    if wanted.lists:
        draw_up()
    SAVED.mkdir(exist_ok=True)
    for maker, (table, save) in MAKERS.items():
        for name, kind, ending in table if wanted.only in ("", maker) else ():
            target = SAVED / f"{name}.{maker}-{_short(kind)}.{ending}"
            save(LISTS / f"{name}.xlsx", target, kind)
            print(f"{target.stat().st_size:7d} {target.name}")


def _short(kind: str) -> str:
    """Make of a maker's name for a kind of file a piece of a file's name."""
    known = {
        "MS Excel 97": "97",
        "Calc MS Excel 2007 XML": "2007",
        "OpenDocument Spreadsheet Flat XML": "flat",
    }
    last = kind.rpartition(":")[2] if kind.startswith("Gnumeric") else kind.partition(" - ")[0]
    return known.get(kind, last.removeprefix("excel_").lower())


def draw_up() -> None:
    """Draw up a short correct list of each form; the same every time."""
    units = load(resources.config_dir()).units
    wards = units.children("760")
    LISTS.mkdir(exist_ok=True)
    for form, sender in SENDERS.items():
        own = wards[:1] if sender == "26734" else wards[:4]
        group = children(units, 6, round=ROUND, seed=7, wards=own)
        wanted = list_of(form, ROUND, units[sender], units, group)
        write_list(LISTS / f"{form}.xlsx", wanted, units)
    for form in ("form-4", "d03-ts-1111"):
        for spelling, respell in SPELLINGS.items():
            _respelt(LISTS / f"{form}.xlsx", LISTS / f"{form}-{spelling}.xlsx", respell)


def _respelt(source: Path, target: Path, respell: Callable[[str], str]) -> None:
    """Copy a list with every text in letters of a single byte, as before Unicode."""
    book = openpyxl.load_workbook(source)
    for sheet in book.worksheets:
        sheet.title = "Danh sach"
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = respell(cell.value)
    book.save(target)


def without_marks(text: str) -> str:
    """Write Vietnamese as on a machine that has no Vietnamese keyboard."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("Đ", "D").replace("đ", "d")


def tcvn3(text: str) -> str:
    """Write in TCVN3; capitals that it lacks stand in lower case, for `.VnTimeH` to draw."""
    return "".join(
        legacy.encode(c if _fits(legacy.encode(c, "tcvn3")) else c.lower(), "tcvn3")
        for c in unicodedata.normalize("NFC", text)
    )


def _fits(codes: str) -> bool:
    return all(code in "\n\t" or " " <= code < "\x7f" or "\xa0" <= code <= "\xff" for code in codes)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "bare": without_marks,
    "tcvn3": tcvn3,
    "vni": lambda text: legacy.encode(text, "vni"),
}


def _by_node(maker: str) -> Callable[[Path, Path, str], None]:
    def save(source: Path, target: Path, kind: str) -> None:
        script = HERE / "save.cjs"
        subprocess.run(["node", script, maker, source, target, kind], check=True)

    return save


def _by_gnumeric(source: Path, target: Path, kind: str) -> None:
    command = ["ssconvert", "-T", kind, str(source), str(target)]
    subprocess.run(command, check=True, capture_output=True)


def _by_libreoffice(source: Path, target: Path, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = f"-env:UserInstallation=file://{folder}/home"
        wanted = f"{target.suffix[1:]}:{kind}"
        command = ["soffice", home, "--headless", "--convert-to", wanted, "--outdir", folder]
        subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
        made = Path(folder) / f"{source.stem}{target.suffix}"
        target.write_bytes(made.read_bytes())


MAKERS = {
    "sheetjs": (SHEETJS, _by_node("sheetjs")),
    "exceljs": (EXCELJS, _by_node("exceljs")),
    "gnumeric": (GNUMERIC, _by_gnumeric),
    "libreoffice": (LIBREOFFICE, _by_libreoffice),
}

if __name__ == "__main__":
    main()
