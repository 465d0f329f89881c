"""The mailbox of bounces as a Maildir, beside a mail server and mail programs."""

from __future__ import annotations

import mailbox
import os
from pathlib import Path

import pytest

from bhyt_filedrop.edges.mail.bounce_maildir import MaildirMailbox
from bhyt_filedrop.ports import TryLater
from tests.maildirs import delivered, new, seen
from tests.offices import moment

NOW = moment(6, 20, 9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bounces"


def test_an_unread_mail_is_given_with_its_time_and_marked_as_read_in_the_way_of_a_maildir(
    folder: Path,
):
    delivered(folder, b"Subject: 1\n\n", NOW)
    box = MaildirMailbox(folder, 100)

    (mail,) = box.unread((), 9)
    assert (mail.at, mail.data) == (NOW, b"Subject: 1\n\n")
    box.done(mail.id)

    assert list(box.unread((), 9)) == []
    (kept,) = mailbox.Maildir(folder)
    assert (kept.get_subdir(), kept.get_flags(), kept["Subject"]) == ("cur", "S", "1")  # type: ignore[attr-defined]


def test_what_a_mail_program_listed_is_still_unread_and_what_it_opened_is_not(folder: Path):
    listed, opened = (delivered(folder, b"x", NOW) for _ in range(2))
    listed.rename(folder / "cur" / f"{listed.name}:2,F")
    opened.rename(folder / "cur" / f"{opened.name}:2,RS")
    box = MaildirMailbox(folder, 100)

    (mail,) = box.unread((), 9)
    box.done(mail.id)

    assert mail.id == listed.name
    assert {path.name.partition(":2,")[2] for path in seen(folder)} == {"FS", "RS"}


def test_of_a_huge_mail_the_beginning_is_read(folder: Path):
    delivered(folder, b"x" * 10_000, NOW)

    (mail,) = MaildirMailbox(folder, 100).unread((), 9)
    assert len(mail.data) == 100


def test_only_so_many_are_given_and_none_that_was_passed_over(folder: Path):
    names = [delivered(folder, b"x", NOW).name for _ in range(5)]
    box = MaildirMailbox(folder, 100)

    assert [mail.id for mail in box.unread({names[1]}, 3)] == [names[0], names[2], names[3]]


def test_links_pipes_and_folders_are_no_mails(folder: Path, tmp_path: Path):
    delivered(folder, b"x", NOW)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "new" / "1.link").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "new" / "2.pipe")
    (folder / "new" / "3.folder").mkdir()

    assert [mail.data for mail in MaildirMailbox(folder, 100).unread((), 9)] == [b"x"]


def test_a_mail_that_goes_away_amid_a_look_is_no_error(folder: Path):
    first, second = (delivered(folder, b"x", NOW) for _ in range(2))
    box = MaildirMailbox(folder, 100)
    look = box.unread((), 9)
    next(look)
    second.unlink()

    assert list(look) == []
    first.unlink()
    box.done(first.name)
    assert new(folder) == []


def test_a_maildir_that_nobody_delivered_into_yet_holds_no_mail_and_the_check_says_so(
    folder: Path,
):
    box = MaildirMailbox(folder, 100)

    assert list(box.unread((), 9)) == []
    wrong = box.check()
    assert wrong is not None and "chưa có thư mục new" in wrong
    delivered(folder, b"x", NOW)
    assert box.check() is None


def test_what_stands_in_the_place_of_a_maildir_means_later(folder: Path):
    folder.write_bytes(b"")

    with pytest.raises(TryLater, match="Maildir"):
        list(MaildirMailbox(folder, 100).unread((), 9))
