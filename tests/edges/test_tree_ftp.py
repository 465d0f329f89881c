"""FTP and FTPS: what servers list, whom we trust, and what FTP cannot do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.trees.ftp.connect import FtpAccess, ftp_tree
from bhyt_filedrop.edges.trees.ftp.listing import parse_facts, parse_line
from bhyt_filedrop.edges.trees.remote.session import Kind, RemoteEntry
from bhyt_filedrop.edges.trees.remote.tree import RemoteTree
from bhyt_filedrop.ports import ClosedFolder, NeverWorks, Sighting, TryLater
from tests.servers.certificates import certificates
from tests.servers.ftp import found, pyftpdlib_server, vsftpd
from tests.servers.kinds import ftp_access, missing

# --- listings -------------------------------------------------------------------------------------

UNIX = [
    ("-rw-r--r--    1 0        0            5120 Nov 21 20:11 a.xlsx", Kind.FILE, 5120, "a.xlsx"),
    ("-rw-r--r--    1 0        0            5120 Nov 21  2015 a.xlsx", Kind.FILE, 5120, "a.xlsx"),
    (
        "-rw-rw-r--+ 1 quan 1 bhxh  17 Feb 29 08:00 Danh sách 1.xls",
        Kind.FILE,
        17,
        "Danh sách 1.xls",
    ),
    ("-rw-------   1 u    g    99 Jan  1 00:00  đầu.xlsx", Kind.FILE, 99, " đầu.xlsx"),
    ("drwxrwsr-x    2 1000     bhxh         4096 Mar 02 07:30 Quận 1", Kind.FOLDER, 4096, "Quận 1"),
    ("lrwxrwxrwx    1 0  0  7 Nov 21 20:11 link.xlsx -> a.xlsx", Kind.OTHER, 7, "link.xlsx"),
    ("prw-r--r--    1 0  0  0 Nov 21 20:11 pipe", Kind.OTHER, 0, "pipe"),
    ("crw-rw-rw-    1 0  0  1, 3 Nov 21 20:11 null", Kind.OTHER, 3, "null"),
    ("-rw-r--r-- 1 ftp ftp 123 2026-11-21 20:11 iso.xlsx", Kind.FILE, 123, "iso.xlsx"),
    ("-rw-r--r-- 1 ftp ftp 123 Th11 21 20:11 viet.xlsx", None, 0, ""),
    ("-rw-r--r-- 1 ftp ftp 123 août 21 20:11 cu.xlsx", Kind.FILE, 123, "cu.xlsx"),
    ("total 12", None, 0, ""),
    ("", None, 0, ""),
]
WINDOWS = [
    ("11-21-26  08:11PM                 5120 a.xlsx", Kind.FILE, 5120, "a.xlsx"),
    ("11-21-2026  08:11PM       <DIR>          Quận 1", Kind.FOLDER, 0, "Quận 1"),
    ("11-21-26  20:11                    7 hai  cách.xls", Kind.FILE, 7, "hai  cách.xls"),
    ("11-21-26  08:11PM       <JUNCTION>     elsewhere", Kind.OTHER, 0, "elsewhere"),
]


@pytest.mark.parametrize(("line", "kind", "size", "name"), UNIX + WINDOWS)
def test_a_line_of_either_style_of_listing_is_understood(
    line: str, kind: Kind | None, size: int, name: str
):
    entry = parse_line(line)

    if kind is None:
        assert entry is None
    else:
        assert entry is not None
        assert (entry.kind, entry.size, entry.name) == (kind, size, name)


FACTS = [
    ("type=file;size=5120;modify=20261121201144; a b.xlsx", Kind.FILE, 5120, "a b.xlsx"),
    ("Type=DIR;Modify=20261121201144.123;UNIX.mode=0755; Quận 1", Kind.FOLDER, 0, "Quận 1"),
    ("type=OS.unix=slink:/etc/passwd;size=1; link", Kind.OTHER, 1, "link"),
    ("size=12; no type", Kind.OTHER, 12, "no type"),
]


@pytest.mark.parametrize(("line", "kind", "size", "name"), FACTS)
def test_a_line_of_facts_is_understood(line: str, kind: Kind, size: int, name: str):
    entry = parse_facts(line)

    assert entry is not None
    assert (entry.kind, entry.size, entry.name) == (kind, size, name)


@pytest.mark.parametrize("line", ["type=cdir; .", "type=pdir; ..", "", "type=file;size=1;"])
def test_the_folder_itself_and_nothing_at_all_are_no_entries(line: str):
    assert parse_facts(line) is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("type=file;size=7;UNIX.groupname=domain users;UNIX.mode=0770; Mẫu 3.xlsx", "Mẫu 3.xlsx"),
        (" type=file;UNIX.ownername=cap nuoc;size=7; a=b; c d.xlsx", "a=b; c d.xlsx"),
        ("type=file;size=7; a b.xlsx", "a b.xlsx"),
        ("type=file;size=7;  a.xlsx", " a.xlsx"),
        ("type=file;size=7 a;b c.xlsx", "a;b c.xlsx"),
    ],
)
def test_a_group_whose_name_holds_a_blank_hides_no_file(line: str, name: str):
    entry = parse_facts(line)
    assert entry is not None
    assert (entry.name, entry.kind, entry.size) == (name, Kind.FILE, 7)


def test_facts_give_the_time_in_the_server_s_utc():
    entry = parse_facts("type=file;modify=19700102000000.5;size=1; a")

    assert entry == RemoteEntry("a", Kind.FILE, 1, 86400.5)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_no_line_of_a_server_is_worth_a_crash(line: str):
    parse_line(line)
    parse_facts(line)


@settings(max_examples=50)
@given(
    st.sampled_from(["Nov 21 20:11", "Nov 21 20:12", "Nov 22 20:11", "Nov 21 2015", "août 3 2015"]),
    st.sampled_from(["Nov 21 20:11", "Nov 21 20:12", "Nov 22 20:11", "Nov 21 2015", "août 3 2015"]),
)
def test_a_listing_s_time_changes_exactly_when_its_text_does(one: str, other: str):
    times = [parse_line(f"-rw-r--r-- 1 0 0 5 {when} a") for when in (one, other)]

    assert times[0] is not None
    assert (times[0] == times[1]) == (one == other)


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        ("Nov 21 20:11", "Nov 21  2015", True),
        ("Feb 29 08:00", "Feb 29  2016", True),
        ("Nov 21 20:11", "Nov 22  2015", False),
        ("Nov 21 20:11", "Nov 21 20:12", False),
        ("Nov 21  2014", "Nov 21  2015", False),
    ],
)
def test_a_file_that_lies_there_for_half_a_year_is_no_new_one(then: str, now: str, same: bool):
    """`ls` tells the hour at first, and the year in its place from then on."""
    lines = [f"-rw-r--r-- 1 0 0 5 {when} a" for when in (then, now)]
    entries = [entry for line in lines if (entry := parse_line(line))]
    one, other = (Sighting(e.name, e.size, e.mtime) for e in entries)

    assert one.is_same_file(other) is same
    assert other.is_same_file(one) is same


# --- connecting -----------------------------------------------------------------------------------


@contextmanager
def opened(access: FtpAccess) -> Iterator[RemoteTree]:
    tree = ftp_tree("far", access)
    yield tree
    tree.close()


def trouble(access: FtpAccess) -> str:
    """What an admin is told when a tree cannot be reached."""
    with opened(access) as tree:
        with pytest.raises(TryLater):
            list(tree.walk(""))
        return tree.check() or ""


@pytest.fixture
def secure() -> FtpAccess:
    return ftp_access(pyftpdlib_server(tls=True), "/")


def test_a_certificate_of_a_known_authority_is_trusted(secure: FtpAccess):
    with opened(secure) as tree:
        assert tree.check() is None


@pytest.mark.parametrize("authority", [None, "stranger"])
def test_a_certificate_of_an_unknown_authority_is_refused(secure: FtpAccess, authority: str | None):
    said = trouble(replace(secure, tls_ca=authority and certificates().stranger))

    assert "chứng thư TLS của máy chủ không được tin cậy" in said
    assert "tls_ca" in said


def test_a_certificate_for_another_name_is_refused(secure: FtpAccess):
    assert "không được tin cậy" in trouble(replace(secure, host="localhost"))


def test_an_authority_s_file_that_is_missing_is_told(secure: FtpAccess, tmp_path: Path):
    assert "không kết nối được" in trouble(replace(secure, tls_ca=tmp_path / "none.pem"))


def test_a_server_that_insists_on_tls_is_not_spoken_to_without(secure: FtpAccess):
    assert trouble(replace(secure, tls=False)) != ""


def test_a_server_without_tls_gets_no_password_when_tls_is_asked_for():
    plain = ftp_access(pyftpdlib_server(), "/")

    assert "không kết nối được" in trouble(
        replace(plain, tls=True, tls_ca=certificates().authority)
    )


def test_a_wrong_password_is_told_and_not_repeated_in_the_text():
    said = trouble(replace(ftp_access(pyftpdlib_server(), "/"), password="bi-mat-sai"))

    assert "máy chủ không nhận tên bhyt" in said
    assert "bi-mat-sai" not in said


def test_a_root_that_is_not_there_is_told():
    assert "không thấy thư mục gốc" in trouble(ftp_access(pyftpdlib_server(), "/không/có"))


def test_a_server_that_is_not_there_is_told():
    assert "không kết nối được" in trouble(FtpAccess(host="127.0.0.1", port=1))


def test_the_login_s_own_folder_is_the_root_when_none_is_named(tmp_path: Path):
    server = pyftpdlib_server()
    (server.disk / "gốc").mkdir(exist_ok=True)
    (server.disk / "gốc/a.xlsx").touch()

    for root in ("gốc", "/gốc", "/gốc/"):
        with opened(ftp_access(server, root)) as tree:
            assert [s.path for s in tree.walk("")] == ["a.xlsx"]
    with opened(ftp_access(server, "")) as tree:
        assert tree.stat("gốc/a.xlsx") is not None


# --- what FTP cannot do ---------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(os.urandom(1000))
    return path


def test_a_server_that_sets_no_modes_says_so_before_anybody_can_read(source: Path):
    if found("vsftpd") is None:
        missing("vsftpd")
    server = vsftpd(False)
    disk = server.disk / "modes"
    disk.mkdir()
    with opened(ftp_access(server, str(disk))) as tree, pytest.raises(NeverWorks, match="modes"):
        tree.put(source, "a.xlsx", FileAccess(mode=0o640))

    assert list(disk.iterdir()) == []


def test_an_owner_cannot_be_given_over_ftp(source: Path):
    with opened(ftp_access(pyftpdlib_server(), "/")) as tree:
        with pytest.raises(NeverWorks, match="no owner"):
            tree.put(source, "owner/a.xlsx", FileAccess(owner="65534"))
        assert list(tree.walk("owner")) == []


def test_a_name_with_a_line_break_never_reaches_the_server(source: Path):
    with opened(ftp_access(pyftpdlib_server(), "/")) as tree:
        for name in ("a\r\nDELE b", "a\nb"):
            with pytest.raises(NeverWorks):
                tree.put(source, name)
        assert tree.check() is None


def test_a_server_that_never_renames_over_a_file_still_takes_a_repeated_delivery(source: Path):
    server = pyftpdlib_server(old=True)
    with opened(ftp_access(server, "/")) as tree:
        tree.put(source, "Quận 1/a.xlsx")
        source.write_bytes(b"the same again, after a crash")
        tree.put(source, "Quận 1/a.xlsx")

        assert [s.path for s in tree.walk("Quận 1")] == ["Quận 1/a.xlsx"]
    assert (server.disk / "Quận 1/a.xlsx").read_bytes() == b"the same again, after a crash"


def test_a_folder_that_the_server_keeps_closed_is_not_taken_for_an_empty_one():
    """One that is asked for is told; one below it is passed over, and the others are seen."""
    server = pyftpdlib_server(old=True)
    for name in ("a", "closed", "z"):
        (server.disk / "doors" / name).mkdir(parents=True)
        (server.disk / "doors" / name / "x.xlsx").touch()

    with opened(ftp_access(server, "/doors")) as tree:
        assert [s.path for s in tree.walk("")] == ["a/x.xlsx", "z/x.xlsx"]
        with pytest.raises(ClosedFolder):
            list(tree.walk("closed"))
