"""Where things are kept: the ledger, the archive, and a card register that is somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from bhyt_filedrop.settings.fields import MaybePath, Positive, StrictTable

if TYPE_CHECKING:
    _RegisterField = str
else:
    _RegisterField = Literal["name", "birth", "card", "parent", "facility", "facility_name",
                             "address", "sex", "id_number"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerSettings(StrictTable):
    """Where the ledger is: a SQLAlchemy URL; "" = a SQLite file in the state folder. `workers`
    (0 = one a core) are the processes that lead drops on where it is on a server."""

    url: str = ""
    workers: Annotated[int, Field(ge=0, le=64)] = 0


@dataclass(frozen=True, slots=True)
class ArchiveSettings(StrictTable):
    """Where the bytes are kept: "" = a folder in the state, `file:///…` = a folder that several
    machines may share, `s3://bucket/prefix` = a store at `endpoint` ("" = Amazon's own).

    `credential` is a name for `secret()`: of the secret that belongs to `access_key`. Times in
    seconds.
    """

    url: Annotated[
        str,
        Field(pattern=r"^(file:///.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?)?$"),
    ] = ""
    endpoint: Annotated[str, Field(pattern=r"^(https?://[^/\s@]+)?$")] = ""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "us-east-1"
    access_key: str = ""
    credential: str = ""
    ca_file: MaybePath = None
    timeout_seconds: Positive = 30.0

    @property
    def is_store(self) -> bool:
        """True where the bytes are kept in an S3-compatible store."""
        return self.url.startswith("s3://")

    @property
    def folder(self) -> Path | None:
        """The folder that is named, None where it is the state's or a store."""
        return Path(self.url.removeprefix("file://")) if self.url.startswith("file://") else None

    @property
    def host(self) -> str:
        """The server that holds the store, "" where there is none."""
        if not self.is_store:
            return ""
        return urlsplit(self.endpoint).hostname or f"s3.{self.region}.amazonaws.com"


@dataclass(frozen=True, slots=True)
class RegisterSettings(StrictTable):
    """A table with the cards of children: the secret that holds its SQLAlchemy URL, its name, and
    which column is which field. Empty = there is none; an export may be dropped instead."""

    credential: str = ""
    table: str = ""
    columns: Mapping[_RegisterField, Annotated[str, Field(min_length=1)]] = field(
        default_factory=dict
    )
