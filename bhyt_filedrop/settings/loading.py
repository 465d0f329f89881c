"""`config/` → Settings, or every problem of every file at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bhyt_filedrop.domain.places.in_time import wrong_aliases
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces
from bhyt_filedrop.domain.process.days_off import overrides
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import (
    city_file,
    layers,
    machine,
    process_file,
    references,
    tables,
    units_file,
)
from bhyt_filedrop.settings.problems import ConfigError, Problem
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.values import Settings


def load(config_dir: Path, units: Units | None = None) -> Settings:
    """Read and check the whole configuration; nothing is made or changed on disk.

    `units` stand in for those of `units.csv`, to see whether they would fit. Raises ConfigError
    with all problems: each file's own and, where the files could be read, those between them.
    """
    if not config_dir.is_dir():
        raise ConfigError([Problem(str(config_dir), "", "", "không có thư mục cấu hình này")])
    found = Gathered()
    forms = tables.read_forms(config_dir, found)
    sound = not found.problems
    units = units_file.read(config_dir, found) if units is None else units
    whole = len(found.problems)
    city = city_file.read(config_dir, found)
    city_is_sound = len(found.problems) == whole
    declared = process_file.read(config_dir, city, forms, found)
    local = machine.read(config_dir, found)
    aliases = tables.read_aliases(config_dir, found)
    facilities = tables.read_facilities(config_dir, found)
    holidays = tables.read_holidays(config_dir, found)
    for key, message in overrides(holidays)[1]:
        found.add(tables.HOLIDAYS, key, None, message)
    old = NOTHING_OLD
    if units is not None:
        units = replace(
            units,
            kinds=city.kinds,
            earlier=city.earlier_kinds,
            sources=city.sources,
            entitlement=city.entitlement,
            numbers=city.numbers,
            example=city.example,
        )
        ward, office = units.columns
        forms = tuple(form.in_words(ward, office) for form in forms)
        old = tables.read_old_places(config_dir, units, found)
        found.extend(_wrong_aliases(units, aliases, old))
    if declared is not None and units is not None and local is not None:
        between = references.wrong(declared, units, forms if sound else None, local.trees)
        if not city_is_sound:  # what follows from that is told already
            between = (one for one in between if one.file != city_file.FILE)
        found.extend(process_file.unsaid(between, declared.amiss))
    if found.problems or declared is None or units is None or local is None:
        raise ConfigError(city_file.rightly_named(found.problems, city))
    return Settings(
        config_dir=config_dir.absolute(),
        city=city.id,
        state_dir=local.state_dir,
        process=declared.process,
        units=replace(units, authority=declared.process.authority),
        forms=forms,
        trees=local.trees,
        ledger_url=local.ledger_url,
        ledger_workers=local.ledger_workers,
        mail=local.mail,
        sweep=local.sweep,
        limits=local.limits,
        scan=local.scan,
        register=local.register,
        web=local.web,
        archive=local.archive,
        log=local.log,
        aliases=aliases,
        old_places=old,
        facilities=facilities,
        holidays=holidays,
        also_open=local.also_open,
        first_round=local.first_round,
    )


def _wrong_aliases(units: Units, aliases: Mapping[str, str], old: OldPlaces) -> Iterator[Problem]:
    """What `Gazetteer.of` would raise on, one after the other, all at once. A line without a
    meaning has been told already."""
    given = {alias: meaning for alias, meaning in aliases.items() if meaning}
    for alias, message in wrong_aliases(units, given, old).items():
        yield Problem(tables.ALIASES, alias, given[alias], message)


def fingerprint(config_dir: Path) -> str:
    """Return a digest of every configuration file, to see that something changed.

    A file that cannot be read counts by its name alone: `load` says what is wrong with it.
    """
    digest = hashlib.sha256()
    for name, path in layers.files(*layers.of(config_dir)).items():
        digest.update(name.encode() + b"\0")
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            digest.update(b"unreadable")
    return digest.hexdigest()
