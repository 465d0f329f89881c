"""Made-up drops: how their workbooks are judged by the folder, and what they earn, as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bhyt_filedrop.domain.cells.grid import Sheet, Workbook
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Plan
from bhyt_filedrop.domain.drops.facts import FilePart, Pieces, ScanRoute
from bhyt_filedrop.domain.drops.judge import Found, judge, scan_route, scans_without_a_way
from bhyt_filedrop.domain.findings import Severity, finding
from bhyt_filedrop.domain.forms import remarks
from bhyt_filedrop.domain.forms.headings import (
    UnitNames,
    find_heading,
    find_round,
    lines_of,
    read_month_round,
    read_round,
)
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.forms.texts import SheetText
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.domain.test_decide import (
    ARRIVED,
    DISTRICT,
    DISTRICT_RETURN,
    ROUTES,
    THU,
    WARD,
    WARD_RETURN,
    a_drop,
    earlier,
    facts,
    form_3,
    ward_part,
)
from tests.domain.test_recorded import a_workbook, spelt
from tests.grids import forms, units
from tests.offices import ROUND, moment
from tests.recorded import is_as_recorded, mark, told

FORMS = ("form-3", "form-4", "d03-ts-490", "d03-ts-1111", "form-2", "form-1", "c79a")


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


# --- workbooks of several sheets, and the folders that they lie in --------------------------------


def some_sheets(rng: Random) -> Workbook:
    """Two or three lists in one workbook: continued, hidden, of other forms or other rounds."""
    first = rng.choice(FORMS)
    sheets = []
    for number in range(rng.choice((2, 2, 3))):
        built = a_workbook(first if rng.random() < 0.6 else rng.choice(FORMS), rng)
        sheet = replace(built.sheet, name=f"Trang {number + 1}", hidden=rng.random() < 0.15)
        if rng.random() < 0.2:  # a page that goes on without its headings
            sheet = replace(sheet, rows=sheet.rows[built.header_row + 1 :], merges=())
        if rng.random() < 0.15 and built.rows:
            struck = frozenset(built.rows[:1])
            sheet = replace(sheet, struck_rows=struck, hidden_columns=frozenset({2}))
        sheets.append(sheet)
    return Workbook("xlsx", tuple(sheets))


def test_workbooks_of_several_sheets_are_read_and_judged_as_they_were(world: World):
    rng = Random(83)
    folders = [world.routes.drop_folder(world.units[u]) for u in ("760", "26740", "thu", "cntt")]
    lines: list[str] = []
    for number in range(26):
        found = recognise(some_sheets(rng), forms(), units(), rng.choice(("", "a.xlsx")))
        lines.append(f"{number} {told(found.findings)}")
        parts = [Found(one, FilePart("a.xlsx", "5", "xlsx")) for one in found.submissions]
        lines += [
            f"  {one.form} {told(one.round)} {one.unit} {len(one.rows)} "
            f"{mark(told([(row.sheet, row.row, row.section) for row in one.rows]))} "
            f"{told(one.heading_units)} {told(one.round_spot)}"
            for one in found.submissions
        ]
        folder, at = rng.choice(folders), moment(rng.choice((4, 6, 6, 8)), 12)
        place = world.routes.locate("main", f"{folder}/a.xlsx")
        assert place is not None
        said = judge(parts, place, world, at)
        lines.append(f"  {place.unit.id} {at:%d/%m} {told(said.findings)}")
        lines += [
            f"    {j.handoff.id} {j.sender.id}→{j.receiver.id} {j.round} {j.part} {j.rows} "
            f"late={j.late} “{j.due_text}” “{j.next_step}” {j.label} {j.visits} {mark(j.children)}"
            for j in said.judged
        ]
        scans = [FilePart(f"{n}.pdf", "", "pdf", is_scan=True) for n in range(rng.randrange(3))]
        lines.append(
            f"  {told(scan_route(said.judged, place, world, at))} "
            f"{told(scans_without_a_way(scans))}"
        )

    is_as_recorded("drops judged", lines)


def test_every_remark_about_a_file_says_what_it_said():
    one, other = ROUND, ROUND.previous
    said = [
        remarks.other_round("Trang 2", other, one, "a.xlsx"),
        remarks.other_round_file("b.xlsx", other, one),
        remarks.hidden_sheet("Trang 3", "a.xlsx"),
        remarks.sheet_ignored("Trang 4", "a.xlsx"),
    ]

    assert [(f.code, f.sheet, f.file) for f in said] == [
        ("form.sheet-ignored", "Trang 2", "a.xlsx"),
        ("form.sheet-ignored", None, "b.xlsx"),
        ("form.hidden-rows", "Trang 3", "a.xlsx"),
        ("form.sheet-ignored", "Trang 4", "a.xlsx"),
    ]
    assert all(other.title in f.message and other.title in f.remedy for f in said[:2])


HEADINGS = (
    "UBND PHƯỜNG BẾN NGHÉ",
    "UBND P. Bến Nghé, Quận 1",
    "BHXH Quận 1",
    "Bảo hiểm xã hội Bình Chánh",
    "UBND Bến Nghé",
    "BHXH Bến Nghé",
    "Phường 5, Quận 3",
    "P5 Q3",
    "Phường 5",
    "Xã Bình Chánh",
    "Phòng Thu",
    "PHÒNG CNTT",
    "BHXH THÀNH PHỐ HỒ CHÍ MINH",
    "Quận Thủ Đức - Phường Linh Trung",
    "Kính gửi: BHXH Quận 1",
    "do BHXH Quận 3 cung cấp",
    "Thị trấn Củ Chi",
    "TT Củ Chi huyện Củ Chi",
    "H. Củ Chi",
    "UBND xã Tân Thạnh Đông, huyện Củ Chi",
    "Địa chỉ: 12 Lê Lợi, P. Bến Thành, Quận 1",
    "Quận 12",
    "Phường Thạnh Xuân - Quận 12",
    "Bình Thạnh",
    "UBND Bình Thạnh",
    "Q. Bình Thạnh",
)
ROUNDS = (
    "Đợt 1 năm 2015",
    "Đợt 01/2015",
    "Quý IV/2014",
    "Quý 1-2015",
    "Q1/2015",
    "kỳ Q2 năm 2015",
    "Đợt III năm 15",
    "Quý iv năm 2014",
    "Tháng 3 năm 2015",
    "ngày 5 tháng 6 năm 2015",
    "Đợt 5/2015",
    "Tháng 12 quý năm 2014",
    "Đợt … năm …",
    "Quý ... năm 2015",
    "đợt này",
    "Đợt 2 năm 2014 Đợt 1/2015",
    "Đợt II năm 2015",
    "Đợt I/2016",
    "Tháng 01 năm 2015",
    "Đợt thứ 2 năm 2016",
    "Đợt số 3/2015",
    "Quý",
    "tháng 10 năm 2015",
)


def test_headings_name_the_units_and_rounds_that_they_did():
    rng, names = Random(97), UnitNames.of(units())
    lines: list[str] = []
    for text in spelt(HEADINGS, 3, 17):
        lines.append(f"{told(text)} → {told(list(names.named_in(text)))}")
    for text in spelt(ROUNDS, 3, 19):
        lines.append(f"{told(text)} → {told(read_round(text))} {told(read_month_round(text))}")
    for _ in range(60):
        rows = [(rng.choice((*HEADINGS, *ROUNDS[:9])),) for _ in range(rng.randrange(1, 5))]
        texts = SheetText(Sheet(rng.choice(("Sheet1", "Q1 2015", "Đợt 2 2014")), tuple(rows)))
        above = lines_of(texts, 1, len(rows))
        found = find_round(above, texts.sheet.name, months=rng.random() < 0.5)
        lines.append(f"{told(rows)} → {told(find_heading(above, names))} {told(found)}")

    is_as_recorded("drops headings", lines)


# --- what a drop earns ---------------------------------------------------------------------------


def some_facts(rng: Random) -> Any:
    """One drop of a ward or a district with all that may stand beside it."""
    judged = []
    if rng.random() < 0.5:
        judged = [form_3(rows=rng.choice((0, 8)), late=rng.random() < 0.3, due_text="hạn 25/06")]
        if rng.random() < 0.3:
            judged.append(form_3(file="mẫu 3b.xlsx", sha256="7" * 64))
    else:
        judged = [
            ward_part(part, rows=rng.choice((0, 3)), late=rng.random() < 0.3)
            for part in rng.choice(((0,), (1,), (0, 1)))
        ]
    if rng.random() < 0.08:
        judged = []
    if judged and rng.random() < 0.2:
        held = replace(judged[0].handoff, release=rng.choice(("approve", "hold", "auto")))
        judged[0] = replace(judged[0], handoff=held)
    codes = (
        "row.over-age",
        "row.card-invalid",
        "form.sheet-ignored",
        "row.continued",
        "list.child-missing",
        "file.encrypted",
    )
    files = [one.file for one in judged] or ["mẫu 3.xlsx"]
    said = [
        replace(
            finding(rng.choice(codes), f"Sai {n}.", "Sửa.", file=rng.choice(files), row=n),
            severity=rng.choice((Severity.NOTES, Severity.WARNS, Severity.WARNS, Severity.BLOCKS)),
        )
        for n in range(rng.choice((0, 0, 1, 3)))
    ]
    before = []
    for one in [*judged, *(ward_part(p) for p in (0, 1) if rng.random() < 0.3)]:
        if rng.random() < 0.5:
            at = ARRIVED + timedelta(days=rng.choice((-1, -1, -30, 1)))
            before.append(
                earlier(
                    one,
                    rng.choice(list(ListState)),
                    at=at,
                    version=rng.choice((1, 2)),
                    drop=f"D150611-{rng.choice('BCD') * 6}",
                    rows=rng.choice((0, 3)),
                )
            )
    returns = [replace(one.key, part=0) for one in judged]
    lists = [(record.drop, record.seq) for record in before]
    pieces = Pieces(
        frozenset(x for x in lists if rng.random() < 0.2),
        frozenset(x for x in lists if rng.random() < 0.2),
        frozenset(x for x in returns if rng.random() < 0.15),
    )
    override = rng.choice(
        (
            None,
            None,
            None,
            {"action": "release", "why": "đã xem"},
            {"action": "reject", "why": "nhầm"},
            {"action": "retry", "why": "lại"},
        )
    )
    ending = rng.choice((".xlsx", ".zip", ".pdf"))
    drop = a_drop(path=f"district/Quận 1/mẫu 3{ending}", override=override)
    parts = tuple(
        FilePart(one.file, one.sha256, "xlsx", readable=rng.random() < 0.9) for one in judged
    )
    parts = parts or (FilePart("mẫu 3.xlsx", "5" * 64, "xlsx"),)
    scans = None
    if rng.random() < 0.3:
        parts += (FilePart("scan.pdf", "9" * 64, "pdf", is_scan=True, readable=False),)
        way = (
            (DISTRICT_RETURN, DISTRICT, THU)
            if rng.random() < 0.5
            else (WARD_RETURN, WARD, DISTRICT)
        )
        scans = rng.choice((None, ScanRoute(*way, ROUND)))
        parts = parts[-1:] if not judged and rng.random() < 0.7 else parts
    return facts(
        *judged,
        findings=said,
        drop=drop,
        parts=parts,
        standing=tuple(before),
        scans=scans,
        repeated=rng.choice(("", "", "", "D150610-ZZZZZZ")),
        pieces=pieces,
        accounted=frozenset(x for x in returns if rng.random() < 0.4),
        to_ask_for={x: 2 for x in returns if rng.random() < 0.2},
        kits_to_come={x: ("761",) for x in returns if rng.random() < 0.1},
        odd_sizes={
            one.key: "danh sách đang dùng có 3 dòng" for one in judged if rng.random() < 0.1
        },
        active_before=frozenset({("D150611-BBBBBB", "cũ.xlsx")} if rng.random() < 0.2 else ()),
    )


def plan_lines(plan: Plan) -> list[str]:
    return [
        f"  {plan.state} “{plan.reason}” {told(plan.findings)}",
        *(
            f"  ≡ {r.key.handoff}/{r.key.part} {r.state} v{r.version} {mark(told(r))}"
            for r in plan.lists
        ),
        *(f"  → {told(delivery)}" for delivery in plan.deliveries),
        *(
            f"  ✉ {x.key} {x.kind} {x.unit} {mark((told(x.context), told(x.attachments)))}"
            for x in plan.letters
        ),
        f"  {told(plan.promotes)} {told(plan.supersedes)} {[*plan.rolls]}",
    ]


def test_a_drop_earns_what_it_did():
    rng = Random(89)
    lines: list[str] = []
    for number in range(110):
        lines.append(f"{number}")
        lines += plan_lines(decide(some_facts(rng), ROUTES))

    is_as_recorded("drops decided", lines)
