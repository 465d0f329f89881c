"""A province with two levels only, and other words for its offices: nothing takes three levels, or
the words district and ward, for granted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.doctor import Asked, Level, examine
from bhyt_filedrop.domain.letters.letter import addressed
from bhyt_filedrop.domain.paper.layout import ListOf, supplier_of
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.service import run_once
from bhyt_filedrop.settings import ConfigError, Settings, layers, load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.simulate.quarter.balances import traced
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.daemon import wired
from tests.sites import local_tree, replaced

EXAMPLE = Path(__file__).parent / "data" / "two-levels"
ROUND = Round(2015, 1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example over what all cities share, as `init` lays a city out."""
    folder = tmp_path / "config"
    for name, path in layers.files(EXAMPLE, resources.shipped("config")).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture
def site(config: Path) -> Settings:
    return init(config.parent, local_tree).settings


def clock(month: int, day: int) -> Callable[[], datetime]:
    return lambda: datetime(2015, month, day, 9, 0, tzinfo=ZONE)


def drop(site: Settings, path: str, wanted: ListOf) -> None:
    target = Path(site.trees[0].root) / "GKS" / path
    write_list(target, wanted, site.units)


def files(site: Settings, folder: str) -> list[Path]:
    return sorted(p for p in (Path(site.trees[0].root) / "GKS" / folder).rglob("*.xlsx"))


def communes(site: Settings) -> tuple[Unit, ...]:
    return site.units.of_kind("xa")[:3]


def some_children(site: Settings) -> list[InventedChild]:
    return children(site.units, 6, round=ROUND, wards=communes(site))


def words(path: Path) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows(values_only=True):
            yield from (str(value) for value in row if value is not None)


def test_doctor_finds_nothing_bad_and_nothing_of_another_city(site: Settings):
    checks = examine(site, Asked(open_tree=local_tree, environ={"HOME": "/"}))

    assert [c for c in checks if c.level is Level.BAD and c.name != "tree"] == []
    assert [c for c in checks if c.name == "city"] == []


def test_offices_are_called_as_the_province_says(site: Settings):
    units = site.units
    commune = units["x1"]

    assert addressed(commune, units) == "UBND Xã Suối Trong"
    assert issuer_lines(commune, units) == ("UBND TỈNH SÔNG DÀI", "UBND XÃ SUỐI TRONG")
    assert supplier_of(commune, units) == "BHXH tỉnh"
    assert (units.wards, units.offices) == ("xã", "xã")


def test_a_round_goes_out_to_the_communes_and_comes_back_whole(site: Settings):
    kids = some_children(site)
    drop(site, "_Phòng/Phòng Tin học/mau 2.xlsx",
         list_of("form-2", ROUND, site.units["tin"], site.units, kids))  # fmt: skip
    run_once(site, clock(5, 19), time.sleep)

    for unit in communes(site):
        (kit,) = files(site, f"{unit.name}/Từ BHXH tỉnh")
        own = [child for child in kids if child.ward == unit.id]
        told = list(words(kit))
        assert [child.name for child in own if child.name not in told] == []
        assert not any("quận" in text.casefold() for text in told)
        drop(site, f"{unit.name}/mau 4.xlsx",
             list_of("form-4", ROUND, unit, site.units, {"I": own[:1], "II": own[1:]}))  # fmt: skip
    run_once(site, clock(6, 10), time.sleep)

    with wired(site, clock(6, 11)) as running:
        states = {str(drop.state) for drop in running.books.drops.arrivals(limit=100)}
        hops = traced(Stage(running, ROUND, clock(6, 11)())).hops
    assert states == {"accepted"}
    assert sum(hop.sent for hop in hops if hop.id == "commune-return") == len(kids)
    assert [hop for hop in hops if hop.difference or hop.unknown or hop.missing] == []


def test_a_city_none_of_whose_kinds_is_in_addresses_is_refused(config: Path):
    """Else its children would be placed nowhere, in silence."""
    replaced(config / "city.toml", 'level = "ward"', 'level = "none"')

    with pytest.raises(ConfigError) as refused:
        load(config)

    assert 'city.toml: kinds = so, xa: chưa loại đơn vị nào có level = "ward"' in str(refused.value)


def test_kinds_that_nobody_describes_and_that_are_no_level_are_refused(config: Path):
    text = (config / "city.toml").read_text(encoding="utf-8")
    (config / "city.toml").write_text(text.replace("[kinds.xa]", "[kinds.xaa]"), encoding="utf-8")

    with pytest.raises(ConfigError, match="level"):
        load(config)


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("city.toml", 'called = "xã"', 'called = ""', "kinds.xa.called: không được để trống"),
        ("city.toml", 'called = "xã"', 'caled = "xã"', "có phải là called?"),
        ("city.toml", 'level = "ward"', 'level = "commune"', "kinds.xa.level = commune: chỉ nhận"),
        ("city.toml", '"UBND {name}"\n', '"UBND {ten}"\n', "không có {ten}; chỉ dùng được {above}"),
        ("city.toml", '"UBND {name}"\n', '"UBND {name"\n', "dấu ngoặc nhọn không khớp"),
        ("city.toml", '"UBND {name}"]', '"UBND {ten}"]', "kinds.xa.issuer[2] = UBND {ten}"),
        ("city.toml", "[sources", "[numbers]\ntemporary = 'TE1('\n\n[sources", "numbers.temporary"),
        ("city.toml", "[sources]", "[sources", "sai cú pháp TOML"),
        ("city.toml", "months = 72", 'months = "72"', "entitlement.months = 72: phải là số nguyên"),
        ("process.toml", 'short = "tỉnh"', 'short = ""', "authority.short: không được để trống"),
        ("place-aliases.csv", "trong tỉnh", "trong xã", "«trong xã» không phải là đơn vị nào"),
        ("units.csv", "Xã Bãi Dâu,xa", "Xã Bãi Dâu,phuong", "có loại đơn vị phuong mà chưa khai"),
    ],
)
def test_a_wrong_or_missing_word_is_one_problem_in_one_line(
    config: Path, file: str, before: str, after: str, told: str
):
    """What could not be filled in would fail once the first letter is written."""
    text = (config / file).read_text(encoding="utf-8-sig")
    assert before in text
    (config / file).write_text(text.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        load(config)

    (problem,) = refused.value.problems
    assert told in str(problem)
