"""Addresses go to the right ward, or are said to be unclear; never to a wrong one."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.places.gazetteer import Gazetteer, Placed
from bhyt_filedrop.domain.places.names import alias_problems, split_level
from bhyt_filedrop.domain.places.reading import cuts_of
from bhyt_filedrop.domain.places.tokens import words_of
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.addresses import (
    HARDER,
    STYLES,
    addresses,
    bare,
    shipped_aliases,
    shipped_units,
    short,
)

UNITS = shipped_units()
GAZETTEER = Gazetteer.of(UNITS, shipped_aliases())


def named(placed: Placed) -> tuple[str, str]:
    """Ward and district by name, as a person would check them."""
    ward = UNITS[placed.ward].name if placed.ward else ""
    return ward, UNITS[placed.district].name if placed.district else ""


def is_wrong(placed: Placed, ward: Unit) -> bool:
    return placed.ward not in ("", ward.id) or placed.district not in ("", ward.parent)


@pytest.mark.parametrize("style", [*STYLES, *HARDER])
def test_99_of_100_addresses_of_every_clerks_style_find_their_ward_and_none_a_wrong_one(style):
    write = {**STYLES, **HARDER}[style]
    written = list(addresses(UNITS, Random(2015), write, each=2))

    placed = [(GAZETTEER.place(address), ward) for address, ward in written]

    assert len(placed) == 2 * 322
    assert not [ward for found, ward in placed if is_wrong(found, ward)]
    right = sum(found.ward == ward.id and found.district == ward.parent for found, ward in placed)
    assert right / len(placed) >= 0.99


def test_quan_1_at_the_end_of_a_full_field_may_be_quan_10():
    five = [Unit(f"5/{n}", "Phường 5", "ward", n) for n in ("1", "10")]
    book = Gazetteer.of(Units.of([*(Unit(n, f"Quận {n}", "district") for n in ("1", "10")), *five]))

    assert book.place("12 Hoa Sứ, Phường 5, Quận 1").ward == "5/1"
    assert book.place("12 Hoa Sứ, Phường 5, Quận 1".rjust(30, "1")).ward == ""


def test_one_letter_is_no_place_whatever_stands_before_it():
    assert named(GAZETTEER.place("12 H. B, Phường Bến Nghé")) == ("Phường Bến Nghé", "Quận 1")
    assert named(GAZETTEER.place("12 H. Bx, Phường Bến Nghé")) == ("", "")


@pytest.mark.parametrize("length", [30, 40, 50])
def test_an_address_cut_at_the_length_of_a_data_field_is_never_misplaced(length):
    for style in {**STYLES, **HARDER}.values():
        for address, ward in addresses(UNITS, Random(length), style, each=1):
            assert not is_wrong(GAZETTEER.place(address[:length]), ward), address[:length]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), styles=st.sampled_from([*STYLES, *HARDER]))
def test_writing_an_address_in_capitals_or_lower_case_changes_nothing(seed, styles):
    write = {**STYLES, **HARDER}[styles]
    rng = Random(seed)
    ward = rng.choice(UNITS.of_kind("ward"))
    address = write(rng, ward, UNITS[ward.parent])

    assert not is_wrong(GAZETTEER.place(address.upper()), ward)
    assert not is_wrong(GAZETTEER.place(address.lower()), ward)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_can_be_asked_about(text):
    placed = GAZETTEER.place(text)

    assert placed.how in {"ward", "ward-alone", "district", "ambiguous", "elsewhere", "nothing"}
    assert not placed.ward or UNITS[placed.ward].parent == placed.district


@pytest.mark.parametrize(
    ("address", "ward", "district"),
    [
        ("12/3 Nguyễn Trãi, P. Bến Thành, Q.1", "Phường Bến Thành", "Quận 1"),
        ("P5 Q3", "Phường 05", "Quận 3"),
        ("P5Q3", "Phường 05", "Quận 3"),
        ("F.5, Q.3", "Phường 05", "Quận 3"),
        ("phường 05 quận 03", "Phường 05", "Quận 3"),
        ("Q.III P.5", "Phường 05", "Quận 3"),
        ("xã Tân Thạnh Đông, H. Củ Chi", "Xã Tân Thạnh Đông", "Huyện Củ Chi"),
        ("ap 3 xa Tan Thanh Dong huyen Cu Chi", "Xã Tân Thạnh Đông", "Huyện Củ Chi"),
        ("ấp 3 Tân Thạnh Đông Củ Chi", "Xã Tân Thạnh Đông", "Huyện Củ Chi"),
        ("TT. Củ Chi", "Thị trấn Củ Chi", "Huyện Củ Chi"),
        ("P.4, Tân Bình, TP. Hồ Chí Minh, Việt Nam", "Phường 04", "Quận Tân Bình"),
        ("P.1 Q.BThạnh", "Phường 01", "Quận Bình Thạnh"),
        ("P.1, Q.BT", "Phường 01", "Quận Bình Thạnh"),
        ("P.5, QTB", "Phường 05", "Quận Tân Bình"),
        ("P7 P.Nhuận", "Phường 07", "Quận Phú Nhuận"),
        ("P.BHH A, Q.Bình Tân", "Phường Bình Hưng Hoà A", "Quận Bình Tân"),
        ("P.Tân Quí, Q. Tân Phú", "Phường Tân Quý", "Quận Tân Phú"),
        ("P. Linh Trung, TP. Thủ Đức", "Phường Linh Trung", "Quận Thủ Đức"),
        ("Phước Kiểng, Nhà Bè", "Xã Phước Kiển", "Huyện Nhà Bè"),
        ("P. Bình Thuận, Q7", "Phường Bình Thuận", "Quận 7"),
        ("Ph\u00adêng 5, QuËn 3", "Phường 05", "Quận 3"),
    ],
)
def test_the_usual_ways_of_writing_a_place_are_understood(address, ward, district):
    assert named(GAZETTEER.place(address)) == (ward, district)


@pytest.mark.parametrize(
    ("address", "ward", "district"),
    [
        ("12 Nguyễn Thái Bình, P. 4, Q. Tân Bình", "Phường 04", "Quận Tân Bình"),
        ("12 Nguyễn Thái Bình, Quận 1", "", "Quận 1"),
        ("12 Phạm Ngũ Lão Quận 1", "", "Quận 1"),
        ("12 Lê Lợi, Phạm Ngũ Lão, Quận 3", "", "Quận 3"),
        ("445 Tân Phú, P. Phú Mỹ, Quận 7", "Phường Phú Mỹ", "Quận 7"),
        ("2 Bà Huyện Thanh Quan P7 Q3", "Phường 07", "Quận 3"),
        ("19 Bà Huyện Thanh Quan X. Hòa Phú H. Củ Chi", "Xã Hòa Phú", "Huyện Củ Chi"),
        ("cư xá Phú Lâm, P13, Q6", "Phường 13", "Quận 6"),
        ("12 Lê Lợi, Nguyễn Thái Bình, Q1", "Phường Nguyễn Thái Bình", "Quận 1"),
    ],
)
def test_a_street_with_the_name_of_a_ward_or_district_misleads_nobody(address, ward, district):
    assert named(GAZETTEER.place(address)) == (ward, district)


@pytest.mark.parametrize(
    ("address", "ward"),
    [
        ("P.502 chung cư A, P.5, Q.3", "Phường 05"),
        ("P.12B, P.5, Q.3", "Phường 05"),
        ("lầu 3 P.12, Q.3", ""),
        ("P.12 chung cư A, Q.3", ""),
        ("P.12, nhà 4, P.5, Q.3", "Phường 05"),
    ],
)
def test_a_room_number_is_not_taken_for_a_ward(address, ward):
    assert named(GAZETTEER.place(address)) == (ward, "Quận 3")


@pytest.mark.parametrize(
    "address",
    [
        "P. Tân Phú, TP.HCM",  # Quận 7 or Quận 9
        "P. Bến Thành, Q.3",  # they disagree
        "P.5, Q.3, Q.5",
        "12 Hoa Sứ, Tân Phú",  # the district, or a ward of Quận 7 or 9
        "P.28",  # may be a room
        "P.5, Q.1",  # Quận 1 has no numbered wards: cut from Quận 10 or 11?
    ],
)
def test_where_two_readings_remain_nothing_is_guessed(address):
    assert GAZETTEER.place(address) == Placed("", "", "ambiguous")


@pytest.mark.parametrize(
    ("address", "how"),
    [
        ("xã Tân Phú, huyện Tân Phú, Đồng Nai", "elsewhere"),
        ("Xã Đức Hòa, Long An", "elsewhere"),
        ("phường Tân Bình, Dĩ An", "nothing"),
        ("P. Hiệp Thành, TX Thủ Dầu Một", "nothing"),
        ("xã Bình Mỹ, huyện Châu Phú", "nothing"),
        ("huyện Tân Phú", "nothing"),
        ("12", "nothing"),
        ("", "nothing"),
    ],
)
def test_an_address_in_another_province_is_placed_nowhere(address, how):
    assert GAZETTEER.place(address) == Placed("", "", how)


@pytest.mark.parametrize(
    ("address", "ward", "district"),
    [
        ("12/3 Nguyễn Trãi, P. Bến Thàn", "Phường Bến Thành", "Quận 1"),
        ("12 Lê Lợi, P. 4, Q. Tân B", "Phường 04", "Quận Tân Bình"),
        ("12 Lê Lợi, P. 4, Q. Tân", "Phường 04", "Quận Tân Bình"),
        ("12 Lê Lợi, P. 5, Phú Nhu", "Phường 05", "Quận Phú Nhuận"),
        ("12/3 Nguyễn Trãi, P. Bến Thành, TP.H", "Phường Bến Thành", "Quận 1"),
        ("54 Lê Lợi P.Tân Chánh Hiệp Q.1", "Phường Tân Chánh Hiệp", "Quận 12"),
        ("21/3 khu phố 4 - P.Tân Thới H", "", ""),
        ("21/3 khu phố 4 - P.Tân Hưng Th", "", ""),
        ("123 Hương lộ 2, P. Bình Hưng H", "", "Quận Bình Tân"),
    ],
)
def test_a_name_cut_off_at_the_end_counts_where_it_can_only_be_one(address, ward, district):
    assert named(GAZETTEER.place(address)) == (ward, district)


def test_a_room_before_a_name_that_was_cut_does_not_hide_it():
    """30 letters are what the data field held."""
    address = f"{12:07} Lê Lợi, P.502 P. Bến Thàn"

    assert len(address) == 33
    assert named(GAZETTEER.place(address[3:])) == ("Phường Bến Thành", "Quận 1")


def test_a_place_that_moved_to_another_district_is_found_there():
    """130/2003/NĐ-CP made Tân Phú and Bình Tân of parts of Tân Bình and Bình Chánh."""
    assert named(GAZETTEER.place("P. 19, Q. Tân Bình")) == ("", "Quận Tân Phú")
    assert named(GAZETTEER.place("xã Tân Tạo, H. Bình Chánh")) == ("", "Quận Bình Tân")


def test_an_address_split_into_columns_needs_no_level_words():
    assert named(GAZETTEER.place_parts("05", "3")) == ("Phường 05", "Quận 3")
    assert named(GAZETTEER.place_parts("Bến Nghé", "Quận 1")) == ("Phường Bến Nghé", "Quận 1")
    assert named(GAZETTEER.place_parts("Xã Tân Kiên", "Bình Chánh")) == (
        "Xã Tân Kiên",
        "Huyện Bình Chánh",
    )
    assert named(GAZETTEER.place_parts("", "Gò Vấp")) == ("", "Quận Gò Vấp")
    assert GAZETTEER.place_parts("", "") == Placed()


_KNOWN_NAMES = {
    " ".join(split_level(words_of(name))[1])
    for name in [*(unit.name for unit in UNITS), *shipped_aliases()]
}
_SYLLABLES = ("Lạ", "Xuyên", "Đắk", "Mường", "Phú", "Tân", "Bình", "Thới", "Hưng", "Long", "Kỳ")
_NAMES_OF_WARDS = [n for u in UNITS.of_kind("ward") if (n := bare(u.name))[-1].isalpha()]


def _begins(known: str, name: str) -> bool:
    """A name's beginning may be the name itself, cut off."""
    return known.startswith(" ".join(words_of(name)))


