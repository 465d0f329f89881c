"""Tables that are no form: a title, a header, rows of values, and perhaps a line of sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bhyt_filedrop.domain.forms.printed import Print, PrintColumn
from bhyt_filedrop.domain.paper.layout import ListOf, Row, SheetLayout, lay_out_as
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.process.rounds import Round

_NATION = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


@dataclass(frozen=True, slots=True)
class PrintTable:
    """One table to print. `columns` as in a form; a column `number` counts the rows by itself.

    `notes` are lines under the title. `office` is whose table it is (None = no letterhead),
    `signer` who signs at the right ("" = nobody signs), `drawer` at the left ("" = who drew it up).
    """

    sheet: str
    titles: tuple[str, ...]
    columns: tuple[PrintColumn, ...]
    rows: Sequence[Row]
    round: Round
    office: Letterhead | None = None
    notes: tuple[str, ...] = ()
    sums: Row | None = None
    signer: str = ""
    drawer: str = ""
    made_on: date | None = None
    grouped: bool = False
    one_page: bool = False


def lay_out_table(table: PrintTable) -> SheetLayout:
    """Lay a table out as a page that prints like the forms do."""
    shape = Print(table.columns, table.titles, ("{round}",), {}, corner=_NATION)
    shape = replace(shape, left=table.drawer or shape.left)
    return lay_out_as(
        shape,
        ListOf(
            "",
            table.round,
            table.office.lines if table.office else (),
            rows=table.rows,
            sheet=table.sheet,
            remarks=table.notes,
            sums=table.sums,
            right=table.signer,
            place=table.office.place if table.office else "",
            signed=bool(table.signer),
            made_on=table.made_on,
            grouped=table.grouped,
            one_page=table.one_page,
        ),
    )
