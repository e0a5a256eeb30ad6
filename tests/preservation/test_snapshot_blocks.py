from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Any

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.preservation.errors import SnapshotAltered, SnapshotIncomplete, SnapshotMalformed
from kedang.preservation.snapshot_blocks import (
    LEAST_ROWS,
    Block,
    BlockObject,
    block_content,
    cut,
    worth_keeping,
)
from kedang.preservation.snapshot_lines import MOST_ROWS, RowsLine, rows_lines
from kedang.preservation.snapshot_values import plain_columns
from kedang.preservation.snapshots import (
    Row,
    SnapshotHeader,
    SnapshotReader,
    TableCount,
    Written,
    snapshot_pieces,
)
from kedang.records.ids import CaseId

ROWS: list[Row] = [("record", {"id": f"{number:032x}"}) for number in range(5)]
LINES = [line for table, row in ROWS for line in rows_lines(table, [row], plain_columns)]
OBJECT = BlockObject("ab" * 16, 900, "cd" * 32)
BLOCK = Block(OBJECT.id, 3, 100, 700, 4, key=bytes(range(32)), mark=b"m" * 16)
HEADER = SnapshotHeader(
    CaseId("0f" * 16),
    datetime(2026, 11, 22, tzinfo=UTC),
    "0001_initial",
    7,
    1,
    (TableCount("case", 0), TableCount("record", 5)),
)
ENTRIES: list[Written] = [("record", BLOCK), ("record", LINES[4])]
WRITTEN = b"".join(snapshot_pieces(HEADER, ENTRIES, lambda: [OBJECT]))
SNAPSHOT = zstd.decompress(WRITTEN).splitlines(keepends=True)


def reader(lines: list[bytes], content: bytes = block_content(LINES[:4])) -> SnapshotReader:
    packed = io.BytesIO(zstd.compress(b"".join(lines)))
    return SnapshotReader(packed, tables=("case", "record"), open_block=lambda _: content)


def test_rows_in_blocks_are_read_like_others() -> None:
    found = reader(SNAPSHOT)
    assert list(found) == ROWS
    assert found.complete


def test_the_line_of_a_block_is_as_the_format_says() -> None:
    assert SNAPSHOT[1] == (
        b'{"block":{"bytes":700,"key":{"base64":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},'
        b'"mark":"6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d","object":"abababababababababababababababab",'
        b'"offset":100,"part":3,"rows":4},"table":"record"}\n'
    )
    assert b'"objects":[["abababababababababababababababab",900,"cdcd' in SNAPSHOT[3]


def test_the_outline_opens_no_block() -> None:
    outline = SnapshotReader(io.BytesIO(WRITTEN), tables=("case", "record")).outline()
    assert (outline.header, outline.blocks, outline.objects) == (HEADER, (("record", BLOCK),), (OBJECT,))


def test_blocks_stay_closed_to_who_has_nothing_to_open_them() -> None:
    with pytest.raises(ValueError, match="blocks"):
        list(SnapshotReader(io.BytesIO(WRITTEN), tables=("case", "record")))


