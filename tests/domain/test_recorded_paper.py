"""Every workbook that the product prints, on a few children: each cell, merge and choice stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.allocate import allocate
from bhyt_filedrop.domain.derive.codes import with_codes
from bhyt_filedrop.domain.derive.drafts import RegisterRow, drafts
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper import (
    allocation,
    approval,
    card_request,
    cover,
    form_3_draft,
    kit,
    round_lists,
)
from bhyt_filedrop.domain.paper import drafts as draft_paper
from bhyt_filedrop.domain.paper.layout import ListOf, SheetLayout, lay_out
from bhyt_filedrop.domain.paper.prints import PRINTS, is_printable
from bhyt_filedrop.domain.paper.rows import row_of
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.derived import ROUND, carded, city, kids, listed, office, visit
from tests.recorded import is_as_recorded, told


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


def an_answer(child: ListedChild, rng: Random) -> ListedChild:
    """What a unit says of a child that it was sent."""
    kind = rng.choice(("carded-before", "carded-now", "uncarded", "uncarded"))
    card = f"TE179000000{rng.randrange(9999):04}" if kind != "uncarded" else ""
    note = rng.choice(("", "Chuyển đi", "Không xác minh được", "Đã mất")) if not card else ""
    section = {"carded-before": "I", "carded-now": "II", "uncarded": "III"}[kind]
    hospital = {"facility": "79014", "facility_name": "BV Quận 1"} if card else {}
    return replace(
        child,
        category=kind,
        card=card,
        note=note,
        section=section,
        facility=rng.choice(("", "79014")) if not card else "79014",
        facility_name=hospital.get("facility_name", ""),
    )


def sheet_lines(layout: SheetLayout) -> Iterator[str]:
    """A printed sheet, a line a row."""
    yield (
        f"== {layout.name} {layout.paper} {layout.header_rows} one={layout.one_page} "
        f"total={layout.total_row} round={layout.round_row} still={layout.still_rows} "
        f"sections={told(layout.section_rows)} hidden={told(layout.hidden_columns)}"
    )
    yield f"   {told(layout.columns)} {layout.widths} children={layout.child_rows}"
    yield f"   {told(layout.merges)} {told(layout.choices)}"
    rows: dict[int, list[str]] = {}
    for cell in layout.cells:
        if cell.value is not None or cell.style:
            rows.setdefault(cell.row, []).append(f"{cell.column}:{cell.style}={told(cell.value)}")
    for row, cells in sorted(rows.items()):
        yield f"   {row} [{layout.heights.get(row, '')}] {' | '.join(cells)}"


def papers(world: World) -> Iterator[tuple[str, Sequence[SheetLayout]]]:
    """Every workbook that is printed, on a few children."""
    sent = with_codes([listed(child) for child in kids(5)], ROUND)
    rng = Random(47)
    answers = [an_answer(child, rng) for child in sent]
    ward, district, thu = city()[sent[0].ward], city()["760"], office("thu")
    lost = [replace(c, ward="", district="", address="12 Hoa Sứ") for c in sent[:2]]
    lost.append(replace(sent[2], ward="", district="", outside=True))
    expected, missing = ("760", "770", "771"), ("770",)
    parts: dict[str, Any] = {"expected": expected, "missing": missing, "left": (2, 1)}
    final = [replace(c, district="760") for c in answers if c.section in ("I", "II")]
    board = [
        replace(c, section=s, district="760")
        for c, s in zip(sent, ("I", "II", "IV", "V", "VI"), strict=True)
    ]
    gazetteer = Gazetteer.of(city())
    visits = [visit(child, 100_000 + n) for n, child in enumerate(kids(5))]
    cards = [carded(child) for child in kids(3)]
    register = [RegisterRow(c.name, c.birth_date.isoformat(), c.mother, c.card) for c in kids(2)]
    found = drafts(visits, [*register, RegisterRow(kids(5)[4].name, "2014")], gazetteer)
    guide = kit.KitGuide(("Trả lời từng trẻ.", "Nộp lại tệp này."), {"card": "Mã số thẻ"})
    yield "kit of a ward", kit.kit_sheets(sent[:3], ward, ROUND, city(), guide=guide)
    yield (
        "kit of a district",
        kit.kit_sheets(sent, district, ROUND, city(), before=sent[1:4], made_on=date(2015, 6, 5)),
    )
    yield "unplaced", round_lists.unplaced_sheets(lost, ROUND, city(), thu, gazetteer)
    yield "carded final", round_lists.carded_final_sheets(final, ROUND, city(), thu, **parts)
    yield (
        "unverified",
        round_lists.unverified_sheets(
            board, ROUND, city(), thu, **parts, before=board[:1], made_on=date(2015, 6, 29)
        ),
    )
    yield (
        "unverified, nobody",
        round_lists.unverified_sheets([], ROUND, city(), thu, expected=expected, missing=()),
    )
    yield "form 3 draft", form_3_draft.draft_sheets(answers, district, ROUND, city())
    yield "form 1 draft", draft_paper.form_1_sheets(found.carded, ROUND, thu)
    yield "form 2 draft", draft_paper.form_2_sheets(found.uncarded, ROUND, thu, "")
    yield "doubts", draft_paper.doubt_sheets(found, ROUND, thu)
    yield (
        "allocation",
        allocation.allocation_sheets(
            allocate(visits, cards, city()), ROUND, city(), thu, made_on=date(2015, 7, 1)
        ),
    )
    yield "cover", cover.cover_sheets(sent, city()["thu"], district, ROUND, city())
    yield "cover of one ward", cover.cover_sheets(lost, city()["thu"], ward, ROUND, city())
    edition = next(f for f in world.forms if f.id.startswith("d03-ts") and is_printable(f))
    asked = [*sent[:2], replace(sent[2], birth="2014")]
    yield (
        "card request",
        card_request.card_request_sheets(
            asked, edition, ward, ROUND, city(), folder="Quận 1/P. Bến Nghé"
        ),
    )
    rows = [{"number": 1, "name": "Phường Bến Nghé", "rows": 12, "added": 1, "told": "mới"}]
    yield (
        "approval",
        [
            approval.approval_sheet(
                "Danh sách của phường",
                rows,
                ["Còn thiếu Quận 3."],
                city()["thu"],
                ROUND,
                city(),
                ("Đồng ý", "Không"),
            )
        ],
    )
    for form in PRINTS:
        rows_ = [row_of(answers[0], form), row_of(answers[1], form)]
        sections = dict.fromkeys(PRINTS[form].sections, rows_)
        one = ListOf(
            form,
            ROUND,
            ("BHXH THÀNH PHỐ", "PHÒNG THU"),
            rows=() if sections else rows_,
            sections=sections,
            supplier="BHXH Thành phố",
            about="Quận 1",
            signer="Lê Ký",
        )
        yield form, [lay_out(one)]
        yield (
            f"{form} to be filled in",
            [lay_out(replace(one, rows=(), sections={}, blank_round=True, signed=False, total=7))],
        )


def test_every_workbook_is_printed_as_it_was(world: World):
    lines: list[str] = []
    for name, layouts in papers(world):
        lines.append(f"# {name}")
        for layout in layouts:
            lines += sheet_lines(layout)

    is_as_recorded("rounds paper", lines)
