"""What a drop delivers is put, noted and ticked: books and trees of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.work.arrival.deliver import MAX_BLOCKED, Delivering
from tests.journey.shelves import Folders, Shelf
from tests.offices import moment

NOW = moment(6, 12, 9)
DROP = Drop("D1", "main", "Quận 1/a.xlsx", "760", 10, 1.0, ".work/D1", NOW, sha256="5" * 64)
ACCESS = FileAccess(group="quan1")


@dataclass
class Deliveries:
    """What one drop's plan delivers, and what was noted of it."""

    every: list[Delivery]
    waits: bool = False
    ticked: list[int] = field(default_factory=list)
    closed: list[tuple[list[int], tuple[Any, ...]]] = field(default_factory=list)
    copies: dict[int, str] = field(default_factory=dict)

    def waits_behind(self, _drop: str) -> bool:
        return self.waits

    def pending(self, _drop: str) -> list[tuple[int, Delivery]]:
        return list(enumerate(self.every))

    def deliveries(self, _drop: str) -> list[tuple[Delivery, bool]]:
        return [
            (replace(one, sha256=self.copies.get(seq, one.sha256)), True)
            for seq, one in enumerate(self.every)
        ]

    def findings(self, _drop: str) -> list[Any]:
        return [replace(finding("row.over-age", text, ""), file=file) for text, file in FOUND]

    def made(self, _drop: str, seq: int, sha256: str) -> None:
        self.copies[seq] = sha256

    def delivered(self, _drop: str, done: Sequence[int], _at: object) -> None:
        self.ticked += done

    def close(self, _drop: str, _at: object, done: Sequence[int], attached: Any) -> State:
        self.closed.append((list(done), attached))
        return State.ACCEPTED


FOUND = (("của cả tệp", ""), ("của a", "a.xlsx"), ("của b", "b.xlsx"))


@dataclass
class Desk:
    """Everything that a delivery needs, made for one test."""

    shelf: Shelf
    tree: Folders = field(default_factory=Folders)
    written: list[str] = field(default_factory=list)
    steps: int = 0

    def annotate(self, source: Path, name: str, found: Sequence[Any], to: Path) -> None:
        self.written.append(f"{name}: {', '.join(one.message for one in found)}")
        to.write_text(f"{source.read_text()} marked {len(self.written)}")

    def defuse(self, source: Path, name: str, to: Path) -> None:
        self.written.append(f"cells of {name}")
        to.write_text(f"cells of {source.read_text()}")

    def publish(self, recipe: dict[str, Any], to: Path) -> None:
        self.written.append(str(recipe["list"]))
        to.write_text(f"list {recipe['list']}")

    def apply(self, book: Deliveries, attach: int = 99, **more: Any) -> State:
        def step() -> None:
            self.steps += 1

        return Delivering(
            {"main": self.tree}, self.shelf, book, self, self.publish, lambda: NOW, attach,  # type: ignore[arg-type,dict-item]
            step=step, **more,
        ).apply(DROP)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Shelf(tmp_path))


def going(role: Role, path: str, source: str = "", **more: Any) -> Delivery:
    return Delivery(role, "760", "main", path, source, access=ACCESS, **more)


def test_nothing_goes_out_before_the_earlier_file_of_the_same_return(desk: Desk):
    book = Deliveries([going(Role.ORIGINAL, "a", sha256=desk.shelf.put("x"))], waits=True)

    with pytest.raises(TryLater, match="earlier file"):
        desk.apply(book)
    assert (desk.tree.tried, book.closed) == ([], [])


def test_what_is_known_is_put_as_it_is_and_all_is_ticked_when_the_drop_closes(desk: Desk):
    x = desk.shelf.put("x")
    book = Deliveries([going(Role.ORIGINAL, "a", sha256=x), going(Role.SCAN, "b", sha256=x)])

    assert desk.apply(book) is State.ACCEPTED
    assert desk.tree.files == {"a": "x", "b": "x"}
    assert desk.tree.access == [ACCESS, ACCESS]
    assert book.closed == [([0, 1], ())]
    assert (desk.steps, book.copies, desk.written) == (2, {}, [])


