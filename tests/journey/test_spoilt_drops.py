"""Broken and hostile files really dropped: each goes back or on, and the daemon goes on too."""

from __future__ import annotations

import random

from bhyt_filedrop.domain.drops.states import State
from tests import workbook_formats as formats
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site
from tests.mutations import spoilt
from tests.rars import Item, rar5
from tests.seeds import sound_files

CLOSED = {State.ACCEPTED, State.RETURNED, State.HELD}


def test_files_spoilt_at_random_are_all_dealt_with_and_a_sound_one_after_them(site: Site):
    site.set("patience_minutes = 10", "patience_minutes = 0")
    files = sorted(sound_files().items())
    others = [data for _, data in files]
    for seed in range(500, 525):
        name, data = random.Random(seed).choice(files)
        site.drop(DISTRICT, f"{seed}-{name}", spoilt(data, seed, others))
    site.once()
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    states = site.states()
    assert len(states) == 26
    assert set(states.values()) <= CLOSED
    assert states["mẫu 3.xlsx"] is State.ACCEPTED
    assert site.left_in_work() == []
    assert site.half_made() == []
    for drop in site.drops():
        assert drop.state is not State.RETURNED or site.codes(drop)


def test_files_made_to_harm_go_back_with_a_word_why(site: Site):
    deep = b"<a>" * 50_000
    laughs = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    sheet = formats.spreadsheetml([formats.a_list()])
    harmful = {
        "sâu.xml": sheet.replace(b"<Table>", b"<Table>" + deep),
        "cười.xls": sheet.replace(b"<Workbook", laughs + b"<Workbook", 1).replace(b"STT", b"&b;"),
        "bom.xlsx": formats.bomb_xlsx(100),
        "dài.csv": b"a,b,c\n" * 3 + b"x," * 3_000_000,
        "leo ra.rar": rar5([Item("../../../etc/x.xls", b"x")]),
        "ds\u202exslx.exe": b"MZ" + bytes(200),
    }
    for name, data in harmful.items():
        site.drop(DISTRICT, name, data)

    site.once()

    assert set(site.states().values()) == {State.RETURNED}
    assert all(site.codes(drop) for drop in site.drops())
    back = site.found(DISTRICT, "returned")
    assert sum("CẦN SỬA" in name for name in back) == len(harmful)
    assert all(name.isprintable() for name in back)
    assert site.left_in_work() == []
