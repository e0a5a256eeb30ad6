"""`kedang search`, `kedang show`, `kedang open`."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.text import Text

from kedang.catalogue.rows import label
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.drawing import draw
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.showing import one_line
from kedang.entrypoints.cli.speaking import EXIT_GOOD
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions import consulting
from kedang.holdings.actions.exporting import note_opened
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import original_bytes, require_no_hole
from kedang.holdings.models import Record
from kedang.holdings.queries.locating import find_record
from kedang.holdings.queries.rebuilt_tables import form_of, write_rebuilt
from kedang.holdings.queries.row_sets import is_retired, outline_of, require_split
from kedang.holdings.queries.searching import Found, Searched


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            help=either(
                '词、"短语"、-排除、甲 OR 乙；类别:合同 年度:2023 客户:名称。',
                'Words, "phrases", -without, A OR B; class:contract year:2023 customer:NAME.',
            )
        ),
    ],
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help=either("最多显示几条。", "Show at most so many."))
    ] = 20,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Search everything that was received, newest first."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        searched = consulting.search(archive, " ".join(words), limit=limit, clock=context.now)
    if as_json:
        context.print_json(searched.to_json())
    else:
        _print_hits(context, searched)
    return EXIT_GOOD


def _print_hits(context: Context, searched: Searched) -> None:
    key = "search-found" if searched.exact else "search-found-more"
    context.print(key, total=searched.total, shown=len(searched.hits), seconds=searched.seconds)
    for found in searched.hits:
        _print_hit(found)
    if searched.incomplete:
        context.print("search-incomplete")
    if searched.hits:
        context.print("search-next")


def _print_hit(found: Found) -> None:
    heading = Text(found.reference_code or found.record_id[:12], style="bold cyan")
    heading.append(f"  {one_line(found.title)}", style="bold")
    draw(heading)
    line = Text("    ")
    at = 0
    for start, end in found.marks:
        line.append(found.snippet[at:start])
        line.append(found.snippet[start:end], style="bold yellow")
        at = end
    line.append(found.snippet[at:])
    draw(line)


def show(
    reference: Annotated[
        str,
        typer.Argument(
            help=either(
                "档号或记录号，写开头能区分即可。", "Reference code or record id, or the beginning of one."
            )
        ),
    ],
    case: Case = None,
    as_json: Json = False,
) -> None:
    """One record: description, facts, findings, reckoning."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.reading() as archive:
        found = consulting.show(archive, find_record(archive, reference), clock=context.now)
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
UNDATED = frozenset({"permanent", "undetermined"})
LABEL_WIDTH = 14  # columns of a terminal; a Chinese character takes two
INDENT = " " * 4  # deeper than lines of our own
TEXT_SHOWN = 600  # code points


def _print_record(context: Context, found: dict[str, Any]) -> None:
    counts = Counter(finding["category"] for finding in found["findings"])
    found = found | {"findings": "; ".join(f"{name}:{n}" for name, n in sorted(counts.items()))}
    found["class"] = context.say(f"class-{found['class']}") if found["class"] else ""
    if context.language == "zh":
        found |= {name: label(name, found[name]) for name in ("sensitivity", "state") if found[name]}
        if found["retention_until"] in UNDATED:
            found["retention_until"] = label("until", found["retention_until"])
    for name in SHOWN:
        if found[name] not in (None, ""):
            heading = context.say(f"field-{name}")
            blank = " " * max(1, LABEL_WIDTH - cell_len(heading))
            context.out.print(f"{heading}{blank}{one_line(str(found[name]))}")
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
            context.out.print(f"\n{context.say(key)}", style="bold")
        for line in lines:
            context.out.print(textwrap.indent(line, INDENT, lambda _: True))


def open_record(
    reference: Annotated[
        str,
        typer.Argument(
            help=either(
                "档号或记录号，写开头能区分即可。", "Reference code or record id, or the beginning of one."
            )
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help=either("写到哪里；- 为标准输出。", "Where to; - is standard output.")),
    ],
    with_holes: Annotated[
        bool,
        typer.Option(
            "--with-holes",
            help=either(
                "其中已销毁的部分以零字节代替，其余字节位置不变。",
                "Zeros in place of what was destroyed in it; every other byte where it was.",
            ),
        ),
    ] = False,
    case: Case = None,
) -> None:
    """The original, byte for byte, or a table rebuilt from its row sets; noted in the ledger."""
    context = new_context(fonds_code=case)
    with context.reading() as archive:
        record = find_record(archive, reference)
        if is_retired(archive, record):
            _open_rebuilt(context, archive, record, out)
            return
        if not with_holes:
            require_no_hole(archive, record)  # before a byte is written
        note_opened(archive, record, now=context.now())
        with written(out) as sink:
            for piece in original_bytes(archive, record, zeros_for_destroyed=with_holes):
                sink.write(piece)
    if str(out) != "-":
        context.err.print(context.say("opened-clear", path=out))


def _open_rebuilt(context: Context, archive: Archive, record: Record, out: Path) -> None:
    """A file made from the row sets; said to be so."""
    split = require_split(archive, record)
    form = form_of(outline_of(archive, split))
    note_opened(archive, record, now=context.now())
    with written(out) as sink:
        rows = write_rebuilt(archive, split, sink)
    context.err.print(context.say("opened-rebuilt", path=out, form=form, rows=rows))
