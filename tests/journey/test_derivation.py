"""What the product makes from the lists that stand, on a small site: split, corrected, placed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.ports import LostRace
from bhyt_filedrop.wiring.rounds import status_of
from tests.journey.parties import (
    RETURNING,
    SENDING,
    answered,
    changed,
    decide,
    filled,
    form,
    inbox,
    kids,
    letters,
    lists,
    own,
    send,
    table,
)
from tests.journey.service import serving
from tests.journey.site import DISTRICT, OTHER_DISTRICT, ROUND, Site
from tests.waiting import until

FOR_WARDS = "Phường, xã"
CHILDREN = 10
SEEN = SENDING.replace(hour=11)
"""When the tests look at the site on which every unit has its list."""


# --- H2b → H3, H4 ----------------------------------------------------------------------------

COLLECTING = "Kính mời đơn vị đến Phòng Thu, BHXH Thành phố nhận bản sao giấy khai sinh"


def test_each_district_and_ward_gets_one_list_of_exactly_its_children(sent: Site):
    group, units = kids(sent), sent.units
    for unit in units:
        mine = {c.name for c in group if unit.id in (c.ward, units[c.ward].parent)}
        found = [] if unit.kind == "city" else inbox(sent, unit.id)
        assert len(found) == (1 if mine else 0), unit.name
        assert [set(table(path).names) for path in found] == ([mine] if mine else [])
        assert all(len(table(path).names) == len(mine) for path in found)


def test_a_district_has_a_copy_of_each_wards_list(sent: Site):
    copies = {table(p).names[0]: p.read_bytes() for p in inbox(sent, DISTRICT, FOR_WARDS)}
    own_lists = [inbox(sent, sent.ward(n))[0] for n in range(3)]

    assert sorted(copies.values()) == sorted(p.read_bytes() for p in own_lists)
    assert all(
        sent.units[sent.ward(n)].name in " ".join(p.name for p in inbox(sent, DISTRICT, FOR_WARDS))
        for n in range(3)
    )


def test_districts_are_told_to_come_for_the_paper_copies_and_wards_what_they_owe(sent: Site):
    (district,) = letters(sent, "delivered", DISTRICT)
    (ward,) = letters(sent, "delivered", sent.ward())

    assert COLLECTING in district.context["next_step"]
    assert COLLECTING not in ward.context["next_step"]
    assert "15/06/2015" in ward.context["next_step"]
    assert "trước ngày 25/06/2015" in district.context["next_step"]  # its wards have their lists
    assert district.context["rows"] == len(table(inbox(sent, DISTRICT)[0]).names)


def test_a_ward_without_children_gets_nothing_hears_nothing_and_owes_nothing(sent: Site):
    lonely = sent.ward(3)

    assert inbox(sent, lonely) == []
    assert letters(sent, "delivered", lonely) == []
    assert lonely not in _owing(sent, "ward-return")
    assert sent.ward(0) in _owing(sent, "ward-return")


def _owing(site: Site, handoff: str) -> set[str]:
    with site.running() as running:
        found = status_of(running.world, running.books, ROUND, site.clock())
    (one,) = (h for h in found.handoffs if h.handoff.id == handoff)
    return {entry.owed.sender.id for entry in one.entries}


def test_nothing_is_made_twice_however_often_the_daemon_looks(sent: Site):
    before = [drop.id for drop in own(sent)]
    for _ in range(3):
        sent.once()

    assert [drop.id for drop in own(sent)] == before
    assert len(inbox(sent, DISTRICT)) == 1


def test_what_the_product_delivered_is_not_taken_for_a_drop(sent: Site):
    sent.once()

    assert [drop.name for drop in sent.drops()] == ["mẫu 2.xlsx"]


# --- a corrected H2b -------------------------------------------------------------------------


def test_only_those_whose_list_changed_get_a_new_version_that_says_what_changed(sent: Site):
    """A child goes from ward 0, one of ward 1 changes, ward 2 gets one more; Quận 3 stays."""
    group = kids(sent)
    gone = next(c for c in group if c.ward == sent.ward(0))
    before = next(c for c in group if c.ward == sent.ward(1))
    after = replace(before, mother="Trần Thị Bảo Yến")
    extra = next(c for c in kids(sent, 14)[10:] if c.ward == sent.ward(2))
    send(sent, [after if c is before else c for c in group if c is not gone] + [extra], "sửa.xlsx")

    told = {n: [p for p in inbox(sent, sent.ward(n)) if " - lần 2 - " in p.name] for n in range(3)}
    assert [[(what, who) for what, who, _ in changed(*told[n])] for n in range(3)] == [
        [("Bớt", gone.name)],
        [("Sửa", before.name)],
        [("Thêm", extra.name)],
    ]
    assert before.mother in changed(*told[1])[0][2]
    assert after.mother in changed(*told[1])[0][2]
    assert [len(inbox(sent, u)) for u in (DISTRICT, OTHER_DISTRICT)] == [2, 1]
    assert [len(inbox(sent, u.id)) for u in sent.units.children(OTHER_DISTRICT)] == [1, 0]
    assert [one.context["corrects"] for one in letters(sent, "delivered", DISTRICT)] == [
        False,
        True,
    ]


def test_codes_stay_with_their_children_from_version_to_version(sent: Site):
    group = kids(sent)
    first = table(inbox(sent, DISTRICT)[0]).column("Mã đối chiếu")
    after = replace(group[0], mother="Trần Thị Bảo Yến")
    send(sent, [after, *reversed(group[2:])], "sửa.xlsx")

    second = table(inbox(sent, DISTRICT)[-1]).column("Mã đối chiếu")
    assert second == {name: code for name, code in first.items() if name in second}
    assert len(second) == len(first) - 1


def test_a_list_that_only_came_in_another_order_is_sent_to_nobody_again(sent: Site):
    """The same children on other rows of the same wards, spelt with other case and spacing."""
    group = kids(sent)
    by_ward = sorted(group, key=lambda c: sent.units[c.ward].name)
    made = len(own(sent))
    send(sent, by_ward, "xếp lại.xlsx")

    assert len(own(sent)) == made
    assert len(inbox(sent, DISTRICT)) == 1


def test_a_ward_whose_last_child_is_gone_is_told_so_and_owes_nothing(sent: Site):
    group = kids(sent)
    mine = [c for c in group if c.ward == sent.ward(0)]
    send(sent, [c for c in group if c not in mine], "sửa.xlsx")

    _, second = inbox(sent, sent.ward(0))
    assert {(what, who) for what, who, _ in changed(second)} == {("Bớt", c.name) for c in mine}
    assert len(letters(sent, "delivered", sent.ward(0))) == 2
    assert "nộp" not in letters(sent, "delivered", sent.ward(0))[-1].context["next_step"]
    assert sent.ward(0) not in _owing(sent, "ward-return")


def test_a_child_that_the_city_s_list_has_twice_goes_to_one_ward_once(round_site: Site):
    """A hospital's double entry, under another address: each kit can be answered as it is."""
    site, group = round_site, kids(round_site)
    site.clock.now = SENDING
    there = site.units[site.ward(1)]
    twice = next(c for c in group if c.ward == site.ward(0))
    elsewhere = replace(twice, ward=there.id, address=f"1 Hoa Sứ, {there.name}, Quận 1")
    send(site, [*group, elsewhere, replace(twice, address=f"{twice.address}, TP.HCM")])

    assert site.codes(site.only()) == ["row.repeated", "row.repeated"]
    delivered = [name for n in range(3) for name in table(inbox(site, site.ward(n))[0]).names]
    assert delivered.count(twice.name) == 1
    assert twice.name in table(inbox(site, site.ward(0))[0]).names
    assert table(inbox(site, DISTRICT)[0]).names.count(twice.name) == 1
    assert letters(site, "notice", "thu") == []

    site.clock.now = RETURNING
    site.drop(DISTRICT, "trả lời.xlsx", answered(inbox(site, DISTRICT)[0], group))
    site.once()
    assert site.states()["trả lời.xlsx"] is State.ACCEPTED


