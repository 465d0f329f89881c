"""The pages on connections and on failures say what was really run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bhyt_filedrop.settings import TreeSettings, machine, variable
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.wiring.trees import open_tree
from tests.imports import ROOT
from tests.servers.certificates import certificates
from tests.servers.ftp import found, vsftpd
from tests.servers.kinds import missing
from tests.servers.pages import block
from tests.servers.ssh import has_sshd, sshd

DOCS = ROOT / "docs"


def as_documented(page: str, tmp_path: Path, changes: dict[str, str]) -> TreeSettings:
    """Read the page's `[[tree]]` as configuration, with this test's server in place of yours."""
    text = block(page, "toml")
    for written, real in changes.items():
        assert written in text, f"{page} no longer says {written}"
        text = text.replace(written, real)
    config = tmp_path / "config"
    config.mkdir()
    (config / machine.FILE).write_text(text, encoding="utf-8")
    problems = Gathered()
    read = machine.read(config, problems)
    assert problems.problems == []
    assert read is not None
    return read.trees[0]


def serves(settings: TreeSettings, tmp_path: Path) -> bool:
    tree = open_tree(settings)
    (tmp_path / "source").write_bytes(b"delivery")
    tree.put(tmp_path / "source", "Quận 1/Trả lại/a.xlsx")
    well = tree.check() is None and [s.path for s in tree.walk("")] == ["Quận 1/Trả lại/a.xlsx"]
    tree.close()
    return well


def test_the_page_on_local_trees_shows_a_configuration_that_works(tmp_path: Path):
    (tmp_path / "tree").mkdir()
    real = {"/srv/ftp/Trao đổi nghiệp vụ": str(tmp_path / "tree")}

    assert serves(as_documented("connections-local.md", tmp_path, real), tmp_path)


def test_the_page_on_sftp_shows_a_configuration_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not has_sshd():
        missing("openssh-server")
    server = sshd()
    (tmp_path / "tree").mkdir()
    monkeypatch.setenv(variable("sftp-main"), server.client_key.read_text())
    real = {
        "sftp.example.vn": "127.0.0.1",
        "port = 22": f"port = {server.port}",
        '"bhyt-filedrop"': f'"{server.username}"',
        "/Trao đổi nghiệp vụ": str(tmp_path / "tree"),
        "SHA256:" + "A" * 43: server.fingerprint,
    }

    assert serves(as_documented("connections-sftp.md", tmp_path, real), tmp_path)


def test_the_page_on_ftp_shows_a_configuration_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if found("vsftpd") is None:
        missing("vsftpd")
    server = vsftpd(True)
    disk = server.disk / "documented"
    disk.mkdir()
    monkeypatch.setenv(variable("ftp-main"), "anything")
    real = {
        "ftp.example.vn": "127.0.0.1",
        "port = 21": f"port = {server.port}",
        '"bhyt-filedrop"': f'"{server.username}"',
        "/Trao đổi nghiệp vụ": str(disk),
        "/etc/bhyt-filedrop/ca.pem": str(certificates().authority),
    }

    assert serves(as_documented("connections-ftp.md", tmp_path, real), tmp_path)


def test_each_failure_in_the_table_names_a_test_that_exists():
    page = (DOCS / "network-failures.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| `(test_\w+)`(?: in `(test_\w+\.py)`)? \|$", page, re.M)
    failures = [line for line in page.splitlines() if line.startswith("| ")][1:]

    assert len(rows) == len(failures) > 15
    for name, file in rows:
        (shown,) = (ROOT / "tests").rglob(file or "test_tree_network_failures.py")
        code = shown.read_text(encoding="utf-8")
        assert f"def {name}(" in code, f"{name} is no test"
