"""Names as people read them, from the raw bytes that are kept beside them unchanged.

A name is only ever shown and searched. It never becomes a path, whatever it holds.
"""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_KANA = re.compile("[\u3041-\u30ff]")
_LATIN = re.compile("[\x20-\x7e\u00c0-\u017f]*")
# Letters with accents of a DOS name mostly stand alone between plain ones; Chinese comes in pairs.
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")


def readable_name(raw: bytes) -> str:
    """The name as text: UTF-8, else the code page that fits, else with marks for what cannot be read.

    The result can always be stored as UTF-8 and holds no control characters; two different raw
    names may look alike.
    """
    try:
        return _shown(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _shown(_legacy(raw))


def hinted_name(raw: bytes, charset: str | None) -> str:
    """The name read in `charset` where that works without loss, else `readable_name`."""
    if charset is not None:
        try:
            return _shown(raw.decode(charset))
        except (LookupError, UnicodeDecodeError):
            return readable_name(raw)
    return readable_name(raw)


def _shown(name: str) -> str:
    return _CONTROL.sub(_picture, name)


def _picture(found: re.Match[str]) -> str:
    """The control picture of a control character: a line feed is shown as ␊."""
    number = ord(found.group())
    if number < 0x20:
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else "\ufffd"


def _legacy(raw: bytes) -> str:
    common = _strict(raw, "gb2312")
    if common is not None:  # every pair of bytes is a common Chinese character: no doubt
        return common
    japanese = _strict(raw, "cp932")
    if japanese is not None and _KANA.search(japanese):
        return japanese
    taiwanese = _strict(raw, "big5")
    if taiwanese is not None and _all_common_big5(raw):
        return taiwanese
    western = raw.decode("cp437")
    chinese = _strict(raw, "gb18030")
    if chinese is None:
        return western if _LATIN.fullmatch(western) else raw.decode("utf-8", "replace")
    lone = all(len(run) == 1 for run in _HIGH_RUNS.findall(raw))
    return western if lone and _LATIN.fullmatch(western) else chinese


def _strict(raw: bytes, charset: str) -> str | None:
    try:
        return raw.decode(charset)
    except UnicodeDecodeError:
        return None


def _all_common_big5(raw: bytes) -> bool:
    """Whether every double byte is one of Big5's 5,401 frequent characters (A440 to C67E)."""
    position = 0
    while position < len(raw):
        if raw[position] < 0x80:
            position += 1
            continue
        if not 0xA4 <= raw[position] <= 0xC6:
            return False
        position += 2
    return True
