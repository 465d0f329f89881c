"""What a person sees before lists go; papers that go along; what a change of rules would change."""

from __future__ import annotations

from dataclasses import replace

from bhyt_filedrop.domain.conservation.balance import Hop
from bhyt_filedrop.domain.conservation.brief import Brief, Decision, brief_of
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.differences import (
    LetterChange,
    OwedChange,
    letter_changes,
    owed_changes,
)
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, status
from bhyt_filedrop.domain.owed.papers import PaperTick, paper_ways
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import RECEIVER, Due, HandOff, Process
from tests.offices import LISTS_REACHED_WARDS, PROCESS, ROUND, UNITS, a_process, gave, moment
from tests.reconciling import a_child

NOW = moment(6, 12)
DAYS = WorkingDays()
A, B, C = (a_child(name, code=f"15Q1-{n}") for n, name in enumerate(("An Bình", "Chi Hà", "Lê Tý")))


def a_record(receiver: str, rows: int, part: int = 0) -> ListRecord:
    key = ListKey("ward-list", ROUND, "760", receiver, part)
    return ListRecord("D1", 0, key, "form-2", rows, "", ListState.HELD, 1, NOW)


def a_brief(*, hops: tuple[Hop, ...] = ()) -> Brief:
    one, other = a_record("26734", 2), a_record("nobody", 1)
    before = {one.key: (B, replace(C, address="12 Lê Lợi"))}
    return brief_of(
        "D1",
        [(one, (A, C)), (other, (B,))],
        before,
        [{"missing": ["761", "760"]}, {"missing": ["760", "gone"]}, {}],
        [
            (NOW, "release", {"who": "lan", "why": "đủ"}),
            (NOW, "claimed", {"who": "x"}),
            (NOW, "retry", {}),
        ],
        hops,
        PROCESS,
        UNITS,
    )


def test_a_brief_says_what_is_new_in_each_list_and_who_decided_before():
    brief = a_brief()

    assert (brief.drop, brief.handoff, brief.round) == ("D1", "ward-list", ROUND)
    assert [
        (one.receiver, one.rows, one.added, one.removed, one.changed, one.is_first)
        for one in brief.lines
    ] == [("26734", 2, 1, 1, 1, False), ("nobody", 1, 0, 0, 0, True)]
    assert [one.name for one in brief.lines] == [UNITS.full_name(UNITS["26734"]), "nobody"]
    assert brief.rows == 3
    assert brief.decisions == (
        Decision("release", "lan", "đủ", NOW),
        Decision("retry", "", "", NOW),
    )


def test_a_brief_names_the_units_that_are_missing_once_and_in_order():
    assert a_brief().missing == ("Quận 1", "Quận 12")
    assert a_brief().notes == ("Còn thiếu 2 đơn vị: Quận 1, Quận 12.",)
    assert replace(a_brief(), missing=()).notes == ()
    alarmed = replace(a_brief(), alarms=("Lệch 2 trẻ.",))
    assert alarmed.notes == (*a_brief().notes, "Lệch 2 trẻ.")


def test_a_brief_prints_as_the_command_line_shows_it():
    told = a_brief().as_json()

    assert told["round"] == "2015Q1"
    assert (told["drop"], told["handoff"], told["rows"]) == ("D1", "ward-list", 3)
    assert told["lists"][1] == {  # type: ignore[index]
        "receiver": "nobody", "receiver_name": "nobody", "rows": 1,
        "added": 0, "removed": 0, "changed": 0, "first": True,
    }  # fmt: skip
    assert told["missing"] == ["Quận 1", "Quận 12"]
    assert told["decisions"][0] == {  # type: ignore[index]
        "what": "release", "who": "lan", "why": "đủ", "at": NOW.isoformat(),
    }  # fmt: skip
    assert (told["alarms"], len(told["lists"])) == ([], 2)  # type: ignore[arg-type]


def test_a_brief_of_a_drop_without_lists_names_no_round():
    brief = brief_of("D1", [], {}, [], [], [], PROCESS, UNITS)

    assert (brief.handoff, brief.round, brief.rows, brief.notes) == ("", None, 0, ())
    assert brief.as_json()["round"] is None


# --- copies on paper -----------------------------------------------------------------------------


def with_papers(handoff: str, papers: str) -> Process:
    handoffs = {**PROCESS.handoffs}
    handoffs[handoff] = replace(handoffs[handoff], papers=papers)
    return a_process(*handoffs.values())


def ways(process: Process, facts=LISTS_REACHED_WARDS, ticks=()):
    found = paper_ways(process, UNITS, ROUND, DeliveredIndex.of(facts), ticks)
    return [(w.handoff.id, w.giver.id, w.unit.id, w.since, w.tick is not None) for w in found]


