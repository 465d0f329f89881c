"""Whose offices the units of a test are: those of the city that ships first."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load


@cache
def _shipped() -> Units:
    return load(config_dir()).units


def as_shipped(units: Units) -> Units:
    """The same units with the authority, the kinds and the sources that ship."""
    shipped = _shipped()
    return replace(shipped, by_id=units.by_id)
