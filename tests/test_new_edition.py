"""What docs/new-edition.md tells an admin to do, done: a D03-TS of 2030 by configuration alone."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.card_request import card_request_sheets
from bhyt_filedrop.domain.paper.prints import print_of
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import ConfigError, Settings, load
from tests.grids import build, sound
from tests.imports import ROOT
from tests.sites import copied_config, replaced, written

PAGE = ROOT / "docs" / "new-edition.md"
DECISION = "2030/QĐ-BHXH ngày 01/02/2030"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The site after steps 1 and 3 of the page."""
    config = copied_config(tmp_path)
    old = config / "forms" / "d03-ts-490.toml"
    text = old.read_text(encoding="utf-8")
    for before, after in (
        ('id = "d03-ts-490"', 'id = "d03-ts-2030"'),
        ("(QĐ 490/QĐ-BHXH)", "(bản 2030)"),
        ("'\\b490 qd bhxh'", "'\\b2030 qd bhxh'"),
        ("'\\b(595|1111) qd bhxh'", "'\\b(490|595|1111) qd bhxh'"),
        ('decision = "490/QĐ-BHXH ngày 28/3/2023"', f'decision = "{DECISION}"'),
        ('head = ["Mã số nhân viên thu"]', 'head = ["Mã đại lý thu"]'),
    ):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    written(config / "forms" / "d03-ts-2030.toml", text)
    replaced(
        old, "not_titles = ['\\b(595|1111) qd bhxh']", "not_titles = ['\\b(2030|595|1111) qd bhxh']"
    )
    replaced(config / "process.toml", 'form = "d03-ts-1111"', 'form = "d03-ts-2030"')
    return config


@pytest.fixture
def site(config: Path) -> Settings:
    return load(config)


def taken_for(site: Settings, title: str) -> list[str]:
    built = build(
        "d03-ts-490", [sound("d03-ts-490")], titles=("DANH SÁCH NGƯỜI THAM GIA BHYT", title)
    )
    return [one.form for one in recognise(built.workbook, site.forms, site.units).submissions]


def test_the_new_edition_is_told_from_the_old_ones_by_its_decision(site: Settings):
    assert taken_for(site, f"(Ban hành kèm theo Quyết định số {DECISION})") == ["d03-ts-2030"]
    assert taken_for(site, "(Ban hành kèm theo Quyết định số 490/QĐ-BHXH)") == ["d03-ts-490"]


@pytest.mark.parametrize("form", ["d03-ts-595", "d03-ts-1111"])
def test_a_list_of_the_edition_that_does_not_ship_is_taken_by_its_columns(form: str):
    """QĐ 959/2015: between those of 2011 and 2017."""
    shipped = load(config_dir())
    titles = ("DANH SÁCH NGƯỜI CHỈ THAM GIA BHYT", "(Kèm theo QĐ số 959/QĐ-BHXH ngày 09/9/2015)")
    built = build(form, [sound(form)], titles=titles)

    found = recognise(built.workbook, shipped.forms, shipped.units)
    assert [one.form for one in found.submissions] == [form]


def test_every_hand_off_that_takes_the_family_takes_it(site: Settings):
    (_, joining) = site.process.handoffs["ward-return"].parts

    assert {"d03-ts-2030", "d03-ts-490", "d03-ts-595", "d03-ts-1111"} <= set(joining)


def test_it_is_offered_filled_in_under_its_own_decision_and_read_back(
    site: Settings, config: Path, tmp_path: Path
):
    edition = site.form("d03-ts-2030")
    child = ListedChild(name="Lê Thị Hoa", birth="2014-03-05", sex="nu", parent="Trần Thị Chi")
    unit = site.units["26740"]
    sheets = card_request_sheets([child], edition, unit, Round(2015, 1), site.units, folder="x")
    path = tmp_path / "d03.xlsx"
    write_layouts(sheets, path)

    told = [str(c.value) for row in openpyxl.load_workbook(path).active for c in row if c.value]
    assert any(DECISION in text for text in told)
    assert not any("490/QĐ" in text for text in told)
    assert "Mã đại lý thu" in told

    checked = CliRunner().invoke(cli, ["check", str(path), "--config", str(config), "--json"])
    assert '"d03-ts-2030"' in checked.output


def test_two_editions_that_nothing_tells_apart_are_refused(config: Path):
    twin = (config / "forms" / "d03-ts-2030.toml").read_text(encoding="utf-8")
    written(config / "forms" / "twin.toml", twin.replace("d03-ts-2030", "d03-ts-2031"))

    with pytest.raises(ConfigError, match="d03-ts-2031"):
        load(config)


def without_shape(form: Path, more: str = "") -> None:
    """Take away how a form is printed, and the decision with it."""
    text = form.read_text(encoding="utf-8").partition("[printed]")[0]
    text = re.sub(r'decision = ".*"\n', more, text)
    written(form, text)


def test_an_edition_that_nobody_can_print_is_not_offered(config: Path):
    without_shape(config / "forms" / "d03-ts-2030.toml")

    with pytest.raises(ConfigError, match=re.escape("handoff[card-request-draft].form")):
        load(config)


def test_an_edition_may_be_printed_as_another_one_is(config: Path):
    more = f'printed_as = "d03-ts-490"\ndecision = "{DECISION}"\n'
    without_shape(config / "forms" / "d03-ts-2030.toml", more)
    shape = print_of(load(config).form("d03-ts-2030"))

    assert any(column.head == ("Mã số nhân viên thu",) for column in shape.columns)
    assert [line for line in shape.corner if DECISION in line]


def test_a_site_whose_forms_do_not_say_how_they_are_printed_prints_what_ships(config: Path):
    """Forms did not say it before."""
    without_shape(config / "forms" / "d03-ts-490.toml")

    mine, shipped = (load(c).form("d03-ts-490") for c in (config, config_dir()))

    assert mine.printed is not None
    assert (mine.printed, mine.decision) == (shipped.printed, shipped.decision)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('style = "date"', 'style = "đậm"', "printed.columns.birth_date.style"),
        ("{decision}", "{so}", "printed.corner"),
        ("{round}", "{dot", "printed.subtitles"),
        ("width = 5", "width = 0", "printed.columns.number"),
        ("label = ", "lable = ", "printed.columns"),
    ],
)
def test_a_shape_that_could_not_be_printed_is_a_problem_of_its_file(
    config: Path, before: str, after: str, told: str
):
    form = config / "forms" / "d03-ts-2030.toml"
    written(form, form.read_text(encoding="utf-8").replace(before, after, 1))

    with pytest.raises(ConfigError, match=re.escape(f"forms/d03-ts-2030.toml: {told}")):
        load(config)


def test_the_page_names_the_keys_that_forms_have(site: Settings):
    text = PAGE.read_text(encoding="utf-8")
    fields = set(type(site.forms[0]).__dataclass_fields__)

    for key in ("id", "name", "family", "titles", "signs", "not_titles", "columns", "sections",
                "rules", "printed", "printed_as", "decision"):  # fmt: skip
        assert key in fields
        assert key in text
