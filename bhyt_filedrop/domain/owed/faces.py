"""How a debt looks: one picture for each thing that must not be taken for another.

That nothing came, that something came and was sent back, and that a part came while another is
missing are three things; who has to be called, and about what, differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bhyt_filedrop.domain.owed.obligations import Entry, Standing, Want
from bhyt_filedrop.domain.process.calendar import local_day

SOON = timedelta(days=3)
"""So long before its end a time counts as nearly over."""


class DebtFace(StrEnum):
    """What one obligation looks like; in the order in which they are told, the worst first."""

    OVERDUE = "overdue"
    """Nothing came, and the time is over."""
    SENT_BACK = "sent-back"
    PART = "part"
    ADDED = "added"
    UNPLACED = "unplaced"
    SOON = "soon"
    """Nothing came, and the time is nearly over."""
    OPEN = "open"
    """Nothing came, and there is time."""
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FaceLook:
    """Icon and words of a face: colour alone tells nothing to those who do not see it."""

    icon: str
    vi: str
    en: str


LOOKS: Mapping[DebtFace, FaceLook] = {
    DebtFace.OVERDUE: FaceLook("!", "Quá hạn", "Overdue"),
    DebtFace.SENT_BACK: FaceLook("↩", "Đã trả lại, chưa có bản sửa", "Sent back, not corrected"),
    DebtFace.PART: FaceLook("◐", "Mới nhận một phần", "Part came"),
    DebtFace.ADDED: FaceLook("+", "Có trẻ mới thêm", "Children added"),
    DebtFace.UNPLACED: FaceLook("?", "Có trẻ chưa rõ địa bàn", "Children to place"),
    DebtFace.SOON: FaceLook("◔", "Sắp đến hạn", "Due soon"),
    DebtFace.OPEN: FaceLook("·", "Chưa đến hạn", "Not due yet"),
    DebtFace.LATE: FaceLook("✓", "Đã nhận, trễ", "Received late"),
    DebtFace.DONE: FaceLook("✓", "Đã nhận", "Received"),
}

_OF_WANT = {
    Want.SENT_BACK: DebtFace.SENT_BACK,
    Want.PART_CAME: DebtFace.PART,
    Want.CHILDREN_ADDED: DebtFace.ADDED,
    Want.UNPLACED: DebtFace.UNPLACED,
}

DONE_FACES = frozenset({DebtFace.DONE, DebtFace.LATE})


def face_of(entry: Entry, now: datetime) -> DebtFace:
    """Tell how an obligation looks at a moment (aware)."""
    if entry.want is None:
        return DebtFace.LATE if entry.standing is Standing.LATE else DebtFace.DONE
    if entry.want in _OF_WANT:
        return _OF_WANT[entry.want]
    if entry.standing is Standing.OVERDUE:
        return DebtFace.OVERDUE
    due = entry.owed.deadline
    return DebtFace.SOON if due and due.instant - now <= SOON else DebtFace.OPEN


def mark_of(entry: Entry) -> str:
    """Return the mark of an obligation, as letters, the status and the page carry it; "" where it
    is done. Whether its time is nearly over is told by its days there."""
    if entry.want is None:
        return ""
    plain = DebtFace.OVERDUE if entry.standing is Standing.OVERDUE else DebtFace.OPEN
    return LOOKS[_OF_WANT.get(entry.want, plain)].icon


def days_over(entry: Entry, now: datetime) -> int:
    """Return for how many days an obligation is overdue (the first day is 1), 0 where it is not."""
    due = entry.owed.deadline
    if entry.standing is not Standing.OVERDUE or due is None:
        return 0
    return (local_day(now) - due.last_day).days


def worst(faces: Iterable[DebtFace]) -> DebtFace:
    """Return the face that is told first. Raises ValueError for none at all."""
    order = list(DebtFace)
    return min(faces, key=order.index)
