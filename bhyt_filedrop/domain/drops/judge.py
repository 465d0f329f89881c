"""Judge recognised lists: which hand-off each is, from whom to whom, and what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bhyt_filedrop.domain.checks import check
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.closed import closed_office, is_of_nobody
from bhyt_filedrop.domain.drops.facts import FilePart, Judged, ScanRoute
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.forms.submission import Submission
from bhyt_filedrop.domain.lists.children import list_children
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.folders import (
    Candidate,
    Place,
    alike,
    candidates,
    expected_forms,
    receiver_of,
)
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit


@dataclass(frozen=True, slots=True)
class Found:
    """A recognised list and the file that it came in."""

    submission: Submission
    part: FilePart


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a drop's lists turned out to be; `judged` leaves out lists that nobody expects."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]


def judge(found: Sequence[Found], place: Place, world: World, arrived_at: datetime) -> Judgement:
    """Judge every list of a drop by the folder it was dropped in."""
    if is_of_nobody(place.unit, world):
        return Judgement((), (closed_office(place.unit, world),))
    judged: list[Judged] = []
    findings: list[Finding] = []
    for one in found:
        result, said = _judge_one(one, place, world, arrived_at)
        findings += said
        if result:
            judged.append(result)
    return Judgement(tuple(judged), tuple(findings))


def _judge_one(
    one: Found, place: Place, world: World, arrived_at: datetime
) -> tuple[Judged | None, Iterable[Finding]]:
    submission = one.submission
    fits = candidates(world.process, world.units, place, submission.form)
    if not fits:
        return None, [_not_expected(submission, place, world)]
    chosen = fits[0]
    if chosen.receiver is None:
        chosen = replace(chosen, receiver=_receiver_by_rows(submission, chosen, world))
    assumed = world.assumed_round(chosen.handoff, arrived_at)
    round_ = submission.round or assumed
    context = context_of(world, chosen, round_, arrived_at)
    findings = list(check(submission, context))
    if chosen.receiver is None:
        return None, [*findings, _receiver_unclear(submission, chosen.sender)]
    if round_ is None:
        return None, [*findings, _no_open_round(submission, world)]
    return _judge_list(one, chosen, chosen.receiver, round_, world, arrived_at), findings


def context_of(
    world: World, candidate: Candidate | None, round_: Round | None, arrived_at: datetime
) -> Context:
    """Return what the checks of one list need to know."""
    return Context(
        today=local_day(arrived_at),
        units=world.units,
        gazetteer=world.gazetteer,
        forms=world.forms_by_id,
        round=round_,
        sender=candidate.sender if candidate else None,
        receiver=candidate.receiver if candidate else None,
        handoff=candidate.handoff if candidate else None,
        open_rounds=world.open_rounds(arrived_at),
        facilities=world.facilities,
    )


def _judge_list(
    one: Found,
    chosen: Candidate,
    receiver: Unit,
    round_: Round,
    world: World,
    arrived_at: datetime,
) -> Judged:
    handoff, form = chosen.handoff, one.submission.form
    due = world.deadline_of(handoff, round_, chosen.sender, receiver.id)
    return Judged(
        file=one.part.name,
        sha256=one.part.sha256,
        form=form,
        label=world.routes.label(form),
        rows=len(one.submission.rows),
        handoff=handoff,
        sender=chosen.sender,
        receiver=receiver,
        round=round_,
        part=next(n for n, forms in enumerate(handoff.parts) if form in forms),
        late=due is not None and arrived_at >= due.instant,
        due_text=due.text if due else "",
        children=list_children(one.submission, world.forms_by_id[form], world.gazetteer),
        next_step=world.next_step(handoff, receiver, round_),
        visits=world.forms_by_id[form].rules.visits,
    )


def _receiver_by_rows(submission: Submission, chosen: Candidate, world: World) -> Unit | None:
    """The one unit below the sender in whose area all children live whose address can be read."""
    below = {unit.id: unit for unit in world.units.below(chosen.sender)}
    areas: set[str] = set()
    for row in submission.rows:
        parts = (row.text(name) for name in ("ward", "district", "city", "address"))
        placed = world.gazetteer.place_parts(*parts)
        areas.add(placed.ward if placed.ward in below else placed.district)
    areas.discard("")
    return below.get(areas.pop()) if len(areas) == 1 else None


def _not_expected(submission: Submission, place: Place, world: World) -> Finding:
    taken = world.routes.part_label(expected_forms(world.process, world.units, place))
    return finding(
        "form.not-expected",
        f"Tệp là {world.routes.label(submission.form)}, nhưng thư mục này không nhận mẫu đó.",
        f"Thư mục này nhận: {taken}. Hãy chuyển tệp vào đúng thư mục hoặc lập đúng mẫu."
        if taken
        else "Thư mục này chỉ để nhận tệp từ hệ thống; hãy nộp vào thư mục của đơn vị mình.",
        file=submission.file,
        sheet=submission.tables[0].sheet if submission.tables else None,
    )


def _receiver_unclear(submission: Submission, sender: Unit) -> Finding:
    return finding(
        "form.receiver-unclear",
        f"Danh sách có trẻ của nhiều địa bàn thuộc {sender.name} hoặc không đọc được địa bàn, "
        "nên chưa biết chuyển cho đơn vị nào.",
        "Tách mỗi địa bàn một tệp, hoặc đặt tệp vào thư mục con mang tên đơn vị nhận.",
        file=submission.file,
    )


def _no_open_round(submission: Submission, world: World) -> Finding:
    return finding(
        "form.round-wrong",
        "Hiện không có đợt nào đang mở để nhận danh sách này.",
        f"Liên hệ {world.leader}, {world.units.authority.called} để biết đợt đang nhận.",
        file=submission.file,
    )


# --- scans -----------------------------------------------------------------------------------


def scan_route(
    judged: Sequence[Judged], place: Place, world: World, arrived_at: datetime
) -> ScanRoute | None:
    """Return where scans go: with the drop's own list, as a report, or by the folder's rule."""
    if is_of_nobody(place.unit, world):
        return None
    if judged:
        first = judged[0]
        return ScanRoute(first.handoff, first.sender, first.receiver, first.round)
    handoff = _report_for(place, world.process)
    handoff = handoff or world.process.handoffs.get(world.routes.rule(place.unit).scans)
    if handoff is None:
        return None
    receiver = receiver_of(handoff, world.units, place)
    fixed = handoff.due.on if handoff.due else None
    round_ = home_round(fixed) if fixed else world.assumed_round(handoff, arrived_at)
    if receiver is None or round_ is None:
        return None
    return ScanRoute(handoff, place.unit, receiver, round_)


def _report_for(place: Place, process: Process) -> HandOff | None:
    """The hand-off that a document in this sub-folder is: one without any form is a report."""
    party = (place.unit.id, place.unit.kind)
    reports = (h for h in process.handoffs.values() if h.is_report and h.sender in party)
    return next((h for h in reports if alike(h.subfolder) == alike(place.top)), None)


def scans_without_a_way(parts: Sequence[FilePart]) -> tuple[Finding, ...]:
    """Say of each scan that no rule of this folder takes it along."""
    return tuple(
        finding(
            "file.not-a-workbook",
            "Tệp này là bản scan hoặc văn bản, không phải bảng tính; thư mục này không nhận riêng "
            "bản scan.",
            "Nộp danh sách bằng tệp Excel; bản scan có thể nén chung với tệp Excel đó.",
            file=part.name,
        )
        for part in parts
        if part.is_scan
    )
