"""What the ledger answers when it is asked: of values, of returns, of units."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from bhyt_filedrop.domain.derive.approval import Approved
from bhyt_filedrop.domain.drops.drop import Delivery, Plan, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import postgres, rows, schema
from bhyt_filedrop.edges.ledger.approvals import LedgerApprovals
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.erasebook import LedgerErasures
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters, queue_letters
from bhyt_filedrop.edges.ledger.lookbook import LedgerLooks
from bhyt_filedrop.ports import LostRace
from tests.edges.test_ledger import BYTES, KEY, NOW, a_drop, a_list

MINUTE = timedelta(minutes=1)


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
    assert (postgres.DEAD_LINE["keepalives"], postgres.DEAD_LINE["connect_timeout"]) == (1, 10)
    assert postgres.line_of(url).keys() == postgres.DEAD_LINE.keys() - {"connect_timeout"}
    assert str(postgres.with_driver(make_url("sqlite:///x.db"), "mật khẩu")) == "sqlite:///x.db"
    assert postgres.with_driver(make_url("postgresql://u@db/x"), "mật khẩu").password == "mật khẩu"
    assert postgres.with_driver(make_url("postgresql://u@db/x"), "").password is None


def test_when_the_last_file_of_a_unit_came_is_known_for_each_tree(engine: Engine):
    drops = LedgerDrops(engine)
    for n, (unit, tree) in enumerate([("760", "main"), ("760", "main"), ("761", "main")]):
        drops.claim(
            [a_drop(f"D-{n}", path=str(n), unit=unit, tree=tree, arrived_at=NOW + n * MINUTE)]
        )
    drops.claim([a_drop("D-8", path="8", tree="other"), a_drop("D-9", path="9", unit="762")])
    drops.void("D-9", NOW)

    told = drops.last_arrivals("main", ["760", "761", "762"])

    assert told == {"760": NOW + MINUTE, "761": NOW + 2 * MINUTE}
    assert drops.last_arrivals("other", ["760"]) == {"760": NOW}
    assert drops.taken_ids(["D-0", "D-9", "D-7"]) == {"D-0", "D-9"}
    assert drops.every_id() == {"D-0", "D-1", "D-2", "D-8"}


def test_a_file_that_was_decided_is_begun_anew_where_a_person_sends_it_round_again(engine: Engine):
    drops = LedgerDrops(engine)
    drops.claim([a_drop("D-1")])
    drops.archived("D-1", "a" * 64, 10, NOW)
    drops.begin("D-1")
    drops.plan(a_drop("D-1"), Plan(State.HELD, lists=(a_list("D-1", state="held"),)), NOW)
    drops.close("D-1", NOW)
    drops.override("D-1", "retry", "xem lại", NOW)

    assert drops.begin("D-1") == 1


def test_cards_that_others_have_are_found_by_card_and_by_person_and_never_ones_own(engine: Engine):
    """A child without a card asks by its person alone, one that names nobody by its card alone."""
    an = ListedChild(name="Trần Văn An", birth="2014-03-05", card="TE1790000000001")
    binh = ListedChild(name="Lê Thị Bình", birth="2014-04-06", card="TE1790000000002")
    bare = ListedChild(name="Lê Văn Chi", birth="2014-05-07")
    for n, (state, child) in enumerate(
        [("accepted", an), ("accepted", binh), ("accepted", bare), ("returned", an)]
    ):
        drop = a_drop(f"D-{n}", path=str(n))
        LedgerDrops(engine).claim([drop])
        record = a_list(drop.id, state=state, key=replace(KEY, sender=str(n)))
        plan = Plan(State.ACCEPTED, lists=(record,), rolls={0: (child,)})
        LedgerDrops(engine).plan(drop, plan, NOW)
    facts = LedgerFacts(engine)

    def found(*children: ListedChild, without: str = "") -> list[str]:
        return sorted(record.drop for record, _ in facts.known_cards(children, without))

    assert found(replace(an, name="", card="GD4790000000001")) == ["D-0"]
    assert found(replace(an, card="")) == ["D-0"]
    assert found(an, binh) == ["D-0", "D-1"]
    assert found(an, without="D-0") == []
    assert found(bare) == []
    assert found(ListedChild()) == []


def test_whom_a_server_refused_is_kept_with_each_letter_and_added_to(engine: Engine):
    letters = LedgerLetters(engine)
    letters.put_letters([notice(key, "760", "Một", ["…"]) for key in ("x", "y")], NOW)
    letters.letter_later(["notice/x"], NOW, "đầy", (), {"q1@a.vn": "không có"}, None)
    letters.letter_set_aside(["notice/x"], "không ai nhận", {"q1@b.vn": "đã khoá"})

    told = {one.address: one.reason for one in letters.refused(NOW)}
    assert told == {"q1@a.vn": "không có", "q1@b.vn": "đã khoá"}


def test_a_card_belongs_to_the_list_in_which_its_child_stands(engine: Engine):
    """A drop may hold several lists, of which some went back."""
    an = ListedChild(name="Trần Văn An", birth="2014-03-05", card="TE1790000000001")
    lists = (a_list("D-1"), a_list("D-1", 1, "returned", key=replace(KEY, part=1)))
    facts, drops = LedgerFacts(engine), LedgerDrops(engine)
    for n, known in ((1, []), (0, [0])):
        drop = a_drop(f"D-{n}", path=str(n))
        drops.claim([drop])
        mine = tuple(replace(one, drop=drop.id) for one in lists)
        drops.plan(drop, Plan(State.ACCEPTED, lists=mine, rolls={n: (an,)}), NOW)
        assert [record.seq for record, _ in facts.known_cards([an], "")] == known


def test_a_letter_that_goes_again_begins_anew(engine: Engine):
    letters, key = LedgerLetters(engine), "notice/x"
    letters.put_letters([notice("x", "760", "Một", ["…"])], NOW)
    letters.letter_later([key], NOW, "đầy", ("q1@a.vn",), {}, None)
    letters.letter_set_aside([key], "không ai nhận", {"q1@a.vn": "đã khoá"})
    assert letters.send_again({key: (), "notice/y": ()}, NOW + MINUTE) == 1

    (due,) = letters.due_letters(NOW + MINUTE, 9)
    assert (due.letter.key, due.attempts, due.remaining) == (key, 0, ())


def test_what_is_not_in_the_archive_yet_is_asked_for_tree_by_tree(engine: Engine):
    drops = LedgerDrops(engine)
    for n, (tree, path) in enumerate(
        [("main", "0"), ("main", "1"), ("other", "2"), ("main", "@x")]
    ):
        drops.claim([a_drop(f"D-{n}", tree=tree, path=path)])
    drops.archived("D-1", "a" * 64, 10, NOW)

    assert [one.id for one in drops.due(NOW, untaken="main")] == ["D-0"]
    assert [one.id for one in drops.due(NOW, untaken="other")] == ["D-2"]
    assert [one.id for one in drops.due(NOW)] == ["D-0", "D-1", "D-2", "D-3"]


def test_which_files_may_run_something_is_known_by_that_finding_alone(engine: Engine):
    drops = LedgerDrops(engine)
    for n in range(2):
        drops.claim([a_drop(f"D-{n}", path=str(n))])
        active = finding("file.active-content", "…", "…", file="a.xlsm")
        said = (active, finding("file.disguised", "…", "…"))
        drops.plan(a_drop(f"D-{n}"), Plan(State.ACCEPTED, findings=said), NOW)

    assert LedgerFacts(engine).active_files(["D-1", "D-2"]) == {("D-1", "a.xlsm")}


def test_the_last_event_and_the_last_word_about_the_clock_are_known(engine: Engine):
    drops, facts = LedgerDrops(engine), LedgerFacts(engine)
    assert (facts.last_event(), facts.clock_trusted()) == (None, None)

    drops.trust_clock("đúng giờ", NOW)
    drops.trust_clock("vẫn đúng", NOW + MINUTE)
    drops.claim([a_drop("D-1")], NOW + 2 * MINUTE)

    assert facts.clock_trusted() == NOW + MINUTE
    assert facts.last_event() == NOW + 2 * MINUTE


def test_a_round_is_one_of_which_a_list_came_and_did_not_go_back(engine: Engine):
    give(engine, "D-1", round=Round(2015, 2))
    give(engine, "D-2", round=Round(2015, 1))
    give(engine, "D-3", round=Round(2015, 2), sender="761")
    LedgerDrops(engine).claim([a_drop("D-4", path="4")])
    back = a_list("D-4", state="returned", key=replace(KEY, round=Round(2015, 3)))
    LedgerDrops(engine).plan(a_drop("D-4"), Plan(State.RETURNED, lists=(back,)), NOW)

    assert LedgerFacts(engine).rounds() == ("2015Q1", "2015Q2")


def test_what_had_come_by_a_moment_was_one_part_until_its_return_was_complete(engine: Engine):
    """A derived list that was approved later had reached nobody."""
    times = [
        ("D-1", "760", NOW, NOW, ""),
        ("D-2", "761", NOW, NOW + MINUTE, ""),
        ("D-3", "762", NOW, NOW + MINUTE, "made"),
        ("D-4", "763", NOW, NOW, "made"),
        ("D-5", "764", NOW + MINUTE, None, ""),
        ("D-6", "765", NOW, None, ""),
    ]
    for name, sender, at, completed, basis in times:
        key = replace(KEY, sender=sender, part=1)
        record = a_list(name, key=key, at=at, basis=basis, completed_at=completed)
        LedgerDrops(engine).claim([a_drop(name, path=name)])
        LedgerDrops(engine).plan(a_drop(name), Plan(State.ACCEPTED, lists=(record,)), NOW)

    index = LedgerFacts(engine).delivered([str(KEY.round)], until=NOW)

    parts = {one.sender_id: one.parts for found in index.by_sender.values() for one in found}
    assert parts == {"760": (), "761": (1,), "763": (), "765": (1,)}


def test_what_went_back_is_told_by_its_sender_with_its_list_where_it_had_one(engine: Engine):
    drops = LedgerDrops(engine)
    for n, lists in enumerate(((a_list("D-0", state="returned"),), ())):
        drop = a_drop(f"D-{n}", path=str(n), unit=f"76{n}")
        drops.claim([drop])
        drops.plan(drop, Plan(State.RETURNED, lists=lists), NOW)
        drops.close(drop.id, NOW + n * MINUTE)
    facts = LedgerFacts(engine)

    told = facts.delivered([]).sent_back
    assert {unit: [(b.handoff_id, b.round) for b in found] for unit, found in told.items()} == {
        "760": [(KEY.handoff, KEY.round)],
        "761": [("", None)],
    }
    assert facts.delivered([], of="761").sent_back.keys() == {"761"}


def test_lists_of_a_round_are_asked_for_by_receiver_too(engine: Engine):
    give(engine, "D-1", receiver="thu")
    give(engine, "D-2", receiver="board")

    found = LedgerFacts(engine).of_round(str(KEY.round), [KEY.handoff], receiver="board")

    assert [one.drop for one in found] == ["D-2"]


def test_a_file_without_a_list_stands_once_its_scan_was_put(engine: Engine):
    """The same scan again is no second one; a file that only went back to its sender is none."""
    drops, facts = LedgerDrops(engine), LedgerFacts(engine)
    for n, role in enumerate((Role.SCAN, Role.ORIGINAL)):
        drop, sha256 = a_drop(f"D-{n}", path=str(n)), str(n) * 64
        drops.claim([drop])
        drops.archived(drop.id, sha256, 10, NOW)
        put = Delivery(role, "thu", "main", f"{n}.pdf", sha256, sha256)
        drops.plan(drop, Plan(State.ACCEPTED, deliveries=(put,)), NOW)

    assert facts.repeated("0" * 64, "760", [], "D-9") == "D-0"
    assert facts.repeated("1" * 64, "760", [], "D-9") == ""


# --- drops ----------------------------------------------------------------------------------------


def test_drops_are_shown_the_newest_first_by_state_and_unit_and_counted(engine: Engine):
    drops = LedgerDrops(engine)
    for n, unit in enumerate(("760", "761", "760")):
        at = NOW + n * MINUTE
        drops.claim([a_drop(f"D-{n}", path=str(n), unit=unit, arrived_at=at)])
    drops.void("D-0", NOW)
    drops.set_aside("D-1", NOW, "hỏng", [])

    def shown(**asked: str) -> list[str]:
        return [one.id for one in drops.arrivals(**asked)]  # type: ignore[arg-type]

    assert shown() == ["D-2", "D-1"]
    assert shown(state="void") == ["D-0"]
    assert shown(unit="760") == ["D-2"]
    assert shown(state="set-aside", unit="760") == []
    assert drops.counts() == {"void": 1, "set-aside": 1, "claimed": 1}


def test_units_of_which_anything_is_known_and_those_that_wait_for_a_judgement(engine: Engine):
    drops = LedgerDrops(engine)
    give(engine, "D-1", sender="761", receiver="board")
    drops.claim([a_drop("D-2", path="2", unit="762"), a_drop("D-3", path="3", unit="763")])
    drops.set_aside("D-3", NOW, "hỏng", [])

    assert drops.units_seen() == {"760", "761", "762", "763", "board"}
    assert drops.unjudged_units() == {"762", "763"}


def test_what_lies_in_the_archive_is_never_void(engine: Engine):
    drops = LedgerDrops(engine)
    drops.claim([a_drop("D-1")])
    drops.archived("D-1", BYTES, 10, NOW)

    with pytest.raises(LostRace, match="D-1 lies in the archive"):
        drops.void("D-1", NOW)
    assert [one.id for one in drops.due(NOW)] == ["D-1"]


def test_a_drop_that_the_ledger_lost_or_left_void_is_taken_back_under_its_id(engine: Engine):
    drops = LedgerDrops(engine)
    drops.claim([a_drop("D-1")])
    drops.void("D-1", NOW)
    drops.take_back([a_drop("D-1", path="mới"), a_drop("D-2", path="2")], NOW)

    assert {one.id: (one.state, one.path) for one in drops.arrivals()} == {
        "D-1": (State.CLAIMED, "mới"),
        "D-2": (State.CLAIMED, "2"),
    }
    assert [kind for _, kind, _ in drops.history("D-2")] == ["taken-back"]


def test_a_file_of_the_same_moment_is_not_waited_for(engine: Engine):
    """Two that came as one are carried out in either order; neither may wait for the other."""
    drops = LedgerDrops(engine)
    for n in range(2):
        name = f"D-{n}"
        drops.claim([a_drop(name, path=name)])
        drops.plan(a_drop(name), Plan(State.ACCEPTED, lists=(a_list(name),)), NOW)

    assert [drops.waits_behind(f"D-{n}") for n in range(2)] == [False, False]


def test_of_a_list_that_was_made_it_is_known_which_one_lies_there(engine: Engine):
    drops, looks = LedgerDrops(engine), LedgerLooks(engine)
    drop, recipe = a_drop("D-1"), {"list": ["D-0", 3]}
    drops.claim([drop])
    puts = (
        Delivery(Role.DERIVED, "760", "main", "Đến/a.xlsx", "", BYTES, recipe=recipe),
        Delivery(Role.FORWARD, "thu", "main", "Đến/b.xlsx", BYTES, BYTES),
    )
    drops.plan(drop, Plan(State.ACCEPTED, deliveries=puts), NOW)

    given = looks.given("main", ["Đến/a.xlsx", "Đến/b.xlsx", "Đến/c.xlsx"])

    assert {path: (one.drop, one.made_of) for path, one in given.items()} == {
        "Đến/a.xlsx": ("D-1", ("D-0", 3)),
        "Đến/b.xlsx": ("D-1", None),
    }
    assert looks.given("other", ["Đến/a.xlsx"]) == {}


def test_what_is_to_be_put_into_one_tree_stays_whatever_is_planned_for_another(engine: Engine):
    drops = LedgerDrops(engine)
    for n, tree in enumerate(("main", "other", "main")):
        drop = a_drop(f"D-{n}", path=str(n))
        drops.claim([drop])
        put = Delivery(Role.FORWARD, "thu", tree, "đến/x.xlsx", BYTES, BYTES)
        drops.plan(drop, Plan(State.ACCEPTED, deliveries=(put,)), NOW)

    assert [len(drops.deliveries(f"D-{n}")) for n in range(3)] == [0, 1, 1]


# --- letters --------------------------------------------------------------------------------------


def test_mails_that_went_out_since_a_moment_are_told_once_each(engine: Engine):
    letters = LedgerLetters(engine)
    letters.put_letters([notice(key, "760", "Một", ["…"]) for key in ("a", "b", "c", "d")], NOW)
    for keys, minutes in ((["notice/a"], 0), (["notice/b", "notice/c"], 1), (["notice/d"], 2)):
        taken = Taken(f"<{minutes}@x>", NOW + minutes * MINUTE, ("q1@a.vn",))
        letters.letter_sent(keys, taken, {})

    told = letters.sent_since(NOW)

    assert [(one.unit, one.at, one.joined) for one in told] == [
        ("760", NOW + MINUTE, True),
        ("760", NOW + 2 * MINUTE, False),
    ]


def test_letters_that_wait_for_a_person_and_those_that_left_are_found(engine: Engine):
    letters = LedgerLetters(engine)
    letters.put_letters([notice(key, "760", "Một", ["…"]) for key in ("a", "b", "c")], NOW)
    letters.letter_sent(["notice/a"], Taken("<1@x>", NOW, ("q1@a.vn",)), {})
    letters.letter_later(["notice/b"], NOW, "đầy", ("q1@a.vn",))
    letters.letter_set_aside(["notice/b"], "không ai nhận")

    (waits,) = letters.set_aside()
    assert (waits.key, waits.unit, waits.error) == ("notice/b", "760", "không ai nhận")
    assert waits.remaining == ("q1@a.vn",)
    sent = letters.sent_letter("notice/a")
    assert sent is not None
    assert sent.key == "notice/a"
    assert letters.sent_letter("notice/b") is None


def test_a_letter_that_was_taken_back_is_queued_anew_as_if_it_had_never_been(engine: Engine):
    letters, letter = LedgerLetters(engine), notice("x", "760", "Một", ["…"])
    letters.put_letters([letter], NOW)
    letters.letter_later([letter.key], NOW, "đầy", ("q1@a.vn",))
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE letters SET state = 'taken-back'")

    letters.put_letters([letter], NOW + MINUTE)

    (due,) = letters.due_letters(NOW + MINUTE, 9)
    assert (due.attempts, due.remaining) == (0, ())


# --- approvals ------------------------------------------------------------------------------------


def test_a_draft_is_approved_once_and_only_while_it_stands(engine: Engine):
    drops, approvals = LedgerDrops(engine), LedgerApprovals(engine)
    draft, old = a_list("D-1"), a_list("D-1", 1, "superseded", key=replace(KEY, part=1))
    drops.claim([a_drop("D-1")])
    drops.plan(a_drop("D-1"), Plan(State.ACCEPTED, lists=(draft, old)), NOW)
    made = a_drop("D-2", path="@duyệt/D-2", sha256=BYTES)

    approvals.approve([(draft, made)], "đủ", NOW, "an")

    assert approvals.of(["D-1"]) == {("D-1", 0): [Approved("D-2", State.CLAIMED)]}
    assert approvals.of(["D-2"]) == {}
    with pytest.raises(LostRace, match="D-1 was approved"):
        approvals.approve([(draft, made)], "đủ", NOW)
    with pytest.raises(LostRace, match="D-1 was replaced"):
        approvals.approve([(old, a_drop("D-3", path="@duyệt/D-3"))], "đủ", NOW)
    assert drops.get("D-3") is None
