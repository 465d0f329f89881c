"""docs/proof.md: a section for each part, written anew when that part was run."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.proof.play import REPOSITORY

PAGE = REPOSITORY / "docs" / "proof.md"
_HEAD = """# What was proved

`make proof` kills the service and cuts the power at every sync, lets every system call fail, turns\
 the clock, sends files made to harm and plays a storm. Each part writes its section of this page
when it ends; `make proof PROOF="hostile --files 500"` runs one part alone. How it is done stands\
 in `tests/proof/`.
"""


@dataclass(frozen=True)
class Section:
    """What one part came to: Markdown lines, and whether all of it was as it must be."""

    heading: str
    lines: Sequence[str]
    sound: bool


def write(section: Section, order: Sequence[str], minutes: float, how: str, page: Path) -> None:
    """Put a section into the page in the place of the one that its part wrote before."""
    there = dict(_sections(page.read_text("utf-8"))) if page.exists() else {}
    there[section.heading] = "\n".join((told_of(minutes, how), "", *section.lines))
    parts = (f"## {name}\n\n{there[name].strip()}\n" for name in order if name in there)
    page.write_text("\n".join((_HEAD, *parts)), encoding="utf-8")


def _sections(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^## (.+)\n", text, flags=re.M)[1:]
    yield from zip(parts[::2], parts[1::2], strict=True)


def told_of(minutes: float, how: str) -> str:
    """When, where and in what time a part was run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{date.today():%d/%m/%Y}, {os.cpu_count()} processors, {memory:.0f} GiB, Linux"
        f" {platform.release()}, Python {platform.python_version()}; {how}; {minutes:.0f} minutes."
    )


def table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    return [row(*head), f"|{'---|' * len(head)}", *(row(*line) for line in lines)]


def row(*cells: object) -> str:
    """One line of a table."""
    return f"| {' | '.join(map(str, cells))} |"
