"""Where outputs in clear go: a file that appears whole or not at all, or standard output."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(out: Path | None) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all, readable by its owner only; or standard output.

    What is no file ("/dev/stdout", a pipe) is written to as it is.
    """
    if out is None or str(out) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if out.exists() and not out.is_file():
        with out.open("wb") as stream:
            yield stream
        return
    part = out.with_name(out.name + ".part")
    part.unlink(missing_ok=True)
    # A new file of ours: never one that somebody else has put there, nor what a link of his points to.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(part, flags, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def reader_gone() -> bool:
    """Whether nobody reads standard output any more (`… | head`); then nothing more is written to it."""
    polled = select.poll()
    polled.register(sys.stdout.fileno(), 0)
    gone = any(event & select.POLLERR for _, event in polled.poll(0))
    if gone:
        _to_nowhere()
    return gone


def drop_unwritten() -> None:
    """Standard output is done with: what cannot be written must not fail once more when the program ends."""
    if sys.stdout.closed:  # as a writer leaves it that could not write
        return
    try:
        sys.stdout.flush()
    except OSError:
        _to_nowhere()


def _to_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
