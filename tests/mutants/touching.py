"""Which test runs which line, and how long it takes: a plugin of pytest's, and what it wrote.

The plugin (`-p tests.mutants.touching`, with MUTANTS_NOTES naming a folder) switches coverage's
context at each test. What was worked out once for all is forgotten between two files of tests: who
asks second would not be seen to run the lines.
"""

from __future__ import annotations

import ast
import functools
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import coverage
import pytest

_worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
_NOTES = os.environ.get("MUTANTS_NOTES", "")
if os.environ.get("MUTANTS_PARTED") and _worker == "alone":
    _NOTES = ""  # it only hands tests out
_DIGESTS, _SOURCES, _ENDED = "digests", "sources", "ended"
if _NOTES:
    _name = Path(_NOTES, _worker)
    _cover = coverage.Coverage(
        data_file=f"{_name}.coverage", config_file=False, source=os.environ["MUTANTS_IN"].split()
    )
    _cover.start()
    _took: dict[str, float] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    if not _NOTES:
        return (yield)
    if not _took or not next(reversed(_took)).startswith(f"{_file(item.nodeid)}::"):
        _forget()
    _cover.switch_context(item.nodeid)
    began = time.process_time()
    try:
        return (yield)
    finally:
        _took[item.nodeid] = time.process_time() - began
        _cover.switch_context("")
        if nextitem is None or _file(nextitem.nodeid) != _file(item.nodeid):
            _keep(item.session)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    report: pytest.TestReport = yield
    if _NOTES and not report.passed:
        item.stash[_NOT_PASSED] = True
    return report


_NOT_PASSED = pytest.StashKey[bool]()


def _keep(session: pytest.Session) -> None:
    """Write what is known by now: who breaks off loses the file being run, no more."""
    failed = {i.nodeid for i in session.items if i.stash.get(_NOT_PASSED, False)}
    notes = {
        "took": {t: took for t, took in _took.items() if t not in failed},
        "files": sorted({_file(t) for t in _took}),
        "modules": sorted(m for m in sys.modules if _foreign(m)),
    }
    path = Path(f"{_name}.json")
    path.with_suffix(".new").write_text(json.dumps(notes), encoding="utf-8")
    path.with_suffix(".new").replace(path)


def _forget() -> None:
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and not _foreign(str(one.__module__)):
            one.cache_clear()


def _foreign(module: str) -> bool:
    return module.split(".")[0] not in {
        "bhyt_filedrop",
        "tests",
        "conftest",
        "__main__",
        "coverage",
    }


def _embedded(nodeid: str) -> str:
    return nodeid.replace("[postgres", "[sqlite")


def _file(nodeid: str) -> str:
    return nodeid.split("::")[0]


class Touching:
    """What the plugin wrote: the tests of each line as it stands now, fastest first."""

    def __init__(self, notes: Path, root: Path) -> None:
        self._root = root
        self.took: dict[str, float] = {}
        self.modules: set[str] = set()
        self._lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for run in _runs(notes):
            for one in run.glob("*.json"):
                noted = json.loads(one.read_text(encoding="utf-8"))
                self.took |= noted["took"]
                self.modules |= set(noted["modules"])
                self._read(one.with_suffix(".coverage"), run / _SOURCES)
        self._of_file: dict[str, list[str]] = defaultdict(list)
        for test in self.took:
            self._of_file[_file(test)].append(test)

    def _read(self, path: Path, sources: Path) -> None:
        data = coverage.CoverageData(str(path))
        data.read()
        for measured in data.measured_files():
            file = str(Path(measured).relative_to(self._root))
            if not all((top / file).exists() for top in (self._root, sources)):
                continue
            moved = _moved(_rows(sources / file), _rows(self._root / file))
            mine = self._lines[file]
            for line, tests in data.contexts_by_lineno(measured).items():
                for now in moved.get(line, ()):
                    mine[now].update(t for t in tests if t)

    def tests_of(self, file: str, lines: Iterable[int]) -> set[str]:
        """The tests that run one of these lines of a module."""
        mine = self._lines.get(file, {})
        return {t for n in lines for t in mine.get(n, ()) if t in self.took}

    def naming(self, name: str) -> set[str]:
        """The tests that run a line of the measured modules in which this name stands, and those of
        the files that name it themselves, or take what names it from a module beside the tests."""
        tests: set[str] = set()
        sources = {file: (self._root / file).read_text(encoding="utf-8") for file in self._lines}
        names = made_of(name, sources.values())
        for file, source in sources.items():
            rows = enumerate(source.splitlines(), 1)
            tests |= self.tests_of(file, (n for n, row in rows if any(x in row for x in names)))
        beside = {
            p.stem for p in (self._root / "tests").glob("*.py") if name in p.read_text("utf-8")
        }
        for file, mine in self._of_file.items():
            text = (self._root / file).read_text(encoding="utf-8")
            if name in text or any(f"from tests.{one} import" in text for one in beside):
                tests.update(mine)
        return tests

    def rounds(
        self, tests: set[str], module: str, near: tuple[str, ...], bound: float
    ) -> list[list[str]]:
        """The tests in the order to ask them: quick ones of a few near files, of more files, all
        that fit into `bound` seconds of a processor. What does not fit is not asked. The nearest
        are those of files that name the module.

        Last come others of the same files, where these are few: what the files prepared once for
        all of their tests was seen to be run by one of them only.
        """
        # What notices it on SQLite need not start a server.
        tests = {t for t in tests if t == _embedded(t) or _embedded(t) not in tests}
        took = Counter({_file(t): 0.0 for t in tests})
        for test in tests:
            took[_file(test)] += self.took[test]
        far = {f: (not self._names(f, module), not f.startswith(near), took[f]) for f in took}
        files = sorted(took, key=far.__getitem__)
        rounds: list[list[str]] = []
        left = sorted(tests, key=lambda t: (far[_file(t)][0], self.took[t]))
        for few, seconds in (*_ROUNDS, (len(files), bound)):
            mine = [t for t in left if _file(t) in files[:few]]
            rounds.append(self._within(min(seconds, bound), mine))
            left = [t for t in left if t not in rounds[-1]]
            bound -= sum(map(self.took.__getitem__, rounds[-1]))
        beside = {t for f in files[:_NEAR] for t in self._of_file[f]} - tests
        if sum(self.took[t] for t in beside) <= min(_BESIDE, bound):
            rounds[-1] += sorted(beside)
        return [sorted(one, key=lambda t: files.index(_file(t))) for one in rounds if one]

    def _names(self, file: str, module: str) -> bool:
        parent, _, name = module.removesuffix(".py").replace("/", ".").rpartition(".")
        text = (self._root / file).read_text(encoding="utf-8")
        direct = f"from {parent}.{name} import" in text or f"import {parent}.{name}" in text
        return direct or bool(re.search(rf"from {re.escape(parent)} import .*\b{name}\b", text))

    def _within(self, seconds: float, tests: list[str]) -> list[str]:
        took = accumulate(self.took[t] for t in tests)
        return [t for t, so_far in zip(tests, took, strict=True) if so_far <= seconds]


