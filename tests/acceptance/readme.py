"""Reads the README's console blocks: which command is shown with which output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.imports import ROOT

CUT = "…"


@dataclass(frozen=True)
class Shown:
    """One command and the lines that the README shows under it, those it leaves out left out."""

    command: str
    lines: tuple[str, ...]


def shown() -> Iterator[Shown]:
    """Yield every command that the README shows, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, *lines = part.splitlines()
            kept = tuple(line for line in lines if line.strip() and line.strip() != CUT)
            yield Shown(command, kept)


def under(*words: str) -> tuple[str, ...]:
    """Return the lines shown under the one command that holds these words."""
    (found,) = [one for one in shown() if all(word in one.command for word in words)]
    return found.lines


def not_printed(lines: Sequence[str], output: str, site: str) -> list[str]:
    """Return the shown lines that a command did not print; `site` is what `var/demo` is here.

    Ids, times of day and the width of columns differ from run to run; a line with … is cut.
    """
    printed = [_plain(line.replace(site, "var/demo")) for line in output.splitlines()]
    return [line for line in lines if not any(_pattern(line).fullmatch(p) for p in printed)]


def _plain(line: str) -> str:
    line = re.sub(r"\bD\d{6}-[0-9A-Z]{6}\b", "ID", line)
    line = re.sub(r"^\d\d:\d\d:\d\d ", "TIME ", line)
    return " ".join(line.split())


def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, _plain(line).split(CUT))))
