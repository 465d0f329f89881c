"""What a clerk is told of a reconciled return, and at which cell."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.findings import Finding, Severity, finding
from bhyt_filedrop.domain.reconcile import (
    can_reconcile,
    findings,
    join_findings,
    reconcile,
    remarks,
)
from bhyt_filedrop.domain.reconcile.said import requests_missing
from tests.reconciling import a_child, back

KHANG = a_child(code="M001")
HAN = a_child("Lê Ngọc Hân", "2014-11-20", "Phạm Thị Hương", code="M002")


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [one.code for one in found]


def test_a_return_in_which_everybody_came_back_is_not_spoken_of():
    came = [back(KHANG, "carded-now"), back(HAN, "uncarded")]

    assert findings(reconcile([KHANG, HAN], came)) == ()


def test_a_missing_child_is_named_and_stands_at_no_cell():
    (told,) = findings(reconcile([KHANG, HAN], [back(HAN)]))

    assert (told.code, told.severity) == ("list.child-missing", Severity.BLOCKS)
    assert (told.sheet, told.cell, told.row, told.value) == (None, None, None, KHANG.name)
    assert "“Nguyễn Minh Khang” (sinh 05/03/2014, mẹ (cha) Trần Thị Lan)" in told.message
    assert "đúng một danh sách" in told.remedy


def test_nobody_is_missing_while_lists_are_still_to_come():
    result = reconcile([KHANG, HAN], [back(HAN), back(HAN, "carded-now")])

    assert codes(findings(result, complete=False)) == ["list.child-in-two-lists"]


def test_a_stranger_is_told_at_its_name():
    stranger = back(a_child("Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến"))

    (told,) = findings(reconcile([], [stranger]))

    child = stranger.child
    assert (told.code, told.cell, told.row) == ("list.child-unknown", child.cell, child.row)
    assert (told.field, told.value) == ("name", child.name)
    assert "Xóa dòng này" in told.remedy


def test_a_likeness_is_named_on_both_sides_with_the_way_out():
    came = back(KHANG, code="", name="Nguyễn Hoàng Phúc")

    missing, unknown = findings(reconcile([KHANG], [came]))

    assert "có thể là “Nguyễn Hoàng Phúc” (sinh 05/03/2014" in missing.message
    assert f"dòng {came.child.row} trang “Danh sách”" in missing.message
    assert "có thể là “Nguyễn Minh Khang”" in unknown.message
    assert "Mã đối chiếu M001" in missing.remedy
    assert "Mã đối chiếu M001" in unknown.remedy


def test_a_list_sent_without_codes_offers_no_code_as_the_way_out():
    sent = a_child()

    told = findings(reconcile([sent], [back(sent, name="Nguyễn Hoàng Phúc")]))

    assert [one.code for one in told] == ["list.child-missing", "list.child-unknown"]
    assert not any("Mã đối chiếu" in one.remedy for one in told)


def test_a_row_without_a_name_is_no_stranger():
    """It has a finding of its own: row.name-missing."""
    rows = [back(KHANG, code="", name="", birth="", parent="")]

    assert codes(findings(reconcile([KHANG], rows))) == ["list.child-missing"]


def test_a_child_in_two_lists_is_told_where_it_stands_first():
    first, again = (back(KHANG, c, section=c) for c in ("carded-before", "carded-now"))

    (told,) = findings(reconcile([KHANG], [first, again]))

    assert (told.code, told.cell) == ("list.child-in-two-lists", again.child.cell)
    assert f"dòng {first.child.row} (danh sách trẻ đã được cấp thẻ từ trước)" in told.message


def test_a_child_in_two_files_is_told_in_which():
    first = back(KHANG, "carded-before", "0", "Mẫu 4.xlsx")
    again = back(KHANG, "carded-now", "1", "D03.xlsx")

    (told,) = remarks(reconcile([KHANG], [first, again]))

    assert told.source == "1"
    assert "trang “Danh sách” của tệp “Mẫu 4.xlsx”" in told.finding.message


def test_a_child_twice_in_one_list_of_one_file_is_a_repeated_row():
    rows = [back(KHANG), back(KHANG)]

    assert codes(findings(reconcile([KHANG], rows))) == ["row.repeated"]


def test_a_child_in_a_section_outside_the_three_lists_is_told_there():
    """D03-TS section II lists those who leave, which is no answer."""
    leaving = back(KHANG, "", section="II")

    (told,) = findings(reconcile([KHANG, HAN], [leaving, back(HAN, "carded-now")]))

    assert (told.code, told.cell) == ("list.child-unknown", leaving.child.cell)


# --- changed, named --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sent", "came", "column", "field", "shown"),
    [
        ("name", "Nguyễn Minh Khang", "Nguyễn Minh Khan", "B", "name", "“Nguyễn Minh Khan”"),
        ("name", "Nguyễn Minh Khang", "Nguyen Minh Khang", "B", "name", "“Nguyen Minh Khang”"),
        ("birth", "2014-03-05", "2014-05-03", "D", "birth_date", "“03/05/2014”"),
        ("parent", "Trần Thị Lan", "Võ Văn Tám", "I", "parent", "“Võ Văn Tám”"),
    ],
)
def test_what_really_changed_is_shown_at_its_cell(
    value: str, sent: str, came: str, column: str, field: str, shown: str
):
    row = back(KHANG, **{value: came})

    (told,) = findings(reconcile([a_child(code="M001", **{value: sent})], [row]))

    assert (told.code, told.severity) == ("list.child-changed", Severity.WARNS)
    assert (told.cell, told.field) == (f"{column}{row.child.row}", field)
    assert shown in told.message
    assert told.message.count("“") == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "NGUYỄN MINH KHANG"},
        {"parent": "TRẦN THỊ LAN"},
        {"parent": ""},
        {"birth": "2014"},
        {"sex": "nam"},
        {"address": "ở đâu đó"},
    ],
)
def test_case_or_what_one_side_does_not_tell_is_no_change(changes: dict[str, str]):
    assert findings(reconcile([KHANG], [back(KHANG, **changes)])) == ()


def test_a_tone_elsewhere_in_the_word_is_no_change():
    child = a_child("Lê Thị Thúy Hòa")

    assert findings(reconcile([child], [back(child, name="Lê Thị Thuý Hoà")])) == ()


def test_a_birth_told_more_fully_is_no_change():
    child = a_child(birth="2014")

    assert findings(reconcile([child], [back(child, birth="2014-03-05")])) == ()


@pytest.mark.parametrize("name", ["Con bà Trần Thị Lan", "TRẦN THỊ LAN", "Bé trai"])
def test_a_newborn_that_got_a_name_is_noted(name: str):
    newborn = a_child(name)
    row = back(newborn, name="Lê Gia Bảo")

    (told,) = findings(reconcile([newborn], [row]))

    assert (told.code, told.severity) == ("list.child-named", Severity.NOTES)
    assert told.cell == row.child.cell
    assert f"“{name}”" in told.message


def test_a_placeholder_in_another_manner_is_nothing():
    newborn = a_child("CB Trần Thị Lan")

    assert findings(reconcile([newborn], [back(newborn, name="Con bà Trần Thị Lan")])) == ()


def test_a_name_lost_for_a_placeholder_is_a_change():
    row = back(KHANG, code="", name="Con bà Trần Thị Lan")

    assert codes(findings(reconcile([KHANG], [row]))) == ["list.child-changed"]


def test_a_child_that_the_list_sent_twice_is_missing_once():
    again = a_child("NGUYỄN MINH KHANG", code="M077")

    assert codes(findings(reconcile([KHANG, again], []))) == ["list.child-missing"]


def test_two_nameless_twins_are_missing_twice():
    twins = [a_child("Con bà Trần Thị Lan"), a_child("Con bà Trần Thị Lan")]

    assert codes(findings(reconcile(twins, []))) == ["list.child-missing"] * 2


# --- beside the other checks -----------------------------------------------------------------


def test_what_the_files_own_checks_said_is_not_said_again():
    rows = [back(KHANG), back(KHANG)]
    (told,) = found = findings(reconcile([KHANG], rows))
    own = (finding("row.repeated", "…", "…", sheet=told.sheet, cell=told.cell, row=told.row),)

    assert join_findings(own, found) == own
    assert join_findings((), found) == found


def test_a_value_that_is_wrong_in_itself_is_not_also_another_than_was_sent():
    (told,) = found = findings(reconcile([KHANG], [back(KHANG, birth="2055-01-15")]))
    place = {"sheet": told.sheet, "cell": told.cell, "row": told.row}
    wrong = finding("row.birth-date-future", "…", "…", **place)
    doubtful = finding("row.birth-date-incomplete", "…", "…", **place)

    assert told.code == "list.child-changed"
    assert join_findings([wrong], found) == (wrong,)
    assert join_findings([doubtful], found) == (doubtful, told)


def test_two_missing_children_are_both_told():
    found = findings(reconcile([KHANG, HAN], []))

    assert join_findings(found[:1], found[1:]) == found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("file.damaged", False),
        ("form.column-missing", False),
        ("form.total-wrong", True),
        ("row.name-missing", True),
    ],
)
def test_a_file_that_cannot_be_read_for_what_it_is_makes_nobody_missing(code: str, expected: bool):
    assert can_reconcile([finding(code, "…", "…")]) is expected


# --- columns that came apart ------------------------------------------------------------------

TIN = a_child("Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến", code="M003")
ALL = [KHANG, HAN, TIN]


def apart_rows(found: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in found if one.code in ("list.columns-apart", "list.code-of-another")]


def test_a_row_with_the_code_of_another_child_is_told_and_goes_on():
    wrong = back(HAN, "uncarded", code=KHANG.code)

    (told,) = findings(reconcile(ALL, [back(KHANG, code=""), wrong, back(TIN)]))

    assert (told.code, told.severity) == ("list.code-of-another", Severity.WARNS)
    assert (told.row, told.cell) == (wrong.child.row, wrong.child.cell)
    assert KHANG.name in told.message and HAN.name in told.message
    assert f"Mã của trẻ này là {HAN.code}" in told.message


def test_codes_that_stayed_while_the_children_were_sorted_block_and_say_so():
    rows = [back(HAN, code="M001"), back(TIN, code="M002"), back(KHANG, code="M003")]

    whole, *each = findings(reconcile(ALL, rows))

    assert (whole.code, whole.severity) == ("list.columns-apart", Severity.BLOCKS)
    assert "có vẻ chỉ một số cột được sắp xếp" in whole.message
    assert [one.row for one in each] == [row.child.row for row in rows]
    assert codes(tuple(each)) == ["list.code-of-another"] * 3


@pytest.mark.parametrize("column", ["name", "birth", "parent"])
def test_one_column_permuted_among_the_children_sent_blocks(column: str):
    values = [getattr(child, column) for child in (HAN, TIN, KHANG)]
    rows = [back(child, **{column: value}) for child, value in zip(ALL, values, strict=True)]

    whole = findings(reconcile(ALL, rows))
    found = apart_rows(whole)

    assert [(one.code, one.severity) for one in found] == [("list.columns-apart", Severity.BLOCKS)]
    assert {one.code for one in whole} <= {"list.columns-apart", "list.child-changed"}, "one cause"
    assert all(str(row.child.row) in found[0].message for row in rows)


def test_names_and_codes_that_were_sorted_without_births_and_parents_block_and_say_so():
    rows = [
        back(child, name=other.name, code=other.code)
        for child, other in zip(ALL, (HAN, TIN, KHANG), strict=True)
    ]

    assert "list.columns-apart" in codes(findings(reconcile(ALL, rows)))


def test_a_child_that_is_missing_besides_is_told_beside_columns_that_came_apart():
    more = a_child("Phan Gia Lộc", "2013-02-02", "Võ Thị Út", code="M004")
    names = [child.name for child in (HAN, TIN, KHANG)]
    rows = [back(child, name=name, code="") for child, name in zip(ALL, names, strict=True)]

    found = findings(reconcile([*ALL, more], rows))

    assert codes(found) == ["list.child-missing", "list.columns-apart"]
    assert more.name in found[0].message


def test_corrections_of_several_children_are_no_columns_apart():
    rows = [
        back(KHANG, name="Nguyễn Minh Khương"),
        back(HAN, birth="2014-11-21"),
        back(TIN, parent="Đỗ Văn Hải"),
    ]

    assert codes(findings(reconcile(ALL, rows))) == ["list.child-changed"] * 3


def test_twins_who_got_their_names_are_no_columns_apart():
    one = a_child("Con bà Lan 1", code="M001")
    two = a_child("Con bà Lan 2", code="M002")
    rows = [back(two, name="Nguyễn Gia An"), back(one, name="Nguyễn Gia Bình")]

    assert apart_rows(findings(reconcile([one, two], rows))) == []


def test_a_child_that_the_list_sent_twice_may_bear_either_code():
    again = a_child(code="M009")

    assert apart_rows(findings(reconcile([KHANG, again], [back(KHANG, code="M009")]))) == []


def test_codes_of_others_in_two_files_are_two_slips():
    rows = [back(HAN, code="M001", source="a"), back(KHANG, code="M002", source="b"), back(TIN)]

    found = apart_rows(findings(reconcile(ALL, rows)))

    assert codes(tuple(found)) == ["list.code-of-another"] * 2


@pytest.mark.parametrize("here", [True, False])
def test_a_card_that_is_waited_for_and_not_asked_for_is_told_at_its_row_or_of_the_whole(here: bool):
    """The kit may have come before: then the row is in another file."""
    row = back(a_child(), "carded-now", "" if here else "D1", status="Đang làm thủ tục", card="")
    (one,) = requests_missing([row], ("",))

    assert one.finding.code == "list.card-not-asked-for"
    assert one.source == ("" if here else None)
    assert one.finding.cell == (row.child.cell if here else None)
    assert one.finding.value == row.child.name


FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Lý")


@pytest.mark.parametrize(("many", "rest"), [(10, ""), (11, " và 1 dòng khác"), (12, " và 2 dòng")])
def test_of_columns_that_came_apart_ten_rows_are_named_and_the_others_counted(many: int, rest: str):
    sent = [
        a_child(f"{family} Gia {family}", f"2014-{n + 1:02}-07", f"{family} Thị Út", code=f"M{n}")
        for n, family in enumerate(FAMILIES[:many])
    ]
    rows = [back(child, code=sent[n - 1].code) for n, child in enumerate(sent)]
    whole, *_ = findings(reconcile(sent, rows))
    named = ", ".join(str(row.child.row) for row in rows[:10])

    assert whole.code == "list.columns-apart"
    assert f"Ở {many} dòng ({named}{rest}" in whole.message
    assert ("dòng khác" in whole.message) is (many > 10)
    assert whole.row == rows[0].child.row
