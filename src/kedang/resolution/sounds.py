"""How names sound: pinyin without tones, so that 张伟, Zhang Wei and 章玮 can be looked up beside one another."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

_LETTERS = re.compile(r"[a-z]+")
_LONGEST_SYLLABLE = 6  # zhuang


def without_accents(written: str) -> str:
    """Latin letters without their marks: köhler → kohler. Other letters stay."""
    if written.isascii():
        return written
    parted = unicodedata.normalize("NFKD", written)
    return unicodedata.normalize("NFC", "".join(sign for sign in parted if not unicodedata.combining(sign)))


@lru_cache(maxsize=16384)
def sound_of(written: str) -> str:
    """Syllables joined by blanks: 欧阳修远 → ou yang xiu yuan. Latin letters stay words; ü is written v."""
    return " ".join(_LETTERS.findall(" ".join(_pinyin().read(written.casefold()))))


def syllables_of(word: str) -> tuple[str, ...]:
    """A word in pinyin cut into syllables, as few as can be: xiuyuan → xiu, yuan. Empty when it is no pinyin."""
    return _cut(word) or ()


@lru_cache(maxsize=4096)
def _cut(word: str) -> tuple[str, ...] | None:
    if not word:
        return ()
    found: list[tuple[str, ...]] = []
    for length in range(min(_LONGEST_SYLLABLE, len(word)), 0, -1):
        if word[:length] in _syllables():
            rest = _cut(word[length:])
            if rest is not None:
                found.append((word[:length], *rest))
    return min(found, key=len, default=None)


@cache
def _syllables() -> frozenset[str]:
    """All syllables of Mandarin: those of the characters in daily use (U+4E00 to U+9FA5)."""
    toneless = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvnnnm")
    readings = {
        reading.translate(toneless)
        for code, written in _pinyin().readings().items()
        if 0x4E00 <= code <= 0x9FA5
        for reading in written.split(",")[:1]
    }
    return frozenset(one for one in readings if one.isascii() and one not in {"m", "n", "ng", "hm", "hng"})


@cache
def _pinyin() -> Any:
    """Loaded when the first name is read: most commands read none."""
    return import_module("kedang.resolution.pinyin")
