"""What the last comparison has left, sealed with the case, and what the rows were when it was made.

It lies in a head and in segments, a row and a key for each; one is open at a time, and only those that have changed
are written again. Derived: whatever it does not know is compared again. It goes with everybody who is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

import msgspec
from django.db import transaction

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.record_marks import ID_BYTES, RecordMarks
from kedang.holdings.models import KeptComparison
from kedang.pipeline.compared_before import decode_head, segment_of
from kedang.pipeline.resolving_messages import Outcome
from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.suites import SALT_BYTES

_COLUMN = "keptcomparison.sealed"
VERSION = 3
_DIGEST_BYTES = 16
Said = tuple[str, str, int, str, int]
"""A judgement that held: kind, then record and mention of both sides, or customers and 0."""


class _Head(msgspec.Struct, array_like=True):
    """As it is sealed."""

    version: int
    said: list[Said]
    segments: list[str]
    """Rows of the segments, in order."""
    before: bytes
    """Head of what the comparing process has left."""


class _Segment(msgspec.Struct, array_like=True):
    """As it is sealed."""

    ids: bytes
    """Of the records that were compared and whose first mentions are in it, in order (`adapters.record_marks`)."""
    marks: bytes
    """What they were then."""
    before: bytes


_ENCODER = msgspec.msgpack.Encoder()
_HEADS = msgspec.msgpack.Decoder(_Head)
_SEGMENTS = msgspec.msgpack.Decoder(_Segment)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is held of it in memory: the marks of all records, 32 bytes each, and nothing of the segments."""

    segments: Sequence[str]
    """Their rows, in order."""
    said: Sequence[Said] = field(repr=False)
    before: bytes = field(repr=False)
    marks: RecordMarks = field(repr=False)
    digests: Sequence[bytes] = field(repr=False)
    """Of the marks in each segment."""


def open_kept(archive: Archive) -> Kept | None:
    """What the last comparison has left; None before the first, after a destruction, and of another version."""
    row = KeptComparison.objects.filter(case_id=archive.case_id, is_head=True).first()
    if row is None:
        return None
    try:
        head = _HEADS.decode(_opened(archive, row))
    except msgspec.MsgspecError:
        return None
    there = KeptComparison.objects.filter(case_id=archive.case_id, is_head=False)
    known = set(there.values_list("id", flat=True))
    if head.version != VERSION or decode_head(head.before) is None or known != set(head.segments):
        return None
    ids, marks, digests = bytearray(), bytearray(), []
    for segment in _segments(archive, head.segments):
        ids += segment.ids
        marks += segment.marks
        digests.append(_digest(segment.ids, segment.marks))
    return Kept(head.segments, head.said, head.before, RecordMarks(bytes(ids), marks), digests)


def kept_segments(archive: Archive, kept: Kept | None) -> Iterator[bytes]:
    """What the comparing process has left beside the head, segment by segment."""
    return (segment.before for segment in _segments(archive, kept.segments if kept else ()))


def _segments(archive: Archive, ids: Iterable[str]) -> Iterator[_Segment]:
    for one in ids:
        yield _SEGMENTS.decode(_opened(archive, KeptComparison.objects.get(id=one)))


def keep(
    archive: Archive,
    kept: Kept | None,
    said: Sequence[Said],
    outcome: Outcome,
    payloads: Iterator[bytes],
    now: RecordMarks,
) -> None:
    """Keep what a comparison has left in place of what was kept; segments that are as they were are not touched.

    `payloads` are the new segments, in order; `now` the marks of the records as they were compared.
    """
    head = decode_head(outcome.before)
    keeping = _Keeping(archive, kept, outcome.segments)
    starts = _starts(head.firsts if head is not None else (), now)
    with transaction.atomic():
        keeping.begin()
        for row, place, (start, end) in zip(keeping.rows, outcome.segments, pairwise(starts), strict=True):
            ids = now.ids[start * ID_BYTES : end * ID_BYTES]
            marks = now.marks_between(start, end)
            if place < 0:
                keeping.write(row, _Segment(ids, marks, next(payloads)), end - start)
            elif kept is None or _digest(ids, marks) != kept.digests[place]:
                before = _SEGMENTS.decode(_opened(archive, row)).before
                keeping.write(row, _Segment(ids, marks, before), end - start)
        keeping.finish(_Head(VERSION, list(said), [row.id for row in keeping.rows], outcome.before))


def _starts(firsts: Sequence[str], now: RecordMarks) -> list[int]:
    """With which of the records each segment begins, and the end of the last; records without mentions go with those before."""
    counts = [0] * len(firsts)
    for record in now if firsts else ():
        counts[segment_of(firsts, record)] += 1
    starts = [0]
    for count in counts:
        starts.append(starts[-1] + count)
    return starts


class _Keeping:
    """The rows of the head and the segments: those that are no more give theirs to new ones."""

    def __init__(self, archive: Archive, kept: Kept | None, places: Sequence[int]) -> None:
        self._archive = archive
        there = list(KeptComparison.objects.filter(case_id=archive.case_id).defer("sealed").order_by("id"))
        segments = {row.id: row for row in there if not row.is_head}
        old = [segments[one] for one in kept.segments] if kept is not None else list(segments.values())
        stay = {place for place in places if place >= 0}
        self._spare = [row for place, row in enumerate(old) if place not in stay]
        self._new: dict[str, bytes] = {}
        self.rows = [old[place] if place >= 0 else self._free() for place in places]
        head = next((row for row in there if row.is_head), None)
        self._head = self._made(is_head=True) if head is None else head
        self._pages = archive.write_pages(self._new) if self._new else None

    def _free(self) -> KeptComparison:
        return self._spare.pop() if self._spare else self._made(is_head=False)

    def _made(self, *, is_head: bool) -> KeptComparison:
        row = KeptComparison(id=self._archive.new_id(), case_id=self._archive.case_id, is_head=is_head)
        self._new[row.id] = self._archive.new_key()
        return row

    def begin(self) -> None:
        """In the transaction: the keys of new rows are kept, rows that are no more go."""
        if self._pages is not None:
            self._archive.keep_pages(self._pages)
        for row in self._spare:
            row.delete()

    def write(self, row: KeptComparison, said: _Head | _Segment, records: int) -> None:
        """One row, sealed."""
        archive, is_new = self._archive, row.id in self._new
        if is_new and self._pages is not None:
            row.key_page = self._pages[row.id].id
        row.records = records
        row.sealed = seal_column(
            self._new[row.id] if is_new else archive.key(row.key_page, row.id),
            _ENCODER.encode(said),
            binding=_binding(archive, row),
            salt=archive.random_bytes(SALT_BYTES),
            suite=archive.suite,
        )
        guarded(archive, row).save(force_insert=is_new)
        row.sealed = b""

    def finish(self, head: _Head) -> None:
        """The head, last."""
        self.write(self._head, head, 0)


def _opened(archive: Archive, row: KeptComparison) -> bytes:
    key = archive.key(row.key_page, row.id)
    return open_column(key, bytes(row.sealed), binding=_binding(archive, row))


def _binding(archive: Archive, row: KeptComparison) -> ColumnBinding:
    return ColumnBinding(archive.case_id, row.id, _COLUMN)


def _digest(ids: bytes, marks: bytes) -> bytes:
    return blake2b(ids + marks, digest_size=_DIGEST_BYTES).digest()
