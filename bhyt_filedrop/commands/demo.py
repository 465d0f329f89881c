"""`demo`: a site in which one round of synthetic lists is under way."""

from __future__ import annotations

import csv
import shlex
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import clock_of
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.simulate.demo import Demo

_SETTINGS = (
    ("patience_minutes = 10", "patience_minutes = 0.5"),
    ("interval_seconds = 15", "interval_seconds = 2"),
    ('format = "json"', 'format = "console"'),
)
"""The demo waits half a minute, not ten, for a file that never ends, and speaks to people."""


@click.command(
    help=say(
        "Lập nơi làm việc mẫu: quý 1/2015, dữ liệu giả, đến sáng 16/06/2015.",
        "Lay out a demo: the first quarter of 2015, made-up data, up to 16 June 2015.",
    )
)
@click.option(
    "--dir",
    "directory",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=say("Thư mục mới.", "A new folder."),
)
def demo(directory: Path) -> None:
    from bhyt_filedrop.service import run_once
    from bhyt_filedrop.settings import load
    from bhyt_filedrop.simulate.demo import Demo, drop
    from bhyt_filedrop.site import init
    from bhyt_filedrop.wiring import open_tree, world_of

    config = directory / "config"
    if config.exists():
        click.echo(say(f"{directory} đã có, dùng tiếp.", f"{directory} is there already."))
        _tell_where(directory)
        return
    click.echo(say("Đang lập quý 1/2015 …", "Playing the first quarter of 2015 …"), err=True)
    init(directory, open_tree)
    _suit(config)
    settings = load(config)
    world = world_of(settings)
    played = Demo(settings.units)
    root = Path(settings.trees[0].root)
    for scene in played.scenes():
        drop(scene, world.routes, root)
        run_once(settings, clock_of(scene.at), time.sleep)
    drop(played.last_morning(), world.routes, root)
    _tell_what(played)
    _tell_where(directory)


def _tell_what(played: Demo) -> None:
    """List what lies in the drop folders, and what will become of it."""
    from bhyt_filedrop.simulate.demo import LAST_MORNING, STORIES

    click.echo(
        say(
            f"Sáng {LAST_MORNING:%d/%m/%Y}, trong các thư mục nộp (người và thẻ đều bịa ra):",
            f"The morning of {LAST_MORNING:%d/%m/%Y}, in the drop folders (everybody is made up):",
        )
    )
    for one, story in zip(played.last_morning().drops, STORIES, strict=True):
        unit = played.units.full_name(played.units[one.unit])
        click.echo(f"  {unit:31} {one.name:23} {say(*story)}")


def _tell_where(directory: Path) -> None:
    """Say where things lie and which commands to ask."""
    from bhyt_filedrop.simulate.demo import LAST_MORNING

    now = f"--now {LAST_MORNING:%Y-%m-%dT%H:%M}"
    later = f"--now {LAST_MORNING + timedelta(minutes=30):%Y-%m-%dT%H:%M}"  # all is handled by then
    call, config = _called_as(), shlex.quote(str(directory / "config"))
    rows = (
        (say("Thư mục", "Folders"), str(directory / "tree")),
        (say("Thư", "Letters"), str(directory / "state" / "mail" / "new")),
        (say("Chạy", "Run"), f"{call} run --config {config} {now}"),
        (say("Đã nhận", "Arrivals"), f"{call} arrivals --config {config}"),
        (say("Ai còn nợ", "Who owes"), f"{call} status --config {config} --round 2015Q1 {later}"),
    )
    for title, text in rows:
        click.echo(f"{title + ':':11} {text}")


def _called_as() -> str:
    """The program as it was called, so that a line can be copied."""
    called = sys.argv[0]
    return shlex.quote(called) if Path(called).name == "bhyt-filedrop" else "bhyt-filedrop"


def _suit(config: Path) -> None:
    """Turn the shipped configuration into a demo's: quick, and with addresses that go nowhere."""
    file = config / "bhyt-filedrop.toml"
    text = file.read_text(encoding="utf-8")
    for shipped, ours in _SETTINGS:
        text = text.replace(shipped, ours)
    file.write_text(text, encoding="utf-8")
    _give_addresses(config / "units.csv")


def _give_addresses(file: Path) -> None:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["email"] = f"{row['kind']}-{row['id']}@bhyt.example"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
