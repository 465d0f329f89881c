"""What a closed office was sent and did not answer passes to those who took over from it.

A child for whom the old office answered, or the one above it, stays with the list that it was on:
what was sent counts, under the name of who sent it. Each of the others goes to the unit that took
over; where several did, to the one in which its address lies today; where nobody can tell, to the
person who places children.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.additions import MAX_NAMED, who
from bhyt_filedrop.domain.derive.inputs import Children, Inputs
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.file_names import delivered_name
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.made import label_of
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.domain.reconcile import came_of, reconcile


def by_today(child: ListedChild, world: World) -> ListedChild:
    """Return a child with the ward and the district of today, "" where nobody can tell which."""
    heirs = world.units.heirs(child.ward)
    if not world.units.is_gone(child.ward):
        return _with_district_of_today(child, world)
    ward = heirs[0] if len(heirs) == 1 else _by_address(child, heirs, world)
    if ward:
        return replace(child, ward=ward.id, district=ward.parent)
    above = {heir.parent for heir in heirs}
    return replace(child, ward="", district=above.pop() if len(above) == 1 else "")


def _by_address(child: ListedChild, heirs: Sequence[Unit], world: World) -> Unit | None:
    placed = world.gazetteer.place(child.address).ward
    return next((heir for heir in heirs if heir.id == placed), None)


def _with_district_of_today(child: ListedChild, world: World) -> ListedChild:
    if not world.units.is_gone(child.district):
        return child
    heirs = world.units.heirs(child.district)
    return replace(child, district=heirs[0].id if len(heirs) == 1 else "")


@dataclass(frozen=True)
class PassingOn:
    """One hand-off of lists that go down, and those of its receivers who are gone."""

    handoff: HandOff
    inputs: Inputs
    world: World

    @cached_property
    def lists(self) -> Mapping[str, ListRecord]:
        """Unit that is gone → the list that it was sent, as it stands."""
        found = self.inputs.accepted([self.handoff.id])
        gone = self.world.units.is_gone
        return {r.key.receiver: r for r in found if r.rows and gone(r.key.receiver)}

    def rows(self, unit: str) -> Children:
        """Return the children on the list of a unit that is gone."""
        return self._children(self.lists[unit])

    def _children(self, record: ListRecord) -> Children:
        return self.inputs.children(record.drop, record.seq)

    @cached_property
    def had(self) -> Mapping[str, ListRecord]:
        """Unit that is gone → the last list that it had any child on."""
        ever = self.inputs.ever([self.handoff.id])
        gone = self.world.units.is_gone
        return {r.key.receiver: r for r in ever if r.rows and gone(r.key.receiver)}

    @cached_property
    def holders(self) -> Mapping[str, str]:
        """Code → the unit that is gone on whose list the child stood."""
        lists = self.had.items()
        return {child.code: unit for unit, record in lists for child in self._children(record)}

    @cached_property
    def settled(self) -> frozenset[str]:
        """The codes of the children for whom a unit that is gone answered, or the one above it."""
        above = (PassingOn(one, self.inputs, self.world) for one in _above(self.handoff, self))
        return self.answers.union(*(one.answers for one in above))

    @cached_property
    def answers(self) -> frozenset[str]:
        """The codes of the children for whom a unit that is gone answered."""
        return frozenset(code for unit in self.lists for code in self._answers_of(unit))

    def _answers_of(self, unit: str) -> Iterator[str]:
        answers = [h.id for h in _handoffs(self.world.process) if h.answers == self.handoff.id]
        mine = [r for r in self.inputs.accepted(answers) if r.key.sender == unit]
        for pair in reconcile(self.rows(unit), came_of(self.inputs.rows(mine))).pairs:
            yield pair.sent.code

    def left_of(self, unit: str, still: Container[str]) -> Children:
        """Return who stays on the list of a unit that is gone, of those (codes) who are `still` on
        the list that was split."""
        rows = self.rows(unit)
        return tuple(c for c in rows if c.code in self.settled and c.code in still)

    def to_be_asked_for(self, children: Children) -> Children:
        """Leave out the children whose answers are here, from units that are gone."""
        return tuple(child for child in children if child.code not in self.settled)

    def taken_over(self, children: Children, before: Children) -> Mapping[str, Children]:
        """Return whom a unit takes over now: unit that is gone → the children of its list."""
        known = {child.code for child in before}
        found: dict[str, Children] = {}
        for child in children:
            unit = self.holders.get(child.code) if child.code else None
            if unit and child.code not in known:
                found[unit] = (*found.get(unit, ()), child)
        return {unit: found[unit] for unit in self.world.units.in_order(found)}

    def note(self, taken: Mapping[str, Children]) -> str:
        """Tell a unit what it takes over, from whom; "" = nothing."""
        if not taken:
            return ""
        told = "; ".join(self._line(unit, children) for unit, children in taken.items())
        return (
            f"Tiếp nhận việc của đơn vị cũ: {told}. Những trẻ này đã gửi đơn vị cũ nhưng chưa có "
            "kết quả; bản sao giấy khai sinh, chứng sinh do đơn vị cũ bàn giao. Phiếu trả lời của "
            "đơn vị cũ nếu đã điền thì nộp vào thư mục của đơn vị vẫn được nhận."
        )

    def _line(self, unit: str, children: Children) -> str:
        """`Phường Bến Nghé, Quận 1: 12 trẻ («… .xlsx»)`, and what it had sent of its answer."""
        names = "; ".join(who(child) for child in children[:MAX_NAMED])
        more = "; …" if len(children) > MAX_NAMED else ""
        file, begun = self._file(unit), self._begun(unit)
        had = f", đã nộp {begun} nhưng chưa đủ nên xin nộp lại" if begun else ""
        inside = f", tệp «{file}»" if file else ""
        name = self.world.units.full_name(self.world.units[unit])
        return f"{name}: {len(children)} trẻ ({names}{more}){inside}{had}"

    def _file(self, unit: str) -> str:
        """The file in which a unit that is gone had its list; "" where an office made it."""
        record = self.had[unit]
        if not record.basis:
            return ""
        sender = self.world.units[record.key.sender]
        label = label_of(self.handoff.made_by, self.world.units.authority)
        return delivered_name(
            sender, record.key.round, label, record.version, record.drop, "", ".xlsx"
        )

    def _begun(self, unit: str) -> str:
        """What of its answer waits for more, which will not come from there."""
        answers = [h.id for h in _handoffs(self.world.process) if h.answers == self.handoff.id]
        mine = [r for r in self.inputs.in_force(answers) if r.key.sender == unit]
        waits = (self.world.routes.label(r.form) for r in mine if not r.is_accepted)
        return ", ".join(dict.fromkeys(waits))


def _handoffs(process: Process) -> tuple[HandOff, ...]:
    return tuple(process.handoffs.values())


def _above(handoff: HandOff, passing: PassingOn) -> Iterator[HandOff]:
    """The steps above of the same split: where the office above answered for a child, nobody has
    to answer to it any more."""
    above = passing.world.process.handoffs.get(handoff.needs)
    while above and above.made_by == handoff.made_by and not above.holds_unplaced:
        yield above
        above = passing.world.process.handoffs.get(above.needs)
