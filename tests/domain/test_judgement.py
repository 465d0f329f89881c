"""The judgement of a whole drop: what is said once, eased, or held against what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts, FilePart, Judged, Pieces
from bhyt_filedrop.domain.drops.judgement import (
    Known,
    held_against,
    may_be_known,
    own_findings,
    sound_beside_faulty,
)
from bhyt_filedrop.domain.drops.others_children import without_others
from bhyt_filedrop.domain.drops.returns import Answered
from bhyt_filedrop.domain.findings import CODES, Finding, Severity, finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.reconcile import Came
from bhyt_filedrop.domain.reconcile.as_sent import REMEDY, as_it_was_sent
from bhyt_filedrop.domain.reconcile.values import Pair
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.derived import ROUND, city, kids, listed

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
WARD, DISTRICT = "26734", "760"
KEY = ListKey("ward-return", ROUND, WARD, DISTRICT)
SENT = tuple(listed(child) for child in kids(4))
DROP = Drop("D1", "main", "a.xlsx", WARD, 1, 1.0, "w", NOW)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


def rows(children: Sequence[ListedChild], file: str = "") -> tuple[ListedChild, ...]:
    return tuple(
        replace(c, file=file, category="uncarded", section="II", row=n, cell=f"B{n}")
        for n, c in enumerate(children, start=10)
    )


def a_list(
    handoff: HandOff, children: Sequence[ListedChild], *, part: int = 0, **more: object
) -> Judged:
    units = ("cntt", "thu") if handoff.id == "uncarded" else (WARD, DISTRICT)
    judged = Judged(
        "", "", "form-4", "Mẫu", len(children), handoff, city()[units[0]], city()[units[1]],
        ROUND, part, children=tuple(children),
    )  # fmt: skip
    return replace(judged, **more)  # type: ignore[arg-type]


def facts(*judged: Judged, findings: Sequence[Finding] = (), drop: Drop = DROP) -> Facts:
    return Facts(drop, city()[WARD], (), judged, tuple(findings))


def standing(key: ListKey, rows: int, state: ListState, **more: object) -> ListRecord:
    record = ListRecord("D0", 0, key, "form-4", rows, "", state, 1, NOW)
    return replace(record, **more)  # type: ignore[arg-type]


def a_finding(code: str, file: str = "", **place: object) -> Finding:
    return finding(code, "Sai.", "Sửa.", file=file, **place)  # type: ignore[arg-type]


# --- what is wrong in the files themselves -------------------------------------------------------


def test_of_the_rows_of_a_wrong_form_nothing_is_said(world: World):
    handoff = world.process.handoffs["ward-return"]
    read = [
        a_finding(code, file)
        for file in ("a.xlsx", "b.xlsx")
        for code in ("row.name-missing", "form.sheet-ignored")
    ]
    for wrong in ("form.not-expected", "form.unrecognised"):
        found = own_findings(read, [a_finding(wrong, "a.xlsx")], handoff)
        assert [(one.file, one.code) for one in found] == [
            ("a.xlsx", "form.sheet-ignored"),
            ("b.xlsx", "row.name-missing"),
            ("b.xlsx", "form.sheet-ignored"),
            ("a.xlsx", wrong),
        ]
    assert len(own_findings(read, [a_finding("form.round-wrong", "a.xlsx")], handoff)) == 5


@pytest.mark.parametrize(
    ("active", "says"), [("defuse", "chỉ có số liệu, không có phần này"), ("keep", "đi nguyên")]
)
def test_who_sends_macros_hears_what_the_receiver_gets(world: World, active: str, says: str):
    handoff = replace(world.process.handoffs["ward-return"], active_content=active)
    active_code = next(code for code, row in CODES.items() if "macro" in row.title)
    read = [a_finding(active_code), a_finding("form.sheet-ignored")]

    told, other = own_findings(read, [], handoff)

    assert says in told.remedy
    assert told.remedy.endswith(" Sửa.")
    assert other.remedy == "Sửa."
    assert own_findings(read, [], None) == tuple(read), "nobody knows yet who gets it"


@pytest.mark.parametrize(
    ("handoff", "eased"), [("ward-return", True), ("district-return", False), ("uncarded", False)]
)
def test_one_of_two_parts_of_an_answer_may_be_empty(world: World, handoff: str, eased: bool):
    """1331/BHXH-THU, 5.2.4: nobody to be issued a card now, or nobody but those."""
    read = [a_finding("form.no-rows"), a_finding("form.round-wrong")]

    empty, other = own_findings(read, [], world.process.handoffs[handoff])

    assert empty.severity is (Severity.NOTES if eased else Severity.BLOCKS)
    assert ("Không cần làm gì" in empty.remedy) == eased
    assert other == read[1]
    assert own_findings(read, [], None) == tuple(read)


def test_two_parts_that_answer_nothing_may_not_be_empty(world: World):
    handoff = replace(world.process.handoffs["ward-return"], answers="")

    (empty,) = own_findings([a_finding("form.no-rows")], [], handoff)

    assert empty.severity is Severity.BLOCKS


def test_a_hand_offs_own_severities_hold_for_what_reading_found(world: World):
    handoff = replace(
        world.process.handoffs["uncarded"], severities={"form.no-rows": Severity.WARNS}
    )

    read, checked = own_findings([a_finding("form.no-rows")], [a_finding("form.no-rows")], handoff)

    assert (read.severity, checked.severity) == (Severity.WARNS, Severity.BLOCKS)


# --- files of an archive -------------------------------------------------------------------------


def parts(*names: str) -> list[FilePart]:
    return [FilePart(name, "", "xlsx", is_scan=name.endswith(".pdf")) for name in names]


def test_who_sent_a_zip_with_one_faulty_file_hears_which_are_sound():
    found = [a_finding("row.name-missing", "b.xlsx"), a_finding("form.sheet-ignored", "a.xlsx")]

    (told,) = sound_beside_faulty(parts("a.xlsx", "b.xlsx", "c.xlsx", "d.pdf"), found)

    assert told.code == "file.returned-along"
    assert told.message.startswith("“a.xlsx”, “c.xlsx” không có lỗi")
    assert told.remedy.startswith("Chỉ cần sửa “b.xlsx”,")


@pytest.mark.parametrize(
    "faulty",
    [("a.xlsx", "b.xlsx"), (), ("b.xlsx", ""), ("c.pdf",)],
)
def test_where_none_is_sound_or_none_is_faulty_nothing_is_said(faulty: tuple[str, ...]):
    found = [a_finding("row.name-missing", name) for name in faulty]

    assert sound_beside_faulty(parts("a.xlsx", "b.xlsx", "c.pdf"), found) == ()


# --- what came back as it was sent ---------------------------------------------------------------


def eased(code: str, sent: ListedChild, came: ListedChild, category: str = "uncarded") -> bool:
    here = replace(came, file="a.xlsx", sheet="S", row=7)
    found = a_finding(code, "a.xlsx", sheet="S", row=7)
    (told,) = as_it_was_sent([found], [Pair(sent, Came(here, category), "exact")])  # type: ignore[arg-type]
    assert (told.remedy == REMEDY) == (told.severity is Severity.WARNS)
    return told.severity is Severity.WARNS


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("row.name-invalid", "name"),
        ("row.birth-date-unreadable", "birth"),
        ("row.birth-date-missing", "birth"),
        ("row.parent-missing", "parent"),
        ("row.address-missing", "address"),
    ],
)
def test_a_doubtful_value_that_was_sent_so_may_come_back_without_a_card(code: str, value: str):
    child = replace(SENT[0], **{value: "x"})

    assert eased(code, child, child)
    assert not eased(code, child, replace(child, **{value: "y"}))
    assert not eased(code, child, child, "carded-now"), "who gave a card knows better"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("row.over-age", "birth"),
        ("row.birth-date-after-round", "birth"),
        ("row.address-elsewhere", "address"),
    ],
)
def test_an_age_or_an_address_that_was_sent_so_may_come_back_with_a_card_too(code: str, value: str):
    child = replace(SENT[0], **{value: "x"})

    assert eased(code, child, child, "carded-now")
    assert not eased(code, child, replace(child, **{value: "y"}), "carded-now")


def test_capitals_and_spaces_make_no_other_name():
    assert eased("row.name-invalid", SENT[0], replace(SENT[0], name=SENT[0].name.upper()))


def test_what_has_no_rule_or_no_row_sent_or_does_not_block_stays_as_it_is():
    child = replace(SENT[0], file="", sheet="", row=0)
    pairs = [Pair(SENT[0], Came(child, "uncarded"), "exact")]
    about_the_file = a_finding("row.over-age")
    elsewhere = a_finding("row.over-age", "a.xlsx", sheet="S", row=8)
    only_warns = replace(about_the_file, severity=Severity.NOTES)

    assert not eased("row.sex-invalid", SENT[0], SENT[0])
    assert as_it_was_sent([elsewhere], pairs) == (elsewhere,)
    assert as_it_was_sent([only_warns], pairs) == (only_warns,)
    assert as_it_was_sent([about_the_file], pairs)[0].severity is Severity.WARNS


# --- children of others --------------------------------------------------------------------------


def answered(others: Sequence[ListedChild], sent: Sequence[ListedChild] = SENT) -> Answered:
    codes = frozenset(child.code for child in others)
    return Answered(KEY, tuple(sent), kits={"gone": codes})


def test_rows_of_children_whom_others_took_over_are_left_out_with_all_that_is_said_of_them(
    world: World,
):
    handoff = world.process.handoffs["ward-return"]
    mine = a_list(handoff, rows(SENT, "a.xlsx"), file="a.xlsx")
    said = [a_finding("row.over-age", "a.xlsx", sheet="", row=n) for n in (10, 11, 12, 13)]
    said.append(a_finding("form.sheet-ignored", "a.xlsx"))

    left = without_others(
        facts(mine, findings=said), {KEY: answered(SENT[2:], sent=SENT[:2])}
    )  # the kit of four, two of whom are others' now

    assert [child.name for child in left.judged[0].children] == [c.name for c in SENT[:2]]
    assert left.judged[0].rows == 2
    assert [(one.code, one.row) for one in left.findings] == [
        ("row.over-age", 10),
        ("row.over-age", 11),
        ("form.sheet-ignored", None),
        ("list.children-passed-on", None),
    ]
    assert left.findings[-1].message.startswith("2 trẻ trên phiếu cũ này")
    assert left.findings[-1].file == "a.xlsx"


def test_a_kit_of_others_alone_is_a_wrong_file_and_nothing_is_left_out(world: World):
    handoff = world.process.handoffs["ward-return"]
    mine = facts(a_list(handoff, rows(SENT[2:])))

    assert without_others(mine, {KEY: answered(SENT[2:], sent=SENT[:2])}) is mine
    assert without_others(mine, {}) is mine
    assert without_others(mine, {KEY: answered((), sent=SENT[:2])}) is mine


def test_a_row_without_a_code_is_nobody_elses(world: World):
    handoff = world.process.handoffs["ward-return"]
    nameless = tuple(replace(child, code="") for child in SENT)
    mine = facts(a_list(handoff, rows(nameless)))

    assert without_others(mine, {KEY: answered(nameless[2:], sent=SENT[:2])}) is mine


# --- what stands beside it -----------------------------------------------------------------------


def test_an_answer_is_held_against_what_was_sent(world: World):
    handoff = world.process.handoffs["ward-return"]
    mine = facts(a_list(handoff, rows(SENT[:3])), a_list(handoff, (), part=1))

    told = held_against(mine, Known(answered={KEY: Answered(KEY, SENT)}), world)
    nothing = held_against(mine, Known(answered={KEY: Answered(KEY, ())}), world)

    assert [one.code for one in told.findings] == ["list.child-missing"]
    assert told.accounted == frozenset()
    assert nothing.findings == (), "nothing was sent: nobody is missing"


def test_what_was_released_by_a_person_is_of_no_odd_size(world: World):
    handoff = world.process.handoffs["uncarded"]
    key = ListKey("uncarded", ROUND, "cntt", "thu")
    mine = a_list(handoff, SENT, rows=500)
    known = Known(standing=(standing(key, 4, ListState.ACCEPTED),))

    def odd(override: dict[str, str] | None) -> list[ListKey]:
        drop = replace(DROP, override=override)
        return list(held_against(facts(mine, drop=drop), known, world).odd_sizes)

    assert odd(None) == [key]
    assert odd({"action": "retry", "why": "x"}) == [key]
    assert odd({"action": "release", "why": "x"}) == []


def test_a_list_of_odd_size_leaves_what_it_would_replace_in_force(world: World):
    """And the next one takes the place of that which waits."""
    handoff = world.process.handoffs["uncarded"]
    key = ListKey("uncarded", ROUND, "cntt", "thu", 2)
    mine = a_list(handoff, SENT, rows=500, part=2)
    stands = standing(key, 4, ListState.ACCEPTED)
    waits = standing(key, 900, ListState.AMENDING, drop="D9")
    beside = standing(replace(key, part=0), 900, ListState.AMENDING, drop="D8")

    told = held_against(facts(mine), Known(standing=(stands, waits, beside)), world)

    assert told.odd_sizes == {key: "danh sách đang dùng có 4 dòng"}
    assert told.pieces == Pieces(
        replaced=frozenset({("D9", 0)}), amended=frozenset({replace(key, part=0)})
    )
    assert told.standing == (stands, waits, beside)


def test_a_list_of_plain_size_amends_nothing(world: World):
    mine = a_list(world.process.handoffs["uncarded"], SENT)
    key = mine.key
    stands = standing(key, 4, ListState.ACCEPTED)

    assert held_against(facts(mine), Known(standing=(stands,)), world).pieces == Pieces()


@pytest.mark.parametrize(
    ("before", "late"),
    [
        ([], True),
        ([{"late": False}], False),
        ([{"late": True}], True),
        ([{"late": False}, {"late": True, "part": 1}], True),
        ([{"late": False, "state": ListState.HELD}], True),
        ([{"late": False, "sender": "26740"}], True),
    ],
)
def test_a_correction_of_what_was_in_time_is_not_late(
    world: World, before: list[dict[str, object]], late: bool
):
    handoff = world.process.handoffs["ward-return"]
    mine = facts(a_list(handoff, rows(SENT), late=True))
    known = []
    for one in before:
        key = replace(KEY, part=one.get("part", 0), sender=one.get("sender", WARD))
        state = one.get("state", ListState.ACCEPTED)
        known.append(standing(key, 4, state, late=one["late"]))  # type: ignore[arg-type]

    (judged,) = held_against(mine, Known(standing=tuple(known)), world).judged

    assert judged.late is late
    assert (
        not held_against(facts(a_list(handoff, rows(SENT))), Known(standing=tuple(known)), world)
        .judged[0]
        .late
    )


def test_who_has_a_list_hears_what_it_owes_next_and_who_gave_it_already_hears_that(world: World):
    district = a_list(
        world.process.handoffs["ward-list"], SENT,
        sender=city()[DISTRICT], receiver=city()[WARD],
    )  # fmt: skip

    fresh = held_against(facts(district), Known(), world).judged[0].next_step
    again = (
        held_against(facts(district), Known(given=frozenset({("ward-return", WARD)})), world)
        .judged[0]
        .next_step
    )

    assert "Bước tiếp theo của đơn vị: gửi" in fresh
    assert "nếu bản này làm thay đổi thì xin nộp bản đã sửa" in again


def test_what_else_is_known_stays_with_the_facts(world: World):
    mine = facts(a_list(world.process.handoffs["uncarded"], SENT))
    known = Known(repeated="D0", active=frozenset({("D0", "a.xlsx")}))

    told = held_against(mine, known, world)

    assert (told.repeated, told.active_before) == ("D0", known.active)


def test_a_drop_without_a_list_is_judged_by_its_findings_alone(world: World):
    damaged = a_finding("file.damaged")

    assert held_against(facts(findings=[damaged]), Known(), world).findings == (damaged,)


# --- children whom others know -------------------------------------------------------------------


def test_of_form_2_those_may_be_known_of_whom_it_says_that_they_have_no_card(world: World):
    two = a_list(
        world.process.handoffs["uncarded"],
        [replace(SENT[0], carded="no"), replace(SENT[1], carded="yes"), SENT[2]],
    )
    four = a_list(world.process.handoffs["ward-return"], SENT)

    assert may_be_known(two) == two.children[:1]
    assert may_be_known(four) == four.children


def test_a_child_who_has_a_card_of_another_unit_is_told(world: World):
    """D03-TS names no mother: the list that was sent knows her."""
    handoff = world.process.handoffs["ward-return"]
    carded = replace(SENT[0], card="TE1797900000011", category="carded-now", carded="yes")
    there = (standing(replace(KEY, sender="26740"), 1, ListState.ACCEPTED), carded)
    motherless = tuple(replace(child, parent="") for child in rows(SENT))

    def told(**known: object) -> list[tuple[str, int | None]]:
        mine = facts(a_list(handoff, motherless), a_list(handoff, (), part=1))
        found = held_against(mine, Known(elsewhere=(there,), **known), world)  # type: ignore[arg-type]
        return [(one.code, one.row) for one in found.findings]

    assert told(answered={KEY: Answered(KEY, SENT)}) == [("list.person-carded-before", 10)]
    assert told() == []
