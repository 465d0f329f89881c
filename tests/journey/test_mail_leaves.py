"""The whole daemon with a real mail server: what a drop causes lies in the offices' mailboxes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.states import State
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site
from tests.servers.certificates import certificates
from tests.servers.kinds import missing
from tests.servers.postfix import DOMAIN, Postfix, postfix, why_not

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


def status(site: Site) -> dict[str, list[dict[str, str]]]:
    """What `status --json` tells."""
    call = ["status", "--json", "--now", "2015-04-20T10:00", "--config", str(site.config)]
    shown = CliRunner().invoke(cli, call)
    assert shown.exit_code == 0, shown.output
    told: dict[str, list[dict[str, str]]] = json.loads(shown.output)
    return told
