"""The clerks' guide as one page with its pictures inside: each unit finds its own in its folder.

The text is that of the handbooks in `docs`. What differs from unit to unit (into which folder, with
which forms, by when, what lies where) is put in from the process, so that no copy of it can be
wrong.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

from bhyt_filedrop import resources
from bhyt_filedrop.domain.letters.letter import addressed, contact_of
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import Due, HandOff
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.settings import Settings

CLERKS, CITY = "so-tay-quan-huyen-phuong-xa", "so-tay-can-bo-thanh-pho"
"""The handbook of those who answer lists, and that of all others."""

WHERE, INSIDE = "Nộp tệp ở đâu", "Trong thư mục có gì"
"""The sections of the clerks' handbook whose table is the unit's own."""

MARK = "guide"
"""The file in the state folder that says that every unit has its guide."""

_STYLE = """
body{max-width:860px;margin:0 auto;padding:24px;color:#1f2937}
body{font:16px/1.55 Arial,Helvetica,sans-serif}
h1{font-size:26px;margin:0 0 8px}
h2{font-size:20px;margin:32px 0 8px;border-bottom:1px solid #d1d5db}
h3{font-size:17px}
table{border-collapse:collapse;width:100%;margin:12px 0}
th,td{border:1px solid #d1d5db;padding:6px 8px;text-align:left;vertical-align:top}
th{background:#f3f4f6}
img{max-width:100%;border:1px solid #d1d5db;margin:8px 0}
code{background:#f3f4f6;padding:0 3px}
pre{background:#f3f4f6;padding:12px;overflow:auto}
@media print{body{padding:0}h2{break-after:avoid}}
"""


@dataclass(frozen=True)
class Guides:
    """Makes the guide of each unit of a site."""

    settings: Settings
    routes: Routes

    def page(self, unit: Unit) -> str:
        """Return a unit's guide as one HTML page that needs no other file."""
        process, units = self.settings.process, self.settings.units
        given = [h for h in process.handoffs.values() if h.sender in (unit.id, unit.kind)]
        answers = any(one.answers for one in given)
        body = _body(CLERKS if answers else CITY)
        if answers:
            body = _with_table(body, WHERE, self._where(unit, given))
            body = _with_table(body, INSIDE, self._inside(unit))
        name = escape(addressed(unit, units))
        asked = "; ".join(self._contacts(unit))
        whom = f"<p><b>Liên hệ:</b> {escape(asked)}</p>" if asked else ""
        return (
            f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>Hướng dẫn: {name}'
            f"</title><style>{_STYLE}</style></head><body>\n<p>Dành cho <b>{name}</b></p>{whom}"
            f"\n{body}</body></html>\n"
        )

    def _contacts(self, unit: Unit) -> Iterator[str]:
        process, units, mail = self.settings.process, self.settings.units, self.settings.mail
        leader = units.by_id.get(process.digest_to or process.admin)
        above = units.by_id.get(unit.parent)
        if above and (found := contact_of(above, units)):
            yield found
        if mail.contact:
            yield mail.contact
        elif leader and leader.id != unit.id and (found := contact_of(leader, units)):
            yield found

    def _where(self, unit: Unit, given: Sequence[HandOff]) -> Sequence[Sequence[str]]:
        rows = [("danh sách", "thư mục", "nộp gì", "hạn")]
        rows += [
            (one.name, self.routes.folder_for(unit, one), self.routes.forms_text(one),
             due_rule(one.due))
            for one in given
            if one.due and one.parts and one.answers
        ]  # fmt: skip
        return rows

    def _inside(self, unit: Unit) -> Sequence[Sequence[str]]:
        own = self.routes.own_of(unit)
        return [("thư mục con", "ý nghĩa"), *((folder, _MEANS[what]) for what, folder in own)]


_MEANS = {
    "inbox": "danh sách gửi cho quý đơn vị, và hướng dẫn này",
    "inbox_from": "kết quả mà các đơn vị cấp dưới đã nộp",
    "received": "tệp đã nộp và được nhận, giữ nguyên bản",
    "returned": "tệp có lỗi, đã đánh dấu từng chỗ cần sửa",
    "waiting": "danh sách hệ thống lập thay quý đơn vị, chờ quý đơn vị duyệt",
    "agreed": "chuyển tệp đang chờ duyệt vào đây thì hệ thống gửi",
    "refused": "chuyển tệp đang chờ duyệt vào đây thì hệ thống giữ lại, không gửi",
}


def due_rule(due: Due | None) -> str:
    """Say a due date for every round: `trước ngày 25 tháng thứ 3 quý sau (hết ngày 24)`."""
    if due is None:
        return ""
    if due.on:
        return f"{due.on:%d/%m/%Y}"
    when = f"ngày {due.day} tháng thứ {due.month} quý sau"
    if due.before:
        return f"trước {when} (hết ngày {due.day - 1})" if due.day > 1 else f"trước {when}"
    return f"chậm nhất {when} (hết ngày {due.day})"


@cache
def _body(name: str) -> str:
    """A handbook as HTML, its pictures inside it and its links to other pages left out."""
    from markdown_it import MarkdownIt

    docs = resources.shipped("docs")
    text = (docs / f"{name}.md").read_text(encoding="utf-8")
    text = re.sub(r"\[([^\]]+)\]\([\w-]+\.md[^)]*\)", r"\1", text)
    html = MarkdownIt("commonmark").enable("table").render(text)

    def embedded(found: re.Match[str]) -> str:
        path = docs / found[1]
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        return f'src="data:{kind};base64,{data}"'

    return re.sub(r'src="(pictures/[\w.-]+)"', embedded, html)


def _with_table(html: str, section: str, rows: Sequence[Sequence[str]]) -> str:
    """Put a table in the place of the one of a section."""
    head, *below = rows
    cells = [f"<tr>{''.join(f'<th>{escape(one)}</th>' for one in head)}</tr>"]
    cells += [f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in row)}</tr>" for row in below]
    table = f"<table>{''.join(cells)}</table>"
    pattern = rf"(<h2>{re.escape(section)}</h2>(?:(?!<h2>).)*?)<table>.*?</table>"
    return re.sub(pattern, lambda found: found[1] + table, html, count=1, flags=re.DOTALL)
