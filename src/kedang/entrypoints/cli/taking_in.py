"""`kedang intake`."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions.intake import IntakeOptions, IntakeResult, intake
from kedang.records.errors import code_texts

Resolve = Annotated[
    bool,
    typer.Option(
        "--resolve/--no-resolve",
        help=either(
            "最后比对归户；不比对时可以后再运行 kedang customers resolve。",
            "Compare who is who at the end; without it, kedang customers resolve does it later.",
        ),
    ),
]


def intake_command(
    paths: Annotated[list[Path], typer.Argument(help=either("文件夹或文件。", "Folders or files."))],
    source: Annotated[str, typer.Option("--source", help=either("来源名称。", "Name of the source."))] = "",
    desk: Annotated[str, typer.Option("--desk", help=either("部门或保管人。", "Whose desk it is."))] = "",
    workers: Annotated[int, typer.Option(min=1, help=either("解析进程数。", "Parsing processes."))] = 0
    or (os.cpu_count() or 2),
    names: Annotated[
        bool,
        typer.Option(
            "--name-model/--no-name-model", help=either("用模型辅助识别人名。", "Find names with a model.")
        ),
    ] = True,
    resolve: Resolve = True,
    case: Annotated[
        str | None,
        typer.Option(
            "--case",
            help=either(
                "全宗号；数据目录里有几个全宗时用。", "Fonds number, where the home holds several cases."
            ),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in folders, files, archives and mailboxes. Resumes by itself; ends with the balance."""
    context = new_context(as_json=as_json, fonds_code=case)
    options = IntakeOptions(source_name=source, desk=desk, workers=workers, name_model=names, resolve=resolve)
    started = time.monotonic()
    results: list[IntakeResult] = []
    with context.writing() as archive, TerminalProgress(context.err, context.language) as progress:
        for path in paths:
            results.append(intake(archive, path, options, progress=progress, clock=context.now))
    said = summed(results)
    said["seconds"]["total"] = round(time.monotonic() - started, 3)
    if as_json:
        context.print_json(said)
    else:
        _print(context, said)


def summed(results: list[IntakeResult]) -> dict[str, Any]:
    """The results of all paths as one object."""
    refused: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for result in results:
        refused.update(result.balance.refused)
        questions.update(result.balance.questions)
        seconds.update(result.seconds)
    return {
        "received": sum(result.balance.received for result in results),
        "kept": sum(result.balance.kept for result in results),
        "refused": dict(sorted(refused.items())),
        "open": sum(result.balance.open for result in results),
        "records": sum(result.balance.records for result in results),
        "duplicates": sum(result.balance.duplicates for result in results),
        "unchanged": sum(result.unchanged for result in results),
        "questions": dict(sorted(questions.items())),
        "bytes": sum(result.bytes for result in results),
        "seconds": {stage: round(spent, 3) for stage, spent in seconds.items()},
        "resumed": any(result.resumed for result in results),
        "resolved": all(result.resolved for result in results[-1:]),
    }


def _print(context: Context, said: dict[str, Any]) -> None:
    refused = sum(said["refused"].values())
    context.print("balance", received=said["received"], kept=said["kept"], refused=refused, open=said["open"])
    whole = said["received"] == said["kept"] + refused + said["open"]
    context.print("balance-holds" if whole else "balance-broken")
    context.print(
        "intake-found",
        records=said["records"],
        duplicates=said["duplicates"],
        unchanged=said["unchanged"],
        megabytes=said["bytes"] / 1e6,
        seconds=said["seconds"]["total"],
    )
    texts = code_texts()
    for title, counts in (("refused-title", said["refused"]), ("questions-title", said["questions"])):
        if counts:
            context.print(title, count=sum(counts.values()))
        for code, count in counts.items():
            known = texts.get(code)
            context.out.print(f"  {count:>6}  {code}  {known.said(context.language) if known else ''}")
    if not said["resolved"]:
        context.print("intake-unresolved")
    context.print("intake-next")
