"""What a key of `process.toml` may hold, said beside the value that it becomes.

A check asks an annotation for its rule by `__get_pydantic_core_schema__`; answering needs nothing
of the library that checks, so the process stays plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

TABLE: Mapping[str, Any] = {"extra": "forbid"}
"""How a class that is a table of a file is read: a key that it does not know is refused."""


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Only:
    """Takes a value of just the type named, not what could be made one, within `bounds`: `ge` and
    `le` of a number, `pattern` and `min_length` of a text. Of a list
    `min_length` is looked at first, then what is in it."""

    bounds: Mapping[str, Any]

    def __init__(self, **bounds: Any) -> None:
        object.__setattr__(self, "bounds", bounds)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Give the rule of the type, narrowed."""
        rule = handler(source)
        if rule["type"] == "tuple":
            return {"type": "chain", "steps": [{"type": "list", **self.bounds}, rule]}
        return {**rule, "strict": True, **self.bounds}


class _Octal:
    """A file mode, written as text so that nobody takes it for a decimal number: `"0640"`."""

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Give the rule: three octal digits, read as what they mean."""
        digits = {"type": "str", "strict": True, "pattern": r"^0?[0-7]{3}$"}
        return {
            "type": "function-after",
            "function": {"type": "no-info", "function": lambda text: int(text, 8)},
            "schema": digits,
        }


Mode = Annotated[int, _Octal()]
Flag = Annotated[bool, Only()]
Text = Annotated[str, Only(min_length=1)]
Days = Annotated[int, Only(ge=0, le=365)]
