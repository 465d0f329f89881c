"""Drop ids, and where a claimed drop lies: `D150518-7K3FQA` in the work area of its tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import sha256

from bhyt_filedrop.domain.process.calendar import local_day

OURS = ".bhyt-filedrop"
"""The one folder at the root of every tree that is the product's own."""

WORK = f"{OURS}/work"
"""The private work area at the root of every tree; a claim is one rename into it."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0/O, 1/I: an id is read out on the telephone."""

_LETTERS = 6


def new_id(at: datetime, choose: Callable[[str], str]) -> str:
    """Return an id that no drop has: short, sorted by day, readable on the telephone.

    `choose` picks one character by chance (the core has no chance of its own).
    """
    return _id(at, new_mark(choose))


def new_mark(choose: Callable[[str], str]) -> str:
    """Return letters as in an id, for what is no drop yet."""
    return "".join(choose(ALPHABET) for _ in range(_LETTERS))


def repeatable_id(at: datetime, cause: str) -> str:
    """Return an id like any drop's, but always the same for one cause on one day: of two people
    who do the same at once, only one writes it down."""
    number = int(sha256(cause.encode()).hexdigest(), 16)
    base = len(ALPHABET)
    return _id(at, (ALPHABET[number // base**n % base] for n in range(_LETTERS)))


def work_path(drop: str) -> str:
    """Return where the bytes of a claimed drop lie until its plan is carried out, within its
    tree."""
    return f"{WORK}/{drop}"


def day_of_id(drop: str) -> date | None:
    """Return the day that an id tells, None where it tells none."""
    try:
        return datetime.strptime(drop[1:7], "%y%m%d").date()
    except ValueError:
        return None


def _id(at: datetime, letters: Iterable[str]) -> str:
    return f"D{local_day(at):%y%m%d}-{''.join(letters)}"
