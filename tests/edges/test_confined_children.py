"""The processes that parse strangers' bytes hold no right of the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.edges import lent_rights
from tests.edges.reading import read_bytes
from tests.imports import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")

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


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a process capabilities needs root")
def test_the_capabilities_that_the_service_lends_its_children_are_all_given_up():
    service = [sys.executable, "-m", "tests.edges.lent_rights"]
    played = subprocess.run(service, capture_output=True, text=True, cwd=ROOT)
    if "lends no capabilities" in played.stderr:
        pytest.skip(played.stderr.strip())
    before, after = map(rights_of, json.loads(played.stdout))

    lent = 1 << lent_rights.CHOWN | 1 << lent_rights.LEASE
    assert {before["CapEff"], before["CapPrm"], before["CapInh"], before["CapAmb"]} == {lent}
    assert_given_up(after, left=0)
