"""Rows at the very limits of each rule, returned mails of every make, families alike: all stays.

Each case is made of a few values that lie close together, so that a rule off by one tells on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.letters.bounce_reading import read_mail
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.nearest import nearest_unit
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile import Came, findings, reconcile
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.domain.test_recorded import PLACES, a_workbook
from tests.grids import SECTIONS, Built, build, forms, sound, units
from tests.recorded import is_as_recorded, mark, told

# --- rows at the limits of the rules -------------------------------------------------------------

FORMS = ("form-1", "form-2", "form-3", "form-4", "d03-ts-490", "d03-ts-595", "d03-ts-1111")
LIMITS: dict[str, tuple[CellValue, ...]] = {
    "number": (1.0, 2.0, 3.0, 4.0, "2", None, "5."),
    "name": ("Nguyễn Gia An", "NGUYỄN GIA AN", "Con bà Trần Thị Lan", "Trần Thị Lan", "An", None),
    "birth_date": (
        "31/12/2008", "01/01/2009", "02/01/2009", "31/03/2015", "01/04/2015", "05/06/2015",
        "06/06/2015", "2009", "2008", "03/2015", "04/2015", "13/2014", "29/02/2013", None, 41703.0,
    ),
    "sex": ("x", "X", "Nữ", "nam", None, "1"),
    "parent": ("Trần Thị Lan", None, "Lan", "TRẦN THỊ LAN"),
    "address": (
        "12 Lê Lợi, P. Bến Nghé, Q.1", "P. Tân Định, Q1", "Phường 5", "Phường 5, Quận 3", "Q.1",
        "12 Lê Lợi", "Tân Lập, Long An", None,
    ),
    "card": ("TE1790000000001", "TE179000000000179014", "0000000001", "TE179", None,
             "079214000123"),
    "facility": ("79014", "014", "79999", None, "14"),
    "note": (None, "Chuyển đến ngày 10/5/2015", "Không có ở địa bàn", "chuyển đi"),
    "start_month": ("01/2015", "02/2015", "03/2015", "12/2014", "05/2015", "04/2035", None, "x"),
    "months": (70.0, 71.0, 72.0, 69.0, "58 tháng", 0.0, 1.0, None, "x"),
    "valid_from": ("05/03/2014", "01/01/2015", "04/03/2014", None),
    "valid_to": ("30/09/2020", "04/03/2020", "05/03/2020", "01/10/2020", "30/09/2021", None),
    "id_number": ("079214000123", "079214000124", "023456789", None, "07921400012"),
}  # fmt: skip
BESIDE: tuple[dict[str, Any], ...] = (
    {"heading_unit": "sender", "place_of": "sender", "answers": "ward-list"},
    {
        "heading_unit": "receiver",
        "place_of": "receiver",
        "parts": (("form-4",), ("d03-ts-595",)),
    },
    {"heading_unit": "any", "severities": {"row.*": Severity.NOTES}},
)
ASKED = tuple(
    HandOff(id="x", name="Bước", sender="ward", receiver="parent", **more) for more in BESIDE
)
NAMED = ("BHXH QUẬN 1", "UBND PHƯỜNG BẾN NGHÉ", "UBND PHƯỜNG TÂN ĐỊNH", "BHXH QUẬN 3",
         "BHXH QUẬN 1 - UBND PHƯỜNG BẾN NGHÉ", "UBND PHƯỜNG 5", "")  # fmt: skip


def at_the_limits(form: str, rng: Random) -> Built:
    sections = [mark_ for mark_, _ in SECTIONS.get(form, ())]
    some = {s: [sound(form, n, s) for n in range(1, rng.randrange(2, 4))] for s in sections}
    built = build(form, some or [sound(form, n) for n in range(1, rng.randrange(2, 6))])
    if rng.random() < 0.5:
        built = built.put(1, 1, rng.choice(NAMED))
    for index in range(len(built.rows)):
        names = [name for name in LIMITS if name in built.columns]
        for name in rng.sample(names, min(len(names), rng.choice((1, 2, 3)))):
            built = built.set(index, name, rng.choice(LIMITS[name]))
    return built


@pytest.mark.parametrize("form", FORMS)
def test_rows_at_the_limits_of_the_rules_are_judged_as_they_were(form: str):
    rng = Random(form)
    lines: list[str] = []
    for number in range(24):
        built = at_the_limits(form, rng) if number % 7 else a_workbook(form, rng)
        for one in recognise(built.workbook, forms(), units()).submissions:
            for handoff in (None, *ASKED):
                known = frozenset({Round(2015, 1), Round(2014, 4)})
                asked = Context(
                    rng.choice((date(2015, 6, 5), date(2015, 3, 31), date(2015, 1, 1))), units(),
                    PLACES, by_id(forms()), rng.choice((one.round, Round(2015, 1), Round(2014, 4))),
                    sender=units()[rng.choice(("26740", "760", "770", "thu"))],
                    receiver=units()[rng.choice(("26734", "760"))], handoff=handoff,
                    open_rounds=rng.choice((known, frozenset[Round]())),
                    facilities=rng.choice((frozenset({"79014"}), frozenset[str]())),
                )  # fmt: skip
                said = check(one, asked)
                lines.append(f"{number} {len(said)} {mark(told(said))} {told(said)[:90]}")

    is_as_recorded(f"limits {form}", lines)


# --- returned mails ------------------------------------------------------------------------------

HEADS = (
    "Auto-Submitted: auto-replied", "Auto-Submitted: no", "Precedence: bulk", "X-Autoreply: yes",
    "X-Failed-Recipients: a@q1.example, b@q1.example", "X-Failed-Recipients: a@q1.example",
    "In-Reply-To: <one@x>", "References: <two@x> <one@x>", "Message-ID: <own@x>",
)  # fmt: skip
KINDS = ("multipart/report", "multipart/mixed", "text/plain", "text/html")
PARTS = ("text/plain", "text/html", "message/delivery-status", "message/rfc822",
         "text/rfc822-headers", "message/global-delivery-status")  # fmt: skip
ACTIONS = ("failed", "delayed", "delivered", "relayed", "", "Failed", "odd")
STATES = ("5.1.1", "4.4.7", "2.0.0", "", "5.1", "x")
CODES = ("smtp; 550 5.1.1 gone", "smtp; 452 full", "x-unix; 4.2.2 later", "", "550-no", "1550 x")
TEXTS = (
    "Hi. This is the qmail-send program.\n\n<a@q1.example>:\nno such box. (#5.1.1)\n\n"
    "<b@q1.example>:\n  452 full\n  later\n\n--- Below this line is a copy.\n\n"
    "Message-ID: <sent@x>\n",
    "A message could not be delivered:\n\n  a@q1.example\n    550 gone\n     for ever\n  other\n"
    "<b@q1.example>:\n 452 full\n\n------ This is a copy of the message\nMessage-ID: <sent@x>\n",
    "Message-ID: <sent@x>\nMessage-Id:   <again@x>\n", "Tôi đi vắng.\n", "a@q1.example\nno\n",
    " a@q1.example:\n  5.2.2 full\n\n  more\n", "",
)  # fmt: skip


def a_group(rng: Random) -> str:
    fields = [
        rng.choice(("Original-Recipient: rfc822;a@q1.example", "", "Original-Recipient: x")),
        rng.choice(("Final-Recipient: rfc822; b@q1.example", "Final-Recipient: b@q1.example", "")),
        f"Action: {rng.choice(ACTIONS)}", f"Status: {rng.choice(STATES)}",
        f"Diagnostic-Code: {rng.choice(CODES)}",
    ]  # fmt: skip
    return "\n".join(filter(None, rng.sample(fields, rng.randrange(2, 6)))) + "\n"


def a_part(rng: Random) -> str:
    kind = rng.choice(PARTS)
    if "delivery" in kind:
        first = rng.choice(("Reporting-MTA: dns; x\nOriginal-Envelope-Id: sent@x\n", "X: y\n"))
        groups = [a_group(rng) for _ in range(rng.choice((0, 1, 1, 2)))]
        body = rng.choice(("\n", " \n")).join([first, *groups])
    elif "rfc822" in kind:
        body = rng.choice(("Message-ID: <sent@x>\nSubject: x\n\nbody\n", "\n", "Subject: x\n"))
    else:
        body = rng.choice(TEXTS)
    return f"Content-Type: {kind}\n\n{body}"


def a_mail(rng: Random) -> bytes:
    kind, heads = rng.choice(KINDS), rng.sample(HEADS, rng.choice((0, 1, 2)))
    if kind.startswith("text"):
        return "\n".join([*heads, f"Content-Type: {kind}", "", rng.choice(TEXTS)]).encode()
    parts = "".join(f"--x\n{a_part(rng)}\n" for _ in range(rng.choice((1, 2, 3))))
    text = "\n".join([*heads, f'Content-Type: {kind}; boundary="x"', "", f"{parts}--x--\n"])
    return text.replace("\n", rng.choice(("\n", "\r\n"))).encode()


def test_returned_mails_of_every_make_are_read_as_they_were():
    rng = Random(822)

    is_as_recorded("dense mails", (told(read_mail(a_mail(rng))) for _ in range(450)))


# --- children who are alike ----------------------------------------------------------------------

ALIKE = (
    "Lê Gia An", "Lê Gia Anh", "Le Gia An", "Lê Gìa An", "Lê An", "Lê An Gia", "Lê Minh Gia An",
    "Lê Thiên Bảo Ngọc", "Lê Thiên Bảo Ngoc", "Lê Thien Bao Ngan", "Con bà Võ Lan", "CB Võ Lan 1",
    "CB Võ Lan 2", "Con bà Võ Lam", "Võ Lan", "Bé trai", "An",
)  # fmt: skip
BORN = ("2014-03-05", "2014-05-03", "2014-03-06", "2013-03-05", "2014-03", "2014", "")
PARENTS = ("Võ Lan", "Vo Lan", "Võ Lam", "Lan", "Võ Thị Lan", "", "VÕ LAN")


def alike(rng: Random, row: int) -> ListedChild:
    return ListedChild(
        name=rng.choice(ALIKE), birth=rng.choice(BORN[: rng.choice((1, 2, 7))]),
        parent=rng.choice(PARENTS[: rng.choice((1, 3, 7))]), sex=rng.choice(("", "nam", "nu")),
        address=rng.choice(("", "", "12 Hoa Sứ, P.5", "12 Hoa Su P5", "3 Lê Lợi")),
        code=rng.choice(("", "", "", "K1", "K2")), id_number=rng.choice(("", "", "079214000123")),
        card=rng.choice(("", "", "TE1790000000001", "TE1790000000002")), row=row, cell=f"B{row}",
        note=rng.choice(("", "", "chuyển đi")),
    )  # fmt: skip


def spoken_of(children: Sequence[ListedChild], rng: Random) -> list[Came]:
    """What came back of them: copies, slips, and strangers who are alike."""
    rows = []
    for number, child in enumerate(rng.sample(children, len(children)), start=50):
        other = alike(rng, number)
        slip = rng.choice(("name", "birth", "parent", "sex", "code", "address", ""))
        copy = replace(child, row=number, cell=f"B{number}")
        rows.append(replace(copy, **{slip: getattr(other, slip)}) if slip else copy)
        if rng.random() < 0.15:
            rows.append(replace(other, row=number + 30, cell=f"B{number + 30}"))
    kinds = ("carded-before", "carded-now", "uncarded", "uncarded")
    return [Came(row, rng.choice(kinds), rng.choice(("", "", "a")), "mẫu 4") for row in rows]


def test_children_who_are_alike_are_matched_as_they_were():
    rng = Random(1912)
    lines: list[str] = []
    for _ in range(500):
        sent = [alike(rng, row) for row in range(10, 10 + rng.randrange(1, 7))]
        result = reconcile(sent, spoken_of(sent, rng))
        pairs = [(p.sent.row, p.came.child.row, p.how) for p in result.pairs]
        unsure = [(u.sent.row, u.came.child.row, u.score) for u in result.uncertain]
        lines.append(f"{pairs} {unsure} {mark(told((result, findings(result))))}")

    is_as_recorded("dense families", lines)


# --- folders that nobody declared ----------------------------------------------------------------


def test_the_office_that_a_stray_file_is_nearest_to_is_the_one_that_it_was():
    rng, lines = Random(7), []
    routes = world_of(load(config_dir())).routes
    base = "05-QLTHU/Trẻ em KCB bằng GKS-CS"
    names = ("Quận 1", "Quan 1", "Quận 01", "Quận 12", "Qun 12", "Phường Bến Nghé", "Ben Nghe",
             "Phường 5", "Quận Tân Phú", "Quận Tân Bìn", "Q1", "Phòng Thu", "Lạ", "cũ")  # fmt: skip
    for _ in range(50):
        folders = [rng.choice((base, base, "x")), *rng.choices(names, k=rng.choice((0, 1, 2)))]
        path = "/".join([*folders, f"{rng.choice(names)} - mẫu 3.xlsx"])
        lines.append(f"{path} → {told(nearest_unit(routes, 'main', path))}")

    is_as_recorded("dense strays", lines)
