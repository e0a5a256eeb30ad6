"""Ledgers for the tests: events of fictional ids, and the published vectors."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kedang.ledger.appending import Appended, AppendedLeaf, Head, append
from kedang.ledger.checkpoints import Checkpoint, origin_of
from kedang.ledger.leaves import Event
from kedang.ledger.notes import Signer
from kedang.ledger.storage import MemoryStorage
from kedang.ledger.tree import leaf_hash
from kedang.records.ids import AgentId, CaseId

CONFORMANCE = Path(__file__).parents[3] / "shared" / "data" / "conformance"
NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
CASE = CaseId("c" * 32)
ORIGIN = origin_of(CASE, 1)
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
LIN = AgentId(f"{1:032x}")


def vectors(folder: str) -> list[Path]:
    """The files of a published suite; none when the suite is not beside the checkout."""
    return sorted(path for path in (CONFORMANCE / folder).rglob("*") if path.is_file())


def read_vector(path: Path) -> dict[str, Any]:
    """One vector; the test is skipped when the suites are absent."""
    if not path.exists():
        pytest.skip(f"published vectors are not at {path}")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def unbase64(text: str | None) -> bytes:
    return base64.b64decode(text) if text else b""


def received(n: int) -> Event:
    """An event that differs from every other."""
    return Event(
        actor=LIN,
        act="received",
        objects=(f"accession:{7:032x}", f"occurrence:{n:032x}", f"record:{n + 1:032x}"),
        facts={"content": f"{n:064x}", "padded_bytes": 1024 * n, "duplicate": n % 7 == 0},
    )


def ledger_of(count: int) -> Appended:
    """A ledger with so many leaves, appended in uneven transactions a second apart."""
    head, leaves = Head(), list[AppendedLeaf]()
    while len(leaves) < count:
        take = min(count - len(leaves), len(leaves) % 5 + 1)
        events = [received(len(leaves) + at) for at in range(take)]
        done = append(head, events, now=NOON + timedelta(seconds=len(leaves)))
        head = done.head
        leaves += done.leaves
    return Appended(head, tuple(leaves))


def storage_of(leaves: list[bytes]) -> MemoryStorage:
    """The tree over these leaves' bytes."""
    return MemoryStorage(leaf_hash(data) for data in leaves)


def checkpoint_of(ledger: Appended) -> Checkpoint:
    """The unsigned head of a ledger."""
    return Checkpoint(ORIGIN, ledger.head.size, ledger.head.root)
