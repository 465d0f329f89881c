"""Whose a file probably is that lies outside every drop folder."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.process.nearest import nearest_unit
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of

ROUTES = world_of(load(config_dir())).routes
BASE = ROUTES.base("main")


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        (f"{BASE}/Quan 1/x.xlsx", "760"),
        (f"{BASE}/Q1/x.xlsx", ""),
        (f"{BASE}/Quận 1 cũ/x.xlsx", "760"),
        (f"{BASE}/Quan 10/x.xlsx", "771"),
        (f"{BASE}/Quận 1/Phuong Ben Nge/x.xlsx", "760"),
        (f"{BASE}/Quan 1/Phuong Ben Nge/x.xlsx", "26740"),
        (f"{BASE}/linh tinh/x.xlsx", ""),
        (f"{BASE}/Quận 10 - mẫu 3.xlsx", "771"),
        (f"{BASE}/Quận 1 và Quận 3.xlsx", ""),
        ("mẫu 3 quan 12.xlsx", "761"),
        ("mẫu 3.xlsx", ""),
        (f"{BASE}/_BHXH Thành phố/Phong Thu/x.xlsx", "thu"),
    ],
)
def test_the_nearest_unit_is_told_by_folders_and_then_by_the_files_name(path: str, unit: str):
    found = nearest_unit(ROUTES, "main", path)

    assert (found.id if found else "") == unit


def test_the_base_is_where_all_drop_folders_lie():
    assert BASE == "05-QLTHU/Trẻ em KCB bằng GKS-CS"
