"""Decide what one checked drop earns: a pure function from findings and facts to a plan.

Nothing here reads a clock, a disk or the ledger; the journey gathers the facts, and applies the
plan after it was recorded.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from bhyt_filedrop.domain.drops.closed import to_those_there
from bhyt_filedrop.domain.drops.deliveries import (
    apart,
    forwards_of,
    given_back,
    original,
    promoted_forwards,
    scans_of,
)
from bhyt_filedrop.domain.drops.drop import Plan
from bhyt_filedrop.domain.drops.facts import (
    Facts,
    Judged,
    amends,
    draft_of_part,
    missing_parts,
    part_name,
    replaces,
    round_of,
    same_return,
)
from bhyt_filedrop.domain.drops.judgement import sound_beside_faulty
from bhyt_filedrop.domain.drops.letters import (
    AWAITS_WORD,
    arrival_of,
    held_letter,
    infected_letters,
    letters_to_receivers,
    look_letters,
    name_file,
    receipt_of,
    returned_letter,
)
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, Severity, blocked, finding
from bhyt_filedrop.domain.letters.letter import one_line, receipt
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import WAITING, ListState
from bhyt_filedrop.domain.process.folders import Routes


def decide(facts: Facts, routes: Routes) -> Plan:
    """Choose what one checked drop earns.

    One blocking finding returns the drop whole: no partner may hold figures that the sender is
    about to change. A person's decision (`override`) stands above the findings.
    """
    plan = _choose(facts, routes)
    letters = to_those_there(plan.letters, routes)
    return replace(plan, deliveries=apart(plan.deliveries), letters=letters)


def _choose(facts: Facts, routes: Routes) -> Plan:
    action = (facts.drop.override or {}).get("action", "")
    if action == "reject":
        return _send_back(facts, routes, why=(facts.drop.override or {}).get("why", ""))
    if facts.repeated:
        return _acknowledge(facts, routes)
    if blocked(facts.findings) and not (action == "release" and facts.judged):
        return _send_back(facts, routes)
    return _accept(facts, routes, released=action == "release")


def _accept(facts: Facts, routes: Routes, *, released: bool) -> Plan:
    if released:
        facts = replace(facts, findings=(*facts.findings, *_released_without(facts, routes)))
    overtaken = {} if released else _overtaken(facts)
    complete = {
        judged.key: judged.key not in overtaken and (released or _completes(judged, facts))
        for judged in facts.judged
    }
    records = tuple(
        _record(facts, seq, judged, _list_state(judged.key, facts, complete, overtaken))
        for seq, judged in enumerate(facts.judged)
    )
    held = any(record.state in WAITING for record in records)
    promoted = _find_promoted(facts, complete)
    incomplete = _incomplete(facts, records, routes)
    forwards = (
        *forwards_of(facts, routes, records),
        *promoted_forwards(facts, routes, promoted),
        *scans_of(facts, routes),
    )
    round_ = round_of(facts)
    replaced = _find_superseded(facts, complete, overtaken)
    return Plan(
        state=State.HELD if held else State.ACCEPTED,
        findings=(*facts.findings, *incomplete, *_told_of_newer(facts, overtaken)),
        lists=records or _report(facts),
        deliveries=(*forwards, original(facts, routes.received(facts.owner, round_))),
        letters=(
            held_letter(facts, routes, incomplete)
            if held
            else receipt_of(facts, routes, forwards, replaced),
            *letters_to_receivers(facts, routes, forwards),
            *look_letters(facts, routes, incomplete),
        ),
        promotes=tuple((record.drop, record.seq) for record in promoted),
        supersedes=tuple((record.drop, record.seq) for record in replaced),
        rolls={n: judged.children for n, judged in enumerate(facts.judged)},
    )


def _released_without(facts: Facts, routes: Routes) -> tuple[Finding, ...]:
    """What a person lets a return go on without: told to who sent it and who gets it."""
    why = (facts.drop.override or {}).get("why", "")
    lacking = [(judged, missing_parts(judged, facts)) for judged in facts.judged]
    return tuple(
        replace(
            finding(
                "list.incomplete",
                f"{judged.label} được chuyển đi dù còn thiếu: "
                f"{', '.join(part_name(judged.handoff, n, routes) for n in missing)}. "
                f"Lý do: {one_line(why)}.",
                "Nếu có danh sách còn thiếu, vẫn nộp tiếp vào cùng thư mục.",
                file=judged.file,
            ),
            severity=Severity.WARNS,
        )
        for judged, missing in lacking
        if missing
    )


def _overtaken(facts: Facts) -> dict[ListKey, ListRecord]:
    """The lists in whose place a newer one stands: this file was held up, or was sent round again
    by a person, while its sender had corrected it long since."""
    arrived, mine = facts.drop.arrived_at, {judged.key for judged in facts.judged}
    newer = (r for r in facts.standing if r.at > arrived and replaces(facts, r))
    return {r.key: r for r in newer if r.key in mine}


def _list_state(
    key: ListKey, facts: Facts, complete: Mapping[ListKey, bool], overtaken: Container[ListKey]
) -> ListState:
    if key in overtaken:
        return ListState.SUPERSEDED
    if complete[key]:
        return ListState.ACCEPTED
    return ListState.AMENDING if amends(facts, key) else ListState.HELD


def _told_of_newer(facts: Facts, overtaken: Mapping[ListKey, ListRecord]) -> tuple[Finding, ...]:
    return tuple(
        finding(
            "list.overtaken",
            f"Đơn vị đã nộp {judged.label} mới hơn tệp này{_named(overtaken[judged.key])}, nên tệp "
            "này chỉ được lưu lại.",
            "Không cần làm gì thêm. Nếu muốn dùng danh sách cũ, hãy nộp lại tệp.",
            file=judged.file,
        )
        for judged in facts.judged
        if judged.key in overtaken
    )


def _named(record: ListRecord) -> str:
    return f": {name_file(record)}" if record.file else ""


def _completes(judged: Judged, facts: Facts) -> bool:
    """True where the list's hand-off goes on now: all its parts are there, nobody must approve."""
    if judged.handoff.release != "auto":
        return False
    if judged.key in facts.odd_sizes or facts.kits_to_come.get(replace(judged.key, part=0)):
        return False
    return not missing_parts(judged, facts) and not amends(facts, judged.key)


