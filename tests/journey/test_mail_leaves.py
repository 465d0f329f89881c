"""The whole daemon with a real mail server: what a drop causes lies in the offices' mailboxes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, MORNING, Site
from tests.servers.certificates import certificates
from tests.servers.kinds import missing
from tests.servers.postfix import DOMAIN, LEFT, RETURNS, Postfix, postfix, why_not
from tests.servers.process import PATIENCE

pytestmark = pytest.mark.server


@pytest.fixture
def server(site: Site) -> Iterator[Postfix]:
    """A mail server that knows the district's address and no other of the site's."""
    if why_not():
        missing(why_not())
    running = postfix()
    running.empty()
    site.set(
        'kind = "maildir"                 # maildir: giữ thư trong state/mail; smtp: gửi thật',
        f'kind = "smtp"\nhost = "127.0.0.1"\nport = {running.port}\n'
        f'ca_file = "{certificates().authority}"',
    )
    site.set('from = "bhyt-filedrop@localhost"', f'from = "thu@{DOMAIN}"')
    site.set(f"unit-{DISTRICT}@bhyt.example", f"quan1@{DOMAIN}", "units.csv")
    yield running


def test_a_returned_list_comes_by_mail_and_addresses_nobody_has_are_told_by_status(
    site: Site, server: Postfix
):
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.card-invalid"))
    site.drop(DISTRICT, "đúng.xlsx", form_3(site))
    site.once()

    assert site.states() == {"sai.xlsx": State.RETURNED, "đúng.xlsx": State.ACCEPTED}
    returned, receipt = sorted(
        server.mails("quan1", 2), key=lambda m: m["X-Filedrop-Kind"] == "receipt"
    )
    assert (returned["X-Filedrop-Kind"], receipt["X-Filedrop-Kind"]) == ("returned", "receipt")
    (copy,) = returned.iter_attachments()
    (marked,) = (d for n, d in site.found(DISTRICT, "returned").items() if n == copy.get_filename())
    assert copy.get_content() == marked

    told = status(site)
    assert {"unit-thu@bhyt.example"} <= {one["address"] for one in told["refused_addresses"]}
    assert all(one["reason"].startswith("55") for one in told["refused_addresses"])
    assert any(one["state"] == "set-aside" for one in told["trouble"])


# --- what comes back -------------------------------------------------------------------------

GONE = f"{LEFT}@{DOMAIN}"


@pytest.fixture
def returning(site: Site, server: Postfix) -> Site:
    """A site whose district has an address that its own server knows no more, and that reads what
    comes back."""
    site.set(f"quan1@{DOMAIN}", GONE, "units.csv")
    site.set(f'from = "thu@{DOMAIN}"', f'from = "thu@{DOMAIN}"\nenvelope_from = "{RETURNS}"')
    site.set(
        'kind = "none"                    # đọc thư báo lỗi trả về ở đâu: none | maildir | imap',
        f'kind = "maildir"\nmaildir = "{server.returned}"',
    )
    return site


def test_a_letter_that_comes_back_is_told_by_status_and_its_list_is_handled_all_the_same(
    returning: Site, server: Postfix
):
    returning.drop(DISTRICT, "đúng.xlsx", form_3(returning))
    returning.once()
    assert GONE not in {one["address"] for one in status(returning)["refused_addresses"]}
    server.bounces()
    returning.once()

    assert returning.states() == {"đúng.xlsx": State.ACCEPTED}
    told = status(returning)
    (found,) = [one for one in told["refused_addresses"] if one["address"] == GONE]
    assert (found["unit"], found["bounced"]) == (DISTRICT, True)
    assert "550 5.1.1" in found["reason"]
    assert any(f"{GONE}: " in one["error"] for one in told["trouble"])


def test_the_daemon_looks_for_what_comes_back_while_it_runs(returning: Site, server: Postfix):
    returning.drop(DISTRICT, "đúng.xlsx", form_3(returning))
    with returning.running() as running:
        daemon = running.daemon
        daemon.inbox_seconds = 0.05
        daemon.post_seconds = 0.05
        thread = Thread(target=daemon.run, args=(lambda: None,), daemon=True)
        thread.start()
        end = time.monotonic() + PATIENCE
        while not _bounced(running) and time.monotonic() < end:
            time.sleep(0.1)
        daemon.stop.set()
        thread.join(PATIENCE)

        assert _bounced(running) == [GONE]
        assert not thread.is_alive()


def _bounced(running: Running) -> list[str]:
    found = running.books.letters.refused(MORNING - timedelta(days=1))
    return [one.address for one in found if one.bounced]


def status(site: Site) -> dict[str, list[dict[str, str]]]:
    """What `status --json` tells."""
    call = ["status", "--json", "--now", "2015-04-20T10:00", "--config", str(site.config)]
    shown = CliRunner().invoke(cli, call)
    assert shown.exit_code == 0, shown.output
    told: dict[str, list[dict[str, str]]] = json.loads(shown.output)
    return told
