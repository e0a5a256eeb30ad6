"""How a sealing process is told where it seals, and when a pack begins and ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealerSetup:
    """Sent once, first, to the sealing process."""

    case_id: str
    vault_folder: str
    process_key: bytes
    suite: str


@dataclass(frozen=True, slots=True)
class OpenPack:
    """Begin the pack whose row has been committed."""

    pack_id: str


@dataclass(frozen=True, slots=True)
class ClosePack:
    """Make the current pack durable; answered by PackClosed."""


@dataclass(frozen=True, slots=True)
class PackClosed:
    """The pack is durable under its id."""

    pack_id: str
    size_bytes: int
    blobs: int
