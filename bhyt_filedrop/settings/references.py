"""Whether the files of `config/` fit each other: every name that one uses, another declares."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from bhyt_filedrop.domain.findings import CODES
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.paper.prints import is_printable
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import PARENT, RECEIVER, FolderRule, HandOff, Process
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.domain.process.parties import receivers, senders
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings import city_file, process_file, units_file
from bhyt_filedrop.settings.patterns import names_in, wrong_names
from bhyt_filedrop.settings.problems import Problem
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
            yield _unknown(key, unit_id, "đơn vị", units.by_id)
    yield from _wrong_needs(process, units)
    yield from _wrong_sources(process, forms)
    rules = [*_wrong_folders(process, units, trees)]
    yield from rules
    yield from _kinds_without_folder(process, units)
    yield from _placed_nowhere(process, units)
    if not rules:
        yield from _in_each_others_way(Routes.of(process, units, {}), units)
        yield from _taken_twice(process, units)


def _unknown(key: str, value: str, what: str, known: Iterable[str]) -> Problem:
    near = difflib.get_close_matches(value, list(known), 1)
    hint = f"; có phải là {near[0]}?" if near else ""
    return Problem(FILE, key, value, f"không có {what} này{hint}")


# --- hand-offs -----------------------------------------------------------------------------------


def _wrong_handoff(handoff: HandOff, units: Units) -> Iterator[Problem]:
    key = f"handoff[{handoff.id}]"
    parties = {*units.by_id, *(unit.kind for unit in units)}
    if handoff.sender not in parties:
        yield _unknown(f"{key}.sender", handoff.sender, "đơn vị hay loại đơn vị", parties)
    elif handoff.receiver not in {"parent", "child"} and handoff.receiver not in units:
        yield _unknown(f"{key}.receiver", handoff.receiver, "đơn vị", units.by_id)
    else:
        yield from _nobody_there(handoff, units, key)
    yield from _wrong_copies(handoff, units, key)
    if handoff.papers not in ("", RECEIVER) and handoff.papers not in units:
        yield _unknown(f"{key}.papers", handoff.papers, "đơn vị", (RECEIVER, *units.by_id))
    for pattern in handoff.severities:
        if not any(fnmatchcase(code, pattern) for code in CODES):
            yield _unknown(f"{key}.severities", pattern, "mã lỗi", CODES)


def _wrong_forms(handoff: HandOff, forms: Sequence[FormSpec] | None) -> Iterator[Problem]:
    key = f"handoff[{handoff.id}].parts"
    known = None if forms is None else [form.id for form in forms]
    for form in dict.fromkeys(handoff.forms):
        if known is not None and form not in known:
            yield _unknown(key, form, "mẫu biểu", known)
        elif handoff.forms.count(form) > 1:
            yield Problem(FILE, key, form, "một mẫu biểu nằm ở hai chỗ")


def _wrong_copies(handoff: HandOff, units: Units, key: str) -> Iterator[Problem]:
    for unit_id in handoff.copies:
        if unit_id not in units:
            yield _unknown(f"{key}.copies", unit_id, "đơn vị", units.by_id)
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
            yield _unknown(key, unit_id, "đơn vị", units.by_id)
        elif unit_id == handoff.sender:
            yield Problem(FILE, key, unit_id, "chính đơn vị này phải nộp, không báo lên chính nó")


def _wrong_needs(process: Process, units: Units) -> Iterator[Problem]:
    for handoff in process.handoffs.values():
        key = f"handoff[{handoff.id}].needs"
        if not handoff.needs:
            continue
        needed = process.handoffs.get(handoff.needs)
        if needed is None:
            yield _unknown(key, handoff.needs, "bước chuyển", process.handoffs)
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
                yield _unknown(
                    f"handoff[{handoff.id}].{key}", source, "bước chuyển", process.handoffs
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
        yield _unknown(
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


# --- folders -------------------------------------------------------------------------------------


def _wrong_folders(
    process: Process, units: Units, trees: Sequence[TreeSettings]
) -> Iterator[Problem]:
    kinds = {unit.kind for unit in units}
    for kind, rule in process.folders.items():
        if kind not in kinds and kind not in units:
            known = {*kinds, *units.by_id}
            yield _unknown(f"folders.{kind}", kind, "loại đơn vị hay đơn vị", known)
        if rule.tree not in {tree.id for tree in trees}:
            yield _unknown(
                f"folders.{kind}.tree", rule.tree, "cây thư mục", [tree.id for tree in trees]
            )
        for sender in rule.inbox_from.keys() - kinds:
            yield _unknown(f"folders.{kind}.inbox_from", sender, "loại đơn vị", kinds)
        yield from _wrong_patterns(rule, f"folders.{kind}", alone=kind in units)
        yield from _wrong_scans(rule, process, units)
    for time in process.earlier:
        for kind, rule in time.folders.items():
            at = f"earlier[{time.until}].folders.{kind}"
            for problem in _wrong_patterns(rule, at, alone=kind in units):
                yield replace(problem, file=city_file.FILE)


def _wrong_patterns(rule: FolderRule, at: str, *, alone: bool) -> Iterator[Problem]:
    for what in ("drop", "inbox", "received", "returned"):
        yield from _wrong_pattern(f"{at}.{what}", getattr(rule, what), what, alone=alone)
    for sender, pattern in rule.inbox_from.items():
        yield from _wrong_pattern(f"{at}.inbox_from.{sender}", pattern, "inbox", alone=alone)
    for name in ("waiting", "agreed", "refused") if rule.approval else ():
        pattern = getattr(rule.approval, name)
        yield from _wrong_pattern(f"{at}.approval.{name}", pattern, "approval", alone=alone)


def _wrong_pattern(key: str, pattern: str, what: str, *, alone: bool) -> Iterator[Problem]:
    """What one pattern says wrongly; that of one unit `alone` need not name it."""
    known = {"unit", "parent"} | ({"round"} if what in {"inbox", "received"} else set())
    names = names_in(pattern)
    yield from wrong_names(FILE, key, pattern, known)
    if names is None:
        return
    if "unit" not in names and not alone:
        yield Problem(FILE, key, pattern, "phải có {unit} để mỗi đơn vị có thư mục riêng")
    if "\\" in pattern or pattern.startswith("/") or {"", ".", ".."} & set(pattern.split("/")):
        yield Problem(FILE, key, pattern, "phải là đường dẫn trong cây, ngăn bằng /")


def _wrong_scans(rule: FolderRule, process: Process, units: Units) -> Iterator[Problem]:
    if not rule.scans:
        return
    key = f"folders.{rule.kind}.scans"
    handoff = process.handoffs.get(rule.scans)
    if handoff is None:
        yield _unknown(key, rule.scans, "bước chuyển", process.handoffs)
    elif not any(rule.kind in (one.id, one.kind) for one in senders(handoff, units)):
        yield Problem(FILE, key, rule.scans, "loại đơn vị này không nộp bước chuyển ấy")


def _kinds_without_folder(process: Process, units: Units) -> Iterator[Problem]:
    for kind in dict.fromkeys(unit.kind for unit in units):
        mine = units.of_kind(kind)
        if any(process.folders_of(u.id, kind, u.valid_to) is None for u in mine):
            yield Problem(
                FILE, f"folders.{kind}", "", f"units.csv có loại đơn vị {kind} mà chưa khai thư mục"
            )


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


def _in_each_others_way(routes: Routes, units: Units) -> Iterator[Problem]:
    """Two units in one folder, or a drop folder inside what the product itself writes.

    What one pattern brings about in all units of a kind is one problem.
    """
    found: dict[tuple[str, str], list[Problem]] = {}
    for unit, what, problem in _crossings(routes, units):
        rule = routes.rule(unit)
        found.setdefault((what, rule.kind), []).append(problem)
    for (_, kind), alike in found.items():
        first, more = alike[0], len(alike) - 1
        many = f"; {more} đơn vị khác cũng vậy, hãy xem lại folders.{kind}" if more else ""
        yield replace(first, message=f"{first.message}{many}")


def _crossings(routes: Routes, units: Units) -> Iterator[tuple[Unit, str, Problem]]:
    taken: dict[tuple[str, str], Unit] = {}
    own = {tree: set(routes.own_folders(tree)) for tree in _tree_ids(routes)}
    for unit in filter(routes.has_folders, units):
        rule, drop = routes.rule(unit), routes.drop_folder(unit)
        other = taken.setdefault((rule.tree, drop.casefold()), unit)
        if other is not unit:
            yield unit, "same", _same_folder(unit, other, drop)
        elif any(_above(drop, n) in own[rule.tree] for n in range(drop.count("/") + 1)):
            key, wrong = f"đơn vị {unit.id}", "thư mục trùng thư mục của hệ thống"
            yield unit, "own", Problem(units_file.FILE, key, drop, wrong)
        elif _share_a_folder(rule):
            # The patterns are the kind's own: said once, not of each unit.
            routes_key = f"folders.{rule.kind}"
            wrong = "inbox, received, returned, approval phải khác nhau"
            yield unit, "share", Problem(FILE, routes_key, drop, wrong)


def _tree_ids(routes: Routes) -> set[str]:
    return {rule.tree for rule in routes.process.folders.values()}


def _same_folder(unit: Unit, other: Unit, drop: str) -> Problem:
    return Problem(
        units_file.FILE, f"đơn vị {unit.id}", drop, f"trùng thư mục với đơn vị {other.id}"
    )


def _above(path: str, levels: int) -> str:
    return path.rsplit("/", levels)[0] if levels else path


def _share_a_folder(rule: FolderRule) -> bool:
    """What comes from several kinds of senders may lie together; the rest may not."""
    inboxes = {pattern for what, pattern in rule.own() if what == "inbox"}
    others = [pattern for what, pattern in rule.own() if what != "inbox"]
    return len(inboxes | set(others)) < len(inboxes) + len(others)


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
