"""Taking in one source, from its survey to numbered, indexed records. Resumes by itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from kedang.accession.names import readable_name
from kedang.accession.survey import SurveyRules
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.resolving import is_needed, resolve_customers
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.lister import Lister
from kedang.holdings.adapters.names import own_names, own_numbers
from kedang.holdings.adapters.sealer import Sealer
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.customer_errors import ResolvingFailed
from kedang.holdings.errors import SourceInsideHome
from kedang.holdings.intake.collecting import Collecting
from kedang.holdings.intake.memory import seldom_searched
from kedang.holdings.intake.ordering import put_in_order
from kedang.holdings.intake.reading_pages import ReadingPages
from kedang.holdings.intake.receiver import Receiver
from kedang.holdings.intake.seconds import Seconds
from kedang.holdings.intake.steps import receive_in_order
from kedang.holdings.intake.unpacking import Unpacking
from kedang.holdings.models import Accession, Source
from kedang.holdings.queries.balance import Balance, balance_of
from kedang.ledger.leaves import Event
from kedang.pipeline.messages import Examined, SealerSetup, WorkerSetup
from kedang.pipeline.pool import Pool
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.territory import NOTHING, Ground, ground_around

PARSER_MEMORY_BYTES = 4 * 1024**3  # of address space; a parser uses a quarter of it at rest
PATIENCE_SECONDS = 60  # of a message on its way to or from a parsing process
READER_MEMORY_BYTES = 0  # recognition engines map far more than they use


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """How a source is taken in."""

    source_name: str = ""
    desk: str = ""
    workers: int = 2
    name_model: bool = True
    understand: bool = True
    """False only keeps the bytes; what they are is found out later."""
    resolve: bool = True
    """Whether everybody who is named is compared at the end."""


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """How an intake ended."""

    balance: Balance
    unchanged: int
    bytes: int
    seconds: dict[str, float]
    resumed: bool
    resolved: bool
    """Whether everybody who is named has been compared."""


@dataclass(slots=True)
class _Engine:
    """The processes of one intake."""

    archive: Archive
    options: IntakeOptions
    process_key: bytes = field(repr=False)
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    ground: Ground = NOTHING
    """What a parsing process may read beside the work folder."""

    def worker(self, memory_bytes: int) -> Callable[[], WorkerProcess]:
        """How to start a parsing process."""
        work = self.archive.home.work
        setup = WorkerSetup(
            process_key=self.process_key,
            work_folder=str(work),
            own_names=self.names,
            own_numbers=self.numbers,
            name_model=self.options.name_model,
            understand=self.options.understand,
            max_memory_bytes=memory_bytes,
            sources=self.ground.readable,
            listed=self.ground.listed,
        )
        return lambda: WorkerProcess(
            "kedang.pipeline.worker",
            setup,
            home=work / "worker-home",
            patience_seconds=PATIENCE_SECONDS,
        )

    def sealer(self) -> Sealer:
        """The sealing process."""
        setup = SealerSetup(
            case_id=self.archive.case_id,
            vault_folder=str(self.archive.home.vault),
            process_key=self.process_key,
            suite=self.archive.suite.name,
        )
        return Sealer(setup, home=self.archive.home.work / "sealer-home")


@seldom_searched()
def intake(
    archive: Archive,
    root: Path,
    options: IntakeOptions,
    *,
    progress: Progress,
    clock: Callable[[], datetime],
) -> IntakeResult:
    """Take in everything at `root` that is new or changed, and put it in order.

    May be killed at any instant; the next call with the same root goes on where it was.

    Raises:
        SourceMissing, SourceInsideHome: nothing is there, or a part of the archive itself.
        DiskNearlyFull: what is committed stays, the rest waits.
    """
    _require_outside(archive, root)
    source = _source(archive, root, options, now=clock())
    accession, resumed = _accession(archive, source, now=clock())
    engine = _Engine(archive, options, archive.random_bytes(32), own_names(archive), own_numbers(archive))
    engine.ground = ground_around(os.fsencode(root.absolute()), map(os.fsencode, _own_places(archive)))
    sealer = engine.sealer()
    receiver = Receiver(archive, sealer, accession, archive.key(source.key_page, source.id), clock)
    try:
        collected = _receive(archive, accession, root, engine, receiver, progress)
        reader = engine.worker(READER_MEMORY_BYTES)
        ReadingPages(archive, receiver, reader, engine.process_key).run(options.workers, progress)
        put_in_order(archive, progress=progress, clock=clock, seconds=receiver.seconds)
    finally:
        sealer.end()
    _resolve(archive, options, receiver.seconds, progress, clock)
    return IntakeResult(
        balance=_close(archive, source, accession, now=clock()),
        unchanged=collected.unchanged + receiver.unchanged,
        bytes=collected.surveyed_bytes,
        seconds={stage: round(spent, 3) for stage, spent in receiver.seconds.items()},
        resumed=resumed,
        resolved=not is_needed(archive),
    )


def _require_outside(archive: Archive, root: Path) -> None:
    archive.home.require_room()
    if root.resolve().is_relative_to(archive.home.root.resolve()):
        raise SourceInsideHome()


def _resolve(
    archive: Archive,
    options: IntakeOptions,
    seconds: Seconds,
    progress: Progress,
    clock: Callable[[], datetime],
) -> None:
    """Compare who is named; what is taken in stays so when the comparing process dies, and is compared later."""
    if options.resolve:
        with seconds.timed("resolve"), suppress(ResolvingFailed):
            resolve_customers(archive, progress=progress, clock=clock)


def _receive(
    archive: Archive,
    accession: Accession,
    root: Path,
    engine: _Engine,
    receiver: Receiver,
    progress: Progress,
) -> Collecting:
    """Everything that lies in the source, then everything that lies in its containers."""

    def seen(examined: Examined) -> None:
        receiver.seconds.add(examined.seconds)
        progress.advance(1, examined.size_bytes)

    rules = SurveyRules(excluded=frozenset(map(_place, _own_places(archive))))
    collecting = Collecting(archive, accession, os.fsencode(root.absolute()), rules)
    pool = Pool(engine.worker(PARSER_MEMORY_BYTES), engine.options.workers)
    lister = Lister(engine.worker(PARSER_MEMORY_BYTES), spools=archive.home.work)
    try:
        progress.stage("collect", collecting.count() if progress.watched else None)
        receive_in_order(collecting.steps(), pool, receiver, seen=seen)
        receiver.flush()
        unpacking = Unpacking(archive, accession, receiver, lister, engine.process_key, archive.home.work)
        progress.stage("unpack", None)
        while level := unpacking.next_level():
            receive_in_order(unpacking.steps(level), pool, receiver, seen=seen)
            receiver.flush()
    finally:
        pool.close()
        lister.close()
    return collecting


def _own_places(archive: Archive) -> list[Path]:
    """What is not taken in, should it lie in the source: the archive and its keys."""
    return [archive.home.root, *archive.places.everything()]


def _place(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _source(archive: Archive, root: Path, options: IntakeOptions, *, now: datetime) -> Source:
    """The source at this place, registered if it is new."""
    mark = archive.recogniser().source(os.fsencode(root.absolute()))
    known = Source.objects.filter(case_id=archive.case_id, place_fingerprint=mark).first()
    if known is not None:
        return known
    key = archive.new_key()
    source_id = archive.new_id()
    pages = archive.write_pages({source_id: key})
    said = {
        "name": options.source_name or root.absolute().name,
        "desk": options.desk,
        "path": readable_name(os.fsencode(root.absolute())),
    }
    kind = "folder" if root.is_dir() else "file"
    with transaction.atomic():
        archive.keep_pages(pages)
        last = Source.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
        source = Source(
            id=source_id,
            case_id=archive.case_id,
            ordinal=(last or 0) + 1,
            state="outstanding",
            place_fingerprint=mark,
            key_page=pages[source_id].id,
            sealed=archive.seal(key, source_id, "source.sealed", said),
        )
        guarded(archive, source).save(force_insert=True)
        event = Event(archive.agent, "source-registered", (f"source:{source_id}",), {"kind": kind})
        book.write(archive.case_id, [event], now=now)
    return source


def _accession(archive: Archive, source: Source, *, now: datetime) -> tuple[Accession, bool]:
    """The open accession of a source, or a new one; whether it was open already."""
    case = archive.case_id
    waiting = Accession.objects.filter(case_id=case, source=source, closed=None).first()
    if waiting is not None:
        rewrite(archive, [waiting], resumed=True)
        return waiting, True
    with transaction.atomic():
        last = Accession.objects.filter(case_id=case).aggregate(last=Max("ordinal"))["last"]
        accession = Accession(
            id=archive.new_id(), case_id=case, source=source, ordinal=(last or 0) + 1, opened=now
        )
        guarded(archive, accession).save(force_insert=True)
        objects = (f"accession:{accession.id}", f"source:{source.id}")
        book.write(case, [Event(archive.agent, "accession-opened", objects, {})], now=now)
    return accession, False


def _close(archive: Archive, source: Source, accession: Accession, *, now: datetime) -> Balance:
    """The last step: the balance goes into the ledger and the accession is closed."""
    balance = balance_of(archive.case_id, accession.id)
    facts = {
        "received": balance.received,
        "kept": balance.kept,
        "refused": sum(balance.refused.values()),
        "open": balance.open,
    }
    with transaction.atomic():
        rewrite(archive, [accession], closed=now)
        rewrite(archive, [source], state="collected")
        objects = (f"accession:{accession.id}",)
        event = Event(archive.agent, "accession-closed", objects, facts)
        book.write(archive.case_id, [event], now=now)
    sign_head(archive, now=now)
    return balance
