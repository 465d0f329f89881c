"""The units as a whole: who is declared and who is not, contacts, and the table as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from bhyt_filedrop.domain.access.accounts import AccountRole
from bhyt_filedrop.domain.process.file_names import fit, legible, split_ending
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused
from bhyt_filedrop.site.strays import WHAT_OF_NOBODYS, folders_of_nobody
from bhyt_filedrop.site.unit_book import xlsx_of
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.links import path_to
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.pages.acts import reason_of
from bhyt_filedrop.web.pages.excel import XLSX
from bhyt_filedrop.web.parcels import Parcel
from bhyt_filedrop.web.rendering import go, not_found, problem, show

ABOUT = "unit-table"
"""What a parcel with a table of units is about."""

MAX_TABLE = 4 * 2**20
"""Bytes of a table of units: the whole city takes 30 kB."""

_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class StrayFolder:
    """A folder that looks like a unit's and is none's, and how many files lie in it unseen."""

    tree: str
    path: str
    files: int


def units_page(asked: Asking) -> Response:
    """Show whom the table lacks, who has no address, and the way to change the table."""
    units = asked.office.world.units
    known = {one.id for one in units.everybody}
    without = [one for one in asked.sight.visible() if not one.email]
    return show(
        asked,
        "units.html.j2",
        strays=list(_strays(asked)),
        what_of_strays=WHAT_OF_NOBODYS,
        undeclared=sorted(one for one in asked.office.units_seen() - known if one),
        without=[(one.id, units.full_name(one)) for one in without],
        count=len(units.by_id),
        may_change=asked.who.role is AccountRole.ADMIN,
        can_write=asked.office.unit_acts.can_write,
        done=asked.query.get("done", ""),
    )


def _strays(asked: Asking) -> Iterator[StrayFolder]:
    settings = asked.office.settings
    for tree in (one for one in settings.trees if one.is_local):
        for folder in folders_of_nobody(settings, tree):
            yield StrayFolder(tree.id, legible(folder), _count_files(Path(tree.root, folder)))


def _count_files(folder: Path) -> int:
    """How many files lie below a folder; no more are counted than anybody wants to know."""
    found = 0
    for one in folder.rglob("*"):
        found += one.is_file()
        if found >= _COUNTED:
            break
    return found


def unit_table(asked: Asking) -> Response:
    """Hand out the table of units as a workbook."""
    named = {"Content-Disposition": 'attachment; filename="units.xlsx"'}
    return Response(xlsx_of(asked.office.world.units), media_type=XLSX, headers=named)


def take_table(asked: Asking) -> Response:
    """Take a table of units in, to be looked at before it counts."""
    given = [one for one in asked.files if one.name]
    if len(given) != 1 or not 0 < given[0].size <= MAX_TABLE:
        text = say("Chọn một tệp bảng đơn vị.", "Choose one file, a table of units.")
        return problem(asked, 400, text)
    try:
        parcel = asked.office.parcels.keep(asked.token, ABOUT, given, lambda name: name)
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    except OSError:
        return problem(asked, 503, say("Máy chủ không còn chỗ lưu tệp.", "The disk is full."))
    return go(path_to("unit-table", parcel.id))


def preview_page(asked: Asking) -> Response:
    """Show line by line what a table would change."""
    parcel = _parcel(asked)
    if parcel is None:
        return not_found(asked)
    acts = asked.office.unit_acts
    mark = acts.mark()
    try:
        seen = acts.preview(_file(parcel))
    except ActRefused as refusal:
        asked.office.parcels.drop(parcel)
        return problem(asked, 409, say(refusal.told, str(refusal)))
    return show(
        asked, "unit_preview.html.j2", parcel=parcel, seen=seen, change=seen.change, mark=mark
    )


def bring_in(asked: Asking) -> Response:
    """Put the very table in force that was looked at, or let go of it."""
    parcel = _parcel(asked)
    if parcel is None:
        return not_found(asked)
    if asked.form.get("action") == "drop":
        asked.office.parcels.drop(parcel)
        return go("/units")
    why, seen = reason_of(asked), asked.form.get("mark", "")
    try:
        asked.office.unit_acts.bring_in(_file(parcel), seen, why, asked.who.name, asked.now)
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    asked.office.parcels.drop(parcel)
    note(asked, "changed", "units")
    return go("/units?done=1")


def set_contact(asked: Asking) -> Response:
    """Change a unit's addresses and telephone."""
    unit = asked.unit
    if unit is None:
        return not_found(asked)
    typed = asked.form.get("email", "").replace(",", " ").replace(";", " ")
    why, phone = reason_of(asked), " ".join(asked.form.get("phone", "").split())
    try:
        asked.office.unit_acts.set_contact(
            unit.id, tuple(typed.split()), phone, why, asked.who.name, asked.now
        )
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    note(asked, "changed", "contact")
    return go(f"{path_to('units', unit.id)}?done=contact")


def _parcel(asked: Asking) -> Parcel | None:
    return asked.office.parcels.of(asked.token, asked.names["parcel"], ABOUT)


def _file(parcel: Parcel) -> Path:
    """The table, under a name that people know when something is wrong with it."""
    given = parcel.files[0]
    named = parcel.folder / fit(say("bảng đơn vị", "units"), split_ending(given.name)[1])
    if not named.exists():
        named.hardlink_to(parcel.shelf.path(given.sha256))
    return named
