"""SMTP against a real server on loopback: TLS, login, and one outcome per address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bhyt_filedrop.edges.mail import delivery_status
from bhyt_filedrop.edges.mail.compose import UNDECLARED
from bhyt_filedrop.edges.mail.smtp import NO_ADDRESS, SmtpMailer
from bhyt_filedrop.ports import MailTooBig, TryLater
from tests.mailserver import PASSWORD, USER, Script, mail_server
from tests.servers.certificates import certificates

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")

GOOD, OTHER = "quan1@bhxh.example", "quan1-b@bhxh.example"


def a_message(*to: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Phòng Thu", addr_spec="thu@bhxh.example")
    message["To"] = tuple(Address("Quận 1", addr_spec=one) for one in to)
    message["Subject"] = "Đã nhận: Kết quả của quận, huyện"
    message["Message-ID"] = "<abc@bhxh.example>"
    message.set_content("Kính gửi BHXH Quận 1,\n.\nmột dòng chỉ có dấu chấm ở trên\n")
    return message


def mailer(port: int, tls: str = "none", **more: object) -> SmtpMailer:
    if tls != "none":
        more = {"username": USER, "password": PASSWORD, "cafile": certificates().authority} | more
    return SmtpMailer("127.0.0.1", port, tls=tls, timeout=60, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_letter_goes_over_checked_tls_after_a_login(tls):
    with mail_server(tls) as (port, server):
        connection = mailer(port, tls)
        sent = connection.send(a_message(GOOD, OTHER))
        connection.close()

    assert sent.accepted == (GOOD, OTHER)
    assert server.secure == [True]
    (message,) = server.messages
    assert message["Subject"] == "Đã nhận: Kết quả của quận, huyện"
    assert "\n.\n" in message.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_of_a_stranger_is_refused_and_nothing_is_sent(tls):
    with mail_server(tls) as (port, server), pytest.raises(TryLater, match="bad certificate"):
        mailer(port, tls, cafile=certificates().stranger).send(a_message(GOOD))

    assert server.messages == []


def test_a_server_without_starttls_never_gets_the_letter_in_clear():
    with mail_server("none") as (port, server), pytest.raises(TryLater, match="STARTTLS"):
        mailer(port, "starttls").send(a_message(GOOD))

    assert server.messages == []


def test_a_wrong_password_is_tried_again_later_and_never_shown():
    with (
        mail_server("starttls") as (port, _),
        pytest.raises(TryLater, match="login refused") as caught,
    ):
        mailer(port, "starttls", password="sai-mat-khau").send(a_message(GOOD))

    assert "sai" not in str(caught.value)


def test_a_password_outside_ascii_is_a_clear_error_without_the_password():
    with (
        mail_server("starttls") as (port, _),
        pytest.raises(TryLater, match="ASCII") as caught,
    ):
        mailer(port, "starttls", password="mật khẩu").send(a_message(GOOD))

    assert "mật" not in str(caught.value)


def test_a_login_in_clear_is_refused_before_any_connection():
    with pytest.raises(ValueError, match="in clear"):
        SmtpMailer("127.0.0.1", tls="none", username="a", password="b")


def test_one_refused_address_stops_no_other_and_a_busy_one_is_for_later():
    busy = "quan1-c@bhxh.example"
    script = Script(rcpt={OTHER: "550 no such user", busy: "451 mailbox busy"})
    with mail_server(script=script) as (port, server):
        sent = mailer(port).send(a_message(GOOD, OTHER, busy))

    assert sent.accepted == (GOOD,)
    assert sent.refused == {OTHER: "550 no such user"}
    assert sent.deferred == {busy: "451 mailbox busy"}
    assert server.receivers == [[GOOD]]


def test_when_every_address_is_refused_no_message_is_handed_over():
    with mail_server(script=Script(rcpt={GOOD: "550 no"})) as (port, server):
        connection = mailer(port)
        sent = connection.send(a_message(GOOD))
        server.rcpt.clear()
        again = connection.send(a_message(GOOD))

    assert sent.accepted == ()
    assert list(sent.refused) == [GOOD]
    assert again.accepted == (GOOD,), "the same connection goes on with the next letter"


@pytest.mark.parametrize(
    ("answer", "refused", "deferred"),
    [("554 content refused", [GOOD], []), ("451 try again", [], [GOOD])],
)
def test_an_answer_to_the_content_counts_for_every_address(answer, refused, deferred):
    with mail_server(script=Script(data=answer)) as (port, _):
        sent = mailer(port).send(a_message(GOOD))

    assert sent.accepted == ()
    assert list(sent.refused) == refused
    assert list(sent.deferred) == deferred


@pytest.mark.parametrize(
    "script",
    [
        Script(mail="552 too big"),
        Script(data="552 5.3.4 Message size exceeds fixed limit"),
        Script(data="554 5.3.4 Error: message file too big"),
        Script(rcpt={GOOD: "552 5.2.3 Message exceeds maximum fixed size"}),
    ],
    ids=["mail", "data", "data 554", "rcpt"],
)
def test_a_message_too_big_for_the_server_is_told_as_that(script):
    with mail_server(script=script) as (port, _), pytest.raises(MailTooBig, match="size"):
        mailer(port).send(a_message(GOOD))


def test_one_full_mailbox_is_that_receivers_matter():
    full = Script(rcpt={GOOD: "552 5.2.2 Mailbox full"})
    with mail_server(script=full) as (port, _):
        sent = mailer(port).send(a_message(GOOD))

    assert list(sent.refused) == [GOOD]


def test_where_no_address_can_be_one_no_server_is_asked():
    with mail_server(script=Script()) as (port, server):
        sent = mailer(port).send(a_message(f"760@{UNDECLARED}"))

    assert not sent.asked and server.connections == 0


@pytest.mark.parametrize("answer", ["550 sender unknown", "451 later", "421 closing"])
def test_a_refused_sender_is_the_servers_matter_and_waits(answer):
    with mail_server(script=Script(mail=answer)) as (port, _), pytest.raises(TryLater):
        mailer(port).send(a_message(GOOD))


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.8 <a@b>: Sender address rejected: Domain not found",
        "504 5.5.2 <a@localhost>: Sender address rejected: need fully-qualified address",
        "530 5.7.0 Authentication required",
        "554 5.7.1 <c@d.vn>: Relay access denied",
        "550 5.7.1 Unable to relay",
        "550 relay not permitted",
        "554 5.7.1 <host[192.0.2.7]>: Client host rejected: Access denied",
        "550 5.7.1 Message rejected due to policy restrictions",
        "550 5.7.1 Service unavailable, Client host [192.0.2.7] blocked using Spamhaus",
        "550 5.7.25 The IP address sending this message does not have a PTR record",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender; log in first",
    ],
)
def test_a_sender_that_is_refused_with_each_receiver_is_no_receivers_fault(answer):
    """Postfix puts its refusal of a sender off until it hears of the first receiver."""
    with mail_server(script=Script(rcpt={GOOD: answer})) as (port, _), pytest.raises(TryLater):
        mailer(port).send(a_message(GOOD, OTHER))


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 <c@d.vn>: Recipient address rejected: User unknown",
        "550 5.2.1 mailbox disabled",
        "550 5.7.1 This mailbox takes mail from colleagues only",
        "553 5.1.3 bad address syntax",
    ],
)
def test_a_receiver_that_is_refused_for_its_own_sake_is_named(answer):
    with mail_server(script=Script(rcpt={GOOD: answer})) as (port, _):
        sent = mailer(port).send(a_message(GOOD, OTHER))

    assert set(sent.refused) == {GOOD}
    assert sent.accepted == (OTHER,)


def test_a_unit_without_an_address_is_refused_without_asking_the_server():
    sent = SmtpMailer("127.0.0.1", 1).send(a_message("760@chua-khai-bao.invalid"))

    assert sent.refused == {"760@chua-khai-bao.invalid": NO_ADDRESS}


def test_letters_that_follow_closely_share_a_connection():
    with mail_server("implicit") as (port, server):
        connection = mailer(port, "implicit")
        for _ in range(3):
            assert connection.send(a_message(GOOD)).accepted == (GOOD,)
        connection.close()

    assert len(server.messages) == 3
    assert server.connections == 1


def test_after_the_server_dropped_the_line_the_next_letter_makes_a_new_one():
    with mail_server() as (port, server):
        connection = mailer(port)
        connection.send(a_message(GOOD))
        connection._line.sock.shutdown(socket.SHUT_RDWR)
        sent = connection.send(a_message(GOOD))

    assert sent.accepted == (GOOD,)
    assert server.connections == 2


@contextmanager
def a_listener(greeting: bytes) -> Iterator[int]:
    """A port that says one thing and then nothing any more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def answer() -> None:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            peer.sendall(greeting)
            held.append(peer)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.close()
        for peer in held:
            peer.close()


