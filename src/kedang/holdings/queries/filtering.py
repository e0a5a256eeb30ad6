"""Filters of a search, resolved in the catalogue: class:, year:, state:, customer:, retention:."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from django.db.models import Q

from kedang.access.query import Filter
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.adapters.name_lists import listed
from kedang.holdings.models import Link, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.records.content import RecordClass
from kedang.records.ids import IndexPartId

FIELDS = {
    "class": "class",
    "类别": "class",
    "year": "year",
    "年度": "year",
    "state": "state",
    "状态": "state",
    "customer": "customer",
    "客户": "customer",
    "rule": "rule",
    "规则": "rule",
}
"""What a person may write before the colon."""
CLASSES = {
    "个人信息": RecordClass.PERSONAL,
    "基本信息": RecordClass.PERSONAL,
    "合同": RecordClass.CONTRACT,
    "交易": RecordClass.TRANSACTION,
    "服务": RecordClass.SERVICE,
    "沟通": RecordClass.COMMUNICATION,
    "其他": RecordClass.OTHER,
}

Admission = Callable[[IndexPartId, Sequence[int]], Collection[int]]


def admission(archive: Archive, filters: Sequence[Filter]) -> Admission | None:
    """Which of some index rows all filters let through; None when there is no filter."""
    if not filters:
        return None
    condition = Q()
    for one in filters:
        wanted = _condition(archive, one)
        condition &= ~wanted if one.excluded else wanted

    def admit(part: IndexPartId, ordinals: Sequence[int]) -> Collection[int]:
        rows = Record.objects.filter(
            condition, case_id=archive.case_id, indexed_part=part, indexed_row__in=list(ordinals)
        )
        return {row for row in rows.values_list("indexed_row", flat=True) if row is not None}

    return admit


def _condition(archive: Archive, one: Filter) -> Q:
    match one.field:
        case "class":
            return Q(record_class__in=[CLASSES.get(value, value) for value in one.values])
        case "year":
            years = [int(value) for value in one.values if value.isdecimal()]
            return Q(record_date__year__in=years)
        case "state":
            return Q(state__in=one.values)
        case "rule":
            return Q(retention_rule__in=[value.upper() for value in one.values])
        case _:
            return Q(id__in=_records_of(archive, one.values))


def _records_of(archive: Archive, names: Sequence[str]) -> list[str]:
    """Records of the customers whose name, or that of a number that leads to them, holds one of `names`."""
    called = [one.id for one in listed(archive) if any(name in one.name for name in names)]
    found: dict[str, None] = {}
    for some in in_batches(Forwarding.of(archive.case_id).with_members(called)):
        links = Link.objects.filter(case_id=archive.case_id, customer_id__in=some)
        found.update(dict.fromkeys(links.values_list("record_id", flat=True)))
    return list(found)
