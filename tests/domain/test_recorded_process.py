"""Folders, units, days, names, entitlements of both shipped cities: all that follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import product
from random import Random

import pytest

from bhyt_filedrop.domain.access.accounts import Account, AccountRole, is_account_name
from bhyt_filedrop.domain.access.sight import Sight
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.letters.bounce_reading import read_mail
from bhyt_filedrop.domain.letters.letter import addressed, contact_of, one_line
from bhyt_filedrop.domain.letters.mailbox_notices import for_people, out_of_reach
from bhyt_filedrop.domain.process import calendar, child_codes, clocks, file_names, parties
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.chart import chart_of
from bhyt_filedrop.domain.process.folders import (
    alike,
    candidates,
    expected_forms,
    is_guide,
    nfc_parts,
)
from bhyt_filedrop.domain.process.made import MADE, label_of
from bhyt_filedrop.domain.process.nearest import nearest_unit
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests import bounces
from tests.recorded import is_as_recorded, mark, told

CITIES = ("hcmc-2015", "hcmc-2025")
NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
ROUNDS = {"hcmc-2015": Round(2015, 1), "hcmc-2025": Round(2025, 4)}


@cache
def world(city: str) -> World:
    return world_of(load(config_dir(city)))


@pytest.fixture(params=CITIES)
def city(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def some_units(where: World) -> list[Unit]:
    """Every department and some offices and wards."""
    every = list(where.units)
    return [*(u for u in every if not u.parent), *Random(3).sample(every, 12)][:22]


def paths(where: World, rng: Random) -> Iterator[str]:
    """Where files lie: drop folders, their sub-folders, own folders, and slips in their names."""
    for unit in some_units(where):
        folder = where.routes.drop_folder(unit)
        own = [path for _, path in where.routes.own_of(unit)]
        below = rng.choice(("", "Quận 1/", "Danh sách KCB/", "a/b/"))
        yield f"{folder}/{below}a.xlsx"
        yield f"{rng.choice(own)}/b.xlsx" if own else folder
        yield f"{folder.upper()}/c.xlsx"
        at = rng.randrange(len(folder))
        yield f"{folder[:at]}{folder[at + 1 :]}/d.xlsx"
        yield f"{folder.rpartition('/')[0]}/e.xlsx"


def test_a_path_means_what_it_did(city: str):
    where, rng = world(city), Random(71)
    forms = [form.id for form in where.forms]
    lines = []
    for number, path in enumerate(paths(where, rng)):
        place = where.routes.locate("main", path)
        near = nearest_unit(where.routes, "main", path) if number % 25 == 0 else None
        lines.append(
            f"{path} → {place and (place.unit.id, place.subfolder, place.top)} {told(near)}"
        )
        if place:
            found = [
                (form, c.handoff.id, c.sender.id, told(c.receiver))
                for form in forms
                for c in candidates(where.process, where.units, place, form)
            ]
            lines.append(f"  {found} {expected_forms(where.process, where.units, place)}")

    is_as_recorded(f"process paths {city}", lines)


def test_a_unit_has_the_folders_that_it_had(city: str):
    where, round_ = world(city), ROUNDS[city]
    routes, units = where.routes, where.units
    lines = [f"{routes.base('main')} {routes.base('other')} {mark(routes.sweep_folders('main'))}"]
    lines += [f"{routes.sweep_folders('main')[:5]} {mark(routes.drop_folders('main'))}"]
    lines += [told(routes.names_of_own("main")), mark(told(list(routes.every_folder())))]
    for unit in some_units(where):
        lines.append(
            f"{unit.id} {units.full_name(unit)} {routes.drop_folder(unit)} {routes.returned(unit)} "
            f"{routes.inbox(unit, round_)} {routes.received(unit, None)} "
            f"{told(routes.approval(unit))} {list(routes.own_of(unit))} {routes.guide_path(unit)} "
            f"{list(routes.subfolders(unit))} {routes.has_folders(unit)}"
        )
        lines.append(
            f"  {told(units.below(unit)[:3])} {len(units.below(unit))} "
            f"{told(units.heirs(unit.id))} {told(units.forebears(unit.id))} "
            f"{addressed(unit, units)} | {contact_of(unit, units)}"
        )
        for handoff in where.process.handoffs.values():
            if unit in parties.senders(handoff, units):
                to = parties.receivers(handoff, unit, units)
                lines.append(
                    f"  {handoff.id} {routes.folder_for(unit, handoff)} "
                    f"{told(to[:2])} {len(to)} {routes.forms_text(handoff)}"
                )

    is_as_recorded(f"process folders {city}", lines)


def test_the_words_and_orders_of_the_units_are_as_they_were(city: str):
    where = world(city)
    units = where.units
    shuffled = [unit.id for unit in units]
    Random(5).shuffle(shuffled)
    lines = [
        f"{units.top} {units.province_code} {told(units.columns)} {units.wards} {units.offices}",
        f"{units.has_offices} {told(units.words)} {where.leader} {told(units.authority)}",
        f"{units.authority.letterhead} {units.authority.office} {units.authority.called} "
        f"{units.authority.outside} {told(units.authority.spellings)}",
        mark(units.in_order(shuffled)),
        told(units.in_order(["gone", *shuffled[:5]])),
        f"{units.called(list(units)[:3])} {units.called(list(units)[-3:])} {units.called([])}",
        told([len(units.of_level(level)) for level in ("ward", "district", "none")]),
        str(len(units.everybody)),
        told([len(units.of_kind(kind)) for kind in ("city", "district", "ward", "commune")]),
        *(f"{key}: {label_of(key, units.authority)} {made.by_unit}" for key, made in MADE.items()),
        told(chart_of(where.process, units, ROUNDS[city], where.days)),
    ]
    for role, unit in product(AccountRole, ("", "thu", "760", "26734", "gone")):
        sight = Sight(units, Account("a", role, unit, "", NOW))  # type: ignore[arg-type]
        lines.append(
            f"{role} {unit}: {sight.sees_city} {len(sight.own)} {len(sight.visible())} "
            f"{sight.sees('26740')} {sight.sees('760')}"
        )
    lines += [
        f"{name!r} {is_account_name(name)}"
        for name in ("a", "phong-thu", "A b", "", "x" * 65, "1.2_3")
    ]

    is_as_recorded(f"process units {city}", lines)


def test_every_day_has_the_rounds_deadlines_and_next_steps_that_it_had(city: str):
    where, round_ = world(city), ROUNDS[city]
    lines = []
    first = round_.first_day
    for n in range(0, 400, 23):
        day = first + timedelta(days=n)
        now = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
        assumed = [told(where.assumed_round(h, now)) for h in where.process.handoffs.values()]
        lines.append(
            f"{day} {where.days.is_working(day)} {where.days.next_working(day)} "
            f"{where.days.previous_working(day)} {where.days.count_after(day, 3)} "
            f"{where.days.between(day, day + timedelta(days=n % 40))} {calendar.home_round(day)} "
            f"{calendar.next_whole_round(day, where.process, where.days)} "
            f"{told(where.open_rounds(now))} {calendar.day_text(day)} {calendar.moment_text(now)} "
            f"{assumed}"
        )
    for quarter in (round_, round_.next, round_.previous, round_.next.next):
        lines.append(
            f"{quarter} {quarter.title} {quarter.folder} {quarter.first_day} "
            f"{quarter.last_day} {calendar.opens(where.process, quarter)} "
            f"{calendar.closes(where.process, quarter, where.days)}"
        )
        for handoff, due in calendar.due_dates(where.process, quarter, where.days):
            later = calendar.extended(due, first + timedelta(days=180))
            lines.append(
                f"  {handoff.id} {due and (due.text, due.instant)} {later and later.text} "
                f"{calendar.belongs_to(handoff, quarter)}"
            )
    for unit, handoff in product(some_units(where)[:9], where.process.handoffs.values()):
        following = where.following(handoff, unit, round_)
        if following:
            given = frozenset({(following.id, unit.id)})
            lines.append(
                f"{unit.id} {handoff.id} → {where.next_step(handoff, unit, round_)} | "
                f"{mark(where.next_step(handoff, unit, round_, given))}"
            )

    is_as_recorded(f"process days {city}", lines)


def test_a_child_is_entitled_to_what_it_was(city: str):
    units = world(city).units
    rules = units.entitlement
    rng, lines = Random(73), []
    births = [date(2009, 1, 1) + timedelta(days=rng.randrange(6500)) for _ in range(25)]
    births += [
        date(2016, 2, 29),
        date(2012, 9, 30),
        date(2012, 9, 29),
        date(2012, 10, 1),
        rules.paid_from,
    ]
    for birth in births:
        moved = birth + timedelta(days=rng.randrange(-40, 900)) if rng.random() < 0.5 else None
        until = rules.valid_until(birth)
        on = [until + timedelta(days=n) for n in (-31, -1, 0, 1, 31)] + [
            birth,
            birth - timedelta(days=1),
        ]
        lines.append(
            f"{birth} {moved} {rules.of_age(birth)} {until} "
            f"{[rules.is_covered(birth, day) for day in on]} "
            f"{told(rules.contribution(birth, moved_in=moved))}"
        )
        lines.append(f"  {told(rules.explain(birth, units.sources, 'Thành phố', moved))}")
    lines += [f"{birth} {told(rules.contribution(birth, moved_in=birth))}" for birth in births[-5:]]

    is_as_recorded(f"process entitlement {city}", lines)


NAMES = (
    "Mẫu 3.xlsx",
    "a/b/~$Mẫu 4.xlsx",
    ".DS_Store",
    "x.tmp",
    "a/@eaDir/b.xlsx",
    "Thumbs.db",
    "b.filepart",
    "c.xlsx.crdownload",
    ".~lock.d.xlsx#",
    "D03 TS.XLSX",
    "tên\u202eslx.exe",
    "a\tb.xlsx",
    "x" * 300 + ".xlsx",
    "Mẫu 3 - D150614-7K3FQX.xlsx",
    "Mẫu 3 - lần 2 - D150614-7K3FQX (lỗi).xlsx",
    "a.b.c",
    "khong duoi",
    "Mẫu 3 (bản nháp).xlsx",
    "a/.hidden/x.xlsx",
    "Mẫu 10.xls",
    "Mẫu 2.xls",
    "D150614-7K3FQX.xlsx",
    "x.part",
    "a.PARTIAL",
    "..part",
    "lost+found/a.xlsx",
    "desktop.ini",
    "Mau 4.zip.xlsx",
    "a .xlsx ",
)


def test_file_names_are_read_and_given_as_they_were():
    unit = Unit("760", "Quận 1", "district", folder='Q1: "một"')
    lines = []
    for name in NAMES:
        mine = [
            file_names.is_clutter(name),
            file_names.is_left_over(name),
            file_names.legible(name),
            file_names.visible(name, "\t"),
            file_names.split_ending(name),
            file_names.order_of_names(name),
            file_names.read_given_back(name),
            file_names.id_in_name(name),
            file_names.mark_in_name(name),
            is_guide(name),
            alike(name),
            nfc_parts(name),
            file_names.fit(name, "-x.xlsx", 40),
            one_line(name),
            file_names.given_back_name(name, "D150614-7K3FQX"),
            file_names.given_back_name(name, "D1", mark="lỗi", ending=".xlsx"),
            file_names.handed_in_name(name, "7K3"),
            file_names.numbered(name, 2),
            file_names.delivered_name(unit, Round(2015, 1), "Mẫu 3", 1 + len(name) % 2, "D1", name),
        ]
        lines.append(f"{told(name)[:60]} → {told(mine)}")
    codes = ["15Q1-7K3FQM", "15Q1-7K3FQ", "15q1-7k3fqm", "16Q4-AAAAAA", "99Q9-7K3FQM", "", "x"]
    lines += [f"{c} {told(child_codes.round_of(c))} {child_codes.split_code(c)}" for c in codes]
    lines += [told(child_codes.common_round(codes[:n])) for n in range(8)]
    lines += [child_codes.write_code(Round(2009, 3), "ABCDE")]

    is_as_recorded("process names", lines)


def test_clocks_are_doubted_where_they_were():
    steps = [
        timedelta(seconds=s) for s in (-90000, -3601, -300, -61, -1, 0, 1, 59, 61, 301, 3599, 90000)
    ]
    steps += [timedelta(days=d) for d in (3, 30, 89, 91, 365, 4000)]
    lines = [
        f"{s} {clocks.is_doubtful(NOW, NOW - s)} {clocks.is_doubtful(NOW, NOW - s, kept=False)}"
        for s in steps
    ]
    lines += [f"{a} {b} {clocks.has_leapt(a, b)}" for a, b in product(steps, steps[3:10])]

    is_as_recorded("process clocks", lines)


def test_bounces_are_read_as_they_were():
    wholes = (
        bounces.postfix,
        bounces.exim,
        bounces.old_exim,
        bounces.exchange,
        bounces.gmail,
        bounces.qmail,
        bounces.answer,
        bounces.absence,
        bounces.receipt,
    )
    mails = [*(made() for made in wholes), bounces.passed_on(bounces.exim())]
    rng = Random(79)
    for mail in list(mails):
        for _ in range(5):
            rows = mail.split(b"\r\n")
            at = rng.randrange(len(rows))
            rows[at] = rng.choice(
                (b"", rows[at][: len(rows[at]) // 2], rows[at] + b"x", rows[at].upper())
            )
            mails.append(b"\r\n".join(rows))
    lines = [told(read_mail(mail)) for mail in mails]
    notices = (for_people(date(2015, 6, 12), 3, "cntt"), out_of_reach(date(2015, 6, 12), "cntt"))
    lines += [told(letter) for letter in notices]

    is_as_recorded("process bounces", lines)
