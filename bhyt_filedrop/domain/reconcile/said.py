"""What a clerk has to know about a reconciled return: the findings `list.child-…`.

A finding stands at the row it is about, in the file (`source`) that the row came in; a missing
child stands in no row, so it belongs to the return as a whole.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.cells.people import read_name
from bhyt_filedrop.domain.cells.text import fold, same_text
from bhyt_filedrop.domain.findings import Finding, Severity, finding
from bhyt_filedrop.domain.forms.answers import ANSWER_TEXTS
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import texts
from bhyt_filedrop.domain.reconcile.apart import Apart, CodeOfAnother, apart, told_apart_of
from bhyt_filedrop.domain.reconcile.values import Came, Doubled, Pair, Reconciled, Uncertain

_FIELDS = {"name": "name", "birth": "birth_date", "parent": "parent"}
"""Value of a listed child → the field that its finding names."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding and the source of the row it is about; None for the return as a whole."""

    source: str | None
    finding: Finding


def can_reconcile(found: Iterable[Finding]) -> bool:
    """True where the lists could be read for what they are.

    A damaged file or a missing column is a cause of its own: it must not also make every child
    missing.
    """
    return not any(
        one.severity is Severity.BLOCKS and one.code.startswith(("file.", "form.")) for one in found
    )


def remarks(result: Reconciled, *, complete: bool = True) -> tuple[Remark, ...]:
    """Return what is to be said of a return, the missing first, then row by row.

    With `complete` False lists are still to come, so nobody is called missing yet.
    """
    changes = ((pair, changed_values(pair)) for pair in result.pairs if pair.how != "sent-twice")
    mixed = apart(result, changes)
    sorted_apart = (_sorted_apart(one) for one in mixed if one.is_sorted_apart)
    told = told_apart_of(mixed, result.missing)
    likely_of = {id(one.sent): one for one in result.uncertain}
    lost = (child for child in _once(result.missing) if id(child) not in told)
    missing = (Remark(None, _missing(child, likely_of.get(id(child)))) for child in lost)
    return (*(missing if complete else ()), *sorted_apart, *_rows(result, told), *_codes(mixed))


def findings(
    result: Reconciled, *, complete: bool = True, source: str | None = None
) -> tuple[Finding, ...]:
    """Return the findings of a return; with `source`, those of its rows in one file alone."""
    found = remarks(result, complete=complete)
    return tuple(one.finding for one in found if source is None or one.source == source)


