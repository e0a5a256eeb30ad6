"""Filters of a search, resolved in the catalogue: class:, year:, state:, customer:, retention:."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from django.db.models import Q

from kedang.access.query import Filter
from kedang.catalogue.classes import class_schemes
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import any_of, in_batches
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
CLASSES = {title.zh: title.record_class for scheme in class_schemes().values() for title in scheme.titles} | {
    "合同": RecordClass.CONTRACT,
    "交易": RecordClass.TRANSACTION,
    "服务": RecordClass.SERVICE,
    "沟通": RecordClass.COMMUNICATION,
}
"""What a person may call a class: by its title in either scheme, or shorter."""
PIECEWISE = 1  # times a thousand rows of a part that are asked for by number

Admission = Callable[[IndexPartId, Sequence[int]], Collection[int]]


def admission(archive: Archive, filters: Sequence[Filter], within: Q | None = None) -> Admission | None:
    """Which of some index rows all filters let through and lie `within`; None when that is every row.

    `within` is the condition that the asker's grants make (`permitted.within`), with whatever else he has chosen:
    rows outside it are neither returned nor counted.
    """
    condition = within if within is not None else Q()
    for one in filters:
        wanted = _condition(archive, one)
        condition &= ~wanted if one.excluded else wanted
    return _Admission(archive.case_id, condition) if condition else None


class _Admission:
    """Asks for some rows at a time; for all of a part at once when its hits go on and on."""

    def __init__(self, case: str, condition: Q) -> None:
        self._rows = Record.objects.filter(condition, case_id=case)
        self._asked: Counter[str] = Counter()
        self._parts: dict[str, frozenset[int]] = {}

    def __call__(self, part: IndexPartId, ordinals: Sequence[int]) -> Collection[int]:
        self._asked[part] += 1
        if self._asked[part] <= PIECEWISE:
            rows = self._rows.filter(indexed_part=part, indexed_row__in=any_of(ordinals))
            return {row for row in rows.values_list("indexed_row", flat=True) if row is not None}
        if part not in self._parts:
            rows = self._rows.filter(indexed_part=part)
            known = rows.values_list("indexed_row", flat=True)
            self._parts[part] = frozenset(row for row in known if row is not None)
        return self._parts[part].intersection(ordinals)


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
