"""Each unit finds one page in its folder that says what it has to know, of itself and truly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.letters.mailing import DueLetter
from bhyt_filedrop.domain.process.folders import GUIDE, Routes
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.site.guide import CLERKS, INSIDE, WHERE, Guides, due_rule
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.mail import composer_of
from tests.offices import moment
from tests.sites import copied_config, local_tree, one_district

WARD, DISTRICT = "26740", "760"
BASE = "05-QLTHU/Trẻ em KCB bằng GKS-CS"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(resources.config_dir())


@pytest.fixture(scope="module")
def guides(settings: Settings) -> Guides:
    labels = {form.id: form.label for form in settings.forms}
    return Guides(settings, Routes.of(settings.process, settings.units, labels))


def section(page: str, title: str) -> str:
    """What stands below a heading, tags taken out."""
    part = page.partition(f"<h2>{title}</h2>")[2].partition("<h2>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_a_ward_reads_its_own_folder_forms_and_day(guides: Guides, settings: Settings):
    page = guides.page(settings.units[WARD])

    where = section(page, WHERE)
    assert f"{BASE}/Quận 1/Phường Bến Nghé" in where
    assert "Mẫu 4 hoặc Phiếu trả lời, cùng D03-TS" in where
    assert "chậm nhất ngày 15 tháng thứ 3 quý sau (hết ngày 15)" in where
    assert "Mẫu 3" not in where
    assert "UBND Phường Bến Nghé, Quận 1" in page
    inside = section(page, INSIDE)
    assert all(name in inside for name in ("Từ BHXH quận", "Đã nhận", "Trả lại"))
    assert "Từ phường, xã" not in inside


def test_a_district_reads_its_own(guides: Guides, settings: Settings):
    page = guides.page(settings.units[DISTRICT])

    assert "trước ngày 25 tháng thứ 3 quý sau (hết ngày 24)" in section(page, WHERE)
    assert "Từ phường, xã" in section(page, INSIDE)


def test_an_office_of_the_city_finds_the_city_s_handbook(guides: Guides, settings: Settings):
    page = guides.page(settings.units["thu"])

    assert "Sổ tay cho cán bộ BHXH Thành phố" in page
    assert "D03-TS … điền sẵn" not in page


def test_the_page_needs_no_other_file(guides: Guides, settings: Settings):
    page = guides.page(settings.units[WARD])

    assert page.count('src="data:image/') == page.count("<img") >= 4
    assert ".md" not in page and "href=" not in page
    assert len(page.encode()) < 250_000, "there is one in every folder"


@pytest.mark.parametrize(
    "question",
    [
        "Mẫu D03-TS lấy ở đâu?",
        "Bản giấy có phải ký và gửi không?",
        "Hỏi ai?",
        "Tôi nộp nhầm thư mục.",
        "Trong thư mục có hai phiếu trả lời.",
        "Tôi đã nộp, sao vẫn bị nhắc?",
    ],
)
def test_what_clerks_ask_is_answered(guides: Guides, settings: Settings, question: str):
    answers = section(guides.page(settings.units[WARD]), "Hỏi và đáp")

    assert question in answers
    assert len(answers.partition(question)[2].split(" ?")[0]) > 80


def test_whom_to_ask_stands_on_top_where_the_table_of_units_tells(tmp_path: Path):
    config = copied_config(tmp_path)
    table = config / "units.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    phone = lines[0].split(",").index("phone")
    cells = [line.split(",") for line in lines]
    for row in cells[1:]:
        row[phone] = {"thu": "028 3997 9039", DISTRICT: "028 3829 0001"}.get(row[0], "")
    table.write_text("\n".join(",".join(row) for row in cells), encoding="utf-8")
    settings = load(config)
    guides = Guides(settings, Routes.of(settings.process, settings.units))

    top = guides.page(settings.units[WARD]).partition("<h1>")[0]
    assert "BHXH Quận 1, ĐT 028 3829 0001; Phòng Thu, ĐT 028 3997 9039" in top
    assert "Liên hệ" not in guides.page(settings.units["thu"]).partition("<h1>")[0]


def test_the_handbook_s_tables_say_what_the_shipped_process_says(
    guides: Guides, settings: Settings
):
    text = (resources.shipped("docs") / f"{CLERKS}.md").read_text(encoding="utf-8")

    for handoff in settings.process.handoffs.values():
        if handoff.answers:
            assert due_rule(handoff.due) in text
    for unit in (WARD, DISTRICT):
        for _, folder in guides.routes.own_of(settings.units[unit]):
            assert f"`{folder}`" in text


def test_a_due_date_is_said_for_every_round():
    assert due_rule(Due(2, 15)) == "chậm nhất ngày 15 tháng thứ 2 quý sau (hết ngày 15)"
    assert due_rule(None) == ""


def test_init_puts_a_guide_into_each_folder_and_a_second_run_renews_it(tmp_path: Path):
    one_district(copied_config(tmp_path))
    site = init(tmp_path, local_tree)
    routes = Routes.of(site.settings.process, site.settings.units)
    there = [tmp_path / "tree" / routes.guide_path(unit) for unit in site.settings.units]

    assert all(path.is_file() for path in there)
    assert there[-1].name == GUIDE
    there[-1].write_text("cũ")
    init(tmp_path, local_tree)
    assert "Sổ tay" in there[-1].read_text(encoding="utf-8")


def test_letters_name_the_guide_once_it_lies_there(tmp_path: Path):
    one_district(copied_config(tmp_path))
    site = init(tmp_path, local_tree)
    books = open_books(site.settings)
    told = DueLetter(notice("1", DISTRICT, "Thông báo", ["Một dòng."]), moment(6, 1))

    def text() -> str:
        body = composer_of(site.settings, books).compose([told]).get_body(("plain",))
        return str(body.get_content()) if body else ""

    assert f"tệp {BASE}/Quận 1/Từ BHXH TP/{GUIDE}" in text()
    (site.settings.state_dir / "guide").unlink()
    assert GUIDE not in text(), "a site that was laid out before has none yet"
    books.close()
