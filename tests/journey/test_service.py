"""The service as a process: one a site, a configuration that changes under it, quiet logs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.domain.drops import Role
from bhyt_filedrop.domain.states import State
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.store import open_engine
from bhyt_filedrop.journey import MAX_DELAYS, MAX_FAILURES, MAX_RECOVERIES
from bhyt_filedrop.simulate.people import Child
from tests.journey.scenes import d03, form_3, form_4, packed
from tests.journey.site import DISTRICT, OTHER_DISTRICT, PDF, Site, people, workbook

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = "2015-04-20T09:00"


def started(site: Site, *more: str) -> subprocess.Popen[str]:
    """Start the service as an administrator would."""
    return subprocess.Popen(
        [sys.executable, "-m", "bhyt_filedrop", "run", "--config", str(site.config),
         "--now", NOW, *more],
        cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


@contextmanager
def serving(site: Site) -> Iterator[subprocess.Popen[str]]:
    """Run the service until the test is done with it."""
    process = started(site)
    try:
        until(lambda: (site.directory / "state" / "lock").exists())
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=40)
        process.log = log  # type: ignore[attr-defined]
        assert process.returncode == 0, log


def until(happened: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until a question is answered with yes."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def all_are(site: Site, *states: State) -> Callable[[], bool]:
    """Ask whether the drops are in these states by now."""
    return lambda: sorted(d.state for d in site.drops()) == sorted(states)


@pytest.mark.slow
def test_the_service_takes_a_changed_configuration_and_refuses_a_bad_one(site: Site):
    """A new rule is in force without a restart; a bad file changes nothing but tells the admin."""
    faulty = form_3(site, "row.card-invalid")
    with serving(site) as service:
        site.drop(DISTRICT, "1.xlsx", faulty)
        until(all_are(site, State.RETURNED))

        good = (site.config / "process.toml").read_text(encoding="utf-8")
        folder, ledger = site.folder(DISTRICT), site.settings.ledger_url
        (site.config / "process.toml").write_text("name = 7\n", encoding="utf-8")
        service.send_signal(signal.SIGHUP)
        until(lambda: any("Cấu hình mới có lỗi" in str(m["Subject"]) for m in site.mails()))
        (folder / "2.xlsx").write_bytes(faulty)
        until(lambda: _states(ledger) == ["returned"] * 2)

        (site.config / "process.toml").write_text(good, encoding="utf-8")
        site.set_handoff("district-return", 'severities = { "row.*" = "warns" }')
        service.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        until(lambda: _accepted_by_now(site, faulty))

    letters = [str(m["Subject"]) for m in site.mails() if "Cấu hình" in str(m["Subject"])]
    assert len(letters) == 1
    assert "config.reloaded" in service.log  # type: ignore[attr-defined]
    assert "config.refused" in service.log  # type: ignore[attr-defined]


def _states(ledger_url: str) -> list[str]:
    """The drops' states while the configuration on disk is bad: asked of the ledger alone."""
    engine = open_engine(ledger_url)
    try:
        return [drop.state for drop in LedgerDrops(engine).arrivals()]
    finally:
        engine.dispose()


def _accepted_by_now(site: Site, data: bytes) -> bool:
    """Drop once more until the new rule is in force."""
    if site.folder(DISTRICT).joinpath("3.xlsx").exists():
        return False
    states = [d.state for d in site.drops()]
    if State.ACCEPTED not in states:
        site.drop(DISTRICT, "3.xlsx", data)
        time.sleep(0.5)
    return State.ACCEPTED in states


@pytest.mark.slow
def test_a_second_instance_on_the_same_site_is_refused_in_one_line(site: Site):
    with serving(site):
        second = started(site)
        _, said = second.communicate(timeout=40)
        once = started(site, "--once")
        _, said_once = once.communicate(timeout=40)

    assert (second.returncode, once.returncode) == (2, 2)
    for text in (said, said_once):
        assert len(text.splitlines()) == 1
        assert "another bhyt-filedrop already serves" in text


@pytest.mark.slow
def test_a_service_killed_outright_leaves_no_lock_and_no_child(site: Site):
    site.drop(DISTRICT, "1.xlsx", form_3(site))
    process = started(site)
    until(all_are(site, State.ACCEPTED))
    children = _children_of(process.pid)
    process.kill()
    process.wait(10)
    assert children
    until(lambda: not any(_is_alive(pid) for pid in children), 10)

    site.once()


def _children_of(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in told for child in path.read_text().split()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- what nobody may read ----------------------------------------------------------------------


@pytest.mark.slow
def test_no_log_line_and_no_file_name_of_ours_holds_anything_about_a_child(site: Site):
    """A run over good, bad and odd files at the most talkative level; every value is looked for."""
    districts = {d: people(site.units, d) for d in (DISTRICT, OTHER_DISTRICT)}
    wards = people(site.units, DISTRICT, 8, ward=0)
    shown = [*districts[DISTRICT], *districts[OTHER_DISTRICT], *wards]
    faults = ("row.card-invalid", "row.birth-date-unreadable", "row.name-invalid", "row.repeated")
    bad = workbook(
        site.units, "form-3", OTHER_DISTRICT, districts[OTHER_DISTRICT], faults,
        scratch=site.directory,
    )  # fmt: skip
    name = shown[0].name
    site.set('level = "info"', 'level = "debug"')
    with serving(site) as service:
        site.drop(DISTRICT, f"{name}.xlsx", form_3(site), below=f"hồ sơ của {name}")
        site.drop(OTHER_DISTRICT, "sai.xlsx", bad)
        site.drop(site.ward(), f"{name}.zip", packed(**{f"{name}__xlsx": form_4(site)}))
        site.drop(site.ward(), "D03.xlsx", d03(site))
        site.drop("cntt", f"{name}.pdf", PDF)
        until(lambda: len(site.drops()) == 5 and _all_closed(site))
    log: str = service.log  # type: ignore[attr-defined]

    told = [json.loads(line) for line in log.splitlines()]
    assert {"drop.planned", "drop.closed"} <= {one["event"] for one in told}
    assert [value for value in _values(shown) if value in log] == []
    ours = [
        Path(path).name
        for drop in site.drops()
        for role in (Role.FORWARD, Role.SCAN)
        for path in site.delivered(drop, role)
    ]
    assert ours
    assert [v for v in _values(shown) for path in ours if v in path] == []


def _all_closed(site: Site) -> bool:
    open_ = (State.CLAIMED, State.PLANNED)
    return not any(drop.state in open_ for drop in site.drops())


def _values(children: Sequence[Child]) -> set[str]:
    """Everything that names one of the children, in the ways it is written."""
    found: set[str] = set()
    for child in children:
        born = child.birth_date
        found |= {child.name, child.mother, child.card, child.id_number, child.address, child.code}
        found |= {f"{born:%d/%m/%Y}", born.isoformat(), child.name.upper()}
    return found


# --- the crash table ---------------------------------------------------------------------------


def test_the_crash_table_tells_every_state_and_the_limits_in_force():
    page = (REPOSITORY / "docs" / "crash-table.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE)

    assert {*State} <= set(rows)
    assert f"after {MAX_DELAYS} delays" in page
    assert f"after {MAX_FAILURES} failures" in page
    assert MAX_RECOVERIES == 3
    assert "after the third death" in page
