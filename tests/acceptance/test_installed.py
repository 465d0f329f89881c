"""The install page, followed word by word on a booted systemd, up to a list that went its way. What
it fetches the machine has already, or it lies beside; pip takes from a folder what it wants."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.acceptance.clients import FTP, SFTP
from tests.acceptance.following import (
    PAGE,
    PYTHON,
    TREE,
    add,
    blocks,
    do,
    exposure,
    must_be_bootable,
    proftpd,
    workbook,
)
from tests.imports import ROOT
from tests.servers.booted import Booted
from tests.servers.ftp import has_proftpd
from tests.servers.kinds import found, missing
from tests.servers.ssh import has_sshd
from tests.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]


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
    must_be_bootable()
    if found("vsftpd") is None:
        missing("vsftpd")
    if not has_sshd():
        missing("openssh-server")
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
        call = f"{PYTHON} /root/ftp.py vsftpd {account} " + " ".join(f"'{word}'" for word in words)
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

    assert exposure(machine) < 1.0
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


def test_step_1_as_it_stands_installs_the_program(wheel: Path, tmp_path: Path):
    """On a machine of its own; pip is told that what it wants lies in a folder."""
    must_be_bootable()
    page = blocks("## 1. The program", "## 2. Account and folders")
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--require-hashes", "--no-deps",
             "-r", str(ROOT / "requirements.txt"), "-d", str(tmp_path)]  # fmt: skip
    if subprocess.run(fetch, capture_output=True).returncode:
        pytest.skip("the libraries cannot be fetched")
    bare = Booted(tmp_path)
    try:
        offline = (
            "export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS=/opt/bhyt-libraries\n"
        )
        bare.put(f"/root/{wheel.name}", wheel.read_bytes())
        bare.put("/root/requirements.txt", (ROOT / "requirements.txt").read_bytes())
        version = wheel.name.split("-")[1]
        for _, text in page:
            bare.run(offline + text.replace("VERSION", version))
        assert version in bare.run("/opt/bhyt-filedrop/bin/bhyt-filedrop --version")[0]
        (_, following), *_ = blocks("## 2. Account and folders", "## 3. Secrets and mail")
        bare.run(following.splitlines()[0] + "\nls bhyt-filedrop.service")
    finally:
        bare.end()


@pytest.fixture(scope="module")
def with_proftpd(served: Booted) -> Booted:
    """The same with ProFTPD on the page's lines; its certificate is signed by nobody else."""
    if not has_proftpd():
        missing("proftpd")
    machine = served
    beside = os.environ.get("BHYT_TEST_SERVERS", "")
    if not Path("/usr/sbin/proftpd").exists():
        packed = subprocess.run(["tar", "-C", beside, "-c", "usr", "etc"], capture_output=True)
        machine.put("/root/proftpd.tar", packed.stdout)  # what lies here need not lie there
        machine.run("tar -xf /root/proftpd.tar -C / --no-same-owner; ldconfig")
    machine.run("id -u proftpd >/dev/null 2>&1 || useradd --system proftpd; mkdir -p /etc/proftpd")
    (conf,) = (text for kind, text in blocks("## 2.", "## 3.") if kind == "proftpd")
    machine.put("/etc/proftpd/proftpd.conf", conf.encode())
    machine.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ftp.example.vn "
        "-addext subjectAltName=DNS:ftp.example.vn "
        "-keyout /etc/proftpd/ftp.key -out /etc/proftpd/ftp.pem\n"
        "cp /etc/proftpd/ftp.pem /etc/bhyt-filedrop/ca.pem\n"
        "echo 127.0.0.1 ftp.example.vn >> /etc/hosts\n"
        "systemd-run -q --unit=proftpd-tests /usr/sbin/proftpd -n"
    )
    until(lambda: "LISTEN" in machine.run("ss -Hltn sport = :21", check=False)[0], "proftpd")
    return machine


