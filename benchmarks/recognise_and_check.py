"""Process CPU of recognising and checking long lists: `python -m benchmarks.recognise_and_check`.

Run twice over each list: cold, and with the caches of a daemon that has seen the names before.
"""

from __future__ import annotations

import random
import time
from datetime import date

from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.places import Gazetteer
from bhyt_filedrop.domain.rounds import Round
from tests.grids import Built, build, forms, sound, units

ROWS = 5_000
GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hòa",
    "Khánh",
    "Lan",
    "Minh",
    "Ngọc",
    "Phúc",
    "Thảo",
)


def a_list(form: str, dice: random.Random) -> Built:
    """A list in which nearly every name, parent, birth and address is another one."""
    wards = units().of_kind("ward")
    rows = []
    for number in range(ROWS):
        ward = dice.choice(wards)
        street = f"{dice.randint(1, 400)}/{dice.randint(1, 99)} Lê Lợi"
        rows.append(
            sound(form, number)
            | {
                "name": "Nguyễn " + " ".join(dice.choices(GIVEN, k=3)),
                "parent": "Trần " + " ".join(dice.choices(GIVEN, k=3)),
                "birth_date": f"{dice.randint(1, 28):02d}/{dice.randint(1, 12):02d}/2013",
                "id_number": str(dice.randint(10**8, 10**9 - 1)),
                "address": f"{street}, {units().full_name(ward)}",
            }
        )
    return build(form, {"A": rows} if form == "c79a" else rows)


def main() -> None:
    """Print seconds of recognising, seconds of checking, rows and findings."""
    context = Context(
        date(2015, 6, 5), units(), Gazetteer.of(units()), by_id(forms()), Round(2015, 1)
    )
    for form in ("form-1", "c79a"):
        built = a_list(form, random.Random(1))
        for state in ("cold", "warm"):
            start = time.process_time()
            (submission,) = recognise(built.workbook, forms(), units()).submissions
            found = time.process_time()
            findings = check(submission, context)
            end = time.process_time()
            print(
                f"{form:8} {state}: recognise {found - start:.2f} s, check {end - found:.2f} s, "
                f"{len(submission.rows)} rows, {len(findings)} findings"
            )


if __name__ == "__main__":
    main()
