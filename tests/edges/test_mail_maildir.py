"""The Maildir that stands in until an SMTP server is configured."""

from __future__ import annotations

import mailbox
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bhyt_filedrop.edges.mail.maildir import MaildirMailer
from bhyt_filedrop.ports import TryLater
from tests.offices import moment


def a_message(identity="<1@bhxh.example>"):
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Phòng Thu", addr_spec="thu@bhxh.example")
    message["To"] = Address("Quận 1", addr_spec="760@chua-khai-bao.invalid")
    message["Subject"] = "Đã nhận"
    message["Date"] = moment(6, 20)
    message["Message-ID"] = identity
    message.set_content("Kính gửi BHXH Quận 1,\n")
    return message


def test_a_letter_can_be_read_by_any_mail_program(tmp_path):
    sent = MaildirMailer(tmp_path / "state" / "mail").send(a_message())

    (kept,) = mailbox.Maildir(tmp_path / "state" / "mail")
    assert sent.accepted == ("760@chua-khai-bao.invalid",)
    assert kept.get_payload(decode=True).decode().startswith("Kính gửi BHXH Quận 1,")


def test_handing_the_same_letter_over_again_makes_no_second_copy(tmp_path):
    mailer = MaildirMailer(tmp_path / "mail")
    mailer.send(a_message())
    mailer.send(a_message())
    mailer.send(a_message("<2@bhxh.example>"))

    assert len(list((tmp_path / "mail" / "new").iterdir())) == 2


def test_not_even_when_it_was_read_in_the_meantime(tmp_path):
    mailer = MaildirMailer(tmp_path / "mail")
    mailer.send(a_message())
    (file,) = (tmp_path / "mail" / "new").iterdir()
    file.rename(tmp_path / "mail" / "cur" / f"{file.name}:2,S")

    mailer.send(a_message())

    assert list((tmp_path / "mail" / "new").iterdir()) == []


def test_a_letter_torn_by_a_crash_is_never_seen_and_is_written_again(tmp_path):
    mailer = MaildirMailer(tmp_path / "mail")
    mailer.send(a_message())
    (file,) = (tmp_path / "mail" / "new").iterdir()
    (tmp_path / "mail" / "tmp" / file.name).write_bytes(b"half")
    file.unlink()

    mailer.send(a_message())

    (again,) = (tmp_path / "mail" / "new").iterdir()
    assert again.read_bytes() == a_message().as_bytes()
    assert list((tmp_path / "mail" / "tmp").iterdir()) == []


def test_a_maildir_that_cannot_be_made_is_for_later_and_check_says_why(tmp_path):
    (tmp_path / "mail").write_text("a file stands in the way")
    mailer = MaildirMailer(tmp_path / "mail")

    with pytest.raises(TryLater):
        mailer.send(a_message())
    assert mailer.check() is not None
    assert MaildirMailer(tmp_path / "other").check() is None
