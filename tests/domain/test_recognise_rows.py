"""Every child's row is a child, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Range, Sheet, Workbook
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from tests.grids import Built, build, child, forms, sound, units


def read(built: Built) -> Recognition:
    return recognise(built.workbook, forms(), units())


def rows_of(built: Built) -> list[int]:
    return [row.row for s in read(built).submissions for row in s.rows]


def three() -> Built:
    return build("form-1", [sound("form-1", n) for n in (1, 2, 3)])


def inserted(built: Built, row: int, cells: tuple[CellValue, ...]) -> Built:
    """Put a row above a 1-based row of the table, pushing down what follows."""
    rows = list(built.sheet.rows)
    rows.insert(row - 1, cells)
    moved = tuple(r + 1 if r >= row else r for r in built.rows)
    sheet = replace(built.sheet, rows=tuple(rows))
    return replace(built, sheet=sheet, rows=moved, after=built.after + 1)


def test_signatures_date_and_signers_are_no_children() -> None:
    assert rows_of(three()) == list(three().rows)


@pytest.mark.parametrize(
    "line",
    [
        (None, "Tổng cộng", None, 3.0),
        ("Tổng cộng: 3 trẻ",),
        (None, "Cộng", "3"),
        (None, "Phường Bến Nghé"),
        ("Quận 1",),
        (None, "Ghi chú: X là bé gái"),
        ("4", None, None),
        tuple(float(n) for n in range(1, 13)),
        ("STT", "HOTEN", "MASO", "NGAYSINH", "NU", "MATINH", "MABV", "TENBV", "HOTENME", "CMND"),
        ("stt", "ho_ten", "ma_so", "ngay_sinh", "gioi_tinh", "ma_tinh", "ma_bv", "ten_bv"),
        ("STT", "Họ và tên", "Mã số", "Ngày tháng năm sinh", "Nữ", "Tỉnh", "Mã BV"),
    ],
    ids=lambda line: str(next(v for v in line if v)),
)
@pytest.mark.parametrize("where", [0, 2])
def test_a_line_that_tells_of_no_child_is_passed_over(
    line: tuple[CellValue, ...], where: int
) -> None:
    built = three()
    built = inserted(built, built.rows[where], line)

    assert rows_of(built) == list(built.rows)


@pytest.mark.parametrize(
    "words",
    [
        "Cộng trang 1",
        "CỘNG TRANG",
        "Cộng mang sang",
        "Mang sang trang sau",
        "Lũy kế",
        "Luỹ kế",
        "Hết danh sách",
        "Toàn phường: 4",
        "Kèm theo bản sao giấy khai sinh",
        "Danh sách trên đúng thực tế",
        "Cán bộ phụ trách",
    ],
)
@pytest.mark.parametrize("where", [1, 3])
def test_a_line_of_words_under_a_child_is_no_child(words: str, where: int) -> None:
    built = three()
    row = built.rows[where] if where < 3 else built.rows[-1] + 1
    cells = (None,) * (built.columns["name"] - 1) + (words,)
    before = list(built.rows)
    built = inserted(built, row, cells)

    assert rows_of(built) == (list(built.rows) if where < 3 else before)


def test_a_name_alone_under_a_child_is_still_asked_about() -> None:
    """Công is a family name, Cộng is none."""
    built = three()
    cells = (None,) * (built.columns["name"] - 1) + ("Công Thị Hoa",)
    row = built.rows[1]
    built = inserted(built, row, cells)

    assert row in rows_of(built)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("II", "Trẻ được cấp thẻ kỳ này"),
        ("III", "Trẻ chưa có thẻ"),
        ("III", "Trẻ không xác minh được"),
        ("I", "Trẻ đã có thẻ BHYT trước đây"),
    ],
)
def test_the_mark_names_the_section_whose_heading_has_other_words(mark: str, words: str) -> None:
    built = build("form-3", [sound("form-3", 1, "I"), sound("form-3", 2, "II")])
    last = built.rows[-1]
    built = inserted(built, last, (mark, words))

    assert read(built).submissions[0].rows[-1].section == mark


def put(built: Built, index: int, name: str, value: CellValue) -> Built:
    rows = list(built.sheet.rows)
    cells = list(rows[built.rows[index] - 1])
    cells[built.columns[name] - 1] = value
    rows[built.rows[index] - 1] = tuple(cells)
    return built.with_sheet(rows=tuple(rows))


def said(built: Built, name: str) -> list[str]:
    return [row[name].text for row in read(built).submissions[0].rows]


@pytest.mark.parametrize(
    "mark",
    ['"', "nt", "-nt-", "Nt.", "như trên", "〃", "//", "NHƯ TRÊN", "“ ”", "' '", "”  ”"],
)
@pytest.mark.parametrize("name", ["parent", "address", "birth_date"])
def test_a_ditto_mark_says_what_stands_above_it(mark: str, name: str) -> None:
    built = put(put(three(), 1, name, mark), 2, name, mark)
    first = said(three(), name)[0]

    assert said(built, name) == [first, first, first]


def test_a_ditto_mark_with_nothing_above_it_is_nobodys_mother() -> None:
    assert said(put(three(), 0, "parent", "nt"), "parent")[0] == ""


@pytest.mark.parametrize("name", ["parent", "birth_date"])
def test_cells_merged_over_the_rows_of_twins_hold_for_each_of_them(name: str) -> None:
    built = put(three(), 1, name, None)
    column, first, second = built.columns[name], built.rows[0], built.rows[1]
    merges = (*built.sheet.merges, Range(first, column, second, column))
    merged = built.with_sheet(merges=merges)

    assert said(merged, name)[1] == said(three(), name)[0]
    assert said(built, name)[1] == "", "without a merge it is missing"
    values = [row[name].raw for row in read(merged).submissions[0].rows]
    assert values[0] == values[1]


def test_children_after_a_page_break_with_a_second_header_are_read_on() -> None:
    built = build("form-1", [sound("form-1", n) for n in range(1, 7)])
    header = built.sheet.rows[built.header_row - 1 : built.header_row + 2]
    for cells in header:
        built = inserted(built, built.rows[3], cells)
    built = built.with_sheet(merges=())

    found = read(built)

    assert [row.row for row in found.submissions[0].rows] == list(built.rows)
    assert len(found.submissions[0].tables) == 1
    assert found.findings == ()


def test_children_after_a_page_break_are_read_on_though_only_three_headings_were_repeated() -> None:
    built = build("form-2", [sound("form-2", n) for n in range(1, 7)])
    kept = {built.columns[name] for name in ("number", "name", "birth_date")}
    head = built.sheet.rows[built.header_row - 1]
    cells = tuple(text if n in kept else None for n, text in enumerate(head, start=1))
    built = inserted(built, built.rows[3], cells).with_sheet(merges=())

    assert rows_of(built) == list(built.rows)


def test_a_section_goes_on_after_a_page_break() -> None:
    built = build("form-4", {"I": [], "II": [sound("form-4", n, "II") for n in range(1, 5)]})
    header = built.sheet.rows[built.header_row - 1 : built.header_row + 2]
    for cells in header:
        built = inserted(built, built.rows[2], cells)

    (submission,) = read(built.with_sheet(merges=())).submissions

    assert [row.section for row in submission.rows] == ["II"] * 4


def test_a_child_below_the_signatures_is_not_lost() -> None:
    built = three()
    last = dict(sound("form-1", 9), number="4")
    row = built.after + 6
    for name, column in built.columns.items():
        built = built.put(row, column, last.get(name))

    assert rows_of(built) == [*built.rows, row]


@pytest.mark.parametrize(
    ("kept", "is_child"),
    [
        ({"number", "name", "birth_date", "address"}, True),
        ({"number", "name", "birth_date"}, False),
        ({"name", "birth_date", "parent", "address", "note"}, True),
        ({"name", "birth_date", "parent", "address"}, False),
        ({"name", "birth_date", "sex", "note", "province"}, False),
    ],
    ids=lambda kept: "+".join(sorted(kept)) if isinstance(kept, set) else str(kept),
)
def test_below_the_signatures_only_a_row_that_says_much_is_a_child(
    kept: set[str], is_child: bool
) -> None:
    """A signer has a name and a day, too; a child has a number, or more cells than four."""
    built = three()
    last = dict(sound("form-1", 9), number="4", note="Mới sinh")
    row = built.after + 6
    for name in kept:
        built = built.put(row, built.columns[name], last[name])

    assert rows_of(built) == [*built.rows, *([row] if is_child else [])]


def test_a_row_of_machine_names_needs_three_of_them_to_be_none_of_the_children() -> None:
    """A card, a mark and a code of a hospital are capitals and digits too."""
    line = {"name": "LAN", "card": "TE1790000000001", "sex": "X", "facility": "K01"}
    line |= {"facility_name": "BVNDI", "note": "TK"}
    names = {"number": "ID", "name": "FLA", "sex": "FX", "card": "F1B", "address": "FLC"}
    found = []
    for values in (line, names):
        built = three()
        row = built.rows[1]
        cells = {built.columns[name]: value for name, value in values.items()}
        built = inserted(built, row, tuple(cells.get(n) for n in range(1, 13)))
        found.append(row in rows_of(built))

    assert found == [True, False]


def test_a_child_below_a_total_is_not_lost() -> None:
    built = three()
    built = inserted(built, built.rows[2], (None, "Cộng", None, None))

    assert rows_of(built) == list(built.rows)


@pytest.mark.parametrize(
    "kept",
    [
        {"number", "name"},
        {"number", "birth_date", "address"},
        {"name", "birth_date"},
        {"birth_date", "parent", "address"},
        {"number", "card"},
    ],
    ids=lambda kept: "+".join(sorted(kept)),
)
def test_a_row_with_little_in_it_is_still_a_child(kept: set[str]) -> None:
    built = three()
    for name in built.columns:
        if name not in kept:
            built = built.set(1, name, None)

    assert rows_of(built) == list(built.rows)


def test_a_name_alone_right_under_a_child_is_a_child_someone_began() -> None:
    built = three()
    for name in built.columns:
        if name != "name":
            built = built.set(2, name, None)

    assert rows_of(built) == list(built.rows)


def test_a_family_name_that_looks_like_a_total_is_a_child() -> None:
    built = three().set(1, "name", "Tống Cộng Hòa").set(1, "number", None)

    assert rows_of(built) == list(built.rows)


def test_numbered_lines_that_were_never_filled_in_are_no_children() -> None:
    built = build("form-1", [sound("form-1", 1), {}, {}, {}])

    assert rows_of(built) == [built.rows[0]]


def test_a_cell_in_error_still_makes_a_row_a_child() -> None:
    built = three().set(1, "name", ErrorValue("#REF!"))

    (submission,) = read(built).submissions

    assert [row.row for row in submission.rows] == list(built.rows)
    assert submission.rows[1]["name"].text == "#REF!"


@pytest.mark.parametrize(
    ("mark", "heading"),
    [
        ("I", "Trẻ em dưới 6 tuổi đã cấp thẻ BHYT từ trước"),
        ("I.", "TRẺ EM DƯỚI 6 TUỔI ĐÃ ĐƯỢC CẤP THẺ BHYT TỪ TRƯỚC"),
        (None, "I. Tre em duoi 6 tuoi da cap the BHYT tu truoc"),
        ("I/ Trẻ em đã cấp thẻ BHYT từ trước", None),
        ("I", None),
    ],
)
def test_a_section_heading_is_known_by_its_words_or_its_mark(
    mark: str | None, heading: str | None
) -> None:
    built = build("form-4")
    built = built.put(built.section_rows["I"], 1, mark).put(built.section_rows["I"], 2, heading)

    found = read(built)

    assert found.findings == ()
    assert [row.section for row in found.submissions[0].rows] == ["I", "II"]


def test_a_merged_section_heading_with_its_count_is_known() -> None:
    built = build("form-3")
    row = built.section_rows["II"]
    built = built.put(row, 1, "II. Trẻ em dưới 6 tuổi được cấp thẻ BHYT đợt này").put(row, 2, None)
    built = built.put(row, 12, 1.0)
    built = built.with_sheet(merges=(*built.sheet.merges, Range(row, 1, row, 11)))

    (submission,) = read(built).submissions

    assert [r.section for r in submission.rows] == ["I", "II", "III"]


def test_sub_headings_of_d03_belong_to_their_section() -> None:
    built = build("d03-ts-490", {"I": [sound("d03-ts-490", 1)], "II": [sound("d03-ts-490", 2)]})
    built = inserted(built, built.rows[0], ("I.1", "Người tham gia"))
    built = inserted(built, built.rows[1], (None, "Cộng tăng"))
    built = inserted(built, built.rows[1], ("II.1", "Người tham gia"))

    (submission,) = read(built).submissions

    assert [row.section for row in submission.rows] == ["I", "II"]


def test_a_note_about_cards_does_not_end_a_section() -> None:
    rows = [sound("form-4", 1, "II"), {"name": "Lê Thị Hoa", "note": "Trẻ đã cấp thẻ ở tỉnh khác"}]
    built = build("form-4", {"I": [], "II": rows})
    built = built.set(1, "number", None).set(1, "birth_date", "01/02/2014")

    (submission,) = read(built).submissions

    assert [row.section for row in submission.rows] == ["II", "II"]


def test_a_list_without_the_first_heading_keeps_its_rows() -> None:
    built = build("form-4", [child(1), child(2)])

    (submission,) = read(built).submissions

    assert [row.section for row in submission.rows] == ["", ""]


def test_a_title_that_names_one_section_stands_for_its_heading() -> None:
    titles = ("UBND PHƯỜNG BẾN NGHÉ", "DANH SÁCH TRẺ EM KHÔNG ĐỦ CƠ SỞ CẤP THẺ BHYT", "Đợt 1/2015")
    built = build("form-4", [sound("form-4", 1, "II")], titles=titles)

    found = read(built)

    assert found.findings == ()
    assert [row.section for row in found.submissions[0].rows] == ["II"]


def test_phantom_rows_cost_nothing() -> None:
    built = three()
    sheet = replace(built.sheet, rows=built.sheet.rows + ((None,) * 12,) * 5000)

    found = recognise(Workbook("xls", (sheet,)), forms(), units())

    assert len(found.submissions[0].rows) == 3


def test_an_empty_sheet_beside_the_list_is_no_matter() -> None:
    empty = Sheet("Sheet3", ((None, " "), ()))

    found = recognise(Workbook("xls", (three().sheet, empty)), forms(), units())

    assert found.findings == ()
