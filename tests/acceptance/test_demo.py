"""The demo and the README: what a newcomer is promised is what happens."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.simulate.demo import LAST_MORNING
from tests.acceptance.readme import not_printed, shown, under
from tests.imports import ROOT
from tests.sites import replaced

NOW, LATER = "2015-06-16T08:30", "2015-06-16T09:00"
DROPPED = {
    "KQ quy 1.xlsx": "held",  # a ward's form 4, its D03-TS still to come
    "ho so GKS.zip": "accepted",  # both lists of a ward, a day late
    "danh sach sua lai.xlsx": "returned",  # no reason why a child has no card
    "Bao cao mau 3 - Q1.xlsx": "accepted",
    "Quận 3 - mẫu 3.xlsx": "returned",  # four faults
    "cong van kem theo.pdf": "accepted",  # a scan goes along
    "danh sach.exe": "returned",
}
"""What lies in the folders on the last morning and is whole → the state that its kind calls for."""

CUT_OFF = "mau 3 dang tai.xlsx"


@dataclass(frozen=True)
class Demo:
    """A demo site, and what the program said while it was made and run."""

    directory: Path
    said: str
    arrived: tuple[dict[str, Any], ...]
    """Everything that arrived, oldest first, but for what the product made itself."""

    def ask(self, *words: str) -> str:
        """Return what a command prints about this site."""
        return called(*words, "--config", str(self.directory / "config"))

    @property
    def last_morning(self) -> list[dict[str, Any]]:
        """What was dropped on the last morning."""
        return [one for one in self.arrived if one["id"].startswith("D150616")]

    def mails(self) -> list[EmailMessage]:
        """Every letter that left."""
        parser = BytesParser(policy=modern)
        folder = self.directory / "state" / "mail" / "new"
        return [parser.parsebytes(path.read_bytes()) for path in sorted(folder.iterdir())]  # type: ignore[misc]


def called(*words: str, status: int = 0) -> str:
    """Call a command in this process, as `main` does, and return what it prints."""
    runner = CliRunner(env={"COLUMNS": "160"})  # a wide window: no table is folded
    ran = runner.invoke(cli, ["--lang", "vi", *words], standalone_mode=False)
    assert ran.exception is None, ran.output
    assert (ran.return_value or 0) == status
    return ran.stdout


def run_once(config: Path) -> str:
    """Handle everything that is there now, in a process of its own; return its log."""
    command = [sys.executable, "-m", "bhyt_filedrop", "run", "--once", "--config", str(config)]
    ran = subprocess.run([*command, "--now", NOW], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run once over everything that lies there."""
    directory = tmp_path_factory.mktemp("site") / "demo"
    config = directory / "config"
    ran = CliRunner().invoke(cli, ["--lang", "vi", "demo", "--dir", str(directory)])
    assert ran.exit_code == 0, ran.output
    # A machine may be so busy that the first run alone takes longer than the demo's half minute.
    replaced(config / "bhyt-filedrop.toml", "patience_minutes = 0.5", "patience_minutes = 60")
    said = ran.output + run_once(config)
    waiting = [p.name for p in (directory / "tree").rglob(CUT_OFF)]
    assert waiting == [CUT_OFF], "a file that does not end is left for as long as patience lasts"
    replaced(config / "bhyt-filedrop.toml", "patience_minutes = 60", "patience_minutes = 0")
    said += run_once(config)
    listed = called("arrivals", "--json", "--config", str(config)).splitlines()
    arrived = [one for one in map(json.loads, reversed(listed)) if Path(one["path"]).suffix]
    return Demo(directory, said, tuple(arrived))


def test_every_file_of_the_demo_ends_in_the_state_that_its_kind_calls_for(demo: Demo):
    states = {Path(one["path"]).name: one["state"] for one in demo.last_morning}
    earlier = [one["state"] for one in demo.arrived if one not in demo.last_morning]

    assert states == DROPPED | {CUT_OFF: "returned"}
    assert set(earlier) == {"accepted"}


def test_the_file_that_was_cut_off_is_returned_as_damaged(demo: Demo):
    (cut_off,) = [one for one in demo.last_morning if one["path"].endswith(CUT_OFF)]

    told = json.loads(demo.ask("show", cut_off["id"], "--json"))
    assert [one["code"] for one in told["findings"]] == ["file.damaged"]


