"""A Postfix of the tests' own: its own configuration, queue, ports and mailboxes, on loopback."""

from __future__ import annotations

import functools
import grp
import os
import pwd
import subprocess
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path

from tests.servers.certificates import certificates
from tests.servers.pages import block
from tests.servers.process import Program, ports, scratch
from tests.waiting import until

DOMAIN = "bhxh.example"
KNOWN = ("quan1", "quan1-b", "thu", "cntt")
"""The mailboxes that exist."""
BUSY = "ban"
"""A mailbox that exists and is always busy: 450."""
ACCOUNT = "games"
"""An account of any machine. It has a mailbox for what comes back, as the service's account has."""
RETURNS = f"{ACCOUNT}@bounces.{DOMAIN}"
LEFT, SLOW = "nghi-huu", "cham"
"""Addresses that the server takes letters for and passes on, to a server that then refuses the one
for good (550) and puts the other off (450)."""
STUCK = 10.0
"""Seconds after which what is on its way is not waited for: a server that was stopped amid a
delivery may leave it for minutes."""
_MASTER = Path("/usr/lib/postfix/sbin/master")


@dataclass(frozen=True)
class Postfix:
    """A running server: `port` speaks STARTTLS, `tls_port` TLS from the first byte. `returned` is
    the Maildir of what comes back."""

    port: int
    tls_port: int
    boxes: Path
    queue: Path
    returned: Path
    program: Program

    def mails(self, name: str, count: int = 1) -> list[EmailMessage]:
        """Wait until a mailbox has so many mails, and return them."""
        return _mails(self.boxes / name / "new", count)

    def bounces(self, count: int = 1) -> list[EmailMessage]:
        """Wait until so many mails came back, and return them."""
        return _mails(self.returned / "new", count)

    def empty(self) -> None:
        """Take every mail out of every mailbox, those still on their way too."""
        began = time.monotonic()

        def is_idle() -> bool:
            if self._holds("deferred"):
                self._forget("deferred")
            if not self._holds("maildrop", "incoming", "active"):
                return True
            if time.monotonic() - began > STUCK:
                self._forget()
            return False

        until(is_idle, "the end of what is on its way")
        for mail in (*self.boxes.glob("*/new/*"), *self.returned.glob("[nc]*/*")):
            mail.unlink()

    def _holds(self, *queues: str) -> bool:
        folders = (self.queue / name for name in queues)
        return any(path.is_file() for folder in folders for path in folder.rglob("*"))

    def _forget(self, *queues: str) -> None:
        conf = str(self.queue.parent / "conf")
        command = ["/usr/sbin/postsuper", "-c", conf, "-d", "ALL", *queues]
        subprocess.run(command, check=True, capture_output=True, timeout=300)


def _mails(box: Path, count: int) -> list[EmailMessage]:
    until(lambda: box.is_dir() and len(list(box.iterdir())) >= count, "a mail's arrival")
    parser = BytesParser(policy=modern)
    return [parser.parsebytes(one.read_bytes()) for one in sorted(box.iterdir())]  # type: ignore[misc]


def why_not() -> str:
    """Say what keeps Postfix from running here, "" where nothing does."""
    if _MASTER.exists() and os.geteuid() == 0:
        return ""
    return "postfix (which root alone can start)"


@functools.cache
def postfix() -> Postfix:
    """Start it, once for all tests."""
    folder = scratch("postfix")
    conf, boxes, spool = (folder / name for name in ("conf", "boxes", "spool"))
    returned = folder / "mail" / ACCOUNT
    for made in (conf, boxes, spool, folder / "data", returned):
        made.mkdir(parents=True)
    os.chown(returned, pwd.getpwnam(ACCOUNT).pw_uid, -1)
    owner = pwd.getpwnam("postfix").pw_uid
    os.chown(folder / "data", owner, grp.getgrnam("postfix").gr_gid)
    os.chown(boxes, owner, -1)
    port, tls_port, far_port = ports()[:3]
    (conf / "main.cf").write_text(_main(folder, owner, far_port), encoding="utf-8")
    (conf / "master.cf").write_text(_master(port, tls_port, far_port), encoding="ascii")
    # What `postfix start` does, without leaving a daemon behind: queue folders, then the master.
    check = ["/usr/sbin/postfix", "-c", str(conf), "check"]
    subprocess.run(check, check=True, capture_output=True, timeout=300)
    program = Program([str(_MASTER), "-c", str(conf)], port, folder / "log")
    return Postfix(port, tls_port, boxes, spool, returned, program)


def _main(folder: Path, owner: int, far_port: int) -> str:
    names = (*KNOWN, BUSY, LEFT, SLOW)
    known = " ".join(f"{{ {name}@{DOMAIN} = {name}/ }}" for name in names)
    far = " ".join(f"{{ {x}@{DOMAIN} = smtp:[127.0.0.1]:{far_port} }}" for x in (LEFT, SLOW))
    return f"""compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mail.{DOMAIN}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
default_transport = error:5.1.2 no mail leaves this machine
alias_maps =
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = inline:{{ {known} }}
transport_maps = inline:{{ {far} }}
delay_warning_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
virtual_mailbox_base = {folder}/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{grp.getgrnam("postfix").gr_gid}
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ {BUSY}@{DOMAIN} = 450 4.2.1 mailbox busy }} }},
  reject_unlisted_recipient, permit_mynetworks, reject
smtpd_tls_chain_files = {certificates().server}
{_returning(folder)}{block("connections-mail.md", "postfix")}"""


def _returning(folder: Path) -> str:
    """The page's lines on what comes back, with this server's domain and folder."""
    lines = block("connections-mail.md", "main.cf")
    return lines.replace("example.vn", DOMAIN).replace("/var/mail/", f"{folder}/mail/")


def _master(port: int, tls_port: int, far_port: int) -> str:
    answers = f"{{ {LEFT}@{DOMAIN} = 550 5.1.1 gone }} {{ {SLOW}@{DOMAIN} = 450 4.2.0 later }}"
    return f"""127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
127.0.0.1:{far_port} inet n - n - - smtpd
  -o myhostname=mx.q1.example
  -o smtpd_tls_security_level=none
  -o {{ smtpd_recipient_restrictions = check_recipient_access inline:{{ {answers} }}, reject }}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
