"""A tree behind FTP, or FTPS with explicit TLS: how the connection is made.

Passive mode only; TLS 1.2 or newer, the server's certificate checked against the system's
authorities or one that the configuration names. What is said then is in `ftp_session`.
"""

from __future__ import annotations

import ftplib
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from bhyt_filedrop.domain.connecting import not_reached, untrusted
from bhyt_filedrop.edges.trees.ftp.control import Farewells, PlainFtp, SecureFtp
from bhyt_filedrop.edges.trees.ftp.helpers import Helpers
from bhyt_filedrop.edges.trees.ftp.session import FtpSession
from bhyt_filedrop.edges.trees.remote.session import CannotConnect, Lost, Stalled
from bhyt_filedrop.edges.trees.remote.tree import RemoteTree


@dataclass(frozen=True, slots=True)
class FtpAccess:
    """Where a server is and how to get in. Secrets are values here; settings know their sources.

    `timeout` in seconds holds for each single wait. `verify` reads each transfer a second time and
    compares; None does so where the line is not encrypted, for then nothing else protects it. Of
    `connections` all but one only help to list.
    """

    host: str
    username: str = "anonymous"
    port: int = 21
    root: str = ""
    password: str = ""
    tls: bool = False
    tls_ca: Path | None = None
    timeout: float = 30.0
    verify: bool | None = None
    connections: int = 1


def ftp_tree(id: str, access: FtpAccess) -> RemoteTree:
    """Return the tree; nothing is connected before it is first asked something."""
    farewells = Farewells()
    helpers = Helpers(lambda: connect(access, farewells), access.connections - 1)
    where = f"{access.host}:{access.port}"
    return RemoteTree(id, where, lambda: connect(access, farewells, helpers))


def connect(access: FtpAccess, farewells: Farewells, helpers: Helpers | None = None) -> FtpSession:
    """Open one connection. Raises CannotConnect with the reason, in both languages."""
    try:
        ftp = _client(access)
    except (OSError, ssl.SSLError) as err:
        raise _failed(access, err) from err
    try:
        return _opened(ftp, access, farewells, helpers)
    except (ftplib.Error, EOFError, OSError, Lost, ValueError) as err:
        ftp.close()
        raise _failed(access, err) from err
    except CannotConnect:
        ftp.close()
        raise


def _client(access: FtpAccess) -> PlainFtp | SecureFtp:
    if not access.tls:
        return PlainFtp(access.timeout)
    context = ssl.create_default_context(cafile=access.tls_ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return SecureFtp(access.timeout, context)


def _opened(
    ftp: PlainFtp | SecureFtp,
    access: FtpAccess,
    farewells: Farewells,
    helpers: Helpers | None,
) -> FtpSession:
    ftp.connect(access.host, access.port)
    if ftp.sock is not None:
        ftp.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    ftp.login(access.username, access.password)  # with TLS, the line is encrypted before
    if isinstance(ftp, SecureFtp):
        ftp.prot_p()
    ftp.voidcmd("TYPE I")
    verify = not access.tls if access.verify is None else access.verify
    session = FtpSession(ftp, access.root, verify=verify, farewells=farewells, helpers=helpers)
    if not session.root_is_there():
        raise CannotConnect(
            f"the root {access.root!r} is no folder on {access.host}",
            f"không thấy thư mục gốc {access.root} trên máy chủ.",
        )
    return session


def _failed(access: FtpAccess, err: Exception) -> CannotConnect:
    where = f"{access.host}:{access.port}"
    if isinstance(err, ssl.SSLCertVerificationError):
        return CannotConnect(
            f"{where}: the certificate is not trusted: {err.verify_message}",
            untrusted(err, "tls_ca"),
        )
    if isinstance(err, ftplib.error_perm) and str(err).startswith("530"):
        return CannotConnect(
            f"{where} does not let {access.username!r} in",
            f"máy chủ không nhận tên {access.username} với mật khẩu đã đặt.",
        )
    if isinstance(err, TimeoutError | Stalled):
        return CannotConnect(
            f"{where} does not answer within {access.timeout:g} s",
            f"máy chủ không trả lời trong {access.timeout:g} giây.",
            late=True,
        )
    reason = str(err) or type(err).__name__
    return CannotConnect(f"{where}: {reason}", not_reached(err, access.host, access.port))
