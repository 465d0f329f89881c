"""Files spoilt by chance, on the way or by a broken program: each gets an answer.

A few for each run; a thousand in `test_hostile_files.py`, and as many as wanted by
`benchmarks/fuzz_files.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, open_desk


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """One desk for the module."""
    with open_desk() as opened:
        yield opened


@pytest.mark.parametrize("first", range(0, 24, 8))
def test_a_spoilt_file_gets_an_answer_and_a_copy_that_opens(
    first: int, desk: Desk, tmp_path: Path
) -> None:
    """Bytes flipped, cut, doubled, swapped; parts of a zip spoilt and soundly packed again."""
    for seed in range(first, first + 8):
        desk.answer_spoilt(seed, tmp_path)
