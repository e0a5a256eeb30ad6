"""What a bucket is opened with, and what its faults are called here."""

from __future__ import annotations

import os

import obstore
import pytest

from kedang.records.errors import KedangError
from kedang.vault.bucket import bucket_fault
from kedang.vault.errors import ObjectExists, ObjectMissing, StorageFull, StoreUnavailable
from kedang.vault.object_store import ObjectStore
from tests.s3 import CREDENTIALS, S3Server

from .seeded import an_id, seeded_bytes

NAME = f"packs/{an_id('pack')}"
SMALL = seeded_bytes("small")(100_000)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_SKIP_SIGNATURE", "true"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"),
        ("AWS_SESSION_TOKEN", "of somebody else"),
        ("AWS_ACCESS_KEY_ID", "somebody else"),
        ("AWS_BUCKET", "another"),
        ("AWS_REGION", "eu-west-1"),
    ],
)
def test_the_environment_changes_nothing(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    store = ObjectStore(s3_server.bucket(an_id(variable)), CREDENTIALS, random_bytes=os.urandom)
    store.put(NAME, SMALL)
    assert store.read(NAME, 0, 10) == SMALL[:10]


def test_every_fault_of_the_client_has_one_of_our_codes() -> None:
    cases: list[tuple[Exception, bool, type[KedangError]]] = [
        (FileNotFoundError("no such object"), True, ObjectMissing),
        (FileNotFoundError("no such bucket"), False, StoreUnavailable),
        (obstore.exceptions.AlreadyExistsError("there"), True, ObjectExists),
        (obstore.exceptions.PreconditionError("412"), True, ObjectExists),
        (obstore.exceptions.GenericError("status code: 507 Insufficient Storage"), True, StorageFull),
        (obstore.exceptions.GenericError("<Code>XMinioStorageFull</Code>"), True, StorageFull),
        (obstore.exceptions.GenericError("<Code>QuotaExceeded</Code>"), True, StorageFull),
        (obstore.exceptions.UnauthenticatedError("who"), True, StoreUnavailable),
        (TimeoutError("slow"), True, StoreUnavailable),
    ]
    for error, reading, expected in cases:
        assert type(bucket_fault(NAME, error, reading=reading)) is expected, error
