"""Why a draft is not approved, in one sentence, with what can be done."""

from __future__ import annotations

from bhyt_filedrop.domain.derive.approval import Refusal
from bhyt_filedrop.ports import ActRefused


def refused(draft: str, refusal: Refusal) -> ActRefused:
    """Return the refusal of a draft as what an act raises."""
    drop, count, units = refusal.drop, refusal.count, ", ".join(refusal.units)
    told = {
        "no-draft": (
            f"{draft} không phải bản nháp có thể duyệt.",
            f"{draft} is no draft that can be approved.",
        ),
        "several-units": (
            f"{draft} có bản nháp của nhiều đơn vị; hãy thêm --unit (một trong: {units}).",
            f"{draft} has drafts of several units; add --unit (one of: {units}).",
        ),
        "overtaken": (
            f"{draft} đã được thay bằng bản nháp mới {drop}".rstrip() + "; hãy xem bản mới.",
            f"{draft} was replaced by a newer draft {drop}".rstrip() + "; look at the new one.",
        ),
        "confirmed": (
            f"{draft} đã được duyệt hoặc nộp rồi ({drop}).",
            f"{draft} was approved or dropped already ({drop}).",
        ),
        "other-list": (
            f"Đơn vị đã nộp danh sách khác với bản nháp {draft} ({drop}); hãy nộp tệp thay vì "
            "duyệt.",
            f"the office dropped another list than the draft {draft} ({drop}); drop the file "
            "instead.",
        ),
        "unanswered": (
            f"{draft} còn {count} trẻ chưa có kết quả của cấp cơ sở; hãy chờ hoặc nộp mẫu 3 đã "
            "bổ sung.",
            f"{count} children of {draft} have no answer yet; wait, or drop a completed form 3.",
        ),
        "uncertain": (
            f"{draft} còn {count} trẻ chưa chắc đã có thẻ hay chưa; hãy xem «Trẻ cần xác nhận "
            "thẻ», hoặc thêm --with-uncertain để các trẻ này ở lại mẫu 2 kèm ghi chú.",
            f"{count} children of {draft} may have a card; look at «Trẻ cần xác nhận thẻ», or add "
            "--with-uncertain to leave them on form 2, marked so.",
        ),
    }
    return ActRefused(*told[refusal.reason])
