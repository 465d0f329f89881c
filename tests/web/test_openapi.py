"""The JSON API is asked as its own description says, by everybody who may sign in: each answer is
one that the description knows, and as it says, whatever is asked."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings

from bhyt_filedrop.web.openapi import describe
from bhyt_filedrop.web.routes import ROUTES
from bhyt_filedrop.web.shapes import ANSWERS
from tests.journey.site import DISTRICT, OTHER_DISTRICT
from tests.web.played import PEOPLE, PlayedPage

EXAMPLES = 12
"""Questions for each role and operation; as many again name what is there."""


def test_every_answer_of_the_api_is_described():
    assert ANSWERS.keys() == {one.name for one in ROUTES if one.path.startswith("/api/v1/")}


@pytest.mark.parametrize("round_", ["0000Q1", "9999Q4", "٢٠١٥Q1", "2015Q5", "x"])
def test_a_round_that_no_calendar_has_is_not_there(page: PlayedPage, round_: str):
    visitor = page.visitor("phong-thu")
    for path in ("/rounds/{}", "/rounds/{}/excel", "/papers/{}", "/api/v1/rounds/{}"):
        assert visitor.get(path.format(quote(round_))).status == 404, path


def naming_what_is_there(page: PlayedPage) -> dict[str, Any]:
    """The description, with paths that name a unit, drop, letter or round of the site."""
    told = deepcopy(describe(ROUTES))
    wards = [page.site.ward(n) for n in range(2)]
    there: Mapping[str, list[str]] = {
        "unit": [DISTRICT, OTHER_DISTRICT, *wards],
        "drop": [page.dropped_by(one).id for one in (OTHER_DISTRICT, *wards)],
        "key": [page.letter_to(one) for one in (DISTRICT, OTHER_DISTRICT, *wards)],
        "round": ["2015Q1", "2015Q2", "1999Q4"],
    }
    for path in told["paths"].values():
        for one in path["get"]["parameters"]:
            if one["in"] == "path":
                one["schema"] = {"type": "string", "enum": there[one["name"]]}
    return told


@pytest.mark.long
@pytest.mark.parametrize("who", [*PEOPLE, "xa"])
def test_nothing_that_the_api_is_asked_makes_it_fail_or_answer_otherwise_than_it_says(
    page: PlayedPage, who: str
):
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    name = f"xa-{page.site.ward(0)}" if who == "xa" else who
    cookies = page.visitor(name).cookies
    answered: dict[str, set[int]] = {}

    def ask(case: schemathesis.Case) -> None:
        answer = case.call(base_url=page.base, cookies=cookies)
        answered.setdefault(case.operation.path, set()).add(answer.status_code)
        case.validate_response(answer, checks=checks)

    tried = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    for told in (naming_what_is_there(page), describe(ROUTES)):
        for operation in schemathesis.openapi.from_dict(told).get_all_operations():
            tried(given(case=operation.ok().as_strategy())(lambda case: ask(case)))()
    missed = [path for path, codes in answered.items() if 200 not in codes]

    assert missed == [], "what is there was not asked for"