_INVENTED = st.one_of(
    st.lists(st.sampled_from(_SYLLABLES), min_size=2, max_size=3).map(" ".join),
    st.integers(29, 60).map(str),
).filter(lambda name: not any(_begins(known, name) for known in _KNOWN_NAMES))
_WARD_MARKS = ("Phường", "phường", "P.", "P. ", "F.", "PHƯỜNG", "phuong")
_SPOKEN_MARKS = ("Xã", "xã", "X. ", "Thị trấn", "TT. ")
_DISTRICT_MARKS = ("Quận", "Q. ", "Huyện", "H. ", "Thành phố", "TP. ", "Thị xã", "TX. ")


@settings(max_examples=600, deadline=None)
@given(
    invented=_INVENTED,
    mark=st.sampled_from([*_WARD_MARKS, *_SPOKEN_MARKS]),
    beside=st.sampled_from(_NAMES_OF_WARDS),
    lead=st.sampled_from(["", "12 Lê Lợi, ", "ấp 3, ", "45/2 Hoa Sứ "]),
    tail=st.sampled_from(["", ", TP.HCM", ", Quận 3", ", Tân Bình", ", Q.1, TP. Hồ Chí Minh"]),
)
def test_beside_a_marked_ward_that_nobody_knows_no_name_is_taken_for_the_ward(
    invented, mark, beside, lead, tail
):
    if invented.isdigit() and mark in _SPOKEN_MARKS:
        mark = "Phường"
    for address in (
        f"{lead}{mark} {invented}, {beside}{tail}",
        f"{lead}{mark} {invented}{tail}",
        f"{beside}, {mark} {invented}{tail}",
    ):
        assert GAZETTEER.place(address).ward == "", address


