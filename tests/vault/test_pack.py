from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes, seal_bytes
from kedang.vault.errors import (
    ObjectMissing,
    PackDamaged,
    PackedBlobAltered,
    PackForeign,
    StorageFull,
)
from kedang.vault.memory_store import MemoryStore
from kedang.vault.pack import (
    TARGET_PACK_BYTES,
    PackEntry,
    PackWriter,
    Pointer,
    blob_range,
    pack_name,
    read_blob,
    read_index,
    stored_packs,
    verify_pack,
    writing_pack,
)
from kedang.vault.store import BlobStore
from kedang.vault.stream import open_stream, seal_stream

from .seeded import CASE, KEY, OTHER_CASE, RECORD, SALT, an_id, seeded_bytes

PACK = PackId(an_id("pack"))


def _blobs(count: int) -> list[bytes]:
    random_bytes = seeded_bytes("blobs")
    return [random_bytes(100 + number) for number in range(count)]


def _write(store: BlobStore, blobs: list[bytes]) -> list[Pointer]:
    with writing_pack(store, PACK, CASE) as packing:
        return [
            packing.append(blob, record=an_id(str(number)), role=Role.TEXT, part=number)
            for number, blob in enumerate(blobs)
        ]


def test_every_blob_is_read_at_its_pointer(store: BlobStore) -> None:
    blobs = _blobs(200)
    pointers = _write(store, blobs)
    assert [read_blob(store, pointer) for pointer in pointers] == blobs


def test_the_index_gives_back_every_row(store: BlobStore) -> None:
    pointers = _write(store, _blobs(30))
    entries = read_index(store, PACK, CASE)
    assert [entry.pointer for entry in entries] == pointers
    assert [(entry.record, entry.role, entry.part) for entry in entries] == [
        (an_id(str(number)), Role.TEXT, number) for number in range(30)
    ]
    assert verify_pack(store, PACK, CASE) == ()


def test_a_large_blob_streams_into_a_pack_between_small_ones(store: BlobStore) -> None:
    content = seeded_bytes("large")(3_000_000)
    large = Binding(CASE, RECORD, Role.SEGMENT, 7)
    small = Binding(CASE, RECORD, Role.TEXT)
    with writing_pack(store, PACK, CASE) as packing:
        first = packing.append(seal_bytes(KEY, b"1", binding=small, salt=SALT), record=RECORD, role=Role.TEXT)
        with packing.appending(record=RECORD, role=Role.SEGMENT, part=7) as appender:
            seal_stream(KEY, io.BytesIO(content), appender.write, binding=large, salt=SALT)
        last = packing.append(seal_bytes(KEY, b"2", binding=small, salt=SALT), record=RECORD, role=Role.TEXT)
        assert (packing.count, packing.is_full) == (3, False)
    with open_stream(KEY, blob_range(store, appender.pointer), binding=large) as opened:
        assert opened.read() == content
    assert open_bytes(KEY, read_blob(store, first), binding=small) == b"1"
    assert open_bytes(KEY, read_blob(store, last), binding=small) == b"2"
    assert verify_pack(store, PACK, CASE) == ()


def test_a_pack_says_when_it_is_full() -> None:
    with writing_pack(MemoryStore(), PACK, CASE) as packing:
        packing.append(bytes(TARGET_PACK_BYTES - 65), record=RECORD, role=Role.CONTENT)
        assert not packing.is_full
        packing.append(b"x", record=RECORD, role=Role.CONTENT)
        assert packing.is_full


def test_a_pack_given_up_leaves_nothing(store: BlobStore) -> None:
    with suppress(KeyboardInterrupt), writing_pack(store, PACK, CASE) as packing:
        packing.append(b"blob", record=RECORD, role=Role.CONTENT)
        raise KeyboardInterrupt
    with pytest.raises(ObjectMissing):
        read_index(store, PACK, CASE)


def test_a_source_that_fails_leaves_dead_bytes_and_the_pack_goes_on(store: BlobStore) -> None:
    with writing_pack(store, PACK, CASE) as packing:
        before = packing.append(b"before", record=RECORD, role=Role.TEXT)
        with suppress(OSError), packing.appending(record=RECORD, role=Role.CONTENT) as appender:
            appender.write(b"half of a blob")
            raise OSError("the source is gone")
        with suppress(OSError), packing.appending(record=RECORD, role=Role.CONTENT):
            raise OSError("the source is not there at all")
        after = packing.append(b"after", record=RECORD, role=Role.TEXT)
    assert [entry.pointer for entry in read_index(store, PACK, CASE)] == [before, after]
    assert [read_blob(store, pointer) for pointer in (before, after)] == [b"before", b"after"]
    assert after.offset == before.offset + len(b"before" + b"half of a blob")
    assert verify_pack(store, PACK, CASE) == ()


