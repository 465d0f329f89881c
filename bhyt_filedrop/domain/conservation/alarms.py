"""When children do not add up: what is alarming in a trace, and the letter that says so.

A difference is an alarm and not a line in a log, so it becomes a letter to the office that leads
the process, and to the department at whose door it lies. It names units and counts, never a child.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from bhyt_filedrop.domain.conservation.balance import Hop, Trace
from bhyt_filedrop.domain.letters.letter import Letter, notice
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.units import Units

MAX_TOLD = 40
"""A letter names so many places."""


def alarms(found: Trace) -> tuple[Hop, ...]:
    """Return the hops at which children do not add up."""
    return tuple(hop for hop in found.hops if hop.is_alarming)


def alarm_letters(found: Trace, process: Process, units: Units) -> tuple[Letter, ...]:
    """Return the letters that tell of a round's alarms: all of them to the office that leads, and
    to each other department of the city those at its own door; () where there is none."""
    wrong = alarms(found)
    leader = process.digest_to or process.admin
    own = {hop.unit: hop for hop in wrong if _is_department(hop.unit, leader, units)}
    told = [(leader, wrong), *((unit, _of(unit, wrong)) for unit in own)]
    return tuple(_letter(found, unit, some, process, units) for unit, some in told if some)


def _is_department(unit_id: str, leader: str, units: Units) -> bool:
    """True for another office of the leading one's own kind: CNTT sorts, NVGĐ1 keeps accounts."""
    unit, above = units.by_id.get(unit_id), units.by_id.get(leader)
    return bool(unit and above and unit.kind == above.kind and unit_id != leader)


def _of(unit: str, wrong: Iterable[Hop]) -> tuple[Hop, ...]:
    return tuple(hop for hop in wrong if hop.unit == unit)


def _letter(found: Trace, to: str, wrong: Sequence[Hop], process: Process, units: Units) -> Letter:
    """One letter; its key holds a digest of what is wrong: the same state is told once, another
    state again."""
    told = [alarm_text(hop, process, units) for hop in wrong[:MAX_TOLD]]
    if len(wrong) > MAX_TOLD:
        told.append(f"Và {len(wrong) - MAX_TOLD} nơi khác.")
    title = f"{found.round.title}: số trẻ giữa các danh sách không khớp"
    opening = (
        "Tổng số trẻ trong các danh sách trả về phải khớp đúng với danh sách đã gửi "
        f"({units.sources.process}). Những nơi sau đây không khớp:"
    )
    own = all(hop.unit == to for hop in wrong)
    ask = "Đề nghị kiểm tra lại rồi nộp" if own else "Kiểm tra lại với đơn vị rồi yêu cầu nộp"
    closing = f"Xem chi tiết: bhyt-filedrop trace --round {found.round}. {ask} bản đã sửa."
    key = f"trace/{found.round}/{to}/{_digest(wrong)}"
    return notice(key, to, title, [opening, *told, closing])


def alarm_text(hop: Hop, process: Process, units: Units) -> str:
    """Say in one Vietnamese sentence what is wrong at a hop; counts only."""
    handoff = process.handoffs[hop.id]
    unit = units.by_id.get(hop.unit)
    name = units.full_name(unit) if unit else hop.unit
    counts = [
        (hop.difference - hop.unplaced, "trẻ không nằm trong mục nào"),
        (hop.unplaced - hop.difference, "trẻ bị tính hai lần"),
        (hop.lost, "trẻ bị thiếu"),
        (hop.invented, "trẻ không có trong danh sách đã gửi"),
    ]
    told = ", ".join(f"{count} {what}" for count, what in counts if count > 0)
    return f"{handoff.number} {handoff.name}, {name}: gửi {hop.sent} trẻ; {told}.".strip()


def _digest(wrong: Iterable[Hop]) -> str:
    told = "|".join(f"{hop.as_json()}" for hop in wrong)
    return sha256(told.encode()).hexdigest()[:16]
