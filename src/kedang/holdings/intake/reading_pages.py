"""The third pass: pages without text are read by recognition, and their records appraised again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_payload, item_of, key_of
from kedang.holdings.intake.receiver import Receiver
from kedang.holdings.models import Record
from kedang.pipeline.derived import decode
from kedang.pipeline.messages import OcrRequest
from kedang.pipeline.pool import Pool
from kedang.pipeline.processes import WorkerProcess

BATCH = 200
SECONDS_PER_RECORD = 180.0
SECONDS_PER_PAGE = 30.0


@dataclass(slots=True)
class ReadingPages:
    """Recognition for every record that waits for it."""

    archive: Archive
    receiver: Receiver
    spawn: Callable[[], WorkerProcess] = field(repr=False)
    process_key: bytes = field(repr=False)

    def run(self, workers: int, progress: Progress) -> None:
        """Read until no record of the case waits any more."""
        waiting = Record.objects.filter(case_id=self.archive.case_id, awaits_ocr=True)
        total = waiting.count()
        if not total:
            return
        progress.stage("read-pages", total)
        pool = Pool(self.spawn, min(workers, total), recycle_after=500)
        try:
            while batch := list(waiting.order_by("first_order")[:BATCH]):
                self._read(batch, pool, progress)
        finally:
            pool.close()

    def _read(self, batch: list[Record], pool: Pool, progress: Progress) -> None:
        most_pages = max(record.pages or 1 for record in batch)
        seconds = SECONDS_PER_RECORD + SECONDS_PER_PAGE * most_pages
        outcomes = pool.read_pages(self._requests(batch), seconds=seconds)
        for record, examined in zip(batch, outcomes, strict=True):
            self.receiver.seconds.add(examined.seconds)
            self.receiver.reread(record, key_of(self.archive, record), examined)
            progress.advance(1, 0)
        self.receiver.flush()

    def _requests(self, batch: list[Record]) -> Iterator[OcrRequest]:
        for ticket, record in enumerate(batch, start=1):
            payload = derived_payload(self.archive, record)
            derived = decode(payload)
            item = item_of(
                self.archive,
                record,
                ticket=ticket,
                name=derived.name,
                folders=derived.folders,
                process_key=self.process_key,
                spools=self.archive.home.work,
            )
            yield OcrRequest(item=item, derived=payload)
