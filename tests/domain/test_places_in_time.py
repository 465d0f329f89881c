"""Which places an address means depends on the day: names are used again, and old ones go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.places.in_time import gazetteer_of, wrong_aliases
from bhyt_filedrop.domain.places.names import alias_problems
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces, OldWard
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.units import Unit, Units

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)
UNITS = replace(
    Units.of(
        [
            Unit("760", "Quận 1", "district", valid_to=JUNE, successors=("cs",)),
            Unit("26740", "Phường Bến Nghé", "ward", "760", "26740", valid_to=JUNE,
                 successors=("n1",)),
            Unit("26734", "Phường Tân Định", "ward", "760", valid_to=JUNE, successors=("n2",)),
            Unit("26737", "Phường Đa Kao", "ward", "760", valid_to=JUNE, successors=("n1", "n2")),
            Unit("778", "Quận 7", "district", valid_to=JUNE, successors=("cs",)),
            Unit("27490", "Phường Tân Hưng", "ward", "778", valid_to=JUNE),
            Unit("cs", "BHXH cơ sở Tân Định", "office", valid_from=JULY),
            Unit("n1", "Phường Sài Gòn", "ward", "cs", "26740", valid_from=JULY),
            Unit("n2", "Phường Tân Định", "ward", "cs", valid_from=JULY),
        ]
    ),
    authority=Authority("TP. Hồ Chí Minh", "Thành phố", "TP.HCM"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "then", "now"),
    [
        ("12 Lê Lợi, Phường Bến Nghé, Quận 1", "26740", "n1"),
        ("12 Lê Lợi, Phường Bến Nghé", "26740", "n1"),
        ("8 Hai Bà Trưng, P. Tân Định, Q.1", "26734", "n2"),
        ("8 Hai Bà Trưng, P. Tân Định", "26734", "n2"),
        ("12 Lê Lợi, Phường Sài Gòn", "", "n1"),
    ],
)
def test_a_name_means_the_ward_that_is_there_on_the_day(address: str, then: str, now: str):
    for day, ward in ((JUNE, then), (JULY, now)):
        assert gazetteer_of(UNITS.at(day), {}, NOTHING_OLD).place(address).ward == ward


def test_a_divided_ward_is_placed_by_nobody_and_its_candidates_are_named():
    placed = gazetteer_of(UNITS.at(JULY), {}, NOTHING_OLD).place(
        "1 Đinh Tiên Hoàng, Đa Kao, Quận 1"
    )

    assert (placed.ward, set(placed.candidates)) == ("", {"n1", "n2"})


def test_a_ward_that_nobody_took_over_is_placed_nowhere():
    assert gazetteer_of(UNITS.at(JULY), {}, NOTHING_OLD).place("P. Tân Hưng, Q7").ward == ""


def test_the_table_of_old_places_speaks_before_what_follows_from_the_units():
    whole = OldPlaces((OldWard("Thành phố Hồ Chí Minh", "Quận 1", "Phường Đa Kao", ("n2",)),))
    found = gazetteer_of(UNITS.at(JULY), {}, whole)

    assert found.place("1 Đinh Tiên Hoàng, Đa Kao, Quận 1").ward == "n2"
    assert found.place("Phường Bến Nghé, Quận 1").ward == "n1"


def test_before_the_day_the_table_of_old_places_means_nothing():
    table = OldPlaces((OldWard("Thành phố Hồ Chí Minh", "Quận 1", "Phường Bến Nghé", ("n1",)),))

    assert gazetteer_of(UNITS.at(JUNE), {}, table).place("P. Bến Nghé, Q.1").ward == "26740"


def test_an_alias_of_any_day_is_none_that_is_wrong():
    aliases = {"SG": "Phường Sài Gòn", "BN": "Phường Bến Nghé", "?": "Phường Không Có"}

    assert set(wrong_aliases(UNITS, aliases, NOTHING_OLD)) == {"?"}
    assert gazetteer_of(UNITS.at(JULY), aliases, NOTHING_OLD).place("phường SG").ward == "n1"


def test_of_an_alias_that_is_wrong_on_every_day_is_told_what_is_wrong_today():
    """There was such a ward, but never such a district; today there is no such ward either."""
    alias = {"Đa Kao, Quận Chín Mươi": "Phường Tân Hưng"}
    then, now = (alias_problems(UNITS.at(day), alias) for day in (JUNE, JULY))

    assert wrong_aliases(UNITS, alias, NOTHING_OLD) == now
    assert now != then and now.keys() == then.keys()


def test_a_city_s_name_behind_a_comma_is_not_the_ward_of_that_name():
    book = gazetteer_of(UNITS.at(JULY), {"Sài Gòn": "trong thành phố"}, NOTHING_OLD)

    assert book.place("12 Lê Lợi, Phường Sài Gòn").ward == "n1"
    assert book.place("12 Lê Lợi, Phường, Sài Gòn").ward == ""


def test_a_city_without_districts_knows_no_old_one_and_takes_a_town_for_a_place_elsewhere():
    book = gazetteer_of(
        Units.of([Unit("cs", "BHXH cơ sở", "office"), Unit("n", "Phường Sài Gòn", "ward", "cs")]),
        {}, NOTHING_OLD,
    )  # fmt: skip

    assert book.place("12 Lê Lợi, Quận Lạ, Phường Sài Gòn").ward == "n"
    assert book.place("12 Lê Lợi, TP. Lạ, Phường Sài Gòn").ward == ""
