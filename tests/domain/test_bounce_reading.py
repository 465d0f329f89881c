"""What mail servers write when a letter comes back is understood, whoever wrote it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES, MAX_REASON, read_mail
from bhyt_filedrop.domain.letters.bounces import IncomingMail, Outcome, Receiver, Sort
from tests import bounces
from tests.bounces import GONE, LETTER, OTHER

STYLES: dict[str, tuple[Callable[[], bytes], list[tuple[str, Outcome, str]]]] = {
    "postfix": (
        bounces.postfix,
        [(GONE, Outcome.REFUSED, "550 5.1.1 User unknown in virtual mailbox table")],
    ),
    "exim": (
        bounces.exim,
        [
            (GONE, Outcome.REFUSED, "550 5.1.1 no such user"),
            (OTHER, Outcome.REFUSED, "552 5.2.2 mailbox full"),
        ],
    ),
    "old exim": (
        bounces.old_exim,
        [
            (
                GONE,
                Outcome.REFUSED,
                f"SMTP error from remote mail server after RCPT TO:<{GONE}>: "
                "host mx.q1.example [192.0.2.1]: 550 5.1.1 no such user",
            )
        ],
    ),
    "exchange": (
        bounces.exchange,
        [
            (
                GONE.upper(),
                Outcome.REFUSED,
                f"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {GONE} not found by SMTP "
                "address lookup",
            )
        ],
    ),
    "gmail": (
        bounces.gmail,
        [
            (
                GONE,
                Outcome.REFUSED,
                "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 "
                "Please try double-checking the recipient's email address.",
            )
        ],
    ),
    "qmail": (
        bounces.qmail,
        [
            (GONE, Outcome.REFUSED, "Sorry, no mailbox here by that name. (#5.1.1)"),
            (
                OTHER,
                Outcome.GIVEN_UP,
                "192.0.2.1 does not like recipient. Remote host said: 452 4.2.2 mailbox full I'm "
                "not going to try again; this message has been in the queue too long.",
            ),
        ],
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_every_kind_of_server_is_understood_to_the_address_the_letter_and_the_reason(style: str):
    make, told = STYLES[style]
    mail = read_mail(make())

    assert mail.sort is Sort.BOUNCE
    assert mail.message_ids[0] == LETTER
    assert [(one.addresses[0], one.outcome, one.reason) for one in mail.receivers] == told


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "outcome"),
    [
        ("failed", "5.1.1", "550 5.1.1 no", Outcome.REFUSED),
        ("Failed", "5.0.0", "", Outcome.REFUSED),
        ("failed", "4.4.7", "delivery time expired", Outcome.GIVEN_UP),
        ("failed", "", "", Outcome.REFUSED),
        ("failed", "", "451 try later", Outcome.GIVEN_UP),
        ("delayed", "4.4.1", "connect to mx: timed out", Outcome.DELAYED),
        ("delayed", "5.1.1", "550 said a server, and another is tried", Outcome.DELAYED),
        ("delivered", "2.0.0", "250 ok", Outcome.DELIVERED),
        ("relayed", "2.0.0", "", Outcome.DELIVERED),
        ("", "5.1.1", "", Outcome.REFUSED),
        ("", "4.4.1", "", Outcome.DELAYED),
        ("", "", "", Outcome.DELIVERED),
        ("gone-fishing", "4.1.1", "", Outcome.DELAYED),
    ],
)
def test_only_a_mail_that_was_given_up_counts_as_not_delivered(
    action: str, status: str, diagnostic: str, outcome: Outcome
):
    (told,) = read_mail(
        bounces.postfix(action=action, status=status, diagnostic=diagnostic)
    ).receivers

    assert told.outcome is outcome


def test_the_address_that_we_wrote_to_is_known_beside_the_one_it_was_passed_on_to():
    named = f"Original-Recipient: rfc822;{GONE}\nFinal-Recipient: rfc822; ai-do@xa.example"
    (told,) = read_mail(bounces.postfix(recipient=named)).receivers

    assert told.addresses == (GONE, "ai-do@xa.example")


def test_a_status_that_the_servers_words_lack_is_put_before_them():
    (told,) = read_mail(bounces.postfix(diagnostic="mailbox unavailable")).receivers

    assert told.reason == "5.1.1 mailbox unavailable"


@pytest.mark.parametrize(
    ("mail", "sort"),
    [
        (bounces.answer(), Sort.OTHER),
        (bounces.answer("Hi. This is not what the server said: 550 5.1.1"), Sort.OTHER),
        (bounces.passed_on(bounces.postfix()), Sort.OTHER),
        (bounces.passed_on(bounces.qmail()), Sort.OTHER),
        (bounces.absence(), Sort.AUTOMATIC),
        (bounces.receipt(), Sort.AUTOMATIC),
        (b"", Sort.OTHER),
    ],
    ids=["answer", "quoting", "forwarded", "forwarded qmail", "absence", "receipt", "empty"],
)
def test_what_people_and_their_programs_answer_is_no_bounce(mail: bytes, sort: Sort):
    assert read_mail(mail) == IncomingMail(sort)


def test_a_bounce_without_the_letter_is_known_by_what_it_answers_or_by_the_envelope():
    bare = bounces.postfix().replace(LETTER.encode(), b"lost")

    assert read_mail(bare).message_ids == ()
    answering = b"In-Reply-To: " + LETTER.encode() + b"\r\n" + bare
    assert read_mail(answering).message_ids == (LETTER,)
    envelope = b"X-Postfix-Queue-ID: 1\r\nOriginal-Envelope-Id: " + LETTER[1:-1].encode()
    enveloped = bare.replace(b"X-Postfix-Queue-ID: 4B2C1", envelope)
    assert read_mail(enveloped).message_ids == (LETTER,)


def test_a_report_that_a_server_encoded_against_the_rules_is_read_all_the_same():
    head, _, rest = bounces.postfix().partition(b"Content-Type: message/delivery-status\r\n\r\n")
    report, mark, tail = rest.partition(b"\r\n--4B2C1")
    packed = base64.encodebytes(report).replace(b"\n", b"\r\n")
    kind = b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"

    mail = read_mail(head + kind + packed + mark + tail)

    assert mail.receivers == read_mail(bounces.postfix()).receivers
    assert mail.message_ids == (LETTER,)


def test_the_reports_of_servers_that_write_utf_8_are_read_too():
    """RFC 6533's name of the part, which Python's parser does not know."""
    text = (
        bounces.postfix()
        .decode()
        .replace("message/delivery-status", "message/global-delivery-status")
    )
    (told,) = read_mail(text.replace("User unknown", "Không có người này").encode()).receivers

    assert told.addresses == (GONE,)
    assert told.outcome is Outcome.REFUSED


def test_of_a_huge_mail_the_beginning_is_read_and_it_is_enough():
    huge = bounces.exim() + b"TVqQAAMAAAAEAAAA" * (MAX_BYTES // 8)

    assert len(huge) > MAX_BYTES
    assert read_mail(huge) == read_mail(bounces.exim())


def test_a_reason_is_one_short_line_whatever_a_server_writes():
    (told,) = read_mail(bounces.postfix(diagnostic="550 \x1b[2J\tvery " + "long " * 500)).receivers

    assert told.reason.isprintable()
    assert len(told.reason) == MAX_REASON


@pytest.mark.parametrize("charset", ["x-unknown", "utf-16", "idna", "\x00", "undefined"])
def test_a_charset_that_nobody_knows_hides_no_bounce(charset: str):
    text = bounces.qmail().replace(
        b"Subject: failure notice\n", b"Content-Type: text/plain; charset="
    )
    mail = read_mail(text.replace(b"charset=", b'charset="' + charset.encode() + b'"\n'))

    assert isinstance(mail, IncomingMail)
    if charset != "utf-16":
        assert mail.sort is Sort.BOUNCE


def test_an_identity_that_no_letter_of_ours_can_have_is_passed_over():
    """A charset like this makes half characters that no database takes."""
    head = b"X-Failed-Recipients: a@b\nContent-Type: text/plain; charset=unicode_escape\n\n"
    mail = read_mail(head + b"Message-ID: <\\ud800@x>\nMessage-ID: <\\x00@x>\nMessage-ID: <a@x>")

    assert (mail.sort, mail.message_ids) == (Sort.BOUNCE, ("<a@x>",))


SAMPLES = [make() for make, _ in STYLES.values()] + [bounces.absence(), bounces.receipt()]
NESTED = b"".join(
    b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000)
)


def _is_sound(mail: IncomingMail) -> bool:
    ids = all(one.isascii() and one.isprintable() for one in mail.message_ids)
    return ids and all(
        isinstance(one, Receiver) and one.addresses and one.reason.isprintable()
        for one in mail.receivers
    )


@example(b"Content-Type: multipart/report; boundary=\xff\xfe\r\n\r\n--\xff\xfe\r\n")
@given(st.binary(max_size=4000))
def test_no_bytes_whatever_make_the_reader_stumble(soup: bytes):
    assert _is_sound(read_mail(soup))


@pytest.mark.parametrize(
    "mail",
    [
        NESTED,
        NESTED[:2000] + b"\r\n" * 120_000,
        NESTED[:6000] + b"\r\n" * 120_000,
        b"Content-Type: message/delivery-status\r\n" * 5000,
        b"\r\n" * 120_000,
        b"Final-Recipient: rfc822; " + b"a" * 250_000,
        b"X-Failed-Recipients: " + b"a@" * 120_000 + b"\r\n\r\n" + b"<" * 10_000,
    ],
    ids=["deep", "shallow and long", "deeper and long", "headers", "lines", "a word", "addresses"],
)
def test_a_mail_made_to_keep_its_reader_busy_costs_little_and_teaches_nothing(mail: bytes):
    began = time.process_time()

    assert read_mail(mail).message_ids == ()
    assert time.process_time() - began < 10


@given(st.sampled_from(SAMPLES), st.data())
def test_a_bounce_that_was_cut_torn_and_overwritten_makes_nobody_stumble(
    sample: bytes, data: st.DataObject
):
    mail = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(mail) - 1))
        length = data.draw(st.integers(0, 40))
        mail[at : at + length] = data.draw(
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from(
                    [b"\r\n\r\n", b"\r\n--", b"Content-Type: ", b"=?utf-8?b?", b"\0", b""]
                ),
            )
        )
        mail = mail or bytearray(b"\n")

    assert _is_sound(read_mail(bytes(mail)))


def test_of_a_mail_that_is_returned_as_text_the_text_counts_and_not_its_copy_as_a_web_page():
    head = b'X-Failed-Recipients: a@b\nContent-Type: multipart/mixed; boundary="x"\n\n'
    parts = (b"text/html", b"<page@x>"), (b"text/plain", b"<text@x>")
    body = b"".join(b"--x\nContent-Type: %s\n\nMessage-ID: %s\n" % part for part in parts)

    assert read_mail(head + body + b"--x--\n").message_ids == ("<text@x>",)
