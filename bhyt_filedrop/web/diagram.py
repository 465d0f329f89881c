"""Where each line and word of the process's diagram stands, in the units of its own drawing.

Offices are columns, hand-offs are rows with an arrow from one column to another. On a wide screen
the words stand beside the arrows, on a phone above them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from bhyt_filedrop.domain.process.chart import ChartOffice, ChartStep, ProcessChart

LINE = 17
"""Height of a line of words."""

CHARACTER, BOLD = 7.2, 8.6
"""Width that a character of the diagram takes, at the most."""

_TIP, _LOOP = 7, 16


@dataclass(frozen=True, slots=True)
class Paper:
    """What a diagram is drawn on: its width, and how much of that the words have beside the arrows
    (0 = they stand above them)."""

    width: int
    beside: int = 0


WIDE, NARROW = Paper(1180, 470), Paper(360)


@dataclass(frozen=True, slots=True)
class DrawnWords:
    """Lines of words; `x` is their left edge, or their middle where `centred`."""

    x: float
    y: float
    lines: tuple[str, ...]
    centred: bool = False


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """One arrow: the path of its shaft, the corners of its tip, and how it looks."""

    shaft: str
    tip: str
    look: str


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """One hand-off: its name in bold, what else is said of it, its arrows, where its row begins and
    ends, and where the sign of an approval stands (None = it goes without one)."""

    title: DrawnWords
    more: DrawnWords
    arrows: tuple[DrawnArrow, ...]
    top: float
    bottom: float
    approval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole diagram. `lanes` are the middles of its columns."""

    width: int
    height: float
    head: float
    heads: tuple[DrawnWords, ...]
    lanes: tuple[float, ...]
    steps: tuple[DrawnStep, ...]


def diagram_of(chart: ProcessChart, words: Mapping[str, Sequence[str]], paper: Paper) -> Diagram:
    """Lay a chart out on a paper; `words` says for each hand-off (id) its name and what else is to
    be read of it, one text each."""
    wide = (paper.width - paper.beside) / max(len(chart.offices), 1)
    lanes = {one.key: paper.beside + (n + 0.5) * wide for n, one in enumerate(chart.offices)}
    heads = tuple(_head(one, lanes[one.key], wide) for one in chart.offices)
    head = 14 + LINE * max((len(one.lines) for one in heads), default=1)
    steps, y = list[DrawnStep](), float(head)
    for step in chart.steps:
        steps.append(_row(step, words[step.handoff.id], lanes, y, paper))
        y = steps[-1].bottom
    return Diagram(paper.width, y + 6, head, heads, tuple(lanes.values()), tuple(steps))


def _head(office: ChartOffice, x: float, wide: float) -> DrawnWords:
    text = office.name + (f" ({office.count})" if office.count > 1 else "")
    lines = wrap(text, max(int(wide / BOLD), 6), break_long_words=False)
    return DrawnWords(x, LINE, tuple(lines), centred=True)


def _row(
    step: ChartStep, words: Sequence[str], lanes: Mapping[str, float], top: float, paper: Paper
) -> DrawnStep:
    room = (paper.beside or paper.width) - 16
    title = wrap(words[0], int(room / BOLD))
    more = [line for text in words[1:] for line in wrap(text, int(room / CHARACTER))]
    written = LINE * (len(title) + len(more)) + 8
    bottom = top + max(written + 10, 40.0) if paper.beside else top + written + 30
    y = (top + bottom) / 2 if paper.beside else bottom - 14
    first = top + LINE
    return DrawnStep(
        DrawnWords(8, first, tuple(title)),
        DrawnWords(8, first + LINE * len(title), tuple(more)),
        tuple(_arrows(step, lanes, y)),
        top,
        bottom,
        _approval(step, lanes, y),
    )


def _approval(step: ChartStep, lanes: Mapping[str, float], y: float) -> tuple[float, float] | None:
    if step.handoff.release != "approve" or not step.givers:
        return None
    return lanes[step.givers[0]], y


def _arrows(step: ChartStep, lanes: Mapping[str, float], y: float) -> Iterator[DrawnArrow]:
    look = "made" if step.handoff.made_by else "optional" if step.handoff.optional else "given"
    for giver in step.givers:
        for taker in step.takers:
            yield _arrow(lanes[giver], lanes[taker], y, look)
        for taker in step.copies:
            yield _arrow(lanes[giver], lanes[taker], y + 6, "copy")


def _arrow(start: float, end: float, y: float, look: str) -> DrawnArrow:
    if start == end:  # what an office gives to itself
        half = _LOOP / 2
        shaft = f"M{start:g},{y - half:g} h{_LOOP} v{_LOOP} h-{_LOOP - _TIP}"
        return DrawnArrow(shaft, _tip(start, y + half, to_right=False), look)
    to_right = end > start
    stop = end - _TIP if to_right else end + _TIP
    return DrawnArrow(f"M{start:g},{y:g} H{stop:g}", _tip(end, y, to_right=to_right), look)


def _tip(x: float, y: float, *, to_right: bool) -> str:
    back = x - _TIP - 2 if to_right else x + _TIP + 2
    return f"{x:g},{y:g} {back:g},{y - 5:g} {back:g},{y + 5:g}"
