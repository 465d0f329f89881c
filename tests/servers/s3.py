"""An S3 store of the tests' own: moto's server on loopback, gone with the tests."""

from __future__ import annotations

import functools
import itertools
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import obstore

from bhyt_filedrop.edges.archive.asking import StoreAccess, open_store
from bhyt_filedrop.edges.archive.store import StoreArchive
from tests.servers.process import Program, ports, scratch

ACCESS_KEY, SECRET_KEY = "bhyt", "mat-khau-cua-kho"

_names = itertools.count(1)


@dataclass(frozen=True)
class S3Server:
    """A running server."""

    program: Program

    @property
    def endpoint(self) -> str:
        """Its address, as `[archive] endpoint` has it."""
        return f"http://127.0.0.1:{self.program.port}"

    def bucket(self) -> str:
        """Make a bucket of its own; return its name."""
        name = f"kho-{os.getpid()}-{next(_names)}"
        with urlopen(Request(f"{self.endpoint}/{name}", method="PUT"), timeout=60):
            return name

    def access(self, url: str, port: int = 0, timeout: float = 20.0) -> StoreAccess:
        """Return what an archive needs to get in, `port` being that of a proxy."""
        endpoint = f"http://127.0.0.1:{port or self.program.port}"
        return StoreAccess(url, endpoint, "us-east-1", ACCESS_KEY, None, timeout)

    def archive(self, url: str, near: Path, port: int = 0, timeout: float = 20.0) -> StoreArchive:
        """Open an archive in it, as a daemon does that has the folder `near`."""
        made = StoreArchive(open_store(self.access(url, port, timeout), SECRET_KEY), near)
        made.prepare()
        return made

    def write(self, bucket: str, key: str, data: bytes) -> None:
        """Put an object past the archive, as somebody may who has the rights."""
        obstore.put(open_store(self.access(f"s3://{bucket}"), SECRET_KEY), key, data)

    def keys(self, bucket: str) -> str:
        """The store's own list of a bucket."""
        with urlopen(f"{self.endpoint}/{bucket}?list-type=2", timeout=60) as answer:
            return str(answer.read().decode())


def moto(closed_after: int | None = None) -> S3Server:
    """Start a server; one that is `closed_after` so many requests refuses every right from then."""
    folder, port = scratch("s3"), ports()[0]
    command = [sys.executable, "-c", _MAIN, "-H", "127.0.0.1", "-p", str(port)]
    if closed_after is not None:
        command = ["env", f"INITIAL_NO_AUTH_ACTION_COUNT={closed_after}", *command]
    return S3Server(Program(command, port, folder / "log"))


_MAIN = "from moto.server import main; main()"


@functools.cache
def s3_server() -> S3Server:
    """Start the server, once for all tests of this process."""
    return moto()
