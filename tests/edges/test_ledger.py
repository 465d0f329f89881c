"""The ledger's contract: a state and its event move together, or not at all."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan, Role
from bhyt_filedrop.domain.drops.lying import Lying, Why
from bhyt_filedrop.domain.drops.states import MOVES, State
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.letters.letter import Attachment, Letter, notice
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema, store
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.lookbook import LedgerLooks
from bhyt_filedrop.ports import LedgerAway, LostRace, Sighting
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, postgres, tools

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
ROUND = Round(2015, 1)
KEY = ListKey("district-return", ROUND, "760", "thu")
BYTES = "a" * 64


@functools.cache
def migrated() -> str:
    """A database on the server to copy, with the tables that the migrations make."""
    name = postgres().database()
    opened = store.open_engine(postgres().url(name), PASSWORD)
    store.migrate(opened)
    opened.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "sqlite":
        yield request.getfixturevalue("embedded")
        return
    if tools() is None:
        missing("postgresql")
    opened = store.open_engine(postgres().url(postgres().database(like=migrated())), PASSWORD)
    yield opened
    opened.dispose()


@pytest.fixture
def drops(engine: Engine) -> LedgerDrops:
    return LedgerDrops(engine)


@pytest.fixture
def facts(engine: Engine) -> LedgerFacts:
    return LedgerFacts(engine)


def a_drop(name: str = "D150612-AAAAAA", **changed: Any) -> Drop:
    drop = Drop(
        id=name,
        tree="main",
        path=f"05-QLTHU/Quận 1/{name}.xlsx",
        unit="760",
        size=10,
        mtime=1434074400.123456,
        work_path=f".bhyt-filedrop/work/{name}",
        arrived_at=NOW,
    )
    return replace(drop, **changed)


def a_list(drop: str, seq: int = 0, state: str = "accepted", **changed: Any) -> ListRecord:
    record = ListRecord(drop, seq, KEY, "form-3", 8, BYTES, state, 1, NOW, file="mẫu 3.xlsx")
    return replace(record, **changed)


def a_delivery(path: str, role: Role = Role.FORWARD, sha256: str | None = BYTES) -> Delivery:
    return Delivery(role, "thu", "main", path, BYTES, sha256, access=FileAccess(mode=0o640))


def planned(drops: LedgerDrops, drop: Drop, plan: Plan) -> Drop:
    """Bring a drop as far as its plan."""
    drops.claim([drop])
    drops.archived(drop.id, BYTES, 10, NOW)
    drops.plan(drop, plan, NOW)
    return drop


def in_state(drops: LedgerDrops, state: State, name: str = "D150612-AAAAAA") -> str:
    """Bring a fresh drop into a state, by the ledger's own ways."""
    drop = a_drop(name)
    closed = {State.ACCEPTED, State.RETURNED, State.HELD}
    if state in closed | {State.PLANNED}:
        held = (a_list(name, state="held"),) if state is State.HELD else ()
        plan = Plan(state if state in closed else State.ACCEPTED, lists=held)
        planned(drops, drop, plan)
        if state in closed:
            drops.close(drop.id, NOW)
        return drop.id
    drops.claim([drop])
    if state is State.VOID:
        drops.void(drop.id, NOW)
    if state is State.SET_ASIDE:
        drops.set_aside(drop.id, NOW, "hỏng", [])
    return drop.id


def kinds(drops: LedgerDrops, drop: str) -> list[str]:
    return [kind for _, kind, _ in drops.history(drop)]


# --- values ----------------------------------------------------------------------------------


def test_a_drop_comes_back_as_it_was_written(drops: LedgerDrops):
    drop = a_drop(incomplete=True, path="05-QLTHU/Quận 1/danh s\udce1ch.xlsx")
    drops.claim([drop])

    assert drops.get(drop.id) == drop
    assert drops.unclaimed_paths("main") == {drop.path}


