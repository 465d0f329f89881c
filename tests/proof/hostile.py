"""Hold the product to its promises with files made to harm and with files spoilt at random.

Run as `python -m tests.proof.hostile DIR KIND_STEP FILES`, which watches itself by strace. Each
file is read, recognised, checked and, where it goes back, annotated: as the daemon and `check` do.
One line of JSON a file, and at the end one with what was written where nothing may be.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.desk import Desk, open_desk, spoilt_file
from tests.harmful import HOSTILE
from tests.proof import guided, watched
from tests.proof.page import table
from tests.proof.play import played

CAP = 180.0
"""Seconds by the clock: reading, a second try of a child that stood still, and the copy."""
GROWTH = 24 * 1024
"""KiB that the process may grow by from the first quarter of the files to the last."""
_CHILD_BOUND = 2 * 2**20
"""KiB that a child may hold: what it is capped at (`memory` of `[limits]`)."""
_LOOKS_UP = Path("/sbin/ldconfig")
"""Python asks it where libarchive is, before any file is opened."""
_WATCHED = "BHYT_PROOF_WATCHED"
Told = dict[str, Any]


def every(files: int, seconds: float) -> Iterator[Told]:
    """Every kind of harm, so many files spoilt at random, and the guided fuzz of what parses."""
    yield from played("hostile", "1", str(files), seconds=6 * 3600.0)
    yield from guided.every(seconds)


def main(directory: Path, kind_step: int, files: int) -> None:
    """Watch a process that answers every `kind_step`-th kind and so many files at random."""
    log, home = directory / "writes.log", directory / "home"
    home.mkdir()
    words = [sys.executable, "-m", "tests.proof.hostile", str(directory)]
    words += [str(kind_step), str(files)]
    environment = {**os.environ, _WATCHED: "1", "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    watched.run(log, words, environment)
    found = set(watched.outside(log, [home], [Path(sys.executable), _LOOKS_UP]))
    print(json.dumps({"outside": sorted(one for one in found if "/__pycache__" not in one)}))


def answers(home: Path, kind_step: int, files: int) -> Iterator[Told]:
    """Answer each file at one desk; tell how long it took and how large the process is."""
    warnings.simplefilter("ignore")
    with open_desk() as desk:
        for name, make in list(HOSTILE.items())[::kind_step]:
            yield _answered(desk, home, {"kind": name}, "ds.xls", make())
        for seed in range(1, files + 1):
            name, data = spoilt_file(seed)
            yield _answered(desk, home, {"seed": seed, "format": Path(name).suffix}, name, data)


def _answered(desk: Desk, home: Path, told: Told, name: str, data: bytes) -> Told:
    path = home / name
    path.write_bytes(data)
    began, wrong = time.monotonic(), ""
    try:
        checked = desk.answer(path)
        answer = checked.findings[0].code if checked.returned else checked.verdict
    except Exception:
        answer, wrong = "WRONG", traceback.format_exc(limit=-3)
    path.unlink()
    return told | {
        "answer": answer,
        "seconds": round(time.monotonic() - began, 2),
        "bytes": len(data),
        "resident": _resident(),
        "largest child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
        **({"wrong": wrong} if wrong else {}),
    }


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def problems(found: list[Told]) -> Iterator[str]:
    """What was not as it must be."""
    for one in found:
        name = one.get("kind") or f"seed {one.get('seed')}"
        if "wrong" in one:
            yield f"{name}: {one['wrong']}"
        if one.get("seconds", 0) > CAP:
            yield f"{name}: {one['seconds']} s"
        yield from (f"outside: {what}" for what in one.get("outside", ()))
        yield from (f"{one['layer']}: {crash}" for crash in one.get("crashes", ()))
    if (grown := growth(found)) > GROWTH:
        yield f"the process grew by {grown} KiB"
    if any(one.get("largest child", 0) > _CHILD_BOUND for one in found):
        yield "a child held more than its cap"


def growth(found: list[Told]) -> int:
    """How much larger the process was over the last quarter of the random files than over the
    second one, in KiB: the first one fills what is kept in mind."""
    sizes = [one["resident"] for one in found if "seed" in one]
    quarter = len(sizes) // 4
    if not quarter:
        return 0
    return int(sum(sizes[-quarter:]) / quarter - sum(sizes[quarter : 2 * quarter]) / quarter)


def tell(found: list[Told]) -> tuple[list[str], bool]:
    """The section of the page, and whether all was as it must be."""
    wrong = list(problems(found))
    random = [one for one in found if "seed" in one]
    harmful = [one for one in found if "kind" in one]
    slowest = max([*random, *harmful], key=lambda one: one["seconds"])
    largest = max(one["largest child"] for one in found if "seconds" in one)
    lines = [
        f"{len(harmful)} kinds of file made to harm and {len(random)} sound files spoilt at random "
        "(bytes, numbers, tags, parts of packages) are sniffed, read, recognised, checked and, "
        "where they go back, annotated, in a process whose every write, program and connection is "
        f"watched. Inputs: {len(harmful) + len(random)}; broken promises: {len(wrong)}.",
        "",
        f"Slowest: {slowest['seconds']:.0f} s (“{slowest.get('kind') or slowest['format']}”; cap "
        f"{CAP:.0f} s). Largest child: {largest >> 10} MiB (cap {_CHILD_BOUND >> 10} MiB). The "
        f"process itself: {_range(found)}; from the second quarter of the random files to the last "
        f"{growth(found):+d} KiB. Written outside its folder, programs started, connections: "
        f"{sum(len(one['outside']) for one in found if 'outside' in one)}.",
        "",
        *table(("format", "files", "slowest", "taken", "returned or held"), _formats(random)),
        "",
        *guided.tell([one for one in found if "layer" in one]),
        "",
        *table(("made to harm", "answer", "seconds"), (
            (one["kind"], f"`{one['answer']}`", one["seconds"]) for one in harmful
        )),
        *(f"\n**{one}**" for one in wrong[:20]),
    ]  # fmt: skip
    return lines, not wrong


def _range(found: list[Told]) -> str:
    sizes = [one["resident"] >> 10 for one in found if "resident" in one]
    return f"{min(sizes)} to {max(sizes)} MiB"


def _formats(random: list[Told]) -> Iterator[tuple[object, ...]]:
    alike: dict[str, list[Told]] = defaultdict(list)
    for one in random:
        alike[one["format"]].append(one)
    for name, ones in sorted(alike.items()):
        taken = sum(one["answer"] == "accepted" for one in ones)
        slowest = max(one["seconds"] for one in ones)
        yield name, len(ones), f"{slowest:.1f} s", taken, len(ones) - taken


if __name__ == "__main__":
    if _WATCHED in os.environ:
        for line in answers(Path(os.environ["TMPDIR"]), *map(int, sys.argv[2:])):
            print(json.dumps(line, ensure_ascii=False), flush=True)
    else:
        main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
