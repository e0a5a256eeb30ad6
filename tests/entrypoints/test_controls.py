from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest

from kedang.catalogue.rebuilt_workbook import write_tables
from kedang.entrypoints.controls import LARGEST_BYTES, in_order, read_controls, typed_control
from kedang.entrypoints.errors import ControlsUnreadable
from kedang.records.sheets import Cells, Sheet
from kedang.resolution.dealings import Control, PaperKind

INVOICES = Control(PaperKind.INVOICE, 12, Decimal("34000.50"))


def _file(folder: Path, text: str, charset: str = "utf-8") -> Path:
    path = folder / "controls.csv"
    path.write_bytes(text.encode(charset))
    return path


@pytest.mark.parametrize(
    ("said", "control"),
    [
        ("count=12,sum=34000.50", INVOICES),
        ("SUM=34000.50，COUNT=12", INVOICES),
        ("份数=12,金额=￥34000.50元", INVOICES),
        ("count=0", Control(PaperKind.INVOICE, 0, None)),
        ("sum=1", Control(PaperKind.INVOICE, None, Decimal(1))),
    ],
)
def test_control_totals_are_typed(said: str, control: Control) -> None:
    assert typed_control(PaperKind.INVOICE, said) == control


@pytest.mark.parametrize(
    "said",
    [
        "",
        "12",
        "count=",
        "count=twelve",
        "count=-1",
        "sum=NaN",
        "sum=inf",
        "sum=-3",
        "count=1,count=2",
        "n=1",
    ],
)
def test_what_is_typed_wrong_is_refused(said: str) -> None:
    with pytest.raises(ControlsUnreadable):
        typed_control(PaperKind.INVOICE, said)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_table_is_read_in_the_charsets_that_excel_and_wps_write(
    tmp_path: Path, charset: str, mark: str
) -> None:
    text = (
        f"单据{mark}份数{mark}金额\r\n发票{mark}12{mark}34000.50\r\n{mark}{mark}\r\n送货单{mark}3{mark}\r\n"
    )
    assert read_controls(_file(tmp_path, text, charset)) == (INVOICES, Control(PaperKind.DELIVERY, 3, None))


def test_a_workbook_is_read(tmp_path: Path) -> None:
    rows: list[Cells] = [("invoice", 12, 34000.5), ("合同", None, 100)]
    sink = io.BytesIO()
    lines: list[Cells] = [("kind", "count", "sum"), *rows]
    write_tables([(Sheet("控制总数"), iter(list(enumerate(lines, start=1))))], sink)
    path = tmp_path / "controls.xlsx"
    path.write_bytes(sink.getvalue())
    assert read_controls(path) == (INVOICES, Control(PaperKind.CONTRACT, None, Decimal(100)))


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "empty"),
        ("kind,count\n", "empty"),
        ("发票,1\n", "no-header"),
        ("kind,name\n发票,1\n", "no-header"),
        ("kind,count\n收条,1\n", "kind-unknown"),
        ("kind,count\ninvoice,1\n发票,2\n", "kind-twice"),
        ("kind,count\ninvoice,\n", "nothing-told"),
        ("kind,count\ninvoice,many\n", "no-number"),
        ("kind,count\n" + " " * LARGEST_BYTES, "too-large"),
    ],
)
def test_a_table_that_tells_nothing_is_refused_with_the_reason(
    tmp_path: Path, text: str, because: str
) -> None:
    with pytest.raises(ControlsUnreadable) as raised:
        read_controls(_file(tmp_path, text))
    assert raised.value.facts["because"] == because


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "controls.xlsx"
    path.write_bytes(b"PK nothing")
    with pytest.raises(ControlsUnreadable):
        read_controls(path)


def test_a_kind_is_told_once() -> None:
    with pytest.raises(ControlsUnreadable):
        in_order([INVOICES, INVOICES])
    contract = Control(PaperKind.CONTRACT, 1)
    assert in_order([INVOICES, contract]) == (contract, INVOICES)
