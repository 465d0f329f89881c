"""The description of the JSON API (OpenAPI 3.1), made from the table of routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from bhyt_filedrop import __version__
from bhyt_filedrop.web.shapes import ANSWERS

_FORMATS: Mapping[str, Mapping[str, str]] = {
    "round": {"type": "string", "pattern": r"^[12][0-9]{3}Q[1-4]$", "example": "2015Q1"},
    "unit": {"type": "string", "example": "760"},
    "drop": {"type": "string", "example": "D150616-7WENSY"},
    "key": {"type": "string", "example": "reminder/760/2015-06-16"},
}

_LISTED: Mapping[str, Mapping[str, Any]] = {
    "state": {"type": "string"},
    "q": {"type": "string"},
    "page": {"type": "integer", "minimum": 0},
}


_REFUSALS: Mapping[str, str] = {
    "401": "not signed in",
    "404": "not there, or not yours",
    "503": "the ledger is busy or away",
}
"""Status → why there is no answer."""


class DescribedRoute(Protocol):
    """What of a route is described."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def path(self) -> str:
        """Its path."""
        ...

    @property
    def answer(self) -> Any:
        """What answers; its docstring says what that is."""
        ...


def describe(routes: Iterable[DescribedRoute]) -> dict[str, Any]:
    """Return the description of the routes below `/api/`."""
    paths = {
        re.sub(r":path\}", "}", one.path): {"get": _operation(one)}
        for one in routes
        if one.path.startswith("/api/v1/")
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "bhyt-filedrop", "version": __version__},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "bhyt_session"}
            },
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {"type": "string"}},
                }
            },
        },
        "security": [{"session": []}],
    }


def _operation(route: DescribedRoute) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)", route.path)
    listed = () if names else _LISTED.items() if route.name in ("api-drops", "api-letters") else ()
    return {
        "operationId": route.name,
        "summary": " ".join((route.answer.__doc__ or "").split()),
        "parameters": [
            *({"name": n, "in": "path", "required": True, "schema": _FORMATS[n]} for n in names),
            *({"name": n, "in": "query", "schema": schema} for n, schema in listed),
        ],
        "responses": {
            "200": {
                "description": "found",
                "content": {"application/json": {"schema": ANSWERS[route.name]}},
            },
            **{
                code: {
                    "description": text,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
                    },
                }
                for code, text in _REFUSALS.items()
            },
        },
    }
