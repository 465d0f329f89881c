"""Checks that look at a whole list: numbering, the same child or card twice, cells in error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check_list
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child
from bhyt_filedrop.domain.forms.fields import legacy_fields
from bhyt_filedrop.domain.submission import Submission

FEW = 5
"""So many notes a column are given cell by cell; more become one."""

_ENCODINGS = {"tcvn3": "TCVN3 (.VnTime)", "vni": "VNI"}


# --- cells -----------------------------------------------------------------------------------


@check_list("row.error-value")
def no_cell_is_in_error(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """A used cell that shows an error, or a formula that was never calculated, holds nothing."""
    for child in children:
        for name in sorted(child.broken, key=lambda name: child[name].column):
            yield child.finding(
                "row.error-value",
                name,
                "Ô này báo lỗi hoặc là công thức chưa có kết quả nên không đọc được.",
                "Gõ lại giá trị vào ô (không dùng công thức) rồi nộp lại.",
            )


@check_list("row.legacy-text")
def legacy_text_is_told(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """Text in an old font was converted: one note a cell, or one a column where there are many."""
    for cells in _legacy_cells(children).values():
        if len(cells) <= FEW:
            for child, name in cells:
                yield _converted(child, name, "Ô này")
        else:
            child, name = cells[0]
            yield _converted(child, name, f"{len(cells)} ô trong cột này")


def _legacy_cells(children: Iterable[Child]) -> dict[tuple[str, str], list[tuple[Child, str]]]:
    found: dict[tuple[str, str], list[tuple[Child, str]]] = {}
    for child in children:
        for name in legacy_fields(child.row.fields):
            found.setdefault((child.row.sheet, name), []).append((child, name))
    return found


def _converted(child: Child, name: str, what: str) -> Finding:
    encoding = _ENCODINGS.get(child[name].legacy or "", "cũ")
    return child.finding(
        "row.legacy-text",
        name,
        f"{what} dùng bảng mã {encoding}, đã được đổi sang Unicode.",
        "Không cần sửa; lần sau nên gõ bằng bảng mã Unicode.",
    )


# --- numbering -------------------------------------------------------------------------------


@dataclass
class _Count:
    """Where the numbering stands on one sheet."""

    expected: int = 1
    section: str = ""
    row: int = 0


@check_list("row.number-gap")
def numbers_run_on(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """STT runs on by one; it may begin again with a section, a sheet, or after a caption."""
    blank = _sheets_without_numbers(children)
    told: set[str] = set()
    count, sheet = _Count(), ""
    for child in children:
        if "number" not in child.row.fields or "number" in child.broken:
            continue
        if child.row.sheet in blank:
            if child.row.sheet not in told:
                told.add(child.row.sheet)
                yield _gap(child, "Các dòng chưa ghi số thứ tự.")
            continue
        if child.row.sheet != sheet:
            sheet, count.row = child.row.sheet, 0
        if message := _step(child, count):
            yield _gap(child, message)


def _sheets_without_numbers(children: Iterable[Child]) -> set[str]:
    seen: dict[str, bool] = {}
    for child in children:
        seen[child.row.sheet] = seen.get(child.row.sheet, False) or bool(child["number"])
    return {sheet for sheet, numbered in seen.items() if not numbered}


def _step(child: Child, count: _Count) -> str:
    """Advance the count by one row; return what is wrong with its number, "" where it is right."""
    number = _number(child["number"].text)
    new_part = child.row.section != count.section or child.row.row != count.row + 1
    expected = count.expected
    count.section, count.row = child.row.section, child.row.row
    if number is None:
        count.expected = expected + 1
        return "Dòng này chưa ghi số thứ tự."
    if number == expected or (number == 1 and new_part):
        count.expected = number + 1
        return ""
    count.expected = max(number, expected) + 1 if number > expected else expected + 1
    if number > expected:
        return f"Số thứ tự nhảy cóc: đang là {number}, lẽ ra là {expected}."
    return f"Số thứ tự bị lặp hoặc sai thứ tự: đang là {number}, lẽ ra là {expected}."


def _number(text: str) -> int | None:
    digits = text.rstrip(".) ")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _gap(child: Child, message: str) -> Finding:
    return child.finding(
        "row.number-gap",
        "number",
        message,
        "Kiểm tra xem có sót hoặc lặp dòng nào không, rồi đánh lại số thứ tự.",
    )


# --- the same child, the same card -----------------------------------------------------------


@check_list("row.repeated", "list.child-in-two-lists")
def no_child_stands_twice(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """Name, birth and parent make a child; a cost list repeats it for every other visit."""
    first: dict[str, Child] = {}
    for child in children:
        if not _is_told_apart(child):
            continue
        key = f"{child.key}|{_visit(child)}"
        earlier = first.setdefault(key, child)
        if earlier is child:
            continue
        if _in_two_sections(earlier, child):
            yield _in_two_lists(child, earlier)
        else:
            yield _repeated(child, earlier)


def _is_told_apart(child: Child) -> bool:
    sound = child.broken.isdisjoint({"name", "parent", child.birth_field.name})
    return sound and not child.name.problem and bool(child.birth.text)


def _visit(child: Child) -> str:
    if not child.form.rules.visits:
        return ""
    names = ("visit_date", "date_in", "date_out", "disease", "cost_total")
    return "|".join(child[name].text for name in names)


def _in_two_sections(one: Child, other: Child) -> bool:
    """True in forms whose sections are lists of their own: a child belongs in exactly one."""
    apart = one.row.section != other.row.section
    return apart and any(section.required for section in one.form.sections)


def _place(child: Child, beside: Child) -> str:
    where = f"dòng {child.row.row}"
    return where if child.row.sheet == beside.row.sheet else f"{where} trang “{child.row.sheet}”"


def _repeated(child: Child, earlier: Child) -> Finding:
    return child.finding(
        "row.repeated",
        "name",
        f"Trẻ này đã có ở {_place(earlier, child)} (cùng họ tên, ngày sinh, mẹ).",
        "Xóa một trong hai dòng; nếu là hai trẻ khác nhau thì sửa lại thông tin cho đúng.",
    )


def _in_two_lists(child: Child, earlier: Child) -> Finding:
    return child.finding(
        "list.child-in-two-lists",
        "name",
        f"Trẻ này ở cả hai mục {earlier.row.section} và {child.row.section} "
        f"(đã có ở {_place(earlier, child)}).",
        "Mỗi trẻ chỉ được ở một mục; xóa dòng ở mục không đúng.",
    )


@check_list("row.card-repeated")
def no_card_has_two_children(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """One number, one child; the same child twice is told as that alone."""
    first: dict[str, Child] = {}
    for child in children:
        if "card" in child.broken or child.card.problem:
            continue
        earlier = first.setdefault(child.card.number, child)
        if earlier is not child and earlier.key != child.key:
            yield child.finding(
                "row.card-repeated",
                "card",
                f"Mã số thẻ này đã ghi cho trẻ khác ở {_place(earlier, child)}.",
                "Tra lại thẻ của từng trẻ và ghi đúng mã số.",
            )
