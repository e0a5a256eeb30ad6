"""How people type: punctuation, numbers in groups, blanks inside labels, numbers that are nobody's."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from examples.sample_company import identifiers, marks
from examples.sample_company.paper import Grid, Paper
from examples.sample_company.papers.parts import phrases
from examples.sample_company.writers.text import mapped

FULL_WIDTH_SHARE = 0.75
GROUPED_SHARE, WIDE_DIGITS_SHARE = 0.15, 0.02
SPACED_SHARE = 0.12
DECOY_SHARE = 0.3
FIXED_KINDS = {
    "id_copy",
    "licence_copy",
    "contact_card",
    "recording",
    "chat",
    "photo",
    "own_licence",
    "jotting",
}
FULL_WIDTH = {":": "\uff1a", ",": "\uff0c", ";": "\uff1b", "?": "\uff1f", "!": "\uff01"}
AFTER_HAN = re.compile("(?<=[\u4e00-\u9fff\x03\u300b\uff09])[:,;?!]")
GROUPABLE = re.compile("\x02([be])([0-9]+)\x03")  # mobile numbers and bank cards
LABEL = re.compile("^([\u4e00-\u9fff])([\u4e00-\u9fff])([:\uff1a])")
WIDE_DIGITS = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def typed(paper: Paper, random: Random) -> Paper:
    """The paper as its typist writes it."""
    if random.random() < DECOY_SHARE and paper.kind not in FIXED_KINDS:
        paper = with_decoy(paper, random)
    if random.random() < FULL_WIDTH_SHARE:
        paper = mapped(paper, _full_width)
    if random.random() < SPACED_SHARE:
        paper = mapped(paper, lambda text: LABEL.sub(r"\1  \2\3", text))
    style = random.random()
    if style < GROUPED_SHARE:
        separator = "-" if style < GROUPED_SHARE / 3 else " "
        return mapped(paper, lambda text: GROUPABLE.sub(lambda found: _grouped(found, separator), text))
    if style > 1 - WIDE_DIGITS_SHARE:
        return mapped(paper, lambda text: GROUPABLE.sub(lambda found: found[0].translate(WIDE_DIGITS), text))
    return paper


def with_decoy(paper: Paper, random: Random) -> Paper:
    """The paper with a line of numbers that look like somebody's and are nobody's."""
    places = [place for place, block in enumerate(paper.blocks) if not isinstance(block, Grid)]
    if len(places) < 2:
        return paper
    place = random.choice(places[1:])
    blocks = (*paper.blocks[:place], decoy(random, f"{paper.day:%Y%m%d}"), *paper.blocks[place:])
    return replace(paper, blocks=blocks)


def decoy(random: Random, day: str) -> str:
    """A number of a parcel, an article, a machine …"""
    words: list[str] = phrases()["prose"]["decoys"]
    digits = {f"d{count}": str(random.randrange(10 ** (count - 1), 10**count)) for count in range(1, 19)}
    return random.choice(words).format(
        **digits, card=identifiers.card_like_order(random), hex=f"{random.getrandbits(32):08x}", day=day
    )


def _full_width(text: str) -> str:
    return AFTER_HAN.sub(lambda found: FULL_WIDTH[found[0]], text)


def _grouped(found: re.Match[str], separator: str) -> str:
    """A phone as 3-4-4, a card in fours."""
    letter, number = found[1], found[2]
    if letter == marks.letter_of("mobile_phone"):
        return f"\x02{letter}{separator.join((number[:3], number[3:7], number[7:]))}\x03"
    return f"\x02{letter}{' '.join(number[start : start + 4] for start in range(0, len(number), 4))}\x03"
