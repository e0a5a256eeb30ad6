"""Taking in one source, from its survey to numbered, indexed records. Resumes by itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from kedang.accession.survey import SurveyRules
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.resolving import is_needed, resolve_customers
from kedang.holdings.actions.sources import COLLECTED, KINDS, OUTSTANDING, Described, source_at
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.column_meanings import Words, words_of_source
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
from kedang.holdings.intake.origins import FolderOrigin, Origin
from kedang.holdings.intake.reading_pages import ReadingPages
from kedang.holdings.intake.receiver import Receiver
from kedang.holdings.intake.seconds import Seconds
from kedang.holdings.intake.steps import receive_in_order
from kedang.holdings.intake.unpacking import Unpacking
from kedang.holdings.models import Accession, Gate, Source, Upload
from kedang.holdings.queries.balance import Balance, balance_of
from kedang.ledger.leaves import Event
from kedang.pipeline.messages import Examined, WorkerSetup
from kedang.pipeline.pool import Pool
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.sealing_messages import SealerSetup
from kedang.pipeline.territory import ground_around

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
    source: str = ""
    """Id of a registered source that has no place yet; empty: the source at the place, new if it is not known."""


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
    origin: Origin
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    columns: Words = ()
    """What persons have said of the columns of the source."""

    def worker(self, memory_bytes: int) -> Callable[[], WorkerProcess]:
        """How to start a parsing process."""
        work = self.archive.home.work
        setup = WorkerSetup(
            process_key=self.origin.process_key,
            work_folder=str(work),
            own_names=self.names,
            own_numbers=self.numbers,
            name_model=self.options.name_model,
            understand=self.options.understand,
            max_memory_bytes=memory_bytes,
            sources=self.origin.ground.readable,
            listed=self.origin.ground.listed,
            columns=self.columns,
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
            process_key=self.origin.process_key,
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
    described = Described(options.source_name, options.desk)
    source = source_at(archive, root, described, into=options.source, now=clock())
    place, own = os.fsencode(root.absolute()), _own_places(archive)
    origin = FolderOrigin(
        place,
        SurveyRules(excluded=frozenset(map(_place, own))),
        ground_around(place, map(os.fsencode, own)),
        archive.random_bytes(32),
    )
    accession, resumed = open_accession(archive, source, now=clock())
    return take_in(archive, origin, (accession, resumed), options, progress=progress, clock=clock)


@seldom_searched()
def take_in(
    archive: Archive,
    origin: Origin,
    begun: tuple[Accession, bool],
    options: IntakeOptions,
    *,
    progress: Progress,
    clock: Callable[[], datetime],
) -> IntakeResult:
    """What lies in an origin, into an accession that is open: new (False) or from an earlier run (True)."""
    accession, resumed = begun
    source = accession.source
    columns = words_of_source(archive, source.id)
    engine = _Engine(archive, options, origin, own_names(archive), own_numbers(archive), columns)
    sealer = engine.sealer()
    receiver = Receiver(archive, sealer, accession, archive.key(source.key_page, source.id), clock)
    try:
        collected = _receive(archive, accession, engine, receiver, progress)
        reader = engine.worker(READER_MEMORY_BYTES)
        ReadingPages(archive, receiver, reader, origin.process_key).run(options.workers, progress)
        put_in_order(archive, progress=progress, clock=clock, seconds=receiver.seconds)
    finally:
        receiver.end()
        sealer.end()
    resolved = _resolve(archive, options, receiver.seconds, progress, clock)
    return IntakeResult(
        balance=_close(archive, source, accession, now=clock()),
        unchanged=collected.unchanged + receiver.unchanged,
        bytes=collected.surveyed_bytes,
        seconds={stage: round(spent, 3) for stage, spent in receiver.seconds.items()},
        resumed=resumed,
        resolved=resolved,
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
) -> bool:
    """Compare who is named, and whether all are; what is taken in stays so when the comparing process dies, and is compared later."""
    if options.resolve:
        with seconds.timed("resolve"), suppress(ResolvingFailed):
            resolve_customers(archive, progress=progress, clock=clock)
            return True
    return not is_needed(archive)


def _receive(
    archive: Archive,
    accession: Accession,
    engine: _Engine,
    receiver: Receiver,
    progress: Progress,
) -> Collecting:
    """Everything that lies in the source, then everything that lies in its containers."""

    def seen(examined: Examined) -> None:
        receiver.seconds.add(examined.seconds)
        progress.advance(1, examined.size_bytes)

    collecting = Collecting(archive, accession, engine.origin)
    pool = Pool(engine.worker(PARSER_MEMORY_BYTES), engine.options.workers)
    lister = Lister(engine.worker(PARSER_MEMORY_BYTES), spools=archive.home.work)
    try:
        progress.stage("collect", collecting.count() if progress.watched else None)
        receive_in_order(collecting.steps(), pool, receiver, seen=seen)
        receiver.flush()
        unpacking = Unpacking(
            archive, accession, receiver, lister, engine.origin.process_key, archive.home.work
        )
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


def open_accession(archive: Archive, source: Source, *, now: datetime) -> tuple[Accession, bool]:
    """The open accession of a source, or a new one; whether it was open already."""
    case = archive.case_id
    given = Upload.objects.filter(case_id=case).values("accession")
    waiting = Accession.objects.filter(case_id=case, source=source, closed=None).exclude(id__in=given).first()
    if waiting is not None:
        rewrite(archive, [waiting], resumed=True)
        return waiting, True
    with transaction.atomic():
        return new_accession(archive, source, now=now), False


def new_accession(archive: Archive, source: Source, *, now: datetime) -> Accession:
    """A new accession of a source, in the caller's transaction; late when the gate of collecting is closed."""
    case = archive.case_id
    late = Gate.objects.filter(case_id=case, name="collecting").exists()
    last = Accession.objects.filter(case_id=case).aggregate(last=Max("ordinal"))["last"]
    accession = Accession(
        id=archive.new_id(), case_id=case, source=source, ordinal=(last or 0) + 1, opened=now, late=late
    )
    guarded(archive, accession).save(force_insert=True)
    objects = (f"accession:{accession.id}", f"source:{source.id}")
    facts = {"late": True} if late else {}
    book.write(case, [Event(archive.agent, "accession-opened", objects, facts)], now=now)
    return accession


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
        source.refresh_from_db()  # somebody may have signed for it meanwhile
        if (
            source.kind not in KINDS and source.state == OUTSTANDING
        ):  # what a person registered, a person signs for
            rewrite(archive, [source], state=COLLECTED)
        objects = (f"accession:{accession.id}",)
        event = Event(archive.agent, "accession-closed", objects, facts)
        book.write(archive.case_id, [event], now=now)
    sign_head(archive, now=now)
    return balance
