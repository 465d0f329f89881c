"""The version that a wheel bears; hatchling asks for it when one is built.

`__version__` in the package names the release that is being made, and moves with each. A wheel of
a commit between two releases bears `.devN` after it, N counting commits: it comes before the
release, and after the wheel of any commit before it, so that pip installs it over both.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def named(root: Path = ROOT) -> str:
    """Return the release that is being made."""
    text = (root / "bhyt_filedrop" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found, "bhyt_filedrop/__init__.py names no version"
    return found[1]


def version(root: Path = ROOT) -> str:
    """Return the release at its tag and away from git, `RELEASE.devN` at any other commit."""
    release = named(root)
    if not (root / ".git").exists() or _git(root, "tag", "--points-at", "HEAD", f"v{release}"):
        return release
    count = _git(root, "rev-list", "--count", "HEAD")
    return f"{release}.dev{count}" if count else release


def _git(root: Path, *words: str) -> str:
    """Return what git says, "" where it is not there or does not say it."""
    try:
        ran = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, timeout=60)
    except OSError:
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
