"""Keys of what is about two holders: whichever of them is destroyed, nobody opens it any more."""

from __future__ import annotations

from kedang.holdings.adapters.archive import Archive
from kedang.vault.suites import derive

_INFO = b"kedang pair v1"


def pair_key(archive: Archive, *holders: tuple[str, str]) -> bytes:
    """The key of what is about these holders, given as page and id; their order does not matter."""
    keys = sorted(archive.key(page, holder) for page, holder in set(holders))
    return derive(b"".join(keys), salt=b"", info=_INFO)
