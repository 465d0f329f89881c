"""The mailbox of bounces behind a real IMAP server.

The server is the tests' own: see `tests/servers/dovecot.py`. What a server may do wrong is played
by one that answers as the test says.
"""

from __future__ import annotations

import mailbox
import shutil
import socket
import ssl
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.mail.imap import ImapMailbox
from bhyt_filedrop.ports import Received, TryLater
from bhyt_filedrop.settings import variable
from bhyt_filedrop.wiring.mail import mailbox_of
from bhyt_filedrop.work.post.inbox import Inbox
from tests import bounces
from tests.bounce_office import Office
from tests.maildirs import delivered, seen
from tests.offices import moment
from tests.servers.certificates import certificates
from tests.servers.dovecot import PASSWORD, USER, Dovecot, dovecot, why_not
from tests.servers.kinds import missing
from tests.servers.pages import mail_settings

pytestmark = pytest.mark.server

NOW = moment(6, 20, 9)


@pytest.fixture
def server() -> Iterator[Dovecot]:
    if why_not():
        missing(why_not())
    running = dovecot()
    shutil.rmtree(running.box(), ignore_errors=True)
    yield running


def account(server: Dovecot, tls: str = "implicit", **more: object) -> ImapMailbox:
    given: dict[str, object] = {
        "host": "127.0.0.1", "username": USER, "password": PASSWORD, "max_bytes": 1000,
        "port": server.tls_port if tls == "implicit" else server.port, "tls": tls,
        "cafile": certificates().authority, "timeout": 60.0,
    }  # fmt: skip
    return ImapMailbox(**(given | more))  # type: ignore[arg-type]


def filled(server: Dovecot, *mails: bytes, below: str = "") -> Path:
    """Deliver mails, as a mail server does, into the account or a folder of it."""
    folder = server.box() / below
    folder.mkdir(parents=True, exist_ok=True)
    for data in mails:
        delivered(folder, data, NOW)
    server.hand_over()
    return folder


def unread(box: ImapMailbox, *passed_over: str) -> list[Received]:
    try:
        return list(box.unread(passed_over, 99))
    finally:
        box.close()


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_unread_mails_are_given_over_checked_tls_and_stay_unread(server: Dovecot, tls: str):
    folder = filled(server, b"Subject: 1\r\n\r\na\r\n", b"Subject: 2\r\n\r\nb\r\n")
    box = account(server, tls)

    assert [mail.data for mail in unread(box)] == [
        b"Subject: 1\r\n\r\na\r\n",
        b"Subject: 2\r\n\r\nb\r\n",
    ]
    assert [mail.at for mail in unread(box)] == [NOW, NOW]
    assert seen(folder) == []


