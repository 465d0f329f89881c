"""Reading workbooks and archives: the `Reader` port, on a child process that is kept warm.

The parent looks only at magic bytes and end marks; everything that parses runs in the child,
which may hang, abort or eat memory and costs no more than the one file it was reading.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePath
from types import MappingProxyType, TracebackType

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.edges.workbooks.child import problems
from bhyt_filedrop.edges.workbooks.child.process import ChildProcess, DiedError, TooSlowError
from bhyt_filedrop.edges.workbooks.child.wire import Ask, WireAnswer, unpack_sheets
from bhyt_filedrop.edges.workbooks.reading import messages
from bhyt_filedrop.edges.workbooks.sniffing import sniff
from bhyt_filedrop.ports import Limits, Member, Reading, TryLater, Unpacked

_XLSX = frozenset({"xlsx", "xlsm"})
_EXTENSIONS = MappingProxyType(
    {
        ".xlsx": _XLSX,
        ".xlsm": _XLSX,
        ".xltx": _XLSX,
        ".xltm": _XLSX,
        ".xlsb": frozenset({"xlsb"}),
        ".xls": frozenset({"xls"}),
        ".xlt": frozenset({"xls"}),
        ".ods": frozenset({"ods"}),
        ".fods": frozenset({"fods"}),
        ".htm": frozenset({"html"}),
        ".html": frozenset({"html"}),
        ".mht": frozenset({"html"}),
        ".mhtml": frozenset({"html"}),
        ".xml": frozenset({"spreadsheetml", "fods"}),
        ".csv": frozenset({"csv"}),
        ".tsv": frozenset({"csv"}),
        ".txt": frozenset({"csv"}),
        ".prn": frozenset({"csv"}),
    }
    | dict.fromkeys((".pdf", ".doc", ".docx", ".zip", ".rar", ".7z", ".jpg", ".png"), frozenset())
)
"""What a name promises. An extension that is not here promises nothing."""

_UNPACKED_NAME = re.compile(r"[0-9]{1,6}(\.[a-z0-9]{1,8})?")
_ANSWER_BYTES = 256 * 2**20
_STOOD_STILL = "stood still"
_DIED = "died"


class WorkbookReader:
    """Reads files one at a time in one warm child; safe to call from several threads."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        workdir: Path | None = None,
        find: Callable[[Path], str] = lambda _path: "",
    ) -> None:
        """Keep the limits; the child starts with the first file, or with `warm`.

        `workdir` is where the child stands and keeps a parser's own temporary files. `find` names
        the malware that a file carries, before anything parses it; "" where there is none.
        """
        self._limits = limits or Limits()
        self._workdir = workdir.absolute() if workdir else None
        self._find = find
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None

    def __enter__(self) -> WorkbookReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def begin(self) -> None:
        """Have the child come up while nobody waits; where it cannot, the first file tells."""
        with self._lock, suppress(TryLater):
            self._get_child()

    def warm(self) -> None:
        """Start the child and wait until it is up. Raises TryLater where it cannot start."""
        with self._lock:
            self._get_child().wait_until_up()

    def read(self, path: Path, name: str) -> Reading:
        """Read one file; see `ports.Reader.read`."""
        sniffed = self._examine(path)
        if 0 < sniffed.size <= self._limits.max_bytes and (carried := self._find(path)):
            return Reading("", findings=(messages.infected(carried),))
        refused = self._refusal(sniffed)
        if refused is not None:
            return Reading(_public(sniffed.format), findings=(refused,))
        answer = self._ask(self._job("read", path, sniffed.format))
        if answer.problem:
            found = messages.problem(answer.problem, _why(answer, path))
            return Reading(_public(sniffed.format), findings=(found,))
        return self._reading(answer, name)

    def _examine(self, path: Path) -> sniff.Sniffed:
        try:
            return sniff.examine(path)
        except OSError as err:
            raise TryLater(f"read a file: {err.strerror}") from err

    def _refusal(self, sniffed: sniff.Sniffed) -> Finding | None:
        """Say what needs no parser to be seen."""
        if sniffed.size == 0:
            return messages.empty()
        if sniffed.size > self._limits.max_bytes:
            return messages.too_large(sniffed.size, self._limits.max_bytes)
        if sniffed.ends is False:
            return messages.problem(problems.DAMAGED, "text-mode" if sniffed.spoilt else "cut-off")
        if sniffed.format in sniff.WORKBOOKS or sniffed.format == sniff.ENCRYPTED:
            return None
        return messages.problem(problems.NOT_A_WORKBOOK, _kind(sniffed.format))

    def _job(self, job: str, path: Path, format_name: str, into: Path | None = None) -> Ask:
        limits = self._limits
        return Ask(
            job,
            os.fsencode(path.absolute()),
            format_name,
            limits.max_cells,
            limits.max_unpacked,
            limits.seconds,
            os.fsencode(into.absolute()) if into else b"",
        )

    def _reading(self, answer: WireAnswer, name: str) -> Reading:
        try:
            sheets = unpack_sheets(answer.sheets)
        except ValueError:
            return Reading("", findings=(messages.problem(problems.UNSAFE),))
        active = messages.known_active(answer.active)
        workbook = Workbook(answer.format, sheets, active)
        return Reading(answer.format, workbook, tuple(_remarks(workbook, name)))

    def unpack(self, path: Path, into: Path) -> Unpacked:
        """Unpack a zip, rar or 7z into files of our own naming; see `ports.Reader.unpack`."""
        sniffed = self._examine(path)
        refused = self._unpack_refusal(sniffed)
        if refused is not None:
            return Unpacked(findings=(refused,))
        try:
            into.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise TryLater(f"make a folder to unpack into: {err.strerror}") from err
        answer = self._ask(self._job("unpack", path, sniffed.format, into))
        if answer.problem:
            return Unpacked(findings=(messages.problem(answer.problem, _why(answer, path)),))
        return Unpacked(tuple(_members(answer, into)))

    def _unpack_refusal(self, sniffed: sniff.Sniffed) -> Finding | None:
        if sniffed.size == 0:
            return messages.empty()
        if sniffed.size > self._limits.max_bytes:
            return messages.too_large(sniffed.size, self._limits.max_bytes)
        if sniffed.format not in sniff.ARCHIVES:
            return messages.problem(problems.NOT_A_WORKBOOK)
        why = "text-mode" if sniffed.spoilt else "archive"
        return messages.problem(problems.DAMAGED, why) if sniffed.ends is False else None

    def _ask(self, ask: Ask) -> WireAnswer:
        """Have a job done. A death over it counts only in a child that had no job before it, and
        one that stood still is given a second time."""
        tries = 0
        with self._lock:
            while True:
                tries += 1
                child = self._get_child()
                fresh = child.jobs == 0
                answer = self._try(child, ask)
                if answer.problem == problems.MACHINE:
                    raise TryLater("a reading child could not reach its files")
                if tries == 1 and answer.why == _STOOD_STILL:
                    continue
                if fresh or answer.problem != problems.MEMORY:
                    return _sound(answer)

    def _try(self, child: ChildProcess, ask: Ask) -> WireAnswer:
        try:
            answer = child.ask(ask)
        except TryLater:
            self._child = None
            raise
        except TooSlowError as err:
            self._replace(child, alive=False)
            return WireAnswer(problems.UNSAFE, _STOOD_STILL if err.stood_still else "time")
        except DiedError:
            self._replace(child, alive=False)
            return WireAnswer(problems.MEMORY, _DIED)
        if answer.retire:
            self._replace(child, alive=True)
        return answer

    def _get_child(self) -> ChildProcess:
        if self._child is None:
            self._child = ChildProcess(
                "reading.worker", self._limits.memory, _ANSWER_BYTES, self._workdir
            )
        return self._child

    def _replace(self, child: ChildProcess, *, alive: bool) -> None:
        """Have the next child come up while the daemon does something else."""
        self._child = None
        if alive:
            child.close()
        self._get_child()

    def close(self) -> None:
        """End the child; a later call starts another one."""
        with self._lock:
            if self._child is not None:
                self._child.close()
                self._child = None


