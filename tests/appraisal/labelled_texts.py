"""Reads the labelled texts: every personal value of a text is written ⟦category|value⟧."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"⟦([a-z_]+)\|([^⟧]*)⟧")
_FOLDER = Path(__file__).parent / "labelled"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text and what a careful person finds in it."""

    text: str
    found: frozenset[tuple[str, int, int]]


def parse(written: str) -> Labelled:
    """The text without its marks, and the marked spans."""
    text, last = "", 0
    found: set[tuple[str, int, int]] = set()
    for mark in _MARK.finditer(written):
        text += written[last : mark.start()]
        found.add((mark.group(1), len(text), len(text) + len(mark.group(2))))
        text += mark.group(2)
        last = mark.end()
    return Labelled(text + written[last:], frozenset(found))


def labelled(name: str) -> list[Labelled]:
    """The texts of one file."""
    table = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [parse(written) for written in table["cases"]]


ALL = ("names", "numbers", "places", "traps")
