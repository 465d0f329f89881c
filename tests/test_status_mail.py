"""`status` says which letters did not get through, and which addresses nobody reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.letters.bounces import AddressChange, Lesson, Outcome
from bhyt_filedrop.domain.letters.letter import Letter, notice
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.settings import load
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import Books, open_books
from tests.offices import moment
from tests.sites import copied_config, local_tree, one_district, replaced_first

NOW = moment(6, 20, 9)
GONE, GOOD = "nghi-viec@q1.example", "quan1@q1.example"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = copied_config(tmp_path)
    one_district(made)
    line = "760,Quận 1,district,,760,07901,Quận 1,"
    replaced_first(made / "units.csv", f"{line},", f"{line}{GONE};{GOOD},")
    init(tmp_path, local_tree)
    return made


@pytest.fixture
def books(config: Path) -> Iterator[Books]:
    opened = open_books(load(config))
    yield opened
    opened.close()


def status(config: Path, *more: str) -> str:
    call = ["--lang", "vi", "status", "--config", str(config), "--now", "2015-06-21T09:00", *more]
    told = CliRunner().invoke(cli, call)
    assert told.exit_code == 0, told.output
    return told.output


def facts(config: Path) -> Any:
    return json.loads(status(config, "--json"))


def refused(books: Books, number: int, unit: str, address: str, *, days: int = 0) -> None:
    """A letter that one of a unit's addresses did not take."""
    letter, at = notice(str(number), unit, "Thông báo", ["Một dòng."]), NOW - timedelta(days=days)
    books.letters.put_letter(letter, at)
    books.letters.letter_sent(
        [letter.key], Taken("<1@x>", at, ()), {address: f"550 no such user {number}"}
    )


def test_an_address_that_a_server_refuses_for_good_is_told_with_its_unit_and_reason(
    config: Path, books: Books
):
    refused(books, 1, "760", GONE, days=1)
    refused(books, 2, "760", GONE)

    (told,) = facts(config)["refused_addresses"]
    assert told == {
        "address": GONE,
        "unit": "760",
        "reason": "550 no such user 2",
        "letters": 2,
        "last": NOW.isoformat(),
        "bounced": False,
    }
    text = status(config)
    assert "Địa chỉ thư bị từ chối: 1" in text
    assert f"{GONE} – Quận 1: 550 no such user 2 (20/06/2015 09:00)" in text


def test_an_address_that_was_taken_out_of_the_units_is_told_no_more(config: Path, books: Books):
    refused(books, 1, "760", "da-sua@q1.example")
    refused(books, 2, "999", GONE)
    refused(books, 3, "760", GONE, days=200)

    assert facts(config)["refused_addresses"] == []
    assert "bị từ chối" not in status(config)


def test_a_letter_that_was_set_aside_is_told_with_its_reason(config: Path, books: Books):
    letter = notice("9", "760", "Thông báo", ["Một dòng."])
    books.letters.put_letter(letter, NOW)
    why = f"every address was refused: {GONE}: 550 no"
    books.letters.letter_set_aside([letter.key], why, {GONE: "550 no"})

    told = facts(config)
    assert told["trouble"] == [{"key": "notice/9", "state": "set-aside", "error": why}]
    assert [one["address"] for one in told["refused_addresses"]] == [GONE]
    assert f"! notice/9 (gác lại): {why}" in status(config)


# --- what comes back later -------------------------------------------------------------------


def came_back(books: Books, number: int, outcome: Outcome, *, days: int = 0) -> None:
    """A letter that a server took for an address, and then told of."""
    letter, at = notice(str(number), "760", "Thông báo", ["Một dòng."]), NOW - timedelta(days=days)
    mail = f"<{number}@bhxh.example>"
    books.letters.put_letter(letter, at)
    books.letters.letter_sent([letter.key], Taken(mail, at, (GONE, GOOD)), {})
    handed = books.bounces.handed_over([mail])
    assert handed is not None
    told = Lesson(True, {GONE: AddressChange(outcome, f"{number} 5.1.1 no such user")})
    books.bounces.learn(handed, told, at, "", [])


def test_an_address_that_bounced_stands_among_the_refused_with_reason_and_time(
    config: Path, books: Books
):
    refused(books, 1, "760", GONE, days=2)
    came_back(books, 2, Outcome.REFUSED, days=1)
    came_back(books, 3, Outcome.REFUSED)

    (told,) = facts(config)["refused_addresses"]
    assert told == {
        "address": GONE,
        "unit": "760",
        "reason": "3 5.1.1 no such user",
        "letters": 3,
        "last": NOW.isoformat(),
        "bounced": True,
    }
    text = status(config)
    assert "Địa chỉ thư bị từ chối: 1" in text
    assert f"{GONE} – Quận 1: 3 5.1.1 no such user (thư bị trả về 20/06/2015 09:00)" in text
    assert "chưa đến nơi" not in text


