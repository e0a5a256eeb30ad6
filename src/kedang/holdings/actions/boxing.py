"""Boxes 装盒: numbered records put into folders and boxes in the order of their numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from kedang.catalogue.paper import BoxKind, Run, box_kinds, fill
from kedang.catalogue.reference_codes import ReferenceCode
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written, rewrite
from kedang.holdings.box_errors import BoxUnknown, NothingToBox
from kedang.holdings.models import Box, Case, Folder, Record
from kedang.ledger.leaves import Event

LONGEST_PLACE = 200  # code points
MOST_FOLDER_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Boxed:
    """What was put where."""

    boxes: int
    folders: int
    records: int


@dataclass(frozen=True, slots=True)
class Filling:
    """Which boxes are filled, and how thick a folder may be."""

    kind: BoxKind
    folder_pages: int


def fill_boxes(archive: Archive, records: QuerySet[Record], filling: Filling, *, now: datetime) -> Boxed:
    """New boxes for those of the records that have a number and lie in none yet.

    Raises:
        NothingToBox: there are none.
    """
    with transaction.atomic():
        Case.objects.select_for_update().get(id=archive.case_id)  # numbers of boxes are given once
        made = _Made(archive, filling, _next_number(archive))
        for series, numbered in sorted(_unboxed(archive, records).items()):
            made.add(series, numbered)
        if not made.boxes:
            raise NothingToBox()
        for row in (*made.boxes, *made.folders):
            guarded(archive, row).save(force_insert=True)
        facts: dict[str, str | int] = {"folders": len(made.folders), "records": made.records}
        _note(archive, made.boxes, facts, now=now)
    return Boxed(len(made.boxes), len(made.folders), made.records)


class _Made:
    """Rows of new boxes and folders."""

    def __init__(self, archive: Archive, filling: Filling, number: int) -> None:
        self._archive, self._filling, self._number = archive, filling, number
        self.boxes: list[Box] = []
        self.folders: list[Folder] = []
        self.records = 0

    def add(self, series: str, numbered: list[tuple[int, int]]) -> None:
        """Boxes for the records of one series, which are number and pages of each, ascending."""
        self.records += len(numbered)
        known = Folder.objects.filter(case_id=self._archive.case_id, series=series)
        folder = (known.aggregate(last=Max("number"))["last"] or 0) + 1
        pages = self._filling.kind.pages
        for runs in fill(numbered, folder_pages=self._filling.folder_pages, box_pages=pages):
            box = self._box()
            for run in runs:
                self.folders.append(self._folder(box, series, folder, run))
                folder += 1

    def _box(self) -> Box:
        archive, number = self._archive, self._number + len(self.boxes)
        box = Box(id=archive.new_id(), case_id=archive.case_id, number=number, kind=self._filling.kind.name)
        box.sealed = archive.seal(archive.case_key(), box.id, "box.sealed", {"place": ""})
        self.boxes.append(box)
        return box

    def _folder(self, box: Box, series: str, number: int, run: Run) -> Folder:
        return Folder(
            id=self._archive.new_id(),
            case_id=self._archive.case_id,
            box=box,
            series=series,
            number=number,
            first=run.first,
            last=run.last,
            pages=run.pages,
        )


def _next_number(archive: Archive) -> int:
    return (Box.objects.filter(case_id=archive.case_id).aggregate(last=Max("number"))["last"] or 0) + 1


def _unboxed(archive: Archive, records: QuerySet[Record]) -> Mapping[str, list[tuple[int, int]]]:
    """By series: number and pages of the records that lie in no folder, ascending."""
    taken: dict[str, list[tuple[int, int]]] = defaultdict(list)
    folders = Folder.objects.filter(case_id=archive.case_id)
    for series, first, last in folders.values_list("series", "first", "last"):
        taken[series].append((first, last))
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    living = records.exclude(reference_code=None).exclude(state=DESTROYED)
    codes = living.values_list("reference_code", "pages")
    for code, pages in codes.iterator(chunk_size=2000):
        read = ReferenceCode.parse(code or "")
        series, number = str(read.series), read.item_number
        if not any(first <= number <= last for first, last in taken[series]):
            found[series].append((number, pages or 1))
    return {series: sorted(numbered) for series, numbered in found.items()}


def change_box(archive: Archive, number: int, *, kind: str, place: str) -> None:
    """The box is of another kind or stands elsewhere.

    Raises:
        BoxUnknown: there is no such box, or no such kind.
    """
    box = Box.objects.filter(case_id=archive.case_id, number=number).first()
    if box is None or kind not in box_kinds():
        raise BoxUnknown(number=number)
    said = {"place": " ".join(place.split())[:LONGEST_PLACE]}
    sealed = archive.seal(archive.case_key(), box.id, "box.sealed", said)
    with transaction.atomic():
        rewrite(archive, [box], kind=kind, sealed=sealed)


def empty_box(archive: Archive, number: int, *, now: datetime) -> Boxed:
    """Its folders are taken apart; the records can be put into other boxes. The number stays its own.

    Raises:
        BoxUnknown: there is no such box, or it is empty.
    """
    with transaction.atomic():
        folders = list(
            Folder.objects.filter(case_id=archive.case_id, box__number=number).select_related("box")
        )
        if not folders:
            raise BoxUnknown(number=number)
        for folder in folders:
            require_as_written(MARKS[Folder], archive, folder)
        count = sum(folder.last - folder.first + 1 for folder in folders)
        Folder.objects.filter(id__in=[folder.id for folder in folders]).delete()
        facts: dict[str, str | int] = {"folders": len(folders), "records": count, "removed": True}
        _note(archive, [folders[0].box], facts, now=now)
    return Boxed(1, len(folders), count)


def _note(archive: Archive, boxes: Iterable[Box], facts: dict[str, str | int], *, now: datetime) -> None:
    some = tuple(f"box:{box.id}" for box in boxes)[: book.RECORDS_OF_A_LEAF]
    book.write(archive.case_id, [Event(archive.agent, "boxed", some, facts)], now=now)