def test_a_file_that_stays_where_it_was_dropped_is_known_by_path_size_and_time(drops: LedgerDrops):
    """Until its claim is given up: then whatever lies there is new."""
    stays, moved, given_up = (a_drop(f"D150612-AAAAA{n}") for n in "ABC")
    stays = replace(stays, path="05-QLTHU/Quận 1/danh s\udce1ch.xlsx")
    drops.claim([stays, moved, given_up])
    for drop in (stays, given_up):
        drops.left_where_it_lies(drop.id, NOW)
    drops.void(given_up.id, NOW)

    assert drops.left_there("main") == {Sighting(stays.path, stays.size, stays.mtime)}
    assert drops.left_there("other") == frozenset()
    kept = drops.get(stays.id)
    assert kept is not None
    assert (kept.lies_there, kept.work_path) == (True, stays.path)


def test_every_part_of_a_plan_comes_back_as_it_was_written(drops: LedgerDrops, facts: LedgerFacts):
    found = finding(
        "row.card-invalid", "Sai.", "Sửa.", sheet="S", cell="C9", row=9, field="card", value="x"
    )
    delivery = a_delivery("Phòng Thu/a.xlsx")
    drop = planned(
        drops,
        a_drop(),
        Plan(State.ACCEPTED, (found,), (a_list("D150612-AAAAAA"),), (delivery,)),
    )

    assert drops.findings(drop.id) == [found]
    assert facts.lists_of(drop.id) == (a_list("D150612-AAAAAA"),)
    assert drops.pending(drop.id) == [(0, delivery)]
    stored = drops.get(drop.id)
    assert stored is not None
    assert (stored.handoff, stored.round, stored.sha256) == ("district-return", ROUND, BYTES)


def test_a_time_without_a_zone_is_refused(drops: LedgerDrops):
    with pytest.raises(Exception, match="without a zone"):
        drops.claim([a_drop(arrived_at=datetime(2015, 6, 12))])


def test_times_come_back_aware_and_the_same_moment(drops: LedgerDrops):
    drops.claim([a_drop()])
    stored = drops.get("D150612-AAAAAA")

    assert stored is not None
    assert stored.arrived_at == NOW
    assert stored.arrived_at.tzinfo is UTC


# --- states ----------------------------------------------------------------------------------


WAYS = {
    State.VOID: lambda drops, drop: drops.void(drop, NOW),
    State.PLANNED: lambda drops, drop: drops.plan(a_drop(drop), Plan(State.ACCEPTED), NOW),
    State.SET_ASIDE: lambda drops, drop: drops.set_aside(drop, NOW, "hỏng", []),
    State.CLAIMED: lambda drops, drop: drops.override(drop, "retry", "thử", NOW),
}
"""How the ledger is asked to bring a drop into a state."""


@pytest.mark.parametrize("target", WAYS)
@pytest.mark.parametrize("state", State)
def test_only_the_declared_moves_are_made_and_each_leaves_its_event(
    drops: LedgerDrops, state: State, target: State
):
    drop = in_state(drops, state)
    before = kinds(drops, drop)
    if target in MOVES[state]:
        WAYS[target](drops, drop)
        assert drops.get(drop).state is target  # type: ignore[union-attr]
        assert len(kinds(drops, drop)) == len(before) + 1
    else:
        with pytest.raises(LostRace):
            WAYS[target](drops, drop)
        assert drops.get(drop).state is state  # type: ignore[union-attr]
        assert kinds(drops, drop) == before


@pytest.mark.parametrize("state", [State.ACCEPTED, State.RETURNED, State.HELD])
def test_a_drop_is_closed_once(drops: LedgerDrops, state: State):
    drop = in_state(drops, state)
    before = kinds(drops, drop)

    with pytest.raises(LostRace):
        drops.close(drop, NOW)

    assert drops.get(drop).state is state  # type: ignore[union-attr]
    assert kinds(drops, drop) == before


