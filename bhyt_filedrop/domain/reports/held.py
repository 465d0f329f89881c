"""What is held of children and who received it: of one child, and of all that were exposed.

These two reports name children, and no other does: the one answers a parent's question, the other
is the ground of the notice that a breach of personal data asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reports.model import (
    Figure,
    Line,
    Report,
    ReportColumn,
    ReportTable,
    Value,
)
from bhyt_filedrop.domain.words import LIST_STATES


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One child in one list that the ledger keeps. `person` names the child across lists."""

    record: ListRecord
    child: ListedChild
    person: str


@dataclass(frozen=True, slots=True)
class HandedOut:
    """Something of one drop that somebody received: a file in a folder, a letter, a page that was
    opened. `unit` is whose it is, `what` the path, address or account, `at` aware."""

    drop: str
    how: str
    unit: str
    what: str
    at: datetime


HOW: Mapping[str, str] = {"file": "tệp trong thư mục", "letter": "thư", "page": "xem trên trang"}

_DATA: Mapping[str, tuple[str, int]] = {
    "name": ("Họ tên", 26),
    "birth": ("Ngày sinh", 12),
    "sex": ("Giới tính", 9),
    "parent": ("Cha, mẹ, người giám hộ", 26),
    "id_number": ("Số định danh", 15),
    "address": ("Địa chỉ", 40),
    "card": ("Số thẻ", 17),
    "code": ("Mã đối chiếu", 14),
    "facility": ("Mã nơi KCB", 11),
    "facility_name": ("Nơi KCB", 26),
    "note": ("Ghi chú", 26),
    "status": ("Kết quả", 20),
    "costs": ("Chi phí (đồng)", 30),
}
"""What of a child is personal data, as it is called on paper."""


def person_report(
    held: Sequence[HeldRow], handed: Iterable[HandedOut], units: Units, made_at: datetime
) -> Report:
    """Return all that is held of one child: its data in each list, and who received these."""
    drops = {one.record.drop for one in held}
    lists = tuple(_list_line(one, units) | _data_line(one.child) for one in held)
    received = tuple(_handed_line(one, units) for one in handed)
    return Report(
        "person",
        "Dữ liệu đang lưu về một trẻ",
        f"{len(held)} dòng trong {len(drops)} tệp đã nhận",
        made_at,
        (
            Figure("rows", "Số dòng", len(held)),
            Figure("drops", "Số tệp", len(drops)),
            Figure("receivers", "Nơi đã nhận", len({one["unit_id"] for one in received})),
        ),
        (
            ReportTable(
                "lists",
                "Danh sách",
                "Trẻ có trong những danh sách nào, với dữ liệu gì",
                (*_LIST_COLUMNS, *_DATA_COLUMNS),
                lists,
                note="Tệp gốc nằm trong kho lưu dưới mã tệp nộp; bhyt-filedrop show MÃ cho biết "
                "thêm.",
                empty="Không có dòng nào.",
            ),
            _receivers(received),
        ),
    )


def exposure_report(
    held: Sequence[HeldRow],
    handed: Sequence[HandedOut],
    units: Units,
    made_at: datetime,
    scope: str,
) -> Report:
    """Return whose data stood in some files, which fields, and who received them; `scope` says in
    words which files are meant."""
    persons: dict[str, list[HeldRow]] = {}
    for one in held:
        persons.setdefault(one.person, []).append(one)
    received = tuple(_handed_line(one, units) for one in handed)
    return Report(
        "exposure",
        "Dữ liệu của những ai có thể đã lộ",
        scope,
        made_at,
        (
            Figure("children", "Số trẻ", len(persons), tone="bad"),
            Figure("rows", "Số dòng", len(held)),
            Figure("drops", "Số tệp", len({one.record.drop for one in held})),
            Figure("receivers", "Nơi đã nhận", len({one["unit_id"] for one in received})),
        ),
        (_fields(held), _files(held, units), _receivers(received), _children(persons, units)),
        about=(
            "Dùng để soạn thông báo vi phạm quy định bảo vệ dữ liệu cá nhân; không phải ý kiến "
            "pháp lý.",
        ),
    )


