"""Rows of the largest tables without model objects: making one of Django's costs more than writing it.

Each class has its table's columns by their names, so that what reads a row reads either; `insert_rows` and
`update_rows` take both. A test compares them with the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from kedang.holdings.models import Record


@dataclass(slots=True)
class RecordRow:
    """A row of `Record`, new or read."""

    id: str
    case_id: str
    state: str
    fingerprint: bytes
    first_order: bytes
    is_container: bool
    media_type: str
    puid: str
    format_name: str
    family: str
    padded_bytes: int
    key_page: str = ""
    commitment: bytes = b""
    content_pack: str = ""
    content_offset: int = 0
    content_length: int = 0
    segments: int = 0
    derived_pack: str = ""
    derived_offset: int = 0
    derived_length: int = 0
    mentions_offset: int = 0
    mentions_length: int = 0
    pages: int | None = None
    text_source: str = ""
    awaits_ocr: bool = False
    record_class: str = ""
    class_permille: int = 0
    accounting: bool = False
    accounting_kind: str = ""
    sensitivity: str = ""
    record_date: date | None = None
    trigger_dates: dict[str, str] = field(default_factory=dict)
    finding_counts: dict[str, int] = field(default_factory=dict)
    founded: bool = False
    reference_code: str | None = None
    archived: datetime | None = None
    retention_rule: str = ""
    retention_until: date | None = None
    retention_kind: str = ""
    reckoning: dict[str, Any] = field(default_factory=dict)
    indexed_part: str | None = None
    indexed_row: int | None = None
    sealed: bytes = b""
    mentions_mac: bytes = b""
    mac: bytes = b""


@dataclass(slots=True)
class StoredRecord:
    """What is read of a row of `Record` to find its contents and to open them."""

    id: str
    state: str
    key_page: str
    commitment: bytes
    padded_bytes: int
    content_pack: str
    content_offset: int
    content_length: int
    segments: int
    derived_pack: str
    derived_offset: int
    derived_length: int
    mentions_offset: int
    mentions_length: int
    sealed: bytes


STORED_COLUMNS = tuple(one.name for one in fields(StoredRecord))
AnyRecord = RecordRow | Record
OpenableRecord = AnyRecord | StoredRecord
"""What the contents of a record can be opened by."""
RECORD_COLUMNS = tuple(one.name for one in fields(RecordRow))


def read_records(found: QuerySet[Record]) -> Iterator[RecordRow]:
    """The rows that a query finds, in its order."""
    return (RecordRow(*values) for values in found.values_list(*RECORD_COLUMNS))


@dataclass(slots=True)
class IndexedRow:
    """What is read and written of a row of `Record` that is being indexed."""

    id: str
    first_order: bytes
    key_page: str
    derived_pack: str
    derived_offset: int
    derived_length: int
    sealed: bytes
    indexed_part: str | None
    indexed_row: int | None


SealedRecord = Record | RecordRow | IndexedRow | StoredRecord
"""What the sealed parts of a record can be opened by."""
INDEXED_COLUMNS = tuple(one.name for one in fields(IndexedRow))


def read_indexed(found: QuerySet[Record]) -> Iterator[IndexedRow]:
    """The rows that a query finds, in its order."""
    return (IndexedRow(*values) for values in found.values_list(*INDEXED_COLUMNS))


@dataclass(slots=True)
class OccurrenceRow:
    """A new row of `Occurrence`."""

    id: str
    case_id: str
    source_id: str
    accession_id: str
    parent_id: str | None
    record_id: str | None
    order_key: bytes
    depth: int
    ordinal: int
    place_fingerprint: bytes
    stat_fingerprint: bytes
    desk_fingerprint: bytes
    version: int
    state: str
    code: str
    sealed: bytes
    current: bool = True
    cursor: int = -1
    mac: bytes = b""


@dataclass(slots=True)
class QuestionRow:
    """A new row of `Question`."""

    id: str
    case_id: str
    record_id: str
    code: str
    facts: Mapping[str, str | int]
    blocking: bool
    raised: datetime
    state: str = "open"
    answer: str = ""
    assigned: str = ""
    mac: bytes = b""


@dataclass(slots=True)
class SegmentRow:
    """A new row of `Segment`."""

    case_id: str
    record_id: str
    ordinal: int
    member_path: str
    key_id: str
    pack: str
    offset: int
    length: int
    owner_id: str | None = None
    key_page: str = ""
    mac: bytes = b""


@dataclass(slots=True)
class MentionRow:
    """A new row of `MentionKey`."""

    case_id: str
    record_id: str
    mention: int
    party_kind: str
    founding: int
    by_name: bool
    kind: str
    fingerprint: bytes
