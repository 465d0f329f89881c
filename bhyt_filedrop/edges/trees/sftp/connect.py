"""A tree behind SFTP: how the connection is made; what is said on it is in `sftp_session`.

Strict host keys, three ways to prove who we are, and a limit on every wait. paramiko's keepalive
alone does not free a caller from a server that froze, so the channel has a timeout of its own.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import paramiko

from bhyt_filedrop.domain.connecting import not_reached
from bhyt_filedrop.edges.trees.remote.session import CannotConnect, Lost, Stalled
from bhyt_filedrop.edges.trees.remote.tree import RemoteTree
from bhyt_filedrop.edges.trees.sftp import host_keys
from bhyt_filedrop.edges.trees.sftp.session import SftpSession
from bhyt_filedrop.edges.trees.sftp.wire import Wire

_WINDOW = 4 * 2**20
"""Bytes a server may send before we answer: twice what is asked for at once."""
_LATE = ("banner", "imeout", "timed out")
"""Words by which paramiko's errors of a missing answer are told from its others."""
_EXPIRED = "Illegal info request"
"""How paramiko takes a server's wish for a new password: both have the number 60 in SSH."""
_ASKING = "keyboard-interactive"
_MORE = "the server asks for more than a password"
_LOG = "paramiko.bhyt_filedrop"


@dataclass(frozen=True, slots=True)
class SftpAccess:
    """Where a server is and how to get in. Secrets are values here; settings know their sources.

    One of `known_hosts` and `fingerprint` ("SHA256:…") must name the server's key; a fingerprint
    wins. Keys are tried before the agent, the agent before the password. `timeout` in seconds
    holds for each single wait, `keepalive` is the pause between signs of life.
    """

    host: str
    username: str
    port: int = 22
    root: str = ""
    known_hosts: Path | None = None
    fingerprint: str = ""
    key_file: Path | None = None
    private_key: str = ""
    """A key as text, in place of a file."""
    passphrase: str = ""
    use_agent: bool = False
    password: str = ""
    timeout: float = 30.0
    keepalive: float = 15.0


def sftp_tree(id: str, access: SftpAccess) -> RemoteTree:
    """Return the tree; nothing is connected before it is first asked something."""
    return RemoteTree(id, f"{access.host}:{access.port}", lambda: connect(access))


def connect(access: SftpAccess) -> SftpSession:
    """Open one connection. Raises CannotConnect with the reason, in both languages.

    Each way to prove who we are has a line of its own: some servers hang up on a client that
    begins a second one (paramiko asks anew for the service each time; asyncssh forbids that).
    """
    refused = paramiko.AuthenticationException("there is neither a key nor a password")
    try:
        ways = _ways(access)
    except (OSError, ValueError, paramiko.SSHException) as err:
        raise _failed(access, err) from err
    for log_in in ways:
        try:
            return _connected(access, log_in)
        except _NotThisWay as err:
            refused = err.refused
    raise _failed(access, refused) from refused


def _connected(access: SftpAccess, log_in: _LogIn) -> SftpSession:
    transport = _transport(access)
    try:
        log_in(transport)
        session = SftpSession(_wire(transport, access), access.root, transport.close)
        if not session.root_is_there():
            raise CannotConnect(
                f"the root {access.root!r} is no folder on {access.host}",
                f"không thấy thư mục gốc {access.root} trên máy chủ.",
            )
    except (OSError, EOFError, ValueError, Lost, paramiko.SSHException) as err:
        transport.close()
        raise _failed(access, err) from err
    except (CannotConnect, _NotThisWay):
        transport.close()
        raise
    return session


def _transport(access: SftpAccess) -> paramiko.Transport:
    """Connect and make sure that the server is the right one, before any secret is sent."""
    # paramiko logs each step at DEBUG and each broken line as an ERROR with its traceback.
    logging.getLogger(_LOG).setLevel(logging.CRITICAL)
    try:
        line = socket.create_connection((access.host, access.port), access.timeout)
    except OSError as err:
        raise _failed(access, err) from err
    # paramiko writes for as long as the line takes: a server whose buffers are full and stay full
    # would hold us for ever, were it not for the kernel.
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(access.timeout * 1000))
    transport = paramiko.Transport(line, default_window_size=_WINDOW)
    transport.set_log_channel(_LOG)
    transport.banner_timeout = transport.handshake_timeout = access.timeout
    transport.auth_timeout = transport.channel_timeout = access.timeout
    try:
        _greet(transport, access)
    except CannotConnect:
        transport.close()
        raise
    except (OSError, EOFError, paramiko.SSHException) as err:
        transport.close()
        raise _failed(access, err) from err
    return transport


def _greet(transport: paramiko.Transport, access: SftpAccess) -> None:
    file = None if access.fingerprint else access.known_hosts
    if file is not None:
        options = transport.get_security_options()
        known = host_keys.known_keys(file, access.host, access.port)
        options.key_types = host_keys.preferred_types(tuple(options.key_types), known)
    transport.start_client(timeout=access.timeout)
    transport.set_keepalive(max(1, round(access.keepalive)))
    host_keys.verify(_shown_key(transport), access.host, access.port, file, access.fingerprint)


def _shown_key(transport: paramiko.Transport) -> paramiko.PKey:
    """Return the server's key; paramiko returns from a greeting that ran out of time as if well."""
    try:
        return transport.get_remote_server_key()
    except paramiko.SSHException as err:
        raise TimeoutError from err


