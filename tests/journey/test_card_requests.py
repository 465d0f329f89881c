"""D03-TS for those whose cards are being issued: asked for by itself, and offered filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.owed.obligations import status
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.simulate.people import InventedChild
from tests.journey.parties import (
    BEFORE,
    NONE,
    NOW,
    answer,
    d03,
    filled,
    form,
    form_4,
    inbox,
    letters,
    table,
)
from tests.journey.scenes import packed
from tests.journey.site import DISTRICT, ROUND, Site

CHILDREN = 16
"""The ward of the tests was sent four of the children."""


def kit(site: Site, unit: str = "") -> Path:
    return next(p for p in inbox(site, unit or site.ward()) if "phiếu trả lời" in p.name)


def drafts(site: Site) -> list[Path]:
    """The D03-TS that lie filled in for the ward: in its own folder and in its district's."""
    here = [p for p in inbox(site, site.ward()) if p.name.startswith("D03-TS")]
    return here + [p for p in inbox(site, DISTRICT, "Phường, xã") if "D03-TS" in p.name]


def hand_in(site: Site, name: str, data: bytes, unit: str = "") -> Drop:
    site.drop(unit or site.ward(), name, data)
    site.once()
    return next(d for d in reversed(site.drops()) if d.name == name)


def codes(site: Site, drop: Drop) -> set[str]:
    return {f["code"] for f in site.facts(drop)["findings"] if f["code"].startswith("list.")}


def remedy(site: Site, drop: Drop) -> str:
    return " ".join(f["remedy"] for f in site.facts(drop)["findings"])


def a_kit(site: Site, mine: list[InventedChild], *said: str, **more: object) -> bytes:
    """The ward's kit with one answer a child, in the order of its children."""
    rows = {c.name: {**answer(c, s), **more} for c, s in zip(mine, said, strict=True)}
    return filled(kit(site), rows)


def test_a_kit_with_a_blank_number_asks_for_the_d03_and_offers_it_filled_in(
    sent: Site, mine: list[InventedChild]
):
    first = hand_in(sent, "phieu.xlsx", a_kit(sent, mine, BEFORE, NOW, NONE, NOW))

    assert first.state is State.HELD
    own, for_district = drafts(sent)
    assert table(own).names == [mine[1].name, mine[3].name]
    assert own.read_bytes() == for_district.read_bytes()
    assert own.parent.name in remedy(sent, first)
    assert "2 trẻ" in remedy(sent, first)
    (letter,) = letters(sent, "held", sent.ward())
    assert "D03-TS điền sẵn cho 2 trẻ" in letter.context["reason"]

    second = hand_in(sent, own.name, own.read_bytes())

    assert (second.state, codes(sent, second)) == (State.ACCEPTED, set())
    assert sent.only_state(first) is State.ACCEPTED
    assert drafts(sent) == [], "nobody may take an old draft for one that is still wanted"


def test_the_draft_says_what_the_kit_said_and_the_time_by_the_rule(
    sent: Site, mine: list[InventedChild]
):
    child = mine[1]
    hospital = {"Tỉnh": "79", "Mã BV": child.facility}
    rows = {c.name: answer(c, NONE) for c in mine} | {child.name: answer(child, NOW) | hospital}
    hand_in(sent, "phieu.xlsx", filled(kit(sent), rows))
    (row,) = table(drafts(sent)[0]).rows.values()

    assert row["Nơi đăng ký KCB"] == f"79{child.facility}"
    assert row["Ngày sinh"].date() == child.birth_date
    assert row["Từ ngày"].date() == child.birth_date
    assert row["Đến ngày"].date() == Entitlement().valid_until(child.birth_date)
    assert row["Mã số thẻ"] is None
    assert row["Mã đối chiếu"]


