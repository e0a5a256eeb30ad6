"""Whether a container may be dissolved: all that it holds is kept as records of their own."""

from __future__ import annotations

from hashlib import sha256

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import CannotDissolve
from kedang.holdings.models import Occurrence, Question, Record
from kedang.records.content import Family
from kedang.records.ids import CaseId

UNREADABLE = "^KD-(A3|W1|E10[0-3]|E111)"
"""Questions about parts that could not be read or taken out, whatever a person has answered to them."""
NOTHING_ELSE = frozenset({Family.ARCHIVE.value, Family.MAILBOX.value})
"""Families that are nothing beside their members."""


def has_own_content(record: Record) -> bool:
    """Whether it says something itself that goes with it, as the text of a letter with attachments."""
    return record.family not in NOTHING_ELSE


def require_taken_apart(archive: Archive, record: Record) -> None:
    """Nothing when every part of the container is kept.

    Raises:
        CannotDissolve: `because` says what is missing.
    """
    case = archive.case_id
    places = Occurrence.objects.filter(case_id=case, record_id=record.id)
    parts = Occurrence.objects.filter(case_id=case, parent_id__in=places.values("id"))
    doubts = Question.objects.filter(case_id=case, record_id=record.id)
    because = ""
    if not record.is_container or not parts.exists():
        because = "no-parts"
    elif places.exclude(state="kept").exists() or parts.filter(state="open").exists():
        because = "open"
    elif parts.filter(state="refused").exists():
        because = "refused"
    elif doubts.filter(code__regex=UNREADABLE).exists():
        because = "questioned"
    if because:
        raise CannotDissolve(container=record.id, because=because)


def parts_of(case: CaseId, record: str) -> tuple[int, str]:
    """How many parts a container has, and the digest of the list of their places."""
    places = Occurrence.objects.filter(case_id=case, record_id=record).values("id")
    parts = Occurrence.objects.filter(case_id=case, parent_id__in=places).order_by("id")
    ids = list(parts.values_list("id", flat=True))
    return len(ids), sha256("\n".join(ids).encode()).hexdigest()
