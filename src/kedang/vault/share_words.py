"""Checking a recovery share while a person types it from the card: word by word, then as a whole.

Source of the word list and of the check words (a code over GF(1024), RS1024): SLIP-0039.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from shamir_mnemonic import rs1024
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

from kedang.vault.errors import ShareMistyped
from kedang.vault.shares import CARD_WORDS, CheckedShare, check_share

UNIQUE_LETTERS = 4  # SLIP-39: the first four letters tell every word from all others
_MOST_NEAREST = 3
_BITS = 10  # of one word
_CUSTOMIZATION = b"shamir_extendable"  # SLIP-39; the cards of a case are of the extendable form


@dataclass(frozen=True, slots=True)
class WordCheck:
    """One word as it was typed: known, the beginning of words, or neither."""

    known: bool
    nearest: tuple[str, ...] = field(default=(), repr=False)
    """For an unknown word, those of the list that it may be meant for; the best first, at most three."""


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """A card as far as it has been typed."""

    words: tuple[WordCheck, ...]
    missing: int
    """How many words of the card are still to come; negative when there are too many."""
    share: CheckedShare | None
    """What the card says of itself, once it is complete and right."""
    suspect: int | None = None
    """Place (from 1) of the one word that is probably wrong though it is on the list."""
    foreign: bool = False
    """The card is not of the set that the other cards belong to."""

    @property
    def right(self) -> bool:
        """Whether the card is complete, right and of the set."""
        return self.share is not None and not self.foreign

    @property
    def unknown(self) -> tuple[int, ...]:
        """Places (from 1) of the words that are not on the list."""
        return tuple(place for place, word in enumerate(self.words, start=1) if not word.known)


def complete(prefix: str) -> tuple[str, ...]:
    """The words of the list that begin so, in its order; one at most from four letters on."""
    begun = prefix.strip().casefold()
    return tuple(word for word in WORDLIST if word.startswith(begun)) if begun else ()


def check_word(word: str) -> WordCheck:
    """Whether the word is on the list, and which ones are near it when it is not."""
    typed = word.strip().casefold()
    if typed in WORD_INDEX_MAP:
        return WordCheck(known=True)
    begun = complete(typed[:UNIQUE_LETTERS]) if len(typed) >= UNIQUE_LETTERS else complete(typed)
    near = get_close_matches(typed, WORDLIST, n=_MOST_NEAREST, cutoff=0.6)
    return WordCheck(
        known=False, nearest=tuple(dict.fromkeys((*begun[:_MOST_NEAREST], *near)))[:_MOST_NEAREST]
    )


def check_entry(typed: str, *, identifier: int | None = None, length: int = CARD_WORDS) -> EntryCheck:
    """What is right and wrong of a card so far; never raises, so that it can run at every key.

    `identifier` is that of the key sheet's slot, or of the cards typed before: another card is foreign as
    soon as its first two words are there. Nothing is corrected: `suspect` names a place to look at.
    """
    words = typed.casefold().split()
    checks = tuple(check_word(word) for word in words)
    known = all(check.known for check in checks)
    foreign = identifier is not None and _begins_another(words, identifier)
    if not known or len(words) != length:
        return EntryCheck(checks, length - len(words), None, foreign=foreign)
    try:
        share = check_share(" ".join(words))
    except ShareMistyped:
        return EntryCheck(checks, 0, None, _suspect(words), foreign=foreign)
    return EntryCheck(checks, 0, share, foreign=foreign)


def _begins_another(words: list[str], identifier: int) -> bool:
    """The identifier is the first 15 of the 20 bits of the first two words."""
    if len(words) < 2 or not all(word in WORD_INDEX_MAP for word in words[:2]):
        return False
    first, second = (WORD_INDEX_MAP[word] for word in words[:2])
    return bool((first << _BITS | second) >> 5 != identifier)


def _suspect(words: list[str]) -> int | None:
    """The only place where changing one word makes the check words right; None when there is none.

    The code finds every change of up to three words; with two or three wrong the place may mislead.
    """
    remainder = _remainder([WORD_INDEX_MAP[word] for word in words])
    places = enumerate(_bit_remainders(len(words)), start=1)
    found = [place for place, bits in places if _is_sum(remainder, bits)]
    return found[0] if len(found) == 1 else None


def _remainder(numbers: list[int]) -> int:
    """0 when the check words are right."""
    found: int = rs1024._polymod([*_CUSTOMIZATION, *numbers]) ^ 1  # the library's only way to the remainder
    return found


@cache
def _bit_remainders(length: int) -> tuple[tuple[int, ...], ...]:
    """For each place, what each bit of its word adds to the remainder: the code is linear."""
    base = _remainder([0] * length)
    return tuple(
        tuple(
            _remainder([1 << bit if at == place else 0 for at in range(length)]) ^ base
            for bit in range(_BITS)
        )
        for place in range(length)
    )


def _is_sum(remainder: int, bits: tuple[int, ...]) -> bool:
    """Whether some of the ten values add up (bitwise) to the remainder."""
    for value in _reduced(bits):
        remainder = min(remainder, remainder ^ value)
    return remainder == 0


def _reduced(bits: tuple[int, ...]) -> list[int]:
    """The same values with distinct highest bits, highest first."""
    basis: list[int] = []
    for bit in bits:
        value = bit
        for one in sorted(basis, reverse=True):
            value = min(value, value ^ one)
        if value:
            basis.append(value)
    return sorted(basis, reverse=True)
