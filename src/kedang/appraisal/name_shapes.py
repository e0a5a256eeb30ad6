"""What can be a name of a person at all, and the span of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kedang.appraisal.name_lexicon import NameLexicon, name_lexicon

HAN = "\u3400-\u9fff\U00020000-\U0003134f"
SURE, STRONG, LIKELY, WEAK = 0.97, 0.93, 0.85, 0.7

RUN = re.compile(rf"[{HAN}]{{2,12}}(?:·[{HAN}]{{1,8}})*")
LATIN_NAME = re.compile(
    r"[A-Z][a-z]+(?: [A-Z]\.)?(?:[ ](?:[A-Z]['’]|[A-Z][a-z]{1,3}-)?[A-Z][a-z'’-]+){1,2}(?![A-Za-z])"
)
_CAPITAL_NAME = re.compile(r"[A-Z]{2,}(?:[ ,]{1,2}[A-Z][A-Z'-]+){1,3}")
SHORT_TITLE = re.compile(r"总(?![价额数量结部计和共体的])|工(?![程作人资业地期])|[哥姐董](?![事们])")

_NO_NAME_ENDS = re.compile(r"[部组室科司店厂处员户方人类型号哥姐总市省县区]$|先生|女士|小姐|经理|客户|公司")


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name, how sure it is, and whether the same writing may be looked for elsewhere in the text."""

    start: int
    end: int
    confidence: float
    spreads: bool = True


def fits(name: str, lexicon: NameLexicon, *, labelled: bool, certain: bool = False) -> bool:
    """Whether `name` can be a name: surname, length, and no word that only looks like one.

    Many are called like a word (高明, 江山): `certain` says that only a person can stand here, and lets words pass.
    """
    if (
        name in lexicon.blanks
        or name in lexicon.heads
        or (name in lexicon.words and not certain)
        or name[1:] in lexicon.titles
        or name[2:] in lexicon.titles
    ):
        return False
    if len(name) == 2 and name[1] in "哥姐总董叔伯姨爷":
        return False  # how one calls a person, not his name
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
    bare = re.sub(r"\s", "", cell)
    if not RUN.fullmatch(bare):
        return bool(LATIN_NAME.fullmatch(cell) or (certain and _CAPITAL_NAME.fullmatch(cell)))
    if fits(bare, lexicon, labelled=True, certain=certain):
        return True
    return certain and can_be_foreign(bare, lexicon)


def can_be_foreign(name: str, lexicon: NameLexicon) -> bool:
    """Whether a whole field that must be a name may be one without a known surname: 扎西顿珠, 傅里叶."""
    return (
        2 <= len(name) <= 6
        and (len(name) <= 4 or set(name) <= lexicon.transliterated)
        and not lexicon.is_word(name)
        and name not in lexicon.heads
        and not name.endswith(lexicon.titles)
        and not _NO_NAME_ENDS.search(name)
    )
