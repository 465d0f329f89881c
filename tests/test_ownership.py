"""What root does in a site of the service's account is refused with the line to type."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.site.ownership import must_be_ours
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site, lay_out

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(lay_out(tmp_path_factory.mktemp("site")))
    for path in (site.directory / "state", *(site.directory / "state").rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    yield site


def command(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bhyt_filedrop", "--lang", "en", *words],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@as_root
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--once", "--config", "CONFIG"),
        ("run", "--config", "CONFIG"),
        ("init", "SITE"),
        ("retry", "D150420-AAAAAA", "--why", "x", "--config", "CONFIG"),
        ("release", "D150420-AAAAAA", "--why", "x", "--config", "CONFIG"),
        ("reject", "D150420-AAAAAA", "--why", "x", "--config", "CONFIG"),
        ("remind", "--config", "CONFIG"),
        ("resend", "--all", "--config", "CONFIG"),
        ("trust-clock", "--why", "x", "--config", "CONFIG"),
        ("rebuild-tree", "--config", "CONFIG"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_writing_command_of_root_is_refused_with_the_line_to_type(
    foreign: Site, words: tuple[str, ...]
):
    place = {"CONFIG": str(foreign.config), "SITE": str(foreign.directory)}
    given = [place.get(word, word) for word in words]
    before = {p: p.stat().st_uid for p in (foreign.directory / "state").rglob("*")}

    ran = command(foreign, *given)

    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert f"sudo -u nobody bhyt-filedrop --lang en {' '.join(given[:1])}" in ran.stderr
    assert given[-1] in ran.stderr
    after = {p: p.stat().st_uid for p in (foreign.directory / "state").rglob("*")}
    assert after == before, "nothing of root's is left in it"


@as_root
@pytest.mark.parametrize(
    "words", [("status",), ("arrivals",), ("remind", "--dry-run"), ("resend",)]
)
def test_reading_is_anybodys_who_may(foreign: Site, words: tuple[str, ...]):
    ran = command(foreign, *words, "--config", str(foreign.config))

    assert ran.returncode == 0, ran.stderr
    owners = {p.stat().st_uid for p in (foreign.directory / "state").rglob("*")}
    assert owners == {NOBODY}, "SQLite's own files too"


@as_root
@pytest.mark.parametrize(
    ("make", "refused"),
    [
        (lambda state: None, False),
        (lambda state: state.mkdir(), False),
        (lambda state: (state.mkdir(), os.chown(state, 4_000_000, -1)), True),
    ],
    ids=["not there", "our own", "of an account without a name"],
)
def test_only_a_site_of_another_account_is_refused(
    tmp_path: Path, make: Callable[[Path], object], refused: bool
):
    state = tmp_path / "state"
    make(state)

    if refused:
        with pytest.raises(NeverWorks, match="sudo -u '#4000000'"):
            must_be_ours(state)
    else:
        must_be_ours(state)


def test_what_the_state_holds_is_for_the_service_alone_whoever_starts_it(tmp_path: Path):
    """Under the widest umask, into a state folder that was there and stood open."""
    (tmp_path / "state").mkdir(mode=0o755)
    before = os.umask(0)
    try:
        site = Site(lay_out(tmp_path))
        site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
        site.once()
    finally:
        os.umask(before)

    assert len(site.mails()) > 0
    state = tmp_path / "state"
    # The lock is empty; the archive's own folder keeps what is below it.
    kept = [p for p in state.rglob("*") if p.name != "lock" and "archive/" not in str(p)]
    assert {p.name for p in kept} >= {"ledger.sqlite3", "mail", "new", "archive"}
    assert {p: oct(p.stat().st_mode & 0o7777) for p in kept if p.stat().st_mode & 0o077} == {}
