"""The units of 2015 give way to those of 2025 in mid-round, at four moments, with the shipped data:
24 districts and 322 wards, 36 offices and 168 wards and communes, and the table of old places."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.site.reorganise import reorganise
from tests.journey.parties import SENDING, answered, filled, form, inbox, letters, lists, table
from tests.journey.site import ROUND, Site
from tests.journey.test_reorganised import hand_in, kit, sent_to, status, told, traced
from tests.sites import copied_config, local_tree, replaced

FIRST = date(2015, 6, 1)
AFTER = datetime(2015, 6, 1, 9, tzinfo=ZONE)
BEN_NGHE, BEN_THANH, DA_KAO, LINH_DONG = "26740", "26743", "26737", "26815"
SAI_GON, NEW_BEN_THANH, TAN_DINH = "79-26740", "79-26743", "79-26737"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole city of 2015, laid out."""
    directory = tmp_path_factory.mktemp("city")
    machine = copied_config(directory) / "bhyt-filedrop.toml"
    replaced(machine, "quiet_seconds_without_lease = 10", "quiet_seconds_without_lease = 0")
    replaced(machine, "quiet_seconds_without_end = 180", "quiet_seconds_without_end = 0")
    init(directory, local_tree)
    return directory


@pytest.fixture
def site(template: Path, tmp_path: Path, shared_reader: None) -> Site:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    site = Site(tmp_path)
    site.clock.now = SENDING
    return site


def kids(site: Site) -> list[InventedChild]:
    """Three children in each of four wards: two that lie whole in one of today's, one that was
    divided, and one of another district."""
    wards = [site.units[id_] for id_ in (BEN_NGHE, BEN_THANH, DA_KAO, LINH_DONG)]
    return children(site.units, 12, round=ROUND, seed=5, wards=wards)


def of(site: Site, ward: str) -> list[InventedChild]:
    return [child for child in kids(site) if child.ward == ward]


def send(site: Site) -> None:
    hand_in(site, "cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", kids(site)))


def overnight(site: Site, at: datetime = AFTER) -> None:
    """What the admin does on the day (docs/reorganisation.md), and the daemon's first turn."""
    reorganise(site.config, "hcmc-2025", FIRST)
    init(site.directory, local_tree, today=at.date())
    site.clock.now = at
    site.once()
    site.once()


def answers(site: Site, unit: str) -> bytes:
    return answered(kit(site, unit), kids(site))


def balanced(site: Site) -> None:
    hops = traced(site)
    assert {k: h["difference"] - h["unplaced"] for k, h in hops.items()} == dict.fromkeys(hops, 0)
    assert not [h for h in hops.values() if h["unknown"]]
    assert not [one for one in letters(site, "notice") if "trace/" in one.key]


NEW_OF_LINH_DONG = "79-26824"
WHOLE = {SAI_GON: 3, NEW_BEN_THANH: 3, NEW_OF_LINH_DONG: 3}
"""What lies whole in a ward of today."""


def test_before_any_list_was_split_the_new_wards_get_all_that_lies_whole_in_them(site: Site):
    """Parents and hospitals go on writing the old addresses."""
    overnight(site)
    send(site)

    assert sent_to(site, "ward-list") == WHOLE
    assert sent_to(site, "unplaced") == {"thu": 3}
    assert "Tiếp nhận việc" not in told(site, SAI_GON)
    assert set(status(site, "district-return")) == {"cs01", "cs20"}
    balanced(site)


def test_after_the_kits_were_sent_they_come_back_from_who_took_over(site: Site):
    send(site)
    old_kit = answers(site, BEN_NGHE)
    overnight(site)

    assert sent_to(site, "ward-list") == WHOLE
    assert "Phường Bến Nghé, Quận 1: 3 trẻ (" in told(site, SAI_GON)
    drop = hand_in(site, BEN_NGHE, "phiếu cũ.xlsx", old_kit)
    assert (drop.state, drop.unit, site.codes(drop)) == (State.ACCEPTED, SAI_GON, [])
    assert status(site, "ward-return")[SAI_GON] == "delivered"
    lost = hand_in(site, DA_KAO, "của ai.xlsx", old_kit)
    assert (lost.state, site.codes(lost)) == (State.RETURNED, ["file.closed-office"])
    assert "Phường Tân Định" in told(site, TAN_DINH, "returned")
    balanced(site)


def test_after_half_the_returns_the_round_goes_on_to_its_end(site: Site):
    send(site)
    hand_in(site, BEN_NGHE, "một.xlsx", answers(site, BEN_NGHE))
    overnight(site)

    assert sent_to(site, "ward-list") == {BEN_NGHE: 3, NEW_BEN_THANH: 3, NEW_OF_LINH_DONG: 3}
    (asked,) = [p for p in inbox(site, "thu") if "Chưa xác định" in p.name]
    rows = table(asked)
    assert sorted(rows.names) == sorted(child.name for child in of(site, DA_KAO))
    place = {"BHXH cơ sở": "BHXH cơ sở Tân Định", "Phường/xã": "Phường Tân Định"}
    hand_in(site, "thu", "điền.xlsx", filled(asked, dict.fromkeys(rows.names, place)))
    assert sent_to(site, "unplaced") == {}
    for ward in (NEW_BEN_THANH, TAN_DINH, NEW_OF_LINH_DONG):
        hand_in(site, ward, f"{ward}.xlsx", answers(site, ward))
    for office in ("cs01", "cs20"):
        (draft,) = [p for p in inbox(site, office) if p.name.startswith("Mẫu 3")]
        hand_in(site, office, f"{office}.xlsx", draft.read_bytes())

    assert set(status(site, "ward-return").items()) == {
        (unit, "delivered") for unit in (BEN_NGHE, NEW_BEN_THANH, TAN_DINH, NEW_OF_LINH_DONG)
    }
    assert status(site, "district-return") == {"cs01": "delivered", "cs20": "delivered"}
    assert sum(r.rows for r in lists(site, "carded-final")) == 12
    assert {r.key.sender: r.rows for r in lists(site, "ward-return")}[BEN_NGHE] == 3
    balanced(site)


def test_after_the_final_lists_nothing_is_asked_of_anybody_again(site: Site):
    send(site)
    for unit in (BEN_NGHE, BEN_THANH, DA_KAO, LINH_DONG, "760", "762"):
        hand_in(site, unit, f"{unit}.xlsx", answers(site, unit))
    before = status(site, "ward-return"), status(site, "district-return"), site.letter_keys()
    overnight(site)

    assert (status(site, "ward-return"), status(site, "district-return")) == before[:2]
    assert set(before[1]) == {"760", "762"}
    assert [k for k in site.letter_keys() if k not in before[2]] == []
    assert ("26740", f"79-{site.units[SAI_GON].gso_code}") == (BEN_NGHE, SAI_GON)
    assert sent_to(site, "ward-list")[BEN_NGHE] == 3
    balanced(site)
