"""How a form looks on paper: its columns, titles, sections and signatures, as plain values."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

_SETTING: Mapping[str, Any] = {"extra": "forbid"}
STYLES = frozenset({"text", "center", "date", "code", "amount"})
"""Styles of cells that a form may declare."""
_WORDS = frozenset({"round", "quarter", "supplier", "about"})


@dataclass(frozen=True, slots=True)
class PrintColumn:
    """One printed column.

    `head` is its heading from the top level down; neighbours that share a beginning are merged.
    `label` is what stands in the number row (None: nothing). `width` is in characters, `style` the
    name of the style of its cells. `options` are offered as a drop-down. A hidden column comes
    after all others: titles and merges end before it.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _SETTING

    field: str
    head: tuple[str, ...]
    label: str | int | None
    width: float
    style: str = "text"
    options: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Print:
    """The printed shape of one form.

    Subtitles know `{round}` ("Đợt 1 năm 2015"), `{quarter}` ("Quý 1 năm 2015"), `{supplier}` and
    `{about}`, the corner `{decision}`. `sections` maps a section's id to its heading. `left` and
    `right` are the captions of the two signatures.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _SETTING

    columns: tuple[PrintColumn, ...]
    titles: tuple[str, ...]
    subtitles: tuple[str, ...]
    sections: Mapping[str, str]
    left: str = "Người lập biểu"
    right: str = "Thủ trưởng đơn vị"
    corner: tuple[str, ...] = (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    )
    paper: str = "A4"

    def issued_by(self, decision: str) -> Print:
        """Return the same under the decision that its paper names."""
        return replace(self, corner=tuple(c.format(decision=decision) for c in self.corner))


def wrongly_printed(shape: Print) -> Iterator[tuple[str, str]]:
    """Yield `(key, what is wrong)` for what a declared shape could not be printed with."""
    if len(shape.corner) != len(("number", "decision")):
        yield "corner", "two lines are needed"
    yield from _unknown_words("subtitles", shape.subtitles, _WORDS)
    yield from _unknown_words("corner", shape.corner, {"decision"})
    for column in shape.columns:
        key = f"columns.{column.field}"
        if column.style not in STYLES:
            yield f"{key}.style", f"`{column.style}` is none of {', '.join(sorted(STYLES))}"
        if column.width <= 0 or not column.head:
            yield key, "a width above 0 and a heading are needed"


def _unknown_words(
    key: str, lines: Iterable[str], known: Iterable[str]
) -> Iterator[tuple[str, str]]:
    for line in lines:
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}
        except ValueError:
            names = {"?"}
        if names - set(known):
            yield key, f"{line!r} may hold {', '.join(f'{{{one}}}' for one in sorted(known))} only"
