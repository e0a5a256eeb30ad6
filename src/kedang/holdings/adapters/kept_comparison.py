"""What the last comparison has left, sealed with the case, and what the rows were when it was made.

Derived: whatever it does not know is compared again. It goes with everybody who is destroyed.
"""

from __future__ import annotations

import msgspec
from django.db import transaction

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.record_marks import ID_BYTES
from kedang.holdings.models import KeptComparison
from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.suites import SALT_BYTES

_COLUMN = "keptcomparison.sealed"


class Kept(msgspec.Struct, array_like=True):
    """As it is sealed."""

    version: int
    ids: bytes
    """Of the records that were compared, in order (`adapters.record_marks`)."""
    marks: bytes
    """What they were then."""
    said: list[tuple[str, str, int, str, int]]
    """Judgements that held: kind, then record and mention of both sides, or customers and 0."""
    before: bytes
    """As `pipeline.compared_before` encodes it."""


VERSION = 2
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Kept)


def open_kept(archive: Archive) -> Kept | None:
    """What the last comparison has left; None before the first, after a destruction, and of another version."""
    row = KeptComparison.objects.filter(case_id=archive.case_id).first()
    if row is None:
        return None
    key = archive.key(row.key_page, row.id)
    octets = open_column(key, bytes(row.sealed), binding=_binding(archive, row))
    try:
        kept = _DECODER.decode(octets)
    except msgspec.MsgspecError:
        return None
    return kept if kept.version == VERSION else None


def keep(archive: Archive, kept: Kept) -> None:
    """Keep this instead."""
    there = KeptComparison.objects.filter(case_id=archive.case_id).defer("sealed").first()
    row = there or KeptComparison(id=archive.new_id(), case_id=archive.case_id)
    row.records = len(kept.ids) // ID_BYTES
    pages = None
    if there is None:
        pages = archive.write_pages({row.id: archive.new_key()})
        row.key_page = pages[row.id].id
    row.sealed = seal_column(
        archive.key(row.key_page, row.id) if pages is None else pages.keys_of[row.key_page][row.id],
        _ENCODER.encode(kept),
        binding=_binding(archive, row),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
    )
    with transaction.atomic():
        if pages is not None:
            archive.keep_pages(pages)
        guarded(archive, row).save(force_insert=there is None)


def _binding(archive: Archive, row: KeptComparison) -> ColumnBinding:
    return ColumnBinding(archive.case_id, row.id, _COLUMN)
