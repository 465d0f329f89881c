"""Whether a text of the configuration with names in braces, `UBND {name}`, can be filled in."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator

from bhyt_filedrop.settings.problems import Problem


def names_in(pattern: str) -> frozenset[str] | None:
    """Return the names in a pattern's braces; None where the braces do not match."""
    try:
        parsed = list(string.Formatter().parse(pattern))
    except ValueError:
        return None
    return frozenset(name for _, name, _, _ in parsed if name is not None)


def wrong_names(file: str, key: str, pattern: str, known: Iterable[str]) -> Iterator[Problem]:
    """Yield what keeps a pattern from being filled in with the names `known`."""
    names, wanted = names_in(pattern), frozenset(known)
    if names is None:
        yield Problem(file, key, pattern, "dấu ngoặc nhọn không khớp")
        return
    for name in sorted(names - wanted):
        told = ", ".join(f"{{{one}}}" for one in sorted(wanted))
        yield Problem(file, key, pattern, f"không có {{{name}}}; chỉ dùng được {told}")
    if any(extra or convert for _, _, extra, convert in string.Formatter().parse(pattern)):
        yield Problem(file, key, pattern, "trong ngoặc nhọn chỉ được ghi tên")
