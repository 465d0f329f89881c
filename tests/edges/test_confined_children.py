"""The processes that parse strangers' bytes hold no right of the service."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.edges.reading import read_bytes
from tests.imports import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")

NOBODY = 65534
INTO_OTHERS_FILES = 1 << 1
"""CAP_DAC_OVERRIDE, which root alone keeps: an admin may check what a clerk owns."""

LEFT = INTO_OTHERS_FILES if os.geteuid() == 0 else 0


def rights_of(status: str) -> dict[str, int]:
    """Return the sets of capabilities, and whether new rights can be won, of `/proc/…/status`."""
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    names = ("CapEff", "CapPrm", "CapInh", "CapAmb", "NoNewPrivs")
    return {name: int(lines[name], 16) for name in names}


def rights_of_process(pid: int) -> dict[str, int]:
    return rights_of(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))


def assert_given_up(rights: dict[str, int], left: int = LEFT) -> None:
    assert rights["NoNewPrivs"] == 1
    assert rights["CapInh"] == rights["CapAmb"] == 0
    assert rights["CapEff"] | rights["CapPrm"] | left == left


def test_the_process_that_reads_workbooks_has_given_up_its_rights(tmp_path: Path):
    with WorkbookReader() as reader:
        reading = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))
        assert reader._child is not None
        rights = rights_of_process(reader._child.pid)

    assert reading.workbook is not None, "and it still reads"
    assert_given_up(rights)


def test_the_process_that_annotates_gives_up_its_rights_before_it_takes_the_job():
    worker = [sys.executable, "-m", "bhyt_filedrop.edges.workbooks.marking.worker"]
    with subprocess.Popen(worker, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            patience = time.monotonic() + 120
            rights = rights_of_process(child.pid)
            while not rights["NoNewPrivs"] or rights["CapEff"] | LEFT != LEFT:
                assert time.monotonic() < patience, rights
                time.sleep(0.02)
                rights = rights_of_process(child.pid)
        finally:
            child.kill()

    assert_given_up(rights)


def _as_the_service(*command: str) -> list[str]:
    """Run a command as systemd runs the unit: another account, two ambient capabilities."""
    two = "-all,+lease,+chown"
    return ["setpriv", f"--reuid={NOBODY}", "--clear-groups", f"--inh-caps={two}",
            f"--ambient-caps={two}", *command]  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a process capabilities needs root")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_the_capabilities_that_the_service_lends_its_children_are_all_given_up():
    show = "print(open('/proc/self/status').read())"
    give_up = (
        "from bhyt_filedrop.edges.workbooks.child.confine import give_up_rights as g; g(); " + show
    )
    before = subprocess.run(
        _as_the_service(sys.executable, "-c", show), capture_output=True, text=True, cwd=ROOT
    )
    if before.returncode:
        pytest.skip("this interpreter, or capabilities, are out of another account's reach")
    after = subprocess.run(
        _as_the_service(sys.executable, "-c", give_up),
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip

    assert rights_of(before.stdout)["CapEff"], "the service does hold some"
    assert_given_up(rights_of(after.stdout), left=0)
