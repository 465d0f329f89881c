"""Cities: what ships for each over what all share, and what becomes of sites there already."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop import resources
from bhyt_filedrop.cli import cli
from bhyt_filedrop.settings import ConfigError, layers, load
from bhyt_filedrop.site.lay_out import SiteError, init
from tests.sites import copied_config, local_tree, one_district, replaced, written

TODAY = "hcmc-2025"


@pytest.mark.parametrize("city", resources.cities())
def test_a_site_of_a_city_means_what_ships_for_it(city: str, tmp_path: Path):
    shipped, site = load(resources.config_dir(city)), load(copied_config(tmp_path, city))

    assert (site.city, site.units, site.process) == (city, shipped.units, shipped.process)
    assert (site.forms, site.aliases, site.holidays) == (
        shipped.forms, shipped.aliases, shipped.holidays,
    )  # fmt: skip


def test_a_city_copies_nothing_that_all_share():
    shared = set(layers.files(resources.shipped("config")))

    for city in resources.cities():
        assert not shared & set(layers.files(resources.config_dir(city))), city


def test_today_each_commune_is_below_one_of_36_offices():
    units = load(resources.config_dir(TODAY)).units
    offices, communes = units.of_kind("district"), units.of_kind("ward")

    assert (len(offices), len(communes)) == (36, 168)
    assert {commune.parent for commune in communes} == {office.id for office in offices}
    assert all(office.name.startswith("BHXH cơ sở ") for office in offices)
    assert len({commune.gso_code for commune in communes}) == 168
    assert units.full_name(units["79-26740"]) == "Phường Sài Gòn, BHXH cơ sở Tân Định"


def test_a_city_says_its_own_over_the_process_that_all_share():
    old, new = (load(resources.config_dir(city)).process for city in ("hcmc-2015", TODAY))

    assert new.handoffs["district-return"].name == "Kết quả của BHXH cơ sở"
    assert new.handoffs["district-return"].due == old.handoffs["district-return"].due
    assert new.folders["ward"].inbox.endswith("/Từ BHXH cơ sở/{round}")
    assert new.folders["ward"].received == old.folders["ward"].received
    assert not any("1331" in handoff.source for handoff in new.handoffs.values())


def test_init_and_the_makefile_lay_out_the_city_that_is_named(tmp_path: Path):
    made = CliRunner().invoke(cli, ["init", str(tmp_path), "--city", TODAY])
    again = CliRunner().invoke(cli, ["init", str(tmp_path)])

    assert made.exit_code == again.exit_code == 0, made.output + again.output
    assert load(tmp_path / "config").city == TODAY
    folder = "05-QLTHU/Trẻ em KCB bằng GKS-CS/BHXH cơ sở Tân Định/Phường Sài Gòn/Từ BHXH cơ sở"
    assert (tmp_path / "tree" / folder).is_dir()
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    assert makefile.count("$(IN_CITY)") == 2


def test_a_city_that_does_not_ship_is_refused_with_those_that_do(tmp_path: Path):
    refused = CliRunner().invoke(cli, ["init", str(tmp_path / "s"), "--city", "hanoi"])

    assert refused.exit_code == 2
    assert "hcmc-2015, hcmc-2025" in refused.output
    assert not (tmp_path / "s").exists()


def test_a_site_never_becomes_another_citys(tmp_path: Path):
    """Units of one city under the process of another would chase offices that do not exist."""
    config = copied_config(tmp_path)
    one_district(config)
    before = {path: path.read_bytes() for path in config.rglob("*") if path.is_file()}

    with pytest.raises(SiteError, match="hcmc-2015, không phải hcmc-2025"):
        init(tmp_path, local_tree, city=TODAY)

    assert {path: path.read_bytes() for path in config.rglob("*") if path.is_file()} == before


def test_a_folder_from_before_there_were_cities_means_what_it_did(tmp_path: Path):
    config = copied_config(tmp_path)
    (config / "city.toml").unlink()

    assert load(config).city == "hcmc-2015"
    assert load(config).process == load(resources.config_dir()).process


def test_what_an_office_changed_in_the_process_outlives_the_upgrade_that_brings_cities(
    tmp_path: Path,
):
    config = copied_config(tmp_path)
    one_district(config)
    (config / "city.toml").unlink()
    replaced(config / "process.toml", 'name = "TP. Hồ Chí Minh"', 'name = "Tỉnh Long An"')

    assert init(tmp_path, local_tree).copied == ("city.toml",)
    assert load(config).units.authority.name == "Tỉnh Long An"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[process.handoff.ward-retrun]\nname = 'x'", "process.handoff.ward-retrun: không có "
         "bước chuyển này; có phải là ward-return?"),
        ("[process.handoff.ward-return]\nneeds = 3", "city.toml: process.handoff[ward-return]"),
        ("[process.folders.ward]\ninbox = '{base}/x'", "city.toml: process.folders.ward.inbox = "
         "05-QLTHU/Trẻ em KCB bằng GKS-CS/x: phải có {unit}"),
        ("[process]\nhandoff = 1", "city.toml: process.handoff: phải ghi từng bước"),
        ("[proces]\nname = 'x'", "city.toml: proces = name: không có khóa này; có phải là "
         "process?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_city_is_told_at_its_own_file(text: str, told: str, tmp_path: Path):
    config = copied_config(tmp_path)
    written(config / "city.toml", text)

    with pytest.raises(ConfigError) as refused:
        load(config)

    assert told in str(refused.value)
