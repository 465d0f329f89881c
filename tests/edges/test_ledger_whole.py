"""The ledger as a whole: its tables held against the program's, copied, read at one moment."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, event

from bhyt_filedrop.domain.drops.drop import Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.edges.ledger import copying, raw_rows, store
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.lookbook import LedgerLooks
from bhyt_filedrop.edges.ledger.shape import differences, lacking
from bhyt_filedrop.edges.ledger.snapshot import copy_ledger, must_be_sound, trouble_of
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests.edges.test_ledger import NOW, a_drop, a_list

MINUTE = timedelta(minutes=1)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Seven drops, one with a list of children, a letter, looks over seven trees."""
    drops = LedgerDrops(engine)
    drops.claim([a_drop(f"D-{n}", path=f"{n}.xlsx") for n in range(7)])
    children = tuple(ListedChild(name=f"Lê Văn {n}") for n in range(3))
    drops.plan(
        a_drop("D-0"), Plan(State.ACCEPTED, lists=(a_list("D-0"),), rolls={0: children}), NOW
    )
    LedgerLetters(engine).put_letters([notice("x", "cntt", "Một", ["…"])], NOW)
    for n in range(7):
        LedgerLooks(engine).looked(f"t-{n}", NOW)
    return engine


# --- what is asked of it --------------------------------------------------------------------------


def test_the_letters_that_failed_are_found_without_reading_all_that_ever_went_out(filled: Engine):
    """After twenty rounds that would be half of what `status` costs."""
    letters = LedgerLetters(filled)
    plans: list[str] = []

    @event.listens_for(filled, "before_cursor_execute")
    def explain(_line: object, cursor: sqlite3.Cursor, statement: str, given: Any, *_: object):
        if "FROM letters" in statement:
            plans.extend(
                row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            )

    letters.trouble()
    letters.refused(NOW - 90 * MINUTE)

    used = {plan.partition("INDEX ")[2].partition(" ")[0] for plan in plans}
    assert {"letters_in_trouble", "letters_refused"} <= used
    assert "SCAN letters" not in plans


# --- its tables -----------------------------------------------------------------------------------


def test_a_ledger_lacks_nothing_that_the_program_asks_for(engine: Engine):
    assert (lacking(engine), differences(engine)) == ((), ())


def test_a_missing_table_or_column_is_named_and_so_is_a_foreign_one(engine: Engine):
    with engine.begin() as tx:
        tx.exec_driver_sql("DROP TABLE looks")
        tx.exec_driver_sql("ALTER TABLE letters DROP COLUMN batch")
        tx.exec_driver_sql("ALTER TABLE drops ADD COLUMN colour TEXT")
        tx.exec_driver_sql("CREATE INDEX letters_by_colour ON letters (kind)")

    assert set(lacking(engine)) == {"looks", "letters.batch"}
    told = differences(engine)
    assert set(told) >= {"-looks", "-letters.batch", "+drops.colour"}
    assert [one for one in told if "letters_by_colour" in one]


def test_a_ledger_is_there_once_its_file_holds_something(tmp_path: Path):
    file, url = tmp_path / "x.db", f"sqlite:///{tmp_path}/x.db"
    assert not store.ledger_exists(url)
    file.touch()
    assert not store.ledger_exists(url)
    file.write_bytes(b"x")
    assert store.ledger_exists(url)
    assert store.ledger_exists("postgresql://db.example/x")
    assert store.ledger_file("postgresql://db.example/x") is None


# --- copied ---------------------------------------------------------------------------------------


def copied(engine: Engine, to: Path) -> dict[str, copying.CopiedTable]:
    return {one.name: one for one in copying.copy_into_file(engine, to)}


