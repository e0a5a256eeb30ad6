"""Time-stamps of heads (RFC 3161): somebody else's signature that a head was there at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from kedang.ledger.errors import CertificateMalformed, TimestampInvalid, TimestampRefused

QUERY_TYPE = "application/timestamp-query"  # RFC 3161 §3.4
REPLY_BYTES_MAX = 1 << 20  # a reply with a long chain of certificates has some 10 KB
NONCE_BYTES = 8
_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier of SHA-256, RFC 5754 §2
_GRANTED = 0  # PKIStatus
_CERTIFICATES = 0xA0  # tag of the certificates in SignedData, RFC 5652 §5.1


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What an authority has signed: when it saw the head."""

    time: datetime
    serial: int


def query(note: str, *, nonce: bytes) -> bytes:
    """The request for a time-stamp of a signed head, with the authority's certificates in the reply."""
    imprint = _der(0x30, _SHA256 + _der(0x04, sha256(note.encode()).digest()))
    value = int.from_bytes(nonce, "big")
    number = _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))  # DER: no needless zero byte
    return _der(0x30, _der(0x02, b"\x01") + imprint + number + _der(0x01, b"\xff"))


def read_certificates(pem: str) -> list[Certificate]:
    """The certificates of a PEM file.

    Raises:
        CertificateMalformed: it holds none.
    """
    try:
        return load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise CertificateMalformed(characters=len(pem)) from error


def verify_time_stamp(
    reply: bytes, *, note: str, trusted: Sequence[Certificate], nonce: bytes | None = None
) -> TimeStamp:
    """When the authority saw the signed head, by a reply that is its own.

    Raises:
        TimestampRefused: the reply grants nothing.
        TimestampInvalid: it is of another head, of another request, or not signed under `trusted`.
    """
    try:
        response = decode_timestamp_response(_with_ordered_certificates(reply))
    except ValueError as error:
        raise TimestampRefused(size_bytes=len(reply)) from error
    if response.status != _GRANTED:
        raise TimestampRefused(status=response.status)
    wanted = int.from_bytes(nonce, "big") if nonce is not None else None
    try:
        VerifierBuilder(roots=list(trusted), nonce=wanted).build().verify_message(response, note.encode())
        info = response.tst_info
    except (VerificationError, ValueError) as error:
        raise TimestampInvalid(size_bytes=len(reply)) from error
    return TimeStamp(info.gen_time, info.serial_number)


def _with_ordered_certificates(reply: bytes) -> bytes:
    """The reply with its certificates in the order of DER: some authorities send them in another one.

    The signature does not cover the certificates that come along. What cannot be read stays as it is.
    """
    try:
        response = _inside(reply, 0, len(reply))[0]
        content = _inside(reply, *response[2:])[1]
        wrapped = _inside(reply, *content[2:])[1]
        signed = _inside(reply, *wrapped[2:])[0]
        sets = [one for one in _inside(reply, *signed[2:]) if one[0] == _CERTIFICATES]
        _tag, _at, start, end = sets[0]
        each = sorted(reply[first:last] for _, first, _, last in _inside(reply, start, end))
    except IndexError:
        return reply
    return reply[:start] + b"".join(each) + reply[end:]


def _inside(data: bytes, at: int, end: int) -> list[tuple[int, int, int, int]]:
    """The DER elements in [at, end): tag, where it begins, where its content begins, where it ends."""
    found = []
    while at < end:
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start], "big")
        found.append((tag, at, start, start + length))
        at = start + length
    return found


def _der(tag: int, content: bytes) -> bytes:
    # Nothing in a request is as long as 128 bytes.
    return bytes((tag, len(content))) + content
