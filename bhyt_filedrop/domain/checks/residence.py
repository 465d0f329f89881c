"""Checks on where the child lives, and on the reason why it gets no card."""

from __future__ import annotations

from collections.abc import Iterator

from bhyt_filedrop.domain.cells.text import fold, uncapitalised
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child
from bhyt_filedrop.domain.places.gazetteer import Placed, says_outside
from bhyt_filedrop.domain.process.child_codes import split_code
from bhyt_filedrop.domain.process.kinds import Level
from bhyt_filedrop.domain.process.units import Unit, Units

_ADDRESS = ("address", "ward", "district")


def address_field(child: Child) -> str:
    """Return the field that stands for the address: its own column, else the first split one."""
    return next((name for name in _ADDRESS if child.has_column(name)), "address")


def place_of(child: Child, context: Context) -> Placed:
    """Return where a child lives.

    A ward that only its own district makes unique ("Phường 5") is read as lying in the district
    whose list this is; an address that names a district never is.
    """
    placed = context.gazetteer.place_parts(
        child.text("ward"), child.text("district"), child.text("city"), child.text("address")
    )
    if placed.how != "ambiguous" or context.place_unit is None:
        return placed
    return _within(child.address, context, context.place_unit) or placed


def _within(address: str, context: Context, unit: Unit) -> Placed | None:
    area = context.units.by_id.get(unit.parent, unit)
    if context.units.kind_of(area).level != "district":
        return _of_an_office(context.gazetteer.place(address), area, context)
    placed = context.gazetteer.place(f"{address}, {area.name}")
    return placed if placed.ward else None


def _of_an_office(placed: Placed, area: Unit, context: Context) -> Placed | None:
    """The one of several wards that an office without a name in addresses is there for."""
    own = [ward for ward in placed.candidates if context.units[ward].parent == area.id]
    return Placed(own[0], area.id, "ward") if len(own) == 1 else None


def _column(units: Units, level: Level) -> str:
    """How one part of an address is called: `phường/xã`; "" where the city has none."""
    heads = [units.kind_of(unit).column for unit in units.of_level(level)[:1]]
    return "".join(map(uncapitalised, heads))


def _parts_of_an_address(units: Units) -> str:
    return " và ".join(filter(None, (_column(units, "ward"), _column(units, "district"))))


def _say_where(units: Units) -> str:
    example = f", ví dụ: {units.example}" if units.example else ""
    return f"Ghi rõ {_parts_of_an_address(units)}{example}."


def _has_address(child: Child) -> bool:
    names = [name for name in _ADDRESS if child.has_column(name)]
    return bool(names) and child.broken.isdisjoint(names)


@check("row.address-missing", "row.address-unplaced", "row.address-elsewhere", when=_has_address)
def address_lies_in_the_area(child: Child, context: Context) -> Iterator[Finding]:
    """The list is split by ward, so every address must name one, and one of the right district."""
    if not any(map(str.isalnum, child.address)):
        if child.form.rules.address:
            yield child.finding(
                "row.address-missing",
                address_field(child),
                "Chưa ghi địa chỉ.",
                f"Ghi địa chỉ nơi trẻ cư trú, có {_parts_of_an_address(context.units)}.",
            )
        return
    if child.section and child.section.outside_city:
        return
    if says_outside(child.text("ward"), child.text("district")):
        return
    placed = place_of(child, context)
    area = context.place_unit
    if area and _is_elsewhere(placed, area):
        yield _elsewhere(child, placed, area, context)
    elif not placed.ward:
        yield child.finding(
            "row.address-unplaced",
            address_field(child),
            f"Không xác định được {_column(context.units, 'ward')} từ địa chỉ. "
            f"{placed.choice(context.units)}".strip(),
            _say_where(context.units),
        )


def _is_elsewhere(placed: Placed, area: Unit) -> bool:
    """True where an address clearly lies in another district (another ward where there are none).

    Another ward of the same district is no fault: families move, and the district tells them apart.
    """
    if placed.how == "elsewhere":
        return True
    if placed.district:
        return placed.district != (area.parent or area.id)
    return bool(placed.ward) and not area.parent and placed.ward != area.id


_NOT_OURS = "Kiểm tra lại địa chỉ; nếu đúng thì bỏ trẻ khỏi danh sách này và báo nơi gửi danh sách."
_MOVED_AWAY = (
    "Kiểm tra lại địa chỉ; nếu trẻ đã chuyển đi thì để địa chỉ như danh sách đã gửi và ghi nơi "
    "chuyển đến vào cột Ghi chú."
)
"""A return has to hold every child that was sent (1331/BHXH-THU, 5.2.4)."""


def _elsewhere(child: Child, placed: Placed, area: Unit, context: Context) -> Finding:
    there = context.units.by_id.get(placed.district or placed.ward)
    own = context.units.by_id.get(area.parent, area)
    return child.finding(
        "row.address-elsewhere",
        address_field(child),
        f"Địa chỉ thuộc {there.name if there else 'tỉnh, thành khác'}, không thuộc {own.name}.",
        _MOVED_AWAY if context.is_answer else _NOT_OURS,
    )


def _needs_reason(child: Child) -> bool:
    if child.form.rules.answered:
        return child.answer == "uncarded"
    return child.section is not None and child.section.reason_required


@check("row.reason-missing", reads=("note",), when=_needs_reason)
def reason_is_given(child: Child, context: Context) -> Iterator[Finding]:
    """1331/BHXH-THU 5.2.4: a child without basis for a card needs its reason in Ghi chú."""
    if not fold(split_code(child.text("note"))[1]):
        yield child.finding(
            "row.reason-missing",
            "note",
            "Chưa ghi lý do không đủ cơ sở cấp thẻ.",
            "Ghi rõ lý do vào cột Ghi chú rồi nộp lại tệp.",
        )
