"""City-wide lists on a small site: drafts, final on the last day, corrected; costs; other cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild
from tests.journey.parties import (
    BEFORE,
    answer,
    answered,
    changed,
    d03,
    filled,
    form,
    inbox,
    kids,
    letters,
    lists,
    own,
    table,
)
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site

LAST_MORNING = datetime(2015, 6, 27, 8, tzinfo=ZONE)
"""The morning of the day by which H7 and H8 are due."""
CITY, DOUBTFUL = "Trẻ đã được cấp thẻ toàn Thành phố", "Trẻ chưa xác minh được tình trạng cấp thẻ"


CHILDREN = 12


def group(site: Site) -> list[InventedChild]:
    return kids(site, CHILDREN)


def of(site: Site, district: str) -> list[InventedChild]:
    """The children of a district."""
    return [c for c in group(site) if site.units[c.ward].parent == district]


def thirds(children: Sequence[InventedChild]) -> dict[str, Sequence[InventedChild]]:
    """Children spread over the sections of form 3."""
    third = len(children) // 3
    return {"I": children[:third], "II": children[third : 2 * third], "III": children[2 * third :]}


def report(site: Site, district: str) -> Drop:
    """A district drops its form 3."""
    data = form(site, "form-3", district, thirds(of(site, district)))
    site.drop(district, "mẫu 3.xlsx", data)
    site.once()
    return site.drops()[-1]


def called(site: Site, unit: str, label: str, below: str = "") -> list[Path]:
    """The files in an inbox under one label, in order of their versions."""
    return [p for p in inbox(site, unit, below) if label in p.name]


def everything(path: Path) -> str:
    """All text of a workbook."""
    book = openpyxl.load_workbook(path, read_only=True)
    cells = (c for sheet in book for row in sheet.iter_rows(values_only=True) for c in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


# --- H7, H8 ----------------------------------------------------------------------------------


def test_until_all_are_in_the_city_lists_are_drafts_at_thu_under_one_name(sent: Site):
    assert report(sent, DISTRICT).state is State.ACCEPTED

    drafts = [p for p in inbox(sent, "thu") if "bản tạm" in p.name]
    assert len(drafts) == 2
    assert inbox(sent, "nvgd1") == inbox(sent, "board") == []
    (final,) = called(sent, "thu", CITY)
    assert "1/2" in everything(final)
    assert "Chưa nhận của: Quận 3" in everything(final)
    assert [x for x in letters(sent, "delivered") if x.unit in ("nvgd1", "board")] == []


def test_when_all_are_in_the_final_lists_go_out_once(sent: Site):
    report(sent, DISTRICT)
    report(sent, OTHER_DISTRICT)
    sent.once()

    (carded,) = called(sent, "nvgd1", CITY)
    (doubtful,) = called(sent, "board", DOUBTFUL)
    both = [thirds(of(sent, d)) for d in (DISTRICT, OTHER_DISTRICT)]
    assert sorted(table(carded, "Đã được cấp thẻ").names) == sorted(
        c.name for parts in both for c in (*parts["I"], *parts["II"])
    )
    assert sorted(table(doubtful, "Danh sách trẻ").names) == sorted(
        c.name for parts in both for c in parts["III"]
    )
    assert len(letters(sent, "delivered", "nvgd1")) == len(letters(sent, "delivered", "board")) == 1
    assert changed(carded) == []
    for handoff in ("carded-final", "unverified"):
        assert [r.key.receiver for r in lists(sent, handoff)] == [
            {"carded-final": "nvgd1", "unverified": "board"}[handoff]
        ]


def test_on_the_last_morning_what_is_there_goes_out_and_names_who_is_missing(sent: Site):
    report(sent, DISTRICT)
    sent.clock.now = LAST_MORNING.replace(hour=7, minute=59)
    sent.once()
    assert called(sent, "nvgd1", CITY) == []

    sent.clock.now = LAST_MORNING
    sent.once()
    sent.once()

    (carded,) = called(sent, "nvgd1", CITY)
    assert "Chưa nhận của: Quận 3" in everything(carded)
    (letter,) = letters(sent, "delivered", "nvgd1")
    assert "Còn thiếu 1 đơn vị chưa nộp: Quận 3." in letter.context["next_step"]
    (doubtful,) = called(sent, "board", DOUBTFUL)
    assert {c.name for c in of(sent, OTHER_DISTRICT)} <= set(table(doubtful, "Danh sách trẻ").names)
    assert not [r for r in lists(sent, "carded-final") if r.late]


def test_an_extended_day_is_the_one_whose_morning_sends_what_is_there(sent: Site):
    """The city's list waits for the districts that were given more time."""
    report(sent, DISTRICT)
    for handoff in ("H7", "H8"):
        call = ["debt", "extend", "thu", handoff, "--until", "2015-06-30", "--why", "công văn 12"]
        now = sent.clock.now.isoformat()
        ran = CliRunner().invoke(cli, [*call, "--config", str(sent.config), "--now", now])
        assert ran.exit_code == 0, ran.output
    sent.clock.now = LAST_MORNING
    sent.once()
    sent.once()
    assert called(sent, "nvgd1", CITY) == []

    sent.clock.now = LAST_MORNING.replace(day=30)
    sent.once()
    sent.once()
    assert len(called(sent, "nvgd1", CITY)) == 1
    assert not [r for r in lists(sent, "carded-final") if r.late]


