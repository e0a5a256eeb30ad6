"""`kedang verify`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from typer._click.exceptions import UsageError

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_STATUS
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions.backing_up import back_up
from kedang.holdings.actions.fixity import Pace, run_round
from kedang.holdings.actions.healing import Healing, heal, with_copies
from kedang.holdings.actions.reclaiming import reclaim
from kedang.holdings.adapters.copies import copies_to_mend_from, open_copies
from kedang.holdings.errors import NoCopies
from kedang.holdings.intake.indexing import index_records
from kedang.holdings.queries.faults import Fault, Verification
from kedang.holdings.queries.verifying import verify_case
from kedang.records.errors import Kind

MEGABYTE = 1_000_000
SHOWN = 100  # findings on a screen; --json has all

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
        return _round(context, Pace(int(rate * MEGABYTE), minutes * 60))
    if copies:
        return _verify_copies(context)
    return _verify_home(context, deep=deep, mend=mend, heal_found=heal_found)


def _verify_home(context: Context, *, deep: bool, mend: bool, heal_found: bool) -> int:
    started = time.monotonic()
    with (
        context.writing(even_older=True) as archive,
        TerminalProgress(context.err, context.language) as progress,
    ):
        if mend:
            index_records(archive, progress=progress)
        found = verify_case(archive, deep=deep, progress=progress)
        known = copies_to_mend_from(archive) if found.faults else []
        healing = None
        if heal_found and found.faults:
            healing = heal(archive, found, known, clock=context.now, progress=progress)
            found = verify_case(archive, deep=deep, progress=progress)
            healing.settle(found)
        found.faults = with_copies(found.faults, known)
        reclaimed = reclaim(archive, now=context.now()) if mend else 0
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


def _round(context: Context, pace: Pace) -> int:
    """One run of a fixity round; intake and reading may go on beside it."""
    with (
        context.changing("fixity") as archive,
        TerminalProgress(context.err, context.language) as progress,
    ):
        run = run_round(archive, pace=pace, clock=context.now, progress=progress)
        faults = with_copies(run.faults, copies_to_mend_from(archive) if run.faults else [])
    if context.as_json:
        said = asdict(run) | {"faults": [fault.to_json() for fault in faults]}
        context.print_json(said)
    else:
        _print_faults(context, faults)
        key = "fixity-ended" if run.ended else "fixity-goes-on"
        megabytes = run.bytes / MEGABYTE
        context.print(key, number=run.number, objects=run.objects, megabytes=megabytes, left=run.left)
    return EXIT_STATUS[Kind.CORRUPT] if faults else 0


def _verify_copies(context: Context) -> int:
    """Everything in every copy read back and compared; what is damaged there is written anew."""
    with (
        context.changing("copies") as archive,
        TerminalProgress(context.err, context.language) as progress,
    ):
        known = list(open_copies(archive))
        if not known:
            raise NoCopies()
        done = back_up(archive, known, clock=context.now, progress=progress, verify=lambda _copy: True)
    if context.as_json:
        context.print_json({"copies": [asdict(one) for one in done]})
    else:
        for one in done:
            key = "verify-copy-failed" if one.code else "verify-copy"
            context.print(key, copy=one.copy[:12], mended=one.mended, kept=one.kept, code=one.code)
    if any(one.code for one in done):
        return EXIT_STATUS[Kind.UNAVAILABLE]
    return EXIT_FINDINGS if any(one.mended for one in done) else 0


def _print_healing(context: Context, healing: Healing) -> None:
    context.print("heal-mended", count=len(healing.mended))
    for name, reason in healing.left[:SHOWN]:
        context.out.print(f"  {name}  {context.say(f'heal-{reason}')}", markup=False)


def _print(context: Context, found: Verification, seconds: float) -> None:
    _print_faults(context, found.faults)
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


def _print_faults(context: Context, faults: Sequence[Fault]) -> None:
    if not faults:
        return
    context.print("verify-findings", count=len(faults))
    for fault in faults[:SHOWN]:
        context.out.print(f"  {fault.code}  {fault.name or fault.subject}", markup=False)
        if fault.records:
            some = "、".join(fault.records[:3]) + (" …" if len(fault.records) > 3 else "")
            context.print("fault-records", count=len(fault.records), records=some)
        if fault.copies:
            context.print("fault-copies", copies="、".join(one[:12] for one in fault.copies))
    if any(fault.copies for fault in faults):
        context.print("verify-heal-next")
