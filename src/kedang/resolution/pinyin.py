"""The readings of Chinese characters. Load it only through `sounds`: its tables take 50 MB and a tenth of a second."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT


def read(written: str) -> list[str]:
    """The syllables of a text without tones; what is not Chinese stays as it is; ü is ü."""
    return lazy_pinyin(written, style=Style.NORMAL, errors="default", v_to_u=False)


def readings() -> dict[int, str]:
    """All readings of each character with tones, by code point, the commonest first, joined by commas."""
    return PINYIN_DICT
