"""Whoever only asks keeps nobody who writes waiting: no reading command holds the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event

from bhyt_filedrop.cli import cli
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, ROUND, Site

ASKING = (
    ("status",),
    ("status", "--json"),
    ("history", DISTRICT),
    ("calendar",),
    ("arrivals",),
    ("show", "{drop}"),
    ("trace",),
    ("report", "backlog", "--out", "{file}"),
    ("report", "round", "--out", "{file}"),
    ("report", "quality", "--out", "{file}"),
    ("remind", "--dry-run"),
    ("explain", "{path}"),
    ("doctor",),
)


@pytest.fixture
def held() -> Iterator[list[str]]:
    """Every transaction that keeps those who write waiting, from now on."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("BEGIN IMMEDIATE"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("asked", ASKING, ids=" ".join)
def test_a_command_that_only_asks_holds_up_nobody_who_writes(
    asked: tuple[str, ...], site: Site, held: list[str], tmp_path: Path
):
    path = site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    known = {"drop": site.drops()[0].id, "file": tmp_path / "report.xlsx", "path": path}
    held.clear()
    call = [word.format(**known) for word in asked]
    call += ["--config", str(site.config)]
    call += ["--now", site.clock.now.isoformat()] if asked[0] not in WITHOUT_A_TIME else []
    call += ["--round", str(ROUND)] if asked[0] in OF_A_ROUND else []

    result = CliRunner().invoke(cli, call)

    assert result.exit_code in (0, 1), result.output
    assert held == []


WITHOUT_A_TIME = {"show", "arrivals", "explain", "doctor", "trace", "remind"}
OF_A_ROUND = {"trace"}


def test_what_the_daemon_writes_is_seen_by_this_very_test(site: Site, held: list[str]):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    assert held
