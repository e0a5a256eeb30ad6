"""Consulting the archive 利用: reading is an event as changing is, noted before anything is shown."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record
from kedang.holdings.queries.asking import open_questions
from kedang.holdings.queries.description import described
from kedang.holdings.queries.searching import Searched, search_records
from kedang.ledger.commitments import commit
from kedang.ledger.leaves import Event

Clock = Callable[[], datetime]


def search(archive: Archive, typed: str, *, limit: int, clock: Clock) -> Searched:
    """What `search_records` finds; the ledger says that somebody searched, how many hits and what was shown."""
    searched = search_records(archive, typed, limit=limit)
    note_searched(archive, typed, searched, now=clock())
    return searched


def note_searched(archive: Archive, typed: str, searched: Searched, *, now: datetime) -> None:
    """One search, of which at most book.RECORDS_OF_A_LEAF records were shown."""
    note_hits(archive, typed, [found.record_id for found in searched.hits], searched.total, now=now)


def note_hits(archive: Archive, typed: str, record_ids: Sequence[str], total: int, *, now: datetime) -> None:
    """The same, of a page of hits."""
    search_id = archive.new_id()
    salt = salt_of_search(archive, search_id)
    shown = (f"record:{one}" for one in islice(record_ids, book.RECORDS_OF_A_LEAF))
    facts: dict[str, str | int] = {"words": commit(typed.encode(), salt=salt), "hits": total}
    _note(archive, [Event(archive.agent, "searched", (f"search:{search_id}", *shown), facts)], now=now)


def salt_of_search(archive: Archive, search_id: str) -> bytes:
    """The salt of a search's words: whoever holds the case key can make it again, nobody else."""
    return hmac.new(archive.search_salts_key(), search_id.encode(), sha256).digest()


def show(archive: Archive, record: Record, *, clock: Clock) -> dict[str, Any]:
    """Everything that is known of one record, which the ledger says was shown."""
    found = described(archive, record)
    note_shown(archive, "record", [record.id], now=clock())
    return found


def list_questions(archive: Archive, *, limit: int, clock: Clock) -> list[dict[str, Any]]:
    """At most `limit` open questions with the places of their records, which the ledger says were shown."""
    found = list(open_questions(archive, limit=limit))
    note_shown(archive, "questions", list(dict.fromkeys(one["record_id"] for one in found)), now=clock())
    return found


def note_shown(archive: Archive, screen: str, record_ids: Sequence[str], *, now: datetime) -> None:
    """That these records were shown, and where."""
    events = [
        Event(
            archive.agent,
            "shown",
            tuple(f"record:{one}" for one in record_ids[start : start + book.RECORDS_OF_A_LEAF]),
            {"screen": screen},
        )
        for start in range(0, len(record_ids), book.RECORDS_OF_A_LEAF)
    ]
    if events:
        _note(archive, events, now=now)


def _note(archive: Archive, events: Sequence[Event], *, now: datetime) -> None:
    with transaction.atomic():
        book.write(archive.case_id, events, now=now)
