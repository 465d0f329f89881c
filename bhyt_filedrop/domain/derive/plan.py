"""The plan of derived lists: their records, where each copy goes, who is told.

Pure, as `decide` is for lists that people drop; `making` says which lists there should be.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bhyt_filedrop.domain.declared import Given, World
from bhyt_filedrop.domain.derive.approval import offer_of
from bhyt_filedrop.domain.derive.inputs import Out, Wanted
from bhyt_filedrop.domain.derive.sent_for import SentList, arrival_of, letters_to_senders
from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan, Role
from bhyt_filedrop.domain.drops.letters import folder_way
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Enclosed, Letter, delivered, notice
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.of_its_time import is_for_a_newcomer
from bhyt_filedrop.domain.process.calendar import Deadline, home_round, local_day
from bhyt_filedrop.domain.process.file_names import delivered_name
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit


def accepted_by_key(records: Iterable[ListRecord]) -> dict[ListKey, ListRecord]:
    """Return the list that stands for each key; one that waits for approval has reached nobody."""
    return {r.key: r for r in records if r.is_accepted}


def find_proposals(records: Iterable[ListRecord]) -> tuple[ListRecord, ...]:
    """Return the derived lists that wait for approval."""
    return tuple(r for r in records if r.is_proposal)


def is_proposed(todo: Sequence[Wanted], proposals: Sequence[ListRecord]) -> bool:
    """True where what has to be made is, list for list, what waits for approval already."""
    return {one.key: one.basis for one in todo} == {r.key: r.basis for r in proposals}


def plan_of(
    drop: Drop, todo: Sequence[Wanted], standing: Mapping[ListKey, ListRecord], world: World
) -> Plan:
    """Plan the derived lists of one own drop; `standing` are the accepted lists by key.

    The plan is `held` where the hand-off waits for a person's approval.
    """
    lists: list[ListRecord] = []
    deliveries: list[Delivery] = []
    letters: list[Letter] = []
    sent: list[SentList] = []
    given = {(key.handoff, key.sender) for key in standing}
    for seq, one in enumerate(todo):
        before = standing.get(one.key)
        record = _record(drop, seq, one, before, world)
        outs = _deliveries(drop, record, one, before, world)
        lists.append(record)
        deliveries += [*outs, *_retired(drop, record, one, standing, world)]
        letters += _letters(drop, record, one, outs, world, given)
        if one.tells and len(one.outs) > 1:
            sent.append(
                SentList(
                    record,
                    outs[1].path,
                    one.note if _keeps_drafts(world.process.handoffs[record.key.handoff]) else "",
                )
            )
    approve = any(record.state == ListState.HELD for record in lists)
    return Plan(
        state=State.HELD if approve else State.ACCEPTED,
        lists=tuple(lists),
        deliveries=tuple(deliveries),
        letters=(*letters, *letters_to_senders(drop, sent, world)),
        supersedes=tuple(_superseded(todo, standing)),
        rolls={seq: one.children for seq, one in enumerate(todo)},
    )


def _superseded(
    todo: Iterable[Wanted], standing: Mapping[ListKey, ListRecord]
) -> Iterator[tuple[str, int]]:
    for one in todo:
        for key in dict.fromkeys((one.key, *one.replaces)):
            if key in standing:
                yield standing[key].drop, standing[key].seq


def _record(
    drop: Drop, seq: int, one: Wanted, before: ListRecord | None, world: World
) -> ListRecord:
    handoff, now = world.process.handoffs[one.key.handoff], drop.arrived_at
    sender = world.units[one.key.sender]
    due = world.deadline_of(handoff, one.key.round, sender, one.key.receiver)
    held = not one.is_draft and _needs_a_person(handoff, one.key.round, now)
    return ListRecord(
        drop=drop.id,
        seq=seq,
        key=one.key,
        form=one.form,
        rows=len(one.children),
        sha256="",
        state=ListState.HELD if held else ListState.ACCEPTED,
        version=before.version + 1 if before else 1,
        at=now,
        late=_is_late(handoff, world.units.by_id.get(one.key.receiver), due, now),
        basis=one.basis,
        completed_at=None if held else now,
    )


def _is_late(handoff: HandOff, receiver: Unit | None, due: Deadline | None, now: datetime) -> bool:
    if due is None or is_for_a_newcomer(handoff, receiver, due):
        return False
    return now >= due.instant


def _needs_a_person(handoff: HandOff, round_: Round, now: datetime) -> bool:
    """True where the process says so, and for the final list of a round that is over: what a list
    of an old round brings about, months later, somebody has to look at."""
    return handoff.release == "approve" or (
        _keeps_drafts(handoff) and round_ < home_round(local_day(now))
    )


def _keeps_drafts(handoff: HandOff) -> bool:
    return handoff.made_by in MADE and MADE[handoff.made_by].keeps_drafts


def _deliveries(
    drop: Drop, record: ListRecord, one: Wanted, before: ListRecord | None, world: World
) -> list[Delivery]:
    recipe = {
        **one.recipe,
        "list": [record.drop, record.seq],
        "before": [before.drop, before.seq] if before and before.rows else None,
        "version": record.version,
        "round": str(record.key.round),
    }
    outs = (*one.outs, *_copies(record, one, world))
    return [_delivery(drop, record, out, recipe, world) for out in outs]


def _copies(record: ListRecord, one: Wanted, world: World) -> Iterator[Out]:
    """What those get besides the receiver whom the process names; a draft is its office's alone."""
    if one.is_draft or not one.outs:
        return
    receiver = world.units[record.key.receiver]
    for unit in world.process.handoffs[record.key.handoff].copies:
        if unit not in {out.unit for out in one.outs}:
            yield Out(unit, f"{one.outs[0].label} {receiver.name}")


