"""Makes row sets, or retires a table, in a process of its own that dies in the middle.

python driver.py make RECORD
python driver.py retire RECORD STEP before|after
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import django

from tests.destruction.driver import DIED, breaking

TURN_BYTES = 100_000


def main() -> None:
    """Do what is asked for, as far as it goes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions import destroying, row_sets
    from kedang.holdings.actions.progress import Silent
    from kedang.holdings.queries.destruction import Targets, plan_destruction
    from kedang.holdings.queries.locating import find_record

    class Dying(Silent):
        def advance(self, things: int, size_bytes: int) -> None:
            del things, size_bytes
            os._exit(DIED)

    def clock() -> datetime:
        return datetime.now(UTC)

    what, record = sys.argv[1:3]
    with new_context().changing("keys") as archive:
        if what == "make":
            found = find_record(archive, record)
            row_sets.make(archive, found, clock=clock, progress=Dying(), turn_bytes=TURN_BYTES)
            return
        targets = Targets(retired=[record])
        reviewed = destroying.Reviewed(
            plan_destruction(archive, targets).digest, "行集已确认", name_model=False
        )
        order = destroying.order_destruction(archive, targets, reviewed, clock=clock)
        perform = breaking(*sys.argv[3:5])
        destroying.carry_out(archive, order, clock=clock, progress=Silent(), perform=perform)


if __name__ == "__main__":
    main()
