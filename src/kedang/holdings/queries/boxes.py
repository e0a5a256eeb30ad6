"""What lies in which box, and the records of which labels and lists are made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from kedang.access.covering import plain
from kedang.catalogue.reference_codes import ReferenceCode
from kedang.catalogue.scheme import Scheme, shipped_scheme
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.models import Box, Customer, Folder, Record
from kedang.holdings.queries.shown_titles import shown_titles
from kedang.records.ids import CaseId

TITLES_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class FolderLine:
    """One folder: its code and what lies in it."""

    code: str
    series: str
    number: int
    first: str
    last: str
    """Reference codes of its first and last record."""
    pages: int


@dataclass(frozen=True, slots=True)
class BoxLine:
    """One box with its folders."""

    number: int
    kind: str
    place: str
    folders: Sequence[FolderLine]

    @property
    def pages(self) -> int:
        """Of all its folders."""
        return sum(folder.pages for folder in self.folders)


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series 类 of numbered records, in words."""

    series: str
    title_zh: str
    title_en: str
    year: int | None
    retention_zh: str
    retention_en: str
    records: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One record as labels and lists name it; personal values in its title are covered."""

    record: str
    code: str
    series: SeriesLine
    number: int
    title: str
    date: str
    pages: int | None
    sensitivity: str
    box: int | None
    folder: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which records: of one series, of one box, these, or all."""

    series: str = ""
    box: int | None = None
    records: Sequence[str] = ()


def boxes_of(archive: Archive, number: int | None = None) -> list[BoxLine]:
    """The boxes of the case, or one of them, in the order of their numbers."""
    rows = Box.objects.filter(case_id=archive.case_id)
    rows = rows if number is None else rows.filter(number=number)
    folders: dict[str, list[FolderLine]] = defaultdict(list)
    for one in Folder.objects.filter(case_id=archive.case_id, box__in=rows).order_by("series", "number"):
        folders[one.box_id].append(_folder_line(one))
    key = archive.case_key()
    return [
        BoxLine(
            row.number,
            row.kind,
            str(archive.open(key, row.id, "box.sealed", row.sealed)["place"]),
            folders[row.id],
        )
        for row in rows.order_by("number")
    ]


def _folder_line(folder: Folder) -> FolderLine:
    digits, volume = shipped_scheme().item_digits, shipped_scheme().volume_digits
    return FolderLine(
        f"{folder.series}-{folder.number:0{volume}d}",
        folder.series,
        folder.number,
        f"{folder.series}-{folder.first:0{digits}d}",
        f"{folder.series}-{folder.last:0{digits}d}",
        folder.pages,
    )


def series_lines(records: QuerySet[Record]) -> list[SeriesLine]:
    """The series in which these records are numbered, with how many each has."""
    counts: dict[str, int] = defaultdict(int)
    codes = records.exclude(reference_code=None).values_list("reference_code", flat=True)
    for code in codes.iterator(chunk_size=2000):
        counts[(code or "").rpartition("-")[0]] += 1
    return [_series_line(series, count) for series, count in sorted(counts.items())]


def _series_line(series: str, count: int) -> SeriesLine:
    scheme = shipped_scheme()
    read = ReferenceCode.parse(f"{series}-1").series
    zh, en = _titles(scheme).get(read.codes, (read.codes[-1], read.codes[-1]))
    step = next((one for one in scheme.retention if one.code == read.retention), None)
    kept = (step.zh, step.en) if step else ("", "")
    return SeriesLine(series, zh, en, read.year, *kept, count)


def _titles(scheme: Scheme) -> Mapping[tuple[str, ...], tuple[str, str]]:
    every = (*scheme.by_class.values(), *scheme.by_accounting.values())
    return {title.codes: (title.zh, title.en) for title in every}


def chosen_records(archive: Archive, permitted: QuerySet[Record], chosen: Chosen) -> QuerySet[Record]:
    """Those of the permitted records that have a number and were chosen, by number."""
    rows = permitted.exclude(reference_code=None).exclude(state=DESTROYED)
    if chosen.records:
        rows = rows.filter(id__in=list(chosen.records))
    if chosen.series:
        rows = rows.filter(reference_code__startswith=f"{chosen.series}-")
    if chosen.box is not None:
        rows = rows.filter(_within(boxes_of(archive, chosen.box)))
    return rows.order_by("reference_code")


def _within(boxes: Iterable[BoxLine]) -> Q:
    """Records that lie in these boxes: numbers have their zeros, so that their order is that of the text."""
    lies = Q(pk__in=[])
    for folder in (folder for box in boxes for folder in box.folders):
        lies |= Q(
            reference_code__startswith=f"{folder.series}-",
            reference_code__gte=folder.first,
            reference_code__lte=folder.last,
        )
    return lies


def item_lines(
    archive: Archive, records: QuerySet[Record], *, seen: QuerySet[Customer], titles: bool
) -> list[ItemLine]:
    """The chosen records; titles only where a list prints them."""
    rows = list(records)
    lying = _lying(archive.case_id)
    said: dict[str, str] = {}
    for at in range(0, len(rows) if titles else 0, TITLES_AT_ONCE):
        some = shown_titles(archive, rows[at : at + TITLES_AT_ONCE], seen=seen)
        said |= {record: plain(parts) for record, parts in some.items()}
    lines: dict[str, SeriesLine] = {}
    found = []
    for row in rows:
        series, _, number = (row.reference_code or "").rpartition("-")
        if series not in lines:
            lines[series] = _series_line(series, 0)
        box, folder = _place(lying.get(series, ()), int(number))
        found.append(
            ItemLine(
                row.id,
                row.reference_code or "",
                lines[series],
                int(number),
                said.get(row.id, ""),
                row.record_date.isoformat() if row.record_date else "",
                row.pages,
                row.sensitivity,
                box,
                folder,
            )
        )
    return found


def _lying(case: CaseId) -> dict[str, list[tuple[int, int, int, str]]]:
    """By series: first and last number, box and code of each folder."""
    found: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
    for one in Folder.objects.filter(case_id=case).select_related("box"):
        found[one.series].append((one.first, one.last, one.box.number, _folder_line(one).code))
    return found


def _place(folders: Iterable[tuple[int, int, int, str]], number: int) -> tuple[int | None, str]:
    return next(((box, code) for first, last, box, code in folders if first <= number <= last), (None, ""))
