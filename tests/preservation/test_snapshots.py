from __future__ import annotations

import io
import random
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
import rfc8785
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.preservation.errors import (
    SnapshotAltered,
    SnapshotCutOff,
    SnapshotMalformed,
    SnapshotNewer,
    SnapshotUnsteady,
)
from kedang.preservation.snapshot_lines import rows_lines
from kedang.preservation.snapshot_values import canonical, plain_columns, typed_column
from kedang.preservation.snapshots import (
    MOST_LINE_BYTES,
    Row,
    SnapshotHeader,
    SnapshotReader,
    TableCount,
    Written,
    snapshot_pieces,
    snapshot_stream,
)
from kedang.records.ids import CaseId

CASE = CaseId("0f" * 16)
TAKEN = datetime(2026, 11, 21, 8, 15, 30, 5, tzinfo=UTC)
TABLES = ("case", "source", "record")
ROWS: list[Row] = [
    (
        "case",
        {"id": "0f" * 16, "sealed": b"\x00\xff", "created": TAKEN, "milestones": {"stopped": "2026-01-01"}},
    ),
    ("record", {"id": "aa" * 16, "pages": 3, "record_date": date(2021, 2, 28), "reference_code": None}),
    (
        "record",
        {"id": "bb" * 16, "pages": 0, "record_date": None, "reference_code": "Q001-KH·HT·2025·D10-00042"},
    ),
]
HEADER = SnapshotHeader(
    case=CASE,
    taken=TAKEN,
    schema="0003_copies",
    ledger_size=77,
    epoch=3,
    tables=(TableCount("case", 1), TableCount("source", 0), TableCount("record", 2)),
)


def entries(rows: list[Row]) -> list[Written]:
    """Each row as a line of its own."""
    return [(table, line) for table, row in rows for line in rows_lines(table, [row], plain_columns)]


WRITTEN = b"".join(snapshot_pieces(HEADER, entries(ROWS)))
LINES = zstd.decompress(WRITTEN).splitlines(keepends=True)
FAULTS = (SnapshotMalformed, SnapshotCutOff, SnapshotAltered, SnapshotNewer)


def read(written: bytes) -> tuple[SnapshotHeader, list[Row]]:
    reader = SnapshotReader(io.BytesIO(written), tables=TABLES)
    rows = list(reader)
    assert reader.complete
    return reader.header, rows


def packed(lines: list[bytes]) -> bytes:
    return zstd.compress(b"".join(lines))


def test_what_was_written_is_read() -> None:
    assert read(WRITTEN) == (HEADER, ROWS)


def test_a_stranger_reads_it_with_zstd_and_json_alone() -> None:
    assert [line.count(b"\n") for line in LINES] == [1] * 5
    assert LINES[0].startswith(b'{"case":"0f0f')
    assert LINES[2] == (
        b'{"columns":{"id":["'
        + b"aa" * 16
        + b'"],"pages":[3],"record_date":{"day":["2021-02-28"]},"reference_code":[null]},'
        b'"rows":1,"table":"record"}\n'
    )


def test_the_stream_gives_the_same_bytes() -> None:
    with snapshot_stream(HEADER, entries(ROWS)) as stream:
        assert stream.read(7) + stream.read() == WRITTEN


JSON_NAMES = st.text(string.ascii_letters + '_ "\\', max_size=8)
SAFE_INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN: st.SearchStrategy[Any] = st.none() | st.booleans() | SAFE_INTEGERS | TEXTS
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_NAMES, inner, max_size=3),
    max_leaves=8,
)
VALUES = (
    PLAIN
    | st.binary(max_size=50)
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.lists(JSON, max_size=3)
    | st.dictionaries(JSON_NAMES, JSON, max_size=3)
)
NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12)


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=20), st.integers(0, 20))
@settings(max_examples=150, deadline=None)
def test_any_rows_come_back_as_they_were(values: list[dict[str, Any]], cut: int) -> None:
    rows: list[Row] = [("case" if number < cut else "record", row) for number, row in enumerate(values)]
    counts = [sum(table == name for table, _ in rows) for name in ("case", "record")]
    header = replace(HEADER, tables=(TableCount("case", counts[0]), TableCount("record", counts[1])))
    written = b"".join(snapshot_pieces(header, entries(rows)))
    found_header, found = read(written)
    assert found_header == header
    assert found == rows
    assert [[(type(value)) for value in row.values()] for _, row in found] == [
        [(type(row[name])) for name in sorted(row)] for _, row in rows
    ]


@given(st.dictionaries(NAMES, VALUES, max_size=6))
@settings(max_examples=200, deadline=None)
def test_lines_are_canonical_json(row: dict[str, Any]) -> None:
    plain = msgspec.json.decode(canonical(plain_columns([row])))
    assert canonical(plain) == rfc8785.dumps(plain)
    assert {name: typed_column(column, 1)[0] for name, column in plain.items()} == row


