"""A city of a dozen names that collide, sheets of a few rows: what is said of each stays.

Where all names are alike, every rule that tells them apart is needed; in a real city few are. The
corpora beside this one have the offices' own names and forms.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from bhyt_filedrop.domain.cells.grid import CellValue, Range, Sheet, Workbook
from bhyt_filedrop.domain.forms.compiled import Vocabulary
from bhyt_filedrop.domain.forms.headers import find_headers
from bhyt_filedrop.domain.forms.headings import UnitNames, find_heading, lines_of
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.forms.texts import SheetText
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.places.in_time import gazetteer_of, wrong_aliases
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces, OldWard
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.addresses import in_pieces
from tests.cities import as_shipped
from tests.grids import forms
from tests.grids import units as shipped
from tests.recorded import is_as_recorded, mark, told

CITY = replace(
    as_shipped(
        Units.of(
            [
                *(Unit(f"q{n}", f"Quận {n}", "district") for n in ("1", "3", "10", "11")),
                Unit("tp", "Quận Tân Phú", "district"),
                Unit("tb", "Quận Tân Bình", "district"),
                Unit("bc", "Huyện Bình Chánh", "district"),
                *(Unit(f"{q}-{w}", f"Phường {w}", "ward", f"q{q}")
                  for q in ("3", "10", "11") for w in ("1", "2", "5", "10", "12")),
                Unit("bn", "Phường Bến Nghé", "ward", "q1"),
                Unit("bt", "Phường Bến Thành", "ward", "q1"),
                Unit("th", "Phường Tân Hòa", "ward", "tp"),
                Unit("th2", "Phường Tân Hoà", "ward", "tb"),
                Unit("hi", "Phường Hiệp", "ward", "tp"),
                Unit("hb", "Phường Hiệp Bình", "ward", "tb"),
                Unit("bcx", "Xã Bình Chánh", "ward", "bc"),
                Unit("ta", "Xã Thạnh An", "ward", "bc"),
                Unit("tta", "Thị trấn Thanh An", "ward", "bc"),
                Unit("tbp", "Phường Tân Bình", "ward", "tp"),
            ]
        )
    ),
    authority=Authority("TP. Hồ Chí Minh", "Thành phố", "TP.HCM"),
)  # fmt: skip
ALIASES = {
    "Long An": "ngoài thành phố", "Sài Gòn": "trong thành phố", "BN": "Phường Bến Nghé",
    "HBC": "Huyện Bình Chánh", "Bà Rịa - Vũng Tàu": "ngoài thành phố",
}  # fmt: skip
OLD = OldPlaces(
    (
        OldWard("TP. Hồ Chí Minh", "Quận 5", "Phường 10", ("bn",)),
        OldWard("TP. Hồ Chí Minh", "Quận 5", "Phường Hiệp", ("bt", "hb")),
        OldWard("Tỉnh Gia Định", "Huyện Tân Bình", "Xã Bình Chánh", ("bcx",)),
        OldWard("Tỉnh Gia Định", "Huyện Tân Bình", "Xã Thạnh An", ("ta",)),
    )
)
STREETS = (
    "12 Hoa Sứ", "3/2", "", "12A Tân Hòa", "lầu 5", "P. 502", "TT Y tế", "lô B", "cư xá Bình Chánh",
    "số 1 Quận 3", "ấp 5 xã", "đường Hiệp Bình", "chung cư 10", "Xa lộ", "hẻm 1 Bến Nghé", "tổ 2",
)  # fmt: skip
MARKS = (
    "Phường ", "phuong ", "P.", "P ", "F", "Ph.", "Xã ", "Xa ", "X.", "TT. ", "Thị trấn ", "Quận ",
    "quan ", "Q.", "Q", "H. ", "Huyện ", "TP. ", "TX ", "Tỉnh ", "T. ", "", "", "",
)  # fmt: skip
NAMES = (
    "1", "01", "3", "5", "10", "11", "III", "X", "V", "12", "Bến Nghé", "Ben Nghe", "Bến", "Bến T",
    "Tân Phú", "Tân Bình", "Tân", "Tân Hòa", "Tân Hoà", "Hiệp", "Hiệp Bình", "Hiệp B", "BN", "HBC",
    "Bình Chánh", "Binh Chanh", "Thạnh An", "Thanh An", "Thạnh", "Lạ", "Sài Gòn", "Long An",
    "Gia Định", "Hồ Chí Minh", "HCM", "502", "B",
)  # fmt: skip
ENDS = (
    "", "", "", ", TP.HCM", " TP. Hồ Chí Minh", ", TP. Hồ C", ", tỉnh Gia Định", ", Long An",
    ", Gia Định", " (tạm trú)", ", Việt Nam", ", Bà Rịa - Vũng Tàu", ", Q", ", Quận",
)  # fmt: skip
JOINTS = (", ", ", ", ", ", " ", " - ", ",", "; ", ".")


def an_address(rng: Random) -> str:
    text = in_pieces(rng, STREETS, JOINTS, MARKS, NAMES, ENDS)
    if rng.random() < 0.25:
        text = text.rjust(rng.choice((28, 29, 30, 40)), "1")[: rng.choice((28, 29, 30, 40))]
    return rng.choice((text, text, text, text.upper(), text.lower()))


def test_an_address_in_a_city_of_names_that_collide_is_placed_where_it_was():
    rng = Random(1913)
    books = (Gazetteer.of(CITY, ALIASES), Gazetteer.of(CITY, ALIASES, OLD))
    lines: list[str] = []
    for _ in range(1100):
        text = an_address(rng)
        found = [told(book.place(text)) for book in books]
        lines.append(f"{text} → {found[0]}{'' if found[0] == found[1] else ' | ' + found[1]}")
    for _ in range(300):
        parts = [
            rng.choice(("", rng.choice(MARKS) + rng.choice(NAMES))), rng.choice(NAMES),
            rng.choice(("", "", *ENDS)).strip(", "), rng.choice(("", an_address(rng))),
        ]  # fmt: skip
        lines.append(f"{parts} → {told(books[rng.random() < 0.5].place_parts(*parts))}")

    is_as_recorded("small addresses", lines)


# --- headers, headings, small sheets -------------------------------------------------------------

WORDS = Vocabulary(
    frozenset({"stt", "ho va ten", "ngay sinh", "dia chi", "noi dang ky", "tinh", "ma bv", "nu"})
)
PIECES: tuple[CellValue, ...] = (
    None, None, "STT", "Họ và tên", "Ngày sinh", "Địa chỉ", "Nơi đăng ký", "Tỉnh", "Nữ", "Lớp",
    "Họ và tên trẻ", "Nguyễn An", "x" * 81,
)  # fmt: skip
ROWS: tuple[tuple[CellValue, ...], ...] = (
    (), ("STT", "Họ và tên", "Ngày sinh", "Địa chỉ"), ("(1)", "(2)", "(3)", "(4)"),
    ("1", "Nguyễn An", "05/03/2014", "12 Hoa Sứ"), (None, "Nơi đăng ký", None, "Tỉnh"),
    ("A", "B", "1", "2"), ("DANH SÁCH",), (None, "Nam", "Nữ", None), (1.0, 2.0, 3.0, 4.0),
)  # fmt: skip


def test_headers_of_small_sheets_are_found_where_they_were():
    rng = Random(1917)
    lines: list[str] = []
    for _ in range(700):
        rows = [
            rng.choice(ROWS) if rng.random() < 0.75 else tuple(rng.choices(PIECES, k=4))
            for _ in range(rng.randrange(1, 8))
        ]
        at, column = rng.randrange(1, 4), rng.randrange(1, 4)
        down, right = rng.choice(((0, 1), (1, 0), (1, 1)))
        merges = (Range(at, column, at + down, column + right),) if rng.random() < 0.4 else ()
        found = find_headers(SheetText(Sheet("a", tuple(rows), merges=merges)), WORDS)
        lines.append(f"{[(h.first_row, h.last_row) for h in found]} {mark(told(found))}")

    is_as_recorded("small headers", lines)


FIELDS = ("STT", "Họ và tên", "Ngày sinh", "Nữ", "Họ tên mẹ", "Địa chỉ", "Số thẻ", "Ghi chú",
          "Nơi KCB", "Lý do", "Mã đối chiếu")  # fmt: skip
TITLES = (
    "DANH SÁCH TRẺ EM CHƯA ĐƯỢC CẤP THẺ BHYT", "BHXH QUẬN 1", "Đợt 1 năm 2015", "Đợt … năm …",
    "DANH SÁCH TRẺ EM KCB BẰNG GIẤY KHAI SINH, CHỨNG SINH CHƯA ĐƯỢC CẤP THẺ BHYT", "Mẫu số 2",
    "PHIẾU ĐỐI CHIẾU", "UBND PHƯỜNG BẾN NGHÉ", "Tháng 3 năm 2015", "", "Kính gửi: BHXH Quận 3",
)  # fmt: skip
CELLS = {
    "STT": (1.0, 2.0, 3.0, "1", "2.", None, "x"),
    "Họ và tên": ("Nguyễn Gia An", "Lê Bảo", "Bảo", "Tổng cộng: 2", None, "Con bà Lê Thị Lan"),
    "Ngày sinh": ("05/03/2014", "2014", 41703.0, None, "3/25/2014"),
    "Nữ": ("x", None, "X"),
    "Họ tên mẹ": ("Lê Thị Lan", '"', None, "Thị Mai"),
    "Địa chỉ": ("12 Lê Lợi, P. Bến Nghé, Q.1", "P. Bến Nghé", "nt", None),
    "Số thẻ": ("TE1790000000001", None, "0000000001"),
    "Ghi chú": (None, "Không tìm thấy", "trẻ đã mất"),
    "Nơi KCB": ("79014", "BV Quận 1", None),
    "Lý do": (None, "Không có ở địa bàn"),
    "Mã đối chiếu": (None, "15Q1-272SPH"),
}


def a_small_sheet(rng: Random, name: str) -> Sheet:
    rows: list[tuple[CellValue, ...]] = [
        (title,) for title in rng.sample(TITLES, rng.choice((0, 1, 2, 3)))
    ]
    fields = list(rng.sample(FIELDS, rng.randrange(4, len(FIELDS) + 1)))
    rows.append(tuple(fields))
    if rng.random() < 0.3:
        rows.append(tuple(f"({n})" for n in range(1, len(fields) + 1)))
    for _ in range(rng.randrange(1, 6)):
        row = tuple(rng.choice(CELLS[field]) for field in fields)
        rows.append(rng.choice((row, row, row, row, (), (rng.choice(TITLES),), ("II",))))
    if rng.random() < 0.3:
        rows += [("Tổng cộng: 3 trẻ",), ("Người lập biểu",)]
    hidden = frozenset({rng.randrange(1, len(rows) + 1)}) if rng.random() < 0.2 else frozenset()
    return Sheet(name, tuple(rows), hidden_rows=hidden, hidden=rng.random() < 0.05)


def test_small_sheets_are_recognised_as_they_were():
    rng = Random(1923)
    known = [f for f in forms() if f.id in ("form-2", "form-3", "reply-kit", "card-register")]
    lines: list[str] = []
    for _ in range(110):
        sheets = [
            a_small_sheet(rng, name) for name in ("Sheet1", "Q1 2015")[: rng.choice((1, 1, 2))]
        ]
        found = recognise(Workbook("xlsx", tuple(sheets)), known, shipped(), "a.xlsx")
        lists = [(s.form, s.round, s.unit, [row.row for row in s.rows]) for s in found.submissions]
        lines.append(f"{told(lists)} {[f.code for f in found.findings]} {mark(told(found))}")

    is_as_recorded("small sheets", lines)


# --- offices that follow each other --------------------------------------------------------------

DAYS = (date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31))


def some_offices(rng: Random) -> Units:
    """Districts and wards of three times that close, open, and take each other's work over."""
    found: list[Unit] = []
    names = ("Tân Định", "Bến Nghé", "Sài Gòn", "1", "Tân Phú")
    for number in range(rng.randrange(3, 9)):
        kind = rng.choice(("district", "ward", "ward", "office"))
        above = [u.id for u in found if u.kind in ("district", "office")]
        label = {"district": "Quận", "ward": "Phường", "office": "BHXH cơ sở"}[kind]
        begins, ends = (rng.choice((None, None, *DAYS)) for _ in range(2))
        first = begins + timedelta(days=1) if begins else None
        last = ends if not (first and ends and ends < first) else None
        parent = rng.choice(above) if above and kind == "ward" else ""
        name = f"{label} {rng.choice(names)}"
        found.append(Unit(f"u{number}", name, kind, parent, valid_from=first, valid_to=last))
    units = [replace(u, successors=tuple(_heirs(u, found, rng))) for u in found]
    return replace(as_shipped(Units.of(units)), authority=CITY.authority)


