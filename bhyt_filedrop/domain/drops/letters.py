"""Which letters a decided drop causes: to its sender, and to who receives something."""

from __future__ import annotations

from collections.abc import Sequence

from bhyt_filedrop.domain.drops.drop import Delivery
from bhyt_filedrop.domain.drops.facts import (
    Facts,
    draft_of_part,
    missing_parts,
    part_name,
    replaces,
    round_of,
)
from bhyt_filedrop.domain.findings import INFECTED, Finding, Severity
from bhyt_filedrop.domain.letters.letter import (
    Arrival,
    Enclosed,
    Letter,
    addressed,
    delivered,
    held,
    notice,
    one_line,
    receipt,
    returned,
)
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.calendar import moment_text
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.units import Unit


def arrival_of(facts: Facts, routes: Routes) -> Arrival:
    """Return what every letter about a drop tells of it."""
    first = facts.judged[0] if facts.judged else None
    scans = facts.scans
    handoff = first.handoff if first else scans.handoff if scans else None
    round_ = round_of(facts)
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
        is_scan=_is_only_a_scan(facts),
        visits=any(judged.visits for judged in facts.judged),
    )


def _is_only_a_scan(facts: Facts) -> bool:
    """True where a signed copy came without its list; a report is a document and nothing else."""
    route = facts.scans
    scans = bool(facts.parts) and all(part.is_scan for part in facts.parts)
    return scans and route is not None and not route.handoff.is_report


def receipt_of(
    facts: Facts, routes: Routes, forwards: Sequence[Delivery], replaced: Sequence[ListRecord]
) -> Letter:
    """To the sender: accepted, to whom it went, and in whose place it stands."""
    to = dict.fromkeys(addressed(routes.units[d.unit], routes.units) for d in forwards)
    return receipt(
        arrival_of(facts, routes),
        facts.findings,
        delivered_to=tuple(to),
        corrects=bool(replaced),
        replaced=name_files(replaced, facts, routes),
        files=tuple(dict.fromkeys(d.file for d in forwards if d.file)),
    )


def name_files(records: Sequence[ListRecord], facts: Facts, routes: Routes) -> tuple[str, ...]:
    """Name the files of earlier lists as their sender knows them, and when each came; of a file
    that another list of stands on, also which of its lists is meant."""
    gone = {(one.drop, one.seq) for one in records}
    left = {(one.drop, one.file) for one in facts.standing if (one.drop, one.seq) not in gone}
    named = (
        (f"{routes.label(one.form)} trong " if (one.drop, one.file) in left else "", one)
        for one in records
        if one.file
    )
    return tuple(dict.fromkeys(f"{which}{name_file(one)}" for which, one in named))


def name_file(record: ListRecord) -> str:
    """Name the file of a list as its sender knows it, and when it came."""
    return f"{one_line(record.file)} (nhận {moment_text(record.at)})"


def held_letter(facts: Facts, routes: Routes, incomplete: Sequence[Finding]) -> Letter:
    """To the sender: taken, and what is still waited for."""
    missing = dict.fromkeys(
        part_name(judged.handoff, n, routes)
        for judged in facts.judged
        for n in missing_parts(judged, facts)
    )
    why = incomplete[0]
    drafts = dict.fromkeys(
        draft_of_part(judged, n, facts, routes)
        for judged in facts.judged
        for n in missing_parts(judged, facts)
    )
    reason = " ".join(filter(None, drafts)) if missing else f"{why.message} {why.remedy}"
    return held(
        arrival_of(facts, routes),
        tuple(missing),
        facts.findings,
        reason=reason,
        drop_folder=_dropped_in(facts),
    )


def _dropped_in(facts: Facts) -> str:
    """The folder that the file was dropped in; "" where that was the wrong one."""
    if any(found.code == "form.not-expected" for found in facts.findings):
        return ""
    return facts.drop.shown_path.rpartition("/")[0]


AWAITS_WORD = "Danh sách hợp lệ, đang chờ người phụ trách duyệt trước khi chuyển đi."
"""What is said of a list that lacks nothing but a person's approval."""


