"""Registering copies of the archive, their schedule, and giving them up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import (
    MARK,
    CopyStore,
    lies_beside,
    mark_of,
    marked_copy,
    open_copies,
    store_of,
)
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.names import source_names
from kedang.holdings.errors import CopyMisplaced, CopyPlaceTaken, CopyTwice
from kedang.holdings.models import Copy, Source
from kedang.ledger.leaves import Event
from kedang.vault.errors import ObjectExists, ObjectMissing
from kedang.vault.object_store import ObjectStore
from kedang.vault.store import BlobStore

DEFAULT_DAYS = 7
OF_NO_ONE = frozenset({"lost+found", "copy"})  # of a file system just made; of a mark that was broken off
KINDS = ("packs", "ring", "leaves", "blocks", "snapshots")


def register_copy(
    archive: Archive,
    kind: str,
    said: Mapping[str, str],
    *,
    every_days: int = DEFAULT_DAYS,
    bytes_per_second: int = 0,
    clock: Callable[[], datetime],
) -> Copy:
    """A new copy, marked as this one at its place before the row exists.

    A copy of this case that was given up, or whose registration was broken off, is taken up again.

    Raises:
        CopyMisplaced: it would lie in or around what it must not be lost, taken in or stolen with.
        CopyTwice: the place is a registered copy already.
        CopyPlaceTaken: something else lies there.
        StoreUnsuitable: the bucket does not keep its promises.
        StoreUnavailable: it is not reached.
    """
    folder = Path(said["path"]) if kind == "folder" else None
    if folder is not None:
        _require_well_placed(archive, folder)
    copy_id, now = _marked(archive, store_of(kind, said), folder), clock()
    with transaction.atomic():
        last = Copy.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
        row = Copy(
            id=copy_id,
            case_id=archive.case_id,
            ordinal=(last or 0) + 1,
            kind=kind,
            registered=now,
            beside_home=folder is not None and lies_beside(folder, archive.home.root),
            sealed=archive.seal(archive.case_key(), copy_id, "copy.sealed", said),
            every_days=every_days,
            bytes_per_second=bytes_per_second,
        )
        guarded(archive, row).save(force_insert=True)
        book.write(archive.case_id, [_registered(archive, row)], now=now)
    return row


def _registered(archive: Archive, row: Copy) -> Event:
    return Event(archive.agent, "copy-registered", (f"copy:{row.id}",), {"kind": row.kind})


def reschedule_copy(
    archive: Archive,
    copy: CopyStore,
    *,
    every_days: int,
    bytes_per_second: int,
    clock: Callable[[], datetime],
) -> None:
    """Another schedule and another limit for a registered copy."""
    facts: dict[str, str | int] = {"every_days": every_days, "bytes_per_second": bytes_per_second}
    with transaction.atomic():
        rows = Copy.objects.select_for_update().filter(id=copy.id)
        rewrite(archive, rows, every_days=every_days, bytes_per_second=bytes_per_second)
        event = Event(archive.agent, "copy-rescheduled", (f"copy:{copy.id}",), facts)
        book.write(archive.case_id, [event], now=clock())


def give_up_copy(archive: Archive, copy: CopyStore, *, clock: Callable[[], datetime]) -> None:
    """Forget a registered copy. What lies in it stays there, sealed and marked: it can be taken up again."""
    with transaction.atomic():
        Copy.objects.filter(id=copy.id).delete()
        event = Event(archive.agent, "copy-removed", (f"copy:{copy.id}",), {"kind": copy.row.kind})
        book.write(archive.case_id, [event], now=clock())


def _require_well_placed(archive: Archive, path: Path) -> None:
    for beside, other in _kept_apart(archive):
        if path.is_relative_to(other) or other.is_relative_to(path):
            raise CopyTwice() if path == other and beside == "copy" else CopyMisplaced(beside=beside)


def _kept_apart(archive: Archive) -> Iterator[tuple[str, Path]]:
    """What a copy must lie neither in nor around."""
    yield "home", archive.home.root.resolve()
    for place in (*archive.places.sheets, archive.places.secrets):
        yield "keys", place.resolve()
    for copy in open_copies(archive):
        if copy.row.kind == "folder":
            yield "copy", Path(copy.said["path"])
    for source in Source.objects.filter(case_id=archive.case_id):
        yield "source", Path(source_names(archive, source).path).resolve()


def _marked(archive: Archive, store: BlobStore, folder: Path | None) -> str:
    """The id of the copy at a place, which is free or of this case; it is marked afterwards."""
    try:
        found = marked_copy(archive, store.read(MARK))
    except ObjectMissing:
        return _newly_marked(archive, store, folder)
    if found is None:
        raise CopyPlaceTaken(marked=True)
    if Copy.objects.filter(id=found).exists():
        raise CopyTwice(copy=found)
    return found


def _newly_marked(archive: Archive, store: BlobStore, folder: Path | None) -> str:
    _require_free(store, folder)
    if isinstance(store, ObjectStore):
        store.probe()
    copy_id = archive.new_id()
    try:
        store.put(MARK, mark_of(archive, copy_id))
    except ObjectExists as error:
        raise CopyPlaceTaken(marked=True) from error
    return copy_id


def _require_free(store: BlobStore, folder: Path | None) -> None:
    """Nothing where nobody's things lie."""
    if folder is not None:
        if folder.is_dir() and {entry.name for entry in folder.iterdir()} - OF_NO_ONE:
            raise CopyPlaceTaken(marked=False)
        if not folder.parent.is_dir() or (folder.exists() and not folder.is_dir()):
            raise CopyPlaceTaken(marked=False, parent=False)
    for kind in KINDS:
        if next(iter(store.names(kind)), None) is not None:
            raise CopyPlaceTaken(marked=False)
