"""SFTP version 3 as bytes on a channel: requests numbered, answers matched, names left as bytes.

paramiko speaks SSH; its own SFTP client decodes every name as strict UTF-8 (one old name makes a
folder unreadable), loses the errors of pipelined writes and reads ahead in a thread that nobody
can stop. This speaks the few requests a tree needs, many at a time, without those three.
Source: draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL file for the extensions.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bhyt_filedrop.edges.trees.remote.session import Lost, Stalled

INIT, VERSION = 1, 2
OPEN, CLOSE, READ, WRITE = 3, 4, 5, 6
LSTAT, FSTAT, SETSTAT, FSETSTAT = 7, 8, 9, 10
OPENDIR, READDIR, REMOVE, MKDIR = 11, 12, 13, 14
STAT, RENAME = 17, 18
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
EXTENDED, EXTENDED_REPLY = 200, 201

OPEN_READ, OPEN_WRITE, OPEN_CREATE, OPEN_EXCLUSIVE = 0x01, 0x02, 0x08, 0x20

_MOST = 1 << 20
"""No answer is longer: data blocks are 32 KiB, listings come in portions."""

_ERRNO = {
    2: errno.ENOENT,
    3: errno.EACCES,
    5: errno.EINVAL,  # OpenSSH: ENAMETOOLONG, EINVAL
    8: errno.ENOTSUP,
    11: errno.EEXIST,
    14: errno.ENOSPC,
    15: errno.EDQUOT,
}
"""Status codes → errno. The usual 4 ("Failure") tells nothing, so it means later: EIO."""


class Channel(Protocol):
    """What is needed of an SSH channel; its timeouts are set by whoever opened it."""

    def sendall(self, data: bytes) -> object:
        """Send every byte."""
        ...

    def recv(self, nbytes: int) -> bytes:
        """Return some bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Attributes:
    """A file's attributes; None where the server does not say, or where nothing is to be set."""

    size: int | None = None
    owner: tuple[int, int] | None = None
    mode: int | None = None
    times: tuple[int, int] | None = None

    def packed(self) -> bytes:
        """Return owner and mode as sent with open, mkdir and setstat."""
        flags, body = 0, b""
        if self.owner is not None:
            flags, body = flags | 0x2, struct.pack(">II", *self.owner)
        if self.mode is not None:
            flags, body = flags | 0x4, body + struct.pack(">I", self.mode)
        return struct.pack(">I", flags) + body


def text(value: bytes) -> bytes:
    """Return a string as the protocol frames it."""
    return struct.pack(">I", len(value)) + value


class ReplyBody:
    """One answer's body, taken apart from the front."""

    def __init__(self, kind: int, body: bytes) -> None:
        self.kind = kind
        self._body = body
        self._at = 0

    def _unpack(self, form: str) -> tuple[int, ...]:
        try:
            values = struct.unpack_from(form, self._body, self._at)
        except struct.error as err:
            raise Lost("an answer of the SFTP server ends too early") from err
        self._at += struct.calcsize(form)
        return values

    def number(self) -> int:
        """Return the next 32-bit number."""
        return self._unpack(">I")[0]

    def numbers(self, count: int) -> tuple[int, ...]:
        """Return the next 64-bit numbers."""
        return self._unpack(f">{count}Q")

    def string(self) -> bytes:
        """Return the next string."""
        length = self.number()
        value = self._body[self._at : self._at + length]
        if len(value) != length:
            raise Lost("an answer of the SFTP server ends too early")
        self._at += length
        return value

    @property
    def is_at_end(self) -> bool:
        """True when every byte was taken."""
        return self._at >= len(self._body)

    def attributes(self) -> Attributes:
        """Return the attributes that come next."""
        flags = self.number()
        size = self.numbers(1)[0] if flags & 0x1 else None
        owner = (self.number(), self.number()) if flags & 0x2 else None
        mode = self.number() if flags & 0x4 else None
        times = (self.number(), self.number()) if flags & 0x8 else None
        for _ in range(self.number() if flags & 0x80000000 else 0):
            self.string(), self.string()
        return Attributes(size, owner, mode, times)


