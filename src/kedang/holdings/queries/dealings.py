"""What the papers of one customer say together: dealings and their gaps, signs of risk, how long, and when what was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kedang.disposition.explanation import explain
from kedang.disposition.schedule import shipped_schedule
from kedang.disposition.stored import PERMANENT_TEXT, UNDETERMINED_TEXT, reckoning_from_json
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Link, Record
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.dealing_papers import ReadRecord, read_records
from kedang.holdings.queries.forwarding import Forwarding
from kedang.records.content import RecordClass
from kedang.resolution.dealings import Dealing, Line, Paper, dealings_of
from kedang.resolution.risks import Sign, signs_of_dealing, signs_of_list, signs_of_record

RECORD_DATE = "record_date"
"""What a day on the timeline is when no fact of the record gives it."""
NOT_KEPT = ("consents", "notices", "requests")
"""Parts of a customer file that this release keeps nothing of."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_KINDS = re.compile(r"_(?:on|from|until|end|ends|date)$")


@dataclass(slots=True)
class _Gathered:
    """What the records say, one after the other."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    timeline: list[tuple[date, str, str]] = field(default_factory=list)
    rows: list[tuple[str, date | None]] = field(default_factory=list)


def customer_dealings(
    archive: Archive, customer: str, *, today: date, scope: CustomerScope = EVERYTHING
) -> dict[str, Any]:
    """Documents, dealings, signs, retention and timeline of a customer, given by the id of any number of his.

    What his records within `scope` say, and nothing of the others.
    """
    merged = Forwarding.of(archive.case_id)
    head = merged.head(customer)
    gathered = _Gathered()
    for one in read_records(archive, _records_of(archive, merged.members(head), scope), merged):
        _gather(gathered, one, head, today)
    dealings = [one for one in dealings_of(gathered.papers) if one.sums or one.gaps]
    signs = [*gathered.signs, *(sign for dealing in dealings for sign in signs_of_dealing(dealing))]
    return {
        "documents": gathered.documents,
        "dealings": [dealing_to_json(dealing) for dealing in dealings],
        "signs": [_sign(sign) for sign in signs],
        "retention": _nothing_left(gathered.rows),
        "timeline": [
            {"date": day.isoformat(), "what": what, "record_id": record}
            for day, what, record in sorted(set(gathered.timeline))
        ],
        "not_kept": list(NOT_KEPT),
    }


def _records_of(archive: Archive, members: Sequence[str], scope: CustomerScope) -> list[str]:
    rows = scope.narrowed(Link.objects.filter(case_id=archive.case_id, customer_id__in=list(members)))
    return list(rows.order_by("record__first_order", "id").values_list("record_id", flat=True))


def _gather(gathered: _Gathered, one: ReadRecord, head: str, today: date) -> None:
    mine = head in one.owners
    paper = one.paper() if mine else None
    if paper is not None:
        gathered.papers.append(paper)
    record_class = RecordClass(one.row.record_class)
    if mine:
        signs = signs_of_record(one.row.id, record_class, one.title, one.text, one.facts, today=today)
    else:
        signs = signs_of_list(one.row.id, one.title, one.text) if one.is_list else iter(())
    gathered.signs.extend(signs)
    gathered.timeline.extend(_days(one, facts=mine))
    gathered.rows.append((one.row.retention_kind, one.row.retention_until))
    gathered.documents.append(_document(one, paper, mine=mine))


def _days(one: ReadRecord, *, facts: bool) -> Iterator[tuple[date, str, str]]:
    """Days that the record tells of this customer; of a list and of papers of others only their own day."""
    told: set[date] = set()
    for fact in one.facts if facts else ():
        if _DAY_KINDS.search(fact.kind) and _DAY.fullmatch(fact.value):
            day = date.fromisoformat(fact.value)
            told.add(day)
            yield day, fact.kind, one.row.id
    if one.row.record_date is not None and one.row.record_date not in told:
        yield one.row.record_date, RECORD_DATE, one.row.id


def _document(one: ReadRecord, paper: Paper | None, *, mine: bool) -> dict[str, Any]:
    row = one.row
    return {
        "record_id": row.id,
        "reference_code": row.reference_code or "",
        "title": one.title,
        "class": row.record_class,
        "date": row.record_date.isoformat() if row.record_date else "",
        "standing": "list" if one.is_list else "own" if mine else "named",
        "paper": paper.kind.value if paper else "",
        "total": str(paper.total) if paper and paper.total is not None else "",
        "numbers": sorted(paper.numbers) if paper else [],
        "retention": {"until": _until(row), "rule": row.retention_rule} | _grounds(row),
    }


def _until(row: Record) -> str:
    if row.retention_kind == "until" and row.retention_until:
        return row.retention_until.isoformat()
    return row.retention_kind or UNDETERMINED_TEXT


def _grounds(row: Record) -> dict[str, str]:
    """The outcome of the reckoning as a sentence."""
    if not row.reckoning:
        return {"zh": "", "en": ""}
    read, schedule = reckoning_from_json(row.reckoning), shipped_schedule()
    return {language: explain(read, language, schedule=schedule)[0] for language in ("zh", "en")}


def _nothing_left(rows: Sequence[tuple[str, date | None]]) -> dict[str, Any]:
    """The last day on which something must be kept; undetermined while one of them is."""
    days = [day for kind, day in rows if kind == "until" and day is not None]
    permanent = sum(kind == PERMANENT_TEXT for kind, _ in rows)
    undetermined = len(rows) - len(days) - permanent
    latest = max(days).isoformat() if days else ""
    until = UNDETERMINED_TEXT if undetermined else PERMANENT_TEXT if permanent else latest
    return {
        "until": until,
        "not_before": latest,
        "records": len(rows),
        "permanent": permanent,
        "undetermined": undetermined,
    }


def dealing_to_json(dealing: Dealing) -> dict[str, Any]:
    """A dealing for a program."""
    return {
        "closed": dealing.is_closed,
        "papers": [
            {
                "record_id": paper.record,
                "kind": paper.kind.value,
                "date": paper.day.isoformat() if paper.day else "",
                "total": str(paper.total) if paper.total is not None else "",
                "by_amount": paper.record in dealing.by_amount,
            }
            for paper in dealing.papers
        ],
        "sums": {kind.value: str(total) for kind, total in dealing.sums.items()},
        "gaps": lines_to_json(dealing.gaps),
    }


def lines_to_json(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Lines of a gap list with code, values and words."""
    return [{"code": one.code, **one.values, "zh": one.words("zh"), "en": one.words("en")} for one in lines]


def _sign(sign: Sign) -> dict[str, Any]:
    return {
        "code": sign.code,
        "records": list(sign.records),
        "zh": sign.words("zh"),
        "en": sign.words("en"),
        "why_zh": sign.why("zh"),
        "why_en": sign.why("en"),
    }
