"""Decide what one checked drop earns: a pure function from findings and facts to a plan.

Nothing here reads a clock, a disk or the ledger; the journey gathers the facts, and applies the
plan after it was recorded.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bhyt_filedrop.domain.drops import Delivery, Drop, ListKey, ListRecord, Plan, Role
from bhyt_filedrop.domain.findings import Finding, Severity, blocked, finding
from bhyt_filedrop.domain.letters import (
    Arrival,
    Letter,
    addressed,
    delivered,
    held,
    receipt,
    returned,
)
from bhyt_filedrop.domain.naming import delivered_name, given_back_name, numbered
from bhyt_filedrop.domain.process import FileAccess, HandOff
from bhyt_filedrop.domain.rolls import ListedChild
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.routes import Routes
from bhyt_filedrop.domain.states import State
from bhyt_filedrop.domain.units import Unit


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a drop: the file itself, or a member of the archive that was dropped."""

    name: str
    sha256: str
    format: str
    is_scan: bool = False
    readable: bool = True
    """True where its cells could be read, so that an annotated copy can hold them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One recognised list, and the hand-off it turned out to be."""

    file: str
    sha256: str
    form: str
    label: str
    rows: int
    handoff: HandOff
    sender: Unit
    receiver: Unit
    round: Round
    part: int
    late: bool = False
    due_text: str = ""
    children: tuple[ListedChild, ...] = ()
    next_step: str = ""
    """What the receiver owes once it has this list, in one Vietnamese sentence ("" = nothing)."""

    @property
    def key(self) -> ListKey:
        """What the list stands for."""
        return ListKey(self.handoff.id, self.round, self.sender.id, self.receiver.id, self.part)


@dataclass(frozen=True, slots=True)
class ScanRoute:
    """Where scans that come with (or without) a list go."""

    handoff: HandOff
    sender: Unit
    receiver: Unit
    round: Round


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known about one drop when it is decided.

    `standing` are the accepted and held lists of the same hand-offs, rounds and units. `repeated`
    is the id of an earlier accepted drop with the very same bytes that still stands.
    """

    drop: Drop
    owner: Unit
    parts: tuple[FilePart, ...]
    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    standing: tuple[ListRecord, ...] = ()
    scans: ScanRoute | None = None
    repeated: str = ""
    accounted: frozenset[ListKey] = frozenset()
    """Returns (keys of part 0) in which every child that was sent has come back."""
    access: FileAccess = field(default_factory=FileAccess)
    """Owner, group and mode of what is put back into the owner's folders."""


def decide(facts: Facts, routes: Routes) -> Plan:
    """Choose what one checked drop earns.

    One blocking finding returns the drop whole: no partner may hold figures that the sender is
    about to change. A person's decision (`override`) stands above the findings.
    """
    plan = _chosen(facts, routes)
    return replace(plan, deliveries=_apart(plan.deliveries))


def _chosen(facts: Facts, routes: Routes) -> Plan:
    action = (facts.drop.override or {}).get("action", "")
    if action == "reject":
        return _returned(facts, routes, why=(facts.drop.override or {}).get("why", ""))
    if facts.repeated:
        return _acknowledged(facts, routes)
    if blocked(facts.findings) and not (action == "release" and facts.judged):
        return _returned(facts, routes)
    return _accepted(facts, routes, released=action == "release")


