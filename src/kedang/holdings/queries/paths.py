"""Readable paths of occurrences: folders, containers and names from the source down."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.names import occurrence_names
from kedang.holdings.models import Occurrence

REMEMBERED = 4096  # paths of containers


class Paths:
    """Opens names and joins them; remembers containers, of which many members ask."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: OrderedDict[str, str] = OrderedDict()

    def of(self, occurrence: Occurrence) -> str:
        """The path of one occurrence."""
        name = occurrence_names(self._archive, occurrence).name
        if occurrence.parent_id is None:
            return name
        return f"{self._container(occurrence.parent_id)}/{name}"

    def _container(self, occurrence_id: str) -> str:
        if occurrence_id not in self._known:
            row = Occurrence.objects.select_related("record", "source").get(
                case_id=self._archive.case_id, id=occurrence_id
            )
            self._known[occurrence_id] = self.of(row)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return self._known[occurrence_id]


def paths_by_record(archive: Archive, paths: Paths, record_ids: Iterable[str]) -> dict[str, list[str]]:
    """The paths of every current or former occurrence of each record, in order."""
    found: dict[str, list[str]] = {}
    rows = (
        Occurrence.objects.filter(case_id=archive.case_id, record_id__in=list(record_ids))
        .select_related("record", "source")
        .order_by("order_key")
    )
    for row in rows.iterator(chunk_size=500):
        found.setdefault(row.record_id or "", []).append(paths.of(row))
    return found
