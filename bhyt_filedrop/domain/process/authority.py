"""The authority whose process this is: how its name stands on paper and in letters.

`[authority]` of `process.toml` says it; what a configuration leaves out is taken from the process
that ships. No file of the product names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.process.keys import Text

_MARKS = ("thanh pho", "tp", "tinh")


@dataclass(frozen=True, slots=True)
class Authority:
    """A provincial social insurance office (BHXH): its province in full, as its people say, and as
    it stands before a date."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: Text = "tỉnh, thành phố"
    short: Text = "tỉnh"
    place: Text = "........."

    @property
    def letterhead(self) -> str:
        """The first line of its letters: `BẢO HIỂM XÃ HỘI TP. HỒ CHÍ MINH`."""
        return f"Bảo hiểm xã hội {self.name}".upper()

    @property
    def office(self) -> str:
        """Its name, as letters are signed with: `BHXH TP. Hồ Chí Minh`."""
        return f"BHXH {self.name}"

    @property
    def called(self) -> str:
        """Its name among its own offices: `BHXH Thành phố`."""
        return f"BHXH {self.short}"

    @property
    def outside(self) -> str:
        """What lies in none of its places: `Ngoài Thành phố`, `Ngoài tỉnh`."""
        return f"Ngoài {self.short}"

    @property
    def spellings(self) -> frozenset[str]:
        """Its name as columns say it, folded: `tp ho chi minh`, `ho chi minh`, `tphcm`."""
        bare = {_without_mark(fold(name)) for name in (self.name, self.place)} - {""}
        marked = {f"{mark}{gap}{name}" for mark in _MARKS for gap in (" ", "") for name in bare}
        return frozenset(bare | marked)


def _without_mark(name: str) -> str:
    """A name that is one word with its mark (`tphcm`) has been cut by `fold` at its dot."""
    mark = next((mark for mark in _MARKS if name.startswith(f"{mark} ")), "")
    return name.removeprefix(mark).strip()
