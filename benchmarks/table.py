"""One table: each figure, ours, a peer's in the same run, their ratio, the goal, and whether it is
met.

`make bench` prints it and writes docs/benchmarks.md, above what people wrote there, and
docs/scale.md that follows from it. `--quick` takes a slice of small sizes within a minute and looks
at ratios alone: where one is twice what `quick.json` remembers, twice in a row, the run fails.
`--remember` writes what it found there. `--only lists` measures one group, and with `--write`
puts its lines into the page too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import far
import growth
import late_returns
import latency
import lists
import machine
import path
import scale
import several
from measure import Figure

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
REMEMBERED = HERE / "quick.json"
DOUBLED = 2.0

GROUPS: Mapping[str, Callable[[bool], Iterator[Figure]]] = {
    "lists": lists.figures,
    "path": path.figures,
    "latency": latency.figures,
    "rounds": late_returns.figures,
    "growth": growth.figures,
    "machine": machine.figures,
    "far": far.figures,
    "several": several.figures,
}
HEAD = ("figure", "ours", "peer", "ratio", "goal", "met")
_MET = {True: "yes", False: "**no**", None: ""}


def measured(groups: Iterable[str], quick: bool) -> Iterator[Figure]:
    """Measure group by group, and say each figure as soon as it is there."""
    for name in groups:
        for figure in GROUPS[name](quick):
            print(" | ".join(cells(figure)), flush=True)
            yield figure


def cells(figure: Figure) -> tuple[str, ...]:
    """One line of the table."""
    peer = f"{said(figure.peer, figure.unit)} ({figure.beside})" if figure.peer else ""
    ratio = f"{figure.ratio:.2f} ×" if figure.ratio else ""
    return (
        figure.what, said(figure.ours, figure.unit), peer, ratio, goal(figure), _MET[figure.met],
    )  # fmt: skip


def said(value: float, unit: str) -> str:
    """A value with its unit, three digits of it."""
    if unit == "s" and value < 1:
        value, unit = value * 1000, "ms"
    shown = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    return f"{shown} {unit}".rstrip()


def goal(figure: Figure) -> str:
    """What was aimed at."""
    if figure.goal is None:
        return ""
    return f"≤ {figure.goal:g} ×" if figure.of_ratio else f"≤ {said(figure.goal, figure.unit)}"


def page(figures: Iterable[Figure], minutes: float) -> str:
    """The page of the table."""
    lines = [
        "# How fast it is",
        "",
        f"`make bench` writes this page: {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, {datetime.now(UTC):%d/%m/%Y}, {minutes:.0f} min, with"
        f" {os.getloadavg()[1]:.0f} processes at work besides.",
        "",
        "Seconds are of processor, of all processes together, unless the figure says “by the"
        " clock”. The peer runs in turn with ours on the same files; every list holds names that"
        " the process has not seen. The naive script (pandas, ten checks, a move and a mail; no"
        " ledger, no fsync) is `benchmarks/naive.py`. Times vary with the machine, ratios hardly.",
        "",
        f"| {' | '.join(HEAD)} |",
        f"|{'---|' * len(HEAD)}",
        *(f"| {' | '.join(cells(figure))} |" for figure in figures),
        "",
    ]
    return "\n".join(lines)


def by_hand() -> str:
    """What people wrote below the table: it stays."""
    _table, mark, rest = PAGE.read_text("utf-8").partition("\n## ")
    return mark + rest


# --- the quick slice -------------------------------------------------------------------------


def ratios(figures: Iterable[Figure]) -> dict[str, float]:
    """What the quick slice remembers: times of one machine say nothing on another."""
    return {figure.what: round(figure.ratio, 3) for figure in figures if figure.ratio}


def doubled(now: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """The figures whose ratio is twice what it was."""
    return {what: r for what, r in now.items() if r > DOUBLED * before.get(what, r)}


def quick(groups: Iterable[str], *, remember: bool) -> int:
    """Compare ratios with those remembered; 1 where one has doubled and does so once more."""
    now = ratios(measured(groups, True))
    if remember:
        REMEMBERED.write_text(json.dumps(now, ensure_ascii=False, indent=2) + "\n", "utf-8")
        return 0
    before = json.loads(REMEMBERED.read_text("utf-8"))
    if worse := doubled(now, before):
        print("once more, for a machine may have been busy:", flush=True)
        again = ratios(measured(groups, True))
        worse = {what: r for what, r in doubled(again, before).items() if what in worse}
    for what, ratio in worse.items():
        print(f"TWICE AS SLOW: {what}: {ratio:.2f} × its peer, was {before[what]:.2f} ×")
    return 1 if worse else 0


def with_lines_of(written: str, figures: Iterable[Figure]) -> str:
    """The page with some figures in the place of those of the same name, or below the others."""
    for figure in figures:
        line = f"| {' | '.join(cells(figure))} |"
        same = re.compile(rf"^\| {re.escape(figure.what)} \|.*$", re.M)
        written, replaced = same.subn(lambda _: line, written)  # noqa: B023
        if not replaced:
            lines = written.split("\n")
            last = max(n for n, one in enumerate(lines) if one.count(" | ") == len(HEAD) - 1)
            written = "\n".join([*lines[: last + 1], line, *lines[last + 1 :]])
    return written


def main() -> int:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--remember", action="store_true")
    asked.add_argument("--only", choices=list(GROUPS), action="append")
    asked.add_argument("--write", action="store_true", help="of --only too")
    chosen = asked.parse_args()
    groups = chosen.only or list(GROUPS)
    if chosen.quick:
        return quick(groups, remember=chosen.remember)
    start = time.monotonic()
    figures = list(measured(groups, False))
    if not chosen.only:
        written = page(figures, (time.monotonic() - start) / 60) + by_hand()
        PAGE.write_text(written, "utf-8")
        scale.write()
    elif chosen.write:
        PAGE.write_text(with_lines_of(PAGE.read_text("utf-8"), figures), "utf-8")
        scale.write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
