"""Whether the folders of units fit the units and each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import FolderRule, Process
from bhyt_filedrop.domain.process.parties import senders
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings import city_file, process_file, units_file
from bhyt_filedrop.settings.patterns import names_in, wrong_names
from bhyt_filedrop.settings.problems import Problem, unknown_name
from bhyt_filedrop.settings.values import TreeSettings

FILE = process_file.FILE


def wrong_folders(
    process: Process, units: Units, trees: Sequence[TreeSettings]
) -> Iterator[Problem]:
    """Yield what the patterns of folders say wrongly, and names in them that nobody declares."""
    kinds = {unit.kind for unit in units}
    for kind, rule in process.folders.items():
        if kind not in kinds and kind not in units:
            known = {*kinds, *units.by_id}
            yield unknown_name(FILE, f"folders.{kind}", kind, "loại đơn vị hay đơn vị", known)
        if rule.tree not in {tree.id for tree in trees}:
            yield unknown_name(
                FILE, f"folders.{kind}.tree", rule.tree, "cây thư mục", [tree.id for tree in trees]
            )
        for sender in rule.inbox_from.keys() - kinds:
            yield unknown_name(FILE, f"folders.{kind}.inbox_from", sender, "loại đơn vị", kinds)
        yield from _wrong_patterns(rule, f"folders.{kind}", alone=kind in units)
        yield from _wrong_scans(rule, process, units)
        if rule.access.acl and not rule.access.owner:
            said = "acl cho một tài khoản vào thư mục: phải ghi owner"
            yield Problem(FILE, f"folders.{kind}.access.acl", "true", said)
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
        yield unknown_name(FILE, key, rule.scans, "bước chuyển", process.handoffs)
    elif not any(rule.kind in (one.id, one.kind) for one in senders(handoff, units)):
        yield Problem(FILE, key, rule.scans, "loại đơn vị này không nộp bước chuyển ấy")


def kinds_without_folder(process: Process, units: Units) -> Iterator[Problem]:
    """Yield the kinds of units that no folders are declared for."""
    for kind in dict.fromkeys(unit.kind for unit in units):
        mine = units.of_kind(kind)
        if any(process.folders_of(u.id, kind, u.valid_to) is None for u in mine):
            yield Problem(
                FILE, f"folders.{kind}", "", f"units.csv có loại đơn vị {kind} mà chưa khai thư mục"
            )


def in_each_others_way(routes: Routes, units: Units) -> Iterator[Problem]:
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
