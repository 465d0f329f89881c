"""The service as a process: one a site, a configuration that changes under it, quiet logs."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

import pytest

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.store import open_engine
from bhyt_filedrop.service import Service
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.work.arrival.journey import MAX_DELAYS, MAX_FAILURES, MAX_RECOVERIES
from tests.journey.scenes import d03, form_3, form_4, packed
from tests.journey.service import REPOSITORY, serving, started
from tests.journey.site import DISTRICT, OTHER_DISTRICT, PDF, Site, people, workbook
from tests.sites import written
from tests.waiting import PATIENCE, until


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
        written(site.config / "process.toml", "name = 7\n")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: any("Cấu hình mới có lỗi" in str(m["Subject"]) for m in site.mails()))
        (folder / "2.xlsx").write_bytes(faulty)
        until(lambda: _states(ledger) == ["returned"] * 2)

        rule = 'id = "district-return"\n'
        better = good.replace(rule, rule + 'severities = { "row.*" = "warns" }\n')
        written(site.config / "process.toml", better)
        service.reload()
        site.drop(DISTRICT, "3.xlsx", faulty)
        until(all_are(site, State.ACCEPTED, State.RETURNED, State.RETURNED))

    (letter,) = [m for m in site.mails() if "Cấu hình" in str(m["Subject"])]
    assert letter.get_body(("plain",)).get_content().count("Cấu hình mới có lỗi") == 1
    assert service.has_told("config.reloaded")
    assert service.has_told("config.refused")


def _states(ledger_url: str) -> list[str]:
    """The drops' states while the configuration on disk is bad: asked of the ledger alone."""
    engine = open_engine(ledger_url)
    try:
        return [drop.state for drop in LedgerDrops(engine).arrivals()]
    finally:
        engine.dispose()


def test_a_change_that_is_saved_while_the_service_starts_is_not_overlooked(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    loaded: list[Settings] = []

    def load_before_the_save(config: Path) -> Settings:
        loaded.append(load(config))
        if len(loaded) == 1:
            site.set_handoff("district-return", 'severities = { "row.*" = "warns" }')
        return loaded[-1]

    service = Service(site.config, site.clock)
    monkeypatch.setattr(service, "_listen", lambda: None)  # which only the main thread may do
    monkeypatch.setattr("bhyt_filedrop.service.load", load_before_the_save)
    monkeypatch.setattr("bhyt_filedrop.service.CONFIG_SECONDS", 0.05)
    running = Thread(target=service.run)
    running.start()
    until(lambda: len(loaded) == 2)
    service._stopping.set()
    service._end_daemon()
    running.join()

    before, after = (one.process.handoffs["district-return"].severities for one in loaded)
    assert (before, after) == ({}, {"row.*": Severity.WARNS})


@pytest.mark.slow
def test_a_second_instance_on_the_same_site_is_refused_in_one_line(site: Site):
    with serving(site):
        second = started(site)
        _, said = second.communicate(timeout=PATIENCE)
        once = started(site, "--once")
        _, said_once = once.communicate(timeout=PATIENCE)

    assert (second.returncode, once.returncode) == (2, 2)
    for text in (said, said_once):
        assert len(text.splitlines()) == 1
        assert "another bhyt-filedrop already serves" in text


@pytest.mark.slow
def test_a_service_killed_outright_leaves_no_lock_and_no_child(site: Site):
    site.drop(DISTRICT, "1.xlsx", form_3(site))
    process = started(site, log=subprocess.DEVNULL)
    try:
        until(all_are(site, State.ACCEPTED))
        children = _children_of(process.pid)
    finally:
        process.kill()
        process.wait()
    assert children
    until(lambda: not any(_is_alive(pid) for pid in children))

    site.once()


@pytest.mark.slow
def test_the_first_file_after_a_start_waits_for_no_reader_to_come_up(site: Site):
    """To start one takes longer than a whole return does."""
    with serving(site) as service:
        until(lambda: any(map(_reads, _children_of(service.process.pid))), "a reader")
        assert site.drops() == []


def _reads(pid: int) -> bool:
    try:
        return b"reading.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


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
    log = service.log

    assert {"drop.planned", "drop.closed"} <= {one["event"] for one in service.events()}
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


def _values(children: Sequence[InventedChild]) -> set[str]:
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
