"""Names of persons in their parts: surname, given name, and how the whole sounds.

Rules, in order: what stands in brackets and titles (先生, 经理) go off; a bare surname with a title or 老, 小, 阿
(王总, 老王, 陈姐) is a *weak* name: it fits many; a name with · gives the given name first (阿依古丽·买买提); a
Latin name gives it first too, unless its parts read as a Chinese name (Zhang Wei, Wei Zhang).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from kedang.records.identifiers import FULL_WIDTH_TO_ASCII
from kedang.records.traditional import simplified
from kedang.resolution.forms import person_form
from kedang.resolution.sounds import sound_of, syllables_of, without_accents

_NO_BRACKETS = str.maketrans("()", "  ")  # what is left of them has no other half
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[a-z][a-z'’.-]*")
_BRACKETED = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]?")
_NOT_A_NAME = re.compile(r"[\s,，;；:：/、*\"“”]+")
_LONGEST = 100  # characters that are looked at
_LONGEST_WITH_SURNAME = 4  # characters of a Han name that begins with a surname: 欧阳修远, 张王丽华
_MORE_LIKELY = 4  # times as frequent must the last word be as a surname to be one: Wei Zhang
_RARE_SHARE = 0.05  # per mille, of a surname without a figure
_LEAST_ETHNIC = 4  # 阿依古丽 is a name, 阿强 a nickname


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in its parts; empty where it says nothing."""

    full: str
    """As names are compared: simplified, without title; a weak name keeps the title that makes it one."""
    surname: str = ""
    given_name: str = ""
    is_weak: bool = False
    """Only a surname with a title, a nickname, or a given name alone."""
    sound: str = ""


@dataclass(frozen=True, slots=True)
class _Table:
    single: frozenset[str]
    compound: frozenset[str]
    sounds: dict[str, str]
    shares: dict[str, float]
    long_titles: tuple[str, ...]
    kin: tuple[str, ...]
    short_titles: frozenset[str]
    english_titles: frozenset[str]
    nick_heads: frozenset[str]


@lru_cache(maxsize=16384)
def person_name_of(raw: str) -> PersonName:
    """The parts of a name as written: 歐陽修遠 先生 → 欧阳, 修远, ou yang xiu yuan."""
    plain = simplified(raw[:_LONGEST].translate(FULL_WIDTH_TO_ASCII)).casefold().strip()
    plain = (_BRACKETED.sub(" ", plain).strip() or plain).translate(_NO_BRACKETS).strip()
    if not _HAN.search(plain):
        return _latin(plain)
    if _LATIN.search(plain):
        return _mixed(plain)
    full = person_form(plain)
    if "·" in full:
        return _with_dot(full)
    return _han(_NOT_A_NAME.sub("", plain).replace("·", ""))


def surname_share(surname: str) -> float | None:
    """Of the population, the share that bears a surname (0..1); None for a rare one of which no figure is known."""
    per_mille = _table().shares.get(surname)
    return per_mille / 1000 if per_mille is not None else None


def _han(written: str) -> PersonName:
    table = _table()
    if written.endswith(table.kin) or written in ("", *table.long_titles):
        return PersonName(written, is_weak=True, sound=sound_of(written))  # 乐乐妈妈 is somebody's mother
    bare, title = _without_title(written)
    if bare in table.single or bare in table.compound:
        return PersonName(bare + title, bare, is_weak=True, sound=_sound(bare, ""))
    if bare[0] in table.nick_heads and (nick := _nickname(bare)) is not None:
        return nick
    surname = surname_of(bare)
    if len(bare) == 1 or (not surname and len(bare) < _LEAST_ETHNIC - 1):
        return PersonName(bare, given_name=bare, is_weak=True, sound=sound_of(bare))
    given = bare[len(surname) :]
    return PersonName(bare, surname, given, sound=_sound(surname, given))


def _without_title(written: str) -> tuple[str, str]:
    """The name and the title behind it."""
    table = _table()
    for title in table.long_titles:
        if written.endswith(title) and len(written) > len(title):
            return _without_title(written.removesuffix(title))[0], title
    for length in (2, 1):
        bare, title = written[:-length], written[-length:]
        if title in table.short_titles and (bare in table.single or bare in table.compound):
            return bare, title
    bare = written.rstrip("总")
    if bare != written and len(bare) >= len("张伟") and surname_of(bare):
        return bare, "总"
    return written, ""


def _nickname(bare: str) -> PersonName | None:
    """老王, 小李, 阿强, 大刘, 小欧阳; None for a full name that begins so (阿依古丽, 老舍)."""
    table = _table()
    behind = bare[1:]
    if behind in table.compound or (bare[0] != "阿" and behind in table.single):
        return PersonName(bare, behind, is_weak=True, sound=_sound(behind, ""))
    if len(bare) == 2 and (bare[0] in ("小", "阿", "老") or bare[0] not in table.single):
        return PersonName(bare, given_name=behind, is_weak=True, sound=sound_of(behind))
    return None


