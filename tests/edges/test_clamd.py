"""Malware is asked of clamd before anything parses a file; a real one, with one signature.

What a clamd may answer wrong is played by a socket that answers as the test says.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bhyt_filedrop.edges.clamd import Clamd
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests import workbook_formats as formats
from tests.rars import Item, rar5
from tests.servers.clamd import EICAR, SIGNATURE, answering, clamd, why_not
from tests.servers.kinds import missing

CARRIERS = {
    "a program": EICAR,
    "a workbook": formats.with_parts(
        formats.xlsx([formats.a_list()]), {"xl/embeddings/oleObject1.bin": EICAR}
    ),
    "a zip": formats.zip_of({"danh sách.xlsx": formats.xlsx([formats.a_list()]), "a.com": EICAR}),
    "a scan": formats.OTHERS["pdf"] + EICAR,
}


@pytest.fixture
def real() -> Clamd:
    if lacks := why_not():
        missing(lacks)
    return Clamd(clamd().path, 30)


def reading(find: Clamd, path: Path) -> list[str]:
    with WorkbookReader(find=find.find) as reader:
        found = reader.read(path, path.name)
        assert found.workbook is None or not found.findings
        return [one.code for one in found.findings]


@pytest.mark.server
@pytest.mark.parametrize("kind", CARRIERS)
def test_what_carries_malware_is_neither_read_nor_unpacked(kind: str, real: Clamd, tmp_path: Path):
    path = tmp_path / "ds.xlsx"
    path.write_bytes(CARRIERS[kind])

    assert real.find(path).startswith(SIGNATURE)
    assert reading(real, path) == ["file.infected"]


@pytest.mark.server
def test_a_sound_workbook_is_read(real: Clamd, tmp_path: Path):
    path = tmp_path / "ds.xlsx"
    path.write_bytes(formats.xlsx([formats.a_list()]))

    assert real.answers() is None
    assert reading(real, path) == []


@pytest.mark.server
def test_a_file_that_clamd_takes_no_whole_of_waits_for_a_person(real: Clamd, tmp_path: Path):
    path = tmp_path / "ds.rar"
    path.write_bytes(rar5([Item("a.bin", bytes(range(256)) * 40_000)]))

    with pytest.raises(NeverWorks, match="StreamMaxLength"):
        real.find(path)


@pytest.mark.parametrize(
    "answer", [b"", b"stream: ", b"UNKNOWN COMMAND\0", b"stream: Can't allocate memory ERROR\0"]
)
def test_an_answer_that_says_nothing_of_the_file_is_asked_for_again(answer: bytes, tmp_path: Path):
    path = tmp_path / "ds.xlsx"
    path.write_bytes(b"x" * 200_000)
    with answering(tmp_path / "ctl", answer) as where, pytest.raises(TryLater):
        Clamd(where, 5).find(path)


def test_a_clamd_that_is_not_there_or_says_nothing_is_asked_again(tmp_path: Path):
    path = tmp_path / "ds.xlsx"
    path.write_bytes(b"x")
    away = Clamd(tmp_path / "nowhere", 5)
    with pytest.raises(TryLater, match="No such file"):
        away.find(path)
    assert "nowhere" in (away.answers() or "")
    with answering(tmp_path / "ctl", b"HELLO\0") as where:
        assert "PING" in (Clamd(where, 5).answers() or "")


def test_one_that_has_heard_enough_is_listened_to(tmp_path: Path):
    """clamd closes its ear and says why while we still send."""
    path = tmp_path / "ds.xlsx"
    path.write_bytes(b"x" * 4_000_000)
    said = b"INSTREAM size limit exceeded. ERROR\0"
    with answering(tmp_path / "ctl", said, 1000) as where, pytest.raises((NeverWorks, TryLater)):
        Clamd(where, 5).find(path)


def test_what_clamd_calls_it_is_told_without_anything_that_a_letter_could_mistake(tmp_path: Path):
    path = tmp_path / "ds.xlsx"
    path.write_bytes(b"x")
    said = b"stream: Win.Trojan<b>\n=cmd FOUND\0"
    with answering(tmp_path / "ctl", said) as where:
        assert Clamd(where, 5).find(path) == "Win.Trojan-b-cmd"
