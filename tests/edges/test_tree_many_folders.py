"""Hundreds of folders are looked at together; over FTP, several connections share the work."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.edges.trees.ftp import helpers
from bhyt_filedrop.edges.trees.ftp.connect import FtpAccess, ftp_tree
from bhyt_filedrop.edges.trees.remote.session import CannotConnect
from bhyt_filedrop.edges.trees.remote.tree import RemoteTree
from bhyt_filedrop.edges.trees.walking import in_turn
from bhyt_filedrop.ports import ClosedFolder, Sighting, TryLater
from tests.edges.test_tree_contract import drop, nfd
from tests.edges.test_tree_memory import MOST, resident
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward
from tests.servers.ftp import FtpServer, found, has_proftpd, proftpd, pyftpdlib_server, vsftpd
from tests.servers.kinds import KINDS, Site, ftp_access, missing
from tests.servers.proxied import HASTY

WARDS = 40
SEVERAL = 5


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with KINDS[request.param].open(tmp_path) as opened:
        yield opened
        opened.tree.close()


@pytest.mark.parametrize("site", sorted(KINDS), indirect=True)
def test_folders_asked_for_together_are_seen_as_each_alone(site: Site):
    """In the order asked for; what is missing is nothing, a Mac's spelling no other folder."""
    for path in ("Quận 3/a.xlsx", "Quận 1/b/c.xlsx", "Quận 1/a.xlsx", "Quận 1/ours/x.xlsx"):
        drop(site, path)
    drop(site, f"{nfd('Quận 2')}/d.xlsx")

    asked = ("Quận 3", "Quận 9/Phường 1", "Quận 1", "Quận 2")
    seen = [one.path for one in site.tree.walk_all(asked, ("Quận 1/ours",))]

    assert seen == ["Quận 3/a.xlsx", "Quận 1/a.xlsx", "Quận 1/b/c.xlsx", f"{nfd('Quận 2')}/d.xlsx"]
    assert list(site.tree.walk_all(())) == []


def test_closed_folders_are_told_and_only_all_of_them_closed_is_an_outage():
    def walk(folder: str) -> Iterator[Sighting]:
        if folder != "open":
            raise ClosedFolder(folder)
        yield Sighting("open/a.xlsx", 1, 1.0)

    told: list[str] = []
    assert [s.path for s in in_turn(("x", "open", "y"), walk, told.append)] == ["open/a.xlsx"]
    assert told == ["x", "y"]
    with pytest.raises(ClosedFolder):
        list(in_turn(("x", "y"), walk, told.append))


# --- several connections --------------------------------------------------------------------------

SERVERS: dict[str, Callable[[], FtpServer]] = {
    "vsftpd": lambda: vsftpd(False),
    "vsftpd-tls": lambda: vsftpd(True),
    "proftpd-tls": proftpd,
    "pyftpdlib-tls": lambda: pyftpdlib_server(tls=True),
    "pyftpdlib-list": lambda: pyftpdlib_server(mlsd=False),
}


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> FtpServer:
    return started(request.param)


def started(kind: str) -> FtpServer:
    if (kind.startswith("vsftpd") and found("vsftpd") is None) or (
        kind.startswith("proftpd") and not has_proftpd()
    ):
        missing(kind)
    return SERVERS[kind]()


@pytest.fixture(autouse=True)
def help_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "ALONE", 0.0)


class Counted(list[helpers.Lister]):
    """The connections that helped."""


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    real = helpers._Helping._lists

    def lists(self: Any, lister: helpers.Lister) -> bool:
        counted.append(lister)
        return real(self, lister)

    monkeypatch.setattr(helpers._Helping, "_lists", lists)
    return counted


def a_city(server: FtpServer, name: str) -> list[str]:
    """Lay out wards of two districts, a file in each; returns the files in their order."""
    top = server.disk / name
    paths = [f"Quận {n % 2}/Phường {n:02}/a.xlsx" for n in range(WARDS)]
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(b"PK")
    for folder in (top, *top.rglob("*")):
        folder.chmod(0o777)
    return sorted(paths)


@contextmanager
def opened(access: FtpAccess, connections: int = SEVERAL) -> Iterator[RemoteTree]:
    tree = ftp_tree("far", replace(access, connections=connections))
    yield tree
    tree.close()


@contextmanager
def breakable(server: FtpServer, name: str) -> Iterator[tuple[RemoteTree, FaultProxy]]:
    line = FaultProxy([server.port, *server.data_ports])
    try:
        access = ftp_access(server, f"{server.top}/{name}", HOST)
        with opened(replace(access, timeout=HASTY)) as tree:
            yield tree, line
    finally:
        line.close()


def look(tree: RemoteTree) -> list[str]:
    return [one.path for one in tree.walk_all(["Quận 0", "Quận 1"])]


def test_several_connections_see_what_one_sees(server: FtpServer, tmp_path: Path, helped: Counted):
    there = a_city(server, tmp_path.name)
    with opened(ftp_access(server, f"{server.top}/{tmp_path.name}")) as tree:
        assert look(tree) == there
        assert look(tree) == there

    assert len(set(map(id, helped))) == SEVERAL - 1, "kept, and used again"


