"""SFTP: who is let near a tree, and servers that are odd, old or hostile."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.trees.remote.session import CannotConnect, Lost
from bhyt_filedrop.edges.trees.remote.tree import RemoteTree
from bhyt_filedrop.edges.trees.sftp import connect as sftp
from bhyt_filedrop.edges.trees.sftp.connect import SftpAccess, sftp_tree
from bhyt_filedrop.edges.trees.sftp.wire import LSTAT, Wire
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests.servers.kinds import missing, sftp_access
from tests.servers.ssh import (
    PASSWORD,
    SshServer,
    asyncssh_server,
    has_sshd,
    new_key,
    serve_asyncssh,
    sshd,
)
from tests.waiting import until


@pytest.fixture
def server() -> SshServer:
    if not has_sshd():
        missing("openssh-server")
    return sshd()


@pytest.fixture
def access(server: SshServer, tmp_path: Path) -> SftpAccess:
    root = tmp_path / "tree"
    root.mkdir()
    return sftp_access(server, str(root))


@contextmanager
def opened(access: SftpAccess) -> Iterator[RemoteTree]:
    tree = sftp_tree("far", access)
    yield tree
    tree.close()


def trouble(access: SftpAccess) -> str:
    """What an admin is told when a tree cannot be reached."""
    with opened(access) as tree:
        with pytest.raises(TryLater):
            list(tree.walk(""))
        return tree.check() or ""


def well(access: SftpAccess) -> bool:
    with opened(access) as tree:
        return tree.check() is None


# --- is it the right server? ----------------------------------------------------------------------


def unpinned(access: SftpAccess, known_hosts: Path | None) -> SftpAccess:
    return replace(access, fingerprint="", known_hosts=known_hosts)


def test_a_server_whose_key_nobody_vouched_for_is_refused(access: SftpAccess, server: SshServer):
    said = trouble(unpinned(access, None))

    assert f'fingerprint = "{server.fingerprint}"' in said


def test_the_advice_on_an_unknown_key_works_as_it_stands(access: SftpAccess):
    said = trouble(unpinned(access, None))
    advised = re.search(r'fingerprint = "(.+?)"', said)

    assert advised
    assert well(replace(access, fingerprint=advised[1]))


def test_a_server_in_known_hosts_is_trusted(access: SftpAccess, server: SshServer, tmp_path: Path):
    assert well(unpinned(access, server.known_hosts(tmp_path)))


def test_a_known_hosts_file_with_hashed_names_is_understood(
    access: SftpAccess, server: SshServer, tmp_path: Path
):
    file = server.known_hosts(tmp_path)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert "127.0.0.1" not in file.read_text()

    assert well(unpinned(access, file))


def test_a_server_that_known_hosts_does_not_name_is_refused(access: SftpAccess, tmp_path: Path):
    (tmp_path / "known_hosts").touch()

    assert "chưa biết khoá của máy chủ" in trouble(unpinned(access, tmp_path / "known_hosts"))


def test_a_changed_key_is_refused_and_told_as_such(
    access: SftpAccess, server: SshServer, tmp_path: Path
):
    other = new_key(tmp_path, "other").with_suffix(".pub").read_text()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {other}")

    assert "khoá của máy chủ đã đổi" in trouble(unpinned(access, tmp_path / "known_hosts"))
    assert "khoá của máy chủ đã đổi" in trouble(replace(access, fingerprint="SHA256:khac"))


def test_a_revoked_key_is_refused(access: SftpAccess, server: SshServer, tmp_path: Path):
    file = server.known_hosts(tmp_path)
    file.write_text(file.read_text() + f"@revoked * {server.host_key.read_text()}")

    assert "khoá của máy chủ đã đổi" in trouble(unpinned(access, file))


def test_a_known_hosts_file_that_is_not_there_is_told(access: SftpAccess, tmp_path: Path):
    assert "không đọc được tệp known_hosts" in trouble(unpinned(access, tmp_path / "none"))


def test_a_server_known_by_its_older_key_is_asked_for_that_one(tmp_path: Path):
    """It shows its newest key first; that must not look like a changed key."""
    keys = [new_key(tmp_path, kind, kind) for kind in ("ed25519", "rsa")]
    with serve_asyncssh(host_keys=keys) as server:
        older = keys[1].with_suffix(".pub").read_text()
        (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {older}")
        access = sftp_access(server, str(tmp_path))

        assert well(unpinned(access, tmp_path / "known_hosts"))


def test_no_secret_is_sent_to_a_server_that_is_not_the_right_one(tmp_path: Path):
    tried: list[str] = []

    class Nosy(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            tried.append(username)
            return True

    with serve_asyncssh(host_keys=[new_key(tmp_path, "host")], server_factory=Nosy) as server:
        access = replace(sftp_access(server, ""), fingerprint="SHA256:khac", password=PASSWORD)
        assert "đã đổi" in trouble(access)

    assert tried == []


# --- who are we? ----------------------------------------------------------------------------------


def only_password(access: SftpAccess, password: str) -> SftpAccess:
    return replace(access, key_file=None, password=password)


@pytest.fixture
def by_password(tmp_path: Path) -> SftpAccess:
    return only_password(sftp_access(asyncssh_server(), str(tmp_path)), PASSWORD)


def test_a_password_lets_us_in(by_password: SftpAccess):
    assert well(by_password)


def test_a_wrong_password_is_told_and_not_repeated_in_the_text(by_password: SftpAccess):
    said = trouble(only_password(by_password, "bí mật sai"))

    assert "máy chủ không nhận tên bhyt" in said
    assert "bí mật sai" not in said


def test_a_password_that_has_expired_is_told_as_that(tmp_path: Path):
    class Expired(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            raise asyncssh.PasswordChangeRequired("choose another")

    with serve_asyncssh([new_key(tmp_path, "host")], server_factory=Expired) as server:
        said = trouble(only_password(sftp_access(server, str(tmp_path)), PASSWORD))

    assert f"mật khẩu của {server.username} đã hết hạn" in said
    assert PASSWORD not in said


class Asking(asyncssh.SSHServer):
    """Takes no password by itself; it asks for one, and for whatever stands in `fields`."""

    fields: tuple[str, ...] = ("Password: ",)
    then: tuple[str, ...] = ()

    def begin_auth(self, username: str) -> bool:
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [(field, False) for field in self.fields]

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> Any:
        right = (username, list(responses)) == ("bhyt", [PASSWORD])
        return ("", "", "", [(field, False) for field in self.then]) if self.then else right


def test_a_server_that_only_asks_for_a_password_is_answered(tmp_path: Path):
    """Keyboard-interactive alone, as many servers with PAM are set up."""
    with serve_asyncssh([new_key(tmp_path, "host")], server_factory=Asking) as server:
        access = only_password(sftp_access(server, str(tmp_path)), PASSWORD)
        assert well(access)
        assert well(replace(access, key_file=new_key(tmp_path, "stranger")))
        assert "máy chủ không nhận tên bhyt" in trouble(only_password(access, "sai"))


@pytest.mark.parametrize(
    ("fields", "then"),
    [(("Password: ", "Code: "), ()), (("Password: ",), ("New password: ",))],
)
def test_a_server_that_asks_for_more_than_a_password_is_told_as_that(
    fields: tuple[str, ...], then: tuple[str, ...], tmp_path: Path
):
    more = type("More", (Asking,), {"fields": fields, "then": then})
    with serve_asyncssh([new_key(tmp_path, "host")], server_factory=more) as server:
        said = trouble(only_password(sftp_access(server, str(tmp_path)), PASSWORD))

    assert "máy chủ hỏi bhyt thêm ngoài mật khẩu" in said
    assert PASSWORD not in said


def test_a_key_that_is_refused_leaves_the_password_to_be_tried(
    by_password: SftpAccess, tmp_path: Path
):
    """asyncssh hangs up on a client that begins to prove itself a second time."""
    assert well(replace(by_password, key_file=new_key(tmp_path, "stranger")))


def test_without_any_proof_the_trouble_is_told(by_password: SftpAccess):
    assert "máy chủ không nhận tên bhyt" in trouble(only_password(by_password, ""))


def test_a_key_that_the_server_does_not_know_is_told(access: SftpAccess, tmp_path: Path):
    stranger = new_key(tmp_path, "stranger")

    assert "máy chủ không nhận tên" in trouble(replace(access, key_file=stranger))


def test_a_key_may_be_given_as_text(access: SftpAccess):
    assert access.key_file
    text = access.key_file.read_text()

    assert well(replace(access, key_file=None, private_key=text))


def test_a_key_under_a_passphrase_needs_it(access: SftpAccess, tmp_path: Path):
    assert access.key_file
    locked = tmp_path / "locked"
    locked.write_bytes(access.key_file.read_bytes())
    locked.chmod(0o600)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "mở ra", "-f", str(locked)]
    subprocess.run(change, check=True, capture_output=True)

    assert "khoá riêng cần mật khẩu" in trouble(replace(access, key_file=locked))
    assert "không kết nối được" in trouble(replace(access, key_file=locked, passphrase="sai"))
    assert well(replace(access, key_file=locked, passphrase="mở ra"))


def test_a_file_that_is_no_key_is_told(access: SftpAccess, tmp_path: Path):
    (tmp_path / "key").write_text("not a key")
    (tmp_path / "binary").write_bytes(bytes(range(256)))

    assert "không kết nối được" in trouble(replace(access, key_file=tmp_path / "binary"))
    assert "không kết nối được" in trouble(replace(access, key_file=tmp_path / "key"))
    assert "không kết nối được" in trouble(replace(access, key_file=tmp_path / "none"))


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A running ssh-agent without keys."""
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        socket = f"{folder}/agent"
        process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
        until(Path(socket).exists, "the agent's start")
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        yield
        process.terminate()
        process.wait(5)


