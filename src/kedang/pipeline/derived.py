"""The derived payload of a record: everything read and concluded from its bytes, as one JSON document.

It is sealed beside the content and can be made again from it. Format: docs/formats/derived.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kedang.records.content import Appraisal, Extraction, Format

DERIVED_VERSION = 1


@dataclass(frozen=True, slots=True)
class Derived:
    """What is known of one record beside its bytes."""

    version: int
    name: str
    folders: tuple[str, ...]
    sha256: str
    size_bytes: int
    format: Format
    extraction: Extraction
    appraisal: Appraisal | None


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Derived)


def encode(derived: Derived) -> bytes:
    """The payload as UTF-8 JSON."""
    return _ENCODER.encode(derived)


def decode(payload: bytes) -> Derived:
    """The payload read back; every release reads all earlier versions."""
    return _DECODER.decode(payload)
