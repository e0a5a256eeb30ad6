"""Verification: rows, packs, keys, ledger, numbers and index, against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from kedang.catalogue.numbering import check_codes
from kedang.catalogue.scheme import shipped_scheme
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import head_of
from kedang.holdings.adapters.contents import derived_of, key_of, original_bytes
from kedang.holdings.adapters.names import occurrence_names, source_names
from kedang.holdings.adapters.signing import signed_heads, signer_of
from kedang.holdings.intake.indexing import is_whole
from kedang.holdings.intake.rows import mac_of
from kedang.holdings.models import (
    Customer,
    IndexPart,
    KeyPage,
    LedgerHead,
    LedgerLeaf,
    Occurrence,
    Pack,
    Record,
    Segment,
    Source,
)
from kedang.holdings.queries.agreeing import Tally, stated_by_leaf, stated_by_rows
from kedang.holdings.queries.balance import balance_of
from kedang.holdings.queries.description import customer_name
from kedang.ledger.verification import verify_ledger
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.pack import pack_name, read_index, verify_pack

BALANCE = "KD-H201"
ORPHAN_RECORD = "KD-H202"
ROW_ALTERED = "KD-H203"
KEY_MISSING = "KD-H204"
BLOB_MISSING = "KD-H205"
CONTENT_DIFFERS = "KD-H206"
LEDGER_BROKEN = "KD-H207"
INDEX_INCOMPLETE = "KD-H208"
NUMBER_FAULT = "KD-H209"
OCCURRENCE_LOOSE = "KD-H210"
NAME_ALTERED = "KD-H211"
ROWS_DISAGREE = "KD-H212"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: a code and the opaque id of what it concerns."""

    code: str
    subject: str


@dataclass(slots=True)
class Verification:
    """What was checked and what was found wrong."""

    records: int = 0
    packs: int = 0
    pages: int = 0
    leaves: int = 0
    unreferenced: int = 0
    """Packs and pages that a crash left; no fault."""
    faults: list[Fault] = field(default_factory=list)

    def add(self, code: str, subject: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(code, subject))

    def to_json(self) -> dict[str, Any]:
        """The outcome for a program."""
        return {
            "clean": not self.faults,
            "records": self.records,
            "packs": self.packs,
            "pages": self.pages,
            "leaves": self.leaves,
            "unreferenced": self.unreferenced,
            "faults": [{"code": fault.code, "subject": fault.subject} for fault in self.faults],
        }


def verify_case(archive: Archive, *, deep: bool, progress: Progress) -> Verification:
    """Everything wrong in a case. `deep` opens every byte; without it, ids and digests of objects only."""
    found = Verification()
    total = Record.objects.filter(case_id=archive.case_id).count()
    progress.stage("verify", total)
    blobs = _verify_packs(archive, found, deep=deep)
    _verify_pages(archive, found)
    _verify_occurrences(archive, found)
    for record in _records(archive):
        _verify_record(archive, record, blobs, found, deep=deep)
        progress.advance(1, record.padded_bytes)
    if deep:
        _verify_names(archive, found)
    _verify_numbers(archive, found)
    _verify_ledger(archive, found)
    for row in IndexPart.objects.filter(case_id=archive.case_id):
        if not is_whole(archive, row):
            found.add(INDEX_INCOMPLETE, row.id)
    return found


def _verify_names(archive: Archive, found: Verification) -> None:
    """Every sealed name opens: of occurrences, sources and customers."""
    case = archive.case_id
    occurrences = Occurrence.objects.filter(case_id=case).select_related("record", "source")
    for occurrence in occurrences.order_by("id").iterator(chunk_size=500):
        _open_names(found, occurrence.id, partial(occurrence_names, archive, occurrence))
    for source in Source.objects.filter(case_id=case):
        _open_names(found, source.id, partial(source_names, archive, source))
    for customer in Customer.objects.filter(case_id=case).order_by("id").iterator(chunk_size=500):
        _open_names(found, customer.id, partial(customer_name, archive, customer))


def _open_names(found: Verification, subject: str, read: Callable[[], object]) -> None:
    try:
        read()
    except (KedangError, KeyError):
        found.add(NAME_ALTERED, subject)


def _records(archive: Archive) -> Iterator[Record]:
    return Record.objects.filter(case_id=archive.case_id).order_by("id").iterator(chunk_size=500)


def _verify_packs(archive: Archive, found: Verification, *, deep: bool) -> dict[str, dict[int, int]]:
    """The blobs of every kept pack by offset; packs nobody has committed are counted, not faulted."""
    blobs: dict[str, dict[int, int]] = {}
    kept = set(Pack.objects.filter(case_id=archive.case_id, state="kept").values_list("id", flat=True))
    for pack_id in sorted(kept):
        found.packs += 1
        try:
            entries = read_index(archive.store, PackId(pack_id), archive.case_id)
        except KedangError as error:
            found.add(error.code, pack_id)
            continue
        blobs[pack_id] = {entry.pointer.offset: entry.pointer.length for entry in entries}
        if deep:
            for fault in verify_pack(archive.store, PackId(pack_id), archive.case_id):
                found.add(fault.code, pack_id)
    names = {pack_name(PackId(pack_id)) for pack_id in kept}
    found.unreferenced += sum(name not in names for name in archive.store.names("packs"))
    return blobs


