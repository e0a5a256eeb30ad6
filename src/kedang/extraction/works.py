"""Microsoft Works documents (wps of Works 2000 and later): the TEXT chunks of the CONTENTS stream."""

from __future__ import annotations

import struct

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.compound import CompoundFile
from kedang.extraction.errors import Damaged
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

MARK = b"CHNKINK "
ENTRY_BYTES = 24
FIRST_ENTRY = 32


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The text of the document."""
    raw = CompoundFile(whole_bytes(content, limits)).stream("CONTENTS")
    if not raw.startswith(MARK):
        raise Damaged(reason="works-contents")
    assembly = TextAssembly(limits)
    for at in range(FIRST_ENTRY, len(raw) - ENTRY_BYTES, ENTRY_BYTES):
        size, name = struct.unpack_from("<H4s", raw, at)
        if size != ENTRY_BYTES:
            break
        if name == b"TEXT":
            start, length = struct.unpack_from("<II", raw, at + 16)
            assembly.line(raw[start : start + length].decode("utf-16-le", "replace"))
    assembly.mark("body", "body", 0)
    return assembly.extraction()
