"""Revealing 显示遮盖内容: what is covered is shown for a reason, and the ledger says so before it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.models import Record, Reveal
from kedang.holdings.people_errors import ReasonMissing
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event

LONGEST_REASON = 500  # code points
SHORTEST_REASON = 2


@dataclass(frozen=True, slots=True)
class Revealed:
    """What is to be shown uncovered."""

    part: str
    """value, text or page."""
    page: int | None = None
    """From 1."""
    category: str = ""
    """Of a value."""


def note_revealed(archive: Archive, record: Record, shown: Revealed, *, reason: str, now: datetime) -> Reveal:
    """The showing, in the ledger and with its reason sealed; only then may it be shown.

    Raises:
        ReasonMissing: no reason is given, or none that anybody could read.
    """
    said = " ".join(reason.split())
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        raise ReasonMissing()
    salt = archive.random_bytes(SALT_BYTES)
    commitment = commit(said.encode(), salt=salt)
    row = Reveal(
        id=archive.new_id(),
        case_id=archive.case_id,
        record_id=record.id,
        agent_id=archive.agent,
        when=now,
        part=shown.part,
        page=shown.page,
        category=shown.category,
        commitment=commitment,
    )
    row.sealed = archive.seal(
        archive.case_key(), row.id, "reveal.sealed", {"reason": said, "salt": salt.hex()}
    )
    facts: dict[str, str | int] = {"part": shown.part, "reason": commitment}
    if shown.page is not None:
        facts["page"] = shown.page
    with transaction.atomic():
        guarded(archive, row).save(force_insert=True)
        book.write(
            archive.case_id, [Event(archive.agent, "revealed", (f"record:{record.id}",), facts)], now=now
        )
    return row
