"""Files are checked and handed in with a real browser, by the keyboard, on a screen and a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journey.parties import form
from tests.journey.site import DISTRICT
from tests.web.browser import Tab, chromium, tab
from tests.web.played import PlayedPage
from tests.web.test_browser import press

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def workbook(own_page: PlayedPage, tmp_path: Path) -> Path:
    """A ward's list with a birth date missing."""
    ward = own_page.site.ward(1)
    mine = [one for one in own_page.children_of(DISTRICT) if one.ward == ward]
    made = tmp_path / "mẫu 4.xlsx"
    made.write_bytes(form(own_page.site, "form-4", ward, mine[:2], ["row.birth-date-missing"]))
    return made


def graves(found: Tab) -> list[str]:
    """What axe finds serious or critical on a page, and what is wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe

    wide = ["wider than the screen"] if found.is_too_wide else []
    return wide + [
        f"{one['id']} {[node['html'] for node in one['nodes'][:2]]}"
        for one in Axe().run(found.page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def pictured(found: Tab, name: str) -> None:
    """Take a picture for who wants to look (BHYT_LOOK = a folder)."""
    folder = os.environ.get("BHYT_LOOK")
    if folder:
        found.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "language"), [(1280, "vi"), (390, "en")])
def test_a_file_is_checked_seen_and_handed_in_by_the_keyboard(
    browser: Browser, own_page: PlayedPage, workbook: Path, width: int, language: str
):
    ward, look = own_page.site.ward(1), f"{width}-{language}"
    wrong: list[str] = []
    with tab(browser, own_page, "phong-thu", width=width, language=language) as found:
        found.open(f"/units/{ward}/send")
        wrong += graves(found)
        pictured(found, f"send-{look}")
        found.page.set_input_files("[name=files]", workbook)
        found.page.focus("[name=files]")
        press(found, "Tab", "action")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**/checked/**")
        found.page.wait_for_selector(".causes", timeout=60_000)
        wrong += graves(found)
        pictured(found, f"checked-{look}")
        found.page.locator(".causes .place").first.focus()
        found.page.keyboard.press("Enter")
        assert found.page.locator(".mark:target").count() == 1
        with found.page.expect_download() as copy:
            found.page.click(".button[href*=marked]")
        assert copy.value.suggested_filename.endswith(".xlsx")

        found.page.focus("[name=why]")
        found.page.keyboard.type("phường gửi qua thư")
        press(found, "Tab", "action")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**/sent?marks=**")
        wrong += graves(found)
        pictured(found, f"sent-{look}")
        own_page.site.clock.now = own_page.clock.now
        own_page.site.once()
        found.page.wait_for_selector("main a[href^='/drops/']", timeout=30_000)
        pictured(found, f"taken-{look}")

        assert wrong == []
        assert found.said == []


@pytest.mark.parametrize(("width", "language"), [(1280, "vi"), (390, "vi")])
def test_contacts_the_table_of_units_and_the_cover_list_are_as_good_to_use(
    browser: Browser, own_page: PlayedPage, tmp_path: Path, width: int, language: str
):
    wrong: list[str] = []
    with tab(browser, own_page, "quan-tri", width=width, language=language) as found:
        found.open(f"/units/{DISTRICT}")
        press(found, "Tab", "Sửa liên hệ…")
        found.page.keyboard.press("Enter")
        press(found, "Tab", "email")
        found.page.keyboard.press("Control+a")
        found.page.keyboard.type("quan1@vd.vn")
        press(found, "Tab", "why")
        found.page.keyboard.type("quận đổi hộp thư")
        wrong += graves(found)
        pictured(found, f"contact-{width}")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**done=contact")

        found.open("/units")
        pictured(found, f"units-{width}")
        with found.page.expect_download() as table:
            found.page.click(".button[href*=unit-table]")
        changed = tmp_path / "units.csv"
        text = (own_page.site.config / "units.csv").read_text("utf-8-sig")
        changed.write_text(text.replace("quan1@vd.vn", "moi@vd.vn"), "utf-8")
        assert table.value.suggested_filename == "units.xlsx"
        found.page.set_input_files("[name=files]", changed)
        found.page.click("main form button")
        found.page.wait_for_url("**/unit-table/**")
        assert "moi@vd.vn" in found.page.inner_text("main")
        wrong += graves(found)
        pictured(found, f"preview-{width}")

        found.open(f"/units/{DISTRICT}/papers/2015Q1")
        pictured(found, f"cover-{width}")
        found.open("/papers/2015Q1")
        pictured(found, f"papers-{width}")
        assert wrong == []
        assert found.said == []
