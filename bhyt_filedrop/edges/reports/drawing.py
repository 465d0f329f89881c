"""Where everything of a page's chart stands, in pixels; the template only writes it down as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from bhyt_filedrop.domain.reports.model import Chart, Line, ReportColumn, ReportTable, shown
from bhyt_filedrop.edges.reports.look import COLOURS, series_name

WIDTH = 960
_LABELS = 270
"""Room for the names beside lying bars."""
_LETTERS = 40
"""So many letters of a name fit there."""
_STEP, _THICK = 24, 16
_TALL = 220
"""The height of standing bars."""


@dataclass(frozen=True, slots=True)
class Box:
    """One coloured piece of a bar; `told` is what a reader who points at it is told."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    told: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text in the chart; `anchor` as SVG names it."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with every coordinate worked out. `told` says in words what it shows."""

    title: str
    told: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    words: tuple[Word, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    legend: tuple[tuple[str, str], ...]


def draw(table: ReportTable) -> Drawing | None:
    """Draw the chart of a table; None where it has none, or nothing to show."""
    rows = table.charted()
    if table.chart is None or not rows:
        return None
    columns = [table.column(key) for key in table.chart.series]
    top = _round_up(max(sum(_values(row, columns)) for row in rows))
    draw_kind = _lying if table.chart.kind == "bars" else _standing
    height, boxes, words, lines = draw_kind(table.chart, rows, columns, top)
    legend = tuple((series_name(c), COLOURS[c.tone]) for c in columns) if len(columns) > 1 else ()
    return Drawing(
        table.chart.title,
        f"{table.chart.title}. Số liệu đầy đủ ở bảng bên dưới.",
        WIDTH,
        height,
        tuple(boxes),
        tuple(words),
        tuple(lines),
        legend,
    )


_Parts = tuple[int, list[Box], list[Word], list[tuple[float, float, float, float]]]


def _lying(chart: Chart, rows: Sequence[Line], columns: Sequence[ReportColumn], top: int) -> _Parts:
    room = WIDTH - _LABELS - 60
    height = _STEP * len(rows) + 34
    boxes, words = [], []
    for n, row in enumerate(rows):
        y = 6 + _STEP * n
        name = str(row.get(chart.labels, ""))
        words.append(Word(_LABELS - 8, y + 12.5, _cut(name), "end"))
        x = float(_LABELS)
        for column, value in zip(columns, _values(row, columns), strict=True):
            width = room * value / top
            if value:
                boxes.append(
                    Box(x, y, width, _THICK, COLOURS[column.tone], _tooltip(name, column, value))
                )
            x += width
        words.append(Word(x + 6, y + 12.5, shown(sum(_values(row, columns)), "count")))
    marks = [(_LABELS + room * mark / top, mark) for mark in _marks(top)]
    words += [Word(x, height - 8, shown(mark, "count"), "middle") for x, mark in marks]
    return height, boxes, words, [(x, 0, x, height - 24) for x, _ in marks]


def _standing(
    chart: Chart, rows: Sequence[Line], columns: Sequence[ReportColumn], top: int
) -> _Parts:
    step = (WIDTH - 80) / len(rows)
    wide = min(90.0, step * 0.6)
    foot = _TALL + 24
    boxes, words = [], []
    for n, row in enumerate(rows):
        middle = 60 + step * (n + 0.5)
        name = str(row.get(chart.labels, ""))
        words.append(Word(middle, foot + 18, name, "middle"))
        y = float(foot)
        for column, value in zip(columns, _values(row, columns), strict=True):
            high = _TALL * value / top
            y -= high
            if value:
                box = Box(
                    middle - wide / 2,
                    y,
                    wide,
                    high,
                    COLOURS[column.tone],
                    _tooltip(name, column, value),
                )
                boxes.append(box)
        words.append(Word(middle, y - 5, shown(sum(_values(row, columns)), "count"), "middle"))
    marks = [(foot - _TALL * mark / top, mark) for mark in _marks(top)]
    words += [Word(52, y + 4, shown(mark, "count"), "end") for y, mark in marks]
    return foot + 30, boxes, words, [(60, y, WIDTH - 10, y) for y, _ in marks]


def _values(row: Line, columns: Sequence[ReportColumn]) -> list[int]:
    found = (row.get(column.key) for column in columns)
    return [value if isinstance(value, int) else 0 for value in found]


def _tooltip(name: str, column: ReportColumn, value: int) -> str:
    return f"{name}: {series_name(column).lower()} {shown(value, 'count')}"


def _cut(name: str) -> str:
    return name if len(name) <= _LETTERS else name[: _LETTERS - 1].rstrip() + "…"


def _step_of(value: int) -> int:
    """Return the distance of the axis's marks: 1, 2 or 5 times a power of ten, five at most."""
    power = int(10 ** max(0, len(str(value)) - 2))
    return next(power * n for n in (1, 2, 5, 10, 20) if power * n * 5 >= value)


def _round_up(value: int) -> int:
    """Return the end of the axis: the first mark that no bar reaches beyond."""
    step = _step_of(max(value, 1))
    return step * max(1, ceil(value / step))


def _marks(top: int) -> Iterator[int]:
    yield from range(0, top + 1, _step_of(top))
