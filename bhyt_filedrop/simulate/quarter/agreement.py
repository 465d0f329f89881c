"""Whatever the product says of one round it says once: workbooks, trace and reports never disagree.

Each figure is taken from every output that tells it, the workbooks as their receivers read them,
and all must be the same, and what the play knows besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from bhyt_filedrop.domain.conservation.balance import Trace
from bhyt_filedrop.domain.reports.backlog import backlog
from bhyt_filedrop.domain.reports.round import round_report
from bhyt_filedrop.simulate.quarter.folders import COSTS, DOUBTFUL, FINAL
from bhyt_filedrop.simulate.quarter.population import Population, TrueFate
from bhyt_filedrop.simulate.quarter.roles import Roles
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.tables import read_table, text_of
from bhyt_filedrop.wiring.books import reports_of
from bhyt_filedrop.wiring.rounds import status_of

Told = Mapping[str, object]
"""Which output says which figure."""

_TOTAL = re.compile(r"Tổng cộng: (\d+) trẻ")


def problems(stage: Stage, population: Population, found: Trace) -> Iterator[str]:
    """Yield in one line each the figures about which two outputs disagree."""
    outputs = RoundOutputs(stage, population, found)
    for what, told in outputs.figures():
        if len(set(map(str, told.values()))) > 1:
            said = ", ".join(f"{name} {value}" for name, value in told.items())
            yield f"outputs disagree on {what}: {said}"
    yield from outputs.lists()


@dataclass(frozen=True)
class RoundOutputs:
    """All that the product says of a played round."""

    stage: Stage
    population: Population
    found: Trace

    @property
    def roles(self) -> Roles:
        """Who plays which part."""
        return self.stage.roles

    @property
    def _reporting(self) -> str:
        """The kind of the units whose answers go to the office on top."""
        return self.stage.running.world.process.handoffs[self.roles.back[0]].sender

    # --- reports -------------------------------------------------------------------------------

    @cached_property
    def _status(self) -> Any:
        running = self.stage.running
        return status_of(running.world, running.books, self.stage.round, self.stage.now)

    @cached_property
    def _backlog(self) -> Mapping[str, Any]:
        world = self.stage.running.world
        made = backlog(self.found, self._status, world.process, world.units)
        return made.as_json()

    @cached_property
    def _round(self) -> Mapping[str, Mapping[str, Any]]:
        running = self.stage.running
        lists = reports_of(running.books).lists(self.stage.round)
        made = round_report(self._status, lists, running.world.units).as_json()
        lines: Any = made["handoffs"]
        return {line["handoff"]: line for line in lines}

    # --- figures -------------------------------------------------------------------------------

    def figures(self) -> Iterator[tuple[str, Told]]:
        """Yield each figure with every output that tells it."""
        yield "the children treated", self._treated()
        yield "the children to find out about", self._asked()
        yield "the children who have a card", self._carded()
        yield "the children without one", self._unverified()
        for one in self._status.handoffs:
            if one.handoff.id in self._round:
                line = self._round[one.handoff.id]
                names = ("delivered", "delivered-late", "overdue")
                told = {name: line[name] for name in names}
                counts = {name: one.counts[name] for name in names}
                yield f"who gave {one.handoff.id}", {"status": counts, "round report": told}

    def _treated(self) -> Told:
        (path,) = self._newest(self.roles.charger, COSTS)
        by_office = _column(path, f"Tổng hợp theo {self.population.units.offices}", "Số trẻ")
        return {
            "the play": len(self.population.people),
            "trace at H2a": _sum(self.found, self.roles.carded, "sent"),
            "trace at H9": _sum(self.found, self.roles.allocation, "sent"),
            "H9 by office": by_office,
        }

    def _asked(self) -> Told:
        total = self._backlog[f"{self._reporting}s_total"]
        return {
            "the play": len(self.population.sent),
            "trace at H3": _sum(self.found, self.roles.down[0], "sent"),
            "trace at H7": _sum(self.found, self.roles.final, "sent"),
            "backlog": total["received"],
            "H7 and H8": self._rows(self.roles.charger, FINAL)
            + self._rows(self.roles.board, DOUBTFUL),
        }

    def _carded(self) -> Told:
        total = self._backlog[f"{self._reporting}s_total"]
        back = _sum(self.found, self.roles.back[0], "carded_before")
        now = _sum(self.found, self.roles.back[0], "carded_now")
        people = [p for p in self.population.sent if p.fate is not TrueFate.NONE]
        return {
            "the play": len(people) + len(self.stage.carded_late),
            "trace at H6": back + now,
            "backlog": total["carded"],
            "round report": self._round[self.roles.final]["rows"],
            **self._printed(self.roles.charger, FINAL),
        }

    def _unverified(self) -> Told:
        total = self._backlog[f"{self._reporting}s_total"]
        people = [p for p in self.population.sent if p.fate is TrueFate.NONE]
        return {
            "the play": len(people) - len(self.stage.carded_late),
            "backlog": total["uncarded"] + total["unreported"],
            "round report": self._round[self.roles.unverified]["rows"],
            **self._printed(self.roles.board, DOUBTFUL),
        }

    # --- workbooks -----------------------------------------------------------------------------

    def _newest(self, unit: str, label: str) -> list[Path]:
        return [p for p in self.stage.inbox(unit) if label in p.name][-1:]

    def _rows(self, unit: str, label: str) -> int:
        (path,) = self._newest(unit, label)
        return len(read_table(path).lines)

    def _printed(self, unit: str, label: str) -> Told:
        (path,) = self._newest(unit, label)
        return {
            "its rows": len(read_table(path).lines),
            "its total": _total(path),
            "its summary": _column(path, "Tổng hợp", "Cộng"),
        }

    def lists(self) -> Iterator[str]:
        """Yield the lists of wards and districts whose total is not the number of their rows."""
        answering = {*self.population.offices, *self.population.units.of_level("ward")}
        for unit in self.population.units:
            for path in self.stage.inbox(unit.id) if unit in answering else ():
                if "Danh sách và phiếu trả lời" not in path.name:
                    continue
                rows, total = len(read_table(path).lines), _total(path)
                if rows != total:
                    yield f"{unit.id}: a list of {rows} children says {total}"


def _sum(found: Trace, hop_id: str, count: str) -> int:
    return sum(getattr(hop, count) for hop in found.of(hop_id))


def _total(path: Path) -> int | None:
    """The number in the line "Tổng cộng: … trẻ"."""
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False):
            for cell in row:
                if said := _TOTAL.fullmatch(text_of(cell)):
                    return int(said[1])
    return None


def _column(path: Path, sheet: str, head: str) -> int | None:
    """What the row of sums says below a heading."""
    book = CalamineWorkbook.from_path(path)
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    column = next(row.index(head) for row in rows if head in row)
    sums = next((row for row in rows if "Tổng cộng" in row), None)
    return int(float(text_of(sums[column]))) if sums else None
