"""What is held of a child can be shown whole, and nothing of a child stands where it need not."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.drops.states import State
from tests.folding import fold_whole
from tests.journey.scenes import form_3, form_4
from tests.journey.service import serving
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, people, workbook
from tests.waiting import until

OVER = {State.ACCEPTED, State.RETURNED, State.HELD}


def said(site: Site, *words: str) -> Result:
    call = [*words, "--config", str(site.config)]
    return CliRunner().invoke(cli, call, standalone_mode=False)


def told(site: Site, *words: str) -> dict[str, Any]:
    result = said(site, *words, "--json")
    assert result.exception is None, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def busy(site: Site) -> Site:
    """The same children on a district's list and on its ward's; others on another district's."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    others = people(site.units, OTHER_DISTRICT, 5)
    other = workbook(site.units, "form-3", OTHER_DISTRICT, others, scratch=site.directory)
    site.drop(OTHER_DISTRICT, "mẫu 3.xlsx", other)
    site.once()
    return site


def test_all_that_is_held_of_one_child_is_told_and_nothing_of_another(busy: Site):
    child = people(busy.units, DISTRICT, 8, ward=0)[0]
    found = told(
        busy, "person", "--name", child.name.upper(), "--born", child.birth_date.isoformat()
    )

    assert found["lists"]
    assert {fold(line["name"]) for line in found["lists"]} == {fold(child.name)}
    assert {line["birth"] for line in found["lists"]} == {child.birth_date.isoformat()}
    assert busy.ward() in {busy.facts(d)["unit"] for d in busy.drops() if d.name == "mẫu 4.xlsx"}
    assert {line["drop"] for line in found["receivers"]} == {x["drop"] for x in found["lists"]}
    assert "tệp trong thư mục" in {line["how"] for line in found["receivers"]}


def test_a_child_is_found_by_its_card_however_it_is_written(busy: Site):
    child = next(c for c in people(busy.units, DISTRICT, 8) if c.card)
    by_card = told(busy, "person", "--card", child.card)
    assert {fold(line["name"]) for line in by_card["lists"]} == {fold(child.name)}
    assert told(busy, "person", "--card", child.card[-10:])["lists"] == by_card["lists"]


def test_of_a_child_that_nobody_listed_nothing_is_held(busy: Site):
    result = said(busy, "person", "--name", "Không Có Ai", "--born", "2014-01-01", "--json")
    assert result.return_value == 1
    assert json.loads(result.stdout)["lists"] == []


def test_what_is_held_is_written_as_a_workbook(busy: Site, tmp_path: Path):
    child = people(busy.units, DISTRICT, 8)[0]
    out = tmp_path / "người.xlsx"
    wanted = ("--name", child.name, "--born", child.birth_date.isoformat())
    assert said(busy, "person", *wanted, "--out", str(out)).return_value == 0
    book = openpyxl.load_workbook(out)
    assert {"Danh sách", "Nơi nhận"} <= set(book.sheetnames)


def test_an_exposure_names_whose_data_which_fields_and_every_receiver(busy: Site):
    drop = next(d for d in busy.drops() if d.unit == OTHER_DISTRICT)
    found = told(busy, "report", "exposure", "--drop", drop.id)
    children = people(busy.units, OTHER_DISTRICT, 5)

    assert {fold(c["name"]) for c in found["children"]} == {fold(c.name) for c in children}
    assert found["figures"]["children"] == len(children)
    assert {"Họ tên", "Ngày sinh", "Địa chỉ"} <= {one["field"] for one in found["fields"]}
    given = {one["path"] for one in busy.facts(drop)["deliveries"]}
    assert given <= {one["what"].partition(": ")[2] for one in found["receivers"]}
    assert "thư" in {one["how"] for one in found["receivers"]}


def test_an_exposure_may_be_asked_for_by_unit_and_by_time(busy: Site):
    every = told(busy, "report", "exposure", "--from", "2015-04-01")
    mine = told(busy, "report", "exposure", "--unit", DISTRICT)
    none = told(busy, "report", "exposure", "--from", "2015-04-21", "--to", "2015-04-30")

    assert every["figures"]["children"] > mine["figures"]["children"] > 0
    assert {line["sender"] for line in mine["lists"]} <= {"Quận 1", busy.units[busy.ward()].name}
    assert none["figures"]["children"] == 0


def test_an_exposure_of_no_named_files_is_refused_with_what_to_say(busy: Site):
    assert "--from" in str(said(busy, "report", "exposure", "--json").exception)
    assert "--round" in str(said(busy, "report", "round", "--json", "--unit", DISTRICT).exception)


