"""The reading child: a hang, an abort or a greed for memory costs one file, never the daemon."""

from __future__ import annotations

import os
import signal
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from bhyt_filedrop.domain.cells.grid import ErrorValue, Sheet
from bhyt_filedrop.edges.workbooks.child import process, wire
from bhyt_filedrop.edges.workbooks.child.process import ChildProcess
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import Limits
from tests import workbook_formats as formats
from tests.edges.reading import codes, read_bytes, sheets_of


@pytest.fixture
def reader() -> Iterator[WorkbookReader]:
    """A reader of its own for each test, for here children die."""
    with WorkbookReader() as made:
        yield made


def pid_of(reader: WorkbookReader) -> int:
    """Return the number of the child that will do the next job."""
    child = reader._child
    assert child is not None
    return child.pid


def aborting_xlsx() -> bytes:
    """A cell that lies about its row, so that no scan before the parser sees it coming."""
    stray = b'<row r="9"><c r="XFD1048576"><v>1</v></c></row>'
    return formats.with_sheet_xml(
        formats.xlsx([formats.a_list()]),
        lambda xml: xml.replace(b"</sheetData>", stray + b"</sheetData>"),
    )


def big_html() -> bytes:
    """A table that takes a good second to read."""
    row = b"<tr>" + b"<td>x</td>" * 12 + b"</tr>"
    return b"<html><table>" + row * 120_000 + b"</table></html>"


def test_a_parser_that_never_comes_back_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock ends it, twice where it did not even compute; the next file finds a new child."""
    real, stopped = ChildProcess.exchange, []

    def stop_first(child: ChildProcess, job: bytes, seconds: float) -> bytes:
        child.wait_until_up()
        if len(stopped) < 2:
            stopped.append(child.pid)
            os.kill(child.pid, signal.SIGSTOP)
        return real(child, job, seconds)

    monkeypatch.setattr(ChildProcess, "exchange", stop_first)
    with WorkbookReader(Limits(seconds=3)) as reader:
        reading = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))

        assert codes(reading.findings) == ["file.unsafe"]
        assert len(set(stopped)) == 2
        after = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))
        assert (formats.a_list(),) == sheets_of(after)


def test_a_child_that_stood_still_is_no_fault_of_its_file(tmp_path: Path) -> None:
    """A machine that was paused, or that gave it no time: it is tried again."""
    with WorkbookReader(Limits(seconds=3)) as reader:
        for number in (signal.SIGSTOP, signal.SIGALRM):
            reader.warm()
            os.kill(pid_of(reader), number)
            reading = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))

            assert (formats.a_list(),) == sheets_of(reading)


def test_a_file_that_keeps_its_child_busy_past_its_time_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = ChildProcess.exchange, []

    def counted(child: ChildProcess, job: bytes, seconds: float) -> bytes:
        asked.append(child.pid)
        return real(child, job, seconds)

    monkeypatch.setattr(ChildProcess, "exchange", counted)
    monkeypatch.setattr(process, "_BUSY", 0.0)
    with WorkbookReader(Limits(seconds=0.2)) as reader:
        reading = read_bytes(reader, tmp_path, big_html(), "a.html")

    assert codes(reading.findings) == ["file.unsafe"]
    assert len(asked) == 1


def test_a_parser_that_aborts_costs_one_file(reader: WorkbookReader, tmp_path: Path) -> None:
    """A native parser that asks for the impossible ends its process."""
    reading = read_bytes(reader, tmp_path, aborting_xlsx())

    assert codes(reading.findings) == ["file.unsafe"]
    after = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))
    assert (formats.a_list(),) == sheets_of(after)


def test_a_parser_that_eats_memory_costs_one_file(tmp_path: Path) -> None:
    """The address space is capped, so the machine never feels it."""
    with WorkbookReader(Limits(memory=400 * 2**20)) as reader:
        reading = read_bytes(reader, tmp_path, big_html() * 2)

        assert codes(reading.findings) == ["file.unsafe"]
        after = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))
        assert (formats.a_list(),) == sheets_of(after)


def test_a_child_killed_between_two_files_blames_neither(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """Whoever killed it, the next file is read again by a new one."""
    data = formats.xlsx([formats.a_list()])
    read_bytes(reader, tmp_path, data)
    os.kill(pid_of(reader), signal.SIGKILL)

    assert (formats.a_list(),) == sheets_of(read_bytes(reader, tmp_path, data))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_of_the_service_does_not_blame_the_file_in_hand(
    number: signal.Signals, reader: WorkbookReader, tmp_path: Path
) -> None:
    """The signal reaches every process of the service; the child leaves with its parent."""
    reader.warm()
    first = pid_of(reader)
    os.kill(first, number)

    read = read_bytes(reader, tmp_path, formats.xlsx([formats.a_list()]))

    assert (formats.a_list(),) == sheets_of(read)
    assert first == pid_of(reader)


def test_one_child_serves_many_files(reader: WorkbookReader, tmp_path: Path) -> None:
    """It is kept warm: no start per file."""
    data = formats.xlsx([formats.a_list()])
    read_bytes(reader, tmp_path, data)
    first = pid_of(reader)

    for _ in range(50):
        read_bytes(reader, tmp_path, data)

    assert first == pid_of(reader)


def _pipes() -> int:
    """How many pipes this process holds: servers of other tests come and go, by sockets."""
    held = 0
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208
        with suppress(FileNotFoundError):
            held += os.readlink(f"/proc/self/fd/{number}").startswith("pipe:")  # noqa: PTH115
    return held


def test_a_child_is_replaced_in_time_and_nothing_leaks(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """600 files: one replacement, no pipe and no process left behind."""
    path = tmp_path / "list.xls"
    formats.write(path, "xls", [formats.a_list()])
    reader.read(path, "list.xls")
    first, pipes = pid_of(reader), _pipes()

    for _ in range(600):
        assert reader.read(path, "list.xls").workbook is not None

    assert first != pid_of(reader)
    assert _pipes() <= pipes
    assert not Path(f"/proc/{first}").exists()


def test_several_threads_may_read_at_once(reader: WorkbookReader, tmp_path: Path) -> None:
    """Each gets the sheet of its own file."""
    wrong: list[int] = []

    def work(number: int) -> None:
        sheet = Sheet("S", ((float(number), "x"),))
        path = formats.write(tmp_path / f"{number}.xlsx", "xlsx", [sheet])
        for _ in range(5):
            if (sheet,) != sheets_of(reader.read(path, "x.xlsx")):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_the_child_holds_no_secret(reader: WorkbookReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that parses hostile bytes has a bare environment and no core file."""
    monkeypatch.setenv("BHYT_FILEDROP_SMTP_PASSWORD", "bi-mat-cua-thu")
    reader.warm()

    process = Path(f"/proc/{pid_of(reader)}")
    assert b"bi-mat-cua-thu" not in (process / "environ").read_bytes()
    limits = (process / "limits").read_text()
    assert "Max core file size        0" in limits
    assert str(Limits().memory) in limits