def test_the_board_hears_on_the_last_morning_even_where_no_district_answered(sent: Site):
    sent.clock.now = LAST_MORNING
    sent.once()

    (doubtful,) = called(sent, "board", DOUBTFUL)
    assert sorted(table(doubtful, "Danh sách trẻ").names) == sorted(c.name for c in group(sent))
    assert "Quận 1, Quận 3" in everything(doubtful)


def test_a_district_that_comes_late_makes_a_new_version_with_what_changed(sent: Site):
    report(sent, DISTRICT)
    sent.clock.now = LAST_MORNING
    sent.once()
    late = report(sent, OTHER_DISTRICT)

    assert late.late
    first, second = called(sent, "nvgd1", CITY)
    parts = thirds(of(sent, OTHER_DISTRICT))
    assert " - lần 2 - " in second.name
    assert {(what, who) for what, who, _ in changed(second)} == {
        ("Thêm", c.name) for c in (*parts["I"], *parts["II"])
    }
    assert "Chưa nhận của" not in everything(second)
    assert [x.context["corrects"] for x in letters(sent, "delivered", "nvgd1")] == [False, True]
    gone = {who for what, who, _ in changed(called(sent, "board", DOUBTFUL)[-1]) if what == "Bớt"}
    assert gone == {c.name for c in (*parts["I"], *parts["II"])}
    assert first.exists()


def test_once_the_final_lists_are_out_no_draft_lies_with_thu(sent: Site):
    """Nobody may take an old draft for the list; what it said can be had from the archive."""
    report(sent, DISTRICT)
    (draft,) = called(sent, "thu", CITY)
    said = draft.read_bytes()
    report(sent, OTHER_DISTRICT)

    assert [p for p in inbox(sent, "thu") if "bản tạm" in p.name] == []
    assert not draft.with_name("Bản cũ").exists()
    final = own(sent, "carded-final")[-1]
    (taken,) = [d for d in sent.facts(final)["deliveries"] if d["role"] == "retired"]
    shown = sent.directory / "state" / "archive" / taken["sha256"][:2] / taken["sha256"]
    assert (taken["path"].endswith(draft.name), shown.read_bytes()) == (True, said)


def test_a_draft_that_somebody_changed_is_put_aside_before_it_gives_way(sent: Site):
    """First to the next draft, then to the final list: either time the work by hand is kept."""
    report(sent, DISTRICT)
    (draft,) = called(sent, "thu", CITY)
    draft.write_bytes(b"worked on by hand")
    again = form(sent, "form-3", DISTRICT, {"I": of(sent, DISTRICT), "II": [], "III": []})
    sent.drop(DISTRICT, "mẫu 3 sửa.xlsx", again)
    sent.once()
    (draft,) = called(sent, "thu", CITY)
    assert draft.read_bytes() != b"worked on by hand"
    (kept,) = draft.parent.joinpath("Bản cũ").iterdir()
    assert kept.read_bytes() == b"worked on by hand"

    draft.write_bytes(b"worked on once more")
    report(sent, OTHER_DISTRICT)

    assert called(sent, "thu", CITY) == []
    old = {p.read_bytes() for p in draft.parent.joinpath("Bản cũ").iterdir()}
    assert old == {b"worked on by hand", b"worked on once more"}
    assert sent.states()["mẫu 3.xlsx"] is State.ACCEPTED


