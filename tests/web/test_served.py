"""The page beside the daemon: it comes and goes with it, and its port is not worth a round."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import ConfigError, load
from bhyt_filedrop.wiring.daemon import wired
from bhyt_filedrop.wiring.page import page_of
from tests.journey.site import Clock, Site
from tests.sites import replaced
from tests.web.played import PlayedPage, fresh


@pytest.fixture
def taken(played: Site, tmp_path: Path) -> Site:
    """A site whose page is to be served at a port that somebody else holds."""
    site = fresh(played, tmp_path)
    holder = socket.create_server(("127.0.0.1", 0))
    port = holder.getsockname()[1]
    replaced(site.config / "bhyt-filedrop.toml", "127.0.0.1:0", f"127.0.0.1:{port}")
    site.clock = Clock()
    with closing(holder):
        yield site


def test_a_port_that_is_taken_ends_the_start_with_one_line(taken: Site):
    with (
        wired(load(taken.config), taken.clock) as running,
        pytest.raises(NeverWorks) as told,
        page_of(running, taken.clock, must=True),
    ):
        pass

    assert "[web] listen" in str(told.value) and "\n" not in str(told.value)


def test_at_a_change_of_the_configuration_the_daemon_goes_on_without_the_page(
    taken: Site, caplog: pytest.LogCaptureFixture
):
    with (
        wired(load(taken.config), taken.clock) as running,
        page_of(running, taken.clock, must=False),
    ):
        pass

    assert [r.message for r in caplog.records if r.name.endswith("page")] == ["page.not-served"]


def test_the_page_ends_with_the_daemon_and_leaves_its_port(own_page: PlayedPage):
    host, port = own_page.server.address
    assert own_page.visitor().get("/healthz").status == 200
    own_page.server.stop()

    with closing(socket.create_server((host, port))):
        pass


def test_the_page_that_is_off_costs_nothing(played: Site, tmp_path: Path):
    site = fresh(played, tmp_path)
    replaced(site.config / "bhyt-filedrop.toml", "enabled = true", "enabled = false")
    with (
        wired(load(site.config), site.clock) as running,
        page_of(running, site.clock, must=True),
    ):
        assert not running.settings.web.enabled


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('listen = "0.0.0.0:8331"', "web.listen"),
        ('listen = "10.1.2.3:8331"\npublic_url = "http://bhyt.example"', "web.listen"),
        ('listen = "127.0.0.1:99999"', "web.listen"),
        ('listen = "127.0.0.1"', "web.listen"),
        ('user_header = "X-Remote-User"', "web.trusted_proxies"),
        ('trusted_proxies = ["proxy.example"]', "web.trusted_proxies"),
    ],
)
def test_a_page_that_would_be_open_to_others_in_plain_text_is_refused(
    played: Site, tmp_path: Path, line: str, problem: str
):
    site = fresh(played, tmp_path)
    replaced(site.config / "bhyt-filedrop.toml", 'listen = "127.0.0.1:0"', line)

    with pytest.raises(ConfigError) as told:
        load(site.config)
    assert [one.key for one in told.value.problems] == [problem]


def test_behind_a_server_with_https_the_page_may_listen_to_it(played: Site, tmp_path: Path):
    site = fresh(played, tmp_path)
    line = 'listen = "0.0.0.0:8331"\npublic_url = "https://bhyt.example"'
    replaced(site.config / "bhyt-filedrop.toml", 'listen = "127.0.0.1:0"', line)

    assert load(site.config).web.address == "https://bhyt.example"