def test_copies_have_to_be_where_each_list_with_a_child_went():
    nothing = gave("ward-list", "760", "26740", moment(5, 21), nothing=True)
    facts = (*LISTS_REACHED_WARDS[:4], nothing, LISTS_REACHED_WARDS[5])

    assert ways(with_papers("ward-list", RECEIVER), facts) == [
        ("ward-list", "760", "26734", moment(5, 22), False),
        ("ward-list", "761", "26767", moment(5, 22), False),
    ]
    assert ways(PROCESS) == []


def test_copies_of_lists_that_go_down_may_all_go_to_one_office():
    """Since the first of them went; who brings them is who gave that one."""
    earlier = gave("ward-list", "761", "26767", moment(5, 21))
    process = with_papers("ward-list", "thu")

    assert ways(process) == [("ward-list", "760", "thu", moment(5, 22), False)]
    assert ways(process, (*LISTS_REACHED_WARDS[:5], earlier)) == [
        ("ward-list", "761", "thu", moment(5, 21), False)
    ]
    assert ways(with_papers("ward-list", "gone")) == []


def test_a_list_that_became_empty_needs_no_copies_and_one_that_did_not_counts_from_its_first():
    emptied = gave("ward-list", "760", "26734", moment(5, 25), nothing=True)
    filled = gave("ward-list", "760", "26740", moment(5, 21), nothing=True)
    of_old = gave("ward-list", "760", "26740", moment(2, 21), round=ROUND.previous)
    found = ways(
        with_papers("ward-list", RECEIVER), (of_old, filled, *LISTS_REACHED_WARDS, emptied)
    )

    assert [(unit, since) for _, _, unit, since, _ in found] == [
        ("26740", moment(5, 22)),
        ("26767", moment(5, 22)),
    ]


def test_a_tick_says_that_the_copies_came():
    tick = PaperTick(ROUND, "ward-list", "26740", "đủ 12 bản", "lan", NOW)
    process = with_papers("ward-list", RECEIVER)
    found = paper_ways(process, UNITS, ROUND, DeliveredIndex.of(LISTS_REACHED_WARDS), [tick])

    assert [(way.unit.id, way.tick) for way in found] == [
        ("26740", tick), ("26734", None), ("26767", None),
    ]  # fmt: skip
    assert found[0].as_json() == {
        "handoff": "ward-list", "number": "WARD-LIST", "from": "760", "unit": "26740",
        "since": moment(5, 22).isoformat(), "came_at": NOW.isoformat(), "by": "lan",
        "note": "đủ 12 bản",
    }  # fmt: skip
    told = found[1].as_json()
    assert (told["came_at"], told["by"], told["note"]) == (None, None, None)


# --- what another process would change -----------------------------------------------------------


def owed(process: Process):
    facts = DeliveredIndex.of(LISTS_REACHED_WARDS)
    return status(process, UNITS, ROUND, facts, NOW, DAYS)


def changed(**handoffs: HandOff | None) -> Process:
    every = {**PROCESS.handoffs, **{k.replace("_", "-"): v for k, v in handoffs.items()}}
    return a_process(*(one for one in every.values() if one))


def test_debts_that_come_go_or_are_due_on_another_day_are_told():
    back = PROCESS.handoffs["district-return"]
    before, later = owed(PROCESS), owed(changed(district_return=replace(back, due=Due(3, 28))))
    gone = owed(changed(district_return=None))
    dateless = owed(changed(district_return=replace(back, due=None, number="")))

    assert owed_changes(before, before) == ()
    was, becomes = "trước ngày 25/06/2015", "chậm nhất ngày 28/06/2015"
    assert owed_changes(before, later) == (
        OwedChange("DISTRICT-RETURN", "760", "thu", was, becomes),
        OwedChange("DISTRICT-RETURN", "761", "thu", was, becomes),
    )
    assert [(one.before, one.after) for one in owed_changes(before, gone)] == [(was, "")] * 2
    assert [(one.before, one.after) for one in owed_changes(gone, before)] == [("", was)] * 2
    told = owed_changes(before, dateless)
    assert [(one.number, one.after) for one in told] == [("district-return", "không có hạn")] * 2
    assert told[0].as_json() == {
        "handoff": "district-return", "sender": "760", "receiver": "thu",
        "before": was, "after": "không có hạn",
    }  # fmt: skip


def test_letters_that_come_go_change_their_kind_or_say_something_else_are_told():
    def letter(unit: str, kind: str = "reminder", said: str = "a") -> Letter:
        return Letter(f"{unit}/{kind}", kind, unit, {"said": said})

    before = [letter("760"), letter("761"), letter("thu"), letter("26734")]
    after = [letter("26740"), letter("760", "escalation", "b"), letter("thu", said="b"), before[3]]

    told = letter_changes(before, after)

    assert told == (
        LetterChange("26740", "", "reminder"),
        LetterChange("760", "reminder", "escalation"),
        LetterChange("thu", "reminder", "reminder"),
        LetterChange("761", "reminder", ""),
    )
    assert told[0].as_json() == {"unit": "26740", "before": "", "after": "reminder"}
    assert letter_changes(before, before) == ()
