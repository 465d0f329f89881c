"""Which rows under a header are children, and which are headings, totals, captions or signatures.

A row that carries a child is never passed over, wherever it stands: not after a total, not under
the signatures. A row without a child never becomes one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bhyt_filedrop.domain.cells.people import read_name
from bhyt_filedrop.domain.forms.compiled import Compiled, Vocabulary
from bhyt_filedrop.domain.forms.continued import Continued
from bhyt_filedrop.domain.forms.headers import is_header_row, number_labels
from bhyt_filedrop.domain.forms.spec import Column, Section
from bhyt_filedrop.domain.forms.texts import Row, SheetText, folded

_PERSON = frozenset(
    {
        "name", "card", "birth_date", "birth_year_male", "birth_year_female", "parent",
        "id_number", "address", "facility", "visit_date", "date_in", "cost_total",
    }
)  # fmt: skip
"""Fields of which a row must hold some to be a child's."""

_NUMBER = re.compile(r"\d{1,6}[.)]?")
_TOTAL = re.compile(
    r"(tong cong|tong so|tong$|tong \d|cong$|cong (tang|giam|muc|phan|nhom|so|\d|[abc]\b|i{1,3}\b))"
)
_COUNT = re.compile(
    r"(?<!\d)(\d[\d.]{0,11})\s*(?:trẻ|cháu|em|người|trường hợp|hồ sơ|đối tượng|$)", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"^(nguoi lap|can bo lap|lap bieu|giam doc|pho giam doc|thu truong|truong phong|pho phong"
    r"|t ?m ubnd|tm uy ban|tl giam doc|kt giam doc|kt chu tich|chu tich|pho chu tich|ke toan"
    r"|phu trach|ky (ten|ghi)|xac nhan|dai dien|noi nhan)\b"
    r"|\bngay( \d{1,2})? thang( \d{1,2})? nam\b"
)
_CAPTION = re.compile(r"^(phuong|xa|thi tran|quan|huyen|khu pho|ap|to|ubnd|bhxh|truong|ghi chu)\b")
_WORDS = re.compile(
    r"(cộng|l[uũ][yỹ] kế|mang sang|chuyển (sang|trang)|hết( danh sách)?\b|kèm theo|danh sách"
    r"|cán bộ|toàn (phường|xã|quận|huyện|trang|thị trấn)|trang \d|người|lập (biểu|bảng)"
    r"|xem (tiếp|trang)|cong (trang|mang|don)|luy ke|het danh sach|kem theo|danh sach|can bo"
    r"|toan (phuong|xa|quan))",
    re.IGNORECASE,
)
"""How a line of words begins that stands alone in the name column. With diacritics, for Công and
Hết fold to what names begin with."""
_MACHINE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|[a-z]+[0-9]*(_[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Total:
    """A line that states how many children there are. `counts` are the counts that would be right:
    in the whole table, and since the last such line."""

    row: int
    column: int
    stated: int
    counts: tuple[int, ...]


@dataclass
class TableRows:
    """What stands under one header. `children` are `(row, section id)`, in order."""

    children: list[tuple[int, str]] = field(default_factory=list)
    sections: dict[str, int] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    continued: list[Continued] = field(default_factory=list)
    unread: list[tuple[int, int]] = field(default_factory=list)
    """`(row, column)` of what stands between children and belongs to none of them."""
    last_row: int = 0
    section: str = ""
    """The section in hand at the last row."""


class RowReader:
    """Goes down the rows of one table and sorts them."""

    def __init__(
        self,
        texts: SheetText,
        form: Compiled,
        columns: Mapping[str, int],
        declared: Mapping[str, Column],
        words: Vocabulary,
    ) -> None:
        self.texts, self.form, self.words = texts, form, words
        self.columns = columns
        self.person = [(name, col) for name, col in columns.items() if name in _PERSON]
        self.persons = frozenset(column for _, column in self.person)
        self.amounts = {
            columns[name] for name, c in declared.items() if c.kind in ("amount", "months", "month")
        }
        self.name = columns.get("name", 0)
        self.number = columns.get("number", 0)
        self.note = columns.get("note", 0)

    def read(self, first: int, last: int, section: str, found: TableRows) -> None:
        """Sort the rows from `first` to `last` into `found`; `section` holds until a heading."""
        ended = False
        found.section = section
        apart: list[tuple[int, int]] = []
        for number in range(first, last + 1):
            row = self.texts.rows[number - 1]
            if not row:
                continue
            if self._is_plain_child(row) and not ended:
                found.children.append((number, section))
                found.last_row = number
                found.unread += apart
                apart.clear()
                continue
            if (heading := self._section(row)) is not None:
                found.section = section = heading
                found.sections.setdefault(section, number)
                found.last_row, ended = number, False
            elif total := self._total(number, row, found, section):
                found.totals.append(total)
            elif self._is_furniture(row):
                continue
            elif self._is_signature(row):
                ended = True
            elif self._is_child(number, row, found, ended):
                found.children.append((number, section))
                found.last_row = number
            elif not ended and (column := self._lone_column(row)):
                apart.append((number, column))

    def _lone_column(self, row: Row) -> int:
        """The first cell of a row that says something of a person without naming anyone; else 0."""
        told = [column for name, column in self.person if name != "name" and column in row]
        return min(told) if told and self.name not in row else 0

    def _is_plain_child(self, row: Row) -> bool:
        """The usual row: numbered, named, and with something more to say."""
        return (
            len(row) > 3
            and not row.get(self.name, "0").isdigit()
            and (not self.number or bool(_NUMBER.fullmatch(row.get(self.number, ""))))
            and self._substance(row) > 2
        )

    def _substance(self, row: Row) -> int:
        return len(self.persons & row.keys())

    def _is_numbered(self, row: Row) -> bool:
        return bool(_NUMBER.fullmatch(row.get(self.number, "")))

    def _section(self, row: Row) -> str | None:
        row = without_zeros(row)
        if not row or len(row) > 4 or not self.form.sections:
            return None
        if self._is_numbered(row) and self._substance(row) > 1:
            return None
        # A count may stand beside the heading; what stands in Ghi chú speaks of one child.
        words = [folded(t) for c, t in row.items() if c != self.note]
        found = self.form.section_of(" ".join(words))
        found = found or self.form.section_of(" ".join(w for w in words if not w.isdigit()))
        found = found or self._section_by_mark(row)
        return found.id if found else None

    def _section_by_mark(self, row: Row) -> Section | None:
        """The mark decides where an office words its headings otherwise, unless the row tells of a
        person."""
        mark = folded(row.get(self.number, ""))
        said = {name for name, column in self.person if column in row} - {"name"}
        return self.form.section_marked(mark) if mark and not said else None

    def _total(self, number: int, row: Row, found: TableRows, section: str) -> Total | None:
        column, text = next(((c, t) for c, t in row.items() if _TOTAL.match(folded(t))), (0, ""))
        if not column or self._is_numbered(row) or self._says_who(row):
            return None
        place, stated = self._stated(row, column, text)
        return Total(number, place, stated, _right_counts(found, section, text))

    def _says_who(self, row: Row) -> bool:
        """True where a row tells of a person: `Công Tằng Tôn Nữ …` begins like a total."""
        person = ("birth_date", "birth_year_male", "birth_year_female", "parent", "address", "card")
        return sum(self.columns.get(name, 0) in row for name in person) > 1

    def _stated(self, row: Row, column: int, text: str) -> tuple[int, int]:
        """Return where a number of children is stated and which; -1 where none is."""
        if found := _COUNT.search(text):
            return column, int(found[1].replace(".", "") or -1)
        if self.form.spec.rules.visits:
            return column, -1
        numbers = [
            (c, t) for c, t in row.items() if c not in self.amounts and re.fullmatch(r"\d{1,6}", t)
        ]
        return (numbers[0][0], int(numbers[0][1])) if len(numbers) == 1 else (column, -1)

    def _is_furniture(self, row: Row) -> bool:
        """A header repeated after a page break, a number row, a row of machine names."""
        if is_header_row(row, self.words) or number_labels(row):
            return True
        cells = [t for c, t in row.items() if c != self.number]
        return len(cells) > 3 and all(_MACHINE.fullmatch(t) for t in cells) and _name_like(cells)

    def _is_signature(self, row: Row) -> bool:
        signs = sum(bool(_SIGNATURE.search(folded(text))) for text in row.values())
        if not signs or self._is_numbered(row):
            return False
        return self._substance(row) - signs < 2

    def _is_child(self, number: int, row: Row, found: TableRows, ended: bool) -> bool:
        substance = self._substance(row)
        if ended:
            return substance > 2 and (self._is_numbered(row) or len(row) > 4)
        if self._is_numbered(row):
            return substance > 0
        if substance > 1:
            return True
        return substance == 1 and self._is_lone_name(number, row, found)

    def _is_lone_name(self, number: int, row: Row, found: TableRows) -> bool:
        """A name and nothing else, right under a child: someone began a row and left it."""
        text = row.get(self.name, "")
        return (
            bool(text)
            and len(row) == 1
            and bool(found.children)
            and found.children[-1][0] == number - 1
            and not _CAPTION.match(folded(text))
            and not _WORDS.match(text)
            and not read_name(text).problem
            and self.texts.merge_at(number, self.name) is None
        )


def without_zeros(row: Row) -> Row:
    """A row but for its noughts: a program's export has one in each column of a heading's row."""
    return {column: text for column, text in row.items() if text != "0"}


def _name_like(cells: list[str]) -> bool:
    """Marks and hospital codes are capitals too; machine names are longer and hold no number."""
    return sum(len(t) > 2 and not t[-1].isdigit() for t in cells) >= 3


def _right_counts(found: TableRows, section: str, text: str) -> tuple[int, ...]:
    in_table = len(found.children)
    since = found.totals[-1].row if found.totals else 0
    counts = {in_table, sum(row > since for row, _ in found.children)}
    if not folded(text).startswith("tong") or re.search(r"mục|phần|nhóm", text, re.IGNORECASE):
        counts.add(sum(s == section for _, s in found.children))
    return tuple(sorted(counts))
