"""Ways that a process may declare besides the usual one: copies, one unit on a tree of its own."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.site.lay_out import init
from tests.journey.scenes import d03, form_3, form_4
from tests.journey.site import DISTRICT, OTHER_DISTRICT, ROUND, Site, people, workbook
from tests.sites import local_tree, replaced_first


def text_of(mail: object) -> str:
    return str(mail.get_body(("plain",)).get_content())  # type: ignore[attr-defined]


def test_a_second_office_gets_each_file_of_a_hand_off_and_a_letter(site: Site):
    site.set_handoff("district-return", 'copies = ["nvgd1"]')
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    drop = site.only()
    paths = site.delivered(drop, Role.FORWARD)
    assert drop.state is State.ACCEPTED
    assert [path.split("/")[3] for path in paths] == ["Phòng Thu", "Phòng NVGĐ1"]
    assert len({(site.root / path).read_bytes() for path in paths}) == 1
    (copy,) = (m for m in site.mails() if "nvgd1@" in m["To"])
    assert "Mẫu 3" in text_of(copy)
    assert "Bước tiếp theo" not in text_of(copy), "who gets a copy owes nothing by it"


def test_a_copy_goes_along_when_a_return_is_completed_later(site: Site):
    site.set_handoff("ward-return", 'copies = ["thu"]')
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.once()
    site.drop(site.ward(), "D03.xlsx", d03(site))
    site.once()

    copies = site.found("thu", "inbox")
    assert sorted(name.split(" - ")[2] for name in copies) == ["D03-TS", "Mẫu 4"]
    assert copies.items() == site.found(DISTRICT, "from wards").items()


def test_an_office_that_already_gives_or_gets_it_is_no_copy(site: Site):
    site.set_handoff("district-return", 'copies = ["thu"]')

    told = CliRunner().invoke(cli, ["doctor", "--config", str(site.config)]).output

    assert "handoff[district-return].copies" in told


def test_one_unit_may_have_its_folders_on_a_tree_of_its_own(site: Site, tmp_path: Path):
    """A district with a server of its own; its wards stay where they are."""
    machine = site.config / "bhyt-filedrop.toml"
    own = tmp_path / "quan3"
    machine.write_text(
        f'{machine.read_text("utf-8")}\n[[tree]]\nid = "quan3"\nroot = "{own}"\n', "utf-8"
    )
    process = site.config / "process.toml"
    table = f"""
[folders.{OTHER_DISTRICT}]
tree = "quan3"
drop = "Nộp"
inbox = "Nộp/Từ BHXH TP/{{round}}"
received = "Nộp/Đã nhận/{{round}}"
returned = "Nộp/Trả lại"
"""
    process.write_text(process.read_text("utf-8") + table, "utf-8")
    init(site.directory, local_tree)
    group = people(site.units, OTHER_DISTRICT, 8)
    data = workbook(site.units, "form-3", OTHER_DISTRICT, group, scratch=site.directory)
    (own / "Nộp" / "mẫu 3.xlsx").write_bytes(data)
    site.drop(DISTRICT, "mẫu 3 (1).xlsx", form_3(site))
    site.once()

    assert {d.tree: (d.unit, d.state) for d in site.drops()} == {
        "quan3": (OTHER_DISTRICT, State.ACCEPTED), "main": (DISTRICT, State.ACCEPTED),
    }  # fmt: skip
    assert list((own / "Nộp" / "Đã nhận" / ROUND.folder).glob("mẫu 3 - *.xlsx"))
    explained = CliRunner().invoke(
        cli, ["explain", str(own / "Nộp" / "x.xlsx"), "--config", str(site.config)]
    )
    assert f"{OTHER_DISTRICT} " in explained.output


def test_a_return_that_a_person_lets_go_incomplete_says_what_it_lacks_and_why(site: Site):
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.once()
    before = {m["Message-ID"] for m in site.mails()}
    call = ["release", site.only().id, "--why", "D03 gửi giấy", "--config", str(site.config)]

    said = CliRunner().invoke(cli, [*call, "--now", "2015-04-20T09:00"])
    site.clock.now = site.clock.now.replace(hour=10)
    site.once()

    assert "dù: Đã nhận Mẫu 4; còn thiếu: D03-TS." in said.output
    assert site.only().state is State.ACCEPTED
    told = [text_of(m) for m in site.mails() if m["Message-ID"] not in before]
    assert len(told) == 2, "who sent it and who gets it"
    for text in told:
        assert "còn thiếu: D03-TS. Lý do: D03 gửi giấy." in " ".join(text.split())


def test_a_process_file_that_names_nobody_is_told(site: Site):
    replaced_first(site.config / "process.toml", "[folders.ward]", "[folders.phuong]")

    told = CliRunner().invoke(cli, ["doctor", "--config", str(site.config)]).output

    assert "không có loại đơn vị hay đơn vị này" in told
