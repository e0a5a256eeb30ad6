"""Names of persons: behind labels, before titles, in columns, signatures, greetings and chats, and by the words around.

What the rules cannot settle (a surname and fitting characters, but little around them) is offered to a second
opinion; see `undecided`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from kedang.appraisal.labels import label_words
from kedang.appraisal.name_lexicon import NameLexicon, name_lexicon

_HAN = "\u3400-\u9fff\U00020000-\U0003134f"
SURE, STRONG, LIKELY, WEAK = 0.97, 0.93, 0.85, 0.7
ACCEPTED = 3.0  # points from which a name is taken without a second opinion
DOUBTFUL = 1.4  # points from which it is worth one

_SPACED = re.compile(rf"([{_HAN}])[ ]{{1,4}}([{_HAN}])(?![{_HAN}])")
_RUN = re.compile(rf"[{_HAN}]{{2,12}}(?:·[{_HAN}]{{1,8}})*")
_LATIN_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.)?(?:[ ][A-Z][a-z'’-]+){1,2}(?![A-Za-z])")
_LIST_MARK = re.compile(r"[ ]?(?:[、，,/;；+&]|和|及|与|(?<=\S) (?=\S))[ ]?")
_BRACKETED = re.compile(r"[(（][^()（）\n]{0,16}[)）]")
_MAIL_NAME = re.compile(rf"([{_HAN}]{{2,4}})[\"'”]?[ ]?[<\[(（][\w.+-]+@")
_LATIN_MAIL_NAME = re.compile(r"([A-Z][a-z]+(?:[ ](?:[A-Z]\.|[A-Z][a-z'-]+)){1,2})[\"']?[ ]?<[\w.+-]+@")
_NO_LATIN_NAME = re.compile(
    r"\b(?:Mail|Delivery|Subsystem|Administrator|Systems?|Support|Services?|Team|Info|Sales|List|Postmaster|Daemon|News|Newsletter"
    r"|Group|Department|Office|Customer|Account|Company|Help|Desk|Notification|Center|Online|Store|Bank|Reply)\b"
)
_SIGNATURE = re.compile(rf"^[ \t]*([{_HAN}]{{2,4}})[ \t]*$", re.MULTILINE)
_CLOSING = re.compile(
    r"此致|敬礼|祝好|商祺|顺颂|顺祝|祝您|谢谢|敬上|敬启|致礼|安好|Best|Regards|regards|Thanks|--"
)
_AFTER_SIGNATURE = re.compile(
    r"\s*(?:\d{4}[年\-./]|电话|手机|Tel|Mobile|1[3-9]\d{9}|0\d{2,3}-|.{2,20}(?:公司|部)\s*$|二[〇○零])",
    re.MULTILINE,
)
_TIME = r"(?:\[?(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)?[ T]?(?:上午|下午|晚上|凌晨|中午)?[ ]?\d{1,2}:\d{2}(?::\d{2})?\]?)"
_CHAT_LINE = re.compile(
    rf"^(?:{_TIME}[ \t,]+([{_HAN}]{{2,4}})[ \t]*(?:[:：,\t(（<].*)?$|([{_HAN}]{{2,4}})[ \t(（]+(?:[^()（）\n]{{0,12}}[)）][ \t]*)?{_TIME}|([{_HAN}]{{2,4}})[ ]?[:：](?!\s*$))",
    re.MULTILINE,
)
_GREETING = re.compile(
    rf"(?:^|[，。！\n])[ ]*(?:尊敬的|亲爱的|Dear |Hi |您好，|你好，)?([{_HAN}]{{2,4}}?)[ ]?(?:先生|女士|小姐|经理|总|老师|主任|师傅)?[，,：:！!]?[ ]?(?:您好|你好|：[ ]*$|:[ ]*$)",
    re.MULTILINE,
)
_PERSONAL_DETAIL_BEHIND = re.compile(
    r"[ \t]*[，,、(（]?[ \t]*(?:(?:先生|女士)?[，,]?[ ]?(?:男|女)[，,、 )）]|身份证|身份号码|(?:\+?86[- ]?)?1[3-9]\d[\d *-]{8}|手机|电话|联系电话|[1-9]\d{16}[\dXx]|\d{4}年\d{1,2}月(?:\d{1,2}日)?(?:出)?生|出生)"
)


_SHORT_TITLE = re.compile(r"总(?![价额数量结部计和共体的])|工(?![程作人资业地期])|[哥姐董](?![事们])")


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name, how sure it is, and whether the same writing may be looked for elsewhere in the text."""

    start: int
    end: int
    confidence: float
    spreads: bool = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """A candidate that the rules leave open."""

    start: int
    end: int
    points: float


