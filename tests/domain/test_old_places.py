"""Addresses of before 01/07/2025 in the city of today: whole wards are placed, divided ones go to
a person with the wards named among which to choose, and nobody is misplaced."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bhyt_filedrop.domain.places.gazetteer import Gazetteer, Placed
from bhyt_filedrop.domain.places.old import OldPlaces, OldWard
from bhyt_filedrop.domain.places.tokens import words_of
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.addresses import STYLES, house
from tests.imports import ROOT

SETTINGS = load(config_dir("hcmc-2025"))
UNITS, OLD = SETTINGS.units, SETTINGS.old_places
GAZETTEER = Gazetteer.of(UNITS, SETTINGS.aliases, OLD)
WARDS = UNITS.of_level("ward")
TODAY = "TP. Hồ Chí Minh"


def current(ward: OldWard) -> bool:
    """True for a ward of mid-2025, not one that had been merged away before: those come second."""
    return ward not in EARLIER


def _table() -> list[OldWard]:
    return [ward for ward in OLD.wards if ward.name]


def _earlier() -> frozenset[OldWard]:
    """Wards of numbers and names that were gone by 2025 stand in the table behind their heir."""
    with (config_dir("hcmc-2025") / "old-places.csv").open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    gone = {(x["district"], x["ward"]) for x in lines if x["earlier"]}
    return frozenset(w for w in _table() if (w.district, w.name) in gone)


EARLIER = _earlier()


def old_addresses(ward: OldWard) -> Iterator[str]:
    """The ten clerks' spellings, with and without the old province behind them."""
    for style in STYLES:
        for district in (ward.district, *ward.within):
            text = STYLES[style](house(Random(f"{ward}{style}")), ward.name, district)
            yield text
            yield f"{text.removesuffix(', TP.HCM')}, {ward.province}"


def outcome(placed: Placed, now: tuple[str, ...]) -> str:
    """What became of an address in a ward that lies in `now`."""
    if placed.ward:
        return "placed" if now == (placed.ward,) else "misplaced"
    return "to a person"


@cache
def outcomes() -> dict[OldWard, Counter[str]]:
    return {
        ward: Counter(outcome(GAZETTEER.place(text), ward.now) for text in old_addresses(ward))
        for ward in _table()
    }


def test_the_table_has_every_ward_of_2025_and_every_one_of_2015():
    now = [ward for ward in _table() if current(ward)]
    by_province = Counter(ward.province for ward in now)
    names = {(w.district, _plain(w.name)) for w in _table()}

    assert by_province == {
        "Thành phố Hồ Chí Minh": 273, "Tỉnh Bình Dương": 91, "Tỉnh Bà Rịa - Vũng Tàu": 77,
    }  # fmt: skip
    assert [ward for ward in OLD.wards if not ward.name] == [
        OldWard("Tỉnh Bà Rịa - Vũng Tàu", "Huyện Côn Đảo", "", ("79-26732",))
    ]
    past = load(config_dir("hcmc-2015")).units
    lost = {
        past.full_name(ward)
        for ward in past.of_level("ward")
        if (past[ward.parent].name, _plain(ward.name)) not in names
    }
    assert lost == set()


def _plain(name: str) -> str:
    return " ".join(words_of(name))


def test_at_least_395_old_wards_are_placed_and_47_divided_ones_go_to_a_person():
    now = {ward: found for ward, found in outcomes().items() if current(ward)}
    whole = [ward for ward, found in now.items() if set(found) == {"placed"}]
    divided = [ward for ward in now if len(ward.now) > 1]
    island = GAZETTEER.place("Khu 3, Huyện Côn Đảo, Bà Rịa - Vũng Tàu")

    assert island.ward == "79-26732"
    assert len(divided) == 47
    # Thanh An and Thạnh An are told apart by their tone; a text without any leaves them in doubt.
    doubtful = {w.name for w in now if len(w.now) == 1} - {w.name for w in whole}
    assert doubtful <= {"Xã Thạnh An", "Xã Thanh An"}
    assert len(whole) + len(doubtful) + 1 == 395


def test_of_a_divided_ward_the_wards_of_today_are_named():
    for ward in _table():
        if len(ward.now) > 1:
            for text in old_addresses(ward):
                placed = GAZETTEER.place(text)
                assert (placed.how, set(placed.candidates)) == ("ambiguous", set(ward.now)), text


def test_nobody_is_misplaced_by_an_old_address():
    assert [ward for ward, found in outcomes().items() if found["misplaced"]] == []


NEW = {
    "full": "{house}, {ward}, TP. Hồ Chí Minh",
    "bare of its city": "{house}, {ward}",
    "short": "{house}, {short}, TP.HCM",
    "lower": "{house}, {lower}, tp hcm",
    "upper": "{house}, {upper}, TP HỒ CHÍ MINH",
    "plain": "{house}, {plain}, TP HCM",
}


