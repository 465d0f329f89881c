"""Letters handed to a real Postfix, and taken out of its mailboxes again.

The server is the tests' own: see `tests/servers/postfix.py`. Logins are shown in
`test_mail_smtp.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bhyt_filedrop import resources
from bhyt_filedrop.domain.letters import letter as letters
from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES
from bhyt_filedrop.domain.letters.bounces import Outcome
from bhyt_filedrop.domain.letters.letter import Arrival, Attachment, Letter
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.schema import metadata
from bhyt_filedrop.edges.ledger.store import open_engine
from bhyt_filedrop.edges.mail.bounce_maildir import MaildirMailbox
from bhyt_filedrop.edges.mail.compose import From, LetterComposer
from bhyt_filedrop.edges.mail.smtp import SmtpMailer
from bhyt_filedrop.edges.mail.templates import MailTemplates
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.settings import variable
from bhyt_filedrop.wiring.mail import mailbox_of, mailer_of
from bhyt_filedrop.work.post.inbox import Inbox
from bhyt_filedrop.work.post.outbox import Outbox
from tests.cities import as_shipped
from tests.mailserver import PASSWORD, USER, mail_server
from tests.offices import moment
from tests.servers.certificates import certificates
from tests.servers.kinds import missing
from tests.servers.pages import mail_settings
from tests.servers.postfix import BUSY, DOMAIN, LEFT, RETURNS, SLOW, Postfix, postfix, why_not

pytestmark = pytest.mark.server

NOW = moment(6, 20, 9)
FIRST, SECOND = f"quan1@{DOMAIN}", f"quan1-b@{DOMAIN}"
UNKNOWN, WAITING = f"khong-co@{DOMAIN}", f"{BUSY}@{DOMAIN}"
UNITS = as_shipped(
    Units.of(
        [
            Unit("cntt", "Phòng CNTT", "city", email=(f"cntt@{DOMAIN}",)),
            Unit("760", "Quận 1", "district", email=(FIRST, UNKNOWN, WAITING)),
            Unit("761", "Quận 12", "district", email=(UNKNOWN,)),
            Unit("770", "Quận 3", "district", email=(FIRST, SECOND)),
        ]
    )
)


@pytest.fixture
def server() -> Iterator[Postfix]:
    if why_not():
        missing(why_not())
    running = postfix()
    running.empty()
    yield running


def mailer(server: Postfix, tls: str = "starttls", **more: object) -> SmtpMailer:
    port = server.tls_port if tls == "implicit" else server.port
    more = {"cafile": certificates().authority} | more
    return SmtpMailer("127.0.0.1", port, tls=tls, timeout=60, **more)  # type: ignore[arg-type]


def a_message(*to: str, sender: str = f"thu@{DOMAIN}", text: str = "Kính gửi") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Phòng Thu", addr_spec=sender)
    message["To"] = tuple(Address("Quận 1", addr_spec=one) for one in to)
    message["Subject"] = "Đã nhận: Kết quả của quận, huyện"
    message["Message-ID"] = f"<abc@{DOMAIN}>"
    message.set_content(text)
    return message


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_letter_arrives_over_checked_tls_with_every_vietnamese_sign(server: Postfix, tls: str):
    connection = mailer(server, tls)
    sent = connection.send(a_message(FIRST, SECOND, text="Kính gửi BHXH Quận 1,\n.\nhết\n"))
    connection.close()

    assert sent.accepted == (FIRST, SECOND)
    (mail,), (other,) = server.mails("quan1"), server.mails("quan1-b")
    assert mail["Subject"] == other["Subject"] == "Đã nhận: Kết quả của quận, huyện"
    assert mail["From"].addresses[0].display_name == "Phòng Thu"
    assert mail.get_content() == "Kính gửi BHXH Quận 1,\n.\nhết\n"
    assert "with ESMTPS" in mail["Received"]


def test_one_refused_address_stops_no_other_and_a_busy_one_is_for_later(server: Postfix):
    sent = mailer(server).send(a_message(FIRST, UNKNOWN, WAITING))

    assert sent.accepted == (FIRST,)
    assert list(sent.refused) == [UNKNOWN]
    assert sent.refused[UNKNOWN].startswith("550")
    assert list(sent.deferred) == [WAITING]
    assert sent.deferred[WAITING].startswith("450")
    assert len(server.mails("quan1")) == 1


def test_when_every_address_is_refused_the_connection_serves_the_next_letter(server: Postfix):
    connection = mailer(server)

    assert connection.send(a_message(UNKNOWN)).accepted == ()
    assert connection.send(a_message(FIRST)).accepted == (FIRST,)


def test_a_server_that_a_stranger_vouches_for_gets_no_letter(server: Postfix):
    with pytest.raises(TryLater, match="bad certificate"):
        mailer(server, cafile=certificates().stranger).send(a_message(FIRST))


def test_a_server_that_wants_tls_takes_nothing_in_clear_and_the_letter_waits(server: Postfix):
    with pytest.raises(TryLater, match="STARTTLS"):
        mailer(server, "none").send(a_message(FIRST))


def test_a_message_above_the_servers_limit_never_works(server: Postfix):
    message = a_message(FIRST)
    message.add_attachment(bytes(9_000_000), maintype="application", subtype="zip")

    with pytest.raises(NeverWorks, match="size"):
        mailer(server).send(message)


def test_a_sender_that_the_server_will_not_take_is_no_letters_fault(server: Postfix):
    with pytest.raises(TryLater, match="refuses our address"):
        mailer(server).send(a_message(FIRST, sender="khong-co@bhxh.example"))


def test_a_server_that_was_started_again_between_two_letters_is_not_noticed(server: Postfix):
    connection = mailer(server)
    connection.send(a_message(FIRST))
    server.program.stop()
    down = connection.check()
    server.program.start()

    assert down is not None and "\n" not in down
    assert connection.check() is None
    assert connection.send(a_message(FIRST)).accepted == (FIRST,)


# --- the outbox on it ----------------------------------------------------------------------------


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def book(engine: Engine) -> LedgerLetters:
    return LedgerLetters(engine)


def outbox(book: LedgerLetters, server: Postfix) -> Outbox:
    templates = MailTemplates(resources.templates_dir() / "mail")
    composer = LetterComposer(templates, UNITS, From(f"thu@{DOMAIN}", "Phòng Thu"), lambda _: b"PK")
    return Outbox(book, mailer(server), composer, None, random.Random(1))


def a_receipt(unit: str) -> Letter:
    arrival = Arrival(f"d{unit}", unit, "Quận", "tệp.xlsx", NOW, "Mẫu 3", "Đợt 1 năm 2015")
    made = letters.receipt(arrival)
    copy = Attachment("Danh sách - CẦN SỬA.xlsx", "00")
    return Letter(made.key, made.kind, unit, made.context, (copy,))


def test_a_letter_with_its_annotated_copy_arrives_as_it_was_made(
    server: Postfix, book: LedgerLetters
):
    book.put_letter(a_receipt("770"), NOW)

    assert outbox(book, server).run_once(NOW) == 1

    (mail,) = server.mails("quan1-b")
    (copy,) = mail.iter_attachments()
    assert (copy.get_filename(), copy.get_content()) == ("Danh sách - CẦN SỬA.xlsx", b"PK")
    assert "tệp.xlsx" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "tệp.xlsx" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert [len(server.mails(name)) for name in ("quan1", "quan1-b")] == [1, 1]


def test_later_only_the_busy_address_is_asked_again_and_the_refused_one_is_written_down(
    server: Postfix, book: LedgerLetters
):
    book.put_letter(a_receipt("760"), NOW)
    box = outbox(book, server)

    assert box.run_once(NOW) == 1
    (due,) = book.due_letters(NOW + timedelta(minutes=10), 9)
    assert due.remaining == (WAITING,)
    box.run_once(NOW + timedelta(minutes=10))

    assert len(server.mails("quan1")) == 1
    (refused,) = book.refused(NOW)
    assert (refused.address, refused.unit, refused.letters) == (UNKNOWN, "760", 1)
    assert refused.reason.startswith("550 5.1.1")


def test_a_letter_that_every_address_refused_is_set_aside_with_its_addresses(
    server: Postfix, book: LedgerLetters
):
    book.put_letter(a_receipt("761"), NOW)
    book.put_letter(a_receipt("770"), NOW)

    assert outbox(book, server).run_once(NOW) == 1

    assert book.counts() == {"set-aside": 1, "sent": 1}
    assert [one.address for one in book.refused(NOW)] == [UNKNOWN]
    ((_, state, error),) = book.trouble()
    assert state == "set-aside" and "every address was refused" in error


def test_letters_written_while_the_server_is_down_leave_once_each_when_it_is_back(
    server: Postfix, book: LedgerLetters
):
    book.put_letter(a_receipt("770"), NOW)
    box = outbox(book, server)
    server.program.stop()
    try:
        assert box.run_once(NOW) == 0
    finally:
        server.program.start()

    assert box.run_once(NOW + timedelta(hours=1)) == 1
    assert box.run_once(NOW + timedelta(hours=2)) == 0
    assert len(server.mails("quan1")) == 1


# --- what comes back -------------------------------------------------------------------------


GONE, LATE = f"{LEFT}@{DOMAIN}", f"{SLOW}@{DOMAIN}"


def sent_to(book: LedgerLetters, server: Postfix, *addresses: str) -> None:
    """Hand a letter over for some addresses; what comes back goes to a mailbox of its own."""
    units = Units.of([Unit("760", "Quận 1", "district", email=addresses)])
    templates = MailTemplates(resources.templates_dir() / "mail")
    composer = LetterComposer(templates, units, From(f"thu@{DOMAIN}", "Phòng Thu"), lambda _: b"PK")
    book.put_letter(a_receipt("760"), NOW)
    line = mailer(server, envelope_from=RETURNS)
    assert Outbox(book, line, composer, None, random.Random(1)).run_once(NOW) == 1


def inbox(engine: Engine, server: Postfix) -> Inbox:
    box = MaildirMailbox(server.returned, MAX_BYTES)
    return Inbox(LedgerBounces(engine), box, "cntt", random.Random(1))


def test_a_letter_that_the_server_took_and_could_not_deliver_is_told_of_later(
    server: Postfix, book: LedgerLetters, engine: Engine
):
    sent_to(book, server, FIRST, GONE)
    assert book.refused(NOW) == [], "the server took both"
    (mail,) = server.bounces()

    assert inbox(engine, server).run_once(NOW + timedelta(minutes=1)) == 1
    (told,) = book.refused(NOW)
    assert (told.address, told.unit, told.bounced) == (GONE, "760", True)
    assert "550 5.1.1" in told.reason and "gone" in told.reason
    assert len(server.mails("quan1")) == 1
    assert inbox(engine, server).run_once(NOW + timedelta(minutes=2)) == 0

    report = ["text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert [part.get_content_type() for part in mail.iter_parts()] == report, "no letter in it"
    assert mail["To"] == RETURNS


def test_a_letter_whose_only_address_bounced_is_set_aside_and_the_admin_is_told(
    server: Postfix, book: LedgerLetters, engine: Engine
):
    sent_to(book, server, GONE)
    server.bounces()
    inbox(engine, server).run_once(NOW)

    assert book.counts() == {"set-aside": 1, "due": 1}
    (due,) = book.due_letters(NOW, 9)
    assert (due.letter.unit, due.letter.key) == ("cntt", "notice/letters-set-aside/2015-06-20")


def test_a_delay_that_the_server_tells_of_is_noted_and_refuses_no_address(
    server: Postfix, book: LedgerLetters, engine: Engine
):
    sent_to(book, server, LATE)
    server.bounces()
    inbox(engine, server).run_once(NOW)

    assert book.refused(NOW) == []
    (late,) = book.undelivered(NOW)
    assert (late.address, late.outcome) == (LATE, Outcome.DELAYED)
    assert "450 4.2.0" in late.reason
    assert book.counts() == {"sent": 1}


# --- the page ------------------------------------------------------------------------------------


def test_the_page_on_mail_shows_a_configuration_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable("smtp-main"), PASSWORD)
    with mail_server("starttls") as (port, taken):
        real = {
            "mail.example.vn": "127.0.0.1",
            "port = 587": f"port = {port}",
            'username = "bhyt-filedrop"': f'username = "{USER}"',
            "/etc/bhyt-filedrop/ca.pem": str(certificates().authority),
        }
        made = mailer_of(mail_settings(1, real, tmp_path))
        assert made.check() is None
        assert made.send(a_message(FIRST)).accepted == (FIRST,)

    assert len(taken.messages) == 1


def test_the_page_shows_how_to_read_what_comes_back_on_the_servers_own_machine(
    server: Postfix, book: LedgerLetters, tmp_path: Path
):
    sent_to(book, server, GONE)
    server.bounces()

    mail = mail_settings(3, {"/var/mail/bhyt-filedrop": str(server.returned)}, tmp_path)
    assert mail.envelope_from.endswith("@bounces.example.vn")
    box = mailbox_of(mail.bounces)
    assert box is not None and box.check() is None
    assert len(list(box.unread((), 9))) == 1
