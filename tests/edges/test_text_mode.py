"""Files that an FTP program sent as text: told as that, and no sound or cut-off file with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.sniffing.text_mode import is_spoilt
from tests.edges.reading import read_bytes
from tests.workbook_formats import write

Spoil = Callable[[bytes], bytes]


def to_windows(data: bytes) -> bytes:
    """A Unix client in text mode: every LF becomes CR LF."""
    return data.replace(b"\n", b"\r\n")


def to_network(data: bytes) -> bytes:
    """A Windows client in text mode, whose server keeps the network's line ends."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def to_unix(data: bytes) -> bytes:
    """A server that drops every CR."""
    return data.replace(b"\r", b"")


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    with WorkbookReader() as one:
        yield one


def a_workbook(folder: Path, kind: str, seed: int = 1) -> bytes:
    """A list whose packed bytes are as many as those of a district's."""
    rng = Random(seed)
    rows = [
        (float(n), f"Trẻ Thử {rng.randrange(10**9)}", f"{rng.randrange(10**14):015}",
         date(2014, 1 + n % 12, 1 + n % 28), f"{rng.randrange(999)}/{rng.random()} Phường 5")
        for n in range(1, 401)
    ]  # fmt: skip
    header = ("STT", "Họ và tên", "Mã số", "Ngày sinh", "Địa chỉ")
    return write(folder / f"{kind}{seed}", kind, [Sheet("Trang 1", (header, *rows))]).read_bytes()


@pytest.mark.parametrize("spoil", [to_windows, to_network, to_unix])
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_that_ftp_sent_as_text_is_told_to_go_as_binary(
    tmp_path: Path, reader: WorkbookReader, kind: str, spoil: Spoil
):
    reading = read_bytes(reader, tmp_path, spoil(a_workbook(tmp_path, kind)), f"list.{kind}")
    (found,) = reading.findings

    assert (reading.format, found.code) == (kind, "file.damaged")
    assert "ASCII" in found.message and "Binary" in found.remedy
    assert "zip" not in found.remedy


@pytest.mark.parametrize("spoil", [to_windows, to_network])
def test_an_old_xls_that_ftp_sent_as_text_is_told_so_too(
    tmp_path: Path, reader: WorkbookReader, spoil: Spoil
):
    reading = read_bytes(reader, tmp_path, spoil(a_workbook(tmp_path, "xls")), "list.xls")

    assert "ASCII" in reading.findings[0].message


def test_an_archive_that_ftp_sent_as_text_need_not_be_packed_anew(
    tmp_path: Path, reader: WorkbookReader
):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mau 4.csv", Random(2).randbytes(20_000))
    spoilt = tmp_path / "ho so.zip"
    spoilt.write_bytes(to_windows(packed.getvalue()))
    (found,) = reader.unpack(spoilt, tmp_path / "into").findings

    assert "ASCII" in found.message and "Nén lại" not in found.remedy


@pytest.mark.parametrize("seed", range(8))
def test_a_file_that_was_cut_off_or_changed_otherwise_is_not_blamed_on_the_transfer(
    tmp_path: Path, seed: int
):
    for kind in ("xlsx", "ods", "xls"):
        data = a_workbook(tmp_path, kind, seed)
        at = Random(seed).randrange(len(data) // 4, len(data))

        assert not is_spoilt(data)
        assert not is_spoilt(data[:at])
        assert not is_spoilt(data[: at - 20] + data[at:])
