"""Sealed blobs, whole in memory. The format is docs/formats/sealed-blob.md; `stream.py` seals large ones.

    blob    = header, chunk+
    header  = "KDSB", version, kind, suite, chunk size as a power of two, salt (32), commitment (32)
    chunk   = AEAD(64 KiB of the payload, or the rest of it); nonce = counter (11), last flag (1)
    payload = payload kind, payload version, content, zeros up to a PADMÉ size, content length (8)

A reader checks in this order: magic and versions, commitment, then the last chunk (which proves the
length), then any other chunk before a byte of it is released.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from hmac import compare_digest

from cryptography.exceptions import InvalidTag

from kedang.records.ids import CaseId
from kedang.vault.errors import BlobDamaged, KeyMismatch, NotSealed
from kedang.vault.padding import padded_size
from kedang.vault.suites import (
    COMMITMENT_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    Aead,
    Bytes,
    Suite,
    aead,
    derive_committed,
)

MAGIC = b"KDSB"
VERSION = 1
CHUNK_BITS = 16
CHUNK_BYTES = 1 << CHUNK_BITS  # plaintext; fixed by docs/formats/sealed-blob.md section 2
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
PREFIX_BYTES = 2  # payload kind and version
TRAILER_BYTES = 8  # content length

_HEADER = struct.Struct(f">4sBBBB{SALT_BYTES}s{COMMITMENT_BYTES}s")
HEADER_BYTES = _HEADER.size  # 72
_CONTEXT_TAIL = struct.Struct(">BQ")
_LENGTH = struct.Struct(">Q")
_INFO = b"kedang sealed blob v1"
_PAYLOAD_VERSION = 1


class BlobKind(IntEnum):
    """Where a blob lives; the number is the byte on disk."""

    STORED = 1  # in a pack
    SPOOL = 2  # a temporary file under a process key


class Role(IntEnum):
    """What a blob is of its record; it enters the key, so one role never passes for another."""

    CONTENT = 1  # the original bytes, whole
    SEGMENT = 2  # one range of a container, under its member's key; `part` is its ordinal
    TEXT = 3
    DESCRIPTION = 4  # names, paths, titles, metadata
    TABLES = 5
    FINDINGS = 6  # spans, facts, mentions
    PREVIEW = 7
    CONVERSION = 8
    ROW_SET = 9  # one customer's rows of one table
    PROFILE = 10  # of a customer
    INDEX_PART = 11
    SNAPSHOT = 12
    ATTESTATION = 13  # reasons, commitments' salts, certificates' sealed part
    SPOOL = 14
    MENTIONS = 15  # who is named in a record, in normal forms
    BLOCK = 16  # rows of a snapshot; `part` says which of its object's

    @property
    def kind(self) -> BlobKind:
        """Where blobs of this role live."""
        return BlobKind.SPOOL if self is Role.SPOOL else BlobKind.STORED


class PayloadKind(IntEnum):
    """How the content stands in the payload; the number is the payload's first byte."""

    PLAIN = 1
    DEFLATE = 2  # zlib (RFC 1950)


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose blob it is. A blob opens only where all four are what they were when it was sealed."""

    case: CaseId
    record: str
    """Id of the holder of the key: record, row set, customer, index part, snapshot; of a block, its object's."""
    role: Role
    part: int = 0
    """Ordinal where there are several blobs of one role (segments, blocks), else 0."""

    def encoded(self) -> bytes:
        """The bytes that stand in every chunk's associated data after the header."""
        record = self.record.encode()
        tail = _CONTEXT_TAIL.pack(self.role, self.part)
        return b"".join((_encoded_case(self.case), len(record).to_bytes(2), record, tail))


@lru_cache(maxsize=8)
def _encoded_case(case: CaseId) -> bytes:
    encoded = case.encode()
    return len(encoded).to_bytes(2) + encoded


@dataclass(frozen=True, slots=True)
class SealedSize:
    """How long a sealed blob is, in three ways; only `sealed_bytes` may be told in clear."""

    content_bytes: int
    padded_bytes: int
    sealed_bytes: int


@dataclass(frozen=True, slots=True)
class Cipherment:
    """The cipher of one blob with the associated data of all its chunks."""

    cipher: Aead
    header: bytes
    associated: bytes


