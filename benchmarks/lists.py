"""Figures of single lists: judging one, splitting the city's, merging the districts', reconciling.

Every list holds names that the process has not seen: each real one does.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas
from measure import ROUND, Figure, in_turn, median_of, shipped, spent, written
from rapidfuzz import fuzz, process

from bhyt_filedrop.collector import spare_the_collector
from bhyt_filedrop.domain.derive.codes import with_codes
from bhyt_filedrop.domain.derive.merge import carded_final
from bhyt_filedrop.domain.derive.split import split
from bhyt_filedrop.domain.lists.children import ListedChild, list_children
from bhyt_filedrop.domain.paper.kit import KitGuide, kit_sheets
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.paper.round_lists import carded_final_sheets
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.reconcile import Came, reconcile
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.ports import Reader
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.workbooks import reader_of
from bhyt_filedrop.work.check.one_file import Wish, check_file

NOW = datetime(2015, 6, 5, 9, tzinfo=ZONE)
WISH = Wish(today=NOW.date())
READS = "pandas with openpyxl merely reads"
WRITES = "pandas: groupby or concat, to_excel"

# Of which engine it reads with, pandas warns at each call.
warnings.filterwarnings("ignore", module="pandas", category=FutureWarning)


def figures(quick: bool) -> Iterator[Figure]:
    """Yield the figures of lists; of a size that takes seconds where `quick`."""
    spare_the_collector()
    settings = shipped()
    with TemporaryDirectory() as folder, reader_of(settings) as reader:
        scratch = Path(folder)
        for rows in (500,) if quick else (500, 5_000):
            yield check_figure(rows, scratch, settings, reader)
        yield split_figure(1_000 if quick else 20_000, scratch, settings)
        yield merge_figure(100 if quick else 1_000, scratch, settings, reader)
    yield from reconcile_figures(200 if quick else 1_000, 4_000 if quick else 100_000)
    if not quick:
        sent, came = listed(20_000, 1), as_rows(listed(20_000, 2))
        taken = spent(lambda: reconcile(sent, came))
        yield Figure("reconcile 20,000 children with 20,000 others", taken, goal=2.0)


# --- one list --------------------------------------------------------------------------------


def read_only(file: Path) -> None:
    """The peer of a check: the values alone."""
    pandas.read_excel(file, engine="openpyxl", header=None, dtype=object)


def check_figure(rows: int, scratch: Path, settings: Settings, reader: Reader) -> Figure:
    """A warm process checks lists of form 3 that it has not seen."""
    world, seconds = world_of(settings), settings.limits.drop_seconds
    files = [
        written(scratch / f"{rows}-{seed}.xlsx", "form-3", rows, settings, "760", seed)
        for seed in range(1, 7)
    ]

    def check(file: Path) -> Callable[[], object]:
        return lambda: check_file(file, WISH, reader, world, NOW, seconds)

    check(files[0])(), read_only(files[0])
    ours, peer = in_turn(*((check(f), lambda f=f: read_only(f)) for f in files[1:]))
    what = f"check form 3 of {rows:,} rows, new names, warm process"
    return Figure(what, ours, "s", peer, READS, 1.0, of_ratio=True)


# --- one list to many, many to one -----------------------------------------------------------


def as_listed(settings: Settings, one: InventedChild, number: int) -> ListedChild:
    """An invented child as the ledger keeps it."""
    now = number % 2
    return ListedChild(
        section="II" if now else "I", carded="yes", name=one.name, birth=str(one.birth_date),
        sex="nu" if one.girl else "nam", parent=one.mother, id_number=one.id_number,
        address=one.address, ward=one.ward, district=settings.units[one.ward].parent,
        card=one.card, facility=f"79{one.facility}", facility_name=one.facility_name,
        category="carded-now" if now else "carded-before",
    )  # fmt: skip


def split_figure(rows: int, scratch: Path, settings: Settings) -> Figure:
    """The city's list becomes a workbook for each district and each ward."""
    units, guide = settings.units, KitGuide("20/06/2015", "/nop", True)
    group = children(units, rows, round=ROUND, seed=7)
    listed_ = [as_listed(settings, child, n) for n, child in enumerate(group)]
    frame = pandas.DataFrame(
        {name: getattr(child, name) for name in ListedChild.__dataclass_fields__}
        for child in listed_
    )

    def ours() -> None:
        found = split(with_codes(listed_, ROUND), units)
        for unit, mine in (*found.by_district.items(), *found.by_ward.items()):
            layouts = kit_sheets(mine, units[unit], ROUND, units, guide=guide)
            write_layouts(layouts, scratch / f"{unit}.xlsx")

    def peer() -> None:
        for level in ("district", "ward"):
            for unit, mine in frame.groupby(level):
                mine[_PRINTED].to_excel(scratch / f"{unit}.xlsx", index=False)

    mine, theirs = in_turn((ours, peer))
    count = frame["ward"].nunique() + frame["district"].nunique()
    what = f"split {rows:,} rows into {count} workbooks"
    return Figure(what, mine, "s", theirs, WRITES, 2.0, of_ratio=True)


_PRINTED = [
    "code", "name", "birth", "sex", "parent", "id_number", "address", "status", "card", "facility",
    "facility_name", "note", "section", "ward", "district", "category",
]  # fmt: skip
"""As many columns as the workbooks of ours have."""


