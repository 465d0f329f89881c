"""Kinds of units: which level of an address one is, and what people call its units.

`[kinds.…]` of `city.toml` says it. Nothing here assumes districts, wards, or three levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from bhyt_filedrop.domain.process.keys import TABLE, Text

NAMES = frozenset({"name", "full_name", "above", "authority"})
"""What stands in the braces of a kind's patterns."""

Level = Literal["ward", "district", "none"]


@dataclass(frozen=True, slots=True)
class UnitKind:
    """One kind of units.

    `level` is the part of an address that its units are: `ward` for the smallest, `district` for
    the one above, `none` for offices that no address names. `called` is how sentences and headings
    call several of them (`quận, huyện`), `column` how a column does (`Quận/huyện`), `addressed` how
    a letter calls one; `issuer` are the lines at the top of its own letters, `head` who signs them.
    Patterns know `{name}`, `{full_name}`, `{above}` (the unit above) and `{authority}`.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    level: Level = "none"
    called: Text = "đơn vị"
    column: Text = "Đơn vị"
    addressed: Text = "{name}"
    issuer: tuple[Text, ...] = ("{authority}", "{name}")
    head: str = ""


@dataclass(frozen=True, slots=True)
class EarlierKinds:
    """What kinds were before a reorganisation: of units whose last day is `until` or before."""

    until: date
    kinds: Mapping[str, UnitKind]


UNDECLARED: Mapping[str, UnitKind] = {"ward": UnitKind("ward"), "district": UnitKind("district")}
"""A kind that the configuration does not describe is a level of addresses by its own word."""
