"""A real browser without a screen: Debian's Chromium, led by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.web.played import PASSWORD, PlayedPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; skip with the reason where it is not installed, fail in CI."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI") == "true" and os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail("chromium is not installed, and REQUIRE_SERVERS=1 says it must be")
        pytest.skip("chromium is not installed (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """One window of somebody who is signed in; what the console says is gathered."""

    page: Page
    base: str
    said: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.base + path)

    @property
    def is_too_wide(self) -> bool:
        """True where the whole page has to be scrolled sideways."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    def focused(self) -> str:
        """What has the keyboard's focus: its id, or its text."""
        found = self.page.evaluate(
            "document.activeElement.id || document.activeElement.name"
            " || document.activeElement.textContent.trim()"
        )
        return str(found)


@contextmanager
def tab(
    browser: Browser, page: PlayedPage, name: str, *, width: int, language: str = "vi"
) -> Iterator[Tab]:
    """Open a window of some width for somebody."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "language", "value": language, "url": page.base}])
    found = Tab(context.new_page(), page.base)
    found.page.on("console", lambda m: found.said.append(m.text) if m.type == "error" else None)
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.open("/login")
    found.page.fill("[name=name]", name)
    found.page.fill("[name=password]", PASSWORD)
    found.page.click("main button")
    found.page.wait_for_url(f"{page.base}/rounds/**")
    yield found
    context.close()
