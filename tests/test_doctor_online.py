"""`doctor --online` tries each tree and the mail server, and says in one line what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.settings import variable
from bhyt_filedrop.site.lay_out import init
from tests.journey.remote_site import CREDENTIAL
from tests.mailserver import PASSWORD, USER, mail_server
from tests.servers.certificates import certificates
from tests.servers.dovecot import PASSWORD as BOX_PASSWORD
from tests.servers.dovecot import USER as BOX_USER
from tests.servers.dovecot import dovecot
from tests.servers.dovecot import why_not as no_dovecot
from tests.servers.ftp import found, pyftpdlib_server, vsftpd
from tests.servers.kinds import missing
from tests.servers.postfix import postfix, why_not
from tests.servers.ssh import SshServer, asyncssh_server, has_sshd, new_key, sshd
from tests.sites import copied_config, local_tree, one_district

pytestmark = [
    pytest.mark.server,
    pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning"),
]

WRONG = "sai-mat-khau"
NOBODY = 1
"""A port on which nothing listens."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("online")
    one_district(copied_config(made))
    init(made, local_tree)
    return made


@pytest.fixture
def config(template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site's configuration, which the test may spoil; it is put right again."""
    file = template / "config/bhyt-filedrop.toml"
    before = file.read_text(encoding="utf-8")
    monkeypatch.setenv(variable(CREDENTIAL), WRONG)
    monkeypatch.setenv(variable("smtp"), PASSWORD)
    yield template / "config"
    file.write_text(before, encoding="utf-8")


def replaced_block(config: Path, name: str, block: str) -> None:
    """Put another `[[tree]]` or `[mail]` in the place of the one that is there."""
    file = config / "bhyt-filedrop.toml"
    text = file.read_text(encoding="utf-8")
    changed, count = re.subn(
        rf"{re.escape(name)}\n.*?\n(?=\n\[)", lambda _: f"{name}\n{block}\n", text, flags=re.S
    )
    assert count == 1
    file.write_text(changed, encoding="utf-8")


def told(config: Path, name: str) -> tuple[str, str]:
    """What is said about a thing: its level and its one line. Everything else is looked at too."""
    call = ["doctor", "--online", "--json", "--config", str(config)]
    done = CliRunner().invoke(cli, call, standalone_mode=False)
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"config", "tree", "mail", "clock", "ledger"} <= {one["name"] for one in checks}
    assert WRONG not in done.output
    (found,) = [one for one in checks if one["name"] == name]
    assert "\n" not in found["message"]
    assert found["level"] == "ok" or found["remedy"]
    assert done.return_value == int(any(one["level"] == "bad" for one in checks))
    return found["level"], found["message"]


# --- SFTP ----------------------------------------------------------------------------------------


def sftp(config: Path, server: SshServer, **changes: object) -> None:
    """Put the tree behind an SSH server; `changes` are keys of `[[tree]]`, None takes one out."""
    given: dict[str, object] = {
        "id": "main", "kind": "sftp", "host": "127.0.0.1", "port": server.port,
        "username": server.username, "root": str(config.parent / "tree"), "timeout_seconds": 60.0,
        "fingerprint": server.fingerprint, "key_file": str(server.client_key),
    }  # fmt: skip
    replaced_block(config, "[[tree]]", _lines(given | changes))


def _lines(given: dict[str, object]) -> str:
    pairs = ((key, value) for key, value in given.items() if value is not None)
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in pairs)


@pytest.fixture
def openssh() -> SshServer:
    if not has_sshd():
        missing("openssh-server")
    return sshd()


def test_an_sftp_tree_that_is_well_is_told_so(config: Path, openssh: SshServer):
    sftp(config, openssh)

    assert told(config, "tree") == ("ok", "Cây main đọc và ghi được.")


def test_an_unknown_host_key_is_told_with_the_line_that_pins_it(
    config: Path, openssh: SshServer, tmp_path: Path
):
    (tmp_path / "known_hosts").write_text("", encoding="utf-8")
    sftp(config, openssh, fingerprint=None, known_hosts=str(tmp_path / "known_hosts"))

    level, said = told(config, "tree")

    assert level == "bad"
    assert f'fingerprint = "{openssh.fingerprint}"' in said
    (line,) = re.findall(r'fingerprint = "(\S+)"', said)
    sftp(config, openssh, fingerprint=line)
    assert told(config, "tree")[0] == "ok"


def test_a_changed_host_key_is_a_warning_about_the_line(config: Path, openssh: SshServer):
    sftp(config, openssh, fingerprint="SHA256:" + "A" * 43)

    level, said = told(config, "tree")

    assert level == "bad"
    assert "khoá của máy chủ đã đổi" in said
    assert openssh.fingerprint in said


