"""Normal forms of names, so that the same name written differently compares equal.

A *full form* keeps everything that tells two registered names apart; equal full forms are the same name. A *core*
leaves out region, brackets and suffix; equal cores are only a reason to look closer (blocking for the later,
probabilistic matching), never a link.
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
_BRACKETED = re.compile(r"\(([^()]*)\)")
_QUOTES = re.compile(r"[\"'“”‘’《》〈〉「」]")
# 公司法 (2023) art. 7: 有限责任公司 may call itself 有限公司.
_LIMITED = re.compile(r"有限责任公司")
_SUFFIX = re.compile(
    r"(?:股份有限公司|有限公司|股份公司|集团公司|总公司|公司|集团|合伙企业|事务所|合作社|商行|经营部|门市部|批发部|工作室|超市|商店|厂|店)$"
)
_REGION_HEAD = re.compile(
    r"^(?:中国)?(?:[\u4e00-\u9fff]{2,3}省)?(?:[\u4e00-\u9fff]{2,4}?市)?(?:[\u4e00-\u9fff]{1,3}[区县])?"
)


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
def organisation_core(raw: str) -> str:
    """The name without brackets, region and suffix, for comparison only: 云帆贸易."""
    form = organisation_form(raw)
    bare = _SUFFIX.sub("", _BRACKETED.sub("", form))
    without = _REGION_HEAD.sub("", bare)
    return without if len(without) >= 2 else bare


@lru_cache(maxsize=4096)
def person_form(raw: str) -> str:
    """The full form of a person's name: 陳　靜 女士 → 陈静; Latin names in lower case with single blanks."""
    name = _DOTS.sub("·", _plain(raw))
    name = _TITLES.sub("", _HAN_BLANK.sub("", name)).strip()
    return _BLANKS.sub(" ", name).casefold()
