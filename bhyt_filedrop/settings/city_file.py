"""`city.toml`: what one city says of itself, over the process that all cities share.

Its `[process]` is laid over `process.toml`: a key here stands instead of the one there, a hand-off
is named by its id. A site without the file is one of the first shipped city, whose words the
product had before there were several.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, TypeAdapter

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.kinds import NAMES, EarlierKinds, UnitKind
from bhyt_filedrop.domain.process.numbers import NumberRules
from bhyt_filedrop.domain.process.sources import Sources
from bhyt_filedrop.settings import layers
from bhyt_filedrop.settings.patterns import wrong_names
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, field_names, read_toml, validated

FILE = "city.toml"
PROCESS = "process.toml"


@dataclass(frozen=True, slots=True)
class EarlierTable:
    """What held for units whose last day is `until` or before: `folders` over those of today."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    until: date
    kinds: Mapping[str, UnitKind] = field(default_factory=dict)
    folders: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CityTable:
    """The file, table by table."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]*)?$")] = ""
    name: str = ""
    example: str = ""
    kinds: Mapping[str, UnitKind] = field(default_factory=dict)
    sources: Sources = field(default_factory=Sources)
    entitlement: Entitlement = field(default_factory=Entitlement)
    numbers: NumberRules = field(default_factory=NumberRules)
    process: Mapping[str, Any] = field(default_factory=dict)
    earlier: tuple[EarlierTable, ...] = ()

    @property
    def times(self) -> tuple[EarlierTable, ...]:
        """The times before reorganisations, the oldest first."""
        return tuple(sorted(self.earlier, key=lambda one: one.until))

    @property
    def earlier_kinds(self) -> tuple[EarlierKinds, ...]:
        """What kinds were before reorganisations, the oldest first."""
        return tuple(EarlierKinds(one.until, one.kinds) for one in self.times)


_CHECK = TypeAdapter(CityTable).validate_python

KEYS = field_names(CityTable)
"""Every key of this file."""


def read(config_dir: Path, found: Gathered) -> CityTable:
    """Read the file; what is wrong with it is noted, and the rest of the configuration goes on."""
    path = layers.find(config_dir, FILE)
    if not path.exists():
        path = resources.config_dir() / FILE
    data = read_toml(path, found)
    city = (data and validated(_CHECK, data, FILE, found, KEYS)) or CityTable()
    found.extend(_wrong_words(city.kinds, "kinds"))
    for time in city.earlier:
        found.extend(_wrong_words(time.kinds, f"earlier[{time.until}].kinds"))
    found.extend(_wrong_codes(city.numbers))
    return city


def _wrong_words(kinds: Mapping[str, UnitKind], at: str) -> Iterator[Problem]:
    """Patterns that could not be filled in once a letter is written."""
    for name, kind in kinds.items():
        yield from wrong_names(FILE, f"{at}.{name}.addressed", kind.addressed, NAMES)
        for number, line in enumerate(kind.issuer, start=1):
            yield from wrong_names(FILE, f"{at}.{name}.issuer[{number}]", line, NAMES)


def _wrong_codes(numbers: NumberRules) -> Iterator[Problem]:
    try:
        re.compile(numbers.temporary)
    except re.error as err:
        wrong = f"không phải biểu thức chính quy: {err}"
        yield Problem(FILE, "numbers.temporary", numbers.temporary, wrong)


def over(process: Mapping[str, Any], city: CityTable, found: Gathered) -> dict[str, Any]:
    """Return a parsed `process.toml` with what the city says instead."""
    own = dict(city.process)
    process = {**process, "authority": _authority(process)}
    said = own.pop("handoff", {})
    data = merged(process, own)
    if not isinstance(said, Mapping):
        found.add(FILE, "process.handoff", None, "phải ghi từng bước: [process.handoff.<id>]")
        return data
    by_id = {h.get("id"): h for h in data.get("handoff", ()) if isinstance(h, dict)}
    for handoff, keys in said.items():
        if handoff in by_id and isinstance(keys, Mapping):
            by_id[handoff].update(merged(by_id[handoff], keys))
        else:
            near = difflib.get_close_matches(handoff, [str(i) for i in by_id], 1)
            hint = f"; có phải là {near[0]}?" if near else ""
            found.add(FILE, f"process.handoff.{handoff}", None, f"không có bước chuyển này{hint}")
    return data


def _authority(process: Mapping[str, Any]) -> Any:
    """What a process leaves out of its authority is that of the process that ships."""
    said = process.get("authority", {})
    if not isinstance(said, Mapping):
        return said
    shipped = read_toml(resources.shipped("config") / PROCESS, Gathered()) or {}
    return merged(shipped.get("authority", {}), said)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the keys of another laid over its own, table by table."""
    data = copy.deepcopy(dict(below))
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(data.get(key), Mapping)
        data[key] = merged(data[key], value) if both else copy.deepcopy(value)
    return data


def rightly_named(problems: Iterable[Problem], city: CityTable) -> Iterator[Problem]:
    """Say `city.toml` of a problem of `process.toml` whose key the city itself wrote."""
    said = set(_keys(city.process, ""))
    for problem in problems:
        own = problem.file == PROCESS and problem.key in said
        yield replace(problem, file=FILE, key=f"process.{problem.key}") if own else problem


def _keys(table: Mapping[str, Any], at: str) -> Iterator[str]:
    """Every key of the table, as problems name them: `folders.ward.drop`, `handoff[x].due.day`."""
    for key, value in table.items():
        place = f"handoff[{key}]" if at == "handoff" else f"{at}.{key}" if at else key
        yield place
        if isinstance(value, Mapping):
            yield from _keys(value, place)
