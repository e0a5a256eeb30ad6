"""`kedang verify --round` and `--copies`: beside other work, and of what lies elsewhere."""

from __future__ import annotations

from dataclasses import asdict

from kedang.entrypoints.cli.context import Context
from kedang.entrypoints.cli.faults import print_faults
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_STATUS
from kedang.holdings.actions.backing_up import back_up
from kedang.holdings.actions.fixity import Pace, run_round
from kedang.holdings.actions.healing import with_copies
from kedang.holdings.adapters.copies import copies_to_mend_from, open_copies
from kedang.holdings.errors import NoCopies
from kedang.records.errors import Kind

MEGABYTE = 1_000_000


def go_on(context: Context, *, rate: float, minutes: float) -> int:
    """One run of a fixity round; intake and reading may go on beside it."""
    pace = Pace(int(rate * MEGABYTE), minutes * 60)
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
        print_faults(context, faults)
        key = "fixity-ended" if run.ended else "fixity-goes-on"
        megabytes = run.bytes / MEGABYTE
        context.print(key, number=run.number, objects=run.objects, megabytes=megabytes, left=run.left)
    return EXIT_STATUS[Kind.CORRUPT] if faults else 0


def verify_copies(context: Context) -> int:
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
