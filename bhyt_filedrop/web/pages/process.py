"""The declared process: drawn as a diagram, told as a table, and asked what a path would meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from starlette.responses import Response

from bhyt_filedrop.domain.process.calendar import ZONE, home_round, local_day
from bhyt_filedrop.domain.process.chart import ChartStep, ProcessChart, chart_of
from bhyt_filedrop.language import say
from bhyt_filedrop.site.explaining import explain_path, explained_lines, in_tree
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.diagram import NARROW, WIDE, diagram_of
from bhyt_filedrop.web.rendering import due_text, show


def process_page(asked: Asking) -> Response:
    """Show the process as it holds for the round in hand."""
    world, round_ = asked.office.world.at(asked.now), home_round(local_day(asked.now))
    chart = chart_of(world.process, world.units, round_, world.days)
    rows = [_row(asked, chart, step) for step in chart.steps]
    words = {row.step.handoff.id: _words(row) for row in rows}
    return show(
        asked,
        "process.html.j2",
        round=round_,
        name=world.process.name,
        rows=rows,
        drawings=[
            ("wide", diagram_of(chart, words, WIDE)),
            ("narrow", diagram_of(chart, words, NARROW)),
        ],
    )


@dataclass(frozen=True, slots=True)
class StepView:
    """One hand-off in words: who gives it to whom, in which forms, by when, and how it comes
    about ("" = a person drops it)."""

    step: ChartStep
    givers: str
    takers: str
    copies: str
    forms: str
    due: str
    made: str
    approved: str
    papers: str

    @property
    def title(self) -> str:
        """Number and name."""
        return f"{self.step.handoff.number} {self.step.handoff.name}".strip()


def _row(asked: Asking, chart: ProcessChart, step: ChartStep) -> StepView:
    handoff, world = step.handoff, asked.office.world
    papers = world.units.by_id.get(handoff.papers)
    to = say("nơi nhận", "the receiver") if handoff.papers == "receiver" else ""
    return StepView(
        step,
        _names(chart, step.givers),
        _names(chart, step.takers),
        _names(chart, step.copies),
        world.routes.forms_text(handoff),
        due_text(step.due) or _undated(step),
        _made(step),
        say("phải duyệt trước khi gửi", "needs approval first")
        if handoff.release == "approve"
        else "",
        papers.name if papers else to,
    )


def _names(chart: ProcessChart, keys: Sequence[str]) -> str:
    return ", ".join(map(chart.name_of, keys))


def _undated(step: ChartStep) -> str:
    if step.handoff.optional:
        return say("khi có phát sinh", "when there is occasion")
    return say("không có hạn", "no date")


def _made(step: ChartStep) -> str:
    if not step.handoff.made_by:
        return ""
    sources = ", ".join(one.number or one.id for one in step.made_from)
    return say(f"hệ thống lập từ {sources}", f"made by the system from {sources}")


def _words(row: StepView) -> tuple[str, ...]:
    parts = [row.forms, row.due]
    more = [text for text in (row.made, row.approved) if text]
    copies = say(f"đồng gửi {row.copies}", f"copy to {row.copies}") if row.copies else ""
    lines = (" · ".join(filter(None, parts)), " · ".join(filter(None, [*more, copies])))
    return (row.title, *filter(None, lines))


def explain_page(asked: Asking) -> Response:
    """Say what would become of a file of some name, in some folder, on some day."""
    path, trees = asked.query.get("path", "").strip(), asked.office.settings.trees
    tree = asked.query.get("tree") or trees[0].id
    day = _day(asked.query.get("day", ""), asked.now)
    if path.startswith("/"):
        tree, path = in_tree(asked.office.settings, Path(path)) or (tree, path.lstrip("/"))
    told = explain_path(asked.office.world, tree, path, asked.office.lying(), day) if path else {}
    return show(
        asked,
        "explain.html.j2",
        path=path,
        trees=[one.id for one in trees],
        tree=tree,
        day=local_day(day),
        lines=list(explained_lines(told)),
        folders=sorted(
            folder for one in trees for folder in asked.office.world.routes.drop_folders(one.id)
        ),
    )


def _day(text: str, now: datetime) -> datetime:
    """The moment of a day: the present clock on it."""
    try:
        return datetime.combine(date.fromisoformat(text), now.astimezone(ZONE).time(), ZONE)
    except ValueError:
        return now
