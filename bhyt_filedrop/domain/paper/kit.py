"""The reply kit: the list that a ward or a district gets, and on which it answers (H3, H4).

Its top is low, so that a laptop's screen shows children below the rows that stand still; what does
not fit there is said at the cells themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.changes import changes_sheet
from bhyt_filedrop.domain.paper.layout import ListOf, SheetLayout, lay_out
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.paper.rows import group_row
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

Children = Sequence[ListedChild]


@dataclass(frozen=True, slots=True)
class KitGuide:
    """What a unit has to know to answer: by when (`due`, in words; "" = no date), into which
    `folder`, and whether D03-TS asks for the cards that are being issued (`asks_for_cards`): a ward
    asks with it, a district has the numbers."""

    due: str = ""
    folder: str = ""
    asks_for_cards: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """When and where, then how, as they stand above the list."""
        when = f"Hạn nộp: {self.due}. " if self.due else ""
        where = f" vào thư mục: {self.folder}" if self.folder else " vào thư mục của đơn vị"
        return (f"{when}Trả lời đủ mọi trẻ rồi nộp lại chính tệp này{where}.", self._how)

    @property
    def _how(self) -> str:
        return (
            "Chọn Kết quả cho từng trẻ, không thêm hoặc bớt dòng. Trẻ có thẻ: ghi mã số thẻ và nơi "
            f"đăng ký KCB ban đầu. Cấp thẻ đợt này: {self._new_card}. Không đủ cơ sở: ghi lý do."
        )

    @property
    def _new_card(self) -> str:
        if self.asks_for_cards:
            return "chưa có số thẻ thì để trống, nộp xong sẽ có D03-TS điền sẵn để ký và nộp tiếp"
        return "ghi mã số thẻ vừa cấp; chưa có số thì chờ cấp xong rồi nộp"

    @property
    def hints(self) -> Mapping[str, str]:
        """Field → what shows beside a cell of it that is being filled in."""
        return {
            "status": "Bấm mũi tên bên phải ô để chọn kết quả xác minh của trẻ này.",
            "card": f"Trẻ có thẻ: ghi mã số thẻ. Cấp thẻ đợt này: {self._new_card}.",
            "province": "Hai số đầu của mã nơi đăng ký KCB ban đầu in trên thẻ, ví dụ 79.",
            "facility": "Ba ký tự sau của mã nơi đăng ký KCB ban đầu, ví dụ 014.",
            "note": "Trẻ không đủ cơ sở cấp thẻ: ghi rõ lý do.",
        }


def kit_sheets(
    children: Children,
    unit: Unit,
    round: Round,
    units: Units,
    *,
    guide: KitGuide | None = None,
    before: Children = (),
    made_on: date | None = None,
) -> tuple[SheetLayout, ...]:
    """Lay the list of a ward or a district out; a district's children stand under their wards.

    With `before`, the rows of the version that it already has, a sheet of what changed is added.
    """
    told = guide or KitGuide()
    wide = bool(units.children(unit.id))
    rows = [group_row(child, "reply-kit", child.ward if wide else "", units) for child in children]
    kit = ListOf(
        "reply-kit",
        round,
        issuer_lines(unit, units),
        place=units.authority.place,
        rows=rows,
        about=units.full_name(unit),
        remarks=told.lines,
        hints=told.hints,
        right=units.kind_of(unit).head,
        made_on=made_on,
        sheet="Phiếu trả lời",
        grouped=wide,
    )
    return (lay_out(kit), *changes_sheet(before, children, round, units))
