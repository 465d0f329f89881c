"""docs/du-lieu-ca-nhan.md says who receives what, as the shipped process declares it."""

from __future__ import annotations

import re
from pathlib import Path

from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load

SHIPPED = load(config_dir())
PAGE = Path(__file__).resolve().parents[1] / "docs" / "du-lieu-ca-nhan.md"
_PART = re.compile(r"(?<=<!-- process -->\n).*(?=<!-- /process -->)", re.DOTALL)


def expected() -> str:
    """The table of the shipped process."""
    head = "| bước | danh sách | nơi gửi | nơi nhận | mẫu |\n|---|---|---|---|---|\n"
    return head + "".join(map(line, SHIPPED.process.handoffs.values()))


def line(handoff: HandOff) -> str:
    forms = ", ".join(f"`{form}`" for part in handoff.parts for form in part)
    who = (called(handoff.sender), called(handoff.receiver))
    return (
        f"| {handoff.number} | {handoff.name} | {who[0]} | {who[1]} | {forms or 'hệ thống lập'} |\n"
    )


def called(role: str) -> str:
    found = SHIPPED.units.by_id.get(role)
    return found.name if found else ROLES.get(role, role)


ROLES = {
    "district": "quận, huyện",
    "ward": "phường, xã",
    "parent": "đơn vị cấp trên của nơi gửi",
    "child": "từng đơn vị cấp dưới của nơi gửi",
}


def test_the_page_says_who_receives_which_list_as_the_process_declares_it():
    (told,) = _PART.findall(PAGE.read_text(encoding="utf-8"))
    assert told == expected()


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_PART.sub(lambda _: expected(), page), encoding="utf-8")