# --- the unplaced ----------------------------------------------------------------------------


@pytest.fixture
def unplaced(round_site: Site) -> Site:
    """A site on which the wards of the first two children cannot be read."""
    round_site.clock.now = SENDING
    group = kids(round_site)
    lost = [replace(c, address="12/3 Hoa Sứ") for c in group[:2]]
    send(round_site, [*lost, *group[2:]])
    return round_site


def _to_fill_in(site: Site) -> list[Path]:
    return [p for p in inbox(site, "thu") if "Chưa xác định" in p.name]


def _placed(site: Site, path: Path, *names: str) -> bytes:
    """The list with the ward of some children filled in by a clerk who knows them."""
    wards = {c.name: site.units[c.ward] for c in kids(site)}
    return filled(
        path,
        {
            name: {
                "Phường/xã": wards[name].name,
                "Quận/huyện": site.units[wards[name].parent].name,
            }
            for name in names
        },
    )


def test_children_whose_ward_cannot_be_read_go_to_thu_and_to_nobody_else(unplaced: Site):
    group = kids(unplaced)
    (path,) = _to_fill_in(unplaced)

    assert table(path).names == [group[0].name, group[1].name]
    (letter,) = [x for x in letters(unplaced, "delivered", "thu") if "điền" in str(x.context)]
    assert letter.context["rows"] == 2
    delivered = {name for u in (DISTRICT, OTHER_DISTRICT) for name in _names(unplaced, u)}
    assert delivered == {c.name for c in group[2:]}


