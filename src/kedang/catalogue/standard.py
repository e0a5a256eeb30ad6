"""The archiving standards: clauses that are data, and which of them a described record does not meet."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
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
    only: frozenset[str] = frozenset()
    fixed: bool = False
    """Whether no case may leave it out."""

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
    """Clauses in their order, and what the standard is for."""

    name: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    clauses: tuple[Clause, ...]

    def not_met(self, one: Description) -> tuple[Clause, ...]:
        """The clauses that a record does not meet."""
        return tuple(clause for clause in self.clauses if not clause.met_by(one))

    def said(self, language: str) -> str:
        """What it is called."""
        return self.zh if language.startswith("zh") else self.en

    def about(self, language: str) -> str:
        """What it is for."""
        return self.about_zh if language.startswith("zh") else self.about_en

    def may_leave_out(self) -> frozenset[str]:
        """The ids of clauses that a case may do without."""
        return frozenset(clause.id for clause in self.clauses if not clause.fixed)

    def without(self, left_out: Collection[str]) -> Standard:
        """The standard as a case uses it that leaves clauses out; those that are fixed stay."""
        kept = tuple(one for one in self.clauses if one.fixed or one.id not in left_out)
        return replace(self, clauses=kept)


def _certain(clause: Clause, one: Description) -> bool:
    return bool(one.record_class) and one.class_permille >= clause.least


def _held(clause: Clause, one: Description) -> bool:
    return bool(str(getattr(one, clause.field)).strip())


_MEETS: Mapping[str, Callable[[Clause, Description], bool]] = {
    "required": _held,
    "order": _held,
    "certain": _certain,
    "format": lambda clause, one: (
        bool(one.format) and one.format not in clause.never and (not clause.only or one.format in clause.only)
    ),
    "settled": lambda _, one: one.questions == 0,
}
_NAMED = frozenset({"title", "date", "retention", "sensitivity", "provenance", "fixity", "series"})


def read_standards(text: str) -> dict[str, Standard]:
    """The standards that a table says, by name, in its order.

    Raises:
        StandardMalformed: a kind, field or clause is unknown, a value is missing, or two clauses have one id.
    """
    try:
        table = tomllib.loads(text)
        listed = tuple(map(_clause, table["clause"]))
        clauses = {one.id: one for one in listed}
        found = {one["name"]: _standard(one, clauses) for one in table["standard"]}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise StandardMalformed() from error
    if len(clauses) != len(listed) or len(found) != len(table["standard"]) or not found:
        raise StandardMalformed()
    return found


def _standard(said: dict[str, Any], clauses: Mapping[str, Clause]) -> Standard:
    return Standard(**{**said, "clauses": tuple(clauses[one] for one in said["clauses"])})


def _clause(said: dict[str, Any]) -> Clause:
    sets = {name: frozenset(said.get(name, ())) for name in ("never", "only")}
    clause = Clause(**{**said, **sets})
    if clause.kind not in _MEETS or (clause.kind in ("required", "order") and clause.field not in _NAMED):
        raise KeyError(clause.kind)
    return clause


@cache
def shipped_standards() -> Mapping[str, Standard]:
    """The standards that come with kedang, the usual one first."""
    return read_standards(files("kedang.catalogue").joinpath("standard.toml").read_text(encoding="utf-8"))


def usual_standard() -> Standard:
    """The one that holds for a case in which nobody has chosen."""
    return next(iter(shipped_standards().values()))
