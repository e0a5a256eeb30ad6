"""What judgements and proposals hold sealed, under keys that end with whichever of their subjects is destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.pair_keys import pair_key
from kedang.holdings.models import Customer, Judgement, Proposal, Record

_JUDGEMENT = "judgement.sealed"
_PROPOSAL = "proposal.sealed"


def seal_judgement(archive: Archive, row: Judgement, said: Mapping[str, Any]) -> bytes:
    """Reason, salt and changes of a judgement."""
    return archive.seal(_key_of_judgement(archive, row), row.id, _JUDGEMENT, said)


def open_judgement(archive: Archive, row: Judgement) -> dict[str, Any]:
    """The same opened; nothing of one whose subject is gone, or just going."""
    if not row.sealed:
        return {}
    try:
        key = _key_of_judgement(archive, row)
    except (KeyError, ObjectDoesNotExist):
        return {}
    return archive.open(key, row.id, _JUDGEMENT, row.sealed)


def seal_proposal(
    archive: Archive, row: Proposal, pages: Mapping[str, str], said: Mapping[str, Any]
) -> bytes:
    """Score and evidence of a pair; `pages` has the key page of each record."""
    return archive.seal(_key_of_proposal(archive, row, pages), row.id, _PROPOSAL, said)


def open_proposal(archive: Archive, row: Proposal) -> dict[str, Any]:
    """The same opened."""
    pages = {row.first_id: row.first.key_page, row.second_id: row.second.key_page}
    return archive.open(_key_of_proposal(archive, row, pages), row.id, _PROPOSAL, row.sealed)


def _key_of_proposal(archive: Archive, row: Proposal, pages: Mapping[str, str]) -> bytes:
    return pair_key(archive, *((pages[one], one) for one in (row.first_id, row.second_id)))


def _key_of_judgement(archive: Archive, row: Judgement) -> bytes:
    case = archive.case_id
    records = [one for one in (row.first_id, row.second_id) if one]
    customers = [one for one in (row.customer, row.other) if one]
    pages = [
        *Record.objects.filter(case_id=case, id__in=records).values_list("key_page", "id"),
        *Customer.objects.filter(case_id=case, id__in=customers).values_list("key_page", "id"),
    ]
    return pair_key(archive, *((page, one) for page, one in pages))