def test_proftpd_with_the_lines_of_the_page_shuts_each_account_in_its_own_folder(
    with_proftpd: Booted, tmp_path: Path
):
    machine = with_proftpd
    machine.put("/tmp/list.xlsx", workbook("form-3", "774", tmp_path / "made.xlsx"))

    machine.run("systemctl stop bhyt-filedrop")
    for _ in ("a file", "a corrected one under its name"):
        assert "226" in proftpd(machine, "bhyt-774", "put", "/tmp/list.xlsx", "qua proftpd.xlsx")
    facts = proftpd(machine, "bhyt-774", "facts", ".")
    assert re.search(r"qua proftpd\.xlsx file \d{14}", facts), "to the second"
    assert "550" in proftpd(machine, "bhyt-774", "hide", "qua proftpd.xlsx")
    for closed in ("/", "..", f"{TREE}/Quận 1"):
        seen = proftpd(machine, "bhyt-774", "list", closed)
        assert "No such file" in seen or "Quận 1" not in seen
    machine.run("useradd --system --shell /usr/sbin/nologin other; echo other:x1x2x3 | chpasswd")
    machine.run("echo other:x1x2x3 >> /root/bhyt-ftp-passwords")
    assert "530" in proftpd(machine, "other", "list", "/"), "nobody else comes in"
    machine.run("systemctl start bhyt-filedrop")

    until(lambda: "qua proftpd" not in proftpd(machine, "bhyt-774", "list", "."), "it is taken")
    arrived = "bhyt-filedrop arrivals --unit 774 --json"
    until(lambda: '"claimed"' not in machine.run(arrived)[0], "it is judged")
    assert "qua proftpd.xlsx" in machine.run(arrived)[0]
    assert "Trả lại" in proftpd(machine, "bhyt-774", "list", ".")


@pytest.fixture
def changeable(with_proftpd: Booted) -> Iterator[Booted]:
    """The same; what a test configures is undone after it."""
    config = "/etc/bhyt-filedrop/config"
    with_proftpd.run(f"cp -a {config} /root/config-before")
    yield with_proftpd
    with_proftpd.run(
        f"rm -rf {config} /etc/systemd/system/bhyt-filedrop.service.d; "
        f"mv /root/config-before {config}; "
        "systemctl daemon-reload; systemctl restart bhyt-filedrop"
    )


def test_secrets_of_a_mail_server_and_of_a_far_tree_reach_service_and_commands(
    changeable: Booted, tmp_path: Path
):
    """Step 3, on a tree behind the FTP server of this very machine: the departments' folders."""
    machine, config = changeable, "/etc/bhyt-filedrop/config"
    password = "mat-khau-xa"
    machine.run(
        "mkdir -p /srv/far\n"
        "useradd --system -g bhyt-ftp -d /srv/far -s /usr/sbin/nologin bhyt-service\n"
        f"echo bhyt-service:{password} | tee -a /root/bhyt-ftp-passwords | chpasswd\n"
        "chown bhyt-service:bhyt-ftp /srv/far; echo 127.0.0.1 mail.example.vn >> /etc/hosts"
    )
    for kind, text in blocks("## 3. Secrets and mail", "## 4. Examine, start, watch"):
        if kind == "toml":
            add(machine, text, f"{config}/bhyt-filedrop.toml")
        elif kind == "ini":
            shown = text
        else:
            machine.run(text, typed=password)
    access = re.findall(r"^\[folders\.city\.access\]\n(?:.+\n)+", PAGE, re.MULTILINE)
    machine.put("/tmp/city.txt", access[0].encode())
    machine.run(
        f"sed -i '/^.folders.city.$/,/^tree/s/main/far/' {config}/process.toml\n"
        f"{PYTHON} - <<'END'\n"
        f"file = '{config}/process.toml'\n"
        "text = open(file).read(); city = open('/tmp/city.txt').read()\n"
        "assert city in text; open(file, 'w').write(text.replace(city, ''))\nEND"
    )
    machine.run("systemctl stop bhyt-filedrop")
    typed = [t for _, t in blocks("### What the unit opens", "## 3.") if "drop-in |" in t]
    machine.run(typed[0])
    made, _ = machine.run("cat /etc/systemd/system/bhyt-filedrop.service.d/configured.conf")
    assert made.split("[Service]")[1].strip() == shown.split("[Service]")[1].strip()

    machine.run("bhyt-filedrop init /etc/bhyt-filedrop")
    doctor, _ = machine.run("bhyt-filedrop doctor --online", check=False)
    assert "Cây far đọc và ghi được" in doctor, doctor
    shipped = load(resources.config_dir())
    folder = world_of(shipped).routes.drop_folder(shipped.units["thu"])
    machine.put("/tmp/list.xlsx", workbook("form-2", "thu", tmp_path / "made.xlsx"))
    told = proftpd(machine, "bhyt-service", "put", "/tmp/list.xlsx", f"{folder}/từ xa.xlsx")
    assert "226" in told
    machine.run("systemctl start bhyt-filedrop")

    def here() -> str:
        return proftpd(machine, "bhyt-service", "list", folder)

    until(lambda: "từ xa.xlsx" not in here(), "it is taken")
    assert exposure(machine) < 1.5, "with two servers by name, and accounts that come in"
    arrived = "bhyt-filedrop arrivals --unit thu --json"
    until(lambda: '"claimed"' not in machine.run(arrived)[0], "it is judged")
    assert "từ xa.xlsx" in machine.run(arrived)[0]
    assert "Trả lại" in here()
