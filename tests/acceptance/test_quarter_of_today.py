"""A quarter in the city of today: 36 BHXH cơ sở, 168 communes, old and new addresses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import ROOT

CHILDREN = os.environ.get("BHYT_QUARTER_CHILDREN", "3000")

pytestmark = pytest.mark.timeout(3600)


def called(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bhyt_filedrop", "--lang", "en", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_todays_city_plays_a_quarter_in_which_nothing_is_amiss(tmp_path: Path):
    """The judge knows where every child lives: a list with a stranger is a problem, and so is a
    balance that is not 0."""
    site = tmp_path / "site"
    ran = called(
        "demo", "--full", "--city", "hcmc-2025", "--dir", str(site), "--children", CHILDREN
    )

    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert re.search(r"^Problems: +0$", ran.stdout, re.M), ran.stdout
    assert re.search(r"^Misplaced: +0$", ran.stdout, re.M), ran.stdout
    config = ["--config", str(site / "config"), "--round", "2015Q1", "--now", "2015-07-03T09:00"]
    status = called("status", *config)
    assert status.returncode == 0, status.stderr
    assert "quận" not in status.stdout.casefold()