def test_a_key_in_the_agent_lets_us_in(access: SftpAccess, agent: None):
    assert access.key_file
    alone = replace(access, key_file=None, use_agent=True)
    assert "máy chủ không nhận tên" in trouble(alone)

    subprocess.run(["ssh-add", "-q", str(access.key_file)], check=True)

    assert well(alone)


def test_a_root_that_is_not_there_is_told(access: SftpAccess):
    assert "không thấy thư mục gốc" in trouble(replace(access, root="/không/có"))


def test_a_server_that_is_not_there_is_told(access: SftpAccess):
    assert "không kết nối được" in trouble(replace(access, port=1))


def test_something_that_is_no_ssh_server_is_told(access: SftpAccess):
    from tests.servers.ftp import pyftpdlib_server

    said = trouble(replace(access, port=pyftpdlib_server().port, timeout=0.5))

    assert "máy chủ không trả lời" in said or "không kết nối được" in said


# --- owners ---------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_delivery_gets_the_owner_s_number_before_it_is_seen(access: SftpAccess, tmp_path: Path):
    (tmp_path / "source").write_bytes(b"x")
    with opened(access) as tree:
        tree.put(tmp_path / "source", "Quận 1/a.xlsx", FileAccess("65534", "", 0o440))
        tree.put(tmp_path / "source", "b.xlsx", FileAccess("", "12345"))

    made, folder, other = (
        (Path(access.root) / path).stat() for path in ("Quận 1/a.xlsx", "Quận 1", "b.xlsx")
    )
    assert (made.st_uid, made.st_gid, made.st_mode & 0o777) == (65534, os.getgid(), 0o440)
    assert (folder.st_uid, folder.st_mode & 0o777) == (65534, 0o550)
    assert (other.st_uid, other.st_gid) == (os.getuid(), 12345)


