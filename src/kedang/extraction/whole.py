"""Reading a thing's bytes at once, within a limit."""

from __future__ import annotations

from kedang.extraction.errors import LimitExceeded
from kedang.extraction.limits import Limits
from kedang.records.content import Content


def whole_bytes(content: Content, limits: Limits) -> bytes:
    """All bytes, for formats that must be held in memory."""
    if content.size_bytes > limits.max_whole_bytes:
        raise LimitExceeded(limit="max_whole_bytes", size_bytes=content.size_bytes)
    with content.open() as stream:
        return stream.read()
