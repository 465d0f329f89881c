"""Units in time: what a reorganisation leaves to nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from bhyt_filedrop.doctor.checks import Check, bad, some, warn
from bhyt_filedrop.domain.process.calendar import day_text
from bhyt_filedrop.domain.process.handoffs import PARENT, Process
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import Settings


def left_to_nobody(settings: Settings, today: date) -> Iterator[Check]:
    """Tell of units that are gone and that nobody follows, and of steps that nobody takes."""
    units = settings.units
    yield from _without_successor(units, today)
    for unit_id in _named(settings.process):
        unit = units.by_id.get(unit_id)
        if unit and unit.valid_to:
            yield warn(
                "units",
                f"{unit.name} chỉ có đến {day_text(unit.valid_to)}, mà quy trình nêu tên đơn vị "
                f"này ({unit_id}).",
                "Đổi tên thì sửa cột name và giữ nguyên mã; đơn vị khác thay thì ghi mã mới vào "
                "process.toml.",
            )
    for kind in dict.fromkeys(h.sender for h in settings.process.handoffs.values()):
        if gone := _last_of(kind, units):
            yield warn(
                "units",
                f"Từ ngày {day_text(gone)} không còn đơn vị loại {kind} nào, mà quy trình có bước "
                "do loại đó nộp.",
                "Kiểm tra cột valid_from, valid_to trong units.csv, hoặc sửa process.toml.",
            )


def _without_successor(units: Units, today: date) -> Iterator[Check]:
    """What these leave undone, and what is dropped in their folders, a person has to see to."""
    alone = [u for u in units.everybody if u.is_over(today) and not units.at(today).heirs(u.id)]
    if alone:
        names = some(units.full_name(unit) for unit in alone)
        yield warn(
            "units",
            f"{len(alone)} đơn vị không còn mà chưa ghi đơn vị kế thừa: {names}.",
            "Điền cột successors trong units.csv; việc còn dở của đơn vị đó đang chờ người phân.",
        )


def _named(process: Process) -> dict[str, None]:
    """Every unit that the process names by its id."""
    named = [process.digest_to, process.admin]
    for one in process.handoffs.values():
        named += [one.sender, one.receiver, *one.copies, *one.reminders.escalate]
    return dict.fromkeys(name for name in named if name != PARENT)


def _last_of(kind: str, units: Units) -> date | None:
    """The first day without any unit of a kind that had some; None = there always are."""
    there = False
    for time in units.of_each_day():
        some_there = bool(time.of_kind(kind))
        if there and not some_there:
            return time.day
        there = there or some_there
    return None


def taken_out(units: Units, seen: Collection[str]) -> Iterator[Check]:
    """Name the units that the ledger knows and the table does not: their history has no names, and
    what they left is nobody's."""
    gone = sorted(set(seen) - units.by_id.keys() - {""})
    if gone:
        yield bad(
            "units",
            f"Sổ có tệp, danh sách của {len(gone)} đơn vị không có trong units.csv: {some(gone)}.",
            "Đưa các đơn vị đó vào lại units.csv (bản cũ: units.csv.bak), ghi ngày cuối vào "
            "valid_to và đơn vị kế thừa vào successors, thay vì xóa dòng.",
        )
