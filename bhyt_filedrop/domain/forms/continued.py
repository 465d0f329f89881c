"""Text that was too long for its cell and goes on in the row below, where nothing else stands.

Half a name is another child's and half an address lies nowhere, so both parts are read as one
before any row is sorted. Only between two children: below the last one people sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bhyt_filedrop.domain.cells.family_names import begins_with_family_name
from bhyt_filedrop.domain.forms.compiled import Compiled
from bhyt_filedrop.domain.forms.same_above import is_ditto
from bhyt_filedrop.domain.forms.texts import Row, SheetText, folded

_LONG = (
    "name", "parent", "address", "ward", "district", "city", "facility_name", "note",
)  # fmt: skip
"""Fields whose text may be too long for a cell."""
_NUMBER = re.compile(r"\d{1,6}[.)]?")
_NO_NAME = re.compile(
    r"^(phường|xã|thị trấn|quận|huyện|khu phố|ấp|tổ|ubnd|bhxh|trường|ghi chú|cộng|tổng|lu[ỹy] kế"
    r"|lũy kế|mang sang|chuyển|hết|kèm theo|danh sách|cán bộ"
    r"|toàn (phường|xã|quận|huyện|trường|thành)|trang (sau|trước|này)"
    r"|người|lập (bảng|biểu)|xem)\b|\d"
)
"""With its tones: Quân, Toàn, Công and Lập are names of children."""
_NO_NAME_ALONE = frozenset({"cộng", "tổng", "hết", "cong", "tong", "het"})
_NOT_A_NAME = re.compile(
    r"^(phuong|xa|thi tran|quan|huyen|khu pho|ap|to|ubnd|bhxh|truong|ghi chu|cong|tong|luy ke"
    r"|mang sang|chuyen|het|kem theo|danh sach|can bo|toan|trang|nguoi|lap|xem)\b|\d"
)


@dataclass(frozen=True, slots=True)
class Continued:
    """A row whose text, in some columns, belongs to the child in the row `above`."""

    row: int
    columns: frozenset[int]
    above: int


def join_continued(
    texts: SheetText, form: Compiled, columns: Mapping[str, int], first: int, last: int
) -> list[Continued]:
    """Let each child say its whole text, and leave nothing in the rows where it went on; children
    are known by their numbers."""
    found: list[Continued] = []
    if "number" not in columns:
        return found
    child = 0
    for number in range(first, last):  # no child follows on the last row
        row = texts.row(number)
        if _is_child(row, columns):
            child = number
        elif child and _may_go_on(row, form) and _goes_on(texts, number, child, columns, last):
            found.append(Continued(number, frozenset(row), child))
            _join(texts, number, child)
        else:
            child = 0
    return found


def _is_child(row: Row, columns: Mapping[str, int]) -> bool:
    numbered = bool(_NUMBER.fullmatch(row.get(columns["number"], "")))
    return numbered and len(row) > 2 and columns["name"] in row


def _may_go_on(row: Row, form: Compiled) -> bool:
    """False for the heading of a section, wherever its words stand."""
    return bool(row) and form.section_of(" ".join(map(folded, row.values()))) is None


def _goes_on(
    texts: SheetText, number: int, child: int, columns: Mapping[str, int], last: int
) -> bool:
    row, above = texts.row(number), texts.row(child)
    long = {columns[name] for name in _LONG if name in columns}
    if not row.keys() <= long & above.keys() or any(is_ditto(text) for text in row.values()):
        return False
    if any(texts.merge_at(number, column) for column in row):
        return False
    name = row.get(columns["name"], "")
    if name and (begins_with_family_name(name) or _is_no_name(name)):
        return False
    return _is_followed_by_child(texts, number + 1, columns, last)


def _is_no_name(text: str) -> bool:
    """True for words that end, count or locate a list instead of naming a child."""
    said = " ".join(text.casefold().split()).strip(" .:-–")
    if said.isalpha():
        return said in _NO_NAME_ALONE
    toned = not said.isascii()
    return bool(_NO_NAME.search(said) if toned else _NOT_A_NAME.search(folded(text)))


def _is_followed_by_child(
    texts: SheetText, number: int, columns: Mapping[str, int], last: int
) -> bool:
    """True where the next row that is no other continuation is a child's."""
    while (
        number <= last and len(texts.row(number)) > 0 and columns["number"] not in texts.row(number)
    ):
        number += 1
    return number <= last and _is_child(texts.row(number), columns)


def _join(texts: SheetText, number: int, child: int) -> None:
    above = texts.rows[child - 1]
    for column, text in texts.row(number).items():
        above[column] = f"{above[column]} {text}"
    texts.rows[number - 1] = {}
