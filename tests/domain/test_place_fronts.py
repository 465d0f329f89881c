"""An address whose street says nothing of places is read by what stands behind it: for whatever
street that is taken, the answer is the one that reading the whole address gives."""

from __future__ import annotations

from random import Random

import pytest

from bhyt_filedrop.domain.places import gazetteer
from bhyt_filedrop.domain.places.fronts import Fronts
from bhyt_filedrop.domain.places.gazetteer import Gazetteer, Placed
from bhyt_filedrop.domain.places.reading import AddressReading
from bhyt_filedrop.resources import cities, config_dir
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.addresses import STYLES, place_of
from tests.addresses import STREETS

TRAPS = (
    *STREETS, "cư", "thị", "cư xá", "lầu 3", "lô", "block B", "ba", "Bà", "9", "ấp 3", "khu phố 2",
    "tổ 5", "P. 12", "Q3", "Bà Rịa", "Vũng Tàu", "tỉnh", "T.", "tỉnh lộ 10", "xã", "hẻm 5", "12A",
    "chung cư", "Phường", "TP", "Sài Gòn", "Bình Dương", "- Hoa", "duong", "Xuan Hong", "x",
)  # fmt: skip
HOUSES = ("12", "12/3", "480", "3/2/1", "", "12A", "Số 5", "7 - 9")


def whole(book: Gazetteer, address: str) -> Placed:
    return book._read(AddressReading(book.book, address))


def front(rng: Random) -> str:
    return " ".join([rng.choice(HOUSES), *rng.choices(TRAPS, k=rng.randint(0, 4))]).strip()


def ends(settings: Settings, rng: Random) -> list[str]:
    """What may stand behind a street: sound, cut off, of elsewhere, without level or ward."""
    units = settings.units
    wards = units.of_level("ward")
    found = []
    for ward in rng.choices(wards, k=150):
        names = place_of(ward, units)
        style = rng.choice([*STYLES.values()])
        end = style("@", *names)[1:]
        other = rng.choice(wards).name.partition(" ")[2]
        found += [end, end[: rng.randint(1, len(end))], f", {other}{end}", f", {other}, {names[1]}"]
        found += [f", {names[1]}", f" - {other}, TP.HCM", f", {other}, tỉnh Bà Rịa - Vũng Tàu"]
    return found


@pytest.mark.parametrize("city", cities())
def test_a_street_before_known_places_changes_nothing_by_having_been_read_before(city):
    settings = load(config_dir(city))
    book = Gazetteer.of(settings.units, settings.aliases, settings.old_places)
    rng = Random(1331)
    behind = ends(settings, rng)

    for _ in range(6_000):
        address = front(rng) + rng.choice(behind)
        for cut in (address, address[:30]):
            assert book.place(cut) == whole(book, cut), cut
    assert len(book._by_end) > 100


def test_of_houses_in_one_ward_only_the_first_is_read_whole(monkeypatch):
    settings = load(config_dir())
    book = Gazetteer.of(settings.units, settings.aliases, settings.old_places)
    read: list[str] = []

    def counted(names: object, address: str) -> AddressReading:
        read.append(address)
        return AddressReading(book.book, address)

    monkeypatch.setattr(gazetteer, "AddressReading", counted)
    for house in range(1, 200):
        assert book.place(f"{house}/2 Hoa Sứ, Phường 5, Quận 3").ward

    assert len(read) < 10  # each length at which a field may have been cut counts as another


def test_ends_are_forgotten_when_there_are_too_many(monkeypatch):
    settings = load(config_dir())
    book = Gazetteer.of(settings.units, settings.aliases, settings.old_places)
    monkeypatch.setattr(gazetteer, "_ENDS", 3)

    for number in range(1, 12):
        assert book.place(f"12 Hoa Sứ, Phường {number}, Quận 3").how == "ward"
        assert len(book._by_end) <= 3


@pytest.mark.parametrize(
    "word",
    ["phường", "P", "xã", "thị trấn", "quận", "H", "TP", "tỉnh", "T", "lầu", "tầng", "block", "lô",
     "cư xá", "Bà Rịa"],
)  # fmt: skip
def test_a_street_with_a_word_that_may_say_something_of_a_place_is_not_read_apart(word: str):
    settings = load(config_dir("hcmc-2025"))
    fronts = Fronts(Gazetteer.of(settings.units, settings.aliases, settings.old_places).book)

    assert fronts.split("12 Hoa Sứ, Phường Sài Gòn")
    assert fronts.split(f"12 Hoa Sứ {word}, Phường Sài Gòn") is None


def test_an_address_without_a_comma_or_longer_than_any_has_no_front():
    settings = load(config_dir())
    fronts = Fronts(Gazetteer.of(settings.units, settings.aliases).book)
    at_most = "12 Hoa Sứ, Quận 1".ljust(300, "a")

    assert fronts.split("12 Hoa Sứ Quận 1") is None
    assert fronts.split(at_most) and fronts.split(f"{at_most}a") is None
