"""Places in natural order (Phường 2, 7, 12), whatever the order of the units' file."""

from __future__ import annotations

from random import Random

from bhyt_filedrop.domain.cells.text import natural_key
from bhyt_filedrop.domain.derive.allocate import allocate
from bhyt_filedrop.domain.derive.merge import carded_final
from bhyt_filedrop.domain.derive.split import split
from bhyt_filedrop.domain.paper.kit import kit_sheets
from bhyt_filedrop.domain.process.units import Units
from tests.derived import ROUND, carded, city, kids, listed, visit


def shuffled(seed: int = 1) -> Units:
    """The city as a file in no order at all has it; its kinds come as they do."""
    units = list(city().by_id.values())
    Random(seed).shuffle(units)
    kinds = list(dict.fromkeys(unit.kind for unit in city()))
    return Units.of(sorted(units, key=lambda unit: kinds.index(unit.kind)))


def test_numbers_count_as_numbers_and_stand_before_words():
    names = ["Phường Đa Kao", "Phường 12", "Phường Bến Nghé", "Phường 2", "Xã An Phú", "Phường 07"]

    assert sorted(names, key=natural_key) == [
        "Phường 2", "Phường 07", "Phường 12", "Phường Bến Nghé", "Phường Đa Kao", "Xã An Phú",
    ]  # fmt: skip


def test_wards_of_a_district_and_districts_come_in_natural_order():
    wards = [unit.name for unit in shuffled().children("769")]
    districts = [unit.name for unit in shuffled().of_kind("district")]
    numbered = [unit.name for unit in shuffled().children("772")]

    assert wards == sorted(wards, key=natural_key)
    assert districts[5:17] == [f"Quận {n}" for n in range(1, 13)]
    assert districts[17] == "Quận Bình Tân"
    assert numbered == [f"Phường {n:02}" for n in range(1, 17)]


def test_departments_stay_as_the_file_has_them():
    units = shuffled(2)

    assert [u.id for u in units.of_kind("city")] == [
        u.id for u in units.by_id.values() if u.kind == "city"
    ]


def test_lists_kits_and_sums_follow_that_order():
    units = shuffled()
    at = [unit.id for unit in reversed(units.children("772"))]
    rows = [
        listed(child, ward=ward, district="772") for child, ward in zip(kids(16), at, strict=True)
    ]
    parts = split(rows, units)
    (kit,) = kit_sheets(parts.by_district["772"], units["772"], ROUND, units)
    captions = [str(cell.value) for cell in kit.cells if cell.style == "group"]
    returns = {
        id_: [carded(child)] for id_, child in zip(["772", "760", "769"], kids(3), strict=True)
    }
    final = carded_final(returns, units, list(returns))
    costs = [visit(c, district=id_) for c, id_ in zip(kids(3), ["772", "760", "769"], strict=True)]
    sums = allocate(costs, [], units).by_district

    assert captions == [f"Phường {n:02}" for n in range(1, 17)]
    assert [child.district for child in final.children] == ["760", "769", "772"]
    assert [line.id for line in sums] == ["760", "769", "772"]
