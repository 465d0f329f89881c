"""The quality report: which faults come how often, from whom, and what share of files came back.

Counts only: the ledger is asked for codes, units and states, never for a row's content. It serves
to see where a clerk wants help, and whether a form is misunderstood everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity, title
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reports.frames import count_of, frame, lines
from bhyt_filedrop.domain.reports.model import (
    Chart,
    Figure,
    Line,
    Report,
    ReportColumn,
    ReportTable,
    Tone,
    share,
)
from bhyt_filedrop.domain.words import SEVERITIES, STATES

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = tuple(str(severity) for severity in Severity)
"""In order of weight."""

_JUDGED = tuple(state.value for state in (State.ACCEPTED, State.RETURNED, State.HELD))
_UNJUDGED = (State.SET_ASIDE, State.CLAIMED, State.PLANNED)
_OUTCOMES = (*_JUDGED, "waiting")
"""What became of a file, as the report counts it; `waiting` = it is not decided yet."""
_OUTCOME_OF = {name: name for name in _JUDGED} | dict.fromkeys(_UNJUDGED, "waiting")


@dataclass(frozen=True, slots=True)
class DropFact:
    """What became of one drop; `round` is None where its list could not be recognised."""

    drop: str
    unit: str
    round: Round | None
    state: State
    arrived_at: datetime

    @property
    def counted_for(self) -> str:
        """The round it counts for: its own, else the one that was handled on its day."""
        return str(self.round or home_round(local_day(self.arrived_at)))


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How often one code stands in one drop."""

    drop: str
    code: str
    severity: str
    count: int


def quality(
    drops: Iterable[DropFact],
    findings: Iterable[FindingCount],
    units: Units,
    made_at: datetime,
    rounds: Sequence[Round] = (),
) -> Report:
    """Return the findings by code, unit and round; `rounds` restricts it (() = every round)."""
    wanted = {str(round_) for round_ in rounds}
    told = [d for d in drops if not wanted or d.counted_for in wanted]
    judged = {d.drop for d in told if d.state is not State.CLAIMED}
    files, found = _frames(told, (one for one in findings if one.drop in judged))
    seen = tuple(sorted({d.counted_for for d in told}))
    return Report(
        name="quality",
        title="Chất lượng danh sách nộp",
        subtitle=_rounds_title(seen),
        made_at=made_at,
        figures=_figures(files, found),
        tables=(_by_code(files, found), _by_unit(files, found, units), _by_round(files, found)),
        about=(
            "Số liệu đếm theo tệp nộp và theo lỗi hệ thống ghi nhận; không có thông tin của trẻ.",
        ),
        rounds=seen,
    )


def _rounds_title(rounds: Sequence[str]) -> str:
    titles = [Round.parse(text).title for text in rounds]
    if len(titles) > 4:
        return f"{titles[0]} – {titles[-1]}"
    return ", ".join(titles) or "Chưa có tệp nào"


