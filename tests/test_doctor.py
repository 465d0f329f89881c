"""`doctor` says what is well, what is not, and what to do about it."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bhyt_filedrop.doctor import Asked, Check, Level, examine, machine, refused
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.settings import ConfigError, MailSettings, Settings, TreeSettings, load
from bhyt_filedrop.site.drop_in import drop_in
from bhyt_filedrop.site.lay_out import init
from tests.sites import copied_config, local_tree, one_district, replaced_first

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


def asked(**more: object) -> Asked:
    values: dict[str, object] = {
        "open_tree": local_tree, "ledger": lambda: None, "mail": lambda: None, "now": NOON,
        "environ": {"HOME": "/"},
    }  # fmt: skip
    return Asked(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    one_district(copied_config(tmp_path))
    return init(tmp_path, local_tree).settings


def named(checks: tuple[Check, ...], name: str) -> list[Check]:
    return [check for check in checks if check.name == name]


def test_a_fresh_site_has_nothing_bad_and_is_told_what_is_still_to_be_declared(site: Settings):
    checks = examine(site, asked())

    assert not [c for c in checks if c.level is Level.BAD]
    (units,) = named(checks, "units")
    assert units.level is Level.WARN
    assert "15 đơn vị chưa khai thư điện tử" in units.message


def test_every_check_that_is_not_well_says_what_to_do_in_one_line(site: Settings):
    site.state_dir.chmod(0o755)
    far = TreeSettings(id="far", kind="sftp", host="h", username="u", credential="far-login")
    broken = replace(site, trees=(*site.trees, far))

    for check in examine(broken, asked(ledger=lambda: "Sổ hỏng.")):
        assert check.level is Level.OK or check.remedy, check
        assert "\n" not in str(check)


def test_a_unit_without_its_codes_is_named(tmp_path: Path):
    """2118/BHXH-CNTT, point 1."""
    config = copied_config(tmp_path)
    replaced_first(config / "units.csv", "district,,760,07901", "district,,,")

    messages = [c.message for c in named(examine(load(config), asked()), "units")]

    assert any("mã hành chính" in m and "Quận 1" in m for m in messages)
    assert any("mã cơ quan BHXH" in m and "Quận 1" in m for m in messages)


def test_units_declared_completely_are_well(tmp_path: Path):
    config = copied_config(tmp_path)
    lines = (config / "units.csv").read_text(encoding="utf-8-sig").splitlines()
    told = [lines[0], *(line[:-2] + ",a@example.vn," for line in lines[1:])]
    (config / "units.csv").write_text("\n".join(told), encoding="utf-8")

    (units,) = named(examine(load(config), asked()), "units")

    assert units.level is Level.OK


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("ward,760,26740,", "ward,760,79,", "khác số chữ số"),
        ("ward,760,26740,", "ward,760,26743,", "mã hành chính trùng"),
        ("ward,760,26740,", "ward,760,99999,", "không có trong danh mục"),
        ("district,,769,07910", "district,,769,07901", "mã cơ quan BHXH trùng"),
    ],
)
def test_a_code_that_cannot_be_a_unit_s_own_is_told(tmp_path: Path, old: str, new: str, what: str):
    """2118/BHXH-CNTT: dossiers of a unit under a wrong code cannot be made."""
    config = copied_config(tmp_path)
    replaced_first(config / "units.csv", old, new)

    told = [c for c in named(examine(load(config), asked()), "units") if what in c.message]

    assert [check.level for check in told] == [Level.WARN]
    assert "units.csv" in told[0].remedy


def test_the_shipped_units_have_codes_of_their_own(tmp_path: Path):
    units = named(examine(load(copied_config(tmp_path)), asked()), "units")

    assert [c.message for c in units if "thư điện tử" not in c.message] == []


def test_a_column_that_the_table_of_units_does_not_have_is_told(tmp_path: Path):
    config = copied_config(tmp_path)
    replaced_first(config / "units.csv", ",email,phone", ",emial,phone")

    told = [c for c in named(examine(load(config), asked()), "units") if "emial" in c.message]

    assert [check.level for check in told] == [Level.WARN]
    assert "email" in told[0].remedy


def test_children_s_data_that_leave_this_machine_in_the_clear_are_a_warning(site: Settings):
    """NĐ 356/2025: sensitive data is transferred encrypted."""
    plain = TreeSettings(id="far", kind="ftp", host="ftp.example.vn", root="/", username="u")
    here = replace(plain, id="here", host="127.0.0.1")
    mail = MailSettings(kind="smtp", host="mail.example.vn", tls="none")
    far = replace(site, trees=(*site.trees, plain, here), mail=mail)

    warned = [c.message for c in named(examine(far, asked()), "encryption")]

    assert [("ftp.example.vn" in m, "mail.example.vn" in m) for m in warned] == [
        (True, False),
        (False, True),
    ]
    assert not named(examine(site, asked()), "encryption")


def test_a_missing_folder_is_told_and_how_to_make_it(site: Settings, tmp_path: Path):
    (tmp_path / "tree/05-QLTHU/Trẻ em KCB bằng GKS-CS/Quận 1/Trả lại").rmdir()

    (folders,) = named(examine(site, asked()), "folders")

    assert folders.level is Level.WARN
    assert "Quận 1/Trả lại" in folders.message
    assert "init" in folders.remedy


def test_a_folder_whose_name_is_spelled_in_nfd_counts_as_there(site: Settings, tmp_path: Path):
    district = tmp_path / "tree/05-QLTHU/Trẻ em KCB bằng GKS-CS/Quận 1"
    district.rename(district.with_name(unicodedata.normalize("NFD", district.name)))

    (folders,) = named(examine(site, asked()), "folders")

    assert folders.level is Level.OK


def test_a_tree_whose_root_is_gone_is_bad(site: Settings, tmp_path: Path):
    (tmp_path / "tree").rename(tmp_path / "elsewhere")

    (tree,) = named(examine(site, asked()), "tree")

    assert tree.level is Level.BAD


def test_a_far_tree_is_only_asked_when_online(site: Settings, tmp_path: Path):
    known = tmp_path / "known_hosts"
    known.write_text("", encoding="utf-8")
    far = TreeSettings(id="far", kind="sftp", host="h", username="u", known_hosts=known)
    both = replace(site, trees=(far,))

    def refuses(tree: TreeSettings) -> object:
        raise TryLater("far: connection refused")

    (offline,) = named(examine(both, asked(open_tree=refuses)), "tree")
    (online,) = named(examine(both, asked(open_tree=refuses, online=True)), "tree")

    assert offline.level is Level.OK
    assert online.level is Level.BAD
    assert "connection refused" in online.message


def test_the_files_of_a_connection_must_be_there_and_private(site: Settings, tmp_path: Path):
    key = tmp_path / "key"
    key.write_text("", encoding="utf-8")
    key.chmod(0o644)
    far = TreeSettings(id="far", kind="sftp", host="h", key_file=key, known_hosts=tmp_path / "no")

    messages = [c.message for c in named(examine(replace(site, trees=(far,)), asked()), "tree")]

    assert any("không đọc được known_hosts" in m for m in messages)
    assert any("người khác đọc được" in m for m in messages)


def test_a_secret_that_nobody_gave_is_bad_and_never_shown(site: Settings):
    mail = replace(site.mail, kind="smtp", host="h", username="u", credential="smtp-main")
    with_mail = replace(site, mail=mail)

    (missing,) = named(examine(with_mail, asked()), "secret")
    (there,) = named(
        examine(with_mail, asked(environ={"BHYT_FILEDROP_SMTP_MAIN": "Bí-mật-1"})), "secret"
    )

    assert missing.level is Level.BAD
    assert "BHYT_FILEDROP_SMTP_MAIN" in missing.remedy
    assert there.level is Level.OK
    assert "Bí-mật-1" not in str(there)


def test_a_ledger_that_does_not_answer_is_bad(site: Settings):
    (ledger,) = named(examine(site, asked(ledger=lambda: "Sổ cũ hơn chương trình.")), "ledger")

    assert ledger.level is Level.BAD
    assert "Sổ cũ hơn" in ledger.message


def test_a_mail_server_is_only_tried_when_online(site: Settings):
    smtp = replace(site, mail=MailSettings(kind="smtp", host="mail.example.vn"))

    offline = named(examine(smtp, asked(mail=lambda: "Hỏng.")), "mail")
    online = named(examine(smtp, asked(mail=lambda: "Hỏng.", online=True)), "mail")

    assert [c.level for c in offline] == [Level.OK]
    assert [c.level for c in online] == [Level.BAD]


@pytest.mark.parametrize(
    ("effective", "has"), [("0000000010000000", True), ("0000000000000001", False), ("", False)]
)
def test_the_lease_capability_is_read_from_the_process_itself(
    tmp_path: Path, effective: str, has: bool
):
    status = tmp_path / "status"
    status.write_text(f"Name:\tx\nCapEff:\t{effective or '0'}\n", encoding="ascii")

    assert machine.has_capability(machine.CAP_LEASE, status) is has
    assert machine.has_capability(machine.CAP_LEASE, tmp_path / "none") is False


def test_too_few_inotify_watches_are_told(site: Settings, tmp_path: Path):
    limit = tmp_path / "max_user_watches"
    limit.write_text("100\n", encoding="ascii")

    (check,) = machine.bells(site, limit)

    assert check.level is Level.WARN
    assert "fs.inotify.max_user_watches" in check.remedy


@pytest.mark.parametrize(
    ("now", "level"), [(NOON, Level.OK), (datetime(1970, 1, 2, tzinfo=UTC), Level.BAD)]
)
def test_a_clock_that_lost_its_battery_is_bad(tmp_path: Path, now: datetime, level: Level):
    (check,) = machine.clock(now, tmp_path / "no-timesync")

    assert check.level is level


def test_a_clock_that_is_not_synchronised_is_told(tmp_path: Path):
    (check,) = machine.clock(NOON, tmp_path)
    (tmp_path / "synchronized").write_bytes(b"")
    (synced,) = machine.clock(NOON, tmp_path)

    assert (check.level, synced.level) == (Level.WARN, Level.OK)


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_what_the_configuration_keeps_elsewhere_is_private_too(
    site: Settings, tmp_path: Path, mode: int
):
    ledger, mail = tmp_path / "elsewhere.sqlite3", tmp_path / "letters"
    ledger.touch(mode)
    ledger.chmod(mode)
    mail.mkdir()
    mail.chmod(mode | 0o100)
    site = replace(site, ledger_url=f"sqlite:///{ledger}", mail=replace(site.mail, maildir=mail))

    told = [str(check) for check in machine.private(site)]

    assert any(str(ledger) in line for line in told) == (mode == 0o644)
    assert any(f"chmod 700 {mail}" in line for line in told) == (mode == 0o644)


@pytest.mark.parametrize(
    ("spoil", "level"),
    [
        (lambda state: state.chmod(0o755), Level.BAD),
        (lambda state: shutil.rmtree(state), Level.WARN),
        (lambda state: None, Level.OK),
    ],
)
def test_the_state_must_be_there_and_private(
    site: Settings, spoil: Callable[[Path], None], level: Level
):
    spoil(site.state_dir)

    (check,) = machine.private(site)

    assert check.level is level


def test_the_unit_must_open_what_is_configured(site: Settings, tmp_path: Path):
    """The drop-in is made from the configuration, and forgotten when that changes."""
    units = tmp_path / "units"
    (units / "bhyt-filedrop.service.d").mkdir(parents=True)
    assert list(machine.unit(site, units)) == [], "no service of systemd's"
    (units / "bhyt-filedrop.service").touch()
    (missing,) = machine.unit(site, units)
    file = units / "bhyt-filedrop.service.d" / "configured.conf"
    file.write_text(drop_in(site), encoding="utf-8")
    (made,) = machine.unit(site, units)
    mail = MailSettings(kind="smtp", host="mail.bhyt.example")
    (outdated,) = machine.unit(replace(site, mail=mail), units)

    levels = (missing.level, made.level, outdated.level)
    assert levels == (Level.WARN, Level.OK, Level.WARN)
    assert f"bhyt-filedrop drop-in | sudo tee {file}" in outdated.remedy


def test_a_refused_configuration_is_told_problem_by_problem(tmp_path: Path):
    config = copied_config(tmp_path)
    replaced_first(config / "process.toml", 'admin = "cntt"', 'admin = "x"')
    replaced_first(config / "process.toml", 'digest_to = "thu"', 'digest_to = "y"')

    with pytest.raises(ConfigError) as caught:
        load(config)

    assert [c.level for c in refused(caught.value)] == [Level.BAD, Level.BAD]
