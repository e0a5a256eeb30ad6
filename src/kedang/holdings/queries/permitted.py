"""The records that a person's grants cover, as a filter of every list, count and search."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from kedang.access.deciding import Act, Person, Scope, Subject, decide, scopes_of
from kedang.access.errors import NotPermitted
from kedang.holdings.models import Customer, Link, Occurrence, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.records.ids import CaseId


def permitted(case: CaseId, person: Person, act: Act, *, today: date) -> QuerySet[Record]:
    """The records of the case with which the person may do this; none when no grant allows it."""
    return Record.objects.filter(within(case, scopes_of(person, act, today=today)), case_id=case)


def within(case: CaseId, scopes: Iterable[Scope]) -> Q:
    """The condition that a record lies within one of the scopes."""
    condition = Q(pk__in=[])
    for scope in scopes:
        if scope.whole:
            return Q()
        condition |= _covered(case, scope)
    return condition


def _covered(case: CaseId, scope: Scope) -> Q:
    condition = Q()
    if scope.classes is not None:
        condition &= Q(record_class__in=scope.classes)
    if scope.sensitivities is not None:
        condition &= Q(sensitivity__in=scope.sensitivities)
    if scope.records is not None:
        condition &= Q(id__in=scope.records)
    if scope.sources is not None:
        places = Occurrence.objects.filter(case_id=case, record=OuterRef("pk"), source_id__in=scope.sources)
        condition &= Q(Exists(places))
    if scope.customers is not None:
        theirs = Forwarding.of(case).with_members(scope.customers)
        condition &= Q(
            Exists(Link.objects.filter(case_id=case, record=OuterRef("pk"), customer_id__in=theirs))
        )
    return condition


def subject_of(record: Record) -> Subject:
    """What the decision must know of a record."""
    case = CaseId(record.case_id)
    linked = Link.objects.filter(case_id=case, record=record).values_list("customer_id", flat=True)
    customers = Forwarding.of(case).with_members(linked)
    sources = Occurrence.objects.filter(case_id=case, record=record).values_list("source_id", flat=True)
    return Subject(
        record.id, record.record_class, record.sensitivity, frozenset(sources), frozenset(customers)
    )


def require_permitted(person: Person, act: Act, record: Record | None = None, *, today: date) -> None:
    """Nothing when it is allowed.

    Raises:
        NotPermitted: no grant allows it.
    """
    subject = subject_of(record) if record is not None else None
    decision = decide(person, act, subject, today=today)
    if not decision.allowed:
        raise NotPermitted(act=act.value, because=decision.because)


def record_permitted(case: CaseId, person: Person, record_id: str, act: Act, *, today: date) -> Record | None:
    """The record, when the person may do this with it; None when there is none or he may not."""
    record = Record.objects.filter(case_id=case, id=record_id).first()
    if record is None or not decide(person, act, subject_of(record), today=today).allowed:
        return None
    return record


def customers_seen(case: CaseId, person: Person, *, today: date) -> QuerySet[Customer]:
    """The customers whose file the person may see: all, or those a grant names, when a grant lets customers be seen."""
    scopes = scopes_of(person, Act.SEE_CUSTOMERS, today=today)
    everyone = Customer.objects.filter(case_id=case)
    if any(scope.whole for scope in scopes):
        return everyone
    named: set[str] = set()
    for scope in scopes:
        named |= scope.customers or set()
    return everyone.filter(id__in=Forwarding.of(case).with_members(named))
