"""Checks: what is wrong with a recognised list, as findings.

`check` asks every registered check about one submission. Checks are small pure functions, declared
by the codes they give (`registry.check`), one module a subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bhyt_filedrop.domain.checks import (
    answers,
    cards,
    costs,
    date_columns,
    entitled,
    heading,
    person,
    residence,
    whole,
)
from bhyt_filedrop.domain.checks.context import Context, by_id
from bhyt_filedrop.domain.checks.date_columns import one_cause_of_dates
from bhyt_filedrop.domain.checks.registry import run_lists, run_rows
from bhyt_filedrop.domain.checks.wrong_form import in_wrong_folder, not_this_form
from bhyt_filedrop.domain.findings import Finding, with_severities
from bhyt_filedrop.domain.forms.child import Child, children
from bhyt_filedrop.domain.forms.submission import Submission

__all__ = ["Context", "by_id", "check"]

SUBJECTS = (person, answers, cards, residence, entitled, costs, date_columns, whole)
"""The modules whose checks are registered."""


def check(submission: Submission, context: Context) -> tuple[Finding, ...]:
    """Return every finding on one list, in the order of its sheets and rows, form first.

    Severities are the hand-off's. A form that the hand-off does not take gives that one finding,
    and so does a list that only looks like its form.
    Raises KeyError where the context does not know the submission's form.
    """
    form = context.forms[submission.form]
    overrides = context.handoff.severities if context.handoff else {}
    if not heading.is_expected(submission, form, context):
        found = [heading.not_expected(submission, form, context)]
        return with_severities(found, overrides)
    rows = list(children(submission, form))
    above = list(heading.check_heading(submission, form, context))
    found = list(run_rows(_asked(rows, context), _rules(submission, context, above)))
    if wrong := not_this_form(rows, found, submission, form):
        return with_severities([wrong], overrides)
    found = [*in_wrong_folder(rows, found, submission, context)]
    found = one_cause_of_dates(rows, [*found, *run_lists(rows, submission, context)])
    sheets = {table.sheet: n for n, table in enumerate(submission.tables)}
    found.sort(key=lambda f: (sheets.get(f.sheet or "", -1), f.row or 0))
    return with_severities([*above, *found], overrides)


def _asked(rows: Sequence[Child], context: Context) -> Sequence[Child]:
    """A row of a return that is in none of its lists (D03-TS, II Giảm) is told of as that alone."""
    if not context.is_answer:
        return rows
    return [child for child in rows if not (child.section and not child.section.category)]


def _rules(submission: Submission, context: Context, above: Iterable[Finding]) -> Context:
    """One cause, one finding: in a list of the wrong round no child is of the wrong age as well,
    and in one of another unit none lives elsewhere."""
    if heading.is_of_another_round(submission, context):
        context = replace(context, round=None)
    if context.handoff and any(one.code == "form.sender-wrong" for one in above):
        context = replace(context, handoff=replace(context.handoff, place_of=""))
    return context
