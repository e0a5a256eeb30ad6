"""Surnames, characters of given names, and words that only look like names."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kedang.appraisal.labels import label_words
from kedang.appraisal.word_patterns import any_of

_HAN = "\u3400-\u9fff\U00020000-\U0003134f"


@dataclass(frozen=True, slots=True)
class NameLexicon:
    """names.toml and words.txt, ready for use."""

    common: frozenset[str]
    surnames: frozenset[str]
    compound: frozenset[str]
    given: frozenset[str]
    words: frozenset[str]
    """No names."""
    name_like: frozenset[str]
    """Words that are names only where a label says so."""
    titles: tuple[str, ...]
    heads: tuple[str, ...]
    strong_leads: tuple[str, ...]
    weak_leads: tuple[str, ...]
    strong_deeds: tuple[str, ...]
    weak_deeds: tuple[str, ...]
    certain_labels: frozenset[str]
    transliterated: frozenset[str]
    blanks: frozenset[str]
    candidate: re.Pattern[str]
    """Overlapping places where a surname is followed by a character of given names."""

    def surname_of(self, name: str) -> str | None:
        """The surname with which `name` begins; compound ones first."""
        if name[:2] in self.compound and len(name) > 2:
            return name[:2]
        return name[:1] if name[:1] in self.surnames else None

    def is_word(self, name: str) -> bool:
        """Whether `name` is a word of the language."""
        return name in self.words or name in self.name_like or name in self.blanks


@cache
def name_lexicon() -> NameLexicon:
    """The lexicon, read once."""
    room = files("kedang.appraisal")
    table = tomllib.loads((room / "names.toml").read_text(encoding="utf-8"))
    lines = [
        line for line in (room / "words.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
    ]
    given = "".join(sorted(set(table["given"])))
    common = "".join(sorted(set(table["common"])))
    compound = any_of(table["compound"])
    first = "".join(sorted({name[0] for name in table["compound"]} | set(common)))
    return NameLexicon(
        common=frozenset(common),
        surnames=frozenset(common + table["rare"]),
        compound=frozenset(table["compound"]),
        given=frozenset(given),
        words=frozenset(line for line in lines if line[:1] != "~"),
        name_like=frozenset(line[1:] for line in lines if line[:1] == "~"),
        titles=tuple(table["titles"]),
        heads=tuple(table["heads"]),
        strong_leads=tuple(table["strong_leads"]),
        weak_leads=tuple(table["weak_leads"]),
        strong_deeds=tuple(table["strong_deeds"]),
        weak_deeds=tuple(table["weak_deeds"]),
        certain_labels=frozenset(table["certain_labels"]),
        transliterated=frozenset(table["transliterated"]),
        blanks=frozenset(table["blanks"])
        | {word for words in label_words().values() for word in words if len(word) <= 5},
        candidate=re.compile(rf"(?=[{first}])(?=({compound}[{_HAN}]{{1,2}}|[{common}][{given}][{given}]?))"),
    )
