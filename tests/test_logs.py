"""The log: what libraries and threads blurt out is told by its kind, never in its own words."""

from __future__ import annotations

import subprocess
import sys

from tests.imports import ROOT

SAID = "Nguyễn Thị An"

PROGRAM = f"""
import threading, warnings
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
