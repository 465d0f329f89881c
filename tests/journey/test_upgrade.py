"""Sites that earlier versions made go on under this one: what stood stands, letters leave."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import store
from bhyt_filedrop.edges.ledger.shape import differences
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.wiring.books import open_books
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site

SITES = Path(__file__).parents[1] / "samples" / "sites"
MIGRATIONS = Path(store.__file__).parent / "migrations" / "versions"

RELEASED = {
    "0001_first_tables.py": "a6a6c66c55c23d4bb3974da8e9b0da68b9ab9541db3f6bf82317fd38a4b3ce0d",
    "0002_one_first.py": "fef976ca8dcf449374de65b56841baf3521e5c62c36231458ca3891c69da4f4b",
    "0003_card_numbers.py": "904733b710baadb0ba5352d5095ac2367c865a60da06c1e027d47d8be69fa0f5",
    "0004_looks.py": "167b40e87a4e348e73201dc1f3843bcb8fcc4bf7168405c8d6afbfd0065b80e3",
    "0005_unbound_texts.py": "5d8e92685838a0a216accacb83825a96181658b975d19c234fc9b12a707dffac",
    "0006_acts.py": "90b26104955fd979fa0677257f6aec4a60826264de24814513c2cda5ac82f4b8",
    "0007_accounts.py": "1b6b13e1026280c35d1389227b425fdcdf29331a94e5a87cf802cf45049dfdeb",
    "0008_seals.py": "1f21b6dfeb4d6c652b08d691527c1e99295e2d161b8f0910f10a34ac6121d3cd",
    "0009_configurations.py": "fb7267c9f19b15211381f4254c91764a6130958c416b88942b635bed3256b77d",
    "0010_leases.py": "2299abc72ca775efc1736af25fe509b55770dd4751fe9dce8509ce7b6fad319d",
    "0011_folded_names.py": "bf85b2b9cda51b4ea9ba7b4d87631d139064d98b29dc5622613f5463fd29d3d2",
    "0012_failed_letters.py": "74089abfd168b9a01ce2fa5e4c08fac39682f9406bcc59cd101dab5d088d3c2d",
}
"""SHA-256 of each migration that sites may have run: a change of one is a new migration. A new one
is added here with the commit that brings it."""


def earlier(version: str, directory: Path) -> Site:
    """A whole site as an earlier version left it: configuration, ledger, archive, tree, mail."""
    with zipfile.ZipFile(SITES / f"{version}.zip") as packed:
        packed.extractall(directory)
    return Site(directory)


def doctor_on_ledger(site: Site) -> str:
    told = CliRunner().invoke(cli, ["doctor", "--config", str(site.config)]).output
    return next(line for line in told.splitlines() if " ledger: " in line)


@pytest.mark.parametrize("version", sorted(path.stem for path in SITES.glob("*.zip")))
def test_a_site_of_an_earlier_version_goes_on(version: str, tmp_path: Path, shared_reader: None):
    """`0.1.0-first` is of the days when the first migration was still edited."""
    site = earlier(version, tmp_path)
    assert doctor_on_ledger(site).startswith("warn"), "the start mends it"
    (before,) = site.drops()
    mails = len(site.mails())
    site.drop(DISTRICT, "mẫu 3 (sửa).xlsx", form_3(site, count=9))
    site.once()

    assert site.states() == {"mẫu 3.xlsx": State.ACCEPTED, "mẫu 3 (sửa).xlsx": State.ACCEPTED}
    (newer,) = (drop for drop in site.drops() if drop.id != before.id)
    assert [one["version"] for one in site.facts(newer)["lists"]] == [2]
    assert site.facts(before)["lists"][0]["state"] == "superseded"
    assert len(site.mails()) > mails
    assert doctor_on_ledger(site).startswith("ok")
    books = open_books(site.settings)
    assert differences(books.engine) == ()
    books.close()


def test_a_migration_that_sites_have_run_is_never_edited():
    found = {p.name: sha256(p.read_bytes()).hexdigest() for p in MIGRATIONS.glob("0*.py")}

    assert found == RELEASED


@pytest.mark.parametrize(
    ("spoils", "names", "starts"),
    [
        ("DROP TABLE mailed", "-mailed", False),
        ("ALTER TABLE letters DROP COLUMN batch", "-letters.batch", False),
        ("DROP INDEX drops_by_sha256", "-drops_by_sha256(sha256)", True),
        ("ALTER TABLE drops ADD COLUMN extra TEXT", "+drops.extra", True),
    ],
)
def test_a_ledger_of_the_right_number_and_other_tables_is_told(
    site: Site, spoils: str, names: str, starts: bool
):
    """What statements need and do not find ends the start; the rest is doctor's to say."""
    books = open_books(site.settings)
    with books.engine.begin() as tx:
        tx.exec_driver_sql(spoils)
    books.close()

    assert doctor_on_ledger(site).startswith("bad")
    assert names in doctor_on_ledger(site)
    if starts:
        open_books(site.settings).close()
    else:
        with pytest.raises(NeverWorks, match=names[1:]):
            open_books(site.settings)