def test_a_wrong_password_over_sftp_is_told_and_never_shown(config: Path):
    sftp(config, asyncssh_server(), key_file=None, credential=CREDENTIAL)

    level, said = told(config, "tree")

    assert (level, "máy chủ không nhận tên bhyt" in said) == ("bad", True)


def test_a_key_that_the_server_does_not_know_is_told(
    config: Path, openssh: SshServer, tmp_path: Path
):
    sftp(config, openssh, key_file=str(new_key(tmp_path, "another")))

    level, said = told(config, "tree")

    assert (level, "máy chủ không nhận tên" in said) == ("bad", True)


def test_a_folder_that_is_not_on_the_server_is_told(config: Path, openssh: SshServer):
    sftp(config, openssh, root="/không/có")

    assert "không thấy thư mục gốc /không/có" in told(config, "tree")[1]


@pytest.mark.parametrize("kind", ["sftp", "ftp"])
def test_a_port_that_refuses_is_told(config: Path, kind: str):
    if kind == "sftp":
        sftp(config, asyncssh_server(), port=NOBODY)
    else:
        ftp(config, port=NOBODY)

    level, said = told(config, "tree")

    assert (level, "cổng 1 từ chối" in said) == ("bad", True)


def test_a_host_that_nobody_knows_is_told(config: Path):
    ftp(config, host="khong-co.invalid")

    assert "không tìm thấy máy chủ khong-co.invalid" in told(config, "tree")[1]


# --- FTP and FTPS --------------------------------------------------------------------------------


def ftp(config: Path, *, expired: bool = False, tls: bool = False, **changes: object) -> None:
    """Put the tree behind pyftpdlib."""
    server = pyftpdlib_server(tls=tls, expired=expired)
    given: dict[str, object] = {
        "id": "main", "kind": "ftps" if tls else "ftp", "host": "127.0.0.1", "port": server.port,
        "username": "bhyt", "root": "/", "timeout_seconds": 60.0, "credential": CREDENTIAL,
    }  # fmt: skip
    if tls:
        given["tls_ca"] = str(certificates().authority)
    replaced_block(config, "[[tree]]", _lines(given | changes))


@pytest.mark.parametrize("tls", [False, True])
def test_a_wrong_password_over_ftp_is_told_and_never_shown(config: Path, tls: bool):
    ftp(config, tls=tls)

    level, said = told(config, "tree")

    assert (level, "máy chủ không nhận tên bhyt" in said) == ("bad", True)


def test_a_certificate_of_yesterday_is_told_as_that(config: Path):
    ftp(config, tls=True, expired=True)

    level, said = told(config, "tree")

    assert (level, "chứng thư TLS của máy chủ đã hết hạn" in said) == ("bad", True)


def test_a_certificate_of_an_authority_that_nobody_named_is_told_with_the_key_to_set(config: Path):
    ftp(config, tls=True, tls_ca=str(certificates().stranger))

    level, said = told(config, "tree")

    assert level == "bad"
    assert "không được tin cậy" in said
    assert "tls_ca" in said


def test_a_certificate_for_another_name_is_told_as_that(config: Path):
    ftp(config, tls=True, host="localhost")

    assert "cấp cho tên khác" in told(config, "tree")[1]


def test_an_ftps_tree_on_a_real_server_is_told_to_be_well(
    config: Path, monkeypatch: pytest.MonkeyPatch
):
    if found("vsftpd") is None:
        missing("vsftpd")
    server = vsftpd(True)
    monkeypatch.setenv(variable(CREDENTIAL), "anything")
    ftp(config, tls=True, port=server.port, username="anonymous", root=str(server.disk))

    assert told(config, "tree")[0] == "ok"


def test_each_tree_is_tried_although_the_one_before_fails(config: Path, openssh: SshServer):
    ftp(config, port=NOBODY)
    file = config / "bhyt-filedrop.toml"
    text = file.read_text(encoding="utf-8")
    block = text[text.index("[[tree]]") : text.index("\n[mail]")].replace('"main"', '"far"')
    file.write_text(text.replace("\n[mail]", f"\n{block}\n[mail]"), encoding="utf-8")
    done = CliRunner().invoke(cli, ["doctor", "--online", "--config", str(config)])

    lines = [line for line in done.stdout.splitlines() if " tree: " in line]
    assert [re.findall(r"thư mục (\w+)", line)[0] for line in lines] == ["main", "far"]
    assert all(line.startswith("bad") for line in lines)


# --- mail ----------------------------------------------------------------------------------------


def mail(config: Path, port: int, **changes: object) -> None:
    """Name a mail server on loopback."""
    given: dict[str, object] = {
        "kind": "smtp", "host": "127.0.0.1", "port": port, "username": USER, "credential": "smtp",
        "ca_file": str(certificates().authority), "timeout_seconds": 60.0,
        "from": "thu@bhxh.example",
    }  # fmt: skip
    replaced_block(config, "[mail]", _lines(given | changes))