def _names(site: Site, unit: str) -> list[str]:
    return table(inbox(site, unit)[-1]).names


def test_the_list_that_thu_filled_in_is_delivered_as_an_addition(unplaced: Site):
    first, second = kids(unplaced)[:2]
    (path,) = _to_fill_in(unplaced)
    unplaced.drop("thu", path.name, _placed(unplaced, path, first.name, second.name))
    unplaced.once()

    assert unplaced.states()[path.name] is State.ACCEPTED
    for child in (first, second):
        newest = inbox(unplaced, child.ward)[-1]
        assert [(what, who) for what, who, _ in changed(newest)] == [("Thêm", child.name)]
        assert child.name in table(newest).names
    assert len(inbox(unplaced, OTHER_DISTRICT)) == 1
    assert lists(unplaced, "unplaced")[-1].rows == 0


def test_what_was_placed_once_stays_placed_when_the_rest_is_filled_in_later(unplaced: Site):
    first, second = kids(unplaced)[:2]
    (path,) = _to_fill_in(unplaced)
    unplaced.drop("thu", "một phần.xlsx", _placed(unplaced, path, first.name))
    unplaced.once()
    rest = _to_fill_in(unplaced)[-1]
    assert table(rest).names == [second.name]

    unplaced.drop("thu", "phần còn lại.xlsx", _placed(unplaced, rest, second.name))
    unplaced.once()

    assert first.name in _names(unplaced, first.ward)
    assert second.name in _names(unplaced, second.ward)
    assert {*_names(unplaced, DISTRICT), *_names(unplaced, OTHER_DISTRICT)} == {
        c.name for c in kids(unplaced)
    }
    assert lists(unplaced, "unplaced")[-1].rows == 0


def test_a_placed_child_that_the_city_corrects_later_stays_placed(unplaced: Site):
    first, second = kids(unplaced)[:2]
    (path,) = _to_fill_in(unplaced)
    unplaced.drop("thu", path.name, _placed(unplaced, path, first.name, second.name))
    unplaced.once()
    corrected = replace(first, address="12/3 Hoa Sứ", mother="Trần Thị Bảo Yến")
    rest = [replace(second, address="12/3 Hoa Sứ"), *kids(unplaced)[2:]]
    send(unplaced, [corrected, *rest], "sửa.xlsx")

    assert first.name in _names(unplaced, first.ward)
    assert lists(unplaced, "unplaced")[-1].rows == 0
    assert letters(unplaced, "notice", "thu") == []


def _ask(site: Site, *words: str) -> Result:
    call = [*words, "--round", "2015Q1", "--config", str(site.config)]
    return CliRunner().invoke(cli, call)


def _traced(site: Site) -> tuple[int, dict[str, int]]:
    """The exit status of a trace, and what stays with Phòng Thu when the city's list is split."""
    said = _ask(site, "trace", "--json")
    hops = json.loads(said.output)["hops"]
    (hop,) = [h for h in hops if (h["id"], h["unit"]) == ("district-list", "thu")]
    return said.exit_code, hop


def test_a_child_that_nobody_could_place_keeps_the_balance_open_until_it_is_settled(
    unplaced: Site,
):
    """Placed, or answered "Ngoài Thành phố": then, and not before, the round adds up."""
    first, second = kids(unplaced)[:2]
    status, hop = _traced(unplaced)
    assert (status, hop["sent"], hop["unplaced"], hop["difference"]) == (1, 2, 2, 2)
    assert "Chưa cân bằng: 2 trẻ chưa xác định địa bàn (H2c" in _ask(unplaced, "trace").output

    (path,) = _to_fill_in(unplaced)
    away = filled(path, {second.name: {"Quận/huyện": "Ngoài Thành phố"}})
    unplaced.drop("thu", "một trẻ ở tỉnh.xlsx", away)
    unplaced.once()
    status, hop = _traced(unplaced)
    assert (status, hop["outside"], hop["unplaced"], hop["difference"]) == (1, 1, 1, 1)

    rest = _to_fill_in(unplaced)[-1]
    unplaced.drop("thu", "phần còn lại.xlsx", _placed(unplaced, rest, first.name))
    unplaced.once()
    status, hop = _traced(unplaced)
    assert (status, hop["sent"], hop["outside"], hop["difference"]) == (0, 1, 1, 0)
    assert letters(unplaced, "notice", "thu") == []