def test_a_closed_reader_leaves_no_process(tmp_path: Path) -> None:
    """Closing waits for the child's end; closing twice is harmless."""
    reader = WorkbookReader()
    reader.warm()
    child = pid_of(reader)

    reader.close()
    reader.close()

    assert not Path(f"/proc/{child}").exists()


def test_a_child_whose_parent_is_gone_leaves(reader: WorkbookReader) -> None:
    """Its pipe ends; so it ends, also after kill -9 of the daemon."""
    reader.warm()
    child = reader._child
    assert child is not None
    assert child._process.stdin is not None
    child._process.stdin.close()

    assert child._process.wait(120) == 0
    reader._child = None
    assert child._process.stdout is not None
    child._process.stdout.close()


def test_a_big_answer_passes_the_pipe(reader: WorkbookReader, tmp_path: Path) -> None:
    """Far more than a pipe holds, both ways busy: no deadlock."""
    rows = tuple((f"{number}", "Trẻ Thử " * 20) for number in range(20_000))
    data = formats.csv_text([Sheet("S", rows)], delimiter="|").replace(b"\r\n", b"|\r\n")

    (sheet,) = sheets_of(read_bytes(reader, tmp_path, data))

    assert len(sheet.rows) == 20_000


@pytest.mark.parametrize(
    "forged",
    [
        {"a": 1},
        ["", "", "xlsx", [["S", [[{"os": "system"}]], [], False, [], []]]],
        ["", "", "xlsx", [["S", [[1.0]], [["x"]], False, [], []]]],
        "text",
        [1, 2],
    ],
)
def test_an_answer_of_another_shape_is_refused(forged: object) -> None:
    """A child that a file took over can only say what a child may say."""
    with pytest.raises(msgspec.MsgspecError):
        wire.decode_answer(msgspec.msgpack.encode(forged))


def test_an_unknown_extension_value_is_refused() -> None:
    """Only the four kinds of values that have a meaning."""
    sheet = wire.WireSheet(
        "S", ((msgspec.msgpack.Ext(9, b"x"),),), (), False, frozenset(), frozenset()
    )

    with pytest.raises(ValueError, match="unknown kind"):
        wire.unpack_sheets([sheet])


def test_every_kind_of_value_survives_the_wire() -> None:
    """What the child read is what the daemon gets."""
    from datetime import date, datetime

    values = (
        1.5,
        "x",
        True,
        None,
        ErrorValue("#REF!"),
        date(2014, 5, 14),
        datetime(2014, 5, 14, 6),
    )
    sheet = Sheet("S", ((), values), hidden_rows=frozenset({2}))
    packed = wire.encode(wire.WireAnswer(format="xlsx", sheets=(wire.pack_sheet(sheet),)))

    (length,) = struct.unpack(">Q", packed[:8])
    assert length == len(packed) - 8
    assert (sheet,) == wire.unpack_sheets(wire.decode_answer(packed[8:]).sheets)


def test_a_text_that_no_encoding_holds_is_still_sent() -> None:
    """Half a character, as broken UTF-16 leaves it, becomes a question mark."""
    sheet = Sheet("S", (("a\ud800b",),))
    packed = wire.encode(wire.WireAnswer(format="xls", sheets=(wire.pack_sheet(sheet),)))

    assert wire.unpack_sheets(wire.decode_answer(packed[8:]).sheets)[0].rows == (("a?b",),)
