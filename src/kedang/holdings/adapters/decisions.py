"""What corrections and reviews hold sealed, under the key of the record that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import key_of
from kedang.holdings.models import Correction, Question, Record, Review

COLUMNS: Mapping[type[Correction] | type[Review], str] = {
    Correction: "correction.sealed",
    Review: "review.sealed",
}
SEEN_DIGITS = 32


def seal_decision(
    archive: Archive, row: Correction | Review, record: Record, said: Mapping[str, Any]
) -> bytes:
    """Reason, salt, old and new values."""
    return archive.seal(key_of(archive, record), row.id, COLUMNS[type(row)], said)


def open_decision(archive: Archive, row: Correction | Review, record: Record) -> dict[str, Any]:
    """The same opened."""
    return archive.open(key_of(archive, record), row.id, COLUMNS[type(row)], row.sealed)


def state_seen(record: Record, question: Question | None = None) -> str:
    """What a decision names so that it holds only of what was looked at: a digest of both rows' MACs."""
    marks = bytes(record.mac) + (bytes(question.mac) if question is not None else b"")
    return sha256(b"kedang state seen v1" + marks).hexdigest()[:SEEN_DIGITS]