def test_a_district_may_work_on_its_draft_where_it_lies(sent: Site):
    """A ward's late return makes the draft anew: what the district typed into it is not lost."""
    mine = [c for c in of(sent, DISTRICT) if c.ward == sent.ward(0)]
    sent.drop(sent.ward(0), "trả lời.xlsx", answered(inbox(sent, sent.ward(0))[0], mine))
    sent.once()
    (draft,) = [p for p in inbox(sent, DISTRICT) if "bản nháp" in p.name]
    draft.write_bytes(b"half finished")
    others = [c for c in of(sent, DISTRICT) if c.ward == sent.ward(1)]
    sent.drop(sent.ward(1), "trả lời.xlsx", answered(inbox(sent, sent.ward(1))[0], others))
    sent.once()

    assert {c.name for c in others} <= set(table(draft, "Mẫu 3").names)
    (kept,) = draft.parent.joinpath("Bản cũ").iterdir()
    assert (kept.read_bytes(), kept.name.startswith(draft.stem)) == (b"half finished", True)


def test_a_draft_waits_for_nobodys_approval_and_the_final_list_does(sent: Site):
    sent.set_handoff("carded-final", 'release = "approve"')
    report(sent, DISTRICT)
    assert [d.state for d in own(sent, "carded-final")] == [State.ACCEPTED]
    assert len(called(sent, "thu", CITY)) == 1

    report(sent, OTHER_DISTRICT)
    assert [d.state for d in own(sent, "carded-final")] == [State.ACCEPTED, State.HELD]
    assert called(sent, "nvgd1", CITY) == []


# --- H9 --------------------------------------------------------------------------------------


def test_costs_are_allocated_after_the_final_list_and_again_after_its_correction(sent: Site):
    children = group(sent)
    sent.drop("nvgd1", "79a.xlsx", form(sent, "c79a", "nvgd1", children))
    sent.drop("cntt", "mẫu 1.xlsx", form(sent, "form-1", "cntt", kids(sent, 16)[12:]))
    report(sent, DISTRICT)
    assert own(sent, "allocation") == []

    sent.clock.now = LAST_MORNING
    sent.once()
    sent.once()
    (first,) = called(sent, "nvgd1", "Phân bổ")
    total = _total_of_h1(children)
    assert str(total) in everything(first)
    assert _charged(first) < total

    report(sent, OTHER_DISTRICT)
    sent.once()
    second = called(sent, "nvgd1", "Phân bổ")[-1]
    assert " - lần 2 - " in second.name
    assert str(total) in everything(second)
    assert _charged(first) < _charged(second) < total


def _total_of_h1(children: Sequence[InventedChild]) -> int:
    return sum(20_000 + 500 * (n % 40) + 35_000 + 1_000 * (n % 90) for n in range(len(children)))


def _charged(path: Path) -> int:
    """What hospitals are charged with together, in đồng."""
    book = openpyxl.load_workbook(path, data_only=True)
    rows = list(book["Tổng hợp theo bệnh viện"].iter_rows(values_only=True))
    (total,) = [row for row in rows if "Tổng cộng" in row]
    head = next(row for row in rows if "Tổng chi phí" in row)
    return int(total[head.index("Tổng chi phí")])


# --- cards of others -------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [slice(None), slice(-10, None)], ids=["whole", "ten digits"])
def test_a_card_that_stands_on_another_districts_child_is_returned(sent: Site, spelling: slice):
    ours = of(sent, DISTRICT)
    report(sent, DISTRICT)
    theirs = of(sent, OTHER_DISTRICT)
    stolen = [replace(theirs[0], card=ours[0].card[spelling]), *theirs[1:]]
    sent.drop(OTHER_DISTRICT, "mẫu 3.xlsx", form(sent, "form-3", OTHER_DISTRICT, thirds(stolen)))
    sent.once()

    drop = sent.drops()[-1]
    assert drop.state is State.RETURNED
    (told,) = [f for f in sent.facts(drop)["findings"] if f["code"] == "list.card-of-another"]
    assert told["cell"]
    assert "Quận 1" in told["message"]
    assert ours[0].name not in told["message"]


