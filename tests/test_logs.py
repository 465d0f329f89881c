"""The log: what libraries and threads blurt out is told by its kind, never in its own words."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bhyt_filedrop import logs
from tests.imports import ROOT

SAID = "Nguyễn Thị An"

PROGRAM = f"""
import threading, warnings
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bhyt_filedrop import logs

logs.set_up("json", "info")
warnings.warn("hồ sơ của {SAID}", RuntimeWarning)
def fail(): raise KeyError("hồ sơ của {SAID}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
"""


def test_a_library_s_warning_and_a_thread_s_end_are_told_without_their_words():
    ran = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM],
        capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True,
    )  # fmt: skip

    warned, ended = ran.stderr.splitlines()
    assert '"event": "python.warning", "kind": "RuntimeWarning"' in warned
    assert '"event": "thread.failed", "error": "KeyError"' in ended
    assert SAID not in ran.stderr


def test_an_error_is_named_by_its_kind_and_a_full_disk_by_its_own():
    """An admin has to see that the disk is full; what a cell says stays out of the log."""
    ledger = create_engine("sqlite://")
    with ledger.connect() as open_, pytest.raises(OperationalError) as full:
        open_.execute(text("PRAGMA max_page_count = 1"))
        open_.execute(text("CREATE TABLE full (Nguyen_An)"))

    assert logs.kind_of(full.value) == "OperationalError (SQLITE_FULL)"
    assert logs.kind_of(OSError(errno.ENOSPC, "Nguyễn An")) == "OSError (ENOSPC)"
    assert logs.kind_of(ValueError("Nguyễn An")) == "ValueError"
