"""A thousand made-up cells, addresses, workbooks, returns: all that is said of them stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from bhyt_filedrop.domain.cells import (
    card_spellings,
    dates,
    legacy,
    parents,
    people,
    syllables,
    text,
    wrong_page,
)
from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.lists.children import ListedChild, list_children
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile import Came, balance, findings, reconcile
from tests.addresses import HARDER, STREETS, STYLES, shipped_aliases, shipped_units
from tests.grids import HEADS, SECTIONS, Built, build, forms, sound, units
from tests.reconciling import a_child
from tests.recorded import is_as_recorded, mark, told

# --- cells ---------------------------------------------------------------------------------------

_SLIPS: tuple[Callable[[str, Random], str], ...] = (
    lambda t, r: t[: (n := r.randrange(len(t)))] + t[n + 1 :],
    lambda t, r: t[: (n := r.randrange(len(t)))] + t[n] + t[n:],
    lambda t, r: t[: (n := r.randrange(len(t)))] + r.choice(" .,-/'0OlIxX") + t[n:],
    lambda t, r: t.replace(r.choice("0/ -.1"), r.choice("O.-/ l"), 1),
    lambda t, r: r.choice((t.upper(), t.lower(), t.title(), f" {t} ", f"{t}.", f"({t})")),
    lambda t, r: t.replace(" ", r.choice(("", "  ", "\u00a0", "\n")), 1),
)


def spelt(values: Sequence[str], each: int, seed: int) -> Iterator[str]:
    """Each value, and so many slips of the pen of each."""
    rng = Random(seed)
    for value in values:
        yield value
        for _ in range(each):
            slip = value
            for _ in range(rng.choice((1, 1, 2))):
                slip = rng.choice(_SLIPS)(slip, rng) if slip else slip
            yield slip


DATES = (
    "05/03/2014", "5.3.14", "2014-03-05", "20140305", "5 tháng 3 năm 2014", "05-Mar-14", "03/2014",
    "2014", "00/00/2013", "31/02/2014", "29/02/2012", "12/13/2014", "13/12/2014", "41703",
    "05/03/2014 00:00:00", "năm 2014", "3/2015", "05/03/0014", "5032014", "khoảng 2014", "1/1/1900",
    "32/01/2015", "01/01/2050", "tháng 3/2014", "05/03/2104",
)  # fmt: skip
NAMES = (
    "Nguyễn Văn An", "LÊ THỊ BÌNH", "Con bà Trần Thị Lan", "CB Trần Thị Lan 2", "Bé trai", "Y Blô",
    "Nguyễn Văn An (2)", "Trần Thị Lan - An", "Hồ Quốc Tín 2014", "An", "Con bà Lan (sinh đôi)",
    "H'Mai", "Trần Anh Đức B", "Ng. V. An", "CON CỦA LÊ THỊ HOA", "Sơ sinh", "Lê A", "0987654321",
)  # fmt: skip
CARDS = (
    "TE1790000000001", "TE 1 79 000 0000001", "HS4790000000001", "7915000123", "TE179000000000",
    "te1-79-00-000-00001", "GD4797900000001", "chưa có", "TE1790000000001 79014", "01500012345",
    "TE1 79 79 000 00001", "79", "TEI790000000001", "CC1790000000001",
)  # fmt: skip
NUMBERS = (
    "023456789", "23456789", "079214000123", "79214000123", "0792140001234", "123", "02345678O",
    "023 456 789", "CMND 023456789", "B1234567", "không có", "079114000123", "001214000123",
)  # fmt: skip
FACILITIES = ("79014", "014", "79-014", "14", "BV Quận 1", "79 014", "K01", "1", "7914", "79/014")
SEXES = ("X", "x", "Nữ", "nam", "1", "0", "N", "F", "M", "gái", "trai", "-", "Nu", "Nam/Nữ", "2")
TEXTS = (
    "Hòa", "Hoà", "hoa`", "Nguyeãn Vaên An", "NguyÔn V¨n A", "Phường 5", "TÂN  ĐỊNH", "a\u0301",
    "Thuý", "Thúy", "Quới", "ÐỨC", "khuyến", "Nguyễn\tVăn", "12 Lê Lợi", "Mẫu 10", "Mẫu 2", "x1y22",
    "NguyÔn ThÞ Lan", "Traàn Thò Hoa", "NGUYÃN VÀN", "qua", "nghiêng", "_x000D_a",
)  # fmt: skip
READERS: dict[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "birth": (DATES, dates.read_birth_date),
    "birth as in America": (DATES[:12], lambda t: dates.read_birth_date(t, us_order=True)),
    "date": (DATES, dates.read_date),
    "month": (DATES[5:9] + DATES[16:], dates.read_month),
    "name": (NAMES, people.read_name),
    "parent": (NAMES, parents.read_parent),
    "card": (CARDS, people.read_card),
    "number": (NUMBERS, people.read_id_number),
    "facility": (FACILITIES, lambda t: people.read_facility(t, "79")),
    "facility alone": (FACILITIES, lambda t: people.read_facility(t, None)),
    "sex": (SEXES, lambda t: (people.read_sex(t, "Nữ"), people.read_sex(t, "Giới tính"))),
    "clean": (TEXTS, text.clean),
    "fold": (TEXTS, lambda t: (text.fold(t), text.tone_blind(t), text.natural_key(t))),
    "legacy": (TEXTS, lambda t: (legacy.detect(t), legacy.is_doubtful(t))),
    "wrong page": (TEXTS, lambda t: (wrong_page.undo_1258(t), wrong_page.reads_as_typed(t))),
    "syllable": (
        TEXTS,
        lambda t: [(syllables.split_tones(w), syllables.is_syllable(w)) for w in t.lower().split()],
    ),
    "fits": (
        NUMBERS,
        lambda t: t.isdigit() and len(t) == 12 and card_spellings.unfitting(t, 2014, "nam"),
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_cell_reads_as_it_did(reader: str):
    values, read = READERS[reader]

    is_as_recorded(
        f"cells {reader}",
        (f"{told(v)!r} → {told(read(v))}" for v in spelt(values, 6, len(reader))),
    )


def test_numbers_in_cells_read_as_they_did():
    numbers = [41703.0, 41703.5, 2014.0, 0.0, -1.0, 60.0, 61.0, 1.0, 2958465.0, 2958466.0, 3.2014]
    numbers += [20140305.0, 5032014.0, 5.0, 79014.0, 23456789.0, 79214000123.0, 1e15, 0.5, 201403.0]
    values: list[CellValue] = [*numbers, date(2014, 3, 5), True, ErrorValue("#N/A"), None]
    readers = (
        dates.read_birth_date, dates.read_date, dates.read_month, people.read_card, text.cell_text,
        people.read_id_number, lambda v: people.read_facility(v, "79"),
        lambda v: people.read_sex(v, "Nữ"),
    )  # fmt: skip

    is_as_recorded("cells numbers", (f"{v!r} → {told([r(v) for r in readers])}" for v in values))


def test_two_numbers_are_one_card_where_they_were():
    numbers = [*spelt(CARDS[:4], 3, 5), *NUMBERS[:3]]
    numbers += ["TE1790000000010", "TE1970000000001", "TE1790000000002", "0000000001"]

    is_as_recorded(
        "cells two cards",
        (
            f"{a} {b} → {card_spellings.same_card(a, b)} {card_spellings.are_two_cards(a, b)}"
            for a, b in product(numbers, numbers)
            if a < b
        ),
    )


def test_columns_of_dates_are_taken_for_exchanged_where_they_were():
    rng = Random(11)
    lines = []
    for _ in range(80):
        share, days = rng.random(), []
        for _ in range(rng.choice((1, 2, 3, 8, 20))):
            day = date(2014, 1, 1) + timedelta(days=rng.randrange(500))
            days.append(day if rng.random() < share else f"{day:%d/%m/%Y}")
        kinds = f"{sum(isinstance(d, date) for d in days)}/{len(days)} {mark(days)}"
        texts = [d if isinstance(d, str) else f"{d:%m/%d/%Y}" for d in days]
        lines.append(f"{kinds} → {dates.exchanged(days)} {dates.is_us_order(texts)}")

    is_as_recorded("cells exchanged", lines)


# --- places --------------------------------------------------------------------------------------

UNITS = shipped_units()
GAZETTEER = Gazetteer.of(UNITS, shipped_aliases())
TRAPS = (
    "12 Lê Lợi, Long An", "P. Tân Phú", "Tân Phú, Tân Phú", "P.1", "Quận 1", "ngoài thành phố",
    "12 Nguyễn Trãi, P. Bến Thành, Quận 5", "P. Bến Nghé, Quận 1, Hà Nội", "tỉnh khác",
    "P 5 hoặc 6",
    "Bình Chánh, Bình Chánh", "xã Bình Chánh", "12/3 P.4 Q.3 (tạm trú P.5 Q.10)", "Q.BT", "Q 13",
    "12 Lê Lợi P.5 cc", "12 Lê Lợi, P.29 nhà", "P.12B", "Q.3 x", "P.502", "H.12", "P. 4 lầu 3 Q.3",
    "P. 30, Q.1", "phường Bến Ngé, quận 1", "TT. Củ Chi", "Củ Chi", "KP 3 P. Linh Trung TĐ",
    "F5 Q8",
    "Bến Nghé", "Thủ Đức", "P. Thủ Đức", "12 đường 3/2, phường 12, quận 10", "Đường số 5 P.17 Q.GV",
    "An Phú, Q.2, An Khánh", "Quận 9, P. Tăng Nhơn Phú A", "P. Hiệp Bình Chánh, Q. TĐ", "thôn 3",
)  # fmt: skip


def written() -> Iterator[str]:
    rng = Random(7)
    wards = UNITS.of_kind("ward")
    for write in {**STYLES, **HARDER}.values():
        for ward in rng.sample(list(wards), 14):
            address = write(rng, ward, UNITS[ward.parent])
            yield address
            yield next(iter(list(spelt([address], 1, rng.randrange(999)))[1:]))
    yield from spelt(TRAPS, 5, 3)
    for _ in range(120):
        one, other = (rng.choice(wards) for _ in range(2))
        yield rng.choice((
            f"{one.name}, {UNITS[other.parent].name}", f"{one.name} {other.name}",
            f"{rng.choice(STREETS)}, {one.name}", f"{UNITS[one.parent].name}, {one.name[-6:]}",
            f"{one.name.split(' ', 1)[1]}, {other.name.split(' ', 1)[1]}, TP.HCM",
        ))  # fmt: skip


def test_an_address_is_placed_where_it_was():
    is_as_recorded("addresses", (f"{told(a)} → {told(GAZETTEER.place(a))}" for a in written()))


def test_an_address_in_columns_is_placed_where_it_was():
    rng = Random(13)
    wards = UNITS.of_kind("ward")
    lines = []
    for _ in range(250):
        one, other = rng.choice(wards), rng.choice(wards)
        name = rng.choice((one.name, one.name.split(" ", 1)[1], "", "5", "ngoài tỉnh"))
        above = UNITS[rng.choice((one, one, one, other)).parent].name
        district = rng.choice((above, above, above.split(" ", 1)[1], "", "Quận 99"))
        city = rng.choice(("", "", "TP.HCM", "Long An", "79", "Hồ Chí Minh"))
        address = rng.choice(("", f"12 {rng.choice(STREETS)}", f"{one.name}, {above}"))
        parts = (name, district, city, address)
        lines.append(f"{' | '.join(parts)} → {told(GAZETTEER.place_parts(*parts))}")

    is_as_recorded("addresses in columns", lines)


# --- workbooks -----------------------------------------------------------------------------------

ROUND = Round(2015, 1)
PLACES = Gazetteer.of(units())
ODD: tuple[CellValue, ...] = (
    None, "", "-", "x", 0.0, 3.0, "05/13/2014", "2014", "31/12/2016", "01/01/2001", "Quận 1", "???",
    "12 Lê Lợi, P.5, Q.3", "12 Hoa Sứ", "TE1790000000001", "HS4790000000001", "023456788",
    "Con bà Trần Thị Lan", "Nguyeãn Vaên An", ErrorValue("#REF!"), date(2016, 5, 1), "Nam", "X",
    "Nguyễn Văn An", "Tổng cộng: 9 trẻ", "79", "999", "Chưa xác minh", "1", "III", "chuyển đi",
    True,
)  # fmt: skip
ROUNDS = ("Đợt 1 năm 2015", "Đợt 1/2015", "Quý I năm 2015", "Đợt … năm …", "", "Đợt 2 năm 2014",
          "đợt 1 năm 2015 và đợt 2 năm 2015", "Đợt 5 năm 2015", "Tháng 3 năm 2015")  # fmt: skip


OTHER_HEADS = (
    ("name", ("Họ tên trẻ",)),
    ("name", ("HỌ VÀ TÊN",)),
    ("birth_date", ("Ngày sinh",)),
    ("birth_date", ("Năm sinh",)),
    ("sex", ("Giới tính",)),
    ("sex", ("Nam",)),
    ("card", ("Số thẻ",)),
    ("parent", ("Họ tên cha (mẹ)",)),
    ("address", ("Nơi cư trú",)),
    ("note", ("Lý do",)),
    ("id_number", ("Số CMND/CCCD",)),
    ("number", ("TT",)),
    ("facility", ("Mã bệnh viện",)),
    ("address", ("Địa chỉ", "Số nhà")),
)


def a_workbook(form: str, rng: Random) -> Built:
    """A list of some children, laid out and spoilt at random."""
    sections = dict(SECTIONS.get(form, ()))
    names = [name for name, _, _ in HEADS[form]]
    counts = {s: rng.choice((0, 1, 2, 5)) for s in (sections or ("",)) if rng.random() < 0.93}
    rows = {s: [sound(form, rng.choice((n, n, 3)), s) for n in range(1, count + 1)]
            for s, count in counts.items()}  # fmt: skip
    built = build(
        form,
        rows if sections else rows.get("", []),
        round_text=rng.choice(ROUNDS) if rng.random() < 0.4 else ROUNDS[0],
        shift=rng.choice(((0, 0), (0, 0), (2, 1))),
        order=rng.choice(((), (), tuple(rng.sample(names, 2)))),
        without=rng.choice(((), (), (), (rng.choice(names),))),
        headers=rng.choice(({}, {}, dict(rng.sample(OTHER_HEADS, 3)))),
        numbers=rng.random() < 0.8,
        merged=rng.random() < 0.8,
        total=rng.choice(("", f"Tổng cộng: {sum(counts.values())} trẻ", "Cộng: 3")),
        signed=rng.random() < 0.8,
    )
    for _ in range(rng.choice((0, 1, 2, 4))):
        if built.rows:
            often = [n for n in ("name", "birth_date", "note") if n in built.columns]
            name = rng.choice([*built.columns, *often])
            built = built.set(rng.randrange(len(built.rows)), name, rng.choice(ODD))
    if rng.random() < 0.3:
        at = rng.randrange(1, len(built.sheet.rows) + 3)
        built = built.put(at, rng.randrange(1, 6), rng.choice(ODD))
    if rng.random() < 0.1 and built.rows:
        built = built.with_sheet(hidden_rows=frozenset(built.rows[:1]))
    return built


def context(sender: str, handoff: HandOff | None) -> Context:
    return Context(
        date(2015, 6, 5), units(), PLACES, by_id(forms()), ROUND, sender=units()[sender],
        receiver=units()["760"], handoff=handoff, open_rounds=frozenset({ROUND, Round(2014, 4)}),
        facilities=frozenset({"79014", "79015"}),
    )  # fmt: skip


HANDOFFS = (
    None,
    HandOff(id="ward-return", name="Kết quả", sender="ward", receiver="parent",
            heading_unit="sender", answers="ward-list", place_of="sender",
            parts=(("form-4", "reply-kit"), ("d03-ts",))),
    HandOff(id="uncarded", name="Chưa có thẻ", sender="cntt", receiver="thu",
            place_of="receiver"),
)  # fmt: skip


def judged(workbook: Workbook, asked: Context) -> Iterator[str]:
    """What is read of a workbook, then what is wrong with it."""
    found = recognise(workbook, forms(), units())
    yield f"  {told(found.findings)}"
    for one in found.submissions:
        yield (
            f"  {one.form} {one.round} {one.unit} {told(one.heading_units)} {told(one.round_spot)} "
            f"{told(one.unit_spot)}"
        )
        form = by_id(forms())[one.form]
        yield f"  {told(list_children(one, form, PLACES))}"
        yield f"  {told(tuple(check(one, asked)))}"


@pytest.mark.parametrize("form", HEADS)
def test_a_workbook_is_judged_as_it_was(form: str):
    rng = Random(sum(map(ord, form)))
    lines: list[str] = []
    for number in range(8 if form.startswith("c") else 30):
        handoff = HANDOFFS[number % 3]
        lines.append(f"{number} {handoff.id if handoff else '-'}")
        built = a_workbook(form, rng)
        lines += judged(built.workbook, context(rng.choice(("26740", "26734")), handoff))

    is_as_recorded(f"workbook {form}", lines)


# --- what came back ------------------------------------------------------------------------------

FAMILY = ("Nguyễn", "Trần", "Lê", "Võ")
GIVEN = ("Hòa", "Thúy", "Khang", "An", "Anh", "Bảo Ngọc", "Minh Châu", "Đức Long", "Ngọc Bảo")
MOTHERS = ("Trần Thị Lan", "Lý Thị Nga", "Hồ Thị Thúy", "", "Trần Thị Lan Anh")
BIRTHS = ("2014-03-05", "2014-05-03", "2013-11-20", "2014", "2014-03", "", "2014-03-06")
PLACEHOLDERS = ("Con bà Trần Thị Lan", "CB Lý Thị Nga 1", "CB Lý Thị Nga 2", "BÉ TRAI", "")
ADDRESSES = ("", "12 Nguyễn Trãi, P. Bến Thành", "12 Nguyễn Trãi, P. Bến Nghé", "5 Lê Lợi")
LISTS = ("carded-before", "carded-now", "uncarded", "uncarded", "")


def somebody(rng: Random) -> ListedChild:
    name = f"{rng.choice(FAMILY)} {rng.choice(GIVEN)}"
    return a_child(
        name if rng.random() < 0.8 else rng.choice(PLACEHOLDERS),
        rng.choice(BIRTHS), rng.choice(MOTHERS), sex=rng.choice(("", "nam", "nu")),
        code=rng.choice(("", "", "M1", "M2", "M3", "M4")), address=rng.choice(ADDRESSES),
        card=rng.choice(("", "", "TE1790000000001", "TE1790000000002")),
        id_number=rng.choice(("", "", "023456789", "079214000123")),
        note=rng.choice(("", "", "chuyển đi")), status=rng.choice(("", "Đã có thẻ", "")),
    )  # fmt: skip


def come_back(child: ListedChild, rng: Random) -> ListedChild:
    """The same child as a clerk copies it: right, or with a slip or two."""
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        name = rng.choice(("name", "name", "birth", "parent", "code", "sex", "address", "card"))
        value = getattr(child, name)
        slip = {
            "birth": rng.choice(BIRTHS), "code": rng.choice(("", value, "M1", "M9")),
            "sex": rng.choice(("nam", "nu", "")), "parent": rng.choice(MOTHERS),
        }.get(name) or (rng.choice(_SLIPS)(value, rng) if value else value)  # fmt: skip
        child = replace(child, **{name: slip})
    return child


def test_what_came_back_is_matched_as_it_was():
    rng = Random(2015)
    lines: list[str] = []
    for number in range(110):
        sent = [
            replace(somebody(rng), row=n, cell=f"B{n}") for n in range(10, 10 + rng.randrange(9))
        ]
        rows = [come_back(c, rng) for c in sent if rng.random() < 0.85]
        rows += [somebody(rng) for _ in range(rng.choice((0, 0, 1, 3)))]
        rng.shuffle(rows)
        category = rng.choice(LISTS)
        came = [
            Came(
                replace(c, row=n, cell=f"B{n}", cells={"birth": f"D{n}", "card": f"C{n}"}),
                category if rng.random() < 0.7 else rng.choice(LISTS),  # type: ignore[arg-type]
                rng.choice(("", "a")), rng.choice(("", "mẫu 4")),
            )
            for n, c in enumerate(rows, start=50)
        ]  # fmt: skip
        result = reconcile(sent, came)
        lines += [
            f"{number} {[(p.sent.row, p.came.child.row, p.how) for p in result.pairs]}",
            f"  {[c.row for c in result.missing]} {[c.child.row for c in result.unknown]} "
            f"{[told(d.again.child.row) for d in result.doubled]} "
            f"{[(u.sent.row, u.came.child.row) for u in result.uncertain]} "
            f"{told(balance(sent, result))} {result.is_whole}",
            f"  {told(findings(result))}",
        ]

    is_as_recorded("what came back", lines)
