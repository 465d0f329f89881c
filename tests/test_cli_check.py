"""`check` as FINDINGS.md promises it: exit statuses, JSON keys, options; no site, no set-up."""

from __future__ import annotations

import io
import json
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bhyt_filedrop import cli, resources
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children
from tests.journey.scenes import packed
from tests.sites import copied_config, replaced

ROUND = Round(2015, 1)
KEYS = ["file", "sha256", "format", "form", "round", "unit", "rows", "verdict", "findings"]
FINDING_KEYS = {"code", "severity", "sheet", "cell", "row", "field", "value", "message", "remedy"}


@pytest.fixture(scope="module")
def units() -> Units:
    return load(resources.config_dir()).units


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bhyt-filedrop", "check", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def told(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def written(
    path: Path, units: Units, form: str, unit: str, *faults: str, count: int = 8, first: int = 0
) -> tuple[Planted, ...]:
    """Write a list of a unit's children; return where its faults stand."""
    district = units[unit].parent or (unit if unit in ("760", "770") else "760")
    wards = [units[unit]] if units[unit].kind == "ward" else units.children(district)[:4]
    group = children(units, first + count, round=ROUND, seed=7, wards=wards)[first:]
    return write_list(path, list_of(form, ROUND, units[unit], units, group), units, faults)


def test_a_correct_list_is_accepted_with_status_0_and_the_promised_keys(
    run: Any, units: Units, tmp_path: Path
):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760")
    status, out, err = run(path, "--json")

    (one,) = told(out)
    assert (status, err) == (0, "")
    assert list(one) == KEYS
    assert one | {"findings": []} == {
        "file": str(path),
        "sha256": sha256(path.read_bytes()).hexdigest(),
        "format": "xlsx",
        "form": "form-3",
        "round": "2015Q1",
        "unit": "760",
        "rows": 8,
        "verdict": "accepted",
        "findings": [],
    }
    assert {f["severity"] for f in one["findings"]} <= {"notes"}


def test_a_faulty_list_is_returned_with_status_1_and_each_fault_at_its_cell(
    run: Any, units: Units, tmp_path: Path
):
    path = tmp_path / "mẫu 3.xlsx"
    planted = written(path, units, "form-3", "760", "row.card-invalid", "row.birth-date-missing")
    status, out, _ = run(path, "--json")

    (one,) = told(out)
    assert (status, one["verdict"]) == (1, "returned")
    assert all(set(f) >= FINDING_KEYS for f in one["findings"])
    found = {(f["code"], f["sheet"], f["cell"], f["row"]) for f in one["findings"]}
    assert {(p.code, p.sheet, p.cell, p.row) for p in planted} <= found


def test_several_files_are_a_line_each_and_one_bad_one_decides_the_status(
    run: Any, units: Units, tmp_path: Path
):
    good, bad = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    written(good, units, "form-3", "760")
    bad.write_bytes(b"MZ" + bytes(50))
    status, out, _ = run(good, bad, "--json")

    assert status == 1
    assert [(one["verdict"], one["form"]) for one in told(out)] == [
        ("accepted", "form-3"),
        ("returned", None),
    ]
    assert [f["code"] for f in told(out)[1]["findings"]] == ["file.not-a-workbook"]


def test_people_read_it_in_words(run: Any, units: Units, tmp_path: Path):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760", "row.card-invalid")
    status, out, _ = run(path)

    assert status == 1
    assert "PHẢI TRẢ LẠI" in out
    assert "row.card-invalid" in out
    assert "→" in out


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"%PDF-1.4\n%%EOF\n", "file.not-a-workbook"),
        (b"PK\x03\x04" + bytes(90), "file.damaged"),
    ],
)
def test_what_is_no_workbook_is_a_finding_and_no_error(
    run: Any, tmp_path: Path, data: bytes, code: str
):
    path = tmp_path / "tệp.xlsx"
    path.write_bytes(data)
    status, out, err = run(path, "--json")

    assert (status, err) == (1, "")
    assert [f["code"] for f in told(out)[0]["findings"]] == [code]


def test_of_a_scan_beside_a_workbook_of_something_else_only_the_workbook_is_told(
    run: Any, tmp_path: Path
):
    book, data = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["STT", "Tên hàng", "Giá"])
    book.save(data)
    scan = b"%PDF-1.4\n%%EOF\n"
    for name, members, said in (
        ("một.zip", packed(hang__xlsx=data.getvalue(), scan__pdf=scan), "form.unrecognised"),
        ("hai.zip", packed(scan__pdf=scan), "file.not-a-workbook"),
    ):
        (tmp_path / name).write_bytes(members)
        status, out, _ = run(tmp_path / name, "--json")

        assert status == 1
        assert [f["code"] for f in told(out)[0]["findings"]] == [said]