def _record(facts: Facts, seq: int, judged: Judged, state: ListState) -> ListRecord:
    earlier = [r.version for r in facts.standing if r.key == judged.key and replaces(facts, r)]
    in_force = state != ListState.SUPERSEDED
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
        completed_at=facts.drop.arrived_at if state == ListState.ACCEPTED else None,
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
    return (ListRecord(facts.drop.id, 0, key, "", 0, sha256, ListState.ACCEPTED, 1, at),)


def _find_superseded(
    facts: Facts, complete: Mapping[ListKey, bool], overtaken: Container[ListKey]
) -> tuple[ListRecord, ...]:
    """The lists in whose place others stand now: those of this drop, or of corrections that go on
    with it. While a correction waits, only what waited like it gives way."""
    keys = {judged.key for judged in facts.judged if judged.key not in overtaken}
    return tuple(
        r
        for r in facts.standing
        if replaces(facts, r)
        and (r.key in keys or _goes_on(r, complete))
        and not (r.is_accepted and amends(facts, r.key))
    )


def _goes_on(record: ListRecord, complete: Mapping[ListKey, bool]) -> bool:
    return any(goes_on and same_return(record.key, key) for key, goes_on in complete.items())


def _find_promoted(facts: Facts, complete: Mapping[ListKey, bool]) -> tuple[ListRecord, ...]:
    """The waiting lists of other drops that go on because this one completes their return."""
    return tuple(
        r
        for r in facts.standing
        if r.state in WAITING and _goes_on(r, complete) and _goes_along(r, facts, complete)
    )


def _goes_along(record: ListRecord, facts: Facts, complete: Mapping[ListKey, bool]) -> bool:
    """True for a list that stands beside those of this drop."""
    if (record.drop, record.seq) in facts.pieces.kept:
        return True
    return (
        record.state == ListState.HELD
        and not replaces(facts, record)
        and record.key not in complete
    )


def _incomplete(facts: Facts, records: Sequence[ListRecord], routes: Routes) -> tuple[Finding, ...]:
    waiting = [facts.judged[record.seq] for record in records if record.state in WAITING]
    return tuple(
        _why_looked_at(judged, facts)
        if judged.key in facts.odd_sizes
        else _why_amending(judged, facts, routes)
        if amends(facts, judged.key)
        else _why_held(judged, missing_parts(judged, facts), facts, routes)
        for judged in waiting
    )


