"""Postal addresses in their parts, so that the same place written differently compares equal.

Legal order: province, city, county, street office or town, road with number or lane, estate, building, unit, room.
Every part may be missing; province and city follow from the county or city where its name is the only one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kedang.records.identifiers import FULL_WIDTH_TO_ASCII
from kedang.records.traditional import simplified
from kedang.resolution.comparable import Address
from kedang.resolution.divisions import Division, Level, Written, divisions_at, stem_of

_LABEL = re.compile(
    r"^[\u4e00-\u9fa5 ]{0,6}(?:地址|住址|住所地?)(?:\([^()]*\))?[::]|^\d{6}(?=[\u4e00-\u9fa5])"
)
_DECORATION = re.compile(r"[\s,.;:、。·'\"“”]+")
_LONGEST = 200  # characters that are looked at
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
_BRACKETED = re.compile(r"\([^()]*\)?")
_WAY_FOLLOWS = re.compile(
    r"[东西南北中一二三四五六七八九十0-9]{0,2}(?:路|街(?!道)|大道|道|巷|弄|胡同|里|桥|大厦|广场|小区|花园|苑)"
)
_TOWN = re.compile(
    r"[\u4e00-\u9fa5]{1,6}?(?:街道办事处|街道办|街道|地区办事处|镇(?![路街巷])|乡(?![路街巷]))"
)
_DIGITS = "〇零一二三四五六七八九十百两0-9"
_ROAD = re.compile(
    rf"[\u4e00-\u9fa5A-Za-z0-9]{{1,12}}?(?:大道|大街|公路|路|街|胡同|巷|(?<=[\u4e00-\u9fa5])道)"
    rf"(?:[东西南北中上下{_DIGITS}]{{1,2}}(?:段|路|街))?"
)
_LANE = re.compile(rf"([{_DIGITS}]+)弄")
_NUMBER = re.compile(rf"(?:第?([{_DIGITS}]+(?:[-/~][{_DIGITS}]+)*[A-Za-z]?)(?:号(?!楼|[{_DIGITS}]*机)院?))")
_ESTATE = re.compile(
    r"[\u4e00-\u9fa5A-Za-z0-9]{1,14}?(?:小区|花园|公寓|新村|家园|大厦|大楼|广场|中心|园区|科技园|工业园|产业园|创业园|孵化园|工业区|开发区|商城|市场"
    r"|写字楼|商务楼|社区|[苑园城府庄湾庭居轩墅寓郡](?![路街巷大道])|村(?![路街巷委])|里(?=\d)|国际(?=[A-Z\d]))"
    r"(?:小区|花园|公寓|新村|社区)?"
)
_BUILDING = re.compile(
    rf"(?:第)?([{_DIGITS}]+|[A-Za-z][0-9]{{0,2}}|[甲乙丙丁东西南北])(?:号楼|号院|[幢栋座#]|楼(?=[{_DIGITS}]+(?:单元|室)))"
)
_UNIT = re.compile(rf"([{_DIGITS}]+|[A-Za-z甲乙丙丁])(?:单元|门(?=[{_DIGITS}]))")
_FLOOR = re.compile(rf"(?:负)?([{_DIGITS}]+)(?:层|楼|F(?![A-Za-z]))")
_ROOM = re.compile(
    rf"([A-Za-z]?[{_DIGITS}]+[A-Za-z]?)(?:号?[室房铺]|户|号$)|(?:^|(?<=[\u4e00-\u9fa5#-]))([A-Za-z]?\d{{3,4}}[A-Za-z]?)$"
)
_DASHED = re.compile(r"(?:^|(?<=[\u4e00-\u9fa5]))([A-Za-z]?\d{1,3}(?:-\d{1,4}){1,3})(?:号?[室房])?$")
_ONES = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}  # fmt: skip


@lru_cache(maxsize=8192)
def address_of(written: str) -> Address:
    """The parts of an address; what is not understood is left out. Blanks, brackets and traditional characters do not count."""
    plain = simplified(written[:_LONGEST].translate(FULL_WIDTH_TO_ASCII)).strip()
    plain = _LABEL.sub("", _DECORATION.sub("", _LABEL.sub("", _BRACKETED.sub("", plain))))
    plain = _COUNTRY.sub("", plain)
    region, rest = _region(plain)
    place = _place(rest)
    return Address(
        province=region.province if region else "",
        city=region.city if region else "",
        district=_ordinary(region) if region else "",
        street=place.road or place.estate or place.town,
        number=place.number,
        room=place.room,
        estate=place.estate,
    )


def _ordinary(region: Division) -> str:
    """苏州工业园区 of 苏州市 is called 工业园区 as well."""
    within = region.county.removeprefix(stem_of(region.city))
    return within if len(within) >= len("工业园区") else region.county


def numeral(written: str) -> str:
    """A house number in Arabic digits and capitals: 三十二 → 32, a → A; anything else as it stands."""
    if written.isascii():
        return written.upper().lstrip("0") or "0"
    if not all(sign in _ONES or sign in "十百" for sign in written):
        return written
    if not any(sign in "十百" for sign in written):
        return "".join(str(_ONES[sign]) for sign in written)
    total = ones = 0
    for sign in written:
        if sign in _ONES:
            ones = _ONES[sign]
        else:
            total += (ones or 1) * (10 if sign == "十" else 100)
            ones = 0
    return str(total + ones)


def _region(text: str) -> tuple[Division | None, str]:
    """The lowest division named at the beginning, with those above it, and the rest of the text."""
    best: Division | None = None
    at = 0
    while (found := _next_division(text, at, best)) is not None:
        best, at = found[0], at + found[1]
        if best.level is Level.COUNTY:
            break
    return best, text[at:]


def _next_division(text: str, at: int, upper: Division | None) -> tuple[Division, int] | None:
    for length in sorted({one.length for one in divisions_at(text, at)}, reverse=True):
        written = [one for one in divisions_at(text, at) if one.length == length]
        fitting = list(_fitting(written, text, at, upper))
        if fitting:
            return _agreed(fitting, upper), length
    return None


def _fitting(written: list[Written], text: str, at: int, upper: Division | None) -> Iterator[Division]:
    for one in written:
        division = one.division
        if not one.is_full and _WAY_FOLLOWS.match(text, at + one.length):
            continue  # 南京路, 北京东路, 西湖大道
        if upper is None and not one.is_full and not (division.is_city or division.level < Level.COUNTY):
            continue  # 朝阳, 西湖 alone name too many things
        if upper is not None and not _below(division, upper):
            continue
        yield division


def _below(division: Division, upper: Division) -> bool:
    if division.level is Level.CITY and upper.level is Level.PROVINCE and division.city == upper.province:
        return True  # 上海市上海市
    return division.lies_in(upper) and division.level > upper.level


def _agreed(fitting: list[Division], upper: Division | None) -> Division:
    """The one division, or what several of one name have in common: 西湖区 of 杭州 and of 南昌 is only 西湖区."""
    highest = min(one.level for one in fitting)
    same = [one for one in dict.fromkeys(fitting) if one.level is highest]
    first = same[0]
    if len(same) == 1:
        return first
    provinces, cities = {one.province for one in same}, {one.city for one in same}
    return Division(
        first.level,
        first.province if len(provinces) == 1 else upper.province if upper else "",
        (first.city if len(cities) == 1 else upper.city if upper else "")
        if highest is Level.COUNTY
        else first.city,
        first.county,
    )


@dataclass(slots=True)
class _Place:
    town: str = ""
    road: str = ""
    number: str = ""
    estate: str = ""
    room: str = ""


def _place(rest: str) -> _Place:
    """What stands below the divisions."""
    place = _Place()
    town = _TOWN.match(rest)
    if town:
        place.town, rest = town.group(), rest[town.end() :]
    road = _ROAD.match(rest)
    if road:
        place.road, rest = road.group(), rest[road.end() :]
        lane = _LANE.match(rest)
        if lane:
            place.road += f"{numeral(lane.group(1))}弄"
            rest = rest[lane.end() :]
    number = _NUMBER.match(rest)
    if number:
        place.number, rest = _dashed(number.group(1)), rest[number.end() :]
    estate = _ESTATE.match(rest)
    if estate:
        place.estate, rest = estate.group(), rest[estate.end() :]
        if not place.number and not place.road:
            number = _NUMBER.match(rest)
            if number:
                place.number, rest = _dashed(number.group(1)), rest[number.end() :]
    place.room = _room(rest)
    return place


def _dashed(written: str) -> str:
    return "-".join(numeral(part) for part in re.split(r"[-/~]", written))


def _room(rest: str) -> str:
    """Building, unit and room joined by dashes; the floor only when no room is said."""
    dashed = _DASHED.search(rest)
    before = _BUILDING.search(rest)
    if dashed and not before:
        return _dashed(dashed.group(1))
    parts = []
    for pattern in (_BUILDING, _UNIT):
        found = pattern.search(rest)
        if found:
            parts.append(numeral(found.group(1)))
            rest = rest[found.end() :]
    if dashed:
        return "-".join((*parts, _dashed(dashed.group(1))))
    room = _ROOM.search(rest)
    floor = _FLOOR.search(rest)
    if room:
        parts.append(numeral(room.group(1) or room.group(2)))
    elif floor:
        parts.append(numeral(floor.group(1)) + "F")
    return "-".join(parts)
