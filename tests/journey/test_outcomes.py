"""What a drop earns over time: held and completed, corrected, repeated, late, decided by people."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.drop import Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import LedgerAway, LostRace, NeverWorks, TryLater
from bhyt_filedrop.wiring import judges
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.work.arrival.journey import MOST_RECOVERIES
from tests.journey.scenes import d03, form_3, form_4
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, people, workbook


def decide(site: Site, drop: Drop, action: str, why: str = "theo công văn") -> None:
    """A person decides about a drop, as the commands do."""
    books = open_books(site.settings)
    try:
        books.drops.override(drop.id, action, why, site.clock())
    finally:
        books.close()


def kinds(site: Site) -> list[str]:
    """The kinds of all letters but reminders, each as often as it was written."""
    return sorted(key.split("/")[0] for key in site.letter_keys())


# --- a return in parts -----------------------------------------------------------------------


def test_the_list_that_completes_a_return_takes_the_held_one_along(site: Site):
    first, second = form_4(site), d03(site)
    site.drop(site.ward(), "mẫu 4.xlsx", first)
    site.once()
    assert site.only().state is State.HELD
    assert site.codes(site.only()) == ["list.incomplete"]
    assert site.found(DISTRICT, "from wards") == {}

    site.drop(site.ward(), "D03.xlsx", second)
    site.once()

    assert set(site.states().values()) == {State.ACCEPTED}
    assert sorted(site.found(DISTRICT, "from wards").values()) == sorted([first, second])
    assert kinds(site) == ["delivered", "held", "receipt"]


def test_a_corrected_part_replaces_the_held_one_before_the_return_is_complete(site: Site):
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site, count=2))
    site.once()
    corrected, other = form_4(site, count=3), d03(site)
    site.drop(site.ward(), "mẫu 4.xlsx", corrected)
    site.once()
    site.drop(site.ward(), "D03.xlsx", other)
    site.once()

    assert sorted(site.found(DISTRICT, "from wards").values()) == sorted([corrected, other])
    assert [drop.state for drop in site.drops()] == [State.ACCEPTED] * 3


def test_wards_do_not_complete_each_others_returns(site: Site):
    site.drop(site.ward(0), "mẫu 4.xlsx", form_4(site, ward=0))
    site.drop(site.ward(1), "D03.xlsx", d03(site, ward=1))
    site.once()

    assert set(site.states().values()) == {State.HELD}


def test_a_person_releases_a_part_that_will_stay_alone(site: Site):
    data = form_4(site)
    site.drop(site.ward(), "mẫu 4.xlsx", data)
    site.once()
    decide(site, site.only(), "release")
    site.once()

    assert site.only().state is State.ACCEPTED
    assert list(site.found(DISTRICT, "from wards").values()) == [data]
    assert len(site.found(site.ward(), "received")) == 1
    assert kinds(site) == ["delivered", "held", "receipt"]


def test_a_part_that_comes_after_the_other_was_released_goes_on_alone(site: Site):
    first, second = form_4(site), d03(site)
    site.drop(site.ward(), "mẫu 4.xlsx", first)
    site.once()
    decide(site, site.only(), "release")
    site.once()
    site.drop(site.ward(), "D03.xlsx", second)
    site.once()

    assert sorted(site.found(DISTRICT, "from wards").values()) == sorted([first, second])


def test_a_rejected_part_comes_back_with_the_reason(site: Site):
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.once()
    decide(site, site.only(), "reject", why="nhầm quý")
    site.once()

    drop = site.only()
    assert drop.state is State.RETURNED
    (told,) = [f for f in site.facts(drop)["findings"] if f["code"] == "file.rejected"]
    assert "nhầm quý" in told["message"]
    assert site.found(DISTRICT, "from wards") == {}


def test_a_part_that_was_just_rejected_completes_nothing(site: Site):
    """The rejection and the other part may meet in one turn of the daemon."""
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.once()
    decide(site, site.only(), "reject")
    site.drop(site.ward(), "D03.xlsx", d03(site))
    site.once()

    assert site.states() == {"mẫu 4.xlsx": State.RETURNED, "D03.xlsx": State.HELD}
    assert site.found(DISTRICT, "from wards") == {}


def test_a_held_list_that_two_drops_complete_is_delivered_once(site: Site):
    """The first completing drop cannot deliver yet; the second one must not fail over it."""
    first, second, third = form_4(site), d03(site), d03(site, count=2)
    site.drop(site.ward(), "mẫu 4.xlsx", first)
    site.once()
    with site.running() as running:
        put = failing(running, "put", TryLater("đĩa đầy"))
        site.drop(site.ward(), "D03 a.xlsx", second)
        running.daemon.once(lambda _s: None)
        site.drop(site.ward(), "D03 b.xlsx", third)
        attempts(site, running, 4)
        put.restore()
        running.daemon.once(lambda _s: None)
    site.clock.now += timedelta(hours=1)
    site.once()

    assert set(site.states().values()) == {State.ACCEPTED}
    found = list(site.found(DISTRICT, "from wards").values())
    assert sorted(found) == sorted([first, second, third])


def test_a_list_that_needs_approval_waits_for_a_person(site: Site):
    site.set_handoff("district-return", 'release = "approve"')
    data = form_3(site)
    site.drop(DISTRICT, "mẫu 3.xlsx", data)
    site.once()
    assert site.only().state is State.HELD
    assert site.found("thu", "inbox") == {}

    decide(site, site.only(), "release")
    site.once()

    assert site.only().state is State.ACCEPTED
    assert list(site.found("thu", "inbox").values()) == [data]


# --- again -----------------------------------------------------------------------------------


def test_a_corrected_list_is_the_second_version_and_its_name_says_so(site: Site):
    old, new = form_3(site), form_3(site, count=6)
    site.drop(DISTRICT, "mẫu 3.xlsx", old)
    site.once()
    site.drop(DISTRICT, "mẫu 3.xlsx", new)
    site.once()

    first, second = site.drops()
    (path,) = site.delivered(second, Role.FORWARD)
    assert "Mẫu 3 - lần 2" in path
    assert (site.root / path).read_bytes() == new
    assert [x["state"] for x in site.facts(first)["lists"]] == ["superseded"]
    assert [(x["state"], x["version"]) for x in site.facts(second)["lists"]] == [("accepted", 2)]
    assert old in site.found("thu", "inbox").values()


def test_the_very_same_bytes_again_are_acknowledged_and_sent_to_nobody(site: Site):
    data = form_3(site)
    site.drop(DISTRICT, "mẫu 3.xlsx", data)
    site.once()
    site.drop(DISTRICT, "mẫu 3 gửi lại.xlsx", data)
    site.once()

    second = site.drops()[1]
    assert (second.state, site.codes(second)) == (State.ACCEPTED, ["file.repeated"])
    assert len(site.found("thu", "inbox")) == 1
    assert kinds(site) == ["delivered", "receipt", "receipt"]


def test_going_back_to_the_first_list_after_a_correction_is_a_new_version(site: Site):
    old, new = form_3(site), form_3(site, count=6)
    for n, data in enumerate((old, new, old)):
        site.drop(DISTRICT, f"{n}.xlsx", data)
        site.once()

    third = site.drops()[2]
    assert [x["version"] for x in site.facts(third)["lists"]] == [3]
    assert len(site.found("thu", "inbox")) == 3


def test_the_same_bytes_in_another_folder_are_another_hand_off(site: Site):
    """Phòng Thu may hand the same form 3 to NVGĐ1 and, in its sub-folder, to the board."""
    data = workbook(
        site.units, "form-3", "thu", people(site.units, DISTRICT), scratch=site.directory
    )
    site.drop("thu", "mẫu 3.xlsx", data)
    site.once()
    site.drop("thu", "mẫu 3.xlsx", data, below="Trình BGĐ")
    site.once()

    assert [len(site.found(unit, "inbox")) for unit in ("nvgd1", "board")] == [1, 1]


def test_a_returned_list_counts_as_no_earlier_version(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site, "row.card-invalid"))
    site.once()
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    second = site.drops()[1]
    assert [(x["state"], x["version"]) for x in site.facts(second)["lists"]] == [("accepted", 1)]


def test_an_older_file_that_was_held_up_does_not_replace_the_newer_one(site: Site):
    old, new = form_3(site), form_3(site, count=6)
    site.drop(DISTRICT, "cũ.xlsx", old)
    with site.running() as running:
        fetch = failing(running, "fetch", TryLater("đường truyền đứt"))
        running.daemon.once(lambda _s: None)
        fetch.restore()
        site.drop(DISTRICT, "mới.xlsx", new)
        running.daemon.once(lambda _s: None)
    site.clock.now += timedelta(hours=1)
    site.once()

    lists = {d.name: site.facts(d)["lists"][0] for d in site.drops()}
    assert lists["mới.xlsx"]["state"] == "accepted"
    assert lists["cũ.xlsx"]["state"] == "superseded"


# --- late, and by the hand-off's own rules ----------------------------------------------------


def test_a_list_is_taken_after_its_due_date_and_marked_late(site: Site):
    site.clock.now = site.clock.now.replace(month=6, day=24, hour=23, minute=59)
    site.drop(DISTRICT, "kịp.xlsx", form_3(site))
    site.once()
    site.clock.now = site.clock.now.replace(day=25, hour=0, minute=0)
    group = people(site.units, OTHER_DISTRICT)
    data = workbook(site.units, "form-3", OTHER_DISTRICT, group, scratch=site.directory)
    site.drop(OTHER_DISTRICT, "trễ.xlsx", data)
    site.once()

    assert [(d.name, d.state, d.late) for d in site.drops()] == [
        ("kịp.xlsx", State.ACCEPTED, False),
        ("trễ.xlsx", State.ACCEPTED, True),
    ]


def test_a_hand_off_may_let_a_fault_pass_as_a_warning(site: Site):
    site.set_handoff("district-return", 'severities = { "row.card-invalid" = "warns" }')
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site, "row.card-invalid"))
    site.once()

    assert (site.only().state, site.codes(site.only())) == (State.ACCEPTED, ["row.card-invalid"])


# --- trouble ---------------------------------------------------------------------------------


class failing:
    """Let one method of the tree fail until it is restored."""

    def __init__(self, running: Running, method: str, error: Exception) -> None:
        self._tree, self._method = running.trees["main"], method

        def fail(*_args: Any, **_more: Any) -> None:
            raise error

        setattr(self._tree, method, fail)

    def restore(self) -> None:
        """Let it work again."""
        delattr(self._tree, self._method)


def attempts(site: Site, running: Running, count: int) -> None:
    """Let the daemon try so often, each time after the pause that it asked for."""
    for _ in range(count):
        running.daemon.once(lambda _s: None)
        site.clock.now += timedelta(hours=2)


def test_a_file_that_fails_unexpectedly_three_times_waits_for_a_person(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        failing(running, "put", RuntimeError("Nguyễn Văn A, 01/02/2014"))
        attempts(site, running, 2)
        assert site.only().state is State.PLANNED
        attempts(site, running, 1)
        running.daemon.once(lambda _s: None)

    drop = site.only()
    assert drop.state is State.SET_ASIDE
    assert "Nguyễn" not in drop.reason
    assert "RuntimeError" in drop.reason
    (mail,) = site.mails()
    assert "unit-cntt@bhyt.example" in str(mail["To"])
    assert drop.id in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_retried_file_goes_through_when_the_trouble_is_over(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        failing(running, "put", RuntimeError())
        attempts(site, running, 3)
    decide(site, site.only(), "retry")
    site.once()

    assert site.only().state is State.ACCEPTED
    assert len(site.found("thu", "inbox")) == 1


def test_an_admin_hears_again_when_a_retried_file_is_set_aside_again(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        failing(running, "put", RuntimeError())
        attempts(site, running, 3)
        decide(site, site.only(), "retry")
        attempts(site, running, 3)

    assert site.only().state is State.SET_ASIDE
    assert kinds(site).count("set-aside") == 2


def test_what_never_works_is_set_aside_at_once(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        failing(running, "put", NeverWorks("main: put into X: Read-only file system"))
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.SET_ASIDE
    assert "Read-only" in site.only().reason


def test_a_full_disk_is_waited_for_and_blames_nobody(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        put = failing(running, "put", TryLater("main: put into X: No space left on device"))
        attempts(site, running, 6)
        assert site.only().state is State.PLANNED
        put.restore()
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.ACCEPTED


def test_a_full_disk_under_the_archive_is_waited_for_too(site: Site, monkeypatch: Any):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        with monkeypatch.context() as full:
            full.setattr(running.books.archive, "new_file", _no_space)
            attempts(site, running, 5)
            assert site.only().state is State.CLAIMED
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.ACCEPTED


@pytest.mark.parametrize("number", [errno.EROFS, errno.EMFILE, errno.ENOMEM])
def test_a_disk_or_a_machine_in_trouble_is_waited_for_too(
    site: Site, monkeypatch: pytest.MonkeyPatch, number: int
):
    """A kernel turns a failing disk read-only; that is no fault of the files on it."""

    def fails() -> Path:
        raise OSError(number, os.strerror(number))

    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        with monkeypatch.context() as trouble:
            trouble.setattr(running.books.archive, "new_file", fails)
            attempts(site, running, 8)
            assert site.only().state is State.CLAIMED
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.ACCEPTED


def test_attempts_that_were_put_off_do_not_count_as_deaths_of_the_process(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        reading = running.journey.gathering.judging.reader
        running.journey.gathering.judging.reader = _Away()  # type: ignore[assignment]
        attempts(site, running, 6)
        running.journey.gathering.judging.reader = reading
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.ACCEPTED


class _Away:
    """A reader whose child cannot be started now."""

    def read(self, _path: Path, _name: str) -> None:
        """Ask for another time."""
        raise TryLater("start a reading child: Resource temporarily unavailable")


def test_a_ledger_that_is_away_is_waited_for_and_blames_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    def away(*_args: object) -> None:
        raise LedgerAway("database or disk is full")

    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        with monkeypatch.context() as trouble:
            trouble.setattr(running.books.drops, "plan", away)
            attempts(site, running, 8)
            assert site.only().state is State.CLAIMED
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.ACCEPTED


def test_everything_that_waits_for_an_admin_can_be_tried_again_at_once(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(OTHER_DISTRICT, "Q3.xlsx", form_3(site))
    with site.running() as running:
        failing(running, "put", NeverWorks("main: put into X: name too long"))
        running.daemon.once(lambda _s: None)
    assert set(site.states().values()) == {State.SET_ASIDE}

    assert "Không có" in ask(site, "retry", "--all", "--reason", "chữ ký", "--why", "thử")
    assert set(site.states().values()) == {State.SET_ASIDE}
    ask(site, "retry", "--all", "--reason", "too long", "--why", "đã sửa quyền")
    site.once()

    assert State.SET_ASIDE not in site.states().values()


def ask(site: Site, *args: str) -> str:
    ran = CliRunner().invoke(cli, [*args, "--config", str(site.config)])
    assert ran.exit_code == 0, ran.output
    return ran.output


def _no_space() -> Path:
    raise OSError(28, "No space left on device")


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is one that ends the process which judges it."""
    monkeypatch.setattr(judges, "_MODULE", "tests.journey.deadly_judge")


