"""Extend, snooze, acknowledge by command: the daemon's letters, status and calendar keep to it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.wiring.books import open_books
from tests.journey.parties import form, letters
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site, people

DUE = "H2b"
"""CNTT's list of children without a card, by 20/05."""
MORNING_AFTER = datetime(2015, 5, 21, 8, 30, tzinfo=ZONE)


@pytest.fixture
def overdue(site: Site) -> Site:
    """The morning after CNTT had to give its lists, which it did not."""
    site.clock.now = MORNING_AFTER
    return site


def debt(site: Site, *args: str) -> Result:
    call = ["debt", *args, "--config", str(site.config)]
    return CliRunner().invoke(cli, [*call, "--now", site.clock.now.isoformat()])


def extend(site: Site, until: str, *args: str) -> Result:
    return debt(site, "extend", "cntt", DUE, "--until", until, "--why", "công văn 12/BHXH", *args)


def entry_of(site: Site, handoff: str, now: datetime) -> dict[str, Any]:
    call = ["status", "--json", "--config", str(site.config), "--now", now.isoformat()]
    told = json.loads(CliRunner().invoke(cli, call).output)
    (one,) = (h for h in told["handoffs"] if h["number"] == handoff)
    entry: dict[str, Any] = one["units"][0]
    return entry


def test_what_was_extended_is_not_reminded_of_as_late(overdue: Site):
    assert extend(overdue, "2015-05-27").exit_code == 0
    overdue.once()

    (digest,) = letters(overdue, "digest")
    assert "được gia hạn đến 27/05/2015 (công văn 12/BHXH)" in str(digest.context["rounds"])
    (letter,) = letters(overdue, "reminder", "cntt")
    assert [one["number"] for one in letter.context["items"] if one["overdue"]] == ["H2a"]


def test_a_list_within_its_extension_gets_a_receipt_that_does_not_call_it_late(overdue: Site):
    extend(overdue, "2015-05-27")
    overdue.drop(
        "cntt", "mẫu 2.xlsx", form(overdue, "form-2", "cntt", people(overdue.units, DISTRICT))
    )
    overdue.once()

    (receipt,) = letters(overdue, "receipt", "cntt")
    assert not receipt.context["late"]
    assert receipt.context["due_text"] == "chậm nhất ngày 27/05/2015 (đã gia hạn)"
    entry = entry_of(overdue, DUE, overdue.clock.now.replace(day=28))
    assert (entry["standing"], entry["saved_by_extension"]) == ("delivered", True)


def test_an_extension_that_is_undone_leaves_the_list_late_and_both_are_on_record(overdue: Site):
    made = json.loads(extend(overdue, "2015-05-27", "--json", "--by", "Hà").output)
    overdue.drop(
        "cntt", "mẫu 2.xlsx", form(overdue, "form-2", "cntt", people(overdue.units, DISTRICT))
    )
    overdue.once()
    undone = debt(overdue, "undo", str(made["id"]), "--why", "ghi nhầm đơn vị", "--by", "Minh")

    assert undone.exit_code == 0
    assert entry_of(overdue, DUE, overdue.clock.now)["standing"] == "delivered-late"
    listed = debt(overdue, "list").output
    assert "công văn 12/BHXH" in listed and "đã hủy" in listed
    assert [(e["who"], e["why"]) for e in acts(overdue)] == [
        ("Hà", "công văn 12/BHXH"), ("Minh", "ghi nhầm đơn vị"),
    ]  # fmt: skip
    again = debt(overdue, "undo", str(made["id"]), "--why", "lần nữa")
    assert again.exit_code and "Không có ghi nhận số" in again.output


def acts(site: Site) -> list[dict[str, Any]]:
    books = open_books(site.settings)
    try:
        with books.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT detail FROM events WHERE kind LIKE 'arrang%' ORDER BY id"
            )
            return [json.loads(detail) for (detail,) in rows]
    finally:
        books.close()


def test_the_status_of_an_earlier_moment_does_not_know_of_a_later_extension(overdue: Site):
    before = overdue.clock.now.replace(hour=7)
    extend(overdue, "2015-05-27")

    assert entry_of(overdue, DUE, before)["standing"] == "overdue"
    assert entry_of(overdue, DUE, overdue.clock.now)["standing"] == "owed"


def test_a_letter_that_waits_for_the_mail_server_does_not_leave_untrue(
    overdue: Site, monkeypatch: pytest.MonkeyPatch
):
    """The server was away; meanwhile somebody extended: the letter is written anew."""
    with overdue.running() as running:
        send = running.daemon.outbox._mailer.send

        def refuses(_message: object) -> None:
            raise TryLater("no answer")

        monkeypatch.setattr(running.daemon.outbox._mailer, "send", refuses)
        running.daemon.once(lambda _s: None)
        assert overdue.mails() == []
        for handoff in ("H2a", DUE):
            made = debt(
                overdue, "extend", "cntt", handoff, "--until", "2015-05-27", "--why", "cv 12"
            )
            assert made.exit_code == 0, made.output
        monkeypatch.setattr(running.daemon.outbox._mailer, "send", send)
        overdue.clock.now = MORNING_AFTER.replace(hour=10)
        running.daemon.once(lambda _s: None)

    texts = [str(mail.get_body(("plain",)).get_content()) for mail in overdue.mails()]
    assert texts, "the letters of the day left all the same"
    assert not any("chậm nhất ngày 20/05/2015 (đã quá hạn" in text for text in texts)