@pytest.mark.parametrize("edition", ["d03-ts-595", "d03-ts-490"])
def test_the_draft_is_in_the_edition_that_the_process_names(
    sent: Site, mine: list[InventedChild], edition: str
):
    sent.set('form = "d03-ts-1111"', f'form = "{edition}"', "process.toml")
    first = hand_in(sent, "phieu.xlsx", a_kit(sent, mine, BEFORE, NOW, NONE, NOW))
    (draft, _) = drafts(sent)
    row = next(iter(table(draft).rows.values()))
    drop = hand_in(sent, draft.name, draft.read_bytes())

    assert row["Từ tháng"] == f"{max(mine[1].birth_date.isoformat(), '2015-01')[5:7]}/" + (
        str(max(mine[1].birth_date.year, 2015))
    )
    assert row["Số tháng"]
    assert sent.facts(drop)["lists"][0]["form"] == edition
    assert {sent.only_state(d) for d in (first, drop)} == {State.ACCEPTED}
    assert "row.contribution-wrong" not in {f["code"] for f in sent.facts(drop)["findings"]}


def test_a_kit_whose_new_cards_have_their_numbers_needs_no_d03(
    sent: Site, mine: list[InventedChild]
):
    rows = {c.name: answer(c, BEFORE) | {"Kết quả": NOW} for c in mine}
    drop = hand_in(sent, "phieu.xlsx", filled(kit(sent), rows))

    assert drop.state is State.ACCEPTED
    assert drafts(sent) == []


def test_beside_form_4_whoever_stands_in_neither_section_is_on_the_draft(
    sent: Site, mine: list[InventedChild]
):
    first = hand_in(sent, "mẫu 4.xlsx", form_4(sent, mine[:1], mine[1:2]))
    (own, _) = drafts(sent)
    assert table(own).names == [c.name for c in mine[2:]]

    second = hand_in(sent, own.name, own.read_bytes())

    assert {sent.only_state(d) for d in (first, second)} == {State.ACCEPTED}
    assert drafts(sent) == []


def test_a_corrected_kit_changes_the_draft_while_the_first_answer_still_waits(
    sent: Site, mine: list[InventedChild]
):
    hand_in(sent, "phieu.xlsx", a_kit(sent, mine, BEFORE, NOW, NONE, NOW))
    hand_in(sent, "phieu sua.xlsx", a_kit(sent, mine, BEFORE, BEFORE, NONE, NOW))
    assert table(drafts(sent)[0]).names == [mine[3].name]

    last = hand_in(sent, "phieu sua 2.xlsx", a_kit(sent, mine, BEFORE, BEFORE, NONE, BEFORE))

    assert last.state is State.ACCEPTED
    assert drafts(sent) == []


@pytest.mark.parametrize("kit_first", [True, False])
def test_a_child_of_the_kit_who_is_not_on_the_d03_is_named_in_either_order(
    sent: Site, mine: list[InventedChild], kit_first: bool
):
    files = [
        ("phieu.xlsx", a_kit(sent, mine, BEFORE, NOW, NONE, NOW)),
        ("d03.xlsx", d03(sent, [mine[1]])),
    ]
    drop = [hand_in(sent, *one) for one in (files if kit_first else files[::-1])][-1]
    (told,) = [f for f in sent.facts(drop)["findings"] if f["code"] == "list.card-not-asked-for"]

    assert drop.state is State.RETURNED
    assert mine[3].name in told["message"]
    assert (told["cell"] is None) == kit_first, "a cell of the file that is judged, or none"


def test_a_kit_that_promises_a_card_more_lets_the_accepted_answer_stand_until_the_d03_comes(
    sent: Site, mine: list[InventedChild]
):
    first = hand_in(sent, "phieu.xlsx", a_kit(sent, mine, BEFORE, BEFORE, NONE, NONE))
    again = hand_in(sent, "phieu sua.xlsx", a_kit(sent, mine, BEFORE, BEFORE, NONE, NOW))
    assert (first.state, again.state) == (State.ACCEPTED, State.HELD)
    assert [r["state"] for r in sent.facts(first)["lists"]] == ["accepted"]
    (own, _) = drafts(sent)
    assert table(own).names == [mine[3].name]

    last = hand_in(sent, own.name, own.read_bytes())

    assert last.state is State.ACCEPTED
    assert sent.only_state(again) is State.ACCEPTED
    assert [r["state"] for r in sent.facts(first)["lists"]] == ["superseded"]


