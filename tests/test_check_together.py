"""`check --against FILE --together` on real workbooks: a ward's three lists, a district's one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bhyt_filedrop import resources
from bhyt_filedrop.commands.check import check
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children

ROUND = Round(2015, 1)
D03 = "d03-ts-1111"
Sections = Mapping[str, Sequence[InventedChild]]


@pytest.fixture(scope="module")
def units() -> Units:
    return load(resources.config_dir()).units


@dataclass
class Ward:
    """A ward with six children, and its lists as files."""

    folder: Path
    units: Units
    unit: Unit
    kids: list[InventedChild]

    @property
    def sent(self) -> Path:
        """The list that it was sent."""
        return self.write("form-2", {"": self.kids}, "đã gửi.xlsx")

    def write(self, form: str, sections: Sections, name: str = "", kit: bool = False) -> Path:
        path = self.folder / (name or f"{form}.xlsx")
        write_list(path, list_of(form, ROUND, self.unit, self.units, sections, kit=kit), self.units)
        return path

    def form_4(
        self, before: Sequence[InventedChild], uncarded: Sequence[InventedChild], **more: Any
    ) -> Path:
        return self.write("form-4", {"I": before, "II": uncarded}, **more)

    def d03(self, joining: Sequence[InventedChild], **more: Any) -> Path:
        return self.write(D03, {"I": joining}, **more)


@pytest.fixture
def ward(tmp_path: Path, units: Units) -> Ward:
    unit = units["26740"]
    return Ward(tmp_path, units, unit, children(units, 6, round=ROUND, wards=[unit]))


@dataclass
class Answer:
    """What the command said."""

    code: int
    files: list[dict[str, Any]]

    @property
    def verdicts(self) -> list[str]:
        return [one["verdict"] for one in self.files]

    def lists(self) -> list[tuple[int, str, str | None, str | None]]:
        """Every `list.*` finding: which file, code, cell, value."""
        return [
            (n, f["code"], f["cell"], f["value"])
            for n, file in enumerate(self.files)
            for f in file["findings"]
            if f["code"].startswith("list.")
        ]


def ask(*arguments: object) -> Answer:
    words = [*map(str, arguments), "--round", str(ROUND), "--today", "2015-06-10", "--json"]
    ran = CliRunner().invoke(check, words, standalone_mode=False)
    assert ran.exception is None, ran.output
    return Answer(
        int(ran.return_value or 0), [json.loads(line) for line in ran.output.splitlines()]
    )


def test_a_wards_lists_that_hold_every_child_once_are_accepted(ward: Ward):
    a, b, c, d, e, f = ward.kids
    four, joining = ward.form_4([a, b], [c]), ward.d03([d, e, f])

    answer = ask(four, joining, "--together", "--against", ward.sent)

    assert (answer.code, answer.verdicts) == (0, ["accepted", "accepted"])
    assert answer.lists() == []


def test_each_child_at_odds_is_told_in_the_file_it_stands_in(ward: Ward):
    """One left out, one in both lists, one never sent: the file at fault takes the other along."""
    a, b, c, d, e, f = ward.kids
    stranger = children(ward.units, 9, round=ROUND, seed=9, wards=[ward.unit])[8]
    stranger = replace(stranger, code="")
    four, joining = ward.form_4([a, b], [c]), ward.d03([c, d, e, stranger])

    answer = ask(four, joining, "--together", "--against", ward.sent)

    assert (answer.code, answer.verdicts) == (1, ["returned", "returned"])
    found = answer.lists()
    assert found[0] == (0, "list.child-missing", None, f.name)
    assert sorted(found[1:], key=str) == sorted(
        [
            (1, "list.child-in-two-lists", cell_of(joining, c.name), c.name),
            (1, "list.child-unknown", cell_of(joining, stranger.name), stranger.name),
        ],
        key=str,
    )


def test_a_list_at_fault_brings_its_faultless_companion_back(ward: Ward):
    a, b, c, d, e, f = ward.kids
    four, joining = ward.form_4([a, b], [c]), ward.d03([c, d, e, f])

    answer = ask(four, joining, "--together", "--against", ward.sent)

    assert answer.verdicts == ["returned", "returned"]
    assert answer.files[0]["findings"] == []


def test_chau_before_the_names_makes_nobody_missing_or_unknown(ward: Ward):
    kids = [replace(child, code="") for child in ward.kids]
    called = [replace(child, name=f"Cháu {child.name}") for child in kids[:3]]
    joining = [replace(child, name=f"Cháu: {child.name}") for child in kids[3:]]
    sent = ward.sent
    four = ward.form_4(called[:2], called[2:])

    answer = ask(four, ward.d03(joining), "--together", "--against", sent)

    assert (answer.verdicts, answer.lists()) == (["accepted", "accepted"], [])


def test_a_return_in_pieces_is_held_and_nobody_blamed(ward: Ward):
    answer = ask(ward.form_4(ward.kids[:2], ward.kids[2:3]), "--against", ward.sent)

    assert (answer.code, answer.verdicts) == (0, ["held"])
    assert [code for _, code, _, _ in answer.lists()] == ["list.incomplete"]
    assert "D03-TS" in answer.files[0]["findings"][-1]["message"]


def test_a_return_that_accounts_for_everybody_waits_for_nothing(ward: Ward):
    """No child is to get a card now, so there is no D03-TS to wait for."""
    answer = ask(ward.form_4(ward.kids[:3], ward.kids[3:]), "--against", ward.sent)

    assert (answer.verdicts, answer.lists()) == (["accepted"], [])


def test_a_stranger_is_told_even_while_lists_are_to_come(ward: Ward):
    joining = ward.d03(ward.kids[:3])
    sent = ward.write("form-2", {"": ward.kids[1:]}, "đã gửi.xlsx")

    answer = ask(joining, "--against", sent)

    assert answer.code == 1
    assert [code for _, code, _, _ in answer.lists()] == ["list.child-unknown", "list.incomplete"]


def test_files_are_held_against_each_other_without_the_list_sent(ward: Ward):
    a, b, c, d, e, f = ward.kids
    four, joining = ward.form_4([a, b], [c]), ward.d03([c, d, e, f])

    answer = ask(four, joining, "--together")

    assert answer.lists() == [(1, "list.child-in-two-lists", cell_of(joining, c.name), c.name)]
    assert "form-4.xlsx" in answer.files[1]["findings"][-1]["message"]


def test_files_apart_are_not_held_against_each_other(ward: Ward):
    a, b, c, d, e, f = ward.kids

    answer = ask(ward.form_4([a, b], [c]), ward.d03([c, d, e, f]))

    assert (answer.code, answer.verdicts) == (0, ["accepted", "accepted"])


def test_a_districts_form_is_a_whole_return(ward: Ward):
    a, b, c, d, e, f = ward.kids
    district = replace(ward, unit=ward.units["760"])
    three = district.write("form-3", {"I": [a], "II": [b, c], "III": [d, e]})

    answer = ask(three, "--against", ward.sent)

    assert (answer.code, answer.verdicts) == (1, ["returned"])
    assert answer.lists() == [(0, "list.child-missing", None, f.name)]


def test_a_corrected_name_travels_with_the_file(ward: Ward):
    a, *others = ward.kids
    district = replace(ward, unit=ward.units["760"])
    other = replace(a, name=f"{a.name[:-1]}q")
    three = district.write("form-3", {"I": [other, *others], "II": [], "III": []}, kit=True)

    answer = ask(three, "--against", ward.sent)

    assert answer.verdicts == ["accepted"]
    assert answer.lists() == [(0, "list.child-changed", cell_of(three, other.name), other.name)]


def test_a_damaged_file_makes_no_child_missing(ward: Ward):
    four = ward.form_4(ward.kids[:2], ward.kids[2:])
    broken = ward.folder / "d03.xlsx"
    broken.write_bytes(ward.d03(ward.kids[2:]).read_bytes()[:3000])

    answer = ask(four, broken, "--together", "--against", ward.sent)

    assert answer.verdicts == ["returned", "returned"]
    assert answer.lists() == []


def test_a_list_sent_that_holds_no_list_is_a_wrong_call(ward: Ward):
    nothing = ward.folder / "không phải.txt"
    nothing.write_text("xin chào", encoding="utf-8")
    four = ward.form_4(ward.kids[:2], ward.kids[2:])

    for wrong in (nothing, ward.folder / "không có.xlsx"):
        ran = CliRunner().invoke(check, [str(four), "--against", str(wrong)])
        assert ran.exit_code == 2
        assert "--against" in ran.output
        assert "Traceback" not in ran.output


TOO_OLD = date(2007, 3, 5)


def with_faults(ward: Ward, *faults: InventedChild) -> Ward:
    """The same ward, of whose children the first ones were typed wrongly in a hospital."""
    return replace(ward, kids=[*faults, *ward.kids[len(faults) :]])


def severities(answer: Answer, code: str) -> list[str]:
    return [f["severity"] for file in answer.files for f in file["findings"] if f["code"] == code]


def test_a_child_that_was_sent_too_old_can_be_answered_as_it_was_sent(ward: Ward):
    """To leave it out would lose it, and another birth date would be an invention."""
    ward = with_faults(ward, replace(ward.kids[0], birth_date=TOO_OLD))

    answer = ask(ward.form_4(ward.kids[1:], ward.kids[:1]), "--against", ward.sent)

    assert (answer.verdicts, answer.lists()) == (["accepted"], [])
    assert severities(answer, "row.over-age") == ["warns"]


def test_a_child_nobody_can_find_needs_no_more_than_was_sent_of_it(ward: Ward):
    """The list sent had no mother and an address elsewhere; the ward says why there is no card."""
    a, b, *others = ward.kids
    ward = with_faults(
        ward, replace(a, mother=""), replace(b, address="5 Lê Lợi, Phường 5, Quận 3")
    )

    answer = ask(ward.form_4(others, ward.kids[:2]), "--against", ward.sent)

    assert (answer.verdicts, answer.lists()) == (["accepted"], [])
    assert severities(answer, "row.parent-missing") == ["warns"]
    assert severities(answer, "row.address-elsewhere") == ["warns"]


def test_whoever_issued_a_card_knows_the_mother(ward: Ward):
    ward = with_faults(ward, replace(ward.kids[0], mother=""))

    answer = ask(ward.form_4(ward.kids[:3], ward.kids[3:]), "--against", ward.sent)

    assert answer.verdicts == ["returned"]
    assert severities(answer, "row.parent-missing") == ["blocks"]


def test_a_fault_that_the_answer_brings_is_still_returned(ward: Ward):
    """The list sent had its birth date right."""
    a, *others = ward.kids
    wrong = ward.form_4(others, [replace(a, birth_date=TOO_OLD)])

    answer = ask(wrong, "--against", ward.sent)

    assert answer.verdicts == ["returned"]
    assert severities(answer, "row.over-age") == ["blocks"]


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("row.over-age", {"birth_date": TOO_OLD}),
        ("row.address-elsewhere", {"address": "5 Lê Lợi, Phường 5, Quận 3"}),
    ],
)
def test_nobody_is_told_to_leave_out_a_child_that_has_to_come_back(
    ward: Ward, code: str, wrong: dict[str, Any]
):
    a, *others = ward.kids

    answer = ask(ward.form_4(others, [replace(a, **wrong)]), "--against", ward.sent)

    (remedy,) = [f["remedy"] for f in answer.files[0]["findings"] if f["code"] == code]
    assert "như danh sách đã gửi" in remedy
    assert "bỏ trẻ khỏi" not in remedy


def test_people_read_the_verdict_in_words(ward: Ward):
    four = ward.form_4(ward.kids[:2], ward.kids[2:3])

    ran = CliRunner().invoke(
        check, [str(four), "--against", str(ward.sent), "--today", "2015-06-10"]
    )

    assert "CHỜ ĐỦ DANH SÁCH" in ran.output


def cell_of(path: Path, text: str) -> str:
    """Where a text stands in a workbook."""
    from openpyxl import load_workbook

    (sheet,) = load_workbook(path).worksheets
    return next(cell.coordinate for row in sheet for cell in row if cell.value == text)


def test_a_return_of_which_only_some_columns_were_sorted_is_sent_home(ward: Ward):
    """Names, births and parents moved, codes and answers stayed: cards would land on others."""
    a, b, c, d, e, f = ward.kids
    coded = [
        replace(child, code=other.code) for child, other in zip((b, c, a), ward.kids, strict=False)
    ]
    sent = ward.write("form-2", {"": ward.kids}, "đã gửi.xlsx", kit=True)
    district = replace(ward, unit=ward.units["760"])
    three = district.write("form-3", {"I": coded, "II": [d, e, f], "III": []}, kit=True)

    answer = ask(three, "--against", sent)

    assert (answer.code, answer.verdicts) == (1, ["returned"])
    found = [code for _, code, _, _ in answer.lists()]
    assert found == ["list.columns-apart", *["list.code-of-another"] * 3]
