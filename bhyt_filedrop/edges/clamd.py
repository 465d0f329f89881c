"""Ask ClamAV's daemon what is in a file: its INSTREAM command over a socket of this machine.

The file's bytes go over the socket, so clamd needs no right to the archive. It unpacks archives
itself. `man clamd` describes the commands, `StreamMaxLength` how much it takes.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path

from bhyt_filedrop.ports import NeverWorks, TryLater

_BLOCK = 64 * 1024
_MOST = 4096
"""Bytes of an answer that are read."""
_UNTOLD = re.compile(r"[^A-Za-z0-9._-]+")


class Clamd:
    """One clamd, asked anew for each file; safe to call from several threads."""

    def __init__(self, path: Path, seconds: float) -> None:
        """Keep the socket's path, and how long one answer may take."""
        self._path = path
        self._seconds = seconds

    def find(self, path: Path) -> str:
        """Return the name of what a file carries, "" where nothing is known of it.

        Raises TryLater where clamd cannot be asked now, NeverWorks where it takes no file of this
        size.
        """
        try:
            answer = self._stream(path)
        except OSError as err:
            raise TryLater(f"clamd at {self._path}: {err.strerror or type(err).__name__}") from err
        _, _, said = answer.partition(": ")
        if said == "OK":
            return ""
        if said.endswith(" FOUND"):
            return _UNTOLD.sub("-", said.removesuffix(" FOUND"))[:80] or "unknown"
        if "size limit exceeded" in answer:
            raise NeverWorks(
                "clamd takes no file of this size: raise StreamMaxLength in clamd.conf"
            )
        raise TryLater(f"clamd at {self._path} gave no answer that says anything of the file")

    def answers(self) -> str | None:
        """Say in one line what is wrong with it; None where it answers."""
        try:
            with self._connected() as line:
                line.sendall(b"zPING\0")
                said = _answer(line)
        except OSError as err:
            return f"clamd at {self._path}: {err.strerror or type(err).__name__}"
        return None if said == "PONG" else f"clamd at {self._path} does not answer a PING"

    def _connected(self) -> socket.socket:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(self._seconds)
        try:
            line.connect(str(self._path))
        except BaseException:
            line.close()
            raise
        return line

    def _stream(self, path: Path) -> str:
        with path.open("rb") as file, self._connected() as line:
            try:
                line.sendall(b"zINSTREAM\0")
                while block := file.read(_BLOCK):
                    line.sendall(len(block).to_bytes(4, "big") + block)
                line.sendall(bytes(4))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough, and says why
            return _answer(line)


def _answer(line: socket.socket) -> str:
    said = b""
    while len(said) < _MOST and not said.endswith(b"\0") and (more := line.recv(_MOST)):
        said += more
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
