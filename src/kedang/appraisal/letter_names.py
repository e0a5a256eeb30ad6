"""Names of persons in letters, mails and talk: salutations, signatures, senders, speakers, payers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kedang.appraisal.name_lexicon import NameLexicon, name_lexicon
from kedang.appraisal.name_shapes import HAN, LIKELY, STRONG, SURE, WEAK, NameSpan, fits

_MAIL_NAME = re.compile(rf"([{HAN}]{{2,4}})[\"'”]?[ ]?[<\[(（][\w.+-]+@")
_LATIN_MAIL_NAME = re.compile(r"([A-Z][a-z]+(?:[ ](?:[A-Z]\.|[A-Z][a-z'-]+)){1,2})[\"']?[ ]?<[\w.+-]+@")
_NO_LATIN_NAME = re.compile(
    r"\b(?:Mail|Delivery|Subsystem|Administrator|Systems?|Support|Services?|Team|Info|Sales|List|Postmaster|Daemon|News|Newsletter"
    r"|Group|Department|Office|Customer|Account|Company|Help|Desk|Notification|Center|Online|Store|Bank|Reply)\b"
)
_SIGNATURE = re.compile(rf"^[ \t]*([{HAN}]{{2,4}})[ \t]*$", re.MULTILINE)
_CLOSING = re.compile(
    r"此致|敬礼|祝好|商祺|顺颂|顺祝|祝您|谢谢|敬上|敬启|致礼|安好|Best|Regards|regards|Thanks|--"
)
_AFTER_SIGNATURE = re.compile(
    r"\s*(?:\d{4}[年\-./]|电话|手机|Tel|Mobile|1[3-9]\d{9}|0\d{2,3}-|.{2,20}(?:公司|部)\s*$|二[〇○零])",
    re.MULTILINE,
)
_TIME = r"(?:\[?(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)?[ T]?(?:上午|下午|晚上|凌晨|中午)?[ ]?\d{1,2}:\d{2}(?::\d{2})?\]?)"
_CHAT_LINE = re.compile(
    rf"^(?:{_TIME}[ \t,]+([{HAN}]{{2,4}})[ \t]*(?:[:：,\t(（<].*)?$|([{HAN}]{{2,4}})[ \t(（]+(?:[^()（）\n]{{0,12}}[)）][ \t]*)?{_TIME}|([{HAN}]{{2,4}})[ ]?[:：](?!\s*$))",
    re.MULTILINE,
)
_GREETING = re.compile(
    rf"(?:^|[，。！\n])[ ]*(?:尊敬的|亲爱的|Dear |Hi |您好，|你好，)?([{HAN}]{{2,4}}?)[ ]?(?:先生|女士|小姐|经理|总|老师|主任|师傅)?[，,：:！!]?[ ]?(?:您好|你好|：[ ]*$|:[ ]*$)",
    re.MULTILINE,
)
_CALLED = re.compile(
    rf"(?:^|尊敬的|亲爱的|[\s，。、：:“\"])([{HAN}]{{2,3}}?)(?:先生|女士|小姐)(?=您|你|[：:，,\s、])",
    re.MULTILINE,
)
_LATIN_LETTER_NAME = re.compile(
    r"(?:[Rr]egards|[Ss]incerely|Thanks|Cheers|Best wishes),?[ ]*\n{1,3}([A-Z][a-z]+(?: [A-Z]\.)?(?: (?:[A-Z]['’]|[A-Z][a-z]{1,3}-)?[A-Z][a-z'’-]+){1,2})[ ]*$",
    re.MULTILINE,
)
_WROTE = re.compile(
    rf"(?:Dear |Hi |Hello )([{HAN}]{{2,4}})(?=[,，:：]|$)|[ \t]([{HAN}]{{2,4}})(?= ?写道)", re.MULTILINE
)
_DOTTED = re.compile(rf"(?<![{HAN}·])([{HAN}]{{2,8}}(?:·[{HAN}]{{2,8}}){{1,3}})")
_BEHIND_DOTTED = re.compile(
    r"(?:同志|先生|女士|小姐|经理|老师|来电|来访|货款|款项|签收|表示|反映|投诉|咨询|于|已|的|在).*$"
)
_PAYER = re.compile(
    rf"(?:收到?|退还?|付)([{HAN}]{{2,4}}?)(?=货款|款项|定金|尾款|押金|维修费|服务费|退款|预付款)"
)


_LENDER = re.compile(rf"(?:今|兹|向)?(?:借到|借|收到)([{HAN}]{{2,4}}?)(?=人民币|交来)")
_SLIP = re.compile(rf"[今兹现][收欠借]到[ ]?([{HAN}]{{2,4}})(?=[^\n]{{0,16}}[元款])")
_LATIN_SALUTATION = re.compile(
    r"(?:Dear|Hi|Hello),? (?:(?:Mr|Ms|Mrs|Miss|Dr)\.? )?([A-Z][a-z'-]+(?: [A-Z]\.)?(?: [A-Z][a-z'-]+){1,2})(?=[ ]*[,:!\n])"
)
_MAY_GREET = re.compile(r"[您你]好|[:：][ ]*$", re.MULTILINE)
_CALLED_BY = re.compile(r"先生|女士|小姐")
_GREETS = re.compile(r"Dear|Hi|Hello")
_NO_LATIN_ADDRESSEE = re.compile(
    r"\b(?:Sir|Madam|All|Customers?|Colleagues?|Friends?|Supplier|Partner|Buyer|Seller)\b"
)
_TITLES = r"(?:师傅|先生|女士|小姐|老师|律师|医生|大夫|经理|主任|会计|阿姨)"


@cache
def _titled() -> re.Pattern[str]:
    rare = name_lexicon().surnames - name_lexicon().common
    return re.compile(rf"([{''.join(sorted(rare))}][{HAN}]{{1,2}}){_TITLES}")


def names_in_letters(text: str) -> Iterator[NameSpan]:
    """Names that a mail header, a signature, a salutation, a line of talk or their own form gives."""
    lexicon = name_lexicon()
    yield from _without_label(text, lexicon)
    yield from _in_mail_headers(text, lexicon)
    yield from _in_lines(text, lexicon)


def _without_label(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    """Names that their own form gives away (阿依古丽·买买提), and payers in 收林小梅货款."""
    if "·" in text:
        for found in _DOTTED.finditer(text):
            name = _BEHIND_DOTTED.sub("", found.group(1))
            start = found.start(1) + len(found.group(1)) - len(found.group(1).lstrip("收付给与和请由向致"))
            name = name.lstrip("收付给与和请由向致")
            letters = [letter for letter in name if letter != "·"]
            if sum(letter in lexicon.transliterated for letter in letters) * 5 >= len(letters) * 3:
                yield NameSpan(start, start + len(name), LIKELY)
    if "款" in text or "费" in text or "金" in text:
        for found in _PAYER.finditer(text):
            if fits(found.group(1), lexicon, labelled=True) and not lexicon.is_word(found.group(1)):
                yield NameSpan(found.start(1), found.end(1), LIKELY)
    if "人民币" in text:
        for found in _LENDER.finditer(text):
            if fits(found.group(1), lexicon, labelled=True, certain=True):
                yield NameSpan(found.start(1), found.end(1), LIKELY)
    yield from _on_slips(text, lexicon)


def _on_slips(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    """Who pays or is owed on a slip written by hand: 今欠到包金龙沙子款."""
    for found in _SLIP.finditer(text) if "到" in text else ():
        written = found.group(1)
        start, surname = found.start(1), len(lexicon.surname_of(written) or "?")
        joint, behind = (text[start + surname + at : start + surname + at + 2] for at in (1, 2))
        short = lexicon.is_word(joint) and not lexicon.is_word(behind)  # 李明货款, but 包金龙沙子款
        for size in (surname + 1,) if short else (surname + 2, surname + 1):
            name = written[:size]
            if len(name) == size and fits(name, lexicon, labelled=True):
                yield NameSpan(found.start(1), found.start(1) + size, LIKELY)
                break


def _rare_with_titles(text: str, lexicon: NameLexicon) -> Iterator[NameSpan]:
    """Rare surnames, which count only with a title behind and the end of a word before: 让售后区志明师傅."""
    for found in _titled().finditer(text):
        name, before = found.group(1), text[max(0, found.start() - 4) : found.start()]
        if not fits(name, lexicon, labelled=True):
            continue
        led = before.endswith((*lexicon.heads, *lexicon.strong_leads))
        if led and all(letter in lexicon.given for letter in name[1:]):
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
    for found in _LATIN_LETTER_NAME.finditer(text):
        if not _NO_LATIN_NAME.search(found.group(1)):
            yield NameSpan(found.start(1), found.end(1), LIKELY)
    yield from _rare_with_titles(text, lexicon)
    greets = _GREETS.search(text) is not None
    for found in _LATIN_SALUTATION.finditer(text) if greets else ():
        if not (_NO_LATIN_NAME.search(found.group(1)) or _NO_LATIN_ADDRESSEE.search(found.group(1))):
            yield NameSpan(found.start(1), found.end(1), LIKELY)
    for found in _WROTE.finditer(text) if greets or "写道" in text else ():
        group = 1 if found.group(1) else 2
        if fits(found.group(group), lexicon, labelled=True, certain=True):
            yield NameSpan(found.start(group), found.end(group), STRONG)
    for found in _CALLED.finditer(text) if _CALLED_BY.search(text) else ():
        if fits(found.group(1), lexicon, labelled=True, certain=True):
            yield NameSpan(found.start(1), found.end(1), STRONG)
    for found in _GREETING.finditer(text) if _MAY_GREET.search(text) else ():
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
        often = counts[name] > 1
        if name in lexicon.heads or not fits(name, lexicon, labelled=timed or often, certain=timed and often):
            continue
        if timed or often or len(name) == 3:
            yield NameSpan(line.start(group), line.end(group), STRONG if timed or often else LIKELY)
