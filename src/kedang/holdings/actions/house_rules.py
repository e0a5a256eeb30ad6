"""The rules of a case that people of the house set: whether another person accepts what is archived."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kedang.holdings.actions.cases import REVIEWS
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.errors import CaseMalformed
from kedang.holdings.models import Case, Record
from kedang.holdings.people_errors import ReviewPending
from kedang.ledger.leaves import Event


def set_review(archive: Archive, review: str, *, now: datetime) -> None:
    """From now on records are archived by the machine ("off") or accepted by another person first ("second-person").

    Raises:
        CaseMalformed: there is no such rule.
        ReviewPending: records wait for review, and it would be switched off.
    """
    if review not in REVIEWS:
        raise CaseMalformed(field="review")
    with transaction.atomic():
        case = Case.objects.select_for_update().get(id=archive.case_id)
        waiting = Record.objects.filter(case_id=archive.case_id, state="review").count()
        if review == "off" and waiting:
            raise ReviewPending(records=waiting)
        if case.archiving_review == review:
            return
        rewrite(archive, [case], archiving_review=review)
        event = Event(archive.agent, "house-rule-changed", (), {"review": review})
        book.write(archive.case_id, [event], now=now)
    archive.case.archiving_review = review
