"""The line to the mail server fails in each step: a letter goes later, whole, and never nowhere."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bhyt_filedrop.edges.mail.smtp import SmtpMailer
from bhyt_filedrop.ports import Sent, TryLater
from tests.edges.test_mail_smtp import GOOD, OTHER, a_message
from tests.mailserver import PASSWORD, USER, Script, mail_server
from tests.servers.certificates import certificates
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward

pytestmark = [
    pytest.mark.server,
    pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning"),
]

HASTY = 0.5


@contextmanager
def far_mailer(tls: str) -> Iterator[tuple[SmtpMailer, FaultProxy, Script]]:
    """A mailer whose every byte goes through the proxy."""
    with mail_server(tls) as (port, script):
        proxy = FaultProxy([port])
        login = {"username": USER, "password": PASSWORD} if tls != "none" else {}
        mailer = SmtpMailer(
            HOST, port, tls=tls, cafile=certificates().authority, timeout=HASTY, **login
        )
        yield mailer, proxy, script
        mailer.close()
        proxy.close()


def sent_patiently(mailer: SmtpMailer) -> Sent:
    for _ in range(10):
        try:
            return mailer.send(a_message(GOOD, OTHER))
        except TryLater:
            continue
    pytest.fail("the letter never went though the line was well again")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("harm", [Harm.CUT, Harm.STALL, Harm.TRUNCATE])
def test_a_letter_whose_line_fails_anywhere_goes_later_whole_and_under_its_own_name(
    tls: str, harm: Harm
):
    """Sampled: six places of what each side says while one letter is handed over."""
    with far_mailer(tls) as (mailer, proxy, script):
        said = {}
        for toward in Toward:
            counted = proxy.strike(Fault(Harm.CUT, toward, 1 << 40))
            mailer.send(a_message(GOOD, OTHER))
            mailer.close()
            said[toward] = counted.passed
        for toward, part in itertools.product(Toward, range(6)):
            script.messages.clear()
            script.receivers.clear()
            proxy.strike(Fault(harm, toward, said[toward] * part // 6, lasting=True))
            started = time.monotonic()
            with pytest.raises(TryLater):
                mailer.send(a_message(GOOD, OTHER))
            assert time.monotonic() - started < 60
            proxy.heal()

            assert sent_patiently(mailer).accepted == (GOOD, OTHER)
            mailer.close()
            assert {m["Message-ID"] for m in script.messages} == {"<abc@bhxh.example>"}
            assert {m.get_content() for m in script.messages} == {script.messages[-1].get_content()}
            assert script.receivers[-1] == [GOOD, OTHER]


def test_a_server_that_closes_amid_a_letter_gets_it_again_on_a_new_line():
    """421 may come instead of any answer (RFC 5321, 3.8)."""
    for step in ("mail", "rcpt", "data"):
        script = Script(**({"rcpt": {OTHER: "421 closing"}} if step == "rcpt" else {step: "421 x"}))
        with mail_server(script=script) as (port, _):
            mailer = SmtpMailer("127.0.0.1", port, tls="none", timeout=5)
            with pytest.raises(TryLater, match="421"):
                mailer.send(a_message(GOOD, OTHER))
            assert script.messages == []
            script.mail, script.data = "", ""
            script.rcpt.clear()
            assert mailer.send(a_message(GOOD, OTHER)).accepted == (GOOD, OTHER)
            mailer.close()
            assert script.connections == 2


def test_an_encrypted_line_that_a_stranger_strips_carries_no_letter_and_no_password():
    """Somebody between us and the server takes STARTTLS out of what it offers."""
    with mail_server("none") as (port, script):
        mailer = SmtpMailer(
            "127.0.0.1", port, tls="starttls", username=USER, password=PASSWORD, timeout=5
        )
        with pytest.raises(TryLater, match="STARTTLS"):
            mailer.send(a_message(GOOD))
        assert script.messages == []
        assert script.secure == []
