"""Letters as values: keys, JSON and what is cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.letters import letter as letters
from bhyt_filedrop.domain.letters.letter import Arrival, Attachment, Letter
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import templates_dir
from tests.cities import as_shipped
from tests.offices import UNITS, moment

ARRIVAL = Arrival(
    "d-1",
    "760",
    "BHXH Quận 1",
    "mẫu 3\r\nBcc: a@b.vn.xlsx",
    moment(6, 20, 9, 5),
    "Kết quả của quận, huyện",
    "Đợt 1 năm 2015",
    False,
    "trước ngày 25/06/2015",
    12,
)


def a_finding(code="row.name-missing", cell="B9"):
    return finding(
        code, "Thiếu họ tên.", "Ghi họ tên.", sheet="Mẫu 3", cell=cell, row=9, value="Nguyễn"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.text(max_size=20),
    st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    st.lists(st.builds(Attachment, st.text(max_size=9), st.text(max_size=9)), max_size=2),
)
@settings(max_examples=60)
def test_a_letter_comes_back_from_the_ledger_as_it_was_stored(key, context, files):
    letter = Letter(key, "notice", "thu", context, tuple(files))

    assert Letter.from_json(letter.to_json()) == letter


def test_every_letter_about_a_drop_survives_storing_and_has_its_own_key():
    found = [a_finding()]
    all_of_them = [
        letters.receipt(ARRIVAL, found, delivered_to=["Phòng Thu"]),
        letters.returned(ARRIVAL, found, folder="Trả lại", attachment=Attachment("a.xlsx", "00")),
        letters.delivered(ARRIVAL, "thu", folder="Đến", stored_name="a.xlsx"),
        letters.delivered(ARRIVAL, "board", folder="Đến", stored_name="a.xlsx"),
        letters.held(ARRIVAL, ["D03-TS"]),
        letters.set_aside(ARRIVAL, "cntt", reason="đĩa đầy", attempts=3),
        letters.notice("config/1", "cntt", "Cấu hình bị từ chối", ["Dòng 1"]),
    ]

    assert len({one.key for one in all_of_them}) == len(all_of_them)
    for one in all_of_them:
        assert Letter.from_json(one.to_json()) == one
        assert (templates_dir() / "mail" / f"{one.kind}.txt.j2").is_file()


def test_the_offending_value_stays_out_of_letters_and_names_are_one_line():
    letter = letters.returned(ARRIVAL, [a_finding()], folder="Trả lại")

    assert "Nguyễn" not in letter.to_json()
    assert letter.context["file_name"] == "mẫu 3 Bcc: a@b.vn.xlsx"
    assert letter.context["received_at"] == "09:05 ngày 20/06/2015"


def test_a_letter_shows_what_blocks_first_and_at_most_fifty():
    found = [a_finding("row.number-gap", f"A{n}") for n in range(60)] + [a_finding()]

    context = letters.findings_context(found)

    assert len(context["findings"]) == 50
    assert context["findings"][0]["code"] == "row.name-missing"
    assert context["findings_total"] == 61
    assert context["counts"] == {"blocks": 1, "warns": 60, "notes": 0}


def test_which_file_of_an_archive_to_correct_is_not_cut_off_below_its_faults():
    kept = a_finding(letters.ALONG)
    found = [a_finding("row.name-missing", f"A{n}") for n in range(60)]

    context = letters.findings_context([*found, kept])

    assert context["along"] == f"{kept.message} {kept.remedy}"
    assert context["findings_total"] == 60
    assert letters.findings_context(found)["along"] == ""


def test_units_are_addressed_as_offices_and_a_full_name_is_left_alone():
    commune = Unit("1", "BHXH cơ sở Sài Gòn", "district")

    assert letters.addressed(UNITS["760"], UNITS) == "BHXH Quận 1"
    assert letters.addressed(UNITS["26740"], UNITS) == "UBND Phường Bến Nghé, Quận 1"
    assert letters.addressed(UNITS["thu"], UNITS) == "Phòng Thu"
    assert letters.addressed(commune, as_shipped(Units.of([commune]))) == "BHXH cơ sở Sài Gòn"
