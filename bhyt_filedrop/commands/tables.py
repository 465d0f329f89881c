"""Tables for a terminal; piped, plain text of the same columns."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from unicodedata import combining, east_asian_width

import click

from bhyt_filedrop.commands.waiting import saying
from bhyt_filedrop.domain.process.file_names import visible

_PIPED = 140
"""Columns where there is no terminal to say how many it has."""
_BETWEEN = 2


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table. Rich folds one that is too wide; to load it for one that fits took a tenth of
    `status`."""
    lines = [tuple(map(visible, line)) for line in (headings, *rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    if sum(widths) + _BETWEEN * (len(widths) - 1) > _room():
        _print_folded(lines)
        return
    head, *below = (_padded(line, widths) for line in lines)
    with saying():
        click.echo("\n".join((click.style(head, bold=True), *below)))


def _room() -> int:
    if given := os.environ.get("COLUMNS"):
        return int(given)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED


def _width(text: str) -> int:
    """How many columns a terminal gives to a text."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(c) in "FW" else not combining(c) for c in text)


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    between = " " * _BETWEEN
    cells = (cell + " " * (w - _width(cell)) for cell, w in zip(line, widths, strict=True))
    return between.join(cells).rstrip()


def _print_folded(lines: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in lines[0]:
        table.add_column(heading, overflow="fold")
    for row in lines[1:]:
        table.add_row(*row)
    console = Console(width=_room(), highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(width=_room(), highlight=False, markup=False, no_color=True)
    with saying():
        console.print(table)
