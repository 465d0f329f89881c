"""A clock that cannot be right judges nothing: files lie where they are until it is put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from bhyt_filedrop import service
from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.clocks import AHEAD, SILENT, is_doubtful
from bhyt_filedrop.wiring import daemon
from bhyt_filedrop.wiring.daemon import Running, wired
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, MORNING, OTHER_DISTRICT, Clock, Site


@pytest.fixture
def clocked(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose clock is the machine's own, with a drop of this morning."""
    monkeypatch.setattr(daemon, "real_clock", site.clock)
    monkeypatch.setattr(daemon, "is_kept", lambda: True)
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


class Leaping:
    """A running service whose clock is set; nobody keeps it unless said so."""

    def __init__(self, site: Site, running: Running) -> None:
        self.site, self.running = site, running
        self.steady, self.kept = 0.0, False

    def goes_on(self, hours: float, leap: timedelta = timedelta()) -> bool:
        """Let time pass, and the clock leap besides; tell whether a file is taken then."""
        self.steady += hours * 3600
        self.site.clock.now += timedelta(hours=hours) + leap
        file = self.site.drop(OTHER_DISTRICT, f"tệp {self.steady:g}.exe", b"MZ%d" % self.steady)
        self.running.daemon.workers["main"].work()
        return not file.exists()


@pytest.fixture
def leaping(clocked: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leaping]:
    made: list[Leaping] = []
    monkeypatch.setattr(daemon, "steady_seconds", lambda: made[0].steady if made else 0.0)
    monkeypatch.setattr(daemon, "is_kept", lambda: made[0].kept)
    with clocked.running() as running:
        made.append(Leaping(clocked, running))
        assert made[0].goes_on(0.01)
        yield made[0]


@pytest.mark.parametrize("leap", [timedelta(hours=3), timedelta(days=60), timedelta(days=390)])
def test_a_leap_while_the_service_runs_is_known_however_small(leaping: Leaping, leap: timedelta):
    """Lists in time would be called late, or those of a round that is closed."""
    assert not leaping.goes_on(0.1, leap)
    assert not leaping.goes_on(30), "a day later it is as wrong"
    leaping.running.daemon.post()
    subjects = {str(mail["Subject"]) for mail in leaping.site.mails()}
    (told,) = (subject for subject in subjects if "Đồng hồ" in subject)
    assert "tạm ngừng" in told

    leaping.site.clock.now -= leap
    assert leaping.goes_on(0.1)


def test_a_person_may_say_so_of_a_leap_too(leaping: Leaping):
    """The clock had been behind, and was put right by hand."""
    assert not leaping.goes_on(0.1, timedelta(days=60))
    leaping.running.books.drops.trust_clock("chỉnh tay", leaping.site.clock())

    assert leaping.goes_on(0.1)
    assert leaping.goes_on(5)


def test_a_machine_that_stood_still_and_whose_clock_is_kept_is_believed(leaping: Leaping):
    """A virtual machine that was paused over the weekend is put right by its time server."""
    leaping.kept = True
    assert leaping.goes_on(0.1, timedelta(days=3))


def test_a_night_and_a_week_of_work_are_no_leap(leaping: Leaping):
    for hours in (0.2, 14, 24 * 7):
        assert leaping.goes_on(hours)


def test_a_changed_configuration_does_not_make_a_leap_forgotten(
    clocked: Site, monkeypatch: pytest.MonkeyPatch
):
    """The clock leaps while the service reads its configuration again, or a moment before."""
    doubts: list[datetime | None] = []

    @contextmanager
    def asked(*words: Any, **more: Any) -> Iterator[Running]:
        with wired(*words, **more) as running:
            doubts.append(running.daemon.doubted())
            yield running

    steady = iter(range(100))
    monkeypatch.setattr(daemon, "is_kept", lambda: False)
    monkeypatch.setattr(daemon, "steady_seconds", lambda: float(next(steady)))
    monkeypatch.setattr(service, "wired", asked)
    monkeypatch.setattr(service.Service, "_listen", lambda _self: None)
    serving = service.Service(clocked.config, clocked.clock)
    before = clocked.clock.now
    monkeypatch.setattr(service, "notify", lambda _state: serving._end_daemon())

    for leap in (timedelta(), timedelta(days=60)):
        clocked.clock.now = before + leap
        serving._serve(clocked.settings)

    first, second = doubts
    assert first is None
    assert second is not None and second - before < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("away", "taken"), [(timedelta(days=21), True), (timedelta(days=92), True),
                        (timedelta(days=200), False)],
    ids=["Tết", "summer", "a leap of months"],
)  # fmt: skip
def test_a_service_that_was_off_for_a_summer_is_not_doubted(
    clocked: Site, monkeypatch: pytest.MonkeyPatch, away: timedelta, taken: bool
):
    """Even where nobody keeps the machine's clock; half a year is longer than any closure."""
    monkeypatch.setattr(daemon, "is_kept", lambda: False)
    clocked.clock.now = MORNING + away
    lies = clocked.drop(OTHER_DISTRICT, "tệp.exe", b"MZ")
    clocked.once()

    assert lies.exists() is not taken


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