def new_addresses(ward: Unit) -> Iterator[str]:
    """Six spellings of an address of today."""
    short = ward.name
    for level, mark in {"Phường": "P.", "Xã": "X.", "Đặc khu": "ĐK."}.items():
        short = short.replace(f"{level} ", f"{mark} ")
    plain = "".join(
        c for c in unicodedata.normalize("NFD", ward.name) if not unicodedata.combining(c)
    )
    said = {
        "ward": ward.name, "short": short, "lower": ward.name.lower(), "upper": ward.name.upper(),
        "plain": plain.replace("đ", "d").replace("Đ", "D"),
    }  # fmt: skip
    for name, text in NEW.items():
        yield text.format(house=house(Random(f"{ward.id}{name}")), **said)


def test_99_of_100_addresses_of_today_find_their_ward_and_none_a_wrong_one():
    found = Counter(
        outcome(GAZETTEER.place(text), (ward.id,)) for ward in WARDS for text in new_addresses(ward)
    )

    assert found["misplaced"] == 0
    assert found["placed"] >= 0.99 * 6 * len(WARDS)


@pytest.mark.parametrize(
    ("address", "ward"),
    [
        ("12 Hoa Sứ, Phường Sài Gòn", "Phường Sài Gòn"),
        ("12 Hoa Sứ, Phường Sài Gòn, Sài Gòn", "Phường Sài Gòn"),
        ("12 Hoa Sứ, Phường Sài Gòn, Quận 1", "Phường Sài Gòn"),
        ("12 Hoa Sứ, Phường Bến Nghé, Quận 1, TP.HCM", "Phường Sài Gòn"),
        ("12 Hoa Sứ, Phường Bến Nghé", "Phường Sài Gòn"),
        ("12 Hoa Sứ, Phường Vũng Tàu, TP.HCM", "Phường Vũng Tàu"),
        ("12 Hoa Sứ, Phường Vũng Tàu, Bà Rịa - Vũng Tàu", "Phường Vũng Tàu"),
        ("12 Hoa Sứ, Phường Bình Dương", "Phường Bình Dương"),
        ("12 Hoa Sứ, Phường Bình Dương, Bình Dương", "Phường Bình Dương"),
        ("12 Hoa Sứ, Phường 7, Quận 3", "Phường Xuân Hòa"),
        ("xã Phước Vĩnh An, huyện Củ Chi", "Xã Củ Chi"),
        ("Đặc khu Côn Đảo", "Đặc khu Côn Đảo"),
        ("ĐK. Côn Đảo, TP.HCM", "Đặc khu Côn Đảo"),
        ("ấp 3, Xã Thạnh An", "Xã Thạnh An"),
        ("ấp 3, Xã Thanh An", "Xã Thanh An"),
        ("ấp 3, Xa Thanh An", ""),
        ("ap 3, Xa Thanh An, Huyen Dau Tieng", "Xã Thanh An"),
        ("12 Hoa Sứ, Phường Tân Định", "Phường Tân Định"),
        ("12 Hoa Sứ, Phường Tân Phú, Quận 7", "Phường Tân Mỹ"),
        ("12 Hoa Sứ, Phường Tân Phú", "Phường Tân Phú"),
        ("12 Hoa Sứ, P. An Phú, TP. Thuận An", "Phường An Phú"),
        ("12 Hoa Sứ, P. An Phú, TX. Thuận An, tỉnh Bình Dương", "Phường An Phú"),
        ("12 Hoa Sứ, P. Thảo Điền, Quận 2", "Phường An Khánh"),
        ("12 Hoa Sứ, P. Thảo Điền, TP. Thủ Đức", "Phường An Khánh"),
        ("12 Hoa Sứ, P. An Phú, Quận 2", ""),  # divided
        ("12 Hoa Sứ, P. Linh Trung, Thủ Đức", "Phường Linh Xuân"),
        ("12 Hoa Sứ, P. Sài Gòn, Quận 7", ""),
        ("12 Hoa Sứ, P. 7", ""),
        ("281/1 Mây Hồng P.Bình Hưng Hòa", ""),  # cut at 30: of Bình Hưng Hòa A, or B?
        ("281/1 Mây Hồng, P. Bình Hưng Hòa", "Phường Bình Hưng Hòa"),
        ("12/34 Mây Hồng P.Tân Định TP.B", ""),  # cut at 30: TP. Bến Cát?
        ("1 Đường số 9, Phường Tân Định,", ""),  # cut at 30: so may the town be
        ("1 Đường số 9 P.Tân Định TP.HCM", "Phường Tân Định"),
        ("12 Hoa Sứ, Phường 99, Quận 3", ""),
        ("Xã Đức Hòa, Long An", ""),
    ],
)
def test_old_and_new_names_side_by_side(address: str, ward: str):
    placed = GAZETTEER.place(address)

    assert (UNITS[placed.ward].name if placed.ward else "") == ward


def test_a_name_of_today_and_of_then_is_told_apart_by_the_province_beside_it():
    """Phường Tân Định is one of Quận 1's today; the old one of Bến Cát lies in another ward."""
    there = GAZETTEER.place("12 Hoa Sứ, Phường Tân Định, tỉnh Bình Dương")
    split = GAZETTEER.place_parts("Tân Định", "", "Tỉnh Bình Dương")
    town = GAZETTEER.place_parts("Tân Định", "Thành phố Bến Cát", "Tỉnh Bình Dương")

    assert there.ward == split.ward == town.ward != "79-26737"
    assert UNITS[there.ward].name == "Phường Hòa Lợi"
    assert GAZETTEER.place_parts("Tân Định", "", "TP. Hồ Chí Minh").ward == "79-26737"


