"""The judge: holds the outcome of a played quarter against what the process owes.

Nothing is asked of the product where the offices' own papers can answer: workbooks are read again,
amounts added up again. Only the balance (`trace`) is the product's own word, and must be 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineWorkbook

from bhyt_filedrop.domain.conservation.balance import Trace
from bhyt_filedrop.simulate.quarter import agreement, duties, folders, second_thoughts, verdicts
from bhyt_filedrop.simulate.quarter.balances import alarmed, traced
from bhyt_filedrop.simulate.quarter.population import Population
from bhyt_filedrop.simulate.quarter.roles import Roles
from bhyt_filedrop.simulate.quarter.stage import Stage

PLACED_SHARE = 0.99
"""So much of the addresses in ten clerks' styles must be placed without a person."""


@dataclass(frozen=True, slots=True)
class QuarterJudgement:
    """What the judge found. `problems` must be empty; the counts go into the summary."""

    problems: tuple[str, ...]
    children: int
    wards: int
    dropped: int
    returned: int
    faults: int
    kinds: int
    reminders: int
    hops: int
    allocated: int
    total: int
    misplaced: int


def judge(stage: Stage, population: Population) -> QuarterJudgement:
    """Look at everything that a played quarter left behind."""
    found, paid = traced(stage), allocated(stage)
    planted = [p for one in stage.dropped for p in one.planted]
    return QuarterJudgement(
        tuple(_problems(stage, population, found, paid)),
        children=len(population.people),
        wards=len(population.by_ward),
        dropped=len(stage.dropped),
        returned=sum(one.returned for one in stage.dropped),
        faults=len(planted),
        kinds=len({p.code for p in planted}),
        reminders=len(duties.told_mornings(stage)),
        hops=len(found.hops),
        allocated=paid[0] if paid else 0,
        total=population.cost,
        misplaced=folders.count_misplaced(stage, population),
    )


def _problems(
    stage: Stage, population: Population, found: Trace, paid: tuple[int, int] | None
) -> Iterator[str]:
    yield from (f"a stranger: {one}" for one in stage.strangers)
    yield from (f"overlooked: {one}" for one in stage.overlooked)
    yield from verdicts.problems(stage)
    yield from second_thoughts.problems(stage)
    yield from folders.problems(stage, population)
    yield from duties.problems(stage, population)
    yield from balance(found, population, stage.roles)
    roles = stage.roles
    if (told := alarmed(stage)) != sorted((roles.finder, roles.splitter)):
        yield f"{told} had an alarm, not {roles.finder} and {roles.splitter} the one for form 1"
    yield from agreement.problems(stage, population, found)
    yield from _placing(stage, population)
    yield from _costs(paid, population)


# --- nobody is lost --------------------------------------------------------------------------


def balance(found: Trace, population: Population, roles: Roles) -> Iterator[str]:
    """Yield in one line each where children are lost, doubled or invented on the way."""
    for hop in found.hops:
        if hop.difference or hop.unknown:
            yield f"{hop.id} {hop.unit}: difference {hop.difference}, unknown {hop.unknown}"
    sent = Counter(hop.id for hop in found.hops for _ in range(hop.sent))
    asked = len(population.sent) - len(population.outside)
    wanted = dict.fromkeys(roles.back, asked)
    wanted |= dict.fromkeys((roles.carded, roles.allocation), len(population.people))
    for hop_id, count in wanted.items():
        if sent[hop_id] != count:
            yield f"{hop_id}: {sent[hop_id]} children were sent, not {count}"
    yield from _beginning(found, population, roles)


def _beginning(found: Trace, population: Population, roles: Roles) -> Iterator[str]:
    """Every child treated is on form 1 or form 2, and its costs are somebody's or left over."""
    listed = len(population.people) - len(population.sent)
    for hop in found.of(roles.carded):
        if (hop.carded_before, hop.uncarded) != (listed, len(population.sent)):
            yield f"form 1 has {hop.carded_before} children, form 2 {hop.uncarded}"
    for hop in (*found.of(roles.carded), *found.of(roles.allocation)):
        if hop.missing:
            yield f"{hop.id}: {hop.missing} children of the cost list are missing"


def _placing(stage: Stage, population: Population) -> Iterator[str]:
    """Addresses cut or left open on purpose aside, a person had to place next to none."""
    told = [p for p in population.sent if p.readable and not p.cut]
    by_hand = sum(p.key in stage.unplaced for p in told)
    if by_hand > max(1, (1 - PLACED_SHARE) * len(told)):
        yield f"{by_hand} of {len(told)} readable addresses were not placed"


# --- the money -------------------------------------------------------------------------------


def allocated(stage: Stage) -> tuple[int, int] | None:
    """Return what the newest allocation charges to hospitals and what is left, in đồng."""
    lists = [p for p in stage.inbox(stage.roles.charger) if folders.COSTS in p.name]
    return _sums(lists[-1]) if lists else None


def _sums(path: Path) -> tuple[int, int]:
    book = CalamineWorkbook.from_path(path)
    return _total(book, "Tổng hợp theo bệnh viện"), _total(book, "Chưa phân bổ")


def _total(book: CalamineWorkbook, sheet: str) -> int:
    """Add up the column of total costs over the numbered rows of a sheet."""
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    column = next(row.index("Tổng chi phí") for row in rows if "Tổng chi phí" in row)
    lines = [row for row in rows if str(row[0]).removesuffix(".0").isdigit()]
    amounts = [row[column] for row in lines]
    return sum(int(amount) for amount in amounts if isinstance(amount, int | float))


def _costs(paid: tuple[int, int] | None, population: Population) -> Iterator[str]:
    if paid is None:
        yield "nvgd1 has no allocation of costs"
    elif sum(paid) != population.cost:
        yield f"costs: {paid[0]} charged + {paid[1]} left is not {population.cost}"
