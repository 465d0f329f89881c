"""The ledger on a real PostgreSQL: the same journey, and one line where it cannot be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import String, inspect

from bhyt_filedrop.cli import cli
from bhyt_filedrop.commands.common import one_line_of
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.edges.ledger import store
from bhyt_filedrop.edges.ledger.shape import differences
from bhyt_filedrop.ports import LedgerAway
from bhyt_filedrop.settings import variable
from bhyt_filedrop.wiring.books import open_books
from tests.journey.scenes import d03, form_3, form_4
from tests.journey.site import DISTRICT, MORNING, Site
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, Postgres, postgres, tools
from tests.waiting import PATIENCE

pytestmark = pytest.mark.server


@pytest.fixture
def server() -> Postgres:
    if tools() is None:
        missing("postgresql")
    return postgres()


@pytest.fixture
def on_server(site: Site, server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A small site whose ledger is a database, and whose password is a secret."""
    machine = site.config / "bhyt-filedrop.toml"
    url = server.url(server.database())
    machine.write_text(f'{machine.read_text("utf-8")}\n[ledger]\nurl = "{url}"\n', "utf-8")
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    yield site


def test_a_journey_is_the_same_on_postgresql(on_server: Site):
    site = on_server
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.birth-date-missing"))
    site.once()
    site.drop(site.ward(), "D03.xlsx", d03(site))
    site.drop(DISTRICT, "mẫu 3 (sửa).xlsx", form_3(site, count=9))
    site.once()

    assert site.states() == {
        "mẫu 3.xlsx": State.ACCEPTED, "mẫu 4.xlsx": State.ACCEPTED, "D03.xlsx": State.ACCEPTED,
        "mẫu 3 (sửa).xlsx": State.ACCEPTED, "sai.xlsx": State.RETURNED,
    }  # fmt: skip
    for words in (["status", "--round", "2015Q1"], ["arrivals"], ["trace", "--round", "2015Q1"]):
        ran = CliRunner().invoke(cli, [*words, "--config", str(site.config)])
        assert ran.exit_code == 0, ran.output
    doctor = CliRunner().invoke(cli, ["doctor", "--config", str(site.config)]).output
    assert "ok   ledger: Sổ dùng được." in doctor
    assert "ok   secret: Đã có bí mật ledger." in doctor


def test_the_tables_are_those_of_the_program_and_bound_no_text(on_server: Site):
    """What a sheet holds is as long as it is; SQLite keeps it, and so must a server."""
    books = open_books(on_server.settings)
    found = inspect(books.engine)
    bound = [
        f"{table}.{column['name']}"
        for table in found.get_table_names()
        if not table.startswith("procrastinate_")
        for column in found.get_columns(table)
        if isinstance(column["type"], String) and column["type"].length
    ]

    assert differences(books.engine) == ()
    assert bound == ["alembic_version.version_num"]
    books.close()


def test_what_people_arrange_and_change_is_kept_there_too(on_server: Site):
    site = on_server
    site.once()
    now = ("--now", "2015-05-21T09:00")

    def call(*args: str) -> str:
        ran = CliRunner().invoke(cli, [*args, "--config", str(site.config)])
        assert ran.exit_code == 0, (args, ran.output, ran.exception)
        return ran.output

    call("debt", "extend", "cntt", "H2b", "--until", "2015-05-27", "--why", "công văn", *now)
    call("debt", "snooze", "cntt", "H2a", "--until", "2015-05-22", "--why", "đã gọi", *now)
    call("debt", "undo", "2", "--why", "ghi nhầm", *now)
    assert "27/05/2015" in call("debt", "list", *now)
    call("config", "save", "--why", "lần đầu", "--by", "Hà")
    call("config", "back", "1", "--why", "thử")
    assert "lần đầu" in call("config", "history")


def test_one_transaction_writes_at_a_time_and_a_report_reads_one_moment(on_server: Site):
    """What a decision saw still stands when its plan is written, as on SQLite."""
    books = open_books(on_server.settings)
    done = Event()

    def other() -> None:
        books.letters.put_letters((notice("second", "cntt", "Hai", []),), MORNING)
        done.set()

    with store.reading(books.engine) as report:
        before = report.exec_driver_sql("SELECT count(*) FROM letters").scalar()
        with books.engine.begin() as first:
            thread = Thread(target=other)
            thread.start()
            assert not done.wait(0.5), "the second waits for the first"
            seen = first.exec_driver_sql("SELECT count(*) FROM letters").scalar()
        thread.join(PATIENCE)
        assert done.is_set()
        again = report.exec_driver_sql("SELECT count(*) FROM letters").scalar()

    assert (before, seen, again) == (0, 0, 0)
    assert on_server.letter_keys() == ["notice/second"]
    books.close()


@pytest.mark.parametrize(
    ("password", "says"), [("sai", "password authentication failed"), (None, "no password")]
)
def test_a_wrong_or_missing_password_is_one_line(
    on_server: Site, monkeypatch: pytest.MonkeyPatch, password: str | None, says: str
):
    if password is None:
        monkeypatch.delenv(variable("ledger"))
    else:
        monkeypatch.setenv(variable("ledger"), password)
    with pytest.raises(LedgerAway) as told:
        on_server.once()

    assert says in str(one_line_of(told.value))
    doctor = CliRunner().invoke(cli, ["doctor", "--config", str(on_server.config)]).output
    assert any("bad  ledger" in line for line in doctor.splitlines())


def test_a_server_that_is_down_is_one_line(site: Site):
    machine = site.config / "bhyt-filedrop.toml"
    line = '\n[ledger]\nurl = "postgresql+psycopg://bhyt@127.0.0.1:1/ledger"\n'
    machine.write_text(machine.read_text("utf-8") + line, "utf-8")
    for command in ("arrivals", "status", "run"):
        words = [command, "--config", str(site.config)]
        error = CliRunner().invoke(cli, words).exception
        assert isinstance(error, LedgerAway)
        assert "Connection refused. " in (said := str(one_line_of(error)))
        assert "\n" not in said


def test_without_its_library_it_is_one_line_that_says_what_to_install(site: Site):
    """Also where nobody has a server: `pip install bhyt-filedrop` brings no driver."""
    machine = site.config / "bhyt-filedrop.toml"
    line = '\n[ledger]\nurl = "postgresql+psycopg://bhyt@db.bhyt.example/ledger"\n'
    machine.write_text(machine.read_text("utf-8") + line, "utf-8")
    script = (
        "import sys\nsys.modules['psycopg'] = None\nfrom bhyt_filedrop.cli import main\nmain()\n"
    )
    for command in ("arrivals", "run", "doctor"):
        ran = subprocess.run(
            [sys.executable, "-c", script, "--lang", "en", command, "--config", str(site.config)],
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert "pip install 'bhyt-filedrop[postgres]'" in ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        assert command == "doctor" or (ran.returncode, ran.stderr.count("\n")) == (2, 1)
