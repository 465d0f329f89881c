"""One cause gives one finding: a wrong folder, a Giảm row; and the code in Ghi chú."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.drops.facts import FilePart
from bhyt_filedrop.domain.drops.judgement import own_findings, sound_beside_faulty
from bhyt_filedrop.domain.findings import Finding, Severity, finding
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.lists.children import ListedChild, list_children
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.child_codes import split_code, write_code
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile import came_of, reconcile, remarks
from tests.grids import Built, build, forms, sound, units
from tests.reconciling import a_child, back

GAZETTEER = Gazetteer.of(units())
RETURN = HandOff(
    id="ward-return", name="Kết quả", sender="ward", receiver="parent", answers="ward-list",
    heading_unit="sender", place_of="sender",
)  # fmt: skip
CODE = write_code(Round(2015, 1), "7K3FQ")


def findings(built: Built, sender: str = "26740", **other: object) -> list[Finding]:
    context = Context(
        date(2015, 6, 5), units(), GAZETTEER, by_id(forms()), Round(2015, 1),
        sender=units()[sender], handoff=replace(RETURN, **other),
    )  # fmt: skip
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    return list(check(submission, context))


def form_4(**values: CellValue) -> Built:
    rows = {s: [sound("form-4", n, s) | values for n in ns] for s, ns in
            (("I", (1, 2, 3)), ("II", (4, 5)))}  # fmt: skip
    return build("form-4", rows)


OTHER_WARD = next(unit.id for unit in units() if unit.parent == "770")


def test_a_list_in_another_units_folder_is_told_once_by_its_heading() -> None:
    found = findings(form_4(), sender=OTHER_WARD)

    assert [one.code for one in found] == ["form.sender-wrong"]


def test_a_list_whose_children_all_live_elsewhere_is_told_once_by_the_folder() -> None:
    found = findings(form_4(), sender=OTHER_WARD, heading_unit="any")

    assert [one.code for one in found] == ["form.sender-wrong"]
    assert "Cả 5 trẻ đều ở ngoài địa bàn" in found[0].message


def test_a_single_child_who_lives_elsewhere_is_told_at_its_address() -> None:
    built = form_4().set(1, "address", "12 Lê Lợi, P. 5, Q. 3")

    (found,) = findings(built)

    assert (found.code, found.cell) == ("row.address-elsewhere", built.cell(1, "address"))


def giam(**values: CellValue) -> Built:
    joins, leaves = sound("d03-ts-1111", 1), sound("d03-ts-1111", 2) | values
    return build("d03-ts-1111", {"I": [joins], "II": [leaves]})


def test_a_row_of_giam_is_asked_nothing_of_its_own_and_told_once_by_where_it_stands() -> None:
    built = giam(card=None, birth_date="05/03/2004", address=None)
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    spec = next(form for form in forms() if form.id == submission.form)
    came = came_of(list_children(submission, spec, GAZETTEER))

    said = remarks(reconcile([one.child for one in came], came))

    assert findings(built) == []
    assert [one.finding.code for one in said] == ["list.child-unknown"]
    assert said[0].finding.cell == built.cell(1, "name")


def test_outside_a_return_every_row_is_asked() -> None:
    found = findings(giam(address=None), answers="")

    assert [one.code for one in found] == ["row.address-missing"]


# --- the code in Ghi chú ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "rest"),
    [
        (CODE, CODE, ""),
        (f"Chuyển đi; mã {CODE}.", CODE, "Chuyển đi; mã ."),
        (CODE.lower(), CODE, ""),
        ("15Q1-AAAAAA", "", "15Q1-AAAAAA"),
        ("Chuyển đi", "", "Chuyển đi"),
    ],
)
def test_a_code_is_found_in_a_text_by_its_check(text: str, code: str, rest: str) -> None:
    assert split_code(text) == (code, rest)


def listed(form: str, note: str) -> ListedChild:
    section = "I" if form in ("form-3", "form-4") else ""
    rows = [sound(form, 1, section) | {"note": note}]
    others = {"form-3": ("II", "III"), "form-4": ("II",)}.get(form, ())
    built = build(form, {section: rows, **{s: [] for s in others}} if section else rows)
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    spec = next(f for f in forms() if f.id == form)
    return list_children(submission, spec, GAZETTEER)[0]


@pytest.mark.parametrize("form", ["form-3", "form-4", "d03-ts-595"])
def test_a_code_in_ghi_chu_finds_a_child_who_got_another_name(form: str) -> None:
    came = listed(form, f"Mã đối chiếu {CODE}")
    sent = a_child("Phạm Quốc Tín", came.birth, "Hồ Thị Yến", code=CODE)

    result = reconcile([sent], [back(came, parent="")])
    without = reconcile([sent], [back(came, parent="", code="")])

    assert came.code == CODE
    assert [pair.how for pair in result.pairs] == ["code"]
    assert without.pairs == ()


def test_a_code_alone_is_no_reason_for_no_card() -> None:
    with_code = form_4().set(3, "note", CODE)
    with_reason = form_4().set(3, "note", f"{CODE} chuyển đi nơi khác")

    assert [one.code for one in findings(with_code)] == ["row.reason-missing"]
    assert findings(with_reason) == []


# --- an archive of a good and a bad half -----------------------------------------------------


def part(name: str, *, is_scan: bool = False) -> FilePart:
    return FilePart(name, "", "xlsx", is_scan=is_scan)


BAD = finding("row.address-missing", "Chưa ghi địa chỉ.", "Ghi.", file="mẫu 4.xlsx")
WARNED = replace(BAD, severity=Severity.WARNS, file="D03.xlsx")


def test_an_archive_that_goes_back_names_its_good_and_its_bad_half() -> None:
    parts = [part("mẫu 4.xlsx"), part("D03.xlsx"), part("ký.pdf", is_scan=True)]

    (said,) = sound_beside_faulty(parts, [BAD, WARNED])

    assert (said.code, said.severity) == ("file.returned-along", Severity.NOTES)
    assert said.message.startswith("“D03.xlsx” không có lỗi")
    assert "Chỉ cần sửa “mẫu 4.xlsx”" in said.remedy


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["mẫu 4.xlsx"], [BAD]),
        (["mẫu 4.xlsx", "D03.xlsx"], [WARNED]),
        (["mẫu 4.xlsx", "D03.xlsx"], [BAD, replace(BAD, file="D03.xlsx")]),
        (["mẫu 4.xlsx", "D03.xlsx"], [BAD, replace(BAD, file="")]),
    ],
    ids=["one file", "nothing wrong", "both wrong", "wrong as a whole"],
)
def test_otherwise_there_is_no_good_half_to_name(names: list[str], found: list[Finding]) -> None:
    assert sound_beside_faulty([part(name) for name in names], found) == ()


# --- a wrong form ----------------------------------------------------------------------------


def test_of_the_rows_of_a_wrong_form_nothing_is_said() -> None:
    joined = finding("row.continued", "Dòng viết tiếp.", "Không cần sửa.", file="a.xlsx")
    hidden = finding("form.hidden-rows", "Có dòng ẩn.", "Bỏ ẩn.", file="a.xlsx")
    wrong = finding("form.not-expected", "Không nhận mẫu này.", "Nộp đúng mẫu.", file="a.xlsx")
    beside = replace(joined, file="b.xlsx")

    assert own_findings([joined, hidden, beside], [wrong], None) == (hidden, beside, wrong)
    assert own_findings([joined], [], None) == (joined,)
