"""What a file is, by its bytes and never by its name, and whether it is all there.

Pure functions on the first `HEAD` and the last `TAIL` bytes of a file (both may overlap, both are
the whole file where it is small). `examine` reads those bytes from a disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bhyt_filedrop.edges.workbooks.sniffing import endings, ole_bytes, text_mode, zip_bytes
from bhyt_filedrop.edges.workbooks.sniffing.text_bytes import guess_text

HEAD = 64 * 1024
"""How many first bytes `format_of` and `ends` want."""
TAIL = 68 * 1024
"""How many last bytes they want: a zip's end record may be followed by 65,535 bytes of comment."""
_DIRECTORY = 16 * 1024
_WORTH_READING = 64 * 2**20
"""Larger files are not read whole only to say what damaged them."""

WORKBOOKS = frozenset(
    {"xlsx", "xlsm", "xlsb", "xls", "ods", "fods", "html", "spreadsheetml", "csv"}
)
PICTURES = frozenset({"jpeg", "png", "tiff", "bmp", "gif", "webp", "heic"})
DOCUMENTS = frozenset({"pdf", "doc", "docx", "rtf", "odt"})
ARCHIVES = frozenset({"zip", "rar", "7z"})
ENCRYPTED = "encrypted-ooxml"
"""An OOXML file behind a password: an OLE container that hides which kind it is."""

_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
)
_BARE_BIFF = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00\x00\x05",
    b"\x09\x08\x10\x00\x00\x06",
)
"""An xls stream without its container, as versions 2 to 4 and a few exporters wrote it."""
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis", b"avif")
_SPREADSHEETML = "urn:schemas-microsoft-com:office:spreadsheet"
_WORKBOOK_TAG = re.compile(r"<(?:\w+:)?Workbook[\s>]")
_FLAT_ODF = re.compile(
    r"<office:document\s[^>]*?office:mimetype\s*=\s*[\"']"
    r"application/vnd\.oasis\.opendocument\.([a-z]+)"
)
_FLAT_KINDS = {"spreadsheet": "fods", "text": "odt"}
_HTML_TAG = re.compile(r"<(?:!doctype\s+html|html|table|tr|body|head|meta)[\s>]", re.IGNORECASE)


def format_of(head: bytes, tail: bytes = b"", directory: bytes = b"") -> str:
    """Name the format; "" where it is none that anybody here knows.

    `directory` holds an OLE container's directory where a caller could read it; without it, names
    of streams are looked for in `head` and `tail`.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(ole_bytes.MAGIC):
        return _ole_kind(head, tail, directory)
    if head.startswith((zip_bytes.LOCAL, zip_bytes.END)):
        return _zip_kind(head, tail)
    return _other_binary(head) or _text_kind(head)


def _other_binary(head: bytes) -> str:
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "bmp"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "heic"
    if head.startswith(_BARE_BIFF):
        return "xls"
    return "pdf" if b"%PDF-" in head[:1024] else ""


def _ole_kind(head: bytes, tail: bytes, directory: bytes) -> str:
    """Names of streams have no case (MS-CFB 2.6.4): some programs write them in capitals."""
    names = frozenset(map(str.lower, ole_bytes.stream_names(directory)))
    seen: Callable[[str], bool] = names.__contains__ if names else _stream_in(head + tail)
    if seen("encryptedpackage"):
        return ENCRYPTED
    if seen("workbook") or seen("book"):
        return "xls"
    return "doc" if seen("worddocument") else ""


def _stream_in(data: bytes) -> Callable[[str], bool]:
    lower = data.lower()  # letters of ASCII alone: the bytes of other characters stay
    return lambda name: (f"{name}\0").encode("utf-16-le") in lower


def _zip_kind(head: bytes, tail: bytes) -> str:
    names = zip_bytes.names(head, tail)
    spoken = _ODF_TYPE.match(zip_bytes.mimetype(head)) if "mimetype" in names else None
    if spoken:
        return _OPEN_DOCUMENT.get(spoken[1], "")
    # A cut-off file may have lost its list of types, which some programs write last.
    if "[Content_Types].xml" not in names and zip_bytes.end_record(tail):
        return "zip"
    if any(name.startswith("word/") for name in names):
        return "docx"
    # Not every program puts a workbook's parts into a folder `xl`.
    last = {name.rpartition("/")[2].lower() for name in names}
    if "workbook.bin" in last:
        return "xlsb"
    if "workbook.xml" in last or any(name.startswith("xl/") for name in names):
        return "xlsm" if "vbaproject.bin" in last else "xlsx"
    return "" if "[Content_Types].xml" in names else "zip"


_ODF_TYPE = re.compile(r"application/vnd\.oasis\.opendocument\.([a-z]+)")
_OPEN_DOCUMENT = {"spreadsheet": "ods", "text": "odt"}


def _text_kind(head: bytes) -> str:
    text = guess_text(head)
    if text is None:
        return ""
    start = text.lstrip()
    if start.startswith("<"):
        return _markup_kind(start)
    if start[:13].lower() == "mime-version:":
        return "html" if "text/html" in start.lower() else ""
    return "csv" if _has_columns(start) else ""


def _has_columns(text: str) -> bool:
    """Two lines of three columns make a table; commas in a note do not."""
    lines = text.splitlines()[:500]
    return any(sum(line.count(mark) >= 2 for line in lines) >= 2 for mark in ",;\t|")


def _markup_kind(text: str) -> str:
    if _SPREADSHEETML in text and _WORKBOOK_TAG.search(text):
        return "spreadsheetml"
    flat = _FLAT_ODF.search(text)
    if flat:
        return _FLAT_KINDS.get(flat[1], "")
    return "html" if _HTML_TAG.search(text) else ""


def ends(head: bytes, tail: bytes, size: int) -> bool | None:
    """Tell by the format's own evidence whether the file is whole.

    None where the format has no end mark (csv, tiff, anything unknown). An empty file never ends.
    """
    if size == 0:
        return False
    kind = format_of(head, tail)
    if head.startswith(ole_bytes.MAGIC):
        return ole_bytes.ends(head, tail, size)
    if head.startswith((zip_bytes.LOCAL, zip_bytes.END)):
        return zip_bytes.end_record(tail) is not None
    mark = endings.MARKS.get(kind)
    return mark(head, tail, size) if mark else None


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the bytes of one file say: its format, its end (None: no end mark), its size."""

    format: str
    ends: bool | None
    size: int
    spoilt: bool = False
    """A file without its end that FTP sent as text."""


def examine(path: Path) -> Sniffed:
    """Sniff a file on disk. Raises OSError where it cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, size - TAIL))
        tail = file.read(TAIL)
        directory = b""
        at = ole_bytes.directory_offset(head)
        if at is not None:
            file.seek(at)
            directory = file.read(_DIRECTORY)
    whole = ends(head, tail, size)
    if whole is False and head.startswith((zip_bytes.LOCAL, ole_bytes.MAGIC)):
        data = path.read_bytes() if size <= _WORTH_READING else b""
        if text_mode.is_spoilt(data):
            found = format_of(head, tail, directory)
            kind = text_mode.kind_of(data) if data.startswith(zip_bytes.LOCAL) else found
            return Sniffed(kind, whole, size, spoilt=True)
    return Sniffed(format_of(head, tail, directory), whole, size)


def is_spoilt(path: Path) -> bool:
    """True for a file that FTP sent as text; asked once a parser found it damaged."""
    return path.stat().st_size <= _WORTH_READING and text_mode.is_spoilt(path.read_bytes())