def test_an_owner_s_name_means_nothing_to_sftp(access: SftpAccess, tmp_path: Path):
    (tmp_path / "source").write_bytes(b"x")
    with opened(access) as tree, pytest.raises(NeverWorks, match="numbers"):
        tree.put(tmp_path / "source", "a.xlsx", FileAccess(owner="quan1"))

    assert list(Path(access.root).iterdir()) == []


# --- odd servers ----------------------------------------------------------------------------------


class Liar(asyncssh.SFTPServer):
    """Says of each file that it has seven bytes more."""

    def lstat(self, path: bytes) -> Any:
        found = asyncssh.SFTPAttrs.from_local(os.lstat(path))
        found.size = (found.size or 0) + 7
        return found


class Terse(asyncssh.SFTPServer):
    """Lists names without attributes, and lets nobody ask for those of `private`."""

    def lstat(self, path: bytes) -> Any:
        if path.endswith(b"/private.xlsx"):
            raise asyncssh.SFTPPermissionDenied("no")
        return super().lstat(path)

    async def scandir(self, path: bytes) -> Any:
        for entry in Path(os.fsdecode(path)).iterdir():
            yield asyncssh.SFTPName(os.fsencode(entry.name))


@contextmanager
def odd(tmp_path: Path, factory: type[asyncssh.SFTPServer]) -> Iterator[tuple[RemoteTree, Path]]:
    disk = tmp_path / "tree"
    disk.mkdir()
    with (
        serve_asyncssh(host_keys=[new_key(tmp_path, "host")], sftp_factory=factory) as server,
        opened(sftp_access(server, str(disk))) as tree,
    ):
        yield tree, disk


