"""A PostgreSQL of the tests' own: on loopback, with a password, gone with the tests."""

from __future__ import annotations

import functools
import itertools
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import Program, ports, scratch
from tests.waiting import until

USER, PASSWORD = "bhyt", "mật khẩu của sổ"
"""The password has signs beyond ASCII, as a Vietnamese office's may."""

_names = itertools.count(1)


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    program: Program
    tools: Path

    def database(self, like: str = "template0") -> str:
        """Make a database of its own; return its name."""
        name = f"ledger_{os.getpid()}_{next(_names)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {like} ENCODING 'UTF8'")
        return name

    def url(self, database: str) -> str:
        """The address of a database, as `[ledger] url` has it: without the password."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.program.port}/{database}"

    def sql(self, statement: str) -> None:
        """Run one statement as the server's owner."""
        subprocess.run(
            [self.tools / "psql", "-h", "127.0.0.1", "-p", str(self.program.port), "-U", USER,
             "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qc", statement],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip


def tools() -> Path | None:
    """Where Debian keeps the server's programs, the newest first; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    named = shutil.which("initdb")
    return found[0].parent if found else Path(named).parent if named else None


@functools.cache
def postgres() -> Postgres:
    """Start the server, once for all tests of this process."""
    where = tools()
    assert where is not None
    folder = scratch("postgres")
    account = _account(folder)
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    data = folder / "data"
    subprocess.run(
        [*account, where / "initdb", "-D", data, "-U", USER, "--auth=scram-sha-256",
         f"--pwfile={secret}", "--encoding=UTF8", "--locale=C", "--no-sync"],
        check=True, capture_output=True, timeout=120, cwd=folder,
    )  # fmt: skip
    port = ports()[0]
    command = [*account, where / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1",
               "-k", folder, "-c", "fsync=off"]  # fmt: skip
    program = Program([str(one) for one in command], port, folder / "log")
    ready = [where / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    until(lambda: subprocess.run(ready, timeout=60).returncode == 0, "PostgreSQL")
    return Postgres(program, where)


def _account(folder: Path) -> list[str]:
    """The server refuses to run as root; what runs it must own its folder."""
    if os.geteuid():
        return []
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
