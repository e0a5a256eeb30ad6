"""The names of all customers, thousands sealed together, so that a list of fifty thousand is there at once.

Derived from the customers' rows: whatever changes one of them says so here, and the list is made again when it
is next asked for. A list's key ends with each of its customers that is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from django.db import transaction
from django.db.models import Count, Max

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.models import Customer, Link, NameList
from kedang.records.ids import CaseId
from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.suites import SALT_BYTES

NAMES_AT_ONCE = 4096
LOOKUP = 400  # values in one query
_COLUMN = "namelist.sealed"


class Listed(msgspec.Struct, array_like=True, gc=False):
    """One customer as a list shows it."""

    number: int
    id: str
    kind: str
    name: str
    forward: str
    """The customer that it was merged into; empty for none."""
    classes: str
    """How many records of each class are linked to its own number: "contract:3 personal:1"."""


_DECODER = msgspec.msgpack.Decoder(list[Listed])
_ENCODER = msgspec.msgpack.Encoder()


def drop_names(archive: Archive, customers: Iterable[str]) -> None:
    """Something about these customers changes, in the caller's transaction: their lists are made again."""
    case, wanted = archive.case_id, sorted(set(customers))
    chunks: set[int] = set()
    for start in range(0, len(wanted), LOOKUP):
        rows = Customer.objects.filter(case_id=case, id__in=wanted[start : start + LOOKUP])
        chunks.update(number // NAMES_AT_ONCE for number in rows.values_list("number", flat=True))
    NameList.objects.filter(case_id=case, chunk__in=chunks).update(fresh=False)


def drop_names_of_records(archive: Archive, records: Iterable[str]) -> None:
    """The same for the customers of these records."""
    wanted = sorted(set(records))
    for start in range(0, len(wanted), LOOKUP):
        rows = Link.objects.filter(case_id=archive.case_id, record_id__in=wanted[start : start + LOOKUP])
        drop_names(archive, rows.values_list("customer_id", flat=True).distinct())


def lists_of(case: CaseId, customers: Iterable[str]) -> list[NameList]:
    """The lists that hold the names of these customers."""
    rows = Customer.objects.filter(case_id=case, id__in=list(customers))
    chunks = {number // NAMES_AT_ONCE for number in rows.values_list("number", flat=True)}
    return list(NameList.objects.filter(case_id=case, chunk__in=chunks).order_by("chunk"))


def listed(archive: Archive) -> list[Listed]:
    """Every customer that has not been erased, by number."""
    found: list[Listed] = []
    case = archive.case_id
    last = Customer.objects.filter(case_id=case).aggregate(last=Max("number"))["last"]
    if last is None:
        return found
    rows = {row.chunk: row for row in NameList.objects.filter(case_id=case)}
    for chunk in range(last // NAMES_AT_ONCE + 1):
        row = rows.get(chunk)
        found += _opened(archive, row) if row is not None and row.fresh else _made(archive, row, chunk)
    return found


def _binding(archive: Archive, row: NameList) -> ColumnBinding:
    return ColumnBinding(archive.case_id, row.id, _COLUMN)


def _opened(archive: Archive, row: NameList) -> list[Listed]:
    key = archive.key(row.key_page, row.id)
    return _DECODER.decode(open_column(key, bytes(row.sealed), binding=_binding(archive, row)))


def _made(archive: Archive, row: NameList | None, chunk: int) -> list[Listed]:
    """The list made anew and kept."""
    lines = list(_lines(archive, chunk))
    made = row or NameList(id=archive.new_id(), case_id=archive.case_id, chunk=chunk)
    pages = None
    if row is None:
        pages = archive.write_pages({made.id: archive.new_key()})
        made.key_page = pages[made.id].id
    made.sealed = seal_column(
        archive.key(made.key_page, made.id) if pages is None else pages.keys_of[made.key_page][made.id],
        _ENCODER.encode(lines),
        binding=_binding(archive, made),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
    )
    made.fresh = True
    with transaction.atomic():
        if pages is not None:
            archive.keep_pages(pages)
        guarded(archive, made).save(force_insert=row is None)
    return lines


def _lines(archive: Archive, chunk: int) -> Iterator[Listed]:
    case, first = archive.case_id, chunk * NAMES_AT_ONCE
    of_chunk = {"case_id": case, "number__gte": first, "number__lt": first + NAMES_AT_ONCE}
    counted = (
        Link.objects.filter(case_id=case, **{f"customer__{name}": value for name, value in of_chunk.items()})
        .values_list("customer_id", "record__record_class")
        .annotate(count=Count("id"))
    )
    classes: dict[str, list[str]] = {}
    for customer, record_class, count in sorted(counted):
        classes.setdefault(customer, []).append(f"{record_class}:{count}")
    rows = Customer.objects.filter(**of_chunk).exclude(key_page="").order_by("number")
    columns = ("number", "id", "kind", "key_page", "sealed", "forward_id")
    for number, one, kind, page, sealed, forward in rows.values_list(*columns):
        name = archive.open(archive.key(page, one), one, "customer.sealed", sealed)["name"]
        yield Listed(number, one, kind, str(name), forward or "", " ".join(classes.get(one, ())))
