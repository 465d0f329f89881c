"""What a process keeps in mind of the lists that it read stays small, however many those are."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import Any

from bhyt_filedrop import domain
from bhyt_filedrop.domain.cells import kept
from bhyt_filedrop.domain.cells.kept import count_kept, forget_when_many
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.work.derived.kept_lists import KeptLists

FEW = 4096
"""What a function may keep for good."""


def keeping() -> dict[str, Any]:
    """Every function of the domain that keeps answers, by name."""
    found = {}
    for one in pkgutil.walk_packages(domain.__path__, "bhyt_filedrop.domain."):
        for name, value in vars(importlib.import_module(one.name)).items():
            if hasattr(value, "cache_parameters"):
                found[f"{one.name}.{name}"] = value
    return found


def test_every_function_that_keeps_much_can_be_made_to_forget():
    most = {name: one.cache_parameters()["maxsize"] for name, one in keeping().items()}
    for_good = {name for name, one in keeping().items() if one not in kept._every}

    assert [name for name in sorted(for_good) if (most[name] or 0) > FEW] == []
    assert len(most) > len(for_good)


def test_what_is_kept_is_forgotten_between_two_lists_once_it_is_much():
    forget_when_many(0)
    for n in range(300):
        fold(f"Nguyễn Văn {n}")
    assert count_kept() >= 300

    forget_when_many(10_000)
    assert count_kept() >= 300, "a list of usual size is not forgotten under its checks"
    forget_when_many(299)
    assert count_kept() == 0
    assert fold("Nguyễn Văn An") == "nguyen van an"


def test_a_gazetteer_that_is_gone_is_kept_in_mind_no_longer():
    forget_when_many(0)

    def another() -> None:
        answer = kept.forgettable(lru_cache(maxsize=FEW)(str))
        answer(1)
        assert count_kept() == 1

    another()

    assert count_kept() == 0


# --- lists of the ledger --------------------------------------------------------------------------


class Book:
    """A ledger whose lists have as many children as their number says."""

    def __init__(self) -> None:
        self.read: list[tuple[str, int]] = []

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        self.read.append((drop, seq))
        return (ListedChild(name="Nguyễn Văn An"),) * int(drop)


def test_a_list_that_was_asked_for_is_not_read_again():
    book = Book()
    lists = KeptLists(book.children, most=100)

    assert len(lists("5", 0)) == len(lists("5", 0)) == 5
    assert book.read == [("5", 0)]


def test_so_many_children_are_kept_and_those_asked_for_longest_ago_are_let_go():
    book = Book()
    lists = KeptLists(book.children, most=100)
    for drop in ("40", "41", "40", "42", "40", "41"):
        lists(drop, 0)

    assert book.read == [("40", 0), ("41", 0), ("42", 0), ("41", 0)]
    assert sum(map(len, lists._kept.values())) <= 100


def test_a_list_longer_than_all_that_is_kept_is_read_each_time():
    book = Book()
    lists = KeptLists(book.children, most=100)

    assert len(lists("500", 0)) == len(lists("500", 0)) == 500
    assert len(book.read) == 2
    assert not lists._kept
