"""What a record says of itself: parties, numbers, dates, amounts, method, rating (requirement R20).

A fact is read behind its label; the kinds and their labels are a closed list in facts.toml.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from kedang.appraisal import amounts, dates
from kedang.appraisal.word_patterns import any_of
from kedang.records.content import Fact, Finding, FindingCategory, RecordClass

_HAN = "\u4e00-\u9fa5"
_SEPARATOR = (
    r"(?:[ ]?[(（][^()（）\n]{0,12}[)）])?(?:[ ]?[:：]\s{0,4}|[ ]*[\t]\s*|[ ]*\n[ \t]*|[ ]{1,6}|[为是])"
)
_NUMBER = re.compile(
    r"[A-Za-z0-9〔〕\[\]【】()（）第_/\-–]{2,}(?:[\u4e00-\u9fa5]{1,3}[A-Za-z0-9\-]+号?)?|[\u4e00-\u9fa5]{1,4}[-〔\[(（]?[0-9]{2,}[A-Za-z0-9\-〕\])）第]*号?"
)
_METHODS = {
    "银行转账": "银行转账", "转账": "银行转账", "电汇": "银行转账", "汇款": "银行转账", "网银": "银行转账", "对公": "银行转账", "T/T": "银行转账",
    "微信": "微信支付", "支付宝": "支付宝", "现金": "现金", "承兑": "承兑汇票", "汇票": "汇票", "支票": "支票", "刷卡": "银行卡", "银行卡": "银行卡",
    "信用卡": "银行卡", "POS": "银行卡", "货到付款": "货到付款", "月结": "月结", "云闪付": "云闪付", "信用证": "信用证", "分期": "分期付款",
    "预付": "预付款", "Alipay": "支付宝", "WeChat": "微信支付", "Cash": "现金", "Bank Transfer": "银行转账",
}  # fmt: skip
_METHOD = re.compile("|".join(map(re.escape, sorted(_METHODS, key=len, reverse=True))))
_RATING = re.compile(
    r"非常不满意|很不满意|比较满意|非常满意|很满意|基本满意|不满意|满意|一般|好评|中评|差评|优秀|良好|较差|[优良差](?![\u4e00-\u9fa5])|★{1,5}|[1-5](?:\.\d)?[ ]?星|\d{1,3}(?:\.\d)?[ ]?分|[0-9]{1,2}(?:\.\d)?/(?:5|10)"
)
_WORDS = re.compile(r"[^\n\t]{2,200}")
_PERIOD = re.compile(
    r"(?:为|是|自[^\n，。]{0,16}?(?:起|之日起)(?:算)?)?[ ]?(\d{1,3}|[一二两三四五六七八九十]{1,3}|壹|贰|叁|伍)(?:[(（][^()（）]{1,3}[)）])?[ ]?(个月|年|月|天|日)"
)
_SIGNED = re.compile(r"(?:于|在)[ ]?$")
_SIGNED_BEHIND = re.compile(r"[ ]?(?:在[^\n，。]{1,12})?(?:签订|签署|订立|签约)")
_TERM = re.compile(r"(?:自|从)[ ]?$")
_UNTIL = re.compile(r"[ ]?(?:日)?(?:起)?(?:生效|执行|计算|实施)?[,，]?[ ]?(?:至|到|—|－|-|~|～)[ ]?$")
_CJK_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十二": 12,
    "十八": 18,
    "二十四": 24,
    "三十六": 36,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "伍": 5,
}
_WARRANTY = re.compile(
    r"(?:质保期|保修期|质量保证期|免费保修|整机保修|保修|质保)(?:期限)?(?=[ ]?[\d一二两三壹贰叁])"
)
_BARE_LABELS = {
    "日期": {RecordClass.CONTRACT: "signed_on", RecordClass.TRANSACTION: "issued_on"},
    "时间": {RecordClass.TRANSACTION: "paid_on"},
    "编号": {RecordClass.CONTRACT: "contract_number"},
    "单号": {RecordClass.TRANSACTION: "order_number"},
}
_EXPIRY = re.compile(
    r"(?:有效期(?:限)?(?:截)?至|履行期(?:限)?至|期限至|有效至|截止(?:到|至|日期为)|到期日为)[ ]?$"
)
_GUARANTEED = re.compile(r"(?:质保|保修)(?:期|期限)?(?:截)?(?:至|到)[ ]?$")
_NOT_THIS_DAY = frozenset({"出生", "成立", "生产", "注册", "建立", "打印", "出厂", "导出", "到期"})
_HAN_BEFORE = re.compile(rf"[{_HAN}]")
_BEFORE_PARTY = re.compile(r"[ \n]{0,3}[\t(（:：名称单位姓全称 ]*")
_BLANKS = re.compile(r"\s+")
_OTHER_CONTRACT = re.compile(r"[^\n，。,]{0,6}(?:的|了)(?:编号|《|合同|原合同)|[^\n，。,]{0,3}《")
_BANK_PAPER = re.compile(r"回单|进账单|银行转账|转账支票|电汇凭证|汇款凭证")
_RECEIPT = re.compile(r"收据|今收到|兹收到|回单|收款凭证|进账单")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HEAD = 160
_FOOT = 300  # characters at the end of a contract in which its day stands below the signatures
_MORE_THAN_A_DAY = re.compile(r"[^\s()（）日期年月:：于签订约_]")
_LIMIT_PER_KIND = 24  # a list of a thousand orders does not need a thousand facts; its rows are read as rows


@dataclass(frozen=True, slots=True)
class _Kinds:
    value_of: dict[str, str]
    """How each kind's value is read."""
    by_label: dict[str, str]
    labels: re.Pattern[str]