@pytest.mark.parametrize(
    ("content", "fault", "facts"),
    [
        (LINES[:3], SnapshotIncomplete, {"object": OBJECT.id}),
        (LINES, SnapshotAltered, {"object": OBJECT.id, "part": 3, "reason": "rows"}),
        (
            [*LINES[:3], *rows_lines("case", [{"id": "0f" * 16}], plain_columns)],
            SnapshotAltered,
            {"object": OBJECT.id, "part": 3, "reason": "rows"},
        ),
        ([*LINES[:3], RowsLine(1, b"{}\n")], SnapshotMalformed, {"line": 4}),
    ],
)
def test_a_block_holds_just_the_rows_that_the_snapshot_says(
    content: list[RowsLine], fault: type[Exception], facts: dict[str, Any]
) -> None:
    with pytest.raises(fault) as caught:
        list(reader(SNAPSHOT, block_content(content)))
    assert caught.value.facts == facts  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "old", "new", "fault"),
    [
        (1, b'"rows":4', b'"rows":6', SnapshotAltered),  # more than the table has
        (1, b'"rows":4', b'"rows":0', SnapshotMalformed),
        (1, b'"rows":4', b'"rows":true', SnapshotMalformed),
        (1, b'"offset":100', b'"offset":-1', SnapshotMalformed),
        (1, b"AAECAw", b"AAECA", SnapshotMalformed),
        (1, b'"object":"ab', b'"object":"AB', SnapshotMalformed),
        (1, b'"table":"record"', b'"table":"case"', SnapshotAltered),
        (1, b'"part":3,', b"", SnapshotMalformed),
        (3, b'["abab', b'["bbab', SnapshotAltered),
        (3, b"900", b"0", SnapshotAltered),
        (3, b'"objects":[[', b'"objects":[[],[', SnapshotAltered),
    ],
)
def test_what_a_snapshot_says_of_blocks_has_its_form(
    line: int, old: bytes, new: bytes, fault: type[Exception]
) -> None:
    assert old in SNAPSHOT[line]
    lines = [*SNAPSHOT[:line], SNAPSHOT[line].replace(old, new, 1), *SNAPSHOT[line + 1 :]]
    with pytest.raises(fault):
        list(reader(lines))


def test_a_block_in_an_object_that_nothing_is_known_of_is_never_written() -> None:
    with pytest.raises(ValueError, match="object"):
        list(snapshot_pieces(HEADER, ENTRIES, lambda: [replace(OBJECT, id="ef" * 16)]))


CHANCE = random.Random(7)
IDS = [f"{CHANCE.getrandbits(128):032x}" for _ in range(4000)]


@given(st.integers(0, 3000), st.integers(1, 30), st.integers(0, 3999))
@settings(max_examples=40, deadline=None)
def test_new_rows_leave_nearly_all_blocks_as_they_were(first: int, count: int, place: int) -> None:
    """Whatever is put in, and wherever the table begins."""
    before = [tuple(some) for some in cut([IDS[first:]], str)]
    new = [f"{number:030x}11" for number in range(count)]
    after = [tuple(some) for some in cut([IDS[first:place], new, IDS[max(first, place) :]], str)]
    assert len(set(before) - set(after)) <= 4
    assert all(LEAST_ROWS <= len(some) <= MOST_ROWS for some in before[:-1])
    assert [one for some in before for one in some] == IDS[first:]


def test_numbered_rows_are_cut_by_their_numbers() -> None:
    whole = list(cut([range(1, 2000)], int))
    assert [some[-1] for some in whole[:3]] == [255, 511, 767]
    assert list(cut([range(300, 2000)], int))[1:] == whole[2:]


@given(st.lists(st.integers(0, 700), max_size=12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_portions_make_no_difference(sizes: list[int], seldom: bool) -> None:
    """Nor does it when hardly an id ends a block, so that the longest blocks come."""
    ids = [one[:-2] + "11" for one in IDS] if seldom else IDS
    ends = [0, *accumulate(sizes)]
    portions = [ids[start:end] for start, end in pairwise(ends)]
    expected: list[list[str]] = []
    some: list[str] = []
    for one in ids[: ends[-1]]:
        some.append(one)
        if len(some) == MOST_ROWS or (len(some) >= LEAST_ROWS and one.endswith("00")):
            expected.append(some)
            some = []
    assert list(cut(portions, str)) == [*expected, *([some] if some else [])]


def test_objects_that_are_mostly_dead_or_too_many_are_given_up() -> None:
    objects = [BlockObject(f"{number:032x}", 100 + number, "0" * 64) for number in range(10)]
    used = {one.id: one.size_bytes for one in objects}
    assert worth_keeping(objects, used) == set(used)
    half = used | {objects[3].id: 51, objects[4].id: 60}
    assert worth_keeping(objects, half) == set(used) - {objects[3].id}
    assert worth_keeping(objects, used, most=8) == {one.id for one in objects[6:]}
