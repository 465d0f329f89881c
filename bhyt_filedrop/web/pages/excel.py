"""What a page shows, as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response

from bhyt_filedrop.domain.owed.board import Board, BoardRow
from bhyt_filedrop.domain.reports.model import Line, Report, ReportColumn, ReportTable
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking, round_named
from bhyt_filedrop.web.pages.rounds import (
    board_for,
    cell_view,
    filter_names,
    filter_of,
    longest_text,
)
from bhyt_filedrop.web.rendering import days_text, not_found

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def round_excel(asked: Asking) -> Response:
    """Hand out the round's table as it is filtered, its lower units opened."""
    round_ = round_named(asked.names["round"])
    if round_ is None:
        return not_found(asked)
    narrow = filter_of(asked)
    board = board_for(asked, asked.office.status(round_, asked.now), narrow)
    report = report_of(asked, board, filter_names()[narrow.show])
    return as_workbook(f"{round_}.xlsx", lambda to: asked.office.save_report(report, to))


def as_workbook(name: str, save: Callable[[Path], None]) -> Response:
    """Hand out what is saved into a file as a download of that name (ASCII)."""
    with TemporaryDirectory(prefix="bhyt-filedrop-") as folder:
        made = Path(folder) / name
        save(made)
        data = made.read_bytes()
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=XLSX, headers=named)


def report_of(asked: Asking, board: Board, shown: str) -> Report:
    """Return a round's table as a report."""
    columns = (
        ReportColumn("above", say("Đơn vị cấp trên", "Above"), width=24),
        ReportColumn("unit", say("Đơn vị", "Unit"), width=28),
        *(
            ReportColumn(one.handoff.id, f"{one.handoff.number} {one.handoff.name}", width=26)
            for one in board.columns
        ),
        ReportColumn("longest", say("Nợ lâu nhất", "Longest owing"), width=24),
    )
    rows = [_line(asked, board, row, "") for row in board.rows]
    table = ReportTable(
        "units",
        say("Các đơn vị", "Units"),
        f"{board.round.title}: {shown}",
        columns,
        tuple(line for lines in rows for line in lines),
    )
    subtitle = f"{say('Xem lúc', 'As of')} {board.now:%d/%m/%Y %H:%M}"
    return Report("page", board.round.title, subtitle, board.now, (), (table,))


def _line(asked: Asking, board: Board, row: BoardRow, above: str) -> list[Line]:
    line: dict[str, str] = {"above": above, "unit": row.unit.name}
    for one in board.columns:
        line[one.handoff.id] = _cell(asked, row, one.handoff.id)
    line["longest"] = longest_text(asked, row)
    below = [one for child in row.children for one in _line(asked, board, child, row.unit.name)]
    return [line, *below]


def _cell(asked: Asking, row: BoardRow, handoff: str) -> str:
    view = cell_view(asked, row.cells.get(handoff))
    if view is None:
        return ""
    said = [f"{mine.text}{_over(mine.days)}" for mine in view.own]
    if view.total:
        late = f", {view.overdue} {say('quá hạn', 'overdue')}" if view.overdue else ""
        said.append(f"{view.done}/{view.total}{late}")
    return "; ".join(said)


def _over(days: int) -> str:
    return f" ({say('quá hạn', 'overdue')} {days_text(days)})" if days else ""
