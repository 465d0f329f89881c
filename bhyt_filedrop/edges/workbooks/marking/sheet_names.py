"""Sheet names that Excel takes: 31 characters, some forbidden, no two alike without case."""

from __future__ import annotations

import re
from collections.abc import Iterable


def allowed_name(name: str) -> str:
    """Return a name as Excel takes it; formats such as HTML allow any."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip("' ")[:31] or "Sheet"


def unique_names(names: Iterable[str]) -> list[str]:
    """Number the names that repeat (Excel compares them without case), at most 31 characters."""
    taken: set[str] = set()
    found = []
    for name in names:
        unique, count = name[:31], 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{name[: 31 - len(str(count)) - 3]} ({count})"
        taken.add(unique.casefold())
        found.append(unique)
    return found
