"""A site whose ledger is not the one that belongs to its archive says so, and touches nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from bhyt_filedrop.cli import cli
from bhyt_filedrop.commands.common import one_line_of
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import NeverWorks
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site


def ledger_of(site: Site) -> Path:
    return Path(str(make_url(site.settings.ledger_url).database))


def lose(ledger: Path) -> None:
    for part in ledger.parent.glob(f"{ledger.name}*"):
        part.unlink()


def empty(ledger: Path) -> None:
    lose(ledger)
    ledger.touch()


def age(ledger: Path) -> None:
    with sqlite3.connect(ledger) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    opened.close()


@pytest.mark.parametrize(
    ("happens", "says"),
    [(lose, "khôi phục sổ"), (empty, "khôi phục sổ"), (age, "phiên bản mới hơn")],
)
def test_a_lost_or_newer_ledger_is_a_sentence_and_no_new_one(
    site: Site, happens: Callable[[Path], None], says: str
):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    ledger = ledger_of(site)
    happens(ledger)
    before = ledger.read_bytes() if ledger.exists() else None
    site.drop(DISTRICT, "mẫu 3 (sửa).xlsx", form_3(site))

    with pytest.raises(NeverWorks) as told:
        site.once()

    assert says in str(one_line_of(told.value))
    assert (ledger.read_bytes() if ledger.exists() else None) == before
    assert (site.folder(DISTRICT) / "mẫu 3 (sửa).xlsx").exists()
    doctor = CliRunner().invoke(cli, ["doctor", "--config", str(site.config)])
    assert any(
        line.startswith("bad  ledger") and says in line for line in doctor.output.splitlines()
    )


def test_a_new_site_begins_with_a_ledger_of_its_own(site: Site):
    lose(ledger_of(site))
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    assert site.only().state is State.ACCEPTED
