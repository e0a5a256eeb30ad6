"""The stores that the contract test runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

from kedang.vault.folder_store import FolderStore
from kedang.vault.memory_store import MemoryStore
from kedang.vault.store import BlobStore


@pytest.fixture(params=["folder", "folder without hard links", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "memory":
        return MemoryStore()
    return FolderStore(tmp_path / "vault", hard_links=request.param == "folder")