def test_every_truncation_is_detected() -> None:
    for length in range(len(WRITTEN)):
        with pytest.raises((SnapshotCutOff, SnapshotMalformed)):
            read(WRITTEN[:length])


def test_every_truncation_before_compression_is_detected() -> None:
    whole = b"".join(LINES)
    for length in range(len(whole)):
        with pytest.raises(FAULTS):
            read(zstd.compress(whole[:length]))


def test_every_flipped_bit_is_detected() -> None:
    for place in range(len(WRITTEN) * 8):
        flipped = bytearray(WRITTEN)
        flipped[place // 8] ^= 1 << place % 8
        try:
            found = read(bytes(flipped))
        except FAULTS:
            continue
        assert found == (HEADER, ROWS), place  # bits of the frame's header that mean nothing


def test_every_flipped_bit_of_the_lines_is_detected() -> None:
    whole = b"".join(LINES)
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 7
        with pytest.raises(FAULTS):
            read(zstd.compress(bytes(flipped)))


@pytest.mark.parametrize(
    ("lines", "fault", "facts"),
    [
        (LINES[:3] + LINES[4:], SnapshotAltered, {"line": 4, "reason": "too-few-rows"}),
        ([*LINES[:4], LINES[3], LINES[4]], SnapshotAltered, {"line": 5, "reason": "footer"}),
        ([LINES[0], LINES[2], LINES[1], *LINES[3:]], SnapshotAltered, {"line": 2, "reason": "order"}),
        ([*LINES[:2], LINES[3], LINES[2], LINES[4]], SnapshotAltered, {"line": 5, "reason": "footer"}),
        ([*LINES, LINES[4]], SnapshotAltered, {"line": 6, "reason": "more-follows"}),
        ([*LINES[:4]], SnapshotCutOff, {"line": 4}),
        ([*LINES[:4], LINES[4][:-1]], SnapshotCutOff, {"reason": "unfinished-line"}),
        ([*LINES[:3], b"\n", *LINES[3:]], SnapshotMalformed, {"line": 4}),
        ([LINES[0], LINES[1].replace(b',"', b', "', 1), *LINES[2:]], SnapshotMalformed, {"line": 2}),
        (
            [LINES[0], b'{"columns":{},"columns":{},"rows":1,"table":"case"}\n', *LINES[2:]],
            SnapshotMalformed,
            {"line": 2},
        ),
        (
            [LINES[0], b'{"columns":{"a":[1.5]},"rows":1,"table":"case"}\n', *LINES[2:]],
            SnapshotMalformed,
            {"line": 2},
        ),
        (
            [LINES[0], b'{"columns":{"a":{"day":["2021-2-8"]}},"rows":1,"table":"case"}\n', *LINES[2:]],
            SnapshotMalformed,
            {"line": 2},
        ),
        (
            [LINES[0], b'{"columns":{"a":{"base64":["AA"]}},"rows":1,"table":"case"}\n', *LINES[2:]],
            SnapshotMalformed,
            {"line": 2},
        ),
        (
            [LINES[0], b'{"columns":{"a":{"base64":["AB=="]}},"rows":1,"table":"case"}\n', *LINES[2:]],
            SnapshotMalformed,
            {"line": 2},
        ),
        ([LINES[0], b'{"columns":[],"rows":1,"table":"case"}\n', *LINES[2:]], SnapshotMalformed, {"line": 2}),
        ([LINES[0].replace(b'"version":3', b'"version":4'), *LINES[1:]], SnapshotNewer, {"version": 4}),
        ([LINES[0].replace(b'"record"', b'"reworked"'), *LINES[1:]], SnapshotNewer, {"table": "reworked"}),
        (
            [LINES[0].replace(b"kedang-snapshot", b"kedang-snapshut"), *LINES[1:]],
            SnapshotMalformed,
            {"reason": "format"},
        ),
        ([LINES[0].replace(b'"epoch":3', b'"epoch":-3'), *LINES[1:]], SnapshotMalformed, {"line": 1}),
        ([LINES[0].replace(b'"epoch":3', b'"epoch":true'), *LINES[1:]], SnapshotMalformed, {"line": 1}),
        ([LINES[0].replace(b"000005Z", b"000005+"), *LINES[1:]], SnapshotMalformed, {"line": 1}),
        ([b"[]\n", *LINES[1:]], SnapshotMalformed, {"line": 1}),
        ([b"[" * 100_000 + b"\n"], SnapshotMalformed, {"line": 1}),
    ],
)
def test_each_fault_has_its_code_and_place(
    lines: list[bytes], fault: type[Exception], facts: dict[str, Any]
) -> None:
    with pytest.raises(fault) as caught:
        read(packed(lines))
    assert caught.value.facts == facts  # type: ignore[attr-defined]


def test_what_follows_the_frame_is_refused() -> None:
    for more in (b"\0", WRITTEN, zstd.compress(b"")):
        with pytest.raises(SnapshotAltered) as caught:
            read(WRITTEN + more)
        assert caught.value.facts == {"reason": "more-follows"}


def test_other_bytes_are_no_snapshot() -> None:
    for other in (b"PK\3\4", bytes(100), b"{}"):
        with pytest.raises((SnapshotMalformed, SnapshotCutOff)):
            read(other)


def test_rows_count_only_when_the_end_was_reached() -> None:
    reader = SnapshotReader(io.BytesIO(WRITTEN), tables=TABLES)
    rows = iter(reader)
    for _ in ROWS:
        next(rows)
    assert not reader.complete
    assert next(rows, None) is None
    assert reader.complete


@pytest.mark.parametrize(
    ("rows", "facts"),
    [
        (ROWS[:2], {"table": "record", "counted": 2, "found": 1}),
        ([*ROWS, ROWS[2]], {"table": "record", "reason": "more-rows"}),
        ([ROWS[1], ROWS[0], ROWS[2]], {"table": "case", "counted": 1, "found": 0}),
        ([], {"table": "case", "counted": 1, "found": 0}),
    ],
)
def test_rows_that_were_not_counted_stop_the_writer(rows: list[Row], facts: dict[str, Any]) -> None:
    with pytest.raises(SnapshotUnsteady) as caught:
        b"".join(snapshot_pieces(HEADER, entries(rows)))
    assert caught.value.facts == facts


CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (1.5, TypeError),
        ({"a": 1.5}, TypeError),
        ([object()], TypeError),
        (2**53, ValueError),
        ([-(2**53)], ValueError),
        ({"名": 1}, ValueError),
        (datetime(2026, 1, 1), ValueError),  # noqa: DTZ001 - what must be refused
        (datetime(2026, 1, 1, tzinfo=CHINA), ValueError),
        ("x" * MOST_LINE_BYTES, ValueError),
    ],
)
def test_what_the_format_cannot_hold_is_never_written(value: Any, fault: type[Exception]) -> None:
    header = replace(HEADER, tables=(TableCount("case", 1),))
    with pytest.raises(fault):
        b"".join(snapshot_pieces(header, entries([("case", {"a": value})])))


