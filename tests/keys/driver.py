"""Changes the keys of a case in a process of its own, which dies before or after one of its steps.

    python driver.py COPY WORK STEP before|after|-

WORK is "register" (the copy, nothing else), "rotate", "remove KIND" or "replace KIND" as one argument;
a replaced slot is opened by NEW_PASSPHRASE. With `-` nothing breaks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import django

DIED = 9
NEW_PASSPHRASE = "八月 未央"


def main() -> None:
    """Register the copy when there is none yet; begin the change and carry it through."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions import rotating, slots
    from kedang.holdings.actions.epochs import newest_sheet
    from kedang.holdings.actions.registering import register_copy
    from kedang.holdings.models import Copy
    from kedang.vault.slots import NO_CHANGES, NewPassphrase, SlotChanges

    copy, work, step, when = sys.argv[1:]

    def clock() -> datetime:
        return datetime.now(UTC)

    with new_context().changing("keys") as archive:
        if not Copy.objects.exists():
            register_copy(archive, "folder", {"name": "副本", "path": copy}, clock=clock)
        act, _, kind = work.partition(" ")
        if act == "register":
            return
        changes = NO_CHANGES
        if kind:
            slot = slots.find_slot(newest_sheet(archive), kind).slot
            changes = SlotChanges(removed=frozenset((slot,)))
            if act == "replace":
                changes = SlotChanges(replaced={slot: NewPassphrase(NEW_PASSPHRASE)})
        carrying = rotating.Carrying(clock, perform=breaking(step, when))
        rotating.rotate(archive, carrying, changes=changes)


def breaking(broken: str, when: str) -> Callable[[str, Callable[[], None]], None]:
    """Do every step; die before or after the broken one, as a power cut would."""

    def perform(step: str, act: Callable[[], None]) -> None:
        if step == broken and when == "before":
            os._exit(DIED)
        act()
        if step == broken and when == "after":
            os._exit(DIED)

    return perform


if __name__ == "__main__":
    main()
