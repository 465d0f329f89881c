"""When children do not add up: what is alarming in a trace, and the letter that says so.

A difference is an alarm and not a line in a log, so it becomes a letter to the office that leads
the process. It names units and counts, never a child.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from bhyt_filedrop.domain.balance import Hop, Trace
from bhyt_filedrop.domain.letters import Letter, notice
from bhyt_filedrop.domain.process import Process
from bhyt_filedrop.domain.units import Units

MAX_TOLD = 40
"""A letter names so many places."""


def alarms(found: Trace) -> tuple[Hop, ...]:
    """Return the hops at which children do not add up."""
    return tuple(hop for hop in found.hops if hop.is_alarming)


def alarm_letter(found: Trace, process: Process, units: Units) -> Letter | None:
    """Return the letter that tells of a round's alarms, None where there is none.

    Its key holds a digest of what is wrong: the same state is told once, another state again.
    """
    wrong = alarms(found)
    told = [alarm_text(hop, process, units) for hop in wrong[:MAX_TOLD]]
    if not wrong:
        return None
    if len(wrong) > MAX_TOLD:
        told.append(f"Và {len(wrong) - MAX_TOLD} nơi khác.")
    title = f"{found.round.title}: số trẻ giữa các danh sách không khớp"
    opening = (
        "Tổng số trẻ trong các danh sách trả về phải khớp đúng với danh sách đã gửi "
        "(công văn 1331/BHXH-THU). Những nơi sau đây không khớp:"
    )
    closing = (
        f"Xem chi tiết: bhyt-filedrop trace --round {found.round}. "
        "Kiểm tra lại với đơn vị rồi yêu cầu nộp bản đã sửa."
    )
    key = f"trace/{found.round}/{_digest(wrong)}"
    return notice(key, process.digest_to or process.admin, title, [opening, *told, closing])


def alarm_text(hop: Hop, process: Process, units: Units) -> str:
    """Say in one Vietnamese sentence what is wrong at a hop; counts only."""
    handoff = process.handoffs[hop.id]
    unit = units.by_id.get(hop.unit)
    name = units.full_name(unit) if unit else hop.unit
    counts = [
        (hop.difference, "trẻ không nằm trong mục nào"),
        (-hop.difference, "trẻ bị tính hai lần"),
        (hop.lost, "trẻ bị thiếu"),
        (hop.invented, "trẻ không có trong danh sách đã gửi"),
    ]
    told = ", ".join(f"{count} {what}" for count, what in counts if count > 0)
    return f"{handoff.number} {handoff.name}, {name}: gửi {hop.sent} trẻ; {told}.".strip()


def _digest(wrong: Iterable[Hop]) -> str:
    told = "|".join(f"{hop.as_json()}" for hop in wrong)
    return sha256(told.encode()).hexdigest()[:16]
