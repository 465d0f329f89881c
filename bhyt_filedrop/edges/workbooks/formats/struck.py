"""How much of what a cell says is struck through: cells are struck as a whole, or in runs of text.

A clerk who strikes half a name and types another behind it leaves both in the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from lxml import etree

Struck = Literal["", "part", "whole"]


def how_struck(runs: Iterable[tuple[str, bool]]) -> Struck:
    """Tell of a text in runs, each with whether it is struck, how much of it is. Blanks tell
    nothing."""
    told = {struck for text, struck in runs if text.strip()}
    if True not in told:
        return ""
    return "part" if False in told else "whole"


def runs_in(
    element: etree._Element, strikes: Callable[[etree._Element], bool], inside: bool = False
) -> Iterator[tuple[str, bool]]:
    """Yield the text below an element in runs; `strikes` says of one whether it strikes its own."""
    here = inside or strikes(element)
    yield element.text or "", here
    for child in element:
        if isinstance(child.tag, str):  # comments and instructions are no text
            yield from runs_in(child, strikes, here)
        yield child.tail or "", here


def is_struck(cells: Iterable[bool]) -> bool:
    """True where most cells of a row are struck through; one word that was corrected strikes no
    child out. `cells` are those that hold anything."""
    told = list(cells)
    return sum(told) * 2 > len(told)
