"""Names of organisations, found by their suffix and followed to the left to where they begin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from kedang.appraisal.regions import region_pattern
from kedang.appraisal.word_patterns import any_of
from kedang.records.content import Finding, FindingCategory

_LEFT_RUN = re.compile(r"[\u4e00-\u9fa5A-Za-z0-9()（）·&]{1,32}\Z")
_DATE_BEFORE = re.compile(r"\d+(?:年|月|日|号|元|、|\.)")
_ENGLISH = re.compile(
    r"(?<![A-Za-z])[A-Z][\w&'.-]*(?:[ ]+(?:[A-Z&][\w&'.-]*|of|and|for)){0,6},? (?:\(?[A-Z][a-z]+\)? )?"
    r"(?:Co\.?,? ?Ltd\.?|Inc\.|Inc\b|Ltd\.?|L\.?L\.?C\.?|Corp\.|Corporation|GmbH|Limited|PLC|Pty|S\.A\.|AG)(?![A-Za-z])"
)
_ENGLISH_HINT = re.compile(r"Ltd|Inc|LLC|L\.L\.C|Corp|GmbH|Limited|PLC|Pty|S\.A\.|AG\b")
_REGISTERED = r"(?:有线公司|股份有限公司|有限责任公司|有限公司|总公司|公司)"
_REGION_RANK = re.compile(r"^[省市区县]+")
_BRACKETS = re.compile(r"[()（）]")
_REGISTERED_END = re.compile(f"{_REGISTERED}$")
_WHOLE_NAME = re.compile(r"[\u4e00-\u9fa5A-Za-z0-9()（）·&.\- ]{3,60}")
_SHORT_BRAND = 2  # characters of the brand in a short name
_HAN_PAIR = re.compile(r"[\u4e00-\u9fa5]{2}")
_SHORT_BEFORE = re.compile(
    r"(?:[\s\"“「【《(（:：、，,；;>_]|[收付致给与和向]|拜访|联系|退还|预收|应收|应付|客户方|回访)$"
)
_SHORT_BEHIND = re.compile(
    r"$|[\s\"”」】》)）:：、，,；;]|总(?!价|额)|货款|款|来电|项目|合同|订单|定金|尾款|押金|[\u4e00-\u9fa5]{1,3}(?:总|经理)",
    re.MULTILINE,
)
_COUNTY = re.compile(r"[\u4e00-\u9fa5]{1,3}?(?:市|县|区|旗|州)(?=[\u4e00-\u9fa5]{2})")
_BROKEN = re.compile(
    r"([\u4e00-\u9fa5()（）]{4,30})\n((?:股份)?(?:有限)?责?任?公司|限公司|份有限公司|任公司|司|律师事务所|(?:会计师)?事务所|务所|经营部|营部|部|商行|厂|[\u4e00-\u9fa5]{0,5}(?:支行|分行|分公司|营业部))"
    r"(?![\u4e00-\u9fa5])"
)
_PLAIN = frozenset(
    {
        "公司",
        "集团",
        "超市",
        "酒店",
        "饭店",
        "餐厅",
        "餐馆",
        "工作室",
        "服务部",
        "药店",
        "花店",
        "药房",
        "银行",
    }
)
_POINTING = (
    "本",
    "贵",
    "敝",
    "我",
    "该",
    "你们",
    "他们",
    "我们",
    "类型",
)  # 给贵公司, 出自本公司: nobody is named
_BOUNDARY = ":： \t\n\"'“‘「【《|│"


@dataclass(frozen=True, slots=True)
class Grammar:
    """organisations.toml, compiled."""

    suffixes: re.Pattern[str]
    strong: frozenset[str]
    institutions: frozenset[str]
    known: re.Pattern[str]
    longer: re.Pattern[str]
    branch: re.Pattern[str]
    trades: re.Pattern[str]
    before: re.Pattern[str]
    letters: frozenset[str]
    never_begins: tuple[str, ...]
    seldom_begins: tuple[str, ...]
    short_trades: re.Pattern[str]
    short_whole: re.Pattern[str]
    generic_brands: frozenset[str]


@cache
def grammar() -> Grammar:
    """The grammar of names, read once."""
    table = tomllib.loads((files("kedang.appraisal") / "organisations.toml").read_text(encoding="utf-8"))
    branches = [word.replace("(", "[(（]", 1).replace(")", "[)）]", 1) for word in table["branches"]]
    return Grammar(
        suffixes=re.compile(
            any_of(table["strong_suffixes"] + table["weak_suffixes"] + table["institutions"])
        ),
        strong=frozenset(table["strong_suffixes"]),
        institutions=frozenset(table["institutions"]),
        known=re.compile(rf"(?:{any_of(table['known'])})(?:股份有限公司)?"),
        longer=re.compile(rf"(?:{any_of(table['trades'])}|[()（）]){{0,5}}?{_REGISTERED}"),
        branch=re.compile(
            rf"(?:[(（](?![\u4e00-\u9fa5]*章)[\u4e00-\u9fa5]{{2,6}}[)）])?(?:[\u4e00-\u9fa5]{{0,8}}?(?:{'|'.join(branches)}))?"
        ),
        trades=re.compile(any_of(table["trades"])),
        before=re.compile(any_of(table["words_before"])),
        letters=frozenset(table["letters_before"]),
        never_begins=tuple(table["never_begins"]),
        seldom_begins=tuple(table["seldom_begins"]),
        short_trades=re.compile(any_of(table["short_trades"])),
        short_whole=re.compile(rf"([\u4e00-\u9fa5]{{2,4}})(?:{any_of(table['short_trades'])})"),
        generic_brands=frozenset(table["generic_brands"]),
    )


def brand_of(stem: str) -> str:
    """What is left of a name without its suffix when regions and trades are taken away: the part that tells it apart."""
    rest = _REGION_RANK.sub("", region_pattern().sub("", _BRACKETS.sub("", stem)))
    return grammar().trades.sub("", grammar().before.sub("", rest)).strip("省市区县的")


def _begins_with_region(stem: str) -> bool:
    return region_pattern().match(stem) is not None or _COUNTY.match(stem) is not None


def _names_a_place(name: str) -> bool:
    """Whether a name is made of regions alone: 河南驻马店 is a city, though it ends like a shop."""
    rest, before = name, ""
    while rest and rest != before:
        before, rest = rest, region_pattern().sub("", _REGION_RANK.sub("", rest), count=1)
    return not rest


@cache
def _regional_banks() -> re.Pattern[str]:
    return re.compile(rf"(?:{region_pattern().pattern})银行(?:股份有限公司)?")


def _has_brand(stem: str) -> bool:
    brand = brand_of(stem)
    return len(brand) >= 2 or (len(brand) == 1 and _begins_with_region(stem) and len(stem) >= 5)


def _unclosed(run: str) -> int:
    """Where the run begins when a bracket was opened before it and not closed."""
    begin, open_at = 0, []
    for place, letter in enumerate(run):
        if letter in "(（":
            open_at.append(place)
        elif letter in ")）":
            if open_at:
                open_at.pop()
            else:
                begin = place + 1
    return open_at[-1] + 1 if open_at else begin


def _begin_of(run: str, *, after_boundary: bool) -> int:
    """Where in `run`, the characters before a suffix, the name begins."""
    rules = grammar()
    begin = _unclosed(run)
    for found in _DATE_BEFORE.finditer(run, begin):
        begin = found.end()
    if run[begin : begin + 1] in ("收", "付") and _has_brand(run[begin + 1 :]):
        begin += 1  # 收柘然酒店货款, at the head of a line of a voucher
    if run[begin : begin + 1] in ("与", "向", "由", "至", "对", "给", "致", "受") and _begins_with_region(
        run[begin + 1 :]
    ):
        begin += 1
    bounded = after_boundary and begin == 0
    for found in rules.before.finditer(run, begin):
        if _has_brand(run[found.end() :]):
            begin, bounded = found.end(), False
    if not bounded:
        for place in range(len(run) - 1, begin - 1, -1):
            if (
                run[place] in rules.letters
                and _has_brand(run[place + 1 :])
                and (not _begins_with_region(run[begin:]) or _begins_with_region(run[place + 1 :]))
            ):
                begin = place + 1
                break
    region = region_pattern().search(run, begin)
    if region is not None and region.start() - begin > 5 and len(brand_of(run[region.end() :])) >= 2:
        begin = region.start()
    return begin


def find_organisations(text: str) -> Iterator[Finding]:
    """Names of companies, shops, banks, schools and offices that are named in full."""
    last_end = 0
    for start, end, suffix in sorted(_spans(text), key=lambda span: (span[0], -span[1])):
        if start < last_end:
            continue
        last_end = end
        yield Finding(FindingCategory.ORGANISATION_NAME, start, end, _confidence(text, start, end, suffix))
    if _ENGLISH_HINT.search(text):
        for found in _ENGLISH.finditer(text):
            yield Finding(FindingCategory.ORGANISATION_NAME, found.start(), found.end(), 0.8)


def _over_line_ends(text: str) -> Iterator[tuple[int, int, str]]:
    """Names that a scan has broken into two lines: 江阴市长山电机有限 / 公司."""
    for found in _BROKEN.finditer(text):
        joined = found.group(1) + found.group(2)
        for start, end, suffix in _in_lines(joined):
            if end == len(joined) and start < len(found.group(1)):
                yield found.start(1) + start, found.end(2), suffix


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    yield from _over_line_ends(text)
    yield from _in_lines(text)


def _in_lines(text: str) -> Iterator[tuple[int, int, str]]:
    rules = grammar()
    if "银行" in text or "税务总局" in text:
        for found in chain(rules.known.finditer(text), _regional_banks().finditer(text)):
            yield found.start(), _with_branch(text, found.end()), found.group()
    last_end = 0
    for found in rules.suffixes.finditer(text):
        if found.start() < last_end:
            continue
        longer = rules.longer.match(text, found.end())
        end = longer.end() if longer else found.end()
        suffix = _REGISTERED_END.search(text, found.start(), end)
        ending = suffix.group() if suffix else found.group()
        start = _begin_before(text, end - len(ending), ending, last_end)
        if start is not None:
            last_end = _with_branch(text, end)
            yield start, last_end, ending


def _with_branch(text: str, end: int) -> int:
    branch = grammar().branch.match(text, end)
    return branch.end() if branch else end


def _begin_before(text: str, stem_end: int, suffix: str, last_end: int) -> int | None:
    """Where the name that ends in `suffix` begins; None when it is a common word or says nobody in particular."""
    rules = grammar()
    left = _LEFT_RUN.search(text, max(last_end, stem_end - 32), stem_end)
    if left is None:
        return None
    run = left.group()
    before = text[left.start() - 1 : left.start()] if left.start() else "\n"
    begin = _begin_of(run, after_boundary=before in _BOUNDARY)
    stem = run[begin:]
    if stem.endswith(_POINTING) or "某" in stem or _names_a_place(stem + suffix):
        return None
    in_region = _begins_with_region(stem)
    bounded = begin == 0 and before in _BOUNDARY
    if len(stem) < 2 or (stem.startswith(rules.never_begins) and not in_region):
        return None
    if stem.startswith(rules.seldom_begins) and not (bounded or in_region):
        return None
    if suffix in rules.institutions:
        named = in_region and len(stem) <= 16
    elif suffix in _PLAIN:
        named = _plainly_named(stem, bounded=bounded, in_region=in_region)
    elif suffix in rules.strong:
        named = _has_brand(stem) or (suffix.endswith("有限公司") and in_region and len(stem) >= 4)
    else:
        named = in_region and len(stem) <= 18 and len(brand_of(stem)) >= 2
    return left.start() + begin if named else None


def _plainly_named(stem: str, *, bounded: bool, in_region: bool) -> bool:
    """Whether a stem before a bare 公司 or 集团, which everyday sentences are full of, is a name."""
    if not _has_brand(stem) or not (bounded or len(stem) >= 4):
        return False
    if any(letter in grammar().letters for letter in stem):
        return bounded and 2 <= len(stem) <= 4 and "的" not in stem
    if in_region or (bounded and len(stem) >= 3):
        return True
    return len(stem) >= 4 and grammar().trades.search(stem) is not None


def is_short_name(name: str) -> bool:
    """Whether a whole field reads as a short name: a brand and a trade, 禾澄科技."""
    found = grammar().short_whole.fullmatch(name)
    return found is not None and _is_brand(found.group(1))


def _is_brand(brand: str) -> bool:
    rules = grammar()
    return (
        brand[:2] not in rules.generic_brands
        and brand not in rules.generic_brands
        and rules.trades.fullmatch(brand) is None
        and not set(brand) & rules.letters
        and not brand.startswith((*rules.never_begins, *rules.seldom_begins))
        and brand[-1] not in "新类等用性型"
    )


def find_short_names(text: str) -> Iterator[Finding]:
    """Short names of organisations that stand bounded on both sides: “禾澄科技”, 收禾澄科技货款."""
    for found in grammar().short_trades.finditer(text):
        start = found.start() - _SHORT_BRAND
        brand = text[max(0, start) : found.start()]
        if start < 0 or not _HAN_PAIR.fullmatch(brand) or not _SHORT_BEHIND.match(text, found.end()):
            continue
        if (start == 0 or _SHORT_BEFORE.search(text[max(0, start - 3) : start])) and _is_brand(brand):
            yield Finding(FindingCategory.ORGANISATION_NAME, start, found.end(), 0.7)


def _confidence(text: str, start: int, end: int, suffix: str) -> float:
    if suffix.endswith("有限公司"):
        return 0.97
    bounded = (start == 0 or text[start - 1] in _BOUNDARY) and (end == len(text) or not text[end].isalnum())
    return 0.9 if bounded else 0.75


def looks_like_organisation(name: str) -> bool:
    """Whether a whole cell or field is the name of an organisation by its suffix."""
    if _ENGLISH.fullmatch(name):
        return True
    if not _WHOLE_NAME.fullmatch(name):
        return False
    return any(_with_branch(name, found.end()) == len(name) for found in grammar().suffixes.finditer(name))
