"""What letters tell on a small site: every file, what is next, and what went out in whose name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.simulate.people import InventedChild
from tests.journey.parties import (
    NONE,
    answered,
    d03,
    filled,
    form,
    form_4,
    inbox,
    kids,
    letters,
    table,
)
from tests.journey.scenes import packed
from tests.journey.site import DISTRICT, OTHER_DISTRICT, PDF, Site, people, workbook

CHILDREN = 12
FOR_WARDS, SENT_FOR = "Phường, xã", "Đã gửi"


def hand_in(site: Site, unit: str, name: str, data: bytes) -> Drop:
    """Drop a file, and let the daemon take its turn."""
    site.drop(unit, name, data)
    site.once()
    return site.drops()[-1]


def told(letter: Letter, key: str) -> Any:
    return letter.context[key]


def of_ward(site: Site, ward: str) -> list[InventedChild]:
    return [c for c in kids(site, CHILDREN) if c.ward == ward]


def answer_kit(site: Site, ward: str) -> None:
    """A ward answers for all its children on the kit."""
    hand_in(site, ward, "phiếu.xlsx", answered(inbox(site, ward)[-1], of_ward(site, ward), NONE))


def report(site: Site, district: str) -> Drop:
    """A district drops its form 3."""
    group = [c for c in kids(site, CHILDREN) if site.units[c.ward].parent == district]
    return hand_in(site, district, "mẫu 3.xlsx", form(site, "form-3", district, group))


def drafts_told(site: Site) -> list[Letter]:
    """The letters about the district's own draft."""
    return [one for one in letters(site, "delivered", DISTRICT) if told(one, "by_system")]


# --- what went out in an office's name -----------------------------------------------------------


def test_a_district_hears_which_lists_went_to_its_wards_and_finds_the_copies(sent: Site):
    (letter,) = letters(sent, "sent-for", DISTRICT)

    wards = {sent.ward(n): len(of_ward(sent, sent.ward(n))) for n in range(3)}
    listed = {one["receiver"]: one["rows"] for one in told(letter, "lists")}
    assert listed == {
        f"UBND {sent.units.full_name(sent.units[ward])}": count for ward, count in wards.items()
    }
    assert told(letter, "rows") == sum(wards.values())
    copies = {path.name for path in inbox(sent, DISTRICT, FOR_WARDS)}
    assert {one["name"] for one in told(letter, "lists")} == copies
    assert told(letter, "folder").endswith(f"/{FOR_WARDS}")


def test_thu_hears_of_the_lists_that_went_to_the_districts_in_its_name(sent: Site):
    (letter,) = letters(sent, "sent-for", "thu")

    assert told(letter, "delivered_to") == ["BHXH Quận 1", "BHXH Quận 3"]
    originals = [inbox(sent, unit)[0].read_bytes() for unit in (DISTRICT, OTHER_DISTRICT)]
    copies = [path.read_bytes() for path in inbox(sent, "thu", SENT_FOR)]
    assert sorted(copies) == sorted(originals)


def test_thu_hears_that_the_final_lists_went_out_and_has_copies(sent: Site):
    report(sent, DISTRICT)
    report(sent, OTHER_DISTRICT)
    sent.once()

    about = {told(one, "handoff_name"): one for one in letters(sent, "sent-for", "thu")}
    for handoff, receiver in (("carded-final", "nvgd1"), ("unverified", "board")):
        name = sent.settings.process.handoffs[handoff].name
        assert told(about[name], "delivered_to") == [sent.units[receiver].name]
        (original,) = inbox(sent, receiver)
        (copy,) = (p for p in inbox(sent, "thu", SENT_FOR) if p.name in str(about[name].context))
        assert copy.read_bytes() == original.read_bytes()


# --- a district's draft ------------------------------------------------------------------------


def test_a_district_hears_of_its_first_draft_and_of_the_one_that_is_whole(sent: Site):
    answer_kit(sent, sent.ward(0))
    (first,) = drafts_told(sent)
    left = len(of_ward(sent, sent.ward(1))) + len(of_ward(sent, sent.ward(2)))
    assert f"Còn {left} trẻ chưa có kết quả" in told(first, "next_step")
    assert "duyệt" not in told(first, "next_step")

    answer_kit(sent, sent.ward(1))
    assert len(drafts_told(sent)) == 1, "each ward's answer is no letter"

    answer_kit(sent, sent.ward(2))
    whole = drafts_told(sent)[-1]
    assert "Mọi trẻ đã có kết quả" in told(whole, "next_step")
    assert "duyệt thay bản nháp" in told(whole, "next_step")
    assert "trước ngày 25/06/2015" in told(whole, "next_step")
    assert "bhyt-filedrop" not in told(whole, "next_step"), "a district has no command line"


