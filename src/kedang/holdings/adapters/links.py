"""The sealed part of links: which mentions of a record are the customer's, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Link

MODEL = "model"
PERSON = "person"
"""Grounds of links that are not certain by themselves."""
_COLUMN = "link.sealed"


def seal_link(
    archive: Archive, page: str, record: str, customer: str, said: Mapping[str, Any], salt: bytes = b""
) -> bytes:
    """What a link says of mentions and evidence, under the key of its record, which `page` holds.

    `salt` is given when it was drawn for this very write, or when the same is put back that was sealed with it.
    """
    return archive.seal(archive.key(page, record), f"{record}/{customer}", _COLUMN, said, salt=salt)


def open_link(archive: Archive, page: str, link: Link) -> dict[str, Any]:
    """The same opened; nothing for a link that was made without."""
    if not link.sealed:
        return {}
    key = archive.key(page, link.record_id)
    return archive.open(key, f"{link.record_id}/{link.customer_id}", _COLUMN, link.sealed)