def test_a_close_that_fails_half_way_leaves_nothing_of_it(embedded: Engine):
    drops = LedgerDrops(embedded)
    letter = Letter("x" * 10, "notice", "thu", {})
    drop = planned(
        drops, a_drop(), Plan(State.ACCEPTED, deliveries=(a_delivery("a"),), letters=(letter,))
    )
    with embedded.begin() as tx:
        tx.execute(text("CREATE TRIGGER full BEFORE INSERT ON letters BEGIN "
                        "SELECT RAISE(ABORT, 'disk full'); END"))  # fmt: skip

    with pytest.raises(IntegrityError, match="disk full"):
        drops.close(drop.id, NOW, done=(0,))

    assert drops.get(drop.id).state is State.PLANNED  # type: ignore[union-attr]
    assert [done for _, done in drops.deliveries(drop.id)] == [None]
    assert kinds(drops, drop.id) == ["claimed", "archived", "planned"]


def test_closing_ticks_the_last_delivery_queues_the_letters_and_says_so(
    drops: LedgerDrops, engine: Engine
):
    letter = Letter("returned/D1", "returned", "760", {})
    plan = Plan(
        State.RETURNED, deliveries=(a_delivery("a", Role.ANNOTATED, None),), letters=(letter,)
    )
    drop = planned(drops, a_drop(), plan)
    drops.made(drop.id, 0, "b" * 64)
    copy = Attachment("a", "b" * 64)

    assert drops.close(drop.id, NOW, (0,), (copy,)) is State.RETURNED

    (due,) = LedgerLetters(engine).due_letters(NOW, 10)
    assert due.letter.attachments == (copy,)
    assert kinds(drops, drop.id)[-2:] == ["delivered", "returned"]
    assert drops.pending(drop.id) == []


def test_ticking_a_delivery_twice_is_one_event(drops: LedgerDrops):
    plan = Plan(State.ACCEPTED, deliveries=(a_delivery("a"), a_delivery("b")))
    drop = planned(drops, a_drop(), plan)
    drops.delivered(drop.id, (0,), NOW)
    drops.delivered(drop.id, (0,), NOW + timedelta(hours=1))

    assert kinds(drops, drop.id).count("delivered") == 1
    assert [d.path for _, d in drops.pending(drop.id)] == ["b"]
    assert drops.deliveries(drop.id)[0][1] == NOW


# --- what wants work --------------------------------------------------------------------------


def test_work_is_found_oldest_first_and_not_before_its_time(drops: LedgerDrops):
    drops.claim([a_drop("D2", arrived_at=NOW + timedelta(minutes=1)), a_drop("D1")])
    in_state(drops, State.SET_ASIDE, "D3")
    in_state(drops, State.ACCEPTED, "D4")
    assert drops.postpone("D1", NOW, NOW + timedelta(minutes=5), "bận") == 1

    assert [d.id for d in drops.due(NOW)] == ["D2"]
    assert [d.id for d in drops.due(NOW + timedelta(minutes=5))] == ["D1", "D2"]


def test_a_person_s_decision_forgets_earlier_failures(drops: LedgerDrops):
    drops.claim([a_drop()])
    drops.postpone("D150612-AAAAAA", NOW, NOW, "bận")
    drops.set_aside("D150612-AAAAAA", NOW, "bận", [])
    drops.override("D150612-AAAAAA", "retry", "đĩa đã trống", NOW)

    drop = drops.get("D150612-AAAAAA")
    assert drop is not None
    assert (drop.attempts, drop.next_at) == (0, None)
    assert drop.override == {"action": "retry", "why": "đĩa đã trống"}


def test_how_often_a_file_was_begun_counts_from_its_archive_on(drops: LedgerDrops):
    drops.claim([a_drop()])
    drops.archived("D150612-AAAAAA", BYTES, 10, NOW)

    assert [drops.begin("D150612-AAAAAA") for _ in range(3)] == [2, 3, 4]


