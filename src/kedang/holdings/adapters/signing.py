"""Signing the ledger's head. The last signed head is kept with the key sheets too, outside the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import head_of
from kedang.holdings.models import Checkpoint as CheckpointRow
from kedang.holdings.models import LedgerHead, LedgerLeaf
from kedang.ledger.checkpoints import Checkpoint, open_checkpoint, origin_of, sign_checkpoint
from kedang.ledger.notes import Signer
from kedang.ledger.storage import DerivedLevels
from kedang.records.ids import CaseId


def sign_head(archive: Archive, *, now: datetime) -> str:
    """The signed note of the ledger's present head; a head that does not continue the last is never signed.

    Raises:
        HeadNotExtending: leaves were cut off or changed since the last signed head.
    """
    row = LedgerHead.objects.get(case_id=archive.case_id)
    head = head_of(row)
    origin = origin_of(archive.case_id, row.generation)
    signer = signer_of(archive, row.generation)
    note = sign_checkpoint(
        Checkpoint(origin, head.size, head.root),
        signer=signer,
        last_signed=last_signed(archive, signer),
        ledger=ledger_rows(archive.case_id, head.size),
    )
    CheckpointRow.objects.update_or_create(
        case_id=archive.case_id, size=head.size, defaults={"note": note, "signed": now}
    )
    archive.places.write_head(archive.case_id, note)
    return note


def signer_of(archive: Archive, generation: int) -> Signer:
    """Who signs this ledger: a key derived from the case key."""
    private_key = Ed25519PrivateKey.from_private_bytes(archive.signing_seed())
    return Signer(origin_of(archive.case_id, generation), private_key)


def last_signed(archive: Archive, signer: Signer) -> Checkpoint | None:
    """The longest head that was signed before, in the database or at a registered place."""
    heads = signed_heads(archive, signer)
    return max(heads, key=lambda head: head.size) if heads else None


def signed_heads(archive: Archive, signer: Signer) -> list[Checkpoint]:
    """The last head of the database and those of all places, signatures checked."""
    notes = list(archive.places.read_heads(archive.case_id))
    row = CheckpointRow.objects.filter(case_id=archive.case_id).order_by("-size").first()
    if row is not None:
        notes.append(row.note)
    return [open_checkpoint(note, key=signer.verification_key) for note in notes]


def ledger_rows(case_id: CaseId, size: int) -> DerivedLevels:
    """The ledger as its rows have it."""

    def leaf_hashes(start: int, end: int) -> Sequence[bytes]:
        rows = LedgerLeaf.objects.filter(case_id=case_id, n__gte=start, n__lt=end).order_by("n")
        return [bytes(one) for one in rows.values_list("leaf_hash", flat=True)]

    return DerivedLevels(size, leaf_hashes, {})
