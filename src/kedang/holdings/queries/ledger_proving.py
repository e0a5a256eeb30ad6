"""Proofs for outsiders: of an event, of a record, of growth; and the whole ledger for a verifier."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.signing import ledger_rows, sign_head, signer_of
from kedang.holdings.models import Checkpoint as CheckpointRow
from kedang.holdings.models import LedgerHead, Witness
from kedang.holdings.queries.ledger_events import Wanted, all_leaves, events, leaf_bytes
from kedang.ledger.checkpoints import Checkpoint, open_checkpoint
from kedang.ledger.errors import OutOfRange, ProofFileMalformed, ShortCodeMismatch
from kedang.ledger.notes import VerificationKey, sign_note, split_note
from kedang.ledger.proof_files import (
    Growth,
    ProofFile,
    ProvenLeaf,
    Stamped,
    read_proof_file,
    verify_proof_file,
)
from kedang.ledger.proofs import prove_consistency
from kedang.ledger.receipts import issue_receipt
from kedang.ledger.short_codes import ShortCode, short_code
from kedang.ledger.storage import root_at

EXPORT_FORMAT = "kedang-ledger/1"
SIZE_DIGITS = 16  # fewer are a number of entries


def verification_key(archive: Archive) -> VerificationKey:
    """The key that signs this ledger's heads; printed, so that outsiders know it."""
    return signer_of(archive, _generation(archive)).verification_key


def receipt_of(archive: Archive, numbers: Sequence[int], *, now: datetime) -> ProofFile:
    """A receipt for these events, under a head signed now and with the time-stamps that cover them.

    What is handed out has been verified.

    Raises:
        OutOfRange: there is no such event.
        HeadNotExtending, InclusionNotProven: the ledger was altered; nothing is handed out.
    """
    note = sign_head(archive, now=now)
    key = verification_key(archive)
    ledger = ledger_rows(archive.case_id, open_checkpoint(note, key=key).size)
    leaves = tuple(
        ProvenLeaf(leaf_bytes(archive.case_id, n), issue_receipt(ledger, n, signed_head=note))
        for n in numbers
    )
    file = ProofFile("receipt", key, leaves=leaves, stamps=_stamps_over(archive, max(numbers)))
    verify_proof_file(file, key=key)
    return file


def numbers_of(archive: Archive, record: str) -> list[int]:
    """The numbers of the events that name a record."""
    return [leaf.n for leaf in events(archive.case_id, Wanted(record=record))]


def earlier_head(held: str) -> int | str | ShortCode:
    """Where a proof of growth begins, in what somebody holds: a size, a short code, or the latest signed head of a file.

    Raises:
        ProofFileMalformed, ShortCodeMalformed: it is none of these.
    """
    text = held.strip()
    if text.isdecimal() and len(text) < SIZE_DIGITS:
        return int(text)
    if text.startswith("{"):
        notes = read_proof_file(held).notes
        if not notes:
            raise ProofFileMalformed(characters=len(held))
        return max(notes, key=lambda note: Checkpoint.parse(split_note(note)[0]).size)
    if held.startswith("c2sp.org/"):
        return held.partition("\n\n")[2]
    return held if "\n" in text else ShortCode.parse(text)


def growth_since(archive: Archive, old: int | str | ShortCode, *, now: datetime) -> ProofFile:
    """The proof that the ledger of now continues an earlier head: a size, its short code, or a signed head that somebody holds.

    Raises:
        OutOfRange: the ledger never had this size, or was empty.
        ShortCodeMismatch: the code is not that of this ledger at this size.
        ConsistencyNotProven: the head is not one of this ledger's; it was rebuilt.
    """
    note = sign_head(archive, now=now)
    key = verification_key(archive)
    head = open_checkpoint(note, key=key)
    ledger = ledger_rows(archive.case_id, head.size)
    if not isinstance(old, str):
        old = _note_at(archive, old, head)
    before = Checkpoint.parse(split_note(old)[0])
    proof = prove_consistency(ledger, before.size, head.size)
    file = ProofFile("growth", key, growth=Growth(old, note, proof))
    verify_proof_file(file, key=key)
    return file


def _note_at(archive: Archive, old: int | ShortCode, head: Checkpoint) -> str:
    """The signed head of this ledger at a size, as it was signed then where it was."""
    size = old if isinstance(old, int) else old.size
    if not 0 < size <= head.size:
        raise OutOfRange(start=size, end=head.size, size=head.size)
    earlier = Checkpoint(head.origin, size, root_at(ledger_rows(archive.case_id, head.size), size))
    if isinstance(old, ShortCode) and short_code(earlier) != old:
        raise ShortCodeMismatch(size=size)
    row = CheckpointRow.objects.filter(case_id=archive.case_id, size=size).first()
    if row is not None:
        return str(row.note)
    return sign_note(earlier.text, signer_of(archive, _generation(archive)))


def _generation(archive: Archive) -> int:
    return int(LedgerHead.objects.values_list("generation", flat=True).get(case_id=archive.case_id))


def exported_ledger(archive: Archive, *, now: datetime) -> Iterator[bytes]:
    """The whole ledger as lines: a header with every signed head and time-stamp, then each leaf as it is."""
    note = sign_head(archive, now=now)
    key = verification_key(archive)
    head = open_checkpoint(note, key=key)
    rows = CheckpointRow.objects.filter(case_id=archive.case_id, size__lte=head.size)
    header = {
        "format": EXPORT_FORMAT,
        "origin": key.name,
        "verification_key": str(key),
        "checkpoints": [
            row for row in rows.order_by("size").values_list("note", flat=True) if _ours(row, key)
        ],
        "witnesses": [_stamp_said(one) for one in _stamps_over(archive, 0)],
    }
    yield json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    for n, data in enumerate(all_leaves(archive.case_id)):
        if n < head.size:
            yield data + b"\n"


def _ours(note: str, key: VerificationKey) -> bool:
    """Whether it is a head of this generation; others cannot be checked by this key."""
    return note.startswith(key.name + "\n")


def _stamp_said(stamp: Stamped) -> dict[str, str]:
    return {"kind": "rfc3161", "checkpoint": stamp.note, "token": b64encode(stamp.reply).decode()}


def _stamps_over(archive: Archive, n: int) -> tuple[Stamped, ...]:
    """The first time-stamp of a head that covers leaf n, and the latest."""
    rows = Witness.objects.filter(case_id=archive.case_id, size__gt=n).order_by("size", "time")
    chosen = {row.id: row for row in (rows.first(), rows.last()) if row is not None}
    return tuple(Stamped(row.note, bytes(row.token)) for row in chosen.values())
