"""A reader written from docs/formats alone opens every original of an archive that the real command made.

The class below imports nothing of kedang: home, key sheet and one secret are all it is given.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
import zlib
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.acceptance.sources import ORDINARY, letter, payload, put, settle, zipped
from tests.world import World

HEADER, COLUMN_HEADER, CHUNK, TAG = 72, 66, 65_536, 16


class Reader:
    """Opens one case. `lock` is the kind of slot that the secret or passphrase belongs to."""

    def __init__(self, home: Path, sheet: Path, lock: str, secret: bytes) -> None:
        self.home = home
        self.rows = sqlite3.connect(f"file:{home / 'kedang.sqlite3'}?mode=ro", uri=True)
        self.rows.row_factory = sqlite3.Row
        self.case, self.epochs = opened_sheet(sheet.read_bytes(), lock, secret)
        self.page = cache(self._page)

    def _page(self, page: str) -> dict[str, bytes]:
        """Key-page.md: the keys of a page by their holders."""
        stored = (self.home / "vault/ring" / page[:2] / page).read_bytes()
        header, count = stored[:64], number(stored[6:8])
        assert header[:6] == b"KDKP\x01\x01"
        assert (header[16:32].hex(), len(stored)) == (page, 64 + 2 + 48 * count + TAG)
        epoch_key = self.epochs[number(header[8:16])]
        key = committed(epoch_key, header[16:32], b"kedang key page v1\x01", header[32:])
        opened = AESGCM(key).decrypt(bytes(12), stored[64:], header + self.case.encode())
        assert opened[:2] == b"\x01\x01"
        entries = [opened[at : at + 48] for at in range(2, len(opened), 48)]
        return {entry[:16].hex(): entry[16:] for entry in entries}

    def column(self, row: sqlite3.Row, name: str, page: str, holder: str) -> dict[str, Any]:
        """Sealed-blob.md section 6."""
        sealed = row["sealed"]
        assert sealed[:2] == b"\x01\x01"
        info = b"kedang sealed column v1\x01"
        key = committed(self.page(page)[holder], sealed[2:34], info, sealed[34:66])
        bound = sealed[:COLUMN_HEADER] + counted(self.case) + counted(row["id"]) + counted(name)
        padded = AESGCM(key).decrypt(bytes(12), sealed[COLUMN_HEADER:], bound)
        value: dict[str, Any] = json.loads(padded.rstrip(b"\0").removesuffix(b"\x80"))
        return value

    def blob(self, pack: str, place: tuple[int, int], key: bytes, holder: str, role: int, part: int) -> bytes:
        """Sealed-blob.md sections 1 to 4."""
        with (self.home / "vault/packs" / pack[:2] / pack).open("rb") as file:
            file.seek(place[0])
            stored = file.read(place[1])
        header, body = stored[:HEADER], stored[HEADER:]
        assert header[:8] == b"KDSB\x01\x01\x01\x10"
        key = committed(key, header[8:40], b"kedang sealed blob v1\x01" + bytes([role]), header[40:])
        bound = header + counted(self.case) + counted(holder) + bytes([role]) + part.to_bytes(8, "big")
        chunks = [body[at : at + CHUNK + TAG] for at in range(0, len(body), CHUNK + TAG)]
        nonces = [at.to_bytes(11, "big") + bytes([at == len(chunks) - 1]) for at in range(len(chunks))]
        opened = b"".join(
            AESGCM(key).decrypt(nonce, chunk, bound) for nonce, chunk in zip(nonces, chunks, strict=True)
        )
        content = opened[2 : 2 + number(opened[-8:])]
        return zlib.decompress(content) if opened[0] == 2 else content

    def original(self, record: sqlite3.Row) -> bytes:
        """Home.md section 6, steps 3 to 5."""
        if record["segments"] == 0:
            place = record["content_offset"], record["content_length"]
            key = self.page(record["key_page"])[record["id"]]
            return self.blob(record["content_pack"], place, key, record["id"], 1, 0)
        query = "SELECT * FROM holdings_segment WHERE record_id = ? ORDER BY ordinal"
        pieces = []
        for row in self.rows.execute(query, (record["id"],)).fetchall():
            key, place = self.page(row["key_page"])[row["key_id"]], (row["offset"], row["length"])
            pieces.append(self.blob(row["pack"], place, key, row["key_id"], 2, row["ordinal"]))
        assert len(pieces) == record["segments"]
        return b"".join(pieces)

    def derived(self, record: sqlite3.Row) -> dict[str, Any]:
        """Derived.md."""
        place = record["derived_offset"], record["derived_length"]
        key = self.page(record["key_page"])[record["id"]]
        payload = self.blob(record["derived_pack"], place, key, record["id"], 3, 0)
        value: dict[str, Any] = json.loads(payload)
        return value

    def records(self) -> list[sqlite3.Row]:
        return self.rows.execute("SELECT * FROM holdings_record").fetchall()

    def paths(self) -> Iterator[tuple[str, str]]:
        """Record and path of every kept occurrence."""
        query = "SELECT o.*, r.key_page FROM holdings_occurrence o JOIN holdings_record r ON r.id = record_id"
        rows = {row["id"]: row for row in self.rows.execute(query)}
        for row in rows.values():
            names: list[str] = []
            step: sqlite3.Row | None = row
            while step is not None:
                said = self.column(step, "occurrence.sealed", step["key_page"], step["record_id"])
                names.insert(0, said["name"])
                step = rows[step["parent_id"]] if step["parent_id"] else None
            yield row["record_id"], "/".join(names)


def opened_sheet(stored: bytes, lock: str, secret: bytes) -> tuple[str, dict[int, bytes]]:
    """Key-sheet.md: the case and its epoch keys."""
    sheet = json.loads(stored)
    assert canonical(sheet) == stored
    case, macs = sheet["case"], sheet.pop("macs")
    place, slot = next((i, one) for i, one in enumerate(sheet["slots"]) if one["kind"] == lock)
    salt = bytes.fromhex(slot["salt"])
    if lock == "passphrase":
        cost = slot["lock"]["argon2id"]
        cost = {"iterations": cost["iterations"], "lanes": cost["lanes"], "memory_cost": cost["memory_kib"]}
        hashing = Argon2id(salt=salt, length=32, **cost)
        secret = hashing.derive(normalize("NFKC", secret.decode()).encode())
    key = committed(secret, salt, b"kedang key slot v1", bytes.fromhex(slot["commitment"]))
    bound = {name: value for name, value in slot.items() if name != "locked_key"} | {"case": case}
    private = AESGCM(key).decrypt(bytes(12), bytes.fromhex(slot["locked_key"]), canonical(bound))
    keys = {}
    for epoch, mac in zip(sheet["epochs"], macs, strict=True):
        named = canonical({"case": case, "epoch": epoch["epoch"], "slot": slot["slot"]})
        epoch_key = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM).decrypt(
            bytes.fromhex(epoch["wrapped"][place]),
            X25519PrivateKey.from_private_bytes(private),
            b"kedang key sheet epoch v1" + named,
        )
        mac_key = HKDF(SHA256(), 32, b"", b"kedang key sheet mac v1").derive(epoch_key)
        assert hmac.digest(mac_key, canonical(sheet), "sha256").hex() == mac
        keys[epoch["epoch"]] = epoch_key
    return case, keys


def committed(secret: bytes, salt: bytes, info: bytes, commitment: bytes) -> bytes:
    """The cipher key, when the commitment is that of the secret."""
    derived = HKDF(SHA256(), 64, salt, info).derive(secret)
    assert derived[32:] == commitment
    return derived[:32]


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def counted(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def number(stored: bytes) -> int:
    return int.from_bytes(stored, "big")


@pytest.mark.parametrize("lock", ["unattended", "passphrase"])
def test_every_original_opens_from_the_documents_alone(world: World, tmp_path: Path, lock: str) -> None:
    note, scan = payload("txt/gbk"), bytes(range(256)) * 9000
    inner = {"合同/甲.docx": payload("docx"), "说明.txt": note}
    outer = {"内层.zip": zipped(inner.items()), "大.bin": scan}
    mail = letter(ORDINARY, [("附件.docx", payload("docx", number=2))])
    files = {"备份.zip": zipped(outer.items()), "信.eml": mail, "空.txt": b"", "部门/记录.txt": note}
    source = tmp_path / "source"
    put(source, files.items())
    settle(source)
    assert world.intake(source)["refused"] == {}

    secret = (world.root / "shares.txt").read_bytes().split(b"\n\n")[-1].strip()  # the passphrase made
    if lock == "unattended":
        secret = bytes.fromhex(next(world.secrets.glob("*.secret")).read_text())
    reader = Reader(world.home, world.sheet(), lock, secret)
    originals = {row["id"]: reader.original(row) for row in reader.records()}
    found = {path: originals[record] for record, path in reader.paths()}
    expected = files | {f"备份.zip/{name}": octets for name, octets in outer.items()}
    expected |= {f"备份.zip/内层.zip/{name}": octets for name, octets in inner.items()}
    expected["信.eml/附件.docx"] = payload("docx", number=2)
    assert found == expected
    for row in reader.records():
        salt = bytes.fromhex(reader.column(row, "record.sealed", row["key_page"], row["id"])["salt"])
        digest = sha256(originals[row["id"]]).digest()
        assert sha256(salt + digest).digest() == row["commitment"]
        assert reader.derived(row)["sha256"] == digest.hex()
    assert any(row["segments"] for row in reader.records())
