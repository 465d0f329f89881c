"""The smaller files of `config/`: forms, place aliases, hospitals, holidays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeAlias

from pydantic import TypeAdapter

from bhyt_filedrop import resources
from bhyt_filedrop.domain.forms.alike import alike
from bhyt_filedrop.domain.forms.printed import Print
from bhyt_filedrop.domain.forms.spec import FormSpec, problems
from bhyt_filedrop.domain.places.old import OldPlaces, OldWard
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import headings, layers
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, read_csv, read_toml, validated

ALIASES = "place-aliases.csv"
FACILITIES = "facilities.csv"
HOLIDAYS = "holidays.toml"
OLD_PLACES = "old-places.csv"
OLD_COLUMNS = ("province", "district", "within", "ward", "earlier", "now")


def read_forms(config_dir: Path, found: Gathered) -> tuple[FormSpec, ...]:
    """Read every `forms/*.toml`, in name order; one file declares one form.

    Headings come from the form or from `headings.toml`.
    """
    check = TypeAdapter(FormSpec).validate_python
    forms: list[FormSpec] = []
    files: dict[str, str] = {}
    said = headings.read(config_dir, found)
    for file, path in layers.files(*layers.of(config_dir)).items():
        if not file.startswith(f"{layers.FORMS}/"):
            continue
        inner = Gathered()
        data = read_toml(path, inner)
        if data is not None:
            headings.fill(data, said, path.name, inner)
        form = validated(check, data, path.name, inner) if data is not None else None
        for problem in inner.problems:
            found.add(file, problem.key, problem.value, problem.message)
        if form is not None:
            files.setdefault(form.id, file)
            _keep(form, file, forms, found)
    if not forms and not found.problems:
        found.add(layers.FORMS, "", None, "chưa khai báo mẫu biểu nào")
    if not found.problems:
        found.extend(_alike(forms, files))
    return tuple(_with_shapes(forms))


Shape: TypeAlias = tuple[Print | None, str]
"""How a form is printed, and the decision that it names."""


def _with_shapes(forms: Sequence[FormSpec]) -> Iterator[FormSpec]:
    """Give an edition the printed shape of the form that it is printed as, and a form without one
    (a site's from before forms declared theirs) that of the form that ships."""
    own: dict[str, Shape] = {f.id: (f.printed, f.decision) for f in forms if f.printed}
    for form in forms:
        name = form.printed_as or form.id
        known: Shape = own.get(name) or _shipped_shapes().get(name) or (None, "")
        printed, decision = (form.printed, "") if form.printed else known
        yield replace(form, printed=printed, decision=form.decision or decision)


@cache
def _shipped_shapes() -> Mapping[str, Shape]:
    """Form id → its printed shape, of the forms that ship with one."""
    check = TypeAdapter(Print).validate_python
    folder = resources.shipped("config") / layers.FORMS
    # Three of a dozen have one; to parse them all took a seventh of reading a configuration.
    files = [path for path in sorted(folder.glob("*.toml")) if b"[printed" in path.read_bytes()]
    tables = [read_toml(path, Gathered()) or {} for path in files]
    return {t["id"]: (check(t["printed"]), t["decision"]) for t in tables if "printed" in t}


def _alike(forms: Sequence[FormSpec], files: Mapping[str, str]) -> Iterator[Problem]:
    for form, other in alike(forms):
        yield Problem(
            files[form.id],
            "titles, signs, columns",
            "",
            f"không có gì để phân biệt mẫu {form.id} với mẫu {other.id} ({files[other.id]}): hãy "
            f"ghi vào titles hay signs của mẫu {form.id} chữ chỉ mẫu này có (như số quyết định), "
            f"hoặc ghi chữ ấy vào not_titles của mẫu {other.id}, hoặc khai cột required chỉ mẫu "
            "này có",
        )


def _keep(form: FormSpec, file: str, forms: list[FormSpec], found: Gathered) -> None:
    for key, message in problems(form):
        found.add(file, key, None, message)
    if any(known.id == form.id for known in forms):
        found.add(file, "id", form.id, "hai mẫu biểu trùng mã")
    else:
        forms.append(form)


def read_aliases(config_dir: Path, found: Gathered) -> Mapping[str, str]:
    """Read how people write places: `alias,meaning`."""
    rows = read_csv(layers.find(config_dir, ALIASES), ("alias", "meaning"), found) or []
    for line, row in rows:
        if not (row.get("alias") and row.get("meaning")):
            found.add(ALIASES, f"dòng {line}", row.get("alias"), "phải ghi cả alias và meaning")
    return {row["alias"]: row.get("meaning", "") for _, row in rows if row.get("alias")}


def read_old_places(config_dir: Path, units: Units, found: Gathered) -> OldPlaces:
    """Read what became of the wards of before a reorganisation: a line an old ward, `now` the ids
    of the units that it lies in today, with `;` between."""
    rows = read_csv(layers.find(config_dir, OLD_PLACES), OLD_COLUMNS, found) or []
    wards = []
    for line, row in rows:
        for column in ("province", "district", "now"):
            if not row.get(column):
                found.add(OLD_PLACES, f"dòng {line}, cột {column}", "", "không được để trống")
        now = tuple(re.split(r"\s*;\s*", row.get("now", "")))
        for unit in now:
            if unit and unit not in units:
                found.add(OLD_PLACES, f"dòng {line}, cột now", unit, "không có đơn vị này")
        within = (row["within"],) if row.get("within") else ()
        wards.append(
            OldWard(row["province"], row.get("district", ""), row.get("ward", ""), now, within)
        )
    return OldPlaces(tuple(wards))


def read_facilities(config_dir: Path, found: Gathered) -> frozenset[str]:
    """Read the codes of hospitals: `code,name`. A zero that Excel dropped is put back."""
    rows = read_csv(layers.find(config_dir, FACILITIES), ("code",), found) or []
    codes = [(line, row["code"].upper()) for line, row in rows if row.get("code")]
    codes = [(line, code.zfill(5) if code.isdigit() else code) for line, code in codes]
    for line, code in codes:
        if not re.fullmatch(r"\d{2}[0-9A-Z]{3}", code):
            found.add(FACILITIES, f"dòng {line}, cột code", code, "mã cơ sở KCB gồm 5 ký tự")
    return frozenset(code for _, code in codes)


def read_holidays(config_dir: Path, found: Gathered) -> Mapping[str, object]:
    """Parse `holidays.toml`; what its keys mean is the calendar's own matter."""
    return read_toml(layers.find(config_dir, HOLIDAYS), found) or {}
