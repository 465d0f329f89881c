"""`account`: accounts are made, listed, let in again and ended by an admin at the machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from tests.journey.site import DISTRICT, Site
from tests.web.played import fresh, served


@pytest.fixture
def site(played: Site, tmp_path: Path) -> Site:
    return fresh(played, tmp_path)


def call(site: Site, *words: str) -> Result:
    words = ("account", *words, "--config", str(site.config))
    return CliRunner().invoke(cli, words, env={"COLUMNS": "200"})


def test_the_first_admin_gets_a_link_and_with_it_a_password_and_the_page(site: Site):
    made = call(site, "add", "Chi-Lan", "--role", "admin", "--title", "Chị Lan")
    path = made.output.splitlines()[0].removeprefix("http://127.0.0.1:0")

    assert made.exit_code == 0, made.output
    with served(site) as page:
        page.real.now = page.real.now.replace(year=2020)
        visitor = page.visitor()
        chosen = {"password": "mười hai ký tự", "again": "mười hai ký tự"}
        assert visitor.post(path, chosen).status == 303
        assert "Chị Lan" in visitor.get("/account").text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ai đó", "--role", "admin"), "tên tài khoản gồm"),
        (("moi", "--role", "unit"), "cần --unit"),
        (("moi", "--role", "department", "--unit", "khong-co"), "cần --unit"),
        (("moi", "--role", "viewer", "--unit", "khong-co"), "Không có đơn vị"),
        (("phong-thu", "--role", "viewer"), "Đã có tài khoản"),
    ],
)
def test_what_cannot_be_an_account_is_refused_in_one_line(
    site: Site, words: tuple[str, ...], says: str
):
    made = call(site, "add", *words)

    assert made.exit_code != 0
    assert says in (made.output or str(made.exception))


def test_accounts_are_listed_without_anything_secret(site: Site):
    table, lines = call(site, "list"), call(site, "list", "--json").output.splitlines()
    told = {one["name"]: one for one in map(json.loads, lines)}

    assert "Quận 1" in table.output and "phòng của BHXH tỉnh, thành phố" in table.output
    assert told["quan-1"]["unit"] == DISTRICT and told["quan-1"]["role"] == "unit"
    assert "argon2" not in table.output + "".join(lines)


def test_an_ended_account_is_let_in_again_by_a_new_link(site: Site):
    assert call(site, "revoke", "quan-1").exit_code == 0
    assert "đã khóa" in call(site, "list").output
    link = call(site, "link", "quan-1", "--no-codes")

    assert "/invitation/" in link.output
    assert "đã khóa" not in call(site, "list").output
    assert call(site, "link", "ai-do").exit_code != 0
