"""`report`, `trace`, `entitlement` on a real site: real files dropped, a real ledger asked."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli, main
from bhyt_filedrop.commands.report_table import REPORTS, ReportRow
from bhyt_filedrop.domain.process.calendar import ZONE, owed_once
from bhyt_filedrop.edges.ledger.reportbook import LedgerReports
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import open_books
from tests.journey.site import (
    DISTRICT,
    OTHER_DISTRICT,
    PDF,
    ROUND,
    Clock,
    Site,
    people,
    workbook,
)
from tests.sites import copied_config, local_tree

NOW = "2015-06-20"
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


def with_the_one_off_report(process: str) -> str:
    """Take the comment marks off the shipped example; its day is moved into the tests' quarter."""
    example = re.search(r"^# \[\[handoff\]\]\n(?:#.*\n)+", process, re.MULTILINE)
    assert example
    told = re.sub(r"^# ", "", example[0], flags=re.MULTILINE)
    assert "on = 2020-07-10, before = true" in told
    return process.replace(example[0], told.replace("2020-07-10", "2015-06-16"))


@pytest.fixture(scope="module")
def children(site: Site) -> dict[str, list[InventedChild]]:
    return {district: people(site.units, district) for district in (DISTRICT, OTHER_DISTRICT)}


def laid_out(directory: Path) -> Path:
    """A site of the departments and two districts with two wards each; it derives its lists."""
    config = copied_config(directory)
    table = config / "units.csv"
    lines = table.read_text("utf-8-sig").splitlines()
    kept = [line for line in lines[1:] if ",city," in line]
    for district in (DISTRICT, OTHER_DISTRICT):
        kept += [line for line in lines if line.startswith(f"{district},")]
        kept += [line for line in lines if f",ward,{district}," in line][:2]
    table.write_text("\n".join([lines[0], *kept]), "utf-8")
    aliases = config / "place-aliases.csv"
    aliases.write_text(aliases.read_text("utf-8-sig").splitlines()[0] + "\n", "utf-8")
    process = config / "process.toml"
    process.write_text(with_the_one_off_report(process.read_text("utf-8")), "utf-8")
    init(directory, local_tree)
    return directory


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The city's list was split; one district has answered, a file of the other came back."""
    clock = Clock(datetime(2015, 6, 12, 8, 30, tzinfo=ZONE))
    site = Site(laid_out(tmp_path_factory.mktemp("reports")), clock)
    scratch = site.directory
    groups = {district: people(site.units, district) for district in (DISTRICT, OTHER_DISTRICT)}
    everybody = [child for group in groups.values() for child in group]
    site.drop(
        "cntt", "mau 2.xlsx", workbook(site.units, "form-2", "cntt", everybody, scratch=scratch)
    )
    site.once()
    answer = workbook(site.units, "form-3", DISTRICT, groups[DISTRICT], scratch=scratch)
    site.drop(DISTRICT, "mau 3.xlsx", answer)
    wrong = workbook(
        site.units, "form-3", OTHER_DISTRICT, groups[OTHER_DISTRICT], ["row.card-invalid"],
        scratch=scratch,
    )  # fmt: skip
    site.drop(OTHER_DISTRICT, "mau 3 sai.xlsx", wrong)
    site.once()
    return site


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def asked(site: Site, *words: str) -> Any:
    result = call(*words, "--config", str(site.config), "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


# --- trace ----------------------------------------------------------------------------------------


def test_the_balance_of_a_real_round_closes(site: Site):
    told = asked(site, "trace", "--round", "2015Q1")

    assert set(told) == {"round", "hops"}
    assert {h["difference"] for h in told["hops"]} == {0}
    returned = {h["unit"]: h for h in told["hops"] if h["id"] == "district-return"}
    assert returned[DISTRICT]["sent"] == 8
    assert returned[DISTRICT]["missing"] == returned[DISTRICT]["unknown"] == 0
    assert returned[OTHER_DISTRICT]["missing"] == 8


def test_a_hop_has_exactly_the_promised_fields(site: Site):
    assert list(asked(site, "trace", "--round", "2015Q1")["hops"][0]) == [
        "id", "unit", "sent", "carded_before", "carded_now", "uncarded", "outside", "missing",
        "unknown", "difference", "unplaced",
    ]  # fmt: skip


def test_a_persons_reading_shows_sums_and_open_places(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "140")
    result = call("trace", "--round", "2015Q1", "--config", str(site.config))

    assert result.exit_code == 0
    assert "H6" in result.output
    assert "Kết quả của quận, huyện (2)" in result.output
    assert "Cân bằng: chênh lệch 0." in result.output


def codes(site: Site) -> list[str]:
    books = open_books(load(site.config))
    rolls = LedgerReports(books.engine).rolls(ROUND, ["ward-list"])
    books.close()
    return [child.code for roll in rolls.values() for child in roll]


def test_a_childs_path_is_told_from_list_to_list_without_its_name(
    site: Site, children: dict[str, list[InventedChild]]
):
    told = asked(site, "trace", "--round", "2015Q1", "--child", codes(site)[0])

    steps = [stop["handoff"] for stop in told["path"]]
    assert steps[0] == "uncarded"
    assert {"district-list", "ward-list"} <= set(steps)
    assert all(stop["drop"].startswith("D") for stop in told["path"])
    names = [child.name for group in children.values() for child in group]
    assert not [name for name in names if name in json.dumps(told, ensure_ascii=False)]


def test_a_code_of_nobody_is_one_line(site: Site):
    result = call("trace", "--round", "2015Q1", "--child", "NOBODY", "--config", str(site.config))

    assert result.exit_code == 2
    assert "NOBODY" in result.output
    assert "Traceback" not in result.output


def test_a_round_without_lists_balances(site: Site):
    assert asked(site, "trace", "--round", "2014Q1") == {"round": "2014Q1", "hops": []}


def test_a_difference_ends_with_status_1(site: Site, tmp_path: Path):
    """The ledger of a copy is spoilt by hand: a child stands in two lists of one return."""
    shutil.copytree(site.directory / "state", tmp_path / "state")
    shutil.copytree(site.config, tmp_path / "config")
    books = open_books(load(tmp_path / "config"))
    with books.engine.begin() as tx:
        tx.exec_driver_sql(
            "INSERT INTO roll (drop_id, seq, n, code, card, person, child) "
            "SELECT r.drop_id, r.seq, r.n + 1000, r.code, r.card, r.person, r.child FROM roll r "
            "JOIN lists l ON l.drop_id = r.drop_id AND l.seq = r.seq "
            "WHERE l.handoff = 'district-return' AND l.state = 'accepted' AND r.n = 0"
        )
    books.close()

    result = call("trace", "--round", "2015Q1", "--config", str(tmp_path / "config"))

    assert result.exit_code == 1
    assert "1 trẻ bị tính hai lần" in result.output


# --- reports --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("ending", [".xlsx", ".html"])
def test_every_report_is_written_in_both_ways(site: Site, tmp_path: Path, name: str, ending: str):
    out = tmp_path / f"báo cáo{ending}"

    which = ("--from", "2015-01-01") if REPORTS[name].scoped else ("--round", "2015Q1")
    result = call("report", name, *which, "--now", NOW, "--out", str(out),
                  "--config", str(site.config))  # fmt: skip

    assert (result.exit_code, result.output) == (0, f"Đã ghi {out}\n")
    if ending == ".xlsx":
        assert openpyxl.load_workbook(out).sheetnames[0] == "Tóm tắt"
    else:
        assert out.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("row", REPORTS.values(), ids=list(REPORTS))
def test_the_help_says_what_each_report_answers(row: ReportRow, language: str):
    """In a process of its own: the language is chosen once, before the commands are made."""
    program = [sys.executable, "-m", "bhyt_filedrop", "--lang", language, "report", "--help"]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout

    sentence = {"vi": row.vi, "en": row.en}[language]
    assert f"{row.name} (" in told
    assert sentence in " ".join(told.split())


@pytest.mark.parametrize("row", REPORTS.values(), ids=list(REPORTS))
def test_a_report_takes_as_many_rounds_as_its_row_says(site: Site, row: ReportRow):
    result = call("report", row.name, "--round", "2015Q1", "--round", "2014Q4", "--now", NOW,
                  "--json", "--config", str(site.config))  # fmt: skip

    assert result.exit_code == (0 if row.many_rounds else 2), result.output


def test_the_backlog_agrees_with_the_trace(site: Site):
    told = asked(site, "report", "backlog", "--round", "2015Q1", "--now", NOW)
    hops = {h["unit"]: h for h in asked(site, "trace", "--round", "2015Q1")["hops"]
            if h["id"] == "district-return"}  # fmt: skip

    assert told["figures"]["received"] == 16
    for row in told["districts"]:
        hop = hops[row["unit"]]
        assert row["received"] == hop["sent"]
        assert row["unreported"] == hop["missing"]
        assert row["carded"] == hop["carded_before"] + hop["carded_now"]


def test_the_round_shows_late_and_returned_lists(site: Site):
    told = asked(site, "report", "round", "--round", "2015Q1", "--now", "2015-06-28")
    key = ("district-return", OTHER_DISTRICT)
    (other,) = [row for row in told["details"] if (row["handoff"], row["sender"]) == key]

    assert (other["standing"], other["days_late"], other["returned"]) == ("overdue", 4, 1)


def test_every_report_of_an_earlier_day_tells_what_was_known_on_it(site: Site):
    """On the eve nothing had come; whoever asks for that day hears nothing of the next."""
    eve = ("--round", "2015Q1", "--now", "2015-06-11T18:00")
    backlog = asked(site, "report", "backlog", *eve)
    round_ = asked(site, "report", "round", *eve)
    status = asked(site, "status", *eve)
    counts = {one["id"]: one["counts"] for one in status["handoffs"]}

    assert (backlog["figures"]["received"], backlog["figures"]["carded"]) == (0, 0)
    assert (round_["figures"]["done"], {line["rows"] for line in round_["details"]}) == (0, {0})
    assert {line["versions"] for line in round_["details"]} == {0}
    assert sum(n["delivered"] + n["delivered-late"] for n in counts.values()) == 0
    assert asked(site, "report", "quality", *eve)["figures"]["files"] == 0
    assert asked(site, "trace", *eve)["hops"] == []


def test_the_quality_of_what_came_counts_no_list_of_the_products_own(site: Site):
    told = asked(site, "report", "quality", "--now", NOW)

    assert told["figures"] | {"blocks": 0} == {
        "files": 3, "returned": 1, "returned_share": 0.3333, "blocks": 0,
    }  # fmt: skip
    assert "row.card-invalid" in [row["code"] for row in told["codes"]]


@pytest.mark.parametrize(
    "words",
    [
        ["report", "backlog"],
        ["report", "backlog", "--out", "x.pdf"],
        ["report", "nothing", "--json"],
        ["report", "round", "--json", "--round", "2015Q1", "--round", "2015Q2"],
        ["report", "round", "--json", "--round", "2015"],
        ["report", "round", "--out", "nowhere/at/all.xlsx"],
        ["report", "quality", "--out", "nowhere/at/all.html"],
        ["trace", "--round", "Q1"],
        ["entitlement"],
        ["entitlement", "--birth", "14/05/2013"],
        ["entitlement", "--birth", "0013-05-14"],
        ["entitlement", "--birth", "2015-05-14", "--moved-in", "2014-01-01"],
    ],
)
def test_a_wrong_call_is_told_in_one_line_with_status_2(
    site: Site,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("BHYT_FILEDROP_CONFIG", str(site.config))
    monkeypatch.setattr("sys.argv", ["bhyt-filedrop", *words])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.err.strip()
    assert "Traceback" not in said.err


# --- entitlement ----------------------------------------------------------------------------------


def test_entitlement_is_told_with_the_rule_behind_each_sentence():
    result = call("entitlement", "--birth", "2013-05-14")

    assert result.exit_code == 0
    assert "đến ngày 30/09/2019" in result.output
    assert "[1331/BHXH-THU, điểm 4.2, gạch đầu dòng 3]" in result.output


def test_entitlement_as_json_holds_days_and_months():
    told = json.loads(
        call("entitlement", "--birth", "2013-05-14", "--moved-in", "2015-03-02", "--json").output
    )

    assert told["turns_72_months"] == "2019-05-14"
    assert told["valid_until"] == "2019-09-30"
    assert told["contribution"]["first_month"] == "2015-03"
    assert told["contribution"]["months"] == 50


def test_a_child_that_is_too_old_is_paid_nothing_for():
    told = json.loads(call("entitlement", "--birth", "2008-02-29", "--json").output)

    assert told["turns_72_months"] == "2014-02-28"
    assert told["contribution"] == {
        "first_month": None, "months": 0, "until": "2014-02-28", "source":
        told["contribution"]["source"],
    }  # fmt: skip


# --- a one-off obligation -------------------------------------------------------------------------


def one_off(site: Site, now: str) -> dict[str, Any]:
    status = asked(site, "status", "--round", "2015Q1", "--now", now)
    return next(one for one in status["handoffs"] if one["id"] == "progress-report")


def reminded(site: Site, now: str) -> bool:
    result = call("remind", "--at", now, "--dry-run", "--json", "--config", str(site.config))
    letters = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    mine = [letter["context"]["items"] for letter in letters if letter["unit"] == "thu"]
    return "Báo cáo tình hình cấp thẻ" in json.dumps(mine, ensure_ascii=False)


def test_a_report_with_a_date_of_its_own_is_in_calendar_and_status(site: Site):
    lines = call("calendar", "--round", "2015Q1", "--json", "--config", str(site.config)).output
    told = [json.loads(line) for line in lines.splitlines()]
    mine = next(one for one in told if one["handoff"] == "progress-report")

    assert (mine["last_day"], mine["due_text"]) == ("2015-06-15", "trước ngày 16/06/2015")
    assert one_off(site, "2015-06-12")["counts"]["owed"] == 1
    assert one_off(site, "2015-06-17")["counts"]["overdue"] == 1


def test_it_is_reminded_of_until_its_document_is_dropped(site: Site, tmp_path: Path):
    """Its due date belongs to one round; it is done whatever round is asked about."""
    own = Site(tmp_path / "copy", site.clock)
    shutil.copytree(site.directory, own.directory)
    assert reminded(own, "2015-06-17T08:30")

    own.drop("thu", "bao cao 2118.pdf", PDF, below="Báo cáo 2118")
    own.once()

    assert one_off(own, "2015-06-17")["counts"]["delivered"] == 1
    assert not reminded(own, "2015-06-17T08:30")
    assert PDF in own.found("board", "inbox").values()
    assert rounds_that_know(own, "progress-report") == (True, False)


def rounds_that_know(site: Site, handoff: str) -> tuple[bool, bool]:
    """Whether the facts of another round hold a hand-off: asked for by name, and not."""
    settings = load(site.config)
    books = open_books(settings)
    named = books.facts.delivered(["2014Q4"], owed_once(settings.process))
    plain = books.facts.delivered(["2014Q4"])
    books.close()
    return (handoff, "thu") in named.by_sender, bool(plain.by_sender)
