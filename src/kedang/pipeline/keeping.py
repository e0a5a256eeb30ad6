"""Reading what is to be kept: the bytes, their digest, and nothing of what they mean.

It knows no format, so that a process which only keeps starts at once.
"""

from __future__ import annotations

import time

from kedang.accession.contents import BytesContent
from kedang.accession.fixity import Fixity, copy_with_fixity
from kedang.accession.reading import read_stable
from kedang.pipeline.contents import content_of
from kedang.pipeline.items import INLINE_BYTES, Item
from kedang.pipeline.messages import Examined
from kedang.records.content import Content
from kedang.records.errors import KedangError

SETTLING_SECONDS = 2.0  # a file written this recently may still be being copied


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Count the time since the last lap to `stage`."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now


def keep(item: Item, process_key: bytes) -> Examined:
    """The item without a look into it; refused when its bytes cannot be had."""
    watch = Stopwatch()
    try:
        _, fixity = _read(item, process_key, None)
    except KedangError as error:
        return Examined(ticket=item.ticket, refused=error.code)
    watch.lap("read")
    return of_fixity(item, fixity, watch)


def of_fixity(item: Item, fixity: Fixity, watch: Stopwatch) -> Examined:
    """The outcome for bytes of which no more is known than their size and digests."""
    return Examined(
        ticket=item.ticket,
        sha256=fixity.sha256,
        blake3=fixity.blake3,
        size_bytes=fixity.size_bytes,
        seconds=watch.seconds,
    )


def read_item(item: Item, process_key: bytes) -> tuple[Content, Fixity]:
    """The content and its fixity. The bytes are not sent on: who seals them reads them himself."""
    if item.place is None or item.size_bytes > INLINE_BYTES:
        return _read(item, process_key, None)
    pieces: list[bytes] = []
    _, fixity = _read(item, process_key, pieces)
    return BytesContent(b"".join(pieces)), fixity


def _read(item: Item, process_key: bytes, pieces: list[bytes] | None) -> tuple[Content, Fixity]:
    """The content where it lies, and its fixity; its bytes into `pieces` as well."""
    if item.place is None:
        content = content_of(item, process_key)
        with content.open() as stream:
            return content, copy_with_fixity(stream)
    stable = read_stable(
        item.place.root,
        item.place.raw_path,
        wait=lambda attempt: time.sleep(0.2 * (attempt + 1)),
        settled_before_ns=time.time_ns() - int(SETTLING_SECONDS * 1e9),
        write=None if pieces is None else pieces.append,
        restart=None if pieces is None else pieces.clear,
    )
    return stable, stable.fixity or Fixity(stable.size_bytes, b"")
