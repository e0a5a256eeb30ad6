"""Provinces, cities and counties of China by the codes of GB/T 2260, as addresses and names of firms write them.

`divisions.tsv` holds those of today and former ones; its head names its sources. A name may be written without its
suffix (杭州, 内蒙古, 义乌): that is its *stem*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files

_SUFFIX = re.compile(
    r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|矿区|省|市|区|县|旗|盟|州|镇|街道)$"
)
_PEOPLES = re.compile(
    r"(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土"
    r"|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲"
    r"|门巴|珞巴|基诺)族|各族|蒙古|回族|壮族|维吾尔)+$"
)
_SPELT_SHORT = {"黑龙江省": "黑龙江", "内蒙古自治区": "内蒙古", "延边朝鲜族自治州": "延边"}
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
_UNDER_PROVINCE = ("00", "90")  # counties and cities directly under the province: 仙桃, 石河子
_NO_SUCCESSOR = "-"


class Level(IntEnum):
    """How high a division stands."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3


@dataclass(frozen=True, slots=True)
class Division:
    """One division with those above it, under the names of today; empty where there is none above it."""

    level: Level
    province: str
    city: str = ""
    county: str = ""
    is_city: bool = False
    """A city, of whatever level: its stem stands alone in names (义乌), that of a district does not (西湖)."""

    @property
    def name(self) -> str:
        """Its own full name."""
        return self.county or self.city or self.province

    def lies_in(self, upper: Division) -> bool:
        """Whether it belongs to `upper`."""
        return self.province == upper.province and (not upper.city or self.city == upper.city)


def stem_of(name: str) -> str:
    """The name as people say it: 浙江省 → 浙江, 延边朝鲜族自治州 → 延边, 忠县 stays."""
    if name in _SPELT_SHORT:
        return _SPELT_SHORT[name]
    bare = _SUFFIX.sub("", name)
    plain = _PEOPLES.sub("", bare)
    return next((one for one in (plain, bare) if len(one) >= 2), name)


@dataclass(frozen=True, slots=True)
class Written:
    """A division found at the beginning of a text, and how much of the text names it."""

    division: Division
    length: int
    is_full: bool
    """With its suffix: 杭州市, not 杭州."""


@cache
def divisions_by_name() -> Mapping[str, tuple[tuple[Division, bool], ...]]:
    """Divisions by full names and stems; the flag says whether the name is a full one. Of today before former ones."""
    found: dict[str, dict[tuple[Division, bool], None]] = {}
    for former in (False, True):
        for written, division in _read(former=former):
            found.setdefault(written, {}).setdefault((division, True))
            stem = stem_of(written)
            if stem != written and not former:
                found.setdefault(stem, {}).setdefault((division, False))
    return {name: tuple(some) for name, some in found.items()}


@cache
def longest_name() -> int:
    """Characters of the longest name."""
    return max(map(len, divisions_by_name()))


def divisions_at(text: str, start: int = 0) -> Iterator[Written]:
    """Every division whose name or stem stands at `start`, longest first."""
    table = divisions_by_name()
    for length in range(min(longest_name(), len(text) - start), 1, -1):
        for division, is_full in table.get(text[start : start + length], ()):
            yield Written(division, length, is_full)


def _read(*, former: bool) -> Iterator[tuple[str, Division]]:
    names = _names()
    for code, name, successor in _lines():
        if bool(successor) is not former:
            continue
        today = name if successor in ("", _NO_SUCCESSOR) else successor
        yield name, _division(code, today, names)


def _division(code: str, name: str, names: Mapping[str, str]) -> Division:
    province = names[code[:2] + "0000"]
    if code.endswith("0000"):
        return Division(Level.PROVINCE, province, is_city=code[:2] in _MUNICIPALITIES)
    if code.endswith("00"):
        return Division(Level.CITY, province, name, is_city=name.endswith("市"))
    city = province if code[:2] in _MUNICIPALITIES else names.get(code[:4] + "00", "")
    if code[2:4] in _UNDER_PROVINCE:
        city = ""
    return Division(Level.COUNTY, province, city, name, is_city=name.endswith("市"))


@cache
def _names() -> dict[str, str]:
    """The name of today by code; a former city that lives on under another name has that name."""
    names: dict[str, str] = {}
    for code, name, successor in _lines():
        if not successor or code not in names:
            names[code] = name if successor in ("", _NO_SUCCESSOR) else successor
    return names


@cache
def _lines() -> Sequence[tuple[str, str, str]]:
    text = (files("kedang.resolution") / "divisions.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple((row[0], row[1], row[2] if len(row) > 2 else "") for row in rows)
