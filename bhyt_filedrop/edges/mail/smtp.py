"""Mail handed to an SMTP server: TLS with its certificate checked, one outcome per address.

A refusal that concerns one address stops no other. What concerns the whole server (no line, no
TLS, no login, a sender it will not take) is TryLater: it is no letter's fault, and the outbox's
patience is the limit.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path

from bhyt_filedrop.domain.connecting import not_reached, untrusted
from bhyt_filedrop.edges.mail import delivery_status
from bhyt_filedrop.edges.mail.compose import UNDECLARED
from bhyt_filedrop.edges.mail.maildir import recipients
from bhyt_filedrop.ports import MailTooBig, NeverWorks, Sent, TryLater

PORTS = {"starttls": 587, "implicit": 465, "none": 25}

NO_ADDRESS = "unit has no e-mail address"


class CannotTalk(TryLater):
    """No letter can be handed over at all. `told` says why in Vietnamese, with what to do."""

    def __init__(self, text: str, told: str) -> None:
        super().__init__(text)
        self.told = told


_IDLE_SECONDS = 30.0


@dataclass(slots=True)
class _Outcomes:
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)

    def sent(self) -> Sent:
        return Sent(tuple(self.accepted), self.refused, self.deferred)

    def none_got_it(self, why: str, *, ever: bool) -> Sent:
        """The server took the addresses and then not the message itself."""
        where = self.deferred if ever else self.refused
        where.update(dict.fromkeys(self.accepted, why))
        self.accepted = []
        return self.sent()


class SmtpMailer:
    """Hands messages to one SMTP server, over one connection as long as letters follow closely."""

    def __init__(
        self,
        host: str,
        port: int = 0,
        *,
        tls: str = "starttls",
        username: str = "",
        password: str = "",
        cafile: Path | None = None,
        timeout: float = 30.0,
        envelope_from: str = "",
    ) -> None:
        """`tls` is `starttls`, `implicit` or `none`; `port` 0 the usual one; `timeout` seconds;
        `envelope_from` is where bounces go ("" = to the letter's From).

        Raises ValueError for another `tls`, and for a login that would go over the line in clear.
        """
        if tls not in PORTS:
            raise ValueError(f"tls is {tls!r}; it can be starttls, implicit or none")
        if username and tls == "none":
            raise ValueError("a login needs tls: with none the password would go in clear")
        self._host, self._port, self._tls = host, port or PORTS[tls], tls
        self._username, self._password = username, password
        self._cafile, self._timeout = cafile, timeout
        self._envelope_from = envelope_from
        self._line: smtplib.SMTP | None = None
        self._used = 0.0

    def send(self, message: EmailMessage) -> Sent:
        """Send to every address in To and Cc.

        Raises TryLater where the server cannot be served now, MailTooBig where it takes no message
        of this size.
        """
        outcomes = _Outcomes()
        wanted = []
        for address in recipients(message):
            if address.endswith(f"@{UNDECLARED}"):
                outcomes.refused[address] = NO_ADDRESS
            elif not address.isascii():
                outcomes.refused[address] = "not an ASCII address"
            else:
                wanted.append(address)
        if not wanted:
            return replace(outcomes.sent(), asked=False)
        with self._talking() as line:
            return self._hand_over(line, message, wanted, outcomes)

    def check(self) -> str | None:
        """Return None if the server takes a connection, TLS and the login."""
        try:
            with self._talking() as line:
                line.noop()
        except CannotTalk as err:
            return f"Máy chủ thư {self._host}:{self._port}: {err.told}"
        except (TryLater, NeverWorks) as err:
            return f"Máy chủ thư {self._host}:{self._port}: {err}"
        finally:
            self.close()
        return None

    def close(self) -> None:
        """End the connection, politely where it still answers."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.quit()
            except (smtplib.SMTPException, OSError):
                line.close()

    # --- one message -------------------------------------------------------------------------

    def _hand_over(
        self, line: smtplib.SMTP, message: EmailMessage, wanted: list[str], outcomes: _Outcomes
    ) -> Sent:
        data = message.as_bytes()
        self._name_sender(line, message, len(data))
        for address in wanted:
            self._name_receiver(line, address, outcomes)
        if not outcomes.accepted:
            line.rset()
            return outcomes.sent()
        code, answer = self._data(line, data)
        if code == 250:
            return outcomes.sent()
        self._mind_size(line, code, answer)
        return outcomes.none_got_it(_reason(code, answer), ever=code < 500)

    def _name_sender(self, line: smtplib.SMTP, message: EmailMessage, size: int) -> None:
        sender = self._envelope_from or message["From"].addresses[0].addr_spec
        options = [f"SIZE={size}"] if line.has_extn("size") else []
        if line.has_extn("dsn"):
            options += delivery_status.of_mail(str(message["Message-ID"] or ""))
        code, answer = line.mail(sender, options)
        self._mind_size(line, code, answer)
        if code != 250:
            # Also for 5xx: it is the configured sender that is refused, and once that is put
            # right every waiting letter can go.
            raise TryLater(f"the mail server refuses our address: {_reason(code, answer)}")

    def _mind_size(self, line: smtplib.SMTP, code: int, answer: bytes) -> None:
        if _is_too_big(code, answer):
            line.rset()
            raise MailTooBig(f"the mail server takes no message of this size: {code}")

    def _name_receiver(self, line: smtplib.SMTP, address: str, outcomes: _Outcomes) -> None:
        options = delivery_status.of_receiver(address) if line.has_extn("dsn") else ()
        code, answer = line.rcpt(address, options)
        if code == 421:
            raise TryLater(f"the mail server is closing: {_reason(code, answer)}")
        self._mind_size(line, code, answer)
        if _is_about_us(code, answer):
            raise TryLater(f"the mail server refuses our address: {_reason(code, answer)}")
        if code in (250, 251, 252):
            outcomes.accepted.append(address)
        elif 500 <= code < 600:
            outcomes.refused[address] = _reason(code, answer)
        else:
            outcomes.deferred[address] = _reason(code, answer)

    def _data(self, line: smtplib.SMTP, data: bytes) -> tuple[int, bytes]:
        try:
            code, answer = line.data(data)
        except smtplib.SMTPDataError as err:
            code, answer = err.smtp_code, _bytes(err.smtp_error)
        if code == 421:
            raise TryLater(f"the mail server is closing: {_reason(code, answer)}")
        return code, answer

    # --- the connection ----------------------------------------------------------------------

    @contextmanager
    def _talking(self) -> Iterator[smtplib.SMTP]:
        """Give a line that is logged in; one that fails is dropped and becomes TryLater."""
        try:
            yield self._open_line()
            self._used = time.monotonic()
        except NeverWorks:
            raise
        except TryLater:
            self._drop()
            raise
        except (smtplib.SMTPException, OSError, UnicodeEncodeError) as err:
            self._drop()
            # smtplib sends a login as ASCII only; that error's own text would show the password.
            hidden = None if isinstance(err, UnicodeEncodeError) else err
            raise self._cannot_talk(err) from hidden

    def _cannot_talk(self, err: Exception) -> CannotTalk:
        if isinstance(err, ssl.SSLCertVerificationError):
            text = f"bad certificate: {err.verify_message}"
            told = untrusted(err, "mail.ca_file")
        elif isinstance(err, smtplib.SMTPAuthenticationError):
            text = f"login refused ({err.smtp_code})"
            told = f"không nhận tên {self._username} với mật khẩu đã đặt."
        elif isinstance(err, UnicodeEncodeError):
            text = "user name or password is not ASCII"
            told = "tên đăng nhập và mật khẩu chỉ được gồm chữ cái không dấu, chữ số, dấu câu."
        elif isinstance(err, smtplib.SMTPNotSupportedError):
            text = _words_of(err)
            told = f"máy chủ không nhận cách kết nối đã đặt ({text}); xem lại mail.tls và cổng."
        elif _is_late(err):
            text = "no answer in time"
            told = f"không trả lời trong {self._timeout:g} giây; xem lại mail.tls và cổng."
        else:
            text = _words_of(err)
            told = not_reached(err, self._host, self._port)
        return CannotTalk(f"{self._where}: {text}", told)

    @property
    def _where(self) -> str:
        return f"mail server {self._host}:{self._port}"

    def _open_line(self) -> smtplib.SMTP:
        if self._line is not None and not self._still_answers(self._line):
            self._drop()
        if self._line is None:
            self._line = self._connect()
        return self._line

    def _still_answers(self, line: smtplib.SMTP) -> bool:
        if time.monotonic() - self._used > _IDLE_SECONDS:
            return False
        try:
            return line.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _connect(self) -> smtplib.SMTP:
        # Our own name is given, because smtplib would ask the resolver for it and may hang there.
        name = socket.gethostname() or "localhost"
        if self._tls == "implicit":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, name, timeout=self._timeout, context=self._context()
            )
        else:
            line = smtplib.SMTP(self._host, self._port, name, timeout=self._timeout)
        self._line = line
        line.ehlo_or_helo_if_needed()
        if self._tls == "starttls":
            line.starttls(context=self._context())
            line.ehlo()
        if self._username:
            line.login(self._username, self._password)
        return line

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._cafile)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


