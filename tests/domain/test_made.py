"""A hand-off that the product makes: known in one table, and forgotten nowhere."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from bhyt_filedrop import resources
from bhyt_filedrop.domain.derive.wanted import MAKERS
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.made import MADE, Made
from bhyt_filedrop.work.derived.publish import PRINTERS
from tests.imports import module_name, sources

REFERENCE = Path(__file__).parents[2] / "docs" / "configuration.md"


def forgotten(known: set[str]) -> set[str]:
    """The words of the table that one place does not know, or knows and the table does not."""
    return known ^ set(MADE)


def test_whatever_is_declared_as_made_has_a_maker():
    assert forgotten(set(MAKERS)) == set(), "MAKERS in domain/derive/wanted.py"


def test_whatever_is_made_can_be_printed():
    """And nothing is printed any more that no hand-off is made as; the ledger keeps recipes."""
    sheets = {sheet for made in MADE.values() for sheet in made.sheets}

    assert sheets ^ set(PRINTERS) == set(), "PRINTERS in work/derived/publish.py"


@pytest.mark.parametrize("word", MADE)
def test_the_process_file_takes_each_way_to_make_a_hand_off(word: str):
    given = {"id": "a", "name": "A", "sender": "x", "receiver": "y", "made_by": word}

    check = TypeAdapter(HandOff).validate_python

    assert check(given).made_by == word
    with pytest.raises(ValidationError):
        check({**given, "made_by": f"{word}-too"})


def test_the_configuration_reference_names_each_way_and_what_it_is_made_from():
    text = REFERENCE.read_text(encoding="utf-8")
    by, from_ = (re.search(rf"^\| `{key}` \|.*$", text, re.M) for key in ("made_by", "made_from"))
    assert by and from_

    for row in (by, from_):
        assert forgotten({w for w in re.findall(r"`([a-z-]+)`", row[0]) if w in MADE}) == set()


def test_the_process_that_is_shipped_uses_each_way():
    shipped = tomllib.loads(
        (resources.shipped("config") / "process.toml").read_text(encoding="utf-8")
    )

    assert forgotten({h["made_by"] for h in shipped["handoff"] if "made_by" in h}) == set()


@pytest.mark.parametrize("word", MADE)
def test_a_file_that_goes_out_has_a_name(word: str):
    """Drafts of forms 1 and 2 are called as the forms are; everything else as the table says."""
    assert MADE[word].label or MADE[word].reads_register
    assert MADE[word].sources
    assert MADE[word].sheets


def test_nobody_else_asks_for_a_way_to_make_a_hand_off_by_its_word():
    asked = [
        f"{module_name(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and "made_by" in ast.unparse(node)
        and any(isinstance(part, ast.Constant) and part.value for part in ast.walk(node))
    ]

    assert asked == [], f"ask the table: {[field.name for field in fields(Made)]}"
