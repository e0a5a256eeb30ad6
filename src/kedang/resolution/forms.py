"""Normal forms of names, so that the same name written differently compares equal.

A *full form* keeps everything that tells two registered names apart; equal full forms are the same name. Parts of names
(own word, region, surname) are for `organisation_names` and `person_names` to tell.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kedang.records.identifiers import FULL_WIDTH_TO_ASCII
from kedang.records.traditional import simplified

_BLANKS = re.compile(r"\s+")
_DOTS = re.compile(r"[·•・‧．｡]")
_HAN_BLANK = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_TITLES = re.compile(r"(?:先生|女士|小姐|太太|夫人|经理|总经理|老师|师傅|律师|医生|主任|总监)$")
_QUOTES = re.compile(r"[\"'“”‘’《》〈〉「」]")
# 公司法 (2023) art. 7: 有限责任公司 may call itself 有限公司.
_LIMITED = re.compile(r"有限责任公司")


def _plain(raw: str) -> str:
    """Half width, simplified, quotes off."""
    return _QUOTES.sub("", simplified(raw.translate(FULL_WIDTH_TO_ASCII))).strip()


@lru_cache(maxsize=4096)
def organisation_form(raw: str) -> str:
    """The full form of an organisation's name: 杭州雲帆貿易有限責任公司 → 杭州云帆贸易有限公司."""
    name = _plain(raw)
    name = _HAN_BLANK.sub("", name) if re.search(r"[\u4e00-\u9fff]", name) else _BLANKS.sub(" ", name)
    return _LIMITED.sub("有限公司", name.replace("( ", "(").replace(" )", ")")).casefold()


@lru_cache(maxsize=4096)
def person_form(raw: str) -> str:
    """The full form of a person's name: 陳　靜 女士 → 陈静; Latin names in lower case with single blanks."""
    name = _DOTS.sub("·", _plain(raw))
    name = _TITLES.sub("", _HAN_BLANK.sub("", name)).strip()
    return _BLANKS.sub(" ", name).casefold()
