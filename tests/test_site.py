"""A site: everything is there after `init`, and nothing of the office's own is ever touched."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import ConfigError, load
from bhyt_filedrop.site import unit_book
from bhyt_filedrop.site.lay_out import SiteError, init
from tests.sites import copied_config, local_tree, one_district, replaced_first

BASE = "05-QLTHU/Trẻ em KCB bằng GKS-CS"


def test_every_unit_finds_its_folders(tmp_path: Path):
    site = init(tmp_path, local_tree)
    base = tmp_path / "tree" / BASE

    assert (base / "Quận 1" / "Trả lại").is_dir()
    assert (base / "Quận 1" / "Từ BHXH TP").is_dir()
    assert (base / "Quận 1" / "Từ phường, xã").is_dir()
    assert (base / "Huyện Củ Chi" / "Thị trấn Củ Chi" / "Đã nhận").is_dir()
    assert (base / "_BHXH Thành phố" / "Ban Giám đốc" / "Đến").is_dir()
    assert (base / "_BHXH Thành phố" / "Phòng CNTT" / "Dữ liệu thẻ").is_dir(), "a hand-off's own"
    assert site.folders == 4 * 350 + 24 + 2 + 3 * 4


def test_what_is_added_to_a_site_is_named(tmp_path: Path):
    """A hand-off that got a sub-folder, a file that an upgrade brought: an admin sees it."""
    config = copied_config(tmp_path)
    one_district(config)
    assert CliRunner().invoke(cli, ["init", str(tmp_path)]).output.count("\n") == 3
    replaced_first(config / "process.toml", '"Dữ liệu thẻ" ', '"Thẻ đã cấp" ')
    (config / "facilities.csv").unlink()

    told = CliRunner().invoke(cli, ["init", str(tmp_path)]).output

    assert f"Thư mục mới: {BASE}/_BHXH Thành phố/Phòng CNTT/Thẻ đã cấp\n" in told
    assert "Tệp mới: facilities.csv\n" in told


def test_only_the_service_can_look_into_the_state(tmp_path: Path):
    one_district(copied_config(tmp_path))
    site = init(tmp_path, local_tree)

    assert stat.S_IMODE(site.settings.state_dir.stat().st_mode) == 0o700


def test_a_second_run_changes_nothing_and_keeps_edited_configuration(tmp_path: Path):
    one_district(copied_config(tmp_path))
    first = init(tmp_path, local_tree)
    edited = first.config_dir / "process.toml"
    replaced_first(edited, "remind_at = 08:00:00", "remind_at = 07:30:00")
    dropped = tmp_path / "tree" / BASE / "Quận 1" / "danh sach.xlsx"
    dropped.write_bytes(b"x")
    before = edited.read_bytes()

    second = init(tmp_path, local_tree)

    assert second.copied == ()
    assert edited.read_bytes() == before
    assert dropped.read_bytes() == b"x"
    assert second.settings.process.remind_at.minute == 30


def test_a_new_site_begins_with_the_round_it_is_told_and_an_old_one_stays_as_it_is(tmp_path: Path):
    new = init(tmp_path / "new", local_tree, lambda settings: Round(2026, 4))
    again = init(tmp_path / "new", local_tree, lambda settings: Round(2027, 1))
    copied_config(tmp_path)
    old = init(tmp_path, local_tree, lambda settings: Round(2026, 4))

    assert new.settings.first_round == again.settings.first_round == Round(2026, 4)
    assert old.settings.first_round is None


def test_what_an_upgrade_brought_is_added(tmp_path: Path):
    one_district(copied_config(tmp_path))
    first = init(tmp_path, local_tree)
    (first.config_dir / "forms" / "d03-ts-490.toml").unlink()

    assert init(tmp_path, local_tree).copied == ("forms/d03-ts-490.toml",)


def test_a_folder_that_a_clerk_deleted_comes_back(tmp_path: Path):
    one_district(copied_config(tmp_path))
    init(tmp_path, local_tree)
    gone = tmp_path / "tree" / BASE / "Quận 1" / "Trả lại"
    gone.rmdir()

    init(tmp_path, local_tree)

    assert gone.is_dir()


def test_a_bad_configuration_is_told_before_any_folder_is_made(tmp_path: Path):
    config = copied_config(tmp_path)
    replaced_first(config / "process.toml", 'admin = "cntt"', 'admin = "nobody"')

    with pytest.raises(ConfigError):
        init(tmp_path, local_tree)

    assert not (tmp_path / "tree").exists()


def test_a_place_where_nothing_can_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(SiteError) as caught:
        init(tmp_path / "file" / "site", local_tree)

    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_folders_get_the_group_and_mode_that_the_process_names(tmp_path: Path):
    config = copied_config(tmp_path)
    with (config / "process.toml").open("a", encoding="utf-8") as file:
        file.write('\n[folders.ward.access]\ngroup = "12345"\nmode = "0640"\n')

    init(tmp_path, local_tree)

    found = (tmp_path / "tree" / BASE / "Quận 1" / "Phường Bến Nghé").stat()
    assert found.st_gid == 12345


# --- units through Excel -------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return copied_config(tmp_path)


@pytest.mark.parametrize("name", ["units.xlsx", "units.csv"])
def test_units_come_back_from_excel_as_they_went(config: Path, tmp_path: Path, name: str):
    units = load(config).units
    unit_book.export_units(units, tmp_path / name)

    assert unit_book.read_units(tmp_path / name).by_id == units.by_id


def test_an_export_opens_in_excel_with_every_code_as_text(config: Path, tmp_path: Path):
    unit_book.export_units(load(config).units, tmp_path / "units.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "units.xlsx").active

    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:3] == ["Mã", "Tên đơn vị", "Loại"]
    assert sheet["F6"].value == "07901"
    assert sheet["F6"].number_format == "@"


def test_an_import_tells_what_it_changes_and_keeps_the_old_table(config: Path, tmp_path: Path):
    units = load(config).units
    before = (config / "units.csv").read_bytes()
    changed = replace(units["760"], email=("quan1@example.vn",))
    kept = [changed if u.id == "760" else u for u in units if u.id != "26740"]
    unit_book.export_units(Units.of(kept), tmp_path / "new.xlsx")

    trial = unit_book.import_units(tmp_path / "new.xlsx", config, dry_run=True)
    assert (config / "units.csv").read_bytes() == before

    done = unit_book.import_units(tmp_path / "new.xlsx", config)

    assert trial == done == unit_book.UnitsChange(changed=("760",), removed=("26740",))
    assert load(config).units["760"].email == ("quan1@example.vn",)
    assert (config / "units.csv.bak").read_bytes() == before


def test_codes_that_excel_holds_as_numbers_are_read_as_codes(tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "name", "kind", "gso_code", "bhxh_code"])
    sheet.append([760, "Quận 1", "district", 760.0, 7901])
    book.save(tmp_path / "units.xlsx")

    unit = unit_book.read_units(tmp_path / "units.xlsx")["760"]

    assert (unit.gso_code, unit.bhxh_code) == ("760", "07901")


def test_units_that_the_process_needs_cannot_be_imported_away(config: Path, tmp_path: Path):
    before = (config / "units.csv").read_bytes()
    units = load(config).units
    unit_book.export_units(Units.of(u for u in units if u.id != "thu"), tmp_path / "new.csv")

    with pytest.raises(ConfigError) as caught:
        unit_book.import_units(tmp_path / "new.csv", config)

    assert any(p.key == "digest_to" for p in caught.value.problems)
    assert (config / "units.csv").read_bytes() == before


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 not a zip", b"\xff\xfe\x00", b"id,name\n1,x\n", b"id,name,kind\n"]
)
def test_a_table_that_is_none_is_refused_with_a_reason(config: Path, tmp_path: Path, data: bytes):
    (tmp_path / "new.xlsx").write_bytes(data)

    with pytest.raises(ConfigError) as caught:
        unit_book.import_units(tmp_path / "new.xlsx", config)

    assert caught.value.problems


def test_a_zip_that_is_no_workbook_is_refused_with_a_reason(config: Path, tmp_path: Path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "new.xlsx", "w") as made:
        made.writestr("readme.txt", "hello")

    with pytest.raises(ConfigError, match="không phải bảng tính Excel"):
        unit_book.import_units(tmp_path / "new.xlsx", config)


def test_a_broken_table_can_be_mended_by_an_import(config: Path, tmp_path: Path):
    unit_book.export_units(load(config).units, tmp_path / "good.csv")
    (config / "units.csv").write_bytes(b"\xff\xff\xff")

    assert len(unit_book.import_units(tmp_path / "good.csv", config).added) == 350
    assert load(config).units.of_kind("ward")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_each_unit_may_have_an_account_of_its_own(tmp_path: Path):
    """Private from the moment it is made; wards pass through their district's folder, no more.

    The accounts are told by number here: 4760 for Quận 1.
    """
    config = copied_config(tmp_path)
    one_district(config)
    text = (config / "process.toml").read_text(encoding="utf-8")
    for kind, owner in (("city", "4000"), ("district", "4{id}"), ("ward", "4{id}")):
        text += f'\n[folders.{kind}.access]\nowner = "{owner}"\ngroup = "0"\nmode = "0660"\n'
    (config / "process.toml").write_text(text, encoding="utf-8")
    site = init(tmp_path, local_tree)
    base = tmp_path / "tree" / BASE

    def seen(path: Path) -> tuple[int, str]:
        return path.stat().st_uid, oct(path.stat().st_mode & 0o777)

    assert seen(base / "Quận 1") == (4760, "0o771")
    assert seen(base / "Quận 1" / "Đã nhận") == (4760, "0o770")
    assert seen(base / "Quận 1" / "Phường Bến Nghé") == (426740, "0o770")
    assert seen(base / "_BHXH Thành phố" / "Phòng Thu") == (4000, "0o770")
    assert base.stat().st_uid == 0 and base.stat().st_mode & 0o001
    told = CliRunner().invoke(cli, ["units", "accounts", "--config", str(config)]).output
    assert f"426740\t{base / 'Quận 1' / 'Phường Bến Nghé'}\n" in told
    assert told.count("\n") == 15
    assert site.folders == len(told.splitlines()) * 4 + 1 + 2 + 3 * 4
