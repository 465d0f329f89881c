"""A reorganisation in mid-round: who is there changes overnight, the round goes on."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.site.lay_out import init
from tests.journey.parties import (
    SENDING,
    answered,
    filled,
    inbox,
    kids,
    letters,
    lists,
    send,
    table,
)
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site
from tests.sites import local_tree

LAST, FIRST = "2015-05-31", "2015-06-01"
AFTER = datetime(2015, 6, 1, 9, tzinfo=ZONE)
NEW = (
    ("cs1", "Quận Bến Thành mới", "district", ""),
    ("cs2", "Quận Xuân Hòa mới", "district", ""),
    ("n1", "Phường Sài Gòn", "ward", "cs1"),
    ("n2", "Phường Chợ Quán", "ward", "cs1"),
    ("n3", "Phường Bàn Cờ mới", "ward", "cs2"),
)


def reorganise(site: Site) -> None:
    """From 01/06/2015: Quận 1's first two wards are n1, the third is divided between n2 and n3, the
    fourth is n2; Quận 3's are n3."""
    one, other = (site.units.children(unit) for unit in (DISTRICT, OTHER_DISTRICT))
    follows = {DISTRICT: "cs1; cs2", OTHER_DISTRICT: "cs2", **{unit.id: "n3" for unit in other}}
    follows |= dict(zip((unit.id for unit in one), ("n1", "n1", "n2; n3", "n2"), strict=True))
    made = io.StringIO(newline="")
    table = csv.writer(made)
    table.writerow(["id", "name", "kind", "parent", "folder", "email", "valid_from", "valid_to",
                    "successors"])  # fmt: skip
    for unit in site.units:
        last = LAST if unit.id in follows else ""
        table.writerow([unit.id, unit.name, unit.kind, unit.parent, unit.folder,
                        ";".join(unit.email), "", last, follows.get(unit.id, "")])  # fmt: skip
    for id_, name, kind, parent in NEW:
        table.writerow([id_, name, kind, parent, "", f"unit-{id_}@bhyt.example", FIRST, "", ""])
    (site.config / "units.csv").write_text(made.getvalue(), "utf-8")
    init(site.directory, local_tree)


def sent_to(site: Site, handoff: str) -> dict[str, int]:
    """Unit → how many children its list has, of those that have any."""
    return {r.key.receiver: r.rows for r in lists(site, handoff) if r.rows}


def status(site: Site, handoff: str) -> dict[str, str]:
    """Sender → how it stands."""
    call = ["status", "--round", "2015Q1", "--json", "--config", str(site.config),
            "--now", site.clock.now.isoformat()]  # fmt: skip
    told = json.loads(CliRunner().invoke(cli, call).output)
    (found,) = [h for h in told["handoffs"] if h["id"] == handoff]
    return {e["sender"]: e["standing"] for e in found["units"]}


def traced(site: Site) -> dict[tuple[str, str], dict[str, int]]:
    call = ["trace", "--round", "2015Q1", "--json", "--config", str(site.config),
            "--now", site.clock.now.isoformat()]  # fmt: skip
    told = json.loads(CliRunner().invoke(cli, call).output)
    return {(h["id"], h["unit"]): h for h in told["hops"]}


def told(site: Site, unit: str, kind: str = "delivered") -> str:
    return json.dumps([x.context for x in letters(site, kind, unit)], ensure_ascii=False)


def overnight(site: Site, at: datetime = AFTER) -> None:
    """The reorganisation, and the first turn of the day after."""
    reorganise(site)
    site.clock.now = at
    site.once()
    site.once()


@pytest.fixture
def site(round_site: Site) -> Site:
    """Every ward of Quận 1 and Quận 3 has its kit."""
    round_site.clock.now = SENDING
    send(round_site, kids(round_site))
    round_site.once()
    return round_site


def kit(site: Site, unit: str) -> Path:
    """The newest kit in a unit's inbox."""
    return [p for p in inbox(site, unit) if "phiếu trả lời" in p.name][-1]


def answers(site: Site, unit: str) -> bytes:
    """A kit on which everybody has a card."""
    return answered(kit(site, unit), kids(site))


def hand_in(site: Site, unit: str, name: str, data: bytes) -> Drop:
    """A unit drops a file; the product takes its turns."""
    site.drop(unit, name, data)
    site.once()
    site.once()
    return next(drop for drop in reversed(site.drops()) if drop.name == name)


def wards(site: Site) -> list[str]:
    """The wards of Quận 1 before the reorganisation: n1, n1, n2 or n3, n2."""
    return [unit.id for unit in site.units.children(DISTRICT)]