def test_a_district_whose_kit_leaves_the_number_blank_is_asked_for_it(
    sent: Site, mine: list[InventedChild]
):
    """The district issues the cards: nothing else will bring the number."""
    rows = {name: answer(mine[0], NOW) for name in table(kit(sent, DISTRICT)).names}
    drop = hand_in(sent, "phieu.xlsx", filled(kit(sent, DISTRICT), rows), DISTRICT)

    assert drop.state is State.RETURNED
    assert {f["code"] for f in sent.facts(drop)["findings"]} == {"row.card-missing"}


# --- a part without anybody ----------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_empty_d03_is_right_where_form_4_accounts_for_everybody(
    sent: Site, mine: list[InventedChild], order: tuple[int, int]
):
    files = [("mẫu 4.xlsx", form_4(sent, mine[:2], mine[2:])), ("D03.xlsx", d03(sent, []))]
    drops = [hand_in(sent, *files[n]) for n in order]
    empty = next(d for d in drops if d.name == "D03.xlsx")
    (told,) = [f for f in sent.facts(empty)["findings"] if f["code"] == "form.no-rows"]

    assert {sent.only_state(d) for d in drops} == {State.ACCEPTED}
    assert told["severity"] == "notes"
    assert not drafts(sent)


def test_an_empty_form_4_is_right_where_everybody_is_to_get_a_card(
    sent: Site, mine: list[InventedChild]
):
    both = packed(a__xlsx=form_4(sent, [], []), b__xlsx=d03(sent, mine))

    assert hand_in(sent, "hồ sơ.zip", both).state is State.ACCEPTED


def test_an_empty_d03_hides_nobody(sent: Site, mine: list[InventedChild]):
    both = packed(a__xlsx=form_4(sent, mine[:2], mine[3:]), b__xlsx=d03(sent, []))
    drop = hand_in(sent, "hồ sơ.zip", both)

    assert (drop.state, codes(sent, drop)) == (State.RETURNED, {"list.child-missing"})


def test_a_whole_return_of_one_list_must_name_somebody(sent: Site):
    empty = form(sent, "form-3", DISTRICT, {"I": [], "II": [], "III": []})
    drop = hand_in(sent, "mẫu 3.xlsx", empty, DISTRICT)

    assert drop.state is State.RETURNED
    assert "form.no-rows" in sent.codes(drop)


# --- arrears -------------------------------------------------------------------------------------


def test_a_districts_own_d03_for_arrears_goes_to_thu_and_nobody_owes_it(
    sent: Site, mine: list[InventedChild]
):
    """1331/BHXH-THU, 4.2, Lưu ý: children carded since January, checked by the district."""
    drop = hand_in(
        sent, "truy đóng.xlsx", form(sent, "d03-ts-1111", DISTRICT, {"I": mine}), DISTRICT
    )
    (record,) = sent.facts(drop)["lists"]
    with sent.running() as running:
        facts = running.books.facts.delivered([str(ROUND)])
        world = running.world
        state = status(world.process, world.units, ROUND, facts, sent.clock(), world.days)

    assert (drop.state, record["handoff"]) == (State.ACCEPTED, "arrears")
    assert [p.name for p in inbox(sent, "thu") if "D03-TS" in p.name]
    assert [one.entries for one in state.handoffs if one.handoff.id == "arrears"] == [()]


def test_a_wards_d03_in_its_districts_folder_is_not_taken_for_arrears(
    sent: Site, mine: list[InventedChild]
):
    drop = hand_in(sent, "D03.xlsx", d03(sent, mine), DISTRICT)

    assert drop.state is State.RETURNED
    assert "form.sender-wrong" in sent.codes(drop)


def test_of_a_kit_and_its_d03_in_one_archive_the_letter_says_which_to_correct(
    sent: Site, mine: list[InventedChild]
):
    a, _, _, d = mine
    wrong = filled(kit(sent), {a.name: {"Kết quả": "đang xem"}, d.name: answer(d, NOW)})
    archive = packed(phieu__xlsx=wrong, d03__xlsx=d03(sent, [d]))

    drop = hand_in(sent, "ho so.zip", archive)

    assert drop.state is State.RETURNED
    (letter,) = letters(sent, "returned", sent.ward())
    assert letter.context["along"] == (
        "“d03.xlsx” không có lỗi, chỉ được trả lại vì nằm chung tệp nén. "
        "Chỉ cần sửa “phieu.xlsx”, rồi nén lại cùng nhau và nộp lại."
    )
