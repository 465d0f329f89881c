"""The child process that makes annotated copies: `python -m …marking.worker MEMORY`.

It opens files that strangers sent, so it gives up every capability, runs under a cap of memory and
is killed when it overstays. It takes one job after the other, for loading openpyxl costs more than
marking a copy. Its answers are single words and never say what a file holds.
"""

from __future__ import annotations

import gc
import pickle
import resource
import sys
import warnings

from bhyt_filedrop.edges.workbooks.child import confine, serving
from bhyt_filedrop.edges.workbooks.child.wire import framed
from bhyt_filedrop.edges.workbooks.marking.job import LEAVES, Job, MarkingAnswer

_JOBS = 200
_GROWN = 320 * 2**20


def main() -> None:
    """Serve jobs from standard input; answers go to what was standard output.

    openpyxl would import numpy if it could, a third of the start and of no use to us: so it can't.
    """
    answers = serving.own_output()
    confine.give_up_rights()
    serving.cap(int(sys.argv[1]))
    warnings.simplefilter("ignore")
    sys.modules["numpy"] = None  # type: ignore[assignment]
    from bhyt_filedrop.edges.workbooks.marking import copy as annotating  # noqa: F401

    gc.freeze()
    serving.write(answers, framed(b""))
    jobs = 0
    while (body := serving.next_job()) is not None:
        jobs += 1
        answer = _work(pickle.loads(body))
        leaves = jobs >= _JOBS or serving.resident() > _GROWN
        serving.write(answers, framed(f"{answer}{LEAVES if leaves else ''}".encode()))


def _work(job: Job) -> MarkingAnswer:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (min(job.memory, hard), hard))
    with serving.no_longer_than(job.seconds):
        return _answer(job)


def _answer(job: Job) -> MarkingAnswer:
    from bhyt_filedrop.edges.workbooks.marking.copy import TooBig, make

    try:
        make(job)
    except TooBig:
        return MarkingAnswer.TOO_BIG
    except Exception:  # what a library raises on a stranger's file is its own affair
        return MarkingAnswer.UNSUITED
    return MarkingAnswer.DONE


if __name__ == "__main__":
    main()
