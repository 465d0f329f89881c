"""Amounts of money as hospitals' lists hold them: numbers, or text with dots or commas in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bhyt_filedrop.domain.cells.grid import CellValue
from bhyt_filedrop.domain.cells.text import clean

_CURRENCY = re.compile(r"\s*(?:đồng|đ|vnđ|vnd)\.?$", re.IGNORECASE)
_AMOUNT = re.compile(
    r"""(?P<whole>-?(?:[0-9]{1,15}|[0-9]{1,3}(?P<mark>[., ])[0-9]{3}(?:(?P=mark)[0-9]{3}){0,3}))
        (?:(?!(?P=mark))[.,](?P<part>[0-9]{1,2}))?""",
    re.VERBOSE,
)
_MOST = 10.0**15
"""Above it a number of Excel is not exact, and no hospital's bill is as high."""


@dataclass(frozen=True, slots=True)
class Amount:
    """`dong` in đồng, 0 where nothing can be read; `problem` is `""`, `"missing"` or
    `"invalid"`."""

    dong: int = 0
    problem: str = ""


_MISSING = Amount(problem="missing")
_INVALID = Amount(problem="invalid")


def read_amount(value: CellValue) -> Amount:
    """Read an amount: `150000`, `1.250.000`, `1,250,000.00`, `150.000 đ`; a dash is none.

    Three digits behind a mark are thousands, one or two a fraction, which is rounded.
    """
    if value is None:
        return _MISSING
    if isinstance(value, str):
        return _read_text(clean(value).text)
    if isinstance(value, bool) or not isinstance(value, float | int) or not abs(value) < _MOST:
        return _INVALID
    return Amount(round(value))


def _read_text(text: str) -> Amount:
    text = _CURRENCY.sub("", text)
    if not text.strip(" -–—"):
        return _MISSING
    found = _AMOUNT.fullmatch(text)
    if not found:
        return _INVALID
    whole = re.sub(r"[., ]", "", found["whole"])
    return Amount(round(Decimal(f"{whole}.{found['part'] or 0}")))