def test_a_zip_names_the_member_at_fault(run: Any, units: Units, tmp_path: Path):
    member = tmp_path / "mau4.xlsx"
    written(member, units, "form-4", "26740", "row.address-missing", count=3)
    path = tmp_path / "hồ sơ.zip"
    path.write_bytes(packed(mau4__xlsx=member.read_bytes()))
    status, out, _ = run(path, "--json")

    (one,) = told(out)
    assert (status, one["format"]) == (1, "zip")
    assert {f.get("file") for f in one["findings"]} == {"mau4.xlsx"}


def test_the_unit_and_the_hand_off_can_be_named(run: Any, units: Units, tmp_path: Path):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "770")
    status, out, _ = run(path, "--unit", "760", "--as", "district-return", "--json")

    codes = {f["code"] for f in told(out)[0]["findings"]}
    assert status == 1
    assert {"form.sender-wrong", "row.address-elsewhere"} & codes


def test_a_hand_off_s_own_severities_apply(run: Any, units: Units, tmp_path: Path):
    """In lists of thousands typed in hospitals a doubtful row is marked, not sent back."""
    path = tmp_path / "79a.xlsx"
    written(path, units, "c79a", "nvgd1", "row.name-missing")
    status, out, _ = run(path, "--as", "cost-list", "--json")

    (one,) = told(out)
    assert (status, one["verdict"]) == (0, "accepted")
    assert "warns" in {f["severity"] for f in one["findings"]}


def test_rows_of_a_cost_list_are_visits_and_those_of_a_return_children(
    run: Any, units: Units, tmp_path: Path
):
    costs, returned = tmp_path / "79a.xlsx", tmp_path / "mẫu 3.xlsx"
    written(costs, units, "c79a", "nvgd1")
    written(returned, units, "form-3", "760")
    out = run(costs, "--as", "cost-list")[1] + run(returned)[1]

    assert [line.split(" · ")[3].split()[1:] for line in out.splitlines() if " · " in line] == [
        ["lượt", "khám"],
        ["trẻ"],
    ]


def test_a_day_makes_rounds_open_or_closed(run: Any, units: Units, tmp_path: Path):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760")

    assert run(path, "--today", "2015-06-12")[0] == 0
    status, out, _ = run(path, "--today", "2016-06-12", "--json")
    assert status == 1
    assert "form.round-wrong" in {f["code"] for f in told(out)[0]["findings"]}


def test_a_round_that_was_named_must_be_the_list_s(run: Any, units: Units, tmp_path: Path):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760")
    status, out, _ = run(path, "--round", "2015Q2", "--json")

    assert status == 1
    assert "form.round-wrong" in {f["code"] for f in told(out)[0]["findings"]}


def test_the_annotated_copy_is_written_where_it_was_wanted(run: Any, units: Units, tmp_path: Path):
    path, out = tmp_path / "mẫu 3.xlsx", tmp_path / "sửa.xlsx"
    (planted,) = written(path, units, "form-3", "760", "row.card-invalid")
    before = path.read_bytes()

    assert run(path, "--annotate", out)[0] == 1
    book = openpyxl.load_workbook(io.BytesIO(out.read_bytes()))
    assert book.sheetnames == ["Lỗi cần sửa", planted.sheet]
    assert book[planted.sheet][planted.cell].comment is not None
    assert path.read_bytes() == before


def test_a_return_is_held_against_the_list_that_was_sent(run: Any, units: Units, tmp_path: Path):
    sent, came = tmp_path / "mẫu 2.xlsx", tmp_path / "mẫu 3.xlsx"
    written(sent, units, "form-2", "thu", count=8)
    written(came, units, "form-3", "760", count=7)
    status, out, _ = run(came, "--against", sent, "--unit", "760", "--json")

    codes = [f["code"] for f in told(out)[0]["findings"]]
    assert status == 1
    assert codes.count("list.child-missing") == 1