def seal_bytes(
    key: bytes,
    content: Bytes,
    *,
    binding: Binding,
    salt: bytes,
    suite: Suite = Suite.AES_256_GCM,
    compress: bool = False,
) -> bytes:
    """The sealed blob of `content` under a record key.

    `salt` is 32 random bytes, never used before. `compress` is for text; where deflating does not make
    the content smaller it is sealed as it is.
    """
    kind = PayloadKind.PLAIN
    if compress:
        deflated = zlib.compress(content, level=1)  # 4 times as fast as 6 for 10 % more bytes
        if len(deflated) < len(content):
            content, kind = deflated, PayloadKind.DEFLATE
    begun = begin_sealing(key, binding=binding, salt=salt, suite=suite)
    payload = b"".join((payload_prefix(kind), content, payload_end(len(content))))
    if len(payload) <= CHUNK_BYTES:
        return begun.header + begun.cipher.encrypt(nonce(0, last=True), payload, begun.associated)
    sealed = bytearray(sealed_size(len(content)).sealed_bytes)
    sealed[:HEADER_BYTES] = begun.header
    seal_chunks(begun, payload, memoryview(sealed)[HEADER_BYTES:], first=0, ends=True)
    return bytes(sealed)


def open_bytes(key: bytes, blob: Bytes, *, binding: Binding) -> bytes:
    """The content of a sealed blob, after every byte of it has been checked.

    Raises:
        NotSealed: no blob of a known version.
        KeyMismatch: another key, role or suite, or a damaged header.
        BlobDamaged: altered, cut, extended, or of another case, record, role or part.
    """
    begun = begin_opening(key, blob[:HEADER_BYTES], binding=binding)
    count = chunk_count(len(blob), binding)
    if count == 1:  # most blobs; a copy of so little is made faster than a view
        payload = open_chunk(begun, blob[HEADER_BYTES:], counter=0, last=True, binding=binding)
    else:
        body = memoryview(blob)[HEADER_BYTES:]
        payload = b"".join(
            open_chunk(
                begun,
                body[at * SEALED_CHUNK_BYTES : (at + 1) * SEALED_CHUNK_BYTES],
                counter=at,
                last=at == count - 1,
                binding=binding,
            )
            for at in range(count)
        )
    length = content_length(payload, len(payload), binding)
    content = payload[PREFIX_BYTES : PREFIX_BYTES + length]
    return inflated(payload_kind(payload), content, binding)


