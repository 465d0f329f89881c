"""Headings are said once for all forms; a form may still say its own, as the first ones did."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.settings import ConfigError, Problem, fingerprint, headings, load
from tests.sites import copied_config, replaced_first

SHIPPED = resources.config_dir()
BASE = resources.shipped("config")
FORMS = sorted(path.stem for path in (BASE / "forms").glob("*.toml"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return copied_config(tmp_path)


def form(config: Path, form_id: str) -> FormSpec:
    return next(form for form in load(config).forms if form.id == form_id)


def problems_of(config: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(config)
    return list(caught.value.problems)


def spelt_out(config: Path, form_id: str) -> str:
    """A form's file as the first version shipped it: each column with all its headings."""
    text = (config / "forms" / f"{form_id}.toml").read_text(encoding="utf-8")
    text = re.sub(r"^headers = \[[^]]*\]\n", "", text, flags=re.M)
    text = re.sub(r"^headings = .*\n", "", text, count=1, flags=re.M)
    before, *columns = text.split("[[columns]]\n")
    for declared, column in zip(columns, form(config, form_id).columns, strict=True):
        said = json.dumps(column.headers, ensure_ascii=False)
        before += f"[[columns]]\nheaders = {said}\n{declared}"
    return before


def test_a_form_that_says_all_its_headings_itself_means_what_it_always_did(config: Path):
    """Sites have such files; the headings of others are nothing to them."""
    for form_id in FORMS:
        before = form(config, form_id)
        text = spelt_out(config, form_id)
        (config / "forms" / f"{form_id}.toml").write_text(text, encoding="utf-8")
        assert form(config, form_id) == before
    (config / headings.FILE).write_text("[lists]\nname = []\ncard = []\n", encoding="utf-8")

    assert load(config).forms == load(SHIPPED).forms


def test_a_column_with_a_number_alone_gets_no_heading_in_a_form_that_asks_for_none(config: Path):
    text = spelt_out(config, "form-1").replace('headers = ["Mã đối chiếu"]', 'numbers = ["13"]')
    (config / "forms" / "form-1.toml").write_text(text, encoding="utf-8")

    assert form(config, "form-1").columns[-1].headers == ()


def test_a_site_without_the_file_takes_the_headings_that_ship(config: Path):
    (config / headings.FILE).unlink()

    assert load(config).forms == load(SHIPPED).forms


def test_what_a_site_says_of_a_field_counts_and_the_rest_stays(config: Path):
    (config / headings.FILE).write_text('[lists]\nname = ["Tên bé"]\n', encoding="utf-8")

    columns = {column.field: column.headers for column in form(config, "form-1").columns}

    assert columns["name"] == ("Tên bé",)
    assert columns["note"] == next(
        c.headers for c in form(SHIPPED, "form-1").columns if c.field == "note"
    )


def test_a_new_spelling_reaches_every_form_that_takes_the_group(config: Path):
    replaced_first(config / headings.FILE, '"Địa chỉ", ', '"Địa chỉ", "Chỗ ở của trẻ", ')

    taking = {
        form.id
        for form in load(config).forms
        for column in form.columns
        if "Chỗ ở của trẻ" in column.headers
    }

    assert {"form-1", "form-2", "form-3", "form-4", "reply-kit", "unplaced"} <= taking


def test_a_columns_own_headings_come_before_those_of_all(config: Path):
    own = 'field = "name"\nheaders = ["Tên bé"]'
    replaced_first(config / "forms" / "form-1.toml", 'field = "name"', own)

    assert form(config, "form-1").columns[1].headers == ("Tên bé",)


def test_of_two_kinds_of_columns_each_has_its_own_headings():
    sexes = {c.kind: c.headers for c in form(SHIPPED, "form-1").columns if c.field == "sex"}

    assert sexes["sex"][0] == "Giới tính"
    assert sexes["sex-nu"][0] == "Nữ"


def test_a_change_of_the_headings_is_a_change_of_the_configuration(config: Path):
    before = fingerprint(config)
    replaced_first(config / headings.FILE, "Địa chỉ", "Chỗ ở")

    assert fingerprint(config) != before


def test_a_group_that_nobody_wrote_is_told_with_the_one_meant(config: Path):
    replaced_first(config / "forms" / "form-1.toml", '["lists"]', '["list"]')

    told = next(p for p in problems_of(config) if p.key == "headings")

    assert (told.file, told.value) == ("forms/form-1.toml", "list")
    assert "có phải là lists?" in told.message


@pytest.mark.parametrize("said", ['"lists"', "[1]", "true"])
def test_groups_that_are_no_list_of_names_are_told(config: Path, said: str):
    replaced_first(config / "forms" / "form-1.toml", '["lists"]', said)

    assert "headings" in {p.key for p in problems_of(config)}


@pytest.mark.parametrize("text", ["[lists]\nname = 3\n", "lists = [", "name = ['Tên']\n"])
def test_a_file_that_says_something_else_is_told_once_and_not_at_each_form(config: Path, text: str):
    (config / headings.FILE).write_text(text, encoding="utf-8")

    assert {p.file for p in problems_of(config)} == {headings.FILE}


def test_no_shipped_form_says_again_what_the_headings_say():
    """A spelling that is added to the headings must reach every form."""
    said: dict[str, dict[str, Any]] = tomllib.loads(
        (BASE / headings.FILE).read_text(encoding="utf-8")
    )
    again = []
    for form_id in FORMS:
        declared = tomllib.loads((BASE / "forms" / f"{form_id}.toml").read_text("utf-8"))
        first = {k: v for group in reversed(declared["headings"]) for k, v in said[group].items()}
        again += [
            f"{form_id}: {column['field']}"
            for column in declared["columns"]
            if "headers" in column and first.get(column["field"]) == column["headers"]
        ]

    assert again == []


def test_every_shipped_spelling_is_some_forms():
    used = {
        (column.field, heading)
        for form in load(SHIPPED).forms
        for column in form.columns
        for heading in column.headers
    }
    said = headings.read(SHIPPED, headings.Gathered())
    idle = [
        f"{group}.{field}: {heading}"
        for group, fields in said.items()
        for field, spellings in fields.items()
        for some in (spellings.values() if isinstance(spellings, dict) else [spellings])
        for heading in some
        if (field, heading) not in used
    ]

    assert idle == []
