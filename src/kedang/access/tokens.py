"""Text as runs, and runs as the words of the index.

Folded text is cut into *runs*; everything else separates and is not searched.

- ideographs (also kana, hangul, private-use name characters): one run goes on over a blank, a line
  wrap or the middle dot of a name, so 张　三, 张\\n三 and 约翰·史密斯 are 张三 and 约翰史密斯;
- letters: one word;
- identifiers, letters and digits with at least one digit: one run goes on over single blanks,
  hyphens and slashes between digits, hyphens beside a digit and the commas of thousands, so
  138-0013-8000 is 13800138000, HT-2023-001 is ht2023001 and 1,234,567 is 1234567.

A phrase is a row of runs. It occurs where its runs stand in the text in that row, the first run may
begin and the last may end inside a run of the text, except inside a word made of letters alone.

Words of the index, one for each position: a run of ideographs gives "=" and its first, then for
ideograph i the pair (i, i+1), the last one alone; a word of letters is itself; an identifier gives
"=" and its first character, then for character i "_" and the GRAM characters from i, fewer at the
end. Every entry begins with `EVERY`. ("=" spares a phrase that ends in "号" the search for all pairs
that begin with it.)
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, zip_longest

from kedang.access.folding import fold, fold_with_origins

GRAM = 4  # characters; shorter makes long posting lists, longer makes three-digit searches slow
EVERY = "__"  # stands once in every entry, so that "everything but …" can be asked
BEGIN = "="  # before the first character of a run
BOUNDARY = "\x1f"  # between the runs of a canonical text; no run contains it
_HOLE = "\x1e"  # stands for a run that is not of ideographs
_HOLE_CELLS = f"{BEGIN}{_HOLE} {_HOLE} "  # what `_pairs` makes of one, but for a blank behind

_CELL = "I"  # four bytes, one character of UTF-32
_BLANK = array(_CELL, " ".encode("utf-32-le"))

_IDEOGRAPHS = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\ue000-\uf8ff\uf900-\ufaff"
    "\U00020000-\U0003ffff\U000f0000-\U0010fffd"
)
_IDEOGRAPH = f"[{_IDEOGRAPHS}]"
_ALPHANUMERIC = f"[^\\W_{_IDEOGRAPHS}]"
_JOINER = re.compile("[ \u00b7\r\n/,-]")
_FIRST_IDEOGRAPH = re.compile(_IDEOGRAPH)
_COMMON_FIRST, _COMMON_END = "\u4e00", "\ua000"  # nearly all: two comparisons spare a match


@cache
def _run() -> re.Pattern[str]:
    """A run, compiled when the first text is cut: its classes of characters are large."""
    wrapped = f"(?: {{1,2}}|\u00b7| {{0,2}}\r?\n {{0,2}}){_IDEOGRAPH}+"
    joined = (
        "(?:(?<=[0-9])[ /](?=[0-9])|(?<=[0-9])[-\u00b7]|[-\u00b7](?=[0-9])"
        f"|(?<=[0-9]),(?=[0-9]{{3}}(?!{_ALPHANUMERIC}))){_ALPHANUMERIC}+"
    )
    # Few runs have a joiner behind them: one look ahead is cheaper than to begin a repetition.
    return re.compile(
        f"{_IDEOGRAPH}+(?:(?![ \u00b7\r\n])|(?:{wrapped})*)|{_ALPHANUMERIC}+(?:(?![ \u00b7/,-])|(?:{joined})*)"
    )


def runs(folded: str) -> list[str]:
    """The runs of a folded text in their order, without the joiners inside them."""
    return [run if run.isalnum() else _JOINER.sub("", run) for run in _run().findall(folded)]


def is_word(run: str) -> bool:
    """Whether the run is a word of letters alone, which is found whole."""
    return run.isalpha() and not _FIRST_IDEOGRAPH.match(run)


def is_ideographic(run: str) -> bool:
    """Whether the run is one of ideographs."""
    return _FIRST_IDEOGRAPH.match(run) is not None


def _grams(run: str) -> str:
    """The index words of an identifier."""
    return f"{BEGIN}{run[0]} _" + " _".join([run[place : place + GRAM] for place in range(len(run))])


def _pairs(joined: str) -> str:
    """The index words of runs of ideographs, joined by `BEGIN`, each word with a blank behind.

    Laid out by stride: six times as fast as joining characters one by one.
    """
    firsts = array(_CELL, (BEGIN + joined).encode("utf-32-le"))
    seconds = array(_CELL, (joined.replace(BEGIN, " ") + " ").encode("utf-32-le"))
    cells = _BLANK * (3 * len(firsts))
    cells[0::3] = firsts
    cells[1::3] = seconds
    return str(cells, "utf-32-le")


def index_words(text: str) -> str:
    """What the index is given for a text: its words in order, separated by blanks."""
    ideographs: list[str] = []
    others: list[str] = []  # words of the other runs, for which _HOLE stands among the ideographs
    for run in runs(fold(text)):
        if _COMMON_FIRST <= run < _COMMON_END or is_ideographic(run):
            ideographs.append(run)
        else:
            ideographs.append(_HOLE)
            others.append(run if run.isalpha() else _grams(run))
    pieces = _pairs(BEGIN.join(ideographs)).split(_HOLE_CELLS) if ideographs else []
    return EVERY + " " + "".join(chain.from_iterable(zip_longest(pieces, others, fillvalue="")))


def phrase_runs(words: str) -> tuple[str, ...]:
    """The runs of what a searcher typed; empty when nothing in it can be searched."""
    return tuple(runs(fold(words)))


@dataclass(frozen=True, slots=True)
class Canonical:
    """A text as the index sees it, with the way back to the original places."""

    string: str
    """Runs joined by `BOUNDARY`."""
    run_starts: tuple[int, ...]
    """Where each run begins in `string`."""
    places: tuple[tuple[int, int], ...]
    """Where each run lies in the folded text, joiners included."""
    kept: dict[int, list[int]]
    """By run that has joiners: where in it its kept characters lie."""
    origins: array[int]
    """Where each folded character lies in the original."""

    def occurrences(self, phrase: tuple[str, ...], *, prefix: bool = False) -> Iterator[tuple[int, int]]:
        """Spans [start, end) of the original text where the phrase stands, in order.

        With `prefix` the last run may begin a longer word of letters.
        """
        wanted = BOUNDARY.join(phrase)
        at = self.string.find(wanted)
        while wanted and at >= 0:
            end = at + len(wanted)
            last = end - len(phrase[-1])
            if self._whole(phrase[0], at, prefix=prefix and len(phrase) == 1) and self._whole(
                phrase[-1], last, prefix=prefix
            ):
                yield self._origin(at), self._origin(end - 1, behind=True)
            at = self.string.find(wanted, at + 1)

    def _run_at(self, place: int) -> int:
        return bisect_right(self.run_starts, place) - 1

    def _whole(self, run: str, place: int, *, prefix: bool) -> bool:
        """Whether a word of letters at `place` is whole there, begins there, or is in an identifier."""
        if not is_word(run):
            return True
        number = self._run_at(place)
        start = self.run_starts[number]
        behind = self.run_starts[number + 1] - 1 if number + 1 < len(self.places) else None
        found = self.string[start:behind]
        return found == run or not found.isalpha() or (prefix and place == start)

    def _origin(self, place: int, *, behind: bool = False) -> int:
        """The original place of a character of `string`, or the place just behind it."""
        number = self._run_at(place)
        inside = place - self.run_starts[number]
        kept = self.kept.get(number)
        at = self.places[number][0] + (kept[inside] if kept is not None else inside)
        if not behind:
            return self.origins[at]
        origin = self.origins[at]
        while self.origins[at] == origin:
            at += 1
        return self.origins[at]


def canonical(text: str) -> Canonical:
    """The text as the index sees it, for checking a hit and for marking it."""
    folded, origins = fold_with_origins(text)
    places: list[tuple[int, int]] = []
    found: list[str] = []
    kept: dict[int, list[int]] = {}
    for match in _run().finditer(folded):
        raw = match[0]
        if not raw.isalnum():
            kept[len(found)] = [at for at, character in enumerate(raw) if not _JOINER.match(character)]
        found.append(_JOINER.sub("", raw))
        places.append(match.span())
    starts = tuple(accumulate((len(run) + 1 for run in found), initial=0))[: len(found)]
    return Canonical(BOUNDARY.join(found), starts, tuple(places), kept, origins)
