"""What a key of a file may hold: the kinds of values that the tables of settings are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, GetPydanticSchema, Strict
from pydantic_core import core_schema

NOWHERE = Path()
"""What an empty path reads as: the place that the product chooses, or none."""


def _written(schema: Any) -> GetPydanticSchema:
    """Let a value be written as text in the file; `schema` makes the value of it."""
    return GetPydanticSchema(
        lambda _source, handler: core_schema.no_info_after_validator_function(schema, handler(str))
    )


def _some_path(text: str) -> Path:
    return Path(text).expanduser() if text else NOWHERE


def _maybe_path(text: str) -> Path | None:
    return _some_path(text) if text else None


PortNumber = Annotated[int, Strict(), Field(ge=0, le=65535)]
Positive = Annotated[float, Strict(), Field(gt=0)]
AtLeastNothing = Annotated[float, Strict(), Field(ge=0)]
Count = Annotated[int, Strict(), Field(ge=1)]
TrueOrFalse = Annotated[bool, Strict()]
ShortName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
WrittenPath = Annotated[Path, _written(_some_path)]
MaybePath = Annotated[Path | None, _written(_maybe_path)]
RoundName = Annotated[str, Field(pattern=r"^[12][0-9]{3}Q[1-4]$")]


class StrictTable:
    """A table of the file: a key that it does not know is refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
