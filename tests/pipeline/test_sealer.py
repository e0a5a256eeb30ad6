"""The sealing process: what it seals opens again, and bytes that changed meanwhile are not kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from kedang.accession.reading import Signature
from kedang.pipeline.items import FilePlace, Item
from kedang.pipeline.messages import (
    ColumnValue,
    Failed,
    Proven,
    ProveRequest,
    SealBatch,
    Sealed,
    SealedBatch,
    SealRequest,
    receive,
    send,
)
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.sealing_messages import ClosePack, OpenPack, PackClosed, SealerSetup
from kedang.records.ids import CaseId, PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.column import ColumnBinding, open_column
from kedang.vault.folder_store import FolderStore
from kedang.vault.pack import Pointer, blob_range, read_blob
from kedang.vault.stream import open_stream

CASE = CaseId("ca" * 16)
PACK = PackId("ac" * 16)
RECORD = "5e" * 16
KEY = bytes(range(32))


@contextmanager
def sealing(vault: Path) -> Iterator[WorkerProcess]:
    """A real sealing process with a pack open."""
    setup = SealerSetup(CASE, str(vault), bytes(32), "AES_256_GCM")
    process = WorkerProcess("kedang.pipeline.sealer", setup, home=vault.parent / "sealer-home")
    try:
        yield process
    finally:
        process.kill()


def asked(process: WorkerProcess, request: object) -> Any:
    """The answer to a request."""
    if not isinstance(request, SealRequest):
        send(process.connection, request)
        return receive(process.connection)
    send(process.connection, SealBatch((request,)))
    answer = receive(process.connection)
    return answer.sealed[0] if isinstance(answer, SealedBatch) else answer


def request(item: Item | None, digest: bytes, **parts: Any) -> SealRequest:
    """A record's parts."""
    return SealRequest(1, RECORD, KEY, item, digest, b'{"derived": 1}', **parts)


def file_item(path: Path) -> Item:
    """A file of a source as it is now."""
    place = FilePlace(os.fsencode(path.parent), os.fsencode(path.name), Signature.of(path.stat()))
    return Item(1, path.name, (), path.stat().st_size, place=place)


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_what_was_sealed_opens_to_the_same_bytes(size: int, tmp_path: Path) -> None:
    octets = os.urandom(size)
    (tmp_path / "original").write_bytes(octets)
    with sealing(tmp_path / "vault") as process:
        send(process.connection, OpenPack(PACK))
        sealed = asked(process, request(file_item(tmp_path / "original"), sha256(octets).digest()))
        closed = asked(process, ClosePack())
    assert closed == PackClosed(PACK, closed.size_bytes, 2)
    store = FolderStore(tmp_path / "vault")
    pointer = Pointer(PACK, sealed.content.offset, sealed.content.length)
    with open_stream(KEY, blob_range(store, pointer), binding=Binding(CASE, RECORD, Role.CONTENT)) as stream:
        assert stream.read() == octets
    derived = read_blob(store, Pointer(PACK, sealed.derived.offset, sealed.derived.length))
    assert open_bytes(KEY, derived, binding=Binding(CASE, RECORD, Role.TEXT)) == b'{"derived": 1}'


