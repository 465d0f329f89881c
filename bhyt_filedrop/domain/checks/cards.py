"""Checks on the card and the hospital of first registration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bhyt_filedrop.domain.cells.card_spellings import unfitting
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child
from bhyt_filedrop.domain.forms.spec import CardKind


def _may_have_card(child: Child) -> bool:
    return child.carded != "no"


def _must_have_none(child: Child) -> bool:
    return child.carded == "no"


def _home(context: Context) -> str:
    """The two digits of an example: this province's, else those that come first."""
    return context.units.province_code or "01"


def _move(child: Child, section: str) -> str:
    """How a sender puts a child on another list: by its answer on a reply kit, else by section."""
    return "chọn lại Kết quả" if child.form.rules.answered else f"chuyển sang mục {section}"


def _where_without_card(child: Child, context: Context) -> str:
    """Where a child without a number belongs: on the list that asks for a card, where the return
    has one beside this one, else among those who get none."""
    if child.form.rules.answered or not context.asks_for_cards_beside(child.form):
        return _move(child, "chưa được cấp thẻ")
    return (
        f"đưa trẻ sang D03-TS (nếu được cấp thẻ đợt này), hoặc {_move(child, 'chưa được cấp thẻ')}"
    )


@check("row.card-unexpected", reads=("card",), when=_must_have_none)
def uncarded_have_no_card(child: Child, context: Context) -> Iterator[Finding]:
    """A number among the uncarded means that the child stands in the wrong list or section."""
    if context.units.numbers.is_temporary(child.card.number):
        return  # a hospital's code for a newborn is no card
    if any(char.isdigit() for char in child.text("card")):
        yield child.finding(
            "row.card-unexpected",
            "card",
            "Trẻ ở danh sách chưa có thẻ nhưng lại ghi mã số thẻ.",
            f"Nếu trẻ đã có thẻ thì {_move(child, 'đã được cấp thẻ')}; nếu chưa thì xóa mã số.",
        )


@check(
    "row.card-missing",
    "row.card-invalid",
    "row.card-not-child",
    reads=("card",),
    when=_may_have_card,
)
def card_is_a_childs_card(child: Child, context: Context) -> Iterator[Finding]:
    """`TE` + benefit digit + province + 10 digits, the 10-digit social insurance number, or, where
    the city takes it, the personal number (CV 1804/BHXH-QLT)."""
    card = child.card
    is_temporary = context.units.numbers.is_temporary(card.number)
    if card.problem == "missing" or is_temporary:
        if child.carded == "yes":
            yield child.finding(
                "row.card-missing",
                "card",
                "Mã tạm của bệnh viện không phải mã số thẻ BHYT."
                if is_temporary
                else "Trẻ ở danh sách đã có thẻ nhưng chưa ghi mã số thẻ BHYT.",
                f"Ghi mã số thẻ; nếu trẻ chưa có thẻ thì {_where_without_card(child, context)}.",
            )
    elif card.problem or card.kind not in (*_allowed_kinds(child, context), "other"):
        yield child.finding(
            "row.card-invalid",
            "card",
            "Mã số thẻ BHYT không đúng.",
            f"Ghi {_joined_by_or(_said_of(_allowed_kinds(child, context), context))}.",
        )
    elif card.kind == "other":
        yield child.finding(
            "row.card-not-child",
            "card",
            f"Thẻ {card.number[:2]} không phải thẻ trẻ em dưới 6 tuổi (TE).",
            "Kiểm tra xem có ghi nhầm thẻ của người khác không, rồi ghi mã thẻ của trẻ.",
        )


_KINDS: tuple[CardKind, ...] = ("te", "personal", "bhxh")


def _allowed_kinds(child: Child, context: Context) -> tuple[CardKind, ...]:
    """Which numbers may stand for the card: what the edition says, else what the city takes."""
    own = child.form.rules.numbers
    if own:
        return tuple(kind for kind in _KINDS if kind in own)
    personal = context.units.numbers.takes_personal(context.today)
    return tuple(kind for kind in _KINDS if personal or kind != "personal")


def _said_of(kinds: Sequence[CardKind], context: Context) -> list[str]:
    words = {
        "te": f"đủ 15 ký tự bắt đầu bằng TE (ví dụ TE1{_home(context)}0000000001)",
        "personal": "số định danh cá nhân 12 chữ số",
        "bhxh": "mã số BHXH 10 chữ số",
    }
    return [words[kind] for kind in kinds]


def _joined_by_or(words: Sequence[str]) -> str:
    *front, last = words
    return f"{', '.join(front)} hoặc {last}" if front else last


_UNFITTING = {
    "province": "mã tỉnh không có",
    "sex": "chữ số thứ tư không hợp với giới tính",
    "year": "không hợp với năm sinh",
}


def _has_personal_number(child: Child) -> bool:
    return child.card.kind == "personal"


@check(
    "row.personal-number-doubtful",
    reads=("card", "birth_date", "sex"),
    when=_has_personal_number,
)
def personal_number_is_the_childs(child: Child, context: Context) -> Iterator[Finding]:
    """137/2015/NĐ-CP, Điều 13: its digits tell province, century and sex, and year of birth."""
    if "personal" not in _allowed_kinds(child, context):
        return
    wrong = unfitting(child.card.number, child.birth.year, child.sex.value)
    if wrong:
        yield child.finding(
            "row.personal-number-doubtful",
            "card",
            f"Số định danh cá nhân: {', '.join(_UNFITTING[one] for one in wrong)}.",
            "Đối chiếu với giấy khai sinh; có thể đây là số của người khác "
            f"({context.units.sources.personal}).",
        )


def _has_hospital(child: Child) -> bool:
    return child.form.rules.facility_with_card and child.carded == "yes"


@check("row.facility-missing", reads=("facility", "card"), when=_has_hospital)
def carded_child_has_a_hospital(child: Child, context: Context) -> Iterator[Finding]:
    """Its costs are charged to the hospital of first registration (H9)."""
    if child.facility.problem == "missing":
        yield child.finding(
            "row.facility-missing",
            "facility",
            "Trẻ đã có thẻ nhưng chưa ghi mã bệnh viện đăng ký KCB ban đầu.",
            "Ghi mã tỉnh (2 số) và mã bệnh viện (3 ký tự) in trên thẻ.",
        )


@check(
    "row.facility-invalid",
    "row.facility-unknown",
    reads=("facility", "province", "card"),
    when=_may_have_card,
)
def hospital_code_is_right(child: Child, context: Context) -> Iterator[Finding]:
    """A two-digit province and three characters, known to the directory where there is one."""
    facility = child.facility
    former = context.units.numbers.former_provinces
    if facility.problem == "other-province" and facility.contrary[:2] in former:
        yield child.finding(
            "row.facility-unknown",
            "facility",
            f"Mã {facility.contrary} là mã của tỉnh cũ.",
            "Ghi mã mới của cơ sở KCB nếu đã có.",
        )
    elif facility.problem in ("invalid", "other-province"):
        yield child.finding(
            "row.facility-invalid",
            "facility",
            "Mã nơi đăng ký KCB ban đầu không đúng.",
            f"Ghi mã tỉnh 2 số và mã bệnh viện 3 ký tự, ví dụ {_home(context)} và 014.",
        )
    elif facility.code and context.facilities and facility.code not in context.facilities:
        yield child.finding(
            "row.facility-unknown",
            "facility",
            f"Mã {facility.code} không có trong danh mục cơ sở KCB.",
            "Kiểm tra lại mã; nếu đúng là cơ sở mới thì không cần sửa.",
        )
