"""The styles of an OpenDocument file, in openpyxl's terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

from bhyt_filedrop.edges.workbooks.marking.looks.dress import CellLook, PageLook

Values = Mapping[str, str]
"""Attributes of one style's properties, by their local names."""

_LENGTH = re.compile(r"^(-?[\d.]+)(cm|mm|in|pt|pc|px)?$")
_PER_INCH = {"cm": 2.54, "mm": 25.4, "in": 1.0, "pt": 72.0, "pc": 6.0, "px": 96.0, None: 72.0}
_WIDTH_OF_A_CHARACTER = 7 / 96
_PADDING = 5 / 96
_PAPERS = {(11.69, 16.54): 8, (8.27, 11.69): 9, (5.83, 8.27): 11, (8.5, 11.0): 1, (8.5, 14.0): 5}
_ACROSS = {"start": "left", "end": "right", "left": "left", "right": "right",
           "center": "center", "justify": "justify"}  # fmt: skip
_DOWN = {"top": "top", "middle": "center", "bottom": "bottom"}
_STYLES = {"solid": "thin", "dashed": "dashed", "dotted": "dotted", "double": "double"}
_THICK = 1.5 / 72


def attribute(element: etree._Element, name: str) -> str:
    """Return an attribute by its local name, whatever its namespace; "" where there is none."""
    return next((str(v) for k, v in element.attrib.items() if _local(str(k)) == name), "")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def inches(length: str) -> float:
    """Return a length in inches; 0 for what is none."""
    found = _LENGTH.match(length.strip())
    return float(found[1]) / _PER_INCH[found[2]] if found else 0.0


@dataclass(frozen=True)
class OdfStyles:
    """All styles of a file: by name, the defaults of cells, number formats and pages."""

    by_name: Mapping[str, etree._Element]
    default: etree._Element | None
    formats: Mapping[str, str]
    pages: Mapping[str, etree._Element]
    masters: Mapping[str, str]

    @classmethod
    def of(cls, roots: Sequence[etree._Element]) -> OdfStyles:
        """Gather the styles of the parts."""
        every = [e for root in roots for e in root.iter() if isinstance(e.tag, str)]
        default = (
            e for e in every
            if _local(e.tag) == "default-style" and attribute(e, "family") == "table-cell"
        )  # fmt: skip
        return cls(
            {attribute(e, "name"): e for e in every if _local(e.tag) == "style"},
            next(default, None),
            {attribute(e, "name"): _pattern(e) for e in every if _local(e.tag) in _DATA_STYLES},
            {attribute(e, "name"): e for e in every if _local(e.tag) == "page-layout"},
            {
                attribute(e, "name"): attribute(e, "page-layout-name")
                for e in every
                if _local(e.tag) == "master-page"
            },
        )

    def width(self, name: str) -> float:
        """Return a column's width in characters; 0 where its style tells none."""
        wide = inches(self._values(name).get("column-width", ""))
        return max((wide - _PADDING) / _WIDTH_OF_A_CHARACTER, 0.0)

    def height(self, name: str) -> float:
        """Return a row's height in points where it was set; 0 for one that fits its text."""
        values = self._values(name)
        if values.get("use-optimal-row-height") == "true":
            return 0.0
        return inches(values.get("row-height", "")) * 72

    def cell(self, name: str) -> CellLook:
        """Return how a cell style looks."""
        values = self._values(name)
        return CellLook(
            _font(values), _fill(values), _border(values), _alignment(values), Protection(),
            self._number_format(name),
        )  # fmt: skip

    def page_of(self, name: str) -> PageLook | None:
        """Return how the sheets of a table style print."""
        style = self.by_name.get(name)
        master = attribute(style, "master-page-name") if style is not None else ""
        layout = self.pages.get(self.masters.get(master or "Default", ""))
        return _page(_properties(layout)) if layout is not None else None

    def _lineage(self, name: str) -> Iterator[etree._Element]:
        """A style and those it is made from, the nearest first."""
        seen: set[str] = set()
        while name in self.by_name and name not in seen:
            seen.add(name)
            yield self.by_name[name]
            name = attribute(self.by_name[name], "parent-style-name")
        if self.default is not None:
            yield self.default

    def _values(self, name: str) -> Values:
        found: dict[str, str] = {}
        for style in self._lineage(name):
            found = {**_properties(style), **found}
        return found

    def _number_format(self, name: str) -> str:
        names = (attribute(style, "data-style-name") for style in self._lineage(name))
        return self.formats.get(next(filter(None, names), ""), "General") or "General"


