"""A name may hold anything; whoever looks at a drop sees it, and the terminal obeys nothing."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from bhyt_filedrop import commands
from bhyt_filedrop.cli import cli
from tests.journey.scenes import packed
from tests.journey.site import DISTRICT, Site

NAME = "mẫu\x1b[2J 3\nD999999-AAAAAA  ok \u202egpj.exe"
HIDDEN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printed(site: Site, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--config", str(site.config)])
    assert done.exit_code in (0, 1), done.output
    return done.output


def test_commands_and_letters_show_what_a_name_hides(site: Site, tmp_path: Path):
    site.drop(DISTRICT, NAME, packed(**{NAME: b"MZ" + bytes(99)}))
    site.once()
    drop = site.only()

    for words in (["arrivals"], ["show", drop.id], ["arrivals", "--json"], ["status"]):
        output = printed(site, *words)
        assert HIDDEN.search(output) is None
        assert not any(line.startswith("D999999-AAAAAA") for line in output.splitlines())
    for words in (["arrivals"], ["show", drop.id]):
        assert "u001b[2J" in printed(site, *words).replace("\n", "")
    for mail in site.mails():
        body = mail.get_body(("plain",))
        assert body is not None
        assert HIDDEN.search(f"{mail['Subject']}{body.get_content()}") is None


def test_check_shows_what_a_name_hides(site: Site, tmp_path: Path):
    path = tmp_path / NAME
    path.write_bytes(b"MZ" + bytes(99))
    output = printed(site, "check", str(path))

    assert HIDDEN.search(output) is None
    assert "\\u001b[2J" in output


def test_every_command_prints_by_the_functions_that_show_what_is_hidden():
    """A line by one, a table by another, a wrong call by a third."""
    folder = Path(commands.__file__).parent
    direct = [p.name for p in folder.glob("*.py") if "click.echo(" in p.read_text(encoding="utf-8")]

    assert sorted(direct) == ["common.py", "tables.py", "usage.py"]
