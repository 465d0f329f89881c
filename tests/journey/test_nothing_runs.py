"""Whatever stands in a list, a file's name or a note: nothing that we write is run by an Excel."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.work.check.one_file import Wish, annotatable, check_file
from tests import workbook_formats as formats
from tests.desk import NOW, Desk, open_desk
from tests.journey.parties import NONE, SENDING, answer, filled, form, inbox, kids, own
from tests.journey.scenes import packed
from tests.journey.site import Site, copied
from tests.live_cells import live_in

CALLS = (
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","xem")',
)


def armed(group: Sequence[InventedChild]) -> list[InventedChild]:
    """The same children, each with a call in one of the columns that take any text."""
    made = []
    for n, child in enumerate(group):
        call = CALLS[n % len(CALLS)]
        change = {"mother": call} if n % 2 else {"address": f"{call[0]}1+1, {child.address}"}
        made.append(dataclasses.replace(child, **change))  # type: ignore[arg-type]
    return made


def everything_written(site: Site) -> Iterator[tuple[str, bytes]]:
    """Every file in the tree but what its offices dropped, and every mail."""
    for folder in (site.root, site.directory / "state" / "mail"):
        for path in (one for one in folder.rglob("*") if one.is_file()):
            yield str(path.relative_to(site.directory)), path.read_bytes()


def live(site: Site) -> list[str]:
    return [what for name, data in everything_written(site) for what in live_in(name, data)]


@pytest.fixture(scope="module")
def poisoned_template(round_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round whose children and file names hold calls, up to what the offices got of them."""
    site = copied(round_template, tmp_path_factory.mktemp("poisoned"))
    site.clock.now = SENDING
    group = armed(kids(site))
    site.drop("cntt", "=1+1.xlsx", form(site, "form-2", "cntt", group))
    site.once()
    return site.directory


@pytest.fixture
def poisoned(poisoned_template: Path, tmp_path: Path, shared_reader: None) -> Site:
    site = copied(poisoned_template, tmp_path)
    site.clock.now = SENDING
    return site


def test_lists_made_of_lists_with_calls_in_every_column_hold_texts(poisoned: Site):
    assert [drop.state for drop in poisoned.drops()] == [State.ACCEPTED]
    assert {drop.handoff for drop in own(poisoned)} >= {"ward-list", "district-list", "unplaced"}

    assert live(poisoned) == []
    texts = b"".join(data for _, data in everything_written(poisoned))
    assert b"=3D1+1.xlsx" in texts, "the name was told"


def test_a_returned_list_an_archive_and_their_letters_hold_texts(poisoned: Site):
    site, ward = poisoned, poisoned.ward()
    names = [dataclasses.replace(one, name=CALLS[n % 5]) for n, one in enumerate(kids(site, 5))]
    cards = [dataclasses.replace(one, card=CALLS[n % 5]) for n, one in enumerate(kids(site, 5))]
    archive = packed(**{
        "=2+2__xlsx": form(site, "form-4", ward, {"I": cards}),
        "@a__xlsx": form(site, "d03-ts-1111", ward, {"I": names}),
    })  # fmt: skip
    site.drop(ward, "-hồ sơ.zip", archive)
    site.drop("cntt", "+sửa.xlsx", form(site, "form-2", "cntt", names))
    site.once()

    assert site.states()["-hồ sơ.zip"] is State.RETURNED
    assert live(site) == []


def test_what_offices_write_into_their_kits_comes_back_as_text(poisoned: Site):
    site = poisoned
    kit = inbox(site, site.ward())[0]
    rows = {
        child.name: answer(child, NONE) | {"Ghi chú (lý do)": CALLS[n % 5]}
        for n, child in enumerate(one for one in kids(site) if one.ward == site.ward())
    }
    site.drop(site.ward(), "=trả lời.xlsx", filled(kit, rows))
    site.once()

    assert live(site) == []


@pytest.mark.parametrize("ending", ["xlsx", "html"])
def test_reports_of_them_hold_texts(ending: str, poisoned: Site, tmp_path: Path):
    child = armed(kids(poisoned))[1]
    born = child.birth_date.isoformat()
    asked = (
        ("report", "backlog"), ("report", "round"), ("report", "quality"), ("report", "endings"),
        ("report", "exposure", "--from", "2015-05-01"),
        ("person", "--name", child.name, "--born", born),
    )  # fmt: skip
    for words in asked:
        out = tmp_path / f"{words[-1]}.{ending}"
        call = [*words, "--out", str(out), "--config", str(poisoned.config)]
        assert CliRunner().invoke(cli, call, standalone_mode=False).exception is None
        assert list(live_in(out.name, out.read_bytes())) == []


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


@pytest.mark.parametrize(
    "kind",
    ["xlsx", "csv", *(pytest.param(kind, marks=pytest.mark.long)
                      for kind in ("xls", "xlsb", "ods", "html", "spreadsheetml"))],
)  # fmt: skip
def test_the_marked_copy_of_every_format_holds_texts(kind: str, desk: Desk, tmp_path: Path):
    head = ("STT", "Họ và tên", "Mã số", "Ngày sinh", "Địa chỉ", "Họ tên mẹ", "Ghi chú")
    rows = [(str(n), *(CALLS[(n + c) % 5] for c in range(6))) for n in range(1, 6)]
    path = tmp_path / f"ds.{kind}"
    path.write_bytes(formats.make(kind, [Sheet("=1+1", (head, *rows))]))
    kept = tmp_path / "copy.xlsx"

    checked = check_file(path, Wish(), desk.reader, desk.world, NOW)
    desk.annotator.annotate(path, path.name, annotatable(checked), kept)

    assert checked.findings
    assert list(live_in(kept.name, kept.read_bytes())) == []
    assert b"calc" in b"".join(everything_in(kept)), "the senders' own words stand there"


def everything_in(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as package:
        yield from map(package.read, package.namelist())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"a,b\r\n1,=1+1\r\n"),
        ("a.html", b"<table><tr><td> =1+1</td></tr></table>"),
        ("a.xlsx", formats.with_sheet_xml(
            formats.xlsx([formats.a_list()]),
            lambda xml: xml.replace(b"<sheetData>", b'<sheetData><row r="1"><c r="A1"><f>A2|b!c</f>'
                                    b"</c></row>", 1))),
        ("a.xlsx", formats.with_parts(formats.xlsx([formats.a_list()]), {"vbaProject.bin": b""})),
        ("a.xlsx", formats.xlsx([Sheet("S", (("=1+1",),))])),
    ],
    ids=["csv", "page", "formula", "macro", "a text that an edit makes a formula"],
)  # fmt: skip
def test_this_test_would_see_what_runs(name: str, data: bytes):
    assert list(live_in(name, data)) != []
