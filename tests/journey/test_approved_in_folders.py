"""Lists that wait lie in “Chờ duyệt”; moving the file to “Đồng ý” sends them, “Không gửi” not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.wiring.books import erasures_of, holdings_of, open_books
from bhyt_filedrop.wiring.declared import world_of
from tests.journey.parties import SENDING, decide, inbox, kids, letters, own, send, table
from tests.journey.remote_site import far_tree
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, copied

DISTRICTS = """
[folders.district.approval]
waiting = "{base}/{unit}/Duyệt/Chờ duyệt"
agreed = "{base}/{unit}/Duyệt/Đồng ý"
refused = "{base}/{unit}/Duyệt/Không gửi"

[folders.ward]
"""


def folder(site: Site, which: str, unit: str = "thu") -> Path:
    """One of an office's approval folders on disk: `waiting`, `agreed`, `refused`."""
    found = world_of(site.settings).routes.approval(site.units[unit])
    assert found is not None
    path = site.root / str(getattr(found, which))
    path.mkdir(parents=True, exist_ok=True)
    return path


def files(site: Site, which: str, unit: str = "thu") -> list[Path]:
    return sorted(folder(site, which, unit).iterdir())


def offer(site: Site, unit: str = "thu") -> Path:
    (path,) = files(site, "waiting", unit)
    return path


def moved(site: Site, path: Path, which: str, unit: str = "thu") -> Path:
    """A clerk moves a file into another folder."""
    return path.rename(folder(site, which, unit) / path.name)


def looks(site: Site, times: int = 3) -> None:
    """So many looks of one daemon."""
    with site.running() as running:
        for _ in range(times):
            running.daemon.once(lambda _seconds: None)


def events(site: Site, drop: Drop, kind: str) -> list[Mapping[str, Any]]:
    books = open_books(site.settings)
    try:
        return [detail for _, told, detail in books.drops.history(drop.id) if told == kind]
    finally:
        books.close()


def proposal(site: Site) -> Drop:
    return own(site, "district-list")[-1]


def wait_for_approval(site: Site) -> Site:
    site.set_handoff("district-list", 'release = "approve"')
    site.clock.now = SENDING
    send(site, kids(site))
    return site


@pytest.fixture
def waits(round_site: Site) -> Site:
    """The districts' lists wait for Phòng Thu."""
    return wait_for_approval(round_site)


