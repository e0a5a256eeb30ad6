"""Bytes in memory as the room takes them, and the real files that tests read."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from kedang.extraction import Limits, extract, recognise
from kedang.records.content import Extraction

REAL_MIXED = Path(__file__).parents[2] / ".." / "shared" / "data" / "real-mixed"


@dataclass(frozen=True, slots=True)
class BytesContent:
    """Content held in memory."""

    raw: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.raw)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.raw)

    def head(self, count: int) -> bytes:
        return self.raw[:count]


def read(raw: bytes, name: str = "", limits: Limits | None = None) -> Extraction:
    """What the room reads from the bytes, as the pipeline asks it."""
    content = BytesContent(raw)
    return extract(content, recognise(content, name=name), limits=limits or Limits())


def format_of(raw: bytes, name: str = "") -> str:
    """The name of the recognised format."""
    return recognise(BytesContent(raw), name=name).name


def codes(extraction: Extraction) -> list[str]:
    """The codes of the problems."""
    return [problem.code for problem in extraction.problems]


def real(path: str) -> bytes:
    """The bytes of a real file; skips the test where the data are absent."""
    file = REAL_MIXED / path
    if not file.is_file():
        pytest.skip("the shared test data are not beside this checkout")
    return file.read_bytes()
