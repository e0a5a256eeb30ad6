"""`kedang rows`: row sets of tables made, checked, confirmed, and the rows of one customer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from kedang.entrypoints.cli.changing import changing_keys
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.showing import one_line
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import about, either
from kedang.holdings.actions import making_row_sets as making
from kedang.holdings.actions import row_sets
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.correcting_columns import correct_columns, read_columns_again
from kedang.holdings.actions.exporting import note_rows
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.queries.columns import columns_of_record, meanings_said
from kedang.holdings.queries.locating import find_customer, find_record
from kedang.holdings.queries.rebuilt_tables import (
    Part,
    as_read,
    parts_of_customer,
    write_rows_csv,
    write_rows_xlsx,
)
from kedang.holdings.queries.row_sets import split_data, splits
from kedang.resolution.columns import column_key

rows_app = typer.Typer(name="rows", cls=Verbs, no_args_is_help=True, help=about("rows"))
SHOWN = 50  # rows on a terminal; the rest with --out or --json

Reference = Annotated[
    str, typer.Argument(help=either("表格的档号或记录号。", "Reference code or record id of a table."))
]
References = Annotated[
    list[str] | None,
    typer.Argument(
        help=either(
            "表格的档号或记录号；不给则为全部尚无行集的表格。",
            "Reference codes or record ids; without any, every table that has no row sets yet.",
        )
    ),
]
Again = Annotated[
    bool, typer.Option("--again", help=either("已有行集的重新制作。", "Make those again that there are."))
]
Number = Annotated[int, typer.Argument(help=either("客户编号。", "The customer's number."))]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=either(
            "写到 .xlsx 或 .csv 文件；不给则显示在屏幕。", "A file, .xlsx or .csv; without it, on the screen."
        ),
    ),
]


@rows_app.command(
    "make", cls=Verb, help=either("按客户拆分表格各行，分别封存。", "Seal the rows of tables by customer.")
)
def make(
    references: References = None, again: Again = False, case: Case = None, as_json: Json = False
) -> int:
    """Row sets of the tables that are named, or of all that have none."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.changing("keys") as archive, TerminalProgress(context.err, context.language) as progress:
        done = making.make_all(
            archive,
            None if references is None else [find_record(archive, one) for one in references],
            again=again,
            clock=context.now,
            progress=progress,
        )
    if as_json:
        context.print_json(done.to_json())
    else:
        _print_made(context, done)
    return EXIT_FINDINGS if done.refused else EXIT_GOOD


def _print_made(context: Context, done: making.Made) -> None:
    for one in done.made:
        context.print("rows-made", **one)
    for one in done.moved:
        context.print("rows-moved", **one)
    for failed in done.refused:
        context.print("rows-refused", record=failed["record_id"][:12], code=failed["code"])
    if not (done.made or done.moved or done.refused):
        context.print("rows-nothing")


@rows_app.command(
    "check",
    cls=Verb,
    help=either("重新读取原件，逐格核对行集。", "Read the original anew and compare every cell."),
)
def check(reference: Reference, case: Case = None, as_json: Json = False) -> int:
    """Whether the row sets give the original back."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        split = row_sets.check(archive, find_record(archive, reference), clock=context.now)
        _tell(context, archive, split, "rows-checked")
    return EXIT_GOOD


@rows_app.command(
    "confirm",
    cls=Verb,
    help=either(
        "本人确认行集能原样还原原件；确认后可退役原件。",
        "Confirm that the row sets give the original back; it may then be retired.",
    ),
)
def confirm(reference: Reference, case: Case = None, as_json: Json = False) -> int:
    """A person's word, noted in the ledger; the sets are checked once more before."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        record = find_record(archive, reference)
        row_sets.check(archive, record, clock=context.now)
        _tell(context, archive, row_sets.confirm(archive, record, clock=context.now), "rows-confirmed")
    return EXIT_GOOD


def _tell(context: Context, archive: Archive, split: Any, key: str) -> None:
    data = split_data(split) | {"dropped": list(row_sets.dropped(archive, split))}
    if context.as_json:
        context.print_json(data)
        return
    context.print(key, **data)
    for one in data["dropped"]:
        context.out.print(f"  · {context.say(f'rows-dropped-{one}')}")


