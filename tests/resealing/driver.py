"""Seals an archive anew in a process of its own, which dies before or after one of its steps.

    python driver.py STEP before|after|-

With `-` nothing breaks. Batches are of two records, so that there are several.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import django

DIED = 9


def main() -> None:
    """Begin, unless it is begun; carry it out."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions import sealing_anew
    from kedang.holdings.actions.rotating import Carrying

    step, when = sys.argv[1:]

    def clock() -> datetime:
        return datetime.now(UTC)

    context = new_context()
    with context.writing() as archive, context.home.holding("keys"), context.home.holding("copies"):
        row = sealing_anew.unfinished(archive) or sealing_anew.order(archive, now=clock())
        if step == "ordered":
            os._exit(DIED)
        carrying = Carrying(clock, perform=breaking(step, when))
        sealing_anew.carry_out(archive, row, carrying, at_once=2)


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
