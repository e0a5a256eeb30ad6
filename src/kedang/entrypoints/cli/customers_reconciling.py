"""`kedang customers reconcile`: papers against each other and against control totals, gap by gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.customers_showing import form_of, print_page, standing_of
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import either
from kedang.entrypoints.controls import in_order, read_controls, typed_control
from kedang.entrypoints.customer_page.html import page_html
from kedang.entrypoints.customer_page.making import Standing, reconciliation_page
from kedang.entrypoints.customer_page.reconciled import reconciliation_json, tables_of
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.holdings.actions.customer_consulting import reconcile_papers
from kedang.holdings.queries.locating import find_customer
from kedang.holdings.queries.rebuilt_tables import write_rows_csv, write_rows_xlsx
from kedang.records.sheets import Cells, Sheet
from kedang.resolution.dealings import Control, PaperKind

_FORMS = ("csv", "xlsx", "html")

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=either(
            "写到 .csv、.xlsx 或 .html 文件；不给则显示在屏幕。",
            "A file, .csv, .xlsx or .html; without it, on the screen.",
        ),
    ),
]
Controls = Annotated[
    Path | None,
    typer.Option(
        "--controls",
        help=either(
            "控制总数表（.csv 或 .xlsx）：种类、份数、金额。",
            "Control totals (.csv or .xlsx): kind, count, sum.",
        ),
    ),
]
Customer = Annotated[
    int | None,
    typer.Option("--customer", min=1, help=either("只核对这位客户。", "Only this customer, by number.")),
]


def _typed(kind: PaperKind, zh: str) -> Any:
    said = either(f"{zh}应有的份数和金额：count=份数,sum=金额。", f"What {kind}s ought to be: count=N,sum=X.")
    return typer.Option(f"--{kind}", help=said)


Contracts = Annotated[str, _typed(PaperKind.CONTRACT, "合同")]
Orders = Annotated[str, _typed(PaperKind.ORDER, "订单")]
Payments = Annotated[str, _typed(PaperKind.PAYMENT, "收付款")]
Invoices = Annotated[str, _typed(PaperKind.INVOICE, "发票")]
Deliveries = Annotated[str, _typed(PaperKind.DELIVERY, "送货")]


def reconcile_verb(
    controls: Controls = None,
    contract: Contracts = "",
    order: Orders = "",
    payment: Payments = "",
    invoice: Invoices = "",
    delivery: Deliveries = "",
    customer: Customer = None,
    out: Out = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Totals and gap list, in clear; exit status 1 when something differs."""
    context = new_context(as_json=as_json, fonds_code=case)
    form = form_of(out, _FORMS)
    typed = zip(PaperKind, (contract, order, payment, invoice, delivery), strict=False)
    told = in_order([*(read_controls(controls) if controls else ()), *_told(typed)])
    with context.reading() as archive:
        one = find_customer(archive, customer) if customer is not None else None
        said = form or ("json" if as_json else "text")
        found = reconcile_papers(archive, told, customer=one, form=said, clock=context.now)
        standing = standing_of(archive, context)
    given = reconciliation_json(found, told)
    if as_json:
        context.print_json(given)
    if out is not None:
        with written(out) as sink:
            _write(given, standing, form, PageWords(context.language), sink)
        context.err.print(context.say("exported-clear", path=out, count=len(found.gaps)))
    elif not as_json:
        _show(given, standing, context)
    return EXIT_GOOD if found.agrees else EXIT_FINDINGS


def _told(typed: Iterator[tuple[PaperKind, str]]) -> Iterator[Control]:
    for kind, said in typed:
        if said:
            yield typed_control(kind, said)


def _show(given: dict[str, Any], standing: Standing, context: Context) -> None:
    print_page(reconciliation_page(given, standing, PageWords(context.language)), context)


def _write(given: dict[str, Any], standing: Standing, form: str, words: PageWords, sink: BinaryIO) -> None:
    if form == "html":
        sink.write(page_html(reconciliation_page(given, standing, words), words).encode())
        return
    parts: list[tuple[str, Sheet, Iterator[tuple[int, Cells]]]] = [
        (name, Sheet(name, headers=heads), iter(list(enumerate(rows, start=1))))
        for name, heads, rows in tables_of(given, words)
    ]
    if form == "csv":
        write_rows_csv(parts, sink)
    else:
        write_rows_xlsx(parts, sink)