def test_a_server_that_accepts_and_never_answers_costs_the_timeout_only():
    with a_listener(b"") as port, pytest.raises(TryLater, match="no answer in time"):
        SmtpMailer("127.0.0.1", port, tls="none", timeout=0.3).send(a_message(GOOD))


def test_something_that_is_no_mail_server_is_for_later():
    with a_listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port, pytest.raises(TryLater):
        SmtpMailer("127.0.0.1", port, tls="none", timeout=0.3).send(a_message(GOOD))


def test_check_says_in_one_line_what_is_wrong():
    with mail_server("starttls") as (port, _):
        assert mailer(port, "starttls").check() is None
        wrong = mailer(port, "starttls", password="sai").check()
    gone = mailer(port, "starttls").check()

    assert wrong is not None and "không nhận tên filedrop" in wrong
    assert gone is not None and "từ chối" in gone and "\n" not in gone


# --- what may come back ----------------------------------------------------------------------


def test_what_comes_back_goes_to_the_mailbox_that_is_named_for_it():
    with mail_server() as (port, taken):
        for envelope_from in ("", "tra-ve@bhxh.example"):
            mailer(port, envelope_from=envelope_from).send(a_message(GOOD))

    assert taken.senders == ["thu@bhxh.example", "tra-ve@bhxh.example"]
    assert [str(one["From"].addresses[0].addr_spec) for one in taken.messages] == [
        "thu@bhxh.example",
        "thu@bhxh.example",
    ]


def test_servers_are_asked_to_name_the_letter_and_the_address_and_to_return_no_content():
    assert delivery_status.of_mail("<0a1b@bhxh.example>") == ["RET=HDRS", "ENVID=0a1b@bhxh.example"]
    assert delivery_status.of_mail("") == ["RET=HDRS"]
    assert delivery_status.of_mail(f"<{'x' * 99}@y>") == ["RET=HDRS"]
    asked = delivery_status.of_receiver("a+b=c@q1.example")
    assert asked == ("NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;a+2Bb+3Dc@q1.example")
