"""Postal addresses: a road, village or building with a number, taken with the region names before and the rooms behind.

Legal order of parts: province, prefecture, district or county, street office or town, road or village, number,
building, floor, room. An address must reach down to a number, a building or a village; "浙江省杭州市" alone is a
place and not an address, unless a label says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kedang.appraisal.labels import TableLabels, label_words
from kedang.appraisal.regions import region_pattern
from kedang.appraisal.word_patterns import any_of
from kedang.records.content import Finding, FindingCategory

_HAN = r"\u4e00-\u9fa5"
_NUMBER = r"(?:[0-9A-Za-z]{1,5}(?:[-–—之/][0-9A-Za-z]{1,5}){0,3}|[〇零一二三四五六七八九十百]{1,4})"
# The anchor: a way with a number, or a numbered building or room.
_ANCHOR = re.compile(
    rf"(?:(?:路|街|大道|大街|道|巷|弄|胡同|里|村|新村|工业区|工业园|科技园|园区|开发区|小区|花园|镇|乡)"
    rf"(?:[东西南北中]段|[0-9一二三四五六七八九十]段|[东西南北])?[（(]?(?:[{_HAN}](?<![店柜馆厅站])){{0,6}}[）)]? ?{_NUMBER}"
    r" ?(?:号|弄|幢|栋|座|组|单元|室|楼|巷)(?!线|公告|令|文|码|机|店长|楼盘)"
    r"|(?:大厦|广场|公寓|花园|小区|苑|大楼|中心|家园|城|府|园|庭|居|湾|轩|楼)"
    r"[A-Za-z0-9一二三四五六七八九十]{1,4}(?:号楼|栋|幢|座|期|单元|层|楼|室)"
    rf"|(?:镇|乡|街道)[{_HAN}]{{1,6}}村(?:[一二三四五六七八九十0-9]{{1,3}}(?:组|社|队))?(?![{_HAN}]{{0,3}}委))"
)
_ANCHOR_HINT = re.compile(r"[号弄幢栋座室楼村组层]")
_LEFT = re.compile(rf"[{_HAN}0-9A-Za-z()（） ·-]{{1,44}}\Z")
_RIGHT = re.compile(
    rf"(?:[ ,，]?(?:(?:[{_HAN}A-Za-z]{{1,12}}?(?:大厦|广场|小区|花园|公寓|大楼|园区|科技园|工业园|产业园|创业园|中心|家园|新村|苑|城|市场|商城|写字楼|国际|商务楼|孵化园|村))?"
    rf"(?:{_NUMBER}|[东西南北])?(?:号楼|号院|号|弄|幢|栋|座|楼|层|单元|室|房|铺|户|组|区|期|院|门)|[甲乙丙丁][0-9]{{1,3}}(?:-[0-9]{{1,4}}){{0,3}}|[A-Z][座塔]|[-–][0-9]{{1,4}}(?:室)?"
    rf"|[0-9]{{3,4}}(?![0-9元年月])|[A-Z]-?[0-9]{{2,4}}|[{_HAN}A-Za-z]{{2,12}}(?:大厦|广场|小区|花园|公寓|大楼|科技园|创业园|产业园|孵化园|写字楼)))*"
)
_MIDDLE = rf"(?:[{_HAN}]{{1,7}}?(?:省|自治区|特别行政区|市|自治州|盟|地区|区|县|旗|街道|镇|乡|开发区|高新区|新区|工业园区?|园区))"
_REGION_START = re.compile(rf"(?:中国|中华人民共和国)?(?:{region_pattern().pattern})")
_COUNTY_START = re.compile(rf"[{_HAN}]{{2,4}}?(?:区|县|旗|镇|乡|街道|新区|开发区)")
_WAY = re.compile(rf"[{_HAN}]{{1,6}}(?:路|街|大道|大街|道|巷|弄|胡同|里|村)$")
_CUT_BEFORE = re.compile(
    r".*(?:位于|坐落于|住在|家住|住于|送到|送至|寄到|寄至|寄往|发到|发往|发至|邮寄到|地址是|地址为|地址|住址|住所|迁至|搬到|搬至|改为|变更为|前往|抵达|上门至|安装在|安装于|收货地|配送至|配送到|在|至|到|往|去|于|从|为|是|:|：|住)"
)
_LABELLED = re.compile(
    any_of(word for word in label_words()["address"] if not word.isascii())
    + r"(?:[、及和/]?电 ?话)?(?:[(（][^()（）]{0,8}[)）])?[ ]*(?:[:：]|\t|\n|(?<=[址所落]) (?=[\u4e00-\u9fa5]))[ \t]*"
)
_LABELLED_VALUE = re.compile(rf"[{_HAN}][{_HAN}0-9A-Za-z()（）#·,，、 \-–—]{{4,70}}")
_VALUE_END = re.compile(
    r"(?:[ ,，、]*(?:邮编|邮政编码|电话|手机|联系|收件|收货|收 ?货|传真|邮箱|税号|开户|账号|法定|纳税|负责|户名|1[3-9]\d{9}|0\d{2,3}-\d{7}|\d{6}(?!\d)).*|  .*|[ ,，、;；]+)$",
    re.S,
)
_REST_BELOW = re.compile(
    rf"\n(?:[{_HAN}A-Za-z]{{0,12}}?(?:{_NUMBER})(?:号楼|号院|号|弄|幢|栋|座|楼|层|单元|室|房|组|户))+(?=[ \t]*(?:\n|$))"
    rf"|\n[{_HAN}]{{1,8}}(?:大厦|广场|花园|小区|公寓)[A-Z]?座?\d{{2,5}}室?(?=[ \t]*(?:\n|$))"
)
_REGION_ABOVE = re.compile(rf"((?:{region_pattern().pattern})[省市]?[{_HAN}]{{2,24}})\n$")
_FIRM_END = re.compile(r"(?:公司|所|店|厂|部|院|行|社|局)$")
_BROKEN = re.compile(
    rf"((?:[{_HAN}]{{2,8}}?[省市区县])+[{_HAN}]{{1,14}}(?:路|街|道|巷|段)[0-9]{{0,5}})\n([0-9]{{0,5}}号[{_HAN}0-9A-Za-z]{{0,30}})(?=\s|$)"
)
_BROKEN_HINT = re.compile(r"\n[0-9]{0,5}号")
_PLACE_WORD = re.compile(r"[省市区县镇乡村路街道巷弄号栋幢楼室园厦苑里组院]")


def find_addresses(text: str, tables: TableLabels) -> Iterator[Finding]:
    """Addresses with their whole span, from the first region name to the last room number."""
    taken = bytearray(len(text))
    for found in _BROKEN.finditer(text) if _BROKEN_HINT.search(text) else ():
        start = found.start() + (_begin(found.group(1)) or 0)
        taken[start : found.end()] = b"\1" * (found.end() - start)
        yield Finding(FindingCategory.ADDRESS, start, found.end(), 0.85)
    for start, end in _labelled(text):
        if any(taken[start:end]):
            continue
        start, end = _over_line_ends(text, start, end)
        taken[start:end] = b"\1" * (end - start)
        yield Finding(FindingCategory.ADDRESS, start, end, 0.95)
    if not _ANCHOR_HINT.search(text):
        return
    last_end = 0
    for found in _ANCHOR.finditer(text):
        if found.start() < last_end or taken[found.start()]:
            continue
        span = _around(text, found.start(), found.end(), last_end)
        if span is None:
            continue
        start, end = _over_line_ends(text, *span)
        if any(taken[start:end]):
            continue
        last_end = end
        said = "address" in (tables.kinds_at(start) or ())
        yield Finding(FindingCategory.ADDRESS, start, end, 0.95 if said else 0.85)


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    for found in _LABELLED.finditer(text):
        value = _LABELLED_VALUE.match(text, found.end())
        if value is None:
            continue
        written = _VALUE_END.sub("", value.group())
        end = value.start() + len(written)
        if is_address(written):
            yield value.start(), end


def _over_line_ends(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with what a scan has broken off before and behind it: 金华园街道 / 林城西路…, …大道三段 / 37号."""
    behind = _REST_BELOW.match(text, end)
    if behind is not None:
        end = behind.end()
    if start and text[start - 1] == "\n":
        above = _REGION_ABOVE.search(text, max(0, start - 40), start)
        if above is not None and not _FIRM_END.search(above.group(1)):
            start = above.start(1)
    return start, end


