"""`kedang search`, `kedang show`, `kedang open`."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.text import Text

from kedang.entrypoints.cli.cases import Json
from kedang.entrypoints.cli.context import EXIT_GOOD, Context, new_context
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.showing import one_line
from kedang.holdings.actions.exporting import note_opened
from kedang.holdings.adapters.contents import original_bytes
from kedang.holdings.queries.description import described
from kedang.holdings.queries.locating import find_record
from kedang.holdings.queries.searching import Found, Searched, search_records

Case = Annotated[str | None, typer.Option("--case", help="全宗号。 Fonds number.")]


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            help='词、"短语"、-排除、甲 OR 乙；类别:合同 年度:2023 客户:名称。 '
            'Words, "phrases", -without, A OR B; class:contract year:2023 customer:NAME.'
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多显示几条。 At most so many.")] = 20,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """在全部已接收内容中检索，最新的在前。 Search everything that was received, newest first."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        searched = search_records(archive, " ".join(words), limit=limit)
    if as_json:
        context.print_json(searched.to_json())
    else:
        _print_hits(context, searched)
    return EXIT_GOOD


def _print_hits(context: Context, searched: Searched) -> None:
    key = "search-found" if searched.exact else "search-found-more"
    context.print(key, total=searched.total, shown=len(searched.hits), seconds=searched.seconds)
    for found in searched.hits:
        _print_hit(context, found)
    if searched.incomplete:
        context.print("search-incomplete")
    if searched.hits:
        context.print("search-next")


def _print_hit(context: Context, found: Found) -> None:
    heading = Text(found.reference_code or found.record_id[:12], style="bold cyan")
    heading.append(f"  {one_line(found.title)}", style="bold")
    context.out.print(heading)
    line = Text("    ")
    at = 0
    for start, end in found.marks:
        line.append(found.snippet[at:start])
        line.append(found.snippet[start:end], style="bold yellow")
        at = end
    line.append(found.snippet[at:])
    context.out.print(line)


def show(
    reference: Annotated[str, typer.Argument(help="档号或记录号。 Reference code or record id.")],
    case: Case = None,
    as_json: Json = False,
) -> None:
    """一件档案的著录、事实、发现与期限推算。 One record: description, facts, findings, reckoning."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        record = find_record(archive, reference)
        found = described(archive, record)
    if as_json:
        context.print_json(found)
        return
    _print_record(context, found)


SHOWN = (
    "reference_code",
    "record_id",
    "title",
    "occurrences",
    "class",
    "sensitivity",
    "date",
    "customers",
    "findings",
    "retention_until",
    "state",
    "question_codes",
    "media_type",
    "size_bytes",
    "pages",
    "sha256",
)
LABEL_WIDTH = 14  # columns of a terminal; a Chinese character takes two
INDENT = " " * 4  # deeper than lines of our own
TEXT_SHOWN = 600  # code points


def _print_record(context: Context, found: dict[str, Any]) -> None:
    counts = Counter(finding["category"] for finding in found["findings"])
    found = found | {"findings": "; ".join(f"{name}:{n}" for name, n in sorted(counts.items()))}
    for name in SHOWN:
        if found[name] not in (None, ""):
            label = context.say(f"field-{name}")
            blank = " " * max(1, LABEL_WIDTH - cell_len(label))
            context.out.print(f"{label}{blank}{one_line(str(found[name]))}", markup=False)
    reasons = [reason[context.language] for reason in found["class_reasons"]]
    facts = [f"{fact['kind']}: {one_line(fact['value'])}" for fact in found["facts"]]
    sentences = found["reckoning"].get("said", {}).get(context.language, [])
    text = [found["text"][:TEXT_SHOWN]] if found["text"] else []
    for key, lines in (
        ("show-reasons", reasons),
        ("show-facts", facts),
        ("show-reckoning", sentences),
        ("show-text", text),
    ):
        if lines:
            context.out.print(f"\n{context.say(key)}", style="bold", markup=False)
        for line in lines:
            context.out.print(textwrap.indent(line, INDENT, lambda _: True), markup=False)


def open_record(
    reference: Annotated[str, typer.Argument(help="档号或记录号。 Reference code or record id.")],
    out: Annotated[
        Path, typer.Option("--out", help="写到哪里；- 为标准输出。 Where to; - is standard output.")
    ],
    case: Case = None,
) -> None:
    """取出原件，逐字节不变；写入台账。 The original, byte for byte; noted in the ledger."""
    context = new_context(fonds_code=case)
    with context.reading() as archive:
        record = find_record(archive, reference)
        note_opened(archive, record, now=context.now())
        with written(out) as sink:
            for piece in original_bytes(archive, record):
                sink.write(piece)
    if str(out) != "-":
        context.err.print(context.say("opened-clear", path=out), markup=False)