def test_those_who_reached_no_unit_stand_in_the_backlog_and_go_to_the_board(unplaced: Site):
    """1331/BHXH-THU, 5.2.2: the board hears of everybody whose status nobody could verify."""
    site = unplaced
    first, second = kids(site)[:2]
    (path,) = _to_fill_in(site)
    away = filled(path, {second.name: {"Quận/huyện": "Ngoài Thành phố"}})
    site.drop("thu", "một trẻ ở tỉnh.xlsx", away)
    site.once()
    now = ("--now", "2015-06-27T09:00")
    told = json.loads(_ask(site, "report", "backlog", "--json", *now).output)
    lines = {row["name"]: row for row in told["districts"]}
    open_, outside = lines["Chưa xác định địa bàn"], lines["Ngoài Thành phố"]
    assert [open_[k] for k in ("received", "unreported", "overdue")] == [1, 1, 1]
    assert [outside[k] for k in ("received", "uncarded", "no_basis")] == [1, 1, 1]
    assert "còn 1 trẻ chưa xác định địa bàn" in str(open_["standing_title"])
    assert told["districts_total"]["received"] == len(kids(site))
    assert told["figures"]["unplaced"] == 1

    site.clock.now = datetime(2015, 6, 27, 8, tzinfo=ZONE)
    site.once()
    (board,) = [p for p in inbox(site, "board") if "chưa xác minh" in p.name]
    said = _texts(board)
    assert {first.name, second.name} <= said
    assert "Chưa xác định được địa bàn nên chưa chuyển cho quận, huyện nào" in said
    left = "Chưa chuyển được cho đơn vị nào: 1 trẻ chưa xác định địa bàn, 1 trẻ ngoài Thành phố."
    assert left in said
    (letter,) = letters(site, "delivered", "board")
    assert left in letter.context["next_step"]


def _texts(path: Path) -> set[str]:
    sheets = openpyxl.load_workbook(path).worksheets
    return {str(c) for s in sheets for row in s.iter_rows(values_only=True) for c in row if c}


# --- approval --------------------------------------------------------------------------------


def test_a_list_that_waits_for_approval_reaches_nobody_until_it_is_released(round_site: Site):
    site = round_site
    site.set_handoff("district-list", 'release = "approve"')
    site.clock.now = SENDING
    send(site, kids(site))
    (waiting,) = own(site, "district-list")
    assert waiting.state is State.HELD
    assert inbox(site, DISTRICT) == inbox(site, site.ward()) == []
    assert letters(site, "delivered", DISTRICT) == []

    decide(site, waiting, "release")
    site.once()
    site.once()

    assert len(inbox(site, site.ward())) == 1

    assert waiting.id in str(letters(site, "notice", "thu")[0].context["paragraphs"])
    assert [drop.state for drop in own(site, "district-list")] == [State.ACCEPTED]
    assert len(inbox(site, DISTRICT)) == 1
    assert len(letters(site, "delivered", DISTRICT)) == 1


def test_a_rejected_list_is_not_made_again_until_its_inputs_change(round_site: Site):
    site = round_site
    site.set_handoff("district-list", 'release = "approve"')
    site.clock.now = SENDING
    send(site, kids(site))
    decide(site, own(site, "district-list")[0], "reject", "sai đợt")
    for _ in range(2):
        site.once()
    assert [drop.state for drop in own(site, "district-list")] == [State.RETURNED]
    assert inbox(site, DISTRICT) == []

    send(site, kids(site)[1:], "sửa.xlsx")

    assert [d.state for d in own(site, "district-list")] == [State.RETURNED, State.HELD]


def test_a_proposal_that_is_overtaken_before_anyone_approved_it_is_never_delivered(
    round_site: Site,
):
    """Whoever gets the approved list never saw the one before: it is the first version."""
    site = round_site
    site.set_handoff("district-list", 'release = "approve"')
    site.clock.now = SENDING
    send(site, kids(site))
    send(site, kids(site)[1:], "sửa.xlsx")
    old, new = own(site, "district-list")
    assert old.state is State.RETURNED

    decide(site, new, "release")
    site.once()

    (path,) = inbox(site, DISTRICT)
    assert " - lần " not in path.name
    assert changed(path) == []
    assert kids(site)[0].name not in table(path).names
    with pytest.raises(LostRace):
        decide(site, old, "release")


