"""From the cost list to the hospitals' accounts on a small site: each child is accounted for."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from tests.journey.parties import RETURNING, SENDING, form, kids, letters, lists
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site


@pytest.fixture
def site(round_site: Site) -> Site:
    """A site in the month in which CNTT sorts the cost list; ten children were treated."""
    round_site.clock.now = SENDING
    round_site.drop("nvgd1", "79a.xlsx", form(round_site, "c79a", "nvgd1", kids(round_site)))
    round_site.once()
    return round_site


def give(site: Site, form_1: slice, form_2: slice) -> None:
    """CNTT drops both forms with some of the ten."""
    site.drop("cntt", "mẫu 1.xlsx", form(site, "form-1", "cntt", kids(site)[form_1]))
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", kids(site)[form_2]))
    site.once()
    site.once()


def traced(site: Site, *words: str) -> Result:
    call = ["trace", "--round", "2015Q1", "--config", str(site.config), *words]
    return CliRunner().invoke(cli, call)


def hop(site: Site, id_: str) -> dict[str, int]:
    (found,) = [h for h in json.loads(traced(site, "--json").output)["hops"] if h["id"] == id_]
    return {name: count for name, count in found.items() if name not in ("id", "unit") and count}


def alarmed(site: Site) -> str:
    told = [x for x in letters(site, "notice", "thu") if "trace/" in x.key]
    return "\n".join(line for letter in told for line in letter.context["paragraphs"])


def test_forms_1_and_2_together_hold_every_child_of_the_cost_list(site: Site):
    site.drop("cntt", "mẫu 1.xlsx", form(site, "form-1", "cntt", kids(site)[:4]))
    site.once()
    assert hop(site, "carded") == {"sent": 10, "carded_before": 4, "missing": 6}

    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", kids(site)[4:]))
    site.once()
    assert hop(site, "carded") == {"sent": 10, "carded_before": 4, "uncarded": 6}
    assert alarmed(site) == ""


def test_a_child_on_neither_form_is_told_to_the_office_that_leads_and_its_row_to_who_asks(
    site: Site,
):
    give(site, slice(0, 4), slice(5, 10))

    assert "gửi 10 trẻ; 1 trẻ bị thiếu." in alarmed(site)
    said = traced(site)
    (costs,) = lists(site, "cost-list")
    assert said.exit_code == 0
    (line,) = [line for line in said.output.splitlines() if line.startswith("    thiếu:")]
    assert f"{costs.drop} «" in line
    assert not any(child.name.lower() in said.output.lower() for child in kids(site))


def test_a_daemon_that_ends_before_the_round_is_balanced_leaves_that_to_the_next(site: Site):
    """Nobody's file waits for the balance, so it may be cut off."""
    site.drop("cntt", "mẫu 1.xlsx", form(site, "form-1", "cntt", kids(site)[:5]))
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", kids(site)[4:]))
    for _ in range(2):
        with site.running() as running:
            for worker in running.daemon.workers.values():
                while (look := worker.work()) and look.waiting:
                    pass
    assert alarmed(site) == ""
    site.once()

    assert "1 trẻ bị tính hai lần" in alarmed(site)


def test_a_child_on_both_forms_is_a_difference(site: Site):
    give(site, slice(0, 5), slice(4, 10))

    assert "1 trẻ bị tính hai lần" in alarmed(site)
    said = traced(site)
    assert said.exit_code == 1
    assert "    hai lần: " in said.output


def test_the_costs_of_each_child_are_accounted_for_when_they_are_allocated(site: Site):
    give(site, slice(0, 4), slice(4, 10))
    assert hop(site, "allocation") == {"sent": 10, "missing": 10}

    site.clock.now = RETURNING
    report(site, DISTRICT)
    report(site, OTHER_DISTRICT)
    site.once()

    assert [r.rows for r in lists(site, "allocation")] == [10]
    found = hop(site, "allocation")
    assert found["sent"] == 10
    assert found["carded_before"] == 4
    assert found["carded_now"] + found["uncarded"] == 6
    assert found["carded_now"] >= 1
    assert alarmed(site) == ""


def report(site: Site, district: str) -> None:
    """A district sends form 3 back: a third of its children had a card, a third gets one."""
    mine = [c for c in kids(site)[4:] if site.units[c.ward].parent == district]
    third = -(-len(mine) // 3)
    sections = {"I": mine[:third], "II": mine[third : 2 * third], "III": mine[2 * third :]}
    site.drop(district, "mẫu 3.xlsx", form(site, "form-3", district, sections))
    site.once()
