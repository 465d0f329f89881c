"""What an office forgot to change when it made its configuration of another city's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bhyt_filedrop.doctor import Asked, Check, Level, examine
from bhyt_filedrop.settings import load
from tests.sites import copied_config, local_tree, replaced


def told(config: Path) -> list[Check]:
    checks = examine(load(config), Asked(open_tree=local_tree))
    return [check for check in checks if check.name == "city"]


@pytest.mark.parametrize("city", ["hcmc-2015", "hcmc-2025"])
def test_a_shipped_city_cites_nothing_of_another(city: str, tmp_path: Path):
    assert told(copied_config(tmp_path, city)) == []


def test_a_city_made_of_another_is_told_what_is_still_that_ones(tmp_path: Path):
    config = copied_config(tmp_path)
    replaced(config / "city.toml", 'id = "hcmc-2015"', 'id = "dong-nai-2015"')

    documents, names = told(config)

    assert {documents.level, names.level} == {Level.WARN}
    assert "1331/BHXH-THU" in documents.message
    assert "2118/BHXH-CNTT" in documents.message
    assert "TP. Hồ Chí Minh" in names.message
    assert "Giám đốc" not in names.message  # it has quận, huyện too
    assert "[sources]" in documents.remedy


def test_a_head_named_after_units_that_the_city_has_not_is_told(tmp_path: Path):
    config = copied_config(tmp_path, "hcmc-2025")
    replaced(
        config / "city.toml", 'head = "Giám đốc BHXH cơ sở"', 'head = "Giám đốc BHXH quận, huyện"'
    )

    (names,) = told(config)

    assert names.message == "Còn tên gọi, chức danh của nơi khác: Giám đốc BHXH quận, huyện."


def test_todays_city_with_a_source_of_2015_is_told(tmp_path: Path):
    config = copied_config(tmp_path, "hcmc-2025")
    replaced(
        config / "city.toml",
        'source = "Quy trình của BHXH Thành phố, bước H3"',
        'source = "1331/BHXH-THU, 5.2.2"',
    )

    (documents,) = told(config)

    assert documents.message == "Còn trích dẫn văn bản của nơi khác: 1331/BHXH-THU."


def test_a_decree_of_the_state_is_no_other_citys(tmp_path: Path):
    config = copied_config(tmp_path, "hcmc-2025")
    replaced(config / "city.toml", 'id = "hcmc-2025"', 'id = "can-tho-2025"')

    assert not any("NĐ-CP" in check.message for check in told(config))


def test_an_office_that_no_address_names_needs_no_administrative_code(tmp_path: Path):
    checks = examine(load(copied_config(tmp_path, "hcmc-2025")), Asked(open_tree=local_tree))

    units = [check.message for check in checks if check.name == "units"]
    assert not any("mã hành chính" in message for message in units)
    assert any("36 đơn vị chưa khai mã cơ quan BHXH" in message for message in units)