def _properties(style: etree._Element) -> dict[str, str]:
    return {
        _local(str(key)): str(value)
        for part in style
        if isinstance(part.tag, str) and _local(part.tag).endswith("-properties")
        for key, value in part.attrib.items()
    }


# --- cells -----------------------------------------------------------------------------------


def _font(values: Values) -> Font:
    size = inches(values.get("font-size", "")) * 72
    return Font(
        name=values.get("font-name") or values.get("font-family", "").strip("'") or None,
        size=round(size, 1) or None,
        bold=values.get("font-weight") in ("bold", "600", "700", "800", "900"),
        italic=values.get("font-style") == "italic",
        underline="single" if values.get("text-underline-style", "none") != "none" else None,
        strike=values.get("text-line-through-style", "none") != "none",
        color=_colour(values.get("color", "")),
    )


def _fill(values: Values) -> PatternFill | None:
    colour = _colour(values.get("background-color", ""))
    return PatternFill("solid", fgColor=colour) if colour else None


def _colour(text: str) -> str | None:
    return text[1:].upper() if re.fullmatch(r"#[0-9A-Fa-f]{6}", text) else None


def _border(values: Values) -> Border:
    sides: Any = {
        side: _side(values.get(f"border-{side}") or values.get("border", ""))
        for side in ("left", "right", "top", "bottom")
    }
    return Border(**sides)


def _side(text: str) -> Side:
    words = text.split()
    style = next((_STYLES[word] for word in words if word in _STYLES), None)
    if style is None:
        return Side()
    wide = max((inches(word) for word in words), default=0.0)
    style = "medium" if style == "thin" and wide >= _THICK else style
    colour = next((found for word in words if (found := _colour(word))), None)
    return Side(style=style, color=colour)  # type: ignore[arg-type]


def _alignment(values: Values) -> Alignment:
    return Alignment(
        horizontal=_ACROSS.get(values.get("text-align", "")),
        vertical=_DOWN.get(values.get("vertical-align", "")),
        wrap_text=values.get("wrap-option") == "wrap",
    )


# --- number formats --------------------------------------------------------------------------

_DATA_STYLES = frozenset(
    {"number-style", "date-style", "time-style", "text-style", "percentage-style"}
)
_DATES = {"day": "d", "month": "m", "year": "yy", "hours": "h", "minutes": "m", "seconds": "s"}


def _pattern(style: etree._Element) -> str:
    """Return Excel's pattern for a number, date or text style."""
    return "".join(_piece(part) for part in style if isinstance(part.tag, str))


def _piece(part: etree._Element) -> str:
    kind, long = _local(part.tag), attribute(part, "style") == "long"
    if kind in _DATES:
        once = _DATES[kind] * (2 if kind == "month" and attribute(part, "textual") else 1)
        return once * (2 if long else 1)
    if kind == "number":
        return _digits(part)
    if kind == "text":
        text = part.text or ""
        return text if re.fullmatch(r"[-/ :.,()%]*", text) else '"' + text.replace('"', "") + '"'
    return "@" if kind == "text-content" else ""


def _digits(part: etree._Element) -> str:
    whole = attribute(part, "min-integer-digits")
    least = int(whole) if whole.isdigit() else 1
    places = attribute(part, "decimal-places")
    after = "." + "0" * int(places) if places.isdigit() and int(places) else ""
    if attribute(part, "grouping") == "true":
        return "#,##0" + after
    if not places and not after and least <= 1:
        return "General"
    return "0" * max(least, 1) + after


# --- pages -----------------------------------------------------------------------------------


def _page(values: Values) -> PageLook:
    landscape = values.get("print-orientation") == "landscape"
    size = sorted(inches(values.get(f"page-{side}", "")) for side in ("width", "height"))
    near = (
        number for (w, h), number in _PAPERS.items() if abs(w - size[0]) + abs(h - size[1]) < 0.3
    )
    scale = values.get("scale-to", "").rstrip("%")
    return PageLook(
        landscape=landscape,
        paper=next(near, 9),
        scale=int(scale) if scale.isdigit() and 10 <= int(scale) <= 400 else 100,
        fit=_fit(values),
        margins={
            side: inches(values[f"margin-{side}"])
            for side in ("left", "right", "top", "bottom")
            if f"margin-{side}" in values
        },
        centred=values.get("table-centering") in ("horizontal", "both"),
    )


def _fit(values: Values) -> tuple[int, int] | None:
    across, down = (values.get(f"scale-to-{axis}", "") for axis in ("X", "Y"))
    if across.isdigit() or down.isdigit():
        return int(across or 0), int(down or 0)
    return (1, 0) if values.get("scale-to-pages", "").isdigit() else None
