"""An archive with so many records that it could not be taken in for a benchmark."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from bench.case import intake_into, opened
from kedang.holdings.actions import destroying
from kedang.holdings.actions.progress import Silent
from kedang.holdings.actions.registering import register_copy
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.intake.plain import read_records
from kedang.holdings.models import Record
from kedang.holdings.queries.destruction import Targets, plan_destruction

BATCH = 1_024  # records of one page of the ring


def clock() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Multiplied:
    """The archive, and destructions in it step by step."""

    def __init__(self, home: Path, source: Path, records: int) -> None:
        intake_into(home, source, understand=True, names=False, workers=2, clock=clock)
        self._archive = opened(home)
        self._taken = list(Record.objects.order_by("first_order").values_list("id", flat=True))
        self._made: list[str] = []
        register_copy(self._archive, "folder", {"name": "copy", "path": f"{home}-copy"}, clock=clock)
        while len(self._made) + len(self._taken) < records:
            self._multiply(min(BATCH, records - len(self._made) - len(self._taken)))

    def _multiply(self, count: int) -> None:
        archive = self._archive
        (pattern,) = read_records(Record.objects.filter(id=self._taken[0]))
        ids = [archive.new_id() for _ in range(count)]
        pages = archive.write_pages({one: archive.new_key() for one in ids})
        rows = [
            replace(
                pattern,
                id=one,
                fingerprint=archive.random_bytes(32),
                first_order=b"\xff" + archive.random_bytes(8),
                key_page=pages[one].id,
                reference_code=None,
                indexed_part="",
                indexed_row=None,
            )
            for one in ids
        ]
        for row in rows:
            row.mac = mac_of(archive, row)
        with transaction.atomic():
            archive.keep_pages(pages)
            insert_rows(Record, rows)
        self._made += ids

    def multiplied(self, count: int) -> list[str]:
        """So many of the multiplied records, each once."""
        some, self._made = self._made[:count], self._made[count:]
        return some

    def taken_in(self, count: int) -> list[str]:
        """So many of those that were taken in, the newest."""
        some, self._taken = self._taken[-count:], self._taken[:-count]
        return some

    def destroy(self, records: list[str]) -> dict[str, float]:
        """Seconds by step."""
        seconds: dict[str, float] = {}

        def timed(step: str, act: Callable[[], None]) -> None:
            started = time.perf_counter()
            act()
            seconds[step] = round(time.perf_counter() - started, 2)

        started = time.perf_counter()
        targets = Targets(records=records)
        plan = plan_destruction(self._archive, targets)
        reviewed = destroying.Reviewed(plan.digest, "期满")
        order = destroying.order_destruction(self._archive, targets, reviewed, clock=clock)
        seconds["list and order"] = round(time.perf_counter() - started, 2)
        destroying.carry_out(self._archive, order, clock=clock, progress=Silent(), perform=timed)
        seconds["together"] = round(time.perf_counter() - started, 2)
        return seconds