def test_an_outcome_of_any_kind_forgets_how_often_a_file_was_begun(drops: LedgerDrops):
    """Only ends of the service in a row, without any outcome, tell of a file that brings them."""
    drop = a_drop()
    drops.claim([drop])
    drops.archived(drop.id, BYTES, 10, NOW)
    assert drops.begin(drop.id) == 2
    drops.postpone(drop.id, NOW, NOW, "bận")
    assert drops.begin(drop.id) == 1
    drops.plan(drop, Plan(State.ACCEPTED), NOW)
    assert drops.begin(drop.id) == 1
    drops.set_aside(drop.id, NOW, "hỏng", [])
    drops.override(drop.id, "retry", "đĩa đã trống", NOW)
    assert drops.begin(drop.id) == 1


# --- deliveries ------------------------------------------------------------------------------


def test_a_plan_made_anew_keeps_what_was_delivered_and_forgets_the_rest(drops: LedgerDrops):
    drop = planned(drops, a_drop(), Plan(State.HELD, deliveries=(a_delivery("a"), a_delivery("b"))))
    drops.delivered(drop.id, (0,), NOW)
    drops.set_aside(drop.id, NOW, "hỏng", [])
    drops.override(drop.id, "release", "", NOW)
    drops.plan(drop, Plan(State.ACCEPTED, deliveries=(a_delivery("a"), a_delivery("c"))), NOW)

    assert [(d.path, bool(at)) for d, at in drops.deliveries(drop.id)] == [
        ("a", True),
        ("c", False),
    ]


def test_a_place_that_another_plan_has_not_filled_yet_is_taken_over(drops: LedgerDrops):
    planned(
        drops, a_drop("D1"), Plan(State.ACCEPTED, deliveries=(a_delivery("a"), a_delivery("b")))
    )
    drops.delivered("D1", (1,), NOW)
    planned(
        drops, a_drop("D2"), Plan(State.ACCEPTED, deliveries=(a_delivery("a"), a_delivery("b")))
    )

    assert [d.path for _, d in drops.pending("D1")] == []
    assert [d.path for _, d in drops.pending("D2")] == ["a"]


# --- lists -----------------------------------------------------------------------------------


def test_a_held_drop_is_accepted_when_its_last_held_list_goes_on(
    drops: LedgerDrops, facts: LedgerFacts
):
    held = tuple(a_list("D1", n, "held", key=replace(KEY, part=n)) for n in (0, 1))
    planned(drops, a_drop("D1"), Plan(State.HELD, lists=held))
    drops.close("D1", NOW)
    planned(drops, a_drop("D2"), Plan(State.ACCEPTED, promotes=(("D1", 0),)))
    drops.close("D2", NOW)
    assert drops.get("D1").state is State.HELD  # type: ignore[union-attr]

    planned(drops, a_drop("D3"), Plan(State.ACCEPTED, supersedes=(("D1", 1),)))
    drops.close("D3", NOW)

    assert drops.get("D1").state is State.ACCEPTED  # type: ignore[union-attr]
    assert [one.state for one in facts.lists_of("D1")] == ["accepted", "superseded"]
    assert kinds(drops, "D1")[-1] == "accepted"


def test_a_list_that_was_returned_meanwhile_is_not_called_accepted(
    drops: LedgerDrops, facts: LedgerFacts
):
    planned(drops, a_drop("D1"), Plan(State.HELD, lists=(a_list("D1", state="held"),)))
    drops.close("D1", NOW)
    planned(drops, a_drop("D2"), Plan(State.ACCEPTED, promotes=(("D1", 0),)))
    drops.override("D1", "reject", "nhầm", NOW)
    returned = Plan(State.RETURNED, lists=(a_list("D1", state="returned"),))
    drops.plan(a_drop("D1"), returned, NOW)
    drops.close("D1", NOW)
    drops.close("D2", NOW)

    assert [one.state for one in facts.lists_of("D1")] == ["returned"]


