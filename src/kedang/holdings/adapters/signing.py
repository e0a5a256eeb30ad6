"""Signing the ledger's head. The last signed head is kept with the key sheets too, outside the database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.book import head_of
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.errors import HomeOlder
from kedang.holdings.models import Checkpoint as CheckpointRow
from kedang.holdings.models import LedgerHead, LedgerLeaf, LedgerNode
from kedang.ledger.checkpoints import Checkpoint, open_checkpoint, origin_of, sign_checkpoint
from kedang.ledger.notes import Signer
from kedang.ledger.storage import StoredLevels, root_at
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId


def sign_head(archive: Archive, *, now: datetime, begins: bool = False) -> str:
    """The signed note of the ledger's present head; a head that does not continue the last is never signed.

    With `begins` it is the first of a generation: leaves were lost, and the act `restored` names what was before.

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
        last_signed=None if begins else last_signed(archive, signer),
        ledger=ledger_rows(archive.case_id, head.size),
    )
    known = CheckpointRow.objects.filter(case_id=archive.case_id, size=head.size).first()
    kept = known or CheckpointRow(case_id=archive.case_id, size=head.size)
    kept.note, kept.signed = note, now
    guarded(archive, kept).save()
    archive.places.write_head(archive.case_id, note)
    return note


def require_latest(archive: Archive) -> None:
    """Nothing when the ledger has every head that was signed for it and kept with the key sheets.

    Raises:
        HomeOlder: one of them is beyond its end, or of another ledger: the home was restored from an older copy.
            What continues it then begins with the act `restored`.
    """
    row = LedgerHead.objects.get(case_id=archive.case_id)
    key = signer_of(archive, row.generation).verification_key
    for note in archive.places.read_heads(archive.case_id):
        try:
            head = open_checkpoint(note, key=key)
        except KedangError:
            continue  # damaged: `verify` says so, and nothing is signed while it is there
        if head.size > row.size or not _has(archive, head, note):
            raise HomeOlder(size=row.size, signed=head.size)


def _has(archive: Archive, head: Checkpoint, note: str) -> bool:
    """Whether the ledger came by this head; its leaves are read only when it does not remember having signed."""
    signed = CheckpointRow.objects.filter(case_id=archive.case_id, size=head.size, note=note)
    return signed.exists() or root_at(ledger_rows(archive.case_id, head.size), head.size) == head.root


def signer_of(archive: Archive, generation: int) -> Signer:
    """Who signs this ledger: a key derived from the case key."""
    private_key = Ed25519PrivateKey.from_private_bytes(archive.signing_seed())
    return Signer(origin_of(archive.case_id, generation), private_key)


def last_signed(archive: Archive, signer: Signer) -> Checkpoint | None:
    """The longest head that was signed before, in the database or at a registered place."""
    heads = signed_heads(archive, signer)
    return max(heads, key=lambda head: head.size) if heads else None


def known_heads(archive: Archive, generation: int) -> list[Checkpoint]:
    """The signed heads of a generation that are kept with the key sheets; others are passed over."""
    key = signer_of(archive, generation).verification_key
    found = []
    for note in archive.places.read_heads(archive.case_id):
        with suppress(KedangError):
            found.append(open_checkpoint(note, key=key))
    return found


def signed_heads(archive: Archive, signer: Signer) -> list[Checkpoint]:
    """The last head of the database and those of all places, signatures checked."""
    notes = list(archive.places.read_heads(archive.case_id))
    row = CheckpointRow.objects.filter(case_id=archive.case_id).order_by("-size").first()
    if row is not None:
        notes.append(row.note)
    return [open_checkpoint(note, key=signer.verification_key) for note in notes]


def ledger_rows(case_id: CaseId, size: int) -> StoredLevels:
    """The ledger as its rows have it."""

    def read(level: int, start: int, end: int) -> Sequence[bytes]:
        if level == 0:
            leaves = LedgerLeaf.objects.filter(case_id=case_id, n__gte=start, n__lt=end).order_by("n")
            return [bytes(one) for one in leaves.values_list("leaf_hash", flat=True)]
        nodes = LedgerNode.objects.filter(case_id=case_id, level=level, place__gte=start, place__lt=end)
        return [bytes(one) for one in nodes.order_by("place").values_list("node_hash", flat=True)]

    return StoredLevels(size, read)
