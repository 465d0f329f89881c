"""Make the copy that goes back to a sender, with its errors marked in it.

Three ways, each a fall-back of the one before: the sender's own xlsx with coloured cells and
comments; an xlsx rebuilt from the cells that were read (xls, HTML, XML, csv, ods, xlsb), in the
looks of an xls or ods; the list of findings alone. Each runs in a child process under limits,
because it opens what a stranger sent; a copy appears whole or not at all.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.edges.workbooks.child.process import ChildProcess, DiedError, TooSlowError
from bhyt_filedrop.edges.workbooks.child.wire import framed
from bhyt_filedrop.edges.workbooks.marking.job import LEAVES, MAX_ROWS, Job, MarkingAnswer, Way
from bhyt_filedrop.edges.workbooks.marking.same_cells import same_cells
from bhyt_filedrop.ports import Limits, NeverWorks, Reader, TryLater

_UNOPENED = frozenset(
    {
        "file.empty",
        "file.too-large",
        "file.not-a-workbook",
        "file.damaged",
        "file.encrypted",
        "file.unsafe",
        "file.infected",
    }
)
"""Files with one of these are never opened again only to be marked."""

_LIST_SECONDS = 120.0
_LIST_MEMORY = 2**30
"""What the list alone always gets, however tight the limits: it opens nothing of the sender's."""

_NOT_DEFUSED = (
    "no copy without macros and links can be made of this workbook; to send it on as it came, set "
    'active_content = "keep" at its hand-off and retry'
)
_MOST_ROWS = 200_000
_CELLS_SECONDS = 240.0
"""A list that was accepted must go on, however large; such a copy is seldom made."""

_ANSWERS = {answer.value: answer for answer in MarkingAnswer}
_ANSWER_BYTES = 64


