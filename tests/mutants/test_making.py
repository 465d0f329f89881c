"""The faults that `make mutants` puts in are those that a rule hangs on, one at a time."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.making import Mutant, mutants_of, source_with

RULE = '''"""Days of 30 and more."""
from dataclasses import dataclass
LIMIT: int = 3

@dataclass(frozen=True)
class Due:
    days: int = 7

def is_late(day: int, due: int | None, *, grace: int = 2) -> bool:
    """Return 1 of 2."""
    log.info("asked", extra={"day": 5})
    if not due:
        return False
    return day > due + grace and day != 4

def names(found: list[str]) -> list[str]:
    for one in found:
        if one:
            continue
        yield one
    return [n for n in found if n.strip()]

def __repr__(self):
    return 12 + 13
'''


def faults(folder: Path) -> list[Mutant]:
    (folder / "rule.py").write_text(RULE, encoding="utf-8")
    return mutants_of(folder, "rule.py")


def test_a_rule_has_the_faults_of_its_words_and_numbers(tmp_path: Path):
    told = {(m.text.strip(), m.change) for m in faults(tmp_path)}

    late = "return day > due + grace and day != 4"
    assert {change for text, change in told if text == late} == {
        "> → >=",
        "> → <=",
        "+ → -",
        "and → or",
        "!= → ==",
        "4 → 5",
        "4 → 3",
    }
    assert {change for text, change in told if text == "if not due:"} == {"not dropped"}
    assert ("yield one", "yield dropped") in told
    assert ("continue", "continue → break") in told
    assert ("return [n for n in found if n.strip()]", "return → []") in told
    assert ("return [n for n in found if n.strip()]", "negated") in told


def test_what_no_rule_hangs_on_is_left_alone(tmp_path: Path):
    texts = {m.text for m in faults(tmp_path)}

    assert not [t for t in texts if "log." in t or "12 + 13" in t or "frozen" in t or '"""' in t]


def test_each_fault_is_one_change_of_the_module_and_stands_where_it_says(tmp_path: Path):
    found = faults(tmp_path)
    sources = [source_with(tmp_path, mutant) for mutant in found]

    assert len(set(sources)) == len(found)
    assert all(mutant.text == RULE.splitlines()[mutant.line - 1].strip() for mutant in found)
    assert "day >= due + grace" in sources[[m.change for m in found].index("> → >=")]


def test_what_is_worked_out_at_import_is_known_by_its_name(tmp_path: Path):
    named = {m.text: m.name for m in faults(tmp_path) if m.name}

    assert named["LIMIT: int = 3"] == "LIMIT"
    assert named["days: int = 7"] == "Due"
    assert named["def is_late(day: int, due: int | None, *, grace: int = 2) -> bool:"] == "is_late"


def test_of_several_that_are_defined_together_the_one_is_named_that_changes(tmp_path: Path):
    (tmp_path / "rule.py").write_text("FIRST, LAST = 1, -9\n", encoding="utf-8")
    found = mutants_of(tmp_path, "rule.py")

    assert {(m.change.partition(" ")[0], m.name) for m in found} == {("1", "FIRST"), ("9", "LAST")}


def test_a_seed_brings_the_same_order_whatever_else_is_edited(tmp_path: Path):
    before = sorted(faults(tmp_path), key=lambda m: m.rank(7))
    (tmp_path / "rule.py").write_text("# moved\n\n" + RULE, encoding="utf-8")
    after = sorted(mutants_of(tmp_path, "rule.py"), key=lambda m: m.rank(7))

    assert [m.change for m in before] == [m.change for m in after]
    assert [m.rank(7) for m in before] != [m.rank(8) for m in before]