def made_of(name: str, sources: Iterable[str]) -> set[str]:
    """A name, and those that modules make of it as they are imported: no test runs these lines."""
    made, new = set[str](), {name}
    parts = [part for source in sources for part in _at_import(source) if part[1]]
    while new := new - made:
        made |= new
        new = {target for target, uses in parts if uses & new}
    return made


@functools.lru_cache(maxsize=512)
def _at_import(source: str) -> list[tuple[str, set[str]]]:
    """What a module calls something as it is imported, and the names that this is made of."""
    found = []
    for one in ast.parse(source).body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            uses = {n.id for n in ast.walk(one.value) if isinstance(n, ast.Name)}
            found.append((one.targets[0].id, uses))
    return found


_ROUNDS = ((4, 3.0), (12, 15.0))
"""How many files, for how many seconds: each further round imports the package once more."""
_NEAR, _BESIDE = 4, 10.0


def _moved(before: list[str], now: list[str]) -> dict[int, range]:
    """Line of a module as it was noted → where it stands now; what was changed in between keeps the
    tests of what stood there."""
    places: dict[int, range] = {}
    for _, a, b, c, d in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        for n in range(a, b):
            same = b - a == d - c
            places[n + 1] = range(c + n - a + 1, c + n - a + 2) if same else range(c + 1, d + 1)
    return places


def _rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def note(notes: Path, root: Path, part: Sequence[str], tests: Sequence[str], workers: int) -> None:
    """Run the tests that have not been run yet as they are, and keep which lines they ran.

    Lines that move later are followed (`Touching`); who wants all noted anew deletes the folder.
    """
    now = {str(p.relative_to(root)): _digest(p) for p in _test_files(root, tests)}
    before = _noted(notes)
    new = {file: digest for file, digest in now.items() if before.get(file) != digest}
    if not new:
        return
    run = notes / str(time.time_ns())
    for where in part:
        shutil.copytree(root / where, run / _SOURCES / where)
    (run / _DIGESTS).write_text(json.dumps(new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutants.touching"]
    command += ["-m", _CHOSEN, "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += ["-n", str(workers), "--dist", "loadfile"] if workers > 1 else []
    environment = os.environ | {"MUTANTS_NOTES": str(run), "MUTANTS_IN": " ".join(part)}
    environment["MUTANTS_PARTED"] = "1" if workers > 1 else ""
    ran = subprocess.run([*command, *new], cwd=root, env=environment, check=False)
    if ran.returncode in _WENT_THROUGH:
        (run / _ENDED).touch()


_CHOSEN = "not long and (not server or postgres)"
_WENT_THROUGH = {0, 1, 5}  # all passed, some failed, none was chosen


def _noted(notes: Path) -> dict[str, str]:
    """File of tests → its digest when it was last run to its end."""
    noted: dict[str, str] = {}
    for run in _runs(notes):
        digests = json.loads((run / _DIGESTS).read_text(encoding="utf-8"))
        ran = [json.loads(p.read_text(encoding="utf-8"))["files"] for p in run.glob("*.json")]
        files = digests if (run / _ENDED).exists() else {file for one in ran for file in one}
        noted |= {file: digests[file] for file in files}
    return noted


def _runs(notes: Path) -> list[Path]:
    return sorted(one for one in notes.iterdir() if one.is_dir()) if notes.exists() else []


def _test_files(root: Path, tests: Sequence[str]) -> list[Path]:
    named = [root / t for t in tests]
    return sorted(p for n in named for p in ([n] if n.is_file() else n.rglob("test_*.py")))


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
