"""The child process that makes annotated copies: `python -m …annotate_worker < job > answer`.

It opens files that strangers sent, so it gives up every capability, runs under its own memory and
processor limits and is killed when it overstays. It answers one word and never says what a file
holds.
"""

from __future__ import annotations

import pickle
import resource
import sys
import warnings

from bhyt_filedrop.edges.workbooks import confine
from bhyt_filedrop.edges.workbooks.annotate_job import Answer, Job


def _limit(job: Job) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (job.memory, job.memory))
    seconds = int(job.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _answer(job: Job) -> Answer:
    from bhyt_filedrop.edges.workbooks.annotating import TooBig, make

    try:
        make(job)
    except TooBig:
        return Answer.TOO_BIG
    except Exception:  # what a library raises on a stranger's file is its own affair
        return Answer.UNSUITED
    return Answer.DONE


def main() -> int:
    """Do the job on standard input.

    openpyxl would import numpy if it could, a third of the start and of no use to us: so it can't.
    """
    confine.give_up_rights()
    warnings.simplefilter("ignore")
    sys.modules["numpy"] = None  # type: ignore[assignment]
    job: Job = pickle.load(sys.stdin.buffer)
    _limit(job)
    sys.stdout.write(_answer(job).value)
    return 0


if __name__ == "__main__":
    sys.exit(main())
