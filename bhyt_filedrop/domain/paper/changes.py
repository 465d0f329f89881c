"""The sheet "Thay đổi so với bản trước" that a new version of a list carries.

Its columns are none that a form has, and recognition passes the sheet over by its name, so a kit
that comes back with it is no other list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bhyt_filedrop.domain.derive.changes import TOLD, Changed, Changes, changes
from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import birth_text, unit_name
from bhyt_filedrop.domain.paper.layout import Row, SheetLayout
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units

SHEET = "Thay đổi so với bản trước"

_COLUMNS = (
    PrintColumn("number", ("STT",), None, 6, "center"),
    PrintColumn("what", ("Thay đổi",), None, 12, "center"),
    PrintColumn("who", ("Trẻ",), None, 30),
    PrintColumn("born", ("Sinh ngày",), None, 13, "center"),
    PrintColumn("place", ("Địa bàn",), None, 30),
    PrintColumn("detail", ("Nội dung",), None, 70),
)
_SEXES = {"nam": "Nam", "nu": "Nữ"}


def changes_sheet(
    before: Sequence[ListedChild], after: Sequence[ListedChild], round: Round, units: Units
) -> tuple[SheetLayout, ...]:
    """Return the sheet of what changed; none for a first version or where nothing did."""
    found = changes(before, after) if before else Changes()
    if not found:
        return ()
    line = (
        f"Thêm {len(found.added)} trẻ, bớt {len(found.removed)} trẻ, "
        f"sửa thông tin {len(found.changed)} trẻ. Bản này thay cho bản đã gửi trước đây."
    )
    rows = tuple(_rows(found, units))
    titles = ("THAY ĐỔI SO VỚI BẢN TRƯỚC",)
    return (lay_out_table(PrintTable(SHEET, titles, _COLUMNS, rows, round, notes=(line,))),)


def _rows(found: Changes, units: Units) -> Iterator[Row]:
    for child in found.added:
        yield {**_who(child, units), "what": "Thêm", "detail": "Trẻ mới có trong bản này."}
    for child in found.removed:
        yield {**_who(child, units), "what": "Bớt", "detail": "Trẻ không còn trong danh sách."}
    for one in found.changed:
        detail = "; ".join(_change(one, name) for name in one.fields)
        yield {**_who(one.after, units), "what": "Sửa", "detail": detail}


def _who(child: ListedChild, units: Units) -> dict[str, str]:
    unit = units.by_id.get(child.ward) or units.by_id.get(child.district)
    place = units.full_name(unit) if unit else unit_name(child.district, units)
    return {"who": child.name, "born": birth_text(child.birth), "place": place}


def _change(one: Changed, name: str) -> str:
    old, new = (_shown(child, name) for child in (one.before, one.after))
    return f"{TOLD[name]}: {old} → {new}"


def _shown(child: ListedChild, name: str) -> str:
    value = str(getattr(child, name))
    if name == "birth":
        value = birth_text(value)
    return _SEXES.get(value, value) or "(trống)"