@settings(max_examples=600, deadline=None)
@given(
    invented=_INVENTED.filter(lambda name: not name.isdigit()),
    mark=st.sampled_from(_DISTRICT_MARKS),
    ward=st.sampled_from(UNITS.of_kind("ward")),
    write=st.sampled_from([lambda unit: unit.name, lambda unit: short(unit.name, " ")]),
    tail=st.sampled_from(["", ", An Giang", ", Việt Nam"]),
)
def test_in_a_marked_district_that_nobody_knows_no_ward_of_the_city_is_meant(
    invented, mark, ward, write, tail
):
    placed = GAZETTEER.place(f"12 Lê Lợi, {write(ward)}, {mark} {invented}{tail}")

    assert (placed.ward, placed.district) == ("", "")


@pytest.mark.parametrize(
    ("address", "district"),
    [
        ("Phường 30, Bến Thành", ""),
        ("xã Lạ, Phú Mỹ", ""),
        ("Phường 7, Thành phố Vũng Tàu", ""),
        ("Phường 4, tỉnh Lạ", ""),
        ("Phường Tân Phú Lạ, Quận 7", "Quận 7"),
        ("P.30, Q.3", "Quận 3"),
    ],
)
def test_an_unknown_place_with_its_level_is_never_read_over(address, district):
    assert named(GAZETTEER.place(address)) == ("", district)