class _NotThisWay(Exception):
    """The server does not take one way of proving who we are; another may do."""

    def __init__(self, refused: paramiko.AuthenticationException) -> None:
        super().__init__(str(refused))
        self.refused = refused


_LogIn = Callable[[paramiko.Transport], None]


def _ways(access: SftpAccess) -> list[_LogIn]:
    ways: list[_LogIn] = [partial(_with_key, access, key) for key in _keys(access)]
    if access.password:
        ways += [partial(_with_password, access), partial(_with_answer, access)]
    return ways


def _with_key(access: SftpAccess, key: paramiko.PKey, transport: paramiko.Transport) -> None:
    try:
        transport.auth_publickey(access.username, key)
    except paramiko.AuthenticationException as err:
        if _is_late(err):
            raise TimeoutError from err
        raise _NotThisWay(err) from err
    if not transport.is_authenticated() and access.password:  # a key is the first half of it
        try:
            _with_password(access, transport)
        except _NotThisWay:
            _with_answer(access, transport)
    _must_be_in(transport)


def _with_password(access: SftpAccess, transport: paramiko.Transport) -> None:
    """A server that takes no password as such may ask for it; a wrong one is not said twice."""
    try:
        transport.auth_password(access.username, access.password, fallback=False)
    except paramiko.BadAuthenticationType as err:
        if _ASKING in err.allowed_types:
            raise _NotThisWay(err) from err
        raise
    _must_be_in(transport)


def _with_answer(access: SftpAccess, transport: paramiko.Transport) -> None:
    """Say the password where the server asks for it (keyboard-interactive, RFC 4256).

    It is said once: what else is asked for is a second factor, or a new password.
    """
    said: list[str] = []

    def answer(_title: str, _text: str, fields: Sequence[tuple[str, bool]]) -> list[str]:
        if len(said) + len(fields) > 1:
            raise paramiko.SSHException(_MORE)
        said.extend(access.password for _ in fields)
        return said if fields else []

    transport.auth_interactive(access.username, answer)
    _must_be_in(transport)


def _must_be_in(transport: paramiko.Transport) -> None:
    """One proof may not be all that a server wants."""
    if not transport.is_authenticated():
        raise paramiko.AuthenticationException("the server wants a further proof")


def _keys(access: SftpAccess) -> list[paramiko.PKey]:
    keys: list[paramiko.PKey] = []
    if access.key_file is not None:
        keys.append(_key(access.key_file.read_text("ascii"), access.passphrase))
    if access.private_key:
        keys.append(_key(access.private_key, access.passphrase))
    if access.use_agent:
        keys.extend(paramiko.Agent().get_keys())
    return keys


def _key(text: str, passphrase: str) -> paramiko.PKey:
    """Read a private key of whichever kind; paramiko wants to be told, so each is tried."""
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), passphrase or None)
        except paramiko.PasswordRequiredException:
            raise
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise paramiko.SSHException("the private key cannot be read (wrong passphrase or kind)")


def _wire(transport: paramiko.Transport, access: SftpAccess) -> Wire:
    channel = transport.open_session(timeout=access.timeout)
    channel.settimeout(access.timeout)
    _invoke(transport, channel, access.timeout)
    return Wire(channel)


def _invoke(transport: paramiko.Transport, channel: paramiko.Channel, timeout: float) -> None:
    """Ask for SFTP. paramiko waits without end for this one answer; closing the line ends that."""
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        transport.close()

    patience = threading.Timer(timeout, hang_up)
    patience.daemon = True
    patience.start()
    try:
        channel.invoke_subsystem("sftp")
    except (EOFError, paramiko.SSHException) as err:
        if late.is_set():
            raise TimeoutError from err
        raise
    finally:
        patience.cancel()


def _failed(access: SftpAccess, err: Exception) -> CannotConnect:
    where = f"{access.host}:{access.port}"
    if isinstance(err, paramiko.PasswordRequiredException):
        return CannotConnect(f"{where}: the key needs a passphrase", "khoá riêng cần mật khẩu.")
    if isinstance(err, paramiko.AuthenticationException) and not _is_late(err):
        return CannotConnect(
            f"{where} does not let {access.username!r} in",
            f"máy chủ không nhận tên {access.username} với khoá hoặc mật khẩu đã đặt.",
        )
    if _EXPIRED in str(err):
        return CannotConnect(
            f"{where} wants a new password for {access.username!r}",
            f"mật khẩu của {access.username} đã hết hạn. Đặt mật khẩu mới trên máy chủ, rồi sửa "
            "trong credential.",
        )
    if _MORE in str(err):
        return CannotConnect(
            f"{where}: {_MORE}",
            f"máy chủ hỏi {access.username} thêm ngoài mật khẩu (mã dùng một lần, hoặc mật khẩu đã "
            "hết hạn). Dùng khoá, hoặc đặt lại tài khoản trên máy chủ.",
        )
    if _is_late(err):
        return CannotConnect(
            f"{where} does not answer within {access.timeout:g} s",
            f"máy chủ không trả lời trong {access.timeout:g} giây.",
            late=True,
        )
    reason = str(err) or type(err).__name__
    return CannotConnect(f"{where}: {reason}", not_reached(err, access.host, access.port))


def _is_late(err: Exception) -> bool:
    return isinstance(err, TimeoutError | Stalled) or any(word in str(err) for word in _LATE)
