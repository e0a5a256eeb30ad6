"""Exports leave the archive in clear: each is an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record
from kedang.ledger.leaves import Event


def note_opened(archive: Archive, record: Record, *, now: datetime) -> None:
    """The original of a record was taken out."""
    facts: dict[str, str | int] = {"what": "opened", "format": "original", "records": 1}
    event = Event(archive.agent, "exported", (f"record:{record.id}",), facts)
    with transaction.atomic():
        book.write(archive.case_id, [event], now=now)


def note_exported(archive: Archive, what: str, file_format: str, records: int, *, now: datetime) -> None:
    """A catalogue or report was written."""
    facts: dict[str, str | int] = {"what": what, "format": file_format, "records": records}
    with transaction.atomic():
        book.write(archive.case_id, [Event(archive.agent, "exported", (), facts)], now=now)


def note_rows(archive: Archive, record_ids: Sequence[str], file_format: str, *, now: datetime) -> None:
    """Rows of one customer were taken out of these tables."""
    ids = list(dict.fromkeys(record_ids))
    facts: dict[str, str | int] = {"what": "rows", "format": file_format, "records": len(ids)}
    some = tuple(f"record:{one}" for one in ids[: book.RECORDS_OF_A_LEAF])
    with transaction.atomic():
        book.write(archive.case_id, [Event(archive.agent, "exported", some, facts)], now=now)
