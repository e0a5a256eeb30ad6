"""The rules of a case that people of the house set: whether another person accepts what is archived, and by which standard."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from kedang.catalogue.standard import shipped_standards
from kedang.holdings.actions.cases import REVIEWS
from kedang.holdings.actions.correcting import LONGEST_REASON
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.checking_errors import ReasonNeeded, StandardOfOwnBatch, ValueImpossible
from kedang.holdings.errors import CaseMalformed
from kedang.holdings.models import Case, Record, ReviewBatch
from kedang.holdings.people_errors import ReviewPending
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event


def set_standard(
    archive: Archive, name: str, left_out: Collection[str], reason: str, *, now: datetime
) -> None:
    """From now on records are checked by a shipped standard without some of its clauses before they are accepted.

    The reason is sealed; who has given it and when stands beside it.

    Raises:
        CaseMalformed: there is no such standard, or it has no such clause that could be left out.
        ReasonNeeded: none is given. StandardOfOwnBatch: whoever asks has a batch under review.
    """
    standard = shipped_standards().get(name)
    out = sorted({*left_out})
    if standard is None or not standard.may_leave_out().issuperset(out):
        raise CaseMalformed(field="standard")
    if not reason.strip():
        raise ReasonNeeded()
    if len(reason) > LONGEST_REASON:
        raise ValueImpossible(field="reason")
    chosen = {"name": name, "left_out": out}
    salt = archive.random_bytes(SALT_BYTES)
    said = {"reason": reason.strip(), "salt": salt.hex(), "agent": archive.agent, "time": now.isoformat()}
    with transaction.atomic():
        case = Case.objects.select_for_update().get(id=archive.case_id)
        if case.archiving_standard == chosen:
            return
        if ReviewBatch.objects.filter(case_id=case.id, agent_id=archive.agent, ended=None).exists():
            raise StandardOfOwnBatch()
        key = archive.case_key()
        known = archive.open(key, case.id, "case.sealed", case.sealed)
        sealed = archive.seal(key, case.id, "case.sealed", known | {"standard": said})
        rewrite(archive, [case], archiving_standard=chosen, sealed=sealed)
        facts = {"standard": name, "left_out": out, "reason": commit(reason.strip().encode(), salt=salt)}
        book.write(archive.case_id, [Event(archive.agent, "house-rule-changed", (), facts)], now=now)
    archive.case.refresh_from_db()


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
