"""A clamd of the tests' own, which knows one signature: that of EICAR's harmless test file."""

from __future__ import annotations

import functools
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from tests.servers.process import Program, ports, scratch

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Put together here, or a scanner on a developer's machine would take this file away."""
SIGNATURE = "Eicar-Test"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


@dataclass(frozen=True)
class OwnClamd:
    """A running clamd, and the path of its socket."""

    path: Path
    program: Program


def why_not() -> str:
    """Say what keeps clamd from running here, "" where nothing does."""
    return "" if shutil.which("clamd", path=_PATH) else "clamav-daemon"


@functools.cache
def clamd() -> OwnClamd:
    """Start it, once for all tests."""
    folder = scratch("clamd")
    known = folder / "known"
    known.mkdir()
    (known / "eicar.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n", encoding="ascii")
    port, path = ports()[0], folder / "clamd.ctl"
    conf = folder / "clamd.conf"
    conf.write_text(
        f"LocalSocket {path}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {known}\n"
        f"TemporaryDirectory {folder}\nForeground yes\nStreamMaxLength 2M\n",
        encoding="ascii",
    )
    program = shutil.which("clamd", path=_PATH)
    assert program
    return OwnClamd(path, Program([program, "-c", str(conf)], port, folder / "log"))


@contextmanager
def answering(path: Path, answer: bytes, hears: int = 1 << 20) -> Iterator[Path]:
    """A socket at which somebody hears so many bytes and gives one answer, whatever is asked."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    heard = 0
                    while heard < hears and (block := line.recv(min(65536, hears - heard))):
                        heard += len(block)
                        if block.endswith((b"\0\0\0\0", b"PING\0")):
                            break
                    line.sendall(answer)

        Thread(target=serve, daemon=True).start()
        yield path
        listening.shutdown(socket.SHUT_RDWR)
