"""Names of persons: those that are certain by their place, and those that the words around make likely.

What the rules cannot settle (a surname and fitting characters, but little around them) is a `Doubt`, which the
caller may offer to a second opinion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kedang.appraisal.labelled_names import names_behind_labels
from kedang.appraisal.letter_names import names_in_letters
from kedang.appraisal.name_lexicon import NameLexicon, name_lexicon
from kedang.appraisal.name_shapes import HAN, SHORT_TITLE, NameSpan, fits

_SURNAMES_ALSO_PLACES = frozenset({"第五", "南门", "东门", "西门", "东方", "南宫", "百里", "司空"})
_HAN_LETTER = re.compile(rf"[{HAN}]")
_CALLERS = ("客户", "会员", "业主", "顾客", "学员", "用户", "患者", "客人", "家长", "买家")
_CALLS = (
    "来电",
    "来访",
    "致电",
    "打电话",
    "打来",
    "签收",
    "签字",
    "报修",
    "到店",
    "下单",
    "投诉",
    "先生",
    "女士",
)
_NEXT_OF_LIST = re.compile(rf"[、和及]([{HAN}]{{2,3}}?)(?=[、，,。；;\s等为任]|$)")
ACCEPTED = 3.0  # points from which a name is taken without a second opinion
DOUBTFUL = 1.4  # points from which it is worth one

_PERSONAL_DETAIL_BEHIND = re.compile(
    r"[ \t]*[，,、(（]?[ \t]*(?:(?:先生|女士)?[，,]?[ ]?(?:男|女)[，,、 )）]|身份证|身份号码|(?:\+?86[- ]?)?1[3-9]\d[\d *-]{8}|手机|电话|联系电话|[1-9]\d{16}[\dXx]|\d{4}年\d{1,2}月(?:\d{1,2}日)?(?:出)?生|出生)"
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A candidate that the rules leave open."""

    start: int
    end: int
    points: float


def certain_names(text: str) -> Iterator[NameSpan]:
    """Names that a label, a mail header, a signature, a salutation or a line of talk gives."""
    yield from names_behind_labels(text)
    yield from names_in_letters(text)


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
        if any(taken[start : start + size]) or not (
            fits(name, lexicon, labelled=False) or _is_called_so(text, start, start + size, lexicon)
        ):
            continue
        if size == 3 and name[2] == name[0] and SHORT_TITLE.match(text, start + size):
            continue  # 黄超黄总: the surname again, with a title
        points = _points(text, start, start + size, taken, lexicon)
        if best is None or points > best[1]:
            best = (start + size, points)
    return best


def _is_called_so(text: str, start: int, end: int, lexicon: NameLexicon) -> bool:
    """Whether a word is a name here: behind a word for persons and before what only persons do (客户盛夏来电)."""
    return (
        text[start:end] in lexicon.words
        and text[max(0, start - 4) : start].endswith(_CALLERS)
        and text.startswith(_CALLS, end)
    )


def _points(text: str, start: int, end: int, taken: bytearray, lexicon: NameLexicon) -> float:
    """How much speaks for the characters from `start` to `end` being a name; see ACCEPTED and DOUBTFUL."""
    before = text[max(0, start - 5) : start]
    points = 1.0 if end - start >= 3 else 0.0
    points += _points_before(before, listed=before.endswith("、") and bool(taken[start - 2]), lexicon=lexicon)
    points += _points_behind(text, start, end, lexicon)
    surname = text[start : start + 2]
    if (
        surname in lexicon.compound
        and surname not in _SURNAMES_ALSO_PLACES
        and not lexicon.is_word(text[start:end])
    ):
        points += 2.0  # hardly a word begins so
    headed = end - start >= 3 and before.endswith(lexicon.heads)
    # The name may be the tail or the head of a longer word.
    if not headed and (
        lexicon.is_word(text[start - 1 : start + 1])
        or (end - start == 3 and lexicon.is_word(text[start : start + 2]))
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
    if again or behind.startswith(lexicon.titles) or SHORT_TITLE.match(behind):
        return 3.2
    if _PERSONAL_DETAIL_BEHIND.match(text, end):
        return 3.2
    if behind.startswith(lexicon.strong_deeds):
        return 1.5
    if not behind or behind.startswith(lexicon.weak_deeds):
        return 0.9
    return 0.6 if behind[0].isascii() and not behind[0].isalpha() else -0.6


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name that is a word as well is a field of its own, or is called by a title: 江山, but not 江山小区."""
    before, behind = text[max(0, start - 1) : start], text[end : end + 1]
    bare = not _HAN_LETTER.match(behind) or text.startswith(name_lexicon().titles, end)
    return bare and not _HAN_LETTER.match(before)


def listed_behind(text: str, end: int) -> Iterator[tuple[int, int]]:
    """Names that go on a list of names: 程门雪、强世功为成员. A rare surname suffices here."""
    lexicon = name_lexicon()
    while found := _NEXT_OF_LIST.match(text, end):
        if not fits(found.group(1), lexicon, labelled=True) or lexicon.is_word(found.group(1)):
            return
        end = found.end(1)
        yield found.start(1), end


def spread(text: str, names: set[str], taken: bytearray) -> Iterator[tuple[int, int]]:
    """Other places of `text` where a name already known stands."""
    lexicon = name_lexicon()
    for name in sorted(names, key=len, reverse=True):
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if not any(taken[at:end]) and (not lexicon.is_word(name) or _stands_alone(text, at, end)):
                yield at, end
                taken[at:end] = b"\1" * len(name)
            at = text.find(name, end)
