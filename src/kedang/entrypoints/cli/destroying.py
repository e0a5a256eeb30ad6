"""`kedang destroy`: look at the list, confirm it by its digest, and it is carried out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from kedang.entrypoints.cli.changing import changing_keys
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.outputs import written
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions import destroying
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.queries.destruction import PlannedDestruction, PlannedRecord, Targets, plan_destruction
from kedang.holdings.queries.locating import find_customer, find_record
from kedang.holdings.queries.orders import order_data
from kedang.holdings.queries.rows import merged, numbers_said, parse_rows

SHOWN = 30  # lines of a list; the rest is in --json


Rows = Annotated[
    list[str] | None,
    typer.Option(
        "--rows",
        help=either(
            "只销毁表格中的这些行：档号:3,7-9（表头下第一行为 1）。",
            "Only these rows of a table, REF:3,7-9 (1 is the first below the headers).",
        ),
    ),
]
Retire = Annotated[
    list[str] | None,
    typer.Option(
        "--retire",
        help=either(
            "让表格原件退役：各行改由已确认的行集保存（档号）。",
            "Retire the original of a table: confirmed row sets keep its rows (REF).",
        ),
    ),
]
Dissolve = Annotated[
    bool,
    typer.Option(
        "--dissolve",
        help=either(
            "所在容器的成员已全部单独保存的，连同该容器一并销毁。",
            "Destroy the container around it as well, when all its parts are kept.",
        ),
    ),
]
WithVersions = Annotated[
    bool,
    typer.Option(
        "--with-versions",
        help=either("同一位置先后接收的其他版本一并销毁。", "Other versions found at the same place go too."),
    ),
]
NameModel = Annotated[
    bool,
    typer.Option(
        "--name-model/--no-name-model", help=either("用模型辅助识别人名。", "Find names with a model.")
    ),
]


References = Annotated[
    list[str] | None,
    typer.Argument(help=either("要销毁的档号或记录号。", "Reference codes or record ids to destroy.")),
]
Customers = Annotated[
    list[int] | None,
    typer.Option(
        "--customer",
        help=either(
            "销毁只属于这位客户（编号）的全部内容。", "Everything that is only this customer's (number)."
        ),
    ),
]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", help=either("审阅过的清单摘要。", "Digest of the list that was reviewed.")),
]
Why = Annotated[str, typer.Option("--reason", help=either("销毁的依据（封存保存）。", "Why (kept sealed)."))]
Resume = Annotated[
    bool,
    typer.Option("--resume", help=either("把中断的销毁做完。", "Carry an interrupted destruction through.")),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=either("把销毁结果写成 JSON 文件。", "Write the outcome as a JSON file.")),
]


def destroy(
    references: References = None,
    customer: Customers = None,
    rows: Rows = None,
    retire: Retire = None,
    dissolve: Dissolve = False,
    with_versions: WithVersions = False,
    confirm: Confirm = None,
    reason: Why = "",
    resume: Resume = False,
    out: Out = None,
    name_model: NameModel = True,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Show what would be destroyed; with --confirm and --reason, destroy it."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        if resume:
            return _resume(context, archive, out)
        targets = replace(
            _targets(archive, references or [], customer or [], rows or []),
            retired=[find_record(archive, one).id for one in retire or []],
            dissolve=dissolve,
            with_versions=with_versions,
        )
        if confirm is None:
            return _review(context, archive, targets)
        if not reason:
            raise typer.BadParameter(context.say("destroy-needs-reason"))
        reviewed = destroying.Reviewed(confirm, reason, name_model=name_model)
        order = destroying.order_destruction(archive, targets, reviewed, clock=context.now)
        return _carry_out(context, archive, order, out)


def _targets(
    archive: Archive, references: Sequence[str], customers: Sequence[int], rows: Sequence[str]
) -> Targets:
    named = [parse_rows(one) for one in rows]
    return Targets(
        records=[find_record(archive, one).id for one in references],
        customers=[find_customer(archive, one) for one in customers],
        rows=merged((find_record(archive, one.reference).id, one.rows) for one in named),
    )


def _review(context: Context, archive: Archive, targets: Targets) -> int:
    """The list, what it cannot promise, and how to go on. Nothing is changed."""
    plan = plan_destruction(archive, targets)
    if context.as_json:
        context.print_json(plan.to_json())
        return EXIT_FINDINGS
    _print_plan(context, plan)
    return EXIT_FINDINGS


def _print_plan(context: Context, plan: PlannedDestruction) -> None:
    dead = list(plan.with_outcome("destroyed"))
    context.print("destroy-list" if dead else "destroy-list-parts", records=len(dead))
    _print_things(context, (_named(one) for one in dead))
    if plan.customers:
        context.print("destroy-customers", count=len(plan.customers))
    lines = {
        "destroy-rows": [
            context.say("destroy-row-numbers", name=_named(one), rows=numbers_said(one.rows))
            for one in plan.rows
            if one.outcome == "destroyed"
        ],
        "destroy-retired": [_named(one) for one in plan.retired if one.outcome == "retired"],
        "destroy-row-sets": [
            context.say("destroy-row-set", name=one.reference_code or one.record_id[:12], rows=one.rows)
            for one in plan.row_sets
        ],
        "destroy-cells": [
            context.say("destroy-row-set", name=_named(one), rows=len(one.cells))
            for one in plan.rows
            if one.cells
        ],
        "destroy-dissolved": [_named(one) for one in plan.with_outcome("dissolved")],
        "destroy-dissolved-own": [_named(one) for one in plan.with_outcome("dissolved") if one.own_content],
        "destroy-restricted": [
            f"{_named(one)}  ← {', '.join(container[:12] for container in one.containing)}"
            for one in (*plan.records, *plan.rows, *plan.retired)
            if one.outcome == "restricted" and not one.cells
        ],
        "destroy-versions": [one[:12] for one in plan.versions],
    }
    for key, things in lines.items():
        if things:
            context.print(key, count=len(things))
            _print_things(context, things)
    if plan.shared:
        context.print("destroy-shared", count=len(plan.shared))
    _print_limits(context, plan.to_json()["not_promised"])
    context.print("destroy-confirm", digest=plan.digest)


def _named(one: PlannedRecord) -> str:
    return one.reference_code or one.record_id[:12]


def _print_things(context: Context, things: Iterable[str]) -> None:
    lines = list(things)
    for line in lines[:SHOWN]:
        context.out.print(f"  {line}")
    if len(lines) > SHOWN:
        context.print("destroy-more", count=len(lines) - SHOWN)


def _print_limits(context: Context, limits: Sequence[str]) -> None:
    context.print("destroy-limits")
    for limit in limits:
        context.out.print(f"  · {context.say(f'destroy-limit-{limit}')}")


def _resume(context: Context, archive: Archive, out: Path | None) -> int:
    order = destroying.unfinished(archive)
    if order is None:
        if context.as_json:
            context.print_json({"order": None})
        else:
            context.print("destroy-nothing-unfinished")
        return EXIT_GOOD
    return _carry_out(context, archive, order, out)


def _carry_out(context: Context, archive: Archive, order: Any, out: Path | None) -> int:
    with TerminalProgress(context.err, context.language) as progress:
        outcome = destroying.carry_out(archive, order, clock=context.now, progress=progress)
    data = order_data(archive, order)
    if out is not None:
        with written(out) as sink:
            sink.write(json.dumps(data, ensure_ascii=False, indent=2).encode())
    if context.as_json:
        context.print_json(data)
    else:
        done = "destroy-done" if outcome["destroyed"] else "destroy-done-parts"
        context.print(done, records=outcome["destroyed"], epoch=outcome["epoch"])
        for key in ("dissolved", "rows", "retired", "cells"):
            if outcome.get(key):
                context.print(f"destroy-done-{key}", count=len(outcome[key]))
        if outcome.get("row_sets"):
            context.print("destroy-done-row-sets", count=outcome["row_sets"])
        if outcome["restricted"]:
            context.print("destroy-done-restricted", count=outcome["restricted"])
        for key in ("places_outstanding", "copies_outstanding"):
            count = outcome[key] if isinstance(outcome[key], int) else len(outcome[key])
            if count:
                context.print(f"destroy-{key.replace('_', '-')}", count=count)
        _print_limits(context, outcome["not_promised"])
    left = outcome["restricted"] or outcome["places_outstanding"] or outcome["copies_outstanding"]
    return EXIT_FINDINGS if left else EXIT_GOOD