def is_address(written: str) -> bool:
    """Whether a labelled field or a cell reads as a postal address."""
    if len(written) < 5 or "公司" in written[-3:]:
        return False
    places = len(_PLACE_WORD.findall(written))
    return (
        places >= 2
        and (
            region_pattern().match(written) is not None
            or _COUNTY_START.match(written) is not None
            or places >= 3
        )
    ) or (_ANCHOR.search(written) is not None)


def _around(text: str, anchor_start: int, anchor_end: int, floor: int) -> tuple[int, int] | None:
    left = _LEFT.search(text, max(floor, anchor_start - 44), anchor_start + 1)
    if left is None:
        return None
    start = _begin(left.group())
    if start is None:
        return None
    right = _RIGHT.match(text, anchor_end)
    end = right.end() if right else anchor_end
    begin = left.start() + start
    return (begin, end) if end - begin >= 6 else None


def _begin(run: str) -> int | None:
    """Where in `run`, which ends in a way or building, the address begins."""
    cut = _CUT_BEFORE.match(run[:-1])
    floor = cut.end() if cut else 0
    for found in _REGION_START.finditer(run, floor):
        rest = run[found.end() :]
        if re.fullmatch(
            rf"[省市]?(?:维吾尔|壮族|回族)?(?:自治区)?{_MIDDLE}{{0,5}}[ {_HAN}0-9A-Za-z()（）·-]{{0,16}}",
            rest,
        ):
            return found.start()
    county = _COUNTY_START.search(run, floor)
    if county is not None and county.end() < len(run):
        return county.start()
    way = _WAY.search(run, floor)
    return (
        way.start()
        if way is not None and way.end() - way.start() <= 6 and (floor > 0 or way.start() == 0)
        else None
    )
