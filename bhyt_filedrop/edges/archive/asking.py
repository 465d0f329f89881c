"""How an S3-compatible store is reached, and what its answers mean here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bhyt_filedrop.ports import NeverWorks, TryLater

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """How a store is reached. `endpoint` "" = Amazon's own; times in seconds."""

    url: str
    endpoint: str
    region: str
    access_key: str
    ca_file: Path | None
    timeout_seconds: float


def open_store(access: StoreAccess, secret: str) -> ObjectStore:
    """Return the store; nothing is asked of it yet.

    Raises ImportError where obstore is not installed, NeverWorks where it refuses what is said.
    """
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    where = urlsplit(access.url)
    patience = timedelta(seconds=access.timeout_seconds)
    try:
        client: ClientConfig = {
            "allow_http": access.endpoint.startswith("http://"),
            "connect_timeout": patience,
            "timeout": patience,
        }
        if access.ca_file:
            client["root_certificate"] = access.ca_file.read_bytes()
        return S3Store(
            where.netloc,
            prefix=where.path.strip("/") or None,
            endpoint=access.endpoint or None,
            region=access.region,
            access_key_id=access.access_key,
            secret_access_key=secret,
            checksum_algorithm="SHA256",
            client_options=client,
            retry_config={"max_retries": 3, "retry_timeout": patience},
        )
    except (BaseError, OSError, ValueError) as error:
        raise NeverWorks(f"the archive {access.url}: {first_line(error)}") from error


@contextmanager
def answers() -> Iterator[None]:
    """Tell what the store says as every port does. A right that is refused is an admin's to give
    back, so whatever waits for it goes on by itself then."""
    from obstore.exceptions import (
        BaseError,
        InvalidPathError,
        NotFoundError,
        NotSupportedError,
        UnknownConfigurationKeyError,
    )

    try:
        yield
    except (InvalidPathError, NotSupportedError, UnknownConfigurationKeyError) as error:
        raise NeverWorks(f"the archive: {first_line(error)}") from error
    except NotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise TryLater(f"the archive: {first_line(error)}") from error
        raise FileNotFoundError("the archive has no such file") from error
    except BaseError as error:
        raise TryLater(f"the archive: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    said = str(error).strip().partition("\n")[0].partition(": <?xml")[0]
    return said or type(error).__name__
