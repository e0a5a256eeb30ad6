"""The sealing process: what it seals opens again, and bytes that changed meanwhile are not kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kedang.accession.reading import Signature
from kedang.pipeline.messages import (
    ClosePack,
    Failed,
    FilePlace,
    Item,
    OpenPack,
    PackClosed,
    Sealed,
    SealerSetup,
    SealRequest,
    receive,
    send,
)
from kedang.pipeline.processes import WorkerProcess
from kedang.records.ids import CaseId, PackId
from kedang.vault.blob import Binding, Role, open_bytes
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
    send(process.connection, request)
    return receive(process.connection)


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
        assert isinstance(asked(process, ClosePack()), PackClosed)


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
