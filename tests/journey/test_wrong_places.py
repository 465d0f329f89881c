"""Files where no drop belongs: none lies there in silence, and what is meant is taken."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.ids import work_path
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.folders import GUIDE
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.parties import BEFORE, NONE, answer, filled, inbox, letters
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, PDF, Site
from tests.journey.test_lying_files import told
from tests.journey.test_returns_corrected import CHILDREN, WARD

__all__ = ["CHILDREN"]


def surveys(site: Site, count: int = 3) -> None:
    """The daemon looks some times, and surveys each time."""
    site.set("survey_minutes = 30", "survey_minutes = 0")
    with site.running() as running:
        look(running, count)
    site.set("survey_minutes = 0", "survey_minutes = 30")


def look(running: Running, count: int) -> None:
    for _ in range(count):
        running.daemon.workers["main"].work()
    running.daemon.post()


def put(site: Site, path: str, data: bytes) -> Path:
    """Put a file into the tree at a path from its root."""
    there = site.root / path
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(data)
    return there


def base(site: Site) -> str:
    return str(site.folder(DISTRICT).parent.relative_to(site.root))


def misplaced(site: Site) -> list[tuple[str, str]]:
    """Unit and last part of each file that the status shows as misplaced."""
    found = json.loads(told(site, "status", "--json"))["lying"]
    return sorted((one["unit"], one["shown_path"].rpartition("/")[2]) for one in found)


def words(site: Site) -> list[Any]:
    return [x for x in letters(site, "notice") if x.key.startswith("notice/misplaced/")]


ELSEWHERE: dict[str, tuple[Callable[[Site], str], str]] = {
    "the root": (lambda _site: "tài liệu.xlsx", ""),
    "the root, by its name": (lambda _site: "Quận 1 - mẫu 3.xlsx", DISTRICT),
    "beside the base": (lambda site: f"{base(site).split('/')[0]}/tài liệu.xlsx", ""),
    "the base": (lambda site: f"{base(site)}/tài liệu.xlsx", ""),
    "a misspelt folder": (lambda site: f"{base(site)}/Quan1/mẫu 3.xlsx", DISTRICT),
    "a renamed folder": (lambda site: f"{base(site)}/Quận Nhất (mới)/mẫu 3.xlsx", ""),
    "the work area, forgotten by the ledger": (lambda _site: work_path("D150420-7SE4HX"), ""),
    "a left-over there": (lambda site: f"{base(site)}/mẫu 3.xlsx.filepart", ""),
}


def test_a_guide_that_outlived_its_unit_or_its_folder_s_name_is_nobody_s_file(site: Site):
    """A unit that was taken out of units.csv leaves the page that we had put there."""
    put(site, f"{base(site)}/Quận Cũ/Từ BHXH Thành phố/{GUIDE}", b"<html>")
    put(site, f"{base(site)}/Quận 1/Trả lại/{GUIDE}", b"<html>")
    put(site, f"{base(site)}/Quận Cũ/mẫu 3.xlsx", form_3(site))
    surveys(site)

    assert [name for _, name in misplaced(site)] == ["mẫu 3.xlsx"]


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_file_outside_every_drop_folder_is_told_to_whose_it_may_be(anywhere: Site, where: str):
    path, unit = ELSEWHERE[where]
    there = put(anywhere, path(anywhere), form_3(anywhere))
    surveys(anywhere)

    assert misplaced(anywhere) == [(unit, there.name)]
    (letter,) = words(anywhere)
    assert letter.unit == (unit or "cntt")
    assert there.name in str(letter.context["paragraphs"])
    assert there.name in told(anywhere, "status")
    assert there.name in told(anywhere, "doctor")
    assert there.exists()


def test_nobody_elses_folders_at_the_root_are_looked_into(anywhere: Site):
    put(anywhere, "03-QLTHE/báo cáo.xlsx", form_3(anywhere))
    put(anywhere, "03-QLTHE/sâu/báo cáo.xlsx", form_3(anywhere))
    surveys(anywhere)

    assert misplaced(anywhere) == []


def test_it_is_told_once_a_day_until_it_is_gone(site: Site):
    there = put(site, f"{base(site)}/tài liệu.xlsx", form_3(site))
    for _ in range(3):
        surveys(site)
    assert len(words(site)) == 1
    site.clock.now += timedelta(days=1)
    surveys(site)
    assert len(words(site)) == 2
    there.unlink()
    site.clock.now += timedelta(days=1)
    surveys(site)

    assert len(words(site)) == 2
    assert misplaced(site) == []


@pytest.mark.parametrize(
    "spelled",
    [
        unicodedata.normalize("NFD", "Quận 1"),
        "quận 1",
        "QUẬN 1",
        "Quận  1",
        " Quận 1",
    ],
)
def test_a_folder_that_differs_by_form_case_or_blanks_alone_is_that_units(
    anywhere: Site, spelled: str
):
    put(anywhere, f"{base(anywhere)}/{spelled}/mẫu 3.xlsx", form_3(anywhere))
    surveys(anywhere)

    assert anywhere.states() == {"mẫu 3.xlsx": State.ACCEPTED}
    assert anywhere.only().unit == DISTRICT
    assert misplaced(anywhere) == []


def test_a_wards_folder_in_other_capitals_is_the_wards_and_not_the_districts(site: Site):
    ward = site.folder(site.ward())
    put(site, f"{ward.parent.relative_to(site.root)}/{ward.name.upper()}/tệp.exe", b"MZ" * 99)
    surveys(site)

    assert site.only().unit == site.ward()


def test_what_the_product_put_is_nobodys_misplaced_file(anywhere: Site):
    anywhere.drop(DISTRICT, "mẫu 3.xlsx", form_3(anywhere))
    anywhere.drop(DISTRICT, "sai.xlsx", form_3(anywhere, "row.card-invalid", count=4))
    surveys(anywhere, 4)

    assert set(anywhere.states().values()) == {State.ACCEPTED, State.RETURNED}
    assert misplaced(anywhere) == []
    assert words(anywhere) == []


@pytest.mark.parametrize("name", ["", " (đã sửa)"])
def test_a_copy_that_was_put_right_where_it_was_given_back_is_taken(anywhere: Site, name: str):
    anywhere.drop(DISTRICT, "sai.xlsx", form_3(anywhere, "row.card-invalid"))
    surveys(anywhere)
    (copy,) = anywhere.own(DISTRICT, "returned").glob("*.xlsx")
    assert anywhere.only().state is State.RETURNED
    copy.with_stem(copy.stem + name).write_bytes(form_3(anywhere))
    surveys(anywhere, 4)

    assert [drop.state for drop in anywhere.drops()] == [State.RETURNED, State.ACCEPTED]
    assert anywhere.drops()[1].unit == DISTRICT
    assert not copy.with_stem(copy.stem + name).exists()
    assert misplaced(anywhere) == []


def test_a_kit_that_was_filled_in_where_it_lay_is_taken(sent: Site, mine: list[Any]):
    statuses = (BEFORE, BEFORE, NONE, NONE)
    rows = {c.name: answer(c, s) for c, s in zip(mine, statuses, strict=True)}
    kit = inbox(sent, sent.ward(WARD))[-1]
    surveys(sent, 3)
    before = len(sent.drops())
    kit.write_bytes(filled(kit, rows))
    surveys(sent, 4)

    came = sent.drops()[before:]
    assert [(one.unit, one.state) for one in came] == [(sent.ward(WARD), State.ACCEPTED)]


@pytest.mark.parametrize("what", ["inbox", "received", "returned"])
def test_a_strangers_file_among_ours_is_told_to_the_unit(anywhere: Site, what: str):
    folder = anywhere.own(DISTRICT, what)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ghi chú.pdf").write_bytes(PDF)
    surveys(anywhere)

    assert misplaced(anywhere) == [(DISTRICT, "ghi chú.pdf")]
    assert [one.unit for one in words(anywhere)] == [DISTRICT]
    assert (folder / "ghi chú.pdf").exists()


def test_a_changed_original_in_the_received_folder_is_told(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    surveys(site)
    (original,) = site.own(DISTRICT, "received").glob("*.xlsx")
    original.write_bytes(form_3(site, count=4))
    surveys(site)

    assert misplaced(site) == [(DISTRICT, original.name)]
    assert len(site.drops()) == 1


def test_a_copy_given_back_from_a_sub_folder_belongs_to_it(round_site: Site):
    """What lies in `Trình BGĐ` is another hand-off than the same form beside it."""
    site = round_site
    site.drop("nvgd1", "công văn.exe", b"MZ" * 99, below="Trình BGĐ")
    surveys(site)
    (drop,) = site.drops()
    with site.running() as running:
        again = replace(drop, path=f"{running.world.routes.returned(site.units['nvgd1'])}/"
                                   f"công văn - CẦN SỬA - {drop.id}.xlsx")  # fmt: skip
        place = running.journey.gathering._place(again)

    assert place.subfolder == "Trình BGĐ"


def test_explain_names_the_nearest_unit_and_its_folder(site: Site):
    said = told(site, "explain", f"{base(site)}/Quan1/mẫu 3.xlsx")

    assert "760" in said and f"{base(site)}/Quận 1" in said
