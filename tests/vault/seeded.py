"""Bytes that look random and are the same in every run, and the shared vectors."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import shake_256
from pathlib import Path

import pytest

from kedang.records.ids import CaseId, id_from

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def seeded_bytes(seed: str) -> Callable[[int], bytes]:
    """A source of bytes for one test: same seed, same bytes, never the same twice."""
    calls = iter(range(2**32))

    def drawn(count: int) -> bytes:
        return shake_256(f"{seed} {next(calls)}".encode()).digest(count)

    return drawn


def an_id(name: str) -> str:
    """A fixed id."""
    return id_from(shake_256(name.encode()).digest(16))


CASE = CaseId(an_id("case"))
OTHER_CASE = CaseId(an_id("another case"))
RECORD = an_id("record")
OTHER_RECORD = an_id("another record")
KEY = shake_256(b"key").digest(32)
OTHER_KEY = shake_256(b"another key").digest(32)
SALT = shake_256(b"salt").digest(32)


def conformance(*names: str) -> Path:
    """A file of the shared vectors; the test is skipped where they are not."""
    path = SHARED.joinpath("conformance", *names)
    if not path.exists():
        pytest.skip(f"no shared vectors at {path}")
    return path
