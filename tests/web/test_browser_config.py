"""An admin tries another configuration in a real browser, by the keyboard, on a screen and on a
phone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.web.browser import Tab, chromium, tab
from tests.web.played import PlayedPage
from tests.web.test_browser import press

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.long

DUE, EARLIER = "month = 3, day = 15 }", "month = 3, day = 11 }"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def grave(found: Tab) -> list[str]:
    """What axe finds serious or critical on the page that is open."""
    from axe_playwright_python.sync_playwright import Axe

    found_by_axe = Axe().run(found.page).response["violations"]
    return [one["id"] for one in found_by_axe if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize(("width", "language"), [(1280, "vi"), (390, "en")])
def test_a_due_date_is_moved_in_the_page_by_the_keyboard_alone(
    browser: Browser, own_page: PlayedPage, width: int, language: str
):
    with tab(browser, own_page, "quan-tri", width=width, language=language) as found:
        found.open("/config")
        press(found, "Tab", "process.toml")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**/config/files/process.toml")
        press(found, "Tab", "text")
        text = found.page.locator("textarea")
        text.fill(text.input_value().replace(DUE, EARLIER))
        found.page.keyboard.press("Tab")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**/config/proposals/*")
        assert (grave(found), found.is_too_wide) == ([], False)
        assert "11/06/2015" in found.page.inner_text("main")
        press(found, "Tab", "why")
        found.page.keyboard.type("theo công văn 12")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**/config?done=use")
        assert "theo công văn 12" in found.page.inner_text("main")
        found.page.locator("tbody a").first.focus()
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**/config/versions/*")

        assert (grave(found), found.is_too_wide) == ([], False)
        assert found.said == []
    assert EARLIER in (own_page.site.config / "process.toml").read_text(encoding="utf-8")


def test_a_file_is_sent_and_what_is_wrong_in_it_stands_there(
    browser: Browser, own_page: PlayedPage
):
    units = own_page.site.config / "units.csv"
    wrong = re.sub(r",district,", ",quan-huyen,", units.read_text(encoding="utf-8-sig"))
    with tab(browser, own_page, "quan-tri", width=1280) as found:
        found.open("/config")
        sent = {"name": "units.csv", "mimeType": "text/csv", "buffer": wrong.encode()}
        found.page.set_input_files("[name=upload]", sent)  # type: ignore[arg-type]
        found.page.click("[enctype] button")
        found.page.wait_for_url("**/config/proposals/*")

        assert found.page.locator(".problems li").count() > 0
        assert found.page.locator("[name=why]").count() == 0
        assert (grave(found), found.said) == ([], [])


@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (390, "narrow")])
def test_the_drawing_that_fits_the_screen_is_shown_and_its_words_can_be_read(
    browser: Browser, page: PlayedPage, width: int, shown: str
):
    with tab(browser, page, "quan-1", width=width) as found:
        found.open("/process")
        drawn = found.page.locator("svg.diagram:visible")
        assert drawn.count() == 1
        assert shown in (drawn.get_attribute("class") or "")
        height = found.page.evaluate(
            "Math.min(...[...document.querySelectorAll('svg.diagram .step')]"
            ".map((one) => one.getBoundingClientRect())"
            ".filter((one) => one.height).map((one) => one.height))"
        )
        outside = found.page.evaluate(
            "[...document.querySelectorAll('svg.diagram text')].filter((one) => {"
            "const box = one.getBoundingClientRect(), all = one.closest('svg')"
            ".getBoundingClientRect();"
            "return box.width && (box.right > all.right + 1 || box.left < all.left - 1)})"
            ".map((one) => one.textContent)"
        )

        assert height >= 11, "letters of eleven points at least"
        assert outside == []