def test_a_card_that_form_1_of_the_round_gives_to_another_child_is_returned(sent: Site):
    """Whoever stands on form 1 is asked of nobody: no answer may use its card."""
    ours = of(sent, DISTRICT)
    theirs = replace(of(sent, OTHER_DISTRICT)[0], name="Ngô Bảo Châu Giang", mother="Đỗ Thị Sen")
    sent.drop("cntt", "mẫu 1.xlsx", form(sent, "form-1", "cntt", [theirs]))
    sent.once()
    stolen = [replace(ours[0], card=theirs.card[-10:]), *ours[1:]]
    sent.drop(DISTRICT, "mẫu 3.xlsx", form(sent, "form-3", DISTRICT, thirds(stolen)))
    sent.once()

    drop = sent.drops()[-1]
    (told,) = [f for f in sent.facts(drop)["findings"] if f["code"] == "list.card-of-another"]
    assert drop.state is State.RETURNED
    assert "Phòng Công nghệ thông tin" in told["message"]


def test_a_person_who_got_another_card_in_an_earlier_round_is_told_of_and_travels(sent: Site):
    """The same name, birth and mother; the list that tells of the other card is named."""
    child = next(c for c in thirds(of(sent, DISTRICT))["I"] if c.birth_date.year < 2014)
    home = of(sent, OTHER_DISTRICT)[0].address
    before = replace(child, card="TE1799999991234", address=home)
    made = sent.directory / "earlier.xlsx"
    unit, sections = sent.units[OTHER_DISTRICT], {"I": [before], "II": [], "III": []}
    write_list(made, list_of("form-3", Round(2014, 4), unit, sent.units, sections), sent.units)
    sent.drop(OTHER_DISTRICT, "quý trước.xlsx", made.read_bytes())
    sent.once()
    assert sent.drops()[-1].state is State.ACCEPTED

    drop = report(sent, DISTRICT)

    assert drop.state is State.ACCEPTED
    told = [f for f in sent.facts(drop)["findings"] if f["code"] == "list.person-carded-before"]
    assert [f["severity"] for f in told] == ["warns"]
    assert "TE1799999991234" in told[0]["message"]
    assert "Quận 3, đợt 4 năm 2014" in told[0]["message"]


def earlier(site: Site, child: InventedChild, card: str) -> None:
    """Another district told last quarter that this very child has a card."""
    before = replace(child, card=card, address=of(site, OTHER_DISTRICT)[0].address)
    made = site.directory / "earlier.xlsx"
    sections = {"I": [before], "II": [], "III": []}
    wanted = list_of("form-3", Round(2014, 4), site.units[OTHER_DISTRICT], site.units, sections)
    write_list(made, wanted, site.units)
    site.drop(OTHER_DISTRICT, "quý trước.xlsx", made.read_bytes())
    site.once()
    assert site.drops()[-1].state is State.ACCEPTED


def carded_before(site: Site, name: str) -> list[str]:
    """What the drop of that name is told of persons who have a card already."""
    drop = next(d for d in reversed(site.drops()) if d.name == name)
    found = site.facts(drop)["findings"]
    return [f["message"] for f in found if f["code"] == "list.person-carded-before"]


def test_a_child_of_the_uncarded_who_has_a_card_of_an_earlier_round_is_told_of(sent: Site):
    """On form 2 nobody has a card, so nobody may be issued a second one unseen."""
    child = next(c for c in of(sent, DISTRICT) if c.birth_date.year < 2014)
    earlier(sent, child, "TE1799999991234")

    sent.drop("cntt", "mẫu 2 (bổ sung).xlsx", form(sent, "form-2", "cntt", group(sent)[:-1]))
    sent.once()

    (told,) = carded_before(sent, "mẫu 2 (bổ sung).xlsx")
    assert "TE1799999991234 trong danh sách của Quận 3, đợt 4 năm 2014" in told


def test_a_d03_ts_without_mothers_is_held_against_whom_the_list_sent_names(sent: Site):
    mine = [c for c in group(sent) if c.ward == sent.ward() and c.birth_date.year < 2014]
    earlier(sent, mine[0], "TE1799999991234")

    sent.drop(sent.ward(), "D03.xlsx", d03(sent, mine))
    sent.once()

    assert ["TE1799999991234" in message for message in carded_before(sent, "D03.xlsx")] == [True]


def test_the_same_card_on_its_own_way_is_no_news(sent: Site):
    """A child's card stands in its ward's return, then in its district's, then in the city's."""
    mine = [c for c in group(sent) if c.ward == sent.ward()]
    path = inbox(sent, sent.ward())[-1]
    rows = {c.name: answer(c, BEFORE) for c in mine}
    sent.drop(sent.ward(), "trả lời.xlsx", filled(path, rows))
    sent.once()
    drop = report(sent, DISTRICT)

    assert drop.state is State.ACCEPTED
    assert [c for c in sent.codes(drop) if c.startswith("list.")] == []
