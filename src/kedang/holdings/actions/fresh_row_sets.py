"""Row sets, and what the tables of a record are beside their rows, sealed again under fresh keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from kedang.holdings.actions.fresh_contents import MovedMeanwhile
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written, rewrite
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.models import OldPage, Pack, RowChunk, RowSet, SealingAnew, SplitTable
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes, seal_bytes
from kedang.vault.errors import PackDamaged
from kedang.vault.pack import PackWriter, Pointer, read_blob, verify_pack, writing_pack
from kedang.vault.suites import SALT_BYTES

AT_ONCE = 256
Holder = SplitTable | RowSet
Blob = SplitTable | RowChunk
"""A row that says where a blob lies."""


def seal_row_sets(archive: Archive, anew: SealingAnew, *, now: datetime) -> int:
    """One more batch; how many, 0 when none is left.

    Raises:
        MovedMeanwhile: another process has moved one of them; nothing was changed.
    """
    old = OldPage.objects.filter(anew=anew).values("page")
    outlines = SplitTable.objects.filter(case_id=archive.case_id, key_page__in=old).order_by("id")
    sets = RowSet.objects.filter(case_id=archive.case_id, key_page__in=old).order_by("id")
    holders: Sequence[Holder] = list(outlines[:AT_ONCE]) or list(sets[:AT_ONCE])
    return _seal_batch(archive, holders, now=now) if holders else 0


def _seal_batch(archive: Archive, holders: Sequence[Holder], *, now: datetime) -> int:
    pack_id = reserve_pack(archive, now=now)
    keys: dict[str, bytes] = {}
    moved: list[tuple[Blob, Pointer]] = []
    with writing_pack(archive.store, pack_id, archive.case_id) as pack:
        for holder in holders:
            keys[holder.id] = archive.new_key()
            moved += _sealed(archive, pack, holder, keys[holder.id])
            if pack.is_full:
                break
        sizes = {"size_bytes": pack.size_bytes, "blobs": pack.count}
    if verify_pack(archive.store, pack_id, archive.case_id):
        raise PackDamaged(pack=pack_id)
    pages = archive.write_pages(keys)
    with transaction.atomic():
        archive.keep_pages(pages)
        rewrite(archive, Pack.objects.filter(id=pack_id), state="kept", **sizes)
        _point([one for one in holders if one.id in keys], pages, archive)
        _move(archive, moved)
    return len(keys)


def _sealed(archive: Archive, pack: PackWriter, holder: Holder, key: bytes) -> Iterator[tuple[Blob, Pointer]]:
    """Every blob of a holder, and where it lies now."""
    blobs: Sequence[tuple[Blob, int]] = (
        [(holder, 0)]
        if isinstance(holder, SplitTable)
        else [(one, one.turn) for one in RowChunk.objects.filter(row_set=holder).order_by("turn")]
    )
    old = archive.key(holder.key_page, holder.id)
    for row, part in blobs:
        binding = Binding(archive.case_id, holder.id, Role.ROW_SET, part)
        stored = read_blob(archive.store, Pointer(PackId(row.pack), row.offset, row.length))
        blob = seal_bytes(
            key,
            open_bytes(old, stored, binding=binding),
            binding=binding,
            salt=archive.random_bytes(SALT_BYTES),
            suite=archive.suite,
            compress=True,
        )
        yield row, pack.append(blob, record=holder.id, role=Role.ROW_SET, part=part)


def _point(holders: Sequence[Holder], pages: NewPages, archive: Archive) -> None:
    """The holders name the pages of their new keys, in the caller's transaction."""
    model = type(holders[0])
    rows = {row.pk: row for row in model._default_manager.filter(pk__in=[one.id for one in holders])}
    for one in holders:
        row = rows[one.id]
        require_as_written(MARKS[model], archive, row)
        if row.key_page != one.key_page:
            raise MovedMeanwhile
        row.key_page = pages[one.id].id
        guarded(archive, row)
    update_rows(model, list(rows.values()), ("key_page", "mac"))


def _move(archive: Archive, moved: Sequence[tuple[Blob, Pointer]]) -> None:
    """The blobs lie where they were sealed again, in the caller's transaction."""
    for start in range(0, len(moved), AT_ONCE):
        some = moved[start : start + AT_ONCE]
        model = type(some[0][0])
        rows = {row.pk: row for row in model._default_manager.filter(pk__in=[one.pk for one, _ in some])}
        for was, pointer in some:
            row = rows.get(was.pk)
            if row is None or (row.pack, row.offset) != (was.pack, was.offset):
                raise MovedMeanwhile
            require_as_written(MARKS[model], archive, row)
            row.pack, row.offset, row.length = pointer.pack, pointer.offset, pointer.length
            guarded(archive, row)
        update_rows(model, list(rows.values()), ("pack", "offset", "length", "mac"))
