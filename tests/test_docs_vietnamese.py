"""The admins' pages stand in two languages, the English one being the master: what a machine reads
of them (blocks, keys, tables, headings) is the same, so neither can fall behind unseen."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.imports import ROOT

DOCS = ROOT / "docs"
ADMINS = (
    "install", "configuration", "connections-local", "connections-ftp", "connections-sftp",
    "connections-mail", "crash-table", "new-edition", "reorganisation", "web",
    "elsewhere", "several-machines",
)  # fmt: skip
"""The pages that an admin works with."""

BLOCK = re.compile(r"^```(\w*|[\w.]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def both(name: str) -> tuple[str, str]:
    """A page in English and in Vietnamese."""
    files = (DOCS / f"{name}.md", DOCS / "vi" / f"{name}.md")
    english, vietnamese = (path.read_text(encoding="utf-8") for path in files)
    return english, vietnamese


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """The blocks of commands and settings, comments taken off."""
    return [
        (kind, [re.sub(r"\s*#\s.*$", "", line) for line in body.splitlines()])
        for kind, body in BLOCK.findall(text)
    ]


def named(text: str) -> set[str]:
    """Every key, file, command and value that a page names."""
    return set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", text)))


def tables(text: str) -> list[list[list[str]]]:
    """Each table as its rows, each row as what its first two cells name."""
    found = re.findall(r"(?:^\|.*\|$\n?)+", BLOCK.sub("", text), re.MULTILINE)
    return [[_named_first(row) for row in table.strip().splitlines()] for table in found]


def _named_first(row: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", row)[1:3]
    return [" ".join(re.findall(r"`([^`]+)`", cell)) for cell in cells]


def headings(text: str) -> list[int]:
    """The levels of the headings, in order."""
    plain = BLOCK.sub("", text)
    return [len(one) for one in re.findall(r"^(#+) ", plain, re.MULTILINE)]


def test_every_page_for_admins_stands_in_vietnamese_too():
    assert sorted(path.stem for path in (DOCS / "vi").glob("*.md")) == sorted(ADMINS)


@pytest.mark.parametrize("name", ADMINS)
def test_commands_and_settings_are_the_same(name: str):
    english, vietnamese = map(blocks, both(name))

    assert vietnamese == english


@pytest.mark.parametrize("name", ADMINS)
def test_every_key_and_command_of_one_stands_in_the_other(name: str):
    english, vietnamese = map(named, both(name))

    assert (sorted(english - vietnamese), sorted(vietnamese - english)) == ([], [])


@pytest.mark.parametrize("name", ADMINS)
def test_tables_have_the_same_rows_in_the_same_order(name: str):
    english, vietnamese = map(tables, both(name))

    assert vietnamese == english


@pytest.mark.parametrize("name", ADMINS)
def test_headings_follow_each_other_alike(name: str):
    english, vietnamese = map(headings, both(name))

    assert vietnamese == english


@pytest.mark.parametrize("name", ADMINS)
def test_links_lead_to_the_same_pages(name: str):
    english, vietnamese = (
        Counter(Path(target).name for target in re.findall(r"\]\(([^)#:\s]+)", text))
        for text in both(name)
    )

    assert vietnamese == english


@pytest.mark.parametrize("name", ADMINS)
def test_the_vietnamese_page_is_in_vietnamese(name: str):
    text = BLOCK.sub("", both(name)[1])
    words = re.findall(r"\b(?:the|and|with|which|where)\b", re.sub(r"`[^`\n]+`", "", text))

    assert words == []
    marked = re.findall(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", text)
    assert len(marked) > len(text) / 15


def test_the_readme_leads_there_in_its_first_lines():
    top = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n\n")[2].splitlines()[0]

    assert top.startswith("**Tiếng Việt:**")
    assert "docs/vi/install.md" in top and "docs/so-tay-quan-huyen-phuong-xa.md" in top