@cache
def _kinds() -> _Kinds:
    table = tomllib.loads((files("kedang.appraisal") / "facts.toml").read_text(encoding="utf-8"))["kind"]
    by_label = {label: kind for kind, entry in table.items() for label in entry["labels"]}
    return _Kinds(
        value_of={kind: entry["value"] for kind, entry in table.items()},
        by_label=by_label,
        labels=re.compile(rf"({any_of(by_label)}){_SEPARATOR}"),
    )


def fact_kinds() -> tuple[str, ...]:
    """The closed list of kinds of facts."""
    return tuple(_kinds().value_of)


def value_kinds() -> Mapping[str, str]:
    """How the value of each kind is read: date, amount, number, words …"""
    return _kinds().value_of


def read_facts(text: str, findings: Sequence[Finding], record_class: RecordClass) -> tuple[Fact, ...]:
    """Facts of folded `text` in the order in which they stand; positions are code points.

    The class tells what a bare label means: 日期 on a contract is the day of signing, on an order that of issue.
    """
    reader = _Reader(text, findings, record_class)
    found = [*reader.labelled(), *reader.warranties(), *reader.terms()]
    found += reader.by_class({fact.kind for fact in found})
    found.sort(key=lambda fact: (fact.start, -fact.confidence))
    seen: set[tuple[str, str]] = set()
    counts: dict[str, int] = {}
    kept: list[Fact] = []
    for fact in found:
        if (fact.kind, fact.value) in seen or counts.get(fact.kind, 0) >= _LIMIT_PER_KIND:
            continue
        seen.add((fact.kind, fact.value))
        counts[fact.kind] = counts.get(fact.kind, 0) + 1
        kept.append(fact)
    return tuple(kept)


