"""`demo`: a site in which one round of synthetic lists is under way."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import click

from bhyt_filedrop.commands.common import clock_of
from bhyt_filedrop.language import say

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
    from bhyt_filedrop.simulate.demo import LAST_MORNING, Demo, drop
    from bhyt_filedrop.site import init
    from bhyt_filedrop.wiring import open_tree, world_of

    config = directory / "config"
    if config.exists():
        click.echo(say(f"{directory} đã có, dùng tiếp.", f"{directory} is there already."))
    else:
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
    click.echo(
        say(
            f"Chạy tiếp: bhyt-filedrop run --config {config} --now {LAST_MORNING:%Y-%m-%dT%H:%M}\n"
            f"Xem:       bhyt-filedrop status --config {config} --round 2015Q1 "
            f"--now {LAST_MORNING:%Y-%m-%dT%H:%M}",
            f"Go on: bhyt-filedrop run --config {config} --now {LAST_MORNING:%Y-%m-%dT%H:%M}\n"
            f"See:   bhyt-filedrop status --config {config} --round 2015Q1 "
            f"--now {LAST_MORNING:%Y-%m-%dT%H:%M}",
        )
    )


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
