"""Scenes of archiving many records at once, each told as plain values: python -m tests.holdings.archiving_scenes SCENE…"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle, islice
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

# isort: off
from tests.holdings.checking_scenes import Scenes, clock, code_of, play
# isort: on - Django is set up by what was imported

from django.db.models import F

from kedang.catalogue.numbering import check_codes
from kedang.catalogue.scheme import shipped_scheme
from kedang.disposition.stored import reckoning_to_json
from kedang.holdings.actions.house_rules import set_review
from kedang.holdings.actions.progress import Silent
from kedang.holdings.adapters.guarding import guard_all
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.record_columns import guard_records, mac_of
from kedang.holdings.intake.archiving import BATCH, archive_records, reckoning_of, series_of
from kedang.holdings.intake.plain import QuestionRow, RecordRow, read_records
from kedang.holdings.models import LedgerHead, Question, Record
from kedang.holdings.queries.agreeing import leaves_of


class ArchivingScenes(Scenes):
    """What happens to records that wait in sorting."""

    def more_than_one_batch(self) -> dict[str, Any]:
        """All are archived in order but one that a question holds back, which follows when it is answered."""
        some = self._sorting(BATCH + 20)
        held = some[7]
        blocked = QuestionRow(
            self.case.new_id(), self.case.case_id, held.id, "KD-G101", {}, blocking=True, raised=clock()
        )
        guard_all(self.case, Question, [blocked])
        insert_rows(Question, [blocked])
        done = self._archive()
        waits = Record.objects.get(id=held.id).state
        Question.objects.filter(id=blocked.id).delete()
        followed = self._archive([held.id])
        records = {one.id: one for one in Record.objects.filter(id__in=[row.id for row in some])}
        numbers = self._numbers([records[one.id] for one in some if one.id != held.id])
        return {
            "done": done - BATCH,
            "waits": waits,
            "followed": followed,
            "states": sorted({one.state for one in records.values()}),
            "foreign_macs": sum(mac_of(self.case, one) != bytes(one.mac) for one in records.values()),
            "reckoned_otherwise": sum(map(self._reckoned_otherwise, records.values())),
            "in_order": numbers == sorted(numbers),
            "faults": self._faults(),
            "told": self._told(records),
        }

    def edited(self) -> dict[str, Any]:
        """One row among many is edited: nothing of its batch is archived, whatever the row says now."""
        some = self._sorting(30)
        edits: dict[str, dict[str, Any]] = {
            "class": {"record_class": "nonsense"},
            "size": {"padded_bytes": F("padded_bytes") + 1},
            "day": {"record_date": date(1999, 1, 1)},
            "found": {"finding_counts": {"invoice_number": 1}},
            "mac": {"mac": b"\0" * 32},
        }
        found: dict[str, Any] = {}
        for name, edit in edits.items():
            size = LedgerHead.objects.get(case_id=self.case.case_id).size
            row = Record.objects.filter(id=some[20].id)
            before = row.values(*edit).get()
            row.update(**edit)
            found[name] = code_of(self._archive)
            row.update(**before)
            if LedgerHead.objects.get(case_id=self.case.case_id).size != size:
                found[name] = "leaves"
        return {"refused": found, "afterwards": self._archive()}

    def reviewed(self) -> dict[str, Any]:
        """More than one leaf can name are sent to review together."""
        set_review(self.archives["lin"], "second-person", now=clock())
        some = self._sorting(1_030)
        done = self._archive()
        records = Record.objects.filter(id__in=[one.id for one in some])
        leaves = list(leaves_of(self.case.case_id, "sent-to-review"))
        return {
            "done": done,
            "states": sorted({one.state for one in records}),
            "numbered": records.exclude(reference_code=None).count(),
            "foreign_macs": sum(mac_of(self.case, one) != bytes(one.mac) for one in records),
            "named": [len(leaf["objects"]) for leaf in leaves],
        }

    def _sorting(self, count: int) -> list[RecordRow]:
        """New records in sorting, in the order of their numbers, that differ in what a period goes by."""
        like = list(read_records(Record.objects.filter(state="archived").order_by("first_order")[:8]))
        known = Record.objects.count()
        days = cycle([None, *(date(2021, 12, 20) + timedelta(days=7 * week) for week in range(5))])
        rows = [
            replace(
                one,
                id=self.case.new_id(),
                state="sorting",
                fingerprint=os.urandom(16),
                first_order=b"\xff" + (known + place).to_bytes(4),
                record_class=("contract", "transaction", "other")[place // 4 % 3],
                record_date=day,
                sensitivity=("general", "sensitive-personal")[place % 2],
                finding_counts={} if place % 3 else {"invoice_number": place},
                reference_code=None,
                archived=None,
                retention_rule="",
                retention_until=None,
                retention_kind="",
                reckoning={},
            )
            for place, (one, day) in enumerate(islice(zip(cycle(like), days, strict=False), count))
        ]
        guard_records(self.case, rows)
        insert_rows(Record, rows)
        return rows

    def _archive(self, only: list[str] | None = None) -> int:
        self.case.case.refresh_from_db()
        return archive_records(self.case, progress=Silent(), clock=clock, only=only)

    def _reckoned_otherwise(self, record: Record) -> bool:
        """Whether the row holds another reckoning than that of this record alone, or a number of another series."""
        archived = record.archived
        assert archived is not None
        today = archived.astimezone(ZoneInfo(self.case.case.time_zone)).date()
        alone = reckoning_of(self.case, record, received_on=today, today=today)
        series = series_of(self.case, record, alone.period, today)
        code = record.reference_code or ""
        return reckoning_to_json(alone) != record.reckoning or not code.startswith(f"{series}-")

    def _numbers(self, records: list[Record]) -> list[tuple[str, int]]:
        """Series and number of each, one series after the other and in each as the records stand."""
        parts = [(one.reference_code or "").rpartition("-") for one in records]
        return sorted(((series, int(number)) for series, _, number in parts), key=itemgetter(0))

    def _faults(self) -> int:
        given = Record.objects.values_list("reference_code", flat=True)
        return len(
            check_codes(
                [code for code in given if code], scheme=shipped_scheme(), fonds=self.case.case.fonds_code
            )
        )

    def _told(self, records: dict[str, Record]) -> dict[str, int]:
        """How many leaves of each act say of each record what its row says."""
        acts = {"reckoned": 0, "archived": 0}
        for act in acts:
            for leaf in leaves_of(self.case.case_id, act):
                record = records.get(leaf["objects"][0].partition(":")[2])
                if record is not None:
                    said = leaf["facts"].get("reference_code", record.reference_code)
                    acts[act] += said == record.reference_code
        return {act: count - len(records) for act, count in acts.items()}


if __name__ == "__main__":
    play(ArchivingScenes)
