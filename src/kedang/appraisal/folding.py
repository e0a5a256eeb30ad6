"""The text as the finders read it: half-width, simplified, and of the same length, so that positions stay."""

from __future__ import annotations

import re

from kedang.records.identifiers import FULL_WIDTH_TO_ASCII
from kedang.records.traditional import simplified_characters

_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5

# Full-width letters, digits and the marks that stand inside numbers; other Chinese punctuation keeps its meaning.
_WIDTH = {
    code: ascii_code
    for code, ascii_code in FULL_WIDTH_TO_ASCII.items()
    if chr(ascii_code).isalnum() or chr(ascii_code) in " -+@._/#()"
}
_NEEDS_WIDTH = re.compile(f"[{re.escape(''.join(map(chr, _WIDTH)))}]")


def _simplifying() -> dict[int, int]:
    """Each traditional character that has one simplified character, by code point."""
    return {
        ord(old): ord(new)
        for old, new in simplified_characters().items()
        if _FIRST_HAN <= ord(old) <= _LAST_HAN and old not in "乾著於後"
    }


_SIMPLE = _simplifying()
# A text without any of these frequent traditional characters is not traditional; translating costs 10x the look.
_LOOKS_TRADITIONAL = re.compile(
    "[電話號碼們這來對會訂貨單錢銀劃發們證簽東車馬門問間開關長張陳劉黃楊鄭謝許馮鄧蕭葉蘇盧蔣賈鄒龍萬錢湯賴龔廣業務個無從於與為國學時實現經濟統計區縣鄉鎮樓]"
)


def fold(text: str) -> str:
    """`text` in half width and simplified characters, code point for code point."""
    if _NEEDS_WIDTH.search(text):
        text = text.translate(_WIDTH)
    if _LOOKS_TRADITIONAL.search(text):
        text = text.translate(_SIMPLE)
    return text
