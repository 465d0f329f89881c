"""A smaller cast for a played quarter: some districts with some of their wards, by the seed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from bhyt_filedrop.domain.places.names import INSIDE, OUTSIDE
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.addresses import offices
from bhyt_filedrop.simulate.quarter.roles import CannotPlay

FEWEST = 6
"""The play needs so many districts: one that is wrong at first, three late ones, one that amends,
and one that is none of these."""

WARDS = 9
"""So many wards of a district stay at most."""


def make_smaller(config: Path, districts: int, seed: int) -> None:
    """Leave a site so many districts, and of each at most `WARDS` wards.

    Raises CannotPlay where there are not so many.
    """
    table = config / "units.csv"
    rows, kinds = _read(table), load(config).units
    above = [unit.id for unit in offices(kinds)]
    if len(above) < districts:
        raise CannotPlay(f"chỉ có {len(above)} đơn vị có cấp dưới, không phải {districts}")
    kept = _choose(rows, above, districts, Random(f"{seed}/cast"))
    playing = {*above, *(ward.id for ward in kinds.of_level("ward"))}
    left = [row for row in rows if row["id"] not in playing or row["id"] in kept]
    _write(table, left)
    names = {row["name"] for row in left}
    old = config / "old-places.csv"
    if old.exists():
        _write(old, _read(old)[:0], list(_read(old)[0]))
    aliases = config / "place-aliases.csv"
    known = _read(aliases)
    _write(aliases, [row for row in known if _means_known(row, names)], list(known[0]))


def _choose(
    rows: Iterable[dict[str, str]], above: Sequence[str], districts: int, rng: Random
) -> set[str]:
    own: dict[str, list[str]] = {}
    for row in rows:
        own.setdefault(row["parent"], []).append(row["id"])
    in_file = [id_ for id_ in own[""] if id_ in above]
    chosen = set(rng.sample(in_file, districts))
    wards: set[str] = set()
    for district in sorted(chosen):
        wards |= set(rng.sample(own[district], min(WARDS, len(own[district]))))
    return chosen | wards


def _means_known(alias: dict[str, str], names: set[str]) -> bool:
    """A spelling of a unit that does not play would be a mistake in the configuration."""
    spelling, means = alias["alias"], alias["meaning"]
    parts = [*spelling.split(",")[1:], *(p for one in means.split("|") for p in one.split(","))]
    return all(part.strip() in names or part.strip() in INSIDE | OUTSIDE for part in parts)


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(file: Path, rows: list[dict[str, str]], head: list[str] | None = None) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, head or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
