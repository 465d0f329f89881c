"""Checks on the list as a whole against its hand-off: form, round, sender."""

from __future__ import annotations

from collections.abc import Iterator

from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.forms.submission import Spot, Submission
from bhyt_filedrop.domain.process.child_codes import common_round
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


def is_expected(submission: Submission, form: FormSpec, context: Context) -> bool:
    """True where the hand-off takes the form (by its id or its family), or none is known."""
    takes = context.handoff.forms if context.handoff else ()
    return not takes or form.id in takes or form.family in takes


def not_expected(submission: Submission, form: FormSpec, context: Context) -> Finding:
    """Say that the hand-off does not take this form."""
    takes = context.handoff.forms if context.handoff else ()
    names = [f.name for f in context.forms.values() if f.id in takes or f.family in takes]
    return finding(
        "form.not-expected",
        f"Thư mục này không nhận {form.name}.",
        f"Nộp đúng biểu mẫu: {'; '.join(names)}." if names else "Nộp vào đúng thư mục.",
        sheet=submission.tables[0].sheet if submission.tables else None,
        file=submission.file,
    )


def is_of_another_round(submission: Submission, context: Context) -> bool:
    """True where the list names a round that is not taken now, or its codes are of another."""
    return _is_closed(submission, context) or _round_of_codes(submission, context) is not None


def _is_closed(submission: Submission, context: Context) -> bool:
    named = submission.round
    return named is not None and bool(context.open_rounds) and named not in context.open_rounds


def _round_of_codes(submission: Submission, context: Context) -> Round | None:
    """The round of most of the children's codes, where it is not the one that the list is of."""
    mine = common_round(row.text("code") for row in submission.rows)
    taken_for = submission.round or context.round
    return mine if mine != taken_for else None


def check_heading(submission: Submission, form: FormSpec, context: Context) -> Iterator[Finding]:
    """Check what stands above the tables: the round and the issuing unit."""
    yield from _round(submission, form, context)
    yield from _sender(submission, form, context)


def _round(submission: Submission, form: FormSpec, context: Context) -> Iterator[Finding]:
    if submission.round is None:
        if form.rules.states_round:
            yield _round_missing(submission, context)
    elif _is_closed(submission, context):
        yield _round_wrong(submission, context)
    elif of_codes := _round_of_codes(submission, context):
        yield _codes_of_another_round(submission, of_codes)


def _round_missing(submission: Submission, context: Context) -> Finding:
    assumed = f"; tạm hiểu là {context.round.title}" if context.round else ""
    return _at(
        submission.round_spot,
        submission,
        "form.round-missing",
        f"Không đọc được đợt của danh sách{assumed}.",
        "Ghi rõ ở tiêu đề, ví dụ “Đợt 1 năm 2015”.",
    )


def _round_wrong(submission: Submission, context: Context) -> Finding:
    stated = submission.round.title if submission.round else ""
    rounds = ", ".join(r.title for r in sorted(context.open_rounds))
    return _at(
        submission.round_spot,
        submission,
        "form.round-wrong",
        f"Danh sách ghi {stated}, đợt này hiện không nhận (đang nhận: {rounds}).",
        "Kiểm tra xem có chọn nhầm tệp của đợt khác không, hoặc sửa lại đợt ở tiêu đề.",
    )


def _codes_of_another_round(submission: Submission, of_codes: Round) -> Finding:
    stated = submission.round.title if submission.round else ""
    return _at(
        submission.round_spot,
        submission,
        "form.round-wrong",
        f"Danh sách ghi {stated}, nhưng mã đối chiếu của các trẻ là của {of_codes.title}.",
        "Kiểm tra xem đây là danh sách của đợt nào, sửa lại đợt ở tiêu đề hoặc chọn đúng tệp rồi "
        "nộp lại.",
    )


def _sender(submission: Submission, form: FormSpec, context: Context) -> Iterator[Finding]:
    unit = context.heading_unit
    if unit is None:
        return
    of_wards = form.rules.answered or form.asks_for_cards
    below = _one_below(submission, unit, context) if of_wards else None
    if below is None and _names(submission.heading_units, unit, context.units):
        return
    named = sorted(submission.heading_units & context.units.by_id.keys())
    one = below or (context.units[named[0]] if len(named) == 1 else None)
    there = context.units.full_name(one) if one else "đơn vị khác"
    yield _at(
        submission.unit_spot,
        submission,
        "form.sender-wrong",
        f"Tiêu đề ghi tên {there}, nhưng thư mục này là của {context.units.full_name(unit)}.",
        "Kiểm tra xem có nộp nhầm thư mục hoặc nhầm tệp của đơn vị khác không.",
    )


def _one_below(submission: Submission, unit: Unit, context: Context) -> Unit | None:
    """The unit below whose reply kit or D03-TS this is. Its heading has the unit above in it too: a
    ward's kit in its district's folder would be taken for the district's whole answer, its D03-TS
    for the district's own."""
    named = context.units.by_id.get(submission.unit or "")
    now = context.units.heirs(named.id) if named else ()
    return named if any(one.parent == unit.id for one in now) else None


def _names(heading: frozenset[str], unit: Unit, units: Units) -> bool:
    """True unless the heading clearly names another unit: the unit above it may stand alone, and a
    list that a unit took over bears the name of the one that it took over from."""
    own = {unit.id, *units.forebears(unit.id)}
    above = {unit.parent, *units.forebears(unit.parent)}
    return not heading or not heading.isdisjoint(own) or heading <= above


def _at(spot: Spot | None, submission: Submission, code: str, message: str, remedy: str) -> Finding:
    sheet = submission.tables[0].sheet if submission.tables else None
    return finding(
        code,
        message,
        remedy,
        sheet=spot.sheet if spot else sheet,
        cell=spot.cell if spot else None,
        row=int("".join(c for c in spot.cell if c.isdigit())) if spot else None,
        value=spot.text if spot else None,
        file=submission.file,
    )
