"""Rows for the finding-aid tests: fictional people, difficult texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kedang.catalogue.rows import CatalogueRow
from kedang.records.content import RecordClass, Sensitivity, TextSource
from kedang.records.ids import RecordId

ROW = CatalogueRow(
    reference_code="Q001-KH·HT·2025·D10-00042",
    record_id=RecordId("1e5" + "0" * 29),
    occurrences=("销售部/林/设备采购合同.docx", "邮件/2024/附件.zip/合同.docx"),
    sha256="ab" * 32,
    media_type="application/pdf",
    size_bytes=123_456,
    record_class=RecordClass.CONTRACT,
    class_confidence=0.97341,
    accounting=False,
    sensitivity=Sensitivity.PERSONAL,
    date=date(2025, 3, 10),
    title="设备采购合同(二期)",
    customers=("杭州启明贸易有限公司", "陈小样"),
    findings={"mobile_phone": 2, "credit_code": 1},
    retention_rule=("RS-CONTRACT-TAX",),
    retention_until="2035-12-31",
    state="archived",
    question_codes=("KD-D201", "KD-D206"),
    pages=12,
    text_source=TextSource.EMBEDDED,
)
BARE = replace(
    ROW,
    reference_code="",
    occurrences=(),
    date=None,
    title="",
    customers=(),
    findings={},
    retention_rule=(),
    retention_until="",
    question_codes=(),
    pages=None,
    accounting=True,
    record_class=RecordClass.OTHER,
    sensitivity=Sensitivity.GENERAL,
    state="review",
    text_source=TextSource.NONE,
)
HARD = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "\uff1dSUM(1)",
    "  =1+1",
    "\t=1",
    "\n=1",
    "'quoted",
    "''twice",
    'a,b;c"d"e',
    "two\r\nlines\nmore",
    "繁體字 ﹫ 😀 𠮷",
    "raw \udcff\udc80 name",
    "<b>&amp;</b>",
    "control \x01\x0b\x1f end",
    "_x0041_ literal",
    "",
    " leading and trailing ",
]


def many(count: int) -> Iterator[CatalogueRow]:
    """So many rows, one at a time."""
    for n in range(count):
        yield replace(ROW, reference_code=f"Q001-KH·HT·2025·D10-{n:05d}", record_id=RecordId(f"{n:032x}"))
