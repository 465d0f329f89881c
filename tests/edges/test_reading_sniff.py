"""A file's bytes say what it is and whether it is all there; its name says nothing."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.edges.workbooks.sniffing import sniff
from tests import workbook_formats as formats

ENDLESS = frozenset({"csv", "tiff"})


@cache
def sample(kind: str) -> bytes:
    """A whole file of a format."""
    if kind in formats.OTHERS:
        return formats.OTHERS[kind]
    if kind == "zip":
        return formats.zip_of({"a.xls": formats.xls([formats.a_list()])})
    if kind == "rar":
        return formats.rar_of({"a.xls": formats.xls([formats.a_list()])})
    if kind == "encrypted-ooxml":
        return formats.locked_xlsx(formats.xlsx([formats.a_list()]), "secret")
    if kind == "xlsm":
        return formats.with_parts(sample("xlsx"), {"xl/vbaProject.bin": b"macro"})
    return formats.make(kind, [formats.a_list()])


KINDS = [kind for kind in formats.WRITERS if kind != "xls5"]
ALL = [*KINDS, *formats.OTHERS, "zip", "rar", "encrypted-ooxml", "xlsm"]


def format_of(data: bytes) -> str:
    """Sniff as a sweep does: by the first and the last bytes."""
    return sniff.format_of(data[: sniff.HEAD], data[-sniff.TAIL :])


def ends(data: bytes) -> bool | None:
    """Ask for the end as a sweep does."""
    return sniff.ends(data[: sniff.HEAD], data[-sniff.TAIL :], len(data))


@pytest.mark.parametrize("kind", ALL)
def test_every_format_is_known_by_its_bytes(kind: str) -> None:
    """Offices and hospitals name any of these .xls."""
    assert kind == format_of(sample(kind))


@pytest.mark.parametrize("kind", ALL)
def test_a_whole_file_ends(kind: str) -> None:
    """Formats without an end mark never claim either way."""
    assert ends(sample(kind)) is (None if kind in ENDLESS else True)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([kind for kind in ALL if kind not in ENDLESS]), st.floats(0.01, 0.98))
def test_a_file_cut_off_anywhere_does_not_end(kind: str, share: float) -> None:
    """Mid-upload a list must not be taken for a shorter list.

    Some old programs leave the last sector of an OLE file short: 511 bytes may be missing there.
    Others never write the last tags of a page, so these may be missing behind the table.
    """
    data = sample(kind)
    cut = data[: int(len(data) * share)]
    allowed = {"html": len("</body></html>")}.get(kind, 0)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        allowed = 511

    assert ends(cut) is not True or len(data) - len(cut) <= allowed


def test_an_empty_file_does_not_end() -> None:
    """0 bytes are what an upload looks like at its very beginning."""
    assert ends(b"") is False


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_a_big_file_cut_off_does_not_end(kind: str) -> None:
    """Larger than what is looked at from either side."""
    data = formats.make(kind, [formats.a_list(28)] * 1)
    big = data if len(data) > sniff.HEAD + sniff.TAIL else _bigger(kind)

    assert ends(big) is True
    assert ends(big[:-3000]) is False
    assert kind == format_of(big)


def _bigger(kind: str) -> bytes:
    import random

    from bhyt_filedrop.domain.cells.grid import Sheet

    chance = random.Random(1)
    rows = tuple((f"{chance.random()}", f"{chance.random()}") for _ in range(9000))
    return formats.make(kind, [Sheet("S", rows)])


def test_a_zip_with_a_comment_or_padding_ends() -> None:
    """Zippers may write a comment; some servers pad with line ends."""
    data = sample("zip")
    commented = data[:-2] + (5).to_bytes(2, "little") + b"hello"

    assert ends(commented) is True
    assert ends(data + b"\r\n") is True


def test_a_cut_off_zip_that_holds_a_whole_zip_does_not_end() -> None:
    """The end of a stored workbook inside is not the end of the archive around it."""
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.xlsx", sample("xlsx"))
        archive.writestr("b.txt", b"x" * 500)
    data = out.getvalue()
    inner_end = data.index(b"PK\x05\x06") + 22

    assert format_of(data) == "zip"
    assert ends(data[: inner_end + 40]) is False


@pytest.mark.parametrize("cut", [b"</table>", b"</body></html>"])
def test_html_without_the_last_tags_ends_with_its_last_table(cut: bytes) -> None:
    """Sloppy exporters never close the document; a table left open is another matter."""
    data = formats.html([formats.a_list()])

    closed = data.replace(b"</body></html>", b"")
    assert ends(closed) is True
    assert ends(closed.replace(b"</table>", b"")) is False


@pytest.mark.parametrize("marks", [0, 1, 3, 5])
def test_html_is_known_behind_any_number_of_marks(marks: int) -> None:
    """Some hospital programs write the byte order mark once per function that wrote."""
    assert format_of(formats.html([formats.a_list()], marks=marks)) == "html"


def test_html_in_utf16_is_known() -> None:
    """`FF FE 3C 00`: what most hospital exports begin with."""
    data = formats.html([formats.a_list()], encoding="utf-16-le")

    assert data.startswith(b"\xff\xfe<\0")
    assert format_of(data) == "html"
    assert ends(data) is True
    assert ends(data[:-40]) is False


@pytest.mark.parametrize("prefix", ["", "ss:"])
def test_spreadsheetml_is_known_with_and_without_a_prefix(prefix: str) -> None:
    """Both spellings are the same format."""
    data = formats.spreadsheetml([formats.a_list()], prefix=prefix)

    assert format_of(data) == "spreadsheetml"
    assert ends(data) is True
    assert ends(data[:-12]) is False


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF" + bytes(200),
        b"Kinh gui anh chi, em nop sau a.\n",
        b'<?xml version="1.0"?><config/>',
        bytes(range(256)) * 4,
        b"MZ" + bytes(300),
    ],
)
def test_what_is_no_format_has_no_name(data: bytes) -> None:
    """A note, a program, a configuration: none of them is a list."""
    assert format_of(data) == ""


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=700), st.sampled_from(["", *ALL]))
def test_no_bytes_upset_the_sniffing(noise: bytes, kind: str) -> None:
    """Whatever a file holds, sniffing gives an answer."""
    start = sample(kind)[:300] if kind else b""

    assert isinstance(format_of(start + noise), str)
    assert ends(start + noise) in (True, False, None)