def surname_of(name: str) -> str:
    """The surname with which a Han name of at most four characters begins; empty when it begins with none."""
    table = _table()
    if not 2 <= len(name) <= _LONGEST_WITH_SURNAME:
        return (
            next((one for one in table.compound if name.startswith(one) and len(name) - len(one) <= 2), "")
            if len(name) > 2
            else ""
        )
    if len(name) > 2 and name[:2] in table.compound:
        return name[:2]
    if len(name) == _LONGEST_WITH_SURNAME and name[1] not in table.single:
        return ""  # 阿依古丽, 山田太郎: four characters are a Chinese name only with two surnames (张王丽华)
    return name[0] if name[0] in table.single else ""


def _with_dot(full: str) -> PersonName:
    given, _, family = full.partition("·")
    return PersonName(full, family, given, sound=sound_of(full.replace("·", "")))


def _mixed(plain: str) -> PersonName:
    """David 王, 王伟 Wei: the Han part when it is a name of its own, else both."""
    han = "".join(_HAN.findall(plain))
    latin = [word for word in _LATIN.findall(plain) if word.strip(".") not in _table().english_titles]
    name = _han(han)
    if not name.is_weak or not latin:
        return name
    if han in _table().single or han in _table().compound:
        return PersonName(
            f"{latin[0]} {han}", han, " ".join(latin), sound=f"{_sound(han, '')} {' '.join(latin)}"
        )
    return PersonName(plain, name.surname, " ".join(latin), is_weak=True, sound=name.sound)


def _latin(written: str) -> PersonName:
    plain = without_accents(written)
    comma = "," in plain
    words = [word.strip(".'’-") for word in _LATIN.findall(plain.replace("-", " "))]
    words = [word for word in words if word and word not in _table().english_titles]
    if comma and len(words) > 1:
        words = [*words[1:], words[0]]
    if len(words) < 2:
        only = words[0] if words else plain
        surname = only if only in _spelt_shares() else ""
        return PersonName(only, surname, only.removeprefix(surname), is_weak=True, sound=only)
    chinese = _spelt(words, given_first=comma)
    if chinese is not None:
        surname, given = chinese
        full = f"{surname.replace(' ', '')} {''.join(given)}"
        return PersonName(full, surname, "".join(given), sound=" ".join((surname, *given)))
    return PersonName(" ".join(words), words[-1], " ".join(words[:-1]), sound=" ".join(words))


def _spelt(words: list[str], *, given_first: bool) -> tuple[str, tuple[str, ...]] | None:
    """Surname and syllables of the given name, when the words are pinyin: zhang wei, xiuyuan ouyang."""
    cut = [syllables_of(word) for word in words]
    if not all(cut) or sum(map(len, cut)) > _LONGEST_WITH_SURNAME:
        return None
    first, last = " ".join(cut[0]), " ".join(cut[-1])
    behind = tuple(one for some in cut[1:] for one in some)
    before = tuple(one for some in cut[:-1] for one in some)
    shares = _spelt_shares()
    may_begin = first in shares and len(behind) <= 2 and not given_first
    may_end = last in shares and len(before) <= 2
    if may_end and (not may_begin or shares[last] > _MORE_LIKELY * shares[first]):
        return last, before
    return (first, behind) if may_begin else None


@cache
def _spelt_shares() -> dict[str, float]:
    """Surnames in pinyin with the share of all that are spelt so; a rare one counts a little."""
    shares: dict[str, float] = {}
    for one in (*_table().single, *_table().compound):
        spelt = _sound(one, "")
        shares[spelt] = shares.get(spelt, 0.0) + _table().shares.get(one, _RARE_SHARE)
    return shares


def _sound(surname: str, given: str) -> str:
    spelt = _table().sounds.get(surname) or sound_of(surname)
    return " ".join(filter(None, (spelt, sound_of(given) if given else "")))


@cache
def _table() -> _Table:
    table = tomllib.loads((files("kedang.resolution") / "surnames.toml").read_text(encoding="utf-8"))
    titles = table["titles"]
    return _Table(
        single=frozenset(table["single"]) - {"\n"},
        compound=frozenset(table["compound"]),
        sounds=table["sounds"],
        shares=table["shares"],
        long_titles=tuple(sorted(titles["long"], key=lambda title: -len(title))),
        kin=tuple(titles["kin"]),
        short_titles=frozenset(titles["short"]),
        english_titles=frozenset(titles["english"]),
        nick_heads=frozenset(titles["nick_heads"]),
    )
