"""What was set aside for a machine's reason goes on by itself when the machine works again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.work.arrival.journey import MAX_DELAYS, MAX_FAILURES
from tests.journey.parties import SENDING, decide, form, inbox, kids, own
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site
from tests.journey.test_outcomes import failing


def hours(site: Site, running: Running, count: int) -> None:
    for _ in range(count):
        site.clock.now += timedelta(hours=1)
        running.daemon.workers["main"].work()


def told(site: Site) -> list[str]:
    return [key for key in site.letter_keys() if key.startswith("set-aside/")]


@pytest.mark.parametrize("step", ["claim", "fetch", "put"])
def test_a_drop_goes_on_by_itself_when_the_tree_works_again(site: Site, step: str):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        broken = failing(running, step, TryLater("main: no room"))
        hours(site, running, MAX_DELAYS)
        assert site.only().state is State.SET_ASIDE
        hours(site, running, 5)
        assert site.only().state in (State.SET_ASIDE, State.PLANNED)
        assert len(told(site)) == 1
        broken.restore()
        hours(site, running, 2)

    assert site.only().state is State.ACCEPTED
    assert "resumed" in {one["kind"] for one in site.facts(site.only())["events"]}
    assert len(told(site)) == 1
    assert len(site.drops()) == 1


def test_what_a_person_decided_of_it_stands(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        broken = failing(running, "put", TryLater("main: no room"))
        hours(site, running, MAX_DELAYS)
        decide(site, site.only(), "reject", "nộp nhầm")
        hours(site, running, MAX_DELAYS)
        assert site.only().state is State.SET_ASIDE
        broken.restore()
        hours(site, running, 2)

    assert site.only().state is State.RETURNED


def test_what_is_the_files_own_fault_waits_for_a_person(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        broken = failing(running, "fetch", NeverWorks("main: a name too long"))
        hours(site, running, 1)
        broken.restore()
        hours(site, running, 5)

    assert site.only().state is State.SET_ASIDE


def test_lists_of_our_own_go_on_too(round_site: Site):
    site: Any = round_site
    site.clock.now = SENDING
    group = kids(site)
    ward = group[0].ward
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", group))
    with site.running() as running:
        broken = failing(running, "put", TryLater("main: no room"))
        hours(site, running, MAX_DELAYS + 2)
        assert State.SET_ASIDE in {drop.state for drop in own(site, "ward-list")}
        broken.restore()
        hours(site, running, 3)

    assert {drop.state for drop in own(site, "ward-list")} == {State.ACCEPTED}
    assert len(inbox(site, ward)) == 1


def test_a_disk_that_does_not_give_a_part_of_the_program_is_waited_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    with site.running() as running:
        gathering: Any = running.journey.gathering
        facts = gathering.facts

        def unread(_drop: Any) -> Any:
            raise ModuleNotFoundError("No module named 'pandas'")

        monkeypatch.setattr(gathering, "facts", unread)
        hours(site, running, MAX_FAILURES + 1)
        assert site.only().state is State.CLAIMED
        monkeypatch.setattr(gathering, "facts", facts)
        hours(site, running, 2)

    assert site.only().state is State.ACCEPTED
