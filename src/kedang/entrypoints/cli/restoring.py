"""`kedang restore`: a copy, a key sheet and one of its secrets are enough."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.offered import offered
from kedang.entrypoints.cli.options import Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_GOOD
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions.restoring import Restored, restore_copy
from kedang.holdings.actions.unlocking import Secrets
from kedang.holdings.adapters.copies import store_at
from kedang.holdings.errors import CaseLocked


def restore(
    copy: Annotated[
        str,
        typer.Argument(
            help=either("副本所在的文件夹或 s3:// 地址。", "Folder or s3:// address of the copy.")
        ),
    ],
    as_json: Json = False,
) -> int:
    """Set an archive up again from a copy, on a clean machine."""
    context = new_context(as_json=as_json)
    context.prepare(even_unfinished=True)
    asking = sys.stdin.isatty()
    given = offered(context.ask_pin if asking else None)
    with context.home.held():
        try:
            restored = _restored(context, copy, given)
        except CaseLocked:
            if given != Secrets() or not asking:
                raise
            passphrase = getpass.getpass(context.say("ask-passphrase"))
            restored = _restored(context, copy, Secrets(passphrase=passphrase))
    if as_json:
        context.print_json(asdict(restored))
    else:
        for key, values in _told(restored):
            context.print(key, **values)
    return EXIT_GOOD


def _restored(context: Context, copy: str, given: Secrets) -> Restored:
    with TerminalProgress(context.err, context.language) as progress:
        return restore_copy(
            store_at(copy),
            context.home,
            context.places,
            given,
            clock=context.now,
            progress=progress,
            random_bytes=os.urandom,
        )


def _told(restored: Restored) -> list[tuple[str, dict[str, object]]]:
    said: list[tuple[str, dict[str, object]]] = [
        (
            "restore-done",
            {"records": restored.records, "taken": f"{restored.taken.astimezone():%Y-%m-%d %H:%M}"},
        ),
    ]
    if restored.withheld_records or restored.withheld_customers:
        counts = {"records": restored.withheld_records, "customers": restored.withheld_customers}
        said.append(("restore-withheld", dict(counts)))
    if restored.passed_over:
        said.append(("restore-passed-over", {"snapshots": restored.passed_over}))
    if restored.orphaned_from is not None:
        said.append(("restore-orphaned", {"n": restored.orphaned_from}))
    return [*said, ("restore-next", {})]
