"""A copy of the checkout in which one fault at a time is tried: jobs in, answers out, a line each.

Started by `__main__` with the copy as its folder. Libraries, package and tests are imported once;
each job is a fork into whose package the fault is put (`swapping`), or which imports it anew with
the fault in it, and which runs the tests that touch it until one fails.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.mutants.swapping import forget, put_in

_MEMORY = 6 * 1024**3
_QUIET = ["-q", "-x", "--no-header", "--tb=no", "-p", "no:randomly", "-p", "no:cacheprovider"]
_QUIET += ["-p", "no:xdist", "-W", "ignore"]
# They go through all that was ever imported at the end of each run, several times.
_QUIET += ["-p", "no:unraisableexception", "-p", "no:threadexception"]


class Chosen:
    """Only these tests, in this order; who fails first."""

    def __init__(self, tests: Sequence[str], answer: Path) -> None:
        self._order = {t: n for n, t in enumerate(tests)}
        self._answer = answer

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (i for i in items if i.nodeid in self._order), key=lambda i: self._order[i.nodeid]
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._answer.write_text(report.nodeid, encoding="utf-8")


def main() -> None:
    """Answer jobs until there are no more."""
    jobs, answers = sys.stdin, os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    first = json.loads(jobs.readline())
    with warnings.catch_warnings(), contextlib.suppress(KeyboardInterrupt):
        warnings.simplefilter("ignore")
        for module in first["modules"]:
            with contextlib.suppress(Exception):
                importlib.import_module(module)
        for line in jobs:
            answers.write(json.dumps(_try(json.loads(line))) + "\n")
            answers.flush()


def _try(job: dict[str, object]) -> dict[str, object]:
    path = Path(str(job["file"]))
    sound, faulty, stat = path.read_text(encoding="utf-8"), str(job["source"]), path.stat()
    for tests in job["rounds"]:
        _import(tests)
        # Processes that a test starts read it; it is newer than what was compiled.
        path.write_text(faulty, encoding="utf-8")
        try:
            by = _asked(tests, float(job["seconds"]), lambda: _put_in(path, sound, faulty))
        finally:
            path.write_text(sound, encoding="utf-8")
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        if by:
            return {"by": by}
    return {"by": ""}


_imported: set[str] = set()


def _import(tests: list[str]) -> None:
    """Have the files of some tests imported, with all that they import."""
    new = sorted(set(map(_file, tests)) - _imported)
    if not new:
        return
    _imported.update(new)
    out = os.dup(1)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            pytest.main([*_QUIET, "--collect-only", *new])
        finally:
            os.dup2(out, 1)
            os.close(out)


def _file(test: str) -> str:
    return test.split("::")[0]


def _put_in(path: Path, sound: str, faulty: str) -> None:
    if put_in(path, sound, faulty):
        forget("bhyt_filedrop")
        return
    for name in list(sys.modules):
        if name.split(".")[0] in {"bhyt_filedrop", "tests", "conftest"}:
            del sys.modules[name]


def _asked(tests: list[str], seconds: float, put_fault: Callable[[], None]) -> str:
    """Who noticed, or nothing."""
    answer = Path("answer")
    answer.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _run(tests, answer, put_fault)
    status = _ended(child, time.monotonic() + seconds)
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
        return "it never ends"
    if answer.exists():
        return answer.read_text(encoding="utf-8")
    code = os.waitstatus_to_exitcode(status)
    return "" if code in {0, 5} else f"nothing could be collected ({code})"


def _ended(child: int, until: float) -> int | None:
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(0.02)
    return None


def _run(tests: list[str], answer: Path, put_fault: Callable[[], None]) -> None:
    code = 3
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        out = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        put_fault()
        gc.freeze()
        files = list(dict.fromkeys(map(_file, tests)))
        options = [*_QUIET, f"--basetemp={Path('pytest-files').absolute()}", "--timeout=120"]
        code = int(pytest.main([*options, *files], plugins=[Chosen(tests, answer)]))
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