def test_a_plan_that_counts_on_a_list_just_sent_round_again_is_refused(drops: LedgerDrops):
    planned(drops, a_drop("D1"), Plan(State.HELD, lists=(a_list("D1", state="held"),)))
    drops.close("D1", NOW)
    drops.override("D1", "reject", "nhầm", NOW)

    with pytest.raises(LostRace):
        planned(drops, a_drop("D2"), Plan(State.ACCEPTED, promotes=(("D1", 0),)))


def test_what_stands_is_every_part_of_the_same_return_and_nothing_else(
    drops: LedgerDrops, facts: LedgerFacts
):
    def close(name: str, key: ListKey, state: str) -> None:
        verdict = State.RETURNED if state == "returned" else State.ACCEPTED
        planned(drops, a_drop(name), Plan(verdict, lists=(a_list(name, 0, state, key=key),)))
        drops.close(name, NOW)

    close("D1", KEY, "accepted")
    close("D2", replace(KEY, part=1), "held")
    close("D3", replace(KEY, sender="770"), "accepted")
    close("D4", replace(KEY, round=Round(2015, 2)), "accepted")
    close("D5", KEY, "returned")
    close("D6", KEY, "superseded")

    assert [r.drop for r in facts.standing([KEY], without="")] == ["D1", "D2"]
    assert [r.drop for r in facts.standing([KEY], without="D1")] == ["D2"]
    assert facts.standing([], without="") == ()


def test_the_same_bytes_count_as_repeated_only_for_the_same_unit_and_purpose(
    drops: LedgerDrops, facts: LedgerFacts
):
    planned(drops, a_drop("D1"), Plan(State.ACCEPTED, lists=(a_list("D1"),)))
    drops.close("D1", NOW)
    other = replace(KEY, receiver="board")

    assert facts.repeated(BYTES, "760", [KEY], "D2") == "D1"
    assert facts.repeated(BYTES, "760", [], "D2") == "D1"
    assert facts.repeated(BYTES, "760", [other], "D2") == ""
    assert facts.repeated(BYTES, "770", [KEY], "D2") == ""
    assert facts.repeated("b" * 64, "760", [KEY], "D2") == ""
    assert facts.repeated(BYTES, "760", [KEY], "D1") == ""


# --- letters ---------------------------------------------------------------------------------


def test_a_letter_with_a_known_key_is_not_written_again(engine: Engine):
    letters = LedgerLetters(engine)
    letter = notice("disk", "cntt", "Đĩa đầy", ["…"])

    assert letters.put_letter(letter, NOW)
    assert not letters.put_letter(letter, NOW)
    assert letters.put_letters([letter, notice("net", "cntt", "Mất mạng", [])], NOW) == 1
    assert letters.known_keys(["notice/"]) == {"notice/disk", "notice/net"}


def test_letters_of_a_drop_that_was_set_aside_are_queued_with_it(
    drops: LedgerDrops, engine: Engine
):
    drops.claim([a_drop()])
    drops.set_aside("D150612-AAAAAA", NOW, "hỏng", [Letter("set-aside/1", "set-aside", "cntt", {})])

    assert LedgerLetters(engine).of_drop("D150612-AAAAAA") == [("set-aside/1", "due", None)]


# --- the database ----------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_that_the_program_knows(tmp_path: Path):
    engine = store.open_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    assert store.version(engine) is None
    store.migrate(engine)
    store.migrate(engine)

    assert store.version(engine) == store.HEAD

    def is_here(one: Any, _name: object, _kind: str, _there: bool, _to: object) -> bool:
        return bool(one.info.get("dialect", "sqlite") == "sqlite")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_here})
        difference = compare_metadata(context, schema.metadata)
        found = inspect(connection)
        keys = {
            table: set(found.get_pk_constraint(table)["constrained_columns"])
            for table in schema.metadata.tables
        }
    engine.dispose()
    assert difference == []
    tables = schema.metadata.sorted_tables
    assert keys == {one.name: set(one.primary_key.columns.keys()) for one in tables}


def test_the_newest_migration_is_the_one_that_every_start_compares_with():
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [store.HEAD]


