"""What earlier versions wrote stays readable, by kedang and by a reader made from the documents alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from cryptography.exceptions import InvalidTag

from kedang.records.ids import CaseId, KeyPageId, PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.column import ColumnBinding, open_column
from kedang.vault.keysheet import decode, encode
from kedang.vault.marks import fingerprint, row_mac
from kedang.vault.memory_store import MemoryStore
from kedang.vault.pack import pack_name, read_blob, read_index, verify_pack
from kedang.vault.ring import manifest_digest, open_page
from kedang.vault.spool import SpoolContent
from kedang.vault.stream import RangedBytes, open_stream
from kedang.vault.unlocking import unlock_with_passphrase, unlock_with_secret, unlock_with_shares

from . import second_reader

FOLDER = Path(__file__).parent / "golden" / "v1"
INPUTS: dict[str, Any] = json.loads((FOLDER / "inputs.json").read_text(encoding="utf-8"))
CASE, RECORD = CaseId(INPUTS["case"]), INPUTS["record"]
KEY = bytes.fromhex(INPUTS["record_key"])
SHORT = INPUTS["short_text"].encode()
LONG = bytes((place * place >> 3) & 255 for place in range(70_000))
BLOBS = {
    "blob-aes.bin": (SHORT, Role.CONTENT, 0),
    "blob-sm4.bin": (SHORT, Role.CONTENT, 0),
    "blob-empty.bin": (b"", Role.DESCRIPTION, 0),
    "blob-deflated.bin": (SHORT * 300, Role.TEXT, 0),
    "blob-long.bin": (LONG, Role.SEGMENT, 3),
}


def _stored(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", BLOBS)
def test_sealed_blobs_of_version_1_open(name: str) -> None:
    content, role, part = BLOBS[name]
    binding = Binding(CASE, RECORD, role, part)
    assert open_bytes(KEY, _stored(name), binding=binding) == content
    with open_stream(KEY, RangedBytes(_stored(name)), binding=binding) as opened:
        assert opened.read() == content
    assert second_reader.read_blob(_stored(name), KEY, CASE, RECORD, role, part) == content


def test_columns_and_marks_of_version_1_stay_as_they_are() -> None:
    cell = ColumnBinding(CASE, RECORD, "occurrence.path")
    assert open_column(KEY, _stored("column.bin"), binding=cell) == SHORT
    assert second_reader.read_column(_stored("column.bin"), KEY, CASE, RECORD, cell.column) == SHORT
    row = {"id": RECORD, "size": 4096, "held": False, "due": None, "state": "archived", "digest": b"\x01\x02"}
    assert row_mac(KEY, "record", row).hex() == INPUTS["row_mac"]
    assert fingerprint(KEY, "content", SHORT).hex() == INPUTS["fingerprint"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_packs_of_every_version_are_read(version: str) -> None:
    pack, store = PackId(INPUTS["pack"]), MemoryStore()
    stored = (FOLDER.parent / version / "pack.bin").read_bytes()
    store.put(pack_name(pack), stored)
    assert verify_pack(store, pack, CASE) == ()
    entries = read_index(store, pack, CASE)
    read = [(entry.record, entry.role, entry.part, read_blob(store, entry.pointer)) for entry in entries]
    assert read == [
        (RECORD, Role.CONTENT, 0, _stored("blob-aes.bin")),
        (RECORD, Role.TEXT, 0, _stored("blob-deflated.bin")),
        (RECORD, Role.SEGMENT, 5, _stored("blob-sm4.bin")),
    ]
    assert second_reader.read_pack(stored, pack, CASE) == read


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_flipped_bit_is_found_in_packs_of_every_version(version: str) -> None:
    pack = PackId(INPUTS["pack"])
    stored = (FOLDER.parent / version / "pack.bin").read_bytes()
    for place in (0, 4, 64, len(stored) // 2, len(stored) - 60, len(stored) - 1):
        store = MemoryStore()
        store.put(pack_name(pack), stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :])
        assert len(verify_pack(store, pack, CASE)) == 1


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 3073, 5000])
def test_the_digest_of_packs_is_blake3_as_specified(size: int) -> None:
    content = bytes(place % 251 for place in range(size))
    assert second_reader.blake3(content) == blake3(content).digest()


@pytest.mark.parametrize("name", ["key-page.bin", "key-page-sm4.bin"])
def test_key_pages_of_version_1_open(name: str) -> None:
    page, epoch_key = KeyPageId(INPUTS["page"]), bytes.fromhex(INPUTS["epoch_keys"]["1"])
    keys = {holder: bytes.fromhex(key) for holder, key in INPUTS["page_keys"].items()}
    assert open_page(epoch_key, _stored(name), page=page, case=CASE, epoch=1).keys == keys
    assert second_reader.read_page(_stored(name), epoch_key, CASE) == (1, page, keys)
    assert manifest_digest(CASE, 1, [page]).hex() == INPUTS["manifest_digest"]


@pytest.mark.parametrize(("name", "epochs"), [("key-sheet.json", [1]), ("key-sheet-two-epochs.json", [1, 2])])
def test_key_sheets_of_version_1_unlock(name: str, epochs: list[int]) -> None:
    sheet = decode(_stored(name))
    assert encode(sheet) == _stored(name)
    keys = {epoch: bytes.fromhex(INPUTS["epoch_keys"][str(epoch)]) for epoch in epochs}
    secret = bytes.fromhex(INPUTS["unattended_secret"])
    assert unlock_with_secret(sheet, secret).epoch_keys == keys
    assert unlock_with_passphrase(sheet, INPUTS["passphrase"]).epoch_keys == keys
    assert unlock_with_shares(sheet, INPUTS["shares"][1:]).epoch_keys == keys
    assert second_reader.read_sheet(_stored(name), secret) == keys


def test_spool_files_of_version_1_open() -> None:
    key = bytes.fromhex(INPUTS["spool_key"])
    with SpoolContent(FOLDER / "spool.bin", key).open() as stream:
        assert stream.read() == LONG
    assert second_reader.read_blob(_stored("spool.bin"), key, "", "", 14, kind=2) == LONG


def test_a_stranger_with_documents_sheet_and_secret_reads_the_whole_way_down() -> None:
    """From the key sheet over the key page and the pack to the content, without kedang."""
    epoch_keys = second_reader.read_sheet(
        _stored("key-sheet.json"), bytes.fromhex(INPUTS["unattended_secret"])
    )
    epoch, _, keys = second_reader.read_page(_stored("key-page.bin"), epoch_keys[1], CASE)
    assert epoch == 1
    record, role, part, blob = second_reader.read_pack(_stored("pack.bin"), INPUTS["pack"], CASE)[0]
    assert second_reader.read_blob(blob, keys[record], CASE, record, role, part) == SHORT


def test_the_second_reader_refuses_what_it_must() -> None:
    with pytest.raises(second_reader.Refused):
        second_reader.read_blob(_stored("blob-aes.bin"), bytes(32), CASE, RECORD, Role.CONTENT)
    with pytest.raises(InvalidTag):
        second_reader.read_blob(_stored("blob-aes.bin"), KEY, CASE, RECORD, Role.CONTENT, part=1)
    with pytest.raises(second_reader.Refused):
        second_reader.read_sheet(_stored("key-sheet.json"), bytes(32))
