"""Following a page as an administrator does, on a booted machine; and what its offices then do."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.calendar import home_round
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children
from tests.imports import ROOT
from tests.servers.booted import Booted

PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PYTHON = "/usr/bin/python3"
TREE = "/srv/ftp/trao-doi-nghiep-vu/05-QLTHU/Trẻ em KCB bằng GKS-CS"


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