def _retired(
    drop: Drop,
    record: ListRecord,
    one: Wanted,
    standing: Mapping[ListKey, ListRecord],
    world: World,
) -> list[Delivery]:
    """Take the drafts away whose place this list takes."""
    if not any(key in standing for key in one.replaces):
        return []
    puts = (_delivery(drop, record, out, {}, world) for out in one.retires)
    return [replace(put, role=Role.RETIRED, recipe=None) for put in puts]


def _delivery(
    drop: Drop, record: ListRecord, out: Out, recipe: Mapping[str, object], world: World
) -> Delivery:
    units, routes = world.units, world.routes
    unit = units[out.unit]
    rule = routes.rule(unit)
    sender = units[record.key.sender]
    name = out.stable_name or delivered_name(
        sender, record.key.round, out.label, record.version, drop.id, "", ".xlsx"
    )
    folder = "/".join(filter(None, (routes.inbox(unit, record.key.round), out.subfolder)))
    return Delivery(
        Role.DERIVED, out.unit, rule.tree, f"{folder}/{name}", "", None, "", rule.access, recipe
    )


def _letters(
    drop: Drop,
    record: ListRecord,
    one: Wanted,
    outs: Sequence[Delivery],
    world: World,
    given: Container[Given],
) -> list[Letter]:
    if not one.tells or not outs:
        return []
    handoff = world.process.handoffs[record.key.handoff]
    receiver = world.units[record.key.receiver]
    arrival = arrival_of(drop, record, world)
    step = world.next_step(handoff, receiver, record.key.round, given) if record.rows else ""
    approval = _offer_text(drop, record, world) if one.is_ready else ""
    notes = {receiver.id: " ".join(filter(None, (one.note, step, approval)))}
    told = [outs[0], *outs[len(one.outs) :]]
    return [
        delivered(
            arrival,
            out.unit,
            folder=out.path.rpartition("/")[0],
            stored_name=out.path.rpartition("/")[2],
            files=[Enclosed(out.path.rpartition("/")[2], record.rows, arrival.visits)],
            corrects=record.version > 1,
            by_system=record.key.sender == out.unit,
            next_step=notes.get(out.unit, ""),
        )
        for out in told
    ]


def _offer_text(drop: Drop, record: ListRecord, world: World) -> str:
    """Say how a draft is confirmed without dropping it; only the admin has a command line."""
    if not offer_of(record, world):
        return ""
    command = f'bhyt-filedrop release {drop.id} --why "…"'
    if record.key.sender == world.process.admin:
        return f"Hoặc duyệt bằng lệnh: {command}."
    return f"Hoặc báo {world.leader} duyệt thay bản nháp {drop.id}."


def approval_letter(drop: Drop, plan: Plan, world: World) -> Letter:
    """Ask whoever leads the process to look at lists that wait for approval."""
    handoff = world.process.handoffs[drop.handoff]
    rows = sum(record.rows for record in plan.lists)
    files = sum(1 for record in plan.lists if record.rows)
    rows_word = "lượt khám" if handoff.made_by and MADE[handoff.made_by].charges else "trẻ"
    title = f"Chờ duyệt: {handoff.number} {handoff.name}"
    if drop.round:
        title += f", {drop.round.title}"
    return notice(
        f"approve/{drop.id}",
        world.process.digest_to or world.process.admin,
        title,
        [
            f"Hệ thống đã lập {files} danh sách ({rows} {rows_word}); chưa gửi cho đơn vị nào.",
            f'Đồng ý gửi: bhyt-filedrop release {drop.id} --why "…"',
            f'Không gửi: bhyt-filedrop reject {drop.id} --why "…"',
            *folder_way(world.units[drop.unit], world.routes),
        ],
    )


def register_letter(reason: str, day: datetime, world: World) -> Letter:
    """Tell the admin that the card register cannot be read; once a day."""
    title = "Không đọc được dữ liệu thẻ BHYT nên chưa lập được bản nháp mẫu 1, mẫu 2"
    told = [reason, "Các danh sách khác vẫn được lập và chuyển như thường."]
    return notice(f"card-register/{day:%Y-%m-%d}", world.process.admin, title, told)
