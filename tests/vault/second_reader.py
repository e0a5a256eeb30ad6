"""A second reader of the formats, written from docs/formats alone; it imports nothing of kedang."""

from __future__ import annotations

import hmac
import json
import zlib
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite


class Refused(Exception):
    """The bytes are not as the documents say."""


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256."""
    extracted = hmac.digest(salt or bytes(32), key, sha256)
    block, out, number = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(extracted, block + info + bytes([number]), sha256)
        out, number = out + block, number + 1
    return out[:length]


def open_chunk(suite: int, key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    """sealed-blob.md section 1."""
    if suite == 1:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    opening = Cipher(SM4(key[:16]), modes.GCM(nonce, sealed[-16:])).decryptor()
    opening.authenticate_additional_data(associated)
    return opening.update(sealed[:-16]) + opening.finalize()


def padme(size: int) -> int:
    """sealed-blob.md section 3, with logarithms as it writes them."""
    power = len(bin(size)) - 3
    significant = len(bin(power)) - 3 + 1
    step = 1 << max(power - significant, 0)
    return (size + step - 1) // step * step


def counted(text: str) -> bytes:
    """len16(x) ‖ x."""
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def number(stored: bytes) -> int:
    return int.from_bytes(stored, "big")


def read_blob(
    stored: bytes, key: bytes, case: str, record: str, role: int, part: int = 0, kind: int = 1
) -> bytes:
    """sealed-blob.md sections 1 to 4."""
    header, body = stored[:72], stored[72:]
    suite = header[6]
    if header[:6] != b"KDSB" + bytes([1, kind]) or suite not in (1, 2) or header[7] != 16:
        raise Refused("header")
    derived = hkdf(key, header[8:40], b"kedang sealed blob v1" + bytes([suite, role]), 64)
    if derived[32:] != header[40:]:
        raise Refused("commitment")
    associated = header + counted(case) + counted(record) + bytes([role]) + part.to_bytes(8, "big")
    chunks = [body[at : at + 65_552] for at in range(0, len(body), 65_552)]
    payload = b""
    for place, chunk in enumerate(chunks):
        nonce = place.to_bytes(11, "big") + bytes([place == len(chunks) - 1])
        payload += open_chunk(suite, derived[:32], nonce, chunk, associated)
    length = number(payload[-8:])
    if len(payload) != padme(max(2 + length + 8, 128)) or payload[1] != 1:
        raise Refused("payload")
    if any(payload[2 + length : -8]):
        raise Refused("zeros")
    content = payload[2 : 2 + length]
    return zlib.decompress(content) if payload[0] == 2 else content


def read_column(stored: bytes, key: bytes, case: str, row: str, column: str) -> bytes:
    """sealed-blob.md section 6."""
    header, suite = stored[:66], stored[1]
    derived = hkdf(key, header[2:34], b"kedang sealed column v1" + bytes([suite]), 64)
    if header[0] != 1 or derived[32:] != header[34:]:
        raise Refused("header")
    associated = header + counted(case) + counted(row) + counted(column)
    payload = open_chunk(suite, derived[:32], bytes(12), stored[66:], associated)
    value = payload.rstrip(b"\x00")
    if not value.endswith(b"\x80") or len(payload) != padme(max(len(value), 32)):
        raise Refused("padding")
    return value[:-1]


IV = (
    0x6A09E667,
    0xBB67AE85,
    0x3C6EF372,
    0xA54FF53A,
    0x510E527F,
    0x9B05688C,
    0x1F83D9AB,
    0x5BE0CD19,
)
SHUFFLED = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MIXED = tuple((0 + i, 4 + i, 8 + i, 12 + i) for i in range(4)) + tuple(
    (i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4) for i in range(4)
)
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8
WORD = 0xFFFFFFFF


def compress(chaining: tuple[int, ...], block: bytes, counter: int, flags: int) -> tuple[int, ...]:
    """The BLAKE3 specification, section 2.2; the first eight words of the result."""
    padded = block.ljust(64, b"\0")
    words = [int.from_bytes(padded[at : at + 4], "little") for at in range(0, 64, 4)]
    state = [*chaining, *IV[:4], counter & WORD, counter >> 32, len(block), flags]
    for _ in range(7):
        for place, (a, b, c, d) in enumerate(MIXED):
            for word, by_d, by_b in ((words[2 * place], 16, 12), (words[2 * place + 1], 8, 7)):
                state[a] = (state[a] + state[b] + word) & WORD
                state[d] = turned(state[d] ^ state[a], by_d)
                state[c] = (state[c] + state[d]) & WORD
                state[b] = turned(state[b] ^ state[c], by_b)
        words = [words[place] for place in SHUFFLED]
    return tuple(state[place] ^ state[place + 8] for place in range(8))


def turned(word: int, by: int) -> int:
    return (word >> by | word << (32 - by)) & WORD


def sha256_digest(content: bytes) -> bytes:
    return sha256(content).digest()


def blake3(content: bytes) -> bytes:
    """The BLAKE3 specification, sections 2.1 to 2.6: plain mode, 32 bytes."""
    return b"".join(word.to_bytes(4, "little") for word in node(content, 0, ROOT))


def node(content: bytes, first_chunk: int, root: int) -> tuple[int, ...]:
    if len(content) > 1024:
        left = 1 << ((len(content) - 1) // 1024).bit_length() - 1  # the largest power of two that leaves some
        halves = (
            node(content[: left * 1024], first_chunk, 0),
            node(content[left * 1024 :], first_chunk + left, 0),
        )
        joined = b"".join(word.to_bytes(4, "little") for half in halves for word in half)
        return compress(IV, joined, 0, PARENT | root)
    blocks = [content[at : at + 64] for at in range(0, len(content), 64)] or [b""]
    chaining: tuple[int, ...] = IV
    for place, block in enumerate(blocks):
        start = CHUNK_START if place == 0 else 0
        end = CHUNK_END | root if place == len(blocks) - 1 else 0
        chaining = compress(chaining, block, first_chunk, start | end)
    return chaining


def read_pack(stored: bytes, pack: str, case: str) -> list[tuple[str, int, int, bytes]]:
    """pack.md: record, role, part and bytes of every blob."""
    header, footer = stored[:64], stored[-56:]
    version = header[4]
    if version not in (1, 2):
        raise Refused("version")
    digest = blake3 if version == 2 else sha256_digest
    if header != b"KDPK" + bytes([version, 0, 0, 0]) + bytes.fromhex(pack) + sha256(
        case.encode()
    ).digest() + bytes(8):
        raise Refused("header")
    start, count = number(footer[:8]), number(footer[8:16])
    index = stored[start:-56]
    if footer[48:] != bytes([version, 0, 0, 0]) + b"KDPE" or len(index) != 76 * count:
        raise Refused("footer")
    if digest(header + index) != footer[16:48]:
        raise Refused("index")
    found, end = [], 64
    for at in range(0, len(index), 76):
        entry = index[at : at + 76]
        offset, length = number(entry[:8]), number(entry[8:16])
        blob = stored[offset : offset + length]
        if offset != end or digest(blob) != entry[44:]:
            raise Refused("blob")
        found.append((entry[16:32].hex(), entry[32], number(entry[36:44]), blob))
        end = offset + length
    if end != start:
        raise Refused("gap")
    return found


def read_page(stored: bytes, epoch_key: bytes, case: str) -> tuple[int, str, dict[str, bytes]]:
    """key-page.md: epoch, page id and keys."""
    header, suite, count = stored[:64], stored[5], number(stored[6:8])
    if header[:5] != b"KDKP\x01" or len(stored) != 64 + 2 + 48 * count + 16:
        raise Refused("header")
    derived = hkdf(epoch_key, header[16:32], b"kedang key page v1" + bytes([suite]), 64)
    if derived[32:] != header[32:]:
        raise Refused("commitment")
    payload = open_chunk(suite, derived[:32], bytes(12), stored[64:], header + case.encode())
    entries = [payload[at : at + 48] for at in range(2, len(payload), 48)]
    if payload[:2] != b"\x01\x01" or entries != sorted(entries):
        raise Refused("payload")
    keys = {entry[:16].hex(): entry[16:] for entry in entries}
    return number(header[8:16]), header[16:32].hex(), keys


def canonical(body: object) -> bytes:
    """RFC 8785 for what a key sheet holds: ASCII names, texts and whole numbers."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_sheet(stored: bytes, secret: bytes) -> dict[int, bytes]:
    """key-sheet.md: the epoch keys, by the secret of any slot."""
    sheet = json.loads(stored)
    if canonical(sheet) != stored or (sheet["format"], sheet["version"]) != ("kedang-key-sheet", 1):
        raise Refused("form")
    macs = sheet.pop("macs")
    for place, slot in enumerate(sheet["slots"]):
        derived = hkdf(secret, bytes.fromhex(slot["salt"]), b"kedang key slot v1", 64)
        if derived[32:].hex() != slot["commitment"]:
            continue
        bound = {name: value for name, value in slot.items() if name != "locked_key"} | {
            "case": sheet["case"]
        }
        locked = bytes.fromhex(slot["locked_key"])
        private = AESGCM(derived[:32]).decrypt(bytes(12), locked, canonical(bound))
        keys = {}
        for epoch, mac in zip(sheet["epochs"], macs, strict=True):
            named = {"case": sheet["case"], "epoch": epoch["epoch"], "slot": slot["slot"]}
            key = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM).decrypt(
                bytes.fromhex(epoch["wrapped"][place]),
                X25519PrivateKey.from_private_bytes(private),
                b"kedang key sheet epoch v1" + canonical(named),
            )
            mac_key = hkdf(key, b"", b"kedang key sheet mac v1", 32)
            if hmac.digest(mac_key, canonical(sheet), sha256).hex() != mac:
                raise Refused("mac")
            keys[epoch["epoch"]] = key
        return keys
    raise Refused("secret")
