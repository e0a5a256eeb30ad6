"""`kedang backup`: the archive brought to its copies."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Annotated

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD, EXIT_STATUS
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions.backing_up import BackedUp, back_up
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, open_copies
from kedang.holdings.errors import NoCopies
from kedang.holdings.queries.copy_standings import CopyStanding, chosen_copy, standings_of
from kedang.records.errors import KedangError, Kind, code_texts

MEGABYTE = 1_000_000
SENT = "sent"

Chosen = Annotated[
    list[str] | None,
    typer.Argument(
        help=either("只备份这些副本（编号、名称或地址）。", "Only these copies: number, name or address.")
    ),
]
Due = Annotated[
    bool,
    typer.Option(
        "--due",
        help=either(
            "只做到期的，逾期则发邮件提醒；供定时任务用。",
            "Do what is due and mail about what is late; for a timer.",
        ),
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help=either(
            "把副本全部读回核对，坏的重写。", "Read everything in the copies back; mend what is damaged."
        ),
    ),
]


def backup(
    copies: Chosen = None,
    due: Due = False,
    verify: Verify = False,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Bring the copies up to date; everything written is read back."""
    context = new_context(as_json=as_json, fonds_code=case)
    with context.changing("copies") as archive:
        known = list(open_copies(archive))
        if not known:
            raise NoCopies()
        wanted = [chosen_copy(known, said) for said in copies] if copies else known
        standings = {one.id: one for one in standings_of(archive.case_id, now=context.now())}
        if due:
            wanted = [one for one in wanted if _is_due(standings[one.id])]
        results: list[BackedUp] = []
        if wanted:
            with TerminalProgress(context.err, context.language) as progress:
                results = back_up(
                    archive,
                    wanted,
                    clock=context.now,
                    progress=progress,
                    verify=lambda one: verify or (due and standings[one.id].verification != "good"),
                )
        late, mailed = _late(context, archive) if due else ([], "")
    _tell(context, {one.id: one for one in known}, results, late, mailed)
    return _status(results, late)


def _is_due(standing: CopyStanding) -> bool:
    return (
        standing.level != "good"
        or standing.verification != "good"
        or standing.keys == "outstanding"
        or bool(standing.last_code)
    )


def _late(context: Context, archive: Archive) -> tuple[list[CopyStanding], str]:
    """The copies that somebody must be told of; "sent" when a mail has told, or why it could not."""
    late = [one for one in standings_of(archive.case_id, now=context.now()) if one.alarming]
    mailing = import_module("kedang.entrypoints.cli.mailing")  # loads what mails are made and sent with
    try:
        if mailing.mail_late(archive, late, os.environ, now=context.now()):
            return late, SENT
    except KedangError as error:
        return late, error.code
    return late, ""


def _tell(
    context: Context,
    known: dict[str, CopyStore],
    results: Sequence[BackedUp],
    late: Sequence[CopyStanding],
    mailed: str,
) -> None:
    if context.as_json:
        numbers = {one.id: one.row.ordinal for one in known.values()}
        shown = [asdict(one) | {"number": numbers[one.copy], "complete": not one.code} for one in results]
        context.print_json({"copies": shown, "late": [one.to_json() for one in late], "mailed": mailed})
        return
    for one in results:
        _print_result(context, known[one.copy], one)
    if not results:
        context.print("backup-nothing-due")
    for standing in late:
        context.print("backup-late", number=standing.ordinal, name=known[standing.id].name)
    if mailed == SENT:
        context.print("backup-mailed")
    elif mailed:
        known_code = code_texts()[mailed]
        context.print("backup-unmailed", code=mailed, said=known_code.said(context.language))


def _print_result(context: Context, copy: CopyStore, one: BackedUp) -> None:
    if one.code:
        known = code_texts().get(one.code)
        said = known.said(context.language) if known else ""
        following = known.next_step(context.language) if known else ""
        context.print("backup-failed", name=copy.name, code=one.code, said=said)
        if following:
            context.out.print(f"    {following}")
        return
    context.print(
        "backup-done",
        name=copy.name,
        objects=one.objects,
        megabytes=f"{one.bytes / MEGABYTE:,.1f}",
        kept=one.kept,
        seconds=f"{one.seconds:,.1f}",
    )
    if one.mended:
        context.print("backup-mended", count=one.mended)
    if one.old_packs:
        context.print("backup-old-packs", count=one.old_packs)


def _status(results: Sequence[BackedUp], late: Sequence[CopyStanding]) -> int:
    """0 all complete; 1 one is late, or some are outstanding; 5 none could be completed."""
    failed = [one for one in results if one.code]
    if failed and not late and len(failed) == len(results):
        return EXIT_STATUS[Kind.UNAVAILABLE]
    return EXIT_FINDINGS if failed or late else EXIT_GOOD
