"""The same quarter in a province of two levels, with words and ids of its own: nothing but its
configuration says who splits, who answers and who joins."""

from __future__ import annotations

import json
import re
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.quarter.script import moment
from bhyt_filedrop.simulate.quarter.whole import played
from tests.sites import copied_config, replaced
from tests.test_two_levels import EXAMPLE

FOREIGN = re.compile(r"Thành phố|TP\.|[Qq]uận|[Pp]hường|BHXH cơ sở")

pytestmark = pytest.mark.timeout(900)


def play(site: Path, config: Path = EXAMPLE, *more: str) -> Result:
    words = ("demo", "--full", "--dir", str(site), "--config", str(config), *more)
    return CliRunner().invoke(cli, ["--lang", "en", *words])


def texts(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path)
    return [str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row if v]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it was played to its end, with nothing amiss."""
    site = tmp_path_factory.mktemp("two") / "site"
    ran = play(site, EXAMPLE, "--children", "300", "--seed", "1")
    assert ran.exit_code == 0, ran.output
    assert "Problems:              0" in ran.output
    return site


def test_other_children_and_faults_end_with_nothing_amiss_either(tmp_path: Path):
    ran = play(tmp_path / "site", EXAMPLE, "--children", "250", "--seed", "2")

    assert ran.exit_code == 0, ran.output
    assert "Problems:              0" in ran.output


def test_every_balance_is_0_on_the_command_line(site: Path):
    now = ("--round", "2015Q1", "--now", "2015-07-03T09:00", "--json")
    ran = CliRunner().invoke(cli, ["trace", "--config", str(site / "config"), *now])

    hops = json.loads(ran.stdout)["hops"]
    assert {hop["id"] for hop in hops} == {
        "known", "commune-list", "commune-return", "final", "charged",
    }  # fmt: skip
    assert {(hop["difference"], hop["unknown"]) for hop in hops} == {(0, 0)}


def test_every_kind_of_office_did_its_part(site: Path):
    with played(load(site / "config")) as (stage, population):
        codes = {planted.code for one in stage.dropped for planted in one.planted}
        units = {one.unit for one in stage.dropped}
        late = [one for one in stage.dropped if one.at > moment(date(2015, 6, 27))]

    assert units == {"gd", "tin", "qlt", *population.by_ward}
    assert len(codes) >= 12
    assert population.outside
    assert stage.carded_late
    assert late


def test_what_the_province_gets_speaks_its_words(site: Path):
    with played(load(site / "config")) as (stage, _):
        own = [p for unit in ("gd", "ld", "qlt") for p in stage.inbox(unit) if "Phòng" in p.name]
        told = {path.name: texts(path) for path in own if path.suffix == ".xlsx"}

    final = next(words for name, words in told.items() if "đã được cấp thẻ toàn tỉnh" in name)
    doubtful = next(words for name, words in told.items() if "chưa xác minh được" in name)
    to_place = next(words for name, words in told.items() if "Chưa xác định địa bàn" in name)
    assert "BẢO HIỂM XÃ HỘI TỈNH SÔNG DÀI" in final
    assert "Tổng hợp toàn tỉnh" in final
    assert "Ngoài tỉnh" in doubtful
    assert to_place.count("Xã") == 1
    assert [w for words in told.values() for w in words if FOREIGN.search(w)] == []


def test_its_letters_speak_its_words(site: Path):
    mails = sorted((site / "state" / "mail" / "new").iterdir())
    letters = (message_from_bytes(path.read_bytes(), policy=default) for path in mails)
    bodies = (letter.get_body(("plain",)) for letter in letters)
    said = [body.get_content() for body in bodies if body]

    assert len(said) > 100
    assert any("Xã Suối Trong" in text for text in said)
    assert [found.group() for text in said if (found := FOREIGN.search(text))] == []


def test_a_process_in_which_nothing_is_charged_is_told_so_in_one_line(tmp_path: Path):
    config = copied_config(tmp_path)
    text = (config / "process.toml").read_text(encoding="utf-8")
    first, _, rest = text.partition('[[handoff]]\nid = "allocation"')
    (config / "process.toml").write_text(
        f"{first}# {rest.partition(chr(10) * 2)[2]}", encoding="utf-8"
    )

    ran = play(tmp_path / "site", config)

    assert ran.exit_code == 1
    assert 'made_by = "allocation"' in ran.output
    assert len(ran.output.strip().splitlines()) == 1


def test_a_province_of_too_few_communes_is_told_so_in_one_line(tmp_path: Path):
    config = tmp_path / "mine"
    config.mkdir()
    for path in EXAMPLE.iterdir():
        (config / path.name).write_bytes(path.read_bytes())
    lines = (config / "units.csv").read_text(encoding="utf-8").splitlines()
    (config / "units.csv").write_text("\n".join(lines[:10]) + "\n", encoding="utf-8")

    ran = play(tmp_path / "site", config)

    assert (ran.exit_code, len(ran.output.strip().splitlines())) == (1, 1)
    assert "cần ít nhất 24 đơn vị cơ sở, ở đây có 5" in ran.output


def test_a_real_sites_trees_and_mail_are_not_touched(tmp_path: Path):
    """Its units get addresses that go nowhere, and its machine's file is not copied."""
    config = copied_config(tmp_path)
    replaced(config / "bhyt-filedrop.toml", 'id = "main"', 'id = "real"')
    site = tmp_path / "site"

    ran = play(site, config, "--districts", "6", "--children", "100")

    assert "real" not in (site / "config" / "bhyt-filedrop.toml").read_text(encoding="utf-8")
    assert "Problems:              0" in ran.output, ran.output
