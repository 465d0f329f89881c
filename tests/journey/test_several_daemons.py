"""Several daemons on one ledger and one tree: as if there were one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger.store import HEAD
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import variable
from bhyt_filedrop.site.mastery import this_daemon
from bhyt_filedrop.wiring.books import open_books, versions_of
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.machines import (
    as_documented,
    drop_many,
    machine,
    message_ids,
    tree_of,
    void,
)
from tests.journey.site import Site
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, Postgres, postgres, tools

pytestmark = pytest.mark.server


@pytest.fixture
def server() -> Postgres:
    if tools() is None:
        missing("postgresql")
    return postgres()


@pytest.fixture
def machines(
    site: Site, server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Site]:
    """Two machines that share all that they may, set up as the page shows, and the password."""
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    url, archive = server.url(server.database()), tmp_path / "kho"
    archive.mkdir()
    other = machine(site, "b")
    return [as_documented(one, site.root, archive, url) for one in (site, other)]


def test_two_daemons_that_see_the_same_files_make_one_drop_of_each(machines: list[Site]):
    shared = machines[0]
    names = drop_many(shared, 6)
    with ExitStack() as stack:
        running = [stack.enter_context(one.running()) for one in machines]
        with ThreadPoolExecutor() as threads:
            for _ in range(2):
                list(threads.map(_all_that_is_there, running))

    assert sorted(drop.name for drop in shared.drops()) == names
    assert _versions(shared) == 1, "what is each machine's own is no new configuration"
    done = {State.ACCEPTED, State.RETURNED, State.HELD}
    assert {drop.state for drop in shared.drops()} <= done
    assert void(shared) == []
    mails = message_ids(machines)
    assert len(mails) == len(set(mails)) >= len(names)
    assert shared.left_in_work() == []
    assert all(times == 1 for times in tree_of(shared).values())


def test_doctor_says_who_does_what_and_how_the_queue_stands(machines: list[Site]):
    with machines[0].running() as running:
        running.daemon.once(lambda _seconds: None)
        told = CliRunner().invoke(cli, ["doctor", "--config", str(machines[1].config)]).output
    name = this_daemon(machines[0].settings)

    assert "ok   master: Cây main do nơi làm việc này phục vụ" in told
    assert f"ok   leases: {name} xem cây main, từ " in told
    assert f"ok   leases: {name} gửi thư, từ " in told
    assert "ok   queue: Hàng đợi: 0 tệp chờ, 0 tệp đang xử lý, 0 tiến trình." in told
    after = CliRunner().invoke(cli, ["doctor", "--config", str(machines[1].config)]).output
    assert f"warn leases: Không dịch vụ nào xem cây main; lần cuối là {name}" in after


def test_a_newer_program_changes_no_tables_under_a_daemon_that_serves_them(machines: list[Site]):
    with machines[0].running() as running:
        running.daemon.once(lambda _seconds: None)
        with running.books.engine.begin() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '0010'"))
        told = CliRunner().invoke(
            cli, ["--lang", "en", "arrivals", "--config", str(machines[1].config)]
        )
        with running.books.engine.begin() as tx:
            stood = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
            tx.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
        name = this_daemon(machines[0].settings)

    assert stood == "0010"
    assert isinstance(told.exception, NeverWorks)
    assert f"The daemon {name} serves this ledger: stop all" in str(told.exception)
    assert CliRunner().invoke(cli, ["arrivals", "--config", str(machines[1].config)]).exit_code == 0


def test_doctor_before_the_first_start_says_that_the_queue_is_made_then(machines: list[Site]):
    """As right after `ledger copy`, whose page asks for `doctor` before the start."""
    books = open_books(machines[0].settings)
    with books.engine.begin() as tx:
        tx.execute(text("DROP TABLE procrastinate_events, procrastinate_periodic_defers,"
                        " procrastinate_jobs CASCADE"))  # fmt: skip
    books.close()
    told = CliRunner().invoke(cli, ["doctor", "--config", str(machines[0].config)]).output

    assert "ok   queue: Chưa có bảng hàng đợi; lần chạy đầu sẽ lập." in told


def _versions(site: Site) -> int:
    books = open_books(site.settings)
    try:
        return len(versions_of(books).versions())
    finally:
        books.close()


def _all_that_is_there(running: Running) -> None:
    running.daemon.once(lambda _seconds: None)