class Wire:
    """Requests and answers on one channel. Any fault of the line or the protocol raises Lost."""

    def __init__(self, channel: Channel) -> None:
        """Greet the server and learn its extensions."""
        self._channel = channel
        self._last = 0
        self._lost: Lost | None = None
        self._early: dict[int, ReplyBody] = {}
        self._send_packet(struct.pack(">BI", INIT, 3))
        hello = self._packet()
        if hello.kind != VERSION or hello.number() < 3:
            raise Lost("the server speaks no SFTP version 3")
        self.extensions = self._extensions(hello)

    @staticmethod
    def _extensions(hello: ReplyBody) -> frozenset[bytes]:
        found = set()
        while not hello.is_at_end:
            found.add(hello.string())
            hello.string()
        return frozenset(found)

    def send(self, kind: int, body: bytes) -> int:
        """Send a request and return its number; the answer is collected later."""
        self._last = (self._last + 1) & 0xFFFFFFFF
        self._send_packet(struct.pack(">BI", kind, self._last) + body)
        return self._last

    def answer(self, number: int) -> ReplyBody:
        """Return the answer to a request; raises OSError where it is a refusal, EOFError at an end.

        A plain OK is returned as a STATUS.
        """
        while number not in self._early:
            answer = self._packet()
            self._early[answer.number()] = answer
            if len(self._early) > 10_000:
                raise Lost("the SFTP server answers what nobody asked")
        answer = self._early.pop(number)
        if answer.kind == STATUS:
            _raise_refusal(answer.number())
        return answer

    def ask(self, kind: int, body: bytes, wanted: int = STATUS) -> ReplyBody:
        """Send a request and wait for its answer of the wanted kind."""
        return self.expect(self.send(kind, body), wanted)

    def expect(self, number: int, wanted: int) -> ReplyBody:
        """Return the answer to a request, which must be of the wanted kind."""
        answer = self.answer(number)
        if answer.kind != wanted:
            raise Lost(f"the SFTP server answers with {answer.kind} where {wanted} is due")
        return answer

    def extended(self, name: bytes, body: bytes, wanted: int = STATUS) -> ReplyBody:
        """Ask for an extension that the server offered."""
        return self.ask(EXTENDED, text(name) + body, wanted)

    def forget(self, numbers: Iterable[int]) -> None:
        """Collect answers that nobody wants any more, so that the line stays in step."""
        for number in numbers:
            try:
                self.answer(number)
            except (OSError, EOFError):
                continue

    def _send_packet(self, packet: bytes) -> None:
        self._must_be_alive()
        try:
            self._channel.sendall(struct.pack(">I", len(packet)) + packet)
        except (OSError, EOFError) as err:
            raise self._give_up(_lost(err)) from err

    def _packet(self) -> ReplyBody:
        length = struct.unpack(">I", self._exactly(4))[0]
        if not 1 <= length <= _MOST:
            raise self._give_up(Lost("the SFTP server sends nonsense"))
        packet = self._exactly(length)
        return ReplyBody(packet[0], packet[1:])

    def _exactly(self, count: int) -> bytes:
        self._must_be_alive()
        got = bytearray()
        while len(got) < count:
            try:
                more = self._channel.recv(count - len(got))
            except (OSError, EOFError) as err:
                raise self._give_up(_lost(err)) from err
            if not more:
                raise self._give_up(Lost("the SFTP server closed the connection"))
            got += more
        return bytes(got)

    def _give_up(self, why: Lost) -> Lost:
        self._lost = why
        return why

    def _must_be_alive(self) -> None:
        """Once lost, always lost: tidying up after a stall must not wait a second time."""
        if self._lost is not None:
            raise type(self._lost)(str(self._lost))


def _lost(err: Exception) -> Lost:
    if isinstance(err, TimeoutError):
        return Stalled("the SFTP server does not answer in time")
    return Lost("the connection to the SFTP server broke")


def _raise_refusal(code: int) -> None:
    if code == 0:
        return
    if code == 1:
        raise EOFError
    number = _ERRNO.get(code, errno.EIO)
    raise OSError(number, f"the SFTP server refuses with status {code}")