_LIST_COLUMNS = (
    ReportColumn("round", "Đợt", width=10),
    ReportColumn("sender", "Nơi gửi", width=24),
    ReportColumn("receiver", "Nơi nhận", width=24),
    ReportColumn("state", "Trạng thái", width=16),
    ReportColumn("at", "Lúc", "moment", 16),
    ReportColumn("drop", "Mã tệp nộp", width=16),
    ReportColumn("form", "Mẫu", width=12),
    ReportColumn("cell", "Ô", width=10),
)
_DATA_COLUMNS = tuple(
    ReportColumn(key, title, width=width) for key, (title, width) in _DATA.items()
)


def _list_line(one: HeldRow, units: Units) -> dict[str, Value]:
    record, key = one.record, one.record.key
    return {
        "round": str(key.round),
        "sender": _called(key.sender, units),
        "receiver": _called(key.receiver, units),
        "state": capitalised(LIST_STATES[ListState(record.state)]),
        "at": record.at,
        "drop": record.drop,
        "form": record.form,
        "cell": f"{one.child.sheet}!{one.child.cell}" if one.child.cell else "",
    }


def _data_line(child: ListedChild) -> dict[str, Value]:
    found = {field.name: getattr(child, field.name) for field in fields(ListedChild)}
    costs = "; ".join(f"{name} {amount}" for name, amount in child.costs.items())
    return {key: found[key] for key in _DATA} | {"costs": costs}


def _handed_line(one: HandedOut, units: Units) -> Line:
    return {
        "unit_id": one.unit,
        "unit": _called(one.unit, units),
        "how": HOW[one.how],
        "what": one.what,
        "drop": one.drop,
        "at": one.at,
    }


def _receivers(received: tuple[Line, ...]) -> ReportTable:
    return ReportTable(
        "receivers",
        "Nơi nhận",
        "Ai đã nhận, bằng cách nào, lúc nào",
        (
            ReportColumn("unit", "Đơn vị", width=28),
            ReportColumn("how", "Bằng cách", width=18),
            ReportColumn("what", "Ở đâu", width=60),
            ReportColumn("drop", "Mã tệp nộp", width=16),
            ReportColumn("at", "Lúc", "moment", 16),
        ),
        received,
        empty="Chưa ai nhận.",
    )


def _fields(held: Sequence[HeldRow]) -> ReportTable:
    lines = [_data_line(one.child) for one in held]
    counts = {key: sum(bool(line[key]) for line in lines) for key in _DATA}
    return ReportTable(
        "fields",
        "Loại dữ liệu",
        "Những loại dữ liệu nào, ở bao nhiêu dòng",
        (ReportColumn("field", "Dữ liệu", width=28), ReportColumn("rows", "Số dòng", "count", 12)),
        tuple({"field": _DATA[key][0], "rows": count} for key, count in counts.items() if count),
    )


def _files(held: Sequence[HeldRow], units: Units) -> ReportTable:
    lists: dict[tuple[str, int], list[HeldRow]] = {}
    for one in held:
        lists.setdefault((one.record.drop, one.record.seq), []).append(one)
    rows = tuple(
        _list_line(several[0], units) | {"cell": "", "rows": len(several)}
        for several in lists.values()
    )
    return ReportTable(
        "lists",
        "Danh sách",
        "Trong những danh sách nào",
        (*_LIST_COLUMNS[:-1], ReportColumn("rows", "Số dòng", "count", 10)),
        rows,
    )


def _children(persons: Mapping[str, Sequence[HeldRow]], units: Units) -> ReportTable:
    rows: list[Line] = []
    for several in persons.values():
        child = several[0].child
        senders = sorted({_called(one.record.key.sender, units) for one in several})
        rows.append(
            {
                "name": child.name,
                "birth": child.birth,
                "parent": child.parent,
                "address": child.address,
                "rows": len(several),
                "senders": ", ".join(senders),
            }
        )
    return ReportTable(
        "children",
        "Trẻ",
        "Dữ liệu của những trẻ nào",
        (
            *(c for c in _DATA_COLUMNS if c.key in ("name", "birth", "parent", "address")),
            ReportColumn("rows", "Số dòng", "count", 10),
            ReportColumn("senders", "Nơi gửi", width=40),
        ),
        tuple(sorted(rows, key=lambda row: (str(row["name"]), str(row["birth"])))),
    )


def _called(unit: str, units: Units) -> str:
    found = units.by_id.get(unit)
    return found.name if found else unit