class _Reader:
    def __init__(self, text: str, findings: Sequence[Finding], record_class: RecordClass) -> None:
        self._text = text
        named = (FindingCategory.ORGANISATION_NAME, FindingCategory.PERSON_NAME)
        self._names = [finding for finding in findings if finding.category in named]
        self._name_starts = [finding.start for finding in self._names]
        self._amounts = list(amounts.find_amounts(text))
        self._dates = list(dates.find_dates(text))
        self._date_starts = [written.start for written in self._dates]
        self._class = record_class
        self._readers: dict[str, Callable[[str, int], Fact | None]] = {
            "date": self._date, "number": self._number, "amount": self._amount, "method": self._method,
            "rating": self._rating, "words": self._words, "party": self._party, "period": self._period,
        }  # fmt: skip

    def labelled(self) -> Iterator[Fact]:
        kinds = _kinds()
        for found in kinds.labels.finditer(self._text):
            kind = kinds.by_label[found.group(1)]
            if found.group(1) in _BARE_LABELS:
                if self._text[max(0, found.start() - 2) : found.start()] in _NOT_THIS_DAY:
                    continue
                if (found.group(1) == "单号" or self._class is RecordClass.CONTRACT) and _HAN_BEFORE.match(
                    self._text, found.start() - 1
                ):
                    continue  # 运单号, 快递单号
                kind = _BARE_LABELS[found.group(1)].get(self._class, kind)
            fact = self._readers[kinds.value_of[kind]](kind, found.end())
            if fact is not None:
                yield fact

    def _date(self, kind: str, position: int) -> Fact | None:
        place = bisect_left(self._date_starts, position)
        written = self._dates[place] if place < len(self._dates) else None
        if written is None or written.start - position > 2:
            written = dates.compact_date_at(self._text, position)
        if written is None:
            return None
        return Fact(kind, written.value.isoformat(), written.start, written.end, 0.95)

    def _number(self, kind: str, position: int) -> Fact | None:
        found = _NUMBER.match(self._text, position)
        if found is None or not any(letter.isdigit() for letter in found.group()):
            return None
        value = found.group().rstrip("(（[【-")
        return Fact(kind, value, position, position + len(value), 0.95)

    def _amount(self, kind: str, position: int) -> Fact | None:
        for written in self._amounts:
            if (
                0 <= written.start - position <= 14
                and "\n" not in self._text[position : written.start].strip()
            ):
                return Fact(kind, written.said, written.start, written.end, 0.9)
        bare = re.compile(
            r"[ ]?(-?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|-?\d{1,10}(?:\.\d{1,2})?)(?![\d%.])"
        ).match(self._text, position)
        if bare is None:
            return None
        yuan = amounts.figure_amount(bare.group(1))
        if yuan is None or ("." not in bare.group(1) and "," not in bare.group(1) and len(bare.group(1)) > 9):
            return None
        said = amounts.WrittenAmount(yuan, bare.start(1), bare.end(1)).said
        return Fact(kind, said, bare.start(1), bare.end(1), 0.7)

    def _method(self, kind: str, position: int) -> Fact | None:
        found = _METHOD.search(self._text, position, position + 12)
        return Fact(kind, _METHODS[found.group()], found.start(), found.end(), 0.9) if found else None

    def _rating(self, kind: str, position: int) -> Fact | None:
        found = _RATING.search(self._text, position, position + 8)
        return Fact(kind, found.group().replace(" ", ""), found.start(), found.end(), 0.9) if found else None

    def _words(self, kind: str, position: int) -> Fact | None:
        found = _WORDS.match(self._text, position)
        if found is None:
            return None
        value = found.group().strip()
        start = found.start() + found.group().find(value)
        return Fact(kind, value, start, start + len(value), 0.8) if len(value) > 1 else None

    def _party(self, kind: str, position: int) -> Fact | None:
        place = bisect_left(self._name_starts, position)
        if place >= len(self._names) or self._names[place].start - position > 8:
            return None
        name = self._names[place]
        between = self._text[position : name.start]
        if not _BEFORE_PARTY.fullmatch(between):
            return None
        value = self._text[name.start : name.end]
        value = value if value.isascii() else _BLANKS.sub("", value)
        return Fact(kind, value, name.start, name.end, min(0.95, name.confidence))

    def _period(self, kind: str, position: int) -> Fact | None:
        found = _PERIOD.match(self._text, position) or _PERIOD.match(self._text, position - 1)
        if found is None:
            return None
        count = int(found.group(1)) if found.group(1).isdigit() else _CJK_NUMBERS.get(found.group(1), 0)
        letter = {"个月": "M", "月": "M", "年": "Y", "天": "D", "日": "D"}[found.group(2)]
        return Fact(kind, f"P{count}{letter}", found.start(1), found.end(), 0.85) if count else None

    def warranties(self) -> Iterator[Fact]:
        """质保期12个月, 保修一年: a period with nothing between word and number."""
        if "保" in self._text:
            for found in _WARRANTY.finditer(self._text):
                fact = self._period("warranty", found.end())
                if fact is not None:
                    yield fact

    def terms(self) -> Iterator[Fact]:
        """Dates told by the words around them: 于…签订, 自…起至…止."""
        for place, written in enumerate(self._dates):
            before = self._text[max(0, written.start - 4) : written.start]
            if _EXPIRY.search(self._text[max(0, written.start - 10) : written.start]):
                yield Fact("valid_until", written.value.isoformat(), written.start, written.end, 0.92)
            if _GUARANTEED.search(self._text[max(0, written.start - 10) : written.start]):
                yield Fact("obligations_end", written.value.isoformat(), written.start, written.end, 0.9)
            if _SIGNED_BEHIND.match(self._text, written.end) and not self._of_another(written.end):
                yield Fact(
                    "signed_on",
                    written.value.isoformat(),
                    written.start,
                    written.end,
                    0.9 if _SIGNED.search(before) else 0.8,
                )
            if (
                self._class is RecordClass.CONTRACT
                and _TERM.search(before)
                and self._text[written.end : written.end + 1] == "起"
            ):
                yield Fact("valid_from", written.value.isoformat(), written.start, written.end, 0.85)
            if place + 1 < len(self._dates):
                following = self._dates[place + 1]
                between = self._text[written.end : following.start]
                if (
                    len(between) <= 8
                    and _UNTIL.fullmatch(between.strip())
                    and (_TERM.search(before) or "起" in between or self._term_word(written.start))
                ):
                    yield Fact("valid_from", written.value.isoformat(), written.start, written.end, 0.9)
                    yield Fact(
                        "valid_until", following.value.isoformat(), following.start, following.end, 0.92
                    )

    def _of_another(self, position: int) -> bool:
        """The signing told of is that of another, earlier contract."""
        signed = _SIGNED_BEHIND.match(self._text, position)
        return signed is not None and _OTHER_CONTRACT.match(self._text, signed.end()) is not None

    def by_class(self, known: set[str]) -> Iterator[Fact]:
        """What a paper of a class says without a label: the largest sum, the day at its head, the bank's way of paying."""
        if self._class not in (RecordClass.CONTRACT, RecordClass.TRANSACTION):
            return
        if "amount" not in known and self._amounts:
            most = max(self._amounts, key=lambda one: one.yuan)
            yield Fact("amount", most.said, most.start, most.end, 0.6)
        if self._class is RecordClass.CONTRACT:
            if "signed_on" not in known:
                yield from self._below_signatures()
            return
        first = next((one for one in self._dates if one.start < _HEAD), None)
        if first is not None and not known & {"issued_on", "paid_on"}:
            yield Fact("issued_on", first.value.isoformat(), first.start, first.end, 0.7)
        if first is not None and "paid_on" not in known and _RECEIPT.search(self._text[:_HEAD]):
            yield Fact("paid_on", first.value.isoformat(), first.start, first.end, 0.8)
        bank = _BANK_PAPER.search(self._text[:_HEAD])
        if bank is not None and "method" not in known:
            yield Fact("method", "银行转账", bank.start(), bank.end(), 0.8)

    def _below_signatures(self) -> Iterator[Fact]:
        """The day that stands alone in one of the last lines of a contract."""
        for written in reversed(self._dates):
            if written.start < len(self._text) - _FOOT:
                return
            line = self._text.rfind("\n", 0, written.start) + 1
            end = self._text.find("\n", written.end)
            rest = self._text[line : written.start] + self._text[written.end : end if end >= 0 else None]
            if not _MORE_THAN_A_DAY.search(rest):
                yield Fact("signed_on", written.value.isoformat(), written.start, written.end, 0.75)
                return

    def _term_word(self, position: int) -> bool:
        return (
            re.search(r"期限|有效期|租期|服务期|合同期|租赁期", self._text[max(0, position - 16) : position])
            is not None
        )


def date_of(facts: Sequence[Fact], *kinds: str) -> date | None:
    """The date of the first fact of the earliest of `kinds` that is there."""
    for kind in kinds:
        for fact in facts:
            if fact.kind == kind:
                return date.fromisoformat(fact.value)
    return None


def latest_dates(facts: Sequence[Fact]) -> dict[str, str]:
    """The latest day of each kind of fact, ISO 8601."""
    latest: dict[str, str] = {}
    for fact in facts:
        if _DAY.fullmatch(fact.value) and fact.value > latest.get(fact.kind, ""):
            latest[fact.kind] = fact.value
    return latest
