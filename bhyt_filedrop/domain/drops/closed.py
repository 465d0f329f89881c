"""What reaches an office that is gone: taken for the one that took over, else told to who did.

A folder whose office one other took over from is that other's (`Routes.locate`). Where several did,
nobody can tell whose list it is; what is dropped there goes back, and all of them hear of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.process.calendar import day_text
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.units import Unit


def is_of_nobody(unit: Unit | None, world: World) -> bool:
    """True for an office that is gone."""
    return unit is not None and world.units.is_gone(unit.id)


def closed_office(unit: Unit, world: World) -> Finding:
    """Say that the office of a folder is gone, and where its successors drop their lists."""
    units = world.units
    heirs = [one for one in units.heirs(unit.id) if world.routes.has_folders(one)]
    since = f" từ sau ngày {day_text(unit.valid_to)}" if unit.valid_to else ""
    folders = "; ".join(f"{units.full_name(one)}: {world.routes.drop_folder(one)}" for one in heirs)
    return finding(
        "file.closed-office",
        f"{units.full_name(unit)} không còn{since}, nên tệp trong thư mục này chưa biết là của "
        "đơn vị nào.",
        f"Nộp tệp vào thư mục của đơn vị kế thừa. {folders}."
        if heirs
        else f"Liên hệ {world.leader}, {units.authority.called} để biết nộp vào đâu.",
    )


def to_those_there(letters: Iterable[Letter], routes: Routes) -> tuple[Letter, ...]:
    """Address what would go to an office that is gone to who took over; to who leads the process
    where nobody did."""
    return tuple(sent for letter in letters for sent in _to_heirs(letter, routes))


def _to_heirs(letter: Letter, routes: Routes) -> tuple[Letter, ...]:
    units, process = routes.units, routes.process
    if not units.is_gone(letter.unit):
        return (letter,)
    heirs = [one.id for one in units.heirs(letter.unit)] or [process.digest_to or process.admin]
    return tuple(replace(letter, key=f"{letter.key}/{one}", unit=one) for one in heirs)


def getters_there(handoff: HandOff, sender: Unit, receiver: Unit, routes: Routes) -> list[Unit]:
    """Return who gets what was meant for a receiver: itself, or who took over from it; of these the
    one above who took over from the sender."""
    units = routes.units
    if not units.is_gone(receiver.id):
        return [receiver]
    heirs = units.heirs(receiver.id)
    above = {one.parent for one in units.heirs(sender.id)} if handoff.receiver == "parent" else ()
    return [one for one in heirs if one.id in above] or list(heirs) or [receiver]
