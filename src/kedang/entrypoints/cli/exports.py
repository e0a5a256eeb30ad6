"""`kedang catalogue`, `kedang customers`, `kedang report`: the outputs that are in clear because they are asked for."""

from __future__ import annotations

import codecs
import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from kedang.catalogue.delimited_list import guarded, write_csv
from kedang.catalogue.structured_list import write_json
from kedang.catalogue.workbook import write_xlsx
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.showing import one_line
from kedang.entrypoints.cli.texts import either
from kedang.entrypoints.report.render import render_report
from kedang.holdings.actions.exporting import note_exported
from kedang.holdings.adapters.names import case_name
from kedang.holdings.queries.customers import customer_list
from kedang.holdings.queries.description import FindingAid
from kedang.holdings.queries.reporting import report_data


class CatalogueFormat(StrEnum):
    """In which form the catalogue is written."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


class CustomersFormat(StrEnum):
    """In which form the customers are written."""

    CSV = "csv"
    JSON = "json"


Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=either(
            "写到哪个文件；不给则写到标准输出。", "Write to this file; without it, to standard output."
        ),
    ),
]


def catalogue(
    form: Annotated[
        CatalogueFormat, typer.Option("--format", help=either("写成什么格式。", "In which form."))
    ] = CatalogueFormat.XLSX,
    out: Out = None,
    with_text: Annotated[
        bool,
        typer.Option(
            "--with-text", help=either("JSON 中附全文、事实与发现。", "With texts, facts and findings.")
        ),
    ] = False,
    case: Case = None,
) -> None:
    """The finding aid in clear: one row for each record."""
    context = new_context(fonds_code=case)
    with context.reading() as archive:
        aid = FindingAid(archive)
        note_exported(archive, "catalogue", form.value, aid.count(), now=context.now())
        with written(out) as sink:
            if form is CatalogueFormat.CSV:
                count = write_csv(aid.rows(), sink)
            elif form is CatalogueFormat.JSON:
                count = write_json(aid.rows(), sink, details=aid.details if with_text else None)
            else:
                count = write_xlsx(aid.rows(), sink, title=case_name(archive)).rows
    _tell(context, out, count)


def customers(
    form: Annotated[
        CustomersFormat | None,
        typer.Option(
            "--format",
            help=either("写成什么格式；不给则显示在屏幕。", "In which form; without it, on the screen."),
        ),
    ] = None,
    out: Out = None,
    case: Case = None,
    as_json: Json = False,
) -> None:
    """Recognised customers and their records, in clear."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        found = list(customer_list(archive))
        note_exported(archive, "customers", _said(form), len(found), now=context.now())
    if form is CustomersFormat.JSON or as_json:
        with written(out) as sink:
            sink.write((json.dumps(found, ensure_ascii=False) + "\n").encode())
    elif form is CustomersFormat.CSV:
        with written(out) as sink:
            _write_customers(found, sink)
    else:
        if not found:
            context.print("customers-none")
        for one in found:
            context.out.print(f"{one['number']:>5}  {one_line(one['name'])}  ({len(one['records'])})")
    _tell(context, out, len(found))


def _said(form: CustomersFormat | None) -> str:
    return form.value if form is not None else "text"


def _write_customers(found: list[dict[str, Any]], sink: BinaryIO) -> None:
    """One row for each record of each customer, for Excel and WPS."""
    sink.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(["number", "kind", "name", "reference_code", "record_id", "ground"])
    for one in found:
        for record in one["records"] or [{"reference_code": "", "record_id": "", "ground": ""}]:
            rows.writerow(
                [
                    one["number"],
                    one["kind"],
                    guarded(one["name"]),
                    record["reference_code"],
                    record["record_id"],
                    record["ground"],
                ]
            )
    text.detach()


def report(
    out: Annotated[
        Path, typer.Option("--out", help=either("报告文件（HTML）。", "The report, an HTML file."))
    ],
    case: Case = None,
) -> None:
    """A report to print, in clear."""
    context = new_context(fonds_code=case)
    with context.reading() as archive:
        data = report_data(archive, language=context.language, now=context.now())
        page = render_report(data, language=context.language).encode()
        note_exported(archive, "report", "html", data.records, now=context.now())
        with written(out) as sink:
            sink.write(page)
    _tell(context, out, data.records)


def _tell(context: Context, out: Path | None, count: int) -> None:
    if out is not None:
        context.err.print(context.say("exported-clear", path=out, count=count))