def test_a_snoozed_debt_is_reminded_of_again_when_its_day_is_over(overdue: Site):
    for handoff in ("H2a", DUE):
        made = debt(overdue, "snooze", "cntt", handoff, "--until", "2015-05-25", "--why", "đã gọi")
        assert made.exit_code == 0, made.output
    for day in (21, 22, 25):
        overdue.clock.now = MORNING_AFTER.replace(day=day)
        overdue.once()
        assert letters(overdue, "reminder", "cntt") == []
    overdue.clock.now = MORNING_AFTER.replace(day=26)
    overdue.once()

    assert len(letters(overdue, "reminder", "cntt")) == 1


def test_the_calendar_of_a_unit_has_the_extended_day(overdue: Site):
    extend(overdue, "2015-05-27")
    call = ["calendar", "--ics", "--unit", "cntt", "--config", str(overdue.config)]
    text = CliRunner().invoke(cli, [*call, "--now", overdue.clock.now.isoformat()]).output

    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20150527T000000" in text
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20150520T000000" in text, "H2a was not extended"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("extend", "cntt", "H2b", "--until", "2015-05-20"), "phải sau hạn đang có (20/05/2015)"),
        (("extend", "cntt", "H2b", "--until", "2016-05-20"), "nhận danh sách đến hết ngày"),
        (("extend", "cntt", "H99", "--until", "2015-05-27"), "Không có bước H99"),
        (("extend", "nobody", "H2b", "--until", "2015-05-27"), "Không có đơn vị nobody"),
        (("extend", "thu", "H2b", "--until", "2015-05-27"), "không có khoản phải nộp nào"),
        (("snooze", "cntt", "H2b", "--until", "2015-05-20"), "Ngày hẹn 20/05/2015 đã qua"),
        (("snooze", "cntt", "H2b", "--until", "2099-05-20"), "đóng ngày"),
    ],
)
def test_an_act_that_says_nothing_is_refused_in_one_sentence(
    overdue: Site, args: tuple[str, ...], said: str
):
    ran = debt(overdue, *args, "--why", "thử")

    assert said in ran.output
    assert len(ran.output.splitlines()) == 1
    assert acts(overdue) == []


def test_a_reason_fits_into_a_letter(overdue: Site):
    ran = debt(overdue, "acknowledge", "cntt", DUE, "--why", "x" * 301)

    assert "dài quá 300 ký tự" in ran.output
    assert acts(overdue) == []


def test_a_date_is_extended_for_all_before_their_lists_have_gone_out(overdue: Site):
    """The official letter comes first; a ward that gets its list later has the later day."""
    ran = debt(overdue, "extend", "all", "H6", "--until", "2015-06-30", "--why", "công văn 118")

    assert ran.exit_code == 0, ran.output
    assert "Toàn" in ran.output


def test_nothing_is_arranged_without_a_reason(overdue: Site):
    assert debt(overdue, "acknowledge", "cntt", DUE, "--why", " ").exit_code == 2
    assert acts(overdue) == []


def test_what_is_paid_cannot_be_snoozed(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    ran = debt(site, "snooze", DISTRICT, "H6", "--until", "2015-05-27", "--why", "đã gọi")

    assert "không còn nợ" in ran.output


def said(*args: str) -> str:
    """What a command prints on a wide screen."""
    return CliRunner().invoke(cli, args, env={"COLUMNS": "250"}).output


def test_what_came_late_is_not_called_late_once_its_day_was_extended(overdue: Site):
    """The department hears of the paper a day later, and writes the extension down."""
    overdue.drop(
        "cntt", "mẫu 2.xlsx", form(overdue, "form-2", "cntt", people(overdue.units, DISTRICT))
    )
    overdue.once()
    config = ["--config", str(overdue.config)]
    before = said("arrivals", *config)
    extend(overdue, "2015-05-27")
    arrivals = said("arrivals", *config)
    told = json.loads(said("arrivals", "--json", *config).splitlines()[0])
    shown = said("show", told["id"], *config)

    assert "(trễ)" in before and "(trễ)" not in arrivals + shown
    assert "(trong hạn đã gia hạn)" in arrivals and "(trong hạn đã gia hạn)" in shown
    assert (told["late"], told["extended"]) == (False, True)


@pytest.mark.parametrize("how", [[], ["--json"], ["--ics"]], ids=["table", "json", "ics"])
def test_the_calendar_of_all_offices_says_the_extended_day(overdue: Site, how: list[str]):
    extend(overdue, "2015-05-27")
    call = ["calendar", "--round", "2015Q1", *how, "--config", str(overdue.config)]
    told = said(*call)

    assert "27/05/2015 (đã gia hạn)" in told.replace("\r\n ", "")