def test_a_new_ledger_is_a_file_for_us_alone_whatever_the_umask(tmp_path: Path):
    umask = os.umask(0)
    try:
        store.migrate(store.open_engine(f"sqlite:///{tmp_path / 'new.db'}"))
    finally:
        os.umask(umask)

    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


def test_a_migration_can_be_taken_back_and_made_again(tmp_path: Path):
    from alembic import command

    engine = store.open_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    store.migrate(engine)
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
        assert inspect(connection).get_table_names() == ["alembic_version"]
    store.migrate(engine)
    assert store.version(engine) == store.HEAD
    engine.dispose()


def test_a_report_that_takes_long_keeps_no_drop_waiting(drops: LedgerDrops, engine: Engine):
    with store.reading(engine) as report:
        before = report.execute(select(func.count()).select_from(schema.drops)).scalar()
        drops.claim([a_drop()])
        meanwhile = report.execute(select(func.count()).select_from(schema.drops)).scalar()

    assert (before, meanwhile) == (0, 0), "what one report tells is of one moment"
    assert drops.get(a_drop().id) is not None


def test_every_commit_is_on_disk(embedded: Engine):
    with embedded.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_full_disk_under_the_ledger_means_later(embedded: Engine):
    with embedded.connect() as full:
        full.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(LedgerAway, match="full"):
            full.exec_driver_sql("CREATE TABLE more (than, fits)")


def test_a_wrong_statement_of_our_own_is_seen_for_what_it_is(engine: Engine):
    with engine.connect() as connection, pytest.raises((OperationalError, ProgrammingError)):
        connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_a_claim_of_many_is_one_transaction(drops: LedgerDrops, engine: Engine):
    with pytest.raises(IntegrityError):
        drops.claim([a_drop("D1"), a_drop("D2"), a_drop("D1", path="nơi khác.xlsx")])

    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.events)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(schema.drops)).scalar() == 0


# --- what the trees were seen to hold ------------------------------------------------------------


def test_when_a_tree_was_looked_over_and_what_lies_there_are_remembered(engine: Engine):
    looks = LedgerLooks(engine)
    assert looks.last_look("main") is None
    looks.looked("main", NOW)
    looks.looked("main", NOW + timedelta(hours=1))
    looks.looked("far", NOW)
    odd = "Quận 1/t\udce9p.xlsx"
    one = Lying("main", odd, Why.ELSEWHERE, "760", NOW)
    looks.lie("main", [one, Lying("main", "b.xlsx", Why.OPEN, "", NOW)])
    looks.lie("far", [Lying("far", "a.xlsx", Why.DENIED, "thu", NOW)])
    looks.lie("main", [one])

    assert looks.last_look("main") == NOW + timedelta(hours=1)
    assert looks.lying("main") == (one,)
    assert [found.path for found in looks.lying()] == ["a.xlsx", odd]


def test_what_was_put_somewhere_is_known_by_its_path_and_by_its_drop(
    engine: Engine, drops: LedgerDrops
):
    drops.claim([a_drop()])
    there = a_delivery("a")
    drops.plan(a_drop(), Plan(State.ACCEPTED, deliveries=(there, a_delivery("b"))), NOW)
    looks = LedgerLooks(engine)

    found = looks.given("main", [there.path, "nowhere"])
    assert {path: one.drop for path, one in found.items()} == {there.path: a_drop().id}
    assert looks.given("far", [there.path]) == {}
    assert [len(one) for one in looks.given_of({a_drop().id, "D-none"}).values()] == [2]


# --- what a plan does at once --------------------------------------------------------------------


def decided(drops: LedgerDrops, name: str, **changed: Any) -> None:
    """A drop with one list, decided and not delivered."""
    drop = a_drop(name, arrived_at=NOW + timedelta(minutes=int(name[-1])))
    drops.claim([drop])
    drops.plan(
        drop, Plan(State.ACCEPTED, lists=(a_list(name, at=drop.arrived_at),), **changed), NOW
    )