def sealed_size(content_bytes: int) -> SealedSize:
    """How long content of this length is when sealed (not compressed)."""
    padded = padded_size(PREFIX_BYTES + content_bytes + TRAILER_BYTES)
    chunks = -(-padded // CHUNK_BYTES)
    return SealedSize(content_bytes, padded, HEADER_BYTES + padded + chunks * TAG_BYTES)


def begin_sealing(key: bytes, *, binding: Binding, salt: bytes, suite: Suite) -> Cipherment:
    """The header of a new blob, with its cipher."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt is {SALT_BYTES} bytes")
    info = _info(suite, binding.role)
    cipher_key, commitment = derive_committed(key, salt=salt, info=info)
    header = _HEADER.pack(MAGIC, VERSION, binding.role.kind, suite, CHUNK_BITS, salt, commitment)
    return Cipherment(aead(suite, cipher_key), header, header + binding.encoded())


def begin_opening(key: bytes, header: Bytes, *, binding: Binding) -> Cipherment:
    """The cipher of a stored blob, after its header and key commitment have been checked."""
    if len(header) != HEADER_BYTES:
        raise NotSealed(record=binding.record, role=binding.role)
    magic, version, kind, suite, bits, salt, commitment = _HEADER.unpack(header)
    expected = (MAGIC, VERSION, binding.role.kind, CHUNK_BITS)
    if (magic, version, kind, bits) != expected or suite not in _SUITES:
        raise NotSealed(record=binding.record, role=binding.role)
    cipher_key, committed = derive_committed(key, salt=salt, info=_info(suite, binding.role))
    if not compare_digest(commitment, committed):
        raise KeyMismatch(record=binding.record, role=binding.role)
    header = bytes(header)
    return Cipherment(aead(_SUITES[suite], cipher_key), header, header + binding.encoded())


@cache
def _info(suite: int, role: Role) -> bytes:
    return _INFO + bytes((suite, role))


_SUITES = {int(suite): suite for suite in Suite}
_PAYLOAD_KINDS = {int(kind): kind for kind in PayloadKind}
_PREFIXES = {kind: bytes((kind, _PAYLOAD_VERSION)) for kind in PayloadKind}
_FIRST_AND_LAST = bytes(11) + b"\x01"


def nonce(counter: int, *, last: bool) -> bytes:
    """The nonce of a chunk: 11 bytes of counter and a flag on the last one, as in the age format."""
    if last and not counter:
        return _FIRST_AND_LAST
    return (counter << 8 | last).to_bytes(12)


def seal_chunks(begun: Cipherment, payload: Bytes, into: memoryview, *, first: int, ends: bool) -> int:
    """Seal `payload` as chunks from number `first` on; the count of bytes written to `into`.

    Unless the payload `ends` here, its length is a multiple of the chunk size.
    """
    source, written, size = memoryview(payload), 0, len(payload)
    for start in range(0, size, CHUNK_BYTES):
        chunk = source[start : start + CHUNK_BYTES]
        end = written + len(chunk) + TAG_BYTES
        last = ends and start + CHUNK_BYTES >= size
        number = nonce(first + start // CHUNK_BYTES, last=last)
        begun.cipher.encrypt_into(number, chunk, begun.associated, into[written:end])
        written = end
    return written


def open_chunk(begun: Cipherment, sealed: Bytes, *, counter: int, last: bool, binding: Binding) -> bytes:
    """One chunk of the payload, checked."""
    try:
        return begun.cipher.decrypt(nonce(counter, last=last), sealed, begun.associated)
    except InvalidTag as error:
        raise damaged(binding, chunk=counter) from error


def open_chunks(
    begun: Cipherment, sealed: memoryview, into: memoryview, *, first: int, count: int, binding: Binding
) -> int:
    """Open the chunks of `sealed`, of which the first is number `first` of `count`; the bytes written to `into`."""
    written, number = 0, first
    for start in range(0, len(sealed), SEALED_CHUNK_BYTES):
        chunk = sealed[start : start + SEALED_CHUNK_BYTES]
        end = written + len(chunk) - TAG_BYTES
        here = nonce(number, last=number == count - 1)
        try:
            begun.cipher.decrypt_into(here, chunk, begun.associated, into[written:end])
        except InvalidTag as error:
            raise damaged(binding, chunk=number) from error
        written, number = end, number + 1
    return written


def chunk_count(sealed_bytes: int, binding: Binding) -> int:
    """How many chunks a blob of this length has; the last is never empty."""
    count, rest = divmod(sealed_bytes - HEADER_BYTES, SEALED_CHUNK_BYTES)
    if rest:
        count += 1
    if count < 1 or 0 < rest <= TAG_BYTES:
        raise damaged(binding, chunk=max(count - 1, 0))
    return count


def payload_prefix(kind: PayloadKind) -> bytes:
    """Kind and version, the first two bytes of every payload."""
    return _PREFIXES[kind]


def payload_end(content_bytes: int) -> bytes:
    """The zeros and the length that follow content of this length."""
    used = PREFIX_BYTES + content_bytes + TRAILER_BYTES
    return bytes(padded_size(used) - used) + _LENGTH.pack(content_bytes)


def payload_kind(first_chunk: Bytes) -> PayloadKind:
    """How the content stands in a payload that begins so."""
    kind = _PAYLOAD_KINDS.get(first_chunk[0])
    if kind is None or first_chunk[1] != _PAYLOAD_VERSION:
        raise NotSealed(payload_kind=first_chunk[0], payload_version=first_chunk[1])
    return kind


def content_length(last_chunk: Bytes, payload_bytes: int, binding: Binding) -> int:
    """The length that the payload's last eight bytes tell, checked against the padded size."""
    length: int = _LENGTH.unpack_from(last_chunk, len(last_chunk) - TRAILER_BYTES)[0]
    if padded_size(PREFIX_BYTES + length + TRAILER_BYTES) != payload_bytes:
        raise damaged(binding, chunk=(payload_bytes - 1) // CHUNK_BYTES)
    return length


def inflated(kind: PayloadKind, content: bytes, binding: Binding) -> bytes:
    """The content as it was before it was sealed."""
    if kind is PayloadKind.PLAIN:
        return content
    try:
        return zlib.decompress(content)
    except zlib.error as error:
        raise damaged(binding, chunk=0) from error


def damaged(binding: Binding, *, chunk: int) -> BlobDamaged:
    """The fault, with the ids that find the blob."""
    return BlobDamaged(record=binding.record, role=binding.role, part=binding.part, chunk=chunk)