def _verify_pages(archive: Archive, found: Verification) -> None:
    rows = dict(KeyPage.objects.filter(case_id=archive.case_id).values_list("id", "epoch"))
    stored = {name.partition("/")[2] for name in archive.store.names(ring.KIND)}
    found.pages = len(rows)
    for page, epoch in sorted(rows.items()):
        if page not in stored or epoch not in archive.epoch_keys:
            found.add(KEY_MISSING, page)
            continue
        epoch_key, case = archive.epoch_keys[epoch], archive.case_id
        try:
            ring.read_page(archive.store, epoch_key, page=KeyPageId(page), case=case, epoch=epoch)
        except KedangError as error:
            found.add(error.code, page)
    found.unreferenced += len(stored - rows.keys())


def _verify_occurrences(archive: Archive, found: Verification) -> None:
    """The books balance, and no row hangs loose."""
    if not balance_of(archive.case_id).holds:
        found.add(BALANCE, archive.case_id)
    case = archive.case_id
    loose = Occurrence.objects.filter(case_id=case, record=None).exclude(state="refused")
    for occurrence in loose.values_list("id", flat=True):
        found.add(OCCURRENCE_LOOSE, occurrence)
    orphans = Record.objects.filter(case_id=case).exclude(
        id__in=Occurrence.objects.filter(case_id=case).exclude(record=None).values("record_id")
    )
    for record in orphans.values_list("id", flat=True):
        found.add(ORPHAN_RECORD, record)


def _verify_record(
    archive: Archive,
    record: Record,
    blobs: dict[str, dict[int, int]],
    found: Verification,
    *,
    deep: bool,
) -> None:
    found.records += 1
    if mac_of(archive, record) != bytes(record.mac):
        found.add(ROW_ALTERED, record.id)
    try:
        key_of(archive, record)
    except (KedangError, KeyError):
        found.add(KEY_MISSING, record.id)
        return
    places = [(record.derived_pack, record.derived_offset, record.derived_length)]
    if record.segments:
        rows = Segment.objects.filter(case_id=archive.case_id, record=record)
        places += rows.values_list("pack", "offset", "length")
    else:
        places.append((record.content_pack, record.content_offset, record.content_length))
    for pack, offset, length in places:
        if blobs.get(pack, {}).get(offset) != length:
            found.add(BLOB_MISSING, record.id)
            return
    if deep:
        _open_all(archive, record, found)


def _open_all(archive: Archive, record: Record, found: Verification) -> None:
    """Every byte opens, and the digest is the one that was committed to."""
    try:
        digest = sha256()
        for piece in original_bytes(archive, record):
            digest.update(piece)
        said = archive.open(key_of(archive, record), record.id, "record.sealed", record.sealed)
        derived_of(archive, record)
    except (KedangError, KeyError) as error:
        found.add(error.code if isinstance(error, KedangError) else KEY_MISSING, record.id)
        return
    expected = sha256(bytes.fromhex(said["salt"]) + digest.digest()).digest()
    if expected != bytes(record.commitment):
        found.add(CONTENT_DIFFERS, record.id)


def _verify_numbers(archive: Archive, found: Verification) -> None:
    codes = list(
        Record.objects.filter(case_id=archive.case_id)
        .exclude(reference_code=None)
        .order_by("reference_code")
        .values_list("reference_code", flat=True)
    )
    given = [code for code in codes if code is not None]
    for fault in check_codes(given, scheme=shipped_scheme(), fonds=archive.case.fonds_code):
        found.add(NUMBER_FAULT, f"{given[fault.position]} {fault.kind}")


def _verify_ledger(archive: Archive, found: Verification) -> None:
    """Every leaf is well formed and in its place; every signed head lies on its way; the rows say the same."""
    row = LedgerHead.objects.get(case_id=archive.case_id)
    head = head_of(row)
    leaves = LedgerLeaf.objects.filter(case_id=archive.case_id).order_by("n")
    stated, standing = Tally(), Tally()

    def told(leaf: bytes) -> bytes:
        for statement in stated_by_leaf(leaf):
            stated.add(statement)
        return leaf

    data = (told(bytes(leaf)) for leaf in leaves.values_list("leaf", flat=True).iterator(chunk_size=2000))
    heads = signed_heads(archive, signer_of(archive, row.generation))
    verdict = verify_ledger(data, heads=heads)
    found.leaves = verdict.frontier.size
    for fault in verdict.faults:
        found.add(fault.code, str(fault.n))
    if verdict.frontier != head.frontier:
        found.add(LEDGER_BROKEN, str(head.size))
    for statement in stated_by_rows(archive.case_id):
        standing.add(statement)
    for kind in stated.differing(standing):
        found.add(ROWS_DISAGREE, kind)
