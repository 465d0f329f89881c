"""Archives of lists: unpacked under names of our own, hostile ones refused whole."""

from __future__ import annotations

import io
import shutil
import struct
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import py7zr
import pytest

from bhyt_filedrop.edges.workbooks.archives import unpack as archives
from bhyt_filedrop.edges.workbooks.child.problems import UnreadableError
from bhyt_filedrop.edges.workbooks.reading import messages
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import Limits, Unpacked
from tests import workbook_formats as formats
from tests.edges.reading import codes

LISTS = {"Quý 1/Phường 1.xlsx": b"first" * 50, "Phường 2.XLS": b"second" * 50}


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


def unpacked(reader: WorkbookReader, folder: Path, data: bytes) -> Unpacked:
    """Unpack bytes as if a clerk had dropped them."""
    path = folder / "archive"
    path.write_bytes(data)
    return reader.unpack(path, folder / "out")


def contents(result: Unpacked) -> dict[str, bytes]:
    """Return what came out, by the members' own names."""
    assert result.findings == ()
    return {member.name: member.path.read_bytes() for member in result.members}


def seven_zip(members: dict[str, bytes], password: str | None = None) -> bytes:
    """Return a 7z."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()


@pytest.mark.parametrize("make", [formats.zip_of, formats.rar_of, seven_zip])
def test_each_kind_of_archive_gives_its_members(
    make: object, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Names come as they were stored, files lie under names of our own."""
    result = unpacked(reader, tmp_path, make(LISTS))  # type: ignore[operator]

    assert contents(result) == LISTS
    assert {"0001.xlsx", "0002.xls"} == {member.path.name for member in result.members}
    assert {tmp_path / "out"} == {member.path.parent for member in result.members}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1258", "nfd"])
