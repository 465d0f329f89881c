"""No city, department or official letter has its name in the package: they are configuration.

What all of Viet Nam shares (a form's printed columns, the decision that issued a form) may stand
there; docstrings and comments name the source of a rule on purpose; the simulator plays a city.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.resources import cities, config_dir
from bhyt_filedrop.settings import load
from tests.imports import PACKAGE, ROOT

FORM_DECISIONS = frozenset({"490/QĐ-BHXH", "595/QĐ-BHXH", "1111/QĐ-BHXH"})
"""They are printed on the forms that they issued, all over the country."""
DOCUMENT = re.compile(r"\b\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐ0-9-]+")


def own_names() -> frozenset[str]:
    """Every unit, and the authority, of the cities that ship."""
    found: set[str] = {"Sài Gòn", "TP.HCM", "TPHCM"}
    for city in cities():
        units = load(config_dir(city)).units
        found |= {units.authority.name.removeprefix("TP. ")}
        found |= {unit.name for unit in units if unit.name != "Ban Giám đốc"}
        found |= {unit.folder for unit in units.of_kind("city") if unit.folder != "Ban Giám đốc"}
    return frozenset(found)


NAMES = own_names()


def strings(source: Path) -> Iterator[str]:
    """Every string of a module that is no docstring."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    bodies = (getattr(node, "body", None) for node in ast.walk(tree))
    lines = (line for body in bodies if isinstance(body, list) for line in body)
    told = {id(line.value) for line in lines if isinstance(line, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "simulate" not in p.parts)
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*.j2"))


def named(text: str) -> list[str]:
    return [name for name in NAMES if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


def cited(text: str) -> list[str]:
    return [found for found in DOCUMENT.findall(text) if found not in FORM_DECISIONS]


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_names_no_city_no_department_and_no_official_letter(source: Path):
    assert [(text, named(text), cited(text)) for text in strings(source)
            if named(text) or cited(text)] == []  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_a_template_names_none_either(template: Path):
    text = template.read_text(encoding="utf-8")

    assert (named(text), cited(text)) == ([], [])


def test_the_grep_would_find_them():
    assert set(named("Gửi Phòng Thu của TP.HCM")) == {"Phòng Thu", "TP.HCM"}
    assert cited("theo 1331/BHXH-THU và 490/QĐ-BHXH") == ["1331/BHXH-THU"]
