"""`history` and `report endings`: what a unit handed over, and the drops that prove it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site

LATER = "2015-07-02T09:00"


def asked(site: Site, *args: str) -> list[Any]:
    call = [*args, "--json", "--config", str(site.config), "--now", LATER]
    ran = CliRunner().invoke(cli, call)
    assert ran.exit_code == 0, ran.output
    return [json.loads(line) for line in ran.output.splitlines()]


def ending(site: Site, unit: str, number: str = "H6") -> dict[str, Any]:
    found: list[dict[str, Any]] = [x for x in asked(site, "history", unit) if x["number"] == number]
    return found[0]


def test_each_file_of_a_unit_stands_there_as_what_became_of_it(site: Site):
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.card-invalid"))
    site.once()
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    bad, good = site.drops()

    told = ending(site, DISTRICT)
    assert (told["ending"], told["days_late"]) == ("on-time", 0)
    assert [(p["drop"], p["state"], p["codes"]) for p in told["proofs"]] == [
        (bad.id, "returned", ["row.card-invalid"]), (good.id, "accepted", []),
    ]  # fmt: skip


def test_a_file_that_nobody_could_read_proves_that_something_came(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop("cntt", "hỏng.xlsx", b"MZ" + bytes(200))
    site.once()
    (broken,) = (drop for drop in site.drops() if drop.unit == "cntt")

    call = ["history", "cntt", "--config", str(site.config), "--now", LATER]
    text = CliRunner().invoke(cli, call).output
    assert "H2b  2015Q1 ↩" in text and broken.id in text
    assert ending(site, "cntt", "H2b")["ending"] == "invalid"


def test_the_report_of_a_round_has_the_same(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    (report,) = asked(site, "report", "endings")

    (line,) = (x for x in report["endings"] if x["label"] == "H6 Quận 1")
    assert (line["ending"], site.only().id in line["proofs"]) == ("on-time", True)


def test_a_unit_that_is_not_there_is_told(site: Site):
    ran = CliRunner().invoke(cli, ["history", "999", "--config", str(site.config)])

    assert ran.exit_code == 2 and "999" in ran.output
