"""Files made to harm: always an answer, never a stuck or greedy process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, open_desk
from tests.harmful import FORM_4, HOSTILE
from tests.seeds import sound_files

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """One desk for the module."""
    with open_desk() as opened:
        yield opened


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_made_to_harm_gets_an_answer_and_harms_nothing(
    kind: str, desk: Desk, tmp_path: Path
) -> None:
    """With a finding for its sender and a copy that opens; then work goes on."""
    path = tmp_path / "ds.xls"
    path.write_bytes(HOSTILE[kind]())

    desk.answer(path)

    sound = tmp_path / FORM_4
    sound.write_bytes(sound_files()[FORM_4])
    assert desk.answer(sound).verdict == "accepted"


@pytest.mark.parametrize("first", range(1000, 2000, 50))
def test_files_spoilt_at_random_get_answers(first: int, desk: Desk, tmp_path: Path) -> None:
    """A thousand; `benchmarks/fuzz_files.py` goes on for as long as wanted."""
    for seed in range(first, first + 50):
        desk.answer_spoilt(seed, tmp_path)
