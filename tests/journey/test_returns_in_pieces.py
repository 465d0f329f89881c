"""Wards' and districts' returns on a small site: in the kit, in pieces, over days, wrong, late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.simulate.people import InventedChild, children
from tests.journey.parties import (
    BEFORE,
    NONE,
    NOW,
    RETURNING,
    SENDING,
    answer,
    answered,
    d03,
    decide,
    filled,
    form,
    form_4,
    inbox,
    kids,
    letters,
    lists,
    own,
    send,
    table,
)
from tests.journey.scenes import packed
from tests.journey.site import DISTRICT, OTHER_DISTRICT, ROUND, Site, copied

WARD = 0
CHILDREN = 12
"""The ward of the tests was sent three of them."""


def kit(site: Site, unit: str = "") -> Path:
    return inbox(site, unit or site.ward(WARD))[-1]


def hand_in(site: Site, name: str, data: bytes, unit: str = "") -> Drop:
    """Drop a file, let the daemon take its turn, and return what became of it."""
    site.drop(unit or site.ward(WARD), name, data)
    site.once()
    return next(d for d in reversed(site.drops()) if d.name == name)


def found(site: Site, drop: Drop) -> list[tuple[str, str]]:
    """The code and severity of each `list.*` finding."""
    every = site.facts(drop)["findings"]
    return [(f["code"], f["severity"]) for f in every if f["code"].startswith("list.")]


def about(site: Site, drop: Drop, code: str) -> str:
    """What people are told under one code."""
    return " ".join(f["message"] for f in site.facts(drop)["findings"] if f["code"] == code)


def at_district(site: Site) -> list[Path]:
    """What the wards of Quận 1 handed to their district."""
    folder = site.own(DISTRICT, "from wards")
    return sorted(folder.glob("*"), key=lambda p: (" - lần " in p.name, p.name))


# --- a ward's return -------------------------------------------------------------------------


def test_a_kit_on_which_every_child_has_an_answer_is_a_whole_return(sent: Site, mine):
    """No D03-TS is waited for: nobody is to be issued a card."""
    statuses = (BEFORE, NONE, NONE)
    rows = {c.name: answer(c, s) for c, s in zip(mine, statuses, strict=True)}
    drop = hand_in(sent, "trả lời.xlsx", filled(kit(sent), rows))

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == []
    assert len(at_district(sent)) == 1


def test_every_child_of_the_citys_list_can_be_answered_even_where_it_was_typed_wrongly(
    round_template: Path, tmp_path: Path, shared_reader: None
):
    """The city's list goes on with doubtful rows: too old, without a birth date or a mother. The
    ward that cannot find these children answers them, and so does its district."""
    site = copied(round_template, tmp_path)
    site.clock.now = SENDING
    first, second, third, *others = kids(site, CHILDREN)
    old, nobody = replace(first, birth_date=date(2007, 3, 5)), replace(second, mother="")
    send(site, [old, nobody, third, *others])
    site.clock.now = RETURNING
    for unit in (site.ward(0), site.ward(1), DISTRICT):
        names = table(kit(site, unit)).names
        group = [c for c in (old, nobody, third, *others) if c.name in names]
        drop = hand_in(site, f"{unit}.xlsx", answered(kit(site, unit), group, NONE), unit)
        assert (drop.state, found(site, drop)) == (State.ACCEPTED, [])


def test_a_kit_that_promises_cards_and_its_d03_stand_beside_each_other(sent: Site, mine):
    first = hand_in(sent, "trả lời.xlsx", answered(kit(sent), mine, NOW))
    assert first.state is State.HELD
    assert "D03-TS" in about(sent, first, "list.incomplete")

    second = hand_in(sent, "D03.xlsx", d03(sent, mine))

    assert set(sent.states().values()) == {State.ACCEPTED}
    assert found(sent, second) == []
    assert len(at_district(sent)) == 2


def test_two_lists_on_two_days_are_held_and_then_go_on_together(sent: Site, mine):
    first = hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1], mine[1:2]))
    assert first.state is State.HELD
    assert found(sent, first) == [("list.incomplete", "notes")]
    assert "D03-TS" in about(sent, first, "list.incomplete")
    assert at_district(sent) == []

    sent.clock.now += timedelta(days=1)
    second = hand_in(sent, "D03.xlsx", d03(sent, mine[2:]))

    assert set(sent.states().values()) == {State.ACCEPTED}
    assert found(sent, second) == []
    assert len(at_district(sent)) == 2
    assert len(letters(sent, "delivered", DISTRICT)) >= 2


@pytest.mark.parametrize("order", [("mẫu 4.xlsx", "D03.xlsx"), ("D03.xlsx", "mẫu 4.xlsx")])
def test_a_zip_of_both_lists_is_judged_as_one_return_in_any_order(sent: Site, mine, order):
    data = {"mẫu 4.xlsx": form_4(sent, mine[:1], mine[1:2]), "D03.xlsx": d03(sent, mine[2:])}
    members = {name.replace(".", "__"): data[name] for name in order}
    drop = hand_in(sent, "hồ sơ.zip", packed(**members))

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == []
    assert len(at_district(sent)) == 2


def test_one_workbook_with_a_sheet_for_each_list_is_a_whole_return(sent: Site, mine):
    from bhyt_filedrop.edges.workbooks.write import write_layouts
    from bhyt_filedrop.simulate.lists import laid_out, list_of

    unit, units = sent.units[sent.ward(WARD)], sent.units
    wanted = (("form-4", {"I": mine[:1], "II": mine[1:2]}), ("d03-ts-1111", {"I": mine[2:]}))
    sheets = [laid_out(list_of(f, ROUND, unit, units, s), units)[0] for f, s in wanted]
    made = sent.directory / "both.xlsx"
    write_layouts([replace(s, name=f"Trang {n}") for n, s in enumerate(sheets)], made)
    drop = hand_in(sent, "hai trang.xlsx", made.read_bytes())

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == []
    assert len(at_district(sent)) == 1


def test_a_kit_whose_codes_were_lost_is_matched_by_the_children_themselves(sent: Site, mine):
    rows = {c.name: {**answer(c, BEFORE), "Mã đối chiếu": None} for c in mine}
    drop = hand_in(sent, "trả lời.xlsx", filled(kit(sent), rows))

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == []


def test_a_child_is_called_missing_only_when_everything_has_come(sent: Site, mine):
    first = hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1]))
    assert found(sent, first) == [("list.incomplete", "notes")]

    second = hand_in(sent, "D03.xlsx", d03(sent, mine[2:]))

    assert second.state is State.RETURNED
    assert found(sent, second) == [("list.child-missing", "blocks")]
    assert mine[1].name in about(sent, second, "list.child-missing")
    assert at_district(sent) == []


def test_the_corrected_part_completes_the_return_with_the_part_that_still_waits(sent: Site, mine):
    """The part at fault was returned; the other one is held and need not be sent again."""
    hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1]))
    hand_in(sent, "D03.xlsx", d03(sent, mine[2:]))
    again = hand_in(sent, "D03 sửa.xlsx", d03(sent, mine[1:]))

    assert again.state is State.ACCEPTED
    assert sent.states()["mẫu 4.xlsx"] is State.ACCEPTED
    assert len(at_district(sent)) == 2


def test_a_child_that_was_never_sent_is_returned_at_its_row(sent: Site, mine):
    stranger = children(sent.units, 20, round=ROUND, seed=77, wards=[sent.units[sent.ward()]])[19]
    drop = hand_in(sent, "mẫu 4.xlsx", form_4(sent, [*mine[:1], stranger], mine[1:]))

    assert drop.state is State.RETURNED
    assert ("list.child-unknown", "blocks") in found(sent, drop)
    assert stranger.name in about(sent, drop, "list.child-unknown")


def test_a_child_in_two_of_the_lists_is_returned(sent: Site, mine):
    hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1], mine[1:2]))
    drop = hand_in(sent, "D03.xlsx", d03(sent, mine[1:]))

    assert drop.state is State.RETURNED
    assert found(sent, drop) == [("list.child-in-two-lists", "blocks")]
    assert sent.states()["mẫu 4.xlsx"] is State.HELD


def test_a_name_that_the_ward_corrected_travels_with_the_file(sent: Site, mine):
    name = f"{mine[0].name} Anh"
    rows = {c.name: answer(c, BEFORE) for c in mine}
    rows[mine[0].name]["Họ và tên"] = name
    drop = hand_in(sent, "trả lời.xlsx", filled(kit(sent), rows))

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == [("list.child-changed", "warns")]
    assert mine[0].name in about(sent, drop, "list.child-changed")
    assert name in about(sent, drop, "list.child-changed")


def test_without_its_code_a_child_under_another_name_is_never_matched_silently(sent: Site, mine):
    other = replace(mine[0], name=f"{mine[0].name} Anh")
    drop = hand_in(sent, "mẫu 4.xlsx", form_4(sent, [other], mine[1:]))

    assert drop.state is State.RETURNED
    assert "list.child-unknown" in dict(found(sent, drop))
    assert "có thể là" in about(sent, drop, "list.child-unknown")


def test_a_newborn_that_got_its_name_is_noted(round_site: Site):
    site = round_site
    site.clock.now = SENDING
    mine = [c for c in kids(site, CHILDREN) if c.ward == site.ward(WARD)]
    nameless = replace(mine[0], name=f"Con bà {mine[0].mother}")
    send(site, [nameless, *mine[1:]])
    site.clock.now = RETURNING
    drop = hand_in(site, "mẫu 4.xlsx", form_4(site, mine[:1], mine[1:]))

    assert drop.state is State.ACCEPTED
    assert found(site, drop) == [("list.child-named", "notes")]


def test_one_late_part_makes_the_whole_return_late(sent: Site, mine):
    hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1], mine[1:2]))
    sent.clock.now = datetime(2015, 6, 16, 9, tzinfo=ZONE)
    late = hand_in(sent, "D03.xlsx", d03(sent, mine[2:]))

    assert late.state is State.ACCEPTED
    assert late.late
    assert _standing(sent, "ward-return", sent.ward(WARD)) == "delivered-late"


def _standing(site: Site, handoff: str, sender: str) -> str:
    from bhyt_filedrop.wiring.rounds import status_of

    with site.running() as running:
        told = status_of(running.world, running.books, ROUND, site.clock())
    (one,) = (h for h in told.handoffs if h.handoff.id == handoff)
    return next(str(e.standing) for e in one.entries if e.owed.sender.id == sender)


def test_a_corrected_return_takes_the_place_of_the_accepted_one(sent: Site, mine):
    hand_in(sent, "trả lời.xlsx", answered(kit(sent), mine, BEFORE))
    again = hand_in(sent, "trả lời sửa.xlsx", answered(kit(sent), mine, NONE))

    assert again.state is State.ACCEPTED
    (record,) = lists(sent, "ward-return")
    assert (record.drop, record.version) == (again.id, 2)
    assert [" - lần 2 - " in p.name for p in at_district(sent)] == [False, True]


def test_a_person_releases_a_part_and_the_rest_is_still_held_against_what_was_sent(
    sent: Site, mine
):
    drop = hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1], mine[1:2]))
    decide(sent, drop, "release", "D03 nộp sau")
    sent.once()
    assert sent.states()["mẫu 4.xlsx"] is State.ACCEPTED
    assert len(at_district(sent)) == 1

    wrong = hand_in(sent, "D03.xlsx", d03(sent, mine[1:2]))
    assert ("list.child-missing", "blocks") in found(sent, wrong)
    right = hand_in(sent, "D03 sửa.xlsx", d03(sent, mine[2:]))
    assert right.state is State.ACCEPTED
    assert _alarms(sent) == []


def test_an_imbalance_that_was_let_through_is_one_alarm_and_names_no_child(sent: Site, mine):
    sent.set_handoff("ward-return", 'severities = { "list.child-missing" = "warns" }')
    data = packed(a__xlsx=form_4(sent, mine[:1]), b__xlsx=d03(sent, mine[2:]))
    drop = hand_in(sent, "hồ sơ.zip", data)
    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == [("list.child-missing", "warns")]
    for _ in range(3):
        sent.once()

    (alarm,) = _alarms(sent)
    assert alarm.unit == "thu"
    told = " ".join(alarm.context["paragraphs"])
    assert f"{sent.units[sent.ward(WARD)].name}" in told
    assert "1 trẻ bị thiếu" in told
    assert not any(child.name in told for child in mine)


def _alarms(site: Site) -> list[Letter]:
    return [x for x in letters(site, "notice") if x.key.startswith("notice/trace/")]


# --- a district's return ---------------------------------------------------------------------


def all_of_district(site: Site, district: str = DISTRICT) -> list[InventedChild]:
    return [c for c in kids(site, CHILDREN) if site.units[c.ward].parent == district]


def form_3(site: Site, group: Sequence[InventedChild]) -> bytes:
    third = len(group) // 3
    parts = {"I": group[:third], "II": group[third : 2 * third], "III": group[2 * third :]}
    return form(site, "form-3", DISTRICT, parts)


def test_a_districts_form_3_is_held_against_the_list_it_was_sent(sent: Site):
    group = all_of_district(sent)
    short = hand_in(sent, "mẫu 3.xlsx", form_3(sent, group[1:]), DISTRICT)
    assert short.state is State.RETURNED
    assert found(sent, short) == [("list.child-missing", "blocks")]
    assert group[0].name in about(sent, short, "list.child-missing")

    whole = hand_in(sent, "mẫu 3 đủ.xlsx", form_3(sent, group), DISTRICT)
    assert whole.state is State.ACCEPTED
    assert found(sent, whole) == []


def test_a_district_may_answer_on_its_own_kit(sent: Site):
    group = all_of_district(sent)
    drop = hand_in(sent, "trả lời.xlsx", answered(kit(sent, DISTRICT), group), DISTRICT)

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == []


def test_a_wards_kit_in_its_districts_folder_is_no_answer_of_the_district(round_site: Site):
    """Even where the ward's children are all that the district has."""
    site = round_site
    site.clock.now = SENDING
    mine = [c for c in kids(site, CHILDREN) if c.ward == site.ward(WARD)]
    send(site, mine)
    site.clock.now = RETURNING
    data = answered(kit(site), mine)
    drop = hand_in(site, "trả lời.xlsx", data, DISTRICT)

    assert drop.state is State.RETURNED
    assert site.codes(drop) == ["form.sender-wrong"]
    assert site.units[site.ward(WARD)].name in about(site, drop, "form.sender-wrong")
    assert hand_in(site, "trả lời lại.xlsx", data).state is State.ACCEPTED
    kits = [p for p in inbox(site, DISTRICT) if "phiếu" in p.name]
    whole = hand_in(site, "cả quận.xlsx", answered(kits[-1], mine), DISTRICT)
    assert whole.state is State.ACCEPTED