def test_what_an_old_ward_answered_counts_and_the_rest_is_handed_to_its_successors(site: Site):
    first, _second, _divided, _ = wards(site)
    hand_in(site, first, "một.xlsx", answers(site, first))
    overnight(site)

    assert sent_to(site, "ward-list") == {first: 3, "n1": 3, "n3": 2}
    assert sent_to(site, "district-list") == {"cs1": 6, "cs2": 2}
    assert sent_to(site, "unplaced") == {"thu": 2}
    assert status(site, "ward-return") == {first: "delivered", "n1": "owed", "n3": "owed"}
    assert status(site, "district-return") == {"cs1": "owed", "cs2": "owed"}
    assert set(status(site, "ward-list").values()) == {"delivered"}
    assert site.units[first].name == "Phường Bến Nghé"


def test_a_successor_is_told_once_which_kits_and_children_it_took_over(site: Site):
    first, second, *_ = wards(site)
    before = {unit: told(site, unit) for unit in (first, second, DISTRICT)}
    overnight(site)
    said = told(site, "n1")

    assert "Tiếp nhận việc của đơn vị cũ: Phường Bến Nghé, Quận 1: 3 trẻ (" in said
    assert "; Phường Bến Thành, Quận 1: 3 trẻ (" in said
    assert f"tệp «{kit(site, first).name}»" in said
    assert all(child.name in said for child in kids(site) if child.ward in (first, second))
    assert "Quận 3: 2 trẻ (" in told(site, "cs2")
    assert {unit: told(site, unit) for unit in before} == before

    send(site, kids(site, 11), "mẫu 2 sửa.xlsx")
    site.once()
    assert told(site, "n1").count("Tiếp nhận việc") == 1


def test_nobody_is_chased_who_did_not_exist_or_does_no_longer(site: Site):
    _first, *_ = wards(site)
    overnight(site)
    site.clock.now = datetime(2015, 6, 16, 9, tzinfo=ZONE)
    site.once()
    site.once()
    reminded = {letter.unit for kind in ("reminder", "escalation", "digest")
                for letter in letters(site, kind)
                if letter.key.endswith("2015-06-16")}  # fmt: skip

    assert {"n1", "n3", "cs1", "cs2"} <= reminded
    assert not reminded & {*wards(site), DISTRICT, OTHER_DISTRICT, "n2"}


def test_every_child_is_accounted_for_before_and_after(site: Site):
    first, *_ = wards(site)
    hand_in(site, first, "một.xlsx", answers(site, first))
    overnight(site)
    hops = traced(site)

    assert {key: hop["difference"] - hop["unplaced"] for key, hop in hops.items()} == dict.fromkeys(
        hops, 0
    )
    assert [hop["unknown"] for hop in hops.values()] == [0] * len(hops)
    assert not [x for x in letters(site, "notice") if "trace/" in x.key]


def test_a_divided_ward_is_decided_by_a_person_who_sees_the_candidates(site: Site):
    *_, divided, _ = wards(site)
    overnight(site)
    (asked,) = [p for p in inbox(site, "thu") if "Chưa xác định" in p.name]
    rows = table(asked)

    assert sorted(rows.names) == sorted(c.name for c in kids(site) if c.ward == divided)
    assert all("Phường Chợ Quán, Quận Bến Thành mới" in note and "Phường Bàn Cờ mới" in note
               for note in rows.column("Ghi chú").values())  # fmt: skip

    place = {"Quận/huyện": "Quận Xuân Hòa mới", "Phường/xã": "Phường Bàn Cờ mới"}
    hand_in(site, "thu", "đã điền.xlsx", filled(asked, dict.fromkeys(rows.names, place)))
    assert sent_to(site, "ward-list") == {"n1": 6, "n3": 4}
    assert sent_to(site, "unplaced") == {}
    assert site.units[divided].name in told(site, "n3")


def test_the_kits_of_old_wards_come_back_one_by_one_from_their_successor(site: Site):
    first, second, *_ = wards(site)
    one, other = answers(site, first), answers(site, second)
    overnight(site)

    waits = hand_in(site, "n1", "một.xlsx", one)
    assert waits.state is State.HELD
    (why,) = [f for f in site.facts(waits)["findings"] if f["code"] == "list.incomplete"]
    assert "các trẻ nhận từ Phường Bến Thành, Quận 1" in why["message"]

    last = hand_in(site, second, "hai.xlsx", other)
    assert (last.state, last.unit) == (State.ACCEPTED, "n1")
    assert site.only_state(waits) is State.ACCEPTED
    assert status(site, "ward-return")["n1"] == "delivered"
    assert traced(site)["ward-return", "n1"]["carded_before"] == 6


