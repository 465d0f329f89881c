"""How a drop is judged and how one is handed in for a unit, each alone: books of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import FilePart
from bhyt_filedrop.domain.findings import Severity, finding
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.ports import ActRefused, NeverWorks, TryLater
from bhyt_filedrop.work.arrival import judging
from bhyt_filedrop.work.arrival.handing_in import HandingIn, Hands
from bhyt_filedrop.work.arrival.judging import Judging, NotAhead
from tests.journey.keeping_up import a_city
from tests.journey.shelves import Folders, Shelf
from tests.offices import ROUND, moment

NOW = moment(6, 12, 9)
DROP = Drop("D1", "main", "Quận 1/a.xlsx", "760", 10, 1.0, ".work/D1", NOW, sha256="5" * 64)


# --- what a drop is judged by --------------------------------------------------------------------


def judged(
    monkeypatch: pytest.MonkeyPatch,
    lists: Sequence[Any] = (),
    found: Sequence[Any] = (),
    drop: Drop = DROP,
    parts: Sequence[FilePart] = (),
) -> Any:
    world = a_city()

    def examine(path: Path, *_: object) -> Any:
        assert path == Path(DROP.sha256 or ""), "its bytes are read from the archive"
        return SimpleNamespace(found=(), findings=found, parts=parts)

    monkeypatch.setattr(judging, "examine", examine)
    monkeypatch.setattr(judging, "judge", lambda *_: SimpleNamespace(judged=lists, findings=()))
    place = Place("main", world.units["26734"], "", "a.zip")
    archive: Any = SimpleNamespace(path=Path, workspace=None)
    reader: Any = None
    return Judging(archive, reader).judge(drop, place, world, 1.0)


def test_a_member_of_an_archive_is_kept_as_it_is(tmp_path: Path):
    (tmp_path / "member").write_text("children")
    shelf, reader = Shelf(tmp_path), cast(Any, None)
    digest = Judging(shelf, reader)._keep(tmp_path / "member")  # type: ignore[arg-type]

    assert shelf.path(digest).read_text() == "children"
    assert (tmp_path / "member").exists(), "it is read afterwards"


def test_of_several_lists_in_a_file_the_first_says_whose_it_is_and_how_strictly_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
):
    world = a_city()
    every = world.process.handoffs
    mild = replace(every["district-return"], severities={"file.damaged": Severity.WARNS})
    lists = [
        SimpleNamespace(
            handoff=handoff, sender=world.units[sender], receiver=world.units["thu"], round=ROUND
        )
        for handoff, sender in ((mild, "760"), (every["ward-return"], "26740"))
    ]
    found = (finding("file.damaged", "x", ""),)

    facts = judged(monkeypatch, lists, found)
    assert facts.owner.id == "760"
    assert facts.access == world.routes.rule(world.units["760"]).access
    assert [one.severity for one in facts.findings if one.message == "x"] == [Severity.WARNS]
    alone = judged(monkeypatch, [], ())
    assert alone.owner.id == "26734", "without a list it is whose folder it lay in"


def test_a_scan_goes_with_the_list_beside_it_and_one_without_a_way_is_told(
    monkeypatch: pytest.MonkeyPatch,
):
    world = a_city()
    scan = FilePart("a.pdf", "5" * 64, "pdf", is_scan=True)
    first = SimpleNamespace(
        handoff=world.process.handoffs["ward-return"], sender=world.units["26734"],
        receiver=world.units["760"], round=ROUND,
    )  # fmt: skip

    goes = judged(monkeypatch, [first], parts=[scan])
    assert (goes.scans.receiver.id, goes.findings) == ("760", ())
    monkeypatch.setattr(judging, "scan_route", lambda *_: None)
    (told,) = judged(monkeypatch, parts=[scan]).findings
    assert told.file == "a.pdf"


@pytest.mark.parametrize(
    ("incomplete", "codes", "told"),
    [
        (True, (), ["file.damaged"]),
        (True, ("row.over-age",), ["row.over-age", "file.damaged"]),
        (True, ("file.empty",), ["file.empty"]),
        (False, (), []),
    ],
)
def test_a_file_that_never_ended_lacks_something_although_it_can_be_read(
    monkeypatch: pytest.MonkeyPatch, incomplete: bool, codes: tuple[str, ...], told: list[str]
):
    drop = replace(DROP, incomplete=incomplete)
    found = [finding(code, "x", "") for code in codes]

    facts = judged(monkeypatch, [], found, drop)
    assert sorted(one.code for one in facts.findings) == sorted(told)


def test_where_nothing_is_judged_ahead_each_file_is_judged_in_a_process_of_its_own():
    ahead, place = NotAhead(), Place("main", a_city().units["760"], "", "a.xlsx")
    ahead.begin(DROP, place, NOW)

    assert ahead.count_ahead(9) == 0
    assert ahead.begin_beside(DROP, place, NOW) is False
    assert ahead.ends_a_process(DROP, place, NOW) is True
    assert ahead.is_under_way(DROP) is False
    assert ahead.facts(DROP) is None


# --- a file that is handed in for a unit ---------------------------------------------------------


@dataclass
class Counter:
    """Where files are handed in, and in which order what happens."""

    tree: Folders = field(default_factory=Folders)
    happened: list[str] = field(default_factory=list)

    def note(self, given: Any) -> None:
        self.happened.append(f"noted {given.unit} {given.by}: {given.why} ({len(self.tree.files)})")

    def failed(self, given: Any, error: str) -> None:
        self.happened.append(f"failed {given.unit} {error}")

    @contextmanager
    def open(self, _tree: str) -> Iterator[Folders]:
        yield self.tree

    def handing_in(self, most: int = 5 * 2**20) -> HandingIn:
        def ring(tree: str) -> None:
            self.happened.append(f"rang {tree}")

        return HandingIn(a_city(), self, self.open, ring, most, lambda letters: letters[0])  # type: ignore[arg-type]


WARD = "26734"
LAN = Hands("lan", " gửi thay ", "10.0.0.7", NOW)


def test_a_file_that_is_handed_in_lies_in_the_drop_folder_under_a_name_of_its_own():
    unit, routes = a_city().units[WARD], a_city().routes
    handing = Counter().handing_in()
    folder = routes.drop_folder(unit)

    path = handing.path_for(unit, "", "a.xlsx", NOW)
    assert path.startswith(f"{folder}/a")
    assert path.endswith(".xlsx")
    (below, *_) = routes.subfolders(a_city().units["cntt"])
    own = handing.path_for(a_city().units["cntt"], below, "a.xlsx", NOW)
    assert own.startswith(f"{routes.drop_folder(a_city().units['cntt'])}/{below}/a")
    with pytest.raises(ActRefused, match="no such sub-folder"):
        handing.path_for(unit, "nowhere", "a.xlsx", NOW)
    with pytest.raises(ActRefused, match="name of a temporary file"):
        handing.path_for(unit, "", "~$a.xlsx", NOW)


def test_who_hands_in_what_and_why_is_noted_before_it_is_put_and_the_tree_is_looked_over(
    tmp_path: Path,
):
    (tmp_path / "a").write_text("x")
    desk = Counter()
    unit = a_city().units[WARD]

    given = desk.handing_in().hand_in(unit, "Q1/a.xlsx", tmp_path / "a", "5" * 64, 1, LAN)
    assert desk.happened == ["noted 26734 lan: gửi thay (0)", "rang main"]
    assert desk.tree.files == {"Q1/a.xlsx": "x"}
    assert desk.tree.access == [a_city().routes.rule(unit).access]
    assert (given.size, given.address, given.at, given.path) == (1, "10.0.0.7", NOW, "Q1/a.xlsx")


@pytest.mark.parametrize("error", [TryLater("đầy"), NeverWorks("tên")])
def test_what_the_tree_does_not_take_was_not_handed_in(tmp_path: Path, error: Exception):
    (tmp_path / "a").write_text("x")
    desk = Counter(Folders(closed=("Q1/a.xlsx",), error=error))

    with pytest.raises(type(error)):
        desk.handing_in().hand_in(
            a_city().units[WARD], "Q1/a.xlsx", tmp_path / "a", "5" * 64, 1, LAN
        )
    assert desk.happened[1:] == [f"failed 26734 {type(error).__name__}"]


@pytest.mark.parametrize(
    ("size", "why", "refused"),
    [
        (0, "gửi thay", "is not empty and has at most 5 MB"),
        (5 * 2**20 + 1, "gửi thay", "is not empty and has at most 5 MB"),
        (5 * 2**20, "gửi thay", ""),
        (1, "  ", "A reason is needed"),
    ],
)
def test_a_file_is_handed_in_with_a_reason_and_is_as_large_as_a_drop_may_be(
    tmp_path: Path, size: int, why: str, refused: str
):
    (tmp_path / "a").write_text("x")
    desk, hands = Counter(), LAN._replace(why=why)

    def hand_in() -> None:
        desk.handing_in().hand_in(
            a_city().units[WARD], "Q1/a.xlsx", tmp_path / "a", "5" * 64, size, hands
        )

    if refused:
        with pytest.raises(ActRefused, match=refused) as told:
            hand_in()
        assert ("không quá 5 MB" in told.value.told) is ("MB" in refused)
        assert desk.happened == []
    else:
        hand_in()
        assert "Q1/a.xlsx" in desk.tree.files
