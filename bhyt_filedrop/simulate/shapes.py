"""How the forms that offices draw up look on paper: the product's own, and editions that ship."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bhyt_filedrop import resources
from bhyt_filedrop.domain.forms.printed import Print
from bhyt_filedrop.domain.paper.layout import ListOf, SheetLayout, lay_out, lay_out_as
from bhyt_filedrop.domain.paper.prints import PRINTS, print_of
from bhyt_filedrop.settings import load


@cache
def shapes() -> Mapping[str, Print]:
    """Form id → its printed shape."""
    forms = load(resources.config_dir()).forms
    return {**PRINTS, **{form.id: print_of(form) for form in forms if form.printed}}


def lay_out_any(wanted: ListOf) -> SheetLayout:
    """Lay a list out on any form that an office draws up."""
    shape = shapes().get(wanted.form)
    return lay_out_as(shape, wanted) if shape else lay_out(wanted)
