"""The archiving standard: clauses that are data, and which of them a described record does not meet."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.catalogue.errors import StandardMalformed


@dataclass(frozen=True, slots=True)
class Description:
    """A record as the standard sees it. Empty means that there is none."""

    title: str = field(repr=False)
    record_class: str
    class_permille: int
    """1,000 when a person has said so."""
    date: str
    retention: str
    sensitivity: str
    provenance: str
    fixity: str
    format: str
    questions: int
    """Open questions that hold it back."""
    series: str
    """The series it would be numbered in."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand of the standard."""

    id: str
    kind: str
    field: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str
    source: str
    least: int = 0
    never: frozenset[str] = frozenset()

    def met_by(self, one: Description) -> bool:
        """Whether a record meets it."""
        return _MEETS[self.kind](self, one)

    def said(self, language: str) -> str:
        """The demand in words."""
        return self.zh if language.startswith("zh") else self.en

    def mend(self, language: str) -> str:
        """What to do when it is not met."""
        return self.mend_zh if language.startswith("zh") else self.mend_en


@dataclass(frozen=True, slots=True)
class Standard:
    """All clauses, in their order."""

    name: str
    clauses: tuple[Clause, ...]

    def not_met(self, one: Description) -> tuple[Clause, ...]:
        """The clauses that a record does not meet."""
        return tuple(clause for clause in self.clauses if not clause.met_by(one))


def _certain(clause: Clause, one: Description) -> bool:
    return bool(one.record_class) and one.class_permille >= clause.least


def _held(clause: Clause, one: Description) -> bool:
    return bool(str(getattr(one, clause.field)).strip())


_MEETS: Mapping[str, Callable[[Clause, Description], bool]] = {
    "required": _held,
    "order": _held,
    "certain": _certain,
    "format": lambda clause, one: bool(one.format) and one.format not in clause.never,
    "settled": lambda _, one: one.questions == 0,
}
_NAMED = frozenset({"title", "date", "retention", "sensitivity", "provenance", "fixity", "series"})


def read_standard(text: str) -> Standard:
    """The standard that a table says.

    Raises:
        StandardMalformed: a kind or field is unknown, a value is missing, or two clauses have one id.
    """
    try:
        table = tomllib.loads(text)
        clauses = tuple(map(_clause, table["clause"]))
        standard = Standard(table["name"], clauses)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise StandardMalformed() from error
    if len({one.id for one in clauses}) != len(clauses):
        raise StandardMalformed()
    return standard


def _clause(said: dict[str, Any]) -> Clause:
    clause = Clause(**{**said, "never": frozenset(said.get("never", ()))})
    if clause.kind not in _MEETS or (clause.kind in ("required", "order") and clause.field not in _NAMED):
        raise KeyError(clause.kind)
    return clause


@cache
def shipped_standard() -> Standard:
    """The standard that comes with kedang."""
    return read_standard(files("kedang.catalogue").joinpath("standard.toml").read_text(encoding="utf-8"))