def merge_figure(rows: int, scratch: Path, settings: Settings, reader: Reader) -> Figure:
    """Every district's form 3 is read, checked, and becomes the city's list."""
    units, world, seconds = settings.units, world_of(settings), settings.limits.drop_seconds
    districts = [unit.id for unit in units.of_kind("district")]
    files = {
        district: written(scratch / f"{district}.xlsx", "form-3", rows, settings, district, 9)
        for district in districts
    }

    def rows_of(file: Path) -> tuple[ListedChild, ...]:
        (one,) = check_file(file, WISH, reader, world, NOW, seconds).examined.found
        form = world.forms_by_id[one.submission.form]
        return list_children(one.submission, form, world.gazetteer)

    def ours() -> None:
        returns = {district: rows_of(file) for district, file in files.items()}
        merged = carded_final(returns, units, districts)
        office = Letterhead.of(units["thu"], units)
        missing = merged.missing
        layouts = carded_final_sheets(
            merged.children, ROUND, units, office, expected=districts, missing=missing
        )
        write_layouts(layouts, scratch / "merged.xlsx")

    def peer() -> None:
        read = [pandas.read_excel(f, engine="openpyxl", dtype=object) for f in files.values()]
        pandas.concat(read).to_excel(scratch / "merged.xlsx", index=False)

    mine, theirs = in_turn((ours, peer))
    what = f"merge {len(files)} workbooks of {rows:,} rows"
    return Figure(what, mine, "s", theirs, WRITES, 2.0, of_ratio=True)


# --- two lists -------------------------------------------------------------------------------


def listed(count: int, seed: int) -> list[ListedChild]:
    """So many children of one quarter, without codes."""
    settings = shipped()
    group = children(settings.units, count, round=ROUND, seed=seed)
    born = random.Random(seed)
    every = (as_listed(settings, child, n) for n, child in enumerate(group))
    return [replace(child, birth=str(_day(born))) for child in every]


def _day(born: random.Random) -> date:
    return date.fromordinal(ROUND.first_day.toordinal() + born.randrange(90))


def as_rows(group: list[ListedChild]) -> list[Came]:
    """The rows that they came back in."""
    return [Came(child, "carded-before", "", "") for child in group]


def with_slips(group: list[ListedChild], seed: int) -> list[Came]:
    """The same children in another order, one of fifty with a slip in name, birth or parent."""
    rng = random.Random(seed)
    back = [_slip(child, rng) if rng.random() < 0.02 else child for child in group]
    rng.shuffle(back)
    return as_rows(back)


def _slip(child: ListedChild, rng: random.Random) -> ListedChild:
    at = rng.randrange(len(child.name))
    slips: tuple[Mapping[str, str], ...] = (
        {"name": f"{child.name[:at]}{rng.choice('abcđ')}{child.name[at + 1 :]}"},
        {"birth": f"{child.birth[:-2]}{rng.randint(1, 28):02}"},
        {"parent": f"Lê Văn {child.parent.split()[-1]}"},
    )
    return replace(child, **rng.choice(slips))  # type: ignore[arg-type]


def naive_match(sent: list[ListedChild], came: list[Came]) -> None:
    """The peer: by name, birth and parent in a dictionary, the rest by the likest name of the
    day. It pairs what is alike, right or not, and tells of nobody who came twice."""
    known = {(c.name.casefold(), c.birth, c.parent.casefold()): c for c in sent}
    left = []
    for row in came:
        child = row.child
        if not known.pop((child.name.casefold(), child.birth, child.parent.casefold()), None):
            left.append(child)
    of_day: dict[str, list[ListedChild]] = {}
    for child in known.values():
        of_day.setdefault(child.birth, []).append(child)
    for child in left:
        near = [one.name for one in of_day.get(child.birth, ())]
        process.extractOne(child.name, near, scorer=fuzz.ratio, score_cutoff=80)


def reconcile_figures(few: int, many: int) -> Iterator[Figure]:
    """What went out against what came back, and how the cost grows with the children."""
    group, back = (sent := listed(many, 1)), with_slips(sent, 1)
    ours, peer = in_turn((lambda: reconcile(group, back), lambda: naive_match(group, back)))
    what, beside = f"reconcile {many:,} with {many:,}, 2 % slips", "dictionaries and rapidfuzz"
    yield Figure(what, ours, "s", peer, beside, 3.0)
    if few >= 1_000:  # below that it is noise
        yield growth_figure(few, many, ours, peer)


def growth_figure(few: int, many: int, ours: float, peer: float) -> Figure:
    """The exponent of the children by which the cost grows: 1 is each child the same."""
    costs = []
    for seed in range(2, 9):
        sent = listed(few, seed)
        came = with_slips(sent, seed)
        costs.append((spent(lambda s=sent, c=came: reconcile(s, c)),
                      spent(lambda s=sent, c=came: naive_match(s, c))))  # fmt: skip
    grown = math.log(many / few)
    return Figure(
        f"how that grows from {few:,} to {many:,}: exponent",
        math.log(ours / median_of(mine for mine, _ in costs)) / grown,
        "",
        math.log(peer / median_of(theirs for _, theirs in costs)) / grown,
        "dictionaries and rapidfuzz",
        1.12,
    )