@contextmanager
def served(config: Path, *, expired: bool = False, **changes: object) -> Iterator[None]:
    tls = str(changes.get("tls", "starttls"))
    with mail_server(tls, expired=expired) as (port, _):
        mail(config, port, **changes)
        yield


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_server_that_takes_the_login_is_told_to_be_well(config: Path, tls: str):
    with served(config, tls=tls):
        assert told(config, "mail") == ("ok", "Giao thư được.")


def test_a_real_mail_server_is_told_to_be_well(config: Path):
    if why_not():
        missing(why_not())
    mail(config, postfix().port, username=None, credential=None)

    assert told(config, "mail")[0] == "ok"


def test_a_wrong_password_for_mail_is_told_and_never_shown(
    config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable("smtp"), WRONG)
    with served(config):
        level, said = told(config, "mail")

    assert (level, f"không nhận tên {USER} với mật khẩu đã đặt" in said) == ("bad", True)


def test_a_mail_server_whose_certificate_is_of_yesterday_is_told_as_that(config: Path):
    with served(config, expired=True):
        level, said = told(config, "mail")

    assert (level, "đã hết hạn" in said) == ("bad", True)


def test_a_mail_server_that_a_stranger_vouches_for_is_told_with_the_key_to_set(config: Path):
    with served(config, ca_file=str(certificates().stranger)):
        level, said = told(config, "mail")

    assert level == "bad"
    assert "không được tin cậy" in said
    assert "mail.ca_file" in said


def test_a_mail_server_that_is_not_there_is_told(config: Path):
    mail(config, NOBODY)

    level, said = told(config, "mail")

    assert (level, "cổng 1 từ chối" in said) == ("bad", True)


def test_a_mail_server_without_tls_is_told_as_that(config: Path):
    with mail_server("none") as (port, _):
        mail(config, port)
        level, said = told(config, "mail")

    assert level == "bad"
    assert "STARTTLS" in said
    assert "mail.tls" in said


def test_a_password_that_was_not_given_is_told_and_the_rest_is_looked_at(
    config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(variable("smtp"))
    mail(config, NOBODY)

    level, said = told(config, "mail")

    assert level == "bad"
    assert "BHYT_FILEDROP_SMTP" in said


# --- the mailbox of bounces ----------------------------------------------------------------------


def bounces(config: Path, **given: object) -> None:
    """Name a mailbox."""
    replaced_block(config, "[mail.bounces]", _lines(given))


def imap(config: Path, **changes: object) -> None:
    """Name an account on a real IMAP server."""
    if no_dovecot():
        missing(no_dovecot())
    server = dovecot()
    server.box().mkdir(parents=True, exist_ok=True)
    server.hand_over()
    given: dict[str, object] = {
        "kind": "imap", "host": "127.0.0.1", "port": server.tls_port, "username": BOX_USER,
        "credential": "imap", "ca_file": str(certificates().authority), "timeout_seconds": 60.0,
    }  # fmt: skip
    bounces(config, **(given | changes))


def test_a_mailbox_that_can_be_read_is_told_to_be_well(
    config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable("imap"), BOX_PASSWORD)
    imap(config)

    assert told(config, "bounces") == ("ok", "Đọc được hộp thư nhận thư báo lỗi.")


def test_a_wrong_password_for_the_mailbox_is_told_and_never_shown(
    config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable("imap"), WRONG)
    imap(config)

    level, said = told(config, "bounces")

    assert (level, f"không nhận tên {BOX_USER} với mật khẩu đã đặt" in said) == ("bad", True)


def test_a_mailbox_whose_server_is_not_there_is_told(config: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(variable("imap"), BOX_PASSWORD)
    bounces(
        config, kind="imap", host="127.0.0.1", port=NOBODY, username=BOX_USER, credential="imap"
    )

    level, said = told(config, "bounces")

    assert (level, "cổng 1 từ chối" in said) == ("bad", True)


def test_a_password_of_the_mailbox_that_was_not_given_is_told(config: Path):
    bounces(config, kind="imap", host="127.0.0.1", username=BOX_USER, credential="imap")

    level, said = told(config, "bounces")

    assert (level, "BHYT_FILEDROP_IMAP" in said) == ("bad", True)


def test_a_maildir_that_is_not_there_is_told(config: Path, tmp_path: Path):
    bounces(config, kind="maildir", maildir=str(tmp_path / "hop-thu"))

    level, said = told(config, "bounces")

    assert (level, f"Maildir {tmp_path}/hop-thu: chưa có thư mục new" in said) == ("bad", True)


def test_letters_whose_bounces_nobody_reads_are_warned_of(config: Path):
    with served(config):
        level, said = told(config, "bounces")

    assert (level, "Chưa đọc thư báo lỗi trả về" in said) == ("warn", True)