@cache
def _label_pattern() -> re.Pattern[str]:
    words = sorted(
        (re.escape(word) for word in label_words()["person"] if not word.isascii()), key=len, reverse=True
    )
    return re.compile(
        rf"({'|'.join(words)})(?:[(（][^()（）\n]{{0,12}}[)）])?"
        r"(?:[ ]?[:：][ \t]*\n?[ ]*|[ ]*\t[ \t]*|[ ]{1,}|[ ]*\n|[/、](?:联系)?电话[:：]?[ \t]*|[为是])"
    )


# A person may stand where forms expect an organisation; then the whole field must be the name.
_PARTY_LABEL = re.compile(
    r"(?:甲方|乙方|丙方|买方|卖方|需方|供方|购货单位|供货单位|购买方(?:名称)?|购方(?:名称)?|客户(?:名称)?|用户|收货单位|订货单位|购买人|付款人(?:户名)?|收款人(?:户名)?|付款单位|收款单位|今收到|兹收到|委托方|受托方|出租方|承租方|户名|致|单位|名称|投诉单位|申请单位)"
    r"(?:[(（][^()（）\n]{0,12}[)）])?[ ]?(?:[:：][ \t]*|\t[ \t]*| {2,})"
)
_FIELD_END = re.compile(r"[ \t\n,，;；。()（）]|$")


_LATIN_LABEL = re.compile(
    r"(?:^|(?<=[\n\t,|]))(Name|Contact|Contact Person|Attn|Customer Name|From|To)[ ]?[:：\t][ \t]*",
    re.MULTILINE,
)


def fits(name: str, lexicon: NameLexicon, *, labelled: bool) -> bool:
    """Whether `name` can be a name: surname, length, and no word that only looks like one."""
    if (
        name in lexicon.blanks
        or name in lexicon.words
        or name[1:] in lexicon.titles
        or name[2:] in lexicon.titles
    ):
        return False
    if "·" in name:
        return 4 <= len(name) <= 14
    surname = lexicon.surname_of(name)
    if surname is None or not 1 <= len(name) - len(surname) <= 2:
        return False
    if labelled:
        return True
    given = name[len(surname) :]
    if given.endswith("镇"):
        return False  # 小汤山镇
    return (
        name not in lexicon.name_like
        and (len(surname) == 2 or surname in lexicon.common)
        and all(letter in lexicon.given for letter in given)
    )


def cell_is_name(cell: str, *, certain: bool) -> bool:
    """Whether a whole cell is a name; `certain` when its header can only mean persons."""
    lexicon = name_lexicon()
    bare = cell.replace(" ", "")
    if not _RUN.fullmatch(bare):
        return bool(_LATIN_NAME.fullmatch(cell))
    if fits(bare, lexicon, labelled=True):
        return True
    return certain and 2 <= len(bare) <= 4 and not lexicon.is_word(bare) and not _NO_NAME_ENDS.search(bare)


_NO_NAME_ENDS = re.compile(r"[部组室科司店厂处员户方人类型号哥姐总市省县区]$|先生|女士|小姐|经理|客户|公司")


def _cut_behind(run: str, lexicon: NameLexicon) -> str:
    """The name at the start of an unbroken run of characters behind a label: 张三先生, 李四电话…"""
    for size in (2, 3, 4):
        rest = run[size:]
        if (
            rest
            and (rest.startswith((*lexicon.titles, *_FOLLOWERS)) or _SHORT_TITLE.match(rest) or rest[0] == run[0])
            and fits(run[:size], lexicon, labelled=True)
        ):
            return run[:size]
    if len(run) <= 4 and fits(run, lexicon, labelled=True):
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
    for label in chain(_label_pattern().finditer(text), _LATIN_LABEL.finditer(text)):
        position = label.end()
        joined = label.group()[-1] in "为是"
        certain = (label.group(1) or "") in lexicon.certain_labels and not joined
        if not certain and label.group()[-2:-1] not in ":：" and label.group().endswith(" ") and "  " not in label.group() and label.group()[-2:-1] not in "\t：:":
            continue  # one blank parts a label from a name only where the label can mean nothing else
        for _ in range(12):
            span = _name_at(text, position, lexicon, certain=certain, joined=joined)
            if span is None:
                break
            yield span
            behind = _BRACKETED.match(text, span.end)
            mark = _LIST_MARK.match(text, behind.end() if behind else span.end)
            if mark is None:
                break
            position, certain = mark.end(), False