@pytest.mark.parametrize("passed_over", [(), (0,), (1, 2), (0, 29), tuple(range(1, 30, 2)), tuple(range(29))])
def test_blobs_that_were_opened_are_passed_over_and_no_others(passed_over: tuple[int, ...]) -> None:
    store = MemoryStore()
    pointers = _write(store, _blobs(30))
    stored = bytearray(store.read(pack_name(PACK)))
    for pointer in pointers:
        stored[pointer.offset] ^= 1
    opened = {pointers[one].offset for one in passed_over}
    faults = verify_pack(_holding(bytes(stored)), PACK, CASE, opened=opened)
    wrong = [fault.entry.pointer for fault in faults if fault.entry]
    assert wrong == [one for one in pointers if one.offset not in opened]


def test_dead_bytes_are_checked_like_all_others() -> None:
    store = MemoryStore()
    with (
        writing_pack(store, PACK, CASE) as packing,
        suppress(OSError),
        packing.appending(record=RECORD, role=Role.CONTENT) as appender,
    ):
        appender.write(b"half of a blob")
        raise OSError("the source is gone")
    stored = bytearray(store.read(pack_name(PACK)))
    stored[70] ^= 1
    assert [fault.code for fault in verify_pack(_holding(bytes(stored)), PACK, CASE)] == [
        PackedBlobAltered.code
    ]


class _Torn:
    """A writer whose second write fails after an unknown part of it."""

    writes = 0

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        self.writes += 1
        if self.writes == 2:
            raise StorageFull(written=len(piece) // 2)


def test_a_pack_whose_write_failed_takes_no_more() -> None:
    packing = PackWriter(_Torn(), PACK, CASE)
    with suppress(StorageFull), packing.appending(record=RECORD, role=Role.CONTENT) as appender:
        appender.write(b"blob")
    with pytest.raises(ValueError, match="give it up"):
        packing.append(b"next", record=RECORD, role=Role.CONTENT)
    with pytest.raises(ValueError, match="give it up"):
        packing.finish()


def test_nothing_comes_between_the_pieces_of_a_streamed_blob() -> None:
    packing = PackWriter(_Torn(), PACK, CASE)
    with packing.appending(record=RECORD, role=Role.CONTENT):
        for intrude in (lambda: packing.append(b"x", record=RECORD, role=Role.TEXT), packing.finish):
            with pytest.raises(ValueError, match="streamed"):
                intrude()


def test_stored_packs_are_listed(store: BlobStore) -> None:
    assert list(stored_packs(store)) == []
    _write(store, _blobs(1))
    assert list(stored_packs(store)) == [PACK]


def _stored(blobs: list[bytes]) -> bytes:
    store = MemoryStore()
    _write(store, blobs)
    return store.read(pack_name(PACK))


STORED = _stored(_blobs(5))
ENTRIES_START = 64 + sum(len(blob) for blob in _blobs(5))


def _holding(stored: bytes) -> MemoryStore:
    store = MemoryStore()
    store.put(pack_name(PACK), stored)
    return store


def test_every_changed_byte_is_found_and_its_blob_named() -> None:
    for place in range(len(STORED)):
        changed = bytearray(STORED)
        changed[place] ^= 1
        faults = verify_pack(_holding(bytes(changed)), PACK, CASE)
        assert len(faults) == 1
        if 64 <= place < ENTRIES_START:
            entry = faults[0].entry
            assert isinstance(entry, PackEntry)
            assert entry.pointer.offset <= place < entry.pointer.offset + entry.pointer.length
            assert faults[0].code == PackedBlobAltered.code
        else:
            assert (faults[0].code, faults[0].entry) == (PackDamaged.code, None)


@given(st.integers(1, len(STORED) - 1))
@settings(max_examples=100, deadline=None)
def test_every_truncation_is_found(cut: int) -> None:
    with pytest.raises(PackDamaged):
        read_index(_holding(STORED[:cut]), PACK, CASE)


def test_an_appended_byte_is_found() -> None:
    with pytest.raises(PackDamaged):
        read_index(_holding(STORED + b"\x00"), PACK, CASE)


def test_a_pack_under_another_name_or_case_is_foreign() -> None:
    other = PackId(an_id("another pack"))
    store = MemoryStore()
    store.put(pack_name(other), STORED)
    with pytest.raises(PackForeign):
        read_index(store, other, CASE)
    assert [fault.code for fault in verify_pack(_holding(STORED), PACK, OTHER_CASE)] == [PackForeign.code]


def test_an_id_that_is_none_is_refused() -> None:
    for record in ("", "ab", RECORD.upper(), RECORD + "00"):
        with (
            pytest.raises(ValueError, match=r"hexadecimal|fromhex"),
            writing_pack(MemoryStore(), PACK, CASE) as packing,
        ):
            packing.append(b"x", record=record, role=Role.CONTENT)
