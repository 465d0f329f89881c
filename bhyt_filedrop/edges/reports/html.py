"""Write a report as one HTML page: no other file, no network, printable, readable by a screen
reader (each chart has its table)."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from bhyt_filedrop.domain.process.calendar import moment_text
from bhyt_filedrop.domain.reports.model import Report, ReportColumn, ReportTable, shown
from bhyt_filedrop.edges.reports.drawing import draw
from bhyt_filedrop.edges.reports.look import COLOURS, is_grouped
from bhyt_filedrop.ports import NeverWorks

TEMPLATE = "report.html.j2"


def write_page(report: Report, to: Path, templates: Path) -> None:
    """Write a report to `to`, whole or not at all; `templates` holds `report.html.j2`.

    Raises OSError where the disk fails, NeverWorks where the template is broken.
    """
    partial = to.with_name(f".{to.name}.part")
    try:
        partial.write_text(render(report, templates), encoding="utf-8")
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


def render(report: Report, templates: Path) -> str:
    """Fill the page. Raises NeverWorks where the template is broken or not there."""
    # The last suffix is ".j2", so jinja2's select_autoescape() would take this for plain text.
    jinja = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        return jinja.get_template(TEMPLATE).render(
            report=report,
            as_of=moment_text(report.made_at),
            drawings={table.key: draw(table) for table in report.tables},
            heads={table.key: heads(table) for table in report.tables},
            shown=shown,
            colours=COLOURS,
        )
    except TemplateError as error:
        raise NeverWorks(f"the template {TEMPLATE} is broken: {error}") from error


def heads(table: ReportTable) -> list[list[tuple[str, int, int, ReportColumn | None]]]:
    """Return the rows of headings as `(text, columns, rows, column)`; `column` None = a group."""
    if not is_grouped(table):
        return [[(column.title, 1, 1, column) for column in table.columns]]
    upper: list[tuple[str, int, int, ReportColumn | None]] = []
    for column in table.columns:
        if not column.group:
            upper.append((column.title, 1, 2, column))
        elif upper and upper[-1][3] is None and upper[-1][0] == column.group:
            upper[-1] = (column.group, upper[-1][1] + 1, 1, None)
        else:
            upper.append((column.group, 1, 1, None))
    return [upper, [(c.title, 1, 1, c) for c in table.columns if c.group]]
