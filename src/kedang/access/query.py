"""The search language: what a person types, as a tree.

    合同 退款              both words, anywhere
    "售后服务"             this phrase
    合同 -草稿             the first, without the second
    退款 OR 退货           one of them; also |, and brackets for more
    warr*                 letters that begin a word
    class:contract,service year:2023   filters, which the caller resolves

Full-width quotes, brackets, colons and minus signs do as well. A word is found inside longer text
too (see tokens.py); words typed without a blank between them are one phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kedang.access.errors import (
    BracketOpen,
    FilterMisplaced,
    NothingToSearch,
    OperandMissing,
    QueryTooLong,
    QuoteOpen,
)
from kedang.access.tokens import phrase_runs

MAX_CHARACTERS = 500  # code points of a query: enough for any sentence, not for a flood
MAX_TERMS = 50
MAX_DEPTH = 20  # nested brackets


@dataclass(frozen=True, slots=True)
class Phrase:
    """Runs that stand one behind the other; `prefix` lets the last word go on."""

    runs: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of `wanted` (all records, when empty) and none of `unwanted`."""

    wanted: tuple[Expression, ...]
    unwanted: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of `choices`."""

    choices: tuple[Expression, ...]


Expression = Phrase | AllOf | AnyOf
EVERYTHING = AllOf(())


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on something other than words, for the caller to resolve."""

    field: str
    values: tuple[str, ...]
    """One of them must hold."""
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: words and filters, all of which must hold."""

    expression: Expression
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mark:
    """One sign of the query: kind is "(", ")", "-", "or", "phrase", "word" or "filter"."""

    kind: str
    text: str
    position: int
    field: str = ""


_SIGN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<open>[(（])|(?P<close>[)）])"
    r"|(?P<or>(?:OR(?=[\s(（]|$)|[|｜]+))"
    r"|(?P<not>[-－−](?=\S))"
    r"|(?P<quote>[\"“”＂「])"
    r"|(?P<word>[^\s()（）|｜\"“”＂「」]+)"
    r"|(?P<odd>.)",
    re.DOTALL,
)
_QUOTE_END = re.compile(r"[\"“”＂」]")
_FIELD = re.compile(r"(\w+)[:：](.*)", re.DOTALL)


def _marks(text: str, fields: Mapping[str, str]) -> Iterator[_Mark]:
    """The signs of a query in their order."""
    at = 0
    while at < len(text):
        match = _SIGN.match(text, at)
        if match is None:  # the last branch takes any character
            break
        kind, begin, at = match.lastgroup, at, match.end()
        if kind == "quote":
            content, at = _quoted(text, begin)
            yield _Mark("phrase", content, begin)
        elif kind == "word":
            mark, at = _word(text, match[0], begin, at, fields)
            yield mark
        elif kind in {"open", "close", "or", "not"}:
            yield _Mark({"open": "(", "close": ")", "or": "or", "not": "-"}[kind], "", begin)


def _quoted(text: str, begin: int) -> tuple[str, int]:
    """What stands between the quotation mark at `begin` and the next, and the place behind it."""
    end = _QUOTE_END.search(text, begin + 1)
    if end is None:
        raise QuoteOpen(position=begin)
    return text[begin + 1 : end.start()], end.end()


def _word(text: str, word: str, begin: int, end: int, fields: Mapping[str, str]) -> tuple[_Mark, int]:
    """A plain word, or a filter when it begins with a known field and a colon."""
    found = _FIELD.fullmatch(word)
    if found is None or found[1].casefold() not in fields:
        return _Mark("word", word, begin), end
    field, value = fields[found[1].casefold()], found[2]
    if not value and text[end : end + 1] in {'"', "“", "”", "＂", "「"}:
        value, end = _quoted(text, end)
    if not value.strip(",，、 "):
        raise OperandMissing(position=begin)
    return _Mark("filter", value, begin, field), end


class _Reader:
    """Reads signs into a tree, top down."""

    def __init__(self, marks: list[_Mark]) -> None:
        self._marks = marks
        self._at = 0
        self._depth = 0
        self.filters: list[Filter] = []

    def _next_kind(self) -> str:
        return self._marks[self._at].kind if self._at < len(self._marks) else ""

    def whole(self) -> Expression | None:
        """The tree of all signs; None when only signs without searchable characters stand there."""
        tree = self._choice()
        if self._at < len(self._marks):
            raise BracketOpen(position=self._marks[self._at].position)
        return tree

    def _choice(self) -> Expression | None:
        """row (OR row)*"""
        outside = len(self.filters)
        choices = [self._row()]
        position = 0
        while self._next_kind() == "or":
            position = self._marks[self._at].position
            self._at += 1
            choices.append(self._row())
        if len(choices) > 1 and len(self.filters) > outside:
            raise FilterMisplaced(position=position)
        kept = tuple(choice for choice in choices if choice is not None)
        if len(choices) > 1 and len(kept) < len(choices):
            raise OperandMissing(position=position)
        return AnyOf(kept) if len(kept) > 1 else kept[0] if kept else None

    def _row(self) -> Expression | None:
        """(word | phrase | filter | -… | (…))*"""
        wanted: list[Expression] = []
        unwanted: list[Expression] = []
        while self._next_kind() not in {"", "or", ")"}:
            excluded = self._take_minus()
            term = self._term(excluded=excluded)
            if term is not None:
                (unwanted if excluded else wanted).append(term)
        if len(wanted) == 1 and not unwanted:
            return wanted[0]
        return AllOf(tuple(wanted), tuple(unwanted)) if wanted or unwanted else None

    def _take_minus(self) -> bool:
        """Whether an odd number of minus signs stands here, which are taken."""
        excluded = False
        while self._next_kind() == "-":
            excluded = not excluded
            position = self._marks[self._at].position
            self._at += 1
            if self._next_kind() in {"", "or", ")"}:
                raise OperandMissing(position=position)
        return excluded

    def _term(self, *, excluded: bool) -> Expression | None:
        mark = self._marks[self._at]
        self._at += 1
        if mark.kind == "(":
            return self._bracket(mark)
        if mark.kind == "filter":
            self._filter(mark, excluded=excluded)
            return None
        runs = phrase_runs(mark.text)
        if not runs:
            return None
        return Phrase(runs, prefix=mark.kind == "word" and mark.text.endswith(("*", "＊")))

    def _bracket(self, opened: _Mark) -> Expression | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BracketOpen(position=opened.position)
        tree = self._choice()
        if self._next_kind() != ")":
            raise BracketOpen(position=opened.position)
        self._at += 1
        self._depth -= 1
        return tree

    def _filter(self, mark: _Mark, *, excluded: bool) -> None:
        if self._depth:
            raise FilterMisplaced(position=mark.position)
        values = tuple(value for value in re.split(r"[,，、]", mark.text) if value.strip())
        self.filters.append(Filter(mark.field, values, excluded))


def parse_query(text: str, *, fields: Mapping[str, str] | None = None) -> Query:
    """What the typed text asks for.

    `fields` maps the lower-case names a person may write before a colon to the caller's field
    names, {"class": "class", "类别": "class"}; other words with a colon are just words.

    Raises:
        QueryTooLong, QuoteOpen, BracketOpen, FilterMisplaced, OperandMissing: the query is malformed.
        NothingToSearch: neither a word nor a filter is left.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryTooLong(characters=len(text))
    marks = list(_marks(text, fields or {}))
    if sum(mark.kind in {"word", "phrase", "filter"} for mark in marks) > MAX_TERMS:
        raise QueryTooLong(terms=len(marks))
    reader = _Reader(marks)
    tree = reader.whole()
    if tree is None and not reader.filters:
        raise NothingToSearch()
    return Query(tree if tree is not None else EVERYTHING, tuple(reader.filters))


def phrases(expression: Expression) -> Iterator[Phrase]:
    """The phrases that make a record a hit, for marking; excluded ones are left out."""
    match expression:
        case Phrase():
            yield expression
        case AllOf():
            for part in expression.wanted:
                yield from phrases(part)
        case AnyOf():
            for part in expression.choices:
                yield from phrases(part)