def test_a_list_gives_way_when_its_correction_is_written_down_and_stands_again_when_that_goes_back(
    drops: LedgerDrops, facts: LedgerFacts
):
    decided(drops, "D1")
    decided(drops, "D2", supersedes=(("D1", 0),))
    assert [one.drop for one in facts.standing([KEY], "")] == ["D2"]
    assert (drops.waits_behind("D1"), drops.waits_behind("D2")) == (False, True)

    drops.set_aside("D2", NOW, "no room", [])
    drops.override("D2", "reject", "sai", NOW)
    assert [one.drop for one in facts.standing([KEY], "")] == ["D1"]


def test_a_list_that_gave_way_keeps_when_its_return_was_complete_and_one_that_went_on_does_not(
    drops: LedgerDrops, facts: LedgerFacts
):
    waits = replace(KEY, part=1)
    for name, state, verdict in (("D1", "accepted", State.ACCEPTED), ("D2", "held", State.HELD)):
        key = waits if state == "held" else KEY
        drops.claim([a_drop(name)])
        record = a_list(name, state=state, key=key, completed_at=NOW if state != "held" else None)
        drops.plan(a_drop(name), Plan(verdict, lists=(record,)), NOW)
        drops.close(name, NOW)
    decided(drops, "D3", supersedes=(("D1", 0),), promotes=(("D2", 0),))
    drops.set_aside("D3", NOW, "no room", [])
    drops.override("D3", "reject", "sai", NOW)

    (stands,), (held,) = facts.lists_of("D1"), facts.lists_of("D2")
    assert (stands.state, stands.completed_at) == ("accepted", NOW)
    assert (held.state, held.completed_at) == ("held", None)


def test_it_does_not_stand_again_where_another_correction_stands_by_now(
    drops: LedgerDrops, facts: LedgerFacts
):
    decided(drops, "D1")
    decided(drops, "D2", supersedes=(("D1", 0),))
    drops.set_aside("D2", NOW, "no room", [])
    decided(drops, "D3", supersedes=(("D2", 0),))
    drops.override("D2", "retry", "lại", NOW)

    assert [one.drop for one in facts.standing([KEY], "")] == ["D3"]


def test_what_goes_on_with_an_undelivered_plan_is_told_as_waiting_to_the_next(
    drops: LedgerDrops, facts: LedgerFacts
):
    """So that the next plan of the return takes its delivery over."""
    waiting = a_drop("D1")
    drops.claim([waiting])
    drops.plan(waiting, Plan(State.HELD, lists=(a_list("D1", state="held"),)), NOW)
    drops.close("D1", NOW)
    other = replace(KEY, part=1)
    last = a_drop("D2")
    drops.claim([last])
    lists = (a_list("D2", key=other),)
    drops.plan(last, Plan(State.ACCEPTED, lists=lists, promotes=(("D1", 0),)), NOW)

    assert [one.state for one in facts.lists_of("D1")] == ["accepted"]
    assert {one.drop: one.state for one in facts.standing([KEY], "")} == {
        "D1": "held", "D2": "accepted",
    }  # fmt: skip
    drops.close("D2", NOW)
    assert {one.state for one in facts.standing([KEY], "")} == {"accepted"}


def test_what_a_machine_held_up_is_due_again_by_itself_and_keeps_its_count(drops: LedgerDrops):
    drops.claim([a_drop()])
    drops.postpone(a_drop().id, NOW, NOW, "no room")
    drops.set_aside(a_drop().id, NOW, "no room", [], NOW + timedelta(hours=1))
    assert drops.unclaimed_paths("main") == {a_drop().path}
    assert drops.due(NOW) == []
    (due,) = drops.due(NOW + timedelta(hours=1))

    again = drops.resume(due.id, NOW)
    assert (again.state, again.attempts) == (State.CLAIMED, 1)
    drops.set_aside(again.id, NOW, "sai", [])
    assert drops.due(NOW + timedelta(days=9)) == []