def _why_looked_at(judged: Judged, facts: Facts) -> Finding:
    stands = amends(facts, judged.key)
    return finding(
        "list.size-odd",
        f"Tệp có {judged.rows} dòng, còn {facts.odd_sizes[judged.key]}, nên chờ người phụ trách "
        f"xem trước khi chuyển{'; danh sách đang dùng vẫn có hiệu lực' if stands else ''}.",
        "Kiểm tra xem có nhầm hoặc thiếu tệp không: nếu nhầm thì nộp lại tệp đúng; nếu đúng thì "
        "chờ người phụ trách cho chuyển.",
        file=judged.file,
    )


def _why_amending(judged: Judged, facts: Facts, routes: Routes) -> Finding:
    others = [n for n in range(len(judged.handoff.parts)) if n != judged.part]
    names = ", ".join(part_name(judged.handoff, n, routes) for n in others)
    if missing := missing_parts(judged, facts):
        return _why_held(judged, missing, facts, routes)
    return finding(
        "list.incomplete",
        f"Đã nhận bản sửa {judged.label}, nhưng bản này chưa khớp với {names} đã nộp trước đây; "
        "kết quả đã nộp trước đây vẫn có hiệu lực.",
        f"Nếu {names} cũng thay đổi, hãy nộp tiếp bản sửa của danh sách đó; nếu không, hãy sửa lại "
        "tệp này rồi nộp lại.",
        file=judged.file,
    )


def _why_held(judged: Judged, missing: Sequence[int], facts: Facts, routes: Routes) -> Finding:
    if kits := facts.kits_to_come.get(replace(judged.key, part=0)):
        names = ", ".join(routes.units.full_name(routes.units[unit]) for unit in kits)
        return finding(
            "list.incomplete",
            f"Đã nhận {judged.label}; còn thiếu kết quả của các trẻ nhận từ {names}.",
            _SEND_THE_REST,
            file=judged.file,
        )
    if not missing:
        return finding(
            "list.incomplete",
            AWAITS_WORD,
            "Không cần làm gì thêm; hệ thống sẽ báo khi danh sách được chuyển.",
            file=judged.file,
        )
    names = ", ".join(part_name(judged.handoff, n, routes) for n in missing)
    drafts = (draft_of_part(judged, n, facts, routes) for n in missing)
    return finding(
        "list.incomplete",
        f"Đã nhận {judged.label}; còn thiếu: {names}.",
        " ".join(filter(None, (*drafts, _SEND_THE_REST))),
        file=judged.file,
    )


_SEND_THE_REST = (
    "Nộp tiếp danh sách còn thiếu vào cùng thư mục; các danh sách sẽ được chuyển đi cùng nhau."
)


def _send_back(facts: Facts, routes: Routes, why: str = "") -> Plan:
    findings = (*facts.findings, *sound_beside_faulty(facts.parts, facts.findings))
    if why:
        findings = (*findings, _rejected_finding(why))
    deliveries = given_back(facts, routes)
    return Plan(
        state=State.RETURNED,
        findings=findings,
        lists=tuple(_returned_record(facts, n, j) for n, j in enumerate(facts.judged)),
        deliveries=deliveries,
        letters=(
            returned_letter(facts, routes, findings, deliveries),
            *infected_letters(facts, routes),
        ),
        reason=why,
    )


def _rejected_finding(why: str) -> Finding:
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
        state=ListState.RETURNED,
        version=0,
        at=facts.drop.arrived_at,
        late=judged.late,
        file=judged.file,
    )


def _acknowledge(facts: Facts, routes: Routes) -> Plan:
    """The very same bytes again: said once more that they are here, sent to nobody."""
    again = finding(
        "file.repeated",
        "Tệp này giống hệt tệp đã được nhận trước đây, nên không chuyển lại lần nữa.",
        "Không cần làm gì thêm. Nếu định nộp bản đã sửa, hãy kiểm tra lại tệp vừa chọn.",
    )
    folder = routes.received(facts.owner, round_of(facts))
    return Plan(
        state=State.ACCEPTED,
        findings=(again,),
        deliveries=(original(facts, folder),),
        letters=(receipt(arrival_of(facts, routes), (again,)),),
        reason=f"repeats {facts.repeated}",
    )
