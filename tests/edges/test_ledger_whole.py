"""The ledger as a whole: its tables held against the program's, copied, read at one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Connection, Engine, Table, select

from bhyt_filedrop.domain.drops.drop import Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import copying, postgres, raw_rows, rows, schema, store
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.erasebook import LedgerErasures
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters, queue_letters
from bhyt_filedrop.edges.ledger.lookbook import LedgerLooks
from bhyt_filedrop.edges.ledger.shape import differences, lacking
from bhyt_filedrop.edges.ledger.snapshot import copy_ledger, must_be_sound, trouble_of
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests.edges.test_ledger import KEY, NOW, a_drop, a_list

MINUTE = timedelta(minutes=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    opened = store.open_engine(store.sqlite_url(file))
    schema.metadata.create_all(opened)
    yield opened
    opened.dispose()


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


# --- its tables -----------------------------------------------------------------------------------


def test_a_ledger_lacks_nothing_that_the_program_asks_for(engine: Engine):
    assert (lacking(engine), differences(engine)) == ((), ())


def test_a_missing_table_or_column_is_named_and_so_is_a_foreign_one(engine: Engine):
    with engine.begin() as tx:
        tx.exec_driver_sql("DROP TABLE looks")
        tx.exec_driver_sql("ALTER TABLE letters DROP COLUMN error")
        tx.exec_driver_sql("ALTER TABLE drops ADD COLUMN colour TEXT")
        tx.exec_driver_sql("CREATE INDEX letters_by_colour ON letters (kind)")

    assert set(lacking(engine)) == {"looks", "letters.error"}
    told = differences(engine)
    assert set(told) >= {"-looks", "-letters.error", "+drops.colour"}
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
    to = tmp_path / "new" / "copy.db"
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


# --- values ---------------------------------------------------------------------------------------


def test_every_byte_of_a_name_that_is_no_text_comes_back(engine: Engine):
    odd = "".join(chr(0xDC00 + byte) for byte in range(0x80, 0x100))
    LedgerDrops(engine).claim([a_drop("D-1", path=f"Quận 1/{odd}.xlsx")])

    assert [one.path for one in LedgerDrops(engine).due(NOW)] == [f"Quận 1/{odd}.xlsx"]
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT path FROM drops").scalar_one()
    assert stored == f"Quận 1/{''.join(chr(0x10FE00 + byte) for byte in range(0x80, 0x100))}.xlsx"


def test_a_person_is_known_by_the_same_digest_as_ever():
    """Ledgers hold it: another would make strangers of all children of before."""
    child = ListedChild(name="Trần Văn An", birth="2014-03-05", parent="Mẹ: Lê Thị Hoa")

    assert rows.person_digest(child) == DIGEST
    assert rows.person_digest(replace(child, name="TRAN VAN AN")) == DIGEST
    assert rows.person_digest(replace(child, birth="2014-03")) == ""
    assert rows.person_digest(replace(child, name="")) == ""


DIGEST = "af6f0d17bf32f717d75d65ac6621291c"


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000, 1001])
def test_a_long_list_is_asked_for_in_parts_each_of_it_once(count: int):
    asked = [str(n) for n in range(count)]
    parts = list(rows.in_chunks(asked))

    assert [one for part in parts for one in part] == asked
    assert all(0 < len(part) <= 1000 for part in parts)


# --- who sent, who got ----------------------------------------------------------------------------


def test_what_was_delivered_is_told_of_one_unit_as_a_sender_or_a_receiver(engine: Engine):
    give(engine, "D-1", sender="760", receiver="thu")
    give(engine, "D-2", sender="thu", receiver="760")
    give(engine, "D-3", sender="761", receiver="thu")
    give(engine, "D-4", sender="761", receiver="thu", round=Round(2015, 2))
    facts = LedgerFacts(engine)

    def senders(*asked: object, **more: object) -> int:
        index = facts.delivered([str(KEY.round)], *asked, **more)  # type: ignore[arg-type]
        return sum(len(found) for found in index.by_sender.values())

    assert senders() == 3
    assert senders(["district-return"]) == 4
    assert senders(of="760") == 2
    assert senders(of="thu") == 3
    assert senders(of="board") == 0


def test_what_waits_for_a_person_counts_as_delivered_where_somebody_sent_it(engine: Engine):
    """A list that the product made has reached nobody before it is approved."""
    for n, (state, basis) in enumerate(
        [("held", ""), ("held", "made"), ("accepted", "made"), ("returned", ""), ("superseded", "")]
    ):
        record = a_list(f"D-{n}", state=state, basis=basis, key=replace(KEY, sender=str(n)))
        drop = a_drop(f"D-{n}", path=str(n))
        LedgerDrops(engine).claim([drop])
        LedgerDrops(engine).plan(drop, Plan(State.ACCEPTED, lists=(record,)), NOW)

    index = LedgerFacts(engine).delivered([str(KEY.round)])
    assert {sender for _, sender in index.by_sender} == {"0", "2", "4"}


def give(engine: Engine, name: str, **key: object) -> None:
    record = a_list(name, key=replace(KEY, **key))  # type: ignore[arg-type]
    LedgerDrops(engine).claim([a_drop(name, path=name)])
    LedgerDrops(engine).plan(a_drop(name), Plan(State.ACCEPTED, lists=(record,)), NOW)


def test_a_drop_is_of_the_hand_off_of_its_first_list_and_late_where_any_is(engine: Engine):
    drops = LedgerDrops(engine)
    second = replace(KEY, handoff="board-list", round=Round(2015, 2))
    drops.claim([a_drop("D-1")])
    lists = (a_list("D-1"), a_list("D-1", 1, key=second, late=True))
    drops.plan(a_drop("D-1"), Plan(State.ACCEPTED, lists=lists), NOW)

    drop = drops.get("D-1")
    assert drop is not None
    assert (drop.handoff, drop.round, drop.late) == (KEY.handoff, KEY.round, True)


@pytest.mark.parametrize(
    "other", [{"handoff": "x"}, {"round": Round(2015, 2)}, {"sender": "761"}, {"receiver": "x"}]
)
def test_a_file_waits_behind_an_earlier_one_of_the_same_return_alone(
    engine: Engine, other: dict[str, object]
):
    drops = LedgerDrops(engine)
    for n, key in enumerate((KEY, replace(KEY, **other), KEY)):  # type: ignore[arg-type]
        name = f"D-{n}"
        drops.claim([a_drop(name, path=name)])
        record = a_list(name, key=key, at=NOW + n * MINUTE)
        drops.plan(a_drop(name), Plan(State.ACCEPTED, lists=(record,)), NOW)

    assert [drops.waits_behind(f"D-{n}") for n in range(3)] == [False, False, True]
    drops.close("D-0", NOW)
    assert not drops.waits_behind("D-2")


def test_copies_of_a_letter_are_numbered_from_one_and_about_the_same_drop(engine: Engine):
    letters, sent = LedgerLetters(engine), notice("x", "cntt", "Một", ["…"])
    LedgerDrops(engine).claim([a_drop("D-1")])
    letters.put_letters([notice("y", "cntt", "Hai", ["…"])], NOW)
    with engine.begin() as tx:
        queue_letters(tx, [sent], NOW, "D-1")

    keys = [letters.send_copy(sent, "mất", "an", NOW) for _ in range(2)]

    assert keys == ["notice/x/again-1", "notice/x/again-2"]
    row = schema.letters.c
    with engine.connect() as connection:
        about = connection.execute(select(row.drop_id).where(row.key.in_(keys))).scalars().all()
    assert about == ["D-1", "D-1"]


def test_a_file_of_no_round_counts_to_that_in_which_it_came_from_its_first_moment_on(
    engine: Engine,
):
    round_ = Round(2015, 2)
    first = datetime.combine(round_.first_day, datetime.min.time(), ZONE)
    LedgerDrops(engine).claim(
        [a_drop("D-1", path="1", arrived_at=first - timedelta(seconds=1)),
         a_drop("D-2", path="2", arrived_at=first)]
    )  # fmt: skip

    assert LedgerErasures(engine).planned(round_).drops == ("D-1",)


def test_a_units_files_that_a_look_left_are_known_until_the_next(engine: Engine):
    looks = LedgerLooks(engine)
    looks.looked("main", NOW, ["760", "761"])
    looks.looked("other", NOW, ["26734"])
    assert looks.waiting_units() == {"760", "761", "26734"}
    looks.looked("main", NOW + MINUTE)
    assert looks.waiting_units() == {"26734"}
    assert looks.last_look("main") == (NOW + MINUTE).astimezone(UTC)


def test_a_line_to_a_server_is_kept_alive_and_what_the_address_says_wins():
    from sqlalchemy import make_url

    url = make_url("postgresql+psycopg://db.example/x?connect_timeout=3")

    assert postgres.line_of(make_url("sqlite:///x.db")) == {}
    assert postgres.line_of(url).keys() == postgres.DEAD_LINE.keys() - {"connect_timeout"}
    assert str(postgres.with_driver(make_url("sqlite:///x.db"), "mật khẩu")) == "sqlite:///x.db"
    assert postgres.with_driver(make_url("postgresql://u@db/x"), "mật khẩu").password == "mật khẩu"
    assert postgres.with_driver(make_url("postgresql://u@db/x"), "").password is None
