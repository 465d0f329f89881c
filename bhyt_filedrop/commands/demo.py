"""`demo`: a site in which one round of synthetic lists is under way."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import socket
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import city_option, clock_of, tell
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from datetime import datetime

    from bhyt_filedrop.simulate.demo import Demo
    from bhyt_filedrop.simulate.quarter.judge import QuarterJudgement

_SETTINGS = (
    ("patience_minutes = 10", "patience_minutes = 0.5"),
    ("interval_seconds = 15", "interval_seconds = 2"),
    ('format = "json"', 'format = "console"'),
)
"""The demo waits half a minute, not ten, for a file that never ends, and speaks to people."""


@click.command(
    help=say(
        "Lập nơi làm việc mẫu: quý 1/2015, dữ liệu giả, đến sáng 16/06/2015 (hoặc trọn quý).",
        "Lay out a demo: the first quarter of 2015, made-up data, up to 16 June (or all of it).",
    )
)
@click.option(
    "--dir",
    "directory",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=say("Thư mục mới.", "A new folder."),
)
@click.option(
    "--full",
    is_flag=True,
    help=say(
        "Diễn trọn một quý với mọi đơn vị của tỉnh, thành phố; rồi kiểm tra mọi thứ.",
        "Play a whole quarter of all the city's offices, and check everything in the end.",
    ),
)
@click.option(
    "--children",
    type=click.IntRange(100, 100_000),
    help=say("Với --full: số trẻ (10000).", "With --full: how many children (10000)."),
)
@click.option(
    "--districts",
    type=click.IntRange(6, 23),
    help=say(
        "Với --full: chỉ diễn với bấy nhiêu quận, huyện.",
        "With --full: play with so many districts only.",
    ),
)
@click.option(
    "--seed",
    type=int,
    help=say("Với --full: số gieo ngẫu nhiên (1).", "With --full: the seed of chance (1)."),
)
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=say(
        "Với --full: diễn theo quy trình, đơn vị, mẫu biểu của thư mục cấu hình này.",
        "With --full: play by the process, units and forms of this configuration.",
    ),
)
@city_option
def demo(
    directory: Path,
    full: bool,
    children: int | None,
    districts: int | None,
    seed: int | None,
    config: Path | None,
    city: str,
) -> None:
    from bhyt_filedrop.simulate.quarter.roles import CannotPlay
    from bhyt_filedrop.site.lay_out import SiteError

    try:
        _play(directory, city, full, (config, children, districts, seed))
    except (SiteError, CannotPlay) as error:
        raise click.ClickException(str(error)) from error


def _play(
    directory: Path,
    city: str,
    full: bool,
    cast: tuple[Path | None, int | None, int | None, int | None],
) -> None:
    if full:
        _whole_quarter(directory, city, *cast)
    elif any(one is not None for one in cast):
        options = "--config, --children, --districts, --seed"
        raise click.UsageError(
            say(f"{options} chỉ đi với --full.", f"{options} need --full."),
        )
    else:
        _first_morning(directory, city)


def _first_morning(directory: Path, city: str) -> None:
    from bhyt_filedrop.service import run_once
    from bhyt_filedrop.settings import load
    from bhyt_filedrop.simulate.demo import Demo, drop
    from bhyt_filedrop.site.lay_out import init
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.trees import open_tree

    config = directory / "config"
    if config.exists():
        tell(say(f"{directory} đã có, dùng tiếp.", f"{directory} is there already."))
        _tell_where(directory)
        _tell_page(config)
        return
    tell(say("Đang lập quý 1/2015 …", "Playing the first quarter of 2015 …"), err=True)
    init(directory, open_tree, city=city)
    _suit(config)
    settings = load(config)
    world = world_of(settings)
    played = Demo(settings.units, settings.process)
    root = Path(settings.trees[0].root)
    for scene in played.scenes():
        drop(scene, world.routes, root)
        run_once(settings, clock_of(scene.at), time.sleep)
    drop(played.last_morning(), world.routes, root)
    _tell_what(played)
    _tell_where(directory)
    _tell_page(config)


def _whole_quarter(
    directory: Path,
    city: str,
    like: Path | None,
    children: int | None,
    districts: int | None,
    seed: int | None,
) -> None:
    from bhyt_filedrop.settings import load
    from bhyt_filedrop.simulate.quarter.cast import make_smaller
    from bhyt_filedrop.simulate.quarter.whole import CHILDREN, SEED, play_quarter
    from bhyt_filedrop.site.lay_out import init, rehearse
    from bhyt_filedrop.wiring.trees import open_tree

    config = directory / "config"
    if like and city:
        raise click.UsageError(say("--config hoặc --city.", "--config or --city."))
    if config.exists():
        raise click.UsageError(
            say(f"{directory} đã có; hãy chọn thư mục mới.", f"{directory} is there already.")
        )
    if like:
        rehearse(directory, like, open_tree)
    else:
        init(directory, open_tree, city=city)
    chance = SEED if seed is None else seed
    if districts is not None:
        make_smaller(config, districts, chance)
        shutil.rmtree(directory / "tree")  # folders of offices that do not play
        init(directory, open_tree)
    _suit(config)
    found = play_quarter(
        load(config),
        children=CHILDREN if children is None else children,
        seed=chance,
        tell=_tell_week,
    )
    _tell_judgement(found)
    _tell_where_in_the_end(config)
    if found.problems:
        raise click.exceptions.Exit(1)


def _tell_week(at: datetime, dropped: int) -> None:
    """Say once a week of the played quarter how far it is."""
    if at.weekday() == 0 and at.hour == 8:
        tell(
            say(f"Sáng {at:%d/%m/%Y}: {dropped} tệp đã nộp", f"{at:%d/%m/%Y}: {dropped} files"),
            err=True,
        )


def _tell_judgement(found: QuarterJudgement) -> None:
    rows = (
        (say("Trẻ em", "Children"), f"{found.children:,}"),
        (say("Đơn vị cơ sở có trẻ", "Wards with children"), f"{found.wards}"),
        (say("Tệp đã nộp", "Files dropped"), f"{found.dropped:,}"),
        (say("Tệp sai bị trả lại", "Wrong files returned"), f"{found.returned}"),
        (say("Lỗi đã gài", "Faults planted"), f"{found.faults} ({found.kinds})"),
        (say("Thư nhắc", "Reminders"), f"{found.reminders:,}"),
        (say("Trẻ sai địa bàn", "Misplaced"), f"{found.misplaced}"),
        (say("Cân đối", "Balances"), f"{found.hops:,}"),
        (say("Đã phân bổ", "Costs charged"), f"{found.allocated:,} / {found.total:,} đồng"),
        (say("Điều không đúng", "Problems"), f"{len(found.problems)}"),
    )
    for title, text in rows:
        tell(f"{title + ':':22} {text}")
    for problem in found.problems:
        tell(f"  {problem}")


def _tell_where_in_the_end(config: Path) -> None:
    call, where = _called_as(), f"--config {shlex.quote(str(config))} --round 2015Q1"
    for command in ("status", "trace", "report backlog --out backlog.html"):
        tell(f"{call} {command} {where} --now 2015-07-03T09:00")


def _tell_what(played: Demo) -> None:
    """List what lies in the drop folders, and what will become of it."""
    from bhyt_filedrop.simulate.demo import LAST_MORNING, STORIES

    tell(
        say(
            f"Sáng {LAST_MORNING:%d/%m/%Y}, trong các thư mục nộp (người và thẻ đều bịa ra):",
            f"The morning of {LAST_MORNING:%d/%m/%Y}, in the drop folders (everybody is made up):",
        )
    )
    for one, story in zip(played.last_morning().drops, STORIES, strict=True):
        unit = played.units.full_name(played.units[one.unit])
        tell(f"  {unit:31} {one.name:23} {say(*story)}")


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
        tell(f"{title + ':':11} {text}")


def _tell_page(config: Path) -> None:
    """Turn a demo's page on, at a port that is free, and say where it is and how to sign in."""
    from bhyt_filedrop.settings import load
    from bhyt_filedrop.web.demo_login import new_login
    from bhyt_filedrop.wiring.books import open_books
    from bhyt_filedrop.wiring.page import accounts_of

    file = config / "bhyt-filedrop.toml"
    text = file.read_text(encoding="utf-8").replace("enabled = false", "enabled = true")
    file.write_text(re.sub(r'listen = "[^"]*"', f'listen = "{_free_place()}"', text), "utf-8")
    settings = load(config)
    with closing(open_books(settings)) as books:
        name, password = new_login(accounts_of(books))
    title, login = say("Trang xem", "Page"), say("đăng nhập", "sign in as")
    tell(f"{title + ':':11} {settings.web.address}/  ({login}: {name} / {password})")


def _free_place() -> str:
    """The page's usual address, or one with another port where that one is taken."""
    for port in (USUAL_PORT, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as there:
                return f"127.0.0.1:{there.getsockname()[1]}"
        except OSError:
            continue
    return f"127.0.0.1:{USUAL_PORT}"


USUAL_PORT = 8331


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
