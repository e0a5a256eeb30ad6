"""Keyed fingerprints by which a place, a file's state or a content is recognised again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedang.vault.marks import fingerprint

if TYPE_CHECKING:
    from kedang.accession.reading import Signature


class Recogniser:
    """Makes fingerprints that mean nothing without the case's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def source(self, absolute_path: bytes) -> bytes:
        """Of the place of a source."""
        return fingerprint(self._key, "source", absolute_path)

    def file(self, source_id: str, raw_path: bytes) -> bytes:
        """Of a place below a source."""
        return fingerprint(self._key, "place", source_id.encode() + b"\0" + raw_path)

    def member(self, parent_id: str, ordinal: int, raw_name: bytes) -> bytes:
        """Of a place inside a container."""
        return fingerprint(self._key, "member", f"{parent_id}\0{ordinal}\0".encode() + raw_name)

    def stat(self, signature: Signature | None) -> bytes:
        """Of a file's state; equal means not changed since."""
        if signature is None:
            return b""
        said = f"{signature.size_bytes} {signature.modified_ns} {signature.inode}"
        return fingerprint(self._key, "stat", said.encode())

    def desk(self, name: str) -> bytes:
        """Of whose desk it is; equal in every source."""
        return fingerprint(self._key, "desk", name.encode())

    def content(self, sha256: bytes, size_bytes: int) -> bytes:
        """Of a content; equal means the same bytes."""
        return fingerprint(self._key, "content", sha256 + size_bytes.to_bytes(8, "big"))

    def mention(self, kind: str, value: str) -> bytes:
        """Of a normalised identifier or name."""
        return fingerprint(self._key, f"mention {kind}", value.encode())