@pytest.mark.usefixtures("deadly")
def test_a_file_over_which_the_process_died_each_time_waits_for_a_person(site: Site):
    """The kernel may kill the whole daemon over one file; it must not do so for ever."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    assert _dies_over(site) == 3
    assert site.only().state is State.SET_ASIDE

    decide(site, site.only(), "retry")
    assert _dies_over(site) == 3
    assert site.only().state is State.SET_ASIDE


def test_a_machine_that_goes_down_again_and_again_is_no_fault_of_the_file_in_hand(site: Site):
    """A process of its own judges it and lives: so it is judged on, as often as it takes."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with pytest.raises(AssertionError, match="never stopped"):
        _dies_over(site, 5)
    assert site.only().state is State.CLAIMED
    site.once()

    assert site.only().state is State.ACCEPTED


@pytest.mark.long
def test_what_dies_a_dozen_times_waits_for_a_person_whosever_fault_it_is(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))

    assert _dies_over(site, 20) == MOST_RECOVERIES
    assert site.only().state is State.SET_ASIDE


def test_a_judging_process_that_does_not_come_up_blames_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with pytest.raises(AssertionError, match="never stopped"):
        _dies_over(site, 3)
    monkeypatch.setattr(judges, "_MODULE", "bhyt_filedrop.no_such_module")
    site.once()
    assert (site.only().state, site.only().attempts) == (State.CLAIMED, 1)