def test_a_mail_that_is_done_is_marked_as_read_and_not_given_again(server: Dovecot):
    folder = filled(server, b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n")
    box = account(server)
    first, second = unread(box)
    box.done(first.id)
    box.close()

    assert [mail.id for mail in unread(box)] == [second.id]
    assert [mail["Subject"] for mail in mailbox.Maildir(folder) if mail.get_flags()] == ["1"]
    assert len(mailbox.Maildir(folder)) == 2, "nothing is deleted"


def test_what_was_passed_over_is_not_fetched_again(server: Dovecot):
    filled(server, b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n")
    box = account(server)
    first, second = unread(box)

    assert [mail.id for mail in unread(box, first.id)] == [second.id]


def test_of_a_huge_mail_the_beginning_is_fetched(server: Dovecot):
    filled(server, b"Subject: 1\r\n\r\n" + b"x" * 76 * 20_000)

    (mail,) = unread(account(server))
    assert len(mail.data) == 1000


def test_numbers_that_the_server_gave_anew_mark_no_other_mail(server: Dovecot):
    filled(server, b"Subject: 1\r\n\r\n")
    box = account(server)
    (mail,) = unread(box)
    validity, _, uid = mail.id.partition("/")
    box.done(f"{int(validity) + 1}/{uid}")
    box.close()

    assert [one.id for one in unread(box)] == [mail.id]


@pytest.mark.parametrize("name", ["Thư trả về", "R&D", 'Có "ngoặc" & \\'])
def test_a_folder_may_have_any_name_that_people_give_one(server: Dovecot, name: str):
    filled(server)
    server.make_folder(name)
    (made,) = [path for path in server.box().glob(".*") if path.is_dir()]
    filled(server, b"Subject: 1\r\n\r\n", below=made.name)

    assert len(unread(account(server, folder=name))) == 1


def test_a_mailbox_that_is_well_is_told_so(server: Dovecot):
    assert account(server).check() is None
    assert account(server, "starttls").check() is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "sai-mat-khau"}, "không nhận tên bounces với mật khẩu đã đặt"),
        ({"username": 'ai" do'}, "không nhận tên"),
        ({"folder": "Không có"}, "không mở được thư mục Không có"),
        ({"cafile": certificates().stranger}, "mail.bounces.ca_file"),
        ({"host": "localhost"}, "cấp cho tên khác"),
        ({"host": "khong-co.invalid"}, "không tìm thấy máy chủ"),
        ({"port": 1}, "cổng 1 từ chối"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_what_is_wrong_is_told_in_one_line_without_the_password(
    server: Dovecot, changes: dict[str, object], said: str
):
    box = account(server, **changes)
    wrong = box.check()

    assert wrong is not None and said in wrong
    assert "\n" not in wrong and PASSWORD not in wrong and "sai-mat-khau" not in wrong
    with pytest.raises(TryLater) as caught:
        unread(box)
    assert "sai-mat-khau" not in "".join(traceback.format_exception(caught.value))


def test_the_wrong_kind_of_tls_is_told_within_the_time_that_was_given(server: Dovecot):
    wrong = account(server, "starttls", port=server.tls_port, timeout=1.0).check()
    assert wrong is not None and "mail.bounces.tls" in wrong

    wrong = account(server, port=server.port).check()
    assert wrong is not None and "không kết nối được" in wrong


def test_a_server_that_was_started_again_between_two_looks_is_not_noticed(server: Dovecot):
    filled(server, b"Subject: 1\r\n\r\n")
    box = account(server)
    assert len(unread(box)) == 1
    server.program.stop()
    down = box.check()
    server.program.start()

    assert down is not None and "từ chối" in down
    assert len(unread(box)) == 1


def test_a_bounce_in_the_mailbox_counts_once_and_what_people_wrote_stays_unread(
    server: Dovecot, tmp_path: Path
):
    office = Office(tmp_path)
    office.sent(bounces.GONE, bounces.OTHER)
    folder = filled(server, bounces.postfix(), bounces.answer(), bounces.gmail())
    for minute in range(3):
        box = account(server, max_bytes=MAX_BYTES)
        inbox = Inbox(LedgerBounces(office.engine), box, "cntt")
        assert inbox.run_once(NOW + timedelta(minutes=minute)) == (0 if minute else 1)
    office.engine.dispose()

    assert list(office.refused()) == [bounces.GONE]
    assert office.told() == ["notice/mailbox/2015-06-20"]
    flags = sorted(mail.get_flags() for mail in mailbox.Maildir(folder))
    assert flags == ["", "S", "S"]


def test_the_page_on_mail_shows_a_mailbox_that_can_be_read(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    filled(server, b"Subject: 1\r\n\r\n")
    monkeypatch.setenv(variable("imap-bounces"), PASSWORD)
    real = {
        "imap.example.vn": "127.0.0.1",
        "port = 993": f"port = {server.tls_port}",
        'username = "bhyt-bounces@example.vn"': f'username = "{USER}"',
        "/etc/bhyt-filedrop/ca.pem": str(certificates().authority),
    }
    mail = mail_settings(2, real, tmp_path)
    assert mail.envelope_from == "bhyt-bounces@example.vn"
    box = mailbox_of(mail.bounces)

    assert box is not None and box.check() is None
    assert len(list(box.unread((), 9))) == 1
    box.close()


# --- servers that do wrong ---------------------------------------------------------------------


@contextmanager
def answering(*answers: bytes, before: tuple[bytes, ...] | None = None) -> Iterator[int]:
    """Serve one connection over TLS: greet, then give one answer a command (its tag as `%T`);
    those `before` open the folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates().server)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)

    def serve() -> None:
        try:
            raw, _ = listener.accept()
            raw.settimeout(60)
            with context.wrap_socket(raw, server_side=True) as line:
                line.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                for answer in (*(_OPEN if before is None else before), *answers):
                    tag = line.recv(4096).split(b" ")[0]
                    line.sendall(answer.replace(b"%T", tag))
                line.recv(4096)
        except OSError:
            return  # the product hung up

    thread = Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
    thread.join(60)


_OPEN = (
    b"* CAPABILITY IMAP4rev1\r\n%T OK done\r\n",
    b"%T OK in\r\n",
    b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n%T OK [READ-WRITE] open\r\n",
)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            (b"* SEARCH 1\r\n%T OK done\r\n", b"* 1 FETCH (BODY[] {999999999}\r\n"),
            "announces 999999999",
        ),
        ((b"%T NO [SERVERBUG] not today\r\n",), "not today"),
        ((b"* BYE shutting down\r\n",), "shutting down"),
        ((b"\x00\xff nonsense\r\n",), "unexpected response"),
        ((b"* SEARCH 1\r\n%T OK done\r\n", b"* 1 FETCH (BODY[] {5\r\n%T OK done\r\n"), None),
        ((b"* SEARCH x \xff 2,3\r\n%T OK done\r\n",), None),
        ((b"* SEARCH 1\r\n%T OK done\r\n", b"%T OK gone\r\n"), None),
    ],
    ids=["greedy", "no", "bye", "nonsense", "half a literal", "no numbers", "mail is gone"],
)
def test_whatever_a_server_answers_means_nothing_or_later(
    answers: tuple[bytes, ...], said: str | None
):
    with answering(*answers) as port:
        box = ImapMailbox(
            "127.0.0.1", "a", "b", port, cafile=certificates().authority, timeout=60, max_bytes=1000
        )
        if said is None:
            assert unread(box) == []
        else:
            with pytest.raises(TryLater, match=said):
                unread(box)


def test_a_server_that_stops_answering_is_given_up_in_time():
    with answering(b"") as port:
        box = ImapMailbox(
            "127.0.0.1", "a", "b", port, cafile=certificates().authority, timeout=1, max_bytes=9
        )
        with pytest.raises(TryLater, match="no answer in time"):
            unread(box)


def test_a_folder_that_may_only_be_read_is_told_by_the_check():
    before = (*_OPEN[:2], b"* OK [READ-ONLY]\r\n%T OK [READ-ONLY] open\r\n")
    with answering(before=before) as port:
        box = ImapMailbox(
            "127.0.0.1", "a", "b", port, cafile=certificates().authority, timeout=60, max_bytes=9
        )
        wrong = box.check()

    assert wrong is not None and "chỉ cho đọc" in wrong