def test_vietnamese_names_come_out_composed(
    encoding: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Windows' own zipper writes its code page and does not say so; Macs decompose."""
    name = "Danh sách Phường Bến Nghé.xls"
    raw = {
        "utf-8": name.encode(),
        "cp1258": formats.cp1258(name),
        "nfd": unicodedata.normalize("NFD", name).encode(),
    }[encoding]
    data = formats.zip_of({"x" * len(raw): b"data"}).replace(b"x" * len(raw), raw)

    assert {name: b"data"} == contents(unpacked(reader, tmp_path, data))


def test_clutter_and_folders_are_left_out(reader: WorkbookReader, tmp_path: Path) -> None:
    """What Macs, Windows and Office put beside the files is no list."""
    clutter = ["__MACOSX/._a.xls", ".DS_Store", "a/Thumbs.db", "~$a.xls", "a/desktop.ini", "b/"]
    data = formats.zip_of({**dict.fromkeys(clutter, b""), "a/b.xls": b"list"})

    assert contents(unpacked(reader, tmp_path, data)) == {"a/b.xls": b"list"}


def test_an_archive_inside_is_left_packed(reader: WorkbookReader, tmp_path: Path) -> None:
    """It comes out as one file, which is then judged like any other."""
    inner = formats.zip_of(LISTS)

    assert {"in.zip": inner} == contents(
        unpacked(reader, tmp_path, formats.zip_of({"in.zip": inner}))
    )


def test_windows_separators_and_drives_are_only_names(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """They choose no place on the server."""
    data = formats.zip_of({"C:\\DS\\a.xls": b"1", "/abs/b.xls": b"2"})

    assert contents(unpacked(reader, tmp_path, data)) == {"DS/a.xls": b"1", "abs/b.xls": b"2"}
    assert not (tmp_path / "abs").exists()


@pytest.mark.parametrize("make", [formats.zip_of, formats.rar_of])
def test_a_path_that_climbs_out_condemns_the_archive(
    make: object, reader: WorkbookReader, tmp_path: Path
) -> None:
    """No program that clerks use makes such a name."""
    result = unpacked(reader, tmp_path, make({"../../evil.xls": b"x"}))  # type: ignore[operator]

    assert codes(result.findings) == ["file.unsafe"]
    assert not (tmp_path.parent / "evil.xls").exists()


def test_a_link_condemns_the_archive(reader: WorkbookReader, tmp_path: Path) -> None:
    """A symbolic link in a zip is a file with a mark; it must not become one here."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.xls")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")

    assert codes(unpacked(reader, tmp_path, out.getvalue()).findings) == ["file.unsafe"]


def test_too_many_members_are_refused(reader: WorkbookReader, tmp_path: Path) -> None:
    """500 files at most; exactly 500 are taken."""
    members = {f"{number}.xls": b"x" for number in range(500)}

    assert len(unpacked(reader, tmp_path, formats.zip_of(members)).members) == 500
    more = formats.zip_of({**members, "501.xls": b"x"})
    assert codes(unpacked(reader, tmp_path, more).findings) == ["file.unsafe"]


@pytest.mark.parametrize("make", [formats.zip_of, seven_zip])
def test_an_archive_that_unpacks_to_too_much_is_refused(make: object, tmp_path: Path) -> None:
    """It is stopped while unpacking, whatever its directory claims."""
    with WorkbookReader(Limits(max_unpacked=2**20)) as small:
        result = unpacked(small, tmp_path, make({"a.xls": bytes(2**21)}))  # type: ignore[operator]

    assert codes(result.findings) == ["file.unsafe"]
    written = sum(file.stat().st_size for file in (tmp_path / "out").iterdir())
    assert written <= 2**20


def test_a_password_is_seen(reader: WorkbookReader, tmp_path: Path) -> None:
    """On a zip by its flag, on a 7z by what the library says."""
    data = bytearray(formats.zip_of({"a.xls": b"list"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(mark) + offset, 1)

    assert codes(unpacked(reader, tmp_path, bytes(data)).findings) == ["file.encrypted"]
    locked = seven_zip({"a.xls": b"list" * 99}, "bi-mat")
    assert codes(unpacked(reader, tmp_path, locked).findings) == ["file.encrypted"]


@pytest.mark.parametrize("make", [formats.zip_of, formats.rar_of, seven_zip])
def test_a_cut_off_archive_is_damaged(make: object, reader: WorkbookReader, tmp_path: Path) -> None:
    """None of its members is taken, not even those that are whole."""
    data = make({**LISTS, "big.xls": bytes(range(256)) * 90})  # type: ignore[operator]

    result = unpacked(reader, tmp_path, data[: len(data) * 2 // 3])

    assert result.members == ()
    assert codes(result.findings) == ["file.damaged"]


def test_a_member_with_a_wrong_checksum_is_damage(reader: WorkbookReader, tmp_path: Path) -> None:
    """Data that does not match is not handed on."""
    data = bytearray(formats.zip_of({"a.xls": bytes(range(256)) * 9}))
    data[60] ^= 0xFF

    assert codes(unpacked(reader, tmp_path, bytes(data)).findings) == ["file.damaged"]


def test_a_machine_without_the_library_asks_for_a_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip needs nothing; for rar and 7z the sender is told what to do instead."""
    monkeypatch.setitem(sys.modules, "libarchive", None)
    path = tmp_path / "archive"
    path.write_bytes(formats.rar_of(LISTS))

    with pytest.raises(UnreadableError) as refused:
        archives.unpack(path, tmp_path, "rar", 2**20)

    found = messages.problem(refused.value.code, refused.value.why)
    assert found.code == "file.not-a-workbook"
    assert ".zip" in found.remedy


def test_an_archive_without_members_has_none(reader: WorkbookReader, tmp_path: Path) -> None:
    """What to say about it is the caller's matter."""
    result = unpacked(reader, tmp_path, formats.zip_of({}))

    assert Unpacked() == result


def test_what_is_no_archive_is_not_unpacked(reader: WorkbookReader, tmp_path: Path) -> None:
    """A workbook is a zip too, but never unpacked as one."""
    result = unpacked(reader, tmp_path, formats.xlsx([formats.a_list()]))

    assert codes(result.findings) == ["file.not-a-workbook"]
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    assert codes(unpacked(reader, tmp_path, b"").findings) == ["file.empty"]


def test_a_directory_that_points_nowhere_is_damage_and_not_the_disks_fault(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Were it told as a failing disk, the file would be tried again until somebody looks."""
    data = bytearray(formats.zip_of({"a.xls": b"list" * 99}))
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 16, 10_000)

    assert codes(unpacked(reader, tmp_path, bytes(data)).findings) == ["file.damaged"]