def test_one_building_needs_one_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, helped: Counted
):
    """There a whole city is listed within the second, and a server's log stays short."""
    monkeypatch.setattr(helpers, "ALONE", 60.0)
    server = pyftpdlib_server()
    there = a_city(server, tmp_path.name)
    with opened(ftp_access(server, f"/{tmp_path.name}")) as tree:
        assert look(tree) == there

    assert helped == []


def test_each_connection_asks_for_its_own_session_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    real, asked = ssl.SSLSocket.session, []

    def counted(line: ssl.SSLSocket) -> ssl.SSLSession | None:
        asked.append(id(line))
        return real.fget(line)  # type: ignore[attr-defined,no-any-return]

    server = started("vsftpd-tls")
    there = a_city(server, tmp_path.name)
    monkeypatch.setattr(ssl.SSLSocket, "session", property(counted, real.fset))  # type: ignore[attr-defined]
    with opened(ftp_access(server, f"{server.top}/{tmp_path.name}")) as tree:
        for _ in range(3):
            assert look(tree) == there

    assert len(asked) == SEVERAL


def test_an_error_in_one_folder_hides_no_other(tmp_path: Path, helped: Counted):
    server = pyftpdlib_server(old=True)  # it lets nobody into a folder of this name
    there = a_city(server, tmp_path.name)
    for district in ("Quận 0", "Quận 1"):
        (server.disk / tmp_path.name / district / "closed").mkdir()
    told: list[str] = []
    with opened(ftp_access(server, f"/{tmp_path.name}")) as tree:
        seen = [one.path for one in tree.walk_all(["Quận 0", "Quận 1"], (), told.append)]

    assert seen == there
    assert told == ["Quận 0/closed", "Quận 1/closed"]
    assert helped


# --- servers and lines that do not bear it --------------------------------------------------------


def limited(**how: Any) -> FtpServer:
    if found("vsftpd") is None:
        missing("vsftpd")
    return vsftpd(False, **how)


def once_it_lets_in(tree: RemoteTree) -> list[str]:
    """Look as soon as the server has forgotten the connection that showed that it is up."""
    for _ in range(50):
        try:
            return look(tree)
        except CannotConnect:
            time.sleep(0.1)
    return look(tree)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_server_that_lets_in_few_is_content_and_keeps_a_place_free(most: int, tmp_path: Path):
    """`doctor`, or a second tree on the server, comes from the same machine."""
    server = limited(more=f"max_per_ip={most}\n")
    there = a_city(server, tmp_path.name)
    access = ftp_access(server, f"{server.top}/{tmp_path.name}")
    with opened(access) as tree:
        assert once_it_lets_in(tree) == there
        assert look(tree) == there
        if most > 1:
            with opened(access, 1) as another:
                assert another.check() is None


def test_a_server_with_too_few_passive_ports_still_shows_everything(tmp_path: Path):
    """vsftpd ends the connection, the first as well as the last, for which it finds no port."""
    server = limited(passive=2)
    there = a_city(server, tmp_path.name)
    with opened(ftp_access(server, f"{server.top}/{tmp_path.name}"), 8) as tree:
        for _ in range(5):
            assert look(tree) == there


@pytest.mark.long
@pytest.mark.parametrize("kind", ["vsftpd", "vsftpd-tls", "pyftpdlib-tls"])
@pytest.mark.parametrize("harm", [Harm.CUT, Harm.TRUNCATE])
@pytest.mark.parametrize("after", [0, 300, 2_000, 4_000])
def test_a_line_that_breaks_costs_no_file(kind: str, harm: Harm, after: int, tmp_path: Path):
    """Once, on whichever connection; a listing that ends early is never taken for a whole one."""
    server = started(kind)
    there = a_city(server, tmp_path.name)
    ports = server.data_ports if harm is Harm.TRUNCATE else ()
    with breakable(server, tmp_path.name) as (tree, line):
        assert look(tree) == there
        line.strike(Fault(harm, Toward.CLIENT, after + 17, ports))
        try:
            assert look(tree) == there
        except TryLater:
            assert look(tree) == there


def test_connections_that_died_at_night_are_made_anew_unnoticed(
    server: FtpServer, tmp_path: Path, helped: Counted
):
    there = a_city(server, tmp_path.name)
    with breakable(server, tmp_path.name) as (tree, line):
        assert look(tree) == there
        line.drop()
        helped.clear()
        assert look(tree) == there
        assert helped


def test_a_server_that_went_away_is_told_and_not_taken_for_an_empty_one(
    server: FtpServer, tmp_path: Path
):
    there = a_city(server, tmp_path.name)
    with breakable(server, tmp_path.name) as (tree, line):
        assert look(tree) == there
        line.refuse()
        with pytest.raises(TryLater):
            look(tree)
        line.heal()
        assert look(tree) == there


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["vsftpd", "vsftpd-tls"])
def test_hundreds_of_looks_over_several_connections_cost_no_memory(kind: str, tmp_path: Path):
    server = started(kind)
    there = a_city(server, tmp_path.name)
    with opened(ftp_access(server, f"{server.top}/{tmp_path.name}")) as tree:
        for _ in range(100):
            assert look(tree) == there
        before = resident()
        for _ in range(200):
            assert look(tree) == there

    assert resident() - before < MOST, "eight thousand listings"