def test_every_byte_of_the_demo_that_was_dropped_can_be_had_again(demo: Demo, tmp_path: Path):
    for one in demo.last_morning:
        out = tmp_path / one["id"]
        demo.ask("show", one["id"], "--original", str(out))
        assert out.stat().st_size == one["size"] > 0


def test_the_demo_shows_letters_of_every_kind_and_the_errors_marked_in_the_copy(demo: Demo):
    mails = demo.mails()
    kinds = Counter(str(mail["X-Filedrop-Kind"]) for mail in mails)

    assert kinds["returned"] == 4
    assert kinds["held"] == 1
    assert {"receipt", "delivered", "reminder", "digest"} <= set(kinds)
    (mine,) = [m for m in mails if m["X-Filedrop-Kind"] == "returned" and "770" in str(m["To"])]
    (copy,) = mine.iter_attachments()
    book = openpyxl.load_workbook(BytesIO(copy.get_content()))
    assert book.sheetnames == ["Lỗi cần sửa", "Danh sách"]
    assert book["Danh sách"]["D12"].comment is not None
    names = [p.name for p in (demo.directory / "tree").rglob("*CẦN SỬA*")]
    assert copy.get_filename() in names, "the copy lies in the folder too"


def test_every_child_of_the_demo_has_a_card_or_none(demo: Demo):
    """A newcomer is not to meet an alarm: each child treated stands in form 1 or in form 2."""
    assert "round.unbalanced" not in demo.said
    assert not any("không khớp" in mail["Subject"] for mail in demo.mails())


def test_status_names_who_delivered_who_owes_and_who_is_late(demo: Demo):
    told = json.loads(demo.ask("status", "--round", "2015Q1", "--now", LATER, "--json"))
    wards = next(one for one in told["handoffs"] if one["id"] == "ward-return")
    standing = {one["sender_name"]: one["standing"] for one in wards["units"]}

    assert standing["Phường Tân Định"] == "delivered"
    assert standing["Phường Bến Nghé"] == "delivered-late"
    assert standing["Phường Bến Thành"] == "overdue", "what was returned is still owed"
    assert standing["Phường Đa Kao"] == "overdue", "and so is the half that is missing"


# --- the README ----------------------------------------------------------------------------------


def test_the_readme_opens_with_the_two_commands():
    assert [one.command for one in shown()][:3] == ["make run", "make test", "make demo"]


def test_make_demo_plays_on_the_clock_of_its_story():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert f"DEMO_NOW := {NOW}\n" in makefile
    assert f"{LAST_MORNING:%Y-%m-%dT%H:%M}" == NOW


def test_what_the_readme_shows_of_the_demo_is_what_the_demo_says(demo: Demo):
    assert not_printed(under("make demo"), demo.said, str(demo.directory)) == []


@pytest.mark.parametrize("words", [("arrivals", "--state returned"), ("status",)])
def test_what_the_readme_shows_of_a_question_is_the_answer(demo: Demo, words: tuple[str, ...]):
    (command,) = [s.command for s in shown() if all(word in s.command for word in words)]
    asked = shlex.split(command.replace("var/demo", str(demo.directory)))[1:]

    said = called(*asked)

    assert not_printed(under(*words), said, str(demo.directory)) == []


def test_what_the_readme_shows_of_a_check_is_what_it_finds(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (command,) = [one.command for one in shown() if " check " in one.command]
    asked = shlex.split(command)[1:]
    (returned,) = [x for x in demo.last_morning if Path(x["path"]).name == asked[1]]
    demo.ask("show", returned["id"], "--original", str(tmp_path / asked[1]))

    said = called(*asked, status=1)

    assert not_printed(under(" check "), said, str(demo.directory)) == []
    assert (tmp_path / asked[-1]).exists()


def test_what_the_readme_shows_of_a_new_site_is_what_init_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    by_init = [line for line in under("make run") if line.startswith(("var:", "Chạy"))]

    said = called("init", "var")

    assert len(by_init) == 2
    assert not_printed(by_init, said, "var/demo") == []
