"""Orders the destruction of RECORD by a clock that is OFFSET seconds from the right one; says how that ended.

    python clocked.py RECORD OFFSET…

An order that is accepted is taken back, so that the next offset finds the archive as it was. Offsets are written
`ahead:SECONDS` to write an entry into the ledger by such a clock instead, and `stamped:SECONDS` to have its head
time-stamped by the authority at the address STAMPED_BY with the certificate STAMPED_UNDER.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django


def main() -> None:
    """One word for each offset: a code, or "ordered"."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from django.db import transaction

    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.destroying import Reviewed, order_destruction
    from kedang.holdings.actions.witnessing import note_ledger_shown, witness_head
    from kedang.holdings.queries.destruction import Targets, plan_destruction
    from kedang.ledger.timestamps import read_certificates
    from kedang.records.errors import KedangError

    record, *offsets = sys.argv[1:]
    said = []
    with new_context().changing("keys") as archive:
        targets = Targets(records=[record])
        for offset in offsets:
            instead, _, seconds = offset.rpartition(":")

            def clock(off: float = float(seconds)) -> datetime:
                return datetime.now(UTC) + timedelta(seconds=off)

            if instead == "ahead":
                note_ledger_shown(archive, "json", now=clock())
                continue
            if instead == "stamped":
                trusted = read_certificates(Path(os.environ["STAMPED_UNDER"]).read_text())
                witness_head(archive, os.environ["STAMPED_BY"], trusted, clock=clock)
                continue
            reviewed = Reviewed(plan_destruction(archive, targets).digest, "保管期满", name_model=False)
            try:
                with transaction.atomic():
                    order_destruction(archive, targets, reviewed, clock=clock)
                    transaction.set_rollback(True)
                said.append("ordered")
            except KedangError as error:
                said.append(f"{error.code} {error.facts.get('against', '')}".strip())
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
