"""Digests of a stream, computed in another thread while this one reads, seals and writes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256

from blake3 import blake3

_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="digest")  # of content and of its blob
_WORTH_BYTES = 128 * 1024  # below, handing over costs more than digesting


class BackgroundDigest:
    """SHA-256, and BLAKE3 when it is wanted too, at most one piece behind. Not for several threads."""

    __slots__ = ("_ahead", "_digest", "_faster")

    def __init__(self, *, faster: bool = False) -> None:
        self._digest = sha256()
        self._faster = blake3() if faster else None
        self._ahead: Future[None] | None = None

    def update(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Take the piece in; its memory must stay as it is until the next call of `update` or `wait`."""
        self.wait()
        if len(piece) < _WORTH_BYTES:
            self._take(piece)
        else:
            self._ahead = _THREADS.submit(self._take, piece)

    def _take(self, piece: bytes | bytearray | memoryview) -> None:
        self._digest.update(piece)
        if self._faster is not None:
            self._faster.update(piece)

    def wait(self) -> None:
        """Nothing is taken from the last piece's memory after this."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            ahead.result()

    def digest(self) -> bytes:
        """SHA-256 of all pieces."""
        self.wait()
        return self._digest.digest()

    def faster(self) -> bytes:
        """BLAKE3 of all pieces; empty when it is not wanted."""
        self.wait()
        return b"" if self._faster is None else self._faster.digest()
