"""A smaller cast for a played quarter: some districts with some of their wards, by the seed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from random import Random

FEWEST = 6
"""The play needs so many districts: one that is wrong at first, three late ones, one that amends,
and one that is none of these."""

WARDS = 9
"""So many wards of a district stay at most."""

_ANYWHERE = ("trong thành phố", "ngoài thành phố")
"""What an alias may mean beside a unit."""


def make_smaller(config: Path, districts: int, seed: int) -> None:
    """Leave a site so many districts, and of each at most `WARDS` wards.

    Raises ValueError for fewer districts than the play needs.
    """
    if districts < FEWEST:
        raise ValueError(f"a quarter needs {FEWEST} districts at least")
    table = config / "units.csv"
    rows = _read(table)
    kept = _choose(rows, districts, Random(f"{seed}/cast"))
    left = [row for row in rows if row["kind"] == "city" or row["id"] in kept]
    _write(table, left)
    names = {row["name"] for row in left}
    old = config / "old-places.csv"
    if old.exists():
        _write(old, _read(old)[:0], list(_read(old)[0]))
    aliases = config / "place-aliases.csv"
    known = _read(aliases)
    _write(aliases, [row for row in known if _means_known(row, names)], list(known[0]))


def _choose(rows: Iterable[dict[str, str]], districts: int, rng: Random) -> set[str]:
    by_kind: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    chosen = {row["id"] for row in rng.sample(by_kind["district"], districts)}
    wards: set[str] = set()
    for district in sorted(chosen):
        own = [row["id"] for row in by_kind["ward"] if row["parent"] == district]
        wards |= set(rng.sample(own, min(WARDS, len(own))))
    return chosen | wards


def _means_known(alias: dict[str, str], names: set[str]) -> bool:
    """A spelling of a unit that does not play would be a mistake in the configuration."""
    spelling, means = alias["alias"], alias["meaning"]
    parts = [*spelling.split(",")[1:], *(p for one in means.split("|") for p in one.split(","))]
    return all(part.strip() in names or part.strip() in _ANYWHERE for part in parts)


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(file: Path, rows: list[dict[str, str]], head: list[str] | None = None) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, head or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