@pytest.fixture(
    params=[pytest.param(kind, marks=pytest.mark.server) for kind in ("openssh", "vsftpd-tls")]
)
def far(request: pytest.FixtureRequest, round_site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The same with the tree behind a server."""
    found = far_tree(request.param)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    site = round_site
    if request.param != "openssh":  # which shows every place
        site = copied(site.directory, found.home())
    return wait_for_approval(found.serve(site))


def test_a_list_that_waits_lies_there_with_what_is_in_it_and_is_sent_to_nobody(waits: Site):
    path = offer(waits)

    assert proposal(waits).id in path.name
    assert inbox(waits, DISTRICT) == []
    book = openpyxl.load_workbook(path)
    summary = str(list(book["Tóm tắt"].iter_rows(values_only=True)))
    assert "DANH SÁCH CHỜ DUYỆT" in summary and "“Đồng ý”" in summary and "Bản đầu tiên" in summary
    told = {name for sheet in book.sheetnames[1:] for name in table_names(path, sheet)}
    assert told == {child.name for child in kids(waits) if child.ward in waits.units}
    (asked,) = letters(waits, "notice", "thu")
    assert "Duyệt/Chờ duyệt" in str(asked.context["paragraphs"])


def table_names(path: Path, sheet: str) -> list[str]:
    try:
        return table(path, sheet).names
    except StopIteration:
        return []


def is_sent(site: Site) -> None:
    """Everything that an approval brings about, once: lists, copies, letters, nothing left over."""
    drop = proposal(site)
    assert drop.state is State.ACCEPTED
    assert len(inbox(site, DISTRICT)) == 1
    assert len(letters(site, "delivered", DISTRICT)) == 1
    (receipt,) = letters(site, "sent-for", "thu")
    assert "Đã gửi" in receipt.context["folder"]
    assert len(inbox(site, "thu", "Đã gửi")) == 2, "a copy of each"
    (word,) = events(site, drop, "release")
    assert (word["who"], word["why"]) == ("Phòng Thu", "chuyển tệp vào thư mục “Đồng ý”")
    assert [files(site, which) for which in ("waiting", "agreed", "refused")] == [[], [], []]


def test_moved_to_the_folder_that_means_yes_it_is_sent_with_a_copy_and_a_receipt(waits: Site):
    moved(waits, offer(waits), "agreed")
    looks(waits)

    is_sent(waits)


def test_it_is_the_same_on_a_server(far: Site):
    moved(far, offer(far), "refused")
    looks(far, 2)
    assert proposal(far).state is State.HELD

    moved(far, files(far, "refused")[0], "agreed")
    looks(far)
    is_sent(far)


def test_a_copy_instead_of_a_move_is_as_good(waits: Site):
    shutil.copy2(offer(waits), folder(waits, "agreed") / "bản sao của tôi.xlsx")
    looks(waits, 1)
    assert proposal(waits).state is State.HELD, "a name without its number says nothing"
    files(waits, "agreed")[0].unlink()

    shutil.copyfile(offer(waits), folder(waits, "agreed") / f"{offer(waits).stem} (1).xlsx")
    looks(waits)
    is_sent(waits)


def test_moved_to_the_folder_that_means_no_it_is_held_until_somebody_moves_it_on(waits: Site):
    moved(waits, offer(waits), "refused")
    looks(waits)
    looks(waits)

    assert proposal(waits).state is State.HELD
    assert events(waits, proposal(waits), "withheld") == [{"who": "Phòng Thu"}]
    assert (files(waits, "waiting"), len(files(waits, "refused"))) == ([], 1)

    moved(waits, files(waits, "refused")[0], "agreed")
    looks(waits)
    is_sent(waits)


def test_a_no_goes_before_a_yes(waits: Site):
    shutil.copyfile(offer(waits), folder(waits, "refused") / offer(waits).name)
    moved(waits, offer(waits), "agreed")
    looks(waits)

    assert proposal(waits).state is State.HELD


def test_a_changed_file_is_told_once_and_never_sent_and_the_list_waits_again(waits: Site):
    changed = moved(waits, offer(waits), "agreed")
    book = openpyxl.load_workbook(changed)
    book.worksheets[-1]["A1"] = "sửa tay"
    book.save(changed)
    looks(waits)
    looks(waits)

    assert proposal(waits).state is State.HELD
    told = [x for x in letters(waits, "notice", "thu") if "approval-odd" in x.key]
    assert len(told) == 1
    assert changed.name in str(told[0].context["paragraphs"])
    assert changed.exists(), "it is somebody's work"

    changed.unlink()
    moved(waits, offer(waits), "agreed")
    looks(waits)
    is_sent(waits)


def test_in_the_folder_of_another_office_it_means_nothing(waits: Site):
    moved(waits, offer(waits), "agreed", "cntt")
    looks(waits)

    assert proposal(waits).state is State.HELD
    assert len(files(waits, "waiting")) == 1, "offered again where it belongs"


def test_the_offer_goes_when_the_list_was_released_by_command(waits: Site):
    decide(waits, proposal(waits), "release")
    looks(waits)

    assert proposal(waits).state is State.ACCEPTED
    assert files(waits, "waiting") == []


def test_an_overtaken_offer_is_taken_away_and_says_nothing_where_it_was_moved_to(waits: Site):
    """The yes and the correction cross: what is sent is never the older list."""
    old, kept = offer(waits).name, waits.directory / "giữ.xlsx"
    shutil.copyfile(offer(waits), kept)
    send(waits, kids(waits)[1:], "sửa.xlsx")
    assert proposal(waits).id in offer(waits).name != old

    shutil.copyfile(kept, folder(waits, "agreed") / old)
    looks(waits)
    assert proposal(waits).state is State.HELD and inbox(waits, DISTRICT) == []
    assert (len(files(waits, "waiting")), files(waits, "agreed")) == (1, [])


def test_before_anything_goes_the_command_shows_what_it_is_and_who_was_asked_before(waits: Site):
    decide(waits, proposal(waits), "release")
    looks(waits)
    send(waits, kids(waits)[1:], "sửa.xlsx")
    moved(waits, offer(waits), "refused")
    looks(waits)
    call = ["release", proposal(waits).id, "--show", "--config", str(waits.config)]
    (told,) = (
        json.loads(x) for x in CliRunner().invoke(cli, [*call, "--json"]).output.splitlines()
    )
    text = CliRunner().invoke(cli, call).output

    (line,) = (x for x in told["lists"] if x["receiver"] == DISTRICT)
    assert (line["removed"], line["added"], line["first"]) == (1, 0, False)
    assert [(d["what"], d["who"]) for d in told["decisions"]] == [("withheld", "Phòng Thu")]
    assert "bớt 1" in text and "Phòng Thu" in text
    assert proposal(waits).state is State.HELD, "it was only shown"


def test_a_file_that_is_still_on_its_way_is_not_told_of(waits: Site):
    half = folder(waits, "agreed") / offer(waits).name
    half.write_bytes(offer(waits).read_bytes()[:1000])
    with waits.running() as running:
        running.daemon.workers["main"].work()
        half.write_bytes(offer(waits).read_bytes()[:2000])
        running.daemon.workers["main"].work()

        assert not [x for x in letters(waits, "notice", "thu") if "approval-odd" in x.key]


def test_each_district_approves_what_goes_in_its_own_name(round_site: Site):
    site = round_site
    site.set("[folders.ward]\n", DISTRICTS, "process.toml")
    site.set_handoff("ward-list", 'release = "approve"')
    site.clock.now = SENDING
    send(site, kids(site))
    moved(site, offer(site, DISTRICT), "agreed", DISTRICT)
    looks(site)

    mine, theirs = site.ward(0), site.ward(0, OTHER_DISTRICT)
    assert (len(inbox(site, mine)), len(inbox(site, theirs))) == (1, 0)
    assert len(files(site, "waiting", OTHER_DISTRICT)) == 1
    moved(site, offer(site, OTHER_DISTRICT), "agreed", OTHER_DISTRICT)
    looks(site)
    assert len(inbox(site, theirs)) == 1


def test_what_lay_there_is_known_as_handed_out_and_goes_when_the_round_is_erased(waits: Site):
    """The workbook holds children's rows, though it is no delivery."""
    drop = proposal(waits)
    (offered,) = events(waits, drop, "offered")
    moved(waits, offer(waits), "agreed")
    looks(waits)

    books = open_books(waits.settings)
    try:
        handed = {(one.unit, one.what) for one in holdings_of(books).handed([drop.id])}
        assert ("thu", "main: chờ duyệt") in handed
        what = erasures_of(books).planned(Round(2016, 1))
        assert offered["sha256"] in what.files
    finally:
        books.close()
