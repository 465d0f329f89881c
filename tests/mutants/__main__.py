"""`make mutants`: small faults in the program, one at a time: which of them does a test notice?

`python -m tests.mutants domain|ledger|work [--sample 200] [--seed N] [--workers 2]`. Told is each
fault that nobody notices and that `explained.txt` does not tell of. What ran which line is kept in
build/mutants/: only tests that changed are noted again, and lines that moved are followed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.explained import Explained
from tests.mutants.making import Mutant, mutants_of, source_with
from tests.mutants.touching import Touching, note

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "mutants"
_JOURNEYS = ("tests/journey", "tests/edges/test_reports_ledger.py", "tests/edges/test_register.py")
_JOURNEYS += tuple(
    f"tests/edges/test_ledger{what}.py"
    for what in (
        "",
        "_accounts",
        "_bounces",
        "_facts",
        "_held",
        "_leases",
        "_lines",
        "_noted",
        "_own",
    )
)
_JOURNEYS += ("tests/edges/test_ledger_page.py", "tests/edges/test_ledger_whole.py")
_JOURNEYS += ("tests/test_outbox.py", "tests/test_inbox.py")
_JOURNEYS += ("tests/test_check_together.py", "tests/test_cli_check.py")
# Letters, paper and reports are pure too; what they print is held where it is printed.
_PRINTED = ("tests/test_outbox.py", "tests/edges/test_mail_templates.py")
_PRINTED += ("tests/edges/test_reports_written.py", "tests/edges/test_reports_ledger.py")
_PRINTED += ("tests/edges/test_derived_workbooks.py",)
_COPIED = ("bhyt_filedrop", "tests", "config", "templates", "docs", "systemd", "benchmarks")
_COPIED += ("pyproject.toml", "README.md", "CHANGELOG.md", "build_version.py")

_ALONE = tuple(
    sorted(f"tests/journey/{p.name}" for p in (ROOT / "tests/journey").glob("test_*_alone.py"))
)


@dataclass(frozen=True)
class Part:
    """Modules that are given faults, the tests that should notice, and how many should be."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    goal: int  # percent
    near: tuple[str, ...]  # these are asked first


PARTS = {
    "domain": Part(("bhyt_filedrop/domain",), ("tests/domain", *_PRINTED), 92, ("tests/domain/",)),
    "ledger": Part(("bhyt_filedrop/edges/ledger",), _JOURNEYS, 85, ("tests/edges/",)),
    "work": Part(("bhyt_filedrop/work",), _JOURNEYS, 85, _ALONE),
}
# One run of the journeys tells of both.
_NOTED = {"ledger": ("bhyt_filedrop/edges/ledger", "bhyt_filedrop/work")}
_NOTED["work"] = _NOTED["ledger"]


def main() -> int:
    """Try a sample; 1 where too little was noticed."""
    asked = _arguments()
    part = PARTS[asked.part]
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10_000)
    print(f"PART={asked.part} SAMPLE={asked.sample} SEED={seed}", flush=True)
    notes = BUILD / ("domain" if asked.part == "domain" else "journeys")
    noted = _NOTED.get(asked.part, part.modules)
    note(notes, ROOT, noted, part.tests, asked.workers)
    touching = Touching(notes, ROOT)
    explained = Explained.read()
    possible = [m for file in _modules(part) for m in mutants_of(ROOT, file)]
    stale = explained.stale(possible, part.modules)
    asked_for = (m for m in possible if asked.only in m.told)
    chosen = sorted(asked_for, key=lambda m: m.rank(seed))[: asked.sample]
    known = [m for m in chosen if explained.why(m)]
    tried = [m for m in chosen if not explained.why(m)]
    nests = [
        Nest(BUILD / f"{asked.part}-{n}", touching, part.near, asked.bound)
        for n in range(min(asked.workers, len(tried)))
    ]
    survivors = dict(_survivors(tried, nests))
    for mutant in sorted(survivors, key=lambda m: m.told):
        print(mutant.told + survivors[mutant])
    for line in stale:
        print(f"explained.txt tells of what is no more: {line}")
    percent = 100 * (len(tried) - len(survivors)) / max(1, len(tried))
    print(
        f"{asked.part}: {len(chosen)} of {len(possible)} faults, seed {seed}: "
        f"{len(tried) - len(survivors)} of {len(tried)} noticed ({percent:.0f} %, "
        f"wanted {part.goal} %); {len(known)} change nothing that can be seen"
    )
    return int(percent < part.goal)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--bound", type=float, default=60.0, help="seconds of a processor for the tests of a fault"
    )
    parser.add_argument("--only", default="", help="only faults in whose line this stands")
    return parser.parse_args()