def _apart(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
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


# --- accepted or held ------------------------------------------------------------------------


def _accepted(facts: Facts, routes: Routes, *, released: bool) -> Plan:
    overtaken = set() if released else _overtaken(facts)
    complete = {
        judged.key: judged.key not in overtaken and (released or _completes(judged, facts))
        for judged in facts.judged
    }
    records = tuple(
        _record(facts, seq, judged, _list_state(judged.key, complete, overtaken))
        for seq, judged in enumerate(facts.judged)
    )
    held = any(record.state == "held" for record in records)
    promoted = _promoted(facts, complete)
    incomplete = _incomplete(facts, records, routes)
    forwards = (
        *_forwards(facts, routes, records),
        *_promoted_forwards(facts, routes, promoted),
        *_scans(facts, routes),
    )
    round_ = _round(facts)
    supersedes = _superseded(facts, overtaken)
    return Plan(
        state=State.HELD if held else State.ACCEPTED,
        findings=(*facts.findings, *incomplete, *_told_of_newer(facts, overtaken)),
        lists=records or _report(facts),
        deliveries=(*forwards, _original(facts, routes.received(facts.owner, round_))),
        letters=(
            _held_letter(facts, routes, incomplete)
            if held
            else _receipt(facts, routes, forwards, corrects=bool(supersedes)),
            *_letters_to_receivers(facts, routes, forwards),
        ),
        promotes=tuple((record.drop, record.seq) for record in promoted),
        supersedes=supersedes,
        rolls={n: judged.children for n, judged in enumerate(facts.judged)},
    )


def _overtaken(facts: Facts) -> set[ListKey]:
    """The lists in whose place a newer one stands: this file was held up, or was sent round again
    by a person, while its sender had corrected it long since."""
    arrived = facts.drop.arrived_at
    newer = {record.key for record in facts.standing if record.at > arrived}
    return {judged.key for judged in facts.judged} & newer


def _list_state(
    key: ListKey, complete: Mapping[ListKey, bool], overtaken: Container[ListKey]
) -> str:
    if key in overtaken:
        return "superseded"
    return "accepted" if complete[key] else "held"


def _told_of_newer(facts: Facts, overtaken: Container[ListKey]) -> tuple[Finding, ...]:
    return tuple(
        finding(
            "list.overtaken",
            f"Đơn vị đã nộp {judged.label} mới hơn tệp này, nên tệp này chỉ được lưu lại.",
            "Không cần làm gì thêm. Nếu muốn dùng danh sách cũ, hãy nộp lại tệp.",
            file=judged.file,
        )
        for judged in facts.judged
        if judged.key in overtaken
    )


def _completes(judged: Judged, facts: Facts) -> bool:
    """True where the list's hand-off goes on now: all its parts are there, nobody must approve."""
    if judged.handoff.release != "auto":
        return False
    return not _missing_parts(judged, facts)


def _missing_parts(judged: Judged, facts: Facts) -> tuple[int, ...]:
    if replace(judged.key, part=0) in facts.accounted:
        return ()
    there = {other.part for other in facts.judged if _same_return(other.key, judged.key)}
    there |= {r.key.part for r in facts.standing if _same_return(r.key, judged.key)}
    return tuple(n for n in range(len(judged.handoff.parts)) if n not in there)


def _same_return(one: ListKey, other: ListKey) -> bool:
    return (one.handoff, one.round, one.sender, one.receiver) == (
        other.handoff,
        other.round,
        other.sender,
        other.receiver,
    )


def _record(facts: Facts, seq: int, judged: Judged, state: str) -> ListRecord:
    earlier = [r.version for r in facts.standing if r.key == judged.key]
    in_force = state != "superseded"
    return ListRecord(
        drop=facts.drop.id,
        seq=seq,
        key=judged.key,
        form=judged.form,
        rows=judged.rows,
        sha256=judged.sha256,
        state=state,
        version=max(earlier, default=0) + 1 if in_force else 0,
        at=facts.drop.arrived_at,
        late=judged.late,
        file=judged.file,
        completed_at=facts.drop.arrived_at if state == "accepted" else None,
    )


def _report(facts: Facts) -> tuple[ListRecord, ...]:
    """A document that is a hand-off of its own is written down as given, or it would be asked for
    again every day."""
    route = facts.scans
    document = next((part for part in facts.parts if part.is_scan), None)
    if route is None or document is None or not route.handoff.is_report:
        return ()
    key = ListKey(route.handoff.id, route.round, route.sender.id, route.receiver.id)
    at, sha256 = facts.drop.arrived_at, document.sha256
    return (ListRecord(facts.drop.id, 0, key, "", 0, sha256, "accepted", 1, at),)


def _superseded(facts: Facts, overtaken: Container[ListKey]) -> tuple[tuple[str, int], ...]:
    keys = {judged.key for judged in facts.judged if judged.key not in overtaken}
    return tuple((r.drop, r.seq) for r in facts.standing if r.key in keys)


def _promoted(facts: Facts, complete: Mapping[ListKey, bool]) -> tuple[ListRecord, ...]:
    """The held lists of other drops that go on because this one completes their return."""
    done = [key for key, goes_on in complete.items() if goes_on]
    return tuple(
        r
        for r in facts.standing
        if r.state == "held"
        and r.key not in complete
        and any(_same_return(r.key, key) for key in done)
    )


def _incomplete(facts: Facts, records: Sequence[ListRecord], routes: Routes) -> tuple[Finding, ...]:
    waiting = [facts.judged[record.seq] for record in records if record.state == "held"]
    return tuple(_why_held(judged, _missing_parts(judged, facts), routes) for judged in waiting)


def _why_held(judged: Judged, missing: Sequence[int], routes: Routes) -> Finding:
    if not missing:
        return finding(
            "list.incomplete",
            "Danh sách hợp lệ, đang chờ người phụ trách duyệt trước khi chuyển đi.",
            "Không cần làm gì thêm; hệ thống sẽ báo khi danh sách được chuyển.",
            file=judged.file,
        )
    names = ", ".join(_part_name(judged.handoff, n, routes) for n in missing)
    return finding(
        "list.incomplete",
        f"Đã nhận {judged.label}; còn thiếu: {names}.",
        "Nộp tiếp danh sách còn thiếu vào cùng thư mục; các danh sách sẽ được chuyển đi cùng nhau.",
        file=judged.file,
    )


# --- deliveries ------------------------------------------------------------------------------


def _forwards(facts: Facts, routes: Routes, records: Sequence[ListRecord]) -> tuple[Delivery, ...]:
    """One delivery a file and receiver, even where a file holds several lists of one hand-off."""
    found: dict[tuple[str, str], Delivery] = {}
    for judged, record in zip(facts.judged, records, strict=True):
        if record.state == "accepted":
            where = (judged.file, judged.receiver.id)
            found.setdefault(where, _forward(facts, routes, judged, record.version))
    return tuple(found.values())


def _forward(facts: Facts, routes: Routes, judged: Judged, version: int) -> Delivery:
    name = delivered_name(
        judged.sender, judged.round, judged.label, version, facts.drop.id, judged.file
    )
    return _delivery(
        Role.FORWARD, routes, judged.receiver, judged.round, name, judged.sha256, judged.file
    )


def _promoted_forwards(
    facts: Facts, routes: Routes, promoted: Sequence[ListRecord]
) -> tuple[Delivery, ...]:
    found: dict[tuple[str, str], Delivery] = {}
    for record in promoted:
        sender = routes.units[record.key.sender]
        receiver = routes.units[record.key.receiver]
        label = routes.label(record.form)
        name = delivered_name(
            sender, record.key.round, label, record.version, record.drop, record.file
        )
        found.setdefault(
            (record.drop, record.file),
            _delivery(
                Role.FORWARD, routes, receiver, record.key.round, name, record.sha256, record.file
            ),
        )
    return tuple(found.values())


def _scans(facts: Facts, routes: Routes) -> tuple[Delivery, ...]:
    route = facts.scans
    if route is None:
        return ()
    scans = [part for part in facts.parts if part.is_scan]
    return tuple(
        _delivery(
            Role.SCAN,
            routes,
            route.receiver,
            route.round,
            delivered_name(route.sender, route.round, f"Bản scan {n}", 1, facts.drop.id, part.name),
            part.sha256,
            part.name,
        )
        for n, part in enumerate(scans, start=1)
    )


def _delivery(
    role: Role, routes: Routes, unit: Unit, round_: Round, name: str, sha256: str, file: str
) -> Delivery:
    rule = routes.rule(unit)
    path = f"{routes.inbox(unit, round_)}/{name}"
    return Delivery(role, unit.id, rule.tree, path, sha256, sha256, file, rule.access)


def _original(facts: Facts, folder: str) -> Delivery:
    """What was dropped, put where its sender finds it again, under the name that it had."""
    sha256 = facts.drop.sha256 or ""
    name = given_back_name(facts.drop.name, facts.drop.id)
    path = f"{folder}/{name}"
    return Delivery(
        Role.ORIGINAL, facts.owner.id, facts.drop.tree, path, sha256, sha256, "", facts.access
    )


# --- returned --------------------------------------------------------------------------------


def _returned(facts: Facts, routes: Routes, why: str = "") -> Plan:
    findings = facts.findings
    if why:
        findings = (*findings, _rejected(why))
    deliveries = _given_back(facts, routes)
    return Plan(
        state=State.RETURNED,
        findings=findings,
        lists=tuple(_returned_record(facts, n, j) for n, j in enumerate(facts.judged)),
        deliveries=deliveries,
        letters=(_returned_letter(facts, routes, findings, deliveries),),
        reason=why,
    )


def _rejected(why: str) -> Finding:
    return finding(
        "file.rejected",
        f"Người phụ trách trả lại tệp này: {why}.",
        "Sửa theo lý do trên rồi nộp lại tệp.",
    )


def _returned_record(facts: Facts, seq: int, judged: Judged) -> ListRecord:
    return ListRecord(
        drop=facts.drop.id,
        seq=seq,
        key=judged.key,
        form=judged.form,
        rows=judged.rows,
        sha256=judged.sha256,
        state="returned",
        version=0,
        at=facts.drop.arrived_at,
        late=judged.late,
        file=judged.file,
    )


def _given_back(facts: Facts, routes: Routes) -> tuple[Delivery, ...]:
    """An annotated copy of each workbook at fault; the original too where a copy cannot hold it.

    An archive, or a file whose cells could not be read, comes back as it was, with a list of what
    is wrong beside it.
    """
    folder = routes.returned(facts.owner)
    at_fault = {f.file for f in facts.findings if f.file}
    faulty = [part for part in facts.parts if part.name in at_fault]
    copies = tuple(_annotated(facts, folder, part) for part in faulty or facts.parts[:1])
    lone = len(facts.parts) == 1 and facts.parts[0].sha256 == facts.drop.sha256
    if lone and facts.parts[0].readable:
        return copies
    return (*copies, _original(facts, folder))


def _annotated(facts: Facts, folder: str, part: FilePart) -> Delivery:
    name = given_back_name(part.name, facts.drop.id, mark="CẦN SỬA", ending=".xlsx")
    path = f"{folder}/{name}"
    access = facts.access
    return Delivery(
        Role.ANNOTATED, facts.owner.id, facts.drop.tree, path, part.sha256, None, part.name, access
    )


def _acknowledged(facts: Facts, routes: Routes) -> Plan:
    """The very same bytes again: said once more that they are here, sent to nobody."""
    again = finding(
        "file.repeated",
        "Tệp này giống hệt tệp đã được nhận trước đây, nên không chuyển lại lần nữa.",
        "Không cần làm gì thêm. Nếu định nộp bản đã sửa, hãy kiểm tra lại tệp vừa chọn.",
    )
    folder = routes.received(facts.owner, _round(facts))
    return Plan(
        state=State.ACCEPTED,
        findings=(again,),
        deliveries=(_original(facts, folder),),
        letters=(receipt(_arrival(facts, routes), (again,)),),
        reason=f"repeats {facts.repeated}",
    )


def _round(facts: Facts) -> Round | None:
    first = next((judged.round for judged in facts.judged), None)
    return first or (facts.scans.round if facts.scans else None)


# --- letters ---------------------------------------------------------------------------------


def _arrival(facts: Facts, routes: Routes) -> Arrival:
    first = facts.judged[0] if facts.judged else None
    scans = facts.scans
    handoff = first.handoff if first else scans.handoff if scans else None
    round_ = _round(facts)
    return Arrival(
        drop_id=facts.drop.id,
        unit=facts.owner.id,
        sender_name=addressed(facts.owner, routes.units),
        file_name=facts.drop.name,
        received_at=facts.drop.arrived_at,
        handoff_name=handoff.name if handoff else "",
        round_title=round_.title if round_ else "",
        late=any(judged.late for judged in facts.judged),
        due_text=first.due_text if first else "",
        rows=sum(judged.rows for judged in facts.judged) if facts.judged else None,
    )


def _receipt(
    facts: Facts, routes: Routes, forwards: Sequence[Delivery], *, corrects: bool
) -> Letter:
    to = dict.fromkeys(addressed(routes.units[d.unit], routes.units) for d in forwards)
    return receipt(
        _arrival(facts, routes),
        facts.findings,
        delivered_to=tuple(to),
        corrects=corrects,
    )


def _held_letter(facts: Facts, routes: Routes, incomplete: Sequence[Finding]) -> Letter:
    missing = dict.fromkeys(
        _part_name(judged.handoff, n, routes)
        for judged in facts.judged
        for n in _missing_parts(judged, facts)
    )
    reason = "" if missing else incomplete[0].message
    return held(_arrival(facts, routes), tuple(missing), facts.findings, reason=reason)


def _part_name(handoff: HandOff, part: int, routes: Routes) -> str:
    return routes.part_label(handoff.parts[part])


def _letters_to_receivers(
    facts: Facts, routes: Routes, forwards: Sequence[Delivery]
) -> tuple[Letter, ...]:
    """One letter a receiver, about the first of its files (the others lie beside it)."""
    first: dict[str, Delivery] = {}
    for delivery in forwards:
        first.setdefault(delivery.unit, delivery)
    return tuple(_delivered_letter(facts, routes, unit, d) for unit, d in first.items())


def _delivered_letter(facts: Facts, routes: Routes, unit: str, delivery: Delivery) -> Letter:
    folder, _, name = delivery.path.rpartition("/")
    mine = [judged for judged in facts.judged if judged.receiver.id == unit]
    keys = {judged.key for judged in mine}
    return delivered(
        _arrival(facts, routes),
        unit,
        folder=folder,
        stored_name=name,
        findings=[f for f in facts.findings if f.severity is not Severity.NOTES],
        corrects=any(record.key in keys for record in facts.standing),
        next_step=next((judged.next_step for judged in mine), ""),
    )


def _returned_letter(
    facts: Facts, routes: Routes, findings: Sequence[Finding], deliveries: Sequence[Delivery]
) -> Letter:
    folder, _, name = deliveries[0].path.rpartition("/")
    return returned(_arrival(facts, routes), findings, folder=folder, annotated_name=name)