@given(
    ward=st.sampled_from(_table()),
    style=st.sampled_from(sorted(STYLES)),
    district=st.sampled_from([*sorted({w.district for w in OLD.wards}), "TP.HCM", "Quận 99"]),
    seed=st.integers(0, 10_000),
)
def test_a_ward_said_to_lie_in_any_district_is_placed_right_or_not_at_all(
    ward: OldWard, style: str, district: str, seed: int
):
    """Where the district is not the ward's own, only a ward of that name there may be found."""
    placed = GAZETTEER.place(STYLES[style](house(Random(seed)), ward.name, district))
    if not placed.ward or district in ("TP.HCM", "Quận 99"):
        return
    here = [w.now for w in OLD.wards if w.district == district]

    assert any(placed.ward in now for now in here)


def test_a_number_that_is_used_again_does_not_mix_two_wards():
    """26740 was Phường Bến Nghé, whole, and is Phường Sài Gòn with parts of others."""
    assert UNITS["79-26740"].name == "Phường Sài Gòn"
    assert UNITS["79-26740"].gso_code == "26740"
    assert not OLD.units.keys() & UNITS.by_id.keys()
    past = load(config_dir("hcmc-2015")).units
    assert {u.id for u in WARDS} & past.by_id.keys() == set()


def test_a_city_without_old_places_reads_as_it_did():
    units = Units.of([Unit("a", "Xã A", "ward"), Unit("b", "Xã B", "ward")])
    plain, none = Gazetteer.of(units), Gazetteer.of(units, {}, OldPlaces())

    for text in ("Xã A", "Xã B, Quận 1", "Xã C", ""):
        assert plain.place(text) == none.place(text)


def table_of_outcomes() -> list[str]:
    """The rows of the page's table, as measured."""
    rows = []
    for province in dict.fromkeys(ward.province for ward in OLD.wards):
        mine = [(w, f) for w, f in outcomes().items() if w.province == province]
        total = sum((f for _, f in mine), Counter[str]())
        rows.append(_row(f"{province}, cũ", len(mine), total))
    new = Counter(
        outcome(GAZETTEER.place(text), (ward.id,)) for ward in WARDS for text in new_addresses(ward)
    )
    return [*rows, _row("Địa chỉ mới", len(WARDS), new)]


def _row(name: str, wards: int, found: Counter[str]) -> str:
    total = sum(found.values())
    counts = " | ".join(f"{found[k]:,}" for k in ("placed", "to a person", "misplaced"))
    return f"| {name} | {wards} | {total:,} | {counts} |"


def test_the_page_tells_the_very_figures():
    page = (ROOT / "docs" / "old-addresses.md").read_text(encoding="utf-8")

    assert [row for row in table_of_outcomes() if row not in page.splitlines()] == []


# --- an office that no address names --------------------------------------------------------------


def _of_two_offices() -> tuple[Unit, Unit]:
    """Two wards of different offices, each with a name that no other ward has."""
    names = Counter(unit.name.split(" ", 1)[1] for unit in WARDS)
    lone = [unit for unit in WARDS if names[unit.name.split(" ", 1)[1]] == 1 and unit.parent]
    return lone[0], next(unit for unit in lone if unit.parent != lone[0].parent)


@pytest.mark.parametrize("in_free_text", [False, True])
def test_beside_an_offices_name_a_ward_is_one_of_its_own_or_nobody_can_tell(in_free_text: bool):
    """A hospital's column of the district holds `BHXH cơ sở …` since there are no districts."""
    own, other = _of_two_offices()
    office = UNITS[own.parent]

    def place(name: str) -> Placed:
        columns = (
            ("", office.name, "", f"12 Lê Lợi, {name}") if in_free_text else (name, office.name)
        )
        return GAZETTEER.place_parts(*columns)

    assert place(own.name) == Placed(own.id, office.id, "ward")
    assert place(other.name) == Placed("", office.id, "district")
    assert GAZETTEER.place_parts("", office.name) == Placed("", office.id, "district")
    assert GAZETTEER.place_parts(own.name, office.name, "Long An").how == "elsewhere"


def test_the_old_wards_of_a_ward_of_today_are_those_that_lie_in_it_whole():
    whole = OldWard("TP. Hồ Chí Minh", "Quận 1", "Phường Bến Nghé", ("n1",))
    second = OldWard("TP. Hồ Chí Minh", "Quận 1", "Phường Đa Kao", ("n1",))
    divided = OldWard("TP. Hồ Chí Minh", "Quận 1", "Phường Tân Định", ("n1", "n2"))
    bare = OldWard("TP. Hồ Chí Minh", "Huyện Côn Đảo", "", ("n3",))

    found = OldPlaces((whole, second, divided, bare)).wards_of
    assert found == {"n1": (whole, second)}
