"""A clock that cannot be right judges nothing: files lie where they are until it is put right."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.clocks import AHEAD, SILENT, is_doubtful
from bhyt_filedrop.wiring import daemon
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, MORNING, OTHER_DISTRICT, Clock, Site


@pytest.fixture
def clocked(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose clock is the machine's own, with a drop of this morning."""
    monkeypatch.setattr(daemon, "real_clock", site.clock)
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    assert site.only().state is State.ACCEPTED
    return site


@pytest.mark.parametrize(
    "wrong", [datetime(1970, 1, 1, 8), datetime(2000, 1, 1), datetime(2015, 4, 20, 1, 30),
              datetime(2036, 2, 7)],
    ids=["1970", "2000", "seven hours behind", "2036"],
)  # fmt: skip
def test_sound_lists_wait_while_the_clock_is_wrong_and_go_on_when_it_is_right(
    clocked: Site, wrong: datetime
):
    before = {mail["Message-ID"] for mail in clocked.mails()}
    clocked.clock.now = wrong.replace(tzinfo=MORNING.tzinfo)
    lies = clocked.drop(OTHER_DISTRICT, "mẫu 3.xlsx", form_3(clocked))

    clocked.once()

    assert lies.exists(), "it is not even taken"
    (told,) = (mail for mail in clocked.mails() if mail["Message-ID"] not in before)
    assert "Đồng hồ" in str(told["Subject"])
    told_of = told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "08:30 ngày 20/04/2015" in told_of
    assert "trust-clock" in told_of
    doctor = CliRunner().invoke(cli, ["doctor", "--config", str(clocked.config)]).output
    (line,) = (line for line in doctor.splitlines() if " clock: " in line)
    assert "ngừng xét" in line
    clocked.clock.now = MORNING + timedelta(hours=1)
    clocked.once()
    assert not lies.exists()
    assert len(clocked.drops()) == 2


def test_letters_that_wait_do_not_grow_too_old_by_a_leap(clocked: Site):
    """A letter that was to go soon goes; nobody hears that it could not be handed over for days."""
    clocked.clock.now = datetime(2036, 2, 7, tzinfo=MORNING.tzinfo)
    with clocked.running() as running:
        running.daemon.tick()
        running.daemon.post()
        states = running.books.engine.connect().exec_driver_sql("SELECT state FROM letters")
        assert {state for (state,) in states} <= {"sent", "due"}


def test_a_person_may_say_that_the_clock_is_right(clocked: Site):
    """A site that stood still for two years."""
    clocked.clock.now = MORNING + timedelta(days=730)
    lies = clocked.drop(DISTRICT, "mẫu 3 (2).xlsx", form_3(clocked, count=9))
    clocked.once()
    assert lies.exists()

    call = ["trust-clock", "--why", "nghỉ hai năm", "--config", str(clocked.config)]
    assert CliRunner().invoke(cli, call).exit_code == 0
    clocked.once()

    assert not lies.exists()


def test_a_clock_that_is_given_is_right(site: Site):
    """`--now` plays another time on purpose."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    site.clock = Clock(MORNING - timedelta(days=1))
    lies = site.drop(DISTRICT, "mẫu 3 (2).xlsx", form_3(site, count=9))
    site.once()

    assert not lies.exists()


@pytest.mark.parametrize(
    ("last", "doubtful"),
    [(AHEAD, False), (AHEAD * 2, True), (-SILENT, False), (-SILENT * 1.1, True),
     (timedelta(), False)],
)  # fmt: skip
def test_minutes_and_a_year_without_a_drop_raise_no_doubt(last: timedelta, doubtful: bool):
    assert is_doubtful(MORNING, MORNING + last) is doubtful
