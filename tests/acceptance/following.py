"""Following a page as an administrator does, on a booted machine; and what its offices then do."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.calendar import home_round
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children
from tests.imports import ROOT
from tests.servers.booted import Booted, why_not

PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PYTHON = "/usr/bin/python3"
TREE = "/srv/ftp/trao-doi-nghiep-vu/05-QLTHU/Trẻ em KCB bằng GKS-CS"


def must_be_bootable() -> None:
    """Skip where no second machine can be booted, or its Python is another one than the tests'."""
    if lacks := why_not():
        pytest.skip(f"a second systemd cannot be booted here: {lacks}")
    version = subprocess.run([PYTHON, "-V"], capture_output=True, text=True).stdout.split()[-1:]
    if not version or version[0].split(".")[:2] != [str(n) for n in sys.version_info[:2]]:
        pytest.skip("the libraries of the tests are not those of this machine's Python")


def blocks(start: str, end: str) -> list[tuple[str, str]]:
    """The kind and the text of each block between two headings."""
    part = PAGE[PAGE.index(start) : PAGE.index(end)]
    return re.findall(r"^```(\w*)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)


def do(machine: Booted, page: list[tuple[str, str]]) -> None:
    """What an administrator does with each block: files are written, commands are typed."""
    for kind, text in page:
        if "systemctl edit" in text:
            continue  # what the page says of other servers than this one
        if kind == "toml" and "[[tree]]" in text:
            machine.put("/etc/bhyt-filedrop/config/bhyt-filedrop.toml", text.encode())
        elif kind == "toml":
            add(machine, text, "/etc/bhyt-filedrop/config/process.toml")
        elif kind == "proftpd":
            continue  # one server at a time, as Debian has it
        elif kind == "sshd_config":
            machine.put("/tmp/sshd.txt", text.encode())
            machine.run("cat /tmp/sshd.txt >> /etc/ssh/sshd_config; ssh-keygen -A")
            machine.run("systemctl start systemd-user-sessions")  # this machine was booted half way
        elif text.startswith("local_enable="):
            ours = "listen=YES\nlisten_port=2121\nconnect_from_port_20=NO\npasv_enable=YES\n"
            machine.put("/etc/vsftpd.conf", (ours + text).encode())
        else:
            machine.run(text.replace("journalctl -u bhyt-filedrop -f", ""))


def add(machine: Booted, text: str, file: str) -> None:
    """Write something at the end of a file."""
    machine.put("/tmp/added", text.encode())
    machine.run(f"cat /tmp/added >> '{file}'")


def workbook(form: str, unit: str, to: Path) -> bytes:
    units = load(resources.config_dir()).units
    round_ = home_round(date.today())
    wards = units.children(unit)[:2] or [units[unit]]
    group = children(units, 5, round=round_, seed=5, wards=wards)
    write_list(to, list_of(form, round_, units[unit], units, group), units, ())
    return to.read_bytes()


def proftpd(machine: Booted, account: str, *words: str) -> str:
    """What an office's program is told by ProFTPD."""
    call = f"{PYTHON} /root/ftp.py proftpd {account} " + " ".join(f"'{word}'" for word in words)
    return machine.run(call, check=False)[0]


def exposure(machine: Booted) -> float:
    """What systemd says of the installed unit, from 0 (safe) to 10."""
    rated, _ = machine.run("systemd-analyze security bhyt-filedrop --no-pager | tail -1")
    return float(re.findall(r": (\d+\.\d+) ", rated)[0])
