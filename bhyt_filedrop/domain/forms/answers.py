"""The reply kit's answers: what a unit found out about a child, as it chose or typed it.

The drop-down offers `STATUSES`; cells are pasted over and typed by hand all the same, so the
answer is read by its words (1331/BHXH-THU 5.2.4: the three lists of a return).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from bhyt_filedrop.domain.cells.text import fold

STATUSES = ("Đã có thẻ từ trước", "Cấp thẻ đợt này", "Không đủ cơ sở cấp thẻ")
"""What a ward may answer for a child (1331/BHXH-THU 5.2.4: the three lists of a return)."""


STATUS_HEAD = "Kết quả"


CODE_HEAD = "Mã đối chiếu"

Answer = Literal["carded-before", "carded-now", "uncarded", ""]
"""Which of a return's lists a child belongs to; "" where that is not told."""

_ANSWERS: tuple[Answer, ...] = ("carded-before", "carded-now", "uncarded")

ANSWER_TEXTS: Mapping[Answer, str] = dict(zip(_ANSWERS, STATUSES, strict=True))
"""Each answer as the drop-down words it."""

_WORDS: tuple[tuple[Answer, re.Pattern[str]], ...] = (
    ("uncarded", re.compile(r"\b(khong|ko|k) (du|co|the|cap|thuoc)\b|\bchua (co|du|duoc|cap)\b")),
    (
        "carded-now",
        re.compile(r"\b(dot nay|(cap|lam) moi|moi cap|(de nghi|dang|cho) cap|cho so)\b"),
    ),
    ("carded-before", re.compile(r"\b(tu truoc|truoc day|truoc do|(da )?co the|da (duoc )?cap)\b")),
)


@lru_cache(maxsize=1024)
def read_answer(text: str) -> Answer:
    """Read a cell of the column Kết quả; "" where it is empty or says none of the three."""
    words = fold(text)
    return next((answer for answer, pattern in _WORDS if pattern.search(words)), "")