def test_a_server_that_lies_about_sizes_is_not_believed(tmp_path: Path):
    (tmp_path / "source").write_bytes(b"delivery")
    with odd(tmp_path, Liar) as (tree, disk):
        (disk / "a.xlsx").write_bytes(b"x" * 100)
        with pytest.raises(TryLater, match="107 bytes, 100 came"):
            tree.fetch("a.xlsx", tmp_path / "copy")
        with pytest.raises(TryLater, match="8 bytes were sent, the server has 15"):
            tree.put(tmp_path / "source", "b.xlsx")

        assert [f.name for f in disk.iterdir()] == ["a.xlsx"]
    assert not (tmp_path / "copy").exists()


def test_a_server_that_lists_bare_names_is_asked_what_they_are(tmp_path: Path):
    with odd(tmp_path, Terse) as (tree, disk):
        (disk / "Quận 1").mkdir()
        (disk / "Quận 1/a.xlsx").write_bytes(b"123")
        (disk / "link.xlsx").symlink_to("Quận 1/a.xlsx")
        (disk / "private.xlsx").write_bytes(b"1")

        assert [(s.path, s.size) for s in tree.walk("")] == [("Quận 1/a.xlsx", 3)]


def test_a_server_without_openssh_s_extensions_still_takes_deliveries(
    access: SftpAccess, tmp_path: Path
):
    session = sftp.connect(access)
    session._wire.extensions = frozenset()
    tree = RemoteTree("far", "plain", lambda: session)
    (tmp_path / "source").write_bytes(b"delivery")

    tree.put(tmp_path / "source", "a.xlsx")
    tree.put(tmp_path / "source", "a.xlsx")

    assert [(f.name, f.read_bytes()) for f in Path(access.root).iterdir()] == [
        ("a.xlsx", b"delivery")
    ]
    assert session.free_bytes() is None
    tree.close()


class Scripted:
    """A channel on which a hostile server says anything at all."""

    def __init__(self, says: bytes) -> None:
        self._says = says

    def sendall(self, data: bytes) -> None:
        """Nobody listens."""

    def recv(self, nbytes: int) -> bytes:
        said, self._says = self._says[:nbytes], self._says[nbytes:]
        return said


HELLO = b"\0\0\0\x05\x02\0\0\0\x03"


@settings(max_examples=200)
@given(st.binary(max_size=60), st.booleans())
def test_whatever_a_server_says_means_done_refused_or_lost(says: bytes, frame: bool):
    """No nonsense on the line may end in a traceback of another kind, or never end."""
    answer = len(says).to_bytes(4, "big") + says if frame else says
    try:
        wire = Wire(Scripted(HELLO + answer))
        wire.ask(LSTAT, b"", 105).attributes()
    except (Lost, OSError, EOFError):
        return


def test_a_refusal_to_connect_tells_both_languages(access: SftpAccess):
    with pytest.raises(CannotConnect) as caught:
        sftp.connect(replace(access, fingerprint="SHA256:khac"))

    assert "is not the pinned one" in str(caught.value)
    assert "đã đổi" in caught.value.told


def test_folders_are_listed_together_and_seen_in_their_order(
    access: SftpAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One after the other, a look over a city takes a minute on a line of 30 ms."""
    disk = tmp_path / "many"
    paths = [f"Quận 1/P{n:03}/{sub}a.xlsx" for n in range(150) for sub in ("", "sub/")]
    for path in paths:
        (disk / path).parent.mkdir(parents=True, exist_ok=True)
        (disk / path).touch()
    waits: list[int] = []
    answered, sent = Wire.answer, Wire.send
    monkeypatch.setattr(Wire, "send", lambda *a: (waits.append(1), sent(*a))[1])

    def answer(wire: Wire, number: int) -> Any:
        if waits and waits[-1]:
            waits.append(0)
        return answered(wire, number)

    monkeypatch.setattr(Wire, "answer", answer)
    with opened(replace(access, root=str(disk))) as tree:
        seen = [one.path for one in tree.walk("")]
        again = [one.path for one in tree.walk("")]

    assert seen == again == sorted(paths)
    assert waits.count(0) < 100  # turns of the line, for 600 folders; else over a thousand
