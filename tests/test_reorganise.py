"""What an admin does on the day of a reorganisation, and what `init` and `doctor` say then."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.doctor import Asked, Level, examine
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.site.lay_out import init, lay_out
from bhyt_filedrop.wiring.declared import world_of
from tests.sites import copied_config, local_tree, one_district

DAY = date(2025, 7, 1)
BEFORE, AFTER = datetime(2025, 6, 30, 9, tzinfo=ZONE), datetime(2025, 7, 1, 9, tzinfo=ZONE)
BASE = "05-QLTHU/Trẻ em KCB bằng GKS-CS"


def run(*words: str) -> str:
    called = CliRunner().invoke(cli, words)
    assert called.exit_code == 0, called.output
    return called.output


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The whole city of 2015, reorganised."""
    config = copied_config(tmp_path_factory.mktemp("whole"))
    told = run("units", "reorganise", "hcmc-2025", "--on", str(DAY), "--config", str(config))
    assert "346" in told
    assert "204" in told
    return load(config)


def test_all_old_units_of_the_city_have_successors(whole: Settings):
    closed = [unit for unit in whole.units.everybody if unit.valid_to]

    assert len(closed) == 24 + 322
    assert all(unit.successors for unit in closed)
    assert whole.units["26740"].successors == ("79-26740",)
    assert set(whole.units["26737"].successors) == {"79-26740", "79-26737"}
    assert whole.units["760"].successors == ("cs01",)


def test_before_and_after_each_kind_is_what_it_was(whole: Settings):
    old, new = whole.units.at(BEFORE.date()), whole.units.at(DAY)

    assert (len(old.of_level("district")), len(old.of_level("ward"))) == (24, 322)
    assert (len(new.of_level("district")), len(new.of_level("ward"))) == (0, 168)
    assert (old.offices, new.offices) == ("quận, huyện", "BHXH cơ sở")
    assert len(new.of_kind("district")) == 36


def test_departments_go_on_in_their_folders_under_their_new_names(whole: Settings):
    unit = whole.units["thu"]

    assert (unit.name, unit.folder) == (
        "Phòng Quản lý thu và phát triển người tham gia",
        "Phòng Thu",
    )
    assert (unit.valid_from, unit.valid_to) == (None, None)


def test_a_reorganisation_that_is_only_looked_at_changes_nothing(tmp_path: Path):
    config = copied_config(tmp_path)
    before = {path: path.read_bytes() for path in config.rglob("*") if path.is_file()}
    told = run("units", "reorganise", "hcmc-2025", "--on", str(DAY), "--dry-run",
               "--config", str(config))  # fmt: skip

    assert "346" in told
    assert {path: path.read_bytes() for path in config.rglob("*") if path.is_file()} == before


def test_what_was_there_stays_beside_it_and_a_second_time_is_refused(tmp_path: Path):
    config = copied_config(tmp_path)
    before = {name: (config / name).read_bytes() for name in ("units.csv", "city.toml")}
    call = ("units", "reorganise", "hcmc-2025", "--on", str(DAY), "--config", str(config))
    run(*call)

    assert {name: (config / f"{name}.bak").read_bytes() for name in before} == before
    again = CliRunner().invoke(cli, call)
    assert again.exit_code != 0
    assert "hcmc-2025" in again.output
    assert {name: (config / f"{name}.bak").read_bytes() for name in before} == before


def test_an_import_says_that_an_id_used_again_would_mix_two_units(tmp_path: Path):
    """26740 was Phường Bến Nghé and is the number of Phường Sài Gòn."""
    config = copied_config(tmp_path)
    mixed = (config / "units.csv").read_text(encoding="utf-8-sig").replace(
        "26740,Phường Bến Nghé,ward,760,", "26740,Phường Sài Gòn,ward,761,"
    )  # fmt: skip
    (tmp_path / "new.csv").write_text(mixed, encoding="utf-8")
    told = run("units", "import", str(tmp_path / "new.csv"), "--dry-run", "--config", str(config))

    assert "26740" in next(line for line in told.splitlines() if line.startswith("!"))


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """Quận 1 with its ten wards, reorganised after its folders were there."""
    config = copied_config(tmp_path)
    one_district(config)
    init(tmp_path, local_tree)
    run("units", "reorganise", "hcmc-2025", "--on", str(DAY), "--config", str(config))
    return load(config)


