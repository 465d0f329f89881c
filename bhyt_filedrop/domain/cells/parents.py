"""A parent's name without what clerks write around it: "Mẹ: …", "… (mẹ)", "Bà …", a phone."""

from __future__ import annotations

import re
from functools import lru_cache

from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.text import clean

_WHO = r"(?:họ\s+(?:và\s+)?tên\s+)?(?:mẹ|me|má|cha|bố|bo|ba|ông|ong|bà|anh|chị|chi|cô|co)"
_LABEL = re.compile(
    rf"{_WHO}(?:\s+(?:đẻ|ruột|nuôi|cháu|bé|trẻ))?(?:\s*[:;/\-–]\s*|\s+là\s+)", re.IGNORECASE
)
_TITLE = re.compile(r"(?:mẹ|ông|bà|chị|anh|cô)\s+(?=\S+\s+\S)", re.IGNORECASE)
"""Without a colon, and only before two words at least: Bà and Ông may be all that is left."""
_AFTER = re.compile(rf"\s*(?:\(\s*{_WHO}\b[^)]*\)|[,;/\-–]\s*{_WHO})\s*$", re.IGNORECASE)
_PHONE = re.compile(
    r"[\s,;:(\-–/]*(?:(?:số\s+)?(?:điện\s+thoại|đt|sđt|sdt|dt|tel|đtdđ|dđ)[\s.:]*)?"
    r"(?:\+?84|0)[\s.\-]?\d(?:[\s.\-]?\d){7,9}\s*\)?",
    re.IGNORECASE,
)


@forgettable
@lru_cache(maxsize=65536)
def read_parent(text: str) -> str:
    """Return the name itself; the text as it is where nothing would be left."""
    name = _PHONE.sub("", clean(text).text)
    for lead in (_LABEL, _TITLE):
        if found := lead.match(name):
            name = name[found.end() :]
    name = _AFTER.sub("", name)
    name = name.strip(" .,;:-–/()")
    return name if any(char.isalpha() for char in name) else text
