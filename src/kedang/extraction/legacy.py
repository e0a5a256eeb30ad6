"""Word, WPS, PowerPoint and DPS files of the binary age, read by xberg.

xberg caches what it reads, reads pictures with an engine of its own and waits ten minutes unless told
otherwise; all three are turned off here. It crashes when the interpreter ends: a worker that has used it
leaves by `os._exit`.
"""

from __future__ import annotations

import asyncio
import re

import xberg

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.compound import MARK, CompoundFile
from kedang.extraction.errors import Damaged, Encrypted, LimitExceeded
from kedang.extraction.limits import Limits
from kedang.extraction.ole_kinds import encrypted
from kedang.extraction.ole_properties import tell_ole_properties
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

_MEDIA_TYPES = {
    "doc": "application/msword",
    "wps": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "dps": "application/vnd.ms-powerpoint",
}
_PICTURE_MARKS = re.compile(r"^\[Image: [^\]\n]*\]\n*", re.MULTILINE)
_MANY_LINES = re.compile(r"\n{3,}")


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The text of a document of the binary age."""
    raw = whole_bytes(content, limits)
    assembly = TextAssembly(limits)
    compound = CompoundFile(raw) if raw.startswith(MARK) else None
    if compound is not None and encrypted(compound, format.name):
        raise Encrypted(format=format.name)
    said = extracted(raw, _MEDIA_TYPES[format.name], limits)
    start = assembly.length
    assembly.line(_MANY_LINES.sub("\n\n", _PICTURE_MARKS.sub("", said)).strip("\n"))
    assembly.mark("body", "body", start)
    if compound is not None:
        tell_ole_properties(compound, assembly)
    return assembly.extraction()


def extracted(raw: bytes, media_type: str, limits: Limits) -> str:
    """What xberg reads from the bytes.

    Raises:
        Encrypted, LimitExceeded, Damaged: as xberg's own message says.
    """
    configuration = xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        extraction_timeout_secs=limits.native_reader_seconds,
        max_archive_depth=0,
    )
    asked = xberg.ExtractInput(kind="bytes", bytes=raw, mime_type=media_type)
    try:
        found = asyncio.run(_ask(asked, configuration))
    except (RuntimeError, ValueError, OSError, xberg.XbergError) as error:
        raise _named(str(error)) from error
    if not found.results:
        raise _named(" ".join(str(fault) for fault in found.errors))
    said: str = found.results[0].content
    return said


async def _ask(asked: xberg.ExtractInput, configuration: xberg.ExtractionConfig) -> xberg.ExtractionResult:
    return await xberg.extract(asked, configuration)


def _named(message: str) -> Damaged | Encrypted | LimitExceeded:
    """xberg's fault as one of ours; its message may quote the file, so it goes no further."""
    lowered = message.lower()
    if "encrypt" in lowered or "password" in lowered:
        return Encrypted(format="legacy")
    if "security limit" in lowered or "timed out" in lowered or "timeout" in lowered:
        return LimitExceeded(limit="native-reader")
    return Damaged(reason="native-reader")