def _parties(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    for label in _PARTY_LABEL.finditer(text):
        run = _RUN.match(text, label.end())
        if run is None or len(run.group()) > 4 or not _FIELD_END.match(text, run.end()):
            continue
        name = run.group()
        for size in (len(name), len(name) - 1, len(name) - 2):
            head, tail = name[:size], name[size:]
            if (not tail or tail in lexicon.titles or tail in ("总", "工")) and fits(head, lexicon, labelled=True) and not lexicon.is_word(head):
                yield NameSpan(run.start(), run.start() + size, STRONG)
                break


def _name_at(
    text: str, position: int, lexicon: NameLexicon, *, certain: bool, joined: bool
) -> NameSpan | None:
    spaced = _SPACED.match(text, position)
    if (
        spaced
        and spaced.group(1) in lexicon.surnames
        and fits(spaced.group(1) + spaced.group(2), lexicon, labelled=True)
    ):
        return NameSpan(position, spaced.end(), STRONG, spreads=False)
    run = _RUN.match(text, position)
    if run is None:
        latin = _LATIN_NAME.match(text, position)
        return NameSpan(position, latin.end(), LIKELY) if latin and not joined else None
    name = _cut_behind(run.group(), lexicon)
    if name and not (joined and not fits(name, lexicon, labelled=False)):
        return NameSpan(position, position + len(name), SURE)
    written = run.group()
    if (
        certain
        and 2 <= len(written) <= 3
        and not lexicon.is_word(written)
        and text[run.end() : run.end() + 1] in "\n\t ，,；;。)）"
        and set(written) <= lexicon.given | lexicon.surnames
    ):
        return NameSpan(position, run.end(), WEAK)
    return (
        NameSpan(position, run.end(), LIKELY)
        if "·" in written and fits(written, lexicon, labelled=True)
        else None
    )


_DOTTED = re.compile(rf"(?<![{_HAN}·])([{_HAN}]{{2,8}}(?:·[{_HAN}]{{2,8}}){{1,3}})")
_PAYER = re.compile(rf"(?:收到?|退还?|付)([{_HAN}]{{2,4}}?)(?=货款|款项|定金|尾款|押金|维修费|服务费|退款|预付款)")


def _without_label(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    """Names that their own form gives away (阿依古丽·买买提), and payers in 收林小梅货款."""
    if "·" in text:
        for found in _DOTTED.finditer(text):
            name = found.group(1)
            for title in lexicon.titles:
                name = name.removesuffix(title)
            letters = [letter for letter in name if letter != "·"]
            if sum(letter in lexicon.transliterated for letter in letters) * 5 >= len(letters) * 3:
                yield NameSpan(found.start(1), found.start(1) + len(name), LIKELY)
    if "款" in text or "费" in text or "金" in text:
        for found in _PAYER.finditer(text):
            if fits(found.group(1), lexicon, labelled=True) and not lexicon.is_word(found.group(1)):
                yield NameSpan(found.start(1), found.end(1), LIKELY)


def _in_mail_headers(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    if "@" not in text:
        return
    for found in _MAIL_NAME.finditer(text):
        if fits(found.group(1), lexicon, labelled=True):
            yield NameSpan(found.start(1), found.end(1), SURE)
    for found in _LATIN_MAIL_NAME.finditer(text):
        if not _NO_LATIN_NAME.search(found.group(1)):
            yield NameSpan(found.start(1), found.end(1), LIKELY)


def _in_lines(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    for found in _SIGNATURE.finditer(text):
        name = found.group(1)
        if not fits(name, lexicon, labelled=False):
            continue
        before = text[max(0, found.start() - 24) : found.start()]
        closed = _CLOSING.search(before) or _AFTER_SIGNATURE.match(text, found.end())
        if closed or (len(name) == 3 and found.start() > len(text) * 0.6):
            yield NameSpan(found.start(1), found.end(1), STRONG if closed else WEAK)
    for found in _GREETING.finditer(text):
        if fits(found.group(1), lexicon, labelled=False):
            yield NameSpan(found.start(1), found.end(1), STRONG)
    yield from _speakers(text, lexicon)


def _speakers(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    found = list(_CHAT_LINE.finditer(text))
    counts: dict[str, int] = {}
    for line in found:
        name = line.group(1) or line.group(2) or line.group(3)
        counts[name] = counts.get(name, 0) + 1
    for line in found:
        group = 1 if line.group(1) else 2 if line.group(2) else 3
        name = line.group(group)
        timed = group != 3
        if fits(name, lexicon, labelled=timed or counts[name] > 1):
            if name not in lexicon.heads and (timed or counts[name] > 1 or len(name) == 3):
                yield NameSpan(
                    line.start(group), line.end(group), STRONG if timed or counts[name] > 1 else LIKELY
                )


def certain_names(text: str) -> Iterator[NameSpan]:
    """Names that a label, a mail header, a signature, a greeting or a chat line gives."""
    lexicon = name_lexicon()
    yield from _without_label(text, lexicon)
    yield from _labelled(text, lexicon)
    yield from _parties(text, lexicon)
    yield from _in_mail_headers(text, lexicon)
    yield from _in_lines(text, lexicon)


def weigh(text: str, taken: bytearray) -> Iterator[NameSpan | Doubt]:
    """Names that the words around make likely, and those left in doubt; places marked in `taken` are passed over."""
    lexicon = name_lexicon()
    done = 0
    for found in lexicon.candidate.finditer(text):
        start = found.start()
        if start < done or taken[start]:
            continue
        best = _best_reading(text, start, found.group(1), lexicon, taken)
        if best is None:
            continue
        end, points = best
        if points >= ACCEPTED:
            done = end
            yield NameSpan(start, end, min(0.95, 0.6 + points / 20), spreads=points >= ACCEPTED + 1)
        elif points >= DOUBTFUL:
            yield Doubt(start, end, points)


def _best_reading(
    text: str, start: int, written: str, lexicon: NameLexicon, taken: bytearray
) -> tuple[int, float] | None:
    """The end and points of the better reading among the longer and the shorter name at `start`."""
    best: tuple[int, float] | None = None
    shortest = 3 if written[:2] in lexicon.compound else 2
    for size in range(len(written), shortest - 1, -1):
        name = written[:size]
        if any(taken[start : start + size]) or not fits(name, lexicon, labelled=False):
            continue
        if size == 3 and name[2] == name[0] and _SHORT_TITLE.match(text, start + size):
            continue  # 黄超黄总: the surname again, with a title
        points = _points(text, start, start + size, taken, lexicon)
        if best is None or points > best[1]:
            best = (start + size, points)
    return best


def _points(text: str, start: int, end: int, taken: bytearray, lexicon: NameLexicon) -> float:
    """How much speaks for the characters from `start` to `end` being a name; see ACCEPTED and DOUBTFUL."""
    before = text[max(0, start - 5) : start]
    points = 1.0 if end - start >= 3 else 0.0
    points += _points_before(before, listed=before.endswith("、") and bool(taken[start - 2]), lexicon=lexicon)
    points += _points_behind(text, start, end, lexicon)
    headed = end - start >= 3 and before.endswith(lexicon.heads)
    # The name may be the tail or the head of a longer word.
    if not headed and (
        lexicon.is_word(text[start - 1 : start + 1]) or (end - start == 3 and lexicon.is_word(text[start : start + 2]))
    ):
        points -= 1.6
    if lexicon.is_word(text[end - 1 : end + 1]):
        points -= 1.2
    return points


def _points_before(before: str, *, listed: bool, lexicon: NameLexicon) -> float:
    if before.endswith(lexicon.heads):
        return 2.0
    if listed:  # the name before 、 is one already
        return 1.8
    if before.endswith(lexicon.strong_leads):
        return 1.3
    if not before or before[-1] in "\n\t _" or before.endswith(lexicon.weak_leads):
        return 0.8
    return -0.8


def _points_behind(text: str, start: int, end: int, lexicon: NameLexicon) -> float:
    behind = text[end : end + 6]
    again = behind[1:2] in ("总", "哥", "姐", "工") and behind[:1] == text[start]  # 曹伟曹总
    if again or behind.startswith(lexicon.titles) or _SHORT_TITLE.match(behind):
        return 3.2
    if _PERSONAL_DETAIL_BEHIND.match(text, end):
        return 3.2
    if behind.startswith(lexicon.strong_deeds):
        return 1.5
    if not behind or behind.startswith(lexicon.weak_deeds):
        return 0.9
    return 0.6 if behind[0].isascii() and not behind[0].isalpha() else -0.6


def spread(text: str, names: set[str], taken: bytearray) -> Iterator[tuple[int, int]]:
    """Other places of `text` where a name already known stands."""
    lexicon = name_lexicon()
    for name in sorted(names, key=len, reverse=True):
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if not any(taken[at:end]) and not (
                len(name) == 2 and lexicon.is_word(text[at + 1 : at + 3]) and lexicon.is_word(name)
            ):
                yield at, end
                taken[at:end] = b"\1" * len(name)
            at = text.find(name, end)
