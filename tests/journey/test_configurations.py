"""A configuration is tried before it is in force, and every one that was can be had back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.site.versions import files_in
from tests.journey.parties import SENDING, kids, send
from tests.journey.site import DISTRICT, Site
from tests.sites import replaced


def call(site: Site, *args: str) -> Result:
    return CliRunner().invoke(cli, [*args, "--config", str(site.config)])


def other(site: Site, name: str = "khác") -> Path:
    """A copy of the configuration, to be changed."""
    return Path(shutil.copytree(site.config, site.directory / name))


def tried(site: Site, folder: Path, now: str = "2015-06-10T09:00") -> dict[str, Any]:
    ran = call(site, "config", "try", str(folder), "--json", "--now", now)
    assert ran.exit_code == 0, ran.output
    told: dict[str, Any] = json.loads(ran.output)
    return told


def versions(site: Site) -> list[dict[str, Any]]:
    return [json.loads(x) for x in call(site, "config", "history", "--json").output.splitlines()]


# --- tried -------------------------------------------------------------------------------------


def test_the_same_configuration_changes_nothing(site: Site):
    told = tried(site, other(site))

    empty = ("files", "units", "new_folders", "lost_folders", "owed", "letters")
    assert {name: told[name] for name in empty} == {name: [] for name in empty}


def test_an_earlier_due_date_says_who_would_owe_when_and_who_would_get_a_letter(round_site: Site):
    site = round_site
    site.clock.now = SENDING
    send(site, kids(site))
    folder = other(site)
    replaced(folder / "process.toml", "month = 3, day = 15 }", "month = 3, day = 11 }")
    told = tried(site, folder)

    ward = kids(site)[0].ward
    (mine,) = (one for one in told["owed"] if one["sender"] == ward)
    assert (mine["handoff"], mine["before"], mine["after"]) == (
        "H5", "chậm nhất ngày 15/06/2015", "chậm nhất ngày 11/06/2015",
    )  # fmt: skip
    assert told["files"] == ["process.toml"]
    assert {"unit": ward, "before": "reminder", "after": "reminder"} in told["letters"]
    text = call(site, "config", "try", str(folder), "--now", "2015-06-10T09:00").output
    assert "chậm nhất ngày 15/06/2015 → chậm nhất ngày 11/06/2015" in text


def test_another_unit_shows_with_its_folders_and_a_changed_one_by_its_column(site: Site):
    folder = other(site)
    table = folder / "units.csv"
    text = table.read_text(encoding="utf-8-sig")
    mail = f"unit-{DISTRICT}@bhyt.example"
    table.write_text(
        text.replace(mail, "moi@bhyt.example") + "\n26999,Phường Mới,ward,760\n", "utf-8"
    )
    told = tried(site, folder)

    assert [(u["unit"], u["column"], u["after"]) for u in told["units"]] == [
        (DISTRICT, "email", "moi@bhyt.example"), ("26999", "", "Phường Mới"),
    ]  # fmt: skip
    assert any(one.endswith("Quận 1/Phường Mới") for one in told["new_folders"])


def test_a_bad_configuration_is_refused_with_its_problems_and_nothing_is_tried(site: Site):
    folder = other(site)
    replaced(folder / "process.toml", 'sender = "nvgd1"', 'sender = "nvgd9"')
    for command in (("try",), ("use", "--why", "thử")):
        ran = call(site, "config", command[0], str(folder), *command[1:])
        assert ran.exit_code, ran.output
        assert "nvgd9" in f"{ran.output}{ran.exception}"
    assert files_in(site.config) != files_in(folder)


# --- in force, and back ------------------------------------------------------------------------


def test_a_version_has_its_author_and_reason_and_the_one_before_can_be_had_back(site: Site):
    site.once()
    before = files_in(site.config)
    folder = other(site)
    (folder / "facilities.csv").unlink(missing_ok=True)
    process = folder / "process.toml"
    process.write_bytes(process.read_bytes() + b"\n# theo cong van 12\n")

    used = call(site, "config", "use", str(folder), "--why", "công văn 12", "--by", "Hà")
    assert used.exit_code == 0, used.output
    assert files_in(site.config) == files_in(folder)
    back = call(site, "config", "back", "1", "--why", "làm lại", "--by", "Minh")
    assert back.exit_code == 0, back.output

    assert files_in(site.config) == before
    assert [(v["number"], v["by"], v["why"]) for v in versions(site)] == [
        (1, "", ""), (2, "Hà", "công văn 12"), (3, "Minh", "làm lại"),
    ]  # fmt: skip
    assert "process.toml" in versions(site)[1]["changed"]


def test_a_file_edited_by_hand_is_kept_when_the_service_reads_it_and_may_get_its_reason(site: Site):
    site.once()
    site.once()
    assert len(versions(site)) == 1, "the same once more is no version"
    machine = site.config / "bhyt-filedrop.toml"
    machine.write_text(machine.read_text(encoding="utf-8") + "\n# ghi chú\n", encoding="utf-8")
    site.once()
    assert [(v["by"], v["changed"]) for v in versions(site)][1:] == [("", ["bhyt-filedrop.toml"])]

    assert call(site, "config", "save", "--why", "thêm ghi chú", "--by", "Hà").exit_code == 0
    assert [(v["by"], v["why"]) for v in versions(site)][1:] == [("Hà", "thêm ghi chú")]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("back", "99", "--why", "thử"), "Không có phiên bản cấu hình số 99"),
        (("back", "1", "--why", " "), "--why"),
    ],
)
def test_a_version_that_is_not_there_or_has_no_reason_is_told(
    site: Site, args: tuple[str, ...], said: str
):
    site.once()
    ran = call(site, "config", *args)

    assert ran.exit_code and said in ran.output
    assert len(versions(site)) == 1


# --- units and contacts ------------------------------------------------------------------------


def test_a_contact_is_changed_with_a_reason_and_kept_as_a_version(site: Site):
    site.once()
    ran = call(
        site, "units", "set-contact", DISTRICT, "--email", "a@bhyt.example", "--email",
        "b@bhyt.example", "--phone", "028 1234", "--why", "chị Lan nghỉ", "--by", "Hà",
    )  # fmt: skip

    assert ran.exit_code == 0, ran.output
    assert "a@bhyt.example;b@bhyt.example" in ran.output.replace("; ", ";")
    unit = site.units[DISTRICT]
    assert (unit.email, unit.phone) == (("a@bhyt.example", "b@bhyt.example"), "028 1234")
    assert (versions(site)[-1]["by"], versions(site)[-1]["why"]) == ("Hà", "chị Lan nghỉ")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((DISTRICT, "--email", "không phải thư"), "không phải thư"),
        (("99999", "--email", "a@b.example"), "99999"),
        ((DISTRICT,), "--email"),
    ],
)
def test_a_wrong_contact_is_refused_and_nothing_changes(
    site: Site, args: tuple[str, ...], said: str
):
    before = files_in(site.config)
    ran = call(site, "units", "set-contact", *args, "--why", "thử")

    assert ran.exit_code and said in f"{ran.output}{ran.exception}"
    assert files_in(site.config) == before


def test_an_import_is_previewed_line_by_line(site: Site, tmp_path: Path):
    sheet = tmp_path / "don-vi.xlsx"
    assert call(site, "units", "export", "--out", str(sheet)).exit_code == 0
    book = openpyxl.load_workbook(sheet)
    heads = [cell.value for cell in book.active[1]]  # type: ignore[index]
    row = next(r for r in book.active.iter_rows(min_row=2) if r[0].value == DISTRICT)  # type: ignore[union-attr]
    row[heads.index("Điện thoại")].value = "028 999"
    book.save(sheet)
    before = files_in(site.config)

    ran = call(site, "units", "import", str(sheet), "--preview")
    assert f"{DISTRICT} Quận 1, điện thoại: (trống) → 028 999" in ran.output
    assert files_in(site.config) == before
