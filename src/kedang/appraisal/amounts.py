"""Amounts of money: ¥1,234.50, 1234.50元, 3.5万元, and the capital numerals 壹仟贰佰叁拾肆元伍角整."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_FIGURE = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d{1,4})?|\d+(?:\.\d{1,4})?"
_SIGNED_AMOUNT = re.compile(rf"(?:[¥￥]|RMB|CNY|人民币)[ ]?(-?(?:{_FIGURE}))([ ]?[万亿])?(?:[ ]?元)?")
_NAMED_AMOUNT = re.compile(rf"({_FIGURE})([ ]?[万亿十百千])?[ ]?元(?![素旦宵件])")
_HINT = re.compile(r"[¥￥元]|RMB|CNY|人民币")
_CAPITALS = "零〇壹贰叁肆伍陆柒捌玖两一二三四五六七八九拾佰仟萬万亿億圆元角分整正百千十"
_CAPITAL_AMOUNT = re.compile(rf"[壹贰叁肆伍陆柒捌玖拾](?:[{_CAPITALS}]{{1,40}})")
_VALUES = {
    letter: value
    for value, letters in enumerate(
        ("零〇", "壹一", "贰二两", "叁三", "肆四", "伍五", "陆六", "柒七", "捌八", "玖九")
    )
    for letter in letters
}
_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_SCALES = {
    "万": Decimal(10_000),
    "萬": Decimal(10_000),
    "亿": Decimal(100_000_000),
    "億": Decimal(100_000_000),
}
_POWERS = {"十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), **_SCALES}


@dataclass(frozen=True, slots=True)
class WrittenAmount:
    """An amount in yuan and where it is written."""

    yuan: Decimal
    start: int
    end: int
    capital: bool = False

    @property
    def said(self) -> str:
        """Decimal yuan with two places."""
        return f"{self.yuan.quantize(Decimal('0.01'))}"


def _whole(letters: str) -> Decimal:
    """The number that capital numerals without 元 say."""
    total, section, digit = Decimal(0), Decimal(0), Decimal(0)
    for letter in letters:
        if letter in _VALUES:
            digit = Decimal(_VALUES[letter])
        elif letter in _UNITS:
            section += (digit or Decimal(1)) * _UNITS[letter]
            digit = Decimal(0)
        elif letter in _SCALES:
            total = (total + section + digit) * _SCALES[letter]
            section, digit = Decimal(0), Decimal(0)
    return total + section + digit


def capital_amount(written: str) -> Decimal | None:
    """Yuan of 壹万贰仟叁佰元肆角伍分 (整); None when no 元 or 圆 is in it."""
    head, sign, tail = written.replace("圆", "元").rstrip("整正").partition("元")
    if not sign:
        return None
    yuan = _whole(head)
    tenth, hundredth = re.search(r"(.)角", tail), re.search(r"(.)分", tail)
    yuan += Decimal(_VALUES.get(tenth.group(1), 0)) / 10 if tenth else 0
    yuan += Decimal(_VALUES.get(hundredth.group(1), 0)) / 100 if hundredth else 0
    return yuan


def figure_amount(written: str) -> Decimal | None:
    """Yuan of a bare figure such as 1,234.50; None when it is no figure."""
    bare = written.strip().lstrip("¥￥").replace(",", "").replace("，", "").removesuffix("元").strip()
    return Decimal(bare) if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,4})?", bare) else None


def _figures(text: str) -> Iterator[re.Match[str]]:
    """Figures behind a sign of money, and figures before 元 that are not the tail of a longer number."""
    yield from _SIGNED_AMOUNT.finditer(text)
    if "元" in text:
        for found in _NAMED_AMOUNT.finditer(text):
            before = text[found.start() - 1 : found.start()]
            if not before.isdigit() and before not in (".", ","):
                yield found


def find_amounts(text: str) -> Iterator[WrittenAmount]:
    """Amounts of folded `text` in the order in which they stand."""
    if not _HINT.search(text) and "圆" not in text:
        return
    last = 0
    for found in sorted(_figures(text), key=lambda found: (found.start(), -found.end())):
        if found.start() < last:
            continue
        last = found.end()
        figure, power = found.group(1), (found.group(2) or "").strip()
        yuan = Decimal(figure.replace(",", "").replace("，", "")) * _POWERS.get(power, Decimal(1))
        yield WrittenAmount(yuan, found.start(), found.end())
    for found in _CAPITAL_AMOUNT.finditer(text):
        capital = capital_amount(found.group())
        if capital is not None and capital > 0:
            yield WrittenAmount(capital, found.start(), found.end(), capital=True)
