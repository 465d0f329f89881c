"""What a person dropped and somebody has to look at is approved by moving a file, too."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.wiring.books import holdings_of, open_books
from tests.journey.parties import SENDING, decide, inbox, kids, letters
from tests.journey.site import DISTRICT, Site
from tests.journey.test_approved_in_folders import events, files, folder, looks, moved, offer
from tests.journey.test_odd_sizes import drop, state_of


@pytest.fixture
def held(round_site: Site) -> Site:
    """CNTT dropped sixty children, then five: whoever leads the process is asked."""
    round_site.clock.now = SENDING
    drop(round_site, "cả đợt.xlsx", kids(round_site, 60))
    drop(round_site, "bản rút gọn.xlsx", kids(round_site, 5))
    return round_site


def summary(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return str([list(sheet.iter_rows(values_only=True)) for sheet in book])


def test_a_list_of_odd_size_lies_with_whoever_leads_the_process_without_its_rows(held: Site):
    """It tells whose file waits, why, and what it would change; the children are not for them."""
    few = next(one for one in held.drops() if one.name == "bản rút gọn.xlsx")
    path = offer(held)
    told = summary(path)

    assert few.id in path.name and few.state is State.HELD
    assert "Phòng Công nghệ thông tin nộp bản rút gọn.xlsx" in told
    assert "Tệp có 5 dòng, còn danh sách đang dùng có 60 dòng" in told
    assert not [child.name for child in kids(held, 60) if child.name in told]
    (asked,) = [one for one in letters(held, "notice", "thu") if "size/" in one.key]
    assert "Duyệt/Chờ duyệt" in str(asked.context["paragraphs"])
    books = open_books(held.settings)
    handed = holdings_of(books).handed([few.id])
    books.close()
    assert "main: chờ duyệt" not in {one.what for one in handed}, "nobody's data went there"


def test_moved_to_yes_it_takes_the_place_of_the_one_before(held: Site):
    whole, few = (
        next(one for one in held.drops() if one.name == name)
        for name in ("cả đợt.xlsx", "bản rút gọn.xlsx")
    )
    moved(held, offer(held), "agreed")
    looks(held)

    assert state_of(held, few) == [ListState.ACCEPTED]
    assert state_of(held, whole) == [ListState.SUPERSEDED]
    (word,) = events(held, few, "release")
    assert (word["who"], word["why"]) == ("Phòng Thu", "chuyển tệp vào thư mục “Đồng ý”")
    assert [files(held, which) for which in ("waiting", "agreed", "refused")] == [[], [], []]
    assert len(inbox(held, DISTRICT)) == 2, "the correction went on"


@pytest.mark.long
def test_moved_to_no_it_stays_held_and_sent_back_by_command_it_goes_from_the_folder(held: Site):
    few = next(one for one in held.drops() if one.name == "bản rút gọn.xlsx")
    moved(held, offer(held), "refused")
    looks(held)
    assert state_of(held, few) == [ListState.AMENDING]
    assert (files(held, "waiting"), len(files(held, "refused"))) == ([], 1)

    decide(held, few, "reject")
    looks(held)
    assert (files(held, "waiting"), files(held, "refused")) == ([], [])


@pytest.mark.long
def test_in_the_senders_own_folder_it_says_nothing(held: Site):
    """Who dropped the wrong file does not approve it."""
    few = next(one for one in held.drops() if one.name == "bản rút gọn.xlsx")
    folder(held, "agreed", "cntt")
    moved(held, offer(held), "agreed", "cntt")
    looks(held)

    assert state_of(held, few) == [ListState.AMENDING]
    assert len(files(held, "waiting")) == 1, "offered again where it belongs"


@pytest.mark.long
def test_what_only_waits_for_another_list_is_offered_to_nobody(round_site: Site):
    from tests.journey.parties import form, send
    from tests.web.played import MORNING_AFTER

    round_site.clock.now = SENDING
    send(round_site, kids(round_site, 20))
    ward = round_site.ward(1)
    mine = [child for child in kids(round_site, 20) if child.ward == ward]
    round_site.clock.now = MORNING_AFTER
    round_site.drop(ward, "mẫu 4.xlsx", form(round_site, "form-4", ward, mine[:2]))
    looks(round_site)

    assert State.HELD in round_site.states().values()
    assert files(round_site, "waiting") == []


def test_a_hand_off_that_waits_for_a_word_is_offered_whoever_dropped_it(round_site: Site):
    round_site.set_handoff("uncarded", 'release = "approve"')
    round_site.clock.now = SENDING
    one = drop(round_site, "mẫu 2.xlsx", kids(round_site))
    assert (one.state, inbox(round_site, DISTRICT)) == (State.HELD, [])
    (asked,) = [x for x in letters(round_site, "notice", "thu") if f"approve/{one.id}" in x.key]
    assert f"release {one.id}" in str(asked.context["paragraphs"])
    moved(round_site, offer(round_site), "agreed")
    looks(round_site)

    assert state_of(round_site, one) == [ListState.ACCEPTED]
    assert len(inbox(round_site, DISTRICT)) == 1