@rows_app.command(
    "columns",
    cls=Verb,
    help=either(
        "各列的含义；用 --set 更正，更正用于同一来源的表格。",
        "What columns mean; --set corrects it for all tables of the source.",
    ),
)
def columns(
    reference: Reference,
    said: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help=either(
                "表头=含义，或 #列号=含义（无表头时，从 0 数）；含义留空则撤回更正。可多次给出。",
                "HEADER=MEANING, or #PLACE=MEANING without headers (from 0); an empty meaning takes it back.",
            ),
        ),
    ] = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Columns with their meanings; what is corrected is remembered, and tables are read again."""
    context = new_context(as_json=as_json, fonds_code=case)
    if said:
        return _correct(context, reference, said)
    with context.reading() as archive:
        record = find_record(archive, reference)
        shown = columns_of_record(archive, record)
        note_shown(archive, "record", [record.id], now=context.now())
    if as_json:
        context.print_json({"columns": [asdict(one) for one in shown], "meanings": meanings_said()})
        return EXIT_GOOD
    words = {value: zh if context.language.startswith("zh") else en for value, zh, en in meanings_said()}
    for one in shown:
        corrected = f"  ({context.say('columns-corrected')})" if one.corrected else ""
        line = f"{one.key}  {words.get(one.meaning, '–')} [{one.meaning}]{corrected}"
        context.out.print(one_line(line))
    if not shown:
        context.print("columns-none")
    return EXIT_GOOD


def _correct(context: Context, reference: str, said: list[str]) -> int:
    with context.writing() as archive, TerminalProgress(context.err, context.language) as progress:
        record = find_record(archive, reference)
        changed = correct_columns(archive, record, dict(map(_parted, said)), clock=context.now)
        done = read_columns_again(archive, record, progress=progress, clock=context.now)
    if context.as_json:
        context.print_json({"corrected": list(changed), **asdict(done)})
    else:
        context.print("columns-done", count=len(changed), read=len(done.read), looked_at=done.looked_at)
    return EXIT_GOOD


def _parted(said: str) -> tuple[str, str]:
    """The key of a column and its meaning, of HEADER=MEANING."""
    head, equals, meaning = said.rpartition("=")
    if not equals or not head.strip():
        raise typer.BadParameter("--set HEADER=MEANING")
    head = head.strip()
    return head if head.startswith("#") else column_key(head, 0), meaning.strip()


@rows_app.command(
    "list", cls=Verb, help=either("各表格的行集及状态。", "Tables with row sets, and their state.")
)
def list_splits(case: Case = None, as_json: Json = False) -> int:
    """Which tables have row sets."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        found = [split_data(one) for one in splits(archive)]
    if as_json:
        context.print_json(found)
    for one in () if as_json else found:
        context.print(f"rows-state-{one['state']}", **one)
    if not found and not as_json:
        context.print("rows-nothing")
    return EXIT_GOOD


@rows_app.command(
    "of", cls=Verb, help=either("一位客户在各表格中的行。", "The rows of one customer in every table.")
)
def rows_of(customer: Number, out: Out = None, case: Case = None, as_json: Json = False) -> int:
    """His rows, in clear; noted in the ledger."""
    context = new_context(as_json=as_json, fonds_code=case)
    if out is not None and out.suffix not in (".csv", ".xlsx"):
        raise typer.BadParameter(context.say("rows-out-form"))
    with context.reading() as archive:
        parts = list(parts_of_customer(archive, find_customer(archive, customer)))
        form = out.suffix[1:] if out is not None else "text"
        note_rows(archive, [one.record_id for one in parts], form, now=context.now())
        if out is None:
            _show(context, parts)
            return EXIT_GOOD
        with written(out) as sink:
            lines = [(one.name, one.sheet, one.rows()) for one in parts]
            count = write_rows_csv(lines, sink) if form == "csv" else write_rows_xlsx(lines, sink)
    context.err.print(context.say("exported-clear", path=out, count=count))
    return EXIT_GOOD


def _show(context: Context, parts: list[Part]) -> None:
    if context.as_json:
        context.print_json(
            [
                {
                    "record_id": one.record_id,
                    "reference_code": one.reference_code,
                    "table": one.table,
                    "sheet": one.sheet.name,
                    "headers": list(one.sheet.headers),
                    "rows": [[number, *map(as_read, cells)] for number, cells in one.rows()],
                }
                for one in parts
            ]
        )
        return
    if not parts:
        context.print("rows-none")
    for one in parts:
        context.out.print(f"{one.name}  ({one.count})", style="bold cyan")
        if one.sheet.headers:
            context.out.print(f"      {one_line(' | '.join(one.sheet.headers))}", style="dim")
        for at, (number, cells) in enumerate(one.rows()):
            if at == SHOWN:
                context.print("destroy-more", count=one.count - SHOWN)
                break
            context.out.print(f"{number:>5} {one_line(' | '.join(map(as_read, cells)))}")
