"""Files under a password: Office documents (ECMA-376 standard encryption) and PDFs (RC4, revision 3)."""

from __future__ import annotations

import hashlib
import re
import struct
from random import Random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from examples.sample_company.paper import Paper
from examples.sample_company.writers.compound import Storage, compound
from examples.sample_company.writers.portable import build, lines_by_page, objects_of, page_content

SPINS = 50_000  # MS-OFFCRYPTO 2.3.4.7
PROVIDER = "Microsoft Enhanced RSA and AES Cryptographic Provider\0"
PADDING = bytes.fromhex(
    "28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a"
)  # ISO 32000-1, 7.6.3.3
PERMISSIONS = -44


def _sha1(payload: bytes) -> bytes:
    return hashlib.sha1(payload, usedforsecurity=False).digest()


def _md5(payload: bytes) -> bytes:
    return hashlib.md5(payload, usedforsecurity=False).digest()


def _aes(key: bytes, payload: bytes) -> bytes:
    machine = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - the format asks for it
    return machine.update(payload) + machine.finalize()


def locked_office(package: bytes, password: str, random: Random) -> bytes:
    """A docx or xlsx that opens with the password only."""
    salt, verifier = random.randbytes(16), random.randbytes(16)
    digest = _sha1(salt + password.encode("utf-16-le"))
    for turn in range(SPINS):
        digest = _sha1(struct.pack("<I", turn) + digest)
    digest = _sha1(digest + bytes(4))
    key = _sha1(bytes(byte ^ 0x36 for byte in digest.ljust(64, b"\0")))[:16]
    provider = PROVIDER.encode("utf-16-le")
    header = struct.pack("<IIIIIIII", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + provider
    info = struct.pack("<HHII", 3, 2, 0x24, len(header)) + header
    info += (
        struct.pack("<I", 16)
        + salt
        + _aes(key, verifier)
        + struct.pack("<I", 20)
        + _aes(key, _sha1(verifier).ljust(32, b"\0"))
    )
    padded = package.ljust(-(-len(package) // 16) * 16, b"\0")
    return compound(
        Storage(
            {"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", len(package)) + _aes(key, padded)}
        )
    )


def _rc4(key: bytes, payload: bytes) -> bytes:
    box, other = list(range(256)), 0
    for place in range(256):
        other = (other + box[place] + key[place % len(key)]) % 256
        box[place], box[other] = box[other], box[place]
    target, first, second = bytearray(), 0, 0
    for value in payload:
        first = (first + 1) % 256
        second = (second + box[first]) % 256
        box[first], box[second] = box[second], box[first]
        target.append(value ^ box[(box[first] + box[second]) % 256])
    return bytes(target)


def _many_rc4(key: bytes, payload: bytes) -> bytes:
    for turn in range(20):
        payload = _rc4(bytes(byte ^ turn for byte in key), payload)
    return payload


def locked_pdf(paper: Paper, password: str, random: Random) -> bytes:
    """A PDF that opens with the password only."""
    identity, padded = random.randbytes(16), (password.encode() + PADDING)[:32]
    owner_key = padded
    for _ in range(51):
        owner_key = _md5(owner_key)[:16] if len(owner_key) == 16 else _md5(owner_key)
    owner = _many_rc4(owner_key, padded)
    key = _md5(padded + owner + struct.pack("<i", PERMISSIONS) + identity)
    for _ in range(50):
        key = _md5(key)
    user = _many_rc4(key, _md5(PADDING + identity)) + bytes(16)
    locked: list[bytes | tuple[bytes, bytes]] = []
    for number, entry in enumerate(objects_of([page_content(lines) for lines in lines_by_page(paper)]), 1):
        own = _md5(key + struct.pack("<I", number)[:3] + b"\0\0")
        if isinstance(entry, tuple):
            locked.append((entry[0], _rc4(own, entry[1])))
        else:
            locked.append(_locked_strings(entry, own))
    rights = b"/Filter /Standard /V 2 /R 3 /Length 128 /P %d /O <%s> /U <%s>"
    rights %= (PERMISSIONS, owner.hex().encode(), user.hex().encode())
    shown = identity.hex().encode()
    return build(locked, trailer=b"/Encrypt << %s >> /ID [<%s> <%s>]" % (rights, shown, shown))


def _locked_strings(entry: bytes, key: bytes) -> bytes:
    return re.sub(rb"\((\w+)\)", lambda found: b"<%s>" % _rc4(key, found[1]).hex().encode(), entry)
