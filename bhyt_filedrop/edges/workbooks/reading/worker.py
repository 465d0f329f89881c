"""The reading child: takes one job after the other until nobody asks any more.

Started as `python -m bhyt_filedrop.edges.workbooks.reading.worker MEMORY`. It caps itself before
the first hostile byte: no capabilities, address space, no core file, and an alarm that ends it
should its parent be gone.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from bhyt_filedrop.edges.workbooks.child import confine, problems, serving
from bhyt_filedrop.edges.workbooks.child.wire import Ask, WireAnswer, decode_ask, encode, pack_sheet
from bhyt_filedrop.edges.workbooks.formats import parse

_JOBS = 500
_GROWN = 320 * 2**20


def main() -> None:
    """Serve jobs from standard input; answers go to what was standard output."""
    answers = serving.own_output()
    confine.give_up_rights()
    serving.cap(int(sys.argv[1]))
    parse.warm_up()
    gc.freeze()
    serving.write(answers, encode(WireAnswer()))
    jobs = 0
    while (body := serving.next_job()) is not None:
        jobs += 1
        serving.write(answers, _work(decode_ask(body), jobs))


def _work(ask: Ask, jobs: int) -> bytes:
    try:
        with serving.no_longer_than(ask.seconds):
            answer = _answer(ask)
            answer.retire = jobs >= _JOBS or serving.resident() > _GROWN
            return encode(answer)
    except MemoryError:
        return encode(WireAnswer(problems.MEMORY, retire=True))


def _answer(ask: Ask) -> WireAnswer:
    """Do one job; whatever a parser throws is an answer, native panics included."""
    try:
        return _unpack(ask) if ask.job == "unpack" else _parse(ask)
    except problems.UnreadableError as err:
        if problems.is_want_of_memory(err):
            raise MemoryError from err
        return WireAnswer(err.code, err.why)
    except (MemoryError, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as err:
        if problems.is_want_of_memory(err):
            raise MemoryError from err
        return WireAnswer(problems.DAMAGED)


def _parse(ask: Ask) -> WireAnswer:
    try:
        data = Path(os.fsdecode(ask.path)).read_bytes()
    except OSError:
        return WireAnswer(problems.MACHINE)
    workbook = parse.parse(data, ask.format, ask.max_cells, ask.max_unpacked)
    sheets = tuple(map(pack_sheet, workbook.sheets))
    return WireAnswer(format=workbook.format, sheets=sheets, active=workbook.active_content)


def _unpack(ask: Ask) -> WireAnswer:
    from bhyt_filedrop.edges.workbooks.archives import unpack as archives

    source, into = Path(os.fsdecode(ask.path)), Path(os.fsdecode(ask.into))
    try:
        members = archives.unpack(source, into, ask.format, ask.max_unpacked)
    except OSError:
        return WireAnswer(problems.MACHINE)
    return WireAnswer(format=ask.format, members=tuple(members))


if __name__ == "__main__":
    main()
