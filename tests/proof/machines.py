"""Several daemons on one ledger, in every trouble: the tests of it, each told by name."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.proof.play import REPOSITORY

TESTS = (
    "tests/journey/test_daemons_in_trouble.py",
    "tests/journey/test_several_daemons.py",
    "tests/acceptance/test_quarter_on_machines.py",
)


def every(seeds: int, quarter: str) -> Iterator[dict[str, Any]]:
    """Run each test, killing by so many seeds, and play a small quarter or the whole one too; tell
    what each says and how it came out."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *TESTS, f"--junitxml={told}",
             "-o", "junit_logging=no", "--timeout=3000"],
            cwd=REPOSITORY, check=False,
            env={**os.environ, "BHYT_PROOF": ",".join(map(str, range(1, seeds + 1))),
                 "BHYT_PROOF_QUARTER": quarter},
        )  # fmt: skip
        for case in ET.parse(told).iter("testcase"):
            bad = {one.tag for one in case} & {"failure", "error", "skipped"}
            if bad == {"skipped"} and "[whole]" in case.get("name", ""):
                continue
            what = case.get("name", "").removeprefix("test_").replace("_", " ")
            yield {"what": what, "outcome": ", ".join(sorted(bad)) or "passed"}
