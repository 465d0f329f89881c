"""Ask for known advisories about every library that is pinned for the service.

`python .ci/audit.py` fails where one is known. Where their data cannot be reached it says so and
goes on: pip-audit itself then calls every library sound, or ends with an error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "build" / "audit"
FILES = ("requirements.txt", "requirements-postgres.txt")


def main() -> int:
    """Audit each file; 1 where an advisory is known."""
    if why := _cannot_install():
        print(f"audit: pip-audit does not install here ({why}); nothing was asked")
        return 0
    status = 0
    for file in FILES:
        told = report_of(_asked(ROOT / file))
        known = list(advisories(told))
        print(f"audit: {file}: {verdict(told, known)}", *known, sep="\n  ")
        status |= bool(known)
    return status


def _cannot_install() -> str:
    try:
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True, capture_output=True)
        install = [HOME / "bin" / "python", "-m", "pip", "install", "-qq", "--require-hashes", "-r"]
        subprocess.run(
            [*install, ROOT / "requirements-audit.txt"],
            check=True,
            capture_output=True,
            timeout=300,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return type(error).__name__
    return ""


def _asked(file: Path) -> str:
    command = [HOME / "bin" / "pip-audit", "--disable-pip", "--require-hashes", "--format", "json",
               "--progress-spinner", "off", "--timeout", "15", "-r", file]  # fmt: skip
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=600).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def report_of(answer: str) -> list[dict[str, Any]]:
    """What was said of each library; nothing where it was not said."""
    try:
        found: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return []
    return found


def advisories(told: list[dict[str, Any]]) -> Iterator[str]:
    """Each library of which one is known, with the versions that mend it."""
    for one in told:
        for known in one.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            yield f"{one['name']} {one.get('version', '')}: {known['id']} (mended in {mended})"


def verdict(told: list[dict[str, Any]], known: list[str]) -> str:
    """Say in one line what came of it."""
    asked = [one for one in told if "skip_reason" not in one]
    if not asked:
        return "the data of advisories cannot be reached from here; nothing was asked"
    skipped = f", {len(told) - len(asked)} unknown to it" if len(asked) < len(told) else ""
    return f"{len(known)} known advisories about {len(asked)} libraries{skipped}"


if __name__ == "__main__":
    sys.exit(main())