def test_ranges_are_sealed_under_their_own_keys(tmp_path: Path) -> None:
    octets = os.urandom(5000)
    parts = ((1000, RECORD, KEY), (2500, "6f" * 16, bytes(32)), (1500, RECORD, KEY))
    item = Item(1, "a.zip", (), 5000, data=octets)
    with sealing(tmp_path / "vault") as process:
        send(process.connection, OpenPack(PACK))
        sealed = asked(process, request(item, sha256(octets).digest(), segments=parts))
        asked(process, ClosePack())
    store, at = FolderStore(tmp_path / "vault"), 0
    for number, ((length, holder, key), blob) in enumerate(zip(parts, sealed.segments, strict=True)):
        binding = Binding(CASE, holder, Role.SEGMENT, number)
        opened = open_bytes(key, read_blob(store, Pointer(PACK, blob.offset, blob.length)), binding=binding)
        assert opened == octets[at : at + length]
        at += length


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_bytes_that_changed_since_they_were_examined_are_not_kept(size: int, tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(bytes(size))
    item, digest = file_item(path), sha256(bytes(size)).digest()
    with sealing(tmp_path / "vault") as process:
        send(process.connection, OpenPack(PACK))
        path.write_bytes(b"\1" * size)
        assert asked(process, request(item, digest)) == Sealed(1, changed=True)
        path.unlink()
        assert asked(process, request(item, digest)) == Sealed(1, changed=True)
        wrong = Item(1, "a", (), size, data=bytes(size))
        assert asked(process, request(wrong, sha256(b"other").digest())) == Sealed(1, changed=True)
        short = ((size - 1, RECORD, KEY),)
        assert asked(process, request(wrong, digest, segments=short)) == Sealed(1, changed=True)
        longer = ((size + 1, RECORD, KEY),)
        assert asked(process, request(wrong, digest, segments=longer)) == Sealed(1, changed=True)
        more = Item(1, "a", (), size + 1, data=bytes(size))
        assert asked(process, request(more, digest)) == Sealed(1, changed=True)
        assert isinstance(asked(process, ClosePack()), PackClosed)


def test_long_content_whose_faster_digest_is_not_what_was_said_is_not_kept(tmp_path: Path) -> None:
    octets = os.urandom(3_000_000)
    (tmp_path / "original").write_bytes(octets)
    item, digest = file_item(tmp_path / "original"), sha256(octets).digest()
    with sealing(tmp_path / "vault") as process:
        send(process.connection, OpenPack(PACK))
        assert not asked(process, request(item, digest, blake3=blake3(octets).digest())).changed
        lied = request(item, digest, blake3=blake3(b"other").digest())
        assert asked(process, lied) == Sealed(1, changed=True)


def test_a_small_file_is_read_by_the_sealing_process_itself_with_whatever_date_it_has(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(b"same")
    item = file_item(path)
    os.utime(path, (1, 1))
    with sealing(tmp_path / "vault") as process:
        send(process.connection, OpenPack(PACK))
        assert not asked(process, request(item, sha256(b"same").digest())).changed
        assert asked(process, request(item, sha256(b"told").digest())) == Sealed(1, changed=True)
        path.write_bytes(b"same and more")
        assert asked(process, request(item, sha256(b"same").digest())) == Sealed(1, changed=True)
        path.unlink()
        path.mkdir()
        assert asked(process, request(item, sha256(b"same").digest())) == Sealed(1, changed=True)


@pytest.mark.parametrize("size", [0, 100, 9_000_000])
def test_a_double_is_proven_by_reading_it_with_or_without_a_pack(size: int, tmp_path: Path) -> None:
    path = tmp_path / "double"
    path.write_bytes(bytes(size))
    item, inline = file_item(path), Item(2, "a", (), 3, data=b"abc")
    with sealing(tmp_path / "vault") as process:
        assert asked(process, ProveRequest(1, item, sha256(bytes(size)).digest())) == Proven(1, same=True)
        assert asked(process, ProveRequest(1, item, sha256(b"other").digest())) == Proven(1, same=False)
        assert asked(process, ProveRequest(2, inline, sha256(b"abc").digest())) == Proven(2, same=True)
        assert asked(process, ProveRequest(2, inline, sha256(b"abd").digest())) == Proven(2, same=False)
        path.write_bytes(b"changed")
        assert asked(process, ProveRequest(1, item, sha256(bytes(size)).digest())) == Proven(1, same=False)
        path.unlink()
        assert asked(process, ProveRequest(1, item, sha256(bytes(size)).digest())) == Proven(1, same=False)


def test_columns_are_sealed_for_their_cells_under_the_record_key_and_nothing_derived_makes_no_blob(
    tmp_path: Path,
) -> None:
    values = {"occurrence.sealed": "合同.txt".encode(), "record.sealed": b""}
    cells = tuple(ColumnValue("0c" * 16, column, value) for column, value in values.items())
    item = Item(1, "a", (), 1, data=b"a")
    with sealing(tmp_path / "vault") as process:
        send(process.connection, OpenPack(PACK))
        answer = asked(process, SealRequest(1, RECORD, KEY, item, sha256(b"a").digest(), columns=cells))
        assert asked(process, ClosePack()).blobs == 1
    assert answer.derived is None
    for cell, sealed in zip(cells, answer.columns, strict=True):
        binding = ColumnBinding(CASE, cell.row, cell.column)
        assert open_column(KEY, sealed, binding=binding) == cell.value


def test_without_a_pack_it_says_so_and_goes_on(tmp_path: Path) -> None:
    with sealing(tmp_path / "vault") as process:
        item = Item(1, "a", (), 1, data=b"a")
        assert asked(process, request(item, sha256(b"a").digest())) == Failed("KD-W104")
        send(process.connection, OpenPack(PACK))
        assert isinstance(asked(process, request(item, sha256(b"a").digest())), Sealed)


def test_its_memory_is_closed_to_others_and_it_ends_with_the_coordinator(tmp_path: Path) -> None:
    with sealing(tmp_path / "vault") as process:
        item = Item(1, "a", (), 1, data=b"a")
        assert asked(process, request(item, sha256(b"a").digest())) == Failed("KD-W104")
        limits = Path(f"/proc/{process.process.pid}/limits").read_text(encoding="utf-8")
        assert "Max core file size        0" in limits
        status = Path(f"/proc/{process.process.pid}").stat()
        if os.getuid() != 0:
            assert status.st_uid == 0, "what cannot be dumped belongs to root"
        process.connection.close()
        assert process.process.wait(20) == 0
