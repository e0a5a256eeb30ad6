"""The list as its template has it: one line for each record, the facets with their figures, the columns and orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kedang.access.deciding import Act
from kedang.entrypoints.web.archive.choosing import COLUMNS, Choice
from kedang.entrypoints.web.archive.desks import desk_names
from kedang.entrypoints.web.archive.finding import is_whole, seen_customers
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say, web_texts
from kedang.holdings.queries.browsing import SORTS
from kedang.holdings.queries.browsing_names import (
    is_source_of,
    names_of_customers,
    names_of_sources,
    open_questions_by_record,
)
from kedang.holdings.queries.facets import Counted
from kedang.holdings.queries.searched_page import SnippetPiece, shown_snippet, words_of
from kedang.holdings.queries.shown_titles import names_by_record, titles_with_names
from kedang.holdings.queries.wanted import CELL, NONE, PLACED, STATES
from kedang.records.content import FindingCategory, RecordClass, Sensitivity

MOST_CUSTOMERS = 3  # of a record, on its line
SHOWN_FACETS = ("state", "class", "year", "sensitivity", "due", "questions", "source", "text")
ORDER: Mapping[str, Sequence[str]] = {
    "class": [one.value for one in RecordClass],
    "sensitivity": [one.value for one in Sensitivity],
    "state": STATES,
    "due": ("past", "soon", "later", "permanent", "undetermined", NONE),
    "text": ("embedded", "ocr", "awaiting", NONE),
    "questions": ("open", NONE),
    "category": [one.value for one in FindingCategory],
}
FIRST_YEARS = 8


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet, and where choosing it leads."""

    value: str
    label: str
    count: int | None
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet."""

    name: str
    values: tuple[Value, ...]
    more: tuple[Value, ...] = ()
    """Folded away at first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record."""

    record: Any
    title: Sequence[Any]
    customers: Sequence[str] = ()
    questions: int = 0
    snippet: Sequence[SnippetPiece] = field(default=())


def lines_of(desk: Desk, choice: Choice, records: Sequence[Any]) -> list[Line]:
    """The records of a page as lines."""
    known = names_by_record(desk.archive, records, seen=seen_customers(desk))
    seen = {one: tuple(name.name for name in names if name.may_be_seen) for one, names in known.items()}
    titles = titles_with_names(desk.archive, records, known)
    asked = open_counts(desk, records) if "questions" in choice.columns else {}
    expression = words_of(choice.words) if choice.words else None
    return [
        Line(
            record,
            titles[record.id],
            seen.get(record.id, ())[:MOST_CUSTOMERS] if "customers" in choice.columns else (),
            asked.get(record.id, 0),
            shown_snippet(desk.archive, record, expression, names=seen.get(record.id, ()))
            if expression is not None
            else (),
        )
        for record in records
    ]


def open_counts(desk: Desk, records: Sequence[Any]) -> Mapping[str, int]:
    """How many open questions each has."""
    return open_questions_by_record(desk.archive.case_id, [record.id for record in records])


def facets_of(desk: Desk, choice: Choice, counted: Counted | None) -> list[Facet]:
    """The facets that tell records apart, with figures; the values alone when there were too many to count."""
    figures: dict[str, Mapping[str, int]] = {}
    if counted is not None:
        figures |= counted.figures(choice.wanted)
    labels = names_of_sources(desk.archive, figures.get("source", ()))
    found = []
    for name in SHOWN_FACETS:
        counts: Mapping[str, int] = figures.get(name, {})
        chosen = choice.wanted.chosen.get(name, ())
        keys = [*ORDER.get(name, ()), *(one for one in counts if one not in ORDER.get(name, ()))]
        if name == "year":
            keys = [*sorted((one for one in counts if one != NONE), reverse=True), NONE]
        values = tuple(
            Value(
                key,
                label(desk, name, key, labels),
                counts.get(key, 0) if counted is not None else None,
                key in chosen,
                choice.address(desk, wanted=choice.toggled(name, key)),
            )
            for key in keys
            if key in chosen or counts.get(key) or (counted is None and key in ORDER.get(name, ()))
        )
        if len(values) > 1 or chosen:
            first = FIRST_YEARS if name in ("year", "source") else len(values)
            found.append(Facet(name, values[:first], values[first:]))
    return found


def chosen_values(desk: Desk, choice: Choice) -> Iterator[Value]:
    """What is chosen, each with the address without it."""
    sources = [one for one in choice.wanted.chosen.get("source", ()) if _may_be_named(desk, one)]
    names = names_of_sources(desk.archive, sources)
    names |= desk_names(desk, choice.wanted.chosen.get("desk", ()))
    names |= names_of_customers(desk.archive, choice.wanted.chosen.get("customer", ()), seen_customers(desk))
    for name, values in choice.wanted.chosen.items():
        for value in values:
            said = label(desk, name, value, names)
            href = choice.address(desk, wanted=choice.toggled(name, value))
            yield Value(value, f"{say(f'archive.facet-{name}', desk.language)}：{said}", None, True, href)


def _may_be_named(desk: Desk, source: str) -> bool:
    """Whether something from the source may be listed by whoever has put its id into an address."""
    return is_whole(desk, Act.LIST) or is_source_of(desk.archive.case_id, source, desk.records(Act.LIST))


def label(desk: Desk, facet: str, value: str, names: Mapping[str, str]) -> str:
    """What people call a value."""
    if facet in ("class", "sensitivity", "state", "category"):
        key = f"web.{facet}-{value}"
        return say(key, desk.language) if key in web_texts() else value
    if facet == "until":
        return say("archive.until-year", desk.language, year=value)
    if facet in CELL and f"archive.{facet}-{value}" in web_texts():
        return say(f"archive.{facet}-{value}", desk.language)
    if facet in (*PLACED, "customer"):
        return names.get(value) or say("archive.unnamed", desk.language)
    return value


def columns_of(desk: Desk, choice: Choice) -> list[dict[str, Any]]:
    """The columns that can be shown, and whether they are."""
    may = desk.may(Act.SEE_CUSTOMERS)
    return [{"name": one, "shown": one in choice.columns} for one in COLUMNS if one != "customers" or may]


def sorts_of(choice: Choice) -> Iterable[dict[str, Any]]:
    """The orders."""
    return [{"name": one, "chosen": one == choice.sort} for one in SORTS]
