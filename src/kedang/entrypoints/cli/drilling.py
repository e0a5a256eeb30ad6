"""`kedang drill`: whether the archive could be restored from a copy, proven on a sample or in full."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD, EXIT_STATUS
from kedang.entrypoints.cli.texts import either
from kedang.entrypoints.rehearsal import rehearse
from kedang.holdings.actions.drilling import Drilled, FullDrilled, drill
from kedang.holdings.adapters.copies import CopyStore, open_copies
from kedang.holdings.errors import NoCopies
from kedang.holdings.queries.copy_standings import chosen_copy
from kedang.preservation.drills import shortcomings, write_drill_result
from kedang.records.errors import KedangError, Kind, code_texts

SHOWN = 20  # findings; all are in the signed result


Chosen = Annotated[
    list[str] | None,
    typer.Argument(help=either("演练哪些副本；不写则全部。", "Which copies; all when none is named.")),
]
Full = Annotated[
    bool,
    typer.Option(
        "--full",
        help=either(
            "真正恢复到临时目录并逐字节核验，之后删除。",
            "Really restore into a temporary home, verify every byte there, and remove it.",
        ),
    ),
]
Work = Annotated[
    Path | None,
    typer.Option(
        "--work", help=either("--full 的临时目录所在处。", "Where the temporary home of --full is made.")
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=either("把签名结果写入文件。", "Write the signed result to a file.")),
]


def drill_command(
    copies: Chosen = None,
    full: Full = False,
    work: Work = None,
    out: Out = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Restore a copy in memory, or in full, compare, and sign what was found."""
    context = new_context(as_json=as_json, fonds_code=case)
    failed: dict[str, str] = {}
    done: list[tuple[CopyStore, Drilled, FullDrilled | None]] = []
    with context.changing("copies") as archive, TerminalProgress(context.err, context.language) as progress:
        known = list(open_copies(archive))
        if not known:
            raise NoCopies()
        chosen = [chosen_copy(known, said) for said in copies] if copies else known
        for copy in chosen:
            try:
                drilled = drill(
                    archive, copy, clock=context.now, progress=progress, chance=random.SystemRandom()
                )
            except KedangError as error:
                failed[copy.id] = error.code
                continue
            played = partial(rehearse, clock=context.now, progress=progress, environment=os.environ)
            done.append((copy, drilled, played(archive, copy, work=work) if full else None))
    if out is not None:
        notes = [one.note for _, *both in done for one in both if one is not None]
        with written(out) as sink:
            sink.write("\n".join(notes).encode())
    _tell(context, known, done, failed)
    return _status(done, failed, chosen)


def _tell(
    context: Context,
    known: Sequence[CopyStore],
    done: Sequence[tuple[CopyStore, Drilled, FullDrilled | None]],
    failed: dict[str, str],
) -> None:
    if context.as_json:
        shown = [_shown(drilled, rehearsed) for _, drilled, rehearsed in done]
        context.print_json({"drills": shown, "failed": failed})
        return
    for copy, drilled, rehearsed in done:
        _print_result(context, copy, drilled)
        if rehearsed is not None:
            whole = rehearsed.result
            key = "drill-full-passed" if whole.passed else "drill-full-failed"
            context.print(key, records=whole.records, faults=whole.faults, code=whole.code or "-")
    for copy in known:
        if code := failed.get(copy.id):
            texts = code_texts().get(code)
            said = texts.said(context.language) if texts else ""
            context.print("backup-failed", name=copy.name, code=code, said=said)


def _print_result(context: Context, copy: CopyStore, drilled: Drilled) -> None:
    result = drilled.result
    context.print(
        "drill-passed" if result.passed else "drill-failed",
        name=copy.name,
        drawn=sum(one.drawn for one in result.samples),
        matched=sum(one.matched for one in result.samples),
        pages=result.key_pages_opened,
        all_pages=result.key_pages,
        leaves=result.ledger.restored_size,
    )
    for word in shortcomings(result):
        context.out.print(f"    {context.say(f'drill-short-{word}')}")
    for finding in result.findings[:SHOWN]:
        context.out.print(f"    {finding.code}  {finding.subject}")
    if result.withheld:
        context.print("drill-withheld", count=result.withheld)


def _shown(drilled: Drilled, rehearsed: FullDrilled | None) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(write_drill_result(drilled.result))
    said["note"] = drilled.note
    if rehearsed is not None:
        said["full"] = rehearsed.to_json()
    return said


def _status(
    done: Sequence[tuple[CopyStore, Drilled, FullDrilled | None]],
    failed: dict[str, str],
    chosen: Sequence[CopyStore],
) -> int:
    """0 all passed; 1 some did not, or were not reached; 5 none was reached."""
    if len(failed) == len(chosen):
        return EXIT_STATUS[Kind.UNAVAILABLE]
    passed = all(one.result.passed and (full is None or full.result.passed) for _, one, full in done)
    return EXIT_GOOD if passed and not failed else EXIT_FINDINGS
