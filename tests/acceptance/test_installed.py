"""The install page, followed word by word on a booted systemd, up to a list that went its way.

Only the first block, which fetches the libraries, is replaced: they lie there already.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.calendar import home_round
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children
from tests.imports import ROOT
from tests.servers.booted import Booted, why_not
from tests.servers.kinds import found, missing
from tests.servers.ssh import has_sshd
from tests.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]

PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PYTHON = "/usr/bin/python3"
TREE = "/srv/ftp/trao-doi-nghiep-vu/05-QLTHU/Trẻ em KCB bằng GKS-CS"

FTP = """
import ftplib, pathlib, sys
passwords = dict(line.split(":", 1) for line in open("/root/bhyt-ftp-passwords").read().split())
account, *words = sys.argv[1:]
ftp = ftplib.FTP(timeout=60)
ftp.encoding = "utf-8"
ftp.connect("127.0.0.1", 2121)
ftp.login(account, passwords[account])
if words[0] == "put":
    print(ftp.storbinary("STOR " + words[2], open(words[1], "rb")))
elif words[0] == "get":
    ftp.retrbinary("RETR " + words[1], lambda block: print(len(block)))
else:
    print("\\n".join(sorted(ftp.nlst(words[1]))))
"""

SFTP = """
import sys, paramiko
passwords = dict(line.split(":", 1) for line in open("/root/bhyt-ftp-passwords").read().split())
account, *words = sys.argv[1:]
line = paramiko.SSHClient()
line.set_missing_host_key_policy(paramiko.AutoAddPolicy())
line.connect("127.0.0.1", username=account, password=passwords[account], look_for_keys=False)
sftp = line.open_sftp()
if words[0] == "put":
    print(sftp.put(words[1], words[2]))
else:
    print("\\n".join(sorted(sftp.listdir(words[1]))))
