"""Names of persons behind labels of forms and in the fields of parties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

from kedang.appraisal.labels import label_words
from kedang.appraisal.name_lexicon import NameLexicon, name_lexicon
from kedang.appraisal.name_shapes import (
    HAN,
    LATIN_NAME,
    LIKELY,
    RUN,
    SHORT_TITLE,
    STRONG,
    SURE,
    WEAK,
    NameSpan,
    can_be_foreign,
    fits,
)
from kedang.appraisal.word_patterns import any_of

_BEFORE_NUMBER = re.compile(
    rf"^[ ]{{0,4}}(?:\d{{1,3}}[.、 ][ ]?)?([{HAN}]{{2,4}})[ \t]*[，,:：/|]?[ \t]*(?=(?:\+?86[- ]?)?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}(?!\d)|[1-9]\d{{16}}[\dXx])",
    re.MULTILINE,
)
_NEAR_NUMBER = re.compile(
    rf"(?:收件人|收货人|联系人|寄件人|[兹仅]?证明|兹有|本人|[\s、，。：])([{HAN}]{{2,4}})(?:[ ]?1[3-9]\d{{9}}(?!\d)|[（(](?:公民)?(?:居民)?身份(?:证|证号|号码|证号码|证件号)[:：]?[ ]?[1-9]\d{{14}})"
)
_PERSONAL_NUMBER = re.compile(r"1[3-9]\d{9}(?!\d)|[1-9]\d{14}")
_SPACED = re.compile(rf"([{HAN}])[ ]{{1,4}}([{HAN}])(?![{HAN}])")
_LIST_MARK = re.compile(r"[ ]?(?:[、，,/;；+&]|和|及|与|(?<=\S) (?=\S))[ ]?")
_BRACKETED = re.compile(r"[(（][^()（）\n]{0,16}[)）]")
_ONE_BLANK = re.compile(r"[^\s:：] $")
_WHOLE_NAME = re.compile(rf"[{HAN}]{{2,4}}(?=[\s，,；;。、/)）(（|]|$)")
_NEXT_NAME = re.compile(rf"[{HAN}]{{2,4}}(?=[\n、，,/ (（]|$)")
_WHOLE_FIELD_END = "\n\t ，,；;。、/)）(（|"
_LONGEST_LIST = 40  # names behind one label
_AGENT_LABEL = re.compile(
    rf"(?:^|(?<=[\s，。；、,;(（|]))([{HAN}]{{1,5}}(?:[人员者师]|教练|家长|代表|顾问|经理|姓名|签[字名]))"
    r"(?:[(（][^()（）\n]{0,12}[)）])?[ ]?[:：][ \t]*"
)
"""What in a form names the one who acts, whatever the trade calls him: 司磅员：, 试驾人：."""
_FIELD_END = re.compile(r"[ \t\n,，;；。()（）]|$")


_LATIN_LABEL = re.compile(
    r"(?:^|(?<=[\n\t,|])|(?<= ))(Name|Contact|Contact Person|Attn|Customer Name|From|To|Buyer|Seller|Prepared by|Approved by|Signed by"
    r"|For the (?:Buyer|Seller)|Guest Name|Passenger)\.?[ ]?[:：\t][ \t]*(?:(?:Mr|Ms|Mrs|Miss|Dr)\.? )?",
    re.MULTILINE,
)


_LATIN_HINT = re.compile(r"[NCAFTBSPG][a-z]+")


@cache
def _label_pattern() -> re.Pattern[str]:
    known = {*label_words()["person"], *name_lexicon().certain_labels}
    words = any_of(word for word in known if not word.isascii())
    return re.compile(
        rf"({words})(?:[(（][^()（）\n]{{0,12}}[)）])?"
        r"(?:[ ]?[:：][ \t]*\n?[ ]*|[ ]*\t[ \t]*|[ ]{1,}|[ ]*\n|[/、](?:联系)?电话[:：]?[ \t]*|[为是])"
    )


@cache
def _party_pattern() -> re.Pattern[str]:
    """A person may stand where forms expect an organisation; then the whole field must be the name."""
    return re.compile(
        rf"({any_of(label_words()['party'])}|(?<![{HAN}])[{HAN}]{{1,4}}方)(?:[(（][^()（）\n]{{0,12}}[)）])?[ ]?(?:[:：][ \t]*|\t[ \t]*| {{2,}})"
    )


@cache
def _person_words() -> frozenset[str]:
    return frozenset((*label_words()["person"], *name_lexicon().certain_labels))


def names_behind_labels(text: str) -> Iterator[NameSpan]:
    """Names that a label or the field of a party gives."""
    lexicon = name_lexicon()
    yield from _labelled(text, lexicon)
    yield from _parties(text, lexicon)
    yield from _before_numbers(text, lexicon)


def _cut_behind(run: str, lexicon: NameLexicon, *, certain: bool) -> str:
    """The name at the start of an unbroken run of characters behind a label: 张三先生, 李四电话…"""
    for size in (2, 3, 4):
        rest = run[size:]
        if (
            rest
            and (
                rest.startswith((*lexicon.titles, *_FOLLOWERS))
                or SHORT_TITLE.match(rest)
                or rest[0] == run[0]
            )
            and fits(run[:size], lexicon, labelled=True)
        ):
            return run[:size]
    if len(run) <= 4 and fits(run, lexicon, labelled=True, certain=certain):
        return run
    for size in (4, 3, 2):
        head = run[:size]
        if (
            size < len(run) <= 12
            and fits(head, lexicon, labelled=False)
            and not (size == 3 and lexicon.is_word(run[2:4]))
        ):
            return head
    return ""


_AGENTS = ("人", "员", "师", "者")
_AGENT_ENDS = ("姓名", "签字", "签名", "签收人", "经手人", "承诺人", "检验员")
_FOLLOWERS = (
    "电话",
    "手机",
    "联系",
    "身份证",
    "性别",
    "年龄",
    "地址",
    "职务",
    "部门",
    "日期",
    "签字",
    "签名",
    "盖章",
    "工号",
    "邮箱",
    "微信",
    "住址",
    "出生",
    "民族",
    "已",
    "于",
    "男",
    "女",
    "收",
    "复核",
    "审核",
    "制单",
    "开票",
    "收款",
    "记账",
    "出纳",
    "会计",
    "负责",
    "备注",
    "时间",
    "单位",
)


def _labelled(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    latin = _LATIN_LABEL.finditer(text) if _LATIN_HINT.search(text) else ()
    for label in chain(_label_pattern().finditer(text), _AGENT_LABEL.finditer(text), latin):
        position = label.end()
        joined = label.group()[-1] in "为是"
        word = label.group(1) or ""
        certain = not joined and (word in lexicon.certain_labels or word.endswith(_AGENT_ENDS))
        told = ":" in label.group() or "：" in label.group()
        agent = told and word.endswith(_AGENTS)
        if word not in _person_words() and not (word.isascii() or _WHOLE_NAME.match(text, position)):
            continue
        if label.group().endswith("\n") and text[label.start() - 1 : label.start()] == "\t":
            continue  # the last header of a table, and no label of the line below
        if not certain and not word.isascii() and _ONE_BLANK.search(label.group()):
            continue  # one blank parts a label from a name only where the label can mean nothing else
        for _ in range(_LONGEST_LIST):
            span = _name_at(text, position, lexicon, certain=certain, joined=joined, agent=agent)
            if span is None:
                break
            yield span
            behind = _BRACKETED.match(text, span.end)
            mark = _LIST_MARK.match(text, behind.end() if behind else span.end)
            if mark is None:
                break
            position, agent = mark.end(), False
            certain = certain and _NEXT_NAME.match(text, position) is not None


def _parties(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    for label in _party_pattern().finditer(text):
        run = RUN.match(text, label.end())
        if run is None or len(run.group()) > 4 or not _FIELD_END.match(text, run.end()):
            continue
        name = run.group()
        firm = label.group(1).endswith("方")  # a party, and no name of goods or measure of length
        for size in (len(name), len(name) - 1, len(name) - 2):
            head, tail = name[:size], name[size:]
            if (
                (not tail or tail in lexicon.titles or tail in ("总", "工"))
                and fits(head, lexicon, labelled=True, certain=firm)
                and (firm or not lexicon.is_word(head))
            ):
                yield NameSpan(run.start(), run.start() + size, STRONG)
                break
        else:
            if firm and can_be_foreign(name, lexicon):
                yield NameSpan(run.start(), run.end(), WEAK)


def _name_at(
    text: str, position: int, lexicon: NameLexicon, *, certain: bool, joined: bool, agent: bool
) -> NameSpan | None:
    spaced = _SPACED.match(text, position)
    if (
        spaced
        and spaced.group(1) in lexicon.surnames
        and fits(spaced.group(1) + spaced.group(2), lexicon, labelled=True)
    ):
        return NameSpan(position, spaced.end(), STRONG, spreads=False)
    run = RUN.match(text, position)
    if run is None:
        latin = LATIN_NAME.match(text, position)
        return NameSpan(position, latin.end(), LIKELY) if latin and not joined else None
    if "·" in run.group() and fits(run.group(), lexicon, labelled=True):
        return NameSpan(position, run.end(), SURE)
    name = _cut_behind(run.group(), lexicon, certain=certain)
    if name and not (joined and not fits(name, lexicon, labelled=False)):
        return NameSpan(position, position + len(name), SURE)
    written = run.group()
    whole = text[run.end() : run.end() + 1] in _WHOLE_FIELD_END
    if agent and whole and len(written) <= 4 and fits(written, lexicon, labelled=True, certain=True):
        return NameSpan(position, run.end(), LIKELY)
    if certain and whole and can_be_foreign(written, lexicon):
        return NameSpan(position, run.end(), WEAK)
    return (
        NameSpan(position, run.end(), LIKELY)
        if "·" in written and fits(written, lexicon, labelled=True)
        else None
    )


def _before_numbers(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    """The first word of a line with a number of a person behind it; two such lines make a list of people."""
    found = list(_BEFORE_NUMBER.finditer(text))
    for line in found:
        name = line.group(1)
        if fits(name, lexicon, labelled=True, certain=len(found) >= 2):
            yield NameSpan(line.start(1), line.end(1), STRONG)
    for near in _NEAR_NUMBER.finditer(text) if _PERSONAL_NUMBER.search(text) else ():
        if fits(near.group(1), lexicon, labelled=True, certain=True):
            yield NameSpan(near.start(1), near.end(1), STRONG)
