"""Distinct types for ids, so that one kind is never passed for another. All are opaque and random."""

from __future__ import annotations

from typing import NewType

CaseId = NewType("CaseId", str)
SourceId = NewType("SourceId", str)
AccessionId = NewType("AccessionId", str)
OccurrenceId = NewType("OccurrenceId", str)
RecordId = NewType("RecordId", str)
CustomerId = NewType("CustomerId", str)
AgentId = NewType("AgentId", str)
PackId = NewType("PackId", str)
KeyPageId = NewType("KeyPageId", str)
IndexPartId = NewType("IndexPartId", str)

ID_BYTES = 16  # 128 random bits: no two ids of a million cases meet


def id_from(random_bytes: bytes) -> str:
    """The id of 16 random bytes: 32 lower-case hexadecimal digits."""
    if len(random_bytes) != ID_BYTES:
        raise ValueError(f"an id is made of {ID_BYTES} bytes")
    return random_bytes.hex()