def test_an_approved_correction_tells_what_changed_since_the_list_that_was_delivered(sent: Site):
    sent.set_handoff("district-list", 'release = "approve"')
    send(sent, kids(sent)[1:], "sửa.xlsx")
    (_, waiting) = own(sent, "district-list")
    assert waiting.state is State.HELD
    assert len(inbox(sent, DISTRICT)) == 1
    assert not [x for x in letters(sent, "notice") if x.key.startswith("notice/trace")]

    decide(sent, waiting, "release")
    sent.once()

    assert [(w, who) for w, who, _ in changed(inbox(sent, DISTRICT)[-1])] == [
        ("Bớt", kids(sent)[0].name)
    ]
    assert [r.version for r in lists(sent, "district-list") if r.key.receiver == DISTRICT] == [2]


def test_a_correction_that_is_taken_back_before_it_was_approved_leaves_nothing_to_approve(
    sent: Site,
):
    sent.set_handoff("district-list", 'release = "approve"')
    send(sent, kids(sent)[1:], "sửa.xlsx")
    send(sent, kids(sent), "thôi.xlsx")

    assert [d.state for d in own(sent, "district-list")] == [State.ACCEPTED, State.RETURNED]
    assert len(inbox(sent, DISTRICT)) == 1


def test_a_delivery_that_was_set_aside_goes_out_when_a_person_says_retry(sent: Site):
    """A list of the product's own is not judged again: what could not be put is put."""
    blocked = sent.own(DISTRICT, "inbox")
    kept = blocked.rename(blocked.with_name("giữ"))
    blocked.write_bytes(b"a file where the folder should be")
    with sent.running() as running:
        sent.drop("cntt", "sửa.xlsx", form(sent, "form-2", "cntt", kids(sent)[1:]))
        for _ in range(45):
            running.daemon.once(lambda _seconds: None)
            sent.clock.now += timedelta(hours=1)
    aside = [d for d in own(sent) if d.state is State.SET_ASIDE]
    assert {d.handoff for d in aside} == {"district-list", "ward-list"}
    blocked.unlink()
    kept.rename(blocked)

    for drop in aside:
        decide(sent, drop, "retry")
    sent.once()

    assert [d.state for d in own(sent, "district-list")] == [State.ACCEPTED] * 2
    assert len(inbox(sent, DISTRICT)) == 2


# --- a running service -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_running_service_asks_for_approval_as_soon_as_the_process_says_so(round_site: Site):
    """Without a restart; and what `release` lets go is delivered by the service."""
    site = round_site
    site.set("interval_seconds = 15", "interval_seconds = 1")
    folder = site.own(DISTRICT, "inbox")
    with serving(site) as service:
        _drop(site, 0)
        until(lambda: _files(folder) == 1)
        site.set_handoff("district-list", 'release = "approve"')
        service.reload()
        _drop(site, 1)
        until(lambda: _held(site))
        held = _held(site)

        before = _files(folder)
        arguments = ["release", held, "--why", "đã duyệt", "--config", str(site.config)]
        said = CliRunner().invoke(cli, arguments)
        assert said.exit_code == 0, said.output
        until(lambda: _files(folder) == before + 1)

    assert service.has_told("config.reloaded")


def _files(folder: Path) -> int:
    return len(list(folder.glob("*.xlsx")))


def _held(site: Site) -> str:
    """The newest list of the product's own where it waits for approval, else ""."""
    newest = own(site, "district-list")[-1]
    return newest.id if newest.state is State.HELD else ""


def _drop(site: Site, less: int) -> None:
    site.drop("cntt", f"bản {less}.xlsx", form(site, "form-2", "cntt", kids(site)[less:]))


def test_an_idle_site_is_not_gone_through_at_every_turn(
    sent: Site, monkeypatch: pytest.MonkeyPatch
):
    """After years of rounds a look at nothing new must cost nothing."""
    asked: list[str] = []
    of_round = LedgerFacts.of_round

    def counted(self: LedgerFacts, round_: str, *more: Any, **named: Any) -> Any:
        asked.append(round_)
        return of_round(self, round_, *more, **named)

    monkeypatch.setattr(LedgerFacts, "of_round", counted)
    with sent.running() as running:
        worker = running.daemon.workers["main"]
        worker.work()
        asked.clear()
        worker.work()
        assert asked == []

        sent.clock.now += timedelta(minutes=6)
        worker.work()
        assert asked == [str(ROUND)]
