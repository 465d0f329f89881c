"""The page in a real browser: every page, in both languages, on a screen and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.imports import ROOT
from tests.journey.site import DISTRICT
from tests.web.browser import Tab, chromium, tab
from tests.web.played import ROUND_PAGE, PlayedPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = ROOT / "docs" / "pictures"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def paths(page: PlayedPage) -> dict[str, str]:
    """Every page that there is, by a name."""
    ward = page.site.ward(0)
    return {
        "round": f"{ROUND_PAGE}?open={DISTRICT}",
        "drops": "/drops",
        "drop": f"/drops/{page.dropped_by(ward).id}",
        "held": f"/drops/{page.dropped_by(page.site.ward(1)).id}",
        "unit": f"/units/{page.site.ward(1)}",
        "letters": "/letters",
        "letter": f"/letters/{page.letter_to(ward)}",
        "calendar": "/calendar/2015-06",
        "process": "/process",
        "explain": f"/explain?path={page.site.folder(DISTRICT).name}/mẫu 3.xlsx",
        "config": "/config",
        "config-file": "/config/files/process.toml",
        "config-version": "/config/versions/1",
        "search": "/search?q=Phường",
        "papers": "/papers/2015Q1",
        "cover": f"/units/{DISTRICT}/papers/2015Q1",
        "send": f"/units/{ward}/send",
        "send-for": "/send",
        "units": "/units",
        "account": "/account",
        "nothing": "/units/nowhere",
    }


@pytest.mark.parametrize(
    ("width", "language"),
    [
        (1280, "vi"),
        pytest.param(1280, "en", marks=pytest.mark.long),
        pytest.param(390, "vi", marks=pytest.mark.long),
        pytest.param(390, "en", marks=pytest.mark.long),
    ],
)
def test_every_page_can_be_read_by_everybody_and_says_nothing_wrong(
    browser: Browser, page: PlayedPage, width: int, language: str
):
    """axe finds nothing serious or critical; no error in the console, none of the policy's; nothing
    is wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe

    axe, grave = Axe(), []
    with tab(browser, page, "quan-tri", width=width, language=language) as found:
        for name, path in paths(page).items():
            found.open(path)
            assert found.page.get_attribute("html", "lang") == language
            assert not found.is_too_wide, name
            grave += [
                f"{name}: {one['id']} {[node['html'] for node in one['nodes'][:2]]}"
                for one in axe.run(found.page).response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
        wrong = [text for text in found.said if "404" not in text]

    assert grave == []
    assert wrong == []


def test_the_door_can_be_read_by_everybody(browser: Browser, page: PlayedPage):
    from axe_playwright_python.sync_playwright import Axe

    window = browser.new_page()
    window.goto(f"{page.base}/login")
    found = Axe().run(window).response["violations"]
    window.close()

    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def press(found: Tab, key: str, until: str, most: int = 60) -> None:
    """Press a key until something has the focus."""
    for _ in range(most):
        found.page.keyboard.press(key)
        if until in found.focused():
            return
    raise AssertionError(f"{until} is not reached by {key}; the focus is on {found.focused()}")


def test_wards_are_opened_by_the_keyboard_and_stay_open_in_a_refresh_without_losing_the_place(
    browser: Browser, page: PlayedPage
):
    ward = f"#u-{page.site.ward(0)}"
    with tab(browser, page, "phong-thu", width=1280) as found:
        found.open(ROUND_PAGE)
        press(found, "Tab", f"t-{DISTRICT}")
        found.page.keyboard.press("Enter")
        found.page.wait_for_selector(ward)
        assert found.focused() == f"t-{DISTRICT}", "the focus stays where it was"
        assert f"open={DISTRICT}" in found.page.url
        found.page.evaluate("document.querySelector('.scroll').scrollTop = 40")
        before = found.page.evaluate("document.querySelector('.scroll').scrollTop")
        with found.page.expect_response(lambda answer: "open=" in answer.url):
            found.page.evaluate("htmx.trigger('#main', 'every')")
        found.page.wait_for_timeout(200)

        assert found.page.is_visible(ward)
        assert found.page.evaluate("document.querySelector('.scroll').scrollTop") == before
        assert found.focused() == f"t-{DISTRICT}"
        assert found.said == []


def test_a_finding_leads_to_its_cell_and_back(browser: Browser, page: PlayedPage):
    drop = page.dropped_by(page.site.ward(0))
    with tab(browser, page, "phong-thu", width=1280) as found:
        found.open(f"/drops/{drop.id}")
        place = found.page.locator(".causes .place", has_text="D").first
        place.focus()
        found.page.keyboard.press("Enter")
        marked = found.page.locator(".mark:target")

        assert marked.count() == 1
        assert marked.locator("xpath=ancestor::td[contains(@class, 'bad')]").is_visible()
        marked.click()
        assert found.page.locator(".place:target").is_visible()


def test_a_letter_is_shown_as_it_goes_out_and_can_run_nothing(browser: Browser, page: PlayedPage):
    with tab(browser, page, "phong-thu", width=1280) as found:
        found.open(f"/letters/{page.letter_to(page.site.ward(0))}")
        frame = found.page.frame_locator("iframe.preview")

        assert "Kính gửi" in frame.locator("body").inner_text()
        assert found.page.get_attribute("iframe.preview", "sandbox") == ""
        width = frame.locator("body > div").bounding_box()
        assert width and width["width"] <= 730, "its styles are in force"
        assert found.said == []


def test_a_debt_is_put_off_by_the_keyboard_alone(browser: Browser, own_page: PlayedPage):
    ward = own_page.site.ward(1)
    with tab(browser, own_page, "phong-thu", width=1280) as found:
        found.open(f"/units/{ward}")
        press(found, "Tab", "Gia hạn, hẹn ngày, đã gọi…")
        found.page.keyboard.press("Enter")
        found.page.keyboard.press("Tab")
        found.page.keyboard.press("Space")
        press(found, "Tab", "why")
        found.page.keyboard.type("đã gọi, hẹn 20/06")
        found.page.keyboard.press("Enter")
        found.page.wait_for_url("**done=acknowledge")

        assert "đã gọi, hẹn 20/06" in found.page.inner_text("main")
        assert found.said == []


PICTURED = ("round", "drop", "unit", "calendar")
"""The pages whose pictures stand in the documents."""


def test_the_documents_have_a_picture_of_each_main_page_as_it_is_taken_here(
    browser: Browser, page: PlayedPage
):
    """BHYT_PICTURES=1 takes them anew; else what lies there has to be of the same kind and size."""
    again = os.environ.get("BHYT_PICTURES") == "1"
    shown = paths(page)
    with tab(browser, page, "phong-thu", width=1280) as found:
        for name in PICTURED:
            found.open(shown[name])
            picture = found.page.screenshot(path=_kept(name) if again else None)
            kept = _kept(name).read_bytes()

            assert kept[:8] == picture[:8] == b"\x89PNG\r\n\x1a\n", name
            assert kept[16:24] == picture[16:24], f"{name}: another width or height"
    with tab(browser, page, "phong-thu", width=390) as found:
        found.open(ROUND_PAGE)
        picture = found.page.screenshot(path=_kept("phone") if again else None)
        assert _kept("phone").read_bytes()[16:24] == picture[16:24]


def _kept(name: str) -> Path:
    return PICTURES / f"page-{name}.png"
