"""Checks that look at a whole list: numbering, the same child or card twice, cells in error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.cells.card_spellings import CardIndex, numbers_of, own_number, same_card
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check_list
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child
from bhyt_filedrop.domain.forms.fields import legacy_fields
from bhyt_filedrop.domain.forms.submission import Submission

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
                yield _converted_finding(child, name, "Ô này")
        else:
            child, name = cells[0]
            yield _converted_finding(child, name, f"{len(cells)} ô trong cột này")


def _legacy_cells(children: Iterable[Child]) -> dict[tuple[str, str], list[tuple[Child, str]]]:
    found: dict[tuple[str, str], list[tuple[Child, str]]] = {}
    for child in children:
        for name in legacy_fields(child.row.fields):
            found.setdefault((child.row.sheet, name), []).append((child, name))
    return found


def _converted_finding(child: Child, name: str, what: str) -> Finding:
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
    """Where the numbering stands: the number due, and the section and row of the last one."""

    expected: int = 1
    section: str = ""
    row: int = 0


@check_list("row.number-gap")
def numbers_run_on(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """STT runs on by one; it may begin again with a section, a sheet, or after a caption."""
    count = _Count()
    for rows in _by_sheet(c for c in children if c.has_column("number")):
        count.row = 0
        if not any(child["number"] for child in rows):
            yield _gap(rows[0], "Các dòng chưa ghi số thứ tự.")
            continue
        following = [_number(child) for child in rows[1:]]
        for child, after in zip(rows, [*following, None], strict=True):
            if message := _step(child, count, after):
                yield _gap(child, message)


def _by_sheet(children: Iterable[Child]) -> list[list[Child]]:
    found: dict[str, list[Child]] = {}
    for child in children:
        found.setdefault(child.row.sheet, []).append(child)
    return list(found.values())


def _step(child: Child, count: _Count, after: int | None) -> str:
    """Advance the count by one row; return what is wrong with its number, "" where it is right.

    `after` is the number of the next row: where that runs on, only this one was mistyped, or
    everything below is shifted by one; either way one finding is enough.
    """
    number, expected = _number(child), count.expected
    new_part = child.row.section != count.section or child.row.row != count.row + 1
    count.section, count.row, count.expected = child.row.section, child.row.row, expected + 1
    if number is None:
        return "" if "number" in child.broken else "Dòng này chưa ghi số thứ tự."
    if number == expected or (number == 1 and new_part):
        count.expected = number + 1
        return ""
    if after in (expected, number + 1):
        count.expected = after
    elif after != expected + 1 and number > expected:
        count.expected = number + 1
    if number < expected:
        return f"Số thứ tự bị lặp hoặc sai thứ tự: đang là {number}, lẽ ra là {expected}."
    return f"Số thứ tự nhảy cóc: đang là {number}, lẽ ra là {expected}."


def _number(child: Child) -> int | None:
    digits = child.text("number").rstrip(".) ")
    return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits) else None


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
    billed: dict[tuple[str, ...], Child] = {}
    for child in children:
        if not _is_told_apart(child):
            continue
        key = f"{child.key}|{_visit(child)}"
        earlier = first.setdefault(key, child)
        if earlier is child:
            continue
        billed.setdefault((key, *_costs(earlier)), earlier)
        earlier = billed.setdefault((key, *_costs(child)), child)
        if earlier is child:
            continue
        if _in_two_sections(earlier, child):
            yield _in_two_lists(child, earlier)
        else:
            yield _repeated_finding(child, earlier)


def _is_told_apart(child: Child) -> bool:
    sound = child.broken.isdisjoint({"name", "parent", child.birth_field.name})
    return sound and not child.name.problem and bool(child.birth.text)


def _visit(child: Child) -> str:
    if not child.form.rules.visits:
        return ""
    names = ("visit_date", "date_in", "date_out", "disease", "cost_total")
    return "|".join(child.text(name) for name in names)


def _costs(child: Child) -> list[str]:
    """What was paid for what: two visits of one day and one total may differ in it."""
    if not child.form.rules.visits:
        return []
    return [child.text(name) for name in sorted(child.row.fields) if name.startswith("cost_")]


def _in_two_sections(one: Child, other: Child) -> bool:
    """True in forms whose sections are lists of their own: a child belongs in exactly one."""
    apart = one.row.section != other.row.section
    return apart and any(section.required for section in one.form.sections)


def _place(child: Child, beside: Child) -> str:
    where = f"dòng {child.row.row}"
    return where if child.row.sheet == beside.row.sheet else f"{where} trang “{child.row.sheet}”"


def _repeated_finding(child: Child, earlier: Child) -> Finding:
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
    known = CardIndex[Child]()
    for child in children:
        if "card" in child.broken or child.card.problem:
            continue
        earlier = next(iter(known.find(child.card.number)), None)
        known.add_all(_numbers(child), child)
        if earlier and earlier.key != child.key:
            yield child.finding(
                "row.card-repeated",
                "card",
                f"Mã số thẻ này đã ghi cho trẻ khác ở {_place(earlier, child)}.",
                "Tra lại thẻ của từng trẻ và ghi đúng mã số.",
            )


def _numbers(child: Child) -> tuple[str, ...]:
    """The card's number and the child's own beside it, with which another row may not be listed."""
    return numbers_of(child.card.number, child.id_number.text, str(child.birth.year or ""))


@check_list("row.id-number-repeated")
def no_number_has_two_children(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """A personal number that is the child's own by century and year of birth; brothers share their
    mother's."""
    first: dict[str, Child] = {}
    for child in children:
        number = own_number(child.id_number.text, str(child.birth.year or ""))
        if child.card.kind == "personal" and not child.card.problem:
            first.setdefault(child.card.number, child)
        earlier = first.setdefault(number, child) if number else child
        if earlier is child or _is_told_of(child, earlier):
            continue
        yield child.finding(
            "row.id-number-repeated",
            "id_number",
            f"Số định danh này đã ghi cho trẻ khác ở {_place(earlier, child)}.",
            "Tra lại giấy khai sinh và ghi đúng số của từng trẻ.",
        )


def _is_told_of(child: Child, earlier: Child) -> bool:
    """True where the two rows have a finding already: one child twice, or one card on both."""
    one_card = same_card(child.card.number, earlier.card.number) and not child.card.problem
    return child.key == earlier.key or one_card
