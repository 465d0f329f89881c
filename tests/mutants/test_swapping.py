"""A fault is put into what is imported already, or it is said that this cannot be."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.swapping import forget, put_in

RULE = """
import functools

LIMIT = 3
SOME = [n for n in range(LIMIT) if n > 0]

class Due:
    def is_late(self, day):
        return any(day > one for one in SOME)

    @property
    def first(self):
        return 1

@functools.cache
def grace(day, more=2):
    return day + more

def counting(start):
    def count(step):
        return start + step
    return count

from_ten = counting(10)
"""


@pytest.fixture
def rule(tmp_path: Path) -> Iterator[ModuleType]:
    path = tmp_path / "rule_of_tests.py"
    path.write_text(RULE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module


def faulty(rule: ModuleType, old: str, new: str) -> bool:
    assert RULE.count(old) == 1
    return put_in(Path(str(rule.__file__)), RULE, RULE.replace(old, new))


def test_a_fault_is_in_every_function_that_is_there_already(rule: ModuleType):
    due, grace = rule.Due(), rule.grace
    assert (due.is_late(1), due.first, grace(1), rule.from_ten(1)) == (False, 1, 3, 11)

    assert faulty(rule, "day > one", "day >= one")
    assert due.is_late(1)
    assert faulty(rule, "return 1", "return True")
    assert due.first is True
    assert faulty(rule, "start + step", "start - step")
    assert rule.from_ten(1) == 9
    assert faulty(rule, "day + more", "day - more")
    forget(rule.__name__)
    assert grace(1) == -1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("if n > 0", "if n >= 0"),
        ("more=2", "more=3"),
        ("@property\n    def", "def"),
        ("return start + step", "return None"),
    ],
)
def test_what_is_worked_out_at_import_is_left_as_it_is(rule: ModuleType, old: str, new: str):
    assert not faulty(rule, old, new)
    assert (rule.LIMIT, rule.grace(1), rule.Due().first, rule.from_ten(1)) == (3, 3, 1, 11)


def test_a_source_that_is_written_otherwise_is_the_same(rule: ModuleType):
    assert faulty(rule, "LIMIT = 3\n", "# as long as ever\n\nLIMIT = (3)\n")
    assert rule.grace(1) == 3
