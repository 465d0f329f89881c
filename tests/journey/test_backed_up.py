"""A backup outlives the machine; an audit finds whatever was lost or altered."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from tests.journey.scenes import d03, form_3, form_4
from tests.journey.service import serving
from tests.journey.site import DISTRICT, Site
from tests.waiting import until


def said(site: Site, *words: str) -> Result:
    call = [*words, "--config", str(site.config)]
    return CliRunner().invoke(cli, call, standalone_mode=False)


def audited(site: Site, *more: str) -> tuple[int, dict[str, Any]]:
    result = said(site, "audit", "verify", "--json", *more)
    told: dict[str, Any] = json.loads(result.stdout)
    return int(result.return_value), told


def ledger(site: Site) -> Path:
    return Path(str(make_url(site.settings.ledger_url).database))


@pytest.fixture
def busy(site: Site) -> Site:
    """A site where a list was accepted, another returned, and a part waits for its other one."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.birth-date-missing"))
    site.once()
    site.clock.now += timedelta(minutes=5)
    site.once()
    return site


@pytest.fixture
def saved(busy: Site, tmp_path: Path) -> Path:
    done = said(busy, "backup", str(tmp_path / "backup"))
    assert done.return_value == 0, done.output
    return tmp_path / "backup"


def test_a_site_is_restored_under_other_paths_and_goes_on(
    busy: Site, saved: Path, tmp_path_factory: pytest.TempPathFactory
):
    before = busy.states()
    other = Site(tmp_path_factory.mktemp("other machine"), busy.clock)
    shutil.copytree(saved / "config", other.config)
    machine = other.config / "bhyt-filedrop.toml"
    machine.write_text(
        machine.read_text("utf-8").replace(str(busy.directory), str(other.directory)), "utf-8"
    )
    assert said(other, "restore", str(saved)).return_value == 0
    for part in (busy.config, busy.root, busy.directory / "state"):
        shutil.rmtree(part)  # the old machine is gone
    assert said(other, "rebuild-tree").return_value == 0

    assert other.states() == before
    assert audited(other)[0] == 0
    other.drop(other.ward(), "D03.xlsx", d03(other))
    other.once()
    assert other.states() == before | {"mẫu 4.xlsx": State.ACCEPTED, "D03.xlsx": State.ACCEPTED}


def test_a_backup_is_taken_while_the_service_takes_files(site: Site, tmp_path: Path):
    to = tmp_path / "backup"
    with serving(site) as service:
        for n in range(6):
            site.drop(DISTRICT, f"mẫu 3 ({n}).xlsx", form_3(site, count=4 + n))
            assert said(site, "backup", str(to)).return_value == 0
        until(lambda: service.has_told("drop.closed", 6), "six lists")

    copies = sorted(to.glob("ledger-*.sqlite3"))
    kept = {p.name for p in (to / "archive").glob("??/*")}
    assert copies
    for copy in copies:
        with sqlite3.connect(copy) as one:
            assert one.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            wanted = one.execute("SELECT sha256 FROM drops WHERE sha256 IS NOT NULL").fetchall()
        one.close()
        assert {sha256 for (sha256,) in wanted} <= kept


def test_a_second_backup_copies_what_is_new_and_keeps_so_many_ledgers(busy: Site, saved: Path):
    busy.drop(DISTRICT, "mẫu 3.xlsx", form_3(busy, count=9))
    busy.once()
    told = said(busy, "backup", str(saved), "--keep", "1").output

    assert "chép thêm 1 tệp" in told, told
    assert len(list(saved.glob("ledger-*"))) == 2  # the copy and its note


def test_a_backup_lies_outside_of_what_it_saves(busy: Site):
    for inside in (busy.root / "sao lưu", busy.directory / "state" / "x", busy.directory):
        refused = said(busy, "backup", str(inside))
        assert "hãy chọn thư mục ở đĩa khác" in str(refused.exception)


def test_a_restore_replaces_no_ledger_unasked_and_keeps_the_one_it_replaces(
    busy: Site, saved: Path
):
    before = ledger(busy).read_bytes()
    assert "--replace" in str(said(busy, "restore", str(saved)).exception)
    assert ledger(busy).read_bytes() == before
    assert said(busy, "restore", str(saved), "--replace").return_value == 0
    assert ledger(busy).with_name("ledger.sqlite3.before-restore").exists()


def test_a_copy_that_was_altered_is_not_restored(busy: Site, saved: Path):
    (copy,) = saved.glob("ledger-*.sqlite3")
    with sqlite3.connect(copy) as one:
        one.execute("UPDATE drops SET unit = 'khác'")
    one.close()
    assert "không đúng như lúc sao lưu" in str(
        said(busy, "restore", str(saved), "--replace").exception
    )


def test_an_audit_of_an_untouched_site_finds_nothing(busy: Site):
    status, told = audited(busy)

    assert status == 0
    assert told["sound"]
    assert told["kept"] >= 3
    assert told["delivered"] >= 4
    assert told["events"]["sealed"] > 10
    assert not told["missing"] + told["spoilt"] + told["gone"] + told["changed"] + told["unread"]


def test_an_event_that_is_changed_added_or_taken_away_breaks_the_chain(busy: Site):
    for change in (
        "UPDATE events SET at = '2015-01-01 00:00:00.000000' WHERE id = 3",
        'UPDATE events SET detail = \'{"why": "x"}\' WHERE id = 3',
        "DELETE FROM events WHERE id = 2",
        "INSERT INTO events (id, at, kind, detail) VALUES (0, '2015-01-01', 'x', '{}')",
    ):
        copy = ledger(busy).with_name("before")
        _run(busy, f"VACUUM INTO '{copy}'")
        _run(busy, change)
        status, told = audited(busy)
        assert (status, told["sound"]) == (1, False), change
        assert told["broken"]
        copy.replace(ledger(busy))


def test_a_chain_that_was_made_anew_lacks_the_seal_that_was_noted(busy: Site):
    noted = audited(busy)[1]["seal"]
    _run(busy, "UPDATE events SET kind = 'khác' WHERE id = 3")
    _run(busy, "DELETE FROM seals")
    busy.clock.now += timedelta(minutes=5)
    busy.once()

    assert audited(busy)[0] == 0
    status, told = audited(busy, "--seal", noted)
    assert (status, told["seal_lost"]) == (1, True)


def test_a_file_that_the_archive_lost_or_that_rotted_is_named(busy: Site):
    lost, rotten = sorted((busy.directory / "state" / "archive").glob("??/*"))[:2]
    lost.unlink()
    rotten.chmod(0o600)
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"!")
    status, told = audited(busy)

    assert status == 1
    assert told["missing"] == [lost.name]
    assert told["spoilt"] == [rotten.name]
    assert lost.name in said(busy, "audit", "verify").output


def test_a_delivery_that_people_took_or_changed_is_said_and_is_no_fault(busy: Site):
    taken, changed = (
        (p for p in busy.own("thu", "inbox").glob("*.xlsx")),
        busy.own(DISTRICT, "returned"),
    )
    next(taken).unlink()
    copy = next(p for p in changed.glob("*.xlsx"))
    copy.write_bytes(copy.read_bytes() + b"\0")
    status, told = audited(busy)

    assert status == 0
    assert len(told["gone"]) == len(told["changed"]) == 1
    assert copy.name in told["changed"][0]


def _run(site: Site, statement: str) -> None:
    with sqlite3.connect(ledger(site), isolation_level=None) as one:
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        one.execute(statement)
    one.close()
