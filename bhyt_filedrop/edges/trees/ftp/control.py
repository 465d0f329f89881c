"""ftplib's client with what a Vietnamese tree on a strict server needs.

Names cross as bytes that need not be UTF-8, and data connections continue the TLS session of the
control connection, without which vsftpd and proftpd refuse them.
"""

from __future__ import annotations

import ftplib
import socket
import ssl

_FIRST_DECODING = "latin-1"
"""Never fails, so that a greeting in an old encoding does not break the connection."""

_FAREWELL = 2.0
"""Seconds to wait for a server's TLS farewell after a transfer."""


class Farewells:
    """What a server is known to do at the end of a transfer under TLS.

    One that says farewell always does; then an end without it is a line that was cut. Some never
    do (IIS), and nothing can be told of their ends.
    """

    def __init__(self) -> None:
        self.are_said = False


def decoded(text: str) -> str:
    """Return what the server meant by a reply: UTF-8, undecodable bytes escaped."""
    return text.encode(_FIRST_DECODING).decode("utf-8", "surrogateescape")


class PlainFtp(ftplib.FTP):
    """FTP without encryption."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=timeout, encoding=_FIRST_DECODING)

    def putline(self, line: str) -> None:
        """Send a command, its names in UTF-8."""
        _send_line(self, line)


class SecureFtp(ftplib.FTP_TLS):
    """FTP with explicit TLS on both connections."""

    def __init__(self, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(timeout=timeout, context=context, encoding=_FIRST_DECODING)
        self._session: ssl.SSLSession | None = None

    def putline(self, line: str) -> None:
        """Send a command, its names in UTF-8."""
        _send_line(self, line)

    @property
    def session(self) -> ssl.SSLSession | None:
        """The control connection's TLS session, asked for once.

        Each time that Python before 3.13 hands a session out it loses some 5 KB (CPython #116810):
        a tree that is listed every minute would grow by a gigabyte in days.
        """
        if self._session is None and isinstance(self.sock, ssl.SSLSocket):
            self._session = self.sock.session
        return self._session

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Open a data connection within the control connection's TLS session."""
        line, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        try:
            secured = self.context.wrap_socket(
                line,
                suppress_ragged_eofs=False,
                server_hostname=self.host,
                session=self.session,
            )
        except BaseException:
            line.close()
            raise
        return secured, size


def _send_line(ftp: ftplib.FTP, line: str) -> None:
    if "\r" in line or "\n" in line:
        raise ValueError("a name with a line break cannot be said in FTP")
    if ftp.sock is None:
        raise EOFError
    ftp.sock.sendall(line.encode("utf-8", "surrogateescape") + b"\r\n")


def close_data(line: socket.socket) -> None:
    """Close a data connection; a server that skips TLS's farewell is forgiven.

    Whether every byte arrived is judged by the final reply and the size, never by the farewell.
    """
    try:
        if isinstance(line, ssl.SSLSocket):
            line.settimeout(min(_FAREWELL, line.gettimeout() or _FAREWELL))
            line.unwrap()
    except (OSError, ValueError):
        pass
    finally:
        line.close()
