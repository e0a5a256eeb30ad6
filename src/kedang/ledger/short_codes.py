"""Short codes: a head as people print, read out and type it, 195 bits of its hash and a check character.

    1024/7KQ2M-…-…-…-…-…-…-…        size, then 8 groups of 5 characters; the last one checks all others

Characters are Crockford's base 32 (no I, L, O, U). Whoever holds the code holds the head: no other ledger
gives the same code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import ShortCodeMalformed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP_CHARACTERS = 5
CODE_CHARACTERS = 40  # 8 groups; the last character checks the others
_BITS = 5  # of one character
_HASH_BITS = 256
_CONTEXT = b"kedang short code 1\n"
_FORM = re.compile(r"(?:KEDANG/)?(0|[1-9][0-9]{0,18})/([0-9A-Z\- ]+)")
_MISREAD = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True)
class ShortCode:
    """A head by its size and the first bits of its hash."""

    size: int
    characters: str
    """CODE_CHARACTERS of the alphabet, without hyphens."""

    def __str__(self) -> str:
        starts = range(0, CODE_CHARACTERS, GROUP_CHARACTERS)
        groups = (self.characters[at : at + GROUP_CHARACTERS] for at in starts)
        return f"{self.size}/{'-'.join(groups)}"

    @property
    def symbol(self) -> str:
        """What the QR symbol beside it holds; only characters of QR's alphanumeric mode."""
        return f"KEDANG/{self}"

    @classmethod
    def parse(cls, text: str) -> ShortCode:
        """The code that somebody typed: small letters, blanks, O for 0 and I or L for 1 are understood.

        Raises:
            ShortCodeMalformed: a character is wrong, missing or too many.
        """
        found = _FORM.fullmatch(text.strip().upper())
        characters = found[2].translate(_MISREAD) if found else ""
        if found is None or len(characters) != CODE_CHARACTERS or not set(characters) <= set(ALPHABET):
            raise ShortCodeMalformed(characters=len(text))
        if _check(found[1] + characters[:-1]) != characters[-1]:
            raise ShortCodeMalformed(characters=len(text))
        return cls(int(found[1]), characters)


def short_code(head: Checkpoint) -> ShortCode:
    """The short code of a head."""
    digest = int.from_bytes(sha256(_CONTEXT + head.text.encode()).digest(), "big")
    places = range(1, CODE_CHARACTERS)
    said = "".join(ALPHABET[(digest >> (_HASH_BITS - _BITS * place)) & 31] for place in places)
    return ShortCode(head.size, said + _check(f"{head.size}{said}"))


def _check(text: str) -> str:
    """Luhn's check character, modulo 32: finds every single mistake and nearly every swap."""
    base = len(ALPHABET)
    total = 0
    for place, character in enumerate(reversed(text)):
        value = ALPHABET.index(character) * (1 if place & 1 else 2)
        total += value // base + value % base
    return ALPHABET[-total % base]
