from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kedang.preservation.errors import SnapshotMalformed
from kedang.preservation.snapshot_lines import (
    MOST_LINE_BYTES,
    MOST_ROWS,
    parsed_line,
    rows_lines,
    rows_of,
)
from kedang.preservation.snapshot_values import canonical, plain_columns

RECORDS: list[Mapping[str, Any]] = [
    {
        "id": f"{number:032x}",
        "state": "kept",
        "pages": number % 3,
        "founded": number == 1,
        "record_date": date(2026, 1, 1) if number else None,
        "archived": datetime(2026, 11, 21, 8, 15, 30, 5, tzinfo=UTC),
        "reckoning": {"version": number > 1},
        "mac": bytes([number]) * 32,
    }
    for number in range(3)
]


def test_rows_of_a_table_stand_column_by_column_and_what_all_have_stands_once() -> None:
    (line,) = rows_lines("record", RECORDS, plain_columns)
    said = json.loads(line.line)
    assert (line.rows, said["rows"], said["table"]) == (3, 3, "record")
    columns = said["columns"]
    assert (columns["state"], columns["pages"], columns["founded"]) == (
        ["kept"],
        [0, 1, 2],
        [False, True, False],
    )
    assert columns["record_date"] == {"day": [None, "2026-01-01", "2026-01-01"]}
    assert columns["archived"] == {"time": ["2026-11-21T08:15:30.000005Z"]}
    assert rows_of(parsed_line(line.line, 1), 1) == ("record", RECORDS)


def test_rows_that_are_too_long_together_stand_in_lines_of_their_own() -> None:
    rows: list[Mapping[str, Any]] = [{"id": str(number), "sealed": bytes(5 << 20)} for number in range(5)]
    lines = list(
        rows_lines("record", rows, lambda some: {"sealed": {"base64": [row["sealed"] for row in some]}})
    )
    assert [one.rows for one in lines] == [2, 1, 2]
    with pytest.raises(ValueError, match="at most"):
        list(rows_lines("record", [{"sealed": bytes(MOST_LINE_BYTES)}], plain_columns))


@pytest.mark.parametrize(
    "said",
    [
        {"columns": {"a": [1, 2]}, "rows": 3},
        {"columns": {"a": []}, "rows": 1},
        {"columns": {"a": {"": [1]}}, "rows": 1},
        {"columns": {"a": {"day": ["2026-01-01"], "time": []}}, "rows": 1},
        {"columns": {"a": {"hex": ["00"]}}, "rows": 1},
        {"columns": {"a": {"base64": [3]}}, "rows": 1},
        {"columns": {"a": {"day": [[]]}}, "rows": 1},
        {"columns": {"a": {"json": [1.5]}}, "rows": 1},
        {"columns": {"a": [{}]}, "rows": 1},
        {"columns": {"a": "text"}, "rows": 1},
        {"columns": {"a": [1]}, "rows": 0},
        {"columns": {"a": [1]}, "rows": True},
        {"columns": {"a": [1]}, "rows": MOST_ROWS + 1},
        {"columns": {"a": [1]}},
        {"columns": {"a": [1]}, "rows": 1, "more": 1},
    ],
)
def test_rows_have_the_form_of_the_format(said: dict[str, Any]) -> None:
    line = canonical(said | {"table": "case"}) + b"\n"
    with pytest.raises(SnapshotMalformed):
        rows_of(parsed_line(line, 1), 1)
