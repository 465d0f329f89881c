"""Today's city in the simulator: hospitals write old and new addresses, and nobody is misplaced."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.demo import LAST_MORNING
from bhyt_filedrop.simulate.quarter.population import Person, Population, populate
from bhyt_filedrop.wiring.daemon import wired


@cache
def today() -> Settings:
    return load(config_dir("hcmc-2025"))


@cache
def people() -> Population:
    return populate(today().units, Round(2015, 1), 3000, 1, today().old_places)


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.of(today().units, today().aliases, today().old_places)


def outcome(person: Person) -> str:
    found = gazetteer().place(person.address).ward
    if not found:
        return "to a person"
    return "placed" if found == person.child.ward else "misplaced"


def test_hospitals_write_old_and_new_names():
    old = {ward.district for ward in today().old_places.wards}
    said = Counter(person.place[1] in old for person in people().people)

    assert min(said[True], said[False]) > len(people().people) / 4


def test_nobody_is_misplaced_and_next_to_all_are_placed():
    told = Counter(
        outcome(p) for p in people().people if p.readable and not p.cut and not p.outside
    )

    assert told["misplaced"] == 0
    assert told["placed"] >= 0.99 * told.total()


def test_what_a_program_cut_off_is_placed_right_or_not_at_all():
    assert [p.address for p in people().people if p.cut and outcome(p) == "misplaced"] == []


def test_split_columns_are_placed_as_the_address_is():
    for person in people().people[:1000]:
        found = gazetteer().place_parts(*person.place, "Thành phố Hồ Chí Minh")
        assert found.ward in ("", person.child.ward), person.place


def test_a_clerk_who_names_the_office_and_the_ward_is_understood():
    units = today().units
    for ward in units.of_level("ward"):
        placed = gazetteer().place_parts(ward.name, units[ward.parent].name)
        assert (placed.ward, placed.district) == (ward.id, ward.parent)


def test_a_ward_of_another_office_is_not_taken():
    placed = gazetteer().place_parts("Phường Sài Gòn", "BHXH cơ sở Côn Đảo")

    assert (placed.ward, placed.how) == ("", "district")


def bare(name: str) -> str:
    """A ward's name without its mark, as a column headed Phường/xã is filled in."""
    words = name.split(" ")
    return " ".join(words[2 if words[0] == "Đặc" else 1 :])


def test_a_column_that_names_a_ward_without_its_mark_means_the_ward_of_today():
    """`Vĩnh Lộc` is a xã, and Bình Khánh is one today, whatever phường was called so before."""
    units = today().units
    for ward in units.of_level("ward"):
        for office in ("", units[ward.parent].name):
            assert gazetteer().place_parts(bare(ward.name), office).ward == ward.id, ward.name


def test_beside_its_old_district_a_name_without_its_mark_is_the_old_wards():
    assert gazetteer().place_parts("Bình Khánh", "Quận 2").ward == "79-27094"
    assert gazetteer().place_parts("Bình Khánh", "Huyện Cần Giờ").ward == "79-27667"


def test_the_story_of_the_demo_is_told_of_todays_offices_too(tmp_path: Path):
    """What happened before its last morning is played; that morning's files lie in the folders."""
    site = tmp_path / "demo"
    ran = CliRunner().invoke(cli, ["demo", "--dir", str(site), "--city", "hcmc-2025"])
    assert ran.exit_code == 0, ran.output

    settings = load(site / "config")
    with wired(settings, lambda: LAST_MORNING) as running:
        before = [drop for drop in running.books.drops.arrivals(limit=500) if not drop.is_own]
    lie = [p for p in (site / "tree").rglob("*") if p.is_file() and p.name in LAST_FILES]

    assert {str(drop.state) for drop in before} == {"accepted"}
    assert len(lie) == len(LAST_FILES)
    assert "BHXH cơ sở" in ran.output


LAST_FILES = (
    "KQ quy 1.xlsx", "danh sach sua lai.xlsx", "Bao cao mau 3 - Q1.xlsx",
    "cong van kem theo.pdf", "danh sach.exe", "mau 3 dang tai.xlsx",
)  # fmt: skip
