"""Every command, called rightly and wrongly: exit statuses, one-line errors, JSON that parses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop import cli
from bhyt_filedrop.domain.drops.drop import Drop
from tests.journey.scenes import form_3, form_4
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, lay_out, people, workbook


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        """What it printed, a value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the installed command's own entry, without a process of its own."""

    def call(*args: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["bhyt-filedrop", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, said.out, said.err)

    return call


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with an accepted, a returned and a held drop."""
    made = Site(lay_out(tmp_path_factory.mktemp("site")))
    made.drop(DISTRICT, "mẫu 3.xlsx", form_3(made))
    group = people(made.units, OTHER_DISTRICT)
    bad = workbook(
        made.units, "form-3", OTHER_DISTRICT, group, ["row.card-invalid"], scratch=made.directory
    )
    made.drop(OTHER_DISTRICT, "mẫu 3 sai.xlsx", bad)
    made.drop(made.ward(), "mẫu 4.xlsx", form_4(made))
    made.once()
    return made


def drop_named(site: Site, name: str) -> Drop:
    return next(drop for drop in site.drops() if drop.name == name)


def is_one_line(ran: Ran) -> bool:
    """An error in one line for a person that says which program speaks."""
    return len(ran.err.splitlines()) == 1 and ran.err.startswith("bhyt-filedrop: ")


# --- called rightly ----------------------------------------------------------------------------

RIGHT: Sequence[tuple[str, ...]] = (
    ("status", "--round", "2015Q1", "--now", "2015-06-20T09:00"),
    ("calendar", "--round", "2015Q1"),
    ("remind", "--at", "2015-06-12T08:30", "--dry-run"),
    ("arrivals",),
    ("arrivals", "--state", "held", "--unit", "26740", "--limit", "3"),
    ("explain", "05-QLTHU/Trẻ em KCB bằng GKS-CS/Quận 1/mẫu 3.xlsx"),
    ("doctor",),
)


@pytest.mark.parametrize("args", RIGHT, ids=lambda args: args[0])
def test_a_right_call_says_something_and_ends_well(site: Site, run: Run, args: tuple[str, ...]):
    ran = run(*args, "--config", site.config)

    assert (ran.status, ran.err) == (0, "")
    assert len(ran.out) > 20


@pytest.mark.parametrize("args", RIGHT, ids=lambda args: args[0])
def test_every_command_that_prints_facts_prints_them_as_json(
    site: Site, run: Run, args: tuple[str, ...]
):
    ran = run(*args, "--json", "--config", site.config)

    assert ran.status == 0
    assert all(isinstance(value, dict) for value in ran.json)
    assert ran.json or args[0] == "remind"


def test_the_configuration_can_be_named_by_the_environment(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BHYT_FILEDROP_CONFIG", str(site.config))

    assert run("arrivals").status == 0


def test_arrivals_are_the_newest_first_with_their_states(site: Site, run: Run):
    told = run("arrivals", "--json", "--config", site.config).json

    assert sorted(one["state"] for one in told) == ["accepted", "held", "returned"]
    assert [one["arrived_at"] for one in told] == sorted(
        (one["arrived_at"] for one in told), reverse=True
    )
    assert {one["round"] for one in told} == {"2015Q1"}


def test_show_tells_everything_about_one_drop(site: Site, run: Run):
    drop = drop_named(site, "mẫu 3 sai.xlsx")
    (told,) = run("show", drop.id, "--json", "--config", site.config).json

    assert told["state"] == "returned"
    assert [one["code"] for one in told["findings"]] == ["row.card-invalid"]
    assert told["findings"][0]["cell"]
    assert [one["role"] for one in told["deliveries"]] == ["annotated"]
    assert [one["kind"] for one in told["events"]][-1] == "returned"
    assert [one["key"] for one in told["letters"]] == [f"returned/{drop.id}"]
    (put,), (letter,) = told["deliveries"], told["letters"]
    moments = [told["arrived_at"], put["done_at"], letter["sent_at"]]
    moments += [one["at"] for one in told["events"]]
    assert {at[10] + at[-6:] for at in moments if at} == {"T+07:00"}
    in_words = run("show", drop.id, "--config", site.config)
    assert "trả lại" in in_words.out
    assert "row.card-invalid" in in_words.out


def test_show_gives_the_exact_bytes_back(site: Site, run: Run, tmp_path: Path):
    for name, data in (("mẫu 3.xlsx", form_3(site)), ("mẫu 4.xlsx", form_4(site))):
        out = tmp_path / name
        drop = drop_named(site, name)
        ran = run("show", drop.id, "--original", out, "--config", site.config)

        assert ran.status == 0
        assert out.read_bytes() == data


def test_a_calendar_can_be_read_by_calendar_programs(site: Site, run: Run):
    ran = run("calendar", "--round", "2015Q1", "--ics", "--config", site.config)

    assert ran.status == 0
    assert ran.out.startswith("BEGIN:VCALENDAR")


def test_explain_takes_a_path_on_this_machine_too(site: Site, run: Run):
    path = site.folder(DISTRICT) / "~$mẫu 3.xlsx"
    (told,) = run("explain", path, "--json", "--config", site.config).json

    assert told["unit"].startswith("760 ")
    assert "ignored" in told
    assert any("district-return" in line for line in told["takes"])


def test_explain_takes_a_path_from_where_one_stands(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
):
    here = site.folder(DISTRICT) / "mẫu 3.xlsx"
    here.write_bytes(b"x")
    monkeypatch.chdir(here.parent)
    try:
        (told,) = run("explain", "mẫu 3.xlsx", "--json", "--config", site.config).json
    finally:
        here.unlink()  # the site is every test's of this module

    assert told["unit"].startswith("760 ")
    assert told["path"].endswith("/Quận 1/mẫu 3.xlsx")


def bytes_of(site: Site) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in site.directory.rglob("*") if path.is_file()}


def test_explain_touches_nothing(site: Site, run: Run):
    before = bytes_of(site)
    run("explain", "05-QLTHU/nơi nào đó/x.xlsx", "--config", site.config)

    assert bytes_of(site) == before


@pytest.mark.parametrize("args", RIGHT, ids=lambda args: args[0])
def test_a_command_that_only_asks_leaves_the_site_as_it_was(
    site: Site, run: Run, args: tuple[str, ...]
):
    before = bytes_of(site)
    run(*args, "--config", site.config)

    assert bytes_of(site) == before


def test_remind_writes_its_letters_once(site: Site, run: Run):
    call = ("remind", "--at", "2015-06-19T08:30", "--config", site.config)
    before = len(run("remind", "--at", "2015-06-19T08:30", "--json", "--dry-run",
                     "--config", site.config).json)  # fmt: skip
    assert before > 0
    assert run(*call).status == 0
    assert run("remind", "--at", "2015-06-19T08:30", "--json", "--config", site.config).json == []


def test_a_run_of_once_ends_by_itself(site: Site, run: Run):
    ran = run("run", "--once", "--now", "2015-06-12T09:00", "--config", site.config)

    assert ran.status == 0


def test_units_go_out_and_come_back_unchanged(site: Site, run: Run, tmp_path: Path):
    out = tmp_path / "đơn vị.xlsx"
    assert run("units", "export", "--out", out, "--config", site.config).status == 0
    as_before = tmp_path / "như trước.xlsx"
    assert run("units", "export", as_before, "--config", site.config).status == 0
    ran = run("units", "import", out, "--dry-run", "--config", site.config)

    assert ran.status == 0
    assert "Thêm 0, bỏ 0, sửa 0" in ran.out


def test_init_lays_out_a_site_that_every_command_takes(run: Run, tmp_path: Path):
    ran = run("init", tmp_path / "nơi làm việc")

    assert ran.status == 0
    assert "1438 thư mục" in ran.out
    assert run("arrivals", "--config", tmp_path / "nơi làm việc" / "config").status == 0


# --- called wrongly ----------------------------------------------------------------------------

WRONG: Sequence[tuple[str, ...]] = (
    ("status", "--round", "2015Q9"),
    ("status", "--round", "quý 1"),
    ("status", "--round", "0000Q1"),
    ("status", "--now", "hôm qua"),
    ("calendar", "--round", "15Q1"),
    ("remind", "--at", "2015-13-01"),
    ("arrivals", "--state", "lost"),
    ("arrivals", "--limit", "0"),
    ("show", "D000000-XXXXXX"),
    ("show", "D000000-XXXXXX", "--original", "x"),
    ("retry", "D000000-XXXXXX", "--why", "thử"),
    ("release", "D000000-XXXXXX", "--why", "thử"),
    ("reject", "D000000-XXXXXX", "--why", "thử"),
    ("explain", "/nowhere/at/all.xlsx"),
    ("units", "import", "/nowhere/units.csv"),
    ("units", "export", "/nowhere/at/all/units.csv"),
    ("units", "export"),
    ("units", "export", "a.csv", "--out", "b.csv"),
    ("calendar", "--round", "2015Q1", "--json", "--ics"),
    ("report", "backlog", "--out", "/nowhere/at/all/x.xlsx"),
    ("report", "nothing-such", "--out", "x.xlsx"),
    ("report",),
    ("retry", "D000000-XXXXXX", "--why", " "),
    ("retry", "--why", "thử"),
    ("retry", "D000000-XXXXXX", "--all", "--why", "thử"),
    ("retry", "D000000-XXXXXX", "--reason", "đĩa", "--why", "thử"),
    ("nothing-such",),
    ("status", "--nothing-such"),
    ("show",),
)


@pytest.mark.parametrize("args", WRONG, ids=" ".join)
def test_a_wrong_call_is_told_in_one_line_with_status_2(
    site: Site, run: Run, args: tuple[str, ...]
):
    named = () if args[0] in ("nothing-such",) else ("--config", site.config)
    ran = run(*args, *named)

    assert ran.status == 2
    assert ran.out == ""
    assert is_one_line(ran), ran.err
    assert not re.search(r"Invalid|Missing|not a|No such|does not|is not", ran.err)


def test_explain_takes_a_folder_for_what_would_lie_in_it(site: Site, run: Run):
    """An admin asks about a folder that a clerk names on the phone."""

    def told(folder: Path) -> dict[str, Any]:
        return run("explain", folder, "--json", "--config", site.config).json[0]

    district, ward = told(site.folder(DISTRICT)), told(site.folder(site.ward()))
    given_back = told(site.folder(DISTRICT) / "Trả lại")

    assert any("district-return" in line for line in district["takes"])
    assert any("ward-return" in line for line in ward["takes"])
    assert "takes" not in given_back
    assert given_back["unit"].startswith(f"{DISTRICT} ")


@pytest.mark.parametrize("command", ["status", "arrivals", "run", "doctor", "remind"])
def test_a_command_without_a_configuration_says_how_to_name_it(run: Run, command: str):
    ran = run(command)

    assert ran.status == 2
    assert "--config" in ran.err
    assert is_one_line(ran)


@pytest.mark.parametrize("command", ["status", "arrivals", "run", "calendar"])
def test_a_configuration_folder_that_is_not_there_is_told_plainly(
    run: Run, command: str, tmp_path: Path
):
    ran = run(command, "--config", tmp_path / "gone")

    assert ran.status == 2
    assert "Traceback" not in ran.err
    assert "gone" in ran.err or "process.toml" in ran.err


def test_every_mistake_in_the_configuration_is_told_at_once(run: Run, tmp_path: Path):
    site = Site(lay_out(tmp_path))
    site.set('kind = "local"', 'kind = "carrier-pigeon"')
    site.set('id = "cost-list"', 'id = "cost-list"\nsevereties = {}', "process.toml")
    ran = run("arrivals", "--config", site.config)

    assert ran.status == 2
    assert "bhyt-filedrop.toml" in ran.err
    assert "process.toml" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("command", "option"),
    [("status", "--now"), ("run", "--now"), ("init", "--now"), ("remind", "--at"),
     ("check", "--today"), ("entitlement", "--birth"), ("person", "--born"), ("debt", "--until")],
)  # fmt: skip
def test_a_day_that_no_round_can_have_is_told_and_never_counted_with(
    run: Run, command: str, option: str, day: str
):
    called = {"check": ["check", __file__], "init": ["init", "/never"], "debt": ["debt", "extend"]}
    ran = run(*called.get(command, [command]), option, day)

    assert ran.status == 2
    assert is_one_line(ran)
    assert day in ran.err
    assert "1990" in ran.err


def test_a_decision_needs_a_reason(site: Site, run: Run):
    drop = drop_named(site, "mẫu 4.xlsx")
    ran = run("release", drop.id, "--config", site.config)

    assert ran.status == 2
    assert "--why" in ran.err


def test_a_demo_where_nothing_can_be_made_is_told_in_one_line(run: Run, tmp_path: Path):
    (tmp_path / "file").write_text("x")
    ran = run("demo", "--dir", tmp_path / "file" / "demo")

    assert ran.status == 2
    assert "Traceback" not in ran.err
    assert ran.err.splitlines()[-1].startswith("bhyt-filedrop: ")


@pytest.mark.parametrize("action", ["retry", "release", "reject"])
def test_a_decision_about_a_closed_drop_is_refused_in_one_line(site: Site, run: Run, action: str):
    drop = drop_named(site, "mẫu 3.xlsx")
    ran = run(action, drop.id, "--why", "thử", "--config", site.config)

    assert ran.status == 2
    assert is_one_line(ran)
    assert site.only_state(drop) == "accepted"


def test_init_where_nobody_may_write_is_told_in_one_line(run: Run, tmp_path: Path):
    (tmp_path / "file").write_text("x")
    ran = run("init", tmp_path / "file" / "site")

    assert ran.status == 2
    assert is_one_line(ran)


def test_a_held_drop_is_released_from_the_command_line(run: Run, tmp_path: Path):
    site = Site(lay_out(tmp_path))
    data = form_4(site)
    site.drop(site.ward(), "mẫu 4.xlsx", data)
    site.once()
    ran = run("release", site.only().id, "--why", "chỉ có mẫu 4", "--config", site.config)
    site.once()

    assert ran.status == 0
    assert site.only().state == "accepted"
    assert list(site.found(DISTRICT, "from wards").values()) == [data]


# --- as a process of its own -------------------------------------------------------------------


def called(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bhyt_filedrop", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        cwd=Path(__file__).resolve().parent.parent,
        timeout=300,
        check=False,
    )


def test_the_commands_speak_vietnamese_unless_told_otherwise(site: Site):
    vietnamese = called("arrivals", "--config", site.config).stdout
    english = called("--lang", "en", "arrivals", "--config", site.config).stdout
    by_environment = called("arrivals", "--config", site.config, BHYT_FILEDROP_LANG="en").stdout

    assert "Trạng thái" in vietnamese
    assert "State" in english
    assert by_environment == english


def test_a_wrong_call_is_told_in_english_where_english_is_spoken():
    said = called("--lang", "en", "status", "--round", "2015Q9")

    assert is_one_line(Ran(said.returncode, said.stdout, said.stderr))
    assert "'2015Q9' is not a round" in said.stderr
    assert "see: bhyt-filedrop status --help" in said.stderr


@pytest.mark.parametrize("command", [(), ("status",), ("check",), ("units", "import")])
def test_help_is_in_both_languages(command: tuple[str, ...]):
    vietnamese = called(*command, "--help")
    english = called("--lang", "en", *command, "--help")

    assert vietnamese.returncode == english.returncode == 0
    assert vietnamese.stdout != english.stdout


def test_a_terminal_that_knows_no_vietnamese_is_no_reason_to_fail(site: Site):
    ran = called("arrivals", "--config", site.config, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert ran.returncode == 0
    assert ran.stderr == ""


@pytest.mark.parametrize("args", [("status",), ("arrivals",), ("run", "--once")], ids=" ".join)
def test_a_ledger_that_is_no_database_is_told_in_one_line(
    run: Run, tmp_path: Path, args: tuple[str, ...]
):
    lay_out(tmp_path)
    (tmp_path / "state" / "ledger.sqlite3").write_bytes(b"not a database, but long enough " * 99)
    ran = run(*args, "--config", tmp_path / "config")

    assert ran.status == 2
    assert is_one_line(ran)
    assert "sổ" in ran.err
