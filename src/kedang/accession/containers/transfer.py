"""Transfer encodings of mail parts, decoded as they stream: base64, quoted-printable, uuencode."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from kedang.accession.errors import MemberDamaged

_NOT_BASE64 = bytes(
    sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
)
IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
_UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})


def decoded(encoding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes that were encoded; unknown encodings are given as they stand."""
    if encoding == "base64":
        return _base64(pieces)
    if encoding == "quoted-printable":
        return _quoted_printable(pieces)
    if encoding in _UUENCODE:
        return _uuencode(pieces)
    return pieces


def _base64(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Groups of four; a group that ends in "=" ends one run, another may follow it."""
    kept = b""
    for piece in pieces:
        kept += piece.translate(None, _NOT_BASE64)
        whole = len(kept) - len(kept) % 4
        ready, kept = kept[:whole], kept[whole:]
        yield from _runs(ready)
    kept = kept.rstrip(b"=")
    if len(kept) == 1:
        raise MemberDamaged(encoding="base64")
    if kept:
        yield binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _runs(groups: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(groups):
        padded = groups.find(b"=", at)
        end = len(groups) if padded < 0 else padded - (padded - at) % 4 + 4
        run = groups[at:end]
        at = end
        if run.strip(b"="):
            yield binascii.a2b_base64(run)


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines with their breaks; lines beyond 1 MiB are cut."""
    kept = b""
    for piece in pieces:
        kept += piece
        *whole, kept = kept.splitlines(keepends=True) or [b""]
        if kept.endswith(b"\n"):
            whole, kept = [*whole, kept], b""
        yield from whole
        if len(kept) > 1024 * 1024:
            # Never between "=" and its two digits.
            cut = len(kept) - 2 if b"=" in kept[-2:] else len(kept)
            yield kept[:cut]
            kept = kept[cut:]
    if kept:
        yield kept


def _quoted_printable(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for line in _lines(pieces):
        yield binascii.a2b_qp(line)


def _uuencode(pieces: Iterator[bytes]) -> Iterator[bytes]:
    begun, blank = False, True
    for line in _lines(pieces):
        if not begun:
            begun = line.startswith(b"begin ")
            blank = blank and (begun or not line.strip())
            continue
        if line.strip() == b"end":
            return
        try:
            yield binascii.a2b_uu(line)
        except binascii.Error:
            # Some encoders pad wrongly: count the characters that the length byte promises.
            promised = (((line[0] - 32) & 63) * 4 + 5) // 3
            yield binascii.a2b_uu(line[:promised])
    if begun:
        raise EOFError
    if not blank:
        raise MemberDamaged(encoding="uuencode")
