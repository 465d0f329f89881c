"""Cost lists as hospital programs export them: a row of machine names, no title, no number row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Sheet, Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from tests.grids import forms, units

HEADER = (
    "stt", "hoten", "namsinhnam", "namsinhnu", "mathebhyt", "madkbd", "mabenh", "ngayvao",
    "ngayra", "songay", "tongcong", "xetnghiem", "cdha", "thuoc", "mau", "ttpt", "vtyt", "dvkt",
    "thuoctyle", "vtyttyle", "tienkham", "vanchuyen", "bntra", "bhyttra", "ngoaids", "lydo",
    "benhkhac", "noikcb", "khoa", "namquyettoan", "thangquyettoan", "giatritu", "giatriden",
    "diachi", "mabn",
)  # fmt: skip


def section(mark: str, words: str = "") -> tuple[CellValue, ...]:
    """A row of a section: its mark, noughts in every other column."""
    return (mark, words or 0.0, *(0.0,) * (len(HEADER) - 2))


def visit(number: int, name: str) -> tuple[CellValue, ...]:
    costs = (55000.0, 20000.0, 0.0, 35000.0, *(0.0,) * 8)
    return (
        float(number), name, "05/03/2013", None, None, None, "J06", "14/02/2015", "14/02/2015", 1.0,
        *costs, 0.0, 55000.0, 0.0, None, None, "79901", "K01", 2015.0, 2.0, "05/03/2013",
        "30/09/2019", "270 Sông Êm, P. Bến Nghé, Q.1", "BN01",
    )  # fmt: skip


def export(*rows: tuple[CellValue, ...], header: tuple[str, ...] = HEADER) -> Workbook:
    return Workbook("xls", (Sheet("Sheet1", (header, *rows)),))


def read(workbook: Workbook) -> Recognition:
    return recognise(workbook, forms(), units())


def family(form: str) -> str:
    return next(f for f in forms() if f.id == form).family


@pytest.mark.parametrize(
    "typed", [str, str.upper, str.title], ids=["small", "capitals", "first letters"]
)
@pytest.mark.parametrize("words", ["", "Bệnh nhân nội tỉnh KCB ban đầu"])
def test_an_export_is_a_cost_list_with_its_sections_and_lacks_but_the_round(
    typed: Callable[[str], str], words: str
) -> None:
    rows = (
        section("A", words), visit(1, "hồ thiên quân"), visit(2, "lê gia an"),
        section("B", words and "Bệnh nhân nội tỉnh đến"), visit(1, "võ thảo hoa"),
        section("C", words and "Bệnh nhân ngoại tỉnh đến"),
    )  # fmt: skip

    found = read(export(*rows, header=tuple(map(typed, HEADER))))

    (submission,) = found.submissions
    assert family(submission.form) == "cost-list"
    assert [row.section for row in submission.rows] == ["A", "A", "B"]
    assert found.findings == ()
    context = Context(
        date(2015, 5, 6), units(), Gazetteer.of(units()), by_id(forms()), Round(2015, 1)
    )
    assert [one.code for one in check(submission, context)] == ["form.round-missing"]


def test_all_that_is_known_of_a_visit_is_read_from_the_export() -> None:
    (submission,) = read(export(section("A"), visit(1, "hồ thiên quân"))).submissions
    (row,) = submission.rows

    assert (row["name"].text, row["birth_year_male"].text) == ("hồ thiên quân", "05/03/2013")
    assert (row["date_in"].text, row["date_out"].text) == ("14/02/2015", "14/02/2015")
    assert [row[name].raw for name in ("cost_total", "cost_patient", "cost_insurance")] == [
        55000.0, 0.0, 55000.0,
    ]  # fmt: skip
    assert (row["valid_from"].text, row["valid_to"].text) == ("05/03/2013", "30/09/2019")
    assert row["address"].text == "270 Sông Êm, P. Bến Nghé, Q.1"


def test_an_export_that_lacks_most_hears_which_form_is_nearest_and_what_it_lacks() -> None:
    few = ("stt", "hoten", "namsinhnam", "namsinhnu", "mabenh", "ngayvao", "ngayra", "tongcong")
    row = (1.0, "hồ thiên quân", "2013", None, "J06", "14/02/2015", "14/02/2015", 5.0)

    (said,) = read(export(row, header=few)).findings

    assert said.code == "form.unrecognised"
    assert "C79a" in said.message or "C80a" in said.message
    assert "“Người bệnh chi trả”" in said.message


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.id)
def test_every_heading_is_also_known_in_one_word(form: FormSpec) -> None:
    from bhyt_filedrop.domain.forms.compiled import compile_form

    headers = compile_form(form).headers

    assert all(header.replace(" ", "") in headers for header in headers)