"""


def blocks(start: str, end: str) -> list[tuple[str, str]]:
    """The kind and the text of each block between two headings."""
    part = PAGE[PAGE.index(start) : PAGE.index(end)]
    return re.findall(r"^```(\w*)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def machine(wheel: Path) -> Iterator[Booted]:
    """A machine on which the program lies in /opt/bhyt-filedrop, as step 1 leaves it."""
    if lacks := why_not():
        pytest.skip(f"a second systemd cannot be booted here: {lacks}")
    if found("vsftpd") is None:
        missing("vsftpd")
    if not has_sshd():
        missing("openssh-server")
    version = subprocess.run([PYTHON, "-V"], capture_output=True, text=True).stdout.split()[-1:]
    if not version or version[0].split(".")[:2] != [str(n) for n in sys.version_info[:2]]:
        pytest.skip("the libraries of the tests are not those of this machine's Python")
    booted = Booted(Path(sysconfig.get_paths()["purelib"]))
    try:
        booted.run(f"{PYTHON} -m venv --without-pip /opt/bhyt-filedrop")
        booted.put("/root/new.whl", wheel.read_bytes())
        booted.put("/root/ftp.py", FTP.encode())
        booted.put("/root/sftp.py", SFTP.encode())
        booted.put("/opt/bhyt-filedrop/bin/bhyt-filedrop", b"#!/opt/bhyt-filedrop/bin/python\n"
                   b"from bhyt_filedrop.cli import main\nmain()\n")  # fmt: skip
        booted.run(
            "site=$(echo /opt/bhyt-filedrop/lib/python3.*/site-packages)\n"
            "echo /opt/bhyt-libraries > $site/libraries.pth\n"
            f"{PYTHON} -m zipfile -e /root/new.whl $site\n"
            "chmod 755 /opt/bhyt-filedrop/bin/bhyt-filedrop"
        )
        yield booted
    finally:
        booted.end()


def do(machine: Booted, page: list[tuple[str, str]]) -> None:
    """What an administrator does with each block: files are written, commands are typed."""
    for kind, text in page:
        if "systemctl edit" in text:
            continue  # what the page says of other servers than this one
        if kind == "toml" and "[[tree]]" in text:
            machine.put("/etc/bhyt-filedrop/config/bhyt-filedrop.toml", text.encode())
        elif kind == "toml":
            machine.put("/tmp/access.toml", text.encode())
            machine.run("cat /tmp/access.toml >> /etc/bhyt-filedrop/config/process.toml")
        elif kind == "sshd_config":
            machine.put("/tmp/sshd.txt", text.encode())
            machine.run("cat /tmp/sshd.txt >> /etc/ssh/sshd_config; ssh-keygen -A")
            machine.run("systemctl start systemd-user-sessions")  # this machine was booted half way
        elif text.startswith("local_enable="):
            ours = "listen=YES\nlisten_port=2121\nconnect_from_port_20=NO\npasv_enable=YES\n"
            machine.put("/etc/vsftpd.conf", (ours + text).encode())
        else:
            machine.run(text.replace("journalctl -u bhyt-filedrop -f", ""))


def workbook(form: str, unit: str, to: Path) -> bytes:
    from datetime import date

    units = load(resources.config_dir()).units
    round_ = home_round(date.today())
    wards = units.children(unit)[:2] or [units[unit]]
    group = children(units, 5, round=round_, seed=5, wards=wards)
    write_list(to, list_of(form, round_, units[unit], units, group), units, ())
    return to.read_bytes()


@pytest.fixture(scope="module")
def served(machine: Booted) -> Booted:
    """The same after steps 2 and 4, typed as they stand there."""
    do(machine, blocks("## 2. Account and folders", "## 3. Secrets and mail"))
    do(machine, blocks("## 4. Examine, start, watch", "### A clock that cannot be right"))
    machine.run("systemd-run -q --unit=vsftpd-tests /usr/sbin/vsftpd /etc/vsftpd.conf")
    return machine


def test_the_page_leads_to_a_service_that_takes_what_the_offices_drop(
    served: Booted, tmp_path: Path
):
    machine = served
    doctor, status = machine.run("bhyt-filedrop doctor", check=False)
    assert status == 0, doctor
    assert "ok   lease" in doctor, "with the rights of the service"
    assert "ok   unit" in doctor

    def ftp(account: str, *words: str, check: bool = True) -> str:
        call = f"{PYTHON} /root/ftp.py {account} " + " ".join(f"'{word}'" for word in words)
        return machine.run(call, check=check)[0]

    for account, form, unit in (("bhyt-760", "form-3", "760"), ("bhyt-26740", "form-4", "26740")):
        machine.put("/tmp/list.xlsx", workbook(form, unit, tmp_path / "made.xlsx"))
        assert "226" in ftp(account, "put", "/tmp/list.xlsx", "danh sách.xlsx")
    arrived = "bhyt-filedrop arrivals --json"
    until(lambda: machine.run(arrived)[0].count('"sha256": "') >= 2, "the lists are taken")
    until(lambda: "claimed" not in machine.run(arrived)[0], "the lists are judged")
    until(lambda: "planned" not in machine.run(arrived)[0], "the lists have gone their way")
    told = machine.run(arrived)[0]
    assert '"unit": "760"' in told and '"unit": "26740"' in told
    assert '"set-aside"' not in told

    mine = ftp("bhyt-26740", "list", ".")
    assert "Trả lại" in mine and "danh sách.xlsx" not in mine, "it was taken"
    where = "Đã nhận" if '"accepted"' in told or '"held"' in told else "Trả lại"
    assert where in ftp("bhyt-760", "list", ".")
    assert "Phường Bến Nghé" not in ftp("bhyt-26740", "list", "/"), "nothing above its own"
    assert "550" in ftp("bhyt-770", "list", "../Quận 1", check=False) or "Quận 1" not in ftp(
        "bhyt-770", "list", "/", check=False
    )
    seen, _ = machine.run(f"su -s /bin/sh bhyt-770 -c 'ls \"{TREE}/Quận 1\"'", check=False)
    assert "denied" in seen, "nor with a shell"
    assert "Đến" in ftp("bhyt-thu", "list", "."), "city departments have access too"

    rated, _ = machine.run("systemd-analyze security bhyt-filedrop --no-pager | tail -1")
    assert float(re.findall(r": (\d+\.\d+) ", rated)[0]) < 1.5, rated
    log, _ = machine.run("journalctl -u bhyt-filedrop --no-pager -o cat")
    assert "service.ready" in log and "Traceback" not in log


def test_the_same_accounts_come_by_sftp_and_see_their_own_folder_alone(
    served: Booted, tmp_path: Path
):
    machine = served

    def sftp(account: str, *words: str) -> str:
        call = f"/opt/bhyt-filedrop/bin/python /root/sftp.py {account} "
        return machine.run(call + " ".join(f"'{word}'" for word in words), check=False)[0]

    for account, form, unit in (("bhyt-770", "form-3", "770"), ("bhyt-thu", "form-2", "thu")):
        machine.put("/tmp/list.xlsx", workbook(form, unit, tmp_path / "made.xlsx"))
        assert "Traceback" not in sftp(account, "put", "/tmp/list.xlsx", "qua sftp.xlsx")
        until(lambda of=account: "qua sftp.xlsx" not in sftp(of, "list", "."), "it is taken")
        assert "Trả lại" in sftp(account, "list", ".")

    told = machine.run("bhyt-filedrop arrivals --json")[0]
    assert told.count("qua sftp.xlsx") >= 2 and '"set-aside"' not in told
    for closed in ("/", f"{TREE}/Quận 1", "/srv/ftp/trao-doi-nghiep-vu"):
        seen = sftp("bhyt-770", "list", closed)
        assert "Quận 1" not in seen and "list.xlsx" not in seen


def test_a_service_that_dies_comes_back_and_root_is_told(served: Booted):
    machine = served
    machine.put("/usr/sbin/sendmail", b"#!/bin/sh\ncat >> /root/told\n")
    machine.run("chmod +x /usr/sbin/sendmail; systemctl kill -s KILL bhyt-filedrop")

    until(lambda: "failed" in machine.run("cat /root/told", check=False)[0], "the mail to root")
    until(lambda: machine.run("systemctl is-active -q bhyt-filedrop", check=False)[1] == 0)