def _heirs(unit: Unit, every: list[Unit], rng: Random) -> list[str]:
    last = unit.valid_to
    after = [
        u.id for u in every if last and u.kind == unit.kind and u.exists_on(last + timedelta(1))
    ]
    return rng.sample(after, min(len(after), rng.choice((0, 1, 1, 2))))


LINES = ("UBND PHƯỜNG TÂN ĐỊNH", "BHXH QUẬN 1", "BHXH CƠ SỞ SÀI GÒN", "Phường 1, Quận Tân Phú",
         "UBND Bến Nghé", "BHXH Tân Phú", "Kính gửi: Quận 1", "Q.1 - P.01")  # fmt: skip
WHERE = ("12 Hoa Sứ, P. Tân Định, Q.1", "Phường Bến Nghé", "P.1, Quận Tân Phú", "Phường Sài Gòn")


def test_offices_that_follow_each_other_are_told_apart_on_each_day_as_they_were():
    rng = Random(1931)
    lines: list[str] = []
    for _ in range(90):
        units = some_offices(rng)
        wrong = wrong_aliases(units, {"A": "Phường 1", "B, Quận 1": "Phường Sài Gòn"}, NOTHING_OLD)
        lines.append(
            f"{len(list(units))} {told([u.day for u in units.of_each_day()])} {told(wrong)}"
        )
        for day in (*DAYS, date(2026, 1, 1)):
            there = units.at(day)
            sheet = SheetText(Sheet("a", tuple((line,) for line in rng.sample(LINES, 2))))
            book = gazetteer_of(there, {}, NOTHING_OLD)
            heading = find_heading(lines_of(sheet, 1, 2), UnitNames.of(there))
            lines.append(
                f"  {day} {told(list(there))} {told(there.everybody)} {heading.best} "
                f"{mark(told(heading))} {mark([told(book.place(text)) for text in WHERE])} "
                + mark(
                    [
                        (told(there.heirs(u)), told(there.forebears(u)), there.is_gone(u),
                         there.is_there(u), told(there.children(u)), told(there.below(there[u])),
                         there.full_name(there[u]))
                        for u in units.by_id
                    ]
                )
            )  # fmt: skip

    is_as_recorded("small offices", lines)
