"""A ledger moves from SQLite to PostgreSQL and back, and nothing is lost on the way."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Table, func, insert, null, select

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import copying, raw_rows, schema
from bhyt_filedrop.edges.ledger.store import open_engine, version
from bhyt_filedrop.service import only_one
from bhyt_filedrop.settings import variable
from bhyt_filedrop.wiring.books import open_books
from tests.journey.scenes import d03, form_3, form_4
from tests.journey.site import DISTRICT, MORNING, Site
from tests.servers.kinds import missing
from tests.servers.pages import block
from tests.servers.postgres import PASSWORD, Postgres, postgres, tools

pytestmark = [pytest.mark.server, pytest.mark.postgres]


def said(site: Site, *words: str) -> Result:
    call = [*words, "--config", str(site.config)]
    return CliRunner().invoke(cli, call, standalone_mode=False)


def examined(site: Site) -> str:
    lines = said(site, "doctor").stdout.splitlines(keepends=True)
    return next(line for line in lines if line.startswith("ok   ledger: Sổ dùng được. "))


def refusal(site: Site, *words: str) -> str:
    told = str(said(site, *words).exception)
    assert "\n" not in told
    return told


def told(site: Site, *words: str) -> dict[str, Any]:
    result = said(site, *words, "--json")
    assert result.exception is None, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Postgres:
    if tools() is None:
        missing("postgresql")
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    return postgres()


@pytest.fixture
def empty(server: Postgres) -> str:
    """The address of a database without a table."""
    return server.url(server.database())


@pytest.fixture
def played(site: Site) -> Site:
    """A list that was accepted, one that went back, a part that waits; and letters of all."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.birth-date-missing"))
    site.once()
    site.clock.now += timedelta(minutes=5)
    site.once()
    return site


def serve_from(site: Site, url: str) -> None:
    machine = site.config / "bhyt-filedrop.toml"
    text = machine.read_text("utf-8").partition("\n[ledger]\n")[0]
    machine.write_text(f'{text}\n[ledger]\nurl = "{url}"\n', "utf-8")


def serve_as_shown(site: Site, url: str) -> None:
    """As docs/elsewhere.md writes it, with the test's own server in the place of yours."""
    shown = block("elsewhere.md", "toml", 3)
    assert shown.count(SHOWN) == 1
    machine = site.config / "bhyt-filedrop.toml"
    machine.write_text(f"{machine.read_text('utf-8')}\n{shown.replace(SHOWN, url)}", "utf-8")


SHOWN = "postgresql+psycopg://bhyt@db.bhyt.example/bhyt"
ODD_PATH = "Phường/th\udcb4.xlsx"
"""A name that is no UTF-8, as a server may give it."""


def odd_rows(site: Site) -> None:
    """What a program's own reading cannot tell apart, or a database stores in a way of its own."""
    with closing(open_books(site.settings)) as books, books.engine.begin() as tx:
        drop = tx.execute(select(schema.drops.c.id).limit(1)).scalar_one()
        tx.execute(insert(schema.lying), [
            {"tree": "main", "path": path, "why": "open", "unit": "cntt", "since": MORNING}
            for path in (ODD_PATH, "Zet.xlsx", "ấm.xlsx", "abc.xlsx", "Đỗ.xlsx")
        ])  # fmt: skip
        for key, refused in (("a", null()), ("b", None), ("c", {"á": "Nguyễn \u0000"})):
            letter = {
                "key": f"odd/{key}", "kind": "x", "unit": "cntt", "drop_id": drop, "letter": "",
                "remaining": [], "state": "sent", "next_at": MORNING, "created_at": MORNING,
                "refused": refused,
            }  # fmt: skip
            tx.execute(insert(schema.letters), letter)


def counted(site: Site) -> dict[str, int]:
    with closing(open_books(site.settings)) as books, books.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }


def test_a_ledger_goes_to_postgresql_and_back_and_the_daemon_goes_on_on_each(
    played: Site, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    site = played
    monkeypatch.setattr(raw_rows, "BATCH", 3)
    odd_rows(site)
    before, rows = site.states(), counted(site)
    there = told(site, "ledger", "copy", "--to", empty)
    assert there["equal"]
    assert {one["table"]: one["rows"] for one in there["tables"]} == rows
    assert rows["roll"] > 10
    assert all(one["copied"] == one["rows"] for one in there["tables"])

    assert re.search(
        r"ok   ledger: Sổ dùng được. SQLite 3[.0-9]+, bảng ở phiên bản \d{4}\.\n", examined(site)
    )
    serve_as_shown(site, empty)
    assert re.search(
        r"ok   ledger: Sổ dùng được. PostgreSQL 1[.0-9]+, bảng ở phiên bản \d{4}\.\n",
        examined(site),
    )
    assert site.states() == before
    assert told(site, "audit", "verify")["sound"]
    with closing(open_books(site.settings)) as books:
        assert ODD_PATH in {one.path for one in books.looks.lying()}
    site.drop(site.ward(), "D03.xlsx", d03(site))
    site.once()
    assert site.states() == before | {"D03.xlsx": State.ACCEPTED, "mẫu 4.xlsx": State.ACCEPTED}
    said(site, "debt", "extend", "cntt", "H2b", "--until", "2015-05-27", "--why", "công văn")

    back = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    assert told(site, "ledger", "copy", "--to", back)["equal"]
    serve_from(site, back)
    assert (tmp_path / "back.sqlite3").stat().st_mode & 0o777 == 0o600
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site, count=9))
    site.once()
    assert State.ACCEPTED in {d.state for d in site.drops() if d.name == "mẫu 3.xlsx"}
    assert len(site.drops()) == 5
    assert told(site, "audit", "verify")["sound"]
    with sqlite3.connect(tmp_path / "back.sqlite3") as raw:
        kinds = raw.execute(
            "SELECT key, typeof(refused), refused FROM letters WHERE key LIKE 'odd/%' ORDER BY key"
        ).fetchall()
    raw.close()
    assert [(kind, text) for _, kind, text in kinds[:2]] == [("null", None), ("text", "null")]
    assert json.loads(kinds[2][2]) == {"á": "Nguyễn \u0000"}


