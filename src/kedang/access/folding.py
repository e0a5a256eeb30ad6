"""One spelling for characters that a searcher takes for the same.

Full and half width, upper and lower case, accents, compatibility forms (Kangxi radicals from PDF
fonts, ligatures, circled digits), invisible characters, traditional and simplified. Folding goes
character by character, so that a place in the folded text leads back to its place in the original.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import cache

from kedang.records.traditional import simplified_characters

SCHEME = f"1/{unicodedata.unidata_version}"
"""Names the folding and the words that an index part was made with; another one's is rebuilt."""

_HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_MIDDLE_DOTS = "\u00b7\u2022\u2027\u30fb\uff65\u2219\u22c5"
_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_ACCENTS = range(0x300, 0x370)  # combining diacritical marks, as é decomposes into e and one of them
_PUNCTUATION = "、。《》「」【】，：；（）！？“”‘’—…￥％"


@cache
def _unlike() -> re.Pattern[str]:
    """A character that may fold to something else, compiled when the first text is folded.

    Most of a Chinese text folds to itself; one look at a character map skips that.
    """
    return re.compile(f"([^\t\n -@\\[-~{_PUNCTUATION}{_simple()}])")


def _simple() -> str:
    traditional = simplified_characters()
    kana = (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), *range(0x30FC, 0x30FF))
    return "".join(chr(point) for point in (*kana, *range(0x4E00, 0xA000)) if chr(point) not in traditional)


def _fold_character(character: str) -> str:
    """What one character is searched as; empty for invisible ones."""
    if character in _PUNCTUATION:
        return character
    if character in _HYPHENS:
        return "-"
    if character in _MIDDLE_DOTS:
        return "\u00b7"
    if character in _LINE_ENDS:
        return "\n"
    if unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    if "\U000e0100" <= character <= "\U000e01ef":  # variation selectors of rare ideographs
        return ""
    opened = unicodedata.normalize("NFKD", character).casefold()
    bare = "".join(part for part in opened if ord(part) not in _ACCENTS)
    closed = unicodedata.normalize("NFKC", bare)
    return "".join(simplified_characters().get(part, part) for part in closed)


class _Table(dict[str, str]):
    """Foldings by character, worked out when first met."""

    def __missing__(self, character: str) -> str:
        folded = _fold_character(character)
        self[character] = folded
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    """The text as it is searched: one spelling for what looks or means the same."""
    pieces = _unlike().split(text)  # what stays and, at the odd places, what may not
    pieces[1::2] = map(_TABLE.__getitem__, pieces[1::2])
    return "".join(pieces)


def fold_with_origins(text: str) -> tuple[str, array[int]]:
    """The folded text and, for each of its characters and its end, the place in `text` it came from."""
    pieces = list(map(_TABLE.__getitem__, text))
    origins: array[int] = array("q")
    if all(len(piece) == 1 for piece in pieces):
        origins.extend(range(len(text) + 1))
    else:
        for place, piece in enumerate(pieces):
            origins.extend([place] * len(piece))
        origins.append(len(text))
    return "".join(pieces), origins
