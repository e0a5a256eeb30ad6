"""The stores that the contract test runs on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kedang.vault.folder_store import FolderStore
from kedang.vault.memory_store import MemoryStore
from kedang.vault.object_store import ObjectStore
from kedang.vault.store import BlobStore
from tests.s3 import CREDENTIALS, S3Server, s3_server

__all__ = ["s3_server"]


@pytest.fixture(params=["folder", "folder without hard links", "memory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "bucket":
        server: S3Server = request.getfixturevalue("s3_server")
        return ObjectStore(server.bucket(os.urandom(8).hex()), CREDENTIALS, random_bytes=os.urandom)
    return FolderStore(tmp_path / "vault", hard_links=request.param == "folder")
