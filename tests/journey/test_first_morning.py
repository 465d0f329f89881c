"""A new site asks nobody for what was handed over without it, and shows its first letters first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.wiring.books import open_books
from tests.journey.site import Site

MID_ROUND = datetime(2015, 6, 19, 9, tzinfo=ZONE)
"""Everything but the last lists was due: the board would hear of all of them."""
WARNED = datetime(2015, 5, 8, 9, tzinfo=ZONE)
"""Seven days before the first due date of the round."""


def begun_with(site: Site, first: str) -> None:
    """Say with which round the site begins."""
    machine = site.config / "bhyt-filedrop.toml"
    with machine.open("a", encoding="utf-8") as file:
        file.write(f'\n[rounds]\nfirst = "{first}"\n')


def reminder_keys(site: Site) -> set[str]:
    books = open_books(site.settings)
    try:
        return set(books.letters.known_keys(("reminder/", "notice/reminders-first/")))
    finally:
        books.close()


def call(site: Site, *args: str) -> Result:
    return CliRunner().invoke(cli, [*args, "--config", str(site.config)])


Remind = Callable[..., Result]


@pytest.fixture
def remind(site: Site) -> Remind:
    """Call `remind` at the morning of the first warning."""
    return lambda *args: call(site, "remind", "--at", WARNED.isoformat(), *args)


def test_a_site_that_begins_in_mid_round_writes_to_nobody(site: Site):
    begun_with(site, "2015Q2")
    site.clock.now = MID_ROUND
    site.once()

    assert reminder_keys(site) == set()
    assert site.mails() == []


def test_a_site_without_the_key_asks_for_the_round_that_is_under_way_as_ever(site: Site):
    site.clock.now = MID_ROUND
    site.once()

    assert any(key.startswith("reminder/board/") for key in reminder_keys(site))


def test_the_status_says_that_nobody_is_reminded_of_a_round_before_the_first(site: Site):
    begun_with(site, "2015Q2")
    asked = ("status", "--round", "2015Q1", "--now", MID_ROUND.isoformat())

    assert "bắt đầu từ Đợt 2 năm 2015" in call(site, *asked).output
    assert '"first_round": "2015Q2"' in call(site, *asked, "--json").output


def test_the_first_letters_wait_and_an_admin_hears_of_them(site: Site):
    begun_with(site, "2015Q1")
    site.clock.now = WARNED
    site.once()

    assert reminder_keys(site) == {"notice/reminders-first/2015-05-08"}
    (told,) = site.mails()
    assert "thư nhắc đầu tiên đang chờ xem" in str(told["Subject"])
    said = call(site, "status", "--round", "2015Q1", "--now", WARNED.isoformat()).output
    assert "remind --confirm" in said


def test_the_letters_are_shown_whole_before_they_go(site: Site, remind: Remind):
    begun_with(site, "2015Q1")

    shown = remind("--dry-run").output

    assert "Kính gửi Phòng NVGĐ1" in shown or "Kính gửi Phòng Nghiệp vụ giám định 1" in shown
    assert "Danh sách chi phí KCB, Đợt 1 năm 2015" in shown
    assert reminder_keys(site) == set()


def test_without_a_word_of_the_admin_they_stay(site: Site, remind: Remind):
    begun_with(site, "2015Q1")

    assert "chưa gửi" in remind().output
    assert reminder_keys(site) == set()


def test_confirmed_they_go_and_the_next_morning_asks_nobody(site: Site, remind: Remind):
    begun_with(site, "2015Q1")
    assert "đã xếp hàng gửi" in remind("--confirm").output
    first = reminder_keys(site)
    assert "reminder/nvgd1/2015-05-08" in first

    site.clock.now = datetime(2015, 5, 12, 9, tzinfo=ZONE)
    site.once()

    assert "reminder/nvgd1/2015-05-12" in reminder_keys(site)
    assert not any(key.startswith("notice/") for key in reminder_keys(site))


def test_one_sees_or_confirms(site: Site, remind: Remind):
    assert remind("--dry-run", "--confirm").exit_code == 2


def test_init_says_with_which_round_a_new_site_begins_and_asks_where_nobody_said_it(site: Site):
    asked = ["init", str(site.directory), "--now", MID_ROUND.isoformat()]
    assert '[rounds] first = "2015Q2"' in CliRunner().invoke(cli, asked).output

    begun_with(site, "2015Q2")
    assert "Đợt đầu tiên được nhắc: Đợt 2 năm 2015" in CliRunner().invoke(cli, asked).output
