"""Mending what a verification found, from copies, from the newest snapshot, or by making it again.

Nothing is replaced before what takes its place has been read and found good: packs by their digests, key pages and
snapshots by opening them, leaves by the signed head that they lead to, rows by their MAC. The damaged object is then
removed; nothing of it is worth keeping beside a whole one. Blocks of rows that no copy has whole are removed too, so
that no further snapshot refers to them. A row is not set back to a state that the ledger has gone
beyond. What cannot be mended is named with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from kedang.access.part import remove_part
from kedang.holdings.actions.healing_ledger import heal_ledger
from kedang.holdings.actions.healing_rows import heal_rows
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.snapshotting import newest_snapshot
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore
from kedang.holdings.adapters.kept_snapshots import BLOCKS, is_whole
from kedang.holdings.intake.indexing import index_records, part_path
from kedang.holdings.models import EpochChange, IndexPart, KeyPage, Record, Snapshot
from kedang.holdings.queries.faults import INDEX_INCOMPLETE, ROW_ALTERED, Fault, Verification
from kedang.holdings.queries.stored_objects import check_part, holders_of_page, read_outline
from kedang.ledger.leaves import Event
from kedang.preservation.errors import SnapshotIncomplete
from kedang.preservation.fixity import healing_copies
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.errors import ObjectMissing, PackDamaged
from kedang.vault.pack import verify_pack
from kedang.vault.store import BlobStore, stored_pieces

OBJECTS = ("packs", ring.KIND, BLOCKS, "snapshots")
LEDGER = ("ledgerleaf", "ledgernode", "ledgerhead")
BOOKS = ("books/ledger",)
NAMED = 200  # ids in one leaf

NO_COPY = "no-good-copy"
NOT_MENDABLE = "needs-restore"


@dataclass(slots=True)
class Healing:
    """What was mended and what was not."""

    mended: list[str] = field(default_factory=list)
    """Names of things."""
    left: list[tuple[str, str]] = field(default_factory=list)
    """Name and reason: no-good-copy, changed-since-snapshot, not-in-snapshot, needs-restore, keys-changing."""

    def settle(self, found: Verification) -> None:
        """What a verification afterwards still finds was not mended; what it does not find needs no mending."""
        still = {fault.name or fault.subject for fault in found.faults}
        reasons = dict(self.left)
        self.left = [(name, reasons.get(name, NOT_MENDABLE)) for name in sorted(still)]
        self.mended = [name for name in dict.fromkeys(self.mended) if name not in still]

    def to_json(self) -> dict[str, object]:
        """The outcome for a program."""
        return {
            "healed": self.mended,
            "not_healed": [{"object": name, "reason": reason} for name, reason in self.left],
        }


def heal(
    archive: Archive,
    found: Verification,
    copies: Sequence[CopyStore],
    *,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Healing:
    """Mend everything that was found and can be mended; each thing by itself, so that it may be broken off."""
    healing = Healing()
    reached = [copy for copy in copies if copy.answers()]
    names = list(dict.fromkeys(fault.name or fault.subject for fault in found.faults))
    if EpochChange.objects.filter(case_id=archive.case_id, finished=None).exists():
        healing.left = [(name, "keys-changing") for name in names]
        return healing
    progress.stage("heal", len(names))
    for name in (name for name in names if name.partition("/")[0] in OBJECTS):
        _heal_object(archive, name, reached, healing)
        progress.advance(1, 0)
    _heal_ledger(archive, names, reached, healing)
    _heal_rows(archive, names, found.faults, reached, healing)
    _heal_index(archive, found.faults, healing, progress=progress)
    _note(archive, healing, now=clock())
    return healing


def with_copies(faults: Iterable[Fault], copies: Iterable[CopyStore]) -> list[Fault]:
    """The faults, each object among them with the copies that hold it; whoever mends looks whether it is whole."""
    told = list(faults)
    kinds = {fault.name.partition("/")[0] for fault in told} & set(OBJECTS)
    there: dict[str, dict[str, int]] = {}
    for copy in copies if kinds else ():
        if copy.answers():
            there[copy.id] = {name: size for kind in kinds for name, size in copy.sizes(kind).items()}
    return [replace(fault, copies=healing_copies(fault.name, None, there)) for fault in told]


def _heal_object(archive: Archive, name: str, copies: Iterable[CopyStore], healing: Healing) -> None:
    """Bring an object from the first copy where it is whole."""
    for copy in copies:
        try:
            require_whole(archive, copy.store, name)
            archive.store.delete(name)
            with archive.store.create(name) as sink:
                for piece in stored_pieces(copy.store, name, copy.store.size(name)):
                    sink.write(piece)
            require_whole(archive, archive.store, name)
        except (KedangError, KeyError, OSError):
            continue
        archive.keyring.forget_pages()
        healing.mended.append(name)
        return
    if name.startswith(f"{ring.KIND}/") and _found_elsewhere(archive, name):
        healing.mended.append(name)
        return
    if name.startswith(f"{BLOCKS}/"):
        archive.store.delete(name)  # no snapshot refers to it again: the next backup writes these rows anew
    healing.left.append((name, NO_COPY))


def _found_elsewhere(archive: Archive, name: str) -> bool:
    """Whether a page's row named a wrong object, and the right one is in the ring: it has the page's holders."""
    case = archive.case_id
    row = KeyPage.objects.filter(case_id=case, stored=name.partition("/")[2]).first()
    if row is None:
        return False
    holders = holders_of_page(archive, row.id)
    named = set(KeyPage.objects.filter(case_id=case).values_list("stored", flat=True))
    for page in [one for one in ring.stored_pages(archive.store) if one not in named]:
        with suppress(KedangError, KeyError):
            epoch = ring.page_epoch(archive.store.read(ring.page_name(page)))
            key = archive.epoch_keys[epoch]
            keys = ring.read_page(archive.store, key, page=page, case=case, epoch=epoch).keys
            if holders & keys.keys():
                KeyPage.objects.filter(id=row.id).update(stored=page, epoch=epoch, entries=len(keys))
                archive.keyring.forget_pages()
                return True
    return False


def _heal_count(archive: Archive, page: str) -> bool:
    """Whether the number of a page's keys stands right in its row again."""
    row = KeyPage.objects.get(case_id=archive.case_id, id=page)
    for epoch, key in archive.epoch_keys.items():
        with suppress(KedangError):
            one = KeyPageId(row.stored)
            keys = ring.read_page(archive.store, key, page=one, case=archive.case_id, epoch=epoch).keys
            KeyPage.objects.filter(id=row.id).update(epoch=epoch, entries=len(keys))
            archive.keyring.forget_pages()
            return True
    return False


