"""A rar, old or new: its members come out whole and under their names, or it comes back.

WinRAR stores what packing would not make smaller, as the parts of an xlsx are packed already; the
archives here store everything.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import Limits, Unpacked
from tests import workbook_formats as formats
from tests.edges.reading import codes, sheets_of
from tests.rars import Item, rar4, rar5

Make = Callable[..., bytes]
LIST = formats.xlsx([formats.a_list()])
NAME = "Danh sách Phường Bến Nghé.xls"
BOTH = pytest.mark.parametrize("make", [rar4, rar5])


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


def unpacked(reader: WorkbookReader, folder: Path, data: bytes) -> Unpacked:
    """Unpack bytes as if a clerk had dropped them."""
    path = folder / "hồ sơ.rar"
    path.write_bytes(data)
    return reader.unpack(path, folder / "out")


@BOTH
def test_workbooks_in_a_rar_come_out_and_are_read(
    make: Make, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Each under its own name, from folders too; nothing looks into them before."""
    lists = {"mẫu 4.xlsx": LIST, "Quý 1/D03.xls": formats.xls([formats.a_list(2)])}
    data = make([Item("Quý 1", folder=True), *(Item(name, one) for name, one in lists.items())])

    result = unpacked(reader, tmp_path, data)

    assert result.findings == ()
    assert {m.name: m.path.read_bytes() for m in result.members} == lists
    assert [m.path.name for m in result.members] == ["0001.xlsx", "0002.xls"]
    read = [sheets_of(reader.read(m.path, m.name)) for m in result.members]
    assert read == [(formats.a_list(),), (formats.a_list(2),)]


@BOTH
@pytest.mark.parametrize(
    ("item", "name"),
    [
        (Item(NAME, LIST), NAME),
        (Item(unicodedata.normalize("NFD", NAME), LIST), NAME),
        (Item("Quý 1\\" + NAME, LIST), "Quý 1/" + NAME),
        (Item("C:\\a.xls", LIST), "a.xls"),
        (Item("/tmp/a.xls", LIST), "tmp/a.xls"),
        (Item("", LIST, raw_name=NAME.encode()), NAME),
        (Item("", LIST, raw_name=formats.cp1258(NAME)), NAME),
        (Item("ê" * 120 + "." + "XLSX", LIST), "ê" * 120 + ".XLSX"),
    ],
)
def test_a_name_comes_out_as_it_was_meant(
    make: Make, item: Item, name: str, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Unicode or a code page of Windows, composed or not; where it pointed to does not count."""
    (member,) = unpacked(reader, tmp_path, make([item])).members

    assert (member.name, member.path.parent) == (name, tmp_path / "out")


def test_every_way_to_pack_a_unicode_name_is_undone(reader: WorkbookReader, tmp_path: Path) -> None:
    """Version 4 takes letters from the plain name, or one byte, or two, as is shortest."""
    # "Quý 1.xls" as `Qu` plain, `ý` in two bytes, ` 1` with the high byte 0, then a run of four.
    packed = bytes([0, 0b00_00_10_00, *b"Qu", 0xFD, 0x00, *b" ", 0b01_11_00_00, *b"1", 2])
    raw = b"Qu_ 1.xls\0" + packed
    plain = rar4([Item("a.xls", LIST, raw_name=raw)])
    data = bytearray(plain)
    at = data.index(raw) - 32
    (flags,) = struct.unpack_from("<H", data, at + 3)
    struct.pack_into("<H", data, at + 3, flags | 0x200)
    struct.pack_into("<H", data, at, zlib.crc32(data[at + 2 : at + 32 + len(raw)]) & 0xFFFF)

    (member,) = unpacked(reader, tmp_path, bytes(data)).members

    assert member.name == "Quý 1.xls"


@BOTH
@pytest.mark.parametrize(
    ("items", "how", "code", "word"),
    [
        ([Item("a.xls", LIST, locked=True)], {}, "file.encrypted", "mật khẩu"),
        ([Item("a.xls", LIST), Item("b.xls", LIST, locked=True)], {}, "file.encrypted", "mật khẩu"),
        ([Item("a.xls", LIST)], {"locked": True}, "file.encrypted", "mật khẩu"),
        ([Item("a.xls", LIST, goes_on=True)], {"volume": True}, "file.damaged", "part1, part2"),
        ([Item("a.xls", LIST)], {"volume": True}, "file.damaged", "part1, part2"),
        ([Item("../../a.xls", LIST)], {}, "file.unsafe", "đường dẫn"),
        ([Item("..\\a.xls", LIST)], {}, "file.unsafe", "đường dẫn"),
        ([Item("a\0b.xls", LIST)], {}, "file.unsafe", "đường dẫn"),
        ([Item("a.xls", link="/etc/passwd")], {}, "file.unsafe", "liên kết"),
        ([Item("a.xls", LIST, claimed_size=10)], {}, "file.damaged", "hỏng"),
        ([Item("a.xls", LIST, claimed_size=10**9)], {}, "file.damaged", "hỏng"),
        ([Item("a.xls", LIST), Item("b.xls", LIST, crc=1)], {}, "file.damaged", "hỏng"),
    ],
)
def test_a_rar_that_is_not_as_it_should_be_comes_back_whole(
    make: Make,
    items: Sequence[Item],
    how: dict[str, bool],
    code: str,
    word: str,
    reader: WorkbookReader,
    tmp_path: Path,
) -> None:
    """None of its members is taken, and the sender reads why."""
    result = unpacked(reader, tmp_path, make(items, **how))

    assert (result.members, codes(result.findings)) == ((), [code])
    assert word in result.findings[0].message


@BOTH
def test_a_changed_byte_in_a_list_is_noticed(
    make: Make, reader: WorkbookReader, tmp_path: Path
) -> None:
    """libarchive checks no sum of what is stored: a card number would come out as another one."""
    page = formats.html([formats.a_list()])
    data = make([Item("a.xls", page)])
    changed = data.replace(b"0000000002", b"0000000003")
    assert changed != data

    assert codes(unpacked(reader, tmp_path, changed).findings) == ["file.damaged"]


@BOTH
def test_an_archive_in_a_rar_is_left_packed(
    make: Make, reader: WorkbookReader, tmp_path: Path
) -> None:
    """It comes out as one file, which is then judged like any other."""
    inner = make([Item("a.xls", LIST)])

    (member,) = unpacked(reader, tmp_path, make([Item("in.rar", inner)])).members

    assert (member.name, member.path.read_bytes()) == ("in.rar", inner)
    assert codes(reader.read(member.path, member.name).findings) == ["file.not-a-workbook"]


@BOTH
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_rar_cut_off_mid_upload_is_damaged(
    make: Make, share: float, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Whatever did arrive."""
    data = make([Item("a.xls", LIST), Item("b.xls", LIST)])

    result = unpacked(reader, tmp_path, data[: int(len(data) * share)])

    assert (result.members, codes(result.findings)) == ((), ["file.damaged"])


@BOTH
def test_a_rar_that_unpacks_to_too_much_is_refused(make: Make, tmp_path: Path) -> None:
    """Counted while it unpacks."""
    with WorkbookReader(Limits(max_unpacked=2**20)) as small:
        result = unpacked(small, tmp_path, make([Item("a.xls", bytes(2**21))]))

    assert codes(result.findings) == ["file.unsafe"]