@pytest.mark.parametrize(
    ("closed", "tried", "ticked"),
    [("b", "abcdef", [0, 2, 3, 4, 5]), ("bd", "abcdef", [0, 2, 4, 5]), ("bcde", "abcd", [0])],
)
def test_a_closed_folder_holds_up_nobody_but_many_are_a_server_that_is_gone(
    desk: Desk, closed: str, tried: str, ticked: list[int]
):
    assert MAX_BLOCKED == 3
    x = desk.shelf.put("x")
    desk.tree.closed = tuple(closed)
    book = Deliveries([going(Role.ORIGINAL, path, sha256=x) for path in "abcdef"])

    with pytest.raises(TryLater, match=f"{closed[0]} is closed"):
        desk.apply(book)
    assert "".join(desk.tree.tried) == tried
    assert (book.ticked, book.closed) == (ticked, [])


def test_what_goes_to_two_places_is_made_once_but_each_file_is_marked_by_itself(desk: Desk):
    x, y = desk.shelf.put("x"), desk.shelf.put("y")
    recipe, other = {"list": 1, "made_by": "split"}, {"list": 2}
    book = Deliveries(
        [
            going(Role.DERIVED, "D1 1", recipe=recipe), going(Role.DERIVED, "D1 2", recipe=recipe),
            going(Role.DERIVED, "D1 3", recipe=other),
            *(going(Role.FORWARD, to, x, file="a.xlsx") for to in "45"),
            going(Role.ANNOTATED, "6", x, file="a.xlsx"),
            going(Role.ANNOTATED, "7", y, file="b.xlsx"),
        ]
    )  # fmt: skip
    desk.apply(book)

    assert desk.written == [
        "1", "2", "cells of a.xlsx",
        "a.xlsx: của cả tệp, của a", "b.xlsx: của cả tệp, của b",
    ]  # fmt: skip
    assert desk.tree.files["D1 1"] == desk.tree.files["D1 2"] == "list 1"
    assert desk.tree.files["4"] == desk.tree.files["5"] == "cells of x"
    assert desk.tree.files["6"] != desk.tree.files["7"]
    assert sorted(book.copies) == list(range(7)), "each is noted: it is put the same after a crash"


@pytest.mark.parametrize(
    ("role", "path", "aside"),
    [
        (Role.DERIVED, "thu/bản tạm.xlsx", True),
        (Role.DERIVED, "thu/danh sách D1.xlsx", False),
        (Role.FORWARD, "thu/bản tạm.xlsx", False),
        (Role.ORIGINAL, "thu/bản tạm.xlsx", False),
    ],
)
def test_what_an_office_changed_in_a_draft_is_kept_when_the_next_one_takes_its_place(
    desk: Desk, role: Role, path: str, aside: bool
):
    desk.tree.files[path] = "changed by hand"
    desk.apply(Deliveries([going(role, path, sha256=desk.shelf.put("new"))]))

    kept = [text for other, text in desk.tree.files.items() if other != path]
    assert kept == ["changed by hand"] * aside
    assert bool(desk.tree.asked) is aside
    assert desk.tree.files[path] == "new"


def test_a_draft_that_is_taken_away_is_kept_and_one_that_is_not_there_is_no_trouble(desk: Desk):
    desk.tree.files["thu/bản tạm.xlsx"] = "draft"
    book = Deliveries([going(Role.RETIRED, "thu/bản tạm.xlsx"), going(Role.RETIRED, "thu/b.xlsx")])
    desk.apply(book)

    assert "thu/bản tạm.xlsx" not in desk.tree.files
    assert [desk.shelf.path(sha256).read_text() for sha256 in book.copies.values()] == ["draft"]
    assert book.closed[0][0] == [0, 1]


@pytest.mark.parametrize(
    ("most", "never", "attached"),
    [(10, (), ["a.xlsx"]), (9, (), []), (10, ("760",), []), (10, ("761",), ["a.xlsx"])],
)
def test_marked_copies_go_along_with_their_letter_where_they_are_small_and_may(
    desk: Desk, most: int, never: tuple[str, ...], attached: list[str]
):
    x = desk.shelf.put("x")
    book = Deliveries(
        [going(Role.ANNOTATED, "Quận 1/Trả lại/a.xlsx", x), going(Role.ORIGINAL, "b", sha256=x)]
    )
    desk.apply(book, most, never_attach=never)

    assert desk.shelf.size(book.copies[0]) == len("x marked 1") == 10
    assert [one.name for one in book.closed[0][1]] == attached
