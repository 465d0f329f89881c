"""The reading child: takes one job after the other until nobody asks any more.

Started as `python -m bhyt_filedrop.edges.workbooks.worker MEMORY`. It caps itself before the first
hostile byte: no capabilities, address space, no core file, and an alarm that ends it should its
parent be gone.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

from bhyt_filedrop.edges.workbooks import archives, confine, parse, problems
from bhyt_filedrop.edges.workbooks.wire import LENGTH, Answer, Ask, decode_ask, encode, pack_sheet

_JOBS = 500
_GROWN = 320 * 2**20
_GRACE_SECONDS = 10.0


def main() -> None:
    """Serve jobs from standard input; answers go to what was standard output."""
    answers = _own_output()
    confine.give_up_rights()
    _cap(int(sys.argv[1]))
    parse.warm_up()
    gc.freeze()
    _write(answers, encode(Answer()))
    jobs = 0
    while (body := _next_job()) is not None:
        jobs += 1
        _write(answers, _work(decode_ask(body), jobs))


def _own_output() -> int:
    """Keep the pipe for answers and let any library that prints write to nowhere."""
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _cap(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # A stop of the service reaches every process of its group: the file in hand is not at fault.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _next_job() -> bytes | None:
    head = _read(LENGTH.size)
    return _read(LENGTH.unpack(head)[0]) if head else None


def _read(length: int) -> bytes | None:
    got = b""
    while len(got) < length:
        piece = os.read(0, length - len(got))
        if not piece:
            return None
        got += piece
    return got


def _write(to: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(to, view) :]


def _work(ask: Ask, jobs: int) -> bytes:
    signal.setitimer(signal.ITIMER_REAL, ask.seconds + _GRACE_SECONDS)
    try:
        answer = _answer(ask)
        answer.retire = jobs >= _JOBS or _resident() > _GROWN
        return encode(answer)
    except MemoryError:
        return encode(Answer(problems.MEMORY, retire=True))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(ask: Ask) -> Answer:
    """Do one job; whatever a parser throws is an answer, native panics included."""
    try:
        return _unpack(ask) if ask.job == "unpack" else _parse(ask)
    except problems.UnreadableError as err:
        if problems.is_want_of_memory(err):
            raise MemoryError from err
        return Answer(err.code, err.why)
    except (MemoryError, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as err:
        if problems.is_want_of_memory(err):
            raise MemoryError from err
        return Answer(problems.DAMAGED)


def _parse(ask: Ask) -> Answer:
    try:
        data = Path(os.fsdecode(ask.path)).read_bytes()
    except OSError:
        return Answer(problems.MACHINE)
    workbook = parse.parse(data, ask.format, ask.max_cells, ask.max_unpacked)
    sheets = tuple(map(pack_sheet, workbook.sheets))
    return Answer(format=workbook.format, sheets=sheets, active=workbook.active_content)


def _unpack(ask: Ask) -> Answer:
    source, into = Path(os.fsdecode(ask.path)), Path(os.fsdecode(ask.into))
    try:
        members = archives.unpack(source, into, ask.format, ask.max_unpacked)
    except OSError:
        return Answer(problems.MACHINE)
    return Answer(format=ask.format, members=tuple(members))


def _resident() -> int:
    """Bytes of memory in use now; 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    return 0


if __name__ == "__main__":
    main()
