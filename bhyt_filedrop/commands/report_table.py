"""The reports that there are: one row each, and what makes it from the books.

The command's help, docs/reports.md and the tests follow this table. A new report is a row here, its
module in `domain/reports/`, its row and example in docs/reports.md, and its figures in
tests/edges/test_reports_written.py; the tests name the place that was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bhyt_filedrop.domain.process.calendar import home_round, local_day, moment_text
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.domain.declared import World
    from bhyt_filedrop.domain.reports.model import Report
    from bhyt_filedrop.wiring.books import Books


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files a report is about that is not one of rounds: those that came between two moments
    (aware), of one unit, or one drop; "" and None do not narrow it."""

    since: datetime | None = None
    until: datetime | None = None
    unit: str = ""
    drop: str = ""

    def __bool__(self) -> bool:
        """Whether anything was named."""
        return self != Scope()


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is made from: the books, the rounds that were named, the moment (aware)."""

    books: Books
    world: World
    rounds: tuple[Round, ...]
    now: datetime
    scope: Scope = field(default_factory=lambda: Scope())

    @property
    def round(self) -> Round:
        """The one round of a report of one round: the named one, else the round in hand."""
        return self.rounds[0] if self.rounds else home_round(local_day(self.now))


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report. `many_rounds`: takes any number of rounds, none meaning all; else just one.

    `vi` and `en` are the question that it answers, as the help and the document put it.
    """

    name: str
    make: Callable[[ReportRequest], Report]
    many_rounds: bool
    vi: str
    en: str
    scoped: bool = False
    """Takes a `Scope` in place of rounds."""


def _backlog(asked: ReportRequest) -> Report:
    from bhyt_filedrop.domain.reports.backlog import backlog
    from bhyt_filedrop.wiring.rounds import status_of
    from bhyt_filedrop.wiring.told import traced

    books, world = asked.books, asked.world
    status = status_of(world, books, asked.round, asked.now)
    return backlog(
        traced(books, world, asked.round, asked.now),
        status,
        world.process,
        world.units,
        world.routes.labels,
    )


def _round(asked: ReportRequest) -> Report:
    from bhyt_filedrop.domain.reports.round import round_report
    from bhyt_filedrop.wiring.books import reports_of
    from bhyt_filedrop.wiring.rounds import status_of

    status = status_of(asked.world, asked.books, asked.round, asked.now)
    lists = reports_of(asked.books).lists(asked.round, until=asked.now)
    return round_report(status, lists, asked.world.units, asked.world.routes.labels)


def _quality(asked: ReportRequest) -> Report:
    from bhyt_filedrop.domain.reports.quality import quality
    from bhyt_filedrop.wiring.books import reports_of

    book = reports_of(asked.books)
    return quality(
        book.drops(asked.now), book.findings(), asked.world.units, asked.now, asked.rounds
    )


def _endings(asked: ReportRequest) -> Report:
    from bhyt_filedrop.domain.reports.endings import endings_report
    from bhyt_filedrop.wiring.told import endings_of

    known = tuple(Round.parse(one) for one in asked.books.facts.rounds())
    rounds = asked.rounds or known
    world = asked.world
    found = endings_of(world, asked.books, rounds, asked.now)
    return endings_report(found, world.units, asked.now, rounds, world.routes.labels)


def _access(asked: ReportRequest) -> Report:
    from bhyt_filedrop.domain.process.calendar import DAY, at
    from bhyt_filedrop.domain.reports.accesses import access_report
    from bhyt_filedrop.wiring.page import accounts_of

    book, found = accounts_of(asked.books), []
    spans = [(at(one.next.first_day), at(one.next.last_day + DAY)) for one in asked.rounds]
    for since, until in spans or [(EVER, asked.now)]:
        found += book.accesses(since, until)
    titles = [one.title for one in asked.rounds]
    return access_report(found, asked.world.units, asked.now, titles)


EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything was looked at."""


def _exposure(asked: ReportRequest) -> Report:
    from bhyt_filedrop.domain.reports.held import exposure_report
    from bhyt_filedrop.wiring.books import holdings_of

    scope, units = asked.scope, asked.world.units
    since, until = scope.since or datetime.min.replace(tzinfo=UTC), scope.until or asked.now
    book = holdings_of(asked.books)
    held = book.of_drops(since, until, scope.unit, scope.drop)
    said = [f"Tệp đến từ {moment_text(since)}" if scope.since else "Mọi tệp"]
    said += [f"đến {moment_text(until)}"]
    said += [f"của hoặc gửi cho {units[scope.unit].name}"] if scope.unit else []
    said += [f"tệp nộp {scope.drop}"] if scope.drop else []
    handed = book.handed(one.record.drop for one in held)
    return exposure_report(held, handed, units, asked.now, ", ".join(said))


REPORTS = {
    row.name: row
    for row in (
        ReportRow(
            "backlog", _backlog, False,
            "mỗi đơn vị còn tồn bao nhiêu trẻ chưa có thẻ hoặc chưa báo cáo",
            "how many children of each district and ward have no card yet or are not reported",
        ),
        ReportRow(
            "round", _round, False,
            "trong đợt, ai đã chuyển danh sách nào, lúc nào, trễ mấy ngày, nộp mấy bản",
            "who handed which list over in the round, when, how late, in how many versions",
        ),
        ReportRow(
            "quality", _quality, True,
            "lỗi nào hay gặp, đơn vị nào bị trả lại nhiều",
            "which faults are frequent, and whose files are returned often",
        ),
        ReportRow(
            "endings", _endings, True,
            "mỗi bước của mỗi đơn vị đúng hạn, trễ, không nộp hay nộp chưa đạt, bằng chứng là gì",
            "how each hand-off of each unit ended (on time, late, missing, invalid) and the proof",
        ),
        ReportRow(
            "access", _access, True,
            "ai đã mở, tải gì của ai trên trang theo dõi, lúc nào, từ đâu",
            "who opened or downloaded what of whom on the status page, when and from where",
        ),
        ReportRow(
            "exposure", _exposure, False,
            "dữ liệu của những trẻ nào, loại gì, có trong các tệp đó và ai đã nhận; có tên trẻ",
            "whose data, which fields, stood in those files and who received them; names children",
            scoped=True,
        ),
    )
}  # fmt: skip
"""Name → report, in the order of the help and of the document."""


def reports_help() -> str:
    """Return what the command's help says of each report, a line each."""
    one, many = say("một đợt", "one round"), say("nhiều đợt", "any number of rounds")

    def takes(row: ReportRow) -> str:
        return "--from, --to, --unit, --drop" if row.scoped else many if row.many_rounds else one

    return "\n\n".join(
        f"{row.name} ({takes(row)}): {say(row.vi, row.en)}." for row in REPORTS.values()
    )
