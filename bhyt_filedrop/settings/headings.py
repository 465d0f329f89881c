"""`headings.toml`: how people write the heading of each field, said once for all forms.

A form that names groups of it (`headings = ["d03-ts", "lists"]`) need not write `headers` at its
columns; one that names none has all its headings in itself. What a site's own file leaves out, or
a site without the file, is taken from what ships, so that a newly shipped form is understood there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bhyt_filedrop import resources
from bhyt_filedrop.settings import layers
from bhyt_filedrop.settings.reading import Gathered, read_toml, validated

FILE = "headings.toml"

Spellings = tuple[str, ...]
Headings = Mapping[str, Mapping[str, Spellings | Mapping[str, Spellings]]]
"""Group → field → its spellings, or those of each kind of column that the field may have."""

_CHECK = TypeAdapter(dict[str, dict[str, Spellings | dict[str, Spellings]]]).validate_python


def read(config_dir: Path, found: Gathered) -> Headings:
    """Read the site's headings over the shipped ones."""
    shipped = _read(resources.config_dir(), found)
    own = shipped if config_dir == resources.config_dir() else _read(config_dir, found)
    return {group: {**shipped.get(group, {}), **own.get(group, {})} for group in {**shipped, **own}}


def _read(folder: Path, found: Gathered) -> Headings:
    data = read_toml(layers.find(folder, FILE), found)
    return (data and validated(_CHECK, data, FILE, found)) or {}


def fill(form: dict[str, Any], headings: Headings, file: str, found: Gathered) -> None:
    """Give each column of a parsed form that has no `headers` those of the groups that it names."""
    groups = form.pop("headings", None)
    if groups is None:
        return
    if not isinstance(groups, list) or not all(isinstance(name, str) for name in groups):
        found.add(file, "headings", groups, "phải là danh sách tên nhóm, đặt trong [ ]")
        return
    for name in groups:
        if name not in headings:
            near = difflib.get_close_matches(name, list(headings), 1)
            hint = f"; có phải là {near[0]}?" if near else ""
            found.add(file, "headings", name, f"{FILE} không có nhóm này{hint}")
    columns = form.get("columns")
    for column in columns if isinstance(columns, list) else ():
        if isinstance(column, dict) and "headers" not in column:
            column["headers"] = _of(column, [headings.get(name, {}) for name in groups])


def _of(
    column: Mapping[str, Any], groups: Sequence[Mapping[str, Spellings | Mapping[str, Spellings]]]
) -> Spellings:
    """What the first group that knows the field, in this kind, says of it."""
    for group in groups:
        said = group.get(str(column.get("field")))
        if isinstance(said, Mapping):
            said = said.get(str(column.get("kind", "text")))
        if said is not None:
            return said
    return ()
