"""Drafts that are approved by command instead of being dropped: the same list, the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.derive.approval import Approved
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.ports import ApprovalBook, LostRace
from bhyt_filedrop.wiring.approving import approving_of
from bhyt_filedrop.wiring.books import open_books
from tests.journey.parties import (
    BEFORE,
    RETURNING,
    SENDING,
    answered,
    form,
    inbox,
    kids,
    letters,
    lists,
    own,
    send,
    table,
)
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site
from tests.journey.test_register import DRAFTS, REGISTER, cost_list, drafts, export

FORM_1, FORM_2 = "Mẫu 1 - Quý 1-2015.xlsx", "Mẫu 2 - Quý 1-2015.xlsx"


@pytest.fixture
def site(round_site: Site) -> Site:
    """A site on which forms 1 and 2 were drafted: six of ten children have a card."""
    round_site.clock.now = SENDING
    cost_list(round_site, kids(round_site))
    round_site.drop("cntt", "ket xuat.xlsx", export(kids(round_site)[:6]), REGISTER)
    round_site.once()
    return round_site


def release(site: Site, drop: Drop, *words: str) -> Result:
    call = ["release", drop.id, "--why", "đã xem", "--config", str(site.config), *words]
    return CliRunner().invoke(cli, [*call, "--now", site.clock.now.isoformat()])


def later(site: Site) -> None:
    """An hour goes by."""
    site.clock.now = site.clock.now.replace(hour=site.clock.now.hour + 1)


def draft(site: Site) -> Drop:
    return own(site, "card-drafts")[-1]


def rows(site: Site, handoff: str) -> list[int]:
    return [record.rows for record in lists(site, handoff)]


def test_the_letter_about_a_draft_says_how_it_is_approved(site: Site):
    (letter,) = [x for x in letters(site, "delivered", "cntt") if DRAFTS in str(x.context)]

    assert f"bhyt-filedrop release {draft(site).id}" in letter.context["next_step"]


def test_an_approved_draft_goes_the_way_of_a_list_that_cntt_dropped(site: Site):
    ran = release(site, draft(site))
    site.once()

    assert ran.exit_code == 0, ran.output
    assert (site.states()[FORM_1], site.states()[FORM_2]) == (State.ACCEPTED, State.ACCEPTED)
    assert (rows(site, "carded"), rows(site, "uncarded")) == ([6], [4])
    (form_1,) = inbox(site, "nvgd1")
    assert set(table(form_1).names) == {c.name for c in kids(site)[:6]}
    assert "Bản nháp" not in everything(form_1)
    mine = {c.name for c in kids(site)[6:] if site.units[c.ward].parent == DISTRICT}
    assert set(table(inbox(site, DISTRICT)[0]).names) == mine
    assert {path.name.rpartition(" - ")[0] for path in kept(site)} >= {FORM_1[:-5], FORM_2[:-5]}
    assert len(letters(site, "receipt", "cntt")) >= 2


def everything(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return str([list(sheet.iter_rows(values_only=True)) for sheet in book])


def kept(site: Site) -> list[Path]:
    return list(site.own("cntt", "received").rglob("*.xlsx"))


def test_who_approves_and_why_is_written_down_with_both(site: Site):
    release(site, draft(site))
    site.once()

    taken = next(drop for drop in site.drops() if drop.name == FORM_1)
    books = open_books(site.settings)
    told = [(kind, detail) for _, kind, detail in books.drops.history(draft(site).id)]
    books.close()
    approved = next(detail for kind, detail in told if kind == "approved")
    assert (approved["by"], approved["why"], bool(approved["who"])) == (taken.id, "đã xem", True)
    assert taken.override == {
        "action": "approve", "why": "đã xem", "draft": f"{draft(site).id}/0",
    }  # fmt: skip


@pytest.mark.parametrize("taken", [False, True])
def test_a_draft_is_approved_once(site: Site, taken: bool):
    release(site, draft(site))
    if taken:
        site.once()
    again = release(site, draft(site))
    site.once()

    assert again.exit_code == 1
    assert "đã được duyệt" in again.output
    assert again.output.count("\n") == 1
    assert [d.name for d in site.drops()].count(FORM_1) == 1


def test_a_draft_that_cntt_dropped_already_is_not_approved_too(site: Site):
    for name, path in drafts(site).items():
        site.drop("cntt", f"{name}.xlsx", path.read_bytes())
    later(site)
    site.once()

    ran = release(site, draft(site))

    assert (ran.exit_code, rows(site, "carded")) == (1, [6])
    assert "đã được duyệt hoặc nộp rồi" in ran.output


def test_the_form_that_was_not_dropped_yet_is_approved_alone(site: Site):
    later(site)
    site.drop("cntt", "mẫu 1.xlsx", drafts(site)["Mẫu 1, trẻ đã có thẻ"].read_bytes())
    site.once()

    ran = release(site, draft(site))
    site.once()

    assert ran.exit_code == 0, ran.output
    assert FORM_1 not in site.states()
    assert (rows(site, "carded"), rows(site, "uncarded")) == ([6], [4])


def test_what_cntt_typed_otherwise_is_not_written_over(site: Site):
    """It moved a child to form 1; the drafted form 2 would list the child once more."""
    later(site)
    site.drop("cntt", "mẫu 1.xlsx", form(site, "form-1", "cntt", kids(site)[:7]))
    site.once()

    ran = release(site, draft(site))

    assert ran.exit_code == 1
    assert "đã nộp danh sách khác" in ran.output
    assert rows(site, "uncarded") == []


def test_a_draft_that_was_made_anew_is_refused_and_the_new_one_named(site: Site):
    first = draft(site)
    later(site)
    site.drop("cntt", "ket xuat 2.xlsx", export(kids(site)[:8]), REGISTER)
    site.once()

    ran = release(site, first)

    assert ran.exit_code == 1
    assert f"bản nháp mới {draft(site).id}" in ran.output
    assert release(site, draft(site)).exit_code == 0
    site.once()
    assert (rows(site, "carded"), rows(site, "uncarded")) == ([8], [2])


def test_a_new_draft_corrects_what_was_approved_before(site: Site):
    release(site, draft(site))
    site.once()
    later(site)
    site.drop("cntt", "ket xuat 2.xlsx", export(kids(site)[:8]), REGISTER)
    site.once()

    assert release(site, draft(site)).exit_code == 0
    site.once()

    assert [(r.rows, r.version) for r in lists(site, "carded")] == [(8, 2)]
    assert [(r.rows, r.version) for r in lists(site, "uncarded")] == [(2, 2)]


def test_children_who_may_have_a_card_hold_an_approval_up_until_somebody_takes_them_as_they_are(
    round_site: Site,
):
    group = kids(round_site)
    elsewhere = kids(round_site)[6]
    moved = next(c.address for c in group if c.ward != elsewhere.ward)
    round_site.clock.now = SENDING
    cost_list(round_site, group)
    register = [*group[:6], replace(elsewhere, address=moved)]
    round_site.drop("cntt", "ket xuat.xlsx", export(register), REGISTER)
    round_site.once()

    refused = release(round_site, draft(round_site))
    assert refused.exit_code == 1
    assert "1 trẻ chưa chắc" in refused.output
    assert "--with-uncertain" in refused.output

    assert release(round_site, draft(round_site), "--with-uncertain").exit_code == 0
    round_site.once()
    assert (rows(round_site, "carded"), rows(round_site, "uncarded")) == ([6], [4])
    (path,) = inbox(round_site, "thu")
    notes = {name: note for name, note in table(path).column("Ghi chú").items() if note}
    assert notes == {elsewhere.name: "Có thể đã có thẻ, cần xác nhận"}


def test_a_list_that_is_no_draft_is_not_approved(site: Site):
    release(site, draft(site))
    site.once()
    split = own(site, "district-list")[-1]

    ran = release(site, split)

    assert ran.exit_code == 1
    assert "không phải bản nháp" in ran.output


def test_two_who_approve_at_once_make_one_list(site: Site):
    """Both looked before either wrote."""
    books, at = open_books(site.settings), site.clock()
    one, other = (approving_of(site.settings, books, site.clock) for _ in range(2))
    seen = other.approvals.of([draft(site).id])
    late = replace(other, approvals=Blind(other.approvals, seen))
    one.approve(draft(site).id, "một", at)
    with pytest.raises(LostRace, match="a moment ago"):
        late.approve(draft(site).id, "hai", at)
    books.close()
    site.once()

    assert [d.name for d in site.drops()].count(FORM_1) == 1


class Blind:
    """ApprovalBook as somebody saw them who looked a moment too early."""

    def __init__(
        self, real: ApprovalBook, seen: Mapping[tuple[str, int], Sequence[Approved]]
    ) -> None:
        self._real, self._seen = real, seen

    def of(self, drops: Iterable[str]) -> Mapping[tuple[str, int], Sequence[Approved]]:
        return self._seen

    def approve(
        self, approved: Sequence[tuple[ListRecord, Drop]], why: str, at: datetime, by: str = ""
    ) -> None:
        self._real.approve(approved, why, at, by)


# --- a district's form 3 -----------------------------------------------------------------------


@pytest.fixture
def answering(round_site: Site) -> Site:
    """Every ward of Quận 1 has its list."""
    round_site.clock.now = SENDING
    send(round_site, kids(round_site))
    round_site.clock.now = RETURNING
    return round_site


def answer(site: Site, wards: slice) -> None:
    """Some of the district's wards send their kits back: all had a card."""
    for unit in site.units.children(DISTRICT)[wards]:
        mine = [c for c in kids(site) if c.ward == unit.id]
        if mine:
            site.drop(unit.id, "tra loi.xlsx", answered(inbox(site, unit.id)[-1], mine, BEFORE))
    site.once()
    site.once()