def require_whole(archive: Archive, store: BlobStore, name: str) -> None:
    """Nothing when every byte of a stored object is as it was written.

    Raises:
        ObjectMissing: it is not there, or is no object of this case.
        PackDamaged, KeyPageDamaged …: what it says.
    """
    kind, _, one = name.partition("/")
    case = archive.case_id
    if kind == "packs":
        if verify_pack(store, PackId(one), case):
            raise PackDamaged(pack=one)
        return
    if kind == ring.KIND:
        page = KeyPage.objects.filter(case_id=case, stored=one).first()
        if page is None:
            raise ObjectMissing(name=name)
        ring.read_page(
            store, archive.epoch_keys[page.epoch], page=KeyPageId(one), case=case, epoch=page.epoch
        )
        return
    if kind == BLOCKS:
        _require_whole_blocks(archive, store, one)
        return
    row = Snapshot.objects.filter(case_id=case, id=one, dropped=None).first()
    if row is None:
        raise ObjectMissing(name=name)
    read_outline(archive, row, store)


def _require_whole_blocks(archive: Archive, store: BlobStore, one: str) -> None:
    """Nothing when the newest snapshot vouches for every byte of an object of blocks."""
    row = newest_snapshot(archive.case_id)
    known = read_outline(archive, row, archive.store).objects if row else ()
    if not any(entry.id == one and is_whole(store, entry) for entry in known):
        raise SnapshotIncomplete(object=one)


def _heal_ledger(
    archive: Archive, names: Sequence[str], copies: Sequence[CopyStore], healing: Healing
) -> None:
    damaged = [name for name in names if name.partition("/")[0] in LEDGER or name in BOOKS]
    if not damaged:
        return
    if heal_ledger(archive, [copy.store for copy in copies]):
        healing.mended += damaged
    else:
        healing.left += [(name, NO_COPY) for name in damaged]


def _heal_rows(
    archive: Archive,
    names: Sequence[str],
    faults: Sequence[Fault],
    copies: Sequence[CopyStore],
    healing: Healing,
) -> None:
    rows = list(dict.fromkeys(fault.name for fault in faults if fault.code == ROW_ALTERED and fault.name))
    for name in (name for name in names if name.startswith("keypage/")):
        if _heal_count(archive, name.partition("/")[2]):
            healing.mended.append(name)
    if rows:
        stores = [archive.store, *(copy.store for copy in copies)]
        for name, reason in heal_rows(archive, rows, stores).items():
            if reason:
                healing.left.append((name, reason))
            else:
                healing.mended.append(name)


def _heal_index(
    archive: Archive,
    faults: Sequence[Fault],
    healing: Healing,
    *,
    progress: Progress,
) -> None:
    """Parts that are not whole go; their records are indexed again."""
    named = [fault.name for fault in faults if fault.code == INDEX_INCOMPLETE]
    if not named:
        return
    case = archive.case_id
    for row in IndexPart.objects.filter(case_id=case):
        found = Verification()
        check_part(archive, row, found)
        if found.faults:
            with transaction.atomic():
                records = Record.objects.filter(case_id=case, indexed_part=row.id)
                records.update(indexed_part=None, indexed_row=None)
                row.delete()
            remove_part(part_path(archive, row.file))
    there = IndexPart.objects.filter(case_id=case).values("id")
    astray = Record.objects.filter(case_id=case).exclude(indexed_part__in=there)
    astray.update(indexed_part=None, indexed_row=None)
    Record.objects.filter(case_id=case, indexed_part=None).update(indexed_row=None)
    index_records(archive, progress=progress)
    healing.mended += named


def _note(archive: Archive, healing: Healing, *, now: datetime) -> None:
    if not healing.mended or any(name.startswith(LEDGER) for name, _ in healing.left):
        return  # nothing is written into a ledger that does not lead to its signed head
    kinds = {"packs": "pack", ring.KIND: "page", "snapshots": "snapshot", "index": "index-part"}
    newest = newest_snapshot(archive.case_id)
    names = [
        f"snapshots/{newest.id}" if newest and name.startswith(f"{BLOCKS}/") else name
        for name in healing.mended
    ]  # blocks are told as the snapshot that they belong to
    objects: list[str] = []
    for kind, said in kinds.items():
        some = [name.partition("/")[2] for name in dict.fromkeys(names) if name.startswith(f"{kind}/")]
        objects += [f"{said}:{one}" for one in some]
    rows = sum(name.partition("/")[0] not in (*kinds, *LEDGER) for name in names)
    leaves = sum(name.startswith(LEDGER) for name in healing.mended)
    facts = {"objects": len(objects), "rows": rows, "leaves": leaves, "left": len(healing.left)}
    with transaction.atomic():
        event = Event(archive.agent, "healed", tuple(objects[:NAMED]), facts)
        book.write(archive.case_id, [event], now=now)