def test_the_table_for_people_names_each_table_and_what_to_do_next(played: Site, empty: str):
    result = said(played, "ledger", "copy", "--to", empty)

    assert result.return_value == 0
    lines = result.stdout.splitlines()
    assert {t.name for t in schema.metadata.sorted_tables} <= {
        line.split()[0] for line in lines[1:]
    }
    assert f'url = "{empty}"' in lines[-1]


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A way on which the last child is lost."""
    whole = copying._copy

    def copy(there: Connection, here: Connection, table: Table) -> None:
        whole(there, here, table)
        if table.name == "roll":
            last = here.execute(select(func.max(schema.roll.c.n))).scalar_one()
            here.execute(schema.roll.delete().where(schema.roll.c.n == last))

    monkeypatch.setattr(copying, "_copy", copy)
    yield


@pytest.mark.usefixtures("losing")
@pytest.mark.parametrize("to", ["server", "file"])
def test_a_copy_that_differs_by_one_child_is_told_and_is_not_there(
    played: Site, empty: str, tmp_path: Path, to: str
):
    file = tmp_path / "x" / "copy.sqlite3"
    url = empty if to == "server" else f"sqlite:///{file}"
    result = said(played, "ledger", "copy", "--to", url)

    assert result.return_value == 1
    (line,) = [one for one in result.stdout.splitlines() if one.startswith("roll ")]
    assert "khác 1 dòng" in line
    if to == "server":
        assert version(open_engine(empty, PASSWORD)) is None
    else:
        assert not list(file.parent.iterdir())


@pytest.mark.parametrize("to", ["server", "file"])
def test_a_copy_that_is_broken_off_leaves_nothing_that_a_daemon_would_serve(
    played: Site, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
):
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "x" / "copy.sqlite3"
    url = empty if to == "server" else f"sqlite:///{file}"
    monkeypatch.setattr(copying, "_number_on", broken)
    assert isinstance(said(played, "ledger", "copy", "--to", url).exception, BaseException)

    serve_from(played, url)
    assert "Sổ không có hoặc rỗng" in refusal(played, "arrivals")
    monkeypatch.undo()
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    serve_from(played, f"sqlite:///{played.directory / 'state/ledger.sqlite3'}")
    assert told(played, "ledger", "copy", "--to", url)["equal"]


@pytest.mark.long
def test_it_is_refused_where_somebody_serves_or_the_place_is_taken(
    played: Site, empty: str, server: Postgres, tmp_path: Path
):
    site = played
    own = f"sqlite:///{site.directory / 'state/ledger.sqlite3'}"
    with only_one(site.settings.state_dir):
        assert "stop it first" in refusal(site, "ledger", "copy", "--to", empty)
    assert "địa chỉ" in refusal(
        site, "ledger", "copy", "--to", "postgresql+psycopg://u:mật@db.example/x"
    )
    assert "chỉ nhận" in refusal(site, "ledger", "copy", "--to", "mysql://db.example/x")
    assert "chính là sổ" in refusal(site, "ledger", "copy", "--to", own)
    (tmp_path / "taken.sqlite3").write_bytes(b"x")
    assert "đã có sổ" in refusal(
        site, "ledger", "copy", "--to", f"sqlite:///{tmp_path}/taken.sqlite3"
    )

    assert told(site, "ledger", "copy", "--to", empty)["equal"]
    assert "rows" in refusal(site, "ledger", "copy", "--to", empty)
    serve_from(site, empty)
    another = server.url(server.database())
    with site.running() as running:
        running.daemon.once(lambda _seconds: None)
        for words in (
            ["ledger", "copy", "--to", another],
            ["rebuild-tree"],
            ["retention", "--before", "2014Q1", "--why", "hết thời hạn lưu"],
        ):
            assert "hãy dừng mọi dịch vụ" in refusal(site, *words), words
    assert told(site, "ledger", "copy", "--to", another)["equal"]


def test_what_a_database_does_not_take_is_one_line_without_what_it_was(played: Site, empty: str):
    with closing(open_books(played.settings)) as books, books.engine.begin() as tx:
        tx.execute(schema.findings.update().values(value="Nguyễn\u0000Bí Mật"))
    line = refusal(played, "ledger", "copy", "--to", empty)

    assert "findings" in line
    assert "Bí Mật" not in line
    assert version(open_engine(empty, PASSWORD)) is None


@pytest.mark.long
def test_a_backup_of_a_ledger_on_a_server_comes_back_onto_another_or_into_a_file(
    played: Site, empty: str, server: Postgres, tmp_path_factory: pytest.TempPathFactory
):
    site = played
    assert told(site, "ledger", "copy", "--to", empty)["equal"]
    serve_from(site, empty)
    to = tmp_path_factory.mktemp("backup")
    with site.running():
        assert said(site, "backup", str(to)).return_value == 0
    (copy,) = to.glob("ledger-*.sqlite3")
    before = counted(site)
    assert "rows" in refusal(site, "restore", str(to))

    for url in (server.url(server.database()), f"sqlite:///{site.directory}/state/new.sqlite3"):
        serve_from(site, url)
        assert said(site, "restore", str(to)).return_value == 0, url
        assert counted(site) == before
        assert told(site, "audit", "verify")["sound"]
    shutil.rmtree(copy.parent)
