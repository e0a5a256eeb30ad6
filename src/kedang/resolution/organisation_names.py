"""Names of organisations in their parts: region, own word (字号), trade, legal form, branch.

Legal order of a Chinese name: [region] own word [trade] legal form [branch]; a region may stand in brackets behind
the own word or before the legal form too. Of an English name: [region] own word [trade] legal form [, branch].
What is left without the other parts is the *core*: the word by which people call the firm. Where nothing is left,
trade and region go back into it: 北京装修公司 has no other name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from kedang.resolution.divisions import Division, Level, divisions_at, divisions_by_name, stem_of
from kedang.resolution.forms import organisation_form
from kedang.resolution.sounds import sound_of, without_accents

_HAN = re.compile(r"[\u3400-\u9fff]")
_BRACKETED = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]?")
_LONGEST = 200  # characters that are looked at
_LEAST_CORE = 2  # characters; one alone names nobody
_MOST_TRADES = 3  # 科技 + 发展 + 服务
_PARTNERSHIPS = {
    "有限合伙": "合伙企业",
    "普通合伙": "合伙企业",
    "特殊普通合伙": "合伙企业",
    "个人独资": "个人独资企业",
}
_TOWN = re.compile(r"[\u4e00-\u9fff]{0,3}?(?:(?<=..)(?:镇|街道|乡)|开发区|工业园区|高新区|保税区|新区)")
_BEHIND_PLACE = re.compile(
    r"(?<=.{2})[\u4e00-\u9fff]{2}(?:路|街|大道|广场|商场|大厦|万达|站)(?:分店|门店|店)$"
)
_NUMBERED_BRANCH = re.compile(
    r"(?<=.{2})第?[一二三四五六七八九十0-9]{1,3}(?:号)?(?:分店|分厂|分部|店|门市部)$"
)
_COMPANY = re.compile(r"(?:股份|集团|有限|总){0,3}公司")
_NO_REGION_ALONE = frozenset({"阿里", "东方"})  # firms are called so more often than places are meant
_GROUP = "集团"
_LATIN_WORD = re.compile(r"[a-z0-9][a-z0-9&'-]*")


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """An organisation's name in its parts; empty where it says nothing."""

    full: str
    """Full form of `forms`."""
    core: str = ""
    region: str = ""
    """The city, or the province where no city is said: 杭州市; a county that is a city itself: 义乌市."""
    industry: str = ""
    legal_form: str = ""
    """有限公司 for 有限责任公司 too; 公司 when no form is said."""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    legal_forms: tuple[str, ...]
    branches: tuple[str, ...]
    heads: tuple[str, ...]
    industries: tuple[str, ...]
    english_legal_forms: tuple[str, ...]
    english_industries: tuple[str, ...]
    english_branches: tuple[str, ...]


@lru_cache(maxsize=8192)
def organisation_name_of(raw: str) -> OrganisationName:
    """The parts of a name as written: 杭州雲帆貿易有限責任公司上海分公司 → 云帆, 杭州市, 贸易, 有限公司, 上海分公司."""
    full = organisation_form(raw[:_LONGEST])
    return _chinese(full) if _HAN.search(full) else _english(full)


def _chinese(full: str) -> OrganisationName:
    bare, region, branch, form = _without_brackets(full)
    bare, behind = _without_branch(bare)
    branch = branch or behind
    rest, legal_form = _cut_end(bare, _words().legal_forms)
    legal_form = form or legal_form
    local, first = _without_region(rest)
    rest, industry = _without_trades(local)
    rest, last = _without_last_region(rest)
    if len(rest) < _LEAST_CORE or (first is None and rest in divisions_by_name() and industry):
        rest = (stem_of(first.name) if first else "") + local or bare
    return OrganisationName(
        full=full,
        core=rest,
        region=_called(first) or region or _called(last),
        industry=industry,
        legal_form=legal_form,
        branch=branch,
    )


def _without_brackets(full: str) -> tuple[str, str, str, str]:
    """The name without brackets, and what stood in them: region, branch, legal form."""
    region = branch = form = ""
    for inside in _BRACKETED.findall(full):
        whole = [one for one in divisions_at(inside) if one.length == len(inside)]
        if whole:
            region = region or _called(whole[0].division)
        elif inside in _PARTNERSHIPS:
            form = _PARTNERSHIPS[inside]
        elif inside.endswith(_words().branches):
            branch = inside
    bare = _BRACKETED.sub("", full)
    if f"({_GROUP})" in full:
        head, legal = _cut_end(bare, _words().legal_forms)
        bare = head + _GROUP + legal if _COMPANY.fullmatch(legal) else bare
    return bare, region, branch, form


def _without_branch(name: str) -> tuple[str, str]:
    """The head's name and what a branch adds to it."""
    if not name.endswith(_words().branches):
        return name, ""
    found = _branch_pattern().match(name)
    if found:
        return found.group(1), found.group(2)
    placed = _BEHIND_PLACE.search(name) or _NUMBERED_BRANCH.search(name)
    if placed:
        return name[: placed.start()], placed.group()
    if not name.endswith(("分公司", "分店", "分厂", "办事处", "代表处")):
        return name, ""
    head, kind = _cut_end(name, _words().branches)
    for length in range(min(len(head) - _LEAST_CORE, 8), 1, -1):
        if divisions_by_name().get(head[-length:]):
            return head[:-length], head[-length:] + kind
    return head, kind


