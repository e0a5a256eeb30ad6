"""`kedang verify`. What only some of its options want is loaded with them."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Annotated, Any

import typer
from typer._click.exceptions import UsageError

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.faults import SHOWN, print_faults
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_STATUS
from kedang.entrypoints.cli.texts import either
from kedang.holdings.adapters.copies import copies_to_mend_from
from kedang.holdings.queries.faults import Verification
from kedang.holdings.queries.verifying import verify_case
from kedang.records.errors import Kind

Deep = Annotated[
    bool, typer.Option("--deep", help=either("逐字节打开每一件。", "Open every byte of every record."))
]
Mend = Annotated[
    bool,
    typer.Option(
        "--mend",
        help=either(
            "重建损坏的索引，回收中断留下的封存包。",
            "Rebuild a damaged index, reclaim what interruptions left.",
        ),
    ),
]
Heal = Annotated[
    bool,
    typer.Option(
        "--heal",
        help=either(
            "用完好的副本和快照修复所发现的损坏，再核验一次。",
            "Mend what is found from good copies and snapshots, then verify again.",
        ),
    ),
]
InRound = Annotated[
    bool,
    typer.Option(
        "--round",
        help=either(
            "继续固定性检查：从上次停下处接着查，查完一轮再从头开始。",
            "Go on with the fixity round where it stopped; begin the next when it is over.",
        ),
    ),
]
Rate = Annotated[
    float,
    typer.Option(
        "--rate",
        min=0,
        help=either("每秒最多读多少 MB（与 --round 合用）。", "MB a second at most, with --round."),
    ),
]
Minutes = Annotated[
    float,
    typer.Option(
        "--minutes",
        min=0,
        help=either("最多运行多少分钟（与 --round 合用）。", "Minutes at most, with --round."),
    ),
]
Copies = Annotated[
    bool,
    typer.Option(
        "--copies",
        help=either(
            "读回每个副本的全部内容，坏的由本机重写。",
            "Read everything in every copy; write what is damaged there anew.",
        ),
    ),
]


def verify(
    deep: Deep = False,
    mend: Mend = False,
    heal_found: Heal = False,
    in_round: InRound = False,
    rate: Rate = 0.0,
    minutes: Minutes = 0.0,
    copies: Copies = False,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Check rows, packs, keys, ledger and index."""
    if in_round + copies + (deep or mend or heal_found) > 1:
        raise UsageError("--round, --copies | --deep --mend --heal")
    context = new_context(as_json=as_json, fonds_code=case)
    if in_round:
        return int(_load("rounds").go_on(context, rate=rate, minutes=minutes))
    if copies:
        return int(_load("rounds").verify_copies(context))
    return _verify_home(context, deep=deep, mend=mend, heal_found=heal_found)


def _load(module: str) -> Any:
    return import_module(f"kedang.entrypoints.cli.{module}")


def _verify_home(context: Context, *, deep: bool, mend: bool, heal_found: bool) -> int:
    started = time.monotonic()
    healing, reclaimed = None, 0
    with (
        context.writing(even_older=True) as archive,
        TerminalProgress(context.err, context.language) as progress,
    ):
        if mend:
            _load("mending").index_records(archive, progress=progress)
        found = verify_case(archive, deep=deep, progress=progress)
        if found.faults:
            mending, known = _load("mending"), copies_to_mend_from(archive)
            if heal_found:
                healing = mending.heal(archive, found, known, clock=context.now, progress=progress)
                found = verify_case(archive, deep=deep, progress=progress)
                healing.settle(found)
            found.faults = mending.with_copies(found.faults, known)
        if mend:
            reclaimed = _load("mending").reclaim(archive, now=context.now())
    if context.as_json:
        healed = healing.to_json() if healing else {}
        context.print_json(found.to_json() | {"reclaimed": reclaimed} | healed)
    else:
        if healing is not None:
            _print_healing(context, healing)
        _print(context, found, time.monotonic() - started)
        if mend:
            context.print("verify-reclaimed", count=reclaimed)
    return EXIT_STATUS[Kind.CORRUPT] if found.faults else 0


def _print_healing(context: Context, healing: Any) -> None:
    context.print("heal-mended", count=len(healing.mended))
    for name, reason in healing.left[:SHOWN]:
        context.out.print(f"  {name}  {context.say(f'heal-{reason}')}")


def _print(context: Context, found: Verification, seconds: float) -> None:
    print_faults(context, found.faults)
    if not found.faults:
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
