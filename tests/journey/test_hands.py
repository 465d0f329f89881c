"""Worker processes of a shared ledger: one that hangs is ended, one that ends is started again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import Pipe
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.wiring import hands
from tests.waiting import PATIENCE, until

ORDERS: Any = SimpleNamespace(part="/1")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[subprocess.Popen[bytes]]]:
    """Has a program of the test's own take the place of the worker."""
    real, processes = subprocess.Popen, list[subprocess.Popen[bytes]]()

    def instead(program: str) -> list[subprocess.Popen[bytes]]:
        def start(command: list[str], **named: Any) -> subprocess.Popen[bytes]:
            processes.append(real([sys.executable, "-c", program, command[-1]], **named))
            return processes[-1]

        monkeypatch.setattr(hands.subprocess, "Popen", start)
        return processes

    return instead


def test_a_process_that_gives_no_sign_is_ended_and_another_is_started(
    started: Callable[[str], list[subprocess.Popen[bytes]]], monkeypatch: pytest.MonkeyPatch
):
    processes, stop = started("import time; time.sleep(600)"), Event()
    monkeypatch.setattr(hands, "START_SECONDS", 0.2)
    monkeypatch.setattr(hands, "SIGN_SECONDS", 0.05)
    monkeypatch.setattr(hands, "AGAIN_SECONDS", (0.05, 0.1))
    monkeypatch.setattr(hands, "LAST_STEPS", 0.2)
    thread = Thread(target=hands._supervise, args=(ORDERS, stop))
    thread.start()
    until(lambda: len(processes) > 2, "the third")
    stop.set()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert {one.poll() for one in processes} == {-9}


def test_a_process_that_is_not_wanted_any_more_may_end_its_drop(
    started: Callable[[str], list[subprocess.Popen[bytes]]],
):
    program = (
        "import sys\nfrom multiprocessing.connection import Connection\n"
        "line = Connection(int(sys.argv[1]))\nline.recv()\nline.send(None)\n"
        "try:\n    line.recv()\nexcept EOFError:\n    sys.exit(7)\n"
    )
    processes, stop = started(program), Event()
    thread = Thread(target=hands._supervise, args=(ORDERS, stop))
    thread.start()
    until(lambda: processes, "its start")
    time.sleep(0.2)
    stop.set()
    thread.join(PATIENCE)

    assert processes[0].poll() == 7


@pytest.mark.parametrize("well", [True, False])
def test_signs_are_given_only_while_all_is_well_and_the_end_is_heard(
    well: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hands, "SIGN_SECONDS", 0.05)
    monkeypatch.setattr(hands, "LAST_STEPS", 0.0)
    gone = Event()
    monkeypatch.setattr(hands.os, "_exit", lambda _code: gone.set())
    daemon, process = Pipe()
    ended = Event()
    thread = Thread(target=hands._give_signs, args=(process, lambda: well, ended.set))
    thread.start()
    assert daemon.poll(PATIENCE if well else 0.4) is well
    daemon.close()

    assert ended.wait(PATIENCE) and gone.wait(PATIENCE)
    thread.join()