def join_findings(own: Iterable[Finding], more: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings behind those of the file's own checks, without saying anything twice.

    One cause, one finding: a value that is wrong in itself is not also another than was sent.
    """
    found = list(own)
    said = {_place(one) for one in found if one.cell}
    wrong = {_place(one)[1:] for one in found if one.cell and one.severity is Severity.BLOCKS}
    return (*found, *(one for one in more if not one.cell or not _is_said(one, said, wrong)))


def _is_said(one: Finding, said: Container[_Place], wrong: Container[tuple[Any, ...]]) -> bool:
    place = _place(one)
    return place in said or (one.code == "list.child-changed" and place[1:] in wrong)


_Place = tuple[str, str, str | None, str | None]


def _place(one: Finding) -> _Place:
    return one.code, one.file, one.sheet, one.cell


def _once(missing: Iterable[ListedChild]) -> Iterator[ListedChild]:
    """A child that the list sent twice is missing once; nameless twins look so and are two."""
    seen: set[tuple[str, str, str]] = set()
    for child in missing:
        told = (child.name.casefold(), child.birth, child.parent.casefold())
        if told not in seen or _is_placeholder(child):
            seen.add(told)
            yield child


def _rows(result: Reconciled, told: Container[int]) -> Iterator[Remark]:
    answers = any(pair.came.category for pair in result.pairs)
    for pair in result.pairs:
        if pair.how != "sent-twice":
            yield from _of_pair(pair, answers)
    for doubled in result.doubled:
        if not doubled.asks_for_card:
            yield Remark(doubled.again.source, _doubled_finding(doubled))
    likely_of = {id(one.came): one for one in result.uncertain}
    for row in result.unknown:
        # A row without a name, or of columns that came apart, has a finding for that already.
        if row.child.name and id(row) not in told:
            yield Remark(row.source, _unknown(row, likely_of.get(id(row))))


def _of_pair(pair: Pair, answers: bool) -> Iterator[Remark]:
    source = pair.came.source
    # A reply kit has no sections: a row without an answer there has a finding of its own.
    if answers and not pair.came.category and pair.came.child.section:
        yield Remark(source, _in_no_list(pair.came))
    if _was_named(pair):
        yield Remark(source, _named_finding(pair))
    for value in changed_values(pair):
        yield Remark(source, _changed_finding(pair, value))


# --- missing, unknown ------------------------------------------------------------------------


def _missing(child: ListedChild, likely: Uncertain | None) -> Finding:
    message = (
        f"Thiếu trẻ {texts.person(child)}: có trong danh sách đã gửi nhưng không thấy trong danh "
        "sách gửi về."
    )
    remedy = texts.PUT_IN_ONE_LIST
    if likely:
        remedy = texts.SAME_OR_ADD.format(or_code=texts.or_code(child))
        message = (
            f"{message[:-1]}; có thể là {texts.person(likely.came.child)} ở "
            f"{texts.place(likely.came)}, nhưng thông tin chưa khớp nên chưa ghép được."
        )
    return finding("list.child-missing", message, remedy, field="name", value=child.name)


def _unknown(row: Came, likely: Uncertain | None) -> Finding:
    message = f"Trẻ {texts.person(row.child)} không có trong danh sách đã gửi cho đơn vị."
    if not likely:
        return _at(row, "list.child-unknown", message, texts.TAKE_OUT)
    message = (
        f"{message[:-1]}; có thể là {texts.person(likely.sent)} trong danh sách đã gửi, nhưng "
        "thông tin chưa khớp nên chưa ghép được."
    )
    remedy = texts.SAME_OR_OUT.format(or_code=texts.or_code(likely.sent))
    return _at(row, "list.child-unknown", message, remedy)


def _in_no_list(row: Came) -> Finding:
    return _at(
        row,
        "list.child-unknown",
        f"Trẻ {texts.person(row.child)} đứng ở phần không thuộc ba danh sách phải trả lời.",
        texts.PUT_IN_ONE_LIST,
    )


# --- twice -----------------------------------------------------------------------------------


def _doubled_finding(doubled: Doubled) -> Finding:
    first, again = doubled.first, doubled.again
    where = texts.place(first, beside=again)
    if first.category == again.category and _same_file(first, again):
        return _at(again, "row.repeated", f"Trẻ này đã có ở {where}.", "Xóa một trong hai dòng.")
    return _at(
        again,
        "list.child-in-two-lists",
        f"Trẻ này đã có ở {where}{texts.in_list(first)}; mỗi trẻ chỉ được ở một danh sách.",
        "Giữ trẻ ở danh sách đúng và xóa dòng ở danh sách còn lại.",
    )


def _same_file(one: Came, other: Came) -> bool:
    return (one.source, one.child.file) == (other.source, other.child.file)


# --- a card that nobody asks for -------------------------------------------------------------


def requests_missing(waiting: Iterable[Came], here: Container[str]) -> Iterator[Remark]:
    """Say of each row of a reply kit that waits for a card that D03-TS, which is there, does not
    ask for it (1331/BHXH-THU, 5.2.4).

    `here` are the sources of the files that are judged: where the kit came before, the finding is
    about the return as a whole.
    """
    for row in waiting:
        code = "list.card-not-asked-for"
        message = (
            f"Trẻ {texts.person(row.child)} có kết quả “{ANSWER_TEXTS['carded-now']}” và chưa có "
            "số thẻ, nhưng D03-TS không có trẻ này."
        )
        if row.source in here:
            yield Remark(row.source, _at(row, code, message, texts.ASK_FOR_CARD))
        else:
            about = {"field": "name", "value": row.child.name}
            yield Remark(None, finding(code, message, texts.ASK_FOR_CARD, **about))


# --- columns that came apart -----------------------------------------------------------------


def _sorted_apart(mixed: Apart) -> Remark:
    shown = ", ".join(str(row.child.row) for row in mixed.rows[:_SHOWN])
    more = len(mixed.rows) - _SHOWN
    rest = f" và {more} dòng khác" if more > 0 else ""
    at = _at(
        mixed.rows[0],
        "list.columns-apart",
        f"Ở {len(mixed.rows)} dòng ({shown}{rest}), mã đối chiếu, họ tên, ngày sinh và tên mẹ "
        "(cha) là của các trẻ khác nhau: có vẻ chỉ một số cột được sắp xếp.",
        "Mở lại bản đã nhận hoặc hoàn tác việc sắp xếp; nếu cần sắp xếp thì chọn cả bảng, rồi kiểm "
        "tra lại kết quả và số thẻ của từng trẻ trước khi nộp.",
    )
    return Remark(mixed.rows[0].source, at)


_SHOWN = 10
"""Rows that one finding names."""


def _codes(mixed: Iterable[Apart]) -> Iterator[Remark]:
    for one in (code for file in mixed for code in file.codes):
        yield Remark(one.pair.came.source, _code_of_another(one))


def _code_of_another(one: CodeOfAnother) -> Finding:
    right = f" Mã của trẻ này là {one.pair.sent.code}." if one.pair.sent.code else ""
    return _at(
        one.pair.came,
        "list.code-of-another",
        f"Mã đối chiếu {one.named.code} là của trẻ {texts.person(one.named)}, nhưng dòng này ghi "
        f"{texts.person(one.pair.came.child)}.{right}",
        "Kiểm tra kết quả và số thẻ ở dòng này là của trẻ nào, rồi ghi lại đúng mã.",
    )


# --- changed, named --------------------------------------------------------------------------


def changed_values(pair: Pair) -> tuple[str, ...]:
    """Name the values (`name`, `birth`, `parent`) that really differ between sent and came.

    Case, spacing, Unicode form and tone placement are no difference; nor is a value that one side
    does not tell, a date told more fully, or a placeholder that got its name.
    """
    sent, came = pair.sent, pair.came.child
    return tuple(
        value
        for value, differs in (
            ("name", _differs(sent.name, came.name) and not _is_naming(pair)),
            ("birth", _births_differ(sent.birth, came.birth)),
            (
                "parent",
                _parents_differ(sent, came) and not _is_same_mother(pair),
            ),
        )
        if differs
    )


def _differs(sent: str, came: str) -> bool:
    alike = sent.casefold() == came.casefold()
    return bool(sent and came) and not alike and not same_text(sent, came)


def _parents_differ(sent: ListedChild, came: ListedChild) -> bool:
    return _differs(read_parent(sent.parent), read_parent(came.parent))


def _births_differ(sent: str, came: str) -> bool:
    return bool(sent and came) and not (sent.startswith(came) or came.startswith(sent))


def _is_placeholder(child: ListedChild) -> bool:
    """True where a newborn has no name of its own: "Con bà …", or its mother's name."""
    return read_name(child.name).placeholder or fold(child.name) == fold(child.parent)


def _is_naming(pair: Pair) -> bool:
    """True where a placeholder, or the mother's name in its stead, gave way to another name."""
    return _is_placeholder(pair.sent) or fold(pair.sent.name) == fold(pair.came.child.parent)


def _was_named(pair: Pair) -> bool:
    differs = _differs(pair.sent.name, pair.came.child.name)
    return differs and _is_naming(pair) and not _is_placeholder(pair.came.child)


def _is_same_mother(pair: Pair) -> bool:
    """True where one side tells within a placeholder the mother whom the other has as parent."""
    sides = (pair.sent, pair.came.child)
    told = [{fold(read_parent(c.parent)), fold(read_name(c.name).mother)} - {""} for c in sides]
    return any(read_name(c.name).mother for c in sides) and bool(told[0] & told[1])


def _named_finding(pair: Pair) -> Finding:
    return _at(
        pair.came,
        "list.child-named",
        f"Danh sách đã gửi ghi “{pair.sent.name}”, nay trẻ đã có tên riêng (khớp theo ngày sinh và "
        "tên mẹ).",
        "Không cần làm gì nếu đúng là trẻ này; nếu không đúng thì sửa lại rồi nộp lại.",
    )


def _changed_finding(pair: Pair, value: str) -> Finding:
    sent, came = texts.value_of(pair.sent, value), texts.value_of(pair.came.child, value)
    return _at(
        pair.came,
        "list.child-changed",
        f"{texts.FIELD_NAMES[value]} khác với danh sách đã gửi: đã gửi “{sent}”, gửi về “{came}”.",
        "Nếu gõ nhầm thì sửa lại rồi nộp lại; nếu danh sách đã gửi sai thì giữ nguyên.",
        value=value,
    )


def _at(row: Came, code: str, message: str, remedy: str, value: str = "name") -> Finding:
    """Make a finding at the cell of one of the row's values; its name's where it has no other."""
    child = row.child
    cell = child.cell if value == "name" else child.cells.get(value, child.cell)
    return finding(
        code,
        message,
        remedy,
        sheet=child.sheet or None,
        cell=cell or None,
        row=child.row or None,
        field=_FIELDS[value],
        value=texts.value_of(child, value) or None,
        file=child.file,
    )
