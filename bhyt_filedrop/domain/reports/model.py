"""What a report is made of: figures, tables and charts, whatever they are printed on.

A table holds plain values under stable keys; the command line prints these as JSON, a workbook
and a page print the same values under their Vietnamese headings. No report names a child but those
about people's own data (`held.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.process.calendar import ZONE, day_text, short_moment

Value: TypeAlias = str | int | float | date | datetime | None
Line: TypeAlias = Mapping[str, Value]
"""One row: column key → value; a key that is not there is an empty cell."""

Kind: TypeAlias = Literal["text", "count", "share", "day", "moment"]
"""How a value is written. A share is between 0 and 1; a moment is aware."""

Tone: TypeAlias = Literal["main", "good", "fair", "warn", "bad", "idle"]
"""What a series means, which gives its colour: good = done, idle = nothing came yet."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """One column. `width` in characters; `group` is a heading above several columns."""

    key: str
    title: str
    kind: Kind = "text"
    width: int = 10
    group: str = ""
    tone: Tone = "main"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of some columns of its table.

    `bars` lie (long names), `columns` stand (time); several series are stacked. `labels` is the
    key of the column that names each bar. Only the first `limit` rows are drawn (0 = all).
    """

    kind: Literal["bars", "columns"]
    title: str
    labels: str
    series: tuple[str, ...]
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Formality:
    """What a table needs to be sent on as a document: `issuer` heads it at the left, the higher
    office first, `annex` at the right; `place` stands before the date, `drafter` and `signer` over
    the two signatures."""

    issuer: tuple[str, str]
    annex: tuple[str, str]
    place: str
    signer: str
    drafter: str = "Người lập biểu"

    @property
    def date_line(self) -> str:
        """Where and when it is signed; the day is written by hand."""
        return f"{self.place}, ngày ..... tháng ..... năm ........."


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table: its key in the JSON, its name as a sheet, its rows and the row of totals.

    `note` stands under the title and says how the figures are meant. `empty` is said where there
    are no rows.
    """

    key: str
    name: str
    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[Line, ...]
    total: Line | None = None
    note: str = ""
    chart: Chart | None = None
    formality: Formality | None = None
    empty: str = "Chưa có số liệu."

    def column(self, key: str) -> ReportColumn:
        """Return one column. Raises KeyError where there is none of that key."""
        return next(c for c in self.columns if c.key == key)

    def charted(self) -> tuple[Line, ...]:
        """Return the rows that the chart shows."""
        limit = self.chart.limit if self.chart else 0
        return self.rows[:limit] if limit else self.rows


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure."""

    key: str
    label: str
    value: Value
    kind: Kind = "count"
    tone: Tone = "main"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report; `about` are short paragraphs under the title."""

    name: str
    title: str
    subtitle: str
    made_at: datetime
    figures: tuple[Figure, ...]
    tables: tuple[ReportTable, ...]
    about: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it: `figures` by key, then each table by key."""
        told: dict[str, Json] = {
            "report": self.name,
            "title": self.title,
            "rounds": list(self.rounds),
            "made_at": plain(self.made_at),
            "figures": {figure.key: plain(figure.value) for figure in self.figures},
        }
        for table in self.tables:
            told[table.key] = [_plain_line(row, table.columns) for row in table.rows]
            if table.total is not None:
                told[f"{table.key}_total"] = {k: plain(v) for k, v in table.total.items()}
        return told


def _plain_line(line: Line, columns: Sequence[ReportColumn]) -> Mapping[str, Json]:
    keys = [column.key for column in columns]
    more = [key for key in line if key not in keys]
    return {key: plain(line.get(key)) for key in (*more, *keys)}


def plain(value: Value) -> Json:
    """Return a value as JSON holds it; days and moments as ISO text, shares to four places."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value


def shown(value: Value, kind: Kind) -> str:
    """Write a value as Vietnamese readers do: `1.234`, `87,5%`, `25/06/2015`."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return short_moment(value)
    if isinstance(value, date):
        return day_text(value)
    if kind == "share" and isinstance(value, int | float):
        return f"{100 * value:.1f}%".replace(".", ",")
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    return f"{value:.1f}".replace(".", ",") if isinstance(value, float) else value


def share(part: int, whole: int) -> float | None:
    """Return a share of a whole; None of nothing, which is neither 0 nor all."""
    return part / whole if whole else None
