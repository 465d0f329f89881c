"""What a form declares of its paper is told at the key where it could not be printed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.forms.printed import Print, PrintColumn, wrongly_printed

COLUMN = PrintColumn("name", ("Họ và tên",), 2, 20)
SOUND = Print((COLUMN,), ("DANH SÁCH",), ("{round}, do {supplier} cung cấp",), {})


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        (SOUND, []),
        (replace(SOUND, corner=("Mẫu số: {decision}", "")), []),
        (replace(SOUND, corner=("Mẫu số",)), ["corner"]),
        (replace(SOUND, corner=("Mẫu số {round}", "")), ["corner"]),
        (replace(SOUND, subtitles=("{round}", "{year}")), ["subtitles"]),
        (replace(SOUND, subtitles=("{round",)), ["subtitles"]),
        (replace(SOUND, columns=(replace(COLUMN, style="bold"),)), ["columns.name.style"]),
        (replace(SOUND, columns=(replace(COLUMN, width=0),)), ["columns.name"]),
        (replace(SOUND, columns=(replace(COLUMN, width=-1),)), ["columns.name"]),
        (replace(SOUND, columns=(replace(COLUMN, width=0.5),)), []),
        (replace(SOUND, columns=(replace(COLUMN, head=()),)), ["columns.name"]),
    ],
    ids=[
        "sound", "a decision in the corner", "one line in the corner", "a round in the corner",
        "an unknown word", "a brace left open", "no style", "no width", "less than none",
        "a narrow column", "no heading",
    ],
)  # fmt: skip
def test_what_could_not_be_printed_is_told_at_its_key(shape: Print, keys: list[str]):
    assert [key for key, _ in wrongly_printed(shape)] == keys


def test_the_decision_of_a_paper_stands_in_its_corner_alone():
    shape = replace(SOUND, corner=("Mẫu số 1", "Theo {decision}")).issued_by("Quyết định 595")

    assert shape.corner == ("Mẫu số 1", "Theo Quyết định 595")
    assert shape.subtitles == SOUND.subtitles
