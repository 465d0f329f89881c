"""A Dovecot of the tests' own: IMAP over TLS on loopback, on Maildirs that the tests fill."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.certificates import certificates
from tests.servers.pages import block
from tests.servers.process import Program, ports, scratch

USER, PASSWORD = "bounces", "mật khẩu của hộp thư"
"""The password has signs beyond ASCII, as a Vietnamese office's may."""


@dataclass(frozen=True)
class Dovecot:
    """A running server: `port` speaks STARTTLS, `tls_port` TLS from the first byte. The Maildir of
    the account `name` lies in `boxes/name/Maildir`, and belongs to `owner`."""

    port: int
    tls_port: int
    boxes: Path
    owner: int
    conf: Path
    program: Program

    def box(self, name: str = USER) -> Path:
        """Return an account's Maildir."""
        return self.boxes / name / "Maildir"

    def hand_over(self, name: str = USER) -> None:
        """Give the server what a test put into a Maildir."""
        for path in (self.boxes / name, *(self.boxes / name).rglob("*")):
            os.chown(path, self.owner, -1)

    def make_folder(self, folder: str, name: str = USER) -> None:
        """Let the server make a folder in an account."""
        command = ["doveadm", "-c", str(self.conf), "mailbox", "create", "-u", name, folder]
        subprocess.run(command, check=True, capture_output=True, timeout=30)


def why_not() -> str:
    """Say what keeps Dovecot from running here, "" where nothing does."""
    if shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin") and os.geteuid() == 0:
        return ""
    return "dovecot-imapd (which the tests start as root)"


@functools.cache
def dovecot() -> Dovecot:
    """Start it, once for all tests."""
    folder = scratch("dovecot")
    owner = pwd.getpwnam("mail")
    boxes = folder / "boxes"
    boxes.mkdir()
    os.chown(boxes, owner.pw_uid, owner.pw_gid)
    users = folder / "users"
    users.write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    port, tls_port = ports()[:2]
    conf = folder / "dovecot.conf"
    conf.write_text(_conf(folder, owner, port, tls_port), encoding="utf-8")
    program = Program(["/usr/sbin/dovecot", "-F", "-c", str(conf)], tls_port, folder / "log")
    return Dovecot(port, tls_port, boxes, owner.pw_uid, conf, program)


def _conf(folder: Path, owner: pwd.struct_passwd, port: int, tls_port: int) -> str:
    return f"""base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl_cert = <{certificates().server}
ssl_key = <{certificates().server}
auth_failure_delay = 0
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/boxes/%n
}}
# After a wrong password it would answer the same machine ever more slowly.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
""" + block("connections-mail.md", "dovecot")