def test_one_stable_draft_of_form_3_follows_the_wards_returns(sent: Site):
    group = all_of_district(sent)
    for n in (0, 1):
        mine = [c for c in group if c.ward == sent.ward(n)]
        sent.drop(sent.ward(n), "trả lời.xlsx", answered(kit(sent, sent.ward(n)), mine))
        sent.once()
        (draft,) = [p for p in inbox(sent, DISTRICT) if "bản nháp" in p.name]
        answered_for = [c.name for c in group if c.ward in (sent.ward(0), sent.ward(n))]
        assert sorted(table(draft, "Mẫu 3").names) == sorted(answered_for)

    assert [d.state for d in own(sent, "district-draft")] == [State.ACCEPTED] * 2
    told = [x for x in letters(sent, "delivered", DISTRICT) if "nháp" in str(x.context)]
    assert len(told) == 1, "the first draft, not each ward's answer"


def test_a_late_return_has_no_other_districts_draft_made_again(
    sent: Site, monkeypatch: pytest.MonkeyPatch
):
    """Even a daemon that has just started reads the lists of the one district alone."""
    returns = {}
    for district in (DISTRICT, OTHER_DISTRICT):
        ward = sent.ward(0, district)
        mine = [c for c in all_of_district(sent, district) if c.ward == ward]
        sent.drop(ward, "trả lời.xlsx", answered(kit(sent, ward), mine))
        sent.once()
        returns[district] = sent.drops()[-1].id
    read: set[str] = set()
    fetch = LedgerFacts.children
    monkeypatch.setattr(
        LedgerFacts, "children", lambda book, drop, seq: read.add(drop) or fetch(book, drop, seq)
    )
    mine = [c for c in all_of_district(sent) if c.ward == sent.ward(1)]
    sent.drop(sent.ward(1), "trả lời.xlsx", answered(kit(sent, sent.ward(1)), mine))
    sent.once()

    assert (returns[DISTRICT] in read, returns[OTHER_DISTRICT] in read) == (True, False)
    assert len(own(sent, "district-draft")) == 3


def test_a_district_that_drops_the_finished_draft_has_answered(sent: Site):
    group = all_of_district(sent)
    for n in range(3):
        mine = [c for c in group if c.ward == sent.ward(n)]
        sent.drop(sent.ward(n), "trả lời.xlsx", answered(kit(sent, sent.ward(n)), mine))
    sent.once()
    (draft,) = [p for p in inbox(sent, DISTRICT) if "bản nháp" in p.name]
    drop = hand_in(sent, "mẫu 3.xlsx", draft.read_bytes(), DISTRICT)

    assert drop.state is State.ACCEPTED
    assert found(sent, drop) == []
    assert [r.rows for r in lists(sent, "district-return")] == [len(group)]
