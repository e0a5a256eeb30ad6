"""The finding aid as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.catalogue.delimited_list import guarded, restored, write_csv
from kedang.catalogue.errors import LabelUnknown
from kedang.catalogue.rows import CatalogueRow, columns, label, printable
from kedang.catalogue.structured_list import write_json
from tests.catalogue.lists import BARE, HARD, ROW, many

COLUMNS = [
    "reference_code",
    "record_id",
    "occurrences",
    "sha256",
    "media_type",
    "size_bytes",
    "class",
    "class_confidence",
    "accounting",
    "sensitivity",
    "date",
    "title",
    "customers",
    "findings",
    "retention_rule",
    "retention_until",
    "state",
    "question_codes",
    "pages",
    "text_source",
]


def as_csv(rows: list[CatalogueRow]) -> list[list[str]]:
    sink = io.BytesIO()
    assert write_csv(rows, sink) == len(rows)
    assert sink.getvalue().startswith(b"\xef\xbb\xbfreference_code,")
    assert sink.getvalue().endswith(b"\r\n")
    return list(csv.reader(io.StringIO(sink.getvalue().decode("utf-8-sig"), newline="")))


def as_json(rows: list[CatalogueRow]) -> list[dict[str, object]]:
    sink = io.BytesIO()
    assert write_json(rows, sink) == len(rows)
    found: list[dict[str, object]] = json.loads(sink.getvalue())
    return found


def test_the_columns_are_the_promised_ones_in_every_place_that_names_them() -> None:
    assert [column.name for column in columns()] == COLUMNS
    assert list(ROW.cells()) == COLUMNS
    assert as_csv([]) == [COLUMNS]
    assert list(as_json([ROW])[0]) == COLUMNS


def test_a_row_in_csv() -> None:
    header, row = as_csv([ROW])
    assert dict(zip(header, row, strict=True)) == {
        "reference_code": "Q001-KH·HT·2025·D10-00042",
        "record_id": ROW.record_id,
        "occurrences": "销售部/林/设备采购合同.docx | 邮件/2024/附件.zip/合同.docx",
        "sha256": "ab" * 32,
        "media_type": "application/pdf",
        "size_bytes": "123456",
        "class": "contract",
        "class_confidence": "0.9734",
        "accounting": "false",
        "sensitivity": "personal",
        "date": "2025-03-10",
        "title": "设备采购合同(二期)",
        "customers": "杭州启明贸易有限公司;陈小样",
        "findings": "credit_code:1;mobile_phone:2",
        "retention_rule": "RS-CONTRACT-TAX",
        "retention_until": "2035-12-31",
        "state": "archived",
        "question_codes": "KD-D201;KD-D206",
        "pages": "12",
        "text_source": "embedded",
    }


def test_a_row_in_json_keeps_numbers_and_truth() -> None:
    full, bare = as_json([ROW, BARE])
    assert (full["size_bytes"], full["pages"], full["accounting"], full["class_confidence"]) == (
        123_456,
        12,
        False,
        0.9734,
    )
    assert (bare["pages"], bare["date"], bare["accounting"], bare["reference_code"]) == (None, None, True, "")


def test_json_of_nothing_is_an_empty_array() -> None:
    assert as_json([]) == []


def test_details_are_added_to_a_rows_object() -> None:
    sink = io.BytesIO()
    write_json([ROW], sink, details=lambda row: {"text": f"全文 {row.title}\udc80", "findings_at": [[0, 2]]})
    (entry,) = json.loads(sink.getvalue())
    assert entry["text"] == "全文 设备采购合同(二期)?"
    assert entry["findings_at"] == [[0, 2]]
    assert entry["class"] == "contract"


@pytest.mark.parametrize("text", HARD)
def test_difficult_texts_come_through_csv_and_json(text: str) -> None:
    row = replace(ROW, title=text, customers=(text,))
    (_, written), (entry,) = as_csv([row]), as_json([row])
    assert restored(written[COLUMNS.index("title")]) == printable(text) == entry["title"]
    assert restored(written[COLUMNS.index("customers")]) == printable(text) == entry["customers"]


@pytest.mark.parametrize("text", HARD[:9])
def test_no_cell_of_the_csv_begins_a_formula(text: str) -> None:
    _, written = as_csv([replace(ROW, title=text, customers=(text,), occurrences=(text,))])
    for cell in written:
        assert cell.lstrip()[:1] not in {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"}
        assert cell[:1] not in {"\t", "\r", "\n"}


@given(st.text())
def test_guarding_is_undone_by_restoring(text: str) -> None:
    assert restored(guarded(text)) == text


@given(st.text())
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    harmless = f"合{text}"
    assert guarded(harmless) == harmless


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_memory_stays_the_same_for_many_rows(write: object) -> None:
    assert callable(write)

    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            return len(data)

    tracemalloc.start()
    write(many(8_000), Nowhere())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000  # bytes; the list itself has 5,000,000


def test_a_value_without_label_is_told() -> None:
    assert label("state", "archived") == "已归档"
    with pytest.raises(LabelUnknown, match="KD-C201"):
        label("state", "lost")
