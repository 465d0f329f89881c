"""LibreOffice as a clerk's spreadsheet program: opens a workbook and saves it in another format."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FILTERS = {
    "xls": "xls:MS Excel 97",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
    "ods": "ods:calc8",
}
"""Ending → the filter that LibreOffice saves with."""


def saved_by_libreoffice(source: Path, ending: str, into: Path) -> Path:
    """Open a workbook in LibreOffice and save it as another format; return the new file.

    Skips the test where LibreOffice is missing; fails where the build promised to have it.
    """
    program = shutil.which("soffice") or _missing()
    profile = into / "profile"
    command = [
        program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
        "--convert-to", FILTERS[ending], "--outdir", str(into / ending), str(source),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    made = into / ending / f"{source.stem}.{ending}"
    assert made.exists(), ran.stdout + ran.stderr
    return made


def _missing() -> str:
    if os.environ.get("CI") == "true" and os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail("LibreOffice is not installed, and REQUIRE_SERVERS=1 says it must be")
    pytest.skip("LibreOffice (soffice) is not installed")