@pytest.mark.usefixtures("deadly")
def test_a_file_over_which_the_process_dies_each_time_can_still_be_rejected(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    _dies_over(site)
    decide(site, site.only(), "reject")

    assert _dies_over(site) == 3
    assert site.only().state is State.RETURNED
    assert "file.rejected" in site.codes(site.only())


def _dies_over(site: Site, most: int = 8) -> int:
    """Start the daemon until it survives; return how often it died."""
    for deaths in range(most):
        with site.running() as running:
            running.journey.gathering.judging.reader = _Deadly()  # type: ignore[assignment]
            try:
                running.daemon.once(lambda _s: None)
            except KeyboardInterrupt:
                continue
        return deaths
    raise AssertionError("it never stopped dying")


class _Deadly:
    """Stands for a file that takes the process with it, uncaught by anything."""

    def read(self, _path: Path, _name: str) -> None:
        """Die."""
        raise KeyboardInterrupt


def test_a_file_that_cannot_be_judged_can_still_be_rejected(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        reading = running.journey.gathering.judging.reader
        running.journey.gathering.judging.reader = _Broken()  # type: ignore[assignment]
        attempts(site, running, 3)
        assert site.only().state is State.SET_ASIDE
        decide(site, site.only(), "reject")
        running.daemon.once(lambda _s: None)
        running.journey.gathering.judging.reader = reading

    assert site.only().state is State.RETURNED
    assert "file.rejected" in site.codes(site.only())


class _Broken:
    """A reader with a bug."""

    def read(self, _path: Path, _name: str) -> None:
        """Fail as no reader should."""
        raise ZeroDivisionError


def test_a_tree_that_cannot_be_listed_delays_its_own_files_alone(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        walk = failing(running, "walk_all", TryLater("main: connection refused"))
        running.daemon.once(lambda _s: None)
        assert site.drops() == []
        walk.restore()
        running.daemon.once(lambda _s: None)

    assert site.only().state is State.ACCEPTED


def test_a_plan_that_was_made_is_carried_out_although_the_rules_changed_since(site: Site):
    """A crash between deciding and delivering must not decide again under edited rules."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        failing(running, "put", TryLater("đĩa đầy"))
        running.daemon.once(lambda _s: None)
    site.set_handoff("district-return", 'release = "approve"')
    site.clock.now += timedelta(hours=1)
    site.once()

    assert site.only().state is State.ACCEPTED
    assert len(site.found("thu", "inbox")) == 1


@pytest.mark.parametrize("action", ["release", "reject", "retry"])
def test_a_closed_drop_takes_no_decision_any_more(site: Site, action: str):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    with pytest.raises(LostRace):
        decide(site, site.only(), action)