def _frames(
    drops: Sequence[DropFact], findings: Iterable[FindingCount]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a file; one row a file and code, with the file's unit and round beside it."""
    files = frame(
        (
            {
                "drop": d.drop,
                "unit": d.unit,
                "round": d.counted_for,
                "outcome": _OUTCOME_OF[d.state],
            }
            for d in drops
            if d.state in _OUTCOME_OF
        ),
        ("drop", "unit", "round", "outcome"),
    )
    found = frame((asdict(f) for f in findings), ("drop", "code", "severity", "count"))
    return files, found.merge(files, on="drop")


def _figures(files: pd.DataFrame, found: pd.DataFrame) -> tuple[Figure, ...]:
    returned = int((files["outcome"] == State.RETURNED).sum())
    judged = int(files["outcome"].isin(_JUDGED).sum())
    blocks = found.loc[found["severity"] == "blocks", "count"]
    return (
        Figure("files", "Tệp đã xét", len(files)),
        Figure("returned", "Tệp trả lại", returned, tone="bad"),
        Figure("returned_share", "Tỷ lệ trả lại", share(returned, judged), "share", tone="bad"),
        Figure("blocks", "Lỗi phải sửa", int(blocks.sum()), tone="warn"),
    )


CHARTED = 15
"""A chart shows so many codes or units at most."""


def _chart(title: str, labels: str, series: tuple[str, ...], count: int) -> Chart | None:
    """The first rows of a table that are what the title says; no chart where none is."""
    return Chart("bars", f"{count} {title}", labels, series, count) if count else None


# --- by code ---------------------------------------------------------------------------------


def _by_code(files: pd.DataFrame, found: pd.DataFrame) -> ReportTable:
    groups = found.groupby(["code", "severity"])
    counted = groups.agg(
        times=("count", "sum"), files=("drop", "nunique"), units=("unit", "nunique")
    ).reset_index()
    counted["weight"] = counted["severity"].map(SEVERITY.index)
    counted = counted.sort_values(["weight", "times", "code"], ascending=[True, False, True])
    counted = counted.drop(columns="weight")
    blocks = found[found["severity"] == SEVERITY[0]]
    faults = min(blocks["code"].nunique(), CHARTED)
    rows = tuple(_code_line(line, len(files)) for line in lines(counted))
    return ReportTable(
        "codes",
        "Theo lỗi",
        "Lỗi phải sửa, rồi đến lời nhắc; nhiều nhất trước",
        (
            ReportColumn("title", "Lỗi, lời nhắc", width=34),
            ReportColumn("code", "Mã", width=24),
            ReportColumn("severity_title", "Mức", width=13),
            ReportColumn("times", "Số lần", "count", 10, tone="warn"),
            ReportColumn("files", "Số tệp", "count", 10),
            ReportColumn("units", "Số đơn vị", "count", 10),
            ReportColumn("share", "Tỷ lệ tệp", "share", 10),
        ),
        rows,
        {"title": "Cộng lỗi phải sửa", "times": count_of(blocks, "count")},
        chart=_chart("lỗi phải sửa gặp nhiều nhất (số lần)", "title", ("times",), faults),
        empty="Không có lỗi hay lời nhắc nào.",
    )


def _code_line(line: dict[str, Any], files: int) -> Line:
    severity = SEVERITIES[Severity(line["severity"])]
    told = {"title": title(line["code"]), "severity_title": severity}
    return line | told | {"share": share(line["files"], files)}


# --- by unit ---------------------------------------------------------------------------------


def _by_unit(files: pd.DataFrame, found: pd.DataFrame, units: Units) -> ReportTable:
    counted = _outcomes(files, "unit").join(_severities(found, "unit")).join(_worst(found, "unit"))
    counted = counted.fillna(dict.fromkeys(SEVERITY, 0)).reset_index()
    places = {id_: place for place, id_ in enumerate(units.in_order(set(counted["unit"])))}
    counted["place"] = counted["unit"].map(places)
    counted = counted.sort_values(["returned", "blocks", "place"], ascending=[False, False, True])
    rows = tuple(_unit_line(line, units) for line in lines(counted))
    back = min(int((counted["returned"] > 0).sum()), CHARTED)
    return ReportTable(
        "units",
        "Theo đơn vị",
        "Tệp nộp và lỗi của từng đơn vị",
        (
            ReportColumn("name", "Đơn vị", width=34),
            *_outcome_columns(),
            *_severity_columns(),
            ReportColumn("worst_title", "Lỗi gặp nhiều nhất", width=32),
        ),
        rows,
        {"name": "Cộng"} | _totals(counted),
        note="Tỷ lệ trả lại = số tệp trả lại / số tệp đã xét. Xếp theo số tệp phải trả lại.",
        chart=_chart("đơn vị bị trả lại nhiều nhất (số tệp)", "name", _JUDGED[:2], back),
    )


def _unit_line(line: dict[str, Any], units: Units) -> Line:
    unit = units.by_id.get(line["unit"])
    name = units.full_name(unit) if unit else line["unit"]
    worst = line["worst"] if isinstance(line["worst"], str) else ""
    return _with_share(line) | {"name": name, "worst": worst, "worst_title": title(worst)}


# --- by round --------------------------------------------------------------------------------


def _by_round(files: pd.DataFrame, found: pd.DataFrame) -> ReportTable:
    counted = _outcomes(files, "round").join(_severities(found, "round"))
    counted = counted.fillna(dict.fromkeys(SEVERITY, 0)).reset_index().sort_values("round")
    rows = tuple(
        _with_share(line) | {"title": Round.parse(line["round"]).title} for line in lines(counted)
    )
    return ReportTable(
        "by_round",
        "Theo đợt",
        "Diễn biến qua các đợt",
        (ReportColumn("title", "Đợt", width=18), *_outcome_columns(), *_severity_columns()),
        rows,
        {"title": "Cộng"} | _totals(counted),
        chart=Chart("columns", "Tệp nộp qua các đợt", "title", _OUTCOMES),
    )


# --- shared ----------------------------------------------------------------------------------


def _outcomes(files: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row a unit or round, one column for each thing that became of its files."""
    import pandas as pd

    counted = pd.crosstab(files[by], files["outcome"])
    counted = counted.reindex(columns=list(_OUTCOMES), fill_value=0)
    counted.insert(0, "files", counted.sum(axis=1))
    return counted


def _severities(found: pd.DataFrame, by: str) -> pd.DataFrame:
    counted = found.pivot_table(index=by, columns="severity", values="count", aggfunc="sum")
    return counted.reindex(columns=list(SEVERITY))


def _worst(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """The code that a unit meets most among those that block; the first by name of equals."""
    blocks = found[found["severity"] == "blocks"].groupby([by, "code"])["count"].sum().reset_index()
    ranked = blocks.sort_values(["count", "code"], ascending=[False, True])
    return ranked.drop_duplicates(by).set_index(by)[["code"]].rename(columns={"code": "worst"})


def _with_share(line: dict[str, Any]) -> dict[str, Any]:
    judged = line["accepted"] + line["returned"] + line["held"]
    return line | {"returned_share": share(line["returned"], judged)}


def _totals(counted: pd.DataFrame) -> dict[str, Any]:
    sums = {name: count_of(counted, name) for name in ("files", *_OUTCOMES, *SEVERITY)}
    return _with_share(sums)


def _outcome_columns() -> tuple[ReportColumn, ...]:
    tones: dict[State, Tone] = {State.ACCEPTED: "good", State.HELD: "fair", State.RETURNED: "bad"}
    became = (
        ReportColumn(state, capitalised(STATES[state]), "count", 9, "Kết quả", tone)
        for state, tone in tones.items()
    )
    return (
        ReportColumn("files", "Tệp nộp", "count", 9),
        *became,
        ReportColumn("waiting", "Đang xử lý", "count", 9, "Kết quả", "idle"),
        ReportColumn("returned_share", "Tỷ lệ trả lại", "share", 9),
    )


def _severity_columns() -> tuple[ReportColumn, ...]:
    tones = {"blocks": "bad", "warns": "warn", "notes": "idle"}
    return tuple(
        ReportColumn(name, SEVERITIES[Severity(name)], "count", 9, "Lỗi, lời nhắc", tones[name])  # type: ignore[arg-type]
        for name in SEVERITY
    )