def folders(site: Settings) -> set[str]:
    root = Path(site.trees[0].root)
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_dir()}


def test_init_makes_the_new_folders_deletes_none_and_names_the_old_ones(site: Settings):
    before = folders(site)
    told = run("init", str(site.config_dir.parent), "--now", "2025-07-01T09:00")

    assert before <= folders(site)
    assert f"{BASE}/BHXH cơ sở Tân Định/Phường Sài Gòn" in folders(site)
    assert "11 " in told
    assert f"{BASE}/Quận 1" in told


def test_a_fresh_tree_has_no_folders_of_units_that_are_gone(site: Settings, tmp_path: Path):
    fresh = replace(site, trees=(replace(site.trees[0], root=tmp_path / "fresh"),))
    lay_out(fresh, local_tree, DAY)
    assert not (tmp_path / "fresh" / BASE / "Quận 1").exists()
    assert (tmp_path / "fresh" / BASE / "BHXH cơ sở Tân Định").is_dir()


def checks(site: Settings, now: datetime, *seen: str) -> str:
    asked = Asked(local_tree, lambda: None, now=now, units_seen=lambda: seen)
    return "\n".join(map(str, examine(site, asked)))


def test_doctor_asks_nothing_of_units_that_are_gone_and_takes_no_code_for_doubled(site: Settings):
    init(site.config_dir.parent, local_tree, today=DAY)
    said = checks(site, AFTER)

    assert "trùng" not in said
    assert not [x for x in said.splitlines() if "chưa khai" in x and "Bến Nghé" in x]
    assert "còn 11 thư mục của đơn vị không còn" in said
    assert "đơn vị chưa khai thư điện tử" in said


def test_doctor_lists_folders_that_belong_to_nobody(site: Settings):
    root = Path(site.trees[0].root) / BASE
    (root / "Quận Lạ").mkdir()
    for name in ("Trả lại", "Đã nhận"):
        (root / "Quận 1" / "Phường Đã Xóa" / name).mkdir(parents=True)
    (root / "Quận 1" / "Hồ sơ riêng").mkdir()
    (root / "Quận 1" / "Từ BHXH TP" / "Quý 1-2025" / "Phường, xã").mkdir(parents=True)
    said = checks(site, AFTER)

    assert "có 2 thư mục không thuộc đơn vị nào" in said
    assert f"{BASE}/Quận Lạ" in said
    assert f"{BASE}/Quận 1/Phường Đã Xóa" in said
    assert "Hồ sơ riêng" not in said


def test_doctor_says_to_close_a_unit_instead_of_deleting_its_line(site: Settings):
    said = checks(site, AFTER, "26740", "thu", "27999", "")

    assert "Sổ có tệp, danh sách của 1 đơn vị không có trong units.csv: 27999." in said
    assert "valid_to" in said


def changed(site: Settings, unit: str, **cells: str) -> Settings:
    """The site with other cells in the line of one unit."""
    table = site.config_dir / "units.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["id"] == unit:
            row.update(cells)
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return load(site.config_dir)


def test_doctor_names_units_that_nobody_follows_and_departments_that_close(site: Settings):
    site = changed(site, "26740", successors="")
    site = changed(site, "board", valid_to="2025-12-31")
    said = checks(site, AFTER)

    assert "1 đơn vị không còn mà chưa ghi đơn vị kế thừa: Phường Bến Nghé, Quận 1" in said
    assert "Ban Giám đốc chỉ có đến 31/12/2025, mà quy trình nêu tên" in said
    assert not [c for c in examine(site, Asked(local_tree, now=AFTER)) if c.level is Level.BAD]


def test_the_folders_of_old_units_are_known_as_they_were(site: Settings):
    """Kits that lie in the old inbox are no drops, though its name is another now."""
    world = world_of(site).at(AFTER)
    old = world.routes.locate(
        "main", f"{BASE}/Quận 1/Phường Bến Nghé/Từ BHXH quận/Quý 1-2025/a.xlsx"
    )
    new = world.routes.locate("main", f"{BASE}/Quận 1/Phường Bến Nghé/a.xlsx")

    assert old is not None
    assert (old.unit.id, old.own) == ("79-26740", "inbox")
    assert new is not None
    assert (new.unit.id, new.own) == ("79-26740", "")