@pytest.mark.parametrize(
    "address",
    [
        "TT Y tế dự phòng, P.5, Q.3",
        "12 Bà Huyện Thanh Quan, Phường 05, Quận 3",
        "Tỉnh lộ 10, Phường 05, Quận 3",
        "TP.HCM, Quận 3, Phường 05",
        "Lô P chung cư, P.5, Quận 3",
        "12 Nguyễn Tri Phương, Phường 05, Quận 3",
    ],
)
def test_words_that_look_like_a_level_put_no_known_place_in_doubt(address):
    assert named(GAZETTEER.place(address)) == ("Phường 05", "Quận 3")


def test_a_city_in_a_column_of_its_own_counts():
    """Bình Mỹ is a xã of Củ Chi, and of An Giang."""
    assert GAZETTEER.place_parts("Xã Bình Mỹ", "", "Tỉnh An Giang") == Placed(how="elsewhere")
    assert GAZETTEER.place_parts("Xã Bình Mỹ", "", "Tỉnh Lạ") == Placed(how="elsewhere")
    assert GAZETTEER.place_parts("", "", "An Giang", "P.5, Q.3") == Placed(how="elsewhere")
    assert named(GAZETTEER.place_parts("Xã Bình Mỹ", "", "TP. Hồ Chí Minh")) == (
        "Xã Bình Mỹ",
        "Huyện Củ Chi",
    )
    assert named(GAZETTEER.place_parts("", "", "79", "P.5, Q.3")) == ("Phường 05", "Quận 3")


