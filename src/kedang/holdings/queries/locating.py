"""Records by their number or id."""

from __future__ import annotations

from django.db.models import Q

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import CustomerUnknown, RecordUnknown
from kedang.holdings.models import Customer, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.records.ids import CaseId

SHORTEST_PREFIX = 8  # hexadecimal digits of an id that a person may type instead of all 32


def find_record(archive: Archive, reference: str) -> Record:
    """The record of a reference code, an id, or the unambiguous beginning of an id.

    Raises:
        RecordUnknown: there is none, or more than one.
    """
    return record_named(archive.case_id, reference)


def record_named(case: CaseId, reference: str) -> Record:
    """As `find_record`, in a case that nobody has unlocked."""
    reference = reference.strip()
    wanted = Q(reference_code=reference) | Q(id=reference)
    if len(reference) >= SHORTEST_PREFIX:
        wanted |= Q(id__startswith=reference.lower())
    found = list(Record.objects.filter(wanted, case_id=case)[:2])
    if len(found) != 1:
        raise RecordUnknown(matches=len(found))
    return found[0]


def find_customer(archive: Archive, number: int) -> str:
    """The id of a customer, by number; of one who was merged, that of the customer he is now.

    Raises:
        CustomerUnknown: there is none, or all that was known of him has been erased.
    """
    found = Customer.objects.filter(case_id=archive.case_id, number=number).exclude(key_page="").first()
    if found is None:
        raise CustomerUnknown(number=number)
    return Forwarding.of(archive.case_id).head(found.id)
