"""Where a bucket is, what opens it, within what bounds it is asked, and what its faults are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from kedang.records.errors import KedangError
from kedang.vault.errors import ObjectExists, ObjectMissing, StorageFull, StoreUnavailable, StoreUnsuitable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Credential

_STATUS = re.compile(r"status code: (\d{3})")
_WORD = re.compile(r"<Code>([A-Za-z]{1,64})</Code>|\bkind: (Connect|Timeout|Request|Decode|Interrupted)\b")
_FULL = re.compile(r"status code: 507|QuotaExceeded|InsufficientStorage|InsufficientCapacity|StorageFull")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is. `endpoint` begins with https:// (or http:// on one's own network)."""

    endpoint: str
    name: str
    prefix: str = ""
    region: str = "us-east-1"
    path_style: bool = True
    """`endpoint/name/…` as one's own servers have it; else `name.endpoint/…`, which some clouds want."""


@dataclass(frozen=True, slots=True)
class BucketCredentials:
    """What opens the bucket; never shown."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Bounds of time and memory. A request ends within its seconds; no retry begins after `retry_seconds`."""

    connect_seconds: float = 10
    brief_seconds: float = 60
    request_seconds: float = 900  # 48 MiB at half a megabit a second
    retries: int = 4
    retry_seconds: float = 120
    first_pause_seconds: float = 0.2
    single_put_bytes: int = 48 << 20  # a pack is closed at 32 MiB
    part_bytes: int = 16 << 20  # 10,000 parts at most: 156 GiB


def client_of(bucket: Bucket, credentials: BucketCredentials, limits: StoreLimits, seconds: float) -> S3Store:
    """A client of the library. What it would else take from the environment is given by name."""

    def given() -> S3Credential:
        return {
            "access_key_id": credentials.access_key_id,
            "secret_access_key": credentials.secret_access_key,
            "token": credentials.session_token,
            "expires_at": None,
        }

    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        endpoint=bucket.endpoint,
        aws_endpoint_url_s3=bucket.endpoint,
        region=bucket.region,
        virtual_hosted_style_request=not bucket.path_style,
        credential_provider=given,
        skip_signature=False,
        unsigned_payload=False,
        checksum_algorithm="SHA256",  # what is altered on its way is refused; not every server checks signatures' digests
        conditional_put="etag",
        disable_bulk_delete=True,  # not every server has it
        client_options=_request_bounds(bucket, limits, seconds),
        retry_config=_retry_bounds(limits),
    )


def _request_bounds(bucket: Bucket, limits: StoreLimits, seconds: float) -> ClientConfig:
    return {
        "allow_http": bucket.endpoint.startswith("http://"),
        "allow_invalid_certificates": False,
        "connect_timeout": timedelta(seconds=limits.connect_seconds),
        "timeout": timedelta(seconds=seconds),
        "user_agent": "kedang",
    }


def _retry_bounds(limits: StoreLimits) -> RetryConfig:
    return {
        "max_retries": limits.retries,
        "retry_timeout": timedelta(seconds=limits.retry_seconds),
        "backoff": {
            "init_backoff": timedelta(seconds=limits.first_pause_seconds),
            "max_backoff": timedelta(seconds=15),
        },
    }


@contextmanager
def bucket_faults(name: str, *, reading: bool = True) -> Iterator[None]:
    """The client's faults as the store's own. What is missing while writing is the bucket itself."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise bucket_fault(name, error, reading=reading) from None


def bucket_fault(name: str, error: Exception, *, reading: bool = True) -> KedangError:
    """What the client's fault is for whoever uses the store; raised without its cause.

    The client's own text holds the whole answer, and some servers answer with the key's id and what was signed.
    """
    if isinstance(error, FileNotFoundError) and reading:
        return ObjectMissing(name=name)
    if isinstance(error, (AlreadyExistsError, PreconditionError)):
        return ObjectExists(name=name)
    if _FULL.search(str(error)):
        return StorageFull(name=name)
    if "NotPartial" in str(error):
        return StoreUnsuitable(reason="ignores-ranges")
    return StoreUnavailable(name=name, status=answered_status(error), said=_said(str(error)))


def answered_status(error: Exception) -> int | None:
    """The HTTP status that the server answered with, None when there was no answer."""
    found = _STATUS.search(str(error))
    return int(found.group(1)) if found else None


def _said(text: str) -> str | None:
    """The server's word for what is wrong, or the client's for why there was no answer; one word or none."""
    found = _WORD.search(text)
    return found.group(1) or found.group(2) if found else None


def is_final(fault: KedangError) -> bool:
    """Whether the server has said no, so that nothing was stored and asking again is no use."""
    status = fault.facts.get("status")
    return isinstance(fault, StorageFull) or (isinstance(status, int) and status in (401, 403, 404))
