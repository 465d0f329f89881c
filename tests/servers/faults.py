"""A network that fails on demand: a TCP proxy that cuts, stalls, refuses, truncates and corrupts.

It listens on 127.0.0.2 at the server's own ports and forwards to 127.0.0.1, so that FTP's data
connections pass through it too (a client takes them to the host that it already talks to) and TLS
needs no help.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

HOST = "127.0.0.2"


class Harm(Enum):
    """What happens to the connection."""

    CUT = "cut"
    """Both ends see a reset."""
    STALL = "stall"
    """Nothing passes any more, in either direction; the connection stays open."""
    TRUNCATE = "truncate"
    """The receiver sees an orderly end before the sender's last byte."""
    CORRUPT = "corrupt"
    """One byte is changed."""


class Toward(Enum):
    """The direction whose bytes are counted."""

    CLIENT = "client"
    SERVER = "server"


@dataclass
class Fault:
    """What goes wrong after `after` more bytes toward one side, on the given ports ((): all).

    A fault that is `lasting` strikes every connection anew; another only once.
    """

    harm: Harm
    toward: Toward
    after: int = 0
    ports: range | tuple[int, ...] = ()
    lasting: bool = False
    struck: int = field(default=0, init=False)
    passed: int = field(default=0, init=False)


class FaultProxy:
    """A proxy for some ports of 127.0.0.1. It is well until told otherwise; every byte takes
    `delay` seconds, each way, as on a long line."""

    def __init__(self, ports: Iterable[int], delay: float = 0.0) -> None:
        self.delay = delay
        self._fault: Fault | None = None
        self._refuses = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()
        self.accepted: Counter[int] = Counter()
        self._listeners = [_listening(port) for port in ports]
        self._thread = threading.Thread(target=self._accept_all, daemon=True)
        self._thread.start()

    def strike(self, fault: Fault) -> Fault:
        """Let a fault happen to what passes from now on."""
        self._fault = fault
        return fault

    def refuse(self) -> None:
        """Drop every connection and reset each new one: the server is down."""
        self._refuses = True
        self.drop()

    def drop(self) -> None:
        """Reset every connection that is open now: the server was restarted."""
        with self._lock:
            for line in self._open:
                _reset(line)
            self._open.clear()

    def heal(self) -> None:
        """Be a good network again; connections that stalled stay stalled."""
        self._fault, self._refuses = None, False

    def close(self) -> None:
        """Stop listening and drop everything."""
        self._closing.set()
        self._thread.join(5)
        for listener in self._listeners:
            listener.close()
        self.drop()

    def _accept_all(self) -> None:
        while not self._closing.is_set():
            for listener in select.select(self._listeners, [], [], 0.05)[0]:
                client = listener.accept()[0]
                self.accepted[listener.getsockname()[1]] += 1
                if self._refuses:
                    _reset(client)
                else:
                    self._join(client, listener.getsockname()[1])

    def _join(self, client: socket.socket, port: int) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", port), 60)
        except OSError:
            _reset(client)
            return
        for line in (client, server):  # else small answers wait for acknowledgements
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open |= {client, server}
        pair = _Pair(self, client, server, port)
        threading.Thread(target=pair.run, daemon=True).start()

    def due(self, port: int, toward: Toward, block: bytes, pair_passed: int) -> tuple[int, Fault]:
        """Return how many bytes of a block may pass before the fault, and the fault.

        Raises LookupError where no fault concerns the block.
        """
        fault = self._fault
        if fault is None or fault.toward is not toward or (fault.ports and port not in fault.ports):
            raise LookupError
        if fault.struck and not fault.lasting:
            raise LookupError
        with self._lock:
            passed = pair_passed if fault.lasting else fault.passed
            fault.passed += len(block)
            if passed + len(block) <= fault.after:
                raise LookupError
            fault.struck += 1
        return max(0, fault.after - passed), fault


class _Pair:
    """One connection: what one side sends goes to the other, until a fault says otherwise."""

    def __init__(
        self, proxy: FaultProxy, client: socket.socket, server: socket.socket, port: int
    ) -> None:
        self._proxy = proxy
        self._port = port
        self._ways = {client: (server, Toward.SERVER), server: (client, Toward.CLIENT)}
        self._passed = {Toward.CLIENT: 0, Toward.SERVER: 0}
        self._ended: set[socket.socket] = set()
        self._late = deque[tuple[float, socket.socket, bytes]]()
        self._joined = time.monotonic() + 2 * proxy.delay  # the handshake takes a turn of its own

    def run(self) -> None:
        try:
            while len(self._ended) < 2 or self._late:
                waiting = [line for line in self._ways if line not in self._ended]
                for line in select.select(waiting, [], [], self._until_due())[0]:
                    self._take(line)
                while self._late and self._late[0][0] <= time.monotonic():
                    self._pass_on(*self._late.popleft()[1:])
        except (OSError, ValueError):
            pass  # reset by one side, or by the proxy itself
        except _Stalled:
            return
        self._close()

    def _close(self) -> None:
        for line in self._ways:
            line.close()

    def _until_due(self) -> float | None:
        return max(0.0, self._late[0][0] - time.monotonic()) if self._late else None

    def _take(self, line: socket.socket) -> None:
        block = line.recv(65536)
        if not block:
            self._ended.add(line)
        sent = max(time.monotonic(), self._joined)
        self._late.append((sent + self._proxy.delay, line, block))

    def _pass_on(self, line: socket.socket, block: bytes) -> None:
        other, toward = self._ways[line]
        if not block:
            other.shutdown(socket.SHUT_WR)
            return
        try:
            clean, fault = self._proxy.due(self._port, toward, block, self._passed[toward])
        except LookupError:
            other.sendall(block)
        else:
            self._harm(fault, line, other, block, clean)
        self._passed[toward] += len(block)

    def _harm(
        self, fault: Fault, line: socket.socket, other: socket.socket, block: bytes, clean: int
    ) -> None:
        if fault.harm is Harm.CORRUPT:
            other.sendall(block[:clean] + bytes([block[clean] ^ 0x55]) + block[clean + 1 :])
            return
        if clean:
            other.sendall(block[:clean])
        if fault.harm is Harm.STALL:
            raise _Stalled
        if fault.harm is Harm.TRUNCATE:
            other.shutdown(socket.SHUT_WR)
            self._swallow(line)
            return
        for end in self._ways:
            _reset(end)
        raise ConnectionResetError

    def _swallow(self, line: socket.socket) -> None:
        """The sender goes on in good faith."""
        while line.recv(65536):
            pass
        self._ended.add(line)


class _Stalled(Exception):
    """The connection is left open and never touched again."""


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(64)
    return listener


def _reset(line: socket.socket) -> None:
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        return
    line.close()