def _modules(part: Part) -> list[str]:
    found = (p for where in part.modules for p in (ROOT / where).rglob("*.py"))
    return sorted(str(p.relative_to(ROOT)) for p in found if "migrations" not in p.parts)


def _survivors(tried: list[Mutant], nests: list[Nest]) -> Iterator[tuple[Mutant, str]]:
    """Who was not noticed, and how many tests that run it were too slow to be asked."""
    free: SimpleQueue[Nest] = SimpleQueue()
    for nest in nests:
        free.put(nest)

    def noticed(mutant: Mutant) -> tuple[str, int]:
        nest = free.get()
        try:
            return nest.noticed(mutant)
        finally:
            free.put(nest)

    with ThreadPoolExecutor(max(1, len(nests))) as pool:
        answers = zip(tried, pool.map(noticed, tried), strict=True)
        for n, (mutant, (by, unasked)) in enumerate(answers, 1):
            more = f" ({unasked} slow tests were not asked)" if unasked else ""
            print(
                f"{n:4} {'      ' if by else 'UNSEEN'} {mutant.told} {by or more}", file=sys.stderr
            )
            if not by:
                yield mutant, more
    for nest in nests:
        nest.close()


class Nest:
    """A copy of the checkout and the process that tries faults in it."""

    def __init__(
        self, folder: Path, touching: Touching, near: tuple[str, ...], bound: float
    ) -> None:
        self._touching, self._near, self._bound = touching, near, bound
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in _COPIED:
            one = ROOT / name
            copy = shutil.copytree if one.is_dir() else shutil.copy2
            copy(one, folder / name)
        for name in ("build/servers", ".venv"):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).symlink_to(ROOT / name)
        # Compiled code is copied too; what a fault compiles to is kept nowhere.
        environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.nest"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say({"modules": sorted(touching.modules)})
        self._control()

    def noticed(self, mutant: Mutant) -> tuple[str, int]:
        """The first test that fails, or nothing, and how many that run the line were not asked."""
        touching = self._touching
        tests = touching.tests_of(mutant.file, mutant.lines)
        if mutant.name:
            tests |= touching.naming(mutant.name)
        rounds = touching.rounds(tests, mutant.file, self._near, self._bound)
        by = self._ask(mutant.file, source_with(ROOT, mutant), rounds) if rounds else ""
        return by, len(tests.difference(*rounds))

    def close(self) -> None:
        """No more jobs."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _control(self) -> None:
        """Without a fault nothing is noticed: the copy stands on its own."""
        fastest: dict[str, str] = {}
        for test in sorted(self._touching.took, key=self._touching.took.__getitem__):
            fastest.setdefault(test.split("::")[0], test)
        init = "bhyt_filedrop/__init__.py"
        by = self._ask(
            init, (ROOT / init).read_text(encoding="utf-8"), [list(fastest.values())[:4]]
        )
        if by:
            sys.exit(f"Without any fault, this fails: {by}")

    def _ask(self, file: str, source: str, rounds: list[list[str]]) -> str:
        took = self._touching.took
        seconds = 120 + 10 * sum(took.get(t, 1) for r in rounds for t in r)
        self._say({"file": file, "source": source, "rounds": rounds, "seconds": seconds})
        assert self._process.stdout
        answer: str = json.loads(self._process.stdout.readline())["by"]
        return answer

    def _say(self, what: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(code)
