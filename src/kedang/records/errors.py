"""Errors with a stable code, and the texts that people read about them.

A room keeps its error classes in its own `errors.py` and their texts in the `errors.toml` beside it.
The same file holds the texts of questions (核对问题), which share the code space.

Letters of codes: A accession, B preservation, C catalogue, D disposition, E extraction, F records,
G appraisal, H holdings, K the doors, L ledger, N resolution, P package, S access, V vault, W pipeline.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import ClassVar


class Kind(Enum):
    """What sort of fault it is; doors map it to HTTP and to an exit status, once each."""

    MALFORMED = "malformed"
    NOT_FOUND = "not-found"
    REFUSED = "refused"
    CONFLICT = "conflict"
    CORRUPT = "corrupt"
    UNAVAILABLE = "unavailable"


Fact = str | int | bool | None


class KedangError(Exception):
    """Something went wrong; the subclass says what, `facts` says where.

    Facts are ids, codes, sizes and positions, never a name, number, text or file name of a customer.
    """

    code: ClassVar[str] = "KD-F000"
    kind: ClassVar[Kind] = Kind.CORRUPT

    def __init__(self, **facts: Fact) -> None:
        self.facts = facts
        said = ", ".join(f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{self.code} {said}".strip())

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _revive, (type(self), self.facts)


def _revive(cls: type[KedangError], facts: dict[str, Fact]) -> KedangError:
    """The error as it was before pickling; workers send errors between processes."""
    error = cls.__new__(cls)
    KedangError.__init__(error, **facts)
    return error


@dataclass(frozen=True, slots=True)
class CodeText:
    """What a person reads about a code: the sentence and the next step, in Chinese and English."""

    code: str
    zh: str
    en: str
    next_zh: str = ""
    next_en: str = ""
    blocking: bool = False
    """A question with this code keeps its record from being archived."""

    def said(self, language: str) -> str:
        """The sentence in `language` ("zh" or anything else for English)."""
        return self.zh if language.startswith("zh") else self.en

    def next_step(self, language: str) -> str:
        """What to do next, in `language`; empty when nothing needs doing."""
        return self.next_zh if language.startswith("zh") else self.next_en


@cache
def code_texts() -> dict[str, CodeText]:
    """Every code's texts, read once from the `errors.toml` of each room."""
    texts: dict[str, CodeText] = {}
    for room in sorted(files("kedang").iterdir(), key=lambda entry: entry.name):
        table = room / "errors.toml"
        if room.is_dir() and table.is_file():
            for code, entry in tomllib.loads(table.read_text(encoding="utf-8")).items():
                texts[code] = CodeText(code=code, **entry)
    return texts