class WorkbookAnnotator:
    """Makes annotated copies; see `ports.Annotator`.

    `reader` is asked for the cells of files that cannot be edited in place; without one these get
    the list alone. `limits` caps each attempt (seconds of wall clock, bytes of memory). With
    `warm` a child is kept for the next copy until `close`: starting one takes longer than marking.
    """

    def __init__(
        self,
        reader: Reader | None = None,
        *,
        limits: Limits | None = None,
        max_rows: int = MAX_ROWS,
        warm: bool = False,
    ) -> None:
        self._reader = reader
        self._limits = limits or Limits()
        self._max_rows = max_rows
        self._warm = warm
        self._idle: list[ChildProcess] = []
        """Several threads may ask at once: each takes a child out, or starts one."""

    def annotate(self, source: Path, name: str, findings: Sequence[Finding], to: Path) -> str:
        """Write an annotated xlsx to `to`; return `in-place`, `rebuilt` or `list-only`.

        `name` is the file's name as its sender knows it. Never raises for what the file holds;
        raises TryLater where not even the list could be written (disk, processes).
        """
        partial = to.with_name(f".{to.name}.part")
        try:
            return self._first_that_works(source, name, tuple(findings), partial, to)
        except OSError as err:
            raise TryLater(f"annotated copy: {err.strerror or type(err).__name__}") from err
        finally:
            partial.unlink(missing_ok=True)

    def defuse(self, source: Path, name: str, to: Path) -> str:
        """See `ports.Annotator.defuse`: the sender's own xlsx with its values, or one rebuilt from
        the cells; either is read again and compared before anybody gets it."""
        grid = self._reader.read(source, name).workbook if self._reader else None
        if grid is None:
            raise NeverWorks(_NOT_DEFUSED)
        partial = to.with_name(f".{to.name}.part")
        ways: tuple[Way, ...] = (Way.CELLS,) if _starts_like_a_zip(source) else ()
        try:
            for way in (*ways, Way.CELLS_REBUILT):
                told = self._run(self._job(way, source, name, (), partial, grid))
                if told is MarkingAnswer.DONE and self._holds(partial, grid):
                    partial.replace(to)
                    return way.value
        except OSError as err:
            raise TryLater(f"defused copy: {err.strerror or type(err).__name__}") from err
        finally:
            partial.unlink(missing_ok=True)
        raise NeverWorks(_NOT_DEFUSED)

    def _holds(self, copy: Path, grid: Workbook) -> bool:
        """Tell whether a copy holds the same cells as a grid, and nothing that runs."""
        assert self._reader is not None
        again = self._reader.read(copy, "copy.xlsx").workbook
        return again is not None and not again.active_content and same_cells(grid, again)

    def close(self) -> None:
        """End the children that were kept."""
        self._warm = False
        while self._idle:
            self._idle.pop().close()

    def _first_that_works(
        self, source: Path, name: str, findings: tuple[Finding, ...], partial: Path, to: Path
    ) -> str:
        too_big = False
        for way in self._ways(source, findings):
            if too_big and way is not Way.LIST_ONLY:
                continue
            grid = self._grid(source, name) if way is Way.REBUILT else None
            if way is Way.REBUILT and grid is None:
                continue
            answer = self._run(self._job(way, source, name, findings, partial, grid))
            too_big = answer is MarkingAnswer.TOO_BIG
            if answer is MarkingAnswer.DONE and partial.exists():
                partial.replace(to)
                return way.value
        raise TryLater("annotated copy: not even the list of findings could be written")

    def _ways(self, source: Path, findings: Sequence[Finding]) -> Iterator[Way]:
        """The ways to try, best first."""
        if source.is_file() and not any(f.code in _UNOPENED for f in findings):
            if _starts_like_a_zip(source):
                yield Way.IN_PLACE
            yield Way.REBUILT
        yield Way.LIST_ONLY

    def _grid(self, source: Path, name: str) -> Workbook | None:
        """The file's cells, or None where they are unreadable or too many to be worth marking."""
        if self._reader is None:
            return None
        grid = self._reader.read(source, name).workbook
        if grid is None or sum(len(sheet.rows) for sheet in grid.sheets) > self._max_rows:
            return None
        return grid

    def _job(
        self,
        way: Way,
        source: Path,
        name: str,
        findings: tuple[Finding, ...],
        to: Path,
        grid: Workbook | None,
    ) -> Job:
        own, goes_on = way is Way.LIST_ONLY, way in (Way.CELLS, Way.CELLS_REBUILT)
        seconds = _LIST_SECONDS if own else _CELLS_SECONDS if goes_on else 0.0
        return Job(
            way,
            str(source.absolute()),
            name,
            findings,
            str(to.absolute()),
            grid,
            _MOST_ROWS if goes_on else self._max_rows,
            self._limits.max_unpacked,
            max(self._limits.seconds, seconds),
            max(self._limits.memory, _LIST_MEMORY) if own else self._limits.memory,
        )

    def _run(self, job: Job) -> MarkingAnswer:
        """Run one attempt in a child; whatever goes wrong with it means that the way is unsuited,
        but for a child that stood still: another is tried.

        Its error output is thrown away: a library's traceback may quote a row.
        """
        try:
            return self._run_once(job)
        except TooSlowError as err:
            if not err.stood_still:
                return MarkingAnswer.UNSUITED
        except DiedError:
            return MarkingAnswer.UNSUITED
        Path(job.to).unlink(missing_ok=True)
        try:
            return self._run_once(job)
        except (TooSlowError, DiedError):
            return MarkingAnswer.UNSUITED

    def _run_once(self, job: Job) -> MarkingAnswer:
        child = self._child()
        said = child.exchange(framed(pickle.dumps(job)), job.seconds).decode()
        self._put_back(child, leaves=said.endswith(LEAVES))
        return _ANSWERS.get(said.removesuffix(LEAVES), MarkingAnswer.UNSUITED)

    def _child(self) -> ChildProcess:
        try:
            return self._idle.pop()
        except IndexError:
            memory = max(self._limits.memory, _LIST_MEMORY)
            return ChildProcess("marking.worker", memory, _ANSWER_BYTES)

    def _put_back(self, child: ChildProcess, *, leaves: bool) -> None:
        if self._warm and not leaves:
            self._idle.append(child)
        else:
            child.close()


def _starts_like_a_zip(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"
