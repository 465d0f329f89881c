"""The systemd files say what the service needs, and systemd itself accepts them."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from bhyt_filedrop.settings import load
from bhyt_filedrop.site.drop_in import drop_in
from tests.imports import ROOT
from tests.sites import copied_config, replaced_first

SYSTEMD = ROOT / "systemd"
UNIT = SYSTEMD / "bhyt-filedrop.service"


class _Several(dict[str, str]):
    """systemd takes a key several times: keep all of its values, a line each."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and key in self and isinstance(self[key], list):
            self[key].extend(value)  # type: ignore[attr-defined]
        else:
            super().__setitem__(key, value)  # type: ignore[assignment]


def service() -> dict[str, str]:
    parser = configparser.RawConfigParser(dict_type=_Several, strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT, encoding="utf-8")
    return dict(parser["Service"])


needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def analysed(tmp_path: Path, *words: str, more: str = "") -> subprocess.CompletedProcess[str]:
    """Ask systemd-analyze about the unit, with a program that is there on every machine."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    text = re.sub(r"(?<=ExecStart=)\S+", "/bin/true", text)
    unit.write_text(f"{text}\n{more}\n", encoding="utf-8")
    return subprocess.run(
        ["systemd-analyze", *words, str(unit)], capture_output=True, text=True, timeout=300
    )


@needs_systemd
def test_systemd_accepts_the_unit_without_a_word(tmp_path: Path):
    shutil.copy(SYSTEMD / "bhyt-filedrop-failure.service", tmp_path)
    beside = tmp_path / "bhyt-filedrop-failure.service"
    checked = analysed(tmp_path, "verify", "--man=no", str(beside))

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@needs_systemd
def test_the_unit_is_fenced_in(tmp_path: Path):
    """systemd rates exposure from 0 (safe) to 10; servers that are configured open a little."""
    assert exposure(tmp_path) <= 1.0
    for network in (_BY_ADDRESS, _BY_NAME):
        assert exposure(tmp_path, ("[Service]", *network, *_FEWER_RIGHTS)) <= 1.5
        assert exposure(tmp_path, ("[Service]", *network)) <= 1.8, "it gives files to others"


_OPEN = ("PrivateNetwork=no", "RestrictAddressFamilies=AF_INET AF_INET6")
_BY_ADDRESS = (*_OPEN, "IPAddressAllow=10.1.1.5", "IPAddressAllow=localhost")
_BY_NAME = (*_OPEN, "# By name: mail.bhyt.example", "IPAddressDeny=")
_FEWER_RIGHTS = (
    "CapabilityBoundingSet=",
    "CapabilityBoundingSet=CAP_LEASE",
    "AmbientCapabilities=",
    "AmbientCapabilities=CAP_LEASE",
    "SystemCallFilter=~@chown",
)


def exposure(tmp_path: Path, lines: Sequence[str] = ()) -> float:
    """What systemd says of the unit with a drop-in, here simply put behind it."""
    rated = analysed(tmp_path, "security", "--offline=true", "--no-pager", more="\n".join(lines))
    match = re.search(r"exposure level for \S+: ([\d.]+)", rated.stdout)
    assert match, rated.stderr
    return float(match[1])


def asked(tmp_path: Path, machine: str) -> list[str]:
    """The lines that the drop-in of a site with such a `bhyt-filedrop.toml` has."""
    config = copied_config(tmp_path)
    (config / "bhyt-filedrop.toml").write_text(machine, encoding="utf-8")
    text = drop_in(load(config))
    return [line for line in text.splitlines() if not line.startswith("# ") or "By name" in line]


SHIPPED = """
state = "/var/lib/bhyt-filedrop"
[[tree]]
id = "main"
root = "/srv/ftp/trao-doi-nghiep-vu"
"""


def test_a_site_as_the_handbook_makes_it_asks_nothing_more_of_systemd(tmp_path: Path):
    assert asked(tmp_path, SHIPPED) == []


@pytest.mark.parametrize(
    ("mail_host", "network"),
    [("10.1.1.5", _BY_ADDRESS), ("mail.bhyt.example", _BY_NAME)],
)
def test_folders_secrets_and_servers_are_opened_as_they_are_configured(
    tmp_path: Path, mail_host: str, network: tuple[str, ...]
):
    machine = f"""
    state = "/var/lib/bhyt-filedrop"
    [[tree]]
    id = "main"
    root = "/data/100% Trao đổi nghiệp vụ"
    [[tree]]
    id = "home"
    root = "/home/ftp"
    [mail]
    kind = "smtp"
    host = "{mail_host}"
    username = "x"
    credential = "smtp"
    """

    assert asked(tmp_path, machine) == [
        "[Service]",
        'ReadWritePaths="-/data/100%% Trao đổi nghiệp vụ"',
        'ReadWritePaths="-/home/ftp"',
        "ProtectHome=tmpfs",
        'BindPaths="-/home/ftp"',
        "LoadCredential=smtp:/etc/bhyt-filedrop/credentials/smtp",
        *network,
        *_FEWER_RIGHTS,
    ]


MAIL = '[mail]\nkind = "smtp"\nhost = "10.1.1.5"\nusername = "x"\ncredential = "smtp"\n'


def test_a_service_that_gives_files_to_other_accounts_keeps_the_right_to(tmp_path: Path):
    replaced_first(copied_config(tmp_path) / "process.toml", "[folders.ward]\n",
                   '[folders.ward]\naccess = { owner = "{id}" }\n')  # fmt: skip
    (tmp_path / "config/bhyt-filedrop.toml").write_text(SHIPPED + MAIL, encoding="utf-8")
    lines = drop_in(load(tmp_path / "config")).splitlines()

    assert not [line for line in lines if "Capabilit" in line or "SystemCall" in line]


def test_a_service_that_lets_other_accounts_in_by_access_lists_needs_no_right_to(tmp_path: Path):
    replaced_first(copied_config(tmp_path) / "process.toml", "[folders.ward]\n",
                   '[folders.ward]\naccess = { owner = "{id}", acl = true }\n')  # fmt: skip
    (tmp_path / "config/bhyt-filedrop.toml").write_text(SHIPPED + MAIL, encoding="utf-8")
    lines = drop_in(load(tmp_path / "config")).splitlines()

    assert lines[-5:] == list(_FEWER_RIGHTS)


def test_a_service_without_a_local_tree_keeps_no_right_at_all(tmp_path: Path):
    far = """
    state = "/var/lib/bhyt-filedrop"
    [[tree]]
    id = "main"
    kind = "ftp"
    host = "10.1.1.5"
    username = "x"
    credential = "ftp"
    """
    lines = asked(tmp_path, far)

    assert lines[-3:] == [
        "CapabilityBoundingSet=", "AmbientCapabilities=", "SystemCallFilter=~@chown"
    ]  # fmt: skip
    if shutil.which("systemd-analyze"):
        assert exposure(tmp_path, lines) <= 1.3


@pytest.mark.parametrize(
    ("web", "network"),
    [
        ("", (*_OPEN, "IPAddressAllow=localhost")),
        (
            'listen = "0.0.0.0:8331"\npublic_url = "https://bhyt.example"\n'
            'trusted_proxies = ["10.1.1.5"]',
            _BY_ADDRESS,
        ),
        (
            'listen = "0.0.0.0:8331"\npublic_url = "https://bhyt.example"',
            (*_OPEN, "# By name: page", "IPAddressDeny="),
        ),
    ],
)
def test_the_page_is_reached_from_this_machine_or_the_servers_before_it_alone(
    tmp_path: Path, web: str, network: tuple[str, ...]
):
    machine = f"{SHIPPED}\n[web]\nenabled = true\n{web}\n"

    assert asked(tmp_path, machine) == ["[Service]", *network, *_FEWER_RIGHTS]


@needs_systemd
def test_systemd_accepts_a_drop_in_without_a_word(tmp_path: Path):
    lines = asked(tmp_path, SHIPPED.replace("/srv/ftp", "/data/Trao đổi") + """
    [mail]
    kind = "smtp"
    host = "10.1.1.5"
    username = "x"
    credential = "smtp"
    """)  # fmt: skip
    shutil.copy(SYSTEMD / "bhyt-filedrop-failure.service", tmp_path)
    checked = analysed(tmp_path, "verify", "--man=no", more="\n".join(lines))

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-tmpfiles") is None, reason="systemd is not installed")
def test_the_account_and_the_folders_can_be_made(tmp_path: Path):
    """Under a root of its own, so that nothing of this machine is touched."""
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "passwd").write_text("root:x:0:0::/root:/bin/sh\n", encoding="utf-8")
    (etc / "group").write_text("root:x:0:\n", encoding="utf-8")
    for tool, file in (("sysusers", "sysusers"), ("tmpfiles", "tmpfiles")):
        ran = subprocess.run(
            [f"systemd-{tool}", f"--root={tmp_path}", *(["--create"] if tool == "tmpfiles" else []),
             str(SYSTEMD / f"bhyt-filedrop.{file}.conf")],
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        if "Operation not permitted" in ran.stderr or "Permission denied" in ran.stderr:
            pytest.skip("making accounts needs root")
        assert ran.returncode == 0, ran.stderr

    assert "bhyt-filedrop:" in (etc / "passwd").read_text(encoding="utf-8")
    assert (tmp_path / "var/lib/bhyt-filedrop").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "srv/ftp/trao-doi-nghiep-vu").stat().st_mode & 0o7777 == 0o2771


def test_the_service_proves_that_it_moves_and_is_started_again():
    unit = service()

    assert unit["Type"] == "notify"
    assert int(unit["WatchdogSec"]) >= 30
    assert unit["Restart"] == "always"


def test_the_service_is_never_given_up_and_each_failure_is_told():
    """OnFailure= alone is never reached by a unit that is always started again."""
    unit = UNIT.read_text(encoding="utf-8")

    assert re.search(r"^StartLimitIntervalSec=0$", unit, re.M)
    assert re.search(r"^OnFailure=bhyt-filedrop-failure.service$", unit, re.M)
    assert "start --no-block bhyt-filedrop-failure.service" in service()["ExecStopPost"]
    failure = (SYSTEMD / "bhyt-filedrop-failure.service").read_text(encoding="utf-8")
    assert "ExecStart=/bin/sleep 1h" in failure, "while it runs, nobody is told again"
    handbook = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    assert {p.name for p in SYSTEMD.iterdir() if p.name not in handbook} == set()


def test_the_service_has_the_rights_it_uses_and_no_others():
    """Lease: is a file still written? Chown, fowner: whom does a delivered file belong to?"""
    unit = service()

    assert set(unit["AmbientCapabilities"].split()) == {"CAP_LEASE", "CAP_CHOWN", "CAP_FOWNER"}
    assert unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"]
    assert unit["NoNewPrivileges"] == "yes"
    assert "@chown" in unit["SystemCallFilter"]
    assert "prlimit64" in unit["SystemCallFilter"]
    assert " capset " in unit["SystemCallFilter"], "the readers give the rights up"


def test_the_paths_of_unit_tmpfiles_and_handbook_are_the_same():
    """A folder that one names and another does not is a service that cannot start."""
    tmpfiles = (SYSTEMD / "bhyt-filedrop.tmpfiles.conf").read_text(encoding="utf-8")
    handbook = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    unit = service()

    assert "--config /etc/bhyt-filedrop/config" in unit["ExecStart"]
    assert unit["StateDirectory"] == unit["ConfigurationDirectory"] == "bhyt-filedrop"
    for path in ("/etc/bhyt-filedrop", "/var/lib/bhyt-filedrop", "/srv/ftp/trao-doi-nghiep-vu"):
        assert re.search(rf"^d\s+{path}\s", tmpfiles, re.M)
        assert path in handbook
    assert "/srv/ftp/trao-doi-nghiep-vu" in unit["ReadWritePaths"]
    assert unit["ExecStart"].split()[0] in handbook
