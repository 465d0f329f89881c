"""A tree that is listed all day long takes no more memory in the evening than in the morning."""

from __future__ import annotations

import ctypes
import gc
import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.ports import Tree
from tests.servers.kinds import KINDS, Site

LISTINGS, WARM = 2_000, 200
MOST = 4 * 2**20
"""Bytes that so many listings may take: a leak of 5 KB for each would be ten million."""

ENCRYPTED_FTP = sorted(name for name in KINDS if "tls" in name)


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with KINDS[request.param].open(tmp_path) as opened:
        (opened.disk / "a.xlsx").write_bytes(b"PK")
        yield opened
        opened.tree.close()


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("site", sorted(KINDS), indirect=True)
def test_two_thousand_listings_cost_no_memory(site: Site):
    look(site.tree, WARM)
    before = resident()
    look(site.tree, LISTINGS)

    assert resident() - before < MOST


@pytest.mark.parametrize("site", ENCRYPTED_FTP, indirect=True)
def test_the_session_of_an_encrypted_line_is_asked_for_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """Python before 3.13 loses memory each time (CPython #116810)."""
    real, asked = ssl.SSLSocket.session, []

    def counted(line: ssl.SSLSocket) -> ssl.SSLSession | None:
        asked.append(line)
        return real.fget(line)  # type: ignore[attr-defined,no-any-return]

    monkeypatch.setattr(ssl.SSLSocket, "session", property(counted, real.fset))  # type: ignore[attr-defined]
    look(site.tree, 20)

    assert len(asked) == 1


def look(tree: Tree, times: int) -> None:
    for _ in range(times):
        assert [one.path for one in tree.walk("")] == ["a.xlsx"]


def resident() -> int:
    """Bytes of memory that this process holds, once what is free was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")
