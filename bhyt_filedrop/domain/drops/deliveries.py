"""Which files a decided drop puts where: to the next party, and back to its sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bhyt_filedrop.domain.drops.closed import getters_there
from bhyt_filedrop.domain.drops.drop import Delivery, Role
from bhyt_filedrop.domain.drops.facts import Facts, FilePart, Judged
from bhyt_filedrop.domain.findings import ACTIVE, INFECTED
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.file_names import delivered_name, given_back_name, numbered
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit


def apart(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Give each file a name of its own: an archive may hold two lists of one form."""
    seen: set[tuple[str, str]] = set()
    found: list[Delivery] = []
    for delivery in deliveries:
        path, n = delivery.path, 2
        while (delivery.tree, path) in seen:
            path, n = numbered(delivery.path, n), n + 1
        seen.add((delivery.tree, path))
        found.append(replace(delivery, path=path))
    return tuple(found)


def forwards_of(
    facts: Facts, routes: Routes, records: Sequence[ListRecord]
) -> tuple[Delivery, ...]:
    """One delivery a file and receiver, even where a file holds several lists of one hand-off.

    What an office gives to the product for its own use (a card register) is put nowhere else.
    """
    found: dict[tuple[str, str], Delivery] = {}
    for judged, record in zip(facts.judged, records, strict=True):
        if record.is_accepted and judged.receiver != judged.sender:
            for unit in _getters(routes, judged.handoff, judged.sender, judged.receiver):
                put = _forward(facts, routes, judged, unit, record.version)
                found.setdefault((judged.file, unit.id), put)
    return tuple(found.values())


def _getters(routes: Routes, handoff: HandOff, sender: Unit, receiver: Unit) -> tuple[Unit, ...]:
    """Who gets a file of a hand-off: its receiver, then those who get a copy."""
    others = (routes.units[unit] for unit in handoff.copies if unit != receiver.id)
    return (*getters_there(handoff, sender, receiver, routes), *others)


def _forward(
    facts: Facts, routes: Routes, judged: Judged, receiver: Unit, version: int
) -> Delivery:
    defused = judged.handoff.active_content == "defuse" and _is_active(facts, judged.file)
    name = delivered_name(
        judged.sender,
        judged.round,
        judged.label,
        version,
        facts.drop.id,
        judged.file,
        ".xlsx" if defused else "",
    )
    where = _Where(judged.sender, receiver, judged.round)
    sent = _delivery(Role.FORWARD, routes, where, name, judged.sha256, judged.file)
    return replace(sent, sha256=None) if defused else sent


def _is_active(facts: Facts, file: str) -> bool:
    """Tell whether a file may run something or reach out; "" names the drop's only file."""
    return any(f.code == ACTIVE and f.file in ("", file) for f in facts.findings)


def promoted_forwards(
    facts: Facts, routes: Routes, promoted: Sequence[ListRecord]
) -> tuple[Delivery, ...]:
    """Deliver what was held until now and goes on, each file once."""
    found: dict[tuple[str, str, str], Delivery] = {}
    for record in promoted:
        key, sender = record.key, routes.units[record.key.sender]
        label = routes.label(record.form)
        handoff = routes.process.handoffs[key.handoff]
        defused = handoff.active_content == "defuse" and _was_active(facts, record)
        name = delivered_name(
            sender,
            record.key.round,
            label,
            record.version,
            record.drop,
            record.file,
            ".xlsx" if defused else "",
        )
        for unit in _getters(routes, handoff, sender, routes.units[key.receiver]):
            where = _Where(sender, unit, key.round)
            put = _delivery(Role.FORWARD, routes, where, name, record.sha256, record.file)
            put = replace(put, sha256=None) if defused else put
            found.setdefault((record.drop, record.file, unit.id), put)
    return tuple(found.values())


def _was_active(facts: Facts, record: ListRecord) -> bool:
    return not facts.active_before.isdisjoint({(record.drop, ""), (record.drop, record.file)})


def scans_of(facts: Facts, routes: Routes) -> tuple[Delivery, ...]:
    """Deliver the scans of a drop to who gets its list."""
    route = facts.scans
    if route is None:
        return ()
    scans = [part for part in facts.parts if part.is_scan]
    return tuple(
        _delivery(
            Role.SCAN,
            routes,
            _Where(route.sender, unit, route.round),
            delivered_name(route.sender, route.round, f"Bản scan {n}", 1, facts.drop.id, part.name),
            part.sha256,
            part.name,
        )
        for n, part in enumerate(scans, start=1)
        for unit in _getters(routes, route.handoff, route.sender, route.receiver)
    )


class _Where(NamedTuple):
    """From whom to whom something goes, and in which round."""

    sender: Unit
    receiver: Unit
    round: Round


def _delivery(
    role: Role, routes: Routes, where: _Where, name: str, sha256: str, file: str
) -> Delivery:
    unit, rule = where.receiver, routes.rule(where.receiver)
    path = f"{routes.inbox(unit, where.round, where.sender)}/{name}"
    return Delivery(role, unit.id, rule.tree, path, sha256, sha256, file, rule.access)


def original(facts: Facts, folder: str) -> Delivery:
    """What was dropped, put where its sender finds it again, under the name that it had."""
    sha256 = facts.drop.sha256 or ""
    name = given_back_name(facts.drop.name, facts.drop.id)
    path = f"{folder}/{name}"
    return Delivery(
        Role.ORIGINAL, facts.owner.id, facts.drop.tree, path, sha256, sha256, "", facts.access
    )


def given_back(facts: Facts, routes: Routes) -> tuple[Delivery, ...]:
    """An annotated copy of each workbook at fault; the original too where a copy cannot hold it.

    An archive, or a file whose cells could not be read, comes back as it was, with a list of what
    is wrong beside it; one with malware in it does not come back.
    """
    folder = routes.returned(facts.owner)
    at_fault = {f.file for f in facts.findings if f.file}
    faulty = [part for part in facts.parts if part.name in at_fault]
    copies = tuple(_annotated_copy(facts, folder, part) for part in faulty or facts.parts[:1])
    lone = len(facts.parts) == 1 and facts.parts[0].sha256 == facts.drop.sha256
    if (lone and facts.parts[0].readable) or any(f.code == INFECTED for f in facts.findings):
        return copies
    return (*copies, original(facts, folder))


def _annotated_copy(facts: Facts, folder: str, part: FilePart) -> Delivery:
    name = given_back_name(part.name, facts.drop.id, mark="CẦN SỬA", ending=".xlsx")
    path = f"{folder}/{name}"
    access = facts.access
    return Delivery(
        Role.ANNOTATED, facts.owner.id, facts.drop.tree, path, part.sha256, None, part.name, access
    )
