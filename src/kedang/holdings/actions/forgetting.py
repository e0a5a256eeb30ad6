"""The digest of a whole that has holes is forgotten: with it a short destroyed member could be guessed by trying.

At intake the sealed column of a container has the salt of its commitment, and its derived payload the SHA-256 of
its bytes. Once a member of it is destroyed, both are written anew without them, and the sealed column has a
SHA-256 of each range that is left instead, so that every byte is still checked. What was written before is no
longer referred to; it lies in its pack until everything is sealed anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, derived_payload, digest_of_range, key_of
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.kept_mentions import mentions_payload
from kedang.holdings.adapters.record_columns import RECORD_SEALED, mac_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.intake.plain import RecordRow, read_records
from kedang.holdings.models import Pack, Record, Segment
from kedang.pipeline.derived import decode, encode
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.errors import RowAltered
from kedang.vault.pack import PackWriter, Pointer, writing_pack
from kedang.vault.suites import SALT_BYTES

REWRITTEN = (
    "derived_pack",
    "derived_offset",
    "derived_length",
    "mentions_offset",
    "mentions_length",
    "sealed",
    "mac",
)


def forget_wholes(archive: Archive, *, now: datetime) -> int:
    """Forget the digest of every container that has lost a member and remembers it still; how many had to.

    Raises:
        RowAltered: somebody has edited a row outside kedang.
    """
    holes = Segment.objects.filter(case_id=archive.case_id, key_id="").exclude(owner=None)
    ids = sorted(holes.values_list("record_id", flat=True).distinct())
    forgotten = 0
    for one in ids:
        row = next(read_records(Record.objects.filter(id=one).exclude(state=DESTROYED)), None)
        if row is None:
            continue
        said = archive.open(key_of(archive, row), row.id, RECORD_SEALED, row.sealed)
        if "salt" in said:
            _forget(archive, row, now=now)
        elif any(said["digests"][place] for place in _holes(archive, row)):
            with transaction.atomic():
                _rewrite(archive, row.id, said["digests"], None, None)
        else:
            continue
        forgotten += 1
    return forgotten


def _holes(archive: Archive, row: RecordRow) -> list[int]:
    ranges = Segment.objects.filter(case_id=archive.case_id, record_id=row.id, key_id="")
    return list(ranges.values_list("ordinal", flat=True))


def _forget(archive: Archive, row: RecordRow, *, now: datetime) -> None:
    """One container: its ranges are read outside of the transaction, which then only points to what is new."""
    digests = list(_digests(archive, row))
    pack_id = reserve_pack(archive, now=now)
    with writing_pack(archive.store, pack_id, archive.case_id) as pack:
        derived, mentions = _seal_texts(archive, row, pack)
        sizes = {"size_bytes": pack.size_bytes, "blobs": pack.count}
    with transaction.atomic():
        rewrite(archive, Pack.objects.filter(id=pack_id), state="kept", **sizes)
        _rewrite(archive, row.id, digests, derived, mentions)


def _rewrite(
    archive: Archive,
    record: str,
    digests: Sequence[str],
    derived: Pointer | None,
    mentions: Pointer | None,
) -> None:
    """The row as it is now, without the salt and with these digests of what is not a hole; in a transaction."""
    (row,) = read_records(Record.objects.select_for_update().filter(id=record))
    if mac_of(archive, row) != bytes(row.mac):
        raise RowAltered(table="record")
    key, holes = key_of(archive, row), _holes(archive, row)
    said = archive.open(key, row.id, RECORD_SEALED, row.sealed)
    said.pop("salt", None)
    said.pop("fixity", None)
    said["digests"] = ["" if place in holes else one for place, one in enumerate(digests)]
    row.sealed = archive.seal(key, row.id, RECORD_SEALED, said)
    if derived is not None:
        row.derived_pack, row.derived_offset, row.derived_length = (
            derived.pack,
            derived.offset,
            derived.length,
        )
        row.mentions_offset = mentions.offset if mentions else 0
        row.mentions_length = mentions.length if mentions else 0
    row.mac = mac_of(archive, row)
    update_rows(Record, [row], REWRITTEN)


def _digests(archive: Archive, row: RecordRow) -> Iterator[str]:
    """SHA-256 of each range in order, hexadecimal; empty for a hole."""
    ranges = Segment.objects.filter(case_id=archive.case_id, record_id=row.id).order_by("ordinal")
    for one in ranges.iterator(chunk_size=500):
        yield digest_of_range(archive, one) if one.key_id else ""


def _seal_texts(archive: Archive, row: RecordRow, pack: PackWriter) -> tuple[Pointer | None, Pointer | None]:
    """The derived payload without the digest, and who is named, which lies in the same pack."""
    if not row.derived_length:
        return None, None
    payload = encode(replace(decode(derived_payload(archive, row)), sha256=""))
    derived = _seal(archive, row, pack, Role.TEXT, payload)
    if not row.mentions_length:
        return derived, None
    return derived, _seal(archive, row, pack, Role.MENTIONS, mentions_payload(archive, row))


def _seal(archive: Archive, row: RecordRow, pack: PackWriter, role: Role, octets: bytes) -> Pointer:
    blob = seal_bytes(
        key_of(archive, row),
        octets,
        binding=Binding(archive.case_id, row.id, role),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
        compress=True,
    )
    return pack.append(blob, record=row.id, role=role)
