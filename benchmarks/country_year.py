"""What the country leaves behind in a year: rows, bytes, fsyncs and mails.

`country/quarter.csv` says what one played quarter of one city left (`demo --full`); what follows
from children is multiplied by the country's births, the rest by its communes.
"""

from __future__ import annotations

import csv
import re

from country_day import DATA, provinces

BIRTHS = 1_400_000
"""Of a year, about as many as the statistics of 2023 and 2024 count; that each is once on the lists
of its commune is an assumption."""

ROUNDS = 4

CHILDREN, CHILD_BYTES = "children's rows", "bytes of children's rows"
_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))


def quarter() -> dict[str, float]:
    """What the played quarter left."""
    with (DATA / "quarter.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(line for line in stream if not line.startswith("#"))
        return {row["what"]: float(row["value"]) for row in rows}


def fsyncs() -> tuple[int, int]:
    """What docs/crash-table.md says that a return is synced, and each of its mails."""
    page = (DATA.parents[1] / "docs" / "crash-table.md").read_text("utf-8")
    table = page[page.index("## What is synced") : page.index("## What may be lost")]
    *drop, mail = map(int, re.findall(r"^\| [^|]+ \| (\d+)", table, re.MULTILINE))
    return sum(drop), mail


def a_year() -> dict[str, float]:
    """Rows, bytes, files, fsyncs and mails of the whole country in four rounds."""
    left, (a_drop, a_mail) = quarter(), fsyncs()
    communes = ROUNDS * sum(one.communes for one in provinces()) / left["communes"]
    children = BIRTHS / left["children"]
    mails = communes * left["mails"]
    return {
        "rows": communes * left["rows besides children"] + children * left[CHILDREN],
        CHILDREN: children * left[CHILDREN],
        "ledger": communes * left["bytes besides children"] + children * left[CHILD_BYTES],
        "archive": communes * left["archive bytes"],
        "files": communes * left["archive files"],
        "mails": mails,
        "fsyncs": communes * left["drops"] * a_drop + mails * a_mail,
    }


def told(files_a_commune: float, letters: float, rate: int, full: float) -> str:
    """The page's sections on a year, and on what gives in. `rate` mails a minute one account takes;
    a machine is full where `full` of it is in use."""
    left, year, (a_drop, a_mail) = quarter(), a_year(), fsyncs()
    each = {name: value / left["communes"] for name, value in left.items()}
    a_file = a_drop + letters * a_mail
    rush = files_a_commune * sum(one.communes for one in provinces()) / 2 / 7200 * a_file
    template = (DATA / "year.md").read_text("utf-8")
    return template.format(
        communes=f"{left['communes']:.0f}",
        children=f"{left['children']:,.0f}",
        births=f"{BIRTHS:,}",
        other_rows=f"{each['rows besides children']:.0f}",
        child_rows=f"{left[CHILDREN] / left['children']:.0f}",
        rows=f"{year['rows'] / 1e6:.0f}",
        rows_of_children=f"{year[CHILDREN] / 1e6:.0f}",
        other_bytes=f"{each['bytes besides children'] / 1e3:.0f}",
        child_bytes=f"{left[CHILD_BYTES] / left['children'] / 1e3:.1f}",
        ledger=_bytes(year["ledger"]),
        files=f"{each['archive files']:.1f}",
        all_files=f"{year['files'] / 1e6:.2f}",
        kept=f"{each['archive bytes'] / 1e3:.0f}",
        archive=_bytes(year["archive"]),
        a_drop=a_drop,
        a_mail=a_mail,
        fsyncs=f"{each['drops'] * a_drop + each['mails'] * a_mail:.0f}",
        all_fsyncs=f"{year['fsyncs'] / 1e6:.1f}",
        mails=f"{each['mails']:.1f}",
        all_mails=f"{year['mails'] / 1e3:,.0f}",
        rush=f"{rush:.1f}",
        by_mail=f"{60 * rate / letters:,.0f}",
        rate=rate,
        full=f"{full:.0%}",
    )  # fmt: skip


def _bytes(count: float) -> str:
    size, name = next((size, name) for size, name in (*_UNITS, (1e3, "KB")) if count >= size)
    return f"{count / size:.1f} {name}"
