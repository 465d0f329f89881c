"""What is still wanted of a debt, in words: one sentence for letters, the status and reports.

"Chưa nộp" would be untrue of a unit whose file was sent back, or of which one part is there. The
words and marks of the three are those of the page (`faces.LOOKS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bhyt_filedrop.domain.cells.text import uncapitalised
from bhyt_filedrop.domain.owed.faces import LOOKS, DebtFace, mark_of
from bhyt_filedrop.domain.owed.obligations import Entry, Want
from bhyt_filedrop.domain.process.calendar import day_text, local_day

NOTHING_CAME = "chưa nhận được tệp nào"
"""What is said where there is nothing to show."""


def marked_want(entry: Entry, form_names: Mapping[str, str], name: str = "") -> str:
    """Say what is still wanted behind its mark, and whose it is: `↩ Phường 7: đã trả lại, …`; "" =
    nothing is wanted."""
    said = want_text(entry, form_names)
    if not said:
        return ""
    return f"{mark_of(entry)} {name}: {said}" if name else f"{mark_of(entry)} {said}"


def want_text(entry: Entry, form_names: Mapping[str, str]) -> str:
    """Say what is still wanted, beginning in lower case; "" where nothing is.

    `form_names` gives forms their Vietnamese names.
    """
    said = _say_want(entry, form_names)
    return "; ".join((said, *(one.text for one in entry.arrangements))) if said else ""


def _say_want(entry: Entry, form_names: Mapping[str, str]) -> str:
    if entry.want is Want.NOTHING_CAME:
        return NOTHING_CAME
    if entry.want is Want.CHILDREN_ADDED:
        return f"còn thiếu kết quả của {entry.added} trẻ mới thêm"
    if entry.want is Want.UNPLACED:
        return f"còn {entry.unplaced} trẻ chưa xác định địa bàn"
    parts = "; ".join(missing_names(entry, form_names))
    missing = f"{_words(DebtFace.PART)}, còn thiếu: {parts}" if parts else ""
    if entry.want is Want.SENT_BACK and entry.sent_back:
        day = day_text(local_day(entry.sent_back))
        back = _words(DebtFace.SENT_BACK).replace(",", f" ngày {day},", 1)
        waiting = f"còn {entry.unplaced} trẻ chưa xác định địa bàn" if entry.unplaced else ""
        return "; ".join(filter(None, (back, missing, waiting)))
    return missing if entry.want else ""


def _words(face: DebtFace) -> str:
    return uncapitalised(LOOKS[face].vi)


def wanted_after(said: str, entry: Entry, form_names: Mapping[str, str]) -> str:
    """Add to what is said of a standing what is still wanted: `Quá hạn: ↩ đã trả lại …`."""
    if entry.saved_by_extension and entry.owed.declared:
        return f"{said} trong hạn đã gia hạn; hạn gốc: {entry.owed.declared.text}"
    wanted = marked_want(entry, form_names)
    return f"{said}: {wanted}" if wanted else said


def missing_names(entry: Entry, form_names: Mapping[str, str]) -> list[str]:
    """Name the lists still to come; none unless others have come."""
    if not entry.is_begun:
        return []
    parts = entry.owed.handoff.parts
    return [part_name(parts[n], form_names) for n in entry.missing]


def part_name(forms: Sequence[str], form_names: Mapping[str, str]) -> str:
    """Name a part by its forms: one of them is enough, so they are joined by "hoặc"."""
    return " hoặc ".join(dict.fromkeys(form_names.get(form, form) for form in forms))
