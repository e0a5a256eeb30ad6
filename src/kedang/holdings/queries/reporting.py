"""Everything the report says, counted."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from kedang.disposition.explanation import rule_words
from kedang.disposition.schedule import shipped_schedule
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import head_of
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.names import agent_name, case_name, customer_name, own_numbers, source_names
from kedang.holdings.adapters.signing import sign_head, signer_of
from kedang.holdings.intake.indexing import part_path
from kedang.holdings.models import (
    Audit,
    Customer,
    IndexPart,
    KeyPage,
    LedgerHead,
    Link,
    Occurrence,
    Pack,
    Record,
    Source,
)
from kedang.holdings.queries.balance import balance_of
from kedang.holdings.queries.desks import names_of_desks, places_of_desks
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.report_data import (
    AuditLine,
    Balance,
    ClassCount,
    CodeCount,
    FindingCount,
    NamedCount,
    ReportData,
    RetentionCount,
    RuleText,
    SourceLine,
    Storage,
    YearCount,
)
from kedang.holdings.queries.report_data import LedgerHead as ReportedHead
from kedang.ledger.checkpoints import origin_of
from kedang.records.content import FindingCategory, RecordClass, Sensitivity

CUSTOMERS_SHOWN = 20


def report_data(archive: Archive, *, language: str, now: datetime) -> ReportData:
    """The report's figures as they are now; the ledger's head is signed for it."""
    case = archive.case_id
    balance = balance_of(case)
    records = _living(archive)
    held, desks = records.count(), _Desks(archive)
    return ReportData(
        case_name=case_name(archive),
        fonds=archive.case.fonds_code,
        credit_code=next(iter(own_numbers(archive)), None),
        made_at=now.astimezone(ZoneInfo(archive.case.time_zone)),
        made_by=agent_name(archive),
        balance=Balance(balance.received, balance.kept, _codes(balance.refused), balance.open),
        records=held,
        destroyed=balance.records - held,
        duplicates=balance.duplicates,
        archived=records.filter(state="archived").count(),
        customers=Customer.objects.filter(case_id=case, forward=None).exclude(key_page="").count(),
        unlinked=records.exclude(id__in=Link.objects.filter(case_id=case).values("record_id")).count(),
        sources=tuple(_sources(archive)),
        by_class=tuple(_classes(archive)),
        by_year=tuple(_years(archive)),
        by_desk=tuple(desks.counts()),
        by_customer=tuple(_customers(archive)),
        sensitivity=tuple(_sensitivities(archive)),
        personal_data=tuple(desks.findings()),
        retention=tuple(_retention(archive)),
        rules=tuple(_rules(archive, language)),
        retention_undetermined=records.filter(retention_kind="undetermined").count(),
        questions=_codes(balance.questions),
        storage=_storage(archive),
        ledger=_ledger(archive, now),
        audit=_audit(archive),
    )


def _living(archive: Archive) -> QuerySet[Record]:
    """The records that have not been destroyed: what a report speaks of."""
    return Record.objects.filter(case_id=archive.case_id).exclude(state=DESTROYED)


def _audit(archive: Archive) -> AuditLine | None:
    """The last audit of joins that has ended."""
    row = Audit.objects.filter(case_id=archive.case_id).exclude(ended=None).order_by("-ordinal").first()
    if row is None:
        return None
    facts = row.facts
    return AuditLine(row.population, facts["sample"], facts["wrong"], facts["bound_ppm"])


def _codes(counts: dict[str, int]) -> tuple[CodeCount, ...]:
    return tuple(CodeCount(code, count) for code, count in sorted(counts.items()))


class _Desks:
    """Records and personal data by desk."""

    def __init__(self, archive: Archive) -> None:
        self._records: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._findings: Counter[tuple[str, str]] = Counter()
        places = Occurrence.objects.filter(case_id=archive.case_id, desk_fingerprint__gt=b"")
        rows = places.exclude(record=None).exclude(record__state=DESTROYED).order_by().distinct()
        desks = [bytes(mark).hex() for (mark,) in rows.values_list("desk_fingerprint")]
        records = Record.objects.filter(case_id=archive.case_id)
        named = names_of_desks(archive, places_of_desks(archive.case_id, desks, records))
        told = ("desk_fingerprint", "record", "record__padded_bytes", "record__finding_counts")
        for mark, _, size_bytes, findings in rows.values_list(*told).iterator(chunk_size=500):
            if (said := named.get(bytes(mark).hex())) is None:
                continue  # taken in or destroyed meanwhile
            desk = said.name
            self._records[desk] += 1
            self._bytes[desk] += size_bytes
            self._findings.update((category, desk) for category in findings)

    def counts(self) -> Iterable[NamedCount]:
        """Records by desk, most first."""
        for desk, count in sorted(self._records.items(), key=lambda one: (-one[1], one[0])):
            yield NamedCount(desk, count, self._bytes[desk])

    def findings(self) -> Iterable[FindingCount]:
        """Records with personal data by category and desk."""
        for (category, desk), count in sorted(self._findings.items()):
            yield FindingCount(FindingCategory(category), desk, count)


def _sources(archive: Archive) -> Iterable[SourceLine]:
    for source in Source.objects.filter(case_id=archive.case_id).order_by("ordinal"):
        rows = Occurrence.objects.filter(case_id=archive.case_id, source=source)
        name = source_names(archive, source).name
        yield SourceLine(name, source.state, rows.count(), rows.filter(state="kept").count())


def _classes(archive: Archive) -> Iterable[ClassCount]:
    rows = _living(archive).values_list("record_class", "accounting")
    counted = {(name, flag): n for name, flag, n in rows.annotate(count=Count("id"))}
    for one in RecordClass:
        accounting = counted.get((one.value, True), 0)
        yield ClassCount(one, accounting + counted.get((one.value, False), 0), accounting)


def _years(archive: Archive) -> Iterable[YearCount]:
    rows = _living(archive).values_list("record_date__year")
    for year, count in rows.annotate(count=Count("id")).order_by("record_date__year"):
        yield YearCount(year, count)


def _customers(archive: Archive) -> Iterable[NamedCount]:
    case = archive.case_id
    merged = Forwarding.of(case)
    rows = Link.objects.filter(case_id=case).values_list("customer_id")
    counts = dict(rows.annotate(count=Count("id")).order_by())
    for head in {merged.head(one) for one in counts if merged.is_forwarded(one)}:
        members = merged.members(head)
        both = Link.objects.filter(case_id=case, customer_id__in=members)
        for one in members:
            counts.pop(one, None)
        counts[head] = both.values("record_id").distinct().count()
    most = sorted(counts, key=lambda one: -counts[one])[: CUSTOMERS_SHOWN * 2]
    named = Customer.objects.in_bulk(most)
    most.sort(key=lambda one: (-counts[one], named[one].number))
    for customer in most[:CUSTOMERS_SHOWN]:
        yield NamedCount(customer_name(archive, named[customer]), counts[customer])


def _sensitivities(archive: Archive) -> Iterable[tuple[Sensitivity, int]]:
    rows = _living(archive).values_list("sensitivity")
    counted = dict(rows.annotate(count=Count("id")))
    for one in Sensitivity:
        yield one, counted.get(one.value, 0)


def _retention(archive: Archive) -> Iterable[RetentionCount]:
    kept = _living(archive).filter(retention_kind__in=("until", "permanent"))
    rows = kept.values_list("retention_until__year", "retention_rule")
    for year, rule, count in rows.annotate(count=Count("id")).order_by(
        "retention_until__year", "retention_rule"
    ):
        yield RetentionCount(year, rule, count)


def _rules(archive: Archive, language: str) -> Iterable[RuleText]:
    rows = _living(archive).exclude(retention_rule="")
    schedule = shipped_schedule()
    for rule in sorted(set(rows.values_list("retention_rule", flat=True))):
        words = rule_words(schedule.rule(rule), language)
        yield RuleText(rule, words.title, words.period, words.basis)


def _storage(archive: Archive) -> Storage:
    case = archive.case_id
    parts = list(IndexPart.objects.filter(case_id=case).values_list("file", flat=True))
    packs = Pack.objects.filter(case_id=case, state="kept")
    paths = [part_path(archive, part) for part in parts]
    padded = Record.objects.filter(case_id=case).aggregate(total=Sum("padded_bytes"))["total"]
    return Storage(
        original_bytes=padded or 0,
        stored_bytes=packs.aggregate(total=Sum("size_bytes"))["total"] or 0,
        packs=packs.count(),
        key_pages=KeyPage.objects.filter(case_id=case).count(),
        index_parts=len(parts),
        index_bytes=sum(path.stat().st_size for path in paths if path.is_file()),
        suite=archive.suite.name.replace("_", "-"),
        key_sheet_places=len(archive.places.read_sheets(case)),
    )


def _ledger(archive: Archive, now: datetime) -> ReportedHead:
    note = sign_head(archive, now=now)
    row = LedgerHead.objects.get(case_id=archive.case_id)
    head = head_of(row)
    return ReportedHead(
        origin=origin_of(archive.case_id, row.generation),
        size=head.size,
        root=b64encode(head.root).decode(),
        time=row.last_time,
        checkpoint=note,
        verification_key=str(signer_of(archive, row.generation).verification_key),
    )
