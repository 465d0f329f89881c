"""A copy of the checkout in which one fault at a time is tried: jobs in, answers out, a line each.

Started by `__main__` with the copy as its folder. Libraries are imported once; each job is a fork
that imports the package with the fault in it and runs the tests that touch it until one fails.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

_MEMORY = 6 * 1024**3
_QUIET = ["-q", "-x", "--no-header", "--tb=no", "-p", "no:randomly", "-p", "no:cacheprovider"]
_QUIET += ["-p", "no:xdist", "-W", "ignore"]


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
        for turn, line in enumerate(jobs):
            answers.write(json.dumps(_try(json.loads(line), turn)) + "\n")
            answers.flush()


def _try(job: dict[str, object], turn: int) -> dict[str, object]:
    path = Path(str(job["file"]))
    sound = path.read_bytes()
    path.write_text(str(job["source"]), encoding="utf-8")
    # Python takes compiled code for current by the second and the size.
    os.utime(path, (turn + 1, turn + 1))
    try:
        for tests in job["rounds"]:
            by = _asked(tests, float(job["seconds"]))
            if by:
                return {"by": by}
        return {"by": ""}
    finally:
        path.write_bytes(sound)


def _asked(tests: list[str], seconds: float) -> str:
    """Who noticed, or nothing."""
    answer = Path("answer")
    answer.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _run(tests, answer)
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


def _run(tests: list[str], answer: Path) -> None:
    code = 3
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        out = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        files = list(dict.fromkeys(t.split("::")[0] for t in tests))
        options = [*_QUIET, f"--basetemp={Path('pytest-files').absolute()}", "--timeout=120"]
        code = int(pytest.main([*options, *files], plugins=[Chosen(tests, answer)]))
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
