"""A corrected list adds a child to one that was answered already: the answer is owed once more,
told, reminded of, and closed by a supplement or by a whole corrected return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.owed.obligations import Entry, Standing
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.wiring.books import reports_of
from bhyt_filedrop.wiring.rounds import status_of
from bhyt_filedrop.work.rounds.balance import Balancing
from tests.journey.parties import (
    BEFORE,
    NONE,
    SENDING,
    answer,
    answered,
    filled,
    form,
    inbox,
    kids,
    letters,
    lists,
    send,
    table,
)
from tests.journey.site import DISTRICT, ROUND, Site, copied

WARD = 0
CORRECTED = datetime(2015, 6, 9, 9, tzinfo=ZONE)
"""A Tuesday: the wards' returns are due on Monday, 15/06, and reminded of 7, 3 and 1 day before."""


def group(site: Site) -> list[InventedChild]:
    """Sixteen children, four in each ward that has any; the last of each ward is added later."""
    return kids(site, 16)


def of_ward(site: Site) -> list[InventedChild]:
    return [c for c in group(site) if c.ward == site.ward(WARD)]


@pytest.fixture(scope="module")
def answered_template(round_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site on which a ward and its district have answered before a child was added."""
    site = copied(round_template, tmp_path_factory.mktemp("answered"))
    site.clock.now = SENDING
    late = of_ward(site)[-1]
    before = [c for c in group(site) if c != late]
    send(site, before)
    site.clock.now = CORRECTED - timedelta(days=4)
    site.drop(site.ward(WARD), "trả lời.xlsx", answered(_kit(site, site.ward(WARD)), before, NONE))
    site.drop(DISTRICT, "trả lời.xlsx", answered(_kit(site, DISTRICT), before))
    site.once()
    assert set(site.states().values()) == {State.ACCEPTED}
    site.clock.now = CORRECTED
    send(site, group(site), "mẫu 2 sửa.xlsx")
    return site.directory


def _kit(site: Site, unit: str) -> Path:
    return inbox(site, unit)[-1]


@pytest.fixture
def site(answered_template: Path, tmp_path: Path, shared_reader: None) -> Site:
    """The morning after the corrected list went out."""
    site = copied(answered_template, tmp_path)
    site.clock.now = CORRECTED + timedelta(hours=1)
    return site


@pytest.fixture
def added(site: Site) -> InventedChild:
    return of_ward(site)[-1]


def entry(site: Site, handoff: str, unit: str) -> Entry:
    with site.running() as running:
        told = status_of(running.world, running.books, ROUND, site.clock())
    (one,) = (h for h in told.handoffs if h.handoff.id == handoff)
    return next(e for e in one.entries if e.owed.sender.id == unit)


def owes(site: Site) -> dict[str, tuple[Standing, int]]:
    return {
        handoff: (found.standing, found.added)
        for handoff, unit in (("ward-return", site.ward(WARD)), ("district-return", DISTRICT))
        for found in [entry(site, handoff, unit)]
    }


def missing(site: Site, handoff: str, unit: str) -> int:
    with site.running() as running:
        told = Balancing(reports_of(running.books), running.world).trace(ROUND)
    (hop,) = (h for h in told.of(handoff) if h.unit == unit)
    assert hop.difference == 0
    return hop.missing


def hand_in(site: Site, unit: str, name: str, data: bytes) -> Drop:
    site.drop(unit, name, data)
    site.once()
    return next(d for d in reversed(site.drops()) if d.name == name)


def supplement(site: Site, form_id: str, unit: str, children: Sequence[InventedChild]) -> bytes:
    sections = {"form-4": {"I": children, "II": []}, "form-3": {"I": children, "II": [], "III": []}}
    return form(site, form_id, unit, sections[form_id])


# --- told and owed -----------------------------------------------------------------------------


def test_ward_and_district_hear_who_was_added_and_that_a_supplement_is_due(
    site: Site, added: InventedChild
):
    for unit in (site.ward(WARD), DISTRICT):
        told = letters(site, "delivered", unit)[-1]
        assert added.name in str(told.context["next_step"])
        assert "nộp bổ sung" in str(told.context["next_step"])
        assert told.context["corrects"] is True
    other = letters(site, "delivered", site.ward(1))
    assert len(other) == 1


def test_both_owe_a_part_and_nobody_else_does(site: Site):
    assert owes(site) == {
        "ward-return": (Standing.PARTLY, 1),
        "district-return": (Standing.PARTLY, 1),
    }
    assert entry(site, "ward-return", site.ward(1)).added == 0
    assert missing(site, "ward-return", site.ward(WARD)) == 1


def test_status_says_how_many_were_added(site: Site, added: InventedChild):
    from click.testing import CliRunner

    from bhyt_filedrop.cli import cli

    call = ["status", "--round", "2015Q1", "--now", "2015-06-10T09:00", "--config"]
    said = CliRunner().invoke(cli, [*call, str(site.config)])

    assert said.exit_code == 0, said.output
    ward = site.units.full_name(site.units[site.ward(WARD)])
    assert f"{ward} (còn thiếu kết quả của 1 trẻ mới thêm)" in said.output
    assert added.name not in said.output, "children are named in letters alone"


def test_they_are_reminded_until_the_child_is_answered_for(site: Site, added: InventedChild):
    ward = site.ward(WARD)
    site.clock.now = datetime(2015, 6, 12, 8, 30, tzinfo=ZONE)
    site.once()
    (letter,) = letters(site, "reminder", ward)
    assert [(i["handoff"], i["added"]) for i in letter.context["items"]] == [("ward-return", 1)]
    mail = next(m for m in site.mails() if f"unit-{ward}@" in m["To"] and "Nhắc" in m["Subject"])
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    born = f"{added.birth_date:%d/%m/%Y}"
    assert (
        "bổ sung kết quả của 1 trẻ mới thêm trong bản sửa của danh sách: "
        f"{added.name} (sinh {born})."
    ) in text

    site.clock.now = datetime(2015, 6, 16, 8, 30, tzinfo=ZONE)
    site.once()
    assert owes(site)["ward-return"] == (Standing.OVERDUE, 1)
    assert len(letters(site, "reminder", ward)) >= 2

    drop = hand_in(site, ward, "bổ sung.xlsx", supplement(site, "form-4", ward, [added]))
    assert drop.state is State.ACCEPTED
    before = len(letters(site, "reminder", ward))
    site.clock.now = datetime(2015, 6, 17, 8, 30, tzinfo=ZONE)
    site.once()
    assert len(letters(site, "reminder", ward)) == before


# --- closed ------------------------------------------------------------------------------------


def test_a_wards_supplement_of_the_added_child_closes_the_balance(site: Site, added: InventedChild):
    ward = site.ward(WARD)
    drop = hand_in(site, ward, "bổ sung.xlsx", supplement(site, "form-4", ward, [added]))

    assert drop.state is State.ACCEPTED
    assert missing(site, "ward-return", ward) == 0
    assert owes(site)["ward-return"] == (Standing.DELIVERED, 0)
    mine = [r for r in lists(site, "ward-return") if r.key.sender == ward]
    assert sorted(r.rows for r in mine) == [1, 3]
    (letter,) = [x for x in letters(site, "delivered", DISTRICT) if drop.id in x.key]
    assert letter.context["corrects"] is False


def test_the_new_kit_cut_down_to_the_added_child_closes_it_too(site: Site, added: InventedChild):
    ward = site.ward(WARD)
    path = _kit(site, ward)
    others = [name for name in table(path).names if name != added.name]
    data = filled(path, {added.name: answer(added, BEFORE)}, drop=others)
    drop = hand_in(site, ward, "phiếu bổ sung.xlsx", data)

    assert drop.state is State.ACCEPTED
    assert missing(site, "ward-return", ward) == 0


def test_a_whole_corrected_return_closes_it_and_takes_the_old_ones_place(site: Site):
    ward = site.ward(WARD)
    drop = hand_in(site, ward, "trả lời lại.xlsx", answered(_kit(site, ward), of_ward(site)))

    assert drop.state is State.ACCEPTED
    assert missing(site, "ward-return", ward) == 0
    assert [r.drop for r in lists(site, "ward-return") if r.key.sender == ward] == [drop.id]


def test_a_districts_supplement_closes_its_balance_and_reaches_the_final_list(
    site: Site, added: InventedChild
):
    drop = hand_in(site, DISTRICT, "bổ sung.xlsx", supplement(site, "form-3", DISTRICT, [added]))

    assert drop.state is State.ACCEPTED
    assert missing(site, "district-return", DISTRICT) == 0
    assert owes(site)["district-return"] == (Standing.DELIVERED, 0)
    final = max(lists(site, "carded-final"), key=lambda r: r.at)
    with site.running() as running:
        found = running.books.facts.children(final.drop, final.seq)
    wanted = [c.name for c in group(site) if site.units[c.ward].parent == DISTRICT]
    assert sorted(c.name for c in found) == sorted(wanted)


def test_the_added_child_that_is_taken_away_again_is_owed_no_more(site: Site, added: InventedChild):
    send(site, [c for c in group(site) if c != added], "mẫu 2 như cũ.xlsx")

    assert owes(site) == {
        "ward-return": (Standing.DELIVERED, 0),
        "district-return": (Standing.DELIVERED, 0),
    }


def test_a_return_made_before_the_correction_came_names_the_added_child(site: Site):
    """The ward filled the first kit in again: it cannot know of the added child."""
    ward = site.ward(WARD)
    known = of_ward(site)[:-1]
    old = answered(inbox(site, ward)[0], known)
    drop = hand_in(site, ward, "trả lời sửa.xlsx", old)

    assert drop.state is State.RETURNED
    assert "list.child-missing" in site.codes(drop)
