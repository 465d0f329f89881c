"""The mailbox of bounces behind IMAP (RFC 3501), over TLS with its certificate checked.

A look fetches the beginnings of unread mails without marking them (BODY.PEEK), so that what is no
bounce stays new for whoever reads that mailbox; what was understood is marked \\Seen.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.connecting import not_reached, untrusted
from bhyt_filedrop.ports import Received, TryLater

PORTS = {"implicit": 993, "starttls": 143}

_SLACK = 64 * 1024
"""Bytes that an answer may have beyond the mail's."""


class CannotRead(TryLater):
    """The mailbox cannot be read. `told` says why in Vietnamese, with what to do."""

    def __init__(self, text: str, told: str) -> None:
        super().__init__(text)
        self.told = told


class ImapMailbox:
    """Reads one folder of an IMAP account; connects with the first call, `close` ends it."""

    def __init__(
        self,
        host: str,
        username: str,
        password: str,
        port: int = 0,
        *,
        tls: str = "implicit",
        folder: str = "INBOX",
        cafile: Path | None = None,
        timeout: float = 30.0,
        max_bytes: int,
    ) -> None:
        """`tls` is `implicit` or `starttls`; `port` 0 the usual one; `timeout` in seconds;
        `max_bytes` of each mail are fetched. Raises ValueError for another `tls`."""
        if tls not in PORTS:
            raise ValueError(f"tls is {tls!r}; it can be implicit or starttls")
        self._host, self._port, self._tls = host, port or PORTS[tls], tls
        self._username, self._password, self._folder = username, password, folder
        self._cafile, self._timeout, self._max_bytes = cafile, timeout, max_bytes
        self._line: imaplib.IMAP4 | None = None
        self._validity = ""

    def unread(self, passed_over: Container[str], limit: int) -> Iterator[Received]:
        """Yield unread mails, the oldest first, without marking them."""
        with self._talking() as line:
            (found,) = _require_ok(line.uid("SEARCH", "UNSEEN"))
        numbers = (found or b"").decode("ascii", "replace").split()
        names = ((uid, f"{self._validity}/{uid}") for uid in numbers if uid.isdigit())
        new = ((uid, name) for uid, name in names if name not in passed_over)
        for uid, name in islice(new, limit):
            with self._talking() as line:
                wanted = f"(INTERNALDATE BODY.PEEK[]<0.{self._max_bytes}>)"
                mail = _fetched(name, _require_ok(line.uid("FETCH", uid, wanted)))
            if mail:
                yield mail

    def done(self, mail: str) -> None:
        """Mark a mail as \\Seen, unless the server has given its numbers to others since."""
        validity, _, uid = mail.partition("/")
        with self._talking() as line:
            if validity == self._validity:
                _require_ok(line.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))

    def check(self) -> str | None:
        """Return None if the folder can be opened and mails in it marked."""
        try:
            with self._talking() as line:
                line.noop()
        except CannotRead as err:
            return f"{self._told_where}: {err.told}"
        finally:
            self.close()
        return None

    def close(self) -> None:
        """End the connection, politely where it still answers."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.logout()
            except (imaplib.IMAP4.error, OSError):
                line.shutdown()

    # --- the connection ----------------------------------------------------------------------

    @property
    def _told_where(self) -> str:
        return f"Hộp thư {self._username} ở {self._host}:{self._port}"

    @contextmanager
    def _talking(self) -> Iterator[imaplib.IMAP4]:
        """Give a line with the folder open; one that fails is dropped and becomes TryLater."""
        try:
            yield self._line or self._open()
        except CannotRead:
            self._drop()
            raise
        except (imaplib.IMAP4.error, OSError, ValueError) as err:
            self._drop()
            raise self._cannot_read(err) from err

    def _open(self) -> imaplib.IMAP4:
        self._line = line = self._connect()
        if self._tls == "starttls":
            line.starttls(self._context())
        self._log_in(line)
        kind, answer = line.select(_quoted(_coded_name(self._folder)))
        if kind != "OK":
            raise CannotRead(
                f"{self._host}: no folder {self._folder}",
                f"không mở được thư mục {self._folder} ({_text(answer)}); xem lại "
                "mail.bounces.folder.",
            )
        self._validity = _text(line.response("UIDVALIDITY")[1]) or "0"
        return line

    def _connect(self) -> imaplib.IMAP4:
        if self._tls == "implicit":
            return _BoundedTls(
                self._host, self._port, ssl_context=self._context(), timeout=self._timeout
            ).bounded(self._max_bytes + _SLACK)
        plain = _Bounded(self._host, self._port, timeout=self._timeout)
        return plain.bounded(self._max_bytes + _SLACK)

    def _log_in(self, line: imaplib.IMAP4) -> None:
        """AUTHENTICATE PLAIN takes any name and password; LOGIN, for servers without, takes ASCII
        only, and imaplib quotes the password but not the name."""
        try:
            if "AUTH=PLAIN" in line.capabilities:
                given = f"\0{self._username}\0{self._password}".encode()
                line.authenticate("PLAIN", lambda _: given)
            else:
                line.login(_quoted(self._username), self._password)
        except (imaplib.IMAP4.abort, OSError):
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError):
            # Neither error is shown: one may hold the password.
            raise CannotRead(
                f"{self._host}: login refused",
                f"không nhận tên {self._username} với mật khẩu đã đặt.",
            ) from None

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._cafile)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.shutdown()

    def _cannot_read(self, err: Exception) -> CannotRead:
        if isinstance(err, ssl.SSLCertVerificationError):
            text = f"bad certificate: {err.verify_message}"
            told = untrusted(err, "mail.bounces.ca_file")
        elif isinstance(err, imaplib.IMAP4.readonly):
            text = f"folder {self._folder} is read-only"
            told = f"thư mục {self._folder} chỉ cho đọc nên không đánh dấu thư đã đọc được."
        elif isinstance(err, TimeoutError):
            text = "no answer in time"
            told = f"không trả lời trong {self._timeout:g} giây; xem lại mail.bounces.tls và cổng."
        elif isinstance(err, imaplib.IMAP4.error | ValueError):
            text = " ".join(str(err).split())[:300] or type(err).__name__
            told = f"trả lời không hiểu được ({text}); xem lại mail.bounces.tls và cổng."
        else:
            text = " ".join(str(err).split())[:300] or type(err).__name__
            told = not_reached(err, self._host, self._port)
        return CannotRead(f"mailbox {self._host}:{self._port}: {text}", told)


class _Bounded(imaplib.IMAP4):
    """Takes no longer piece than it asked for: imaplib reads whatever a server announces."""

    _most = _SLACK

    def bounded(self, most: int) -> _Bounded:
        """Set the longest piece, in bytes."""
        self._most = most
        return self

    def read(self, size: int) -> bytes:
        """Read a piece. Raises IMAP4.abort where it is longer than anything that was asked for."""
        if size > self._most:
            raise self.abort(f"the server announces {size} bytes at once")
        return super().read(size)


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same with TLS from the first byte."""


