"""What corrections and reviews hold sealed, under the key of the record that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import key_of
from kedang.holdings.adapters.guarding import rewrite
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


def without_words(archive: Archive, record: Record, old_key: bytes, key: bytes) -> None:
    """Decisions about a record that lost rows, under its new key: what people wrote of it may name whoever was in them."""
    for model, column in COLUMNS.items():
        rows: list[Any] = list(model._default_manager.filter(case_id=archive.case_id, record_id=record.id))
        for row in rows:
            said = archive.open(old_key, row.id, column, row.sealed)
            left = {**said, "reason": "", "salt": ""}
            left |= {"described": {}} if "described" in said else {}
            rewrite(archive, [row], sealed=archive.seal(key, row.id, column, left))


def wordless_anew(archive: Archive, record: Record, values: Mapping[str, Any]) -> None:
    """Decisions about a record whose old key has ended before its rows came back: who and when is left of them.

    `values` are the record's columns as they are now.
    """
    key = key_of(archive, record)
    empty: dict[str, Any] = {"reason": "", "salt": ""}
    unchanged = {"before": values, "after": values, "questions": {"removed": [], "added": []}}
    for model, column in COLUMNS.items():
        said = empty | ({**unchanged, "described": {}} if model is Correction else {})
        rows: list[Any] = list(model._default_manager.filter(case_id=archive.case_id, record_id=record.id))
        for row in rows:
            rewrite(archive, [row], sealed=archive.seal(key, row.id, column, said))
