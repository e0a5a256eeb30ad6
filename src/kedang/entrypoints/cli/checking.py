"""`kedang questions` and `kedang verify`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from kedang.entrypoints.cli.cases import Json
from kedang.entrypoints.cli.context import EXIT_FINDINGS, EXIT_STATUS, Context, new_context
from kedang.entrypoints.cli.finding import Case
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.showing import one_line
from kedang.holdings.actions.answering import answer_question
from kedang.holdings.actions.reclaiming import reclaim
from kedang.holdings.intake.indexing import index_records
from kedang.holdings.queries.asking import open_questions
from kedang.holdings.queries.verifying import Verification, verify_case
from kedang.records.errors import Kind, code_texts


def questions(
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            help="问题号=accepted（接受）、dismissed（不成立），或一个类别（personal、contract、transaction、service、communication、other）；可多次给出。 "
            "ID=accepted, dismissed or a class; may be given several times.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="最多显示几个。 At most so many.")] = 100,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """须由人决定的问题；有未答复的问题时返回 1。 What people must decide; exit status 1 while any is open."""
    context = new_context(as_json=as_json, fonds_code=case)
    if answer:
        with context.writing() as archive:
            for given in answer:
                question, _, decision = given.partition("=")
                answer_question(archive, question, decision, clock=context.now)
        context.print("questions-answered", count=len(answer))
        return 0
    with context.reading() as archive:
        found = list(open_questions(archive, limit=limit))
    if as_json:
        context.print_json(found)
        return EXIT_FINDINGS if found else 0
    if not found:
        context.print("questions-none")
        return 0
    texts = code_texts()
    for one in found:
        known = texts.get(one["code"])
        said = known.said(context.language) if known else ""
        context.out.print(f"{one['id'][:12]}  {one['code']}  {said}", style="bold", markup=False)
        context.out.print(f"              {one_line(one['path'])}", markup=False)
        if known and known.next_step(context.language):
            context.out.print(f"              → {known.next_step(context.language)}", markup=False)
    context.print("questions-answer-next")
    return EXIT_FINDINGS


def verify(
    deep: Annotated[
        bool, typer.Option("--deep", help="逐字节打开每一件。 Open every byte of every record.")
    ] = False,
    mend: Annotated[
        bool,
        typer.Option(
            "--mend",
            help="重建损坏的索引，回收中断留下的封存包。 Rebuild a damaged index, reclaim what interruptions left.",
        ),
    ] = False,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """核验：行、封存包、密钥、台账、索引。 Check rows, packs, keys, ledger and index."""
    context = new_context(as_json=as_json, fonds_code=case)
    started = time.monotonic()
    with context.writing() as archive, TerminalProgress(context.err, context.language) as progress:
        if mend:
            index_records(archive, progress=progress, clock=context.now)
        found = verify_case(archive, deep=deep, progress=progress)
        reclaimed = reclaim(archive, now=context.now()) if mend else 0
    if as_json:
        context.print_json(found.to_json() | {"reclaimed": reclaimed})
    else:
        _print(context, found, time.monotonic() - started)
        if mend:
            context.print("verify-reclaimed", count=reclaimed)
    return EXIT_STATUS[Kind.CORRUPT] if found.faults else 0


def _print(context: Context, found: Verification, seconds: float) -> None:
    if found.faults:
        context.print("verify-findings", count=len(found.faults))
        for fault in found.faults[:100]:
            context.out.print(f"  {fault.code}  {fault.subject}", markup=False)
    else:
        context.print(
            "verify-clean",
            records=found.records,
            packs=found.packs,
            pages=found.pages,
            leaves=found.leaves,
            seconds=seconds,
        )
    if found.unreferenced:
        context.print("verify-reclaimable", count=found.unreferenced)
