"""`kedang customers show`: one customer's file on the screen, as JSON, as a page and as a print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.texts import either
from kedang.entrypoints.customer_page.blocks import Page
from kedang.entrypoints.customer_page.html import page_html
from kedang.entrypoints.customer_page.making import Standing, customer_page
from kedang.entrypoints.customer_page.printing import page_pdf
from kedang.entrypoints.customer_page.terminal import page_lines
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.errors import OutputFormUnknown
from kedang.holdings.actions.customer_consulting import look_at_customer
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.names import case_name
from kedang.holdings.queries.locating import find_customer

_FORMS = ("html", "pdf", "json")

Number = Annotated[int, typer.Argument(min=1, help=either("客户编号。", "Number of the customer."))]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=either(
            "写到 .html、.pdf 或 .json 文件；不给则显示在屏幕。",
            "A file, .html, .pdf or .json; without it, on the screen.",
        ),
    ),
]


def show_verb(number: Number, out: Out = None, case: Case = None, as_json: Json = False) -> None:
    """Everything known of one customer, in clear."""
    context = new_context(as_json=as_json, fonds_code=case)
    form = form_of(out, _FORMS)
    with context.reading() as archive:
        customer = find_customer(archive, number)
        found = look_at_customer(archive, customer, clock=context.now, exported_as=form)
        standing = standing_of(archive, context)
    if out is None and as_json:
        context.print_json(found)
    elif out is None:
        words = PageWords(context.language)
        print_page(customer_page(found, standing, words), context)
    else:
        with written(out) as sink:
            sink.write(_made(found, standing, form, PageWords(context.language)))
        count = len(found["documents"])
        context.err.print(context.say("exported-clear", path=out, count=count))


def form_of(out: Path | None, forms: tuple[str, ...]) -> str:
    """The form that a file's ending says; empty for the screen.

    Raises:
        OutputFormUnknown: none of these.
    """
    if out is None:
        return ""
    form = out.suffix.casefold().removeprefix(".")
    if form not in forms:
        raise OutputFormUnknown(forms=" ".join(f".{one}" for one in forms))
    return form


def standing_of(archive: Archive, context: Context) -> Standing:
    """Whose archive it is, and the time."""
    return Standing(
        case_name(archive),
        archive.case.fonds_code,
        context.now().astimezone(ZoneInfo(archive.case.time_zone)),
    )


def print_page(page: Page, context: Context) -> None:
    """The page on the screen."""
    for line, style in page_lines(page, context.say("rows-left-out")):
        context.out.print(line, style=style)


def _made(found: dict[str, Any], standing: Standing, form: str, words: PageWords) -> bytes:
    if form == "json":
        return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()
    page = customer_page(found, standing, words)
    return page_html(page, words).encode() if form == "html" else page_pdf(page, words)