def test_a_ward_s_lists_are_held_against_it_together(run: Any, units: Units, tmp_path: Path):
    sent, four, d03 = (tmp_path / name for name in ("m2.xlsx", "m4.xlsx", "d03.xlsx"))
    written(sent, units, "form-2", "26740", count=6)
    written(four, units, "form-4", "26740", count=4)
    written(d03, units, "d03-ts-1111", "26740", count=2, first=4)

    assert run(four, d03, "--together", "--against", sent, "--unit", "26740")[0] == 0


def test_a_check_leaves_nothing_behind(
    run: Any, units: Units, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "in" / "hồ sơ.zip"
    path.parent.mkdir()
    member = tmp_path / "m.xlsx"
    written(member, units, "form-4", "26740", count=3)
    path.write_bytes(packed(m__xlsx=member.read_bytes()))
    member.unlink()
    monkeypatch.chdir(tmp_path)
    run(path)

    assert [p.name for p in tmp_path.rglob("*")] == ["in", "hồ sơ.zip"]


@pytest.mark.parametrize(
    "args", [("{pipe}",), ("{}", "--against", "{pipe}"), ("{}", "--annotate", "{pipe}")]
)
def test_what_is_no_ordinary_file_is_neither_read_nor_replaced(
    run: Any, units: Units, tmp_path: Path, args: tuple[str, ...]
):
    good, pipe = tmp_path / "good.xlsx", tmp_path / "pipe"
    written(good, units, "form-3", "770")
    os.mkfifo(pipe)
    status, _, err = run(*(one.format(good, pipe=pipe) for one in args))

    assert (status, len(err.splitlines())) == (2, 1)
    assert "không phải tệp thường" in err
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    "args",
    [
        ("gone.xlsx",),
        ("{}", "gone.xlsx"),
        (),
        ("{}", "--as", "no-such-hand-off"),
        ("{}", "--unit", "99999"),
        ("{}", "--round", "2015"),
        ("{}", "--today", "12/06/2015"),
        ("{}", "{}", "--annotate", "out.xlsx"),
        ("{}", "--annotate", "/nowhere/at/all/out.xlsx"),
        ("{}", "--against", "gone.xlsx"),
        ("{}", "--config", "/nowhere"),
        ("{}", "--nothing-such"),
        ("/",),
    ],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_status_2_and_one_line(
    run: Any, units: Units, tmp_path: Path, args: tuple[str, ...]
):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760")
    status, _, err = run(*(str(path) if one == "{}" else one for one in args))

    said = [x for x in err.splitlines() if x and not x.startswith(("Usage:", "Try "))]
    assert status == 2
    assert "Traceback" not in err
    assert len(said) == 1 or "--config" in args


def test_the_annotated_copy_never_takes_the_place_of_what_was_checked(
    run: Any, units: Units, tmp_path: Path
):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760", "row.card-invalid")
    before = path.read_bytes()
    status, out, err = run(path, "--annotate", tmp_path / "." / "mẫu 3.xlsx")

    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert path.read_bytes() == before


def test_a_copy_that_has_no_folder_to_go_to_is_told_before_anything_is_read(
    run: Any, units: Units, tmp_path: Path
):
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760")
    status, out, err = run(path, "--annotate", tmp_path / "không có" / "sửa.xlsx")

    assert (status, out) == (2, "")
    assert "không có thư mục" in err


def test_a_folder_is_not_a_file_that_is_missing(run: Any, tmp_path: Path):
    status, _, err = run(tmp_path)

    assert status == 2
    assert "là thư mục" in err


def test_a_hand_off_may_be_named_by_its_number(run: Any, units: Units, tmp_path: Path):
    """`status`, letters and handbooks speak of H6."""
    path = tmp_path / "mẫu 3.xlsx"
    written(path, units, "form-3", "760")
    by_number, by_id = (
        run(path, "--as", "H6", "--json"),
        run(path, "--as", "district-return", "--json"),
    )

    assert by_number == by_id
    assert by_number[0] == 0


def test_an_archive_that_takes_too_long_is_refused_as_a_daemon_would(run: Any, tmp_path: Path):
    """Without a bound a clerk's window would stand still for hours."""
    config = copied_config(tmp_path)
    replaced(config / "bhyt-filedrop.toml", "[limits]", "[limits]\ndrop_seconds = 0.000001")
    packed_lists = tmp_path / "a.zip"
    packed_lists.write_bytes(packed(a__exe=b"MZ", b__exe=b"MZ2"))

    status, out, _ = run("--json", "--config", config, packed_lists)

    (told,) = json.loads(out)["findings"]
    assert (status, told["code"]) == (1, "file.unsafe")
    assert "đọc mãi không xong" in told["message"]