def test_nobody_hears_of_a_draft_for_what_was_given_already(sent: Site):
    report(sent, DISTRICT)
    for n in range(3):
        answer_kit(sent, sent.ward(n))

    assert drafts_told(sent) == []


# --- every file ----------------------------------------------------------------------------------


def parts(site: Site) -> tuple[bytes, bytes]:
    """The first ward's form 4 and D03-TS."""
    before, *joining = of_ward(site, site.ward(0))
    return form_4(site, [before]), d03(site, joining)


def test_the_letter_names_the_part_that_was_held_and_goes_along(sent: Site):
    first, second = parts(sent)
    hand_in(sent, sent.ward(0), "mẫu 4.xlsx", first)
    hand_in(sent, sent.ward(0), "D03.xlsx", second)

    (to_district,) = _from_ward(sent)
    count = len(of_ward(sent, sent.ward(0)))
    assert [one["rows"] for one in told(to_district, "files")] == [count - 1, 1]
    assert told(letters(sent, "receipt", sent.ward(0))[-1], "files") == ["D03.xlsx", "mẫu 4.xlsx"]


def test_the_letter_names_both_lists_of_a_zip_and_the_scan(sent: Site):
    first, second = parts(sent)
    hand_in(sent, sent.ward(0), "hồ sơ.zip", packed(m4__xlsx=first, d03__xlsx=second, ky__pdf=PDF))

    (to_district,) = _from_ward(sent)
    there = {path.name for path in sent.own(DISTRICT, "from wards").iterdir()}
    assert {one["name"] for one in told(to_district, "files")} == there
    assert len(there) == 3


def _from_ward(site: Site) -> Sequence[Letter]:
    name = site.settings.process.handoffs["ward-return"].name
    found = letters(site, "delivered", DISTRICT)
    return [one for one in found if told(one, "handoff_name") == name]


# --- what is next --------------------------------------------------------------------------------


def test_what_is_next_names_forms_day_and_folder_and_how_to_fill_in(sent: Site):
    (ward,) = letters(sent, "delivered", sent.ward(0))
    step = told(ward, "next_step")

    folder = sent.folder(sent.ward(0)).relative_to(sent.root)
    assert "Mẫu 4 hoặc Phiếu trả lời, cùng D03-TS" in step
    assert "chậm nhất ngày 15/06/2015" in step
    assert f"vào thư mục {folder}." in step
    assert "điền cột Kết quả" in step


def test_what_was_given_already_is_not_asked_for_as_the_next_step(sent: Site):
    report(sent, DISTRICT)
    answer_kit(sent, sent.ward(0))

    (to_district,) = _from_ward(sent)
    assert "Bước tiếp theo" not in told(to_district, "next_step")
    assert "đã nộp" in told(to_district, "next_step")


def test_a_list_that_goes_back_says_where_to_drop_it_and_which_children_it_lacks(sent: Site):
    ward = sent.ward(0)
    missing = table(inbox(sent, ward)[-1]).names[0]
    group = [c for c in of_ward(sent, ward) if c.name != missing]
    data = filled(
        inbox(sent, ward)[-1],
        {c.name: {"Kết quả": NONE, "Ghi chú (lý do)": "đã chuyển đi"} for c in group},
        drop=[missing],
    )
    hand_in(sent, ward, "phiếu.xlsx", data)

    (letter,) = letters(sent, "returned", ward)
    assert told(letter, "drop_folder") == str(sent.folder(ward).relative_to(sent.root))
    assert any(missing in one["message"] for one in told(letter, "findings"))
    others = [one for one in letters(sent, "delivered") if one.unit in ("board", "nvgd1")]
    assert not any(missing in str(one.context) for one in others)


def test_a_unit_that_wants_no_workbook_by_mail_finds_the_marked_copy_in_its_folder(site: Site):
    table = site.config / "units.csv"
    head, *lines = table.read_text("utf-8-sig").splitlines()
    lines = [f"{line},never" if line.startswith(f"{DISTRICT},") else f"{line}," for line in lines]
    table.write_text("\n".join([f"{head},attach", *lines]), "utf-8")
    for unit in (DISTRICT, OTHER_DISTRICT):
        group = people(site.units, unit, 4)
        bad = workbook(
            site.units, "form-3", unit, group, ("row.card-invalid",), scratch=site.directory
        )
        site.drop(unit, "mẫu 3.xlsx", bad)
    site.once()
    files = {
        mail["To"].addresses[0].addr_spec: [part.get_filename() for part in mail.iter_attachments()]
        for mail in site.mails()
    }

    assert files[f"unit-{DISTRICT}@bhyt.example"] == []
    assert len(files[f"unit-{OTHER_DISTRICT}@bhyt.example"]) == 1
    assert site.found(DISTRICT, "returned")
