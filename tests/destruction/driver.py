"""Carries a destruction out in a process of its own, which dies before or after one of its steps.

    python driver.py COPY STEP before|after|- RECORD… RECORD:ROWS…

With `-` nothing breaks. A folder is registered as copy COPY when there is none yet.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import django

DIED = 9


def main() -> None:
    """Order what is named, unless an order is unfinished; carry it out."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions import destroying
    from kedang.holdings.actions.progress import Silent
    from kedang.holdings.actions.registering import register_copy
    from kedang.holdings.models import Copy
    from kedang.holdings.queries.destruction import Targets, plan_destruction
    from kedang.holdings.queries.rows import parse_rows

    copy, step, when, *records = sys.argv[1:]

    def clock() -> datetime:
        return datetime.now(UTC)

    with new_context().changing("keys") as archive:
        if not Copy.objects.exists():
            register_copy(archive, "folder", {"name": "副本", "path": copy}, clock=clock)
        order = destroying.unfinished(archive)
        if order is None:
            rows = [parse_rows(one) for one in records if ":" in one]
            targets = Targets(
                records=[one for one in records if ":" not in one],
                rows={one.reference: one.rows for one in rows},
            )
            plan = plan_destruction(archive, targets)
            reviewed = destroying.Reviewed(plan.digest, "保管期满", name_model=False)
            order = destroying.order_destruction(archive, targets, reviewed, clock=clock)
        if step == "ordered":
            os._exit(DIED)
        destroying.carry_out(archive, order, clock=clock, progress=Silent(), perform=breaking(step, when))


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
