"""What runs or reaches out in an accepted workbook goes on to nobody; the original is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.journey.parties import decide
from tests.journey.scenes import d03, form_3, form_4, packed
from tests.journey.site import DISTRICT, Site

CALL = b'<c r="Z90" t="n"><f>cmd|\'/c calc\'!A0</f><v>7</v></c>'


def armed(data: bytes) -> bytes:
    """A sound list with macros, a link to another workbook and a cell that calls a program."""
    called = formats.with_sheet_xml(
        data, lambda xml: xml.replace(b"</sheetData>", b'<row r="90">%b</row></sheetData>' % CALL)
    )
    return formats.with_parts(
        called,
        {
            "xl/vbaProject.bin": b"x",
            "xl/externalLinks/externalLink1.xml": b"<externalLink><ddeLink/></externalLink>",
            "xl/embeddings/oleObject1.bin": b"x",
        },
    )


def cells(data: bytes, name: str, tmp_path: Path) -> tuple[list[Sheet], tuple[str, ...]]:
    """The cells of a workbook, and what may run in it."""
    path = tmp_path / name
    path.write_bytes(data)
    with WorkbookReader() as reader:
        book = reader.read(path, name).workbook
    assert book is not None
    return [Sheet(one.name, one.rows) for one in book.sheets], book.active_content


def test_a_receiver_gets_the_cells_of_a_workbook_with_macros_and_nothing_that_runs(
    site: Site, tmp_path: Path
):
    data = armed(form_3(site))
    site.drop(DISTRICT, "mẫu 3.xlsm", data)
    site.once()

    drop = site.only()
    assert drop.state is State.ACCEPTED
    (sent,) = site.found("thu", "inbox").items()
    before, active = cells(data, "a.xlsm", tmp_path)
    after, still = cells(sent[1], "b.xlsx", tmp_path)
    assert set(active) == {"dde", "embedded-objects", "macros"}
    assert still == ()
    assert after == before
    assert sent[0].endswith(".xlsx")
    assert list(site.found(DISTRICT, "received").values()) == [data], "the original, as it was"
    assert drop.sha256 == hashlib.sha256(data).hexdigest()
    (told,) = [f for f in site.facts(drop)["findings"] if f["code"] == "file.active-content"]
    assert "Nơi nhận được bản chỉ có số liệu" in told["remedy"]


def test_a_hand_off_may_send_workbooks_on_as_they_came(site: Site):
    """Then the sender and the receiver are told so."""
    site.set_handoff("district-return", 'active_content = "keep"')
    data = armed(form_3(site))
    site.drop(DISTRICT, "mẫu 3.xlsm", data)
    site.once()

    assert list(site.found("thu", "inbox").values()) == [data]
    (told,) = [f for f in site.facts(site.only())["findings"] if f["code"] == "file.active-content"]
    assert "Tệp được chuyển đi nguyên như đã nộp." in told["remedy"]


def test_a_file_out_of_an_archive_and_one_that_waited_go_on_without_macros(
    site: Site, tmp_path: Path
):
    """A ward's first half waits for the second, which lets both go on."""
    ward = site.ward()
    first, second = armed(form_4(site)), d03(site)
    site.drop(ward, "mẫu 4.xlsm", first)
    site.once()
    assert site.only().state is State.HELD
    site.drop(ward, "d03.zip", packed(**{"d03.xlsx": second}))
    site.once()

    assert {drop.state for drop in site.drops()} == {State.ACCEPTED}
    (waited,) = [one for one in site.drops() if one.name == "mẫu 4.xlsm"]
    (there,) = [path for one in site.drops() for path in site.delivered(one, Role.FORWARD)
                if waited.id in path]  # fmt: skip
    after, still = cells((site.root / there).read_bytes(), "b.xlsx", tmp_path)
    assert (after, still) == (cells(first, "a.xlsm", tmp_path)[0], ())


@pytest.mark.parametrize("kind", ["xls", "html"])
def test_a_format_that_cannot_be_edited_goes_on_as_an_xlsx_with_the_same_cells(
    kind: str, site: Site, tmp_path: Path
):
    plain, _ = cells(form_3(site), "plain.xlsx", tmp_path)
    data = formats.make(kind, plain)
    data = (
        formats.with_storage(data, "_VBA_PROJECT_CUR")
        if kind == "xls"
        else data.replace(b"</table>", b"<tr><td>=cmd|'/c calc'!A0</td></tr></table>", 1)
    )
    site.drop(DISTRICT, f"mẫu 3.{kind}", data)
    site.once()

    if site.only().state is not State.ACCEPTED:  # a stray line is looked at by a person
        decide(site, site.only(), "release")
        site.once()
    ((name, sent),) = site.found("thu", "inbox").items()
    before, active = cells(data, f"a.{kind}", tmp_path)
    after, still = cells(sent, "b.xlsx", tmp_path)
    assert active != ()
    assert still == ()
    assert [one.rows for one in after] == [one.rows for one in before]
    assert name.endswith(".xlsx")


def test_a_workbook_of_which_no_safe_copy_can_be_made_waits_for_a_person(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """It goes to nobody as it came, in silence."""
    site.drop(DISTRICT, "mẫu 3.xlsm", armed(form_3(site)))
    with site.running() as running:
        annotator = running.journey.delivering.annotator
        monkeypatch.setattr(annotator, "_holds", lambda *_: False)
        running.daemon.once(lambda _seconds: None)

    drop = site.only()
    assert drop.state is State.SET_ASIDE
    assert 'active_content = "keep"' in drop.reason
    assert site.found("thu", "inbox") == {}