def look_letters(facts: Facts, routes: Routes, incomplete: Sequence[Finding]) -> list[Letter]:
    """To whoever leads the process: a list of odd size wants a person's look, one that waits for
    approval a word."""
    odd = [one for one in incomplete if one.code == "list.size-odd" or one.message == AWAITS_WORD]
    drop, leader = facts.drop.id, routes.process.digest_to or routes.process.admin
    if not (odd and leader):
        return []
    paragraphs = [
        f"{addressed(facts.owner, routes.units)} nộp {one_line(facts.drop.name)}.",
        *(one.message for one in odd),
        f'Đồng ý chuyển: bhyt-filedrop release {drop} --why "…"',
        f'Trả lại: bhyt-filedrop reject {drop} --why "…"',
        *(folder_way(routes.units[leader], routes) if leader in routes.units else ()),
    ]
    if all(one.message == AWAITS_WORD for one in odd):
        return [notice(f"approve/{drop}", leader, "Chờ duyệt trước khi chuyển", paragraphs)]
    return [notice(f"size/{drop}", leader, "Chờ xem: số trẻ khác thường", paragraphs)]


def folder_way(unit: Unit, routes: Routes) -> list[str]:
    """Say where an office approves lists by moving a file; nothing where it has no such folders."""
    folders = routes.approval(unit)
    if folders is None:
        return []
    agreed, refused = (path.rpartition("/")[2] for path in (folders.agreed, folders.refused))
    return [
        f"Hoặc trong thư mục của {unit.name}: tệp nằm ở {folders.waiting}; chuyển sang "
        f"“{agreed}” để gửi, sang “{refused}” để giữ lại."
    ]


def infected_letters(facts: Facts, routes: Routes) -> tuple[Letter, ...]:
    """To an admin: an office's machine wants looking at."""
    found = [one for one in facts.findings if one.code == INFECTED]
    if not found:
        return ()
    paragraphs = [
        f"{addressed(facts.owner, routes.units)} nộp {one_line(facts.drop.name)}.",
        *(one.message for one in found),
        "Tệp gốc còn trong kho lưu trữ của hệ thống, không có trong thư mục nào. Xin báo đơn vị "
        "quét mã độc máy đã lập tệp.",
    ]
    key, title = f"infected/{facts.drop.id}", "Tệp có mã độc"
    return (notice(key, routes.process.admin, title, paragraphs),)


def letters_to_receivers(
    facts: Facts, routes: Routes, forwards: Sequence[Delivery]
) -> tuple[Letter, ...]:
    """One letter a receiver, about all of its files."""
    found: dict[str, list[Delivery]] = {}
    for delivery in forwards:
        found.setdefault(delivery.unit, []).append(delivery)
    return tuple(_delivered_letter(facts, routes, unit, mine) for unit, mine in found.items())


def _delivered_letter(
    facts: Facts, routes: Routes, unit: str, deliveries: Sequence[Delivery]
) -> Letter:
    folder, _, name = deliveries[0].path.rpartition("/")
    mine = [judged for judged in facts.judged if judged.receiver.id == unit]
    keys = {judged.key for judged in mine}
    replaced = [r for r in facts.standing if r.key in keys and replaces(facts, r)]
    return delivered(
        arrival_of(facts, routes),
        unit,
        folder=folder,
        stored_name=name,
        files=[_enclosed(d, facts) for d in deliveries],
        findings=[f for f in facts.findings if f.severity is not Severity.NOTES],
        corrects=bool(replaced),
        replaced=name_files(replaced, facts, routes),
        next_step=next((judged.next_step for judged in mine), ""),
    )


def _enclosed(delivery: Delivery, facts: Facts) -> Enclosed:
    """A file with the number of its rows, also where it was held until now and goes along."""
    mine = [one for one in facts.judged if (one.sha256, one.file) == _content(delivery)]
    held = [r.rows for r in facts.standing if (r.sha256, r.file) == _content(delivery)]
    counts = [one.rows for one in mine] or held[:1]
    name = delivery.path.rpartition("/")[2]
    return Enclosed(name, sum(counts) if counts else None, any(one.visits for one in mine))


def _content(delivery: Delivery) -> tuple[str, str]:
    return delivery.source, delivery.file


def returned_letter(
    facts: Facts, routes: Routes, findings: Sequence[Finding], deliveries: Sequence[Delivery]
) -> Letter:
    """To the sender: wrong, and where the marked copy lies."""
    folder, _, name = deliveries[0].path.rpartition("/")
    return returned(
        arrival_of(facts, routes),
        findings,
        folder=folder,
        annotated_name=name,
        drop_folder=_dropped_in(facts),
    )