def test_a_letter_that_is_late_or_was_given_up_blames_no_address(config: Path, books: Books):
    came_back(books, 1, Outcome.GIVEN_UP)
    assert "(không chuyển được, báo về 20/06/2015 09:00)" in status(config)
    came_back(books, 2, Outcome.DELAYED)

    told = facts(config)
    assert told["refused_addresses"] == []
    (late,) = told["undelivered_addresses"]
    assert (late["address"], late["outcome"], late["letters"]) == (GONE, "delayed", 2)
    text = status(config)
    assert "Thư đã gửi nhưng chưa đến nơi: 1 địa chỉ" in text
    assert "(còn đang chuyển, báo về 20/06/2015 09:00)" in text


def test_a_delay_of_last_week_is_told_no_more_but_a_failure_is(config: Path, books: Books):
    came_back(books, 1, Outcome.DELAYED, days=7)
    assert facts(config)["undelivered_addresses"] == []

    came_back(books, 2, Outcome.GIVEN_UP, days=7)
    assert len(facts(config)["undelivered_addresses"]) == 1


# --- sending again -------------------------------------------------------------------------------


def resend(config: Path, *more: str) -> str:
    told = CliRunner().invoke(cli, ["--lang", "vi", "resend", "--config", str(config), *more])
    assert told.exit_code == 0, told.output
    return told.output


def set_aside(books: Books, *letters: Letter) -> None:
    books.letters.put_letters(letters, NOW)
    books.letters.letter_set_aside([one.key for one in letters], "550 no such user")


def test_letters_that_were_set_aside_are_listed_and_go_again_on_a_word(config: Path, books: Books):
    set_aside(books, notice("1", "760", "Thông báo", []), notice("2", "cntt", "Thông báo", []))

    assert "2 thư đang gác lại" in resend(config)
    assert "550 no such user" in resend(config)
    assert books.letters.counts() == {"set-aside": 2}

    assert "1 thư sẽ được gửi lại" in resend(config, "--unit", "760")
    assert "1 thư sẽ được gửi lại" in resend(config, "notice/2")
    assert books.letters.counts() == {"due": 2}


def test_a_reminder_of_a_day_that_is_over_is_not_sent_again(config: Path, books: Books):
    set_aside(books, Letter("reminder/760/2015-06-19", "reminder", "760", {}))

    assert "1 thư không gửi lại" in resend(config, "--all")
    assert books.letters.counts() == {"set-aside": 1}


def test_a_key_or_a_unit_that_nobody_knows_is_told(config: Path, books: Books):
    for wrong in (["notice/9"], ["--unit", "999"]):
        told = CliRunner().invoke(cli, ["resend", "--config", str(config), *wrong])
        assert told.exit_code in (1, 2)
        assert wrong[-1] in told.output


def test_a_letter_that_left_goes_again_as_a_copy_of_its_own(config: Path, books: Books):
    """Servers drop a second mail of the same id, so the copy has another; the reason is kept."""
    books.letters.put_letters((notice("1", "760", "Thông báo", []),), NOW)
    books.letters.letter_sent(["notice/1"], Taken("<1@x>", NOW, ("a@q1.example",)), {})

    for number in (1, 2):
        told = resend(config, "notice/1", "--why", "quận chưa nhận được", "--by", "Hà")
        assert f"notice/1/again-{number}" in told

    assert books.letters.counts() == {"sent": 1, "due": 2}
    with books.engine.connect() as connection:
        query = "SELECT detail FROM events WHERE kind = 'letter-again' ORDER BY id"
        found = [json.loads(detail) for (detail,) in connection.exec_driver_sql(query)]
    assert [(one["who"], one["why"]) for one in found] == [("Hà", "quận chưa nhận được")] * 2


def test_a_reminder_that_left_on_another_day_is_not_sent_again(config: Path, books: Books):
    key = "reminder/760/2015-06-19"
    books.letters.put_letters((Letter(key, "reminder", "760", {}),), NOW)
    books.letters.letter_sent([key], Taken("<1@x>", NOW, ("a@q1.example",)), {})
    told = CliRunner().invoke(cli, ["--lang", "vi", "resend", key, "--config", str(config)])

    assert "thư của hôm nay nói đúng hơn" in told.output
    assert books.letters.counts() == {"sent": 1}


def test_what_bounced_is_under_way_again_once_it_goes_again(config: Path, books: Books):
    refused(books, 1, "760", GONE)
    set_aside(books, notice("1", "760", "Thông báo", []))

    resend(config, "--all")

    assert facts(config)["refused_addresses"] == []
