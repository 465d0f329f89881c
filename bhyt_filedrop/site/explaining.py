"""What would become of a file of some name, in some folder, on some day: asked of the declared
process, without touching any file. The command `explain` and the page's form say the same."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.lying import SAID, Lying
from bhyt_filedrop.domain.process.calendar import short_moment
from bhyt_filedrop.domain.process.file_names import is_clutter
from bhyt_filedrop.domain.process.folders import Place, candidates, expected_forms, nfc_parts
from bhyt_filedrop.domain.process.nearest import nearest_unit
from bhyt_filedrop.language import say
from bhyt_filedrop.settings import Settings

Explanation: TypeAlias = "dict[str, str | list[str]]"
"""Word of `LABELS` → what is told under it."""


def explain_path(
    world: World, tree: str, path: str, lying: Iterable[Lying], now: datetime
) -> Explanation:
    """Tell which unit, hand-offs and rules a path of a tree would meet at a moment (aware); `lying`
    is what was not taken at the last look. A folder is told by what would lie in it."""
    world = world.at(now)
    place = _place(world, tree, path.rstrip("/"))
    told = _met_by(world, tree, path, place, now)
    if place and is_clutter(path):
        told["ignored"] = say("tên tạm hoặc tên khóa, bỏ qua", "a temporary or lock name, ignored")
    waits = [
        say(
            f"{SAID[one.why]}, từ {short_moment(one.since)}",
            f"{one.why}, {short_moment(one.since)}",
        )
        for one in lying
        if (one.tree, nfc_parts(one.path)) == (tree, nfc_parts(path))
    ]
    return told | {"waits": waits} if waits else told


LABELS: Mapping[str, Callable[[], str]] = {
    "tree": lambda: say("Cây", "Tree"),
    "path": lambda: say("Đường dẫn", "Path"),
    "unit": lambda: say("Đơn vị", "Unit"),
    "nearest": lambda: say("Gần nhất", "Nearest"),
    "what": lambda: say("Là", "Is"),
    "takes": lambda: say("Nhận", "Takes"),
    "scans": lambda: say("Bản scan", "Scans"),
    "received": lambda: say("Bản gốc", "Original"),
    "returned": lambda: say("Trả lại", "Returned"),
    "waits": lambda: say("Chưa nhận", "Not taken"),
    "ignored": lambda: say("Bỏ qua", "Ignored"),
}
"""What each part of an explanation is called."""


def explained_lines(told: Explanation) -> Iterator[tuple[str, str]]:
    """Yield an explanation line by line: what it is about, and what is said."""
    for key, value in told.items():
        for line in value if isinstance(value, list) else [value]:
            yield LABELS[key](), line


def in_tree(settings: Settings, path: Path) -> tuple[str, str] | None:
    """Turn a path on this machine into a local tree (id) and a path in it; None where it lies in no
    tree."""
    wanted = unicodedata.normalize("NFC", os.path.normpath(path.absolute()))
    for tree in settings.trees:
        root = unicodedata.normalize("NFC", os.path.normpath(Path(tree.root).absolute())) + "/"
        if tree.is_local and f"{wanted}/".startswith(root):
            return tree.id, wanted[len(root) :]
    return None


def _place(world: World, tree: str, path: str) -> Place | None:
    """Locate a file, or a folder by what would lie in it."""
    there, within = world.routes.locate(tree, path), world.routes.locate(tree, f"{path}/…")
    if within and (within.own or there is None or there.unit != within.unit):
        return within
    return there


def _met_by(world: World, tree: str, path: str, place: Place | None, now: datetime) -> Explanation:
    told: Explanation = {"tree": tree, "path": path}
    if place is None:
        told["what"] = say("ngoài mọi thư mục nộp", "outside every drop folder")
        near = nearest_unit(world.routes, tree, path)
        if near:
            folder = f"{near.id} {world.units.full_name(near)}: {world.routes.drop_folder(near)}"
            told["nearest"] = folder
        return told
    told["unit"] = f"{place.unit.id} {world.units.full_name(place.unit)}"
    if place.own:
        own = say("thư mục của hệ thống, không phải nơi nộp", "the product's own folder")
        return told | {"what": f"{own} ({place.own})"}
    told["what"] = say("nơi nộp", "a drop folder")
    told["takes"] = _takes(world, place, now) or [say("không mẫu nào", "no form")]
    scans = world.process.handoffs.get(world.routes.rule(place.unit).scans)
    if scans:
        told["scans"] = f"{scans.number} {scans.name}"
    told["received"] = world.routes.received(place.unit, None)
    told["returned"] = world.routes.returned(place.unit)
    return told


def _takes(world: World, place: Place, now: datetime) -> list[str]:
    lines: list[str] = []
    for form in expected_forms(world.process, world.units, place):
        for one in candidates(world.process, world.units, place, form):
            to = one.receiver.name if one.receiver else say("theo địa chỉ trẻ", "by the addresses")
            round_ = world.assumed_round(one.handoff, now)
            receiver = one.receiver.id if one.receiver else ""
            due = round_ and world.deadline_of(one.handoff, round_, one.sender, receiver)
            when = f", {round_.title}: {due.text}" if round_ and due else ""
            lines.append(
                f"{world.routes.label(form)} → {one.handoff.number} {one.handoff.id} → {to}{when}"
            )
    return list(dict.fromkeys(lines))  # editions of one form are called alike
