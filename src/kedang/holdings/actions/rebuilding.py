"""Rows of an older snapshot brought up to date with destructions since: in part, restricted, or underway.

A record that has lost rows has a new key, so that nothing of an older snapshot's row opens. What is left of it lies
in a pack of its own with everything that the row needs (docs/formats/home.md section 7), and takes its place as it
did at the switch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from kedang.holdings.actions.correcting import columns_of
from kedang.holdings.actions.epochs import DONE
from kedang.holdings.actions.restoring_row_sets import restore_sets
from kedang.holdings.actions.taking_over import Sealed, ask_about_rest, describe_rest, forget_places, point
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, key_of
from kedang.holdings.adapters.decisions import wordless_anew
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.errors import PackNotWhole
from kedang.holdings.intake.rows import OCCURRENCE_SEALED
from kedang.holdings.models import Case, EpochChange, Link, Occurrence, Order, Ordered, Pack, Record
from kedang.holdings.queries.agreeing import leaves_of
from kedang.holdings.queries.destruction import RESTRICTED
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.pack import pack_name, read_blob, read_index, stored_bytes, stored_packs
from kedang.vault.store import BlobStore


def rebuild(archive: Archive, store: BlobStore, records: Sequence[str], *, now: datetime) -> list[Event]:
    """What is left of these records in their rows; the questions that are asked about it.

    Raises:
        PackNotWhole: the copy lacks what is left of one of them.
    """
    events: list[Event] = []
    wanted = {row.id: row for rows in with_ids(Record, records) for row in rows}
    for rest in _found(archive, store, wanted):
        record = wanted.pop(rest.said["record"])
        _keep_pack(archive, store, rest.pack, now=now)
        _name_places(archive, record, rest)
        point(archive, record, rest)
        describe_rest(archive, record, rest.said)
        events += ask_about_rest(archive, record, rest.said, now=now)
        forget_places(archive, record)
        wordless_anew(archive, record, columns_of(record))
        if rest.said.get("retired"):
            keep = partial(_keep_pack, archive, store, now=now)
            restore_sets(archive, store, record, rest, keep, now=now)
        record.mac = mac_of(archive, record)
        record.save()
    if wanted:
        raise PackNotWhole(records=len(wanted))
    return events


def _found(archive: Archive, store: BlobStore, wanted: dict[str, Record]) -> Iterator[Sealed]:
    """What is left of each wanted record, of several orders the last: the only one that its key opens.

    Packs that the snapshot does not know come first; there it lies unless the order was underway at that time.
    """
    known = set(Pack.objects.filter(case_id=archive.case_id).values_list("id", flat=True))
    for pack in sorted(stored_packs(store) if wanted else (), key=lambda one: one in known):
        if not wanted:
            return
        try:
            entries = read_index(store, pack, archive.case_id)
        except KedangError:
            continue  # that it is damaged is said when it is fetched
        for entry in entries:
            if entry.role is not Role.DESCRIPTION or entry.record not in wanted:
                continue
            record = wanted[entry.record]
            key, binding = key_of(archive, record), Binding(archive.case_id, record.id, Role.DESCRIPTION)
            try:
                said = json.loads(open_bytes(key, read_blob(store, entry.pointer), binding=binding))
            except KedangError:
                continue  # of an earlier order, whose key has ended too
            yield Sealed(pack, record.key_page, key, said | {"record": record.id})


def _keep_pack(archive: Archive, store: BlobStore, pack: str, *, now: datetime) -> None:
    """The row of a pack, unless the snapshot has it."""
    blobs = len(read_index(store, PackId(pack), archive.case_id))
    size = store.size(pack_name(PackId(pack))) - stored_bytes(0, blobs)
    row = Pack.objects.filter(id=pack).first()
    if row is not None:
        rewrite(archive, [row], state="kept", size_bytes=size, blobs=blobs)
        return
    row = Pack(id=pack, case_id=archive.case_id, state="kept", lease_until=now, size_bytes=size, blobs=blobs)
    guarded(archive, row).save(force_insert=True)


def _name_places(archive: Archive, record: Record, rest: Sealed) -> None:
    """The names of its places under its key; one that came after the order was given has its title only."""
    title = rest.said["title"]
    unknown: dict[str, Any] = {
        "names": {"raw": title.encode().hex(), "name": title, "modified": "", "desk": ""}
    }
    for place in Occurrence.objects.filter(case_id=archive.case_id, record=record):
        told = rest.said["places"].get(place.id, unknown)
        place.sealed = archive.seal(rest.key, place.id, OCCURRENCE_SEALED, told["names"])
        if told is not unknown:
            place.place_fingerprint = bytes.fromhex(told["place"])
            place.stat_fingerprint = bytes.fromhex(told["stat"])
        place.desk_fingerprint = bytes.fromhex(told.get("desk", ""))
        guarded(archive, place).save()


def catch_up(archive: Archive, ledger_size: int) -> None:
    """What the leaves beyond the snapshot's ledger say of records that live: restricted, or less their customers."""
    case = archive.case_id
    for leaf in leaves_of(case, "restricted"):
        if leaf["n"] >= ledger_size and "rows" not in leaf["facts"]:
            record = Record.objects.filter(case_id=case, id=_object(leaf, "record")).first()
            if record is not None and record.state != DESTROYED:
                record.state = RESTRICTED
                record.mac = mac_of(archive, record)
                record.save(update_fields=["state", "mac"])
    for leaf in leaves_of(case, "rows-destroyed"):
        if leaf["n"] >= ledger_size:
            customers = [one.partition(":")[2] for one in leaf["objects"] if one.startswith("customer:")]
            links = Link.objects.filter(case_id=case, record_id=_object(leaf, "record"))
            links.filter(customer_id__in=customers).delete()


def _object(leaf: dict[str, Any], kind: str) -> str:
    return next(str(one).partition(":")[2] for one in leaf["objects"] if one.startswith(f"{kind}:"))


def settle_changes(archive: Archive, *, now: datetime) -> None:
    """No change of the epoch is underway: the ring of today is of after it, or of before it and it never was."""
    epoch = Case.objects.values_list("epoch", flat=True).get(id=archive.case_id)
    for change in EpochChange.objects.filter(case_id=archive.case_id, finished=None):
        if change.to_epoch <= epoch:
            rewrite(archive, [change], step=DONE, finished=now)
            continue
        Ordered.objects.filter(order__change=change).delete()
        Order.objects.filter(change=change).delete()
        change.delete()
