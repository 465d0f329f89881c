"""A site whose ledger is not the one that belongs to its archive says so, and touches nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from bhyt_filedrop.cli import cli
from bhyt_filedrop.commands.common import one_line_of
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import store
from bhyt_filedrop.ports import LedgerAway, NeverWorks
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site
from tests.waiting import until


def ledger_of(site: Site) -> Path:
    return Path(str(make_url(site.settings.ledger_url).database))


def lose(ledger: Path) -> None:
    for part in ledger.parent.glob(f"{ledger.name}*"):
        part.unlink()


def empty(ledger: Path) -> None:
    lose(ledger)
    ledger.touch()


def spoil(ledger: Path) -> None:
    """A page in its middle is not what was written: the head alone is sound."""
    data = ledger.read_bytes()
    lose(ledger)
    ledger.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


def cut(ledger: Path) -> None:
    data = ledger.read_bytes()
    lose(ledger)
    ledger.write_bytes(data[: len(data) // 2])


def age(ledger: Path) -> None:
    with sqlite3.connect(ledger) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    opened.close()


@pytest.mark.parametrize("happens", [spoil, cut])
def test_a_ledger_that_rotted_is_a_sentence_and_is_left_as_it_is(
    site: Site, happens: Callable[[Path], None]
):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    ledger = ledger_of(site)
    happens(ledger)
    before = ledger.read_bytes()
    lies = site.drop(DISTRICT, "mẫu 3 (sửa).xlsx", form_3(site))

    with pytest.raises(Exception, match=r"malformed|not a database") as told:
        site.once()

    assert "Không dùng được sổ" in str(one_line_of(told.value))
    assert ledger.read_bytes() == before
    assert lies.exists()


@pytest.fixture
def locked(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Another program holds the ledger for itself; nobody waits half a minute for it here."""
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(ledger_of(site), isolation_level=None)) as other:
        yield other


def test_a_ledger_that_another_program_holds_is_waited_for_and_the_service_stays_up(
    site: Site, locked: sqlite3.Connection, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    lies = site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        daemon, worker = running.daemon, running.daemon.workers["main"]
        locked.execute("BEGIN EXCLUSIVE")
        service = Thread(target=daemon.run, args=(lambda: None,))
        service.start()
        try:
            until(lambda: "worker.failed" in caplog.text, "a look fails")
            assert lies.exists()
            locked.execute("COMMIT")
            worker.bell.set()
            until(lambda: bool(site.found("thu", "inbox")), "the list is passed on")
        finally:
            daemon.stop.set()
            service.join(60)

    assert site.only().state is State.ACCEPTED
    assert "Traceback" not in caplog.text


def test_a_start_on_a_ledger_that_another_program_holds_is_a_sentence(
    site: Site, locked: sqlite3.Connection
):
    locked.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerAway) as told:
        site.once()
    assert "Không dùng được sổ: database is locked" in str(one_line_of(told.value))
    locked.execute("COMMIT")
    site.once()


@pytest.mark.parametrize(
    ("happens", "says"),
    [(lose, "khôi phục sổ"), (empty, "khôi phục sổ"), (age, "phiên bản mới hơn")],
)
def test_a_lost_or_newer_ledger_is_a_sentence_and_no_new_one(
    site: Site, happens: Callable[[Path], None], says: str
):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    ledger = ledger_of(site)
    happens(ledger)
    before = ledger.read_bytes() if ledger.exists() else None
    site.drop(DISTRICT, "mẫu 3 (sửa).xlsx", form_3(site))

    with pytest.raises(NeverWorks) as told:
        site.once()

    assert says in str(one_line_of(told.value))
    assert (ledger.read_bytes() if ledger.exists() else None) == before
    assert (site.folder(DISTRICT) / "mẫu 3 (sửa).xlsx").exists()
    doctor = CliRunner().invoke(cli, ["doctor", "--config", str(site.config)])
    assert any(
        line.startswith("bad  ledger") and says in line for line in doctor.output.splitlines()
    )


def test_a_new_site_begins_with_a_ledger_of_its_own(site: Site):
    lose(ledger_of(site))
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    assert site.only().state is State.ACCEPTED
