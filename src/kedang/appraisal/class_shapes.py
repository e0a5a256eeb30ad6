"""What the arrangement of a record says of its class, beside its words: columns, parties, salutation, a list of people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from kedang.appraisal.labels import label_words
from kedang.records.content import Finding, FindingCategory, RecordClass, Table

_HEADER_LINES = 6  # lines among which a table written into the text has its head
_LEAST_TABS = 2
_MOST_COLUMNS = 60
_SALUTATION = re.compile(
    r"\A\s*(?:[^\n]{0,30}\n){0,2}?(?:尊敬的|亲爱的|致[:：]?|Dear |Hi )?[^\n，,。:：]{2,24}(?:先生|女士|小姐|老师|经理|公司|台鉴|鈞鑒|各位[^\n]{1,6})?(?:/女士)?[:：](?:[ ]*\n|您)"
)
_TURN = re.compile(r"^[ ]*([\u4e00-\u9fa5]{2,4})[:：][ ]?[^\n]{0,40}[\u4e00-\u9fa5]{3}", re.MULTILINE)
_DIARY = re.compile(
    r"^[ ]*(?:\d{4}年)?\d{1,2}月\d{1,2}日[ ,，]{0,2}(?:星期.|周.)?[ ,，]{0,2}(?:晴|阴|多云|[小中大暴阵]{0,2}[雨雪]|雾|霾)",
    re.MULTILINE,
)
_WEATHER = re.compile(r"日[^\n]{0,6}[晴阴云雨雪雾霾]")
_LEAST_DAYS = 2  # of a diary
_LEAST_TURNS = 5  # lines of talk
_CALLED = re.compile(r"先生|女士|小姐|公司|老师|经理|尊敬的|亲爱的|Dear|各位|客户|用户|朋友|业主|家长")
_PARTY = re.compile(
    r"^[ ]*([\u4e00-\u9fa5]{1,5}[方人])(?:[(（][^()（）\n]{0,14}[)）])?[ ]?[:：]", re.MULTILINE
)
_CLAUSE = re.compile(r"^[ ]*(?:第[一二三四五1-9][条章]|[一二三四]、|[1-4][.、．])", re.MULTILINE)
_PROMISE = re.compile(r"违约|赔偿|解除|终止|期限|有效期|承担|签字|盖章|签订|生效|协商|法院|仲裁|同意|保证")
_PROMISED = re.compile(r"今借到|本人自愿|自愿为|承诺人|保证人|借款人|经双方")
_SUM = re.compile(r"[¥￥]\s?\d|\d(?:\.\d{1,2})?\s?元|人民币")
_NUMBERS = frozenset({FindingCategory.MOBILE_PHONE, FindingCategory.LANDLINE, FindingCategory.RESIDENT_ID})
_IMPERSONAL = frozenset({
    FindingCategory.ORGANISATION_NAME, FindingCategory.ADDRESS, FindingCategory.CREDIT_CODE,
    FindingCategory.TAXPAYER_NUMBER, FindingCategory.LANDLINE,
})  # fmt: skip
_CARD_TEXT = 160  # characters: a picture of a card holds no more
_LIST_GAP = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """One sign of arrangement, in words a person can check."""

    record_class: RecordClass
    weight: float
    zh: str
    en: str


def is_personal(finding: Finding) -> bool:
    """Whether a finding points to a person, and not only to a firm or a place."""
    return finding.category not in _IMPERSONAL


def columns_of(head: str, tables: Sequence[Table]) -> str:
    """The headers of the tables, given or written into the first lines as cells."""
    cells = [header for table in tables[:4] for header in table.headers[:_MOST_COLUMNS]]
    for line in head[:600].split("\n")[:_HEADER_LINES]:
        if line.count("\t") >= _LEAST_TABS or line.count("|") > _LEAST_TABS:
            cells.append(line[:400])
            break
    return "\t".join(cells)


def shapes_of(head: str, findings: Sequence[Finding]) -> Iterator[Shape]:
    """The signs of arrangement of the first pages."""
    yield from _of_letters(head)
    yield from _of_agreements(head)
    yield from _of_people(head, findings)
    if len(_SUM.findall(head)) >= 2:
        yield Shape(RecordClass.TRANSACTION, 0.5, "写有多个金额", "several sums of money are written")


@cache
def _form_fields() -> frozenset[str]:
    """Words before a colon that ask for a value and speak nothing."""
    return frozenset(word for words in label_words().values() for word in words)


def _of_letters(head: str) -> Iterator[Shape]:
    turns = Counter(found.group(1) for found in _TURN.finditer(head))
    for field in _form_fields() & turns.keys():
        del turns[field]
    if sum(turns.values()) >= _LEAST_TURNS and sum(count > 1 for count in turns.values()) >= 2:
        yield Shape(RecordClass.COMMUNICATION, 3.0, "几个人轮流说话", "several people speak in turn")
    days = len(_DIARY.findall(head)) if _WEATHER.search(head) else 0
    if days >= _LEAST_DAYS:
        weight = 5.0 if days >= 2 * _LEAST_DAYS else 4.0
        yield Shape(
            RecordClass.COMMUNICATION, weight, "逐日记事，写有天气", "a diary: days with their weather"
        )
    opening = _SALUTATION.match(head)
    if opening and _CALLED.search(opening.group()):
        yield Shape(RecordClass.COMMUNICATION, 2.6, "开头为称呼", "it opens with a salutation")


def _of_agreements(head: str) -> Iterator[Shape]:
    parties = set(_PARTY.findall(head))
    promises = set(_PROMISE.findall(head))
    if len(parties) >= 2 and len(promises) >= 2 and _CLAUSE.search(head):
        yield Shape(
            RecordClass.CONTRACT, 2.4, "列有当事各方和条款", "it lists the parties and numbered clauses"
        )
    if _PROMISED.search(head) and promises:
        yield Shape(RecordClass.CONTRACT, 1.6, "当事人作出承诺并签字", "somebody promises and signs")


def _of_people(head: str, findings: Sequence[Finding]) -> Iterator[Shape]:
    inside = [finding for finding in findings if finding.end <= len(head)]
    listed = sum(
        first.category is FindingCategory.PERSON_NAME
        and second.category in _NUMBERS
        and second.start - first.end <= _LIST_GAP
        for first, second in pairwise(inside)
    )
    if listed >= 2:
        yield Shape(RecordClass.PERSONAL, 1.6, "逐人列出姓名和号码", "names with numbers are listed")
    cards = {FindingCategory.BANK_CARD, FindingCategory.PASSPORT, FindingCategory.RESIDENT_ID}
    if len(head.strip()) <= _CARD_TEXT and any(finding.category in cards for finding in inside):
        yield Shape(RecordClass.PERSONAL, 1.2, "证件或卡片上的少量文字", "the few words of a card")
