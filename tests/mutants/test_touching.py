"""A fault in what is made at import is shown to the tests of all that is made of it."""

from __future__ import annotations

from tests.mutants.touching import made_of

MODULE = """
from elsewhere import SAME
_LONG = 3
_QUERY = ask(_LONG).where(SAME)
QUERY_OF_ONE = _QUERY.where(1)
OTHER = 7

def ask(n):
    LOCAL = _LONG
"""


def test_what_is_made_of_a_name_at_import_is_named_with_it():
    assert made_of("_LONG", [MODULE]) == {"_LONG", "_QUERY", "QUERY_OF_ONE"}
    assert made_of("QUERY_OF_ONE", [MODULE]) == {"QUERY_OF_ONE"}
    assert made_of("SAME", [MODULE, "SAME = 1"]) == {"SAME", "_QUERY", "QUERY_OF_ONE"}
