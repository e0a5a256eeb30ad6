"""Findings of a verification on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from kedang.entrypoints.cli.context import Context
from kedang.holdings.queries.faults import Fault

SHOWN = 100  # findings on a screen; --json has all


def print_faults(context: Context, faults: Sequence[Fault]) -> None:
    """Each with what it concerns and which copies hold it whole."""
    if not faults:
        return
    context.print("verify-findings", count=len(faults))
    for fault in faults[:SHOWN]:
        context.out.print(f"  {fault.code}  {fault.name or fault.subject}")
        if fault.records:
            some = "、".join(fault.records[:3]) + (" …" if len(fault.records) > 3 else "")
            context.print("fault-records", count=len(fault.records), records=some)
        if fault.copies:
            context.print("fault-copies", copies="、".join(one[:12] for one in fault.copies))
    if any(fault.copies for fault in faults):
        context.print("verify-heal-next")