def test_the_kit_of_an_office_that_was_divided_counts_for_each_successor_with_its_own_children(
    site: Site,
):
    """Each fills in its own rows of the copy that it has and leaves the others blank."""
    old = kit(site, DISTRICT)
    overnight(site)
    mine = set(table(kit(site, "cs1")).names)
    blank_elsewhere = answered(old, [child for child in kids(site) if child.name in mine])
    drop = hand_in(site, "cs1", "phiếu Quận 1 cũ.xlsx", blank_elsewhere)

    assert (drop.state, site.codes(drop)) == (State.ACCEPTED, ["list.children-passed-on"])
    assert status(site, "district-return") == {"cs1": "delivered", "cs2": "owed"}
    assert traced(site)["district-return", "cs1"]["carded_before"] == len(mine)


def test_a_kit_that_lies_there_in_the_first_hour_answers_the_list_that_passed_on(site: Site):
    """The daemon hands on what is owed before it judges what came overnight."""
    *_, fourth = wards(site)
    quan_3 = site.units.children(OTHER_DISTRICT)[0].id
    data = answers(site, quan_3)
    reorganise(site)
    site.clock.now = AFTER
    drop = hand_in(site, quan_3, "đêm qua.xlsx", data)

    assert (drop.state, drop.unit, site.codes(drop)) == (State.ACCEPTED, "n3", [])
    assert status(site, "ward-return")["n3"] == "delivered"
    assert fourth not in status(site, "ward-return")


def test_the_new_kit_of_a_successor_answers_for_all_of_them_at_once(site: Site):
    overnight(site)
    drop = hand_in(site, "n1", "một.xlsx", answers(site, "n1"))

    assert (drop.state, site.codes(drop)) == (State.ACCEPTED, [])
    assert traced(site)["ward-return", "n1"]["carded_before"] == 6


def test_a_file_in_the_folder_of_a_divided_ward_goes_back_and_all_who_may_be_meant_are_told(
    site: Site,
):
    *_, divided, _ = wards(site)
    data = answers(site, divided)
    overnight(site)
    drop = hand_in(site, divided, "của ai.xlsx", data)

    assert (drop.state, drop.unit) == (State.RETURNED, divided)
    assert site.codes(drop) == ["file.closed-office"]
    for unit, folder in (("n2", "Phường Chợ Quán"), ("n3", "Phường Bàn Cờ mới")):
        said = told(site, unit, "returned")
        assert "Phường Cầu Kho" in said or site.units[divided].name in said
        assert f"/{folder}" in said
    assert told(site, divided, "returned") == "[]"


def test_the_round_goes_on_to_its_end(site: Site):
    """Old wards' answers are in the new office's draft; the final lists hold everybody."""
    first, _second, *_ = wards(site)
    hand_in(site, first, "một.xlsx", answers(site, first))
    overnight(site)
    asked = next(p for p in inbox(site, "thu") if "Chưa xác định" in p.name)
    place = {"Quận/huyện": "Quận Bến Thành mới", "Phường/xã": "Phường Chợ Quán"}
    hand_in(site, "thu", "điền.xlsx", filled(asked, dict.fromkeys(table(asked).names, place)))
    for unit in ("n1", "n2", "n3"):
        hand_in(site, unit, f"{unit}.xlsx", answers(site, unit))
    for unit in ("cs1", "cs2"):
        (draft,) = [p for p in inbox(site, unit) if p.name.startswith("Mẫu 3")]
        hand_in(site, unit, f"{unit}.xlsx", draft.read_bytes())
    hops = traced(site)

    assert hops["carded-final", "thu"]["carded_before"] == 10
    assert {key: hop["difference"] for key, hop in hops.items()} == dict.fromkeys(hops, 0)
    assert sum(r.rows for r in lists(site, "carded-final")) == 10
    assert set(status(site, "district-return").values()) == {"delivered"}
    assert set(status(site, "ward-return").values()) == {"delivered"}


def test_a_round_that_was_over_stays_as_it_was(site: Site):
    """Nothing is made anew, nobody is written to, and the final list counts once."""
    quan_3 = site.units.children(OTHER_DISTRICT)[0].id
    for unit in (*wards(site)[:3], quan_3, DISTRICT, OTHER_DISTRICT):
        hand_in(site, unit, f"{unit}.xlsx", answers(site, unit))
    before = status(site, "ward-return"), status(site, "district-return"), site.letter_keys()
    overnight(site)

    assert (status(site, "ward-return"), status(site, "district-return")) == before[:2]
    assert site.letter_keys() == before[2]
    assert traced(site)["carded-final", "thu"]["carded_before"] == 10
