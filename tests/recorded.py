"""What the core said of many made-up cases, kept beside the tests: a change shows as a difference.

Tables and properties say what is right; they cannot name every branch. Here each case of a corpus
(the same for the same seed) is written down with all that was made of it, a line each. Who changes
a rule looks at the difference and, where it is meant, has it written anew: `BHYT_RECORD=1`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit

FOLDER = Path(__file__).with_name("data") / "recorded"


def is_as_recorded(name: str, lines: Iterable[str]) -> None:
    """Fail where the lines are not those that were recorded under this name."""
    page = FOLDER / f"{name.replace(' ', '-')}.txt"
    now = "".join(f"{line}\n" for line in lines)
    if os.environ.get("BHYT_RECORD") == "1":
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(now, encoding="utf-8")
    before = page.read_text(encoding="utf-8")
    if now == before:
        return
    old, new = before.splitlines(), now.splitlines()
    other = [(a, b) for a, b in zip(old, new, strict=False) if a != b][:3]
    shown = "\n".join(f"- {a}\n+ {b}" for a, b in other)
    raise AssertionError(
        f"{page.name}: {len(old)} lines were recorded, {len(new)} are told; the first that differ:"
        f"\n{shown}\nWhere that is meant, BHYT_RECORD=1 writes it anew."
    )


def mark(text: object) -> str:
    """A few letters that stand for a long text."""
    return sha256(str(text).encode(errors="surrogatepass")).hexdigest()[:6]


def told(value: Any) -> str:
    """A value in one short line: what a dataclass has beside its defaults."""
    match value:
        case Enum():
            return str(value.value)
        case Unit() | HandOff():
            return value.id
        case Round() | date() | datetime() | timedelta():
            return str(value)
        case Finding():
            place = value.cell or value.row or value.sheet or "-"
            said = mark((value.message, value.remedy, value.value, value.file))
            return f"{value.code}@{place}!{value.severity.value[0]}{said}"
        case ListedChild():
            return f"{value.name}~{mark(_parts(value))}"
        case Mapping():
            return "{" + ", ".join(f"{told(k)}: {told(v)}" for k, v in value.items()) + "}"
        case AbstractSet():
            return "{" + ", ".join(sorted(told(one) for one in value)) + "}"
        case str():
            return value.replace("\n", "⏎").replace("\r", "␍")
        case Sequence():
            return "[" + ", ".join(told(one) for one in value) + "]"
        case _ if is_dataclass(value):
            return f"{type(value).__name__}({_parts(value)})"
        case _:
            return repr(value)


def _parts(value: Any) -> str:
    parts = []
    for one in fields(value):
        part = getattr(value, one.name)
        default = one.default
        if default is MISSING and one.default_factory is not MISSING:
            default = one.default_factory()
        if part != default and one.compare:
            parts.append(f"{one.name}={told(part)}")
    return ", ".join(parts)