def _sound(answer: WireAnswer) -> WireAnswer:
    """Believe a child only what a child may say."""
    if answer.why == _STOOD_STILL:
        return WireAnswer(problems.UNSAFE, "time")
    if answer.problem == problems.MEMORY:
        return WireAnswer(problems.UNSAFE, "" if answer.why == _DIED else "memory")
    if answer.problem and not messages.is_known(answer.problem):
        return WireAnswer(problems.UNSAFE)
    if not answer.problem and answer.format not in sniff.WORKBOOKS | sniff.ARCHIVES:
        return WireAnswer(problems.UNSAFE)
    return answer


def _why(answer: WireAnswer, path: Path) -> str:
    """The reason that a child gives; a damage that FTP did is told as that."""
    try:
        spoilt = answer.problem == problems.DAMAGED and sniff.is_spoilt(path)
    except OSError as err:
        raise TryLater(f"read a file: {err.strerror}") from err
    return "text-mode" if spoilt else answer.why


def _public(format_name: str) -> str:
    return "" if format_name == sniff.ENCRYPTED else format_name


def _kind(format_name: str) -> str:
    kinds = (
        (sniff.PICTURES, "picture"),
        (sniff.DOCUMENTS, "document"),
        (sniff.ARCHIVES, "archive"),
    )
    return next((kind for formats, kind in kinds if format_name in formats), "")


def _remarks(workbook: Workbook, name: str) -> Iterator[Finding]:
    extension = PurePath(name).suffix.lower()
    if workbook.format not in _EXTENSIONS.get(extension, {workbook.format}):
        yield messages.disguised(extension, workbook.format)
    if workbook.active_content:
        yield messages.active_content(workbook.active_content)


def _members(answer: WireAnswer, into: Path) -> Iterator[Member]:
    for name, stored in answer.members:
        path = into / stored
        if not _UNPACKED_NAME.fullmatch(stored) or not stat.S_ISREG(path.lstat().st_mode):
            raise TryLater("an unpacked file is not where it was said to be")
        yield Member(unicodedata.normalize("NFC", name), path)
