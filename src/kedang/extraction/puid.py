"""The PRONOM id of bytes whose format the sniffers cannot tell to the version."""

from __future__ import annotations

import os

import pygfried

from kedang.records.content import Content

EDGE_BYTES = 1024 * 1024  # PRONOM signatures stand near the beginning or the end
UNIDENTIFIED = "UNKNOWN"


def puid_of(content: Content) -> str | None:
    """The PUID, or None when there is none or this system has no memory files.

    siegfried reads paths only, so the bytes are lent to it as a nameless file in memory, never on a disk.
    """
    if not hasattr(os, "memfd_create") or content.size_bytes == 0:
        return None
    memory = os.memfd_create("format", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(memory), "wb") as lent, content.open() as stream:
            lent.write(stream.read(2 * EDGE_BYTES))
            if content.size_bytes > 2 * EDGE_BYTES:
                stream.seek(max(2 * EDGE_BYTES, content.size_bytes - EDGE_BYTES))
                lent.write(stream.read(EDGE_BYTES))
        return _identified(f"/proc/self/fd/{memory}")
    finally:
        os.close(memory)


def _identified(path: str) -> str | None:
    try:
        found = pygfried.identify(path)
    except OSError:
        return None
    return None if found in (None, "", UNIDENTIFIED) else found