def test_a_districts_drafted_form_3_is_approved_when_all_its_wards_have_answered(answering: Site):
    answer(answering, slice(0, 1))
    early = release(answering, own(answering, "district-draft")[-1])
    assert early.exit_code == 1
    assert "chưa có kết quả của cấp cơ sở" in early.output

    later(answering)
    answer(answering, slice(1, None))
    ran = release(answering, own(answering, "district-draft")[-1])
    answering.once()

    assert ran.exit_code == 0, ran.output
    assert answering.states()["Mẫu 3 - Quý 1-2015.xlsx"] is State.ACCEPTED
    wanted = [c for c in kids(answering) if answering.units[c.ward].parent == DISTRICT]
    assert rows(answering, "district-return") == [len(wanted)]


def test_drafts_of_several_districts_that_were_made_at_once_are_approved_one_by_one(
    answering: Site,
):
    for unit in answering.units.of_kind("ward"):
        mine = [c for c in kids(answering) if c.ward == unit.id]
        if mine:
            kit = answered(inbox(answering, unit.id)[-1], mine, BEFORE)
            answering.drop(unit.id, "tra loi.xlsx", kit)
    answering.once()
    answering.once()
    both = own(answering, "district-draft")[-1]

    refused = release(answering, both)
    assert refused.exit_code == 1
    assert f"--unit (một trong: {DISTRICT}, {OTHER_DISTRICT})" in refused.output

    assert release(answering, both, "--unit", OTHER_DISTRICT).exit_code == 0
    answering.once()
    assert [r.key.sender for r in lists(answering, "district-return")] == [OTHER_DISTRICT]
