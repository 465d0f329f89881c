"""Whether the files of `config/` fit each other: every name that one uses, another declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from bhyt_filedrop.domain.findings import CODES
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.paper.prints import is_printable
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import PARENT, RECEIVER, HandOff, Process
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.domain.process.parties import receivers, senders
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import city_file, process_file
from bhyt_filedrop.settings.folder_references import (
    in_each_others_way,
    kinds_without_folder,
    wrong_folders,
)
from bhyt_filedrop.settings.problems import Problem, unknown_name
from bhyt_filedrop.settings.process_file import ProcessFile
from bhyt_filedrop.settings.values import TreeSettings

FILE = process_file.FILE


def wrong(
    declared: ProcessFile,
    units: Units,
    forms: Sequence[FormSpec] | None,
    trees: Sequence[TreeSettings],
) -> Iterator[Problem]:
    """Yield every name that nobody declares and every two things in each other's way.

    `forms` is None where they could not all be read: then no form's name is called unknown.
    """
    process = declared.process
    for handoff in process.handoffs.values():
        yield from _wrong_handoff(handoff, units)
        yield from _wrong_forms(handoff, forms)
        yield from _wrong_escalation(handoff, declared.own_escalations, units)
    for key, unit_id in (("digest_to", process.digest_to), ("admin", process.admin)):
        if unit_id and unit_id not in units:
            yield unknown_name(FILE, key, unit_id, "đơn vị", units.by_id)
    yield from _wrong_needs(process, units)
    yield from _wrong_sources(process, forms)
    rules = [*wrong_folders(process, units, trees)]
    yield from rules
    yield from kinds_without_folder(process, units)
    yield from _placed_nowhere(process, units)
    if not rules:
        yield from in_each_others_way(Routes.of(process, units, {}), units)
        yield from _taken_twice(process, units)


# --- hand-offs -----------------------------------------------------------------------------------


def _wrong_handoff(handoff: HandOff, units: Units) -> Iterator[Problem]:
    key = f"handoff[{handoff.id}]"
    parties = {*units.by_id, *(unit.kind for unit in units)}
    if handoff.sender not in parties:
        yield unknown_name(FILE, f"{key}.sender", handoff.sender, "đơn vị hay loại đơn vị", parties)
    elif handoff.receiver not in {"parent", "child"} and handoff.receiver not in units:
        yield unknown_name(FILE, f"{key}.receiver", handoff.receiver, "đơn vị", units.by_id)
    else:
        yield from _nobody_there(handoff, units, key)
    yield from _wrong_copies(handoff, units, key)
    if handoff.papers not in ("", RECEIVER) and handoff.papers not in units:
        yield unknown_name(
            FILE, f"{key}.papers", handoff.papers, "đơn vị", (RECEIVER, *units.by_id)
        )
    for pattern in handoff.severities:
        if not any(fnmatchcase(code, pattern) for code in CODES):
            yield unknown_name(FILE, f"{key}.severities", pattern, "mã lỗi", CODES)


def _wrong_forms(handoff: HandOff, forms: Sequence[FormSpec] | None) -> Iterator[Problem]:
    key = f"handoff[{handoff.id}].parts"
    known = None if forms is None else [form.id for form in forms]
    for form in dict.fromkeys(handoff.forms):
        if known is not None and form not in known:
            yield unknown_name(FILE, key, form, "mẫu biểu", known)
        elif handoff.forms.count(form) > 1:
            yield Problem(FILE, key, form, "một mẫu biểu nằm ở hai chỗ")


def _wrong_copies(handoff: HandOff, units: Units, key: str) -> Iterator[Problem]:
    for unit_id in handoff.copies:
        if unit_id not in units:
            yield unknown_name(FILE, f"{key}.copies", unit_id, "đơn vị", units.by_id)
        elif unit_id in (handoff.sender, handoff.receiver):
            wrong = "đơn vị này đã là bên nộp hoặc bên nhận"
            yield Problem(FILE, f"{key}.copies", unit_id, wrong)


def _nobody_there(handoff: HandOff, units: Units, key: str) -> Iterator[Problem]:
    for sender in senders(handoff, units):
        if not receivers(handoff, sender, units):
            yield Problem(
                FILE, f"{key}.receiver", handoff.receiver, f"đơn vị {sender.id} không có ai để nhận"
            )
            return


def _wrong_escalation(
    handoff: HandOff, own: Mapping[str, Sequence[str]], units: Units
) -> Iterator[Problem]:
    key = f"handoff[{handoff.id}].reminders.escalate"
    for unit_id in dict.fromkeys((*own.get(handoff.id, ()), *handoff.reminders.escalate)):
        if unit_id == PARENT:
            continue
        if unit_id not in units:
            yield unknown_name(FILE, key, unit_id, "đơn vị", units.by_id)
        elif unit_id == handoff.sender:
            yield Problem(FILE, key, unit_id, "chính đơn vị này phải nộp, không báo lên chính nó")


def _wrong_needs(process: Process, units: Units) -> Iterator[Problem]:
    for handoff in process.handoffs.values():
        key = f"handoff[{handoff.id}].needs"
        if not handoff.needs:
            continue
        needed = process.handoffs.get(handoff.needs)
        if needed is None:
            yield unknown_name(FILE, key, handoff.needs, "bước chuyển", process.handoffs)
        elif _in_a_circle(handoff, process):
            yield Problem(FILE, key, handoff.needs, "các bước chuyển chờ nhau thành vòng")
        elif not _reaches(needed, handoff, units):
            yield Problem(
                FILE, key, handoff.needs, "bước ấy không chuyển đến đơn vị nộp của bước này"
            )


def _wrong_sources(process: Process, forms: Sequence[FormSpec] | None) -> Iterator[Problem]:
    for handoff in process.handoffs.values():
        named = [("answers", handoff.answers)] if handoff.answers else []
        named += [("made_from", source) for source in handoff.made_from]
        for key, source in named:
            if source not in process.handoffs:
                yield unknown_name(
                    FILE, f"handoff[{handoff.id}].{key}", source, "bước chuyển", process.handoffs
                )
        if handoff.made_by:
            yield from _wrong_made_from(handoff, process)
            yield from _wrong_draft(handoff, process, forms)


def _wrong_made_from(handoff: HandOff, process: Process) -> Iterator[Problem]:
    """A list made from too few or too many others would fail once its round has come."""
    made, given = MADE[handoff.made_by], len(handoff.made_from)
    if given < len(made.sources) or (given > len(made.sources) and not made.takes_more):
        wanted = "; ".join(made.sources)
        yield Problem(
            FILE,
            f"handoff[{handoff.id}].made_from",
            ", ".join(handoff.made_from),
            f"made_by = «{handoff.made_by}» cần, theo đúng thứ tự này: {wanted}",
        )
    for name in handoff.made_from[len(made.sources) :] if made.tells_unplaced else ():
        # A list that somebody drops; what else is wrong with a made one is told where it stands.
        if name in process.handoffs and process.handoffs[name].parts:
            yield Problem(
                FILE,
                f"handoff[{handoff.id}].made_from",
                name,
                "chỉ thêm được danh sách trẻ chưa xác định địa bàn, do hệ thống tự tách",
            )


def _wrong_draft(
    handoff: HandOff, process: Process, forms: Sequence[FormSpec] | None
) -> Iterator[Problem]:
    """A part that is offered filled in has to be one that the return takes, and printable."""
    returned = process.handoffs.get(next(iter(handoff.made_from), ""))
    if not MADE[handoff.made_by].drafts_a_part or returned is None:
        return
    if forms is None:
        return  # what is wrong with them has been told
    printable = {form.id for form in forms if is_printable(form)}
    known = [form for form in returned.forms if form in printable]
    if handoff.form not in known:
        yield unknown_name(
            FILE,
            f"handoff[{handoff.id}].form",
            handoff.form,
            f"mẫu in được của bước {returned.id}",
            known,
        )


def _in_a_circle(handoff: HandOff, process: Process) -> bool:
    seen = {handoff.id}
    step = process.handoffs.get(handoff.needs)
    while step is not None and step.id not in seen:
        seen.add(step.id)
        step = process.handoffs.get(step.needs)
    return step is not None and step.id == handoff.id


def _reaches(needed: HandOff, handoff: HandOff, units: Units) -> bool:
    reached = {r.id for sender in senders(needed, units) for r in receivers(needed, sender, units)}
    return any(sender.id in reached for sender in senders(handoff, units))


# --- addresses -----------------------------------------------------------------------------------


def _placed_nowhere(process: Process, units: Units) -> Iterator[Problem]:
    """Lists are split by addresses, and no unit is the smallest part of one."""
    split = any(h.made_by and MADE[h.made_by].passes_down for h in process.handoffs.values())
    if split and not units.of_level("ward"):
        yield Problem(
            city_file.FILE,
            "kinds",
            ", ".join(dict.fromkeys(unit.kind for unit in units)),
            'chưa loại đơn vị nào có level = "ward" (phần nhỏ nhất của địa chỉ), nên không địa chỉ '
            "nào được phân về đơn vị",
        )


# --- one form, two meanings ----------------------------------------------------------------------


def _taken_twice(process: Process, units: Units) -> Iterator[Problem]:
    """A form dropped at a place must mean one hand-off."""
    meant: dict[tuple[str, str, str], str] = {}
    told: set[tuple[str, str]] = set()
    for handoff in process.handoffs.values():
        for unit_id in _places(handoff, units):
            for form in handoff.forms:
                other = meant.setdefault((unit_id, handoff.subfolder, form), handoff.id)
                if other != handoff.id and (other, handoff.id) not in told:
                    told.add((other, handoff.id))
                    yield Problem(
                        FILE,
                        f"handoff[{handoff.id}].parts",
                        form,
                        f"cùng mẫu, cùng thư mục với bước {other}; hãy đặt subfolder riêng",
                    )


def _places(handoff: HandOff, units: Units) -> set[str]:
    givers = senders(handoff, units)
    places = {unit.id for unit in givers} if "sender" in handoff.drop_in else set()
    if "receiver" in handoff.drop_in:
        places |= {unit.id for giver in givers for unit in receivers(handoff, giver, units)}
    return places