def test_no_name_card_or_birth_of_a_child_stands_in_logs_subjects_names_or_errors(site: Site):
    faults = ("row.card-invalid", "row.birth-date-missing", "row.address-missing")
    children = [*people(site.units, DISTRICT, 8), *people(site.units, DISTRICT, 8, ward=0)]
    with serving(site) as service:
        site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
        site.drop(DISTRICT, "sai.xlsx", form_3(site, *faults))
        site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))

        until(lambda: len(site.drops()) == 3 and set(site.states().values()) <= OVER)
        until(lambda: len(site.mails()) >= 4, "four letters")
        log = service.log
    shown = [said(site, *words).output for words in (["arrivals"], ["status"], ["doctor"])]
    names = [str(p) for p in site.directory.rglob("*")]
    subjects = [str(mail["Subject"]) for mail in site.mails()]
    errors = [one.reason for one in site.drops()] + [
        said(site, "show", name).output for name in ("không có", children[0].code)
    ]
    public = fold_whole("\n".join([log, *shown, *names, *subjects, *errors]))

    assert len(subjects) >= 3
    for child in children:
        assert fold(child.name) not in public
        assert not child.card or child.card[-10:] not in public
        assert fold(f"{child.birth_date:%d/%m/%Y}") not in public
        assert fold(child.birth_date.isoformat()) not in public


# --- what is held no longer -----------------------------------------------------------------------


LATER = "2016Q1"


def everything_of(site: Site) -> bytes:
    """All bytes that the site holds; workbooks are unpacked, for their text is compressed."""
    found = b""
    for path in (p for p in site.directory.rglob("*") if p.is_file()):
        found += path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as book:
                found += b"".join(book.read(name) for name in book.namelist())
    return found


@pytest.fixture
def over(busy: Site) -> Site:
    """A site whose round is long over; what waited was sent back."""
    for drop in busy.drops():
        if drop.state is State.HELD:
            assert said(busy, "reject", drop.id, "--why", "hết hạn").exception is None
    busy.once()
    return busy


def test_a_dry_run_tells_what_would_be_erased_and_erases_nothing(over: Site):
    before = everything_of(over)
    found = told(over, "retention", "--before", LATER, "--dry-run")

    assert found["drops"] == 3
    assert found["rows"]["2015Q1"] > 10
    assert found["files"] >= 3
    assert found["deliveries"] >= 5
    assert everything_of(over) == before


def test_nothing_of_a_child_is_left_anywhere_and_the_record_names_nobody(over: Site):
    shutil.rmtree(over.directory / "state" / "mail")  # what was sent lies with its receivers
    names = {c.name for c in people(over.units, DISTRICT, 8)}
    assert any(name.encode() in everything_of(over) for name in names)
    done = told(over, "retention", "--before", LATER, "--why", "hết thời hạn lưu", "--by", "lan")

    left = everything_of(over)
    assert done["removed"] >= 5
    assert done["changed"] == []
    for child in people(over.units, DISTRICT, 8) + people(over.units, OTHER_DISTRICT, 5):
        assert child.name.encode() not in left
        assert json.dumps(child.name).strip('"').encode() not in left
        assert not child.card or child.card.encode() not in left
    assert b"erased" in left
    assert told(over, "audit", "verify")["sound"]
    assert told(over, "person", "--name", names.pop(), "--born", "2014-01-01")["lists"] == []


def test_afterwards_the_service_goes_on_and_says_that_the_old_round_was_erased(over: Site):
    told(over, "retention", "--before", LATER, "--why", "hết thời hạn lưu")
    mails = len(over.mails())
    over.clock.now = over.clock.now.replace(year=2016)
    over.once()

    assert len(over.drops()) == 3
    assert not [m for m in over.mails()[mails:] if "chênh lệch" in str(m["Subject"]).lower()]
    assert "đã xóa" in str(said(over, "trace", "--round", "2015Q1").exception)


def test_what_people_changed_in_their_folders_stays_and_is_named(over: Site):
    mine = next(iter(over.own("thu", "inbox").glob("*.xlsx")))
    mine.write_bytes(mine.read_bytes() + b"\0")
    done = told(over, "retention", "--before", LATER, "--why", "hết thời hạn lưu")

    assert len(done["changed"]) == 1
    assert mine.exists()


def test_nothing_is_erased_unasked_of_open_rounds_or_of_files_that_wait(busy: Site):
    words = ("retention", "--before", LATER)
    assert "--why" in str(said(busy, *words).exception)
    assert "chưa xong" in str(said(busy, *words, "--why", "thử").exception)
    assert "còn mở" in str(said(busy, "retention", "--before", "2099Q1", "--why", "x").exception)
    assert len(busy.drops()) == 3
