"""Title and facts of a record as a form offers them for correction, and what was said of them before, covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from kedang.access.covering import Covered, Part, Shown
from kedang.appraisal.facts import value_kinds
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.record.naming import named
from kedang.entrypoints.web.texts import web_texts
from kedang.holdings.actions.describing import LONGEST_TITLE, FactSaid
from kedang.holdings.queries.corrections import Changed, CorrectionShown, corrections_of
from kedang.holdings.queries.opened_record import OpenedRecord
from kedang.holdings.queries.shown_titles import LONGEST, shown_names
from kedang.records.content import FindingCategory
from kedang.records.errors import KedangError

MOST_OFFERED = 40  # facts of a record in a form; a list of orders has hundreds


@dataclass(frozen=True, slots=True)
class Told:
    """One decision about the record as it may be shown."""

    decision: CorrectionShown
    title: tuple[Sequence[Part], Sequence[Part]] | None = field(repr=False)
    facts: Sequence[tuple[str, Sequence[Part], Sequence[Part]]] = field(repr=False)
    """Key of the text of the kind, old and new value."""

    @property
    def covered(self) -> bool:
        """Whether something in it is hidden."""
        words = [*(self.title or ()), *(parts for _, *both in self.facts for parts in both)]
        return any(isinstance(part, Covered) for parts in words for part in parts)


def decisions_of(desk: Desk, record: Any, seen: QuerySet[Any], opened: OpenedRecord | None) -> list[Told]:
    """What was decided about a record; `opened` only for somebody who may read it."""
    shown = corrections_of(desk.archive, record)
    titles = [(record.id, title) for one in shown for title in one.title or ()]
    parts = iter(shown_names(desk.archive, titles, seen=seen))
    return [
        Told(
            one,
            (next(parts), next(parts)) if one.title else None,
            [(named("fact", fact.column), *_values(fact, opened)) for fact in one.facts],
        )
        for one in shown
    ]


def _values(fact: Changed, opened: OpenedRecord | None) -> tuple[Sequence[Part], Sequence[Part]]:
    if opened is None:
        hidden = Covered(FindingCategory.ORGANISATION_NAME, 0, 1)
        return (hidden,) if fact.before else (), (hidden,) if fact.after else ()
    return opened.value_parts(fact.column, fact.before), opened.value_parts(fact.column, fact.after)


def offered(opened: OpenedRecord | None, title: Sequence[Part]) -> dict[str, Any]:
    """What the form shows: a value that nobody need hide stands in its field, a covered one beside an empty field."""
    whole = "".join(part.text for part in title if isinstance(part, Shown))
    readable = whole if len(whole) < LONGEST and not _hides(title) else ""
    facts = opened.facts if opened is not None else ()
    return {
        "title_now": readable,
        "longest_title": LONGEST_TITLE,
        "facts_offered": [
            _offered(opened, number) for number in range(1, min(len(facts), MOST_OFFERED) + 1) if opened
        ],
        "facts_left": max(0, len(facts) - MOST_OFFERED),
        "fact_kinds": [(kind, named("fact", kind)) for kind in value_kinds()] if opened else [],
    }


def _offered(opened: OpenedRecord, number: int) -> dict[str, Any]:
    fact = opened.facts[number - 1]
    parts = opened.fact_parts(fact)
    hidden = _hides(parts)
    return {
        "number": number,
        "kind": named("fact", fact.kind),
        "parts": parts if hidden else (),
        "value": "" if hidden else fact.value,
        "dated": value_kinds().get(fact.kind) == "date",
    }


def place_of(error: KedangError) -> str:
    """The key of the text that names the field which is wrong; empty when none is named."""
    field_name = str(error.facts.get("field", ""))
    known = (f"checking.changed-{field_name}", f"record.fact-{field_name}")
    return next((one for one in known if one in web_texts()), "")


def as_typed(shown: dict[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    """The form with what somebody has typed before he was told that something is wrong."""
    facts = [
        one
        | {
            "value": said.get(f"fact-{one['number']}", one["value"]),
            "none": f"no-fact-{one['number']}" in said,
        }
        for one in shown["facts_offered"]
    ]
    added = {"new_kind": said.get("new-kind", ""), "new_fact": said.get("new-fact", "")}
    return shown | {"facts_offered": facts} | added


def _hides(parts: Sequence[Part]) -> bool:
    return any(isinstance(part, Covered) for part in parts)


def facts_said(said: Mapping[str, str]) -> tuple[FactSaid, ...]:
    """The facts that a form says: a field that is empty leaves its fact as it is."""
    numbered = [one.removeprefix("fact-") for one in said if one.startswith("fact-")]
    numbers = sorted(int(one) for one in numbered if one.isascii() and one.isdecimal() and len(one) < 5)
    found = [
        FactSaid("" if none else value, number=number)
        for number in numbers
        for none, value in [(f"no-fact-{number}" in said, said[f"fact-{number}"].strip())]
        if number and (none or value)
    ]
    added = said.get("new-fact", "").strip()
    return (*found, FactSaid(added, kind=said.get("new-kind", ""))) if added else tuple(found)