def _require_ok(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return what a command gave. Raises IMAP4.error where the server said no."""
    kind, given = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(_text(given))
    return given


def _fetched(name: str, given: list[Any]) -> Received | None:
    """Read imaplib's answer to FETCH: pairs of what was announced and its bytes; None where the
    mail went away since."""
    pair = next((one for one in given if isinstance(one, tuple)), None)
    if pair is None:
        return None
    about = b" ".join(part if isinstance(part, bytes) else part[0] for part in given if part)
    came = re.search(rb'INTERNALDATE "([^"]{1,40})"', about)
    return Received(name, _moment(came[1] if came else b""), pair[1])


def _moment(text: bytes) -> datetime:
    """Read ` 1-Jun-2015 09:00:00 +0700`; what is no moment is the oldest one."""
    try:
        found = parsedate_to_datetime(text.decode("ascii", "replace").replace("-", " ", 2))
    except (ValueError, TypeError, IndexError):
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(given: Any) -> str:
    parts = given if isinstance(given, list) else [given]
    texts = (one.decode("utf-8", "replace") for one in parts if isinstance(one, bytes))
    return " ".join(" ".join(texts).split())[:200]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _coded_name(folder: str) -> str:
    """Write a folder's name in IMAP's own UTF-7 (RFC 3501, 5.1.3)."""
    return re.sub(r"&|[^\x20-\x7e]+", _coded, folder)


def _coded(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    packed = base64.b64encode(found[0].encode("utf-16-be")).decode("ascii")
    return "&" + packed.rstrip("=").replace("/", ",") + "-"
