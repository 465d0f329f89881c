"""A real SMTP server on loopback whose answers the test chooses: aiosmtpd with TLS and a login."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import certificates

USER, PASSWORD = "filedrop", "mot-mat-khau"


@dataclass
class Script:
    """What the server answers; addresses and stages that are not named get 250."""

    mail: str = ""
    rcpt: dict[str, str] = field(default_factory=dict)
    data: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    connections: int = 0
    secure: list[bool] = field(default_factory=list)

    def auth(self, _server: SMTP, _session: Session, _env: Envelope, _how: str, data: Any) -> Any:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=good, handled=False)

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _env: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        assert server.transport is not None
        self.secure.append(server.transport.get_extra_info("sslcontext") is not None)
        if self.mail:
            return self.mail
        envelope.mail_from = address
        self.senders.append(address)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.receivers.append(list(envelope.rcpt_tos))
        return "250 Message accepted"


class _Counting(Controller):
    """Lets the kernel choose the port, and counts connections."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def factory(self) -> SMTP:
        self.handler.connections += 1
        return super().factory()


@contextmanager
def mail_server(
    tls: str = "none", script: Script | None = None, *, expired: bool = False
) -> Iterator[tuple[int, Script]]:
    """Run a server; yields its port and the script that it follows and writes down.

    An `expired` one shows a certificate of yesterday's.
    """
    script = script or Script()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates().expired if expired else certificates().server)
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0, "ready_timeout": 120}
    if tls == "implicit":
        options |= {"ssl_context": context, "auth_require_tls": False}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if tls != "none":
        options |= {"authenticator": script.auth, "auth_required": True}
    server = _Counting(script, **options)
    with warnings.catch_warnings():
        # aiosmtpd does not see that a line inside implicit TLS needs no STARTTLS for a login.
        warnings.simplefilter("ignore", UserWarning)
        server.start()
    script.connections = 0
    try:
        yield server.port, script
    finally:
        server.stop()
