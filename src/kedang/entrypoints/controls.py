"""Control totals 控制总数 as a person types or imports them: how many papers of a kind, and what they come to.

A table has a line of headers; columns are found by their names, in Chinese or English. What is typed is
`count=12,sum=34000.00`, either part alone too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import python_calamine

from kedang.entrypoints.errors import ControlsUnreadable
from kedang.resolution.dealings import STEPS, Control, PaperKind

LARGEST_BYTES = 4 * 2**20  # of a file of control totals, which has a handful of lines
_KINDS: Mapping[str, PaperKind] = {
    word: kind
    for kind, words in {
        PaperKind.CONTRACT: ("contract", "contracts", "合同"),
        PaperKind.ORDER: ("order", "orders", "订单"),
        PaperKind.PAYMENT: ("payment", "payments", "付款", "收款", "收付款", "收付款凭证", "付款凭证"),
        PaperKind.INVOICE: ("invoice", "invoices", "发票"),
        PaperKind.DELIVERY: ("delivery", "deliveries", "送货", "送货单", "出库", "出库单", "验收"),
    }.items()
    for word in words
}
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "paper", "种类", "单据", "类别"),
    "count": ("count", "份数", "数量", "张数", "笔数"),
    "sum": ("sum", "total", "amount", "合计", "金额", "合计金额", "总额"),
}
_ENCODINGS = ("utf-8-sig", "gb18030")
_PARTS = {**dict.fromkeys(_COLUMNS["count"], "count"), **dict.fromkeys(_COLUMNS["sum"], "sum")}


def typed_control(kind: PaperKind, said: str) -> Control:
    """The control totals of one kind as they are typed.

    Raises:
        ControlsUnreadable: neither a count nor a sum, or something that is no number.
    """
    given: dict[str, str] = {}
    for one in said.replace("，", ",").split(","):
        name, equals, value = one.partition("=")
        part = _PARTS.get(name.strip().casefold())
        if not equals or part is None or part in given:
            raise ControlsUnreadable(because="typed")
        given[part] = value
    return _control(kind, given.get("count", ""), given.get("sum", ""), line=0)


def read_controls(path: Path) -> tuple[Control, ...]:
    """The control totals of a CSV or XLSX file, in its order.

    Raises:
        ControlsUnreadable: no such table, a kind that is not known or comes twice, a number that is none.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise ControlsUnreadable(because="too-large")
    return controls_of(path.read_bytes(), is_workbook=path.suffix.casefold() == ".xlsx")


def controls_of(payload: bytes, *, is_workbook: bool) -> tuple[Control, ...]:
    """The control totals of such a file that is in memory, in its order.

    Raises:
        ControlsUnreadable: as `read_controls`.
    """
    if len(payload) > LARGEST_BYTES:
        raise ControlsUnreadable(because="too-large")
    rows = list(_workbook_rows(payload) if is_workbook else _text_rows(payload))
    if not rows:
        raise ControlsUnreadable(because="empty")
    columns = _columns(rows[0])
    found: dict[PaperKind, Control] = {}
    for line, row in enumerate(rows[1:], start=2):
        cells = {name: row[at] if at < len(row) else "" for name, at in columns.items()}
        if not any(cells.values()):
            continue
        kind = _KINDS.get(cells["kind"].casefold())
        if kind is None or kind in found:
            raise ControlsUnreadable(because="kind-unknown" if kind is None else "kind-twice", line=line)
        found[kind] = _control(kind, cells.get("count", ""), cells.get("sum", ""), line=line)
    if not found:
        raise ControlsUnreadable(because="empty")
    return tuple(found.values())


def in_order(controls: Iterable[Control]) -> tuple[Control, ...]:
    """The controls in the order of the steps.

    Raises:
        ControlsUnreadable: a kind comes twice.
    """
    listed = sorted(controls, key=lambda one: STEPS.index(one.kind))
    if len({one.kind for one in listed}) < len(listed):
        raise ControlsUnreadable(because="kind-twice")
    return tuple(listed)


def _text_rows(payload: bytes) -> Iterator[list[str]]:
    for encoding in _ENCODINGS:
        try:
            text = payload.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text.partition("\n")[0]
        delimiter = max(",;\t", key=head.count)
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() for cell in row]
        return
    raise ControlsUnreadable(because="not-a-table")


def _workbook_rows(payload: bytes) -> Iterator[list[str]]:
    try:
        sheet = python_calamine.load_workbook(io.BytesIO(payload)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=True)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ControlsUnreadable(because="not-a-table") from error
    for row in rows:
        yield [_said(cell) for cell in row]


def _said(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _columns(heads: Sequence[str]) -> dict[str, int]:
    found = {
        name: at
        for name, words in _COLUMNS.items()
        for at, head in enumerate(heads)
        if head.casefold() in words
    }
    if "kind" not in found or len(found) == 1:
        raise ControlsUnreadable(because="no-header", line=1)
    return found


def _control(kind: PaperKind, count: str, total: str, *, line: int) -> Control:
    if not count and not total:
        raise ControlsUnreadable(because="nothing-told", line=line)
    try:
        control = Control(
            kind,
            int(count.replace(",", "")) if count else None,
            Decimal(total.strip("¥￥元 ").replace(",", "")) if total else None,
        )
    except (ValueError, InvalidOperation) as error:
        raise ControlsUnreadable(because="no-number", line=line) from error
    total_told = control.total if control.total is not None else Decimal(0)
    if not total_told.is_finite() or total_told < 0 or (control.count or 0) < 0:
        raise ControlsUnreadable(because="no-number", line=line)
    return control
