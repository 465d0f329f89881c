"""`check` says of a file what the daemon will say of it, at the severities of its hand-off."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.simulate.people import InventedChild
from tests.journey.parties import form_4
from tests.journey.site import DISTRICT, Site, people, workbook

CHILDREN = 12
"""The ward of the tests was sent three of them."""

Group = list[InventedChild]
Make = Callable[[Site, Group], bytes]


def with_fault(*faults: str) -> Make:
    def make(site: Site, group: Group) -> bytes:
        return workbook(site.units, "form-3", DISTRICT, group, faults, scratch=site.directory)

    return make


def changed(change: Callable[[Any], None]) -> Make:
    def make(site: Site, group: Group) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(with_fault()(site, group)))
        change(book)
        data = io.BytesIO()
        book.save(data)
        return data.getvalue()

    return make


def another_sheet(book: Any) -> None:
    book.create_sheet("Ghi nhớ")["A1"] = "Việc cần làm trong tuần"


def a_hidden_row(book: Any) -> None:
    book.worksheets[0].row_dimensions[12].hidden = True


def without_the_last(site: Site, group: Group) -> bytes:
    return with_fault()(site, group[:-1])


def with_another_mother(site: Site, group: Group) -> bytes:
    first = replace(group[0], mother="Trịnh Thị Ngọc Hường")
    return with_fault()(site, [first, *group[1:]])


CASES: list[tuple[str, str, Make]] = [
    ("file.disguised", "mẫu 3.xls", with_fault()),
    ("form.sheet-ignored", "mẫu 3.xlsx", changed(another_sheet)),
    ("form.hidden-rows", "mẫu 3.xlsx", changed(a_hidden_row)),
    ("form.total-wrong", "mẫu 3.xlsx", with_fault("form.total-wrong")),
    ("row.card-invalid", "mẫu 3.xlsx", with_fault("row.card-invalid")),
    ("row.id-number-invalid", "mẫu 3.xlsx", with_fault("row.id-number-invalid")),
    ("list.child-missing", "mẫu 3.xlsx", without_the_last),
    ("list.child-changed", "mẫu 3.xlsx", with_another_mother),
]


@pytest.mark.parametrize("severity", ["", "notes", "warns", "blocks"])
@pytest.mark.parametrize(("code", "name", "make"), CASES, ids=[code for code, *_ in CASES])
def test_check_and_daemon_rate_a_fault_alike(
    site: Site, tmp_path: Path, code: str, name: str, make: Make, severity: str
):
    group = people(site.units, DISTRICT)
    sent = workbook(site.units, "form-2", DISTRICT, group, scratch=site.directory)
    site.drop("thu", "mẫu 2.xlsx", sent, site.units[DISTRICT].folder)
    site.once()
    if severity:
        site.set_handoff("district-return", f'severities = {{ "{code}" = "{severity}" }}')
    site.drop(DISTRICT, name, data := make(site, group))
    site.once()
    drop = next(one for one in site.drops() if one.unit == DISTRICT)

    against, file = tmp_path / "đã gửi.xlsx", tmp_path / name
    against.write_bytes(sent)
    file.write_bytes(data)
    checked = check(site, file, "--as", "district-return", "--unit", DISTRICT, "--round", "2015Q1",
                    "--against", against)  # fmt: skip

    daemon = of_daemon(site, drop)
    assert code in dict(daemon[1])
    assert severity in ("", dict(daemon[1])[code])
    assert (checked["verdict"], rated(checked["findings"])) == daemon


@pytest.mark.parametrize("severity", ["", "notes", "warns", "blocks"])
def test_what_is_still_to_come_is_no_fault_for_check_or_daemon(
    sent: Site, mine: Group, tmp_path: Path, severity: str
):
    if severity:
        sent.set_handoff("ward-return", f'severities = {{ "list.incomplete" = "{severity}" }}')
    ward, file = sent.ward(0), tmp_path / "mẫu 4.xlsx"
    file.write_bytes(data := form_4(sent, mine[:1]))
    sent.drop(ward, file.name, data)
    sent.once()
    drop = next(one for one in sent.drops() if one.name == file.name)

    checked = check(sent, file, "--as", "ward-return", "--unit", ward, "--round", "2015Q1",
                    "--together")  # fmt: skip

    daemon = of_daemon(sent, drop)
    assert daemon == ("held", [("list.incomplete", "notes")])
    assert (checked["verdict"], rated(checked["findings"])) == daemon


def check(site: Site, *args: object) -> dict[str, Any]:
    ran = CliRunner().invoke(
        cli, ["check", *map(str, args), "--json", "--config", str(site.config)]
    )
    assert ran.exit_code in (0, 1), ran.output
    answer: dict[str, Any] = json.loads(ran.output)
    return answer


def of_daemon(site: Site, drop: Drop) -> tuple[str, list[tuple[str, str]]]:
    return str(drop.state), rated(site.facts(drop)["findings"])


def rated(findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((one["code"], one["severity"]) for one in findings)