_ABOUT_US = re.compile(
    rb"^[45]\.1\.[78]\b | sender\ address\ rejected | sender\ verify\ failed"
    rb"| \brelay | client\ host | helo | \bpolicy\b | not\ allowed\ to\ send"
    rb"| authenticat | \blog\ ?in\b | must\ issue\ a\ starttls"
    rb"| black-?list | block-?list | blocked | spamhaus | reputation"
    rb"| ^[45]\.7\.(?:0|8|9|2[3567]|57|64)\b",
    re.IGNORECASE | re.VERBOSE,
)
"""What a refusal says that is about our host, our sender or our login. RFC 3463 and RFC 7372:
x.1.7, x.1.8 sender; x.7.0, x.7.8, x.7.9 login; x.7.23-27 our host's names; the words are those of
Postfix, Exim and Exchange."""


def _is_about_us(code: int, answer: bytes) -> bool:
    """Servers tell only with the first receiver that they will not take our mail, or not without a
    login; that is no receiver's fault (RFC 4954: 530, 535). x.7.1 alone may be either: its words
    say which."""
    return code in (530, 534, 535, 538) or _ABOUT_US.search(answer) is not None


def _is_too_big(code: int, answer: bytes) -> bool:
    """RFC 3463: x.2.3 and x.3.4 are the message's size. 552 alone means it too, but for the full
    mailbox of one receiver (x.2.2)."""
    told = re.search(rb"\b5\.\d\.\d+\b", answer)
    if told:
        return told[0] in (b"5.2.3", b"5.3.4")
    return code == 552 and b"full" not in answer.lower() and b"quota" not in answer.lower()


def _reason(code: int, answer: bytes) -> str:
    return f"{code} {answer.decode('utf-8', 'replace')}".replace("\n", " ").strip()[:300]


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


def _is_late(err: Exception) -> bool:
    return isinstance(err, TimeoutError) or isinstance(err.__context__, TimeoutError)


def _words_of(err: Exception) -> str:
    """One line on a failed connection."""
    if isinstance(err, smtplib.SMTPResponseException):
        return _reason(err.smtp_code, _bytes(err.smtp_error))
    return " ".join(str(err).split())[:300] or type(err).__name__
