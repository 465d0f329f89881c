"""Lists as clerks really leave them, whole families, addresses pieced together: what is said stays.

The corpora of `test_recorded` spoil cells; these spoil what stands between them: pages, blanks,
second lists, halves of names, rows of which little is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Range
from bhyt_filedrop.domain.cells.legacy import ENCODINGS, encode
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.derive.allocate import allocate
from bhyt_filedrop.domain.derive.drafts import RegisterRow, drafts
from bhyt_filedrop.domain.derive.sorting import sort_out
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.lists.children import ListedChild, list_children
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile import Came, balance, findings, reconcile
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from tests.addresses import in_pieces
from tests.domain.test_recognise_rows import inserted
from tests.domain.test_recorded import HANDOFFS, ODD, PLACES, ROUND, a_workbook, spelt
from tests.grids import HEADS, Built, forms, units
from tests.recorded import is_as_recorded, mark, told

Change = Callable[[Built, Random], Built]


# --- what stands between the rows of a list ------------------------------------------------------

WORDS = (
    "Cộng trang 1", "Tổng cộng: 3 trẻ", "Tổng số: 12", "Cộng", "Người lập biểu", "Phường Bến Nghé",
    "II", "III. Trẻ em chưa được cấp thẻ", "I. Trẻ em đã cấp thẻ BHYT từ trước", "Đợt 2 năm 2014",
    "Mang sang trang sau", "Nguyễn Thị", "Bảo Châu", "12 Lê Lợi", "TP.HCM, ngày 5 tháng 6 năm 2015",
    "DANH SÁCH TRẺ EM CHƯA ĐƯỢC CẤP THẺ BHYT", "STT", "1", "0", "Ghi chú: X là bé gái", "nt", '"',
    "UBND PHƯỜNG TÂN ĐỊNH", "Giám đốc", "Cộng mục I: 2 trẻ", "5",
)  # fmt: skip
MACHINE = ("STT", "HOTEN", "MASO", "NGAYSINH", "NU", "MATINH", "MABV", "TENBV", "HOTENME")


def a_row(built: Built, rng: Random, *, under: bool = False) -> int:
    """A row of the table, or the one right under it."""
    rows = built.rows or (built.header_row + 3,)
    return rng.choice(rows) + under


def blank_rows(built: Built, rng: Random) -> Built:
    at = a_row(built, rng)
    for _ in range(rng.choice((1, 2, 3))):
        built = inserted(built, at, ())
    return built


def words(built: Built, rng: Random) -> Built:
    cells: list[CellValue] = [None] * rng.choice((0, 1, 1, 2, 3))
    cells += [rng.choice(WORDS)]
    if rng.random() < 0.3:
        cells += [None, rng.choice((3.0, "3", "5 trẻ", "…"))]
    return inserted(built, a_row(built, rng, under=rng.random() < 0.5), tuple(cells))


def page_break(built: Built, rng: Random) -> Built:
    at, first = a_row(built, rng), built.header_row
    head = built.sheet.rows[first - 1 : first + rng.choice((0, 1, 2))]
    for cells in reversed(head):
        built = inserted(built, at, cells)
    return built.with_sheet(merges=()) if rng.random() < 0.5 else built


def few_cells(built: Built, rng: Random) -> Built:
    kept = set(
        rng.sample(list(built.columns), min(len(built.columns), rng.choice((1, 2, 3, 4, 5))))
    )
    at = rng.randrange(len(built.rows))
    for name in built.columns:
        if name not in kept:
            built = built.set(at, name, None)
    return built


def goes_on(built: Built, rng: Random) -> Built:
    cells: list[CellValue] = [None] * max(built.columns.values())
    for name, rest in (("name", "Bảo"), ("address", "phường Bến Nghé"), ("parent", "Mai")):
        if name in built.columns and rng.random() < 0.6:
            cells[built.columns[name] - 1] = rest
    return inserted(built, a_row(built, rng, under=True), tuple(cells))


def ditto(built: Built, rng: Random) -> Built:
    names = [n for n in ("parent", "address", "birth_date", "note", "name") if n in built.columns]
    mark_ = rng.choice(('"', "nt", "//", "như trên", "’’"))
    return built.set(rng.randrange(len(built.rows)), rng.choice(names), mark_)


def numbers(built: Built, rng: Random) -> Built:
    value = rng.choice((None, "1", "2.", "a", 7.0, "01", "3)", 1_000_000.0, "I"))
    return built.set(rng.randrange(len(built.rows)), "number", value)


def merged(built: Built, rng: Random) -> Built:
    at = rng.randrange(len(built.rows))
    column = built.columns[rng.choice([n for n in built.columns if n != "number"])]
    if at + 1 < len(built.rows):
        built = built.put(built.rows[at + 1], column, None)
    area = Range(built.rows[at], column, built.rows[at] + 1, column)
    return built.with_sheet(merges=(*built.sheet.merges, area))


def far_title(built: Built, rng: Random) -> Built:
    for _ in range(rng.choice((3, 37, 38, 39, 40, 41))):
        built = inserted(built, built.header_row, ())
        built = replace(built, header_row=built.header_row + 1)
    return built.with_sheet(merges=())


def machine_names(built: Built, rng: Random) -> Built:
    line = MACHINE[: rng.choice((3, 4, 5, 9))]
    return inserted(built, built.header_row + rng.choice((1, 2, 3)), line)


def second_list(built: Built, rng: Random) -> Built:
    other = a_workbook(rng.choice([f for f in HEADS if not f.startswith("c")]), rng)
    gap = ((),) * rng.choice((0, 1, 3))
    return built.with_sheet(rows=(*built.sheet.rows, *gap, *other.sheet.rows))


def noughts(built: Built, rng: Random) -> Built:
    at = a_row(built, rng, under=True) - 1
    rows = [list(row) for row in built.sheet.rows]
    if at < len(rows):
        rows[at] = [0.0 if value is None else value for value in rows[at]]
    return built.with_sheet(rows=tuple(map(tuple, rows)))


def old_font(built: Built, rng: Random) -> Built:
    font, share = rng.choice(ENCODINGS), rng.choice((0.3, 0.9))
    rows = tuple(
        tuple(encode(v, font) if isinstance(v, str) and rng.random() < share else v for v in row)
        for row in built.sheet.rows
    )
    return built.with_sheet(rows=rows)


def odd_cells(built: Built, rng: Random) -> Built:
    for _ in range(3):
        name = rng.choice(list(built.columns))
        built = built.set(rng.randrange(len(built.rows)), name, rng.choice(ODD))
    return built


def columns_hidden(built: Built, rng: Random) -> Built:
    some = frozenset(rng.sample(range(1, 13), 2))
    rows = frozenset(rng.sample(built.rows, 1))
    struck = rows if rng.random() < 0.5 else frozenset()
    return built.with_sheet(hidden_columns=some, struck_rows=struck)


CHANGES: tuple[Change, ...] = (
    blank_rows, words, words, words, page_break, few_cells, few_cells, goes_on, ditto, numbers,
    merged, far_title, machine_names, second_list, noughts, old_font, odd_cells, columns_hidden,
)  # fmt: skip


@pytest.mark.parametrize("form", HEADS)
def test_a_list_as_it_was_left_is_judged_as_it_was(form: str):
    rng = Random(sum(map(ord, form)) * 7)
    lines: list[str] = []
    for number in range(7 if form.startswith("c") else 22):
        built = a_workbook(form, rng)
        chosen = rng.sample(CHANGES, rng.choice((1, 1, 2, 3)))
        for change in chosen if built.rows else ():
            built = change(built, rng)
        asked = Context(
            rng.choice((date(2015, 6, 5), date(2015, 3, 31), date(2014, 3, 5))), units(), PLACES,
            by_id(forms()), rng.choice((ROUND, ROUND, Round(2014, 4))),
            sender=units()[rng.choice(("26740", "26734", "760"))], receiver=units()["760"],
            handoff=rng.choice(HANDOFFS), open_rounds=frozenset({ROUND, Round(2014, 4)}),
            facilities=frozenset({"79014"}) if rng.random() < 0.5 else frozenset(),
        )  # fmt: skip
        found = recognise(built.workbook, forms(), units())
        names = "+".join(change.__name__ for change in chosen)
        lines.append(f"{number} {names}: {_codes(found.findings)} {mark(told(found.findings))}")
        for one in found.submissions:
            rows = list_children(one, by_id(forms())[one.form], PLACES)
            said = tuple(check(one, asked))
            lines.append(
                f"  {one.form} {one.round} {one.unit} {[row.row for row in one.rows]} "
                f"{mark(told(rows))} {_codes(said)} {mark(told(said))} {mark(told(one.tables))}"
            )

    is_as_recorded(f"odd {form}", lines)


def _codes(said: object) -> list[str]:
    return [one.code for one in said]  # type: ignore[attr-defined]


# --- families ------------------------------------------------------------------------------------

MOTHERS = ("Trần Thị Lan", "Trần Thị Lam", "Lý Ngọc Nga", "Hồ Thị Thúy An", "Nguyễn Thị Bé")
GIVEN = ("Gia An", "Gia Anh", "Minh Khang", "Khang", "Bảo Ngọc", "Ngọc Bảo", "Thiên Bảo Ngọc")
BORN = ("2014-03-05", "2014-05-03", "2014-03-06", "2014-03", "2014", "2013-11-20")
WARDS = ("26734", "26740", "27151", "")
HOMES = ("12 Nguyễn Trãi, P. Bến Thành", "12 Nguyen Trai P. Ben Thanh", "5 Lê Lợi", "ấp 3", "")


def a_family(rng: Random) -> Iterator[ListedChild]:
    """The children of one mother; twins more often than in life, and some without a name yet."""
    mother, ward = rng.choice(MOTHERS), rng.choice(WARDS)
    born, home = rng.choice(BORN), rng.choice(HOMES)
    for number in range(rng.choice((1, 1, 2, 2, 3))):
        bare = rng.choice((f"Con bà {mother}", f"Con bà {mother} {number + 1}", mother, "Bé gái"))
        name = f"{mother.split()[0]} {rng.choice(GIVEN)}"
        yield ListedChild(
            name=bare if rng.random() < 0.35 else name,
            birth=born if rng.random() < 0.8 else rng.choice(BORN),
            parent=mother if rng.random() < 0.8 else "", sex=rng.choice(("", "nam", "nu")),
            ward=ward, district={"27151": "770", "": ""}.get(ward, "760"), address=home,
            code=rng.choice(("", "", f"M{rng.randrange(9)}")),
            card=rng.choice(("", "", "", f"TE179000000000{rng.randrange(4)}")),
            id_number=rng.choice(("", "", "079214000123", "023456789")),
            note=rng.choice(("", "", "chuyển đi")),
        )  # fmt: skip


def copied(child: ListedChild, rng: Random) -> ListedChild:
    """A child as the next office writes it: named meanwhile, cut, or with a slip."""
    mother = child.parent or "Trần Thị Lan"
    slips: dict[str, tuple[str, ...]] = {
        "name": (f"{mother.split()[0]} {rng.choice(GIVEN)}", child.name.upper(), child.name[:-1],
                 f"CB {mother}", mother, child.name.replace("Gia ", "")),
        "birth": (rng.choice(BORN), child.birth[:4], ""),
        "parent": ("", rng.choice(MOTHERS), child.parent.lower(), child.parent[-3:]),
        "sex": ("", "nam", "nu"),
        "ward": ("", rng.choice(WARDS)),
        "address": ("", rng.choice(HOMES)),
        "code": ("", "M1", "M8"),
        "card": ("", "TE1790000000001", "0000000001"),
    }  # fmt: skip
    for name in rng.sample(list(slips), rng.choice((0, 0, 1, 1, 2, 3))):
        child = replace(child, **{name: rng.choice(slips[name])})
    return child


def at_rows(children: list[ListedChild], first: int) -> list[ListedChild]:
    return [
        replace(c, row=n, cell=f"B{n}", cells={"birth": f"D{n}", "card": f"C{n}"})
        for n, c in enumerate(children, start=first)
    ]


def some_families(rng: Random, most: int) -> list[ListedChild]:
    return [child for _ in range(rng.randrange(1, most)) for child in a_family(rng)]


def test_families_that_came_back_are_matched_as_they_were():
    rng = Random(1811)
    lines: list[str] = []
    for number in range(260):
        sent = at_rows(some_families(rng, 4), 10)
        rows = [copied(c, rng) for c in sent if rng.random() < 0.9]
        rows += [copied(rng.choice(sent), rng) for _ in range(rng.choice((0, 0, 0, 1, 2)))]
        rng.shuffle(rows)
        came = [
            Came(
                replace(c, status=rng.choice(("", "", "Đã có thẻ"))),
                rng.choice(("carded-before", "carded-now", "uncarded", "uncarded")),
                rng.choice(("", "", "a")), rng.choice(("", "mẫu 4")),
            )
            for c in at_rows(rows, 50)
        ]  # fmt: skip
        result = reconcile(sent, came)
        pairs = [(p.sent.row, p.came.child.row, p.how) for p in result.pairs]
        lines.append(
            f"{number} {pairs} {[c.row for c in result.missing]} "
            f"{[c.child.row for c in result.unknown]} "
            f"{[(d.first.child.row, d.again.child.row) for d in result.doubled]} "
            f"{[(u.sent.row, u.came.child.row) for u in result.uncertain]} "
            f"{mark(told((balance(sent, result), findings(result))))}"
        )

    is_as_recorded("odd families", lines)


def test_whose_the_visits_of_families_are_stays():
    rng = Random(1331)
    lines: list[str] = []
    for number in range(75):
        family = at_rows(some_families(rng, 4), 10)
        visits = [
            replace(
                copied(child, rng), name=rng.choice((child.name, child.name.lower())),
                birth=rng.choice((child.birth, child.birth[:4])), code="", parent="",
                costs={"cost_total": 1000 * n, "cost_patient": n},
            )
            for n, child in enumerate(family * 2, start=1)
            if rng.random() < 0.6
        ]  # fmt: skip
        rows = [
            replace(copied(c, rng), category=rng.choice(("carded-before", "uncarded")))  # type: ignore[arg-type]
            for c in family
        ]
        sought = [(one.visits, one.rows, one.likely) for one in sort_out(visits, rows)]
        cards = [
            replace(c, facility=rng.choice(("", "79014", "79020")), category="carded-before")
            for c in rows
            if rng.random() < 0.6
        ]
        charged = allocate(visits, cards, units(), uncarded=rows[:1])
        register = [
            RegisterRow(
                c.name, c.birth, c.parent, c.card, "79014", "BV", c.address, c.sex, c.id_number
            )
            for c in rows
        ]
        found = drafts(visits, register, PLACES)
        lines.append(
            f"{number} {sought} {[(c.hospital[-2:], c.why) for c in charged.charged]} "
            f"{mark(told((charged.by_district, charged.by_hospital)))} "
            f"{len(found.carded)}/{len(found.uncarded)}/{len(found.doubtful)} {mark(told(found))}"
        )

    is_as_recorded("odd visits", lines)


# --- addresses pieced together -------------------------------------------------------------------

HOUSES = (
    "12 Lê Lợi", "12/3 Nguyễn Trãi", "ấp 3", "lầu 3", "chung cư 5", "12P5", "tổ 2 KP 4", "cư xá",
    "445 Tân Phú", "19 Bà Huyện Thanh Quan", "Xa lộ Hà Nội", "Tỉnh lộ 10", "Đường số 5", "lô B", "",
    "12 đường 3/2", "hẻm 5 Phạm Ngũ Lão", "TT Y tế", "thị xã", "nhà 4 block 2",
)  # fmt: skip
LEVELS = (
    "Phường ", "phường ", "P.", "P. ", "p", "F.", "Ph. ", "Xã ", "xa ", "X.", "TT. ", "Thị trấn ",
    "Quận ", "Q.", "Q. ", "q", "Huyện ", "huyen ", "H.", "TP. ", "Thành phố ", "TX ", "Tỉnh ", "",
    "", "", "phuong ", "Đặc khu ",
)  # fmt: skip
NAMES = (
    "5", "05", "12", "29", "III", "1", "Bến Nghé", "Ben Nghe", "Tân Phú", "Tân Bình", "Tân B", "Lạ",
    "Bình Chánh", "Củ Chi", "Thủ Đức", "An Phú", "Phú Nhuận", "Tân Thới Hiệp", "Tân Thới H",
    "Hiệp Bình Chánh", "Long An", "Đồng Nai", "Sài Gòn", "Vũng Tàu", "Linh Trung", "BHH A", "BT",
    "Hồ Chí Minh", "HCM", "502", "12B", "Đa Kao", "Bà Rịa", "Dĩ An", "Hóc Môn", "Xuân Thới Thượng",
)  # fmt: skip
TAILS = (
    "", "", "", ", TP.HCM", ", TP. Hồ Chí Minh, Việt Nam", ", TP. Hồ C", " HCM", ", Long An",
    ", tỉnh Đồng Nai", ", Bình Dương", " (tạm trú)", ", Sài Gòn", ", Việt Nam", ", tỉnh Lạ",
)  # fmt: skip
BETWEEN = (", ", ", ", " ", " - ", ",", "; ", ". ")


def pieced(rng: Random) -> str:
    text = in_pieces(rng, HOUSES, BETWEEN, LEVELS, NAMES, TAILS)
    if rng.random() < 0.2:
        text = text[: rng.choice((30, 40, 28, 29, 39, 20, 25))]
    return rng.choice((text, text, text, text.upper(), text.lower()))


@pytest.mark.parametrize("city", ["hcmc-2015", "hcmc-2025"])
def test_an_address_that_is_pieced_together_is_placed_where_it_was(city: str):
    known, rng = load(config_dir(city)), Random(city)
    places = Gazetteer.of(known.units, known.aliases, known.old_places)
    texts = [pieced(rng) for _ in range(480)]
    for ward in rng.sample(list(known.units.of_level("ward")), 36):
        texts += list(spelt([f"12 Lê Lợi, {ward.name}, {rng.choice(NAMES)}"], 2, len(texts)))

    is_as_recorded(
        f"odd addresses {city}", (f"{told(text)} → {told(places.place(text))}" for text in texts)
    )
