"""What needs a person today, the most pressing first: for the overview, and nothing the asker may not know of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum

from kedang.access.deciding import Act, Person, decide
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import FixityRound, Order, Question, Source
from kedang.holdings.queries.copy_standings import standings_of
from kedang.holdings.queries.jobs import failed_since
from kedang.holdings.queries.keys import keys_status
from kedang.holdings.queries.permitted import permitted

FAILED_DAYS = 7  # a failed job that nobody repeated is shown so long


class Urgency(IntEnum):
    """How pressing a need is; the greater, the more."""

    TO_DO = 0
    SOON = 1
    ALARM = 2


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs a person."""

    key: str
    """copies-none, copies-missed, copies-outstanding, copies-beside, keys, drill-overdue, fixity-damages,
    destruction-unfinished, records-due, questions-open, reviews-waiting, sources-outstanding or job-failed."""
    urgency: Urgency
    count: int
    route: str
    """Name of the page where it is worked on."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What the page is asked for."""
    code: str = ""
    """Of a fault, or the level of the keys."""


Counted = Callable[[Act, str, Callable[[], int]], int]
"""A count of the records with which the asker may do something, by its name: made now, or kept."""


def counted_now(_act: Act, _name: str, make: Callable[[], int]) -> int:
    """Counts each time."""
    return make()


@dataclass(frozen=True, slots=True)
class _Asking:
    archive: Archive
    person: Person
    now: datetime
    today: date
    counted: Counted

    def may(self, act: Act) -> bool:
        return decide(self.person, act, today=self.today).allowed


def needs_attention(
    archive: Archive, person: Person, *, now: datetime, today: date, counted: Counted = counted_now
) -> tuple[Need, ...]:
    """The needs that this person may know of. `today` is the day in the case's time zone."""
    asking = _Asking(archive, person, now, today, counted)
    found = [need for acts, look in _LOOKING if any(map(asking.may, acts)) for need in look(asking)]
    return tuple(sorted(found, key=lambda need: -need.urgency))


def _copies(asking: _Asking) -> Iterator[Need]:
    copies = standings_of(asking.archive.case_id, now=asking.now)
    if not copies:
        yield Need("copies-none", Urgency.ALARM, 1, "keeping")
        return
    counts = (
        ("copies-missed", Urgency.ALARM, sum(one.alarming for one in copies)),
        ("copies-outstanding", Urgency.ALARM, sum(one.keys == "outstanding" for one in copies)),
        ("copies-beside", Urgency.SOON, len(copies) if all(one.beside_home for one in copies) else 0),
        ("drill-overdue", Urgency.SOON, sum(one.drill != "good" for one in copies)),
    )
    for key, urgency, count in counts:
        if count:
            yield Need(key, urgency, count, "keeping")


def _keys(asking: _Asking) -> Iterator[Need]:
    found = keys_status(asking.archive)
    if found.level != "green" or found.next_steps:
        urgency = Urgency.ALARM if found.level == "red" else Urgency.SOON
        yield Need("keys", urgency, max(1, len(found.next_steps)), "keys", code=found.level)


def _fixity(asking: _Asking) -> Iterator[Need]:
    last = FixityRound.objects.filter(case_id=asking.archive.case_id).order_by("-number").first()
    if last is not None and last.damages:
        yield Need("fixity-damages", Urgency.ALARM, last.damages, "checks")


def _orders(asking: _Asking) -> Iterator[Need]:
    open_ones = Order.objects.filter(case_id=asking.archive.case_id).exclude(state="carried-out").count()
    if open_ones:
        yield Need("destruction-unfinished", Urgency.ALARM, open_ones, "orders")


def _due(asking: _Asking) -> Iterator[Need]:
    records = permitted(asking.archive.case_id, asking.person, Act.LIST, today=asking.today)
    due = records.filter(state="archived", retention_kind="until", retention_until__lt=asking.today)
    if count := asking.counted(Act.PROPOSE_DESTRUCTION, "records-due", due.count):
        yield Need("records-due", Urgency.TO_DO, count, "disposition")


def _questions(asking: _Asking) -> Iterator[Need]:
    records = permitted(asking.archive.case_id, asking.person, Act.ANSWER, today=asking.today)
    rows = Question.objects.filter(case_id=asking.archive.case_id, state="open", record__in=records)
    if count := asking.counted(Act.ANSWER, "questions-open", rows.count):
        yield Need("questions-open", Urgency.TO_DO, count, "checking")


def _reviews(asking: _Asking) -> Iterator[Need]:
    records = permitted(asking.archive.case_id, asking.person, Act.ACCEPT, today=asking.today)
    if count := asking.counted(Act.ACCEPT, "reviews-waiting", records.filter(state="review").count):
        yield Need("reviews-waiting", Urgency.TO_DO, count, "reviews")


def _sources(asking: _Asking) -> Iterator[Need]:
    rows = Source.objects.filter(case_id=asking.archive.case_id, state="outstanding")
    if count := rows.count():
        yield Need("sources-outstanding", Urgency.TO_DO, count, "sources")


def _jobs(asking: _Asking) -> Iterator[Need]:
    since = asking.now - timedelta(days=FAILED_DAYS)
    for _job, kind, code in failed_since(asking.archive.case_id, since):
        yield Need("job-failed", Urgency.SOON, 1, "jobs", {"kind": kind}, code)


_LOOKING: tuple[tuple[tuple[Act, ...], Callable[[_Asking], Iterator[Need]]], ...] = (
    ((Act.KEEP_COPIES,), _copies),
    ((Act.HOLD_KEYS,), _keys),
    ((Act.KEEP_COPIES,), _fixity),
    ((Act.ORDER_DESTRUCTION,), _orders),
    ((Act.PROPOSE_DESTRUCTION,), _due),
    ((Act.ANSWER,), _questions),
    ((Act.ACCEPT,), _reviews),
    ((Act.TAKE_IN,), _sources),
    ((Act.KEEP_COPIES, Act.TAKE_IN, Act.HOLD_KEYS), _jobs),
)
"""Who may know of what."""
