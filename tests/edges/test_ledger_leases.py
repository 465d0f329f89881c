"""Leases on a real PostgreSQL: one holder at a time, and nothing is written by one who lost it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.edges.ledger import leasebook, postgres, queue, store
from bhyt_filedrop.edges.ledger.copying import who_serves
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.queue import DropJobs, installed, version_of
from bhyt_filedrop.ports import LedgerAway, LostLease, LostRace
from tests.edges.test_ledger import NOW, a_drop, migrated
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, tools
from tests.servers.postgres import postgres as the_server
from tests.waiting import PATIENCE, until

pytestmark = [pytest.mark.server, pytest.mark.postgres]

LETTER = notice("one", "cntt", "Một", [])


@pytest.fixture
def opened() -> Iterator[Callable[[], Engine]]:
    """Opens one and the same ledger, as each daemon does."""
    if tools() is None:
        missing("postgresql")
    url = the_server().url(the_server().database(like=migrated()))
    engines: list[Engine] = []

    def another() -> Engine:
        engines.append(store.open_engine(url, PASSWORD))
        return engines[-1]

    yield another
    for engine in engines:
        engine.dispose()


def silent_for_long(engine: Engine, name: str) -> None:
    """As if the holder of a lease had not been heard of until it ran out."""
    with engine.begin() as tx:
        tx.execute(text("UPDATE leases SET until = since - interval '1 second' WHERE name = :name"),
                   {"name": name})  # fmt: skip


def test_one_daemon_does_a_thing_until_it_gives_it_back(opened: Callable[[], Engine]):
    first, second = LedgerLeases(opened(), "a"), LedgerLeases(opened(), "b")
    with first.held("tree/main") as ours, second.held("tree/main") as theirs:
        assert (ours, theirs) == (1, 0)
    with second.held("tree/main") as theirs, second.held("clock") as other:
        assert (theirs, other) == (0, 1), "it is kept for the next look"
    first.close()
    with second.held("tree/main") as theirs:
        assert theirs == 2, "another number: what is known of it may be old"
    assert [(one.name, one.holder, one.is_alive) for one in second.standing()] == [
        ("clock", "b", True), ("tree/main", "b", True),
    ]  # fmt: skip


def test_what_is_done_for_a_moment_is_free_at_once(opened: Callable[[], Engine]):
    first, second = LedgerLeases(opened(), "a"), LedgerLeases(opened(), "b")
    with (
        first.held("unit/760", keep=False) as ours,
        first.held("unit/760", keep=False) as again,
        second.held("unit/760") as theirs,
    ):
        assert (ours, again, theirs) == (1, 0, 0)
    with second.held("unit/760", keep=False) as theirs:
        assert theirs


def test_who_was_frozen_while_another_took_over_writes_nothing(opened: Callable[[], Engine]):
    mine, theirs = opened(), opened()
    frozen, other = LedgerLeases(mine, "a"), LedgerLeases(theirs, "b")
    letters = LedgerLetters(mine)
    with pytest.raises(LostLease), frozen.held("outbox"):
        letters.put_letter(LETTER, NOW)
        frozen.must_be_held()
        silent_for_long(theirs, "outbox")
        letters.put_letter(replace(LETTER, key="two"), NOW)  # nobody has taken it over yet
        with other.held("outbox") as taken:
            assert taken
        with pytest.raises(LostLease):
            frozen.must_be_held()
        letters.put_letter(replace(LETTER, key="three"), NOW)

    assert letters.known_keys(("",)) == {"notice/one", "two"}
    with frozen.held("outbox") as ours:
        assert not ours, "it knows that it lost it"


def test_nobody_takes_over_amid_a_transaction_that_writes(opened: Callable[[], Engine]):
    mine, theirs = opened(), opened()
    first, other = LedgerLeases(mine, "a"), LedgerLeases(theirs, "b")
    taken = Event()

    def take() -> None:
        with other.held("clock") as ours:
            assert ours
        taken.set()

    with first.held("clock"):
        silent_for_long(theirs, "clock")
        with mine.begin() as tx:
            thread = Thread(target=take)
            thread.start()
            assert not taken.wait(0.5)
            tx.execute(text("UPDATE leases SET since = since"))
        assert taken.wait(PATIENCE)
        thread.join()


def test_a_transaction_of_a_frozen_process_holds_nobody_up_for_long(
    opened: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres, "ASLEEP_SECONDS", 1)
    frozen, other = LedgerLetters(opened()), LedgerLetters(opened())
    with pytest.raises(LedgerAway), frozen._engine.begin() as asleep:
        assert other.put_letter(LETTER, NOW), "it waits until the server ends the other"
        asleep.execute(text("SELECT 1"))


def test_a_lease_is_kept_by_who_is_heard_of_and_lost_by_who_is_not(
    opened: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(leasebook, "BEAT_SECONDS", 0.1)
    mine, theirs = opened(), opened()
    first, other = LedgerLeases(mine, "a"), LedgerLeases(theirs, "b")
    with first.held("clock"):
        silent_for_long(theirs, "clock")
    first.start()

    def kept() -> bool:
        return first.standing()[0].is_alive

    until(kept, "the sign that it is there")
    with theirs.begin() as tx:
        tx.execute(text("UPDATE leases SET holder = 'b', epoch = epoch + 1"))
    until(lambda: not first._mine, "it hears that another has it")
    first.close()
    assert other.standing()[0].holder == "b", "what is another's is not given back"


def test_all_daemons_go_by_the_database_s_time(
    opened: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
):
    slow = LedgerLeases(opened(), "a")

    class Behind(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) - timedelta(minutes=10)

    monkeypatch.setattr(leasebook, "datetime", Behind)
    assert slow.now() < datetime.now(UTC) - timedelta(minutes=9)
    slow.beat()
    assert abs(slow.now() - datetime.now(UTC)) < timedelta(seconds=30)


def test_a_file_that_two_daemons_see_is_one_drop(opened: Callable[[], Engine]):
    first, other = LedgerDrops(opened()), LedgerDrops(opened())
    path = a_drop().path

    assert first.claim([a_drop("D1", path=path)]) == [a_drop("D1", path=path)]
    assert other.claim([a_drop("D2", path=path), a_drop("D3")]) == [a_drop("D3")]
    assert first.get("D2") is None
    first.archived("D1", "a" * 64, 10, NOW)
    assert other.claim([a_drop("D4", path=path)]), "the next file of that name is another"


def test_a_drop_whose_file_another_takes_now_is_not_tried_again(opened: Callable[[], Engine]):
    drops = LedgerDrops(opened())
    drops.claim([a_drop("D1", path="a.xlsx")])
    drops.set_aside("D1", NOW, "hỏng", [])
    drops.claim([a_drop("D2", path="a.xlsx")])
    with pytest.raises(LostRace):
        drops.override("D1", "retry", "thử", NOW)


def test_the_ledger_s_trees_bear_one_mark_whichever_daemon_came_first(
    opened: Callable[[], Engine],
):
    first, other = LedgerLeases(opened(), "a"), LedgerLeases(opened(), "b")

    assert first.site("1234") == other.site("5678") == "1234"
    assert first.standing() == []


def test_what_decides_is_alone_from_its_look_to_its_word(opened: Callable[[], Engine]):
    mine, theirs = opened(), opened()
    written = Event()

    def write() -> None:
        LedgerLetters(theirs).put_letter(LETTER, NOW)
        written.set()

    with store.decided_alone(mine):
        thread = Thread(target=write)
        thread.start()
        with store.reading_together(mine):
            assert not written.wait(0.3)
        with store.writing(mine) as tx:
            assert tx.execute(text("SELECT count(*) FROM letters")).scalar() == 0
    assert written.wait(PATIENCE)
    thread.join()


# --- the queue -------------------------------------------------------------------------------


def jobs(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        query = "SELECT args->>'drop', status FROM procrastinate_jobs ORDER BY id"
        return [tuple(row) for row in connection.execute(text(query))]  # type: ignore[misc]


def test_a_drop_gets_its_job_with_the_transaction_that_archives_it_or_not_at_all(
    opened: Callable[[], Engine],
):
    engine = opened()
    drops, frozen = LedgerDrops(engine), LedgerLeases(engine, "a")
    drops.hands_out = True
    drops.claim([a_drop("D1"), a_drop("D2")])
    drops.archived("D1", "a" * 64, 10, NOW)
    with pytest.raises(LostLease), frozen.held("tree/main"):
        silent_for_long(engine, "tree/main")
        with LedgerLeases(opened(), "b").held("tree/main"):
            drops.archived("D2", "b" * 64, 10, NOW)

    assert jobs(engine) == [("D1", "todo")]


def test_what_is_due_and_has_no_job_gets_one_in_order_and_what_is_put_off_none(
    opened: Callable[[], Engine],
):
    engine = opened()
    drops, kept = LedgerDrops(engine), DropJobs(engine)
    late = NOW + timedelta(hours=1)
    names = ["D3", "D1", "D2", "D4", "D5"]
    drops.claim([a_drop(n, arrived_at=NOW + timedelta(seconds=i)) for i, n in enumerate(names)])
    for name in names[:4]:
        drops.archived(name, name * 32, 10, NOW)
    drops.postpone("D2", NOW, late, "mất mạng")
    drops.set_aside("D4", NOW, "hỏng", [])
    kept.keep(NOW)
    kept.keep(NOW)

    assert jobs(engine) == [("D3", "todo"), ("D1", "todo")], "D5 is not in the archive yet"
    kept.keep(late + timedelta(seconds=1))
    assert jobs(engine)[-1] == ("D2", "todo")


def test_what_a_dead_worker_leaves_behind_is_put_back(opened: Callable[[], Engine]):
    engine = opened()
    drops, kept = LedgerDrops(engine), DropJobs(engine)
    drops.hands_out = True
    drops.claim([a_drop("D1"), a_drop("D2")])
    for name in ("D1", "D2"):
        drops.archived(name, name * 32, 10, NOW)
    with engine.begin() as tx:
        for _ in range(2):
            worker = tx.execute(text("SELECT procrastinate_register_worker_v1()")).scalar()
            fetch = text("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['drops'], :worker)")
            got = tx.execute(fetch, {"worker": worker}).scalar()
    assert got is None, "both are of one unit: the second waits for the first"
    assert jobs(engine) == [("D1", "doing"), ("D2", "todo")]
    kept.keep(NOW)
    assert jobs(engine)[0] == ("D1", "doing"), "it was heard of just now"
    with engine.begin() as tx:
        tx.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1m'"))
    kept.keep(NOW)
    assert jobs(engine) == [("D1", "todo"), ("D2", "todo")]
    found = kept.standing([])
    assert (found.waiting, found.doing, found.workers, found.tables) == (2, 0, 0, installed())


def test_a_drop_whose_end_was_never_written_down_holds_up_no_other_of_its_unit(
    opened: Callable[[], Engine],
):
    """The server went away just as a worker ended a drop, and the worker lives on."""
    engine = opened()
    drops, kept, leases = LedgerDrops(engine), DropJobs(engine), LedgerLeases(engine, "a/1")
    drops.hands_out = True
    drops.claim([a_drop("D1")])
    drops.archived("D1", "D1" * 32, 10, NOW)
    with engine.begin() as tx:
        worker = tx.execute(text("SELECT procrastinate_register_worker_v1()")).scalar()
        fetch = text("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['drops'], :worker)")
        tx.execute(fetch, {"worker": worker})
    kept.keep(NOW)
    assert jobs(engine) == [("D1", "doing")], "it began just now"
    with engine.begin() as tx:
        tx.execute(text("UPDATE procrastinate_events SET at = now() - interval '1 minute'"))
    with leases.held(f"unit/{a_drop('D1').unit}", keep=False):
        kept.keep(NOW)
        assert jobs(engine) == [("D1", "doing")], "somebody is at it"
    kept.keep(NOW)
    assert jobs(engine) == [("D1", "todo")]


def test_a_queue_without_tables_is_told_as_empty(opened: Callable[[], Engine]):
    engine = opened()
    with engine.begin() as tx:
        tx.execute(text("ALTER TABLE procrastinate_jobs RENAME TO jobs_of_another_time"))

    found = DropJobs(engine).standing([])
    assert (found.waiting, found.doing, found.workers) == (0, 0, 0)
    assert (found.heard, found.tables, found.installed) == (None, "", installed())


def test_who_serves_a_ledger_is_known_to_whoever_would_copy_it(opened: Callable[[], Engine]):
    engine = opened()
    leases = LedgerLeases(engine, "a")
    assert leases.site("site") == "site"
    assert who_serves(engine) == "", "the row that names the ledger is nobody's work"
    with leases.held("clock"):
        assert who_serves(engine) == "a"
    silent_for_long(engine, "clock")
    assert who_serves(engine) == ""
    with engine.begin() as tx:
        tx.execute(text("ALTER TABLE leases RENAME TO leases_of_another_time"))
    assert who_serves(engine) == "", "it has no ledger's tables yet"


def test_the_queue_s_tables_follow_the_library(
    opened: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
):
    engine = opened()
    assert version_of(engine) == installed()
    last = "03.04.00_01_pre_add_retry_failed_job_procedure.sql"
    with engine.begin() as tx:  # as if an earlier version had made them
        tx.execute(text("DROP FUNCTION procrastinate_retry_job_v2"))
        tx.execute(text("DROP TABLE procrastinate_periodic_defers"))
        tx.execute(text(f"COMMENT ON TABLE procrastinate_jobs IS '3.0.0 {last[:-5]}'"))
    ran: list[str] = []
    monkeypatch.setattr(queue, "_run", lambda _tx, scripts: ran.extend(scripts))
    store.migrate(engine)
    assert version_of(engine) == installed()
    assert len(ran) == 2
    assert "procrastinate_retry_job_v2" in ran[0]
    with engine.connect() as connection:
        seen = connection.execute(text("SELECT obj_description('procrastinate_jobs'::regclass)"))
        there = resources.files("procrastinate.sql.migrations").iterdir()
        newest = max(one.name for one in there if one.name.endswith(".sql"))
        assert str(seen.scalar()).split() == [installed(), newest]


def behind_a_proxy() -> tuple[FaultProxy, Engine, LedgerLeases, LedgerLetters]:
    """A ledger whose lines can be harmed, with a letter in it and somebody who says he is there."""
    url = the_server().url(the_server().database(like=migrated()))
    proxy = FaultProxy([the_server().program.port])
    engine = store.open_engine(url.replace("127.0.0.1", HOST), PASSWORD)
    leases, letters = LedgerLeases(engine, "a"), LedgerLetters(engine)
    letters.put_letter(LETTER, NOW)
    leases.start()
    return proxy, engine, leases, letters


def test_a_line_on_which_no_answer_comes_is_given_up_and_work_goes_on(
    monkeypatch: pytest.MonkeyPatch,
):
    """Nobody says that it broke, and something on the way keeps it alive."""
    if tools() is None:
        missing("postgresql")
    monkeypatch.setattr(leasebook, "NO_ANSWER_SECONDS", 3.0)
    monkeypatch.setattr(leasebook, "BEAT_SECONDS", 0.1)
    proxy, engine, leases, letters = behind_a_proxy()
    fault = proxy.strike(Fault(Harm.STALL, Toward.CLIENT, lasting=True))
    with pytest.raises(LedgerAway):
        letters.put_letter(replace(LETTER, key="two"), NOW)
    assert fault.struck
    proxy.heal()

    def works() -> bool:
        with suppress(LedgerAway):
            return letters.put_letter(replace(LETTER, key="three"), NOW)
        return False

    until(works, "work over a new line")
    leases.close()
    engine.dispose()
    proxy.close()


def test_where_one_line_broke_whoever_waits_on_another_hears_of_it(
    monkeypatch: pytest.MonkeyPatch,
):
    """One is found broken and made anew before the rest has been silent for long enough."""
    if tools() is None:
        missing("postgresql")
    monkeypatch.setattr(leasebook, "BEAT_SECONDS", 0.5)
    proxy, engine, leases, letters = behind_a_proxy()

    def broken() -> None:
        raise LedgerAway("the line broke")

    monkeypatch.setattr(leases, "beat", broken)
    proxy.strike(Fault(Harm.STALL, Toward.CLIENT, lasting=True))
    begun = time.monotonic()
    with pytest.raises(LedgerAway):
        letters.put_letter(replace(LETTER, key="two"), NOW)
    assert time.monotonic() - begun < leasebook.NO_ANSWER_SECONDS / 2

    leases.close()
    engine.dispose()
    proxy.close()


def test_a_line_that_broke_while_it_rested_is_made_anew_and_nobody_notices(
    opened: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres, "RESTED_SECONDS", 0.0)
    mine, other = opened(), opened()
    asks = text("SELECT pg_backend_pid()")
    with store.reading(mine) as connection:
        before = connection.execute(asks).scalar_one()
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})

    assert LedgerLetters(mine).put_letter(LETTER, NOW)
    with store.reading(mine) as connection:
        assert connection.execute(asks).scalar_one() != before


def test_a_report_sees_one_moment_and_changes_nothing(opened: Callable[[], Engine]):
    engine = opened()
    letters = LedgerLetters(engine)
    counts = text("SELECT count(*) FROM letters")
    with store.reading(engine) as connection:
        assert connection.execute(counts).scalar_one() == 0
        assert letters.put_letter(LETTER, NOW)
        assert connection.execute(counts).scalar_one() == 0
        with pytest.raises(DBAPIError, match="read-only"):
            connection.execute(text("DELETE FROM letters"))
    assert letters.put_letter(replace(LETTER, key="two"), NOW), "the same line writes afterwards"


def test_a_ledger_is_one_site_whoever_opened_it_first(opened: Callable[[], Engine]):
    first, second = LedgerLeases(opened(), "a"), LedgerLeases(opened(), "b")
    assert second.named() == ""
    assert (first.site("an"), second.site("bình")) == ("an", "an")
    assert second.named() == "an"


def test_a_ledger_on_a_server_makes_no_file_here(
    opened: Callable[[], Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    store.migrate(opened())
    assert list(tmp_path.iterdir()) == []
