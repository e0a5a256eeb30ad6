"""Exports leave the archive in clear: each is an event."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record
from kedang.ledger.commitments import commit
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


def _objects(record_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"record:{one}" for one in record_ids)


def note_marked(
    archive: Archive,
    record_ids: Sequence[str],
    file_format: str,
    *,
    receiver: str,
    reason: str,
    now: datetime,
) -> str:
    """A catalogue of these records goes to somebody; the number that the file bears, by which the ledger knows it.

    Receiver and reason are a commitment whose salt whoever holds the case key can make again.
    """
    export_id = archive.new_id()
    salt = hmac.new(archive.search_salts_key(), export_id.encode(), sha256).digest()
    said = json.dumps([receiver, reason], ensure_ascii=False).encode()
    facts: dict[str, str | int] = {
        "what": "catalogue",
        "format": file_format,
        "records": len(record_ids),
        "reason": commit(said, salt=salt),
        "export": export_id,
    }
    events = [
        Event(
            archive.agent,
            "exported",
            _objects(record_ids[start : start + book.RECORDS_OF_A_LEAF]),
            facts,
        )
        for start in range(0, len(record_ids), book.RECORDS_OF_A_LEAF)
    ]
    with transaction.atomic():
        book.write(archive.case_id, events, now=now)
    return export_id


def note_rows(archive: Archive, record_ids: Sequence[str], file_format: str, *, now: datetime) -> None:
    """Rows of one customer were taken out of these tables."""
    ids = list(dict.fromkeys(record_ids))
    facts: dict[str, str | int] = {"what": "rows", "format": file_format, "records": len(ids)}
    some = tuple(f"record:{one}" for one in ids[: book.RECORDS_OF_A_LEAF])
    with transaction.atomic():
        book.write(archive.case_id, [Event(archive.agent, "exported", some, facts)], now=now)


def note_printed(archive: Archive, what: str, record_ids: Sequence[str], *, now: datetime) -> None:
    """Labels or a list of these records were printed; of boxes alone no record is named."""
    facts: dict[str, str | int] = {"what": what, "format": "pdf", "records": len(record_ids)}
    some = tuple(f"record:{one}" for one in record_ids[: book.RECORDS_OF_A_LEAF])
    with transaction.atomic():
        book.write(archive.case_id, [Event(archive.agent, "exported", some, facts)], now=now)
