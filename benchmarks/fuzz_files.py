"""Spoil sound files at random for as long as wanted and hold the product to its promises.

    python -m benchmarks.fuzz_files [--first SEED] [--count N] [--seconds S] [--keep DIR]

Each file is checked, and where it goes back its annotated copy is made, as the daemon does. A
traceback, an answer without a finding, a copy that does not open or more than 20 seconds is told
with its seed, which makes the same file again; `--keep` keeps the file.
"""

from __future__ import annotations

import argparse
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.desk import Desk, open_desk

_SLOW = 20.0


def main() -> None:
    """Run, and print what was found wrong and a count of the answers."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--keep", type=Path)
    wanted = parser.parse_args()
    answers, wrong, end = Counter[str](), 0, time.monotonic() + wanted.seconds
    with open_desk() as desk:
        for seed in range(wanted.first, wanted.first + wanted.count):
            if time.monotonic() > end:
                break
            start = time.monotonic()
            answer = _answer(desk, seed, wanted.keep)
            taken = time.monotonic() - start
            if taken > _SLOW or answer == "WRONG":
                wrong += 1
                print(f"seed {seed} {answer} {taken:.1f} s", flush=True)
            answers[answer] += 1
    print(f"{sum(answers.values())} files, {wrong} wrong")
    for answer, count in answers.most_common():
        print(f"{count:7d} {answer}")


def _answer(desk: Desk, seed: int, keep: Path | None) -> str:
    """Answer one spoilt file; return its verdict or first finding, `WRONG` for a broken promise."""
    with TemporaryDirectory() as folder:
        try:
            checked = desk.answer_spoilt(seed, Path(folder))
        except Exception:
            print(f"seed {seed}\n{traceback.format_exc(limit=-4)}", flush=True)
            for path in Path(folder).iterdir() if keep else ():
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{path.name}").write_bytes(path.read_bytes())
            return "WRONG"
    return checked.findings[0].code if checked.returned else checked.verdict


if __name__ == "__main__":
    main()
