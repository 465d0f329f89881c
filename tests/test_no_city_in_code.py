"""No city, department or official letter has its name in the package: they are configuration.

What all of Viet Nam shares (a form's printed columns, levels of addresses) may stand there;
docstrings and comments name the source of a rule on purpose; the simulator plays a city.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.resources import cities, config_dir
from bhyt_filedrop.settings import load
from tests.folding import fold_whole
from tests.imports import PACKAGE, ROOT

DOCUMENT = re.compile(r"\b\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐ0-9-]+")
NUMBER = re.compile(r"(?<![\d.,])(490|595|959|1111|1331|1521|1804|2118)(?![\d.,])")
"""Numbers of decisions and letters, as titles and patterns have them without their issuer."""
SHORT = re.compile(r"\b(?:TP|Thành phố)\b|THÀNH PHỐ")
"""What one city is called for short, with its capital: the level of a place has none."""
NO_NAMES = re.compile(rf"Asia/Ho_Chi_Minh|{'|'.join(cities())}")
"""The country's time zone, and ids under which configurations ship."""


@cache
def own_names() -> frozenset[str]:
    """Every unit, and the authority, of the cities that ship, without diacritics or case."""
    found: set[str] = {"Sài Gòn", "Hồ Chí Minh", "TP.HCM", "HCM", "HCMC"}
    for city in cities():
        units = load(config_dir(city)).units
        found |= {units.authority.name, units.authority.place}
        found |= {unit.name for unit in units if unit.name != "Ban Giám đốc"}
        found |= {unit.folder for unit in units.of_kind("city") if unit.folder != "Ban Giám đốc"}
    return frozenset(fold(name) for name in found)


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
    """The names of units or of the whole in a text, folded or not."""
    words = f" {fold_whole(text)} "
    return sorted(name for name in own_names() if f" {name} " in words)


def cited(text: str) -> list[str]:
    """The documents that a text cites, by number and issuer or by number alone."""
    return [*DOCUMENT.findall(text), *NUMBER.findall(text)]


def called(text: str) -> list[str]:
    """Where a text calls the whole by one city's word."""
    return SHORT.findall(text)


def wrong(text: str) -> tuple[list[str], ...] | None:
    text = NO_NAMES.sub("", text)
    found = (named(text), cited(text), called(text))
    return found if any(found) else None


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_names_no_city_no_department_and_no_official_letter(source: Path):
    assert [(text, why) for text in strings(source) if (why := wrong(text))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_a_template_names_none_either(template: Path):
    assert wrong(template.read_text(encoding="utf-8")) is None


def test_the_grep_would_find_them():
    assert set(named("Gửi Phòng Thu của TP.HCM")) == {"phong thu", "tp hcm", "hcm"}
    assert named("tp ho chi minh") == ["ho chi minh", "tp ho chi minh"]
    assert cited("theo 1331/BHXH-THU và 490/QĐ-BHXH") == [
        "1331/BHXH-THU", "490/QĐ-BHXH", "1331", "490",
    ]  # fmt: skip
    assert cited(r"\b595 qd bhxh") == ["595"]
    assert called("Trẻ ngoài Thành phố") == ["Thành phố"]
    assert (called("thành phố Vũng Tàu"), cited("12.1331 đồng")) == ([], [])
