"""Looking over a city's tree across a long line: 4 + 24 + 322 offices, 30 ms a round trip.

Real servers (OpenSSH, vsftpd with and without TLS) behind a proxy that holds every byte back for
half of it. What counts are round trips, so the times hardly vary with the machine.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import Figure, seconds, shipped

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the servers are the tests' own

from bhyt_filedrop.domain.process.folders import Routes  # noqa: E402
from bhyt_filedrop.edges.trees.ftp.connect import ftp_tree  # noqa: E402
from bhyt_filedrop.edges.trees.local.tree import LocalTree  # noqa: E402
from bhyt_filedrop.edges.trees.sftp.connect import sftp_tree  # noqa: E402
from bhyt_filedrop.ports import Tree  # noqa: E402
from bhyt_filedrop.settings import SweepSettings, TreeSettings  # noqa: E402
from bhyt_filedrop.site.lay_out import init  # noqa: E402
from bhyt_filedrop.wiring.declared import world_of  # noqa: E402
from bhyt_filedrop.wiring.trees import format_ends  # noqa: E402
from bhyt_filedrop.work.arrival.sweep import Sweep  # noqa: E402
from tests.servers.faults import HOST, FaultProxy  # noqa: E402
from tests.servers.ftp import FtpServer, found, vsftpd  # noqa: E402
from tests.servers.kinds import ftp_access, sftp_access  # noqa: E402
from tests.servers.ssh import has_sshd, sshd  # noqa: E402

EACH_WAY = 0.015
"""Seconds; a line from Ho Chi Minh City to Hà Nội has about 30 ms a round trip."""

CONNECTIONS = TreeSettings("main").connections

GOALS = {"sftp": 6.0, "ftp": 15.0, "ftps": 15.0}
"""Seconds for one look, once connected."""


def laid_out(under: Path) -> None:
    """Lay the shipped city's folders out, as on the server."""
    with TemporaryDirectory() as folder:

        def quick(tree: TreeSettings) -> LocalTree:
            return LocalTree(tree.id, under, durable=False)

        init(Path(folder), quick)
    for path in (under, *under.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


@contextmanager
def over_sftp() -> Iterator[Tree]:
    """A tree behind OpenSSH, on the long line."""
    server = sshd()
    with TemporaryDirectory() as folder:
        laid_out(Path(folder))
        proxy = FaultProxy([server.port], EACH_WAY)
        yield sftp_tree("main", replace(sftp_access(server, folder), host=HOST))
        proxy.close()


@contextmanager
def over_ftp(server: FtpServer) -> Iterator[Tree]:
    """A tree behind vsftpd, on the long line."""
    name = uuid.uuid4().hex
    (server.disk / name).mkdir()
    laid_out(server.disk / name)
    proxy = FaultProxy([server.port, *server.data_ports], EACH_WAY)
    access = ftp_access(server, f"{server.top}/{name}", HOST)
    yield ftp_tree("main", replace(access, connections=CONNECTIONS))
    proxy.close()


def look_over(tree: Tree, routes: Routes) -> tuple[float, float]:
    """Return the seconds of the first look, and of the next, over the same connections."""
    sweep = Sweep(tree, SweepSettings(), format_ends)
    first, second = (seconds(lambda: sweep.look(routes, 0.0)) for _ in range(2))
    tree.close()
    return first, second


def figures(quick: bool) -> Iterator[Figure]:
    """Yield each kind's look; a kind without its server is passed over."""
    if quick:
        return
    routes = world_of(shipped()).routes
    kinds: dict[str, tuple[bool, Callable[[], object]]] = {
        "sftp": (has_sshd(), over_sftp),
        "ftp": (found("vsftpd") is not None, lambda: over_ftp(vsftpd(False))),
        "ftps": (found("vsftpd") is not None, lambda: over_ftp(vsftpd(True))),
    }
    for kind, (is_here, opened) in kinds.items():
        if is_here:
            with opened() as tree:  # type: ignore[attr-defined]
                _, second = look_over(tree, routes)
            what = f"a look over a city's tree over {kind}, 30 ms a round trip, by the clock"
            yield Figure(what, second, goal=GOALS[kind])