def test_a_copy_in_batches_holds_every_row_and_can_be_read_by_its_owner_alone(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(raw_rows, "BATCH", 3)
    to = tmp_path / "all" / "new" / "copy.db"
    told = copied(filled, to)

    assert all(one.is_equal and one.differing == 0 and one.first == "" for one in told.values())
    assert {name: one.copied for name, one in told.items() if one.rows} == {
        "drops": 7, "events": 8, "lists": 1, "roll": 3, "letters": 1, "looks": 7,
    }  # fmt: skip
    assert (to.stat().st_mode & 0o777, to.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [one.name for one in to.parent.iterdir()] == ["copy.db"]
    opened = store.open_engine(f"sqlite:///{to}")
    assert LedgerFacts(opened).children("D-0", 0) == LedgerFacts(filled).children("D-0", 0)
    with opened.connect() as connection, pytest.raises(NeverWorks, match="drops has rows"):
        copying.must_hold_nothing(connection)
    opened.dispose()


@pytest.mark.parametrize(
    ("change", "differing", "first"),
    [
        ("DELETE FROM looks WHERE tree = 't-0'", 1, "t-0"),
        ("DELETE FROM looks WHERE tree >= 't-5'", 2, "t-5"),
        ("UPDATE looks SET waiting = '[1]' WHERE tree IN ('t-2', 't-4')", 2, "t-2"),
        ("UPDATE looks SET tree = 't-9' WHERE tree = 't-3'", 2, "t-3"),
        ("UPDATE looks SET tree = 'a-9' WHERE tree = 't-3'", 2, "a-9"),
    ],
)
def test_rows_that_are_not_the_same_are_counted_and_the_first_is_named(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    change: str, differing: int, first: str,
):  # fmt: skip
    whole = copying._copy

    def copy(there: Connection, here: Connection, table: Table) -> None:
        whole(there, here, table)
        if table.name == "looks":
            here.exec_driver_sql(change)

    monkeypatch.setattr(copying, "_copy", copy)
    told = copied(filled, tmp_path / "copy.db")["looks"]

    assert (told.rows, told.differing, told.first) == (7, differing, first)
    assert not told.is_equal
    assert not (tmp_path / "copy.db").exists()


def test_a_ledger_in_a_file_is_served_by_nobody_else(engine: Engine):
    assert copying.who_serves(engine) == ""


def test_a_backup_is_sound_its_owners_alone_and_of_one_moment(filled: Engine, file: Path):
    to = file.with_name("backup.db")
    digest = copy_ledger(file, to)

    assert len(digest) == 64
    assert to.stat().st_mode & 0o777 == 0o600
    assert not [one for one in to.parent.iterdir() if "backup" in one.name and one != to]
    must_be_sound(to)
    with sqlite3.connect(to) as raw:
        assert raw.execute("SELECT count(*) FROM drops").fetchone() == (7,)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    raw.close()
    assert trouble_of(filled) == ""


def test_what_is_no_sound_ledger_is_told_and_nothing_is_left_of_the_copy(
    tmp_path: Path, filled: Engine, file: Path
):
    with pytest.raises(TryLater):
        copy_ledger(tmp_path / "none.db", tmp_path / "backup.db")
    filled.dispose()
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 500)
    with pytest.raises(NeverWorks, match=r"broken\.db"):
        must_be_sound(broken)
    assert [one.name for one in tmp_path.glob("*backup*")] == []


# --- one moment -----------------------------------------------------------------------------------


def test_what_is_asked_together_is_answered_as_it_stood_at_one_moment(engine: Engine):
    drops, facts = LedgerDrops(engine), LedgerFacts(engine)
    drops.claim([a_drop("D-1", path="1")])
    with facts.together():
        assert facts.latest() == 1
        other = Thread(target=drops.claim, args=([a_drop("D-2", path="2")],))
        other.start()
        other.join()
        assert (facts.latest(), drops.every_id()) == (1, {"D-1"})
    assert (facts.latest(), drops.every_id()) == (2, {"D-1", "D-2"})


def test_what_is_decided_alone_is_written_whole_or_not_at_all(engine: Engine):
    drops, facts = LedgerDrops(engine), LedgerFacts(engine)
    drops.claim([a_drop("D-1", path="1"), a_drop("D-2", path="2")])
    with pytest.raises(KeyError), store.decided_alone(engine):
        drops.plan(a_drop("D-1"), Plan(State.ACCEPTED, lists=(a_list("D-1"),)), NOW)
        assert facts.lists_of("D-1")
        raise KeyError
    assert facts.lists_of("D-1") == ()

    with store.decided_alone(engine):
        drops.plan(a_drop("D-1"), Plan(State.ACCEPTED, lists=(a_list("D-1"),)), NOW)
        with store.reading_together(engine):
            assert facts.lists_of("D-1")
        drops.plan(a_drop("D-2"), Plan(State.ACCEPTED), NOW)
    assert [one.drop for one in facts.lists_of("D-1")] == ["D-1"]
    drops.close("D-1", NOW)
