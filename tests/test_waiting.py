"""A command that takes its time says so, and never in the way of what it says itself."""

from __future__ import annotations

import io
import logging
import sys
import time
from types import SimpleNamespace

import pytest

from bhyt_filedrop import service
from bhyt_filedrop.commands import waiting
from bhyt_filedrop.commands.common import tell
from bhyt_filedrop.language import choose, language
from bhyt_filedrop.patience import while_it_lasts
from tests.waiting import until


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def english():
    before = language()
    choose("en")
    yield
    choose(before)


@pytest.fixture
def terminal(monkeypatch, english) -> Terminal:
    shown = Terminal()
    monkeypatch.setattr(waiting, "sys", SimpleNamespace(stderr=shown))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(waiting, "SOON", 0.01)
    monkeypatch.setattr(waiting, "TICK", 0.01)
    return shown


def test_what_is_done_at_once_shows_nothing(monkeypatch, english):
    shown = Terminal()
    monkeypatch.setattr(waiting, "sys", SimpleNamespace(stderr=shown))

    with waiting.waiting("check"):
        pass

    assert shown.getvalue() == ""


def test_a_terminal_shows_the_command_and_how_far_it_is(terminal):
    with waiting.waiting("check"):
        waiting.note("12/300")
        until(lambda: "check 12/300: at work, 0 s" in terminal.getvalue())


def test_what_the_command_says_stands_on_a_line_of_its_own(terminal, monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)

    with waiting.waiting("report"):
        until(lambda: "report" in terminal.getvalue())
        tell("một dòng")
        there = terminal.getvalue()

    assert said.getvalue() == "một dòng\n"
    assert there.endswith("\x1b[2K")  # taken away before, and nothing of it left
    assert "một dòng" not in there


def test_a_log_has_a_line_a_while_and_no_movement(monkeypatch, english):
    log = io.StringIO()
    monkeypatch.setattr(waiting, "sys", SimpleNamespace(stderr=log))
    monkeypatch.setattr(waiting, "A_WHILE", 0.01)

    with waiting.waiting("trace"):
        until(lambda: log.getvalue().count("\n") > 2)

    assert set(log.getvalue().splitlines()) == {"bhyt-filedrop: trace: at work, 0 s"}


def test_a_reader_that_went_away_ends_no_command(monkeypatch):
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(waiting, "sys", SimpleNamespace(stderr=Gone()))
    monkeypatch.setattr(waiting, "A_WHILE", 0.001)

    with waiting.waiting("trace"):
        time.sleep(0.05)


def test_nothing_is_told_of_once_it_is_over():
    told: list[int] = []

    with while_it_lasts(told.append, 0.001, 0.001):
        until(lambda: len(told) > 1)
    there = len(told)
    time.sleep(0.05)

    assert len(told) == there


def test_a_start_that_takes_its_time_stands_in_the_log(caplog):
    caplog.set_level(logging.INFO)

    with while_it_lasts(service._tell_of_start, 0.001, 10):
        until(lambda: caplog.records)

    assert caplog.records[0].getMessage() == "service.starting"
