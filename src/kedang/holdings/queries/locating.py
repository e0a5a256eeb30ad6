"""Records by their number or id."""

from __future__ import annotations

from django.db.models import Q

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import RecordUnknown
from kedang.holdings.models import Record

SHORTEST_PREFIX = 8  # hexadecimal digits of an id that a person may type instead of all 32


def find_record(archive: Archive, reference: str) -> Record:
    """The record of a reference code, an id, or the unambiguous beginning of an id.

    Raises:
        RecordUnknown: there is none, or more than one.
    """
    reference = reference.strip()
    wanted = Q(reference_code=reference) | Q(id=reference)
    if len(reference) >= SHORTEST_PREFIX:
        wanted |= Q(id__startswith=reference.lower())
    found = list(Record.objects.filter(wanted, case_id=archive.case_id)[:2])
    if len(found) != 1:
        raise RecordUnknown(matches=len(found))
    return found[0]