@cache
def _branch_pattern() -> re.Pattern[str]:
    """A head that is complete, a place or a number, and the word for the branch."""
    heads, branches = "|".join(_words().heads), "|".join(_words().branches)
    return re.compile(rf"(.{{2,}}?(?:{heads}))((?!有限|股份|集团|连锁).{{0,14}}(?:{branches}))$")


def _without_region(name: str) -> tuple[str, Division | None]:
    """The name behind the regions at its beginning, and the lowest of them."""
    lowest: Division | None = None
    rest = name.removeprefix("中国") if len(name) > len("中国") + 1 else name
    while (found := _region_at(rest, lowest)) is not None:
        lowest, rest = found[0], rest[found[1] :]
    if lowest is not None:
        town = _TOWN.match(rest)
        if town and len(rest) - town.end() >= _LEAST_CORE:
            rest = rest[town.end() :]
    return rest, lowest


def _region_at(rest: str, upper: Division | None) -> tuple[Division, int] | None:
    for one in divisions_at(rest):
        division = one.division
        if len(rest) - one.length < _LEAST_CORE:
            continue
        fits = division.lies_in(upper) and division.level > upper.level if upper else True
        if fits and (one.is_full or upper is not None or _may_stand_alone(division, rest, one.length)):
            return division, one.length
    return None


def _may_stand_alone(division: Division, rest: str, length: int) -> bool:
    """Whether a place without its suffix is one: 杭州, 义乌; a county (天台) only before an own word; no district (长安)."""
    if rest[:length] in _NO_REGION_ALONE or rest[length:] in _ends(_words().industries):
        return False
    if division.level < Level.COUNTY or division.is_city:
        return True
    return division.county.endswith("县") and len(_without_trades(rest[length:])[0]) >= _LEAST_CORE


def _without_last_region(rest: str) -> tuple[str, Division | None]:
    """新月石家庄 (of 新月能源石家庄公司): a city behind the own word."""
    for length in range(min(len(rest) - _LEAST_CORE, 8), 1, -1):
        for division, _ in divisions_by_name().get(rest[-length:], ()):
            if division.level < Level.COUNTY:
                return _without_trades(rest[:-length])[0], division
    return rest, None


def _without_trades(rest: str) -> tuple[str, str]:
    trades = ""
    for _ in range(_MOST_TRADES):
        shorter, trade = _cut_end(rest, _words().industries)
        if not trade or 0 < len(shorter) < _LEAST_CORE:
            break
        rest, trades = shorter, trade + trades
        if not rest:
            break
    return rest, trades


def _cut_end(name: str, words: Sequence[str]) -> tuple[str, str]:
    """The name without the longest of `words` at its end, and that word."""
    for length in range(min(len(name), len(words[0])), 0, -1):
        if name[-length:] in _ends(words):
            return name[:-length], name[-length:]
    return name, ""


@cache
def _ends(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words)


def _called(division: Division | None) -> str:
    """The name under which a region is compared: the city's, or that of a county that is a city."""
    if division is None:
        return ""
    if division.level is Level.COUNTY and division.is_city:
        return division.county
    return division.city or division.province or division.county


def _english(full: str) -> OrganisationName:
    words = _LATIN_WORD.findall(without_accents(full).replace(".", " ").replace("co,", "co "))
    words, branch = _english_branch(words)
    rest, legal_form = _cut_words(words, _words().english_legal_forms)
    rest, group = _cut_words(rest, _words().english_legal_forms) if legal_form else (rest, "")
    legal_form = f"{group} {legal_form}".strip()
    region = ""
    if len(rest) > 1 and rest[0] in _spelt_regions():
        region, rest = _spelt_regions()[rest[0]], rest[1:]
    industry: list[str] = []
    while len(rest) > 1:
        shorter, trade = _cut_words(rest, _words().english_industries)
        if not trade or not shorter:
            break
        rest, industry = shorter, [trade, *industry]
    return OrganisationName(full, " ".join(rest), region, " ".join(industry), legal_form, branch)


def _english_branch(words: list[str]) -> tuple[list[str], str]:
    """… ltd shanghai branch: what stands behind the legal form and ends in a word for a branch."""
    head, kind = _cut_words(words, _words().english_branches)
    if not kind:
        return words, ""
    for place in range(len(head), 0, -1):
        if _cut_words(head[:place], _words().english_legal_forms)[1]:
            return head[:place], " ".join((*head[place:], kind))
    return words, ""


def _cut_words(words: list[str], endings: Sequence[str]) -> tuple[list[str], str]:
    for count in range(min(4, len(words) - 1), 0, -1):
        ending = " ".join(words[-count:])
        if ending in _ends(tuple(endings)):
            return words[:-count], ending
    return words, ""


@cache
def _spelt_regions() -> dict[str, str]:
    """Provinces and cities in pinyin: hangzhou → 杭州市."""
    spelt: dict[str, str] = {}
    for name, some in divisions_by_name().items():
        division, is_full = some[0]
        if not is_full and (division.level < Level.COUNTY or division.is_city):
            spelt.setdefault(sound_of(name).replace(" ", ""), _called(division))
    return spelt


@cache
def _words() -> _Words:
    table = tomllib.loads(
        (files("kedang.resolution") / "organisation_parts.toml").read_text(encoding="utf-8")
    )
    english = table["english"]
    return _Words(
        *(_longest_first(table[name]) for name in ("legal_forms", "branches", "heads", "industries")),
        *(_longest_first(english[name]) for name in ("legal_forms", "industries", "branches")),
    )


def _longest_first(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))
