"""The country, on paper: docs/scale.md from the figures in docs/benchmarks.md and `country/`.

Nothing here is measured: what was measured for one city is multiplied by the country's provinces,
communes and its worst day, that day is played (`country_day.py`), and the first limit that is met
is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import country_day
import country_year

from bhyt_filedrop.settings.values import MachineSettings

DOCS = Path(__file__).parents[1] / "docs"

PROVINCES, COMMUNES = 34, 3_321
"""Since 01/07/2025."""
WORST_DAY = 4_650
"""Drops of the whole country on the day when the communes' returns are due, with their
corrections: 1.4 for each commune."""
RUSH, RUSH_HOURS = 0.5, 2.0
"""The part of that day's drops that comes in its last hours."""
FULL = 0.6
"""How much of a machine may be in use at the worst time: above it, files begin to wait."""

_SHARED = re.compile(
    r"^\| a ward's return [^|]*by the clock: ([^|]*(?:in a file|PostgreSQL)[^|]*?) \|"
    r" ([\d.]+) (ms|s) \|",
    re.M,
)
_UNITS = {"ms": 0.001, "s": 1.0, "MiB": 1.0, "": 1.0}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one machine was found to take, in seconds of processor unless said otherwise."""

    cores: int
    late_return: float
    after_start: float
    letters: float
    """Letters that follow from one return."""
    memory: float
    """MiB of one province's daemon."""
    shared: tuple[tuple[str, float], ...] = ()
    """Who serves one ledger, and the seconds by the clock that a file then takes."""

    @classmethod
    def read(cls, page: str) -> Measured:
        """Find the figures on the page of the table. Raises ValueError naming one that is not
        there."""
        cores = re.search(r"(\d+) cores", page)
        if not cores:
            raise ValueError("docs/benchmarks.md does not say how many cores")
        return cls(
            int(cores[1]),
            _figure(page, "one late return"),
            _figure(page, "the first return after a start"),
            _figure(page, "letters that follow from a return"),
            _figure(page, "the most memory that the daemon held"),
            tuple((who, float(value) * _UNITS[unit]) for who, value, unit in _SHARED.findall(page)),
        )


def _figure(page: str, begins: str) -> float:
    found = re.search(rf"^\| {re.escape(begins)}[^|]*\| ([\d.]+) ?(\w*) \|", page, re.M)
    if not found:
        raise ValueError(f"docs/benchmarks.md has no figure that begins “{begins}”")
    return float(found[1]) * _UNITS[found[2]]


def page(known: Measured) -> str:
    """The page, every number of it worked out."""
    a_hour = known.cores * 3600 / known.late_return
    rush = RUSH * WORST_DAY / RUSH_HOURS
    used = rush / a_hour
    bears = FULL * a_hour * RUSH_HOURS / RUSH
    letters = known.letters * WORST_DAY
    rate = MachineSettings().mail.rate_per_minute
    one_relay = letters / rate / 60
    restart = PROVINCES * known.after_start / known.cores
    mails = "mails, where one account of one relay serves the country"
    limits = {mails: 60 * rate / (known.letters * rush), "the processor": FULL / used}
    first = min(limits, key=lambda name: limits[name])
    return "\n".join([
        "# One machine for the country",
        "",
        "On paper: `benchmarks/scale.py` works this page out from [benchmarks.md](benchmarks.md),"
        f" a machine of {known.cores} cores. Each of the {PROVINCES} provinces is a site of its own"
        " (its own daemon, ledger, tree and mail account), all of them on one machine.",
        "",
        f"The worst day is the one on which the returns of {COMMUNES:,} communes are due:"
        f" {WORST_DAY:,} drops with their corrections, {RUSH:.0%} of them in the last"
        f" {RUSH_HOURS:g} hours.",
        "",
        "| what | on the worst day | the machine bears |",
        "|---|---|---|",
        f"| processor: a return with all that follows takes {known.late_return * 1000:.0f} ms |"
        f" {rush:,.0f} drops an hour, {used:.0%} of {known.cores} cores |"
        f" {a_hour:,.0f} drops an hour at most; {bears:,.0f} drops on such a day at {FULL:.0%} |",
        f"| mails: {known.letters:.1f} letters follow from a return | {letters:,.0f} letters |"
        f" `rate_per_minute` is {rate} for a site: {PROVINCES * rate:,} a minute in"
        f" {PROVINCES} accounts; through one account of one relay they take {one_relay:.1f}"
        " hours |",
        f"| memory: {known.memory:.0f} MiB a daemon | {PROVINCES * known.memory / 1024:.1f} GiB for"
        f" {PROVINCES} | what the machine has |",
        f"| a restart of all, rounds under way | {restart:.0f} s until the last province takes its"
        " first file | – |",
        "",
        f"**What gives in first: {first}**, at {limits[first]:.1f} times the worst day."
        " Letters wait in the ledger meanwhile and files are handled all the same.",
        "",
        f"**A second machine is wanted** from about {bears:,.0f} drops on one day, or where a"
        " failure of one must not stop the country: provinces part cleanly, for no site knows of"
        " another. Before that, a relay that takes more mails a minute, or an account for each"
        " province.",
        "",
        *_told_of_sharing(known),
        country_day.told(WORST_DAY / COMMUNES, known.late_return),
        country_year.told(WORST_DAY / COMMUNES, known.letters, rate, FULL).rstrip(),
        "",
    ])  # fmt: skip


def _told_of_sharing(known: Measured) -> list[str]:
    """What sharing a ledger costs; nothing where it was not measured."""
    if not known.shared:
        return []
    return [
        "## One ledger for several daemons",
        "",
        f"All of them, and the server, on the same {known.cores} cores: this says what sharing"
        " costs, and not what further machines bring.",
        "",
        "| who serves a full folder | a file by the clock | files an hour |",
        "|---|---|---|",
        *(f"| {who} | {took * 1000:.0f} ms | {3600 / took:,.0f} |" for who, took in known.shared),
        "",
    ]


def write() -> None:
    """Write docs/scale.md anew."""
    known = Measured.read((DOCS / "benchmarks.md").read_text("utf-8"))
    (DOCS / "scale.md").write_text(page(known), "utf-8")


if __name__ == "__main__":
    write()