def test_an_unknown_ward_in_its_column_is_not_overruled_by_the_street():
    placed = GAZETTEER.place_parts("Lạ", "", "TP.HCM", "12 Lê Lợi, Bến Thành")

    assert placed == Placed()


def test_a_city_without_districts_places_by_ward_alone():
    """Since 07/2025 there are communes only: places are configuration."""
    units = Units.of([Unit("1", "Phường Sài Gòn", "ward"), Unit("2", "Xã Củ Chi", "ward")])
    gazetteer = Gazetteer.of(units, {"TP.HCM": "trong thành phố"})

    assert gazetteer.place("12 Hoa Sứ, P. Sài Gòn, TP.HCM") == Placed("1", "", "ward-alone")
    assert gazetteer.place("ấp 3, xã Củ Chi") == Placed("2", "", "ward-alone")


@pytest.mark.parametrize(
    "aliases",
    [
        {"Q.ABC": "Quận 99"},
        {"Q.X": "Quận 1|Quận 99"},
        {"Phường 1, Quận 99": "Quận 1"},
        {"..": "Quận 1"},
    ],
)
def test_an_alias_that_means_no_unit_is_named(aliases):
    with pytest.raises(ValueError, match="place alias"):
        Gazetteer.of(UNITS, aliases)


def test_all_bad_aliases_are_named_at_once_and_good_ones_are_not():
    problems = alias_problems(UNITS, {**shipped_aliases(), "Q.ABC": "Quận 99", "": "Quận 1"})

    assert set(problems) == {"Q.ABC", ""}
    assert "Quận 99" not in problems[""]


def test_the_province_s_own_name_is_known_without_an_alias():
    """It stands in `[authority]`; aliases only add what people call it besides."""
    plain = Gazetteer.of(UNITS, {"An Giang": "ngoài thành phố"})
    split = ("Phường Bến Nghé", "Quận 1")

    assert plain.place_parts(*split, "Thành phố Hồ Chí Minh").ward == "26740"
    assert plain.place_parts(*split, "An Giang").how == "elsewhere"
    assert plain.place("1 Hoa Sứ, Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh").ward == "26740"


def test_an_address_as_long_as_a_field_of_a_data_base_may_have_been_cut():
    """Or one or two shorter: a blank at the cut was trimmed."""
    fields = {30, 40, 50, 60, 64, 80, 100, 120, 128, 150, 200, 255}
    lengths = range(300)

    assert {n for n in lengths if cuts_of("x" * n, "")[0]} == {
        n - t for n in fields for t in range(3)
    }
    assert {n for n in lengths if cuts_of("x" * n, "")[1]} == fields
    assert {n for n in lengths if cuts_of("", "x" * n)[1]} == {n - 1 for n in fields}


def test_an_old_ward_may_be_a_ward_of_another_name_today():
    moved = {"Phường 19, Quận Tân Bình": "Phường Tân Quý, Quận Tân Phú"}
    places = Gazetteer.of(UNITS, {**shipped_aliases(), **moved})

    assert named(places.place("12 Hoa Sứ, P. 19, Q. Tân Bình")) == (
        "Phường Tân Quý", "Quận Tân Phú",
    )  # fmt: skip


def test_a_bare_name_that_a_phuong_and_a_xa_have_is_either_and_a_person_chooses():
    units = [Unit("1", "Phường An Lạc", "ward"), Unit("2", "Xã An Lạc", "ward")]
    places = Gazetteer.of(Units.of([*units, Unit("3", "Xã Củ Chi", "ward")]))

    found = places.place_parts("An Lạc", "")
    assert (found.ward, found.how, found.candidates) == ("", "ambiguous", ("1", "2"))
    assert places.place_parts("Xã An Lạc", "").ward == "2"
    assert places.place_parts("Củ Chi", "").ward == "3"