@pytest.mark.parametrize(
    "header",
    [
        replace(HEADER, epoch=-1),
        replace(HEADER, tables=(TableCount("case", 0), TableCount("case", 0))),
        replace(HEADER, tables=(TableCount("Case", 0),)),
        replace(HEADER, case=CaseId("a name")),
        replace(HEADER, schema=""),
    ],
)
def test_a_header_that_nobody_could_read_is_never_written(header: SnapshotHeader) -> None:
    with pytest.raises(ValueError, match=r"header|name|case"):
        b"".join(snapshot_pieces(header, []))


MEASURING = """
import io, resource, sys
from datetime import UTC, datetime
from kedang.preservation.snapshot_lines import rows_lines
from kedang.preservation.snapshot_values import plain_columns
from kedang.preservation.snapshots import *
count = int(sys.argv[1])
header = SnapshotHeader("0f" * 16, datetime(2026, 1, 1, tzinfo=UTC), "0001_initial", 0, 1, (TableCount("record", count),))
rows = (
    ("record", line)
    for n in range(count)
    for line in rows_lines("record", [{"id": f"{n:032x}", "sealed": n.to_bytes(200), "pages": n}], plain_columns)
)
with open(sys.argv[2], "wb") as out:
    for piece in snapshot_pieces(header, rows):
        out.write(piece)
with open(sys.argv[2], "rb") as source:
    assert sum(1 for _ in SnapshotReader(source, tables=("record",))) == count
status = open("/proc/self/status").read()
print(int(status.partition("VmHWM:")[2].split()[0]))
"""


def test_memory_does_not_grow_with_the_snapshot(tmp_path: Any) -> None:
    def peak(count: int) -> int:
        command = [sys.executable, "-c", MEASURING, str(count), str(tmp_path / "snapshot")]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert peak(60_000) - peak(3_000) < 8_000  # KiB; the lines alone are 25 MB


def test_a_bomb_is_read_in_pieces() -> None:
    bomb = zstd.compress(b"x" * (4 * MOST_LINE_BYTES))
    assert len(bomb) < 10_000
    with pytest.raises(SnapshotMalformed) as caught:
        read(bomb)
    assert caught.value.facts == {"reason": "line-too-long"}


def test_a_source_that_gives_few_bytes_at_a_time_is_read_alike() -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, random.Random(self.tell()).randint(1, 9)))

    reader = SnapshotReader(Dripping(WRITTEN), tables=TABLES)
    assert list(reader) == ROWS


def pieces_of(rows: Iterator[Written]) -> Iterator[bytes]:
    return snapshot_pieces(HEADER, rows)


def test_rows_are_asked_for_as_they_are_written() -> None:
    """A generator of rows that fails half-way passes its own fault on."""

    def failing() -> Iterator[Written]:
        yield entries(ROWS)[0]
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        list(pieces_of(failing()))
