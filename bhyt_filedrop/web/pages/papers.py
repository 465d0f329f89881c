"""The paper copies of a round: where they are, and the list on top of each bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import birth_text
from bhyt_filedrop.domain.owed.papers import PaperWay
from bhyt_filedrop.domain.paper.cover import cover_order, cover_sheets
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused
from bhyt_filedrop.web.asking import Asking, round_named
from bhyt_filedrop.web.links import path_to
from bhyt_filedrop.web.pages.acts import Act, do_act, reason_of
from bhyt_filedrop.web.pages.excel import as_workbook
from bhyt_filedrop.web.rendering import not_found, problem, show


def papers_page(asked: Asking) -> Response:
    """Show where the paper copies of a round are."""
    round_ = round_named(asked.names["round"])
    if round_ is None:
        return not_found(asked)
    ways = [one for one in asked.office.papers.ways(round_) if asked.sight.sees(one.unit.id)]
    return show(
        asked,
        "papers.html.j2",
        round=round_,
        cover=lambda unit: path_to("units", unit.id, "papers", str(round_)),
        missing=[one for one in ways if one.tick is None],
        came=[one for one in ways if one.tick],
        done=asked.query.get("done", ""),
    )


def papers_came(asked: Asking) -> Response:
    """Note that the paper copies came to a unit, or that they did not."""
    unit, round_ = asked.unit, round_named(asked.form.get("round", ""))
    if unit is None or round_ is None:
        return not_found(asked)
    handoff, why, by, now = (
        asked.form.get("handoff", ""),
        reason_of(asked),
        asked.who.name,
        asked.now,
    )
    papers = asked.office.papers
    acts: dict[str, Act] = {
        "came": lambda: papers.came(round_, handoff, [unit.id], why, by, now),
        "not-there": lambda: papers.not_there(round_, handoff, unit.id, why, by, now),
    }
    return do_act(asked, asked.form.get("action", ""), acts, path_to("papers", str(round_)))


@dataclass(frozen=True, slots=True)
class Bundle:
    """The copies of one unit in a round: the way they come, and whose they are, in order."""

    round: Round
    unit: Unit
    way: PaperWay
    children: Sequence[ListedChild]


def cover_page(asked: Asking) -> Response:
    """Show the list that lies on top of a unit's bundle, to print, and whether the copies came."""
    bundle = _bundle(asked)
    if isinstance(bundle, Response):
        return bundle
    return show(
        asked,
        "cover.html.j2",
        bundle=bundle,
        units=asked.office.world.units,
        birth=birth_text,
        excel=path_to("units", bundle.unit.id, "papers", str(bundle.round), "excel"),
    )


def cover_excel(asked: Asking) -> Response:
    """Hand the same list out as the command `papers cover` makes it."""
    bundle = _bundle(asked)
    if isinstance(bundle, Response):
        return bundle
    sheets = cover_sheets(
        bundle.children, bundle.way.giver, bundle.unit, bundle.round, asked.office.world.units
    )
    name = f"{bundle.round}-{bundle.unit.id}.xlsx"
    return as_workbook(name, lambda to: asked.office.save_sheets(sheets, to))


def _bundle(asked: Asking) -> Bundle | Response:
    unit, round_ = asked.unit, round_named(asked.names["round"])
    if unit is None or round_ is None:
        return not_found(asked)
    try:
        way, children = asked.office.papers.children(round_, unit.id)
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    return Bundle(round_, unit, way, cover_order(children, asked.office.world.units))
