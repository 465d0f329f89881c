"""A reorganisation: makes a site's units and those of a shipped city one table, with their days.

The old units close on the eve, the new ones begin on the day; which follows which is read from the
city's table of old places, and from the wards of a district for the district. What the old kinds
were called, and where their folders lie, is kept as an earlier time of `city.toml`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bhyt_filedrop.domain.places.old import OldWard
from bhyt_filedrop.domain.places.tokens import words_of
from bhyt_filedrop.domain.process.handoffs import FolderRule
from bhyt_filedrop.domain.process.kinds import UnitKind
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings import Settings, city_file, load, tables, units_file
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.site.lay_out import SiteError, files_of
from bhyt_filedrop.site.unit_book import csv_of
from bhyt_filedrop.whole_files import write_whole

_TAKEN = (units_file.FILE, city_file.FILE, tables.OLD_PLACES, tables.ALIASES)
"""The files of the site that become those of the new city."""


@dataclass(frozen=True, slots=True)
class Reorganised:
    """What became of the units: how many close, begin and go on, and which of the closed ones have
    no successor that is known."""

    units: Units
    closed: tuple[Unit, ...]
    begun: tuple[Unit, ...]
    going_on: tuple[Unit, ...]
    without_successor: tuple[Unit, ...]


def reorganise(config_dir: Path, city: str, on: date, *, dry_run: bool = False) -> Reorganised:
    """Let a shipped city take the place of a site's on a day; what was there stays beside it as
    `*.bak`.

    Raises SiteError where the site is that city's already, ConfigError, and changes nothing, where
    the configuration is bad or would be.
    """
    old, shipped = load(config_dir), files_of(city)
    if old.city == city:
        raise SiteError(f"{config_dir} đã là cấu hình {city}")
    new = _shipped_units(shipped)
    made = _join(old.units, new, tables.read_old_places(shipped[city_file.FILE].parent, new,
                                                           Gathered()).wards, on)  # fmt: skip
    with TemporaryDirectory() as scratch:
        tried = Path(scratch) / "config"
        shutil.copytree(config_dir, tried)
        for name in _TAKEN:
            if name in shipped:
                (tried / name).write_bytes(shipped[name].read_bytes())
        (tried / units_file.FILE).write_bytes(csv_of(made.units))
        with (tried / city_file.FILE).open("a", encoding="utf-8") as file:
            file.write("\n".join(_earlier(old, made.closed, on)))
        load(tried)
        if not dry_run:
            for name in _TAKEN:
                _put(tried / name, config_dir / name)
    return made


def _put(made: Path, target: Path) -> None:
    if made.exists():
        if target.exists():
            write_whole(target.with_name(f"{target.name}.bak"), target.read_bytes())
        write_whole(target, made.read_bytes())


def _shipped_units(shipped: Mapping[str, Path]) -> Units:
    units = units_file.read_table(shipped[units_file.FILE], Gathered())
    assert units is not None  # it ships, and a test loads it
    return units


# --- who follows whom ----------------------------------------------------------------------------


def _join(old: Units, new: Units, places: Iterable[OldWard], on: date) -> Reorganised:
    eve = on - timedelta(days=1)
    there = {unit.id for unit in old.at(on)}
    follows = _successors(old, new, places)
    going_on = [_going_on(old[unit.id], unit) for unit in new if unit.id in there]
    begun = [replace(unit, valid_from=on) for unit in new if unit.id not in old]
    closed = [
        replace(unit, valid_to=eve, successors=follows.get(unit.id, ()))
        for unit in old.everybody
        if unit.id in there and unit.id not in new
    ]
    before = [unit for unit in old.everybody if unit.id not in there]
    every = Units.of([*going_on, *closed, *before, *begun])
    alone = [unit for unit in closed if not unit.successors]
    return Reorganised(every, tuple(closed), tuple(begun), tuple(going_on), tuple(alone))


def _going_on(old: Unit, new: Unit) -> Unit:
    """An office that only has another name now: its folder, addresses and days stay."""
    return replace(
        new,
        folder=old.folder or old.name,
        email=old.email or new.email,
        phone=old.phone or new.phone,
        valid_from=old.valid_from,
        valid_to=old.valid_to,
    )


def _successors(old: Units, new: Units, places: Iterable[OldWard]) -> Mapping[str, tuple[str, ...]]:
    now: dict[tuple[tuple[str, ...], tuple[str, ...]], set[str]] = {}
    for ward in (ward for ward in places if ward.name):
        for district in (ward.district, *ward.within):
            now.setdefault((words_of(district), words_of(ward.name)), set()).update(ward.now)
    found: dict[str, set[str]] = {}
    for unit in (unit for unit in old.everybody if unit.parent in old):
        place = words_of(old[unit.parent].name), words_of(unit.name)
        found[unit.id] = {id_ for id_ in now.get(place, ()) if new[id_].kind == unit.kind}
        above = {new[id_].parent for id_ in found[unit.id]} & new.by_id.keys()
        same = {id_ for id_ in above if new[id_].kind == old[unit.parent].kind}
        found.setdefault(unit.parent, set()).update(same)
    return {unit: tuple(new.in_order(ids)) for unit, ids in found.items()}


# --- what held before ----------------------------------------------------------------------------


def _earlier(old: Settings, closed: Iterable[Unit], on: date) -> Iterator[str]:
    """The lines of `city.toml` on the times before, those that the site knew already first."""
    yield from ("", "# Trước lần sắp xếp: loại đơn vị và thư mục của các đơn vị đã giải thể.", "")
    folders = {time.until: time.folders for time in old.process.earlier}
    for time in old.units.earlier:
        yield from _time(time.until, time.kinds, folders.get(time.until, {}))
    kinds = {unit.kind: old.units.kind_of(unit) for unit in closed}
    rules = {kind: rule for kind in kinds if (rule := old.process.folders_of("", kind))}
    yield from _time(on - timedelta(days=1), kinds, rules)


def _time(
    until: date, kinds: Mapping[str, UnitKind], folders: Mapping[str, FolderRule]
) -> Iterator[str]:
    yield from ("[[earlier]]", f"until = {until}", "")
    for kind, one in kinds.items():
        yield from _table(f"earlier.kinds.{kind}", _values_of(one, UnitKind()))
    plain = FolderRule(kind="", drop="", inbox="", received="", returned="")
    for kind, rule in folders.items():
        said = _values_of(rule, plain)
        own = {key: value for key, value in said.items() if key not in ("kind", "access")}
        yield from _table(f"earlier.folders.{kind}", own)


def _values_of(one: UnitKind | FolderRule, plain: UnitKind | FolderRule) -> dict[str, object]:
    """What a value says that is not its default."""
    told = {key.name: getattr(one, key.name) for key in fields(one)}
    return {name: value for name, value in told.items() if value != getattr(plain, name)}


def _table(name: str, said: Mapping[str, object]) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in said.items():
        yield f"{key} = {_written(value)}"
    yield ""


def _written(value: object) -> str:
    """A value as TOML writes it; a JSON string is one of TOML too."""
    if is_dataclass(value) and not isinstance(value, type):
        return _written(asdict(value))
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
