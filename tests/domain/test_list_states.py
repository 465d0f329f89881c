"""The states of a list: each said once, in `lists/states.py`, and asked for by name elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists import states
from bhyt_filedrop.domain.lists.states import COUNTED, GONE, IN_FORCE, ListState
from tests.imports import module_name, sources

WORDS = {str(state) for state in (*ListState, *State)}

OTHER_THINGS = {
    "bhyt_filedrop.edges.ledger.letterbook",
    "bhyt_filedrop.edges.ledger.bouncebook",
}
"""Modules in which a state is a letter's."""


def test_every_state_either_stands_or_is_gone():
    assert set(ListState) == IN_FORCE | GONE
    assert not IN_FORCE & GONE


def test_a_correction_that_waits_for_another_is_counted_by_nobody():
    """Until it fits, the return that it would correct is the one that counts."""
    assert {ListState.AMENDING} == IN_FORCE - COUNTED


def test_the_ledger_keeps_the_words_that_it_always_kept():
    assert [str(state) for state in ListState] == [
        "accepted", "held", "amending", "returned", "superseded",
    ]  # fmt: skip


def test_every_state_and_every_set_of_states_says_what_it_means():
    tree = ast.parse(Path(states.__file__).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    silent = [
        ast.unparse(one)
        for body in (tree.body, *(node.body for node in classes))
        for one, after in zip(body, [*body[1:], None], strict=True)
        if isinstance(one, ast.Assign) and not isinstance(after, ast.Expr)
    ]

    assert silent == []


def test_nobody_asks_for_a_state_by_a_bare_word():
    bare = [
        f"{module_name(path)}:{line}"
        for path in sources()
        if module_name(path) not in OTHER_THINGS
        for line in bare_states(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert bare == [], "write ListState.X (or State.X), or a set of domain/lists/states.py"


@pytest.mark.parametrize(
    "code",
    [
        'record.state == "held"',
        'r.state in ("accepted", "held")',
        'row.state.in_(["accepted"])',
        'change(state="returned")',
        'def f(states=("accepted",)): ...',
        'KNOWN = frozenset({"accepted", "held"})',
        'a_record(key, "", 0, "accepted", 1)',
        'def f(): return "superseded"',
    ],
)
def test_a_bare_word_is_seen_wherever_a_state_can_stand(code: str):
    assert list(bare_states(ast.parse(code))) == [1]


def test_only_the_glossary_says_what_people_call_a_state():
    """Else a clerk reads one word in the list of arrivals and another in a report."""
    elsewhere = [
        f"{module_name(path)}:{node.lineno}"
        for path in sources()
        if module_name(path) != "bhyt_filedrop.domain.words"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict) and names_states(node)
    ]

    assert elsewhere == [], "ask STATES, LIST_STATES or VERDICTS of domain/words.py"


def names_states(table: ast.Dict) -> bool:
    """True for a table from states to words with a letter that only Vietnamese has."""
    keys = [ast.unparse(key) for key in table.keys if key]
    return any(key.startswith(("State.", "ListState.")) for key in keys) and any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and not part.value.isascii()
        for value in table.values
        for part in ast.walk(value)
    )


def bare_states(tree: ast.AST) -> Iterator[int]:
    """Yield the lines on which a state's word stands as a value."""
    for node in ast.walk(tree):
        if any(_is_word(part) for part in _values(node)):
            yield node.lineno  # type: ignore[attr-defined]


def _values(node: ast.AST) -> list[ast.AST]:
    """What an expression or statement compares, passes or returns as a state."""
    if isinstance(node, ast.Compare) and ".kind" not in ast.unparse(node):  # a letter's kind
        return [node.left, *node.comparators]
    if isinstance(node, ast.Return):
        return [node.value] if node.value else []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts if all(_is_word(one) for one in node.elts) else []
    if isinstance(node, ast.keyword):
        return [node.value] if node.arg in {"state", "states"} else []
    if isinstance(node, ast.Call) and "record" in ast.unparse(node.func).lower():
        return list(node.args)
    return []


def _is_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in WORDS
